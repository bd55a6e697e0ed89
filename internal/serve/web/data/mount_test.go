package data_test

import (
	"net/http"
	"testing"

	pages "augenmass/internal/serve/web/data"
)

// The addresses stand beside those of single systems without standing in for one
// another: a mux that could not tell them apart would panic.
func TestAddresses(t *testing.T) {
	mux := http.NewServeMux()
	none := func(http.ResponseWriter, *http.Request) {}
	for _, path := range []string{"/systems/{id}", "/systems/{id}/edit", "/systems/{id}/models/new", "/systems/{id}/models/{model}/edit", "/systems/{id}/profile/{step}"} {
		mux.HandleFunc("GET "+path, none)
	}
	names := map[string]bool{}
	for _, r := range pages.Routes() {
		mux.HandleFunc(r.Method+" "+r.Path, none)
		if r.Area != "systems" || r.Handle == nil {
			t.Errorf("%s %s: %q", r.Method, r.Path, r.Area)
		}
		names[r.Name] = true
	}
	for _, want := range []string{"data_overview", "dataset_verify", "dataset_step_add", "flow_list", "model_check_create", "system_data"} {
		if !names[want] {
			t.Errorf("no %s", want)
		}
	}
}
