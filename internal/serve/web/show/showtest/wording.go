package showtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text/texttest"
)

// Wording checks the catalogue files in texts of the package under test: every
// key that its sources ask for exists, every key is used, and no text offends
// the manners of the house. A key below "notice." is used when a source names
// the rest of it, as page.Request.Go does. Keys of other packages come in more.
func Wording(t testing.TB, own fs.FS, more ...fs.FS) {
	t.Helper()
	all, err := ui.Texts(append([]fs.FS{show.Texts, own}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	texttest.Known(t, all, ".")
	files, err := filepath.Glob("texts/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	rest := fstest.MapFS{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for line := range strings.Lines(string(raw)) {
			key, _, _ := strings.Cut(line, ":")
			said, notice := strings.CutPrefix(key, "notice.")
			if !notice {
				kept = append(kept, line)
			} else if !named(t, said) {
				t.Errorf("%s defines %q, which no page says", f, key)
			}
		}
		rest[filepath.Base(f)] = &fstest.MapFile{Data: []byte(strings.Join(kept, ""))}
	}
	texttest.Used(t, rest, ".")
	texttest.Manners(t, own, texttest.Page)
}

// named reports whether a Go file of the package under test holds a literal.
func named(t testing.TB, literal string) bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `"`+literal+`"`) {
			return true
		}
	}
	return false
}
