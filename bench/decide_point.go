package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/problem"
)

// decider puts the requests of a work to one engine, in process. Everything
// that does not depend on the request is made before; turning a request into
// the engine's form is part of asking.
type decider struct {
	name string
	// ask decides request i of the work.
	ask func(i int) (allow bool, err error)
	// reasons are the ids of the policies that decided request i, sorted; nil
	// when the engine does not tell.
	reasons func(i int) ([]string, error)
}

// agrees holds every answer against the work before anything is timed.
func (d decider) agrees(w *decideWork) error {
	for i, want := range w.want {
		got, err := d.ask(i)
		if err != nil {
			return fmt.Errorf("%s, request %d: %w", d.name, i, err)
		}
		if got != want.allow {
			return fmt.Errorf("%s answers request %d with %v, not %v: %+v", d.name, i, got, want.allow, w.requests[i])
		}
		if d.reasons == nil {
			continue
		}
		have, err := d.reasons(i)
		if err != nil {
			return fmt.Errorf("%s, request %d: %w", d.name, i, err)
		}
		if fmt.Sprint(have) != fmt.Sprint(want.reasons) {
			return fmt.Errorf("%s gives request %d the reasons %v, not %v", d.name, i, have, want.reasons)
		}
	}
	return nil
}

// pointTrusted is the trusted side of the decision point: what identity and
// register would say, ready in memory as they have it.
type pointTrusted struct {
	subjects, resources map[string]map[string]any
	around              map[string]any
}

func newPointTrusted(w *decideWork) *pointTrusted {
	t := &pointTrusted{subjects: map[string]map[string]any{}, resources: map[string]map[string]any{}, around: map[string]any{}}
	for _, s := range w.subjects {
		t.subjects[s.typ+"\x00"+s.id] = map[string]any{"level": s.level, "managed": s.managed, decide.KeyIn: pointRefs(s.in)}
	}
	for _, a := range w.assets {
		t.resources[a.typ+"\x00"+a.id] = map[string]any{"critical": a.critical, decide.KeyIn: pointRefs(a.in)}
	}
	return t
}

func pointRefs(in []workRef) []decide.Ref {
	var out []decide.Ref
	for _, r := range in {
		out = append(out, decide.Ref{Type: r.typ, ID: r.id})
	}
	return out
}

func (t *pointTrusted) Subject(_ context.Context, typ, id string) (map[string]any, error) {
	return known(t.subjects, typ, id)
}

func (t *pointTrusted) Resource(_ context.Context, typ, id string) (map[string]any, error) {
	return known(t.resources, typ, id)
}

func (t *pointTrusted) Environment(context.Context, string) (map[string]any, error) {
	return t.around, nil
}

func known(from map[string]map[string]any, typ, id string) (map[string]any, error) {
	m, ok := from[typ+"\x00"+id]
	if !ok {
		return nil, problem.New(problem.NotFound, "Nicht bekannt.", "Not known.")
	}
	return m, nil
}

// around is what the house itself knows about the moment of a request.
func (r workRequest) around() map[string]any {
	m := map[string]any{decide.KeyPosture: r.posture, decide.KeyMFA: r.mfa, decide.KeyRisk: int(r.risk), decide.KeyPlantKnown: r.plantKnown}
	if r.plantKnown {
		m[decide.KeyPlant], m[decide.KeyPlantAt] = r.plant, workDay.Add(time.Duration(r.hour)*time.Hour-2*time.Second)
	}
	return m
}

func (w *decideWork) question(r workRequest) decide.Request {
	s, a := w.subjects[r.subject], w.assets[r.asset]
	return decide.Request{Subject: decide.Entity{Type: s.typ, ID: s.id}, Action: decide.Action{Name: r.action}, Resource: decide.Entity{Type: a.typ, ID: a.id}}
}

// newPointDecider is this program: Point.Evaluate as a whole, with the trusted
// side, the id of the decision and its reasons.
func newPointDecider(w *decideWork) (decider, error) { return pointDecider(w, "augenmass", false) }

// pointDecider is the point under a name. With moments it is asked each time in
// a moment that policies can tell from all before: the signal of the plant is
// older every time, and a policy looks at its age.
func pointDecider(w *decideWork, name string, moments bool) (decider, error) {
	t, text := newPointTrusted(w), w.cedarText()
	if moments {
		text = strings.Replace(text, "!context.plant.known", "!context.plant.known || context.plant.age > 1000000000", 1)
	}
	now, asked := workDay, 0
	p, err := decide.New(decide.Options{Policies: []decide.PolicyFile{{Name: "work.cedar", Text: text}}, Schema: workSchema, Trusted: t,
		Now: func() time.Time { return now }, Rand: rand.NewChaCha8([32]byte{1})})
	if err != nil {
		return decider{}, err
	}
	ask := func(i int) (decide.Decision, error) {
		r := w.requests[i]
		now = workDay.Add(time.Duration(r.hour) * time.Hour)
		t.around = r.around()
		if moments && r.plantKnown {
			asked++
			t.around[decide.KeyPlantAt] = now.Add(-time.Duration(asked) * time.Second)
		}
		return p.Evaluate(context.Background(), w.question(r))
	}
	return decider{name: name, ask: func(i int) (bool, error) {
		d, err := ask(i)
		return d.Allow, err
	}, reasons: func(i int) ([]string, error) {
		d, err := ask(i)
		var ids []string
		for _, r := range d.Reasons {
			if r.Policy != "" {
				ids = append(ids, r.Policy)
			}
		}
		return ids, err
	}}, nil
}
