package witness

import (
	"crypto/rand"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

func TestParsePolicy(t *testing.T) {
	key := func(name string) string {
		t.Helper()
		_, vkey, err := GenerateKey(rand.Reader, name)
		if err != nil {
			t.Fatal(err)
		}
		return vkey
	}
	three := "# who cosigns\nwitness a " + key("a.example") + " https://a.example\nwitness b " + key("b.example") + " https://b.example/w # ours\n\nwitness c " + key("c.example") + " http://c.example\n"
	for text, want := range map[string][2]int{ // quorum, witnesses
		three + "group g 2 a b c\nquorum g\n":                       {2, 3},
		three + "group g any a b\nquorum g\n":                       {1, 2},
		three + "group g all a b\nlog " + key("x") + "\nquorum g\n": {2, 2},
		three + "quorum c\n":                                        {1, 1},
		three + "quorum none\n":                                     {0, 0},
	} {
		p, err := ParsePolicy([]byte(text))
		if err != nil || p.Quorum != want[0] || len(p.Witnesses) != want[1] {
			t.Errorf("%s\n%+v %v", text, p, err)
		}
	}
	for name, text := range map[string]string{
		"nothing":           "",
		"no quorum":         three,
		"unknown quorum":    three + "quorum g\n",
		"unknown member":    three + "group g any d\nquorum g\n",
		"too high":          three + "group g 4 a b c\nquorum g\n",
		"zero":              three + "group g 0 a b c\nquorum g\n",
		"group of groups":   three + "group g any a b\ngroup h all g c\nquorum h\n",
		"no key":            "witness a nonsense https://a.example\nquorum a\n",
		"no address":        "witness a " + key("a") + "\nquorum a\n",
		"address of nobody": "witness a " + key("a") + " a.example\nquorum a\n",
		"twice in a group":  three + "group g all a a\nquorum g\n",
		"same name":         three + "group a any b\nquorum a\n",
		"two quorums":       three + "quorum a\nquorum b\n",
		"unknown word":      "watch a\n",
	} {
		if _, err := ParsePolicy([]byte(text)); !problem.Is(err, problem.BadInput) || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
