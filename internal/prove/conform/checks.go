package conform

import (
	"encoding/json"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	ledger "augenmass/internal/record/ledger/entry"
)

// enforced is policy.enforced (ZTA-01): every access and every inference was
// decided under a named policy version, and, where a system is known, under a
// named permit.
type enforced struct{ tally }

func (c *enforced) see(index uint64, e ledger.Event, in bool) error {
	if !in {
		return nil
	}
	switch e.Type {
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		c.add(index, err == nil && i.Policy != "" && (i.System == "" || i.Outcome == entry.Denied || i.Permit.Number != ""))
	case entry.TypeAccess:
		a, err := entry.ParseAccess(e.Data)
		c.add(index, err == nil && a.Policy != "")
	}
	return nil
}

func (c *enforced) done(Spec, time.Time) *tally { return &c.tally }

// suspension is a permit that is off, and the entry that took it off.
type suspension struct {
	index uint64
	at    time.Time
	in    bool
	bad   []uint64
}

// context is policy.context (ZTA-01): after the context changed so that a
// permit fell, no result of that system was released until it was restored.
// An inference decided before the change may be journaled shortly after it and
// is no violation; its own time tells.
type context struct {
	tally
	off map[string]suspension
}

func (c *context) see(index uint64, e ledger.Event, in bool) error {
	switch e.Type {
	case permit.TypeSuspended:
		if _, already := c.off[e.Subject]; !already {
			c.off[e.Subject] = suspension{index: index, at: e.Time, in: in}
		}
	case permit.TypeRestored, permit.TypeIssued:
		c.close(e.Subject)
	case entry.TypeInference:
		s, ok := c.off[e.Subject]
		if !ok {
			return nil
		}
		i, err := entry.ParseInference(e.Data)
		if err != nil || i.Outcome == entry.Released && !i.DecidedAt.Before(s.at) {
			s.bad = append(s.bad, index)
			c.off[e.Subject] = s
		}
	}
	return nil
}

func (c *context) close(system string) {
	s, ok := c.off[system]
	if !ok {
		return
	}
	delete(c.off, system)
	if !s.in {
		return
	}
	if len(s.bad) == 0 {
		c.add(s.index, true)
		return
	}
	c.add(s.bad[0], false)
}

func (c *context) done(Spec, time.Time) *tally {
	for _, system := range sortedKeys(c.off) {
		c.close(system)
	}
	return &c.tally
}

// complete is audit.complete (ZTA-04): every decision entry says when, for
// whom, with what outcome and why, in the agreed form.
type complete struct{ tally }

func (c *complete) see(index uint64, e ledger.Event, in bool) error {
	if !in {
		return nil
	}
	var err error
	switch e.Type {
	case entry.TypeInference:
		_, err = entry.ParseInference(e.Data)
	case entry.TypeAccess:
		_, err = entry.ParseAccess(e.Data)
	case entry.TypeDecided:
		_, err = entry.ParseCaseDecision(e.Data)
	case entry.TypeExpired:
		_, err = entry.ParseCaseExpired(e.Data)
	default:
		return nil
	}
	c.add(index, err == nil && !e.Time.IsZero() && e.Subject != "")
	return nil
}

func (c *complete) done(Spec, time.Time) *tally { return &c.tally }

// modelcard is audit.modelcard (ZTA-04): every model whose results passed the
// gateway has a card, as its permit says.
type modelcard struct {
	tally
	cards map[string]bool   // model hash → has a card
	shown map[string]uint64 // model hash → first inference in the span
}

func (c *modelcard) see(index uint64, e ledger.Event, in bool) error {
	switch e.Type {
	case permit.TypeIssued, permit.TypeRestored, permit.TypeSuspended:
		var p permit.Entry
		if err := json.Unmarshal(e.Data, &p); err != nil {
			return nil // audit.complete is for decisions; a broken permit shows no card
		}
		for _, m := range p.Permit.Models {
			c.cards[m.Hash] = m.HasCard
		}
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		if err != nil || !in || i.Model.Hash == "" {
			return nil
		}
		if _, ok := c.shown[i.Model.Hash]; !ok {
			c.shown[i.Model.Hash] = index
		}
	}
	return nil
}

func (c *modelcard) done(Spec, time.Time) *tally {
	for _, hash := range sortedKeys(c.shown) {
		c.add(c.shown[hash], c.cards[hash])
	}
	return &c.tally
}

// coverage is oversight.coverage (ZTA-05): whatever was not sure enough, or
// drifted, or came without a usable confidence, went to a person before
// anything was answered.
type coverage struct{ tally }

func (c *coverage) see(index uint64, e ledger.Event, in bool) error {
	if !in || e.Type != entry.TypeInference {
		return nil
	}
	i, err := entry.ParseInference(e.Data)
	if err != nil {
		c.add(index, false)
		return nil
	}
	if i.Outcome == entry.Denied || !needsPerson(i) {
		return nil
	}
	c.add(index, i.Outcome == entry.Escalated && i.Case != nil)
	return nil
}

// needsPerson is the rule of ZTA-05 over the limits that were in force.
func needsPerson(i entry.Inference) bool {
	switch {
	case i.Confidence == nil:
		return true
	case *i.Confidence < i.Limits.Confidence:
		return true
	case i.Limits.Drift > 0 && i.Drift != nil && *i.Drift > i.Limits.Drift && *i.Drift > value(i.DriftFloor):
		return true
	case i.Limits.Bias > 0 && i.Bias != nil && *i.Bias-value(i.BiasMargin) > i.Limits.Bias:
		return true
	}
	return false
}

// value is a measure, or 0 where it was not taken.
func value(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func (c *coverage) done(Spec, time.Time) *tally { return &c.tally }

// openCase is a review case that waits.
type openCase struct {
	index uint64
	due   time.Time
	in    bool
}

// closed is oversight.closed (ZTA-05): cases that fell due were decided in
// time. A case that is not due yet is not looked at.
type closed struct {
	tally
	open map[string]openCase
}

func (c *closed) see(index uint64, e ledger.Event, in bool) error {
	switch e.Type {
	case entry.TypeInference:
		if i, err := entry.ParseInference(e.Data); err == nil && i.Case != nil {
			c.open[i.Case.ID] = openCase{index: index, due: i.Case.Due, in: in}
		}
	case entry.TypeDecided:
		d, err := entry.ParseCaseDecision(e.Data)
		if err != nil || d.Verdict == entry.Second {
			return nil
		}
		o, ok := c.open[d.Case]
		if !ok {
			return nil
		}
		delete(c.open, d.Case)
		if o.in {
			c.add(o.index, !d.Late && !e.Time.After(o.due))
		}
	}
	return nil
}

func (c *closed) done(_ Spec, last time.Time) *tally {
	for _, id := range sortedKeys(c.open) {
		if o := c.open[id]; o.in && o.due.Before(last) {
			c.add(o.index, false)
		}
	}
	return &c.tally
}
