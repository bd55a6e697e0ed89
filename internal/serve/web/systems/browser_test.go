package systems

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

// In a real browser without script: a system is registered, and list, form and
// file pass axe at every width, light and dark (criteria 32 to 34).
func TestRegisterInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{Texts, account.Texts}, Routes(), account.Routes())
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/systems/new")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("#system-name")
	looks(tab)
	tab.NoScript(true)
	tab.Open(base + "/systems/new")
	tab.Follow("button[type=submit].main")
	tab.WaitText(".summary", "Name: Bitte einen Namen angeben.")
	tab.Fill("#system-name", "Büroassistent")
	tab.Click("input[name=people][value=no]")
	tab.Follow("button[type=submit].main")
	if !strings.HasPrefix(tab.URL(), base+"/systems/sys_") || tab.Text("h1") != "Büroassistent" {
		t.Fatalf("registered and now at %s", tab.URL())
	}
	tab.NoScript(false)
	tab.Open(tab.URL())
	looks(tab)
	tab.Open(base + "/systems")
	looks(tab)
}

func looks(tab *webtest.Tab) {
	tab.T.Helper()
	for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
		for _, width := range []int{1440, 390} {
			tab.Emulate(width, 900, scheme)
			tab.Axe()
		}
	}
	tab.Emulate(320, 700, webtest.Light)
	tab.NoSideScroll()
	tab.Spoken()
	tab.Quiet()
	tab.Emulate(1440, 900, webtest.Light)
}
