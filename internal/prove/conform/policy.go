package conform

import (
	"slices"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	ledger "augenmass/internal/record/ledger/entry"
)

// Names of what an AI system is used through, as the decision point has them.
const (
	typeSystem  = "system"
	actionInfer = "infer"
)

// enforced is policy.enforced (ZTA-01): every access and every result of a
// model was decided under a policy version and under a version of a permit
// that the journal holds. A request that was refused before it came to a
// decision (no such model, not readable) is neither access nor result.
type enforced struct {
	tally
	span
	terms terms
}

func (c *enforced) see(index uint64, e ledger.Event) {
	c.terms.learn(e, c.judge)
	if !c.holds(e.Time) {
		return
	}
	switch e.Type {
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		switch {
		case err != nil:
			c.add(index, false)
		case i.Outcome == entry.Denied:
			if i.Policy != "" {
				c.add(index, true)
			}
		case i.Policy == "" || i.Permit.Number == "":
			c.add(index, false)
		default:
			c.terms.ask(index, i, c.judge)
		}
	case entry.TypeAccess:
		a, err := entry.ParseAccess(e.Data)
		use := err == nil && a.Allow && a.Action == actionInfer && a.Resource.Type == typeSystem
		c.add(index, err == nil && a.Policy != "" && (!use || a.Permit.Number != ""))
	}
}

func (c *enforced) judge(index uint64, i entry.Inference, t term) {
	c.add(index, i.Permit.FactsHash == t.facts)
}

func (c *enforced) done(time.Time) *tally {
	t := c.clone()
	for _, index := range c.terms.strangers() {
		t.add(index, false)
	}
	return t
}

// reaction is how long a fallen permit may take to reach the gateway: the
// promise of the house is that the next request is refused within a second. A
// suspension is stamped while it is being written, so a result that was decided
// in this second under the version before may still have left.
const reaction = time.Second

// context is policy.context (ZTA-01): after the context changed so that a
// permit fell, only denials followed until it was restored. One case is one
// fall of a permit. It counts in the span in which it fell, and in every span
// in which something left in spite of it.
//
// What a result rests on is the version that it names and the time at which it
// was decided: one that was decided before the fall may be journaled after it,
// and one under the restored permit may be journaled before the permit's own
// entry.
type context struct {
	tally
	span
	of map[string]*standing // by system
}

// standing is how the permit of one system stands.
type standing struct {
	newest int       // version of the permit, as far as the journal told
	until  time.Time // end of the permit, while it is valid; zero: none
	last   use       // the use that was decided last while the permit was on
	ahead  []use     // name a version whose entry must still come
	fall   *fall     // nil: the permit is on, or there never was one
}

// fall is one time that a permit is off.
type fall struct {
	index   uint64 // of the entry that says so
	in      bool   // it lies in the span
	at      time.Time
	version int           // the first one that is off
	grace   time.Duration // how long a version before it may still be used
	bad     []use
}

// use is one result or one permitted access to a model.
type use struct {
	index   uint64
	at      time.Time // decided
	version int       // of the permit that it names
	in      bool
}

func (c *context) see(index uint64, e ledger.Event) {
	switch e.Type {
	case permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored:
		c.permit(index, e)
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		switch {
		case err != nil:
			// What cannot be read is not proven to be a denial.
			c.use(e.Subject, use{index, e.Time, 0, c.holds(e.Time)})
		case i.Outcome != entry.Denied:
			c.use(i.System, use{index, i.DecidedAt, i.Permit.Version, c.holds(e.Time)})
		}
	case entry.TypeAccess:
		a, err := entry.ParseAccess(e.Data)
		if err == nil && a.Allow && a.Action == actionInfer && a.Resource.Type == typeSystem {
			c.use(a.Resource.ID, use{index, e.Time, a.Permit.Version, c.holds(e.Time)})
		}
	}
}

func (c *context) standing(system string) *standing {
	s, ok := c.of[system]
	if !ok {
		s = &standing{}
		c.of[system] = s
	}
	return s
}

// permit takes an entry of a permit. An unreadable one restores nothing.
func (c *context) permit(index uint64, e ledger.Event) {
	p, ok := issued(e)
	s := c.standing(e.Subject)
	if !ok {
		p.Version = s.newest + 1
	}
	switch {
	case ok && p.State == permit.Valid:
		if f := s.fall; f != nil {
			for _, u := range s.ahead {
				if u.version < p.Version || u.at.Before(e.Time) {
					f.bad = append(f.bad, u)
				}
			}
			f.count(&c.tally)
		}
		s.came(p.Version)
		s.fall, s.until, s.last = nil, p.ValidUntil, use{}
	case ok || e.Type == permit.TypeSuspended:
		if s.fall == nil {
			s.fall = &fall{at: e.Time, version: p.Version, grace: reaction}
			// It may have been stamped before a use that is journaled already.
			if u := s.last; !u.at.IsZero() {
				s.fall.use(u)
			}
		}
		f := s.fall
		if !f.in {
			f.index, f.in = index, c.holds(e.Time)
		}
		f.bad = append(f.bad, s.came(p.Version)...)
	}
	if ok {
		s.newest = max(s.newest, p.Version)
	}
}

// came takes from those ahead the uses whose entry has come, or never will.
func (s *standing) came(version int) []use {
	var out, still []use
	for _, u := range s.ahead {
		if u.version <= version {
			out = append(out, u)
		} else {
			still = append(still, u)
		}
	}
	s.ahead = still
	return out
}

func (c *context) use(system string, u use) {
	s := c.standing(system)
	switch {
	case u.version > s.newest:
		s.ahead = append(s.ahead, u)
		return
	case s.fall == nil && !s.until.IsZero() && !u.at.Before(s.until):
		s.fall = &fall{at: s.until, version: s.newest + 1} // it had ended by itself
	case s.fall == nil:
		if u.at.After(s.last.at) {
			s.last = u
		}
		return
	}
	s.fall.use(u)
}

// use judges a use by the version it names and by its time.
func (f *fall) use(u use) {
	if u.version >= f.version || !u.at.Before(f.at.Add(f.grace)) {
		f.bad = append(f.bad, u)
	}
}

// count adds one case: the fall, or the first use that went against it.
func (f *fall) count(t *tally) {
	for _, u := range f.bad {
		if u.in {
			t.add(u.index, false)
			return
		}
	}
	if f.in {
		t.add(f.index, len(f.bad) == 0)
	}
}

// done counts those still off. What is ahead of a permit that is off and was
// not restored left without one.
func (c *context) done(time.Time) *tally {
	t := c.clone()
	for _, system := range sortedKeys(c.of) {
		if s := c.of[system]; s.fall != nil {
			f := *s.fall
			f.bad = slices.Concat(f.bad, s.ahead)
			f.count(t)
		}
	}
	return t
}
