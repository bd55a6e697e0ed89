package proof_test

import (
	"fmt"
	"io/fs"
	"os"
	"testing"

	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// An auditor goes from the catalogue to the proof of one entry in three clicks
// (criterion 8); nothing on the way offends axe or scrolls sideways.
func TestAuditorInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{account.Texts, proof.Texts, duties.Texts, objects.Texts}, account.Routes(), proof.Routes(), duties.Routes())
	s := h.Permitted("Fräslinie: Ausfallvorhersage")
	index := h.Decide(s.ID, 0.5)
	h.Decide(s.ID, 0.97)
	h.Settle()
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "auditor")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	look := func() {
		t.Helper()
		tab.Emulate(1280, 900, webtest.Light)
		tab.Check()
		tab.Emulate(390, 844, webtest.Dark)
		tab.NoSideScroll()
		tab.Emulate(1280, 900, webtest.Light)
	}
	tab.Open(base + "/duties/catalogue")
	look()
	tab.Follow("#catalogue a[href$='zta.05']")
	look()
	tab.Follow(fmt.Sprintf("#status a[href$='/journal/%d']", index))
	tab.WaitText("#proof", "Nachweis stimmt")
	look()
	for _, p := range []string{"/proof/journal", "/proof/cases", "/duties/clauses/aia.art14.1"} {
		tab.Open(base + p)
		look()
	}
}
