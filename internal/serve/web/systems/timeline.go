package systems

import (
	"maps"
	"net/url"
	"slices"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/trail"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// timelineLength is how many entries one page of the timeline shows.
const timelineLength = 50

// timeline is everything that was ever journaled about a system and the records
// that belong to it, newest first (requirement 000-13). It can only grow.
type timeline struct {
	kinds []string // that there are and that the reader may read
	kind  string   // chosen; empty: all
	rows  []trail.Event
	next  string
	total int
}

// readTimeline takes two queries: which types there are, and one page.
func (f *file) readTimeline() (timeline, error) {
	ctx, g := f.r.Context(), f.r.Org
	of := store.Where("system", "=", f.sys.ID)
	counts, err := g.Trail.Events.Group(ctx, g.DB, "kind", of)
	if err != nil {
		return timeline{}, err
	}
	t := timeline{kind: f.r.Query("type")}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		if f.mayKind(k) {
			t.kinds = append(t.kinds, k)
		}
	}
	var chosen []any
	for _, k := range t.kinds {
		if t.kind == "" || t.kind == k {
			chosen = append(chosen, k)
			t.total += counts[k]
		}
	}
	if len(chosen) == 0 {
		return t, nil
	}
	p, err := g.Trail.Events.List(ctx, g.DB, store.Query{Sort: "-index", Limit: timelineLength, Cursor: f.r.Query("cursor"), Uncounted: true,
		Filters: []store.Filter{of, store.Where("kind", "in", chosen...)}})
	t.rows, t.next = p.Items, p.Next
	return t, err
}

// mayKind reports whether the reader may know of records of a kind. What is no
// record of a kind, such as the stop button, whoever reads the journal may know.
func (f *file) mayKind(kind string) bool {
	if may(f.r, store.Read, kind) {
		return true
	}
	return kindTitle(f.c, kind) == "" && may(f.r, store.Read, "journal")
}

// kindTitle is the word for a kind of record; empty for what is none.
func kindTitle(c ui.Ctx, kind string) string {
	for _, row := range roles.Matrix() {
		if row.Kind == kind {
			return c.In(row.Title)
		}
	}
	return ""
}

// kindWord is the word for a type of the timeline.
func kindWord(c ui.Ctx, kind string) string {
	if w := kindTitle(c, kind); w != "" {
		return w
	}
	if key := "systems.timeline.kind." + kind; c.Has(key) {
		return c.T(key)
	}
	return kind
}

// actors are the people that the rows name.
func (t timeline) actors() []string {
	var ids []string
	for _, e := range t.rows {
		ids = append(ids, e.Actor)
	}
	return ids
}

func (f *file) timelineTable(t timeline, names show.People) ui.TableView {
	c := f.c
	v := ui.TableView{ID: "timeline-table", Caption: c.T("systems.timeline"), Plain: true, Cols: []ui.Col{{Head: c.T("systems.timeline.when")}, {Head: c.T("systems.timeline.type")},
		{Head: c.T("systems.timeline.what")}, {Head: c.T("systems.timeline.who")}, {Head: c.T("systems.timeline.entry"), Mono: true}},
		Empty: ui.EmptyView{Title: c.T("systems.timeline.none"), Text: c.T("systems.timeline.none.text")}}
	for _, e := range t.rows {
		op := e.Op
		if key := "systems.timeline.op." + e.Op; c.Has(key) {
			op = c.T(key)
		} else {
			op = show.Word(c, "op", e.Op)
		}
		what := ui.Cell{Text: op}
		if e.Title != "" && e.Kind != "system" {
			what.Note = e.Title
		}
		who := ui.Cell{}
		if e.Actor != "" {
			who.Text = names.Name(c, e.Actor)
		}
		link := f.entry(e.Index)
		v.Rows = append(v.Rows, ui.Row{Cells: []ui.Cell{{Text: c.DateTime(e.At)}, {Text: kindWord(c, e.Kind)}, what, who, {Text: link.Text, Href: link.Href}}})
	}
	return v
}

// timelineTypes are the links that narrow the timeline by type.
func (f *file) timelineTypes(t timeline) []ui.LinkView {
	out := []ui.LinkView{{Text: f.c.T("systems.timeline.all"), Href: f.href("history"), Current: t.kind == ""}}
	for _, k := range t.kinds {
		out = append(out, ui.LinkView{Text: kindWord(f.c, k), Href: f.href("history") + "&type=" + url.QueryEscape(k), Current: t.kind == k})
	}
	return out
}

// timelinePager leads to older entries.
func (f *file) timelinePager(t timeline) *ui.Pager {
	if t.next == "" && f.r.Query("cursor") == "" {
		return nil
	}
	at := f.href("history")
	if t.kind != "" {
		at += "&type=" + url.QueryEscape(t.kind)
	}
	p := ui.Pager{Shown: len(t.rows), Total: t.total}
	if f.r.Query("cursor") != "" {
		p.First = at
	}
	if t.next != "" {
		p.Next = at + "&cursor=" + url.QueryEscape(t.next)
	}
	return &p
}
