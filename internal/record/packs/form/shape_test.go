package form

import (
	"strings"
	"testing"
)

// A file that would keep the parser busy for minutes is refused at once, with
// its line; what packs really look like is not.
func TestShapesThatTakeTooLongAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ source, at, say string }{
		"brackets":  {"a: b\nc: " + strings.Repeat("[", 200_000), "x:2", "nested too deeply"},
		"fields":    {"a: " + strings.Repeat("{a: ", 20_000), "x:1", "nested too deeply"},
		"rows":      {"a:\n" + strings.Repeat(" [\n", 20_000), "x:502", "nested too deeply"},
		"lists":     {"a:\n " + strings.Repeat("- ", 20_000) + "x", "x:2", "nested too deeply"},
		"keys":      {strings.Repeat("? ", 20_000) + "x", "x:1", "nested too deeply"},
		"documents": {strings.Repeat("---\na: b\n", 40_000), "x:3", "another YAML document"},
	} {
		var bad Defects
		if Parse("x", []byte(c.source), &bad) != nil || len(bad.list) != 1 || bad.list[0].at.String() != c.at || !strings.Contains(bad.list[0].say.EN, c.say) || !bad.list[0].say.Complete() {
			t.Errorf("%s: %v", name, bad.list)
		}
	}
	for name, source := range map[string]string{
		"one document": "--- # a pack\na: [[b], {c: [d]}]\n",
		"prose":        "a: |\n  - - - [x] {{name}}\n  ---\n" + strings.Repeat("  span [0, 1) and {\n  }\n", 10),
		"many":         "a:\n" + strings.Repeat("  - {b: [c]}\n", 5_000),
		"without end":  "a: b",
	} {
		var bad Defects
		if Parse("x", []byte(source), &bad) == nil || len(bad.list) > 0 {
			t.Errorf("%s: %v", name, bad.list)
		}
	}
}
