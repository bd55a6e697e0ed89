package interview_test

import (
	"net/http"
	"os"
	"testing"

	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// enter serves the pages to a browser in which the person of a role is signed in.
func enter(t *testing.T, h *showtest.House, role string) (*webtest.Tab, string) {
	t.Helper()
	tab := browser.Tab(t)
	client := h.Client(role)
	mux := http.NewServeMux()
	mux.HandleFunc("/enter", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "augenmass_language", Value: "de", Path: "/"})
		for _, c := range client.Cookies {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
		}
	})
	mux.Handle("/", h.Pages)
	h.Pages = mux
	base := h.Serve()
	tab.Open(base + "/enter")
	return tab, base + "/werk"
}

// 001-47 with a browser: begin a round, answer, dissent, conclude; axe on every
// page, wide and narrow.
func TestBrowser(t *testing.T) {
	h := house(t)
	at := planner(h)
	tab, base := enter(t, h, "ai_officer")
	tab.Open(base + at)
	tab.Check()
	tab.Click("#begin input[name=depth][value=quick]")
	tab.Follow("form#begin button.main")
	tab.WaitFor("form#answers")
	tab.Check()
	tab.Click("input[name='answers.imp-personal'][value=no]")
	tab.Follow("form#answers button.main")
	tab.WaitFor(".notice")
	tab.Open(base + at + "/section/d")
	tab.Click("input[name='answers.fria-d2'][value=yes]")
	tab.Follow("form#answers button.main")
	tab.WaitFor(".summary")
	tab.Check()
	tab.Emulate(390, 844, webtest.Dark)
	tab.Open(base + at + "/section/d")
	tab.Check()
	walk(t, h, at, "ai_officer", "1")
	tab.Open(base + at)
	tab.Check()
	tab.Fill("#conclude textarea[name=say]", "Der Einsatz ist vertretbar.")
	tab.Follow("form#conclude button.main")
	tab.WaitFor(".notice")
	tab.Check()
}
