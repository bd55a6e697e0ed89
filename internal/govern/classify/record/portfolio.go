package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Quarter is how many systems stood in which class at the end of a quarter, or
// now, for the quarter that is not over (requirement 001-14).
type Quarter struct {
	Start  time.Time
	Counts map[string]int // by class
	Of     int
}

// Upgrade is a classification that rose to a stricter class than before, or than
// the rules said.
type Upgrade struct {
	System    string
	At        time.Time
	By        string // who saved it
	From, To  string
	ByRules   string // what the rules said then
	Reason    string
	Explained bool // the rules said the stricter class, too
}

// Portfolio is the own distribution of classes over time.
type Portfolio struct {
	Quarters []Quarter // oldest first, up to the current one
	Upgrades []Upgrade // newest first; not explained ones have only a person's word
}

// Portfolio reads the distribution of the last quarters from the history of the
// classifications: one query. most is how many quarters are shown at most.
func (r *Room) Portfolio(ctx context.Context, rd store.Reader, at time.Time, most int) (Portfolio, error) {
	past, err := r.cls.Classifications.Past(ctx, rd)
	if err != nil {
		return Portfolio{}, err
	}
	return portfolio(past, at, most), nil
}

// portfolio counts revisions: between two results, drafts change nothing.
func portfolio(past []store.Revision[classify.Classification], at time.Time, most int) Portfolio {
	var out Portfolio
	first := time.Time{}
	var last classify.Classification
	id := ""
	for _, v := range past {
		if v.ID != id {
			id, last = v.ID, classify.Classification{}
		}
		if v.Op == store.Deleted || !v.Doc.Concluded() {
			continue
		}
		if first.IsZero() || v.At.Before(first) {
			first = v.At
		}
		if u, ok := rose(last, v.Doc); ok {
			u.At, u.By = v.At, v.Actor
			out.Upgrades = append(out.Upgrades, u)
		}
		last = v.Doc
	}
	slices.SortStableFunc(out.Upgrades, func(a, b Upgrade) int { return b.At.Compare(a.At) })
	if first.IsZero() {
		return out
	}
	var starts []time.Time
	for q := quarter(at); !q.Before(quarter(first)) && len(starts) < most; q = q.AddDate(0, -3, 0) {
		starts = append(starts, q)
	}
	slices.Reverse(starts)
	for _, q := range starts {
		out.Quarters = append(out.Quarters, counted(past, q, q.AddDate(0, 3, 0)))
	}
	return out
}

// rose says whether a result is stricter than the one before, or than the rules
// when it was saved. The zero last: there was none before.
func rose(last, now classify.Classification) (Upgrade, bool) {
	if now.AsOf.Equal(last.AsOf) {
		return Upgrade{}, false
	}
	u := Upgrade{System: now.System, From: last.Class, To: now.Class, ByRules: now.ByRules, Reason: now.Reason, Explained: now.ByRules == now.Class}
	if !last.Concluded() {
		u.From = now.ByRules
	}
	byHand := classify.Above(now.Class, now.ByRules) || now.ByRules == packs.Unclear && now.Class != packs.Unclear
	return u, last.Concluded() && classify.Above(now.Class, last.Class) || byHand && now.Class != last.Class
}

// counted is the state at the end of a quarter: of every object the last revision
// before it.
func counted(past []store.Revision[classify.Classification], start, end time.Time) Quarter {
	q := Quarter{Start: start, Counts: map[string]int{}}
	state := map[string]string{}
	for _, v := range past {
		switch {
		case !v.At.Before(end):
		case v.Op == store.Deleted:
			delete(state, v.ID)
		case v.Doc.Concluded():
			state[v.ID] = v.Doc.Class
		}
	}
	for _, class := range state {
		q.Counts[class]++
		q.Of++
	}
	return q
}

func quarter(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
}

// Name is the quarter as people write it: "Q4 2026".
func (q Quarter) Name() string {
	var b strings.Builder
	b.WriteString("Q")
	b.WriteByte(byte('1' + (q.Start.Month()-1)/3))
	b.WriteString(" ")
	b.WriteString(q.Start.Format("2006"))
	return b.String()
}
