package ui_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAssets(t *testing.T) {
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml", "fonts/plex-sans-latin-400.woff2": "font/woff2",
	} {
		url := ui.Asset(name)
		if !regexp.MustCompile(`^/assets/[a-z0-9.-]+\.[0-9a-f]{12}\.[a-z0-9]+$`).MatchString(url) {
			t.Errorf("%s has the address %s", name, url)
		}
		w := get(t, ui.Assets(), url)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", url, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/assets/", "/assets/app.css", "/assets/fonts/", "/assets/../ui.go", ui.Asset("none.css")} {
		if w := get(t, ui.Assets(), path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}

func TestAssetsAreCompressed(t *testing.T) {
	plain := get(t, ui.Assets(), ui.Asset("app.css"))
	short := get(t, ui.Assets(), ui.Asset("app.css"), "Accept-Encoding", "br, gzip")
	if short.Header().Get("Content-Encoding") != "gzip" || short.Body.Len() >= plain.Body.Len() {
		t.Fatalf("%v, %d of %d bytes", short.Header(), short.Body.Len(), plain.Body.Len())
	}
	z, err := gzip.NewReader(short.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || string(body) != plain.Body.String() {
		t.Errorf("compressed style sheet differs (%v)", err)
	}
}

// htmx starts itself in the task after its script; the extension for streams
// must be there by then, so both come in one file.
func TestScriptsComeInOneFile(t *testing.T) {
	script := get(t, ui.Assets(), ui.Asset("app.js")).Body.String()
	at := -1
	for _, mark := range []string{"initialize()", "hx-sse:connect", "data-pause"} {
		i := strings.Index(script, mark)
		if i <= at {
			t.Errorf("%q is at %d, after %d is wanted", mark, i, at)
		}
		at = i
	}
	page := html(t, ui.Page(sample(t, text.DE), ui.PageView{Title: "x"}))
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("the page loads %d scripts, want 1", n)
	}
}

// The style sheet names every font by its hashed address.
func TestFontsAreReachable(t *testing.T) {
	css := get(t, ui.Assets(), ui.Asset("app.css")).Body.String()
	urls := regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(css, -1)
	if len(urls) != 10 {
		t.Errorf("%d fonts in the style sheet, want 10", len(urls))
	}
	for _, u := range urls {
		if w := get(t, ui.Assets(), u[1]); w.Code != http.StatusOK {
			t.Errorf("%s: %d", u[1], w.Code)
		}
	}
}

// TestVendoredFiles: every file from others is listed with its hash, and
// nothing else lies among them.
func TestVendoredFiles(t *testing.T) {
	list, err := os.ReadFile("assets/VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+\.\S+) \| .* \| ([0-9a-f]{64}) \|$`).FindAllStringSubmatch(string(list), -1) {
		listed[m[1]] = m[2]
	}
	own := map[string]bool{"app.css": true, "app.js": true, "favicon.svg": true, "VENDORED.md": true}
	err = filepath.WalkDir("assets", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, "assets"+string(filepath.Separator)))
		if own[name] || strings.HasSuffix(name, ".txt") {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		if got := hex.EncodeToString(sum[:]); listed[name] != got {
			t.Errorf("%s has sha256 %s, VENDORED.md says %q", name, got, listed[name])
		}
		delete(listed, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range listed {
		t.Errorf("VENDORED.md lists %s, which is not there", name)
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := get(t, ui.Secure(http.NotFoundHandler()), "/x")
	csp := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("policy lacks %s: %s", part, csp)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("policy is loose: %s", csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
