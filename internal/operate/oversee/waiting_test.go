package oversee

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
)

// The numbers of what waits are kept beside the cases. Whatever happened, they
// are what a list shows page by page, for everybody, and also after a rebuild.
func TestWhatWaitsIsCountedAsListed(t *testing.T) {
	d := newDesk(t)
	rnd := rand.New(rand.NewPCG(7, 0))
	people := []Principal{anna, bernd, carla, {ID: "per_both", Roles: []string{"quality", "safety"}}}
	verdicts := []entry.Verdict{entry.Confirm, entry.Reject, entry.Second}
	opened := 0
	for step := range 60 {
		d.set(start.Add(time.Duration(step) * time.Minute))
		for range rnd.IntN(3) {
			deciders := [][]string{{"shift_lead", "safety"}, {"quality"}, {"safety"}}[rnd.IntN(3)]
			d.open(fmt.Sprintf("case_%d", opened), func(i *entry.Inference) { i.Case.Deciders = deciders })
			opened++
		}
		if opened > 0 {
			// Many of these are refused: decided already, not theirs, too late.
			who, which := people[rnd.IntN(len(people))], fmt.Sprintf("case_%d", rnd.IntN(opened))
			if _, err := d.Decide(d.ctx, who, Ruling{Case: which, Verdict: verdicts[rnd.IntN(len(verdicts))], Reason: because}); err != nil {
				t.Log(err)
			}
		}
		if rnd.IntN(4) == 0 {
			if _, err := d.ExpireDue(d.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	compare := func(when string) (waiting int) {
		for _, p := range people {
			n, err := d.Counts(d.ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			waiting = n.Waiting
			for scope, counted := range map[Scope]int{Waiting: n.Waiting, Mine: n.Mine} {
				if listed := d.listed(p, scope); listed != counted {
					t.Errorf("%s: %s sees %d cases of %q and the number %d", when, p.ID, listed, scope, counted)
				}
			}
		}
		return waiting
	}
	before := compare("after work")
	if err := d.db.Rebuild(d.ctx, d.journal, d.Projection()); err != nil {
		t.Fatal(err)
	}
	if after := compare("rebuilt"); before == 0 || after != before {
		t.Errorf("%d cases wait, rebuilt %d", before, after)
	}
}

// listed counts the cases of a scope page by page, and holds every page's total
// against them.
func (d *desk) listed(p Principal, scope Scope) int {
	d.t.Helper()
	n, total := 0, map[int]bool{}
	for cursor := ""; ; {
		page, err := d.List(d.ctx, p, Filter{Scope: scope, Limit: 3, Cursor: cursor})
		if err != nil {
			d.t.Fatal(err)
		}
		n += len(page.Items)
		total[page.Total] = true
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !total[n] || len(total) != 1 {
		d.t.Errorf("%s, %q: %d cases, totals %v", p.ID, scope, n, total)
	}
	return n
}
