package conform

import (
	"encoding/json"
	"slices"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	ledger "augenmass/internal/record/ledger/entry"
)

// issued reads a permit entry. A permit that names another system than its
// entry does, or cannot be read, is none.
func issued(e ledger.Event) (permit.Permit, bool) {
	switch e.Type {
	case permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored:
	default:
		return permit.Permit{}, false
	}
	var p permit.Entry
	if err := json.Unmarshal(e.Data, &p); err != nil || p.Permit.System != e.Subject || p.Permit.System == "" {
		return permit.Permit{}, false
	}
	return p.Permit, true
}

// term is what the checks need of one version of a permit.
type term struct {
	facts      string
	confidence *float64 // least, of the condition; nil: the permit has none
	drift      *float64 // most
	bias       *float64 // most
	plant      []string // states in which results are released
	plantAsked bool
	every      bool // a person decides on every result
}

func termOf(p permit.Permit) term {
	t := term{facts: p.FactsHash, every: p.Oversight == permit.InTheLoop && p.Class == permit.ClassHigh}
	limit := func(kind string) *float64 {
		if c, ok := p.Condition(kind); ok {
			return &c.Limit
		}
		return nil
	}
	t.confidence, t.drift, t.bias = limit(permit.CondConfidence), limit(permit.CondDrift), limit(permit.CondBias)
	if c, ok := p.Condition(permit.CondPlant); ok {
		t.plant, t.plantAsked = c.Allowed, true
	}
	return t
}

// needsPerson is the rule of ZTA-05 over what the permit sets and the gateway
// measured: the same triggers as the gateway's result gate. Measures that were
// not taken trigger nothing, except the confidence: a result that says nothing
// about it is not sure.
func (t term) needsPerson(i entry.Inference) bool {
	switch {
	case t.every, i.Confidence == nil:
		return true
	case t.confidence != nil && *i.Confidence < *t.confidence:
		return true
	case t.drift != nil && i.Drift != nil && *i.Drift > *t.drift && *i.Drift > value(i.DriftFloor):
		return true
	case t.bias != nil && i.Bias != nil && *i.Bias-value(i.BiasMargin) > *t.bias:
		return true
	}
	return t.plantAsked && (i.Plant == nil || i.Plant.State == entry.PlantUnknown || !slices.Contains(t.plant, i.Plant.State))
}

// value is a measure, or 0 where it was not taken.
func value(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// termKey names one version of one permit.
type termKey struct {
	system, number string
	version        int
}

func keyOf(i entry.Inference) termKey {
	return termKey{i.System, i.Permit.Number, i.Permit.Version}
}

// terms joins results with the permits that they name, whichever comes first.
type terms struct {
	known   map[termKey]term
	waiting map[termKey][]waiter
}

type waiter struct {
	index uint64
	i     entry.Inference
}

func newTerms() terms {
	return terms{known: map[termKey]term{}, waiting: map[termKey][]waiter{}}
}

// learn takes a permit entry and hands every result that waited for it to judge.
func (t terms) learn(e ledger.Event, judge func(uint64, entry.Inference, term)) {
	p, ok := issued(e)
	if !ok {
		return
	}
	k := termKey{p.System, p.Number, p.Version}
	known := termOf(p)
	t.known[k] = known
	for _, w := range t.waiting[k] {
		judge(w.index, w.i, known)
	}
	delete(t.waiting, k)
}

// ask hands a result to judge, now or when the permit that it names is known.
func (t terms) ask(index uint64, i entry.Inference, judge func(uint64, entry.Inference, term)) {
	k := keyOf(i)
	if known, ok := t.known[k]; ok {
		judge(index, i, known)
		return
	}
	t.waiting[k] = append(t.waiting[k], waiter{index, i})
}

// strangers are the results that name a permit which the journal does not
// hold, in its order.
func (t terms) strangers() []uint64 {
	var out []uint64
	for _, all := range t.waiting {
		for _, w := range all {
			out = append(out, w.index)
		}
	}
	slices.Sort(out)
	return out
}
