package profile

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// In a real browser without script, on a phone: a step is filled in, refused,
// corrected and saved; overview and steps pass axe, light and dark.
func TestStepsInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{Texts, account.Texts}, Routes(), account.Routes())
	id := grave(h)
	base := h.Serve() + "/werk/systems/" + id + "/profile"
	tab := browser.Tab(t)
	tab.Open(base + "/intent")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("#profile-intent-statement")
	tab.NoScript(true)
	tab.Emulate(390, 844, webtest.Light)
	tab.Click("input[name='intent.aim'][value=replace]")
	tab.Fill("#profile-intent-statement", "Der Plan ist ein Vorschlag.")
	tab.Follow("button[type=submit].main")
	tab.WaitText(".summary", "Was geschieht mit den Menschen")
	if tab.Value("#profile-intent-statement") != "Der Plan ist ein Vorschlag." {
		t.Error("what was typed is lost")
	}
	tab.Fill("#profile-intent-follows", "Sie planen mehr Zeit für Einarbeitung ein.")
	tab.Follow("button[type=submit].main")
	if !strings.Contains(tab.URL(), "/profile/autonomy") {
		t.Fatalf("now at %s", tab.URL())
	}
	tab.NoScript(false)
	for _, step := range []string{"", "/intent", "/decisions", "/lines", "/notices"} {
		tab.Open(base + step)
		for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
			tab.Emulate(390, 844, scheme)
			tab.Axe()
		}
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
		tab.Spoken()
		tab.Quiet()
	}
}
