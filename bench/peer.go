package main

import "slices"

// peerDecider makes a decider from a function that answers request i in full.
// Every peer knows the parties beforehand, in its own form; what a request says
// about itself and its surroundings is converted while answering, as it would be
// for a caller. A silent peer says yes or no and gives no reasons, or only one.
func peerDecider(name string, silent bool, answer func(i int) (workAnswer, error)) decider {
	d := decider{name: name, ask: func(i int) (bool, error) {
		a, err := answer(i)
		return a.allow, err
	}}
	if !silent {
		d.reasons = func(i int) ([]string, error) {
			a, err := answer(i)
			slices.Sort(a.reasons)
			return a.reasons, err
		}
	}
	return d
}
