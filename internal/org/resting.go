package org

import (
	"context"
	"maps"
	"slices"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/voice"
	"augenmass/internal/record/store"
)

// resting are what the rooms of the house rest on items of packs, and what ends
// on a day: the law clock asks them when a text changes or a date moves
// (requirements 000-38, 000-61). One query each at most, so that its pages stay
// within five.
func (g *Org) resting() duty.Sources {
	return duty.Sources{
		Resting: []duty.Resting{g.restControls, g.restPermits, g.restMappings},
		Ending:  []duty.Resting{g.restEvidence, g.restAssessments, g.restAgreements},
	}
}

func (g *Org) restControls(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return rests(ctx, rd, g.Controls.Controls, func(o store.Object[control.Record]) []duty.Rest {
		return []duty.Rest{{Item: o.Doc.Clause, Kind: "control", Object: o.ID, Name: g.cited(o.Doc.Clause)}}
	})
}

func (g *Org) restEvidence(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return rests(ctx, rd, g.Controls.Evidences, func(o store.Object[control.Evidence]) []duty.Rest {
		x := duty.Rest{Kind: "evidence", Object: o.ID, Name: o.Doc.Name, Until: o.Doc.Expires}
		if len(o.Doc.Systems) == 1 {
			x.System = o.Doc.Systems[0]
		}
		return about(x, o.Doc.Clauses)
	})
}

func (g *Org) restAssessments(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return rests(ctx, rd, g.Assess.Assessments, func(o store.Object[assess.Assessment]) []duty.Rest {
		x := duty.Rest{Kind: "assessment", Object: o.ID, System: o.Doc.System, Until: o.Doc.ValidUntil}
		clauses := []string{o.Doc.Questionnaire}
		for _, step := range o.Doc.Trace {
			clauses = append(clauses, step.Clauses...)
		}
		return about(x, clauses)
	})
}

// restPermits are the conditions of the permits that the runtime holds.
func (g *Org) restPermits(context.Context, store.Reader) ([]duty.Rest, error) {
	g.facts.mu.RLock()
	systems := slices.Sorted(maps.Keys(g.facts.systems))
	g.facts.mu.RUnlock()
	var out []duty.Rest
	for _, id := range systems {
		p, ok := g.Point.Permit(id)
		if !ok {
			continue
		}
		x := duty.Rest{Kind: "permit", Object: id, Name: strings.TrimSpace(p.Number + " " + p.Name), System: id}
		for _, c := range p.Conditions {
			out = append(out, about(x, c.Clauses)...)
		}
	}
	return out, nil
}

func (g *Org) restAgreements(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return rests(ctx, rd, g.Agreements, func(o store.Object[voice.Agreement]) []duty.Rest {
		return []duty.Rest{{Kind: "agreement", Object: o.ID, Name: o.Doc.Name, Until: o.Doc.ValidUntil}}
	})
}

// restMappings are the mappings of the organisation's own packs: what the
// program did not bring itself.
func (g *Org) restMappings(context.Context, store.Reader) ([]duty.Rest, error) {
	shipped := map[string]bool{}
	for _, p := range g.o.Library.Packs() {
		shipped[p.ID] = true
	}
	var out []duty.Rest
	for _, m := range g.Library().AllMappings() {
		if !shipped[m.Pack] {
			x := duty.Rest{Kind: "mapping", Name: m.Pack}
			out = append(out, about(x, []string{m.From, m.To})...)
		}
	}
	return out, nil
}

// about is one rest for every item, or the rest without one.
func about(x duty.Rest, items []string) []duty.Rest {
	if len(items) == 0 {
		return []duty.Rest{x}
	}
	out := make([]duty.Rest, len(items))
	for i, item := range items {
		out[i] = x
		out[i].Item = item
	}
	return out
}

// rests reads a whole kind and says what each object rests on.
func rests[T any](ctx context.Context, rd store.Reader, k *store.Kind[T], of func(store.Object[T]) []duty.Rest) ([]duty.Rest, error) {
	var out []duty.Rest
	q := store.Query{Limit: store.MaxLimit, Uncounted: true}
	for {
		p, err := k.List(ctx, rd, q)
		if err != nil {
			return nil, err
		}
		for _, o := range p.Items {
			out = append(out, of(o)...)
		}
		if p.Next == "" {
			return out, nil
		}
		q.Cursor = p.Next
	}
}

// cited is a clause or requirement as people know it: its place in the source.
func (g *Org) cited(id string) string {
	if ref, _, _, ok := g.Library().Cited(id); ok {
		return ref
	}
	return id
}
