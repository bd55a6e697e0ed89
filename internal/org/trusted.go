package org

import (
	"context"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
)

// trusted is what the house knows itself about who asks and what is asked for:
// from identity, the register and the plant, never from the caller. A node that
// hears nothing of the others vouches for nothing.
type trusted struct{ o *Org }

// Subject implements decide.Trusted.
func (t trusted) Subject(ctx context.Context, typ, id string) (map[string]any, error) {
	if t.o.unheard() {
		return nil, errUnheard()
	}
	a, err := t.o.Identity.Subject(ctx, typ, id)
	if err != nil {
		return nil, err
	}
	if typ != identity.KindPerson {
		a[decide.KeyScopes] = scopesOf(a)
	}
	return a, nil
}

// scopesOf says what a workload may do at all: call models, if it is active and
// the register names systems for it. Which ones, its token says.
func scopesOf(a map[string]any) []string {
	if systems, ok := a["systems"].([]string); ok && len(systems) > 0 {
		return []string{"infer"}
	}
	return []string{}
}

// Resource implements decide.Trusted. Today systems are the only resources
// with attributes of their own.
func (t trusted) Resource(ctx context.Context, typ, id string) (map[string]any, error) {
	if typ != "system" {
		return nil, problem.Newf(problem.NotFound, "Über „%s“ weiß das Haus nichts.", "The house knows nothing about '%s'.", typ)
	}
	o, ok := t.o.facts.get(id)
	if !ok {
		return nil, problem.New(problem.NotFound, "Dieses System ist nicht eingetragen.", "This system is not registered.")
	}
	return o, nil
}

// Environment implements decide.Trusted: the state of the plant in the zone
// that the system's model belongs to.
func (t trusted) Environment(_ context.Context, system string) (map[string]any, error) {
	zone := t.o.facts.zone(system)
	if zone == "" {
		return map[string]any{}, nil
	}
	state, at, known := t.o.Plant.State(zone)
	env := map[string]any{decide.KeyPlantKnown: known}
	if known {
		env[decide.KeyPlant], env[decide.KeyPlantAt] = state, at.Truncate(time.Millisecond)
	}
	return env, nil
}
