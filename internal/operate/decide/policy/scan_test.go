package policy

import (
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"

	"augenmass/internal/problem"
)

// FuzzScan: the scanner never panics, keeps its bounds, and agrees with Cedar's
// own parser on where policies end, for every text that Cedar can read.
func FuzzScan(f *testing.F) {
	f.Add(`permit (principal, action, resource) when { "a;\"b" == "//" }; // c ;` + "\nforbid (principal, action, resource);")
	f.Add(`@id("x") permit (principal, action, resource) when { if true then !false else -1 < 2 };`)
	f.Add("((((;\"")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		var c problem.Checks
		sts := scan("f", text, &c)
		for _, st := range sts {
			if len(st.text) == 0 || len(st.text) > maxPolicyBytes || !strings.Contains(text, st.text) || st.line < 1 {
				t.Fatalf("statement %q", st.text)
			}
		}
		if c.Err() != nil {
			return
		}
		whole, err := cedar.NewPolicyListFromBytes("f", []byte(text))
		if err != nil {
			return
		}
		if len(whole) != len(sts) {
			t.Fatalf("Cedar reads %d policies, the scanner cuts %d", len(whole), len(sts))
		}
		for i, st := range sts {
			var p cedar.Policy
			if err := parse(&p, st.text); err != nil {
				t.Fatalf("%q alone: %v", st.text, err)
			}
			if string(p.MarshalCedar()) != string(whole[i].MarshalCedar()) || whole[i].Position().Line != st.line {
				t.Fatalf("%q at line %d is not what Cedar reads at %d", st.text, st.line, whole[i].Position().Line)
			}
		}
	})
}
