package public

import (
	"fmt"
	"testing"
	"time"
)

// Wrong codes run out and come back slowly; a code that was right stays open
// meanwhile, whoever guesses.
func TestLimit(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	l := newLimit()
	if _, ok := l.take("mill", now); !ok {
		t.Fatal("the first code is refused")
	}
	l.hit("mill")
	for n := range burst {
		if _, ok := l.take(fmt.Sprint("x", n), now); !ok {
			t.Fatalf("guess %d is refused", n)
		}
	}
	wait, ok := l.take("y", now)
	if ok || wait <= 0 || wait > refill {
		t.Errorf("guess %d: let in %v, wait %v", burst+1, ok, wait)
	}
	if _, ok := l.take("mill", now); !ok {
		t.Error("guessing locks the right code out")
	}
	if _, ok := l.take("y", now.Add(-time.Hour)); ok {
		t.Error("a clock that goes backwards gives a guess")
	}
	if _, ok := l.take("y", now.Add(refill-time.Hour)); !ok {
		t.Error("waiting gives no guess")
	}
	if _, ok := l.take("z", now.Add(refill-time.Hour)); ok {
		t.Error("waiting once gives two guesses")
	}
	l.gone("mill")
	if _, ok := l.take("mill", now.Add(refill-time.Hour)); ok {
		t.Error("a code of a system that is gone is still let in")
	}
	if _, ok := l.take("mill", now.Add(48*time.Hour)); !ok {
		t.Error("a day later nothing is let in")
	}
	if l.left > burst-1 {
		t.Errorf("%v guesses were saved up", l.left)
	}
}
