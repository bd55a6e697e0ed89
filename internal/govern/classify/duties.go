package classify

import (
	"slices"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Law is the pack that holds the clauses of the AI Act.
const Law = "eu-ai-act"

// Higher is the class above one: from limited on, more duties come with it.
// Above high there is only what is prohibited, which brings no duties but an
// end.
func Higher(class string) (string, bool) {
	switch class {
	case "minimal":
		return "limited", true
	case "limited":
		return "high", true
	}
	return "", false
}

// triggers says by what the packs mark the clauses that a class brings along.
var triggers = map[string]string{"limited": "transparency", "high": "high"}

// Duties are the clauses of the AI Act that a class adds for an operator role to
// those of the class below, in the order of the law. Not each binds every
// company; what a clause demands of whom, its text says. The packs know no
// effort in days, so nothing here does.
func (r *Room) Duties(role, class string) []packs.Clause {
	var out []packs.Clause
	for _, c := range r.lib.Clauses(Law) {
		if c.Risk != "" && c.Risk == triggers[class] && slices.Contains(c.Duty, role) {
			out = append(out, c)
		}
	}
	return out
}

// Words are title and wording of one output of the rule sets, such as
// "transparency" with the value "provider"; both are empty for what the packs do
// not describe.
func (r *Room) Words(output, value string) (title, word text.Bi) {
	for _, id := range sets {
		rs, ok := r.lib.Rules(id)
		if !ok {
			continue
		}
		for _, o := range rs.Outputs {
			if o.Name != output {
				continue
			}
			for _, v := range o.Values {
				if v.ID == value {
					word = v.Text
				}
			}
			return o.Title, word
		}
	}
	return title, word
}
