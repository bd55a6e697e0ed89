// Package longtest says which run of the tests this is. Plain "go test ./..."
// is the quick run: it leaves out the walks in a browser and other long
// repetitions, each with a message. "make test" and CI are the whole run. Whoever
// selects tests with -run gets what was selected. Only tests import this package.
//
// Left out may be what repeats longer what the quick run tests shortly; the
// rules themselves are tested in every run.
package longtest

import (
	"flag"
	"os"
	"testing"
)

// Env is the variable that asks for the whole run when it is "all"; CI=true asks
// for it, too.
const Env = "AUGENMASS_VIEWS"

// Whole says that this run leaves nothing out.
func Whole() bool { return os.Getenv("CI") == "true" || os.Getenv(Env) == "all" }

// Selected says that this run has the long tests: it is a whole run, or somebody
// asked for some tests by name.
func Selected() bool { return Whole() || flag.Lookup("test.run").Value.String() != "" }

// Skip leaves the test out of a quick run; what names it in the message.
func Skip(t testing.TB, what string) {
	t.Helper()
	if !Selected() {
		t.Skipf("%s, left out of the quick run: run make test, or %s=all go test, or select it with -run", what, Env)
	}
}
