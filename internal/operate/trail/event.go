package trail

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Event is one journal entry as it belongs to the file of one system: a change
// of the system, of a record that names it, of its permit (requirement 000-13).
// Inferences are not here; they are Decisions. Nothing is ever taken out: the
// end of a record is a row like its beginning.
type Event struct {
	Index   int64     `json:"index" store:"key,index"`
	System  string    `json:"system" store:"key,index"`
	At      time.Time `json:"at" store:"index"`
	Kind    string    `json:"kind" store:"index"` // of the record, or the room that wrote the entry: system, model, risk, permit, approval …
	Object  string    `json:"object" store:"index"`
	Op      string    `json:"op"`      // created, updated, deleted; issued, suspended, given …
	Actor   string    `json:"actor"`   // empty: the entry names nobody
	Title   string    `json:"title"`   // of the record, as it was called then
	Changed string    `json:"changed"` // fields, space separated
}

// Docs returns the title and the document of an object as it was at an instant,
// NotFound when it did not exist then.
type Docs func(ctx context.Context, rd store.Reader, kind, id string, at time.Time) (title string, doc json.RawMessage, err error)

const objectPrefix = "augenmass.object."

// told are kinds whose changes have journal entries of their own, which say more.
var told = []string{"permit", "approval"}

// object is what an entry of the store says.
type object struct {
	Kind    string   `json:"kind"`
	ID      string   `json:"id"`
	Actor   string   `json:"actor"`
	Changed []string `json:"changed"`
}

// belongs is what a document says about the systems it belongs to.
type belongs struct {
	System  string   `json:"system"`
	Systems []string `json:"systems"`
}

// events makes the rows of a batch.
func (t *Trail) events(ctx context.Context, tx *store.Tx, from uint64, batch []ledger.Event) ([]Event, error) {
	var out []Event
	for n, e := range batch {
		row := Event{Index: int64(from + uint64(n)), At: e.Time}
		op, ofObject := strings.CutPrefix(e.Type, objectPrefix)
		switch {
		case e.Type == entry.TypeInference:
			continue
		case !ofObject:
			if parts := strings.Split(e.Type, "."); len(parts) >= 3 && strings.HasPrefix(e.Subject, "sys_") {
				row.System, row.Object, row.Kind, row.Op = e.Subject, e.Subject, parts[1], strings.Join(parts[2:], ".")
				out = append(out, row)
			}
			continue
		}
		var o object
		if err := json.Unmarshal(e.Data, &o); err != nil || slices.Contains(told, o.Kind) {
			continue // what does not read the journal explorer shows
		}
		row.Kind, row.Object, row.Op, row.Actor, row.Changed = o.Kind, o.ID, op, o.Actor, strings.Join(o.Changed, " ")
		title, systems, err := t.systemsOf(ctx, tx, o, op, e.Time, out)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", row.Index, err)
		}
		for _, id := range systems {
			one := row
			one.System, one.Title = id, title
			out = append(out, one)
		}
	}
	return out, nil
}

// systemsOf are the systems that a record belonged to when it changed; of one
// that was deleted, those of its last row.
func (t *Trail) systemsOf(ctx context.Context, tx *store.Tx, o object, op string, at time.Time, before []Event) (string, []string, error) {
	if op == store.Deleted {
		return t.last(ctx, tx, o.ID, before)
	}
	if t.docs == nil {
		return "", nil, nil
	}
	title, raw, err := t.docs(ctx, tx, o.Kind, o.ID, at)
	switch {
	case problem.Is(err, problem.NotFound) || problem.Is(err, problem.Corrupt):
		return "", nil, nil // nothing can be said about it any more; the trail goes on
	case err != nil:
		return "", nil, err
	case o.Kind == "system":
		return title, []string{o.ID}, nil
	}
	var b belongs
	if err := json.Unmarshal(raw, &b); err != nil {
		return title, nil, nil // its field of that name holds something else
	}
	var ids []string
	for _, id := range append(b.Systems, b.System) {
		if strings.HasPrefix(id, "sys_") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return title, ids, nil
}

// last is what the newest rows of a record say about it.
func (t *Trail) last(ctx context.Context, tx *store.Tx, id string, before []Event) (title string, systems []string, err error) {
	p, err := t.Events.List(ctx, tx, store.Query{Sort: "-index", Limit: 100, Uncounted: true, Filters: []store.Filter{store.Where("object", "=", id)}})
	if err != nil {
		return "", nil, err
	}
	rows := slices.Clone(before)
	slices.Reverse(rows)
	newest := int64(-1)
	for _, e := range append(rows, p.Items...) {
		if e.Object != id || newest >= 0 && e.Index != newest {
			continue
		}
		newest, title = e.Index, e.Title
		systems = append(systems, e.System)
	}
	return title, systems, nil
}
