package guide_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"

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
	base := h.Serve()
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

// Both wizards with a browser and the keyboard alone (criteria 32, 33).
func TestBrowser(t *testing.T) {
	h := open(t)
	id := tool(h, "Schichtplanvorschlag")
	tab, base := enter(t, h, "ai_officer")
	tab.Open(base + "/systems/" + id + "/identify")
	look(tab, "identify-first")
	tab.Click("input[name=answer][value=yes]")
	tab.Follow("form#step button.main")
	// The next question has the focus; one tab further are its answers.
	tab.WaitFor("#step-title")
	tab.WaitUntil("document.activeElement.id === 'step-title'")
	tab.Press(kb.Tab)
	for webtest.Eval[string](tab, "document.activeElement.name") != "answer" {
		if !webtest.Eval[bool](tab, "document.activeElement.matches('summary, .more *')") {
			t.Fatalf("tab leads to %q", webtest.Eval[string](tab, "document.activeElement.outerHTML.slice(0, 80)"))
		}
		tab.Press(kb.Tab)
	}
	look(tab, "identify-second")
	tab.Follow("form#step button.main")
	tab.WaitFor(".summary")
	look(tab, "identify-wrong")
	for tab.Has("form#step") {
		tab.Click("input[name=answer][value=unknown]")
		tab.Follow("form#step button.main")
	}
	look(tab, "identify-unclear")
	for item, value := range map[string]string{"kid-b4": "yes", "kid-c1": "yes", "kid-d3": "yes", "kid-e1": "no", "kid-e2": "yes", "kid-d5": "yes"} {
		tab.Open(base + "/systems/" + id + "/identify?q=" + item)
		tab.Click("input[name=answer][value=" + value + "]")
		tab.Follow("form#step button.main")
	}
	look(tab, "identify-preview")
	tab.Follow("form#save button.main")
	said(tab, "Das Ergebnis ist gespeichert.")
	look(tab, "identify-saved")

	tab.Open(base + "/systems/" + id + "/classify")
	look(tab, "classify-practices")
	for tab.Has("form#step") {
		fact := tab.Value("form#step input[name=q]")
		for _, v := range works[3].say[fact] {
			tab.Click("input[name=answer][value=" + v + "]")
		}
		if fact == "worker_basis" || fact == "product" || fact == "consequence" {
			look(tab, "classify-"+fact)
		}
		tab.Follow("form#step button.main")
	}
	look(tab, "classify-unclear")
	tab.Follow("form#save button.main")
	said(tab, "Die Einstufung ist gespeichert.")
	look(tab, "classify-saved")
	tab.Open(base + "/systems/" + id + "/classify?q=worker_basis")
	tab.Click("input[name=answer][value=planning]")
	tab.Follow("form#step button.main")
	tab.Click("#save-sheet summary")
	look(tab, "classify-preview")
}
