package operation_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"augenmass/internal/operate/entry"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text/longtest"
)

var (
	browser webtest.Browser
	screens = flag.String("screens", "", "folder for pictures of the pages of this area")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// lively is a house with cases, decisions, zones and drift, served to browsers.
func lively(t *testing.T) (h house, base, id, decision string) {
	t.Helper()
	h = house{House: showtest.Open(t, []fs.FS{operation.Texts, account.Texts}, operation.Routes(), account.Routes())}
	h.system = h.Permitted(system).ID
	h.System("Kameraprüfung Zierblenden", nil)
	h.watch()
	for n := range 6 {
		h.Decide(h.system, 0.91+float64(n)/100)
		h.Clock.Add(3 * time.Second)
	}
	h.Decide(h.system, -1)
	h.open(content(), func(i *entry.Inference) {
		i.Case.Due = h.Clock.Now().Add(9 * time.Minute)
		i.Reasons = []entry.Reason{{Code: entry.PlantNotAllowed, Clauses: []string{"zta.05"}}}
	})
	id, decision = h.open(content(), func(i *entry.Inference) {
		high := 0.1412
		i.Drift = &high
		i.Reasons = append(i.Reasons, entry.Reason{Code: entry.DriftHigh, Clauses: []string{"zta.05", "iso42001.A.6.2.6"}})
	})
	h.Must(h.Org.Plant.Signal(t.Context(), "fraeserei", "running", h.Clock.Now()))
	return h, h.Serve() + "/werk", id, decision
}

func signIn(h house, tab *webtest.Tab, base, role string) {
	tab.Open(base + "/signin?next=/werk/operation")
	tab.Fill("#signin-name", h.People[role].SignIn)
	tab.Fill("#signin-password", showtest.Password)
	tab.Submit("form.form")
	tab.WaitFor(".tabs")
}

// Every page in both languages and themes without a fault of axe, without
// sideways scroll, and large targets where people wear gloves (criteria 14, 32
// to 34).
func TestPagesInABrowser(t *testing.T) {
	h, base, id, decision := lively(t)
	tab := browser.Tab(t)
	signIn(h, tab, base, "safety")
	pages := map[string]string{"home": "/operation", "cases": "/operation/cases?scope=all", "desk": "/operation/cases/" + id, "desk-shown": "/operation/cases/" + id + "?reveal=yes",
		"stop": "/operation/systems/" + h.system + "/stop", "decisions": "/operation/decisions", "decision": "/operation/decisions/" + decision, "plant": "/operation/plant"}
	views := []struct {
		width  int
		scheme webtest.Scheme
		lang   string
	}{{1440, webtest.Light, "de"}, {390, webtest.Dark, "en"}, {1024, webtest.Light, "de"}, {1024, webtest.Dark, "en"}, {390, webtest.Light, "de"}, {1440, webtest.Dark, "en"}}
	all := *screens != "" || longtest.Whole()
	if !all {
		views = views[:2] // and each page in one of them
	}
	lang := "de"
	for n, v := range views {
		if v.lang != lang {
			tab.Emulate(1440, 900, webtest.Light)
			tab.Open(base + "/operation")
			tab.Follow("form.language button")
			lang = v.lang
		}
		for name, path := range pages {
			if !all && (len(name)+n)%2 == 0 {
				continue
			}
			tab.Emulate(v.width, 900, v.scheme)
			tab.Open(base + path)
			tab.Check()
			if *screens != "" {
				tab.Screenshot(filepath.Join(*screens, fmt.Sprintf("%s-%d-%s-%s.png", name, v.width, v.scheme, v.lang)))
			}
		}
	}
	for _, name := range []string{"home", "desk-shown", "stop"} {
		tab.Emulate(1024, 768, webtest.Light)
		tab.Open(base + pages[name])
		tab.Targets("main", 48)
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
	}
}

// The desk works with keys alone, and without scripts.
func TestDeskByKeyboardAndWithoutScript(t *testing.T) {
	h, base, id, _ := lively(t)
	tab := browser.Tab(t)
	signIn(h, tab, base, "shift_lead")
	tab.Open(base + "/operation/cases/" + id)
	tab.Press("1")
	tab.WaitUntil("document.activeElement.dataset.key === '1'")
	tab.Press(kb.Enter)
	tab.WaitFor("#suggestion")
	tab.Press("4")
	tab.Press(kb.Enter)
	tab.WaitFor(".summary") // rejected without a reason
	tab.NoScript(true)
	tab.Fill("#own-reason", "Die Spindel ist neu.")
	tab.Follow("button[value=reject]")
	if !strings.Contains(tab.URL(), "said=operation.rejected") || tab.Text(".notice") == "" {
		t.Errorf("%s does not say what was done", tab.URL())
	}
	if k := h.state(id); k.State != "rejected" || !k.Revealed {
		t.Errorf("%+v", k)
	}
}

// A decision appears on the open page as it is journaled.
func TestLiveStrip(t *testing.T) {
	h, base, _, _ := lively(t)
	tab := browser.Tab(t)
	signIn(h, tab, base, "auditor")
	tab.Open(base + "/operation/decisions")
	tab.WaitFor("[data-pause]") // the script is there
	n := h.Decide(h.system, 0.991)
	tab.WaitFor(fmt.Sprintf("#strip-rows #entry-%d", n))
	tab.WaitText(fmt.Sprintf("#entry-%d", n), "Sicherheit 0,99")
	tab.Quiet()
}
