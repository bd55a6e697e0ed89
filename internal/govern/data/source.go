package data

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

var _ stand.Source = (*Room)(nil)

// Name is the name of this source in the content hash.
func (r *Room) Name() string { return "data" }

// Touches are the kinds whose change may touch a permit. Flows are for reading.
func (r *Room) Touches() []string { return []string{r.Datasets.Name(), r.Checks.Name()} }

// SystemOf names the system of a model check. A data set may serve several
// systems, and a change may have taken one of them away, so it touches all.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, kind, id string) (string, error) {
	if kind != r.Checks.Name() {
		_, err := r.Datasets.Get(ctx, rd, id)
		return "", err
	}
	o, err := r.Checks.Get(ctx, rd, id)
	return o.Doc.System, err
}

// seenSet is what an approver approves of a data set.
type seenSet struct {
	ID       string `json:"id"`
	Source   string `json:"source"`
	Licence  string `json:"licence"`
	Personal Known  `json:"personal"`
}

// Says tells what the room knows of a system, in two queries. What is broken,
// overdue or failed counts for every system; that a data set has a chain at all
// and that a model version was accepted is demanded where much depends on it.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	sets, err := r.Of(ctx, rd, s.System.ID)
	if err != nil {
		return stand.Said{}, err
	}
	checks, err := r.ChecksOf(ctx, rd, s.System.ID)
	if err != nil {
		return stand.Said{}, err
	}
	var out stand.Said
	if err := r.sayData(ctx, &out, s, sets); err != nil {
		return stand.Said{}, err
	}
	r.sayModels(&out, s, checks)
	return out, nil
}

// sayData says what is demanded of the data sets.
func (r *Room) sayData(ctx context.Context, out *stand.Said, s stand.Subject, sets []store.Object[Dataset]) error {
	if len(sets) == 0 {
		return nil
	}
	_, v, err := r.keys()
	if err != nil {
		return err
	}
	var seen []seenSet
	var lines []text.Bi
	open := false
	for _, o := range sets {
		d := o.Doc
		seen = append(seen, seenSet{o.ID, d.Source, d.Licence, d.Personal})
		out.Objects = append(out.Objects, o.ID)
		b := Check(ctx, v, o.ID, d.Steps)
		say := setLine(d, b)
		lines, open = append(lines, say), open || b != nil || d.Overdue(s.Now)
		switch {
		case b != nil:
			out.Demands = append(out.Demands, permit.Demand{Code: permit.DemandProvenance, Object: o.ID, Since: o.UpdatedAt, Detail: breakDetail(d.Name, b)})
		case len(d.Steps) == 0 && s.Grave():
			open = true
			out.Demands = append(out.Demands, permit.Demand{Code: permit.DemandProvenance, Object: o.ID, Since: o.CreatedAt,
				Detail: bi("„%s“: Die Beschaffung ist nicht festgehalten.", "'%s': the acquisition is not recorded.", d.Name)})
		case s.Grave():
			out.Demands = append(out.Demands, permit.Demand{Code: permit.DemandProvenance, Met: true, Object: o.ID})
		}
		if !d.DeleteBy.IsZero() && d.Deleted() == nil {
			// The day is a fact that passes by itself: the permit ends with it.
			out.Demands = append(out.Demands, permit.Demand{Code: permit.DemandDeletion, Met: true, Until: d.end(), Object: o.ID,
				Detail: bi("„%s“, Löschtag %s.", "'%s', day of deletion %s.", d.Name, d.DeleteBy.UTC().Format(time.DateOnly))})
		}
	}
	if s.Grave() {
		slices.SortFunc(seen, func(a, b seenSet) int { return strings.Compare(a.ID, b.ID) })
		out.Seen = map[string]any{"sets": seen}
	}
	out.Parts = append(out.Parts, stand.Part{Title: bi("Datensätze", "Data sets"), Lines: lines, Path: "/systems/" + s.System.ID + "/data", Open: open})
	return nil
}

// sayModels says which model versions were accepted.
func (r *Room) sayModels(out *stand.Said, s stand.Subject, checks []store.Object[ModelCheck]) {
	part := stand.Part{Title: bi("Abnahme der Modelle", "Acceptance of the models"), Path: "/systems/" + s.System.ID + "/data"}
	for _, m := range s.Models {
		have := latest(checks, m)
		if have == nil && !s.Grave() {
			continue
		}
		line, d := modelLine(m, have)
		part.Lines, part.Open = append(part.Lines, line), part.Open || !d.Met
		if have != nil {
			out.Objects = append(out.Objects, have.ID)
		}
		// Where little depends on it, a check that is still being filled in is no
		// reason to stop; one that was failed is.
		if s.Grave() || !d.Met && have.Doc.Count().Missed > 0 {
			out.Demands = append(out.Demands, d)
		}
	}
	if len(part.Lines) > 0 {
		out.Parts = append(out.Parts, part)
	}
}

// latest is the newest check of a model as it is now, or nil.
func latest(checks []store.Object[ModelCheck], m store.Object[inventory.Model]) *store.Object[ModelCheck] {
	var out *store.Object[ModelCheck]
	for i := range checks {
		if checks[i].Doc.Covers(m.ID, m.Doc) && (out == nil || checks[i].CreatedAt.After(out.CreatedAt)) {
			out = &checks[i]
		}
	}
	return out
}

// modelLine says how a model version stands, as a sentence and as a demand.
func modelLine(m store.Object[inventory.Model], have *store.Object[ModelCheck]) (text.Bi, permit.Demand) {
	d := permit.Demand{Code: permit.DemandModelCheck, Object: m.ID, Since: m.UpdatedAt}
	name := m.Doc.Title()
	if have == nil {
		d.Detail = bi("„%s“ hat keine Abnahme.", "'%s' has no acceptance.", name)
		return d.Detail, d
	}
	n := have.Doc.Count()
	d.Object, d.Since, d.Met = have.ID, have.UpdatedAt, have.Doc.Passed()
	d.Detail = bi("„%s“: %d von %d Punkten erfüllt, %d verfehlt, %d offen.", "'%s': %d of %d items met, %d missed, %d open.", name, n.Met, n.Of, n.Missed, n.Open)
	return d.Detail, d
}

// setLine is a data set in one sentence.
func setLine(d Dataset, b *Break) text.Bi {
	switch {
	case b != nil:
		return breakDetail(d.Name, b)
	case len(d.Steps) == 0:
		return bi("„%s“: noch kein Schritt festgehalten.", "'%s': no step recorded yet.", d.Name)
	}
	return bi("„%s“: %d von 4 Arten von Schritten festgehalten, die Kette hält.", "'%s': %d of 4 kinds of steps recorded, the chain holds.", d.Name, d.Done())
}

func breakDetail(name string, b *Break) text.Bi {
	return bi("„%s“, Schritt %d: %s", "'%s', step %d: %s", name, b.Step, b.Say)
}

// bi fills both sides of a sentence; an argument with two sides goes to each.
func bi(de, en string, args ...any) text.Bi {
	left, right := slices.Clone(args), slices.Clone(args)
	for i, a := range args {
		if b, ok := a.(text.Bi); ok {
			left[i], right[i] = b.DE, b.EN
		}
	}
	return text.Bi{DE: fmt.Sprintf(de, left...), EN: fmt.Sprintf(en, right...)}
}
