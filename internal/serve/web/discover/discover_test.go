package discover_test

import (
	"flag"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/inquiry"
	"augenmass/internal/serve/public/intake"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/discover"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

var (
	browser webtest.Browser
	screens = flag.String("screens", "", "folder for pictures of the pages")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func open(t testing.TB) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{discover.Texts, account.Texts, door.Texts, intake.Texts, inquiry.Texts}, discover.Routes(), account.Routes(), intake.Routes(), inquiry.Routes())
}

func TestWording(t *testing.T) { showtest.Wording(t, discover.Texts) }

// Rows 003-04, 004-20: the walk has twelve places; what is ticked leads to the
// software that may be there, to drafts and to the form; lead scoring, selection
// of applicants and customer contact stand in a list of their own.
func TestWalkThroughTwelvePlaces(t *testing.T) {
	h := open(t)
	h.System("Fahrzeug-Telematik", nil)
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/discover?place=5&place=8&place=99")
	if p.Status != http.StatusOK || p.Queries > 5 {
		t.Fatalf("status %d, %d queries", p.Status, p.Queries)
	}
	if n := len(p.Doc.All("input[name=place]")); n != 12 {
		t.Errorf("%d places, want 12", n)
	}
	if !p.Doc.Has("a[href=/werk/systems/new?name=Kamera-+und+Zutrittssysteme]") || !p.Doc.Has("a[href=/werk/software/new?product=sw.vehicle]") || !p.Doc.Has("a[href=/werk/drafts/drf.vehicle]") {
		t.Error("a ticked place leads to no form, no software or no draft")
	}
	p.Shows(t, "2 Einträge fürs Register", "Im Register ansehen: Fahrzeug-Telematik", "steht schon im Register", "Lead-Bewertung", "Bewerbungen vorsortieren", "Chat- oder Telefonbot")
	for place := range 12 { // every place leads somewhere
		p := officer.Get("/systems/discover?place=" + string(rune('0'+(place+1)%10)))
		if place >= 9 {
			p = officer.Get("/systems/discover?place=1" + string(rune('0'+place-9)))
		}
		if !strings.Contains(p.Body, "/werk/software/new?product=") {
			t.Errorf("place %d leads to no software", place+1)
		}
	}
	p = h.Client("shift_lead").Get("/systems/discover?place=8")
	p.Shows(t, "Eintragen kann: KI-Beauftragte.")
	if strings.Contains(p.Body, "/systems/new") || strings.Contains(p.Body, "/software/new") {
		t.Error("a role that registers nothing gets the link")
	}
	officer.In(text.EN).Get("/systems/discover?place=2").Shows(t, "Where is AI already?", "1 entry for the register", "Lead scoring")
}

// Rows 003-45, 003-47: the catalogue names at least thirty families with the AI
// label of each function; what is ticked stands above it.
func TestCatalogueToTick(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/software")
	if p.Status != http.StatusOK || p.Queries > 5 {
		t.Fatalf("status %d, %d queries", p.Status, p.Queries)
	}
	if n := strings.Count(p.Body, "/werk/software/new?product="); n < 30 {
		t.Errorf("%d families", n)
	}
	p.Shows(t, "Office 365", "SAP, Workday", "Lagerverwaltung", "Touren- und Routenplanung", "KI-Kennzeichen", "typisch, beim Lieferanten prüfen", "oft KI", "Noch nichts angekreuzt")
	if p := officer.Get("/systems/software?q=lead"); !strings.Contains(p.Body, "Lead-Bewertung") || strings.Contains(p.Body, "sw.building") {
		t.Error("the search finds too much or too little")
	}
	form := officer.Get("/software/new?product=sw.crm")
	form.Shows(t, "Ist „Lead-Bewertung“ bei Ihnen an?", "Ist „Lead-Bewertung“ als KI gekennzeichnet?")
	bad := officer.Post("/software/new", "product", "sw.crm", "name", "", "team", "Vertrieb", "state.sw.crm.lead", "on")
	if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, "Vertrieb") {
		t.Errorf("%d: what was typed is lost", bad.Status)
	}
	done := officer.Post("/software/new", "product", "sw.crm", "name", "Kundenbuch 7", "team", "Vertrieb", "chosen", "yes", "state.sw.crm.lead", "on", "marked.sw.crm.lead", "no", "state.sw.crm.sales", "off")
	if done.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	at := strings.TrimPrefix(strings.Split(done.Location, "?")[0], "/werk")
	show := officer.Get(at)
	if show.Queries > 5 {
		t.Errorf("%d queries", show.Queries)
	}
	show.Shows(t, "Kundenbuch 7", "an", "Im Produkt als KI gekennzeichnet: nein", "abgeschaltet", "Lieferanten fragen")
	edit := officer.Get(at + "/edit")
	if !edit.Doc.Has("input[name=revision]") {
		t.Error("no revision")
	}
	if p := officer.Post(at+"/edit", "revision", "0", "name", "Kundenbuch 8", "team", "Vertrieb"); p.Status != http.StatusConflict {
		t.Errorf("an old revision: %d", p.Status)
	}
	if p := officer.Post(at+"/edit", "revision", "1", "name", "Kundenbuch 8", "team", "Vertrieb", "state.sw.crm.lead", "off"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	officer.Get("/systems/software").Shows(t, "Kundenbuch 8", "0 von 3")
	for _, path := range []string{"/software/new?product=nix", "/software/sft_nix"} {
		if p := officer.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

// Row 000-06: one press on a draft makes a filled entry; the pages say what to
// know before and after.
func TestDraftInOnePress(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	list := officer.Get("/systems/drafts")
	list.Shows(t, "Chatbot für Fragen von außen", "Vorhersage von Bedarf oder Absatz", "Bilderkennung mit Menschen im Bild", "Unterstützung einer Entscheidung")
	if n := len(list.Doc.All("form[method=post]")); n < 14 {
		t.Errorf("%d buttons", n)
	}
	done := officer.Post("/drafts/drf.chatbot")
	if done.Status != http.StatusSeeOther || !strings.Contains(done.Location, "/start") {
		t.Fatalf("%d %s", done.Status, done.Location)
	}
	all, err := h.Org.Inventory.Systems.List(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	if len(all.Items) != 1 || len(all.Items[0].Doc.Missing()) != 0 || all.Items[0].Doc.RiskOwner != h.People["ai_officer"].ID {
		t.Fatalf("%+v", all.Items)
	}
	start := officer.Get("/systems/" + all.Items[0].ID + "/start")
	if start.Queries > 5 {
		t.Errorf("%d queries", start.Queries)
	}
	start.Shows(t, "Chatbot für Fragen von außen", "Sie schreiben mit einem Programm, das mit KI arbeitet.", "Übergabe an einen Menschen", "Risikoklasse bestimmen")
	if p := officer.Post("/drafts/drf.nix"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
	byHand := h.System("Von Hand", nil)
	if p := officer.Get("/systems/" + byHand.ID + "/start"); p.Status != http.StatusNotFound {
		t.Errorf("an entry made by hand has a start: %d", p.Status)
	}
}

// Rows 003-07, 003-08, 003-10, 003-21, 003-22: each case says what its row asks.
func TestWhatDraftsSay(t *testing.T) {
	h := open(t)
	worker := h.Client("worker")
	for id, says := range map[string][]string{
		"drf.smartphone":   {"15 Arten", "Standort", "Kontakte", "Geräte- und Werbekennung", "Gesundheit und Fitness", "Suche nach WLAN und Bluetooth abschalten."},                 // 003-07
		"drf.vehicle":      {"Fahrverhalten", "Auskunft: Die Person am Steuer", "Rechte der Betroffenen", "Privatschalter", "§ 87"},                                                 // 003-08
		"drf.product":      {"Sie wären Anbieter nach der KI-Verordnung.", "Pflichten, die dazugehören:", "2023/2854", "Art. 3"},                                                    // 003-10
		"drf.shift":        {"Beschäftigung: Aufgaben nach Verhalten", "Mitbestimmung:", "Anhang III Nr. 4 b", "§ 87"},                                                              // 003-21
		"drf.customer-bot": {"Sie sprechen mit einem Programm, das mit KI arbeitet.", "Über eine Ablehnung entscheidet immer ein Mensch.", "übernimmt der Kundendienst", "Art. 50"}, // 003-22
	} {
		p := worker.Get("/drafts/" + id)
		if p.Status != http.StatusOK {
			t.Errorf("%s: %d", id, p.Status)
			continue
		}
		for _, s := range says {
			if !strings.Contains(p.Doc.Text(), s) {
				t.Errorf("%s does not say %q", id, s)
			}
		}
		if strings.Contains(p.Body, `method="post" action="/werk/drafts`) {
			t.Error("a worker gets the button")
		}
	}
}

// Row 003-20: the time saving is marked as a forecast and a claim; the actual
// value is entered and stands beside it.
func TestForecastBesideActual(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	officer.Get("/drafts/drf.invoice").Shows(t, "Prognose, Behauptung", "Zeit je Rechnung: 70 % weniger", "in diesem Betrieb nicht gemessen")
	done := officer.Post("/drafts/drf.invoice")
	at := strings.TrimPrefix(strings.Split(done.Location, "?")[0], "/werk")
	officer.Get(at).Shows(t, "Prognose, Behauptung", "70 % weniger", "noch nicht gemessen")
	for _, bad := range [][]string{{"actual", "viel", "how", "Stoppuhr"}, {"actual", "40", "how", ""}} {
		p := officer.Post(at, append(bad, "figure", "time", "revision", "1")...)
		if p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", bad, p.Status)
		}
	}
	if p := officer.Post(at, "figure", "time", "revision", "1", "actual", "38,5", "how", "Stoppuhr, 200 Rechnungen"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	officer.Get(at).Shows(t, "Prognose, Behauptung", "70 % weniger", "38,5 % weniger", "Stoppuhr, 200 Rechnungen")
	auditor := h.Client("auditor")
	if p := auditor.Get(at); p.Status != http.StatusOK || strings.Contains(p.Body, "name=\"actual\"") {
		t.Errorf("auditor: %d", p.Status)
	}
	if p := auditor.Post(at, "figure", "time", "revision", "2", "actual", "1", "how", "x"); p.Status != http.StatusForbidden {
		t.Errorf("auditor measures: %d", p.Status)
	}
}

// A tip comes without an account, becomes an entry, and the colleague sees it.
func TestTipOnThePages(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	officer.Get("/systems/tips").Shows(t, "Es gibt noch keinen Link.", "Noch kein Hinweis")
	if p := officer.Post("/systems/tips"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	link, ok, err := h.Org.Discover.Link(h.As("ai_officer"), h.Org.DB)
	h.Must(err)
	if !ok || !strings.Contains(officer.Get("/systems/tips").Body, link.Doc.Code) {
		t.Fatal("the link is not shown")
	}
	receipt, err := h.Org.Discover.Tell(h.As(""), link.Doc.Code, room.Tip{What: "Übersetzer im Netz", Where: "Einkauf", Purpose: "Angebote", People: "no", Contact: "Ana 4711"})
	h.Must(err)
	list := officer.Get("/systems/tips")
	list.Shows(t, "Übersetzer im Netz", "neu")
	tips, err := h.Org.Discover.Tips.List(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	at := "/tips/" + tips.Items[0].ID
	officer.Get(at).Shows(t, "Ana 4711", "Ins Register", "Ohne Eintrag schließen")
	h.Client("council").Get(at).Hides(t, "Ana 4711")
	if p := h.Client("council").Post(at+"/register", "draft", ""); p.Status != http.StatusForbidden {
		t.Errorf("council registers: %d", p.Status)
	}
	if p := h.Client("worker").Get("/systems/tips"); p.Status != http.StatusForbidden {
		t.Errorf("worker reads tips: %d", p.Status)
	}
	if p := officer.Post(at+"/close", "revision", "1", "reason", " "); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("closed without a reason: %d", p.Status)
	}
	if p := officer.Post(at+"/register", "draft", "drf.staff-tool"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	officer.Get(at).Shows(t, "im Register", "Eintrag ansehen")
	if got, _, _ := h.Org.Discover.Told(h.As(""), link.Doc.Code, receipt); got.Status != room.TipRegistered {
		t.Errorf("%+v", got)
	}
	if p := officer.Post(at+"/close", "revision", "2", "reason", "doch nicht"); p.Status != http.StatusConflict {
		t.Errorf("handled twice: %d", p.Status)
	}
}

// Row 003-47: a letter is written, sent by a link that is shown once, reminded,
// answered, taken over, and leaves as PDF.
func TestLetterOnThePages(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	sys := h.System("Kundenbewertung", func(s *inventory.System) { s.People = true })
	form := officer.Get("/inquiries/new?system=" + sys.ID)
	form.Shows(t, "Es geht um: Kundenbewertung", "Enthält das Produkt KI-Funktionen, welche?")
	vals := url.Values{"system": {sys.ID}, "subject": {"Kundenbuch 7"}, "language": {"de"}, "due": {"2026-12-20"}, "own": {"Wer haftet?"}, "recipient": {"support@anbieter.example"}}
	for _, in := range form.Doc.All("input[name=questions]") {
		vals.Add("questions", in.Attrs["value"])
	}
	if p := officer.PostForm("/inquiries/new", url.Values{"system": {sys.ID}, "subject": {"x"}, "language": {"de"}, "due": {""}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no day, no question: %d", p.Status)
	}
	done := officer.PostForm("/inquiries/new", vals)
	if done.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	at := strings.TrimPrefix(strings.Split(done.Location, "?")[0], "/werk")
	officer.Get(at).Shows(t, "nicht verschickt", "Wer haftet?", "support@anbieter.example")
	sent := officer.Post(at+"/send", "revision", "1", "days", "30")
	link := sent.Doc.One("#link")
	if link == nil || sent.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("no link: %s", sent.Body)
	}
	_, path, _ := strings.Cut(link.Text(), "/werk")
	token := strings.TrimSuffix(strings.TrimPrefix(path, "/inquiry/"), "?lang=de")
	if again := officer.Get(at); strings.Contains(again.Body, token) {
		t.Error("the link is shown twice")
	}
	if p := officer.Post(at+"/step", "revision", "2", "step", "remind"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	officer.Get(at).Shows(t, "Erinnert", "verschickt")
	if p := h.Nobody().Post("/inquiry/"+token, "choice.kid-c1", "yes", "answer.own.1", "Wir.", "who", "Produktmanagement"); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.Body)
	}
	officer.Get(at).Shows(t, "beantwortet", "Wir.", "Produktmanagement", "Antworten in die Identifikation übernehmen")
	if p := officer.Post(at+"/step", "revision", "4", "step", "adopt"); p.Status != http.StatusSeeOther {
		t.Errorf("%d %s", p.Status, p.Body)
	}
	pdf := h.Client("auditor").Get(at + "/letter.pdf")
	if pdf.Status != http.StatusOK || !strings.HasPrefix(pdf.Body, "%PDF") || !strings.Contains(pdf.Header.Get("Content-Disposition"), "vendor-letter.pdf") {
		t.Errorf("%d %s", pdf.Status, pdf.Header)
	}
	for _, c := range []struct{ role, path string }{{"auditor", at + "/send"}, {"council", at + "/step"}, {"shift_lead", "/inquiries/new"}} {
		if p := h.Client(c.role).Post(c.path, "revision", "5", "step", "end"); p.Status != http.StatusForbidden {
			t.Errorf("%s posts %s: %d", c.role, c.path, p.Status)
		}
	}
}

// A refusal is recorded by hand, and a letter that waits too long is named.
func TestLetterThatIsNotAnswered(t *testing.T) {
	h := open(t)
	ctx := h.As("ai_officer")
	o, err := h.Org.Discover.Compose(ctx, "", 0, room.Inquiry{Subject: "Kundenbuch 7", Language: "de", Due: h.Clock.Now().AddDate(0, 0, 5), Questions: room.Own("Ist es KI?", text.DE)})
	h.Must(err)
	_, o, err = h.Org.Discover.Send(ctx, o.ID, o.Revision, 0)
	h.Must(err)
	h.Clock.Add(6 * 24 * 3600e9)
	officer := h.Client("ai_officer")
	officer.Get("/systems/inquiries").Shows(t, "1 Brief wartet länger als vereinbart.", "wartet zu lange", "0 von 1")
	at := "/inquiries/" + o.ID
	if p := officer.Post(at+"/step", "revision", "2", "step", "refuse", "refusal", ""); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no reason: %d", p.Status)
	}
	if p := officer.Post(at+"/step", "revision", "2", "step", "refuse", "refusal", "Keine Auskunft am Telefon"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	officer.Get(at).Shows(t, "Antwort verweigert", "Keine Auskunft am Telefon")
	if p := officer.Post(at+"/step", "revision", "3", "step", "dance"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown step: %d", p.Status)
	}
}

// The main pages in a browser: no fault of axe, no side scroll, nothing missing.
func TestBrowser(t *testing.T) {
	h := open(t)
	ctx := h.As("ai_officer")
	tick, err := h.Org.Discover.Tick(ctx, "", 0, room.Software{Product: "sw.crm", Name: "Kundenbuch 7", Team: "Vertrieb", Functions: []room.FunctionUse{{Function: "sw.crm.lead", State: room.On}}})
	h.Must(err)
	made, err := h.Org.Discover.Begin(ctx, room.Beginning{Draft: "drf.invoice", Lang: text.DE, Owner: h.People["ai_officer"].ID})
	h.Must(err)
	link, err := h.Org.Discover.RenewLink(ctx)
	h.Must(err)
	_, err = h.Org.Discover.Tell(ctx, link.Doc.Code, room.Tip{What: "Übersetzer im Netz", Where: "Einkauf", Purpose: "Angebote", People: "unknown"})
	h.Must(err)
	tips, err := h.Org.Discover.Tips.List(ctx, h.Org.DB, store.Query{})
	h.Must(err)
	all, err := h.Org.Discover.Questions(ctx, h.Org.DB, room.Asking{Software: tick.ID})
	h.Must(err)
	letter, err := h.Org.Discover.Compose(ctx, "", 0, room.Inquiry{Subject: "Kundenbuch 7", Software: tick.ID, Language: "de", Due: h.Clock.Now().AddDate(0, 0, 5), Questions: all})
	h.Must(err)
	tab, base := enter(t, h, "ai_officer")
	for n, path := range []string{"/systems/discover?place=2&place=3", "/systems/software", "/software/new?product=sw.hr", "/software/" + tick.ID, "/systems/drafts", "/drafts/drf.smartphone",
		"/systems/" + made.ID + "/start", "/systems/tips", "/tips/" + tips.Items[0].ID, "/systems/inquiries", "/inquiries/new?software=" + tick.ID, "/inquiries/" + letter.ID} {
		width, scheme := 1440, webtest.Light
		if n%2 == 1 {
			width, scheme = 390, webtest.Dark
		}
		tab.Emulate(width, 900, scheme)
		tab.Open(base + path)
		tab.Check()
		if *screens != "" {
			tab.Screenshot(filepath.Join(*screens, "discover-"+strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(path), "-")+".png"))
		}
	}
}
