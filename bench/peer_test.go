package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestPeersGiveTheAnswersOfTheReference: a peer that was written down wrongly
// would make every comparison with it worthless.
func TestPeersGiveTheAnswersOfTheReference(t *testing.T) {
	for _, n := range []int{100, 600} {
		w := newDecideWork(n, 400, 7)
		for name, build := range contestantsD1 {
			d, err := build(t.Context(), w)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := d.agrees(w); err != nil {
				t.Errorf("%d policies: %v", n, err)
			}
		}
	}
}

// TestAWrongAnswerIsSeen: the comparison itself must be able to fail.
func TestAWrongAnswerIsSeen(t *testing.T) {
	w := newDecideWork(100, 50, 7)
	d, err := cedarShipped(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	w.want[49].allow = !w.want[49].allow
	if d.agrees(w) == nil {
		t.Error("another answer passed")
	}
	w.want[49].allow = !w.want[49].allow
	w.want[0].reasons = append(w.want[0].reasons, "p99999")
	if d.agrees(w) == nil {
		t.Error("other reasons passed")
	}
}

// TestOPAServerGivesTheAnswersOfTheReference: the same over HTTP.
func TestOPAServerGivesTheAnswersOfTheReference(t *testing.T) {
	h, closer, err := opaServer(t.Context(), []string{"100", "7"})
	if err != nil {
		t.Fatal(err)
	}
	w := newDecideWork(100, 200, 7)
	for i, want := range w.want {
		body, err := opaBody(w, i)
		if err != nil {
			t.Fatal(err)
		}
		res := httptest.NewRecorder()
		h.ServeHTTP(res, httptest.NewRequest(http.MethodPost, opaPath, bytes.NewReader(body)))
		have, err := opaAnswered(res.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(have.reasons)
		if have.allow != want.allow || fmt.Sprint(have.reasons) != fmt.Sprint(want.reasons) {
			t.Fatalf("request %d: %v, want %v", i, have, want)
		}
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
}
