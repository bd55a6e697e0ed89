package operation

import (
	"net/url"
	"slices"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Lengths of the lists.
const (
	homeMine    = 12
	homeWaiting = 20
	pageLength  = 50
)

// soon is when a deadline is near enough for a mark, as oversee counts it.
const soon = 15 * time.Minute

// home is what waits: for the reader, and for all.
type home struct {
	Tabs      []ui.LinkView
	Decides   bool // the reader's role decides cases at all
	Mine      []door
	MineAll   int
	Waiting   ui.TableView
	WaitedAll int
	Others    bool // cases wait that are not the reader's
}

// caseHome opens the area: the cases that wait for the reader first. Who may
// not see cases is led to what they may see.
func caseHome(r *page.Request) error {
	if !can(r, store.Read, "case") {
		if can(r, store.Read, "journal") {
			return r.Go("/operation/decisions", "")
		}
		return r.Go("/operation/plant", "")
	}
	v := home{Tabs: tabs(r, "cases"), Decides: can(r, roles.Decide, "case")}
	var mine oversee.Page
	if v.Decides {
		var err error
		if mine, err = r.Org.Oversee.List(r.Context(), r.Principal(), oversee.Filter{Scope: oversee.Mine, Limit: homeMine}); err != nil {
			return err
		}
	}
	// With more than a screen of their own, the reader needs no others here; the
	// link below the list leads to all.
	var waiting oversee.Page
	if mine.Next == "" {
		var err error
		if waiting, err = r.Org.Oversee.List(r.Context(), r.Principal(), oversee.Filter{Scope: oversee.Waiting, Limit: homeWaiting}); err != nil {
			return err
		}
	}
	names, err := show.Names(r.Context(), r.Org.DB, systemsOf(mine.Items, waiting.Items)...)
	if err != nil {
		return err
	}
	for _, k := range mine.Items {
		v.Mine = append(v.Mine, doorOf(r.C, k, names))
	}
	v.MineAll, v.WaitedAll = mine.Total, waiting.Total
	v.Others = mine.Next == "" && (v.WaitedAll > v.MineAll || !v.Decides)
	v.Waiting = caseTable(r.C, r.C.T("operation.cases.waiting"), waiting.Items, names)
	v.Waiting.Empty = ui.EmptyView{Title: r.C.T("operation.cases.none.open"), Text: r.C.T("operation.cases.none.open.text")}
	return r.Show(ui.PageView{Title: r.C.T("area.operation"), Over: r.C.OrgName, Touch: true}, homeBody(r.C, v))
}

// list is one selection of cases, page by page.
type list struct {
	Tabs    []ui.LinkView
	Scopes  []ui.LinkView
	Action  string
	Scope   string
	Systems ui.FieldView
	Table   ui.TableView
	Pager   ui.Pager
}

var scopes = []oversee.Scope{oversee.Mine, oversee.Due, oversee.Waiting, oversee.All}

// caseList lists cases of one selection.
func caseList(r *page.Request) error {
	if err := mustRead(r, "case"); err != nil {
		return err
	}
	f := oversee.Filter{Scope: oversee.Scope(r.Query("scope")), System: r.Query("system"), Cursor: r.Query("cursor"), Limit: pageLength}
	if f.Scope == "" {
		f.Scope = oversee.All
	}
	if !slices.Contains(scopes, f.Scope) {
		return problem.New(problem.BadInput, "Diese Auswahl von Prüffällen gibt es nicht.", "There is no such selection of review cases.").
			WithField("scope", "Möglich sind mine, due, open und all.", "Possible are mine, due, open and all.")
	}
	cases, err := r.Org.Oversee.List(r.Context(), r.Principal(), f)
	if err != nil {
		return err
	}
	names, options, err := systems(r)
	if err != nil {
		return err
	}
	c := r.C
	at := func(scope oversee.Scope, cursor string) string {
		q := url.Values{"scope": {string(scope)}}
		setIf(q, "system", f.System)
		setIf(q, "cursor", cursor)
		return c.URL("operation", "cases") + "?" + q.Encode()
	}
	v := list{Tabs: tabs(r, "cases"), Action: c.URL("operation", "cases"), Scope: string(f.Scope),
		Systems: ui.FieldView{ID: "f-system", Name: "system", Label: c.T("operation.col.system"), Value: f.System, Options: options}}
	for _, s := range scopes {
		v.Scopes = append(v.Scopes, ui.LinkView{Text: c.T("operation.scope." + string(s)), Href: at(s, ""), Current: s == f.Scope})
	}
	v.Table = caseTable(c, c.T("operation.scope."+string(f.Scope)), cases.Items, names)
	v.Table.Empty = ui.EmptyView{Title: c.T("operation.cases.none"), Text: c.T("operation.cases.none.text")}
	v.Pager = ui.Pager{Shown: len(cases.Items), Total: cases.Total}
	if f.Cursor != "" {
		v.Pager.First = at(f.Scope, "")
	}
	if cases.Next != "" {
		v.Pager.Next = at(f.Scope, cases.Next)
	}
	return r.Show(ui.PageView{Title: c.T("operation.cases.title"), Touch: true,
		Crumbs: []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}}}, listBody(c, v))
}

func setIf(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

func systemsOf(lists ...[]oversee.Case) []string {
	var ids []string
	for _, l := range lists {
		for _, k := range l {
			if !slices.Contains(ids, k.System) {
				ids = append(ids, k.System)
			}
		}
	}
	return ids
}

// systems are all systems of the register by name, for filters and tables.
func systems(r *page.Request) (show.People, []ui.Option, error) {
	all, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "name", Limit: store.MaxLimit})
	if err != nil {
		return nil, nil, err
	}
	names := show.People{}
	var options []ui.Option
	for _, s := range all.Items {
		names[s.ID] = s.Doc.Name
		options = append(options, ui.Option{Value: s.ID, Text: s.Doc.Name})
	}
	return names, options, nil
}

// systemName is the name of a system, also of one that is no longer there.
func systemName(c ui.Ctx, names show.People, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return c.T("show.unknown")
}

func caseHref(c ui.Ctx, id string) string { return c.URL("operation", "cases", id) }

// door is a case that waits for the reader, large enough for a gloved hand.
type door struct {
	Href   string
	System string
	Why    string
	Due    string
	Marks  []ui.Mark
}

func doorOf(c ui.Ctx, k oversee.Case, names show.People) door {
	d := door{Href: caseHref(c, k.ID), System: systemName(c, names, k.System), Why: because(c, k),
		Due: c.T("operation.due", "time", show.Since(c, k.Due)) + ", " + left(c, k)}
	if k.Due.Sub(c.Now) <= soon {
		d.Marks = append(d.Marks, ui.Mark{Kind: ui.Warn, Word: c.T("operation.soon")})
	}
	if k.State == oversee.SecondNeeded {
		d.Marks = append(d.Marks, ui.Mark{Kind: ui.Warn, Word: c.T("operation.second")})
	}
	return d
}

// because is why a person is asked, in a few words: the figure of the first
// reason, or its words.
func because(c ui.Ctx, k oversee.Case) string {
	if len(k.Reasons) == 0 {
		return ""
	}
	first := k.Reasons[0].Code
	switch {
	case first == entry.ConfidenceLow && k.Confidence != nil:
		return c.T("show.confidence", "value", c.Decimal(*k.Confidence, 2))
	case first == entry.DriftHigh && k.Drift != nil:
		return c.T("operation.drift", "value", c.Decimal(*k.Drift, 2))
	}
	return show.Reason(c, first)
}

// left is how much time a waiting case has; a passed deadline says so.
func left(c ui.Ctx, k oversee.Case) string {
	switch d := k.Due.Sub(c.Now); {
	case d < 0:
		return c.T("operation.past")
	case d < time.Minute:
		return c.T("operation.left.minute")
	default:
		return c.T("operation.left", "span", c.Duration(d.Truncate(time.Minute)))
	}
}

func caseTable(c ui.Ctx, caption string, cases []oversee.Case, names show.People) ui.TableView {
	t := ui.TableView{ID: "cases", Caption: caption, Cols: []ui.Col{
		{Head: c.T("operation.col.system")}, {Head: c.T("operation.col.why")}, {Head: c.T("operation.col.due"), Right: true},
		{Head: c.T("operation.col.deciders")}, {Head: c.T("operation.col.state")}}}
	for _, k := range cases {
		state := show.CaseMark(c, k.State)
		due := ui.Cell{Text: show.Since(c, k.Due)}
		if k.State.Waiting() {
			due.Note = left(c, k)
		}
		t.Rows = append(t.Rows, ui.Row{ID: "row-" + k.ID, Cells: []ui.Cell{
			{Body: caseLink(systemName(c, names, k.System), caseHref(c, k.ID), c.T("operation.opened", "time", show.Since(c, k.OpenedAt)))},
			{Text: because(c, k)}, due, {Text: show.Roles(c, k.Deciders)}, {Mark: &state}}})
	}
	return t
}
