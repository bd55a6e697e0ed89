package data_test

import (
	"io/fs"
	"os"
	"testing"

	"augenmass/internal/govern/data"
	"augenmass/internal/serve/web/account"
	pages "augenmass/internal/serve/web/data"
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

// In a real browser without script a step is signed; overview, data set, flow map,
// step form and a system's data offend neither axe nor scroll sideways.
func TestDataInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{account.Texts, pages.Texts, objects.Texts}, account.Routes(), pages.Routes())
	sys := h.System("Fräse", nil)
	o := set(h, "Sensordaten", []string{sys.ID}, data.Acquire)
	create(h, h.Org.Data.Flows, data.Flow{From: "Fräse 4", To: "Cloud des Anbieters", What: "Messwerte", Country: "Irland", System: sys.ID})
	create(h, h.Org.Data.Flows, data.Flow{From: "Cloud des Anbieters", To: "Fräse 4", What: "Vorhersagen", System: sys.ID})
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	look := func() {
		t.Helper()
		tab.Emulate(1280, 900, webtest.Light)
		tab.Check()
		tab.Emulate(390, 844, webtest.Dark)
		tab.Check()
		tab.Emulate(1280, 900, webtest.Light)
	}
	for _, path := range []string{"/systems/data", "/systems/data/flows", "/systems/data/sets/" + o.ID, "/systems/" + sys.ID + "/data", "/systems/data/sets/" + o.ID + "/step"} {
		tab.Open(base + path)
		look()
	}
	tab.NoScript(true)
	tab.Open(base + "/systems/data/sets/" + o.ID + "/step")
	tab.Click("input[name=act][value=clean]")
	tab.Fill("input[name=hash]", state)
	tab.Follow("button.main")
	tab.WaitText("#chain", "Kette hält")
}
