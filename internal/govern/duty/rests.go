package duty

import (
	"context"
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/store"
)

// Rests says what of this organisation rests on items of packs, by item: the
// duties and classifications of its systems, and what the other rooms name.
// A rest is named once for an item.
func (r *Room) Rests(ctx context.Context, rd store.Reader) (map[string][]Rest, error) {
	out := map[string][]Rest{}
	add := func(x Rest) {
		if x.Item != "" && !slices.Contains(out[x.Item], x) {
			out[x.Item] = append(out[x.Item], x)
		}
	}
	standing, err := r.Standing(ctx, rd, r.now())
	if err != nil {
		return nil, err
	}
	law := Read(r.lib())
	for _, s := range standing {
		for _, d := range law.On(s.Subject, r.now()) {
			if d.State != Over {
				add(Rest{Item: d.Clause.ID, Kind: "duty", Object: s.System, Name: s.Name, System: s.System})
			}
		}
		for _, step := range s.Trace {
			for _, id := range step.Clauses {
				add(Rest{Item: id, Kind: "classification", Object: s.System, Name: s.Name, System: s.System})
			}
		}
		if s.Known { // every result rests on the rules as such
			for _, set := range []string{classify.ClassRules, classify.RoleRules, classify.LevelRules} {
				add(Rest{Item: set, Kind: "classification", Object: s.System, Name: s.Name, System: s.System})
			}
		}
	}
	for _, more := range r.sources.Resting {
		all, err := more(ctx, rd)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			x.Until = time.Time{} // one rest, whenever it ends
			add(x)
		}
	}
	return out, nil
}

// Stale lists what stops counting between two days (after from, up to to), as
// far as the sources of endings say: evidence that expires, results and
// agreements that end. Each object once, in the order of its end. Until when
// classifications count, the Register knows.
func (r *Room) Stale(ctx context.Context, rd store.Reader, from, to time.Time) ([]Rest, error) {
	var out []Rest
	seen := map[string]bool{}
	for _, more := range r.sources.Ending {
		all, err := more(ctx, rd)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if x.Until.IsZero() || !x.Until.After(from) || x.Until.After(to) || seen[x.Object] {
				continue
			}
			seen[x.Object], x.Item = true, ""
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b Rest) int { return a.Until.Compare(b.Until) })
	return out, nil
}

// Touches finds what rests on one difference: on the item itself, or, for a rule
// or another item that cites clauses, on the pack as a whole when it is a rule
// set. The head of a pack touches nothing.
func Touches(d Difference, pack string, rests map[string][]Rest) []Rest {
	if d.Item == "" {
		return nil
	}
	out := slices.Clone(rests[d.Item])
	for _, x := range rests[pack] {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
