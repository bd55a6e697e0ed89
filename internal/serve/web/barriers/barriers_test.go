package barriers_test

import (
	"io/fs"
	"net/http"
	"os"
	"testing"
	"time"

	"augenmass/internal/serve/web/barriers"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func house(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{barriers.Texts}, barriers.Routes())
}

func TestWording(t *testing.T) { showtest.Wording(t, barriers.Texts) }

// 003-06: the question about obstacles, its trend by quarter; nothing is shown of
// fewer than five, and nobody answers twice a quarter.
func TestTrendOfObstacles(t *testing.T) {
	h := house(t)
	const at = "/people/obstacles"
	give := func(role string, named ...string) {
		t.Helper()
		var pairs []string
		for _, n := range named {
			pairs = append(pairs, "obstacles", n)
		}
		if p := h.Client(role).Post(at, pairs...); p.Status != 303 {
			t.Fatalf("%s: %d", role, p.Status)
		}
	}
	h.Client("worker").Get(at).Shows(t, "Noch keine Antworten", "ab 5 Antworten")
	everybody := []string{"worker", "council", "director", "ai_officer"}
	for _, role := range everybody {
		give(role, "skills")
	}
	p := h.Client("council").Get(at)
	p.Shows(t, "weniger als 5 Antworten")
	p.Hides(t, "4 von 4")
	give("worker", "funding") // a second time: not counted
	h.Client("council").Get(at).Shows(t, "weniger als 5 Antworten")
	give("safety", "funding", "skills")
	h.Client("council").Get(at).Shows(t, "5 von 5", "1 von 5", "0 von 5")
	give("shift_lead", "privacy") // the sixth alone would show what one person said
	p = h.Client("council").Get(at)
	p.Shows(t, "5 von 5", "0 von 5")
	p.Hides(t, "von 6")

	h.Clock.Add(92 * 24 * time.Hour)
	for _, role := range append(everybody, "safety") {
		give(role, "privacy")
	}
	q := h.Client("auditor").Get(at)
	q.Shows(t, "Q", "5 von 5")
	if n := len(q.Doc.All("#trend thead th")); n != 3 {
		t.Errorf("%d columns", n)
	}
	if q.Doc.Has("form#ask") {
		t.Error("an auditor is asked")
	}
	if p := h.Client("auditor").Post(at, "obstacles", "skills"); p.Status != 403 {
		t.Errorf("an auditor answers: %d", p.Status)
	}
	if p := h.Client("shift_lead").Post(at, "obstacles", "weather"); p.Status != 422 && p.Status != 400 {
		t.Errorf("an obstacle that is not on offer: %d", p.Status)
	}
}

// The page in a browser: axe, narrow and wide.
func TestBrowser(t *testing.T) {
	h := house(t)
	tab := browser.Tab(t)
	client := h.Client("worker")
	mux := http.NewServeMux()
	mux.HandleFunc("/enter", func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range client.Cookies {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
		}
	})
	mux.Handle("/", h.Pages)
	h.Pages = mux
	base := h.Serve()
	tab.Open(base + "/enter")
	tab.Open(base + "/werk/people/obstacles")
	tab.Check()
	tab.Emulate(390, 844, webtest.Dark)
	tab.Click("input[value=skills]")
	tab.Follow("form#ask button.main")
	tab.WaitFor(".notice")
	tab.Check()
}
