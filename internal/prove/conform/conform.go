// Package conform computes conformity from the journal, not from anybody's
// word. A requirement of the packs names its checks; a check is a small
// machine that sees every entry once, in order, and says what share of the
// cases it looked at held.
//
// Checks are pure and need constant memory per system and per open case, so
// the same code runs on a page, over a year's journal, and in the offline
// verifier of a case file, which computes the results again. Nothing here
// reads a clock or a store.
package conform

import (
	"sort"
	"time"

	ledger "augenmass/internal/record/ledger/entry"

	"augenmass/internal/problem"
)

// Status of a check or a requirement as measured.
type Status string

// Met and NotMet are measured. Partly: some checks of a requirement held.
// Unmeasured: nothing happened that the check could look at.
const (
	Met        Status = "met"
	Partly     Status = "partly"
	NotMet     Status = "not_met"
	Unmeasured Status = "unmeasured"
)

// Spec asks for one check over one span. From is included, To excluded; zero
// times are open. Min and Max bound the share that passes; Max 0 is no bound.
type Spec struct {
	Check string    `json:"check"`
	Min   float64   `json:"min"`
	Max   float64   `json:"max"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// Result is what a check found.
type Result struct {
	Spec    Spec     `json:"spec"`
	Status  Status   `json:"status"`
	Seen    int      `json:"seen"`   // cases that the check looked at
	Passed  int      `json:"passed"` // of them, those that held
	Share   float64  `json:"share"`  // Passed/Seen; 0 if nothing was seen
	Failed  []uint64 `json:"failed"` // journal indexes of the first failures, at most 20
	Sample  []uint64 `json:"sample"` // journal indexes of evidence that held, at most 20
	Through uint64   `json:"through"`
}

// keep bounds the index lists of a result.
const keep = 20

// tally counts cases; every check holds one.
type tally struct {
	seen, passed   int
	failed, sample []uint64
}

func (t *tally) add(index uint64, ok bool) {
	t.seen++
	if ok {
		t.passed++
		if len(t.sample) < keep {
			t.sample = append(t.sample, index)
		}
		return
	}
	if len(t.failed) < keep {
		t.failed = append(t.failed, index)
	}
}

// machine is one check at work. in says whether the entry's time lies in the
// span; entries before the span still set the stage (permits, open cases).
type machine interface {
	see(index uint64, e ledger.Event, in bool) error
	done(spec Spec, last time.Time) *tally
}

// machines makes the checks by name.
var machines = map[string]func() machine{
	"policy.enforced":    func() machine { return &enforced{} },
	"policy.context":     func() machine { return &context{off: map[string]suspension{}} },
	"audit.complete":     func() machine { return &complete{} },
	"audit.modelcard":    func() machine { return &modelcard{cards: map[string]bool{}, shown: map[string]uint64{}} },
	"oversight.coverage": func() machine { return &coverage{} },
	"oversight.closed":   func() machine { return &closed{open: map[string]openCase{}} },
}

// Checks lists the names of all checks.
func Checks() []string {
	names := make([]string, 0, len(machines))
	for n := range machines {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Run is a set of checks at work over one pass of the journal.
type Run struct {
	specs    []Spec
	machines []machine
	last     time.Time
	through  uint64
}

// Start prepares the checks; an unknown name is a problem of kind BadInput.
func Start(specs []Spec) (*Run, error) {
	r := &Run{specs: specs}
	for _, s := range specs {
		make, ok := machines[s.Check]
		if !ok {
			return nil, problem.Newf(problem.BadInput, "Die Messung „%s“ gibt es nicht.", "There is no check '%s'.", s.Check)
		}
		r.machines = append(r.machines, make())
	}
	return r, nil
}

// See shows one journal entry to every check. Entries come in the order of the
// journal.
func (r *Run) See(index uint64, e ledger.Event) error {
	for i, m := range r.machines {
		s := r.specs[i]
		in := (s.From.IsZero() || !e.Time.Before(s.From)) && (s.To.IsZero() || e.Time.Before(s.To))
		if err := m.see(index, e, in); err != nil {
			return err
		}
	}
	if e.Time.After(r.last) {
		r.last = e.Time
	}
	r.through = index + 1
	return nil
}

// Results judges what was seen, in the order of the specs.
func (r *Run) Results() []Result {
	out := make([]Result, 0, len(r.specs))
	for i, m := range r.machines {
		s := r.specs[i]
		last := r.last
		if !s.To.IsZero() && s.To.Before(last) {
			last = s.To
		}
		t := m.done(s, last)
		res := Result{Spec: s, Status: Unmeasured, Seen: t.seen, Passed: t.passed,
			Failed: emptied(t.failed), Sample: emptied(t.sample), Through: r.through}
		if t.seen > 0 {
			res.Share = float64(t.passed) / float64(t.seen)
			res.Status = NotMet
			if res.Share >= s.Min && (s.Max == 0 || res.Share <= s.Max) {
				res.Status = Met
			}
		}
		out = append(out, res)
	}
	return out
}

func emptied(s []uint64) []uint64 {
	if s == nil {
		return []uint64{}
	}
	return s
}

// Join gives the status of a requirement from the results of its checks: met
// when all that measured something are met, partly when some are, unmeasured
// when none measured anything. A failed check is never averaged away.
func Join(results []Result) Status {
	met, not := 0, 0
	for _, r := range results {
		switch r.Status {
		case Met:
			met++
		case NotMet:
			not++
		}
	}
	switch {
	case met == 0 && not == 0:
		return Unmeasured
	case not == 0:
		return Met
	case met == 0:
		return NotMet
	}
	return Partly
}
