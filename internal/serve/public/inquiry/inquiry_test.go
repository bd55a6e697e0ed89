package inquiry_test

import (
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"augenmass/internal/govern/discover"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/inquiry"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func open(t testing.TB) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{door.Texts, inquiry.Texts}, inquiry.Routes())
}

// sent is a letter that is out, with the address of its page.
func sent(h *showtest.House) (string, store.Object[discover.Inquiry]) {
	h.T.Helper()
	ctx := h.As("ai_officer")
	tick, err := h.Org.Discover.Tick(ctx, "", 0, discover.Software{Product: "sw.crm", Name: "Kundenbuch 7", Team: "Geheimes Team", Note: "intern 4711",
		Functions: []discover.FunctionUse{{Function: "sw.crm.lead", State: discover.On}}})
	h.Must(err)
	all, err := h.Org.Discover.Questions(ctx, h.Org.DB, discover.Asking{Software: tick.ID})
	h.Must(err)
	all = append(all, discover.Own("Wer haftet?", text.DE)...)
	o, err := h.Org.Discover.Compose(ctx, "", 0, discover.Inquiry{Subject: "Kundenbuch 7", Software: tick.ID, Recipient: "support@anbieter.example", Language: "de", Questions: all, Due: h.Clock.Now().AddDate(0, 0, 30)})
	h.Must(err)
	token, o, err := h.Org.Discover.Send(ctx, o.ID, o.Revision, 60)
	h.Must(err)
	return "/inquiry/" + token, o
}

func TestWording(t *testing.T) {
	showtest.Wording(t, inquiry.Texts, door.Texts)
	texttest.Manners(t, inquiry.Texts, texttest.Page)
}

// Row 003-47: a vendor answers by link, without an account, once; the page says
// nothing of the house but its name and its questions.
func TestAnswer(t *testing.T) {
	h := open(t)
	at, o := sent(h)
	vendor := h.Nobody()
	p := vendor.Get(at)
	if p.Status != http.StatusOK || p.Queries > 5 || p.Doc.Has("script") || p.Header.Get("Set-Cookie") != "" || p.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("status %d, %d queries", p.Status, p.Queries)
	}
	p.Shows(t, "Fragen zu KI in Kundenbuch 7", "Lead-Bewertung", "Wer haftet?", "Metallbau Muster")
	p.Hides(t, "Geheimes Team", "intern 4711", "support@anbieter.example", o.ID, "Sabine Keller")
	vendor.Get(at+"?lang=en").Shows(t, "Questions on AI in Kundenbuch 7", "Lead scoring", "Wer haftet?")
	if p := vendor.Post(at, "who", "Niemand"); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "mindestens eine Frage") {
		t.Errorf("%d", p.Status)
	}
	long := vendor.Post(at, "answer.own.1", strings.Repeat("x", 4001))
	if long.Status != http.StatusUnprocessableEntity || !strings.Contains(long.Body, "xxxx") {
		t.Errorf("%d: what was typed is lost", long.Status)
	}
	done := vendor.Post(at, "choice.kid-c1", "yes", "answer.kid-c1", "Mit Vertriebsdaten.", "answer.own.1", "Wir.", "who", "Produktmanagement")
	done.Shows(t, "Ihre Antworten sind da.")
	done.Hides(t, "Vertriebsdaten")
	vendor.Get(at).Shows(t, "Ihre Antworten sind da.")
	if p := vendor.Post(at, "answer.own.1", "Nachtrag"); p.Status != http.StatusConflict {
		t.Errorf("answered twice: %d", p.Status)
	}
	got, err := h.Org.Discover.Inquiries.Get(h.As("ai_officer"), h.Org.DB, o.ID)
	h.Must(err)
	if r, _ := got.Doc.Reply("own.1"); got.Doc.Status != discover.InquiryAnswered || r.Text != "Wir." {
		t.Errorf("%+v", got.Doc)
	}
}

func TestRefusal(t *testing.T) {
	h := open(t)
	at, o := sent(h)
	if p := h.Nobody().Post(at, "refusal", " "); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", p.Status)
	}
	h.Nobody().Post(at, "refusal", "Geschäftsgeheimnis").Shows(t, "Ihre Absage ist eingetragen.")
	got, err := h.Org.Discover.Inquiries.Get(h.As("ai_officer"), h.Org.DB, o.ID)
	h.Must(err)
	if got.Doc.Refusal != "Geschäftsgeheimnis" {
		t.Errorf("%+v", got.Doc)
	}
}

// Links that are wrong, renewed, past their day or another organisation's get
// the same answer.
func TestLinksThatDoNotOpen(t *testing.T) {
	h := open(t)
	old, o := sent(h)
	_, _, err := h.Org.Discover.Send(h.As("ai_officer"), o.ID, o.Revision, 5)
	h.Must(err)
	theirs, _ := sent(open(t))
	past, _ := sent(h)
	h.Clock.Add(61 * 24 * 3600e9)
	var first string
	for _, bad := range []string{old, theirs, past, "/inquiry/nix", "/inquiry/" + strings.Repeat("x", 65)} {
		p := h.Nobody().Get(bad)
		text := p.Doc.One("main").Text()
		if first == "" {
			first = text
		}
		if p.Status != http.StatusNotFound || text != first {
			t.Errorf("%s: %d %q", bad, p.Status, text)
		}
		if p := h.Nobody().Post(bad, "answer.own.1", "x"); p.Status != http.StatusNotFound {
			t.Errorf("post %s: %d", bad, p.Status)
		}
	}
	status := 0
	for n := range 40 {
		if status = h.Nobody().Get(fmt.Sprintf("/inquiry/x%d", n)).Status; status == http.StatusTooManyRequests {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Error("guessing is not slowed down")
	}
}

// No fault of axe, readable at 320 px, without script, at most 100 kB.
func TestInABrowser(t *testing.T) {
	h := open(t)
	at, _ := sent(h)
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	for _, v := range []struct {
		width  int
		scheme webtest.Scheme
	}{{390, webtest.Dark}, {1440, webtest.Light}} {
		tab.Emulate(v.width, 844, v.scheme)
		tab.Open(base + at)
		tab.Check()
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
	fresh.Fill("textarea[name='answer.own.1']", "Wir.")
	fresh.Submit("form#answer")
	fresh.WaitFor("#done")
}
