package classes_test

import (
	"io/fs"
	"os"
	"testing"

	"augenmass/internal/govern/classify"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/classes"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// In a real browser every page passes axe, in turn wide and light, narrow and
// dark, and the table is filled without script (criteria 32 to 34).
func TestInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{classes.Texts, duties.Texts, objects.Texts, account.Texts}, classes.Routes(), account.Routes())
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	made := external(t, h, classify.ExternalResult{System: s.ID, Source: "adviser", Name: "Beratung Nord", Class: "high", Date: h.Clock.Now()})
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/duties/classes")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("#table")
	tab.NoScript(true)
	tab.Open(base + "/duties/classes")
	tab.Follow("#table form button")
	tab.WaitFor("#rows tbody tr")
	tab.NoScript(false)
	for i, path := range []string{"/duties/classes", "/duties/external/" + made.ID, "/duties/external", "/duties/classes/new", "/duties/references", "/duties/fines"} {
		width, scheme := 1440, webtest.Light
		if i%2 == 1 {
			width, scheme = 390, webtest.Dark
		}
		tab.Emulate(width, 900, scheme)
		tab.Open(base + path)
		tab.Axe()
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
	}
}
