package gallery_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/serve/web/ui"
	"augenmass/internal/serve/web/ui/gallery"
	"augenmass/internal/serve/web/webtest"
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

var pages = []string{"", "charts", "form", "problem", "denied", "open", "bare", "review", "side"}

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

func TestEveryPageIsAccessible(t *testing.T) {
	base := serve(t)
	tab := browser.Tab(t)
	for _, lang := range []string{"de", "en"} {
		for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
			for _, page := range pages {
				tab.Emulate(1440, 900, scheme)
				tab.Open(base + page + "?lang=" + lang)
				for _, width := range []int{1440, 1024, 390} {
					tab.Emulate(width, 900, scheme)
					tab.Axe()
					picture(tab, fmt.Sprintf("%s-%d-%s-%s", nameOf(page), width, scheme, lang))
				}
				tab.Emulate(320, 700, scheme)
				tab.NoSideScroll()
				tab.Quiet()
			}
		}
	}
}
