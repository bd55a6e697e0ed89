package systems

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"augenmass/internal/govern/voice"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// people is the fourth tab: who decides, who answers for it, who is affected.
type people struct {
	facts     []ui.Fact
	agreement ui.TableView
	needed    bool
	readable  bool // the reader may read agreements
	card      string
	said      show.Said // what staff may read of the profile
}

func (a *area) tabPeople(f *file) (templ.Component, error) {
	names, err := show.Names(f.r.Context(), f.r.Org.DB, f.sys.Doc.RiskOwner)
	if err != nil {
		return nil, err
	}
	v := people{facts: f.peopleFacts(names), needed: f.sys.Doc.People, readable: may(f.r, store.Read, "agreement")}
	if v.readable {
		p, err := f.r.Org.Agreements.List(f.r.Context(), f.r.Org.DB, store.Query{Filters: []store.Filter{store.Where("systems", "has", f.sys.ID)}, Limit: 50})
		if err != nil {
			return nil, err
		}
		v.agreement = f.agreementTable(p.Items)
	}
	if v.said, err = show.SaidOf(f.r.Context(), f.c, f.r.Org.DB, f.r.Org.Profile, f.sys.ID); err != nil {
		return nil, err
	}
	if f.sys.Doc.Code != "" {
		v.card = f.c.URL("card", f.sys.Doc.Code)
	}
	return peopleTab(f, v), nil
}

func (f *file) peopleFacts(names show.People) []ui.Fact {
	c, s := f.c, f.sys.Doc
	decides := show.Say(c, s.Oversee.Decider)
	if decides == "" {
		decides = "–"
	}
	decider := ui.Fact{Term: c.T("show.fact.decides"), Text: decides}
	if role := show.Role(c, s.Oversee.DeciderRole); s.Oversee.DeciderRole != "" && !strings.Contains(decides, role) {
		decider.Note = role
	}
	affected := c.T("systems.people.none")
	if s.People {
		affected = c.T("systems.people.some")
	}
	return []ui.Fact{decider, f.fact("risk_owner", names.Name(c, s.RiskOwner)), {Term: c.T("systems.people.approve"), Text: show.Roles(c, f.permit.ApproverRoles)},
		{Term: c.T("systems.people.affected"), Text: affected}}
}

func (f *file) agreementTable(all []store.Object[voice.Agreement]) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.agreements"), Cols: []ui.Col{{Head: c.T("systems.agreements.name")}, {Head: c.T("systems.agreements.signed")}, {Head: c.T("systems.agreements.until")}}}
	for _, o := range all {
		signed := ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("systems.agreements.open")}}
		if !o.Doc.SignedAt.IsZero() {
			signed = ui.Cell{Text: c.Date(o.Doc.SignedAt)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name}, signed, {Text: show.Until(c, o.Doc.ValidUntil)}}})
	}
	return t
}

// noAgreement says that none is there yet, and leads whoever may enter one to the
// form, with the system chosen.
func (f *file) noAgreement() ui.EmptyView {
	c := f.c
	v := ui.EmptyView{Title: c.T("systems.agreements.none"), Text: c.T("systems.agreements.none.text")}
	if may(f.r, store.Create, "agreement") {
		v.Action = &ui.Action{Text: c.T("systems.agreements.new"), Href: c.URL("people", "agreements", "new") + "?systems=" + url.QueryEscape(f.sys.ID)}
	}
	return v
}
