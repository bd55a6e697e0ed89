package approval_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var (
	browser webtest.Browser
	screens = flag.String("screens", "", "folder for pictures of every page")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// enter serves the pages to a browser in which the person of a role is signed
// in, and returns the tab and the address of the organisation.
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
	base := strings.Replace(h.Serve(), "127.0.0.1", "localhost", 1) // passkeys need a name
	tab.Open(base + "/enter")
	return tab, base + "/werk"
}

// look checks the page, in every width and theme with pictures when asked; a
// quick run takes narrow and dark or wide and light by turns.
func look(tab *webtest.Tab, name string) {
	tab.T.Helper()
	turn := len(name)%2 == 0
	for _, width := range []int{1440, 1024, 390} {
		for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
			quick := map[bool]bool{true: width == 390 && scheme == webtest.Dark, false: width == 1440 && scheme == webtest.Light}[turn]
			if *screens == "" && !quick {
				continue
			}
			tab.Emulate(width, 900, scheme)
			tab.Check()
			if *screens != "" {
				tab.Screenshot(filepath.Join(*screens, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)))
			}
		}
	}
	tab.Emulate(1440, 900, webtest.Light)
}

// said fails unless the page says something once.
func said(tab *webtest.Tab, words string) {
	tab.T.Helper()
	tab.WaitFor(".notice")
	if got := tab.Text(".notice"); got != words {
		tab.T.Errorf("the page says %q, not %q", got, words)
	}
}

// Approving, withdrawing and approving again with a browser, by keyboard where
// it matters (criteria 32, 33).
func TestBrowser(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie: Ausfallvorhersage")
	h.Approve(id, "director")
	tab, base := enter(t, h, "safety")
	tab.Open(base + "/systems/" + id + "/approve")
	look(tab, "approve-none")
	tab.Fill("textarea[name=remark]", "Bitte nach drei Monaten noch einmal ansehen.")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("form#approve button[name=role]")
	said(tab, "Ihre Freigabe ist unterschrieben.")
	look(tab, "approve-valid")
	h.Clock.Add(time.Minute)
	tab.Follow("#given a.btn.stop")
	look(tab, "withdraw-why")
	tab.WaitUntil("document.activeElement.name === 'why'") // the reason has the focus
	tab.Fill("textarea[name=why]", "so")
	tab.Follow("form#withdraw button[type=submit]")
	tab.WaitFor(".summary")
	look(tab, "withdraw-wrong")
	tab.Fill("textarea[name=why]", "Neue Schutzhaube, die Anordnung wird neu geprüft.")
	tab.Follow("form#withdraw button[type=submit]")
	tab.WaitFor("form#withdraw button.stop")
	look(tab, "withdraw-sure")
	tab.Follow("form#withdraw button.stop")
	tab.WaitFor(".permit.off")
	look(tab, "approve-suspended")
}
