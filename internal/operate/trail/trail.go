// Package trail makes the journal searchable: a row for every entry, and a row
// with the figures for every decision (requirement 001-24: time-stamped,
// unchangeable, searchable). Its tables are read models: the journal is the
// truth, and the tables can be dropped and rebuilt from it at any time.
//
// It reads what the gateway and the decision point wrote; it writes nothing
// into the journal and counts nothing per person.
package trail

import (
	"context"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Entry is one journal entry as a row.
type Entry struct {
	Index   int64     `json:"index" store:"key"`
	At      time.Time `json:"at" store:"index"`
	Type    string    `json:"type" store:"index"`
	Subject string    `json:"subject" store:"index"`
	ID      string    `json:"id" store:"index"`
}

// Decision is one inference at the gateway as a row. Null figures were not
// measured.
type Decision struct {
	Index      int64     `json:"index" store:"key"`
	ID         string    `json:"id" store:"index"`
	At         time.Time `json:"at" store:"index"`
	Day        string    `json:"day" store:"index"` // UTC, 2006-01-02
	System     string    `json:"system" store:"index"`
	Outcome    string    `json:"outcome" store:"index"`
	Code       string    `json:"code" store:"index"` // first reason
	Codes      string    `json:"codes"`              // all reasons, space separated
	Clauses    string    `json:"clauses"`            // of the first reason, space separated
	Model      string    `json:"model"`
	Confidence *float64  `json:"confidence"`
	Least      float64   `json:"least"` // confidence limit in force
	Drift      *float64  `json:"drift"`
	Most       float64   `json:"most"` // drift limit in force
	Feature    string    `json:"feature"`
	Plant      string    `json:"plant"`
	Case       string    `json:"case"`
	Caller     string    `json:"caller"`
	Permit     string    `json:"permit"`
	Version    int       `json:"version"`
}

// Trail is the searchable journal of one organisation.
type Trail struct {
	Entries   *store.Table[Entry]
	Decisions *store.Table[Decision]
	Events    *store.Table[Event] // of the files of systems
	docs      Docs
	db        *store.DB
}

// New declares the tables; Open gives them the database. docs reads records as
// they were; nil: only entries that name a system themselves become Events.
func New(docs Docs) *Trail {
	return &Trail{
		docs:      docs,
		Events:    store.NewTable[Event]("system_event", store.ReadModel()),
		Entries:   store.NewTable[Entry]("journal_entry", store.ReadModel()),
		Decisions: store.NewTable[Decision]("decision", store.ReadModel()),
	}
}

// Tables lists what the trail stores.
func (t *Trail) Tables() []store.AnyTable { return []store.AnyTable{t.Entries, t.Decisions, t.Events} }

// Open gives the trail its database.
func (t *Trail) Open(db *store.DB) { t.db = db }

// Projection feeds the tables from the journal.
func (t *Trail) Projection() store.Projection {
	return store.Projection{Name: "trail", Tables: t.Tables(), Apply: t.apply}
}

func (t *Trail) apply(ctx context.Context, tx *store.Tx, from uint64, batch []ledger.Event) error {
	entries := make([]Entry, len(batch))
	var decisions []Decision
	for n, e := range batch {
		index := from + uint64(n)
		entries[n] = Entry{Index: int64(index), At: e.Time, Type: e.Type, Subject: e.Subject, ID: e.ID}
		if e.Type != entry.TypeInference {
			continue
		}
		// What does not read the journal explorer shows and audit.complete
		// counts; the trail goes on.
		if i, err := entry.ParseInference(e.Data); err == nil {
			decisions = append(decisions, Row(index, e, i))
		}
	}
	if err := t.Entries.Put(ctx, tx, entries...); err != nil {
		return err
	}
	if err := t.Decisions.Put(ctx, tx, decisions...); err != nil {
		return err
	}
	events, err := t.events(ctx, tx, from, batch)
	if err != nil || len(events) == 0 {
		return err
	}
	return t.Events.Put(ctx, tx, events...)
}

// Row is the row of one inference entry.
func Row(index uint64, e ledger.Event, i entry.Inference) Decision {
	d := Decision{Index: int64(index), ID: i.Decision, At: e.Time, Day: e.Time.UTC().Format(time.DateOnly), System: i.System,
		Outcome: string(i.Outcome), Model: i.Model.Name, Confidence: i.Confidence, Least: i.Limits.Confidence,
		Drift: i.Drift, Most: i.Limits.Drift, Feature: i.DriftFeature, Caller: i.Caller.ID,
		Permit: i.Permit.Number, Version: i.Permit.Version}
	if i.Case != nil {
		d.Case = i.Case.ID
	}
	if i.Plant != nil {
		d.Plant = i.Plant.State
	}
	var codes []string
	for n, r := range i.Reasons {
		if n == 0 {
			d.Code, d.Clauses = r.Code, strings.Join(r.Clauses, " ")
		}
		codes = append(codes, r.Code)
	}
	d.Codes = strings.Join(codes, " ")
	return d
}

// Latest returns the newest decisions, of one system or of all.
func (t *Trail) Latest(ctx context.Context, system string, n int) ([]Decision, error) {
	q := store.Query{Sort: "-index", Limit: n, Uncounted: true}
	if system != "" {
		q.Filters = []store.Filter{store.Where("system", "=", system)}
	}
	p, err := t.Decisions.List(ctx, t.db, q)
	return p.Items, err
}

// ByID returns one decision, or NotFound.
func (t *Trail) ByID(ctx context.Context, id string) (Decision, error) {
	p, err := t.Decisions.List(ctx, t.db, store.Query{Filters: []store.Filter{store.Where("id", "=", id)}, Limit: 1})
	if err != nil {
		return Decision{}, err
	}
	if len(p.Items) == 0 {
		return Decision{}, problem.New(problem.NotFound, "Diese Entscheidung gibt es nicht.", "There is no such decision.")
	}
	return p.Items[0], nil
}

// Counts are the outcomes of one system, or of all, on one day (UTC).
type Counts struct{ Released, Escalated, Denied int }

// All is the number of decisions.
func (c Counts) All() int { return c.Released + c.Escalated + c.Denied }

// Count returns the outcomes since a day, of one system or of all.
func (t *Trail) Count(ctx context.Context, system string, since time.Time) (Counts, error) {
	f := []store.Filter{store.Where("day", ">=", since.UTC().Format(time.DateOnly))}
	if system != "" {
		f = append(f, store.Where("system", "=", system))
	}
	by, err := t.Decisions.Group(ctx, t.db, "outcome", f...)
	if err != nil {
		return Counts{}, err
	}
	return Counts{Released: by[string(entry.Released)], Escalated: by[string(entry.Escalated)], Denied: by[string(entry.Denied)]}, nil
}
