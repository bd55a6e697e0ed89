package main

import (
	"fmt"
	"slices"
)

// engine answers the requests of a work in process. Every engine knows the
// parties beforehand, in its own form; what a request says about itself and its
// surroundings is converted within decide, as it would be for a caller.
type engine struct {
	name string
	// decide answers request i of the work.
	decide func(i int) (workAnswer, error)
	// silent engines say yes or no and give no reasons, or only one of them.
	silent bool
}

// agrees holds an engine to the answers of the plain reference for the first so
// many requests; nothing is timed before.
func (e engine) agrees(w *decideWork, requests int) error {
	for i := range min(requests, len(w.want)) {
		have, err := e.decide(i)
		if err != nil {
			return fmt.Errorf("%s, request %d: %w", e.name, i, err)
		}
		if err := e.sameAnswer(i, have, w.want[i]); err != nil {
			return err
		}
	}
	return nil
}

func (e engine) sameAnswer(i int, have, want workAnswer) error {
	slices.Sort(have.reasons)
	if have.allow != want.allow || (!e.silent && !slices.Equal(have.reasons, want.reasons)) {
		return fmt.Errorf("%s answers request %d with %v because of %v; the reference says %v because of %v",
			e.name, i, have.allow, have.reasons, want.allow, want.reasons)
	}
	return nil
}
