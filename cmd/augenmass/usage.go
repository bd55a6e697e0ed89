package main

import (
	"errors"
	"fmt"

	"augenmass/internal/command"
	"augenmass/internal/text"
)

// misunderstood says what is wrong with a call, and where the help for it is.
func misunderstood(w *outside, err error) {
	what, help := text.Same(err.Error()), "augenmass help"
	var slip *command.Error
	if errors.As(err, &slip) {
		what = slip.Say
		if at := slip.At.Path(); at != "" {
			help += " " + at
		}
	}
	fmt.Fprintf(w.err, say(w.lang, "Aufruf nicht verstanden: %s\n", "Cannot understand this call: %s\n"), what.In(w.lang))
	fmt.Fprintf(w.err, say(w.lang, "„%s“ zeigt, was es gibt.\n", "'%s' shows what there is.\n"), help)
}
