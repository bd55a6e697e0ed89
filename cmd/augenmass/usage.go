package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// usageTexts put the parser's complaints, which are English, into German. What
// matches none is shown as it is.
var usageTexts = []struct {
	en *regexp.Regexp
	de string
}{
	{regexp.MustCompile(`^missing flags: (.+)$`), "Es fehlt $1."},
	{regexp.MustCompile(`^unknown flag ([^,]+)(?:, did you mean .*)?$`), "Die Angabe $1 gibt es hier nicht."},
	{regexp.MustCompile(`^unexpected argument ([^,]+)(?:, did you mean .*)?$`), "„$1“ gehört nicht hierher."},
	{regexp.MustCompile(`^expected one of (.+)$`), "Es fehlt eines von $1."},
	{regexp.MustCompile(`^expected "(.+)"$`), "Es fehlt $1."},
	{regexp.MustCompile(`^(--\S+): expected a valid .*int but got (.+)$`), "$1 verlangt eine ganze Zahl, nicht $2."},
	{regexp.MustCompile(`^(--\S+): expected \S+ value but got (.+?)(?: \(.*)?$`), "$1 verlangt einen Wert, nicht $2; sonst als $1=WERT schreiben."},
	{regexp.MustCompile(`^(--\S+): missing value.*$`), "Hinter $1 fehlt der Wert."},
}

var kindOfValue = regexp.MustCompile(`(--[a-z-]+)=[A-Z]+\b`)

// misunderstood says what is wrong with a call, and where the help for it is.
func misunderstood(w *outside, err error) {
	what := kindOfValue.ReplaceAllString(err.Error(), "$1")
	en := what
	for _, t := range usageTexts {
		if t.en.MatchString(what) {
			what = t.en.ReplaceAllString(what, t.de)
			break
		}
	}
	help := "augenmass help"
	var at *kong.ParseError
	if errors.As(err, &at) {
		for _, p := range at.Context.Path {
			if p.Command != nil {
				help += " " + strings.ReplaceAll(p.Command.Name, " ", "")
			}
		}
	}
	fmt.Fprintf(w.err, say(w.lang, "Aufruf nicht verstanden: %s\n", "Cannot understand this call: %s\n"), say(w.lang, what, en))
	fmt.Fprintf(w.err, say(w.lang, "„%s“ zeigt, was es gibt.\n", "'%s' shows what there is.\n"), help)
}
