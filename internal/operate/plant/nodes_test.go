package plant_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"augenmass/internal/operate/plant"
)

// Of two nodes, the one that took a signal tells the other of every new state
// before the device is answered, and of the same state a few times within its
// age. What is heard is held to the same rules; a node that cannot tell says so
// and the signal is sent again.
func TestNodesTellEachOther(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	other := plant.New(plant.Options{Now: clock})
	var told []plant.Signal
	var broken error
	p := plant.New(plant.Options{Now: clock, Tell: func(_ context.Context, s plant.Signal) error {
		if broken != nil {
			return broken
		}
		told = append(told, s)
		return other.Heard(s)
	}})
	say := func(state string) error { return p.Signal(t.Context(), "halle", state, now) }
	for range 12 { // a minute, a signal every five seconds
		if err := say("running"); err != nil {
			t.Fatal(err)
		}
		if _, _, known := other.State("halle"); !known {
			t.Fatal("the other node does not know")
		}
		now = now.Add(4 * time.Second)
	}
	if len(told) < 6 || len(told) > 11 {
		t.Errorf("told %d times in 48 s", len(told))
	}
	if err := say("stopped"); err != nil {
		t.Fatal(err)
	}
	if state, _, _ := other.State("halle"); state != "stopped" {
		t.Errorf("the other node knows %q", state)
	}
	broken = errors.New("no database")
	if err := say("running"); !errors.Is(err, broken) {
		t.Errorf("a new state that nobody was told of: %v", err)
	}
	if state, _, _ := p.State("halle"); state != "running" {
		t.Errorf("here it counts: %q", state)
	}
	broken = nil
	if err := say("running"); err != nil {
		t.Fatal(err)
	}
	if state, _, _ := other.State("halle"); state != "running" {
		t.Errorf("sent again, the other node knows %q", state)
	}
	if err := other.Heard(plant.Signal{Zone: "halle", State: "stopped", At: now.Add(-time.Second)}); err == nil {
		t.Error("an older signal was taken over a newer one")
	}
	if err := other.Heard(plant.Signal{Zone: "halle", State: "stopped", At: now.Add(time.Hour)}); err == nil {
		t.Error("a signal from the future was taken")
	}
	late := plant.New(plant.Options{Now: clock})
	for _, s := range p.Signals() {
		if err := late.Heard(s); err != nil {
			t.Fatal(err)
		}
	}
	if state, at, known := late.State("halle"); state != "running" || !at.Equal(now) || !known {
		t.Errorf("a node that starts later knows %q %s %v", state, at, known)
	}
}
