package serve

import (
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/webtest"
	"augenmass/knowledge"
)

// reading is a walk of which every page that opens is read once.
type reading struct {
	*webtest.Tab
	words, pages, forms int
}

// wordsPerMinute is our own, cautious figure for silent reading of an unfamiliar
// page.
const wordsPerMinute = 200

// read opens a page, or looks at the one that stands there, and counts its words;
// with parts, only theirs: who reviews a file does not read their own text again.
func (r *reading) read(url string, parts ...string) {
	if url != "" {
		r.Open(url)
	}
	if len(parts) == 0 {
		parts = []string{"main"}
	}
	r.pages++
	for _, css := range parts {
		r.words += len(strings.Fields(webtest.Eval[string](r.Tab, "document.querySelector('"+css+"').innerText")))
	}
}

func (r *reading) send(css string, fields map[string]string) {
	for name, value := range fields {
		r.Fill("input[name="+name+"]", value)
	}
	r.forms++
	r.Follow(css)
}

func (r *reading) minutes() float64 { return float64(r.words) / wordsPerMinute }

// A new AI officer comes from an empty organisation to the gap list with its first
// three steps in at most thirty minutes of reading, and has a catalogue of the
// firm's own imported, reviewed and adopted in five (requirements 001-16, 000-28).
func TestNewOfficer(t *testing.T) {
	var browser webtest.Browser
	t.Cleanup(browser.Close)
	base := empty(t)
	tab := &reading{Tab: browser.Tab(t)}
	const first, own = "Anfang-Kessel-48", "Riemen-Scheibe-52"
	tab.read(base + "/setup")
	tab.send("button.main", map[string]string{"name": "Petra Verwaltung", "sign_in": "petra", "password": first, "again": first})
	tab.read("")
	tab.send("button.main", map[string]string{"name": "Jonas Petersen", "sign_in": "jonas", "password": first})
	tab.read("")
	tab.forms++
	tab.Submit(`form[action$="/sign-out"] button`)
	tab.read(base + "/signin")
	tab.send("button.main", map[string]string{"name": "jonas", "password": first})
	tab.read("")
	tab.send(`form[action$="/account/password"] button.main`, map[string]string{"old": first, "password": own, "again": own})
	tab.read(base + "/duties")
	if n := tab.Count("#steps li"); n < 3 {
		t.Errorf("the page of duties names %d first steps, not three: %.400s", n, tab.Text("main"))
	}
	tab.read(base + "/duties/frameworks/iso-42001")
	t.Logf("gap list after %d pages, %d forms, %d words: %.1f minutes of reading", tab.pages, tab.forms, tab.words, tab.minutes())
	if tab.minutes() > 30 {
		t.Errorf("%d words on the way to the gap list; 30 minutes are %d", tab.words, 30*wordsPerMinute)
	}

	take := &reading{Tab: tab.Tab}
	take.read(base + "/proof/import")
	file := catalogue(t)
	take.Do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	take.send("#import button.main", nil)
	take.read("", "#result", "#adoption", "#review")
	take.send("#adopt button.main", nil)
	take.pages++
	t.Logf("catalogue adopted after %d pages, %d forms, %d words: %.1f minutes of reading", take.pages, take.forms, take.words, take.minutes())
	if take.minutes() > 5 {
		t.Errorf("%d words to adopt a catalogue; 5 minutes are %d", take.words, 5*wordsPerMinute)
	}
	if !strings.Contains(take.Text("main"), "Zugriff") {
		t.Errorf("the adopted catalogue is not shown: %.300s", take.Text("main"))
	}
}

// catalogue is the first customer's, where the public data are, or a short one.
func catalogue(t *testing.T) string {
	t.Helper()
	dir, named := os.LookupEnv("AUGENMASS_SHARED")
	if !named {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	file := filepath.Join(dir, "data", "user-catalogue", "catalogue-as-received.txt")
	if file, err := filepath.Abs(file); err != nil { // the browser has another working folder
		t.Fatal(err)
	} else if _, err := os.Stat(file); err == nil {
		return file
	} else if named {
		t.Fatalf("AUGENMASS_SHARED is given, but cannot be read: %v", err)
	}
	t.Log("the public data are not here; a short catalogue stands in for them")
	file = filepath.Join(t.TempDir(), "katalog.md")
	if err := os.WriteFile(file, []byte(ownCatalogue), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// ownCatalogue is a firm's own list with one clause that is right and one that
// is not.
const ownCatalogue = `# Werkskatalog

| ID | Anforderung | Nachweis | Fundstelle |
|---|---|---|---|
| W-01 | Jeder Zugriff auf ein KI-System wird geprüft. | Protokoll der Zugriffe | ISO/IEC 42001 A.9.2 |
| W-02 | Jede Entscheidung wird aufgezeichnet. | Auszug aus dem Journal | ISO/IEC 42001 A.6.2.8 |
| W-03 | Daten werden nach Ablauf gelöscht. | Löschprotokoll | ISO/IEC 42001 A.99.9 |
`

// empty serves an organisation that nobody has set up yet.
func empty(t *testing.T) (base string) {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	g, err := org.Open(context.Background(), org.Options{Dir: t.TempDir(), Slug: "neu", Name: "Werk Neu", Library: lib,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv.Mount(g)
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		web.Close()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return web.URL + "/neu"
}
