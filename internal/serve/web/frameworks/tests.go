package frameworks

import (
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/ui"
)

// tests finds, for any clause, the requirements whose test steps test it: the
// requirement itself, and those that cite the clause. Requirements without a
// step test nothing.
func tests(lib *packs.Library) map[string][]packs.Requirement {
	out := map[string][]packs.Requirement{}
	for _, q := range requirements(lib) {
		if len(q.Steps) == 0 {
			continue
		}
		out[q.ID] = append(out[q.ID], q)
		for _, id := range q.Refs {
			out[id] = append(out[id], q)
		}
		for _, id := range q.RefsIfHigh {
			out[id] = append(out[id], q)
		}
	}
	return out
}

// requirements are those of all catalogues.
func requirements(lib *packs.Library) []packs.Requirement {
	var out []packs.Requirement
	for _, p := range lib.Packs() {
		out = append(out, lib.Requirements(p.ID)...)
	}
	return out
}

// testView is a requirement with its test steps.
type testView struct {
	Link  ui.LinkView
	Steps []string
}

// testViews are the test steps for one clause.
func testViews(c ui.Ctx, lib *packs.Library, clause string) []testView {
	var out []testView
	for _, q := range tests(lib)[clause] {
		v := testView{Link: ui.LinkView{Text: q.Ref + " " + c.In(q.Title), Href: c.URL("duties", q.ID) + "#steps"}}
		for _, s := range q.Steps {
			v.Steps = append(v.Steps, c.In(s))
		}
		out = append(out, v)
	}
	return out
}
