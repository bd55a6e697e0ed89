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
// company; what a clause demands of whom, its text says. Effort says what it
// usually takes.
func (r *Room) Duties(role, class string) []packs.Clause {
	var out []packs.Clause
	for _, c := range r.lib.Clauses(Law) {
		if c.Risk != "" && c.Risk == triggers[class] && slices.Contains(c.Duty, role) {
			out = append(out, c)
		}
	}
	return out
}

// Effort is what clauses usually take a small firm, in person days, by the own
// estimates of the frameworks (packs.Item.Days), and how many of the clauses one
// is known for. A clause that stands for several, such as a whole article, counts
// with what is known of its parts, each once (requirement 001-11).
func (r *Room) Effort(clauses []packs.Clause) (days float64, known int) {
	f, ok := r.lib.Framework(Law)
	if !ok {
		return 0, 0
	}
	for _, c := range clauses {
		if it, _, ok := f.Item(c.ID); ok {
			days, known = days+it.Days, known+1
		}
	}
	return days, known
}

// Between are the clauses that a class adds to another for an operator role, from
// the class above the milder one up to the stricter one. It is empty where the
// second class is not stricter or one of them has no place in the order, such as
// unclear.
func (r *Room) Between(role, milder, stricter string) []packs.Clause {
	from, to := severity(milder), severity(stricter)
	if from < 0 || to < 0 {
		return nil
	}
	var out []packs.Clause
	for _, class := range []string{"limited", "high"} {
		if n := severity(class); n > from && n <= to {
			out = append(out, r.Duties(role, class)...)
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
