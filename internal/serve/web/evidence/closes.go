package evidence

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// closesView is what the page of one evidence object shows beside its fields.
type closesView struct {
	State  ui.Mark
	Until  string
	File   ui.LinkView
	Hash   string
	Place  ui.LinkView
	Served ui.TableView
	Whole  int
	Partly int
	Reuse  string
}

// closes shows which requirements one evidence object closes, and through which
// mapping: one evidence, many requirements (requirements 000-23, 000-50).
func closes(r *page.Request, rec store.Record) (templ.Component, error) {
	var e control.Evidence
	if err := json.Unmarshal(rec.Doc, &e); err != nil {
		return nil, fmt.Errorf("read evidence %s: %w", rec.ID, err)
	}
	c, lib := r.C, library(r)
	covered := control.Coverage(lib, []store.Object[control.Evidence]{{Meta: rec.Meta, Doc: e}}, c.Now)
	v := closesView{State: StateMark(c, e), Hash: e.Hash, Place: ui.LinkView{Text: e.Link}}
	if e.Web() {
		v.Place.Href = e.Link
	}
	if !e.Expires.IsZero() {
		v.Until = c.Date(e.Expires)
	}
	if e.Blob != "" {
		v.File = ui.LinkView{Text: c.T("evidence.file.take"), Href: href(c, rec.ID, "file")}
	}
	v.Served = ui.TableView{ID: "served", Caption: c.T("evidence.served"), Cols: []ui.Col{{Head: c.T("evidence.requirement")}, {Head: c.T("evidence.how")}, {Head: c.T("evidence.through")}},
		Empty: ui.EmptyView{Title: c.T("evidence.served.none"), Text: c.T("evidence.served.none.text")}}
	served := covered.Serves(rec.ID)
	slices.SortStableFunc(served, nearest)
	for _, s := range served {
		ref := Ref(c, lib, s.Clause)
		row := ui.Row{Cells: []ui.Cell{{Text: ref.Text, Href: ref.Href}, {Mark: wholeMark(c, s.Closing)}, through(c, lib, s.Via)}}
		v.Served.Rows = append(v.Served.Rows, row)
		if s.Whole {
			v.Whole++
		} else {
			v.Partly++
		}
	}
	v.Reuse = c.T("evidence.reuse", "whole", c.T("evidence.requirements", "n", v.Whole), "partly", v.Partly)
	return closesBody(c, v), nil
}

// nearest puts what an object was filed for first, then what it answers wholly.
func nearest(a, b control.Served) int {
	rank := func(s control.Served) int {
		switch {
		case s.Via == nil:
			return 0
		case s.Whole:
			return 1
		}
		return 2
	}
	return rank(a) - rank(b)
}

func wholeMark(c ui.Ctx, by control.Closing) *ui.Mark {
	switch {
	case !by.Counts():
		return &ui.Mark{Kind: ui.Stop, Word: c.T("evidence.state.expired")}
	case by.Whole:
		return &ui.Mark{Kind: ui.OK, Word: c.T("evidence.whole")}
	}
	return &ui.Mark{Kind: ui.Warn, Word: c.T("evidence.partly")}
}

// through says by which mapping an evidence object came to a requirement.
func through(c ui.Ctx, lib *packs.Library, via *packs.Mapping) ui.Cell {
	if via == nil {
		return ui.Cell{Text: c.T("evidence.direct")}
	}
	from := Ref(c, lib, via.From)
	return ui.Cell{Text: c.T("evidence.via", "from", from.Text), Note: c.In(via.Reason)}
}
