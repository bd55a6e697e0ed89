package longtest

import (
	"flag"
	"testing"
)

// What runs when: CI and the variable ask for everything, -run for what it names.
func TestWhatRuns(t *testing.T) {
	was := flag.Lookup("test.run").Value.String()
	t.Cleanup(func() {
		if err := flag.Set("test.run", was); err != nil {
			t.Error(err)
		}
	})
	for name, c := range map[string]struct {
		ci, views, run  string
		whole, selected bool
	}{
		"quick":         {"", "", "", false, false},
		"CI":            {"true", "", "", true, true},
		"make test":     {"", "all", "", true, true},
		"another value": {"", "few", "", false, false},
		"by name":       {"", "", "TestStory", false, true},
	} {
		t.Setenv("CI", c.ci)
		t.Setenv(Env, c.views)
		if err := flag.Set("test.run", c.run); err != nil {
			t.Fatal(err)
		}
		if Whole() != c.whole || Selected() != c.selected {
			t.Errorf("%s: whole %v, selected %v", name, Whole(), Selected())
		}
		ran := false
		t.Run(name, func(t *testing.T) {
			Skip(t, "a long one")
			ran = true
		})
		if ran != c.selected {
			t.Errorf("%s: ran %v", name, ran)
		}
	}
}
