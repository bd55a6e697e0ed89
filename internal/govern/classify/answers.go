package classify

import (
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
)

// None is the answer that says "none of these" to a question with several
// possible answers; leaving the question out says "not answered".
const None = "none"

// values turns answers into the typed facts that the rule sets read, and names
// every answer that fits no question.
func values(facts []packs.Fact, answers []Answer) (map[string]any, error) {
	by := map[string]packs.Fact{}
	for _, f := range facts {
		by[f.Name] = f
	}
	out := map[string]any{}
	var c problem.Checks
	for _, a := range answers {
		path := "answers." + a.Fact
		f, ok := by[a.Fact]
		if !ok {
			c.Field(false, path, "Diese Frage gibt es nicht.", "There is no such question.")
			continue
		}
		_, twice := out[a.Fact]
		c.Field(!twice, path, "Die Frage ist zweimal beantwortet.", "The question is answered twice.")
		v, say := one(f, a.Values)
		if say != "" {
			c.Field(false, path, "Möglich sind: "+say+".", "Possible are: "+say+".")
			continue
		}
		out[a.Fact] = v
	}
	return out, c.Err()
}

// one reads the values of one fact; a non-empty second result lists what would
// be possible.
func one(f packs.Fact, vals []string) (any, string) {
	if len(vals) == 1 && vals[0] == packs.Unknown && f.Type != packs.FactBool {
		return packs.Unknown, ""
	}
	options := make([]string, 0, len(f.Options))
	for _, o := range f.Options {
		options = append(options, o.ID)
	}
	switch f.Type {
	case packs.FactBool, packs.FactTri:
		if len(vals) == 1 && (vals[0] == "yes" || vals[0] == "no") {
			return vals[0], ""
		}
		return nil, "yes, no"
	case packs.FactEnum:
		if len(vals) == 1 && slices.Contains(options, vals[0]) {
			return vals[0], ""
		}
	case packs.FactSet:
		if len(vals) == 1 && vals[0] == None {
			return []string{}, ""
		}
		known := func(v string) bool { return slices.Contains(options, v) }
		if len(vals) > 0 && !slices.ContainsFunc(vals, func(v string) bool { return !known(v) }) {
			return vals, ""
		}
		options = append(options, None)
	case packs.FactInt:
		if len(vals) == 1 {
			if n, err := strconv.Atoi(vals[0]); err == nil && n >= f.Min && n <= f.Max {
				return n, ""
			}
		}
		return nil, strconv.Itoa(f.Min) + "–" + strconv.Itoa(f.Max)
	}
	return nil, strings.Join(options, ", ")
}
