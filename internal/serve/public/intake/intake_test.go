package intake_test

import (
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/intake"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text/texttest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// open is a house with its link.
func open(t testing.TB) (*showtest.House, string) {
	t.Helper()
	h := showtest.Open(t, []fs.FS{door.Texts, intake.Texts}, intake.Routes())
	link, err := h.Org.Discover.RenewLink(h.As("ai_officer"))
	h.Must(err)
	return h, "/intake/" + link.Doc.Code
}

func TestWording(t *testing.T) {
	showtest.Wording(t, intake.Texts, door.Texts)
	texttest.Manners(t, intake.Texts, texttest.Worker)
}

// Row 003-04: a colleague reports without an account and sees later what became
// of it. No script, no cookie, nothing kept but what was written.
func TestReport(t *testing.T) {
	h, at := open(t)
	nobody := h.Nobody()
	p := nobody.Get(at)
	if p.Status != http.StatusOK || p.Queries > 5 || p.Doc.Has("script") || p.Header.Get("Set-Cookie") != "" {
		t.Fatalf("status %d, %d queries, cookie %q", p.Status, p.Queries, p.Header.Get("Set-Cookie"))
	}
	nobody.Get(at+"?lang=en").Shows(t, "Report AI", "Does it rate people?")
	bad := nobody.Post(at, "what", "Übersetzer", "where", "", "purpose", "", "people", "")
	if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, "Übersetzer") {
		t.Errorf("%d: what was typed is lost", bad.Status)
	}
	done := nobody.Post(at, "what", "Übersetzer", "where", "Einkauf", "purpose", "Angebote", "people", "unknown", "contact", "Ana 4711")
	code := done.Doc.One("#code")
	if done.Status != http.StatusOK || code == nil || done.Header.Get("Set-Cookie") != "" {
		t.Fatalf("%d %s", done.Status, done.Body)
	}
	done.Hides(t, "Ana 4711")
	nobody.Post(at, "receipt", code.Text()).Shows(t, "Er wird noch geprüft.")
	nobody.Post(at, "receipt", "abcdabcd").Shows(t, "Zu diesem Code gibt es keinen Hinweis.")
	tips, err := h.Org.Discover.Tips.List(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	if len(tips.Items) != 1 || tips.Items[0].CreatedBy != "" && strings.HasPrefix(tips.Items[0].CreatedBy, "usr_") {
		t.Fatalf("%+v", tips.Items)
	}
	_, err = h.Org.Discover.CloseTip(h.As("ai_officer"), tips.Items[0].ID, 1, "Ein Wörterbuch, keine KI.")
	h.Must(err)
	nobody.Post(at, "receipt", strings.ToUpper(code.Text())).Shows(t, "Er ist geschlossen.", "Ein Wörterbuch, keine KI.")
	if notice := nobody.Get(at + "?said=discover.closed"); notice.Doc.Has(".notice") {
		t.Error("a notice came from the address")
	}
}

// The contact is personal: it never reaches the journal.
func TestContactStaysOutOfTheJournal(t *testing.T) {
	h, at := open(t)
	h.Nobody().Post(at, "what", "Übersetzer", "where", "Einkauf", "purpose", "Angebote", "people", "no", "contact", "Ana-Kontakt-4711")
	h.Settle()
	for r, err := range h.Org.Journal.Entries(h.As(""), 0, h.Org.Journal.Size()) {
		h.Must(err)
		if strings.Contains(string(r.Entry), "Ana-Kontakt-4711") {
			t.Fatal("the journal holds the contact")
		}
	}
}

// A link that is wrong, renewed or another organisation's gets the same answer;
// many of them wait, and nobody's link is closed by it.
func TestLinksThatDoNotOpen(t *testing.T) {
	h, at := open(t)
	h.Nobody().Get(at)
	other, theirs := open(t)
	_ = other
	_, err := h.Org.Discover.RenewLink(h.As("ai_officer"))
	h.Must(err)
	link, _, err := h.Org.Discover.Link(h.As("ai_officer"), h.Org.DB)
	h.Must(err)
	fresh := "/intake/" + link.Doc.Code
	h.Nobody().Get(fresh)
	var first string
	for _, bad := range []string{at, theirs, "/intake/nix", "/intake/" + strings.Repeat("x", 65)} {
		p := h.Nobody().Get(bad)
		text := p.Doc.One("main").Text()
		if first == "" {
			first = text
		}
		if p.Status != http.StatusNotFound || text != first {
			t.Errorf("%s: %d %q", bad, p.Status, text)
		}
		if p := h.Nobody().Post(bad, "what", "x", "where", "x", "purpose", "x", "people", "no"); p.Status != http.StatusNotFound {
			t.Errorf("post %s: %d", bad, p.Status)
		}
	}
	n, err := h.Org.Discover.Tips.Count(h.As("ai_officer"), h.Org.DB)
	h.Must(err)
	if n != 0 {
		t.Errorf("%d tips through dead links", n)
	}
	status := 0
	for n := range 40 {
		if status = h.Nobody().Get(fmt.Sprintf("/intake/x%d", n)).Status; status == http.StatusTooManyRequests {
			break
		}
	}
	if status != http.StatusTooManyRequests || h.Nobody().Get(fresh).Status != http.StatusOK {
		t.Errorf("%d: guessing is not slowed down, or closes the link", status)
	}
}

// A program that has the link cannot fill the list; a minute later it goes on.
func TestFlood(t *testing.T) {
	h, at := open(t)
	nobody, status := h.Nobody(), 0
	for range 40 {
		if status = nobody.Post(at, "what", "x", "where", "x", "purpose", "x", "people", "no").Status; status == http.StatusTooManyRequests {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Error("tips are not slowed down")
	}
	h.Clock.Add(time.Minute)
	if p := nobody.Post(at, "what", "x", "where", "x", "purpose", "x", "people", "no"); p.Status != http.StatusOK {
		t.Errorf("%d", p.Status)
	}
}

// No fault of axe, targets of 48 px, readable at 320 px, at most 100 kB.
func TestInABrowser(t *testing.T) {
	h, at := open(t)
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	for _, v := range []struct {
		width  int
		scheme webtest.Scheme
		path   string
	}{{390, webtest.Light, at}, {1440, webtest.Dark, at + "?lang=en"}, {390, webtest.Dark, "/intake/nix"}} {
		tab.Emulate(v.width, 844, v.scheme)
		tab.Open(base + v.path)
		tab.Check()
		tab.Targets("body", 48)
	}
	tab.Emulate(320, 600, webtest.Light)
	tab.Open(base + at)
	tab.NoSideScroll()
	fresh := browser.Tab(t)
	fresh.NoScript(true)
	fresh.Open(base + at)
	sum := webtest.Eval[float64](fresh, `performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).reduce((n, e) => n + e.transferSize, 0)`)
	t.Logf("the page takes %.0f bytes with style and typeface", sum)
	if sum <= 0 || sum > 100_000 {
		t.Error("more than 100 kB, or not measured")
	}
	fresh.Fill("input[name=what]", "Übersetzer")
	fresh.Fill("input[name=where]", "Einkauf")
	fresh.Fill("textarea[name=purpose]", "Angebote")
	fresh.Click("input[name=people][value=unknown]")
	fresh.Submit("form#tip")
	fresh.WaitFor("#code")
}
