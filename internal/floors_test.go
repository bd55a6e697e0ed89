// Package internal_test keeps the architecture true: it reads the import graph
// of the product and names every edge that goes up or across.
package internal_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "augenmass/"

// floor gives each wing its height. An import goes down only, or stays inside
// its own wing.
var floor = map[string]int{
	"cmd":       70,
	"demo":      60,
	"serve":     50,
	"org":       40,
	"prove":     30,
	"govern":    20,
	"operate":   20,
	"permit":    10,
	"record":    5,
	"command":   1,
	"problem":   1,
	"text":      0,
	"knowledge": 0,
}

// wing returns the wing of an import path: "augenmass/internal/govern/risk" is
// in govern, "augenmass/cmd/augenmass" in cmd.
func wing(path string) string {
	p := strings.TrimPrefix(path, module)
	p = strings.TrimPrefix(p, "internal/")
	w, _, _ := strings.Cut(p, "/")
	return w
}

type source struct {
	path string // slash-separated, from the module's root
	pkg  string // import path
	file *ast.File
	fset *token.FileSet
	size int
}

// sources parses every Go file of the product module (not bench, which is a
// module of its own).
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found %d Go files; the walk is broken", len(all))
	}
	return all
}

// parsed reads them once for all tests, which only look.
var parsed = sync.OnceValues(func() ([]source, error) {
	root := ".."
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == "bench" || rel == ".git" || strings.HasSuffix(rel, "/testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, raw, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		n := bytes.Count(raw, []byte("\n"))
		if len(raw) > 0 && raw[len(raw)-1] != '\n' {
			n++
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		all = append(all, source{path: rel, pkg: module + dir, file: f, fset: fset, size: n})
		return nil
	})
	return all, err
})

func generated(path string) bool {
	return strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_gen.go")
}

// TestImportsGoDown holds the floors of the house: cmd → demo → serve → org →
// prove → govern | operate → permit → record → problem → text.
func TestImportsGoDown(t *testing.T) {
	for _, s := range sources(t) {
		from := wing(s.pkg)
		if s.pkg == module+"internal" {
			continue
		}
		if _, known := floor[from]; !known {
			t.Errorf("%s lies in a wing that the house does not have: %q", s.path, from)
			continue
		}
		for _, imp := range s.file.Imports {
			to, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(to, module) {
				continue
			}
			w := wing(to)
			if w == from {
				continue
			}
			high, ok := floor[w]
			switch {
			case !ok:
				t.Errorf("%s imports %s, a wing that the house does not have", s.path, to)
			case strings.HasSuffix(s.path, "_test.go") && from == "record" && w == "knowledge":
			case high >= floor[from]:
				t.Errorf("%s (%s) imports %s (%s): imports go down only", s.path, from, to, w)
			}
		}
	}
}

// TestRoomsStaySmall holds the sizes at which one idea is still one idea.
func TestRoomsStaySmall(t *testing.T) {
	perPackage := map[string]int{}
	for _, s := range sources(t) {
		if generated(s.path) {
			continue
		}
		if s.size > 600 {
			t.Errorf("%s has %d lines; 600 is the limit", s.path, s.size)
		}
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		perPackage[s.pkg] += s.size
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			if n > 80 {
				t.Errorf("%s: func %s has %d lines; 80 is the limit", s.path, f.Name.Name, n)
			}
		}
	}
	for pkg, n := range perPackage {
		if n > 2600 {
			t.Errorf("package %s has %d lines without tests; about 2,000 is the limit", pkg, n)
		}
	}
}

// TestOneRoomSpeaksSQL keeps every statement of the product in record/store.
func TestOneRoomSpeaksSQL(t *testing.T) {
	verbs := []string{"SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE "}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "internal/record/store/") || strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, v := range verbs {
				if strings.Contains(lit.Value, v) {
					t.Errorf("%s: SQL outside record/store: %s", s.fset.Position(lit.Pos()), lit.Value)
				}
			}
			return true
		})
	}
}

// TestPackagesIntroduceThemselves wants a manual in each package's comment, and
// no dumping grounds.
func TestPackagesIntroduceThemselves(t *testing.T) {
	said := map[string]bool{}
	seen := map[string]bool{}
	for _, s := range sources(t) {
		base := filepath.Base(filepath.Dir(s.path))
		switch base {
		case "util", "utils", "common", "helpers", "manager", "misc":
			t.Errorf("%s: a package named %s says nothing about what it holds", s.path, base)
		}
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		seen[s.pkg] = true
		if s.file.Doc != nil && len(s.file.Doc.Text()) > 40 {
			said[s.pkg] = true
		}
	}
	for pkg := range seen {
		if !said[pkg] {
			t.Errorf("package %s has no package comment that says what it does and what it leaves to whom", pkg)
		}
	}
}
