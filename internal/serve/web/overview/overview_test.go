package overview

import (
	"bufio"
	"context"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// plain is a page that asks for nothing: what the frame itself costs.
func plain() []page.Route {
	return []page.Route{{Method: http.MethodGet, Path: "/plain", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, ui.Tag("x"))
	}}}
}

func house(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{Texts}, Routes(), plain())
}

// life fills the model company: one system runs, one waits for approval, one is
// unclear, one is an idea.
func life(h *showtest.House) (running string) {
	running = h.Permitted("Fräslinie: Ausfallvorhersage").ID
	waiting := h.System("Kameraprüfung Zierblenden", func(s *inventory.System) {
		s.LifeCycle, s.Scope = inventory.Trial, []inventory.Scope{"quality_control"}
	})
	h.Model(waiting.ID)
	h.Assess(waiting.ID, "ai_system", "limited")
	unclear := h.System("Schichtplanvorschlag", func(s *inventory.System) { s.People, s.Scope = true, []inventory.Scope{"personnel"} })
	h.Assess(unclear.ID, "ai_system", "unclear")
	h.System("Büroassistent", func(s *inventory.System) { s.LifeCycle, s.RiskOwner = inventory.Idea, "" })
	for _, conf := range []float64{0.97, 0.93, 0.81, -1} {
		h.Clock.Add(300 * time.Millisecond)
		h.Decide(running, conf)
	}
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.UseCases.Create(ctx, tx, value.UseCase{Name: "Ungeplante Stillstände", System: running, ExpectedHours: 410, ExpectedEuro: 24_000,
			MeasuredHours: 312, MeasuredEuro: 18_400, FreedTime: text.Bi{DE: "Einarbeitung", EN: "training"}})
		return err
	}))
	h.Settle()
	return running
}

func TestWhatRuns(t *testing.T) {
	h := house(t)
	id := life(h)
	p := h.Client("director").Get("/overview")
	p.Shows(t, "Fräslinie: Ausfallvorhersage", "gültig", "Kameraprüfung Zierblenden", "Alle Systeme (4)", "Gezählt aus dem Journal um 14:02:12 Uhr",
		"Sicherheit 0,97", "Sicherheit 0,81 < 0,85", "Freigabe zurückgezogen", "312 h", "18.400 €", "Einarbeitung", "Samstag, 21. November 2026")
	table := p.Doc.One("#running table")
	if strings.Contains(table.Text(), "Büroassistent") {
		t.Error("an idea is shown as running")
	}
	var row *showtest.Node
	for _, r := range table.All("tbody tr") {
		if r.Has("a[href=/werk/systems/" + id + "]") {
			row = r
		}
	}
	if row == nil {
		t.Fatal("the running system is not listed")
	}
	cells := row.All("td")
	if got := cells[2].Text() + " " + cells[3].Text(); got != "4 1" {
		t.Errorf("decisions today and to people: %q, want 4 and 1", got)
	}
	// Every figure leads to its record.
	for _, href := range []string{"/werk/operation/decisions?day=2026-11-21&system=" + id, "/werk/duties/zta.05", "/werk/benefit"} {
		if !p.Doc.Has("a[href=" + href + "]") {
			t.Errorf("no link to %s", href)
		}
	}
	if rows := p.Doc.All("#decisions tbody tr"); len(rows) != 4 || !strings.Contains(rows[0].Text(), "verweigert") || !rows[0].Has("a") {
		t.Errorf("stream of %d rows", len(rows))
	}
}

// What needs me depends on who I am, and is never more than five things.
func TestWhatNeedsMe(t *testing.T) {
	h := house(t)
	id := life(h)
	for role, want := range map[string][]string{
		"shift_lead": {"1 Prüffall: Fräslinie: Ausfallvorhersage"},
		"safety":     {"1 Prüffall", "Freigeben: Kameraprüfung Zierblenden"},
		"director":   {"Freigeben: Kameraprüfung Zierblenden", "Risikoverantwortung benennen: Büroassistent"},
		"ai_officer": {"Einstufung klären: Schichtplanvorschlag"},
		"worker":     {"Nichts wartet auf Sie"},
		"auditor":    {"Nichts wartet auf Sie"},
	} {
		p := h.Client(role).Get("/overview")
		p.Shows(t, want...)
		if n := len(p.Doc.All("#needs .tasks li")); n > mostTasks {
			t.Errorf("%s is asked for %d things", role, n)
		}
	}
	h.Client("ai_officer").Get("/overview").Hides(t, "Freigeben:", "Prüffall")
	h.Client("council").Get("/overview").Hides(t, "Freigeben:")

	// A withdrawn approval suspends the permit, and who can lift it hears of it.
	approvals, err := h.Org.Approve.Approvals.List(h.As(""), h.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", id), store.Where("role", "=", "safety")}})
	h.Must(err)
	_, err = h.Org.Approve.Withdraw(h.As("safety"), approvals.Items[0].ID, approvals.Items[0].Revision, "Schutzhaube wird umgebaut.")
	h.Must(err)
	h.Client("safety").Get("/overview").Shows(t, "Wieder in Kraft setzen: Fräslinie", "Freigabe zurückgezogen")
	p := h.Client("director").Get("/overview")
	p.Hides(t, "Wieder in Kraft setzen")
	if first := p.Doc.One("#running tbody tr").Text(); !strings.Contains(first, "ruht") {
		t.Errorf("what is off does not come first: %s", first)
	}
}

// A record in trouble comes before everything else, for those who answer for it,
// rely on it or run the server; nobody else can do anything about it.
func TestARecordInTroubleComesFirst(t *testing.T) {
	var troubles []org.Trouble
	h := showtest.Open(t, []fs.FS{Texts}, routesOf(func(*org.Org) []org.Trouble { return troubles }))
	life(h)
	for _, c := range []struct {
		kind, de, en string
		troubles     []org.Trouble
	}{
		{"stop", "Es nimmt keine Einträge an, alles wird verweigert.", "It takes no entries, everything is denied.", []org.Trouble{org.Refused, org.Forked}},
		{"stop", "Dieser Knoten erreicht die Datenbank nicht", "This node cannot reach the database", []org.Trouble{org.Unheard}},
		{"stop", "Ein Zeuge widerspricht.", "A witness contradicts.", []org.Trouble{org.Forked, org.Unsigned}},
		{"stop", "Ein Zeuge kennt ein längeres Journal.", "A witness knows a longer journal.", []org.Trouble{org.Ahead}},
		{"warn", "Das Veröffentlichen scheitert.", "Publishing fails.", []org.Trouble{org.Unsigned}},
	} {
		troubles = c.troubles
		for _, role := range []string{"ai_officer", "director", "auditor", "admin"} {
			for l, says := range map[text.Lang]string{text.DE: c.de, text.EN: c.en} {
				first := h.Client(role).In(l).Get("/overview").Doc.One("#needs .tasks li")
				if first == nil || !strings.Contains(first.Text(), says) || !first.Has("a[href=/werk/proof/record]") || !first.Has(".state."+c.kind) {
					t.Errorf("%s (%s): %q does not come first", role, l, says)
				}
			}
		}
	}
	for _, role := range []string{"worker", "shift_lead", "safety", "council"} {
		h.Client(role).Get("/overview").Hides(t, "Journal ansehen")
	}
	troubles = nil
	h.Client("director").Get("/overview").Hides(t, "Journal ansehen")
}

// Counts stay true when there are more cases than the page reads.
func TestManyCases(t *testing.T) {
	h := house(t)
	c := ui.Ctx{Lang: text.DE, Texts: h.Site.Texts, Now: h.Clock.Now()}
	one := func(system string) oversee.Case {
		return oversee.Case{System: system, Due: h.Clock.Now().Add(time.Hour)}
	}
	d := desk{c: c, cases: []oversee.Case{one("a"), one("a")}, waiting: 1600}
	if got := d.reviews(); len(got) != 1 || got[0].text != "1.600 Prüffälle: a" {
		t.Errorf("of one system: %+v", got)
	}
	d.cases = []oversee.Case{one("a"), one("b"), one("b")}
	if got := d.reviews(); len(got) != 2 || got[1].text != "Mindestens 2 Prüffälle: b" || got[1].minutes != 4 {
		t.Errorf("of two systems: %+v", got)
	}
	d.waiting = 3
	if got := d.reviews(); got[0].text != "1 Prüffall: a" {
		t.Errorf("all read: %+v", got)
	}
}

// Who may not read the journal sees no decisions, and no stream either.
func TestRolesWithoutJournal(t *testing.T) {
	h := house(t)
	life(h)
	for _, role := range []string{"worker", "council"} {
		c := h.Client(role)
		if p := c.Get("/overview"); p.Doc.Has("#now") || p.Status != 200 {
			t.Errorf("%s sees the strip", role)
		}
		if p := c.Get("/overview/stream"); p.Status != http.StatusForbidden {
			t.Errorf("%s reads the stream: %d", role, p.Status)
		}
	}
	if p := h.Nobody().Get("/overview/stream"); p.Status != http.StatusSeeOther {
		t.Errorf("nobody reads the stream: %d", p.Status)
	}
	h.Client("worker").Get("/overview").Hides(t, "KI-System eintragen", "18.400")
	h.Client("ai_officer").Get("/overview").Shows(t, "KI-System eintragen")
}

func TestQueries(t *testing.T) {
	h := house(t)
	life(h)
	for _, role := range []string{"director", "safety", "ai_officer", "worker"} {
		c := h.Client(role)
		c.Get("/overview") // the first readings are made
		frame := c.Get("/plain").Queries
		if n := c.Get("/overview").Queries - frame; n > 5 {
			t.Errorf("%s: %d queries, 5 is the limit", role, n)
		}
	}
}

func TestEmptyHouse(t *testing.T) {
	h := house(t)
	for _, l := range showtest.Langs {
		p := h.Client("director").In(l).Get("/overview")
		if p.Status != 200 || p.Doc.Has("#running table") {
			t.Errorf("%s: %d", l, p.Status)
		}
	}
	h.Client("director").Get("/overview").Shows(t, "Noch läuft nichts", "Noch keine Entscheidung", "Noch kein Anwendungsfall")
}

// A decision reaches an open page, and the stream ends with its reader.
func TestStream(t *testing.T) {
	h := house(t)
	id := h.Permitted("Fräslinie").ID
	url := h.Serve()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/werk/overview/stream", nil)
	h.Must(err)
	for _, cookie := range h.Client("director").Cookies {
		r.AddCookie(cookie)
	}
	resp, err := http.DefaultClient.Do(r)
	h.Must(err)
	defer func() { _ = resp.Body.Close() }()
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), ":") {
		t.Fatalf("no sign of life: %q", lines.Text())
	}
	index := h.Decide(id, 0.81)
	var got strings.Builder
	for lines.Scan() && (lines.Text() != "" || got.Len() == 0) {
		got.WriteString(lines.Text() + "\n")
	}
	for _, want := range []string{"id: ", "data: <tr", "Fräslinie", "an Menschen", "Sicherheit 0,81", show.Index(ui.Ctx{}, index)} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the event lacks %q:\n%s", want, got.String())
		}
	}
	leave()
	for lines.Scan() { // ends with an error, and does not hang
	}
}

// follower is a stream over the house's journal that writes into b.
func follower(h *showtest.House, b *strings.Builder) *follow {
	return &follow{c: ui.Ctx{Lang: text.DE, Texts: h.Site.Texts, OrgPath: "/werk"}, journal: h.Org.Journal, names: show.People{}, out: b,
		flush: func() error { return nil }, alive: func(context.Context) bool { return true }, heartbeat: time.Hour}
}

// A busy line sends one event with the newest rows, not a thousand.
func TestBatchIsBounded(t *testing.T) {
	h := house(t)
	id := h.Permitted("Fräslinie").ID
	for range 40 {
		h.Decide(id, 0.9)
	}
	var b strings.Builder
	f := follower(h, &b)
	h.Must(f.batch(t.Context()))
	if n := strings.Count(b.String(), "<tr"); n != atOnce {
		t.Errorf("%d rows, want %d", n, atOnce)
	}
	if n := strings.Count(b.String(), "id: "); n != 1 {
		t.Errorf("%d events", n)
	}
	if f.from != h.Org.Journal.Size() {
		t.Errorf("goes on at %d of %d", f.from, h.Org.Journal.Size())
	}
	b.Reset()
	h.Must(f.batch(t.Context()))
	if b.Len() != 0 {
		t.Errorf("nothing new, and it said %q", b.String())
	}
}

// A session that ended ends the stream at the next sign of life.
func TestStreamEndsWithTheSession(t *testing.T) {
	h := house(t)
	h.Settle()
	var b strings.Builder
	f := follower(h, &b)
	f.heartbeat, f.from = time.Millisecond, h.Org.Journal.Size()
	beats := 0
	f.alive = func(context.Context) bool { beats++; return beats < 3 }
	h.Must(f.run(t.Context()))
	if beats != 3 || strings.Count(b.String(), ": still here") != 2 {
		t.Errorf("%d beats, said %q", beats, b.String())
	}
}

// What a browser has seen is not sent again, and what it missed is, as far back
// as the strip goes.
func TestStreamGoesOn(t *testing.T) {
	h := house(t)
	h.Settle()
	size := h.Org.Journal.Size()
	at := func(query, last string) uint64 {
		r, err := http.NewRequest(http.MethodGet, "/werk/overview/stream?"+query, nil)
		h.Must(err)
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		return start(&page.Request{Site: h.Site, R: r})
	}
	for _, one := range []struct {
		query, last string
		want        uint64
	}{{"", "", size}, {"from=1", "", 1}, {"from=1", "2", 3}, {"from=999999", "", size}, {"from=x", "-1", size}, {"", "99999999", size}} {
		if got := at(one.query, one.last); got != one.want {
			t.Errorf("%+v starts at %d", one, got)
		}
	}
}

func TestWording(t *testing.T) { showtest.Wording(t, Texts) }
