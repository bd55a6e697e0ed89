package gateway

import (
	"math"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/permit"
)

// measures is everything that the result gate judges by.
type measures struct {
	model      string  // reason code of a failed model; empty: it answered
	confidence float64 // counts when confCode is empty and the model answered
	confCode   string
	state      monitor.State
	plant      string // state; entry.PlantUnknown
}

// judge is the result gate: it returns every reason why a person has to decide,
// and none when the result may be released. It is pure; see the package comment
// for the rules. Each reason carries the clauses of the condition it rests on.
func judge(p permit.Permit, m measures) []entry.Reason {
	var out []entry.Reason
	add := func(code, cond string) {
		c, ok := p.Condition(cond)
		if !ok {
			c, _ = p.Condition(permit.CondOversight)
		}
		out = append(out, entry.Reason{Code: code, Clauses: clauses(c.Clauses)})
	}
	switch {
	case m.model == entry.ModelLate:
		add(m.model, permit.CondTimeout)
	case m.model != "":
		add(m.model, permit.CondOversight)
	default:
		if c, ok := p.Condition(permit.CondConfidence); ok {
			if m.confCode != "" {
				add(m.confCode, permit.CondConfidence)
			} else if !(m.confidence >= c.Limit) {
				add(entry.ConfidenceLow, permit.CondConfidence)
			}
		}
	}
	if c, ok := p.Condition(permit.CondDrift); ok && m.state.DriftReady {
		switch d := m.state.Drift; {
		case !measured(d, m.state.DriftFloor):
			add(entry.DriftBroken, permit.CondDrift)
		case d > c.Limit && d > m.state.DriftFloor:
			add(entry.DriftHigh, permit.CondDrift)
		}
	}
	if c, ok := p.Condition(permit.CondBias); ok && m.state.BiasReady {
		switch b := m.state.Bias; {
		case !measured(b, m.state.BiasMargin):
			add(entry.BiasBroken, permit.CondBias)
		case b-m.state.BiasMargin > c.Limit:
			add(entry.BiasHigh, permit.CondBias)
		}
	}
	if c, ok := p.Condition(permit.CondPlant); ok {
		switch {
		case m.plant == entry.PlantUnknown:
			add(entry.PlantUnknownState, permit.CondPlant)
		case !contains(c.Allowed, m.plant):
			add(entry.PlantNotAllowed, permit.CondPlant)
		}
	}
	if p.Oversight == permit.InTheLoop && p.Class == "high" {
		add(entry.EveryResult, permit.CondOversight)
	}
	return out
}

func measured(value, spread float64) bool {
	return value >= 0 && value <= 1 && spread >= 0 && !math.IsInf(spread, 0)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// clauses never is nil, so that the journal has an empty list and no null.
func clauses(c []string) []string {
	if c == nil {
		return []string{}
	}
	return c
}
