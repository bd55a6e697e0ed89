package systems

import (
	"slices"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
)

// station is one place on the way from idea to operation.
type station struct {
	name     string
	path     string   // below the system
	kind     string   // what the reader must be able to read to be led there
	families []string // of the lapses that say it is open
	grave    bool     // asked only where much depends on the system, or where something is open
}

// way are the stations in their order.
var way = []station{
	{"idea", "edit", "system", []string{"purpose", "owner", "decider", "limit", "review", "oversight"}, false},
	{"identify", "identify", "assessment", []string{"verdict"}, false},
	{"classify", "classify", "classification", []string{"class"}, false},
	{"profile", "profile", "profile", []string{"profile"}, true},
	{"impact", "impact", "assessment", []string{"assessment"}, true},
	{"risks", "risks", "risk", []string{"risk", "metric"}, true},
	{"data", "data", "model", []string{"data", "model"}, true},
	{"approve", "approve", "approval", []string{"approval", "agreement"}, false},
	{"operation", "life", "system", []string{"lifecycle", "life"}, false},
}

// nextList is what is to be done now, station by station, with its state in
// words. It costs no query: the lapses of the permit say what is open. What the
// short path does not need is left out (requirement 001-41).
func (f *file) nextList() ui.TableView {
	c := f.c
	t := ui.TableView{ID: "way", Caption: c.T("systems.way"), Cols: []ui.Col{{Head: c.T("systems.way.step")}, {Head: c.T("systems.way.state")}, {Head: c.T("systems.way.what")}}}
	grave := f.grave()
	now := false // the first open station is the one to do now
	for _, s := range way {
		open := f.openLapses(s)
		if s.grave && !grave && len(open) == 0 {
			continue
		}
		mark := ui.Mark{Kind: ui.OK, Word: c.T("systems.way.done")}
		what := ""
		if len(open) > 0 {
			mark = ui.Mark{Kind: ui.None, Word: c.T("systems.way.later")}
			if !now {
				mark, now = ui.Mark{Kind: ui.Warn, Word: c.T("systems.way.now")}, true
			}
			what = c.In(open[0].Say)
		}
		cell := ui.Cell{Text: c.T("systems.way." + s.name)}
		if may(f.r, store.Read, s.kind) && (s.path != "edit" || may(f.r, store.Update, "system")) {
			cell.Href = f.url(s.path)
		}
		t.Rows = append(t.Rows, ui.Row{ID: "way-" + s.name, Cells: []ui.Cell{cell, {Mark: &mark}, {Text: what}}})
	}
	return t
}

// grave reports whether much depends on the system.
func (f *file) grave() bool {
	s := stand.Subject{System: f.sys}
	if f.class != nil {
		s.Classification = &store.Object[classify.Classification]{Doc: *f.class}
	}
	return s.Grave()
}

// openLapses are the reasons of one station why the permit is off. A system that
// is retired has nothing to do any more, and a stop is no station of the way.
func (f *file) openLapses(s station) []permit.Lapse {
	if f.sys.Doc.LifeCycle == inventory.Retired {
		return nil
	}
	var out []permit.Lapse
	unknown := slices.ContainsFunc(f.permit.Lapses, func(l permit.Lapse) bool { return l.Code == permit.LapseVerdict })
	for _, l := range f.permit.Lapses {
		family, _, _ := strings.Cut(l.Code, ".")
		if family == "assessment" && unknown {
			continue // it is the identification that is missing, which has its own station
		}
		if slices.Contains(s.families, family) {
			out = append(out, l)
		}
	}
	return out
}

// showsWay reports whether the reader works on the system or oversees it.
func (f *file) showsWay() bool {
	return may(f.r, store.Read, "classification") && f.sys.Doc.LifeCycle != inventory.Retired
}
