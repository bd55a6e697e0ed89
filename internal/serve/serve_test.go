package serve

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"testing"

	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

var update = flag.Bool("update", false, "write testdata/routes.txt")

// The route table is the product's table of contents; it changes only with its
// printed form.
func TestRouteTable(t *testing.T) {
	var lines []string
	seen := map[string]bool{}
	for _, group := range routes() {
		for _, r := range group {
			key := r.Method + " " + r.Path
			if seen[key] {
				t.Errorf("%s is served twice", key)
			}
			seen[key] = true
			open := ""
			if r.Open {
				open = "  open"
			}
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%-5s %-55s %-20s %s%s", r.Method, r.Path, r.Name, r.Area, open), " "))
		}
	}
	sort.Slice(lines, func(i, k int) bool { return lines[i][6:]+lines[i] < lines[k][6:]+lines[k] })
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the routes changed; go test ./internal/serve -update prints them anew:\n%s", got)
	}
}

// served are two organisations behind one server.
func served(t *testing.T) (*httptest.Server, map[string]*org.Org) {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	orgs := map[string]*org.Org{}
	for _, slug := range []string{"nord", "sued"} {
		g, err := org.Open(context.Background(), org.Options{Dir: t.TempDir(), Slug: slug, Name: "Werk " + slug, Library: lib,
			Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
		srv.Mount(g)
		orgs[slug] = g
	}
	s := httptest.NewServer(srv)
	t.Cleanup(s.Close)
	return s, orgs
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(raw)
}

// Who is not signed in sees the sign-in page of that organisation and nothing
// else; every page carries the security headers.
func TestDoorsAndHeaders(t *testing.T) {
	s, _ := served(t)
	res, _ := get(t, s.URL+"/nord/overview")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/nord/") {
		t.Errorf("overview without sign-in: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for path, want := range map[string]int{"/healthz": 200, "/": 404, "/west/overview": 404, "/nord/nowhere": 404,
		"/nord/v2/health/live": 200, "/nord/api/v1/systems": 401, "/.well-known/authzen-configuration/sued": 200, "/.well-known/authzen-configuration/west": 404} {
		res, body := get(t, s.URL+path)
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d: %.200s", path, res.StatusCode, want, body)
		}
	}
	res, body := get(t, s.URL+"/nord/nowhere")
	for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if res.Header.Get(h) == "" {
			t.Errorf("a page lacks %s", h)
		}
	}
	if strings.Contains(body, "Werk sued") || strings.Contains(body, "⟦") {
		t.Errorf("the page of one organisation names another, or lacks a text: %.300s", body)
	}
}

// A form that another site sends is refused.
func TestForeignFormsAreRefused(t *testing.T) {
	s, _ := served(t)
	req, err := http.NewRequest(http.MethodPost, s.URL+"/nord/signin", strings.NewReader("name=a&password=b"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only its status counts
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", res.StatusCode)
	}
}
