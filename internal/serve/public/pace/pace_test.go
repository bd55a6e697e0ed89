package pace

import (
	"fmt"
	"testing"
	"time"
)

// Wrong codes run out and come back slowly; a code that was right stays open
// meanwhile, whoever guesses.
func TestGate(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	l := New()
	if _, ok := l.Take("mill", now); !ok {
		t.Fatal("the first code is refused")
	}
	l.Hit("mill")
	for n := range Burst {
		if _, ok := l.Take(fmt.Sprint("x", n), now); !ok {
			t.Fatalf("guess %d is refused", n)
		}
	}
	wait, ok := l.Take("y", now)
	if ok || wait <= 0 || wait > Refill {
		t.Errorf("guess %d: let in %v, wait %v", Burst+1, ok, wait)
	}
	if _, ok := l.Take("mill", now); !ok {
		t.Error("guessing locks the right code out")
	}
	if _, ok := l.Take("y", now.Add(-time.Hour)); ok {
		t.Error("a clock that goes backwards gives a guess")
	}
	if _, ok := l.Take("y", now.Add(Refill-time.Hour)); !ok {
		t.Error("waiting gives no guess")
	}
	if _, ok := l.Take("z", now.Add(Refill-time.Hour)); ok {
		t.Error("waiting once gives two guesses")
	}
	l.Gone("mill")
	if _, ok := l.Take("mill", now.Add(Refill-time.Hour)); ok {
		t.Error("a code of a system that is gone is still let in")
	}
	if _, ok := l.Take("mill", now.Add(48*time.Hour)); !ok {
		t.Error("a day later nothing is let in")
	}
	if l.left > Burst-1 {
		t.Errorf("%v guesses were saved up", l.left)
	}
}
