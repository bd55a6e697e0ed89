package decide

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestClausesExist holds the clauses of the point's own reasons and of the
// policies that ship with the program against the public facts beside the
// checkout.
func TestClausesExist(t *testing.T) {
	dir := os.Getenv("AUGENMASS_SHARED")
	given := dir != ""
	if !given {
		dir = "../../../../shared"
	}
	files, err := filepath.Glob(filepath.Join(dir, "facts", "*.yaml"))
	if err != nil || len(files) == 0 {
		if given && os.Getenv("CI") == "true" {
			t.Fatalf("AUGENMASS_SHARED=%s holds no facts", dir)
		}
		t.Skip("no facts beside the checkout")
	}
	known := map[string]bool{}
	id := regexp.MustCompile(`(?m)^\s*(?:- )?id: '?([^\s']+)`)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range id.FindAllStringSubmatch(string(raw), -1) {
			known[m[1]] = true
		}
	}
	for code, r := range ownReasons {
		for _, c := range r.Clauses {
			if !known[c] {
				t.Errorf("%s: clause %s does not exist", code, c)
			}
		}
		if !r.Say.Complete() || len(r.Clauses) == 0 {
			t.Errorf("%s is incomplete", code)
		}
	}
	house(t, newWorld(), func(o *Options) { o.KnownClause = func(id string) bool { return known[id] } })
}
