package intake_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

var shipped = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// given is one file beside what is shipped.
func given(t *testing.T, name, data string) intake.Given {
	t.Helper()
	lib, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return intake.Given{Name: name, Data: []byte(data), Library: lib, Today: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
}

// library is a test file of the reader of libraries.
func library(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "cisoassistant", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// house is an organisation that has some files and a library that checks.
type house struct {
	lib   *packs.Library
	files map[string]string // URN → file
	seen  []string          // packs that were checked
}

func (h *house) Original(_ context.Context, urn string) (string, []byte, error) {
	data, ok := h.files[urn]
	if !ok {
		return "", nil, problem.New(problem.NotFound, "Nicht da.", "Not there.")
	}
	return "dep.yaml", []byte(data), nil
}

func (h *house) Check(_ context.Context, d catalogue.Draft) error {
	for _, p := range d.Packs {
		h.seen = append(h.seen, p.ID)
	}
	return nil
}

const csv = "ID;Description;Proof;Status;References;Evidence\nR-1;The line can be stopped by everybody.;A test is run every month.;open;EU AI Act Art. 14;The record of the test is filed.\n"

const own = "id: own-x\nkind: standard\nversion: 1.0.0\nas_of: 2026-11-01\ntitle: {de: X, en: X}\ngroups:\n  - id: a\n    title: {de: A, en: A}\n    items:\n" +
	"      - {id: own-x.1, ref: '1', title: {de: Eins, en: One}}\n"

// What a file is shows in the file; a wrong guess can be overruled (001-18).
func TestAFileIsRecognised(t *testing.T) {
	for name, c := range map[string]struct{ data, kind string }{
		"full.yaml": {library(t, "full.yaml"), exchange.CISOAssistant},
		"own.yml":   {own, exchange.OwnPack},
		"list.csv":  {csv, exchange.Table},
	} {
		g := given(t, name, c.data)
		got, err := intake.Take(t.Context(), g)
		if err != nil || got.Result.Kind != c.kind || len(got.Result.Errors) != 0 || got.Result.Rows == 0 || len(got.Draft.Packs) == 0 {
			t.Errorf("%s: %v %+v", name, err, got.Result)
		}
	}
	for name, c := range map[string]struct{ file, data, as string }{
		"neither":      {"x.yaml", "a: b\n", ""},
		"no YAML":      {"x.yaml", "a: [\n", ""},
		"unknown kind": {"x.yaml", own, "wish"},
	} {
		g := given(t, c.file, c.data)
		g.As = c.as
		if _, err := intake.Take(t.Context(), g); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Errors have their line, and a file with errors leaves nothing that could be
// kept.
func TestAFileWithErrorsLeavesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		file, data, say string
		line            int
	}{
		"library":            {"x.yaml", strings.Replace(library(t, "full.yaml"), "weight: 2", "weight: 0", 1), "is no whole number from 1", 100},
		"pack":               {"x.yaml", strings.Replace(own, "own-x.1", "x.1", 1), "own ids begin with", 10},
		"pack of the loader": {"x.yaml", strings.Replace(own, "en: One", "fr: Un", 1), "unknown language", 10},
		"nothing for us":     {"x.yaml", "urn: urn:a:risk:library:a\nlocale: en\nref_id: A\nversion: 1\nobjects:\n  threats: [{urn: 'urn:a:risk:threat:t', ref_id: T}]\n", "has no place here", 1},
	} {
		got, err := intake.Take(t.Context(), given(t, c.file, c.data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found := false
		for _, e := range got.Result.Errors {
			found = found || e.Line == c.line && strings.Contains(e.Say.EN, c.say) && e.Say.Complete()
		}
		if !found || len(got.Draft.Packs) != 0 || got.Result.OK() {
			t.Errorf("%s: want line %d %q, have %+v", name, c.line, c.say, got.Result.Errors)
		}
	}
}

// A library that rests on another is checked with it; without an organisation
// the preview says that it cannot know.
func TestALibraryThatRestsOnAnother(t *testing.T) {
	g := given(t, "dependent.yaml", library(t, "dependent.yaml"))
	got, err := intake.Take(t.Context(), g)
	if err != nil || len(got.Result.Errors) != 0 || !says(got, "shows only with an organisation") {
		t.Errorf("without an organisation: %v %+v", err, got.Result)
	}
	h := &house{files: map[string]string{}}
	g.Beside = h
	got, err = intake.Take(t.Context(), g)
	if err != nil || len(got.Result.Errors) == 0 || got.Result.Errors[0].Line != 10 || len(h.seen) != 0 {
		t.Errorf("without the other: %v %+v", err, got.Result)
	}
	h.files["urn:musterwerk:risk:library:linie-2026"] = library(t, "full.yaml")
	got, err = intake.Take(t.Context(), g)
	if err != nil || len(got.Result.Errors) != 0 || len(h.seen) != 3 {
		t.Errorf("with it: %v %+v %v", err, got.Result, h.seen)
	}
}

func says(t intake.Taken, what string) bool {
	for _, n := range t.Result.Notes {
		if strings.Contains(n.EN, what) && n.Complete() {
			return true
		}
	}
	return false
}

// What only the original holds is counted in words, and the copyright is shown.
func TestWhatIsKeptInTheOriginalIsSaid(t *testing.T) {
	got, err := intake.Take(t.Context(), given(t, "full.yaml", library(t, "full.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"Only the original keeps:", "risk matrices: 1", "threats: 1", "metrics: 2", "presets: 1", "workflows: 1", "questions: 6", "© 2026 Musterwerk GmbH"} {
		if !says(got, what) {
			t.Errorf("%q is not said: %+v", what, got.Result.Notes)
		}
	}
	if got.Result.Rows != 4+2+4 || got.Result.Title != "Linienkatalog 2026" {
		t.Errorf("%d %q", got.Result.Rows, got.Result.Title)
	}
}
