package risk_test

import (
	"io/fs"
	"os"
	"testing"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/risk"
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
// dark, and the samples are taken without script (criteria 32 to 34).
func TestInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{risk.Texts, duties.Texts, objects.Texts, account.Texts}, risk.Routes(), account.Routes())
	s := h.System("Fräslinie", nil)
	m := put(h, h.Org.Watch.Metrics, register.Metric{Name: "Trefferquote", System: s.ID, What: "Stichprobe", Unit: "%", Direction: register.AtLeast, Limit: 95, Days: 30, From: h.Clock.Now()})
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/duties/risks")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.NoScript(true)
	tab.Open(base + "/duties/risks")
	tab.Follow("form[action$='/samples'] button")
	tab.WaitFor("#risks tbody tr")
	tab.NoScript(false)
	all, err := h.Org.Risk.Risks.All(h.As(""), h.Org.DB, store.Query{})
	h.Must(err)
	one := "/duties/risks/" + all[0].ID
	for i, path := range []string{"/duties/risks", one, one + "/assess", one + "/treat", one + "/accept", "/duties/hazards", "/duties/hazards/hz.drift", "/duties/risks/method",
		"/duties/measures", "/duties/metrics", "/duties/metrics/" + m.ID, "/duties/checks", "/systems/" + s.ID + "/risks"} {
		width, scheme := 1440, webtest.Light
		if i%2 == 1 {
			width, scheme = 390, webtest.Dark
		}
		tab.Emulate(width, 900, scheme)
		tab.Open(base + path)
		tab.Axe()
		tab.Spoken()
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
	}
	tab.Quiet()
}
