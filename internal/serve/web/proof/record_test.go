package proof_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	ledgerproof "augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

// toldHouse is a house whose page shows the state that the pointer holds.
func toldHouse(t *testing.T) (*showtest.House, *org.RecordState) {
	state := &org.RecordState{}
	return showtest.Open(t, []fs.FS{account.Texts, proof.Texts}, account.Routes(),
		proof.RoutesOf(func(*org.Org, context.Context) org.RecordState { return *state })), state
}

// fine is a record in order, in a folder, without witnesses.
func fine() org.RecordState {
	return org.RecordState{At: showtest.Start, Leads: true, HeardAt: showtest.Start, Names: []org.RecordName{{Key: ledgerproof.Key{VKey: "augenmass/werk+1234+k"}, At: showtest.Start}},
		Status: ledger.Status{Size: 1520, Published: 1500, PublishedAt: showtest.Start.Add(-time.Second), Unpublished: 400_000, TailLimit: 12 << 20}}
}

// The page of a real organisation is for those who read the journal, says that
// all is well, and needs no query of its own.
func TestRecord(t *testing.T) {
	h := house(t)
	h.Permitted("Fräslinie")
	h.Settle()
	_, err := h.Org.Journal.Publish(t.Context())
	h.Must(err)
	for role, want := range map[string]int{"director": 200, "ai_officer": 200, "safety": 200, "auditor": 200, "shift_lead": 200, "admin": 200, "council": 403, "worker": 403} {
		if p := h.Client(role).Get("/proof/record"); p.Status != want {
			t.Errorf("%s: %d, want %d", role, p.Status, want)
		}
	}
	c := h.Client("auditor")
	frame := c.Get("/frame").Queries
	h.Settle() // the sign-ins reach the journal a moment later
	p := c.Get("/proof/record")
	if n := p.Queries - frame; n > 5 {
		t.Errorf("%d queries", n)
	}
	p.Shows(t, "Das Journal ist in Ordnung", "augenmass/werk", "gilt jetzt", "Schlüssel ", "Anfang des Journals", "Keine Zeugen", "Ordner auf diesem Server",
		"unter dem Prüfpunkt von 21.11.2026", "Eine einzelne Platte kann nicht versprechen", fmt.Sprint(h.Org.Journal.Size())+" Einträge")
	if !p.Doc.Has("#state .state.ok") || p.Doc.Has(".notice") || p.Doc.Has("#reports") || !p.Doc.Has("#names a[href=/werk/proof/journal/0]") {
		t.Error("a record in order shows trouble, or its name leads nowhere")
	}
	p = c.In(text.EN).Get("/proof/record")
	p.Shows(t, "The journal is in order", "No witnesses", "One disk cannot promise")
	if !c.Get("/proof/journal").Doc.Has("nav a[href=/werk/proof/record]") {
		t.Error("the journal does not lead to its state")
	}
}

// Every trouble is said in words, with what to do, by shape and colour.
func TestTroubledRecord(t *testing.T) {
	h, state := toldHouse(t)
	c := h.Client("director")
	full := problem.New(problem.Unavailable, "Der Datenträger ist voll.", "The disk is full.").WithHint("Bitte Platz schaffen.", "Please make room.").Wrap(errors.New("/srv/secret"))
	for name, x := range map[string]struct {
		kind, de, en string
		change       func(*org.RecordState)
	}{
		"refused": {"stop", "Das Journal nimmt keine Einträge an. Solange das so ist, wird alles verweigert.", "The journal takes no entries.",
			func(s *org.RecordState) { s.Failed = full }},
		"refused by the database": {"stop", "Bitte prüfen Sie die Datenbank; der gemeldete Grund steht unten.", "Please check the database; the reason",
			func(s *org.RecordState) { s.Schema, s.Failed = "agm_werk", full }},
		"unheard": {"stop", "Dieser Knoten hört nichts von der Datenbank.", "This node hears nothing from the database.",
			func(s *org.RecordState) { s.Schema, s.Unheard = "agm_werk", true }},
		"forked": {"stop", "Ein Zeuge widerspricht", "A witness contradicts",
			func(s *org.RecordState) { s.Witnesses = []witness.State{{Name: "nord", Forked: true}} }},
		"ahead": {"stop", "Ein Zeuge kennt ein längeres Journal als dieses.", "A witness knows a longer journal than this one.",
			func(s *org.RecordState) { s.Witnesses = []witness.State{{Name: "nord", Ahead: 2000}} }},
		"unsigned": {"warn", "Das Veröffentlichen scheitert.", "Publishing fails.",
			func(s *org.RecordState) { s.PublishErr, s.PublishedAt = full, showtest.Start.Add(-time.Hour) }},
	} {
		*state = fine()
		x.change(state)
		p := c.In(text.DE).Get("/proof/record")
		p.Shows(t, "Das Journal braucht Sie", x.de)
		if !p.Doc.Has("#state .state."+x.kind) || len(p.Doc.All(".notice")) != 1 {
			t.Errorf("%s: wrong state", name)
		}
		c.In(text.EN).Get("/proof/record").Shows(t, "The journal needs you", x.en)
	}
	*state = fine()
	state.Failed = full
	for l, want := range map[text.Lang]string{text.DE: "Der Datenträger ist voll. Bitte Platz schaffen.", text.EN: "The disk is full. Please make room."} {
		p := c.In(l).Get("/proof/record")
		if got := p.Doc.One("#reports dd"); got == nil || got.Text() != want || got.Attrs["lang"] != string(l) {
			t.Errorf("reported: %+v", got)
		}
		p.Hides(t, "/srv/secret")
	}
}

// Each witness stands for itself; what it claims counts more than its silence.
func TestWitnesses(t *testing.T) {
	h, state := toldHouse(t)
	*state = fine()
	state.Witnesses = everyWitness()
	state.Witnessed, state.WitnessedAt = 1500, showtest.Start
	c := h.Client("auditor")
	p, en := c.Get("/proof/record"), c.In(text.EN).Get("/proof/record")
	p.Shows(t, "1 von 6 haben den letzten Prüfpunkt gegengezeichnet", "Genug Zeugen haben alles Veröffentlichte gegengezeichnet")
	p.Hides(t, "Ohne Zeugen")
	rows, enRows := p.Doc.All("#witnesses tbody tr"), en.Doc.All("#witnesses tbody tr")
	if len(rows) != 6 {
		t.Fatalf("%d witnesses", len(rows))
	}
	for i, want := range []struct{ name, kind, de, en string }{
		{"nord.example", "ok", "gegengezeichnet", "cosigned"},
		{"sued.example", "none", "steht aus", "due"},
		{"haus.example", "warn", "antwortet nicht", "does not answer"},
		{"amt.example", "warn", "zeichnet nicht gegen", "does not cosign"},
		{"ost.example", "stop", "kennt ein längeres Journal", "knows a longer journal"},
		{"west.example", "stop", "widerspricht", "contradicts"},
	} {
		mark := rows[i].One(".state." + want.kind)
		if rows[i].One("th").Text()[:len(want.name)] != want.name || mark == nil || mark.Text() != want.de {
			t.Errorf("%s: %s", want.name, rows[i].Text())
		}
		if mark := enRows[i].One(".state." + want.kind); mark == nil || mark.Text() != want.en {
			t.Errorf("%s: %s", want.name, enRows[i].Text())
		}
	}
	p.Shows(t, "haus.example Post", "connection refused", `the witness answers 403: "unknown key"`)
	p.Shows(t, "Gegengezeichnet hat er 1.710 Einträge, hier stehen 1.520. Eine wiederhergestellte alte Kopie?")
	state.Witnessed = 1400
	c.In(text.DE).Get("/proof/record").Shows(t, "bis 1.400 Einträge. Das Journal geht ohne sie weiter.")
	state.Witnessed = 0
	c.Get("/proof/record").Shows(t, "noch nicht genug Zeugen")
}

func everyWitness() []witness.State {
	gone := &url.Error{Op: "Post", URL: "https://haus.example/add-checkpoint", Err: errors.New("connection refused")}
	at := showtest.Start.Add(-time.Second)
	return []witness.State{
		{Name: "nord.example", URL: "https://nord.example", Size: 1500, At: at},
		{Name: "sued.example", URL: "https://sued.example", Size: 1480, At: at},
		{Name: "haus.example", URL: "https://haus.example", Size: 900, At: at.Add(-time.Hour), Err: gone},
		{Name: "amt.example", URL: "https://amt.example", Err: errors.New(`the witness answers 403: "unknown key"`)},
		{Name: "ost.example", URL: "https://ost.example", Ahead: 1710, Err: errors.New("the witness says that it cosigned 1710 entries of this journal, which has 1500")},
		{Name: "west.example", URL: "https://west.example", Forked: true, Err: gone},
	}
}

// A restored journal names its predecessor; a changed key says so.
func TestNamesOfTheJournal(t *testing.T) {
	h, state := toldHouse(t)
	*state = fine()
	state.Names = append(state.Names, org.RecordName{Key: ledgerproof.Key{Since: 700, VKey: "augenmass/werk+5678+k"}, At: showtest.Start},
		org.RecordName{Key: ledgerproof.Key{Since: 1234, VKey: "augenmass/werk/2+9abc+k"}})
	c := h.Client("auditor")
	rows := c.Get("/proof/record").Doc.All("#names tbody tr")
	if len(rows) != 3 {
		t.Fatalf("%d names", len(rows))
	}
	for i, want := range []string{
		"augenmass/werk/2 Schlüssel 9abc, gilt jetzt Eintrag #1.234 Aus einer Sicherung wiederhergestellt. Vorgänger: augenmass/werk",
		"augenmass/werk Schlüssel 5678 Eintrag #700 21.11.2026, 14:02 Der Schlüssel wurde gewechselt; der alte hat den neuen unterschrieben.",
		"augenmass/werk Schlüssel 1234 Eintrag #0 21.11.2026, 14:02 Anfang des Journals",
	} {
		if got := rows[i].Text(); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
	c.In(text.EN).Get("/proof/record").Shows(t, "Predecessor: augenmass/werk", "The key was changed")
	state.Names = state.Names[1:]
	c.Get("/proof/record").Shows(t, "Earlier keys were in use before.")
}

// On PostgreSQL the page says which part this node has.
func TestNodes(t *testing.T) {
	h, state := toldHouse(t)
	c := h.Client("director")
	*state = fine()
	state.Schema, state.TailLimit = "agm_werk", 0
	p := c.Get("/proof/record")
	p.Shows(t, "PostgreSQL, Schema agm_werk", "führt Er veröffentlicht die Prüfpunkte für alle.", "entscheidet die Datenbank")
	p.Hides(t, "führt nicht", "postgres://")
	state.Leads, state.PublishedAt = false, time.Time{}
	p = c.Get("/proof/record")
	p.Shows(t, "führt nicht", "Das Veröffentlichen besorgt der Knoten, der führt.", "Das Journal ist in Ordnung", "Die Zeugen fragt der Knoten, der führt")
	p.Hides(t, "Keine Zeugen", "Ohne Zeugen")
	if !p.Doc.Has("#place .state.none") {
		t.Error("a node that does not lead is no fault")
	}
	c.In(text.EN).Get("/proof/record").Shows(t, "does not lead", "decided by the database")
	state.Leads = true
	c.In(text.DE).Get("/proof/record").Shows(t, "vor dem letzten Start, seitdem nichts Neues")
	state.Size = 7 // a node may know of a checkpoint before it knows of the entries
	if got := c.Get("/proof/record"); got.Status != 200 {
		t.Errorf("%d", got.Status)
	}
}

// In a real browser, in order and in every trouble at once, nothing offends axe
// or scrolls sideways. AUGENMASS_PICTURES names a folder for pictures.
func TestRecordInBrowser(t *testing.T) {
	h, state := toldHouse(t)
	*state = fine()
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "auditor")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	look := func(name string) {
		t.Helper()
		tab.Open(base + "/proof/record")
		for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
			for _, width := range []int{1440, 390} {
				tab.Emulate(width, 900, scheme)
				tab.Check()
				if dir := os.Getenv("AUGENMASS_PICTURES"); dir != "" {
					tab.Screenshot(filepath.Join(dir, fmt.Sprintf("record-%s-%d-%s.png", name, width, scheme)))
				}
			}
		}
		tab.Emulate(320, 900, webtest.Light)
		tab.NoSideScroll()
	}
	look("fine")
	state.Witnesses = everyWitness()
	state.Schema, state.Unheard, state.Failed, state.PublishErr = "agm_werk", true,
		problem.New(problem.Unavailable, "Das Journal lässt sich nicht auf den Datenträger schreiben.", "The journal cannot be written to the disk."), errors.New("x")
	state.PublishedAt = showtest.Start.Add(-time.Hour)
	state.Names = append(state.Names, org.RecordName{Key: ledgerproof.Key{Since: 1234, VKey: "augenmass/werk/2+9abc+k"}, At: showtest.Start})
	look("troubled")
}
