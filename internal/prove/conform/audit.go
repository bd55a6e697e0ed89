package conform

import (
	"time"

	"augenmass/internal/operate/entry"
	ledger "augenmass/internal/record/ledger/entry"
)

// complete is audit.complete (ZTA-04): every entry of a decision, by machine or
// person, says when, about what, with what outcome and why, in the agreed form.
type complete struct {
	tally
	span
}

func (c *complete) see(index uint64, e ledger.Event) {
	if !c.holds(e.Time) {
		return
	}
	var err error
	about := ""
	switch e.Type {
	case entry.TypeInference:
		var i entry.Inference
		i, err = entry.ParseInference(e.Data)
		if about = i.System; about == "" {
			about = entry.UnknownSubject
		}
	case entry.TypeAccess:
		var a entry.Access
		a, err = entry.ParseAccess(e.Data)
		about = a.Resource.ID
	case entry.TypeDecided:
		var d entry.CaseDecision
		d, err = entry.ParseCaseDecision(e.Data)
		about = d.Case
	case entry.TypeExpired:
		var x entry.CaseExpired
		x, err = entry.ParseCaseExpired(e.Data)
		about = x.Case
	case entry.TypeStopped, entry.TypeResumed:
		var s entry.Stop
		s, err = entry.ParseStop(e.Data)
		about = s.System
	default:
		return
	}
	c.add(index, err == nil && !e.Time.IsZero() && e.Subject == about)
}

func (c *complete) done(time.Time) *tally { return c.clone() }

// modelcard is audit.modelcard (ZTA-04): every model that gave results in the
// span has a card, as the latest permit that covers it says.
type modelcard struct {
	tally
	span
	cards map[modelKey]bool
	shown map[modelKey]uint64 // first result in the span
}

// modelKey is one model of one system, to its bytes.
type modelKey struct{ system, name, version, hash string }

func (c *modelcard) see(index uint64, e ledger.Event) {
	if p, ok := issued(e); ok {
		for _, m := range p.Models {
			c.cards[modelKey{p.System, m.Name, m.Version, m.Hash}] = m.HasCard
		}
		return
	}
	if e.Type != entry.TypeInference || !c.holds(e.Time) {
		return
	}
	i, err := entry.ParseInference(e.Data)
	if err != nil || i.Outcome == entry.Denied {
		return // audit.complete counts what cannot be read
	}
	k := modelKey{i.System, i.Model.Name, i.Model.Version, i.Model.Hash}
	if _, ok := c.shown[k]; !ok {
		c.shown[k] = index
	}
}

func (c *modelcard) done(time.Time) *tally {
	t := c.clone()
	byFirst := map[uint64]bool{}
	for k, index := range c.shown {
		byFirst[index] = c.cards[k]
	}
	for _, index := range sortedKeys(byFirst) {
		t.add(index, byFirst[index])
	}
	return t
}
