package evidence

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// pageSize is how many objects a page of the list shows.
const pageSize = 50

// listView is what the list shows.
type listView struct {
	Tabs    []ui.LinkView
	Figures []ui.FigureView
	Warn    *ui.NoticeView
	Filter  ui.FilterView
	Table   ui.TableView
	Pager   ui.Pager
	Export  ui.LinkView
}

// evidenceList lists the evidence objects, those that expire first at the top,
// with the rate of reuse (requirement 000-50).
func evidenceList(r *page.Request) error {
	if err := must(r, store.Read); err != nil {
		return err
	}
	have, err := all(r)
	if err != nil {
		return err
	}
	c, covered := r.C, control.Coverage(library(r), have, r.C.Now)
	found := choose(r, have)
	slices.SortStableFunc(found, byExpiry)
	from := min(position(r.Query("from")), len(found))
	shown := found[from:min(from+pageSize, len(found))]
	var owners []string
	for _, o := range shown {
		owners = append(owners, o.Doc.Owner)
	}
	names, err := show.Names(r.Context(), r.Org.DB, owners...)
	if err != nil {
		return err
	}
	v := listView{Tabs: tabs(r), Table: table(c, shown, covered, names), Filter: filter(r), Pager: ui.Pager{Shown: len(shown), Total: len(found)}}
	if from > 0 {
		v.Pager.First = further(r, 0)
	}
	if from+pageSize < len(found) {
		v.Pager.Next = further(r, from+pageSize)
	}
	head := ui.PageView{Title: c.T("kinds.evidence"), Over: c.T("area.proof")}
	if may(r, store.Create) {
		head.Actions = []ui.Action{{Text: c.T("kinds.evidence.new"), Href: href(c, "new"), Kind: "main"}}
	}
	if len(have) > 0 {
		v.Figures, v.Warn = figures(c, have, covered), warning(c, have)
		v.Export = ui.LinkView{Text: c.T("objects.export"), Href: href(c) + ".csv"}
	}
	v.Table.Empty = ui.EmptyView{Title: c.T("objects.nofit"), Text: c.T("objects.nofit.text")}
	if len(have) == 0 {
		v.Table.Empty = ui.EmptyView{Title: c.T("evidence.none"), Text: c.T("kinds.evidence.none")}
		if may(r, store.Create) {
			v.Table.Empty.Action = &ui.Action{Text: c.T("kinds.evidence.new"), Href: href(c, "new")}
		}
	}
	return r.Show(head, listBody(c, v))
}

// choose keeps what fits the search and the choice.
func choose(r *page.Request, have []store.Object[control.Evidence]) []store.Object[control.Evidence] {
	words, lib := strings.Fields(strings.ToLower(r.Query("q"))), library(r)
	fits := func(o store.Object[control.Evidence]) bool {
		e := o.Doc
		if t := r.Query("type"); t != "" && string(e.Type) != t {
			return false
		}
		if s := r.Query("state"); s != "" && string(e.State(r.C.Now)) != s {
			return false
		}
		if id := r.Query("clause"); id != "" && !slices.Contains(e.Clauses, id) {
			return false
		}
		body := strings.ToLower(e.Name + " " + e.Link + " " + e.Note)
		for _, id := range e.Clauses {
			body += " " + strings.ToLower(Ref(r.C, lib, id).Text)
		}
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
	}
	var out []store.Object[control.Evidence]
	for _, o := range have {
		if fits(o) {
			out = append(out, o)
		}
	}
	return out
}

// byExpiry puts what expires first at the top and what never does at the end.
func byExpiry(a, b store.Object[control.Evidence]) int {
	switch ax, bx := a.Doc.Expires, b.Doc.Expires; {
	case ax.IsZero() && bx.IsZero():
		return b.Doc.Date.Compare(a.Doc.Date)
	case ax.IsZero():
		return 1
	case bx.IsZero():
		return -1
	default:
		return ax.Compare(bx)
	}
}

// figures are how many objects count, what they close, and the rate of reuse with
// both its numbers.
func figures(c ui.Ctx, have []store.Object[control.Evidence], covered control.Covered) []ui.FigureView {
	out := []ui.FigureView{
		{Label: c.T("evidence.figure.counts"), Value: c.T("evidence.of", "n", covered.Objects, "of", len(have)), Unit: c.T("evidence.objects"),
			Note: c.T("evidence.figure.expired", "n", covered.Expired),
			Meter: &ui.MeterView{Value: float64(covered.Objects), Max: float64(len(have)),
				Label: c.T("evidence.figure.counts.label", "n", covered.Objects, "of", len(have))}},
	}
	if rate, closings, objects, ok := covered.Reuse(); ok {
		out = append(out, ui.FigureView{Label: c.T("evidence.figure.reuse"), Value: c.Decimal(rate, 1), Unit: c.T("evidence.figure.reuse.unit"),
			Note: c.T("evidence.figure.reuse.note", "closings", closings, "objects", c.T("evidence.n", "n", objects))})
	}
	return out
}

// warning counts what expired or soon will.
func warning(c ui.Ctx, have []store.Object[control.Evidence]) *ui.NoticeView {
	expired, soon := 0, 0
	for _, o := range have {
		switch o.Doc.State(c.Now) {
		case control.Expired:
			expired++
		case control.Expiring:
			soon++
		}
	}
	switch {
	case expired > 0:
		return &ui.NoticeView{Kind: ui.Stop, Text: c.T("evidence.warn.expired", "n", expired),
			Link: ui.LinkView{Text: c.T("evidence.warn.show"), Href: href(c) + "?state=" + string(control.Expired)}}
	case soon > 0:
		return &ui.NoticeView{Kind: ui.Warn, Text: c.T("evidence.warn.soon", "n", soon),
			Link: ui.LinkView{Text: c.T("evidence.warn.show"), Href: href(c) + "?state=" + string(control.Expiring)}}
	}
	return nil
}

func table(c ui.Ctx, shown []store.Object[control.Evidence], covered control.Covered, names show.People) ui.TableView {
	t := ui.TableView{ID: "evidence", Caption: c.T("kinds.evidence"), Cols: []ui.Col{{Head: c.T("kind.evidence")}, {Head: c.T("kind.evidence.type")},
		{Head: c.T("kind.evidence.date")}, {Head: c.T("kind.evidence.expires")}, {Head: c.T("kind.evidence.owner")}, {Head: c.T("evidence.serves"), Right: true}}}
	counts := servings(covered)
	for _, o := range shown {
		e, mark, n := o.Doc, StateMark(c, o.Doc), counts[o.ID]
		serves := ui.Cell{Text: c.Int(n.whole)}
		if n.partly > 0 {
			serves.Note = c.T("evidence.serves.partly", "n", n.partly)
		}
		owner := "–"
		if e.Owner != "" {
			owner = names.Name(c, e.Owner)
		}
		expires := ui.Cell{Mark: &mark}
		if !e.Expires.IsZero() {
			expires.Note = c.Date(e.Expires)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: e.Name, Href: href(c, o.ID)}, {Text: Type(c, string(e.Type))}, {Text: c.Date(e.Date)}, expires, {Text: owner}, serves}})
	}
	return t
}

// served counts the requirements at which one object stands.
type served struct{ whole, partly int }

// servings counts them for all objects at once.
func servings(covered control.Covered) map[string]served {
	out := map[string]served{}
	for _, cover := range covered.Clauses {
		for _, by := range cover.Closings {
			n := out[by.Evidence]
			if by.Whole {
				n.whole++
			} else {
				n.partly++
			}
			out[by.Evidence] = n
		}
	}
	return out
}

func filter(r *page.Request) ui.FilterView {
	c := r.C
	var states []ui.Option
	for _, s := range []control.State{control.Valid, control.Expiring, control.Expired} {
		states = append(states, ui.Option{Value: string(s), Text: c.T("evidence.state." + string(s))})
	}
	return ui.FilterView{Label: c.T("evidence.search"), Action: href(c), Query: r.Query("q"), Selects: []ui.FieldView{
		{Name: "type", Label: c.T("kind.evidence.type"), Value: r.Query("type"), Options: types(c)},
		{Name: "state", Label: c.T("evidence.state"), Value: r.Query("state"), Options: states}}}
}

// position reads where a page of the list begins; nonsense begins at the start.
func position(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n / pageSize * pageSize
}

// further is the address of another page of the same choice.
func further(r *page.Request, from int) string {
	v := url.Values{}
	for _, name := range []string{"q", "type", "state", "clause"} {
		if s := r.Query(name); s != "" {
			v.Set(name, s)
		}
	}
	if from > 0 {
		v.Set("from", strconv.Itoa(from))
	}
	if len(v) == 0 {
		return href(r.C)
	}
	return href(r.C) + "?" + v.Encode()
}
