package systems

import (
	"strings"

	"github.com/a-h/templ"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// what is the first tab: what people say the system is.
type what struct {
	entry    []ui.Fact
	terms    []ui.Fact // terms of operation
	missing  []string  // labels of fields
	have     int
	models   ui.TableView
	addModel bool
	mayEdit  bool
}

func (a *area) tabWhat(f *file) (templ.Component, error) {
	v := what{mayEdit: f.mayStep(), addModel: may(f.r, store.Create, "model")}
	names, err := show.Names(f.r.Context(), f.r.Org.DB, f.sys.Doc.RiskOwner, f.sys.Doc.Vendor)
	if err != nil {
		return nil, err
	}
	v.entry, v.terms = f.entryFacts(names), f.termFacts()
	for _, path := range f.sys.Doc.Missing() {
		if path == "oversee.decider" {
			path = "oversee.decider_role" // that is the field that asks for it
		}
		v.missing = append(v.missing, f.c.T("systems.form."+path))
	}
	v.have = inventory.Wanted - len(v.missing)
	if may(f.r, store.Read, "model") {
		p, err := f.r.Org.Inventory.Models.List(f.r.Context(), f.r.Org.DB, store.Query{
			Filters: []store.Filter{store.Where("system", "=", f.sys.ID)}, Limit: 100})
		if err != nil {
			return nil, err
		}
		v.models = f.modelTable(p.Items)
	}
	return whatTab(f, v), nil
}

// fact is a term whose words come from the form's labels; what is not given is
// a dash.
func (f *file) fact(field, value string) ui.Fact {
	if value == "" {
		value = "–"
	}
	return ui.Fact{Term: f.c.T("systems.form." + field), Text: value}
}

func (f *file) entryFacts(names show.People) []ui.Fact {
	c, s := f.c, f.sys.Doc
	facts := []ui.Fact{
		f.fact("purpose", show.Say(c, s.Purpose)), f.fact("use", show.Say(c, s.Use)), f.fact("technology", s.Technology),
		f.fact("origin", show.Word(c, "origin", string(s.Origin))), f.fact("scope", show.List(c, show.Words(c, "scope", s.Scope))),
		f.fact("role_of_ai", show.Word(c, "roleofai", string(s.RoleOfAI))), f.fact("data_sources", strings.Join(s.DataSources, ", ")),
		f.fact("people", c.T("systems."+yes(s.People))), f.fact("risk_owner", names.Name(c, s.RiskOwner)), f.fact("review_by", c.Date(s.ReviewBy)),
	}
	if s.Vendor != "" {
		facts = append(facts, ui.Fact{Term: c.T("systems.vendor"), Text: names.Name(c, s.Vendor)})
	}
	return facts
}

// termFacts are the terms under which people let the system run.
func (f *file) termFacts() []ui.Fact {
	c, s := f.c, f.sys.Doc
	var excluded []string
	for _, e := range s.Excluded {
		excluded = append(excluded, show.Say(c, e))
	}
	return []ui.Fact{
		f.fact("excluded", strings.Join(excluded, "; ")), f.fact("zones", strings.Join(s.Zones, ", ")),
		f.fact("data_classes", strings.Join(show.Words(c, "data", s.DataClasses), ", ")),
		f.fact("plant_states", strings.Join(show.Words(c, "plant", s.PlantStates), ", ")),
		f.fact("oversee.mode", show.Word(c, "oversight", string(s.Oversee.Mode))), f.fact("oversee.decider", show.Say(c, s.Oversee.Decider)),
		f.fact("oversee.on_hold", show.Word(c, "onhold", string(s.Oversee.OnHold))), f.fact("oversee.fallback", show.Say(c, s.Oversee.Fallback)),
		f.fact("retain", show.Word(c, "retain", string(s.Retain))),
	}
}

// modelTable lists the model versions that the permit covers.
func (f *file) modelTable(all []store.Object[inventory.Model]) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.models"), Cols: []ui.Col{{Head: c.T("systems.models.name")}, {Head: c.T("systems.models.version")},
		{Head: c.T("systems.models.hash"), Mono: true}, {Head: c.T("systems.models.card")}},
		Empty: ui.EmptyView{Title: c.T("systems.models.none"), Text: c.T("systems.models.none.text")}}
	for _, o := range all {
		card := ui.Mark{Kind: ui.Warn, Word: c.T("systems.models.card.missing")}
		if o.Doc.Card.Complete() {
			card = ui.Mark{Kind: ui.OK, Word: c.T("systems.models.card.complete")}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: f.c.URL("systems", f.sys.ID, "models", o.ID)},
			{Text: o.Doc.Version}, {Text: short(o.Doc.Hash)}, {Mark: &card}}})
	}
	return t
}

// short writes the first and last digits of a hash.
func short(hash string) string {
	_, digits, ok := strings.Cut(hash, ":")
	if !ok || len(digits) < 12 {
		return "–"
	}
	return digits[:4] + "…" + digits[len(digits)-4:]
}
