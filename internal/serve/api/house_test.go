package api_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"augenmass/internal/operate/identity"
	"augenmass/internal/serve/api"
	"augenmass/internal/serve/web/show/showtest"
)

// house is an organisation with its REST face.
type house struct {
	*showtest.House
	face http.Handler
}

func open(t testing.TB) *house {
	t.Helper()
	h := showtest.Open(t, nil)
	return &house{h, api.Handler(h.Org, "/werk", false, slog.New(slog.NewTextHandler(t.Output(), nil)))}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   struct {
		ID       string            `json:"id"`
		Revision int64             `json:"revision"`
		Doc      map[string]any    `json:"doc"`
		Items    []json.RawMessage `json:"items"`
		Next     string            `json:"next"`
		Total    int               `json:"total"`
		Type     string            `json:"type"`
		Detail   string            `json:"detail"`
		Say      map[string]string `json:"say"`
		Fields   []struct {
			Path string            `json:"path"`
			Say  map[string]string `json:"say"`
		} `json:"fields"`
		Reasons []struct{ Code string }
		Have    json.RawMessage `json:"have"`
	}
}

// fields are the wrong places that an answer names.
func (a answer) fields() string {
	var out []string
	for _, f := range a.body.Fields {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

// names are the names of the items of a list.
func (a answer) names(t testing.TB) string {
	t.Helper()
	var out []string
	for _, raw := range a.body.Items {
		var o struct {
			Doc struct{ Name string } `json:"doc"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o.Doc.Name)
	}
	return strings.Join(out, " ")
}

type edit func(*http.Request)

func header(name, value string) edit { return func(r *http.Request) { r.Header.Set(name, value) } }

func match(revision string) edit { return header("If-Match", revision) }

// send asks as whoever edits says. Every answer is JSON that nobody caches.
func (h *house) send(method, path, body string, edits ...edit) answer {
	h.T.Helper()
	r := httptest.NewRequest(method, "/werk/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range edits {
		f(r)
	}
	w := httptest.NewRecorder()
	h.face.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if w.Code == http.StatusNoContent {
		if w.Body.Len() > 0 {
			h.T.Errorf("%s %s: 204 with a body", method, path)
		}
		return a
	}
	if w.Code/100 == 3 {
		return a
	}
	media := "application/json"
	if w.Code >= 400 {
		media = "application/problem+json"
	}
	if got := w.Header(); got.Get("Content-Type") != media || got.Get("Cache-Control") != "no-store" || got.Get("X-Content-Type-Options") != "nosniff" {
		h.T.Errorf("%s %s: %d with headers %v", method, path, w.Code, got)
	}
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&a.body); err != nil {
		h.T.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
	}
	if w.Code >= 400 && (a.body.Say["de"] == "" || a.body.Say["en"] == "") {
		h.T.Errorf("%s %s: a problem in one language only: %s", method, path, w.Body)
	}
	for _, f := range a.body.Fields {
		if f.Say["de"] == "" || f.Say["en"] == "" {
			h.T.Errorf("%s %s: %s in one language only", method, path, f.Path)
		}
	}
	return a
}

// as signs a request with the session of the person of a role.
func (h *house) as(role string) edit {
	h.T.Helper()
	c := h.Client(role)
	return func(r *http.Request) {
		for _, cookie := range c.Cookies {
			r.AddCookie(cookie)
		}
	}
}

// token signs a request with an access token of the person of a role.
func (h *house) token(role string) edit {
	h.T.Helper()
	secret, _, err := h.Org.Identity.CreateToken(h.As(""), identity.Token{Name: role, Person: h.People[role].ID, Scopes: []string{identity.ScopeRead}})
	h.Must(err)
	return header("Authorization", "Bearer "+secret)
}

// must fails unless the answer has a status.
func (h *house) must(a answer, status int) answer {
	h.T.Helper()
	if a.status != status {
		h.T.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}
