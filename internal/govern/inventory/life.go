package inventory

import (
	"context"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Gate says whether a system may begin a stage, with everything that is missing
// (package govern/life). before is nil for a new entry. It runs inside the
// transaction that would change the stage.
type Gate func(ctx context.Context, tx *store.Tx, id string, before *System, after System) error

// SetGate hands in the gate, before the database is opened. Without one only the
// order of the stages counts.
func (r *Room) SetGate(g Gate) { r.gate = g }

// lives is the one place where the stage of a system is judged, whoever changes
// it and in which way: pages, REST, import, the program itself (requirements
// 000-03, 000-11). A new entry begins as an idea; steps forward follow each other
// and pass the gate; stepping back is always possible; a retired system stays
// retired.
func (r *Room) lives(ctx context.Context, tx *store.Tx, id string, before, after *System) error {
	if before == nil {
		return begins(ctx, *after)
	}
	if before.LifeCycle == after.LifeCycle {
		return nil
	}
	from, to := stage(before.LifeCycle), stage(after.LifeCycle)
	var c problem.Checks
	c.Field(to >= 0, "life_cycle", "Diese Stufe gibt es nicht.", "There is no such stage.")
	c.Field(after.LifeCycle == Retired || to <= from+1, "life_cycle",
		"Kein Schritt wird übersprungen: Idee, Erprobung, Betrieb.", "No step is skipped: idea, trial, operation.")
	c.Field(before.LifeCycle != Retired, "life_cycle", "Ein stillgelegtes System bleibt stillgelegt.", "A retired system stays retired.")
	if err := c.Err(); err != nil {
		return err
	}
	if to < from || r.gate == nil {
		return nil
	}
	return r.gate(ctx, tx, id, before, *after)
}

// begins judges a new entry. What runs already may be taken over in its stage,
// but only where somebody says so.
func begins(ctx context.Context, s System) error {
	if s.LifeCycle == Idea || takenOver(ctx) {
		return nil
	}
	var c problem.Checks
	c.Field(false, "life_cycle", "Ein neuer Eintrag beginnt als Idee; danach folgen die Schritte einzeln.",
		"A new entry begins as an idea; the steps follow one by one.")
	return c.Err()
}

type takeOver struct{}

// TakeOver lets entries that ctx creates begin in the stage in which their
// systems already are: for taking over a register that was kept elsewhere. What
// the gates would have asked for stays visible as missing on the page of the
// system's life, and the permit asks for it all the same.
func TakeOver(ctx context.Context) context.Context { return context.WithValue(ctx, takeOver{}, true) }

func takenOver(ctx context.Context) bool {
	yes, _ := ctx.Value(takeOver{}).(bool)
	return yes
}

func stage(l LifeCycle) int {
	for i, v := range l.Values() {
		if v == string(l) {
			return i
		}
	}
	return -1
}
