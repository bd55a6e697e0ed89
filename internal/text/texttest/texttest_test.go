package texttest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

// recorder is a testing.TB that notes failures instead of failing.
type recorder struct {
	testing.TB
	faults []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *recorder) want(t *testing.T, parts ...string) {
	t.Helper()
	if len(r.faults) != len(parts) {
		t.Fatalf("got %d faults %q, want %d", len(r.faults), r.faults, len(parts))
	}
	for i, p := range parts {
		if !strings.Contains(r.faults[i], p) {
			t.Errorf("fault %d is %q, want it to name %q", i, r.faults[i], p)
		}
	}
}

func tree(body string) fstest.MapFS {
	return fstest.MapFS{"texts/a.yaml": {Data: []byte(body)}}
}

const sample = `
page.title: {de: Titel, en: Title}
page.old: {de: Alt, en: Old}
page.form.name: {de: Name, en: Name}
`

func TestMissingAndUnusedKeysAreFound(t *testing.T) {
	dir := t.TempDir()
	source := "package x\n// c.T(\"page.example\")\nvar _ = c.T(\"page.title\")\nvar _ = c.T(\"page.gone\", \"n\", 3)\nvar f = Form{Prefix: \"page.form.\"}\n"
	if err := os.WriteFile(filepath.Join(dir, "x.templ"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := text.Load(tree(sample))
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{TB: t}
	texttest.Known(r, all, dir)
	r.want(t, "page.gone")
	r = &recorder{TB: t}
	texttest.Used(r, tree(sample), dir)
	r.want(t, "page.old")
}

func TestSentences(t *testing.T) {
	got := texttest.Split("Es gilt Art. 14 der KI-VO, z. B. hier. Frist am 21. November: heute. Wer?\nNeu 2026.")
	want := []string{"Es gilt Art. 14 der KI-VO, z.\u00a0B. hier.", "Frist am 21. November:", "heute.", "Wer?", "Neu 2026."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	long := strings.Repeat("Wort ", 21) + "."
	r := &recorder{TB: t}
	texttest.Sentences(r, texttest.Worker, long, strings.Repeat("Kurz. ", 40))
	r.want(t, "21 words")
	r = &recorder{TB: t}
	texttest.Sentences(r, texttest.Worker, strings.Repeat(strings.Repeat("Wort ", 13)+". ", 3))
	r.want(t, "13.0 words")
	r = &recorder{TB: t}
	texttest.Sentences(r, texttest.Page, strings.Repeat(strings.Repeat("Wort ", 18)+". ", 3))
	r.want(t)
}

func TestManners(t *testing.T) {
	r := &recorder{TB: t}
	texttest.Manners(r, tree(`
a.loud: {de: "Achtung!", en: "Careful"}
a.fear: {de: "Sonst droht ein Bußgeld.", en: "Otherwise penalties follow."}
a.good: {de: "Ihr Kollege hilft.", en: "Your colleague helps."}
`), texttest.Page)
	r.want(t, "bußgeld", "a.loud de", "penalt")
}
