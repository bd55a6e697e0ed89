package overview

import (
	"io/fs"
	"os"
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

// In a real browser: somebody signs in, a decision appears by itself, and
// nothing on the pages offends axe, scrolls sideways or speaks to the console
// (criteria 32 to 34).
func TestLiveStripInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{Texts, account.Texts}, Routes(), account.Routes())
	running := life(h)
	url := h.Serve()
	tab := browser.Tab(t)
	tab.Open(url + "/werk/overview")
	tab.Check()
	tab.Fill("input[name=name]", "safety")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("#decisions-rows tr")
	h.Decide(running, 0.42)
	tab.WaitText("#decisions-rows tr:first-child", "0,42 < 0,85")
	if n := tab.Count("#decisions-rows tr"); n > rowsStream {
		t.Errorf("%d rows, %d is the most", n, rowsStream)
	}
	for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
		for _, width := range []int{1440, 390, 320} {
			tab.Emulate(width, 900, scheme)
			tab.Check()
		}
	}
	tab.NoScript(true)
	tab.Open(url + "/werk/overview")
	tab.WaitText("#decisions-rows", "0,42 < 0,85")
	tab.WaitText("noscript", "Neu laden")
}
