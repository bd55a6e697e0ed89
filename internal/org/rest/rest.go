// Package rest says what an organisation's rooms rest on items of content packs,
// and until when it counts: control records, conditions of permits, own mappings;
// evidence, assessments and agreements that end. The law clock (govern/duty) asks
// it when a text changes or a date moves (requirements 000-38, 000-61).
//
// It reads and decides nothing. One query a kind at most, so that pages of the
// clock stay within five; permits come from what the runtime holds.
package rest

import (
	"context"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Rooms are what is asked.
type Rooms struct {
	Controls   *control.Room
	Assess     *assess.Room
	Agreements *store.Kind[voice.Agreement]
	Shipped    *packs.Library         // without the organisation's own packs
	Library    func() *packs.Library  // with them
	Permits    func() []permit.Permit // as the runtime holds them, in a stable order
}

// Sources are the rooms as the law clock asks them.
func (r Rooms) Sources() duty.Sources {
	return duty.Sources{
		Resting: []duty.Resting{r.controls, r.Conditions, r.mappings},
		Ending:  []duty.Resting{r.evidence, r.assessments, r.agreements},
	}
}

func (r Rooms) controls(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	lib := r.Library()
	return each(ctx, rd, r.Controls.Controls, func(o store.Object[control.Record]) []duty.Rest {
		return []duty.Rest{{Item: o.Doc.Clause, Kind: "control", Object: o.ID, Name: Cited(lib, o.Doc.Clause)}}
	})
}

func (r Rooms) evidence(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return each(ctx, rd, r.Controls.Evidences, func(o store.Object[control.Evidence]) []duty.Rest {
		x := duty.Rest{Kind: "evidence", Object: o.ID, Name: o.Doc.Name, Until: o.Doc.Expires}
		if len(o.Doc.Systems) == 1 {
			x.System = o.Doc.Systems[0]
		}
		return []duty.Rest{x}
	})
}

func (r Rooms) assessments(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return each(ctx, rd, r.Assess.Assessments, func(o store.Object[assess.Assessment]) []duty.Rest {
		return []duty.Rest{{Kind: "assessment", Object: o.ID, System: o.Doc.System, Until: o.Doc.ValidUntil}}
	})
}

func (r Rooms) agreements(ctx context.Context, rd store.Reader) ([]duty.Rest, error) {
	return each(ctx, rd, r.Agreements, func(o store.Object[voice.Agreement]) []duty.Rest {
		return []duty.Rest{{Kind: "agreement", Object: o.ID, Name: o.Doc.Name, Until: o.Doc.ValidUntil}}
	})
}

// Conditions are the conditions of the permits that the runtime holds, by the
// clauses that demand them. It asks no database.
func (r Rooms) Conditions(context.Context, store.Reader) ([]duty.Rest, error) {
	var out []duty.Rest
	for _, p := range r.Permits() {
		x := duty.Rest{Kind: "permit", Object: p.System, Name: strings.TrimSpace(p.Number + " " + p.Name), System: p.System}
		for _, c := range p.Conditions {
			for _, x.Item = range c.Clauses {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// mappings are those of the organisation's own packs: what the program did not
// bring itself.
func (r Rooms) mappings(context.Context, store.Reader) ([]duty.Rest, error) {
	shipped := map[string]bool{}
	for _, p := range r.Shipped.Packs() {
		shipped[p.ID] = true
	}
	var out []duty.Rest
	for _, m := range r.Library().AllMappings() {
		if !shipped[m.Pack] {
			out = append(out, duty.Rest{Item: m.From, Kind: "mapping", Name: m.Pack}, duty.Rest{Item: m.To, Kind: "mapping", Name: m.Pack})
		}
	}
	return out, nil
}

// Cited is a clause or requirement as people know it: its place in the source.
func Cited(lib *packs.Library, id string) string {
	if ref, _, _, ok := lib.Cited(id); ok {
		return ref
	}
	return id
}

// each reads a whole kind and says what each object rests on.
func each[T any](ctx context.Context, rd store.Reader, k *store.Kind[T], of func(store.Object[T]) []duty.Rest) ([]duty.Rest, error) {
	all, err := k.All(ctx, rd, store.Query{})
	var out []duty.Rest
	for _, o := range all {
		out = append(out, of(o)...)
	}
	return out, err
}
