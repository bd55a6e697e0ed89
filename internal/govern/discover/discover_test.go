package discover_test

import (
	"slices"
	"testing"
	"time"

	"augenmass/internal/govern/discover"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/text"
)

// The words that packs may use are those of the register: a draft cannot name
// what the register would refuse.
func TestWordsOfPacksAreThoseOfTheRegister(t *testing.T) {
	for name, pair := range map[string][2][]string{
		"origins":    {stock.Origins, inventory.Origin("").Values()},
		"scopes":     {stock.Scopes, inventory.Scope("").Values()},
		"roles":      {stock.RolesOfAI, inventory.RoleOfAI("").Values()},
		"oversights": {stock.Oversights, inventory.Oversight("").Values()},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: packs %v, register %v", name, pair[0], pair[1])
		}
	}
}

// Row 000-06: each draft becomes a filled entry of the register in one step; the
// register wants nothing more of it.
func TestEveryDraftBecomesAFilledEntry(t *testing.T) {
	h := open(t)
	drafts := h.lib.Drafts()
	if len(drafts) < 14 {
		t.Fatalf("%d drafts", len(drafts))
	}
	for _, d := range drafts {
		made, err := h.room.Begin(h.ctx(), discover.Beginning{Draft: d.ID, Lang: text.DE, Owner: h.me})
		if err != nil {
			t.Errorf("%s: %v", d.ID, err)
			continue
		}
		s := made.Doc
		if missing := s.Missing(); len(missing) > 0 {
			t.Errorf("%s leaves %v", d.ID, missing)
		}
		if s.Name != d.Entry.Name.DE || !s.Purpose.Complete() || !s.Use.Complete() || len(s.Excluded) == 0 || s.Oversee.Fallback.IsZero() || s.Code == "" ||
			s.LifeCycle != inventory.Idea || s.People != d.Entry.People {
			t.Errorf("%s: %+v", d.ID, s)
		}
		from, ok, err := h.room.StartOf(h.ctx(), h.db, made.ID)
		if err != nil || !ok || from.Doc.Draft != d.ID || from.Doc.Version == "" || string(from.Doc.Operator) != d.Operator || len(from.Doc.Figures) != len(d.Forecast) {
			t.Errorf("%s: start %+v, %v, %v", d.ID, from, ok, err)
		}
	}
	for _, want := range []string{"drf.chatbot", "drf.forecast", "drf.image", "drf.decision"} { // the four cases of the row
		if _, ok := h.lib.Draft(want); !ok {
			t.Errorf("no draft %s", want)
		}
	}
	_, err := h.room.Begin(h.ctx(), discover.Beginning{Draft: "drf.nothing", Owner: h.me})
	h.refused(err, problem.NotFound, "")
	_, err = h.room.Begin(h.ctx(), discover.Beginning{Owner: h.me})
	h.refused(err, problem.BadInput, "draft")
}

// Row 001-40: what the organisation may come by a system in has four values, and
// tools that staff use on their own are one of them, from catalogue to register.
func TestToolsOfStaffAreRegistered(t *testing.T) {
	h := open(t)
	if got := inventory.Origin("").Values(); len(got) != 4 || !slices.Contains(got, "used") {
		t.Fatalf("origins %v", got)
	}
	p, ok := h.lib.Stock().Product("sw.chat-assistant")
	if !ok || p.Place != 12 {
		t.Fatalf("%+v, %v", p, ok)
	}
	tick, err := h.room.Tick(h.ctx(), "", 0, discover.Software{Product: p.ID, Name: "Freier Sprachassistent", Team: "Vertrieb", Chosen: true,
		Functions: []discover.FunctionUse{{Function: "sw.chat-assistant.text", State: discover.On}}})
	h.must(err)
	f, _ := p.Function("sw.chat-assistant.text")
	made, err := h.room.Begin(h.ctx(), discover.Beginning{Draft: f.Draft, Software: tick.ID, Function: f.ID, Lang: text.EN, Owner: h.me})
	h.must(err)
	if made.Doc.Origin != "used" || made.Doc.Name != "Chat assistant from the web" {
		t.Errorf("%+v", made.Doc)
	}
}

// Row 003-45: what is ticked is what the catalogue has; anything else is named.
func TestOnlyTheCatalogueCanBeTicked(t *testing.T) {
	h := open(t)
	on := []discover.FunctionUse{{Function: "sw.crm.lead", State: discover.On}}
	saved, err := h.room.Tick(h.ctx(), "", 0, discover.Software{Product: "sw.crm", Name: "Kundenbuch", Team: "Vertrieb", Functions: on})
	h.must(err)
	if got := saved.Doc.State("sw.crm.lead"); got.State != discover.On || got.Marked != "unknown" || !saved.Doc.LookedAt.Equal(h.now) {
		t.Errorf("%+v", saved.Doc)
	}
	if got := saved.Doc.State("sw.crm.sales"); got.State != discover.Unknown {
		t.Errorf("%+v: nobody said anything about it", got)
	}
	_, err = h.room.Tick(h.ctx(), "", 0, discover.Software{Product: "sw.nothing", Name: "x", Team: "y"})
	h.refused(err, problem.BadInput, "product")
	_, err = h.room.Tick(h.ctx(), "", 0, discover.Software{Product: "sw.hr", Name: "x", Team: "y", Functions: on})
	h.refused(err, problem.BadInput, "functions")
	_, err = h.room.Tick(h.ctx(), "", 0, discover.Software{Product: "sw.crm", Name: "x", Team: "y", Functions: append(on, on...)})
	h.refused(err, problem.BadInput, "functions")
	_, err = h.room.Tick(h.ctx(), saved.ID, saved.Revision+1, saved.Doc)
	h.refused(err, problem.Conflict, "")
	all, err := h.room.Used(h.ctx(), h.db)
	if err != nil || len(all) != 1 {
		t.Errorf("%d, %v", len(all), err)
	}
}

// Row 003-20: the forecast stays as it was claimed; what was measured stands
// beside it and says how.
func TestForecastAndActualStandSideBySide(t *testing.T) {
	h := open(t)
	made, err := h.room.Begin(h.ctx(), discover.Beginning{Draft: "drf.invoice", Lang: text.DE, Owner: h.me})
	h.must(err)
	from, _, err := h.room.StartOf(h.ctx(), h.db, made.ID)
	h.must(err)
	f := from.Doc.Figures[0]
	if f.Forecast != 70 || f.Grade != "claim" || f.Measured() || !f.Source.Complete() {
		t.Fatalf("%+v", f)
	}
	_, err = h.room.Measure(h.ctx(), from.ID, from.Revision, f.ID, 40, " ")
	h.refused(err, problem.BadInput, "how")
	_, err = h.room.Measure(h.ctx(), from.ID, from.Revision, "other", 40, "Stoppuhr")
	h.refused(err, problem.NotFound, "")
	h.now = h.now.Add(time.Hour)
	after, err := h.room.Measure(h.ctx(), from.ID, from.Revision, f.ID, 40, "Stoppuhr, Buchhaltung, 200 Rechnungen")
	h.must(err)
	g := after.Doc.Figures[0]
	if g.Forecast != 70 || g.Grade != "claim" || g.Actual != 40 || !g.Measured() || g.How == "" {
		t.Errorf("%+v", g)
	}
}
