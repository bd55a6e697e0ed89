package gallery_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"augenmass/internal/serve/web/ui"
	"augenmass/internal/serve/web/ui/gallery"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text/longtest"
)

var (
	browser webtest.Browser
	screens = flag.String("screens", "", "folder for pictures of every page of the gallery")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

var pages = []string{"", "charts", "form", "problem", "denied", "result", "open", "bare", "review", "side"}

func serve(t *testing.T) string {
	t.Helper()
	texts, err := ui.Texts(gallery.Texts)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetPath, ui.Assets())
	mux.Handle(gallery.Path, gallery.Handler(texts, t.Errorf))
	srv := httptest.NewServer(ui.Secure(mux))
	t.Cleanup(func() {
		srv.CloseClientConnections() // an open stream would keep Close waiting
		srv.Close()
	})
	return srv.URL + gallery.Path
}

func picture(tab *webtest.Tab, name string) {
	if *screens != "" {
		tab.Screenshot(filepath.Join(*screens, name+".png"))
	}
}

func nameOf(page string) string {
	if page == "" {
		return "components"
	}
	return page
}

// Criteria 14, 32 to 34, on every page, in both languages and themes. Run
// alone it takes every second of the twelve views, so that each page meets each
// width, theme and language; the whole run and pictures take all.
func TestEveryPageIsAccessible(t *testing.T) {
	base := serve(t)
	all := *screens != "" || longtest.Whole()
	for n, lang := range []string{"de", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			tab := browser.Tab(t)
			for _, page := range pages {
				tab.Emulate(1440, 900, webtest.Light)
				tab.Open(base + page + "?lang=" + lang)
				for i, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
					for k, width := range []int{1440, 1024, 390} {
						if !all && (i+k+len(page))%2 != n {
							continue
						}
						tab.Emulate(width, 900, scheme)
						tab.Axe()
						picture(tab, fmt.Sprintf("%s-%d-%s-%s", nameOf(page), width, scheme, lang))
					}
				}
				tab.Emulate(320, 700, webtest.Light)
				tab.NoSideScroll()
				tab.Spoken()
				tab.Quiet()
			}
		})
	}
}

// 200 % zoom is half the window (criterion 33); an open side sheet and an open
// explanation must fit, too.
func TestZoomAndGloves(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	for _, page := range []string{"open", "review", "bare"} {
		tab.Emulate(1024, 768, webtest.Light)
		tab.Open(base + page)
		tab.Targets("main", 48)
		tab.Emulate(512, 384, webtest.Light)
		tab.NoSideScroll()
	}
	tab.Emulate(390, 844, webtest.Light)
	tab.Open(base + "review")
	tab.Targets("body", 48)
}

// The worker card is at most 100 kB with everything it loads.
func TestOpenPagesAreSmall(t *testing.T) {
	base := serve(t)
	tab := browser.Short(t)
	tab.Open(base + "open")
	tab.WaitUntil("document.fonts.status === 'loaded'")
	size := webtest.Eval[int](tab, `performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((n, e) => n + e.encodedBodySize, 0)`)
	if size == 0 || size > 100_000 {
		t.Errorf("the open page loads %d bytes, 100,000 is the limit", size)
	}
	if tab.Has("script") {
		t.Error("the open page loads a script")
	}
}

func TestWithoutScript(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	tab.NoScript(true)
	for _, page := range pages {
		tab.Emulate(390, 844, webtest.Light)
		tab.Open(base + page)
		tab.NoSideScroll()
		tab.Quiet()
	}
	tab.Open(base)
	tab.Click(".menu")
	tab.WaitFor("#rail nav a")
	tab.Open(base + "form")
	tab.Follow(".form button[type=submit]")
	// The browser moves the focus when it draws the page, not when it has it; a
	// page without scripts has no timers to wait with.
	focus := ""
	for range 250 {
		if focus = webtest.Eval[string](tab, "document.activeElement.className"); focus == "summary stop" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if focus != "summary stop" {
		t.Errorf("after a refused form the focus is on %q, want the summary", focus)
	}
	tab.Open(base + "side")
	tab.WaitFor(".side-head")
}

func TestStream(t *testing.T) {
	base := serve(t)
	tab := browser.Short(t)
	tab.Open(base)
	tab.WaitFor("#row-live")
	tab.WaitUntil(`document.querySelector('#decisions-rows').firstElementChild.id === 'row-live'`)
	if n := tab.Count("#decisions-rows tr"); n != 5 {
		t.Errorf("%d rows, want 5: the oldest leave", n)
	}
	before := tab.Text("[data-pause]")
	tab.Click("[data-pause]")
	tab.WaitFor("#decisions-rows[data-paused]")
	if after := tab.Text("[data-pause]"); after == before {
		t.Errorf("the button still says %q", after)
	}
	tab.Quiet()
}

func TestMenuAndSideSheetByKeyboard(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	tab.Emulate(390, 844, webtest.Dark)
	tab.Open(base + "charts")
	tab.Do("focus the menu", chromedp.Focus(chromedp.CSS(".menu")))
	tab.Press(kb.Enter)
	tab.WaitFor("#rail:popover-open")
	tab.Axe()
	picture(tab, "menu-390-dark-de")
	tab.Press(kb.Escape)
	tab.WaitGone("#rail:popover-open")
	tab.Click(".term")
	tab.WaitFor("#term-journal:popover-open")
	tab.Axe()
	picture(tab, "term-390-dark-de")
	tab.Press(kb.Escape)

	tab.Open(base + "side")
	tab.WaitFor("#side h2")
	if focus := webtest.Eval[string](tab, "document.activeElement.tagName"); focus != "H2" {
		t.Errorf("focus is on %s, want the heading of the side sheet", focus)
	}
	tab.Press(kb.Escape)
	tab.WaitGone("#side h2")
	tab.Quiet()
}

// Drafts save themselves; the form works on as if nothing had happened.
func TestDraft(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	tab.Open(base + "form")
	tab.Fill("#sample-purpose", "Wartung planen")
	tab.WaitText(".draft", "Entwurf gespeichert, 14:02")
	if got := tab.Value("#sample-purpose"); got != "Wartung planen" {
		t.Errorf("the field holds %q", got)
	}
	tab.Check()
}

func TestProgressAsksUntilItIsDone(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	tab.Open(base)
	tab.WaitText("#progress", "4.000 von 4.000")
	if tab.Has("#progress[hx-get]") || tab.Has("#progress form") {
		t.Error("finished work still asks, or can be cancelled")
	}
	tab.Quiet()
}

// The side sheet opens beside the page, takes the focus and gives it back.
func TestSideSheetOpensInPlace(t *testing.T) {
	base := serve(t)
	tab := browser.Short(t)
	tab.Open(base)
	tab.Click("#last-entry")
	tab.WaitText("#side h2", "Eintrag 1.204.376")
	tab.WaitUntil("document.activeElement.tagName === 'H2'")
	tab.Check()
	picture(tab, "side-open-1440-light-de")
	tab.Press(kb.Escape)
	tab.WaitGone("#side h2")
	if focus := webtest.Eval[string](tab, "document.activeElement.id"); focus != "last-entry" {
		t.Errorf("the focus is on %q, want the link that opened the sheet", focus)
	}
	tab.NoScript(true)
	tab.Follow("#last-entry")
	tab.WaitFor("#side h2")
}

// The first key leads past the rail.
func TestSkipLink(t *testing.T) {
	base := serve(t)
	tab := browser.Short(t)
	tab.Open(base)
	tab.Press(kb.Tab)
	if focus := webtest.Eval[string](tab, "document.activeElement.className"); focus != "skip" {
		t.Fatalf("the first stop is %q, want the skip link", focus)
	}
	tab.Press(kb.Enter)
	tab.WaitUntil("document.activeElement.id === 'main'")
}

// Tables behind charts are open on paper, controls are gone.
func TestPrint(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	tab.Emulate(794, 1123, webtest.Dark)
	tab.Open(base + "charts")
	tab.Media("print")
	if seen := webtest.Eval[bool](tab, `document.querySelector('.chart table').getBoundingClientRect().height > 100`); !seen {
		t.Error("the table of the drift chart is closed on paper")
	}
	if seen := webtest.Eval[bool](tab, `[...document.querySelectorAll('.rail, .btn, .tabs')].some(e => e.getBoundingClientRect().height > 0)`); seen {
		t.Error("controls are printed")
	}
	picture(tab, "print")
}
