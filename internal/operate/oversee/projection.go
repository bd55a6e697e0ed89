package oversee

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// row is a case in the queue's table. Last is the journal index of the last
// entry that it holds: older ones change nothing, so that every entry may be
// applied twice.
type row struct {
	ID         string      `json:"id" store:"key"`
	Last       int64       `json:"last"`
	State      State       `json:"state" store:"index"`
	Decision   string      `json:"decision"`
	Index      int64       `json:"opened_index"`
	System     string      `json:"system" store:"index"`
	Model      string      `json:"model"`
	ModelHash  string      `json:"model_hash"`
	Caller     string      `json:"caller"`
	Reasons    []rowReason `json:"reasons"`
	Confidence *float64    `json:"confidence"`
	Drift      *float64    `json:"drift"`
	Feature    string      `json:"feature"`
	Bias       *float64    `json:"bias"`
	Plant      string      `json:"plant"`
	OpenedAt   time.Time   `json:"opened_at" store:"index"`
	Due        time.Time   `json:"due" store:"index"`
	OnHold     string      `json:"on_hold"`
	Deciders   string      `json:"deciders" store:"index"` // roles, joined by a comma
	Content    string      `json:"content"`                // vault reference
	Suggested  bool        `json:"suggested"`
	Value      string      `json:"value"` // vault reference of the changed value
	First      string      `json:"first" store:"index"`
	Verdict    string      `json:"verdict"`
	DecidedBy  string      `json:"decided_by"`
	DecidedAt  time.Time   `json:"decided_at"`
	Revealed   bool        `json:"revealed"`
	Late       int         `json:"late"`

	// Until is Due while the case waits and zero afterwards: what waits is found,
	// in its order, without a look at what has ended.
	Until time.Time `json:"until" store:"index"`
}

type rowReason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
}

// stopRow says whether a person stopped a system.
type stopRow struct {
	System  string `json:"system" store:"key"`
	Last    int64  `json:"last"`
	Stopped bool   `json:"stopped" store:"index"`
}

// waitRow is how many cases wait for one combination of deciding roles. Every
// page shows a number of waiting cases; it must not cost a look at each.
type waitRow struct {
	Deciders string `json:"deciders" store:"key"`
	N        int    `json:"n"`
}

func newWaits() *store.Table[waitRow] {
	return store.NewTable[waitRow]("review_waiting", store.ReadModel())
}

func newCases() *store.Table[row] { return store.NewTable[row]("review_case", store.ReadModel()) }
func newStops() *store.Table[stopRow] {
	return store.NewTable[stopRow]("system_stop", store.ReadModel())
}

// Tables lists the tables that the queue needs; whoever opens the database
// hands them to store.Options.Tables.
func Tables() []store.AnyTable { return []store.AnyTable{newCases(), newStops(), newWaits()} }

// Projection feeds the queue from the journal: catch up before serving, follow
// while serving, rebuild at any time.
func (q *Queue) Projection() store.Projection {
	return store.Projection{
		Name: "oversee", Version: 3,
		Tables: []store.AnyTable{q.cases, q.stops, q.waits},
		Apply:  q.applyBatch,
	}
}

// Apply shows one entry in the queue at once, after it was appended and before
// anybody is answered. If the database refuses, the entry is kept and applied
// before the case is touched again; the journal holds it anyway.
//
// Where several nodes append, a new case is left to the one that feeds the read
// models: it puts a batch of them at once, while one by one each would wait for
// the lock of the schema. Who asks for such a case before gets it (see row).
func (q *Queue) Apply(ctx context.Context, index uint64, e ledger.Event) error {
	if q.o.Current != nil && e.Type == entry.TypeInference {
		return nil
	}
	err := q.write(ctx, index, e)
	if err != nil {
		q.behindMu.Lock()
		q.behind = append(q.behind, pending{index, e})
		q.behindMu.Unlock()
	}
	return err
}

type pending struct {
	index uint64
	event ledger.Event
}

func (q *Queue) write(ctx context.Context, index uint64, e ledger.Event) error {
	return q.o.DB.Write(ctx, func(tx *store.Tx) error { return q.apply(ctx, tx, index, e) })
}

// catchUp applies what the database refused before, in order.
func (q *Queue) catchUp(ctx context.Context) error {
	q.behindMu.Lock()
	defer q.behindMu.Unlock()
	for len(q.behind) > 0 {
		if err := q.write(ctx, q.behind[0].index, q.behind[0].event); err != nil {
			return err
		}
		q.behind = q.behind[1:]
	}
	return nil
}

func (q *Queue) apply(ctx context.Context, tx *store.Tx, index uint64, e ledger.Event) error {
	switch e.Type {
	case entry.TypeInference:
		return q.opened(ctx, tx, int64(index), e)
	case entry.TypeDecided:
		d, err := entry.ParseCaseDecision(e.Data)
		if err != nil {
			return err
		}
		return q.change(ctx, tx, d.Case, int64(index), func(r *row) { r.decided(d, e.Time) })
	case entry.TypeExpired:
		x, err := entry.ParseCaseExpired(e.Data)
		if err != nil {
			return err
		}
		return q.change(ctx, tx, x.Case, int64(index), func(r *row) {
			if r.State.Waiting() {
				r.State = Expired
			}
		})
	case entry.TypeStopped, entry.TypeResumed:
		return q.stopped(ctx, tx, int64(index), e)
	}
	return nil
}

// applyBatch is apply for a batch of the journal, with as few statements as it
// takes: the cases that it opens are looked up at once and put together. What
// follows a case in the same batch finds it there.
func (q *Queue) applyBatch(ctx context.Context, tx *store.Tx, from uint64, batch []ledger.Event) error {
	opened := make([]*row, len(batch))
	var ids []any
	for i, e := range batch {
		if e.Type != entry.TypeInference {
			continue
		}
		var err error
		if opened[i], err = caseOf(int64(from)+int64(i), e); err != nil {
			return fmt.Errorf("entry %d: %w", from+uint64(i), err)
		}
		if opened[i] != nil {
			ids = append(ids, opened[i].ID)
		}
	}
	known, err := q.known(ctx, tx, ids)
	if err != nil {
		return err
	}
	var fresh []row
	for i, e := range batch {
		switch r := opened[i]; {
		case r != nil && !known[r.ID]:
			known[r.ID] = true
			fresh = append(fresh, *r)
		case e.Type == entry.TypeDecided, e.Type == entry.TypeExpired, e.Type == entry.TypeStopped, e.Type == entry.TypeResumed:
			err := q.open(ctx, tx, fresh...)
			if err == nil {
				err = q.apply(ctx, tx, from+uint64(i), e)
			}
			if fresh = nil; err != nil {
				return fmt.Errorf("entry %d: %w", from+uint64(i), err)
			}
		}
	}
	return q.open(ctx, tx, fresh...)
}

// known says which of the cases the queue has, at most 500.
func (q *Queue) known(ctx context.Context, tx *store.Tx, ids []any) (map[string]bool, error) {
	known := map[string]bool{}
	if len(ids) == 0 {
		return known, nil
	}
	have, err := q.cases.List(ctx, tx, store.Query{Filters: []store.Filter{{Field: "id", Op: "in", Values: ids}}, Limit: len(ids), Uncounted: true})
	for _, r := range have.Items {
		known[r.ID] = true
	}
	return known, err
}

// open puts cases that the queue does not have yet.
func (q *Queue) open(ctx context.Context, tx *store.Tx, fresh ...row) error {
	if len(fresh) == 0 {
		return nil
	}
	if err := q.cases.Put(ctx, tx, fresh...); err != nil {
		return err
	}
	more := map[string]int{}
	for _, r := range fresh {
		more[r.Deciders]++
	}
	for _, deciders := range slices.Sorted(maps.Keys(more)) {
		if err := q.wait(ctx, tx, deciders, more[deciders]); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) opened(ctx context.Context, tx *store.Tx, index int64, e ledger.Event) error {
	r, err := caseOf(index, e)
	if err != nil || r == nil {
		return err
	}
	if _, err := q.cases.Get(ctx, tx, r.ID); err == nil || !problem.Is(err, problem.NotFound) {
		return err
	}
	return q.open(ctx, tx, *r)
}

// caseOf is the case that an inference opens, or nil.
func caseOf(index int64, e ledger.Event) (*row, error) {
	i, err := entry.ParseInference(e.Data)
	if err != nil || i.Outcome != entry.Escalated {
		return nil, err
	}
	r := &row{
		ID: i.Case.ID, Last: index, State: Open, Decision: i.Decision, Index: index, System: i.System, Model: i.Model.Name, ModelHash: i.Model.Hash,
		Caller: i.Caller.ID, Confidence: i.Confidence, Drift: i.Drift, Feature: i.DriftFeature, Bias: i.Bias,
		OpenedAt: e.Time, Due: i.Case.Due, OnHold: i.Case.OnHold, Deciders: strings.Join(i.Case.Deciders, ","), Content: i.Case.Content.Ref,
		Suggested: i.Case.Suggested,
	}
	if i.Plant != nil {
		r.Plant = i.Plant.State
	}
	for _, reason := range i.Reasons {
		r.Reasons = append(r.Reasons, rowReason(reason))
	}
	r.Until = r.Due
	return r, nil
}

// wait adds n to the cases that wait for deciders.
func (q *Queue) wait(ctx context.Context, tx *store.Tx, deciders string, n int) error {
	w, err := q.waits.Get(ctx, tx, deciders)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	return q.waits.Put(ctx, tx, waitRow{Deciders: deciders, N: w.N + n})
}

func (q *Queue) change(ctx context.Context, tx *store.Tx, id string, index int64, fn func(*row)) error {
	r, err := q.cases.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if index <= r.Last {
		return nil
	}
	r.Last = index
	waited := r.State.Waiting()
	fn(&r)
	if waited && !r.State.Waiting() {
		r.Until = time.Time{}
		if err := q.wait(ctx, tx, r.Deciders, -1); err != nil {
			return err
		}
	}
	return q.cases.Put(ctx, tx, r)
}

// decided folds a person's decision into the case. A late one is counted and
// moves nothing.
func (r *row) decided(d entry.CaseDecision, at time.Time) {
	if d.Late || !r.State.Waiting() {
		r.Late++
		return
	}
	r.Revealed = r.Revealed || d.Revealed
	if d.Verdict == entry.Second {
		r.State, r.First = SecondNeeded, d.By
		return
	}
	r.State = map[entry.Verdict]State{entry.Confirm: Released, entry.Change: Changed, entry.Reject: Rejected}[d.Verdict]
	r.Verdict, r.DecidedBy, r.DecidedAt, r.Value = string(d.Verdict), d.By, at, d.Value.Ref
}

func (q *Queue) stopped(ctx context.Context, tx *store.Tx, index int64, e ledger.Event) error {
	s, err := entry.ParseStop(e.Data)
	if err != nil {
		return err
	}
	have, err := q.stops.Get(ctx, tx, s.System)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	if err == nil && index <= have.Last {
		return nil
	}
	return q.stops.Put(ctx, tx, stopRow{System: s.System, Last: index, Stopped: e.Type == entry.TypeStopped})
}

// shown turns a row into what pages get.
func (r row) shown() Case {
	c := Case{
		ID: r.ID, State: r.State, Decision: r.Decision, Index: uint64(r.Index), System: r.System, Model: r.Model, ModelHash: r.ModelHash,
		Reasons: []entry.Reason{}, Confidence: r.Confidence, Drift: r.Drift, Feature: r.Feature, Bias: r.Bias, Plant: r.Plant,
		OpenedAt: r.OpenedAt, Due: r.Due, OnHold: r.OnHold, Deciders: r.roles(), Suggested: r.Suggested, First: r.First,
		Verdict: entry.Verdict(r.Verdict), DecidedBy: r.DecidedBy, DecidedAt: r.DecidedAt, Revealed: r.Revealed, Late: r.Late,
	}
	for _, reason := range r.Reasons {
		c.Reasons = append(c.Reasons, entry.Reason(reason))
	}
	return c
}

func (r row) roles() []string {
	if r.Deciders == "" {
		return []string{}
	}
	return strings.Split(r.Deciders, ",")
}

// role returns the first of the case's deciding roles that p has.
func (r row) role(p Principal) (string, bool) {
	for _, role := range r.roles() {
		if slices.Contains(p.Roles, role) {
			return role, true
		}
	}
	return "", false
}
