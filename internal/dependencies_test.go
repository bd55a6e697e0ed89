package internal_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// TestEveryDependencyIsExplained: each direct module has its line in
// docs/dependencies.md, and the table names no module that is gone.
func TestEveryDependencyIsExplained(t *testing.T) {
	raw, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, r := range mod.Require {
		if r.Indirect {
			continue
		}
		direct[r.Mod.Path] = true
		if !strings.Contains(string(page), "| "+r.Mod.Path+" |") {
			t.Errorf("%s is required directly but docs/dependencies.md does not say why", r.Mod.Path)
		}
	}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		name := strings.TrimSpace(cells[1])
		if strings.Contains(name, ".") && strings.Contains(name, "/") && !direct[name] {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not require directly", name)
		}
	}
	for _, r := range mod.Require {
		// SQLite's C library in Go fits exactly one version of SQLite.
		if want := map[string]string{"modernc.org/sqlite": "v1.60.0", "modernc.org/libc": "v1.77.1"}[r.Mod.Path]; want != "" && r.Mod.Version != want {
			t.Errorf("%s is at %s; sqlite v1.60.0 goes with libc v1.77.1, raise both together", r.Mod.Path, r.Mod.Version)
		}
	}
	if len(direct) > 30 {
		t.Errorf("%d direct modules; 30 is the limit", len(direct))
	}
}
