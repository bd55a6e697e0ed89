package duty

import (
	"slices"
	"time"

	"augenmass/internal/record/packs"
)

// What happens to a duty between two days or two versions of a system.
type What string

// Starts: it runs afterwards and did not before. Ends: the reverse. Differs: it
// runs before and after, for another reason or with another relief.
const (
	Starts  What = "starts"
	Ends    What = "ends"
	Differs What = "differs"
)

// Change is one duty that starts, ends or differs.
type Change struct {
	What What
	Duty Duty // as it is afterwards; of one that ends, as it was
}

// Between says which duties of a system start, end or differ when the day moves
// from one to the other, the system being the same. The days may lie in either
// order.
func Between(lib *packs.Library, s Subject, from, to time.Time) []Change {
	law := Read(lib)
	return Changes(law.On(s, from), law.On(s, to))
}

// Changes compares two lists of duties of one system: of two days, or before
// and after a change of the system (requirement 000-20).
func Changes(before, after []Duty) []Change {
	var out []Change
	was, is := running(before), running(after)
	for _, d := range before {
		if _, still := is[d.Clause.ID]; was[d.Clause.ID] != nil && !still {
			out = append(out, Change{Ends, d})
		}
	}
	for _, d := range after {
		if is[d.Clause.ID] == nil {
			continue
		}
		old := was[d.Clause.ID]
		switch {
		case old == nil:
			out = append(out, Change{Starts, d})
		case old.Trigger != d.Trigger || old.Role != d.Role || old.Relief != d.Relief:
			out = append(out, Change{Differs, d})
		}
	}
	return out
}

func running(all []Duty) map[string]*Duty {
	m := map[string]*Duty{}
	for i, d := range all {
		if d.State == Running {
			m[d.Clause.ID] = &all[i]
		}
	}
	return m
}

// Days are the days on which a duty of one of the systems starts or ends under
// the law as the packs know it, in order: where a date is worth moving to.
func Days(lib *packs.Library, subjects []Subject) []time.Time {
	law := Read(lib)
	var days []time.Time
	for _, s := range subjects {
		for _, d := range law.On(s, time.Time{}) {
			days = append(days, d.From, d.Until)
		}
	}
	days = slices.DeleteFunc(days, time.Time.IsZero)
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}
