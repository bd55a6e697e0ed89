package exchange_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/exchange"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"

	"io/fs"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// An AI officer imports a catalogue in a browser without script: choose, look,
// adopt. Nothing on the way offends axe or scrolls sideways.
func TestImportInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{account.Texts, exchange.Texts, proof.Texts, duties.Texts, objects.Texts}, account.Routes(), exchange.Routes(), proof.Routes(), duties.Routes())
	file := filepath.Join(t.TempDir(), "katalog.md")
	h.Must(os.WriteFile(file, []byte(sample), 0o600))
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	look := func() {
		t.Helper()
		tab.NoScript(false) // axe needs it
		tab.Emulate(1280, 900, webtest.Light)
		tab.Check()
		tab.Emulate(390, 844, webtest.Dark)
		tab.Check()
		tab.Emulate(1280, 900, webtest.Light)
		tab.NoScript(true)
	}
	tab.NoScript(true)
	tab.Open(base + "/proof/import")
	look()
	tab.Do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	tab.Follow("#import button.main")
	tab.WaitText("#result", "2 Anforderungen gelesen")
	look()
	tab.Click("input[name=take-2]") // keep SR 5.1–5.7 as it was written
	tab.Follow("#adopt button.main")
	tab.WaitText("#six", "SR 5.3")
	look()
	tab.Open(base + "/proof/import")
	tab.WaitText("#imported", "Werkskatalog")
	look()
}
