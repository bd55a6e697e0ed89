package frameworks

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// controlView is what the page of one requirement shows.
type controlView struct {
	Sees     bool
	Help     helpView
	Examples []exampleView // for the classes of the own systems first
	Status   ui.Mark
	Note     string // what the status rests on
	Measured string
	Form     *formView
	Facts    []ui.Fact // for who may not write
	Wanted   ui.TableView
	Filed    ui.TableView
	Mappings ui.TableView
	Tests    []testView
	Onward   *ui.Action
}

// helpView explains a requirement at three depths.
type helpView struct {
	Say    string // one sentence
	Plain  string
	Expert string
	Source string
	Doubt  *ui.NoticeView
	Clause ui.LinkView
	Place  string
}

// exampleView is an example of our own for one risk class.
type exampleView struct {
	Mark    ui.Mark
	Text    string
	Systems string // own systems of the class; empty: none
}

// formView is the form of a record.
type formView struct {
	Form    ui.Form
	Stated  bool // the statement of applicability wants a decision
	Roles   []ui.Option
	Differs ui.TableView // on a conflict: stored and typed side by side
}

// controlShow is one requirement: what it asks at three depths, its record, what
// shows it, and what evidence for it closes elsewhere.
func (a *area) controlShow(r *page.Request) error {
	return a.showControl(r, http.StatusOK, nil, nil, ui.TableView{})
}

// showControl shows the requirement with what was typed and what is wrong with
// it. in is nil where nobody typed anything.
func (a *area) showControl(r *page.Request, status int, in url.Values, bad *problem.Problem, differs ui.TableView) error {
	c := r.C
	fw, err := r.Org.Controls.Framework(r.Param("fw"))
	if err != nil {
		return err
	}
	it, part, ok := fw.Item(r.Param("clause"))
	if !ok {
		return problem.New(problem.NotFound, "Diese Fundstelle gehört nicht zum Regelwerk.", "This clause is not part of the framework.").
			WithHint("Die Seite des Regelwerks zeigt alle.", "The page of the framework shows all.")
	}
	rd, err := a.read(r, fw.ID)
	if err != nil {
		return err
	}
	g := rd.gap(r, fw)
	item, _ := g.Item(it.Clause)
	v := controlView{Sees: sees(r), Help: help(c, rd.lib, it), Mappings: mappings(c, rd, it.Clause), Tests: testViews(c, rd.lib, it.Clause)}
	if v.Examples, err = examples(r, it); err != nil {
		return err
	}
	if v.Sees {
		v.Status, v.Note, v.Measured = statusMark(c, item.Status), statusNote(c, item), measuredSay(c, item)
		v.Wanted, v.Filed = wanted(r, fw.ID, item), filed(c, rd, item)
		v.Facts = recordFacts(c, item)
		if may(r, store.Update, kind) && (item.ID != "" || may(r, store.Create, kind)) {
			v.Form = recordForm(r, item, in, bad)
			v.Form.Differs = differs
		}
	}
	if next := following(g, it.Clause); next != "" {
		v.Onward = &ui.Action{Text: c.T("frameworks.onward", "next", short(c, rd.lib, next)), Href: href(c, fw.ID, next)}
	}
	if v.Form != nil && v.Form.Form.Hidden["next"] == "soa" {
		v.Onward = &ui.Action{Text: c.T("frameworks.skip"), Href: c.URL("duties", "soa", "next") + "?after=" + url.QueryEscape(control.KeyOf(fw.ID, it.Clause))}
	}
	head := ui.PageView{Title: named(c, rd.lib, item), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")},
		{Text: c.In(fw.Title), Href: c.URL("duties", "frameworks", fw.ID)}, {Text: c.In(part.Title), Href: areaHref(c, fw.ID, part.ID)}}}
	return r.ShowAs(status, head, controlBody(c, v))
}

// following is the requirement after this one, or empty.
func following(g control.GapView, clause string) string {
	all := g.Items()
	i := slices.IndexFunc(all, func(v control.ItemView) bool { return v.Clause == clause })
	if i < 0 || i+1 == len(all) {
		return ""
	}
	return all[i+1].Clause
}

// help is the requirement at three depths: one sentence, plain, expert with the
// source.
func help(c ui.Ctx, lib *packs.Library, it packs.Item) helpView {
	cl, _ := lib.Clause(it.Clause)
	v := helpView{Say: c.In(cl.Text), Plain: c.In(it.Plain), Clause: evidence.Ref(c, lib, it.Clause), Place: cl.Ref}
	if v.Say == "" {
		v.Say = c.In(cl.Title)
	}
	v.Expert = c.In(cl.Note)
	var sources []string
	for _, p := range lib.Packs() {
		if p.ID == cl.Pack {
			if v.Expert == "" {
				v.Expert = c.In(p.Notice)
			}
			sources = append(sources, c.T("frameworks.asof", "title", c.In(p.Title), "version", p.Version, "day", on(c, p.AsOf)))
		}
	}
	if cl.Source != "" {
		sources = append([]string{cl.Source}, sources...)
	}
	v.Source = strings.Join(append([]string{cl.Ref}, sources...), " · ")
	if cl.Status != "" {
		v.Doubt = &ui.NoticeView{Kind: ui.Warn, Text: c.T("duties.doubt." + cl.Status)}
	}
	return v
}

// examples are those of the item, of the classes of the own systems first. Two
// queries: the classes, and the names of the systems.
func examples(r *page.Request, it packs.Item) ([]exampleView, error) {
	if len(it.Examples) == 0 {
		return nil, nil
	}
	c := r.C
	own := map[string][]string{}
	if may(r, store.Read, "classification") {
		got, err := r.Org.Classify.Classifications.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
		if err != nil {
			return nil, err
		}
		names, err := show.Names(r.Context(), r.Org.DB, systemsOf(got.Items)...)
		if err != nil {
			return nil, err
		}
		for _, o := range got.Items {
			if o.Doc.Concluded() && names[o.Doc.System] != "" {
				own[o.Doc.Class] = append(own[o.Doc.Class], names[o.Doc.System])
			}
		}
	}
	var mine, others []exampleView
	for _, class := range []string{"prohibited", "high", "limited", "minimal"} {
		say, ok := it.Examples[class]
		if !ok {
			continue
		}
		x := exampleView{Mark: show.ClassMark(c, class), Text: c.In(say)}
		if names := own[class]; len(names) > 0 {
			x.Systems = show.List(c, names[:min(3, len(names))])
			mine = append(mine, x)
		} else {
			others = append(others, x)
		}
	}
	return append(mine, others...), nil
}

func systemsOf(all []store.Object[classify.Classification]) []string {
	out := make([]string, len(all))
	for i, o := range all {
		out[i] = o.Doc.System
	}
	return out
}

// measuredSay puts what a check found beside what a person said; neither
// replaces the other.
func measuredSay(c ui.Ctx, v control.ItemView) string {
	if v.Measured == nil {
		return ""
	}
	s, ok := v.Measured.Judged()
	if !ok {
		return c.T("frameworks.measured.none")
	}
	return c.T("frameworks.measured", "said", statusMark(c, v.Record.Status).Word, "measured", statusMark(c, s).Word, "passed", v.Measured.Passed, "seen", v.Measured.Seen)
}

// recordFacts is the record in words.
func recordFacts(c ui.Ctx, v control.ItemView) []ui.Fact {
	if v.ID == "" {
		return nil
	}
	rec := v.Record
	facts := []ui.Fact{{Term: c.T("kind.control.responsible"), Text: role(c, rec.Responsible)}}
	if v.Stated {
		mark := applicableMark(c, rec.Applicable, rec.Decided())
		facts = append([]ui.Fact{{Term: c.T("kind.control.applicable"), Mark: &mark}}, facts...)
	}
	for _, f := range [][2]string{{"reason", rec.Reason}, {"implementation", rec.Implementation}} {
		if f[1] != "" {
			facts = append(facts, ui.Fact{Term: c.T("kind.control." + f[0]), Text: f[1]})
		}
	}
	facts = append(facts, ui.Fact{Term: c.T("frameworks.effort"), Text: days(c, v.Days), Note: c.T("frameworks.effort.left", "left", days(c, v.DaysLeft))})
	if !rec.Due.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("kind.control.due"), Text: on(c, rec.Due)})
	}
	return append(facts, ui.Fact{Term: c.T("kind.control.as_of"), Text: c.Date(rec.AsOf), Note: c.T("frameworks.said.version", "version", rec.Version)})
}

// recordForm asks what is said about the requirement.
func recordForm(r *page.Request, v control.ItemView, in url.Values, bad *problem.Problem) *formView {
	c := r.C
	vals := in
	if vals == nil {
		vals = recordValues(c, v.Record)
	}
	f := ui.Form{C: c, ID: "record", Prefix: "kind.control.", Action: href(c, v.Framework, v.Clause), Values: vals, Problem: bad, Submit: c.T("frameworks.save"),
		Hidden: map[string]string{"revision": strconv.FormatInt(v.Revision, 10), "next": r.Query("next")}}
	if in != nil {
		f.Hidden["next"] = in.Get("next")
	}
	if f.Hidden["next"] == "soa" {
		f.Submit = c.T("frameworks.save.next")
		f.Cancel = c.URL("duties", "soa")
	}
	view := &formView{Form: f, Stated: v.Stated}
	for _, id := range r.Org.Controls.Roles() {
		view.Roles = append(view.Roles, ui.Option{Value: id, Text: c.In(roles.Role(id).Info().Title)})
	}
	return view
}

// recordValues writes a record as the form shows it.
func recordValues(c ui.Ctx, rec control.Record) url.Values {
	vals := url.Values{"status": {string(rec.Status)}, "applicable": {string(rec.Applicable)}, "reason": {rec.Reason},
		"implementation": {rec.Implementation}, "responsible": {rec.Responsible}, "due": {dayField(rec.Due)}, "days": {""}}
	if rec.Days > 0 {
		vals.Set("days", text.Float(c.Lang, rec.Days))
	}
	return vals
}

// wanted is one row a type of evidence that the requirement wants (requirement
// 001-36).
func wanted(r *page.Request, fw string, v control.ItemView) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "wanted", Caption: c.T("frameworks.wanted"), Cols: []ui.Col{{Head: c.T("kind.evidence.type")}, {Head: c.T("frameworks.there")}, {Head: c.T("frameworks.do")}}}
	for _, typ := range v.Item.Evidence {
		mark, do := ui.Mark{Kind: ui.OK, Word: c.T("frameworks.there.yes")}, ui.Cell{Text: "–"}
		if slices.Contains(v.Missing, typ) {
			mark = ui.Mark{Kind: ui.None, Word: c.T("frameworks.there.no")}
			if may(r, store.Create, "evidence") {
				to := url.Values{"clause": {v.Clause}, "type": {typ}, "back": {"/duties/frameworks/" + fw + "/" + v.Clause}}
				do = ui.Cell{Text: c.T("kinds.evidence.new"), Href: c.URL("proof", "objects", "new") + "?" + to.Encode()}
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: evidence.Type(c, typ)}, {Mark: &mark}, do}})
	}
	return t
}

// filed is the evidence that stands at the requirement, with the way it came.
func filed(c ui.Ctx, rd reading, v control.ItemView) ui.TableView {
	t := ui.TableView{ID: "filed", Caption: c.T("frameworks.filed"), Cols: []ui.Col{{Head: c.T("kind.evidence")}, {Head: c.T("frameworks.far")}, {Head: c.T("frameworks.way")}},
		Empty: ui.EmptyView{Title: c.T("frameworks.filed.none")}}
	const most = 20
	for i, by := range v.Cover.Closings {
		if i == most {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("frameworks.filed.more", "n", len(v.Cover.Closings)-most), Href: c.URL("proof", "objects") + "?clause=" + url.QueryEscape(v.Clause)}, {}, {}}})
			break
		}
		mark := ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.carries.partly")}
		switch {
		case !by.Counts():
			mark = ui.Mark{Kind: ui.Stop, Word: c.T("evidence.state.expired")}
		case by.Whole:
			mark = ui.Mark{Kind: ui.OK, Word: c.T("frameworks.carries.whole")}
		}
		way := ui.Cell{Text: c.T("frameworks.way.direct")}
		if by.Via != nil {
			way = ui.Cell{Text: c.T("frameworks.way.via", "from", short(c, rd.lib, by.Via.From)), Note: c.In(by.Via.Reason)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: by.Name, Href: c.URL("proof", "objects", by.Evidence), Note: evidence.Type(c, by.Type)}, {Mark: &mark}, way}})
	}
	return t
}

// mappings are the demands that stand in relation to this one, and how far
// evidence for it goes there (requirement 000-23).
func mappings(c ui.Ctx, rd reading, clause string) ui.TableView {
	t := ui.TableView{ID: "mappings", Caption: c.T("frameworks.mappings"), Cols: []ui.Col{{Head: c.T("frameworks.other")}, {Head: c.T("frameworks.relation")}, {Head: c.T("frameworks.there.far")}, {Head: c.T("frameworks.reason")}},
		Empty: ui.EmptyView{Title: c.T("frameworks.mappings.none")}}
	to := homesOf(c, rd.lib)
	for _, m := range rd.lib.Mappings(clause) {
		l, mark := to.link(c, rd.lib, m.To), carries(c, m.Relation)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: l.Text, Href: l.Href}, {Text: relationWord(c, m.Relation)}, {Mark: &mark}, {Text: c.In(m.Reason)}}})
	}
	return t
}
