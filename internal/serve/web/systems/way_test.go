package systems

import (
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/operate/trail"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// stations are the rows of the list of what is to be done, with their state.
func stations(t *testing.T, p showtest.Page) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, tr := range p.Doc.All("#next tbody tr") {
		out[strings.TrimPrefix(tr.Attrs["id"], "way-")] = tr.One(".state").Text()
	}
	return out
}

// The file says what is to be done now, in words, and hides what the short path
// does not need; of a system on which much depends it asks for all of it.
func TestWhatIsToBeDoneNow(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	fresh := h.System("Neu", func(s *inventory.System) { s.LifeCycle = inventory.Idea })
	got := stations(t, c.Get("/systems/"+fresh.ID))
	if got["identify"] != "jetzt" || got["idea"] != "erledigt" || got["classify"] != "danach" || got["profile"] != "" || got["impact"] != "" {
		t.Errorf("an idea: %v", got)
	}
	done := stations(t, c.Get("/systems/"+h.Permitted("Fräslinie").ID))
	if len(done) != 5 || done["approve"] != "erledigt" || done["operation"] != "erledigt" {
		t.Errorf("a small system with its permit: %v", done)
	}
	x := h.System("Schichtplan", func(s *inventory.System) { s.People = true })
	h.Assess(x.ID, "ai_system", "high")
	p := c.Get("/systems/" + x.ID)
	got = stations(t, p)
	if len(got) != 9 || got["identify"] != "erledigt" || got["profile"] != "jetzt" || got["approve"] != "danach" {
		t.Errorf("a grave one: %v", got)
	}
	for _, path := range []string{"identify", "classify", "profile", "impact", "risks", "data", "approve", "life"} {
		if !p.Doc.Has("#next a[href=/werk/systems/" + x.ID + "/" + path + "]") {
			t.Errorf("nothing leads to %s", path)
		}
	}
	if h.Client("worker").Get("/systems/" + x.ID).Doc.Has("#next") {
		t.Error("a worker is told what to do")
	}
}

// The timeline holds the changes of the system, of the records that belong to it
// and of its permit, newest first, filterable by type; a record that was deleted
// stays in it (000-13).
func TestTimeline(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	ctx := h.As("ai_officer")
	models, err := h.Org.Inventory.Models.All(ctx, h.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", s.ID)}})
	h.Must(err)
	h.Clock.Add(time.Hour)
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		return h.Org.Inventory.Models.Delete(ctx, tx, models[0].ID, models[0].Revision)
	}))
	h.System("Fremd", nil)
	h.Settle()
	c := h.Client("auditor")
	rows := func(query string) []string {
		var out []string
		for _, tr := range c.Get("/systems/" + s.ID + "?tab=history" + query).Doc.All("#timeline tbody tr") {
			out = append(out, tr.Text())
		}
		return out
	}
	all := rows("")
	joined := strings.Join(all, "\n")
	for _, want := range []string{"KI-System angelegt", "Modell angelegt ausfall-1 1.2.0", "Modell gelöscht ausfall-1 1.2.0", "Einstufung angelegt", "Folgenabschätzung angelegt", "Freigabe gegeben", "Betriebserlaubnis erteilt", "Betriebserlaubnis ruht"} {
		if !strings.Contains(joined, want) {
			t.Errorf("%q is not in the timeline:\n%s", want, joined)
		}
	}
	if len(all) < 8 || strings.Contains(joined, "Fremd") || !strings.Contains(all[len(all)-1], "KI-System angelegt") {
		t.Errorf("%d rows, the oldest last: %s", len(all), joined)
	}
	for _, r := range rows("&type=model") {
		if !strings.Contains(r, "Modell") {
			t.Errorf("narrowed to models it shows %s", r)
		}
	}
	if n := len(rows("&type=model")); n != 2 {
		t.Errorf("%d changes of models", n)
	}
	if n := len(rows("&type=unfug")); n != 0 {
		t.Errorf("%d rows of a type that is none", n)
	}
	worker := h.Client("worker").Get("/systems/" + s.ID + "?tab=history")
	worker.Hides(t, "Einstufung", "ausfall-1", "Sabine Keller")
	// Filling the table anew from the journal gives the same rows.
	before := events(h, s.ID)
	h.Must(h.Org.DB.Rebuild(h.As(""), h.Org.Journal, h.Org.Trail.Projection()))
	if after := events(h, s.ID); len(after) != len(before) || len(before) != len(all) {
		t.Errorf("%d rows before, %d after, %d shown", len(before), len(after), len(all))
	}
}

func events(h *showtest.House, system string) []trail.Event {
	h.T.Helper()
	p, err := h.Org.Trail.Events.List(h.As(""), h.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Limit: store.MaxLimit})
	h.Must(err)
	return p.Items
}

// What others found stands among the proofs, and what staff may read of the
// profile among the people, also for a worker (001-17, 002-08, 002-40, 004-07).
func TestOutsideAndSaid(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Classify.Externals.Create(ctx, tx, classify.ExternalResult{System: s.ID, Source: "adviser", Name: "Beratung Muster", Class: "limited", Date: h.Clock.Now()})
		return err
	}))
	p := h.Client("auditor").Get("/systems/" + s.ID + "?tab=proof")
	if row := p.Doc.One("#external tbody"); row == nil || !strings.Contains(row.Text(), "Beratung Muster begrenzt") {
		t.Errorf("%v", row)
	}
	_, err := h.Org.Profile.Save(ctx, s.ID, 0, func(p *profile.Profile) {
		p.Intent = profile.Intent{Aim: profile.Assist, Statement: text.Bi{DE: "Sie entscheiden, nicht die Maschine."}, Hopes: text.Bi{DE: "weniger Stillstand"}, Wants: text.Bi{DE: "weniger Kosten"}}
		p.Sheet = profile.Sheet{Can: []text.Bi{{DE: "Verschleiß erkennen"}}, Cannot: []text.Bi{{DE: "Späne sehen"}}, Errors: []text.Bi{{DE: "irrt bei neuem Werkzeug"}}}
		p.Values.Held = profile.Stance{Say: text.Bi{DE: "vertraulich"}}
	})
	h.Must(err)
	w := h.Client("worker").Get("/systems/" + s.ID + "?tab=people")
	w.Shows(t, "Sie entscheiden, nicht die Maschine.", "weniger Stillstand", "weniger Kosten", "Verschleiß erkennen", "Späne sehen", "irrt bei neuem Werkzeug")
	w.Hides(t, "vertraulich")
}

// The role of the AI is one of six; one that decides about people is refused
// (002-42).
func TestRoleThatDecidesIsRefused(t *testing.T) {
	h := house(t)
	in := fill(h)
	in.Set("role_of_ai", "decider")
	if p := h.Client("ai_officer").PostForm("/systems/new", in); p.Status != 422 || !p.Doc.Has("#system-role_of_ai-error") {
		t.Errorf("status %d", p.Status)
	}
}

// A role that was stored and is none of those that may decide now stays when the
// form is saved for something else.
func TestStoredRoleIsKept(t *testing.T) {
	h := house(t)
	s := h.System("Büroassistent", func(s *inventory.System) { s.Oversee.DeciderRole = "ai_officer" })
	c := h.Client("ai_officer")
	p := c.Get("/systems/" + s.ID + "/edit")
	if o := p.Doc.One("select[name=oversee.decider_role] option[selected]"); o == nil || o.Attrs["value"] != "ai_officer" {
		t.Fatalf("chosen: %v", o)
	}
	in := fill(h)
	in.Set("oversee.decider_role", "ai_officer")
	in.Set("revision", p.Doc.One("input[name=revision]").Attrs["value"])
	if p := c.PostForm("/systems/"+s.ID+"/edit", in); p.Status != 303 {
		t.Errorf("saving it: %d", p.Status)
	}
	in.Set("oversee.decider_role", "auditor")
	if p := c.PostForm("/systems/new", in); p.Status != 422 {
		t.Errorf("a role that may not decide: %d", p.Status)
	}
}
