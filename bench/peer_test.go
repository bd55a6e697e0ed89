package main

import (
	"context"
	"testing"
)

// inProcess are the engines that D1 compares with ours, by name.
var inProcess = map[string]func(context.Context, *decideWork) (engine, error){
	"cedar":           func(_ context.Context, w *decideWork) (engine, error) { return cedarShipped(w) },
	"OPA rules":       opaLibrary("rules"),
	"OPA data":        opaLibrary("data"),
	"Casbin eval":     casbinEngine("eval"),
	"Casbin function": casbinEngine("function"),
}

// TestPeersGiveTheAnswersOfTheReference: a peer that was written down wrongly
// would make every comparison with it worthless.
func TestPeersGiveTheAnswersOfTheReference(t *testing.T) {
	for _, n := range []int{100, 600} {
		w := newDecideWork(n, 400, 7)
		for name, build := range inProcess {
			e, err := build(t.Context(), w)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := e.agrees(w, len(w.want)); err != nil {
				t.Errorf("%d policies: %v", n, err)
			}
		}
	}
}

// TestAWrongAnswerIsSeen: the comparison itself must be able to fail.
func TestAWrongAnswerIsSeen(t *testing.T) {
	w := newDecideWork(100, 50, 7)
	e, err := cedarShipped(w)
	if err != nil {
		t.Fatal(err)
	}
	w.want[49].allow = !w.want[49].allow
	if e.agrees(w, 50) == nil {
		t.Error("another answer passed")
	}
	w.want[49].allow = !w.want[49].allow
	for i, a := range w.want {
		if len(a.reasons) > 0 {
			w.want[i].reasons = nil
			break
		}
	}
	if e.agrees(w, 50) == nil {
		t.Error("other reasons passed")
	}
}
