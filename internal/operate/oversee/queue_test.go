package oversee

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func TestACaseIsShownAtOnce(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	c := d.state("case_1")
	if c.State != Open || c.System != "sys_mill" || c.Decision != "dec_case_1" || *c.Confidence != 0.6 || c.Plant != "running" || !c.Due.Equal(start.Add(15*time.Minute)) ||
		!reflect.DeepEqual(c.Deciders, []string{"shift_lead", "safety"}) || c.Reasons[0].Code != "confidence.low" || c.Reasons[0].Clauses[0] != "aia.art14.4.d" || c.Drift != nil || !c.Suggested {
		t.Errorf("got %+v", c)
	}
	if _, err := d.Case(d.ctx, "case_none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestVerdicts(t *testing.T) {
	for verdict, c := range map[entry.Verdict]struct {
		value, reason string
		state         State
	}{
		entry.Confirm: {"", "", Released},
		entry.Change:  {`{"failure":0}`, because, Changed},
		entry.Reject:  {"", because, Rejected},
	} {
		t.Run(string(verdict), func(t *testing.T) {
			d := newDesk(t)
			d.open("case_1", nil)
			got, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: verdict, Value: json.RawMessage(c.value), Reason: c.reason, Revealed: true})
			if err != nil || got.State != c.state || got.DecidedBy != "per_anna" || got.Verdict != verdict || !got.Revealed || !got.DecidedAt.Equal(start) {
				t.Fatalf("got %+v, %v", got, err)
			}
			e := d.lastDecision()
			if e.Verdict != verdict || e.By != "per_anna" || e.Role != "shift_lead" || e.Decision != "dec_case_1" || e.System != "sys_mill" || !e.Revealed || e.Late || e.Second {
				t.Errorf("entry %+v", e)
			}
			if raw := string(d.events(entry.TypeDecided)[0].Data); strings.Contains(raw, "Werkzeug") || strings.Contains(raw, "failure") {
				t.Errorf("free text stands in the journal: %s", raw)
			}
			res, err := d.Result(d.ctx, "wl_line", "case_1")
			if err != nil || res.Case.State != c.state || (res.Answer != nil) != (verdict == entry.Confirm) || string(res.Value) != c.value {
				t.Errorf("result %+v, %v", res, err)
			}
			if c.reason != "" {
				if kept, err := d.vault.Get(d.ctx, e.Reason.Ref); err != nil || string(kept) != because {
					t.Errorf("the reason in the vault: %q, %v", kept, err)
				}
			}
		})
	}
}

func TestWhoMayDecide(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	for name, p := range map[string]Principal{"another role": carla, "no role": {ID: "per_x"}, "nobody": {Roles: []string{"shift_lead"}}} {
		if _, err := d.Decide(d.ctx, p, Ruling{Case: "case_1", Verdict: entry.Confirm}); !problem.Is(err, problem.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := d.Decide(d.ctx, carla, Ruling{Case: "case_1", Verdict: entry.Confirm})
	want(t, err, problem.Denied, "oversight.not_decider")
	if len(d.events(entry.TypeDecided)) != 0 || d.state("case_1").State != Open {
		t.Error("a refused decision left something behind")
	}
	if _, err := d.Decide(d.ctx, bernd, Ruling{Case: "case_1", Verdict: entry.Confirm}); err != nil {
		t.Errorf("the stand-in: %v", err)
	}
	if e := d.lastDecision(); e.Role != "safety" {
		t.Errorf("decided as %q", e.Role)
	}
}

func TestIncompleteRulings(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	d.open("case_2", func(i *entry.Inference) { i.Case.Suggested = false })
	long := strings.Repeat("lang und ", 600)
	for name, c := range map[string]struct {
		r      Ruling
		detail string
	}{
		"change without a value":       {Ruling{Case: "case_1", Verdict: entry.Change, Reason: because}, "value"},
		"change to null":               {Ruling{Case: "case_1", Verdict: entry.Change, Reason: because, Value: json.RawMessage("null")}, "value"},
		"change to nothing":            {Ruling{Case: "case_1", Verdict: entry.Change, Reason: because, Value: json.RawMessage(`""`)}, "value"},
		"change to broken JSON":        {Ruling{Case: "case_1", Verdict: entry.Change, Reason: because, Value: json.RawMessage("{")}, "value"},
		"change to something huge":     {Ruling{Case: "case_1", Verdict: entry.Change, Reason: because, Value: json.RawMessage(`"` + strings.Repeat("x", 64<<10) + `"`)}, "value"},
		"change without a reason":      {Ruling{Case: "case_1", Verdict: entry.Change, Value: json.RawMessage("1")}, "reason"},
		"reject without a reason":      {Ruling{Case: "case_1", Verdict: entry.Reject}, "reason"},
		"reject with one word":         {Ruling{Case: "case_1", Verdict: entry.Reject, Reason: "nein"}, "reason"},
		"reject with blanks":           {Ruling{Case: "case_1", Verdict: entry.Reject, Reason: strings.Repeat(" ", 40)}, "reason"},
		"a reason without an end":      {Ruling{Case: "case_1", Verdict: entry.Reject, Reason: long}, "reason"},
		"confirm with a value":         {Ruling{Case: "case_1", Verdict: entry.Confirm, Value: json.RawMessage("1")}, "value"},
		"another verdict":              {Ruling{Case: "case_1", Verdict: "maybe"}, "verdict"},
		"no case":                      {Ruling{Verdict: entry.Confirm}, "case"},
		"confirm without a suggestion": {Ruling{Case: "case_2", Verdict: entry.Confirm}, "verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Decide(d.ctx, anna, c.r)
			want(t, err, problem.BadInput, c.detail)
		})
	}
	if _, err := d.Decide(d.ctx, anna, Ruling{Case: "case_none", Verdict: entry.Confirm}); !problem.Is(err, problem.NotFound) {
		t.Errorf("unknown case: %v", err)
	}
	if n := len(d.events(entry.TypeDecided)); n != 0 {
		t.Errorf("%d decisions stand in the journal", n)
	}
}

func TestNobodyDecidesTwice(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	if _, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Confirm}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Principal{anna, bernd} {
		_, err := d.Decide(d.ctx, p, Ruling{Case: "case_1", Verdict: entry.Reject, Reason: because})
		want(t, err, problem.Conflict, "")
		if have, ok := problem.From(err).Have.(Case); !ok || have.State != Released {
			t.Errorf("the conflict carries %+v", problem.From(err).Have)
		}
	}
}

// Of many who decide at once, one does; the journal has one decision.
func TestManyDecideAtOnce(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for n := range 8 {
		wg.Go(func() {
			p := Principal{ID: fmt.Sprintf("per_%d", n), Roles: []string{"safety"}}
			_, err := d.Decide(d.ctx, p, Ruling{Case: "case_1", Verdict: entry.Confirm})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done != 1 || len(d.events(entry.TypeDecided)) != 1 {
		t.Errorf("%d decided, %d entries", done, len(d.events(entry.TypeDecided)))
	}
}

func TestSecondPerson(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	c, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Second})
	if err != nil || c.State != SecondNeeded || c.First != "per_anna" || c.DecidedBy != "" {
		t.Fatalf("got %+v, %v", c, err)
	}
	_, err = d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Confirm})
	want(t, err, problem.Denied, "oversight.same_person")
	_, err = d.Decide(d.ctx, bernd, Ruling{Case: "case_1", Verdict: entry.Second})
	want(t, err, problem.Conflict, "")
	if page, err := d.List(d.ctx, anna, Filter{Scope: Mine}); err != nil || page.Total != 0 {
		t.Errorf("anna still has it: %+v, %v", page, err)
	}
	if page, err := d.List(d.ctx, bernd, Filter{Scope: Mine}); err != nil || page.Total != 1 {
		t.Errorf("bernd does not have it: %+v, %v", page, err)
	}
	if r, err := d.Result(d.ctx, "wl_line", "case_1"); err != nil || r.Case.State != SecondNeeded || r.Answer != nil {
		t.Errorf("the caller gets %+v, %v", r, err)
	}
	if c, err = d.Decide(d.ctx, bernd, Ruling{Case: "case_1", Verdict: entry.Confirm}); err != nil || c.State != Released || c.DecidedBy != "per_bernd" {
		t.Errorf("got %+v, %v", c, err)
	}
	if e := d.lastDecision(); !e.Second || e.By != "per_bernd" {
		t.Errorf("entry %+v", e)
	}
}

func TestDeadline(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	d.open("case_2", nil)
	d.set(start.Add(15 * time.Minute))
	if n, err := d.ExpireDue(d.ctx); n != 0 || err != nil {
		t.Errorf("exactly at the deadline %d expired, %v", n, err)
	}
	if _, err := d.Decide(d.ctx, anna, Ruling{Case: "case_2", Verdict: entry.Confirm}); err != nil {
		t.Errorf("exactly at the deadline: %v", err)
	}
	d.set(start.Add(15*time.Minute + time.Millisecond))
	if r, err := d.Result(d.ctx, "wl_line", "case_1"); err != nil || r.Case.State != Expired || r.Answer != nil {
		t.Errorf("before it is journaled the caller gets %+v, %v", r, err)
	}
	if n, err := d.ExpireDue(d.ctx); n != 1 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
	if n, err := d.ExpireDue(d.ctx); n != 0 || err != nil {
		t.Errorf("a second time %d expired, %v", n, err)
	}
	x, err := entry.ParseCaseExpired(d.events(entry.TypeExpired)[0].Data)
	if err != nil || x.Case != "case_1" || !x.Due.Equal(start.Add(15*time.Minute)) || d.state("case_1").State != Expired {
		t.Errorf("entry %+v, %v", x, err)
	}
	if d.state("case_2").State != Released {
		t.Error("a decided case expired")
	}
	// A late decision is recorded, once, and releases nothing.
	c, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Confirm})
	if err != nil || c.State != Expired || c.Late != 1 || !d.lastDecision().Late {
		t.Errorf("late: %+v, %v, %+v", c, err, d.lastDecision())
	}
	if r, err := d.Result(d.ctx, "wl_line", "case_1"); err != nil || r.Answer != nil || r.Case.State != Expired {
		t.Errorf("the late decision released %+v, %v", r, err)
	}
	_, err = d.Decide(d.ctx, bernd, Ruling{Case: "case_1", Verdict: entry.Confirm})
	want(t, err, problem.Conflict, "")
}

// The deadline passes between two runs of the loop: deciding then records the
// expiry first.
func TestLateDecisionExpiresFirst(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	d.set(start.Add(time.Hour))
	_, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Second})
	want(t, err, problem.Conflict, "")
	c, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Reject, Reason: because})
	if err != nil || c.State != Expired || c.Late != 1 || len(d.events(entry.TypeExpired)) != 1 {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestJournalRefuses(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	d.full = true
	_, err := d.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Confirm})
	want(t, err, problem.Unavailable, "")
	if r, err := d.Result(d.ctx, "wl_line", "case_1"); err != nil || r.Answer != nil || r.Case.State != Open {
		t.Errorf("nothing is recorded, but the caller gets %+v, %v", r, err)
	}
	d.set(start.Add(time.Hour))
	if n, err := d.ExpireDue(d.ctx); n != 0 || !problem.Is(err, problem.Unavailable) {
		t.Errorf("%d expired, %v", n, err)
	}
	d.full = false
	if n, err := d.ExpireDue(d.ctx); n != 1 || err != nil {
		t.Errorf("after that %d expired, %v", n, err)
	}
}

func TestContentIsForDecidersAndHidesTheSuggestion(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	hidden, err := d.Content(d.ctx, anna, "case_1", false)
	if err != nil || hidden.Rows[0][0] != "41.5" || len(hidden.Input) == 0 {
		t.Fatalf("got %+v, %v", hidden, err)
	}
	if hidden.Suggestion != nil || hidden.Explanation != nil || hidden.Explained != nil || hidden.Output != nil || hidden.Answer != nil || hidden.Hints != nil {
		t.Errorf("the suggestion shows: %+v", hidden)
	}
	if shown, err := d.Content(d.ctx, bernd, "case_1", true); err != nil || !reflect.DeepEqual(shown, content()) {
		t.Errorf("got %+v, %v", shown, err)
	}
	_, err = d.Content(d.ctx, carla, "case_1", true)
	want(t, err, problem.Denied, "oversight.not_decider")
	if err := d.vault.Erase(d.ctx, ContentSubject("case_1")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Content(d.ctx, anna, "case_1", true); err == nil {
		t.Error("erased content is still there")
	}
	if d.state("case_1").State != Open {
		t.Error("erasing the content touched the case")
	}
}

func TestOnlyTheCallerGetsTheResult(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	for _, caller := range []string{"wl_other", ""} {
		if _, err := d.Result(d.ctx, caller, "case_1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("caller %q: %v", caller, err)
		}
	}
}

func TestListsAndCounts(t *testing.T) {
	d := newDesk(t)
	for i := range 7 {
		d.set(start.Add(time.Duration(i) * time.Minute))
		d.open(fmt.Sprintf("case_%d", i), func(in *entry.Inference) {
			if i%2 == 1 {
				in.System, in.Case.Deciders = "sys_camera", []string{"quality"}
			}
		})
	}
	if _, err := d.Decide(d.ctx, anna, Ruling{Case: "case_0", Verdict: entry.Confirm}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who   Principal
		f     Filter
		total int
		first string
	}{
		{anna, Filter{}, 7, "case_6"},
		{anna, Filter{Scope: Waiting}, 6, "case_1"},
		{anna, Filter{Scope: Waiting, System: "sys_camera"}, 3, "case_1"},
		{anna, Filter{Scope: Mine}, 3, "case_2"},
		{anna, Filter{Scope: Due, Within: 13 * time.Minute}, 2, "case_2"},
		{carla, Filter{Scope: Mine}, 0, ""},
		{Principal{ID: "per_q", Roles: []string{"quality"}}, Filter{Scope: Mine}, 3, "case_1"},
		{Principal{ID: "per_both", Roles: []string{"quality", "safety"}}, Filter{Scope: Mine}, 6, "case_1"},
	} {
		page, err := d.List(d.ctx, c.who, c.f)
		if err != nil || page.Total != c.total || len(page.Items) != c.total || c.total > 0 && page.Items[0].ID != c.first {
			t.Errorf("%s %+v: %d of %d, %v", c.who.ID, c.f, len(page.Items), page.Total, err)
		}
	}
	if n, err := d.Counts(d.ctx, anna); err != nil || n != (Counts{Waiting: 6, Mine: 3, Due: 3}) {
		t.Errorf("counts %+v, %v", n, err)
	}
	for who, want := range map[string]int{anna.ID: 3, "usr_nobody": 0} {
		p := anna
		if who != anna.ID {
			p = Principal{ID: who, Roles: []string{"none"}}
		}
		ctx, queries := store.CountQueries(d.ctx)
		if n, err := d.Mine(ctx, p); err != nil || n != want || *queries > 2 {
			t.Errorf("%s may decide %d with %d queries, want %d, %v", who, n, *queries, want, err)
		}
	}
	if _, err := d.List(d.ctx, anna, Filter{Scope: "every"}); !problem.Is(err, problem.BadInput) {
		t.Errorf("unknown scope: %v", err)
	}
	var seen []string
	for cursor := ""; ; {
		page, err := d.List(d.ctx, anna, Filter{Scope: Waiting, Limit: 4, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Items {
			seen = append(seen, c.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if want := []string{"case_1", "case_2", "case_3", "case_4", "case_5", "case_6"}; !slices.Equal(seen, want) {
		t.Errorf("paged through %q", seen)
	}
}

func TestOverridesAreCountsOnly(t *testing.T) {
	d := newDesk(t)
	for i := range 6 {
		d.open(fmt.Sprintf("case_%d", i), nil)
	}
	rule := func(id string, p Principal, v entry.Verdict) {
		r := Ruling{Case: id, Verdict: v, Reason: because}
		if v == entry.Change {
			r.Value = json.RawMessage("0")
		}
		if _, err := d.Decide(d.ctx, p, r); err != nil {
			t.Fatal(err)
		}
	}
	rule("case_0", anna, entry.Confirm)
	rule("case_1", anna, entry.Change)
	rule("case_2", anna, entry.Reject)
	rule("case_3", anna, entry.Second)
	rule("case_3", bernd, entry.Confirm)
	got, err := d.Overrides(d.ctx, "sys_mill", time.Time{})
	if want := (Overrides{Waiting: 2, Confirmed: 2, Changed: 1, Rejected: 1, HandedOn: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := d.Overrides(d.ctx, "", start.Add(time.Minute)); err != nil || got != (Overrides{}) {
		t.Errorf("since a minute later: %+v, %v", got, err)
	}
	// The type holds numbers alone: there is no place for a person in it.
	for i := range reflect.TypeFor[Overrides]().NumField() {
		if f := reflect.TypeFor[Overrides]().Field(i); f.Type.Kind() != reflect.Int {
			t.Errorf("%s is no count", f.Name)
		}
	}
}

// Dropping the queue and rebuilding it from the journal gives the same queue,
// and so does a second application of every entry.
func TestRebuildGivesTheSameQueue(t *testing.T) {
	d := newDesk(t)
	for i := range 6 {
		d.open(fmt.Sprintf("case_%d", i), nil)
	}
	rule := func(id string, p Principal, v entry.Verdict) {
		if _, err := d.Decide(d.ctx, p, Ruling{Case: id, Verdict: v, Reason: because}); err != nil {
			t.Fatal(err)
		}
	}
	rule("case_0", anna, entry.Confirm)
	rule("case_1", anna, entry.Second)
	rule("case_2", anna, entry.Second)
	rule("case_2", bernd, entry.Reject)
	if err := d.Stop(d.ctx, bernd, "sys_mill", because); err != nil {
		t.Fatal(err)
	}
	d.set(start.Add(time.Hour))
	if _, err := d.ExpireDue(d.ctx); err != nil {
		t.Fatal(err)
	}
	rule("case_3", anna, entry.Confirm)
	all := func() []Case {
		page, err := d.List(d.ctx, anna, Filter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	before := all()
	if err := d.db.CatchUp(d.ctx, d.journal, d.Projection()); err != nil {
		t.Fatal(err)
	}
	if after := all(); !reflect.DeepEqual(before, after) {
		t.Errorf("applied twice:\n%+v\n%+v", before, after)
	}
	if err := d.db.Rebuild(d.ctx, d.journal, d.Projection()); err != nil {
		t.Fatal(err)
	}
	if after := all(); !reflect.DeepEqual(before, after) {
		t.Errorf("rebuilt:\n%+v\n%+v", before, after)
	}
	again := d.queue()
	if err := again.Load(d.ctx); err != nil || !again.Stopped("sys_mill") {
		t.Errorf("after a restart the stop is gone: %v", err)
	}
}

// The database refuses right after the journal took the entry: nothing is
// decided twice, and the entry is shown as soon as the database is back.
func TestDatabaseRefusesAfterTheJournal(t *testing.T) {
	d := newDesk(t)
	d.open("case_1", nil)
	broken := d.Queue
	broken.o.Journal = failing{d, func() { _ = d.db.Close() }}
	if _, err := broken.Decide(d.ctx, anna, Ruling{Case: "case_1", Verdict: entry.Confirm}); err == nil {
		t.Fatal("the database was closed, but nothing is said")
	}
	if n := len(d.events(entry.TypeDecided)); n != 1 || len(broken.behind) != 1 {
		t.Fatalf("%d entries, %d kept", n, len(broken.behind))
	}
	db, err := store.Open(d.ctx, store.Options{Path: d.t.TempDir() + "/db", Tables: Tables()})
	if err != nil {
		t.Fatal(err)
	}
	d.db, broken.o.DB, broken.o.Journal = db, db, d
	if err := db.CatchUp(d.ctx, d.journal, broken.Projection()); err != nil {
		t.Fatal(err)
	}
	_, err = broken.Decide(d.ctx, bernd, Ruling{Case: "case_1", Verdict: entry.Reject, Reason: because})
	want(t, err, problem.Conflict, "")
	if len(broken.behind) != 0 || d.state("case_1").State != Released {
		t.Errorf("%d kept, %+v", len(broken.behind), d.state("case_1"))
	}
}

func TestAQueueOfNothing(t *testing.T) {
	if _, err := New(Options{}); !problem.Is(err, problem.BadInput) || errors.Is(err, nil) {
		t.Errorf("got %v", err)
	}
}
