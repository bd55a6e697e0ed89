package register

import (
	"slices"
	"testing"

	"augenmass/internal/govern/inventory"
)

// The words of a table mean what the register knows, every value can be written in
// both languages, and no word means two things.
func TestWords(t *testing.T) {
	values := map[string][]string{"origin": inventory.Origin("").Values(), "scope": inventory.Scope("").Values(), "role": inventory.RoleOfAI("").Values()}
	for kind, all := range map[string][]meaning{"origin": origins, "scope": scopes, "role": rolesOfAI} {
		var have []string
		seen := map[string]bool{}
		for _, m := range all {
			have = append(have, m.value)
			for _, w := range m.words {
				if seen[w] || simple(w) != w {
					t.Errorf("%s: %q", kind, w)
				}
				seen[w] = true
			}
			if len(m.words) < 2 {
				t.Errorf("%s: %s can be written in one language only", kind, m.value)
			}
		}
		if !slices.Equal(have, values[kind]) {
			t.Errorf("%s: %v, the register has %v", kind, have, values[kind])
		}
	}
	seen := map[string]Field{}
	for _, h := range heads {
		for _, w := range h.words {
			if before, twice := seen[w]; twice || simple(w) != w {
				t.Errorf("%q names %s and %s", w, before, h.field)
			}
			seen[w] = h.field
		}
	}
	for head, want := range map[string]Field{"Name": Name, "KI-System": Name, "Zweck des Systems": Purpose, "DATENQUELLEN": DataSources, "Data sources": DataSources,
		"Technik / Modell": Technology, "Risk owner": Owner, "Nächste Überprüfung": ReviewBy, "Kostenstelle": "", "": "", "#": ""} {
		if got := fieldOf(head); got != want {
			t.Errorf("%q is %q, want %q", head, got, want)
		}
	}
}
