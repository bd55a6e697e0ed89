package conform

import (
	"slices"
	"time"

	"augenmass/internal/operate/entry"
	ledger "augenmass/internal/record/ledger/entry"
)

// coverage is oversight.coverage (ZTA-05): whatever was not sure enough, or
// came in a context for which the permit wants a person, went to a person
// before anything was answered. It looks at what went to a person and at what
// should have; the limits are those of the signed permit, not those that the
// gateway says it used. A result under a permit that the journal does not hold
// has no limits and fails.
type coverage struct {
	tally
	span
	terms terms
}

func (c *coverage) see(index uint64, e ledger.Event) {
	c.terms.learn(e, c.judge)
	if e.Type != entry.TypeInference || !c.holds(e.Time) {
		return
	}
	i, err := entry.ParseInference(e.Data)
	switch {
	case err != nil:
		c.add(index, false)
	case i.Outcome == entry.Escalated:
		c.add(index, i.Case != nil)
	case i.Outcome == entry.Released:
		c.terms.ask(index, i, c.judge)
	}
}

// judge counts a released result if a person should have decided on it.
func (c *coverage) judge(index uint64, i entry.Inference, t term) {
	if t.needsPerson(i) {
		c.add(index, false)
	}
}

func (c *coverage) done(time.Time) *tally {
	t := c.clone()
	for _, index := range c.terms.strangers() {
		t.add(index, false)
	}
	return t
}

// closed is oversight.closed (ZTA-05): review cases were decided in time, by a
// person in a role that the permit named, and by a second person when the
// first one handed the case on.
//
// A case is settled when it is decided, and at the latest when it falls due; it
// counts in the span in which it is settled, so that spans which follow each
// other count every case once. One that is not due yet and not decided is not
// looked at.
type closed struct {
	tally
	span
	open map[string]openCase
	part bool // it does not see the whole journal
}

func (c *closed) gap() { c.part = true }

// openCase is a review case that waits.
type openCase struct {
	index    uint64
	due      time.Time
	deciders []string
	first    string // who handed it on
}

func (c *closed) see(index uint64, e ledger.Event) {
	switch e.Type {
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		if err != nil || i.Case == nil {
			return // coverage counts what cannot be read
		}
		if _, twice := c.open[i.Case.ID]; twice {
			c.settle(index, e.Time, false)
			return
		}
		c.open[i.Case.ID] = openCase{index: index, due: i.Case.Due, deciders: i.Case.Deciders}
	case entry.TypeDecided:
		c.decided(index, e)
	case entry.TypeExpired:
		x, err := entry.ParseCaseExpired(e.Data)
		if err != nil {
			return // audit.complete counts it; the case falls due by itself
		}
		o, ok := c.open[x.Case]
		if !ok {
			c.unknown(index, e)
			return
		}
		delete(c.open, x.Case)
		c.settle(o.index, o.due, false)
	}
}

func (c *closed) decided(index uint64, e ledger.Event) {
	d, err := entry.ParseCaseDecision(e.Data)
	if err != nil {
		return // as above
	}
	o, ok := c.open[d.Case]
	if !ok {
		if !d.Late { // a late one comes after the case expired
			c.unknown(index, e)
		}
		return
	}
	if d.Verdict == entry.Second {
		if o.first == "" {
			o.first = d.By
		}
		c.open[d.Case] = o
		return
	}
	delete(c.open, d.Case)
	if e.Time.After(o.due) {
		c.settle(o.index, o.due, false)
		return
	}
	c.settle(o.index, e.Time, !d.Late && slices.Contains(o.deciders, d.Role) && o.first != d.By)
}

// unknown counts the end of a case that nobody opened, or that had ended: an
// entry is missing or one too many.
func (c *closed) unknown(index uint64, e ledger.Event) {
	if !c.part {
		c.settle(index, e.Time, false)
	}
}

// settle counts a case if it was settled in the span.
func (c *closed) settle(index uint64, at time.Time, ok bool) {
	if c.holds(at) {
		c.add(index, ok)
	}
}

func (c *closed) done(at time.Time) *tally {
	late := map[uint64]bool{}
	for _, o := range c.open {
		if o.due.Before(at) && c.holds(o.due) {
			late[o.index] = true
		}
	}
	t := c.clone()
	for _, index := range sortedKeys(late) {
		t.add(index, false)
	}
	return t
}
