package discover

import (
	"strings"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// adviceView is what a draft says beside its entry; the page of the draft and
// that of an entry begun from it show it alike.
type adviceView struct {
	Operator string
	Warnings []ui.Reason
	Duties   []ui.ClauseRef
	Data     ui.TableView
	Rights   []string
	Notice   string
	Handover string
	Hints    []ui.Fact
}

// draftView is one draft before anybody uses it.
type draftView struct {
	Says   string
	Entry  []ui.Fact
	Advice adviceView
	Claims []claimView
	Begin  *ui.Action
	Who    string
}

// claimView is one promised figure.
type claimView struct {
	Name, Value, Grade, Source string
}

// draftShow is what a draft would put into the register, and what to know before.
func draftShow(r *page.Request) error {
	if err := must(r, store.Read, "system"); err != nil {
		return err
	}
	d, ok := wares(r).Draft(r.Param("draft"))
	if !ok {
		return noDraft()
	}
	c := r.C
	v := draftView{Says: c.In(d.Says), Entry: entryFacts(c, d), Advice: advice(r, d)}
	for _, f := range d.Forecast {
		v.Claims = append(v.Claims, claimView{Name: c.In(f.Name), Value: c.Decimal(f.Value, places(f.Value)) + " " + c.In(f.Unit), Grade: c.T("discover.grade." + f.Grade), Source: c.In(f.Source)})
	}
	if may(r, store.Create, "system") {
		v.Begin = &ui.Action{Text: c.T("discover.begin"), Href: c.URL("drafts", d.ID), Post: true, Kind: "main"}
	} else {
		v.Who = creators(c, "system")
	}
	return r.Show(ui.PageView{Title: c.In(d.Title), Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.drafts"), Href: c.URL("systems", "drafts")})}, draftPage(c, v))
}

// draftBegin makes a filled entry of the register of a draft, in one press.
func draftBegin(r *page.Request) error {
	if err := must(r, store.Create, "system"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	made, err := finder(r).Begin(r.Context(), room.Beginning{Draft: r.Param("draft"), Software: in.Get("software"), Function: in.Get("function"),
		Lang: r.C.Lang, Owner: r.Who.ID})
	if err != nil {
		return err
	}
	return r.Go("/systems/"+made.ID+"/start", "discover.begun")
}

func noDraft() error {
	return problem.New(problem.NotFound, "Diesen Entwurf gibt es in keinem Paket.", "No pack has this draft.").
		WithHint("Die Liste der Entwürfe zeigt alle.", "The list of drafts shows all.")
}

// places are the decimals that a figure needs.
func places(v float64) int {
	if v == float64(int64(v)) {
		return 0
	}
	return 1
}

func entryFacts(c ui.Ctx, d stock.Draft) []ui.Fact {
	s := room.Entry(d, c.Lang)
	var excluded []string
	for _, e := range s.Excluded {
		excluded = append(excluded, c.In(e))
	}
	return []ui.Fact{{Term: c.T("discover.entry.name"), Text: s.Name}, {Term: c.T("discover.entry.purpose"), Text: c.In(s.Purpose)}, {Term: c.T("discover.entry.use"), Text: c.In(s.Use)},
		{Term: c.T("discover.entry.technology"), Text: s.Technology}, {Term: c.T("discover.entry.sources"), Text: strings.Join(s.DataSources, ", ")},
		{Term: c.T("discover.entry.excluded"), Text: strings.Join(excluded, "; ")}, {Term: c.T("discover.entry.origin"), Text: show.Word(c, "origin", string(s.Origin))},
		{Term: c.T("discover.entry.scope"), Text: show.List(c, show.Words(c, "scope", scopes(s)))}, {Term: c.T("discover.entry.people"), Text: yes(c, s.People)},
		{Term: c.T("discover.entry.decider"), Text: c.In(s.Oversee.Decider)}, {Term: c.T("discover.entry.fallback"), Text: c.In(s.Oversee.Fallback)}}
}

func scopes(s inventory.System) []inventory.Scope { return s.Scope }

// advice is what a draft says beside its entry.
func advice(r *page.Request, d stock.Draft) adviceView {
	c, lib := r.C, r.Org.Library()
	v := adviceView{Operator: c.T("discover.operator." + d.Operator), Notice: c.In(d.Notice), Handover: c.In(d.Handover), Duties: show.Clauses(c, lib, d.Duties)}
	for _, w := range d.Warnings {
		v.Warnings = append(v.Warnings, ui.Reason{Text: c.In(w.Say), Clauses: show.Clauses(c, lib, w.Clauses)})
	}
	for _, s := range d.Rights {
		v.Rights = append(v.Rights, c.In(s))
	}
	for _, h := range d.Hints {
		v.Hints = append(v.Hints, ui.Fact{Term: h.Part, Text: c.In(h.Say)})
	}
	v.Data = ui.TableView{ID: "data", Caption: c.T("discover.data.leaks"), Cols: []ui.Col{{Head: c.T("discover.data.kind")}, {Head: c.T("discover.data.where")}, {Head: c.T("discover.data.need")}}}
	for _, u := range d.Data {
		k, _ := wares(r).DataKind(u.Kind)
		v.Data.Rows = append(v.Data.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(k.Name), Note: c.In(k.Says)}, {Text: c.In(u.Where)}, {Text: c.In(u.Need)}}})
	}
	return v
}
