package oversee

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"hash/maphash"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Options of a queue. Everything without a stated default is required.
type Options struct {
	Source  string // of the journal entries, "/<org>/oversee"
	DB      *store.DB
	Journal Recorder
	Vault   Vault
	// MayStop returns the role in which a person may stop a system or lift the
	// stop. Default: nobody may.
	MayStop func(ctx context.Context, p Principal, system string, lift bool) (role string, ok bool)
	// OnStop tells governance, so that the permit falls or is compiled again.
	// Default: nobody is told; the gateway still refuses what Stopped names.
	OnStop func(ctx context.Context, system string, stopped bool, by Principal) error
	// Lock keeps other nodes from acting on what it names until unlock is called.
	// Default: there are no others.
	Lock func(ctx context.Context, name string) (unlock func(), err error)
	// Current brings the queue to the end of the journal before a person decides
	// or asks for a case that is not in it, where other nodes append too. Default: this process wrote it all, and the
	// queue has it.
	Current func(ctx context.Context) error
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger // default: discard
}

// Queue holds the review cases of one organisation. It is safe for many
// callers.
type Queue struct {
	o     Options
	cases *store.Table[row]
	stops *store.Table[stopRow]
	waits *store.Table[waitRow]

	seed  maphash.Seed
	locks [64]sync.Mutex // one of this process at a time

	behindMu sync.Mutex
	behind   []pending // entries that the database refused

	haltMu  sync.RWMutex
	halted  map[string]bool
	presses map[string]uint64 // how often stop was pressed, so that a resume lifts no later press
	own     map[string]int    // stops pressed here that the register does not know yet
	failed  map[string]int    // of these, whose recording failed
	hearing sync.Mutex        // what is read last is applied last
}

// New returns a queue over an open database that has its Tables. A missing part
// is BadInput.
func New(o Options) (*Queue, error) {
	var c problem.Checks
	need := func(ok bool, path string) { c.Field(ok, path, "Dieser Teil fehlt.", "This part is missing.") }
	need(o.Source != "", "source")
	need(o.DB != nil, "db")
	need(o.Journal != nil, "journal")
	need(o.Vault != nil, "vault")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Queue{o: o, cases: newCases(), stops: newStops(), waits: newWaits(), seed: maphash.MakeSeed(), halted: map[string]bool{}, presses: map[string]uint64{}, own: map[string]int{}, failed: map[string]int{}}, nil
}

// lock lets one at a time act on a case or on a system's stop button.
func (q *Queue) lock(ctx context.Context, what string) (unlock func(), err error) {
	mu := &q.locks[maphash.String(q.seed, what)%uint64(len(q.locks))]
	mu.Lock()
	if q.o.Lock == nil {
		return mu.Unlock, nil
	}
	// A browser that hangs up must not leave a decision half made.
	others, err := q.o.Lock(context.WithoutCancel(ctx), "oversee "+what)
	if err != nil {
		mu.Unlock()
		return nil, err
	}
	return func() { others(); mu.Unlock() }, nil
}

// Case returns one case without its content. NotFound if there is none.
func (q *Queue) Case(ctx context.Context, id string) (Case, error) {
	r, err := q.row(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return r.shown(), nil
}

func (q *Queue) row(ctx context.Context, id string) (row, error) {
	if err := q.catchUp(ctx); err != nil {
		return row{}, err
	}
	r, err := q.cases.Get(ctx, q.o.DB, id)
	if problem.Is(err, problem.NotFound) && q.o.Current != nil {
		if err := q.o.Current(ctx); err != nil {
			return row{}, err
		}
		r, err = q.cases.Get(ctx, q.o.DB, id)
	}
	if problem.Is(err, problem.NotFound) {
		return row{}, problem.New(problem.NotFound, "Diesen Prüffall gibt es nicht.", "There is no such review case.").Wrap(err)
	}
	return r, err
}

// List returns one page of cases. Whoever shows it checks that the person may
// see cases at all; content stays with Content.
func (q *Queue) List(ctx context.Context, p Principal, f Filter) (Page, error) {
	filters, err := q.filters(ctx, p, f)
	if err != nil {
		return Page{}, err
	}
	sort := "until"
	if f.Scope == All || f.Scope == "" {
		sort = "-opened_at"
	}
	counted := f.System == "" && (f.Scope == Waiting || f.Scope == Mine)
	rows, err := q.cases.List(ctx, q.o.DB, store.Query{Filters: filters, Sort: sort, Cursor: f.Cursor, Limit: f.Limit, Uncounted: counted, Along: counted})
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: []Case{}, Next: rows.Next, Total: rows.Total}
	for _, r := range rows.Items {
		page.Items = append(page.Items, r.shown())
	}
	if counted && (rows.Next != "" || f.Cursor != "") {
		page.Total, err = q.waiting(ctx, p, f.Scope)
	}
	return page, err
}

// Counts returns how many cases wait, how many of them the person may decide,
// and how many of those are due within the next quarter of an hour.
func (q *Queue) Counts(ctx context.Context, p Principal) (c Counts, err error) {
	if c.Waiting, err = q.waiting(ctx, p, Waiting); err != nil {
		return Counts{}, err
	}
	if c.Mine, err = q.waiting(ctx, p, Mine); err != nil {
		return Counts{}, err
	}
	filters, err := q.filters(ctx, p, Filter{Scope: Due})
	if err == nil {
		c.Due, err = q.cases.Count(ctx, q.o.DB, filters...)
	}
	return c, err
}

// Mine returns how many cases the person may decide now. It is what every page
// shows: one query while nothing waits and two otherwise, however much waits.
func (q *Queue) Mine(ctx context.Context, p Principal) (int, error) { return q.waiting(ctx, p, Mine) }

// waiting counts the cases of Waiting or Mine.
func (q *Queue) waiting(ctx context.Context, p Principal, scope Scope) (int, error) {
	sets, err := q.sets(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	mine := []any{}
	for _, w := range sets {
		if _, ok := (row{Deciders: w.Deciders}).role(p); ok || scope == Waiting {
			n += w.N
			mine = append(mine, w.Deciders)
		}
	}
	if n == 0 || scope == Waiting {
		return n, nil
	}
	// What the person handed to a second one is no longer theirs.
	handed, err := q.cases.Count(ctx, q.o.DB, waits, store.Where("first", "=", p.ID), store.Where("state", "=", string(SecondNeeded)),
		store.Where("deciders", "in", mine...))
	return n - handed, err
}

// waits lets through what waits for a person.
var waits = store.Where("until", ">", time.UnixMicro(0).UTC())

// sets are the combinations of deciding roles for which cases wait, in order.
func (q *Queue) sets(ctx context.Context) ([]waitRow, error) {
	rows, err := q.waits.List(ctx, q.o.DB, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows.Items, func(w waitRow) bool { return w.N == 0 }), nil
}

// nobody is no role; it filters for an empty list.
const nobody = "-"

func (q *Queue) filters(ctx context.Context, p Principal, f Filter) ([]store.Filter, error) {
	var out []store.Filter
	if f.System != "" {
		out = append(out, store.Where("system", "=", f.System))
	}
	switch f.Scope {
	case All, "":
		return out, nil
	case Waiting:
		return append(out, waits), nil
	case Mine, Due:
	default:
		return nil, problem.Newf(problem.BadInput, "Die Auswahl %q gibt es nicht.", "There is no selection %q.", string(f.Scope))
	}
	out = append(out, waits, store.Where("first", "!=", p.ID))
	// The combinations of deciding roles that wait are few; those that hold one
	// of the person's roles make the filter exact, and the total honest.
	sets, err := q.sets(ctx)
	if err != nil {
		return nil, err
	}
	mine := []any{}
	for _, w := range sets {
		if _, ok := (row{Deciders: w.Deciders}).role(p); ok {
			mine = append(mine, w.Deciders)
		}
	}
	if len(mine) == 0 {
		mine = append(mine, nobody)
	}
	out = append(out, store.Where("deciders", "in", mine...))
	if f.Scope == Due {
		within := f.Within
		if within <= 0 {
			within = 15 * time.Minute
		}
		out = append(out, store.Where("due", "<=", q.o.Now().UTC().Add(within)))
	}
	return out, nil
}

// Content opens what the person needs to see to decide. Only persons in a
// deciding role of the case may. Without reveal it holds nothing that gives the
// model's suggestion away. Erased content is NotFound.
func (q *Queue) Content(ctx context.Context, p Principal, id string, reveal bool) (Content, error) {
	r, err := q.row(ctx, id)
	if err != nil {
		return Content{}, err
	}
	if _, ok := r.role(p); !ok {
		return Content{}, notDecider(r)
	}
	c, err := q.content(ctx, r)
	if err != nil {
		return Content{}, err
	}
	if !reveal {
		c = c.hidden()
	}
	return c, nil
}

func (q *Queue) content(ctx context.Context, r row) (Content, error) {
	raw, err := q.o.Vault.Get(ctx, r.Content)
	if err != nil {
		return Content{}, err
	}
	var c Content
	if err := json.Unmarshal(raw, &c); err != nil {
		return Content{}, problem.New(problem.Corrupt, "Der Inhalt des Prüffalls ist nicht lesbar.", "The case's content is not readable.").Wrap(err)
	}
	return c, nil
}

// Result says what became of a case to the caller whose inference opened it,
// and to nobody else: for others the case does not exist. A case past its
// deadline is expired even before that is journaled.
func (q *Queue) Result(ctx context.Context, caller, id string) (Result, error) {
	r, err := q.row(ctx, id)
	if err != nil {
		return Result{}, err
	}
	if caller == "" || r.Caller != caller {
		return Result{}, problem.New(problem.NotFound, "Diesen Prüffall gibt es nicht.", "There is no such review case.")
	}
	if r.State.Waiting() && q.o.Now().After(r.Due) {
		r.State = Expired
	}
	out := Result{Case: r.shown()}
	switch r.State {
	case Released:
		c, err := q.content(ctx, r)
		if err != nil {
			return Result{}, err
		}
		out.Answer = c.Answer
	case Changed:
		if out.Value, err = q.o.Vault.Get(ctx, r.Value); err != nil {
			return Result{}, err
		}
	}
	return out, nil
}

// Overrides returns how the cases of a system that were opened since then
// ended; an empty system means all. Counts only, never by person.
func (q *Queue) Overrides(ctx context.Context, system string, since time.Time) (Overrides, error) {
	var filters []store.Filter
	if system != "" {
		filters = append(filters, store.Where("system", "=", system))
	}
	if !since.IsZero() {
		filters = append(filters, store.Where("opened_at", ">=", since.UTC()))
	}
	n, err := q.cases.Group(ctx, q.o.DB, "state", filters...)
	if err != nil {
		return Overrides{}, err
	}
	handed, err := q.cases.Count(ctx, q.o.DB, append(filters, store.Where("first", "!=", ""))...)
	if err != nil {
		return Overrides{}, err
	}
	return Overrides{
		Waiting: n[string(Open)] + n[string(SecondNeeded)], Confirmed: n[string(Released)], Changed: n[string(Changed)],
		Rejected: n[string(Rejected)], Expired: n[string(Expired)], HandedOn: handed,
	}, nil
}

// append writes one entry and shows it in the queue. The queue's own failure to
// show it is no failure: the entry is durable and will be shown.
func (q *Queue) append(ctx context.Context, typ, subject string, data interface{ Validate() error }) error {
	if err := data.Validate(); err != nil {
		return err
	}
	now := q.o.Now().UTC()
	e, err := ledger.NewEvent(store.NewID("evt", now, q.o.Rand), q.o.Source, typ, subject, now, data)
	if err != nil {
		return err
	}
	// What a person decided is recorded even if the person's browser hangs up.
	ctx = context.WithoutCancel(ctx)
	at, err := q.o.Journal.AppendEvent(ctx, e)
	if err != nil {
		return err
	}
	if err := q.Apply(ctx, at.Index, e); err != nil {
		q.o.Log.ErrorContext(ctx, "oversee: the queue cannot show an entry yet", "index", at.Index, "err", err)
	}
	return nil
}
