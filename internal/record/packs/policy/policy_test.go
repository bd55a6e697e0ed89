package policy

import (
	"strings"
	"testing"
)

func FuzzTokens(f *testing.F) {
	f.Add("// a policy\n@id(\"look\")\n@clause(\"law.1, req.1\")\npermit (principal, action, resource) when { context.note == \"permit (x);\" };\n\n@clause(\"law.2\")\nforbid (principal, action, resource);\n")
	f.Add("@clause(\"")
	f.Add("permit(\"\\")
	f.Fuzz(func(t *testing.T, source string) {
		last := 1
		for _, token := range tokens(source) {
			if token.line < last || token.line > strings.Count(source, "\n")+1 {
				t.Fatalf("%q: token %v after line %d", source, token, last)
			}
			last = token.line
		}
	})
}
