package ui_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"augenmass/internal/serve/web/ui"
	"augenmass/internal/serve/web/ui/gallery"
	"augenmass/internal/text/texttest"
)

// forbidden breaks the content security policy, skips escaping, or needs eval.
var forbidden = map[string]*regexp.Regexp{
	"inline style":            regexp.MustCompile(`\sstyle\s*=|<style`),
	"inline handler":          regexp.MustCompile(`[\s"']on[a-z]+\s*=\s*["{]`),
	"hx-on needs eval":        regexp.MustCompile(`hx-on[:=-]`),
	"js: needs eval":          regexp.MustCompile(`["']js:|javascript:`),
	"trigger filter is eval":  regexp.MustCompile(`hx-trigger=["{][^"}]*\[`),
	"inline script":           regexp.MustCompile(`<script(\s+[a-z]+="[^"]*")*\s*>`),
	"templ script component":  regexp.MustCompile(`(?m)^script \w+\(`),
	"templ style component":   regexp.MustCompile(`(?m)^css \w+\(`),
	"unescaped HTML":          regexp.MustCompile(`templ\.Raw\(`),
	"unchecked address":       regexp.MustCompile(`templ\.SafeURL\(`),
	"script from Go":          regexp.MustCompile(`templ\.(JSFuncCall|JSExpression|ComponentScript|JSUnsafeFuncCall)`),
	"request to another site": regexp.MustCompile(`(?:src|href)="https?://`),
}

func lint(body string) (faults []string) {
	for what, pattern := range forbidden {
		if found := pattern.FindString(body); found != "" {
			faults = append(faults, what+": "+strings.TrimSpace(found))
		}
	}
	return faults
}

// TestNothingInline reads every template and page under serve (criterion 34).
func TestNothingInline(t *testing.T) {
	n := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".templ" && ext != ".go" {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		for _, fault := range lint(string(body)) {
			t.Errorf("%s: %s", path, fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Errorf("only %d files read; the walk is broken", n)
	}
}

func TestLintFindsWhatItForbids(t *testing.T) {
	for _, bad := range []string{
		`<p style="x">`, `<a onclick="x()">`, `<a hx-on:click="x">`, `<a hx-vals="js:{a}">`, `<a href="javascript:x">`,
		`<a hx-trigger="click[ctrlKey]">`, `<script>x</script>`, "script x() {", "css x() {", "@templ.Raw(x)", `href={ templ.SafeURL(x) }`,
		`<script src="https://cdn.example/x.js">`,
	} {
		if len(lint(bad)) == 0 {
			t.Errorf("not found: %s", bad)
		}
	}
	for _, good := range []string{`<script src={ c.Asset("app.js") } defer></script>`, `hx-trigger="load"`, `{ some("title", x)... }`} {
		if faults := lint(good); len(faults) > 0 {
			t.Errorf("%s: %v", good, faults)
		}
	}
}

// generatedPath is the folder before a template's name in generated code. It is
// that in which the generator was started, which says nothing about the code.
var generatedPath = regexp.MustCompile("FileName: `[^`]*/")

func pathless(code []byte) []byte {
	return generatedPath.ReplaceAll(bytes.TrimSpace(code), []byte("FileName: `"))
}

// TestGeneratedCodeIsCurrent compares the committed Go with what the generator
// makes of the templates, where the generator is installed.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	tool, err := exec.LookPath("templ")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("templ v0.3.977 is not installed; .ci/run installs it")
		}
		t.Skip("templ is not installed; the committed code is taken as it is")
	}
	var files []string // of every face, not of this package alone
	err = filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".templ") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 10 {
		t.Fatalf("%d templates: %v", len(files), err)
	}
	for _, file := range files {
		generate := exec.Command(tool, "generate", "-stdout", "-f", filepath.Base(file))
		generate.Dir = filepath.Dir(file)
		made, err := generate.Output()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		have, err := os.ReadFile(strings.TrimSuffix(file, ".templ") + "_templ.go")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pathless(made), pathless(have)) {
			t.Errorf("%s was changed after its code was generated; run templ generate", file)
		}
	}
}

func TestWording(t *testing.T) {
	all, err := ui.Texts(gallery.Texts)
	if err != nil {
		t.Fatal(err)
	}
	texttest.Known(t, all, ".")
	texttest.Used(t, os.DirFS("texts"), ".")
	texttest.Used(t, os.DirFS("gallery/texts"), "gallery")
	texttest.Manners(t, os.DirFS("texts"), texttest.Worker)
}
