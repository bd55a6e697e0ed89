package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed assets/app.css assets/app.js assets/htmx.min.js assets/hx-sse.min.js assets/favicon.svg assets/fonts/*.woff2
var embedded embed.FS

// AssetPath is the path under which Assets must be mounted.
const AssetPath = "/assets/"

type asset struct {
	url  string // /assets/app.<hash>.css
	kind string
	body []byte
	gzip []byte // nil where compression does not pay (fonts)
}

// scripts are served as one file, in this order: htmx starts itself right after
// it was read, so an extension in a file of its own may come too late, and a
// live stream would never connect.
var scripts = []string{"htmx.min.js", "hx-sse.min.js", "app.js"}

// library reads the embedded files once. The style sheet names the fonts by
// their plain path; it is rewritten to the hashed ones, so a new font file is
// fetched although old addresses are cached for ever.
var library = sync.OnceValue(func() map[string]asset {
	raw := map[string][]byte{}
	err := fs.WalkDir(embedded, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw[strings.TrimPrefix(name, "assets/")], err = embedded.ReadFile(name)
		return err
	})
	if err != nil {
		panic("ui: embedded assets cannot be read: " + err.Error()) // a broken build, nothing a caller can mend
	}
	var script bytes.Buffer
	for _, name := range scripts {
		script.Write(raw[name])
		script.WriteString("\n;\n")
		delete(raw, name)
	}
	raw["app.js"] = script.Bytes()
	files := map[string]asset{}
	for short, body := range raw {
		files[short] = newAsset(short, body)
	}
	css := raw["app.css"]
	for short, a := range files {
		if strings.HasSuffix(short, ".woff2") {
			css = bytes.ReplaceAll(css, []byte("url("+short+")"), []byte("url("+a.url+")"))
		}
	}
	files["app.css"] = newAsset("app.css", css)
	return files
})

var assetTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

func newAsset(short string, body []byte) asset {
	sum := sha256.Sum256(body)
	ext := path.Ext(short)
	url := AssetPath + strings.TrimSuffix(path.Base(short), ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a := asset{url: url, kind: assetTypes[ext], body: body}
	if ext != ".woff2" {
		a.gzip = compressed(body)
	}
	return a
}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil || z.Close() != nil {
		return nil // a buffer does not fail; without the short form the long one is served
	}
	return b.Bytes()
}

// Asset returns the address of an embedded file by its name ("app.css",
// "fonts/plex-sans-latin-400.woff2"). An unknown name is a mistake in a
// template and gives an address that Assets answers with 404.
func Asset(name string) string {
	if a, ok := library()[name]; ok {
		return a.url
	}
	return AssetPath + "unknown/" + name
}

// Assets serves the embedded files under AssetPath at their hashed addresses,
// to be cached for ever; everything else there is not found. There is no
// listing. Content is public: no sign-in, no cookie.
func Assets() http.Handler {
	byURL := map[string]asset{}
	for _, a := range library() {
		byURL[a.url] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byURL[r.URL.Path]
		if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		body := a.body
		if a.gzip != nil {
			h.Set("Vary", "Accept-Encoding")
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				h.Set("Content-Encoding", "gzip")
				body = a.gzip
			}
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}
