package systems

import (
	"slices"

	"github.com/a-h/templ"

	"augenmass/internal/operate/trail"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// mostVersions is how many versions a tab shows, the newest ones.
const mostVersions = 50

// proof is the fifth tab: the permit's versions and what was measured.
type proof struct {
	versions  ui.TableView
	hidden    int // older versions
	measured  gauge.Reading[gauge.Conformity]
	catalogue []packs.Requirement
	external  ui.TableView // what others found about the system
}

func (a *area) tabProof(f *file) (templ.Component, error) {
	ctx, g := f.r.Context(), f.r.Org
	v := proof{catalogue: g.Packs.Requirements("zta")}
	var err error
	if v.measured, err = a.gauges.Of(f.r.Site).Conformity(ctx, first); err != nil {
		return nil, err
	}
	if v.external, err = f.externals(); err != nil {
		return nil, err
	}
	issued, err := g.Approve.Of(ctx, g.DB, f.sys.ID)
	if problem.Is(err, problem.NotFound) {
		v.versions = f.versionTable(nil, nil)
		return proofTab(f, v), nil
	}
	if err != nil {
		return nil, err
	}
	versions, err := g.DB.History(ctx, "permit", issued.ID)
	if err != nil {
		return nil, err
	}
	// Each version was stored and journaled in one transaction, so the newest
	// entries belong to the newest versions, one to one.
	entries, err := g.Trail.Entries.List(ctx, g.DB, store.Query{Sort: "-index", Limit: mostVersions, Filters: []store.Filter{
		store.Where("subject", "=", f.sys.ID), store.Where("type", "in", permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored)}})
	if err != nil {
		return nil, err
	}
	slices.Reverse(versions)
	v.hidden = max(0, len(versions)-mostVersions)
	v.versions = f.versionTable(versions[:min(len(versions), mostVersions)], entries.Items)
	return proofTab(f, v), nil
}

// versionTable lists the permit's versions, newest first, each with the entry
// that holds the signed permit.
func (f *file) versionTable(versions []store.Version, entries []trail.Entry) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.versions"), Cols: []ui.Col{{Head: c.T("systems.versions.no"), Mono: true}, {Head: c.T("systems.versions.at")},
		{Head: c.T("systems.versions.state")}, {Head: c.T("systems.versions.entry"), Mono: true}},
		Empty: ui.EmptyView{Title: c.T("systems.versions.none"), Text: c.T("systems.versions.none.text")}}
	at := matched(versions, entries)
	for i, v := range versions {
		// The last version before this one that names a state is the state then.
		mark := show.PermitMark(c, permit.State(stateAt(versions[i:])), "")
		link := f.entry(at[i])
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Int(int(v.Revision))}, {Text: c.DateTime(v.At)}, {Mark: &mark}, {Text: link.Text, Href: link.Href}}})
	}
	return t
}

// matched pairs versions with entries, both newest first. Entries that the read
// model does not have yet belong to the newest versions.
func matched(versions []store.Version, entries []trail.Entry) []int64 {
	out := make([]int64, len(versions))
	k := 0
	for i, v := range versions {
		out[i] = -1
		// An entry is made while its version is written: never later than the
		// next version.
		if k < len(entries) && (i == 0 || !entries[k].At.After(versions[i-1].At)) && v.JournalIndex >= 0 {
			out[i] = entries[k].Index
			k++
		}
	}
	return out
}

// stateAt is the state of the first of these versions, newest first: the last
// change of the field says it.
func stateAt(versions []store.Version) string {
	for _, v := range versions {
		for _, d := range v.Diffs {
			if d.Path == "state" {
				return d.New
			}
		}
	}
	return ""
}
