package oversee

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Stop stops a system at once (AI Act Art. 14(4)(e)). The gateway refuses from
// the moment this is called, before anything is written: a full disk must not
// keep a person from stopping a machine's adviser. An error says what else did
// not work; the stop holds all the same while the program runs.
func (q *Queue) Stop(ctx context.Context, p Principal, system, reason string) error {
	role, err := q.mayStop(ctx, p, system, reason, false)
	if err != nil {
		return err
	}
	q.press(system)
	// A resume that is under way ends first: what is recorded last is what holds.
	unlock, err := q.lock(ctx, system)
	if err != nil {
		q.unrecorded(system)
		return stoppedBut(err)
	}
	defer unlock()
	err = q.recordStop(ctx, entry.TypeStopped, p, role, system, reason)
	if q.o.OnStop != nil {
		err = errors.Join(err, q.o.OnStop(ctx, system, true, p))
	}
	if err != nil {
		q.unrecorded(system)
		return stoppedBut(err)
	}
	q.recorded(system)
	return nil
}

func stoppedBut(err error) error {
	return problem.New(problem.Unavailable,
		"Das System ist gestoppt, aber der Stopp konnte nicht vollständig festgehalten werden.",
		"The system is stopped, but the stop could not be recorded completely.").
		WithHint("Bitte den Stopp noch einmal auslösen, sobald der Speicher wieder frei ist.",
			"Please press stop again once the storage is free.").Wrap(err)
}

// Resume lifts the stop. It is recorded before it takes effect, and it lifts no
// stop that somebody pressed meanwhile.
func (q *Queue) Resume(ctx context.Context, p Principal, system, reason string) error {
	role, err := q.mayStop(ctx, p, system, reason, true)
	if err != nil {
		return err
	}
	unlock, err := q.lock(ctx, system)
	if err != nil {
		return err
	}
	defer unlock()
	before, stopped := q.pressed(system)
	if !stopped {
		return problem.New(problem.Conflict, "Dieses System ist nicht gestoppt.", "This system is not stopped.")
	}
	if err := q.recordStop(ctx, entry.TypeResumed, p, role, system, reason); err != nil {
		return err
	}
	if q.o.OnStop != nil {
		if err := q.o.OnStop(ctx, system, false, p); err != nil {
			return err
		}
	}
	q.release(system, before)
	return nil
}

func (q *Queue) mayStop(ctx context.Context, p Principal, system, reason string, lift bool) (string, error) {
	var c problem.Checks
	reason = strings.TrimSpace(reason)
	c.Field(system != "", "system", "Das KI-System fehlt.", "The AI system is missing.")
	c.Field(utf8.RuneCountInString(reason) >= leastReason && strings.Contains(reason, " "), "reason",
		"Bitte in mindestens einem Satz begründen.", "Please give the reason in at least one sentence.")
	c.Field(utf8.RuneCountInString(reason) <= mostReason, "reason", "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
	if err := c.Err(); err != nil {
		return "", err
	}
	if q.o.MayStop != nil && p.ID != "" {
		if role, ok := q.o.MayStop(ctx, p, system, lift); ok && role != "" {
			return role, nil
		}
	}
	return "", problem.New(problem.Denied, "Sie dürfen dieses System nicht stoppen oder wieder anfahren.", "You may not stop or resume this system.").
		WithReason("oversight.may_not_stop", "Ihre Rolle erlaubt das nicht.", "Your role does not allow it.", "aia.art14.4.e")
}

func (q *Queue) recordStop(ctx context.Context, typ string, p Principal, role, system, reason string) error {
	why, err := q.seal(ctx, "stop:"+system, []byte(reason))
	if err != nil {
		return err
	}
	return q.append(ctx, typ, system, &entry.Stop{V: entry.Version, System: system, By: p.ID, Role: role, Reason: why})
}

// Stopped reports whether a person stopped the system. The gateway asks before
// it asks the model and again before it releases.
func (q *Queue) Stopped(system string) bool {
	q.haltMu.RLock()
	defer q.haltMu.RUnlock()
	return q.halted[system]
}

// Hold stops a system in the gateway and writes nothing. Besides Stop, it is for
// a stop that the register knows and the journal does not: pressed when nothing
// could be recorded. It ends with Resume, by a person.
func (q *Queue) Hold(system string) {
	q.haltMu.Lock()
	defer q.haltMu.Unlock()
	q.halted[system] = true
	q.presses[system]++
}

// press is Hold for a stop that is about to be recorded here.
func (q *Queue) press(system string) {
	q.haltMu.Lock()
	defer q.haltMu.Unlock()
	q.halted[system] = true
	q.presses[system]++
	q.own[system]++
}

// recorded says that the register knows a stop that was pressed here, and with
// it those before that it had refused.
func (q *Queue) recorded(system string) {
	q.haltMu.Lock()
	defer q.haltMu.Unlock()
	q.own[system] = max(0, q.own[system]-1-q.failed[system])
	delete(q.failed, system)
}

// unrecorded says that the register does not know a stop that was pressed here,
// and will not before somebody presses again.
func (q *Queue) unrecorded(system string) {
	q.haltMu.Lock()
	defer q.haltMu.Unlock()
	q.failed[system]++
}

// Heard takes over what the register says about a stop after another node
// changed it; stopped reads the register. It lifts no stop that was pressed here
// and is not in the register yet, or never came there.
func (q *Queue) Heard(system string, stopped func() (bool, error)) error {
	q.hearing.Lock()
	defer q.hearing.Unlock()
	q.haltMu.RLock()
	since, own := q.presses[system], q.own[system]
	q.haltMu.RUnlock()
	now, err := stopped()
	switch {
	case err != nil:
		return err
	case now && !q.Stopped(system):
		q.Hold(system)
	case !now && own == 0:
		q.release(system, since)
	}
	return nil
}

// pressed counts how often stop was pressed, and says whether it holds.
func (q *Queue) pressed(system string) (times uint64, stopped bool) {
	q.haltMu.RLock()
	defer q.haltMu.RUnlock()
	return q.presses[system], q.halted[system]
}

// release lifts the stop, unless somebody pressed it again since then.
func (q *Queue) release(system string, since uint64) {
	q.haltMu.Lock()
	defer q.haltMu.Unlock()
	if q.presses[system] == since {
		delete(q.halted, system)
		delete(q.own, system)
		delete(q.failed, system)
	}
}

// Load brings back the stops of before a restart. It is called once, after the
// projection has caught up and before anything is served.
func (q *Queue) Load(ctx context.Context) error {
	cursor := ""
	for {
		page, err := q.stops.List(ctx, q.o.DB, store.Query{Filters: []store.Filter{store.Where("stopped", "=", true)}, Cursor: cursor, Limit: store.MaxLimit})
		if err != nil {
			return err
		}
		for _, s := range page.Items {
			q.Hold(s.System)
		}
		if page.Next == "" {
			return nil
		}
		cursor = page.Next
	}
}
