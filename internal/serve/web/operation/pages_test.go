package operation_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/ledger"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func TestWording(t *testing.T) { showtest.Wording(t, operation.Texts) }

// No page asks the database more than five times, whatever it lists.
func TestQueries(t *testing.T) {
	h := newHouse(t)
	h.watch()
	id, decision := h.open(content(), nil)
	for range 20 {
		h.open(content(), nil)
		h.Decide(h.system, 0.95)
	}
	h.Settle()
	safety := h.Client("safety")
	safety.Get("/bare") // the session is in memory from now on
	frame := safety.Get("/bare").Queries
	for _, path := range []string{"/operation", "/operation/cases?scope=mine", "/operation/cases?scope=all&system=" + h.system, "/operation/cases/" + id,
		"/operation/cases/" + id + "?reveal=yes", "/operation/systems/" + h.system + "/stop", "/operation/decisions", "/operation/decisions?outcome=released&day=2026-11-21",
		"/operation/decisions/" + decision, "/operation/plant"} {
		p := safety.Get(path)
		if p.Status != http.StatusOK || p.Queries-frame > 5 {
			t.Errorf("%s: status %d, %d queries beside the frame's %d", path, p.Status, p.Queries-frame, frame)
		}
	}
}

// The area opens with what waits for the reader; who may see less is led to
// what they may see.
func TestHome(t *testing.T) {
	h := newHouse(t)
	for role, to := range map[string]string{"admin": "/werk/operation/decisions", "council": "/werk/operation/plant", "worker": "/werk/operation/plant"} {
		if p := h.Client(role).Get("/operation"); p.Status != http.StatusSeeOther || p.Location != to {
			t.Errorf("%s is led to %q (%d)", role, p.Location, p.Status)
		}
	}
	lead := h.Client("shift_lead")
	lead.Get("/operation").Shows(t, "Auf Sie wartet nichts", "erscheint der Fall hier mit seiner Frist")
	near, _ := h.open(content(), func(i *entry.Inference) { i.Case.Due = h.Clock.Now().Add(9*time.Minute + 30*time.Second) })
	far := h.case1()
	p := lead.Get("/operation")
	doors := p.Doc.All("a.door")
	if len(doors) != 2 || doors[0].Attrs["href"] != "/werk/operation/cases/"+near || doors[1].Attrs["href"] != "/werk/operation/cases/"+far {
		t.Fatalf("%d doors, nearest deadline first", len(doors))
	}
	if s := doors[0].Text(); !strings.Contains(s, "bald fällig") || !strings.Contains(s, "Frist 14:11, noch 9 min") || !strings.Contains(s, "Sicherheit 0,81") {
		t.Errorf("the door says %q", s)
	}
	if p.Doc.Has("#waiting") {
		t.Error("the same cases are listed twice")
	}
	lead.Post("/operation/cases/"+near, "verdict", "second", "revealed", "no")
	p = lead.Get("/operation")
	if len(p.Doc.All("a.door")) != 1 || len(p.Doc.All("#waiting tbody tr")) != 2 {
		t.Error("a case that was handed on still waits for the same person, or is gone")
	}
	p.Shows(t, "wartet auf zweite Person")
	h.Client("safety").In(text.EN).Get("/operation").Shows(t, "Waiting for you", "second person", "9 min left")
	if p := h.Client("director").Get("/operation"); p.Doc.Has("#mine") || len(p.Doc.All("#waiting tbody tr")) != 2 {
		t.Error("the director sees what waits, and nothing waits for them")
	}
}

func TestCaseList(t *testing.T) {
	h := newHouse(t)
	for range 55 {
		h.Clock.Add(time.Second)
		h.open(content(), nil)
	}
	h.Clock.Add(time.Minute)
	last := h.case1()
	lead := h.Client("shift_lead")
	lead.Post("/operation/cases/"+last, "verdict", "confirm", "revealed", "yes")
	p := lead.Get("/operation/cases")
	if rows := p.Doc.All("#cases tbody tr"); len(rows) != 50 || !strings.Contains(rows[0].Text(), "bestätigt") {
		t.Errorf("%d rows, newest first", len(rows))
	}
	p.Shows(t, "50 von 56")
	next := p.Doc.One("a[rel=next]").Attrs["href"]
	p = lead.Get(strings.TrimPrefix(next, "/werk"))
	if n := len(p.Doc.All("#cases tbody tr")); n != 6 || !p.Doc.Has("a[rel=first]") {
		t.Errorf("%d rows on the second page", n)
	}
	p = lead.Get("/operation/cases?scope=due&system=" + h.system)
	p.Shows(t, "Kein Prüffall in dieser Auswahl")
	if p := lead.Get("/operation/cases?scope=theirs"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown selection: %d", p.Status)
	}
	if p := lead.Get("/operation/cases?cursor=nonsense"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown cursor: %d", p.Status)
	}
	if p := h.Client("worker").Get("/operation/cases"); p.Status != http.StatusForbidden {
		t.Errorf("a worker lists cases: %d", p.Status)
	}
}

// The stop button is two clicks away from the desk, works with one tap, keeps
// what was typed, and only those whom the table of roles names may lift it
// (AI Act Art. 14(4)(e)).
func TestStopAndResume(t *testing.T) {
	h := newHouse(t)
	lead := h.Client("shift_lead")
	desk := lead.Get("/operation/cases/" + h.case1())
	link := desk.Doc.One("a.stop").Attrs["href"]
	stop := strings.TrimPrefix(link, "/werk")
	p := lead.Get(stop)
	p.Shows(t, "System anhalten", system, "Die Maschine selbst hält dadurch nicht an.", "Geschäftsführung, KI-Beauftragte und Arbeitssicherheit")
	tap := p.Doc.One("button[name=reason]").Attrs["value"]

	if p := lead.Post(stop, "reason", "Halt"); p.Status != http.StatusUnprocessableEntity || p.Doc.One("#halt-reason").Text() != "Halt" {
		t.Errorf("a reason of one word: %d", p.Status)
	}
	p = lead.Post(stop, "reason", "", "reason", tap)
	if p.Status != http.StatusSeeOther || p.Location != "/werk/operation/plant?system="+h.system+"&said=operation.stopped" {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	if !h.Org.Oversee.Stopped(h.system) {
		t.Fatal("the system still runs")
	}
	if pm, _ := h.Org.Point.Permit(h.system); pm.State != "suspended" {
		t.Errorf("the permit is %s", pm.State)
	}
	p = lead.Get("/operation/plant?system=" + h.system)
	p.Shows(t, "Dieses System ist angehalten", "ruht")
	if p.Doc.Has("a[href=/werk/operation/systems/" + h.system + "/resume]") {
		t.Error("a shift lead is offered to lift the stop")
	}
	resume := "/operation/systems/" + h.system + "/resume"
	if p := lead.Post(resume, "reason", "Die Ursache ist gefunden und behoben."); p.Status != http.StatusForbidden {
		t.Errorf("a shift lead lifts the stop: %d", p.Status)
	}
	lead.Get("/operation/cases/"+h.case1()).Shows(t, "Dieses System ist angehalten")

	officer := h.Client("ai_officer")
	officer.Get("/operation/plant?system="+h.system).Shows(t, "Wieder anlaufen lassen")
	if p := officer.Post(resume, "reason", "Die Ursache ist gefunden und behoben."); p.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", p.Status, p.Body)
	}
	if h.Org.Oversee.Stopped(h.system) {
		t.Error("the system is still stopped")
	}
	p = officer.Post(resume, "reason", "Und gleich noch einmal.")
	if p.Status != http.StatusConflict || p.Doc.One("#halt-reason").Text() != "Und gleich noch einmal." {
		t.Errorf("lifted twice: %d", p.Status)
	}
	p.Shows(t, "Dieses System ist nicht gestoppt.")
}

// Whom the table of roles does not name is refused on the page and on the
// form, and a system that is not there is not stopped.
func TestWhoMayStop(t *testing.T) {
	h := newHouse(t)
	for _, role := range []string{"council", "auditor", "admin", "worker"} {
		c := h.Client(role)
		for _, way := range []string{"stop", "resume"} {
			path := "/operation/systems/" + h.system + "/" + way
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s sees %s: %d", role, way, p.Status)
			}
			if p := c.Post(path, "reason", "Ich möchte das einfach so."); p.Status != http.StatusForbidden {
				t.Errorf("%s posts %s: %d", role, way, p.Status)
			}
		}
		if h.Client(role).Get("/operation/plant?system=" + h.system).Doc.Has("a.stop") {
			t.Errorf("%s is offered to stop", role)
		}
	}
	if h.Org.Oversee.Stopped(h.system) {
		t.Error("somebody stopped it all the same")
	}
	size := h.Org.Journal.Size()
	lead := h.Client("director")
	if p := lead.Post("/operation/systems/sys_0/stop", "reason", "Die Vorschläge sind offensichtlich falsch."); p.Status != http.StatusNotFound {
		t.Errorf("an unknown system: %d", p.Status)
	}
	if p := lead.Get("/operation/systems/sys_0/stop"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown system: %d", p.Status)
	}
	for rec, err := range h.Org.Journal.Entries(context.Background(), size, h.Org.Journal.Size()) {
		h.Must(err)
		if strings.Contains(string(rec.Entry), entry.TypeStopped) {
			t.Error("a stop of nothing stands in the journal")
		}
	}
}

func TestDecisionList(t *testing.T) {
	h := newHouse(t)
	for n := range 60 {
		h.Decide(h.system, 0.90+float64(n)/1000)
	}
	h.Clock.Add(14 * time.Hour) // the next day in Berlin, still the same in UTC until midnight
	denied := h.Decide(h.system, -1)
	low := h.Decide(h.system, 0.71)
	h.Settle()
	auditor := h.Client("auditor")
	p := auditor.Get("/operation/decisions")
	p.Shows(t, "50 von 62", "Gerade jetzt", "Freigabe zurückgezogen", "Sicherheit 0,71 < 0,85", "#"+strconv.FormatUint(low, 10))
	first := p.Doc.One("#decisions tbody tr")
	if a := first.All("a"); len(a) != 2 || !strings.HasPrefix(a[0].Attrs["href"], "/werk/operation/decisions/dec_") || a[1].Attrs["href"] != "/werk/proof/journal/"+strconv.FormatUint(low, 10) {
		t.Error("a row does not lead to its decision and to its entry")
	}
	if !p.Doc.Has("#strip-rows[hx-sse:connect=/werk/operation/stream]") {
		t.Error("the strip is not live")
	}
	second := auditor.Get(strings.TrimPrefix(p.Doc.One("a[rel=next]").Attrs["href"], "/werk"))
	if n := len(second.Doc.All("#decisions tbody tr")); n != 12 || second.Doc.Has("#strip") {
		t.Errorf("%d rows on the second page", n)
	}
	for query, want := range map[string]int{
		"outcome=denied": 1, "outcome=escalated": 1, "code=confidence.low": 1, "code=approval.withdrawn&outcome=escalated": 0, "system=" + h.system: 50, "system=sys_0": 0,
		"day=2026-11-21": 50, "day=2026-11-22": 2, "day=2026-11-22&outcome=denied": 1,
	} {
		p := auditor.Get("/operation/decisions?" + query)
		if n := len(p.Doc.All("#decisions tbody tr")); n != want || p.Doc.Has("#strip") {
			t.Errorf("%s: %d rows, want %d", query, n, want)
		}
	}
	p = auditor.Get("/operation/decisions?outcome=released&day=2026-11-21")
	if !p.Doc.Has("option[value=released][selected]") || p.Doc.One("input[name=day]").Attrs["value"] != "2026-11-21" {
		t.Error("the filter forgets what was chosen")
	}
	if next := p.Doc.One("a[rel=next]").Attrs["href"]; !strings.Contains(next, "outcome=released") || !strings.Contains(next, "day=2026-11-21") {
		t.Errorf("the next page forgets the filter: %s", next)
	}
	for _, bad := range []string{"outcome=lost", "day=tomorrow", "cursor=x"} {
		if p := auditor.Get("/operation/decisions?" + bad); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, p.Status)
		}
	}
	for _, role := range []string{"council", "worker"} {
		for _, path := range []string{"/operation/decisions", "/operation/stream", "/operation/decisions/dec_0"} {
			if p := h.Client(role).Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
	}
	auditor.In(text.EN).Get("/operation/decisions?outcome=denied").Shows(t, "Approval withdrawn", "denied", "#"+strconv.FormatUint(denied, 10))
}

// A decision says in words everything that its entry holds.
func TestDecisionShow(t *testing.T) {
	h := newHouse(t)
	id, decision := h.open(content(), func(i *entry.Inference) {
		bias, margin := 0.031, 0.012
		i.Bias, i.BiasMargin, i.Limits.Bias, i.Defects = &bias, &margin, 0.1, 2
		i.Reasons = append(i.Reasons, entry.Reason{Code: "approval.withdrawn", Clauses: []string{"iso42001.A.6.2.5"}})
	})
	h.Client("shift_lead").Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes")
	h.Settle()
	p := h.Client("auditor").Get("/operation/decisions/" + decision)
	p.Shows(t, "an Menschen", "Ein Mensch wurde gefragt.", "Sicherheit 0,81 liegt unter 0,85.", "ZTA-05", "Freigabe zurückgezogen", "42001 A.6.2.5",
		"0,812", "mindestens 0,85", "nicht eingehalten", "0,061", "höchstens 0,10", "Bis 0,091 reicht der Zufall.", "0,031", "± 0,012", "bestätigt",
		"ausfall-1 1.2.0", "1,8 ms", "2 Werte fehlten oder waren unbrauchbar", "fertigung", "BE-2026-0001", "Fassung 1", "läuft", "hmac-sha256:", "sha256:11", "liegt verschlüsselt im Tresor", decision)
	p.Hides(t, "wkl_1", "Deniz Kaya")
	if !p.Doc.Has("#outcome a[href^]") && !strings.Contains(p.Body, `href="/werk/proof/journal/`) {
		t.Error("the decision does not lead to its entry")
	}
	if !p.Doc.Has("a[href=/werk/operation/cases/" + id + "]") {
		t.Error("the decision does not lead to its case")
	}
	admin := h.Client("admin").Get("/operation/decisions/" + decision)
	if admin.Status != http.StatusOK || admin.Doc.Has("#review") {
		t.Errorf("who may not see cases sees one (%d)", admin.Status)
	}
	if p := h.Client("auditor").Get("/operation/decisions/dec_0"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown decision: %d", p.Status)
	}
	unmeasured := h.Decide(h.system, -1)
	h.Settle()
	row, err := h.Org.Trail.Latest(context.Background(), "", 1)
	h.Must(err)
	if row[0].Index != int64(unmeasured) {
		t.Fatal("the latest decision is another one")
	}
	h.Client("auditor").In(text.EN).Get("/operation/decisions/"+row[0].ID).Shows(t, "Nothing went out, and nobody was asked.", "not measured", "not asked", "Approval withdrawn")
}

// The stream sends decisions as rows, and only decisions, as they are
// journaled; ids let a browser say what it saw last.
func TestStream(t *testing.T) {
	h := newHouse(t)
	other := h.System("Kameraprüfung", nil).ID
	base := h.Serve()
	read := func(query string) *bufio.Scanner {
		c := h.Client("director")
		ctx, end := context.WithCancel(t.Context())
		t.Cleanup(end)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/werk/operation/stream"+query, nil)
		h.Must(err)
		for _, cookie := range c.Cookies {
			r.AddCookie(cookie)
		}
		res, err := http.DefaultClient.Do(r)
		h.Must(err)
		t.Cleanup(func() { _ = res.Body.Close() })
		if ct := res.Header.Get("Content-Type"); ct != "text/event-stream" {
			t.Fatalf("content type %q", ct)
		}
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() && lines.Text() != ": open" {
		}
		return lines
	}
	event := func(lines *bufio.Scanner) (id, data string) {
		for lines.Scan() {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "id: "):
				id = line[4:]
			case strings.HasPrefix(line, "data: "):
				data += line[6:]
			case line == "" && data != "":
				return id, data
			}
		}
		t.Fatal("the stream ended")
		return "", ""
	}
	all, one := read(""), read("?system="+url.QueryEscape(other))
	h.case1() // an inference, and what a case brings with it is none
	first := h.Decide(h.system, 0.97)
	mine := h.Decide(other, 0.33)
	id, data := event(all)
	if !strings.Contains(data, "an Menschen") {
		t.Errorf("the first row is %s %s", id, data)
	}
	if id, data = event(all); id != strconv.FormatUint(first, 10) || !strings.Contains(data, "Fräslinie") || !strings.Contains(data, "Sicherheit 0,97") || !strings.Contains(data, `<tr role="row" id="entry-`+id) {
		t.Errorf("%s %s", id, data)
	}
	if id, data = event(one); id != strconv.FormatUint(mine, 10) || !strings.Contains(data, "Kameraprüfung") {
		t.Errorf("the stream of one system sends %s %s", id, data)
	}
}

func TestPlant(t *testing.T) {
	h := newHouse(t)
	worker := h.Client("worker")
	worker.Get("/operation/plant").Shows(t, "fertigung", "unbekannt", "keine", "nein, ein Mensch entscheidet", "ohne Vergleichsdaten", "gültig")
	h.Must(h.Org.Plant.Signal(t.Context(), "fertigung", "running", h.Clock.Now()))
	p := worker.Get("/operation/plant")
	p.Shows(t, "läuft", "gerade eben")
	p.Hides(t, "unbekannt")
	h.Clock.Add(5 * time.Minute)
	worker.Get("/operation/plant").Shows(t, "unbekannt", "läuft, vor 5 min", "nein, ein Mensch entscheidet")

	h.watch()
	h.System("Altes System", func(s *inventory.System) { s.LifeCycle = inventory.Retired })
	p = h.Client("safety").Get("/operation/plant")
	p.Shows(t, "100 von 100 Zeilen", "höchstens 0,10", "darüber", "ausfall-1 1.2.0", "200 Zeilen", "torque", "tool_wear", "Zufallsgrenze", "Jensen-Shannon", "Ganzes System anhalten")
	p.Hides(t, "Altes System")
	if !p.Doc.Has("svg.drift") || len(p.Doc.All("#features tbody tr")) != 2 {
		t.Error("no chart, or not every feature")
	}
	second := h.System("Kameraprüfung", nil).ID
	p = h.Client("safety").In(text.EN).Get("/operation/plant?system=" + second)
	p.Shows(t, "without reference data", "Stop the whole system")
	if p.Doc.Has("svg.drift") {
		t.Error("a chart of nothing")
	}
}

// A stream ends the moment the session is revoked or the role is lost, not at
// the next sign of life; others go on, and the end stands in the journal.
func TestStreamEndsWithItsFacts(t *testing.T) {
	h := newHouse(t)
	base := h.Serve()
	open := func(role string) *bufio.Scanner {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/werk/operation/stream", nil)
		h.Must(err)
		for _, cookie := range h.Client(role).Cookies {
			r.AddCookie(cookie)
		}
		res, err := http.DefaultClient.Do(r)
		h.Must(err)
		t.Cleanup(func() { _ = res.Body.Close() })
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() && lines.Text() != ": open" {
		}
		return lines
	}
	ends := func(what string, lines *bufio.Scanner) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == ": alive" {
				t.Fatalf("%s: the stream ended only after a sign of life", what)
			}
		}
	}
	director, lead, safety := open("director"), open("shift_lead"), open("safety")
	if n := h.Org.Point.Live(); n != 3 {
		t.Fatalf("%d live accesses", n)
	}
	h.Must(h.Org.Identity.RevokeAll(h.As(""), h.People["director"].ID, ""))
	ends("session revoked", director)
	person, err := identity.Persons().Get(h.As(""), h.Org.DB, h.People["shift_lead"].ID)
	h.Must(err)
	person.Doc.Roles = []roles.Role{roles.Worker}
	_, err = h.Org.Identity.UpdatePerson(h.As(""), person.ID, person.Revision, person.Doc)
	h.Must(err)
	ends("role lost", lead)
	if n := h.Org.Point.Live(); n != 1 {
		t.Errorf("%d accesses live on", n)
	}
	h.Decide(h.system, 0.97)
	if !safety.Scan() {
		t.Error("the third stream ended too")
	}
	ended := map[string]string{}
	for from := uint64(0); len(ended) < 2; {
		size := h.Org.Journal.Size()
		for rec, err := range h.Org.Journal.Entries(t.Context(), from, size) {
			h.Must(err)
			e, err := ledger.Decode(rec.Entry)
			h.Must(err)
			if e.Type == entry.TypeAccessEnded {
				a, err := entry.ParseAccessEnded(e.Data)
				h.Must(err)
				ended[a.Who.ID] = a.Reasons[0].Code
			}
		}
		if from = size; len(ended) < 2 {
			h.Must(h.Org.Journal.Wait(t.Context(), from))
		}
	}
	for _, role := range []string{"director", "shift_lead"} {
		if code := ended[h.People[role].ID]; code != "session.ended" {
			t.Errorf("%s ended by %q", role, code)
		}
	}
}
