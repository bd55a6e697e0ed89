package frameworks

import (
	"slices"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// mainFramework is the framework that comes first where the reader chose none.
const mainFramework = "iso-42001"

// lawFramework is the law that everything here is about.
const lawFramework = "eu-ai-act"

// reading is what is said and shown about requirements at the time of one
// request.
type reading struct {
	lib      *packs.Library
	said     control.Said
	evidence []store.Object[control.Evidence]
}

// read reads the records of the frameworks named, of all without a name, and
// the evidence: one query for every 500 of each. Who may not see them gets a
// reading in which nobody said anything.
func (a *area) read(r *page.Request, frameworks ...string) (reading, error) {
	out := reading{lib: library(r)}
	if !sees(r) {
		return out, nil
	}
	ctx, room, err := r.Context(), r.Org.Controls, error(nil)
	if out.said.Records, err = room.Records(ctx, r.Org.DB, frameworks...); err != nil {
		return out, err
	}
	if may(r, store.Read, "evidence") {
		if out.evidence, err = room.Evidence(ctx, r.Org.DB); err != nil {
			return out, err
		}
	}
	out.said.Covered = control.Coverage(out.lib, out.evidence, r.C.Now)
	if checked(out.lib, frameworks) {
		out.said.Measured, err = a.measurements(r)
	}
	return out, err
}

// checked reports whether checks measure any requirement of the frameworks named,
// or of all without a name: only then is the journal read.
func checked(lib *packs.Library, frameworks []string) bool {
	if len(frameworks) == 0 {
		return true
	}
	for _, id := range frameworks {
		fw, _ := lib.Framework(id)
		for _, it := range fw.Items() {
			for _, q := range lib.Requirements(packOf(lib, it.Clause)) {
				if q.ID == it.Clause && len(q.Checks) > 0 {
					return true
				}
			}
		}
	}
	return false
}

func packOf(lib *packs.Library, clause string) string {
	cl, _ := lib.Clause(clause)
	return cl.Pack
}

// measurements are what checks found, by requirement; none while the first
// reading is being made, and none for who may not see them.
func (a *area) measurements(r *page.Request) (map[string]control.Measurement, error) {
	if !may(r, store.Read, "requirement_status") {
		return nil, nil
	}
	got, err := a.measured.Soon(r)
	if err != nil {
		return nil, err
	}
	out := map[string]control.Measurement{}
	for _, q := range got.All {
		m := control.Measurement{Status: string(q.Status)}
		for _, res := range q.Results {
			m.Seen, m.Passed = m.Seen+res.Seen, m.Passed+res.Passed
		}
		out[q.ID] = m
	}
	return out, nil
}

// gap is how far a framework is met.
func (rd reading) gap(r *page.Request, fw packs.Framework) control.GapView {
	return control.Gap(rd.lib, fw, rd.said, r.C.Now)
}

// ordered are all frameworks, the first one (see first) before the others.
func ordered(lib *packs.Library) []packs.Framework {
	all := lib.Frameworks()
	at := slices.IndexFunc(all, func(fw packs.Framework) bool { return fw.ID == mainFramework })
	if at > 0 {
		main := all[at]
		all = slices.Insert(slices.Delete(all, at, at+1), 0, main)
	}
	return all
}

// gaps are those of all frameworks, in their order.
func (rd reading) gaps(r *page.Request) []control.GapView {
	var out []control.GapView
	for _, fw := range ordered(rd.lib) {
		out = append(out, rd.gap(r, fw))
	}
	return out
}

// begun reports whether anybody said anything about a framework.
func (rd reading) begun(fw string) bool {
	for _, o := range rd.said.Records {
		if o.Doc.Framework == fw {
			return true
		}
	}
	return false
}

// library is the packs of the organisation.
func library(r *page.Request) *packs.Library { return r.Org.Library() }

// first is the framework that comes first: ISO/IEC 42001 where the packs have
// it. ok is false without any framework.
func first(lib *packs.Library) (packs.Framework, bool) {
	if fw, ok := lib.Framework(mainFramework); ok {
		return fw, true
	}
	for _, fw := range lib.Frameworks() {
		return fw, true
	}
	return packs.Framework{}, false
}

// chosen is the framework that an address names as parameter, else the first.
func chosen(r *page.Request, parameter string) (packs.Framework, error) {
	id := r.Query(parameter)
	if id == "" {
		if fw, ok := first(library(r)); ok {
			return fw, nil
		}
	}
	return r.Org.Controls.Framework(id)
}

// frameworkOptions are the choices of a framework.
func frameworkOptions(c ui.Ctx, all []packs.Framework) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, fw := range all {
		out[i] = ui.Option{Value: fw.ID, Text: c.In(fw.Title)}
	}
	return out
}

// isLaw reports whether a framework is law, so that what it asks is binding.
func isLaw(lib *packs.Library, g control.GapView) bool {
	return len(control.Standing(lib, g).Law) > 0
}

// steps are the next pieces of work of a framework, in the order of work.
func steps(g control.GapView, n int) []control.Step {
	all := control.Steps(g)
	return all[:min(n, len(all))]
}
