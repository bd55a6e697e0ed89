package risk

import (
	"context"
	"slices"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Take makes a risk of an entry of the library, in one language, for one system or
// the organisation as a whole. What the library proposes as a rating is no rating:
// people say that in the next step. NotFound without such an entry.
func (r *Room) Take(ctx context.Context, hazard, system, owner string, lang text.Lang) (store.Object[Risk], error) {
	var saved store.Object[Risk]
	h, ok := r.lib().Hazard(hazard)
	if !ok {
		return saved, problem.Newf(problem.NotFound, "Die Risikobibliothek hat keinen Eintrag „%s“.", "The risk library has no entry '%s'.", hazard)
	}
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		saved, err = r.Risks.Create(ctx, tx, fromHazard(h, system, owner, lang))
		return err
	})
	return saved, err
}

func fromHazard(h packs.Hazard, system, owner string, lang text.Lang) Risk {
	doc := Risk{Name: h.Title.In(lang), System: system, Cause: h.Cause.In(lang), Effect: h.Effect.In(lang), Owner: owner, Hazard: h.ID}
	for _, i := range h.Impacts {
		doc.Impacts = append(doc.Impacts, Impact(i))
	}
	return doc
}

// Samples puts the samples of the library into the register: risks with ratings,
// reasons, treatment and planned measures, to be edited (requirement 001-62). A
// sample that is there already is not put there again. owner looks after them.
func (r *Room) Samples(ctx context.Context, owner string, lang text.Lang) ([]store.Object[Risk], error) {
	var out []store.Object[Risk]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		for _, h := range r.lib().Hazards() {
			if !h.Sample {
				continue
			}
			p, err := r.Risks.List(ctx, tx, store.Query{Filters: []store.Filter{store.Where("hazard", "=", h.ID)}, Limit: 1, Uncounted: true})
			if err != nil {
				return err
			}
			if len(p.Items) > 0 {
				continue
			}
			o, err := r.sample(ctx, tx, h, owner, lang)
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

// sample writes one sample with a planned measure for each control it names.
func (r *Room) sample(ctx context.Context, tx *store.Tx, h packs.Hazard, owner string, lang text.Lang) (store.Object[Risk], error) {
	doc := fromHazard(h, "", owner, lang)
	for _, i := range doc.Impacts {
		doc.Before = append(doc.Before, Rating{Impact: i, Likelihood: h.Likelihood, LikelihoodReason: h.LikelihoodWhy.In(lang),
			Severity: h.Severity, SeverityReason: h.SeverityWhy.In(lang)})
	}
	lib := r.lib()
	for _, id := range h.Controls {
		c, ok := lib.Clause(id)
		if !ok {
			return store.Object[Risk]{}, problem.Newf(problem.Corrupt, "Die Fundstelle „%s“ fehlt in den Wissenspaketen.", "The clause '%s' is missing from the content packs.", id)
		}
		what := c.Text.In(lang)
		if what == "" {
			what = c.Title.In(lang)
		}
		m, err := r.Measures.Create(ctx, tx, Measure{Name: cut(c.Ref+" "+c.Title.In(lang), 200), Control: id, What: cut(what, 4000),
			Progress: "planned", Effect: Unproven, Owner: owner})
		if err != nil {
			return store.Object[Risk]{}, err
		}
		doc.Measures = append(doc.Measures, m.ID)
	}
	doc.Treatment, doc.TreatmentReason = Reduce, h.Treatment.In(lang)
	r.looked(&doc, doc.ReviewBy, "")
	return r.Risks.Create(ctx, tx, doc)
}

func cut(s string, n int) string {
	if all := []rune(s); len(all) > n {
		return string(slices.Clip(all[:n]))
	}
	return s
}
