// Package conform computes conformity from the journal, not from anybody's
// word. A requirement of the packs names its checks; a check is a small
// machine that sees every entry once, in order, and says what share of the
// cases it looked at held.
//
// Checks are pure. Their memory grows with the versions of permits and with the
// review cases that wait, not with the journal, so the same code runs on a
// page, over a year's journal, and in the offline verifier of a case file,
// which computes the results again. Nothing here reads a clock or a store.
//
// Entries of one instant may stand in either order: the gateway writes its
// results into the journal itself, permits get there through the store's
// outbox a moment later. Checks therefore go by the version of the permit that
// a result names and by the time of its decision, never by who came first.
package conform

import (
	"slices"
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
// times are open. Entries before the span set the stage (permits, open cases),
// entries from its end on are not seen: what a span measures does not change
// when the journal grows. Min and Max bound the share that passes; Max 0 is no
// bound.
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

// clone lets a machine be asked for its result and go on.
func (t *tally) clone() *tally {
	return &tally{t.seen, t.passed, slices.Clone(t.failed), slices.Clone(t.sample)}
}

// span is the time that a check looks at.
type span struct{ from, to time.Time }

func (s span) holds(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && !s.over(t)
}

// over reports whether t lies behind the span.
func (s span) over(t time.Time) bool { return !s.to.IsZero() && !t.Before(s.to) }

// machine is one check at work. see gets every entry before the span's end;
// done counts what is still pending at the instant at, without ending it.
type machine interface {
	see(index uint64, e ledger.Event)
	done(at time.Time) *tally
}

// machines makes the checks by name.
var machines = map[string]func(span) machine{
	"policy.enforced": func(s span) machine { return &enforced{span: s, terms: newTerms()} },
	"policy.context":  func(s span) machine { return &context{span: s, of: map[string]*standing{}} },
	"audit.complete":  func(s span) machine { return &complete{span: s} },
	"audit.modelcard": func(s span) machine {
		return &modelcard{span: s, cards: map[modelKey]bool{}, shown: map[modelKey]uint64{}}
	},
	"oversight.coverage": func(s span) machine { return &coverage{span: s, terms: newTerms()} },
	"oversight.closed":   func(s span) machine { return &closed{span: s, open: map[string]openCase{}} },
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
		r.machines = append(r.machines, make(span{s.From, s.To}))
	}
	return r, nil
}

// gapped is a machine that judges otherwise when it does not see the whole
// journal.
type gapped interface{ gap() }

// See shows one journal entry to every check. Entries come in the order of the
// journal. Some may be left out: what rests on them is then not judged.
func (r *Run) See(index uint64, e ledger.Event) {
	for i, m := range r.machines {
		if g, ok := m.(gapped); ok && index != r.through {
			g.gap()
		}
		if s := r.specs[i]; !(span{s.From, s.To}).over(e.Time) {
			m.see(index, e)
		}
	}
	if e.Time.After(r.last) {
		r.last = e.Time
	}
	r.through = index + 1
}

// Results judges what was seen, in the order of the specs. What falls due by
// itself is judged at the latest time that an entry has, at most at the end of
// the span. Results may be asked for more than once, and in between.
func (r *Run) Results() []Result {
	out := make([]Result, 0, len(r.specs))
	for i, m := range r.machines {
		s := r.specs[i]
		at := r.last
		if (span{s.From, s.To}).over(at) {
			at = s.To
		}
		t := m.done(at)
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
