package discover_test

import (
	"net/http"
	"testing"

	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

// enter serves the pages to a browser in which the person of a role is signed
// in, and returns the tab and the address of the organisation.
func enter(t *testing.T, h *showtest.House, role string) (*webtest.Tab, string) {
	t.Helper()
	tab := browser.Tab(t)
	client := h.Client(role)
	mux := http.NewServeMux()
	mux.HandleFunc("/enter", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "augenmass_language", Value: "de", Path: "/"})
		for _, c := range client.Cookies {
			http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/"})
		}
	})
	mux.Handle("/", h.Pages)
	h.Pages = mux
	base := h.Serve()
	tab.Open(base + "/enter")
	return tab, base + "/werk"
}
