package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
)

// faulty is a real journal that can be made to fail around an append.
type faulty struct {
	*ledger.Journal
	mu      sync.Mutex
	before  error    // returned before anything is appended
	after   error    // returned after everything was appended, as a kill would lose the answer
	appends int      // calls
	scanned int      // entries read
	during  func()   // runs inside the append
	late    [][]byte // given up by their caller, still on the way to the disk
}

func (f *faulty) AppendAll(ctx context.Context, entries [][]byte) ([]ledger.Receipt, error) {
	f.mu.Lock()
	before, after, during := f.before, f.after, f.during
	f.appends++
	f.mu.Unlock()
	if during != nil {
		during()
	}
	if before != nil {
		return nil, before
	}
	if ctx.Err() != nil {
		f.late = entries
		return nil, ctx.Err()
	}
	if f.late != nil {
		if _, err := f.Journal.AppendAll(ctx, f.late); err != nil {
			return nil, err
		}
		f.late = nil
	}
	r, err := f.Journal.AppendAll(ctx, entries)
	if after != nil {
		return nil, after
	}
	return r, err
}

func (f *faulty) Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for r, err := range f.Journal.Entries(ctx, from, to) {
			f.mu.Lock()
			f.scanned++
			f.mu.Unlock()
			if !yield(r, err) {
				return
			}
		}
	}
}

func journal(t *testing.T) *faulty {
	t.Helper()
	j, err := ledger.Open(ledger.Options{Dir: t.TempDir(), Origin: "werk.example/journal", PublishEvery: -1, Rand: seeded(9)})
	must(t, err)
	t.Cleanup(func() { must(t, j.Close()) })
	return &faulty{Journal: j}
}

// entries decodes the journal.
func entries(t *testing.T, j *faulty) []ledger.Event {
	t.Helper()
	var out []ledger.Event
	for r, err := range j.Journal.Entries(t.Context(), 0, j.Size()) {
		must(t, err)
		e, err := ledger.Decode(r.Entry)
		must(t, err)
		out = append(out, e)
	}
	return out
}

// told is the story the journal tells, and fails on an event that is there
// twice.
func told(t *testing.T, j *faulty) string {
	t.Helper()
	seen := map[string]bool{}
	var out []string
	for _, e := range entries(t, j) {
		if seen[e.ID] {
			t.Errorf("event %s is in the journal twice", e.ID)
		}
		seen[e.ID] = true
		var d objectEvent
		must(t, json.Unmarshal(e.Data, &d))
		out = append(out, fmt.Sprintf("%s %d", strings.TrimPrefix(e.Type, "augenmass.object."), d.Revision))
	}
	return strings.Join(out, ", ")
}

func contractPersonal(t *testing.T, open opener) {
	db, j := open(t, "db", suite()), journal(t)
	o := create(t, db, machines, machine{Name: "Fräse", Operator: "Grete Geheim", Mail: "grete@werk.example"})
	p := create(t, db, plants, plant{Name: "Nord"})
	o = update(t, db, machines, o, func(m *machine) { m.Operator = "Otto Anders" })
	must(t, db.Flush(t.Context(), j))
	for _, e := range entries(t, j) {
		raw, err := e.Encode()
		must(t, err)
		for _, secret := range []string{"Grete", "grete", "Otto", "Fräse"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("the journal tells %q: %s", secret, raw)
			}
		}
	}
	var d objectEvent
	last := entries(t, j)[2]
	must(t, json.Unmarshal(last.Data, &d))
	if last.Type != "augenmass.object.updated" || last.Subject != o.ID || last.Source != "/werk/store" || !last.Time.Equal(o.UpdatedAt) ||
		d.Kind != "machine" || d.ID != o.ID || d.Revision != 2 || d.Actor != "usr_ada" || !slices.Equal(d.Changed, []string{"operator"}) {
		t.Errorf("event %+v with %+v", last, d)
	}
	// With the salt, which stays in the house, the hash is that of the document.
	h, err := db.History(ada(t), "machine", o.ID)
	must(t, err)
	salt, err := hex.DecodeString(h[1].Salt)
	must(t, err)
	rec, err := machines.GetJSON(ada(t), db, o.ID)
	must(t, err)
	if len(salt) != 16 || ledger.Commitment(salt, rec.Doc) != d.Hash || h[1].Hash != d.Hash {
		t.Errorf("hash %s does not commit to the document", d.Hash)
	}
	if !strings.HasPrefix(d.Hash, "hmac-sha256:") {
		t.Errorf("a kind with personal fields has the bare hash %s", d.Hash)
	}
	ph, err := db.History(ada(t), "plant", p.ID)
	must(t, err)
	// printf '{"name":"Nord"}' | sha256sum
	if ph[0].Hash != "sha256:0b5886fcd9248b40899392d316369f45c1cc699d188b5eac08ee12dac7a5f814" || ph[0].Salt != "" {
		t.Errorf("hash of a plain document: %s", ph[0].Hash)
	}
}

func contractOutbox(t *testing.T, open opener) {
	db, j := open(t, "db", suite()), journal(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Sequence(ctx, j); err != nil {
			t.Error(err)
		}
	})
	o := create(t, db, machines, machine{Name: "A"})
	must(t, db.Write(t.Context(), func(tx *Tx) (err error) {
		o.Doc.Name = "B"
		if o, err = machines.Update(ada(t), tx, o.ID, o.Revision, o.Doc); err != nil {
			return err
		}
		if err := machines.Delete(ada(t), tx, o.ID, o.Revision); err != nil {
			return err
		}
		e, err := ledger.NewEvent("evt_mine", "/werk/approve", "augenmass.permit.issued", o.ID, db.now(), map[string]any{"revision": 7})
		must(t, err)
		return tx.Emit(e)
	}))
	_ = db.Write(t.Context(), func(tx *Tx) error { // undone, so never told
		_, err := machines.Create(ada(t), tx, machine{Name: "C"})
		must(t, err)
		return errors.New("undone")
	})
	must(t, j.Wait(t.Context(), 3))
	must(t, db.Flush(t.Context(), j))
	stop()
	wg.Wait()
	if got := told(t, j); got != "created 1, updated 2, deleted 3, augenmass.permit.issued 7" {
		t.Errorf("the journal tells: %s", got)
	}
	h, err := db.History(ada(t), "machine", o.ID)
	must(t, err)
	for i, v := range h {
		if v.JournalIndex != int64(i) {
			t.Errorf("revision %d stands at %d, want %d", v.Revision, v.JournalIndex, i)
		}
	}
	left, err := db.outbox.Pending(t.Context(), 10)
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%d entries left", len(left))
	}
	// An event that the journal would refuse is refused before it is stored.
	err = db.Write(t.Context(), func(tx *Tx) error { return tx.Emit(ledger.Event{ID: "x"}) })
	wants(t, err, problem.BadInput)
}

// contractKill kills the program, as far as the database can tell, after the
// journal took the entries and before the outbox was marked: the answer of the
// append is lost, and a new process opens the same files.
func contractKill(t *testing.T, open opener) {
	o, j := suite(), journal(t)
	db := open(t, "db", o)
	m := create(t, db, machines, machine{Name: "A"})
	must(t, db.Flush(t.Context(), j))
	for round := range 5 {
		m = update(t, db, machines, m, func(m *machine) { m.Count++ })
		j.after = errors.New("killed")
		if err := db.Flush(t.Context(), j); err == nil {
			t.Fatal("the fault did not bite")
		}
		j.after = nil
		// Runtime decisions go on meanwhile.
		for i := range 3 {
			e, err := ledger.NewEvent(fmt.Sprintf("dec_%d_%d", round, i), "/werk/gateway", "augenmass.object.decided", "", db.now(), map[string]any{"revision": 0})
			must(t, err)
			_, err = j.AppendEvent(t.Context(), e)
			must(t, err)
		}
		must(t, db.Close())
		db = open(t, "db", o)
		if round%2 == 0 { // the change after the kill comes before the sequencer is back
			m = update(t, db, machines, m, func(m *machine) { m.Count++ })
		}
		j.scanned = 0
		must(t, db.Flush(t.Context(), j))
		if j.scanned > 8 {
			t.Errorf("round %d read %d entries to find the lost ones", round, j.scanned)
		}
	}
	told(t, j)
	h, err := db.History(ada(t), "machine", m.ID)
	must(t, err)
	all := entries(t, j)
	last := int64(-1)
	for _, v := range h {
		if v.JournalIndex <= last || v.JournalIndex >= int64(len(all)) {
			t.Fatalf("revision %d stands at %d, after %d", v.Revision, v.JournalIndex, last)
		}
		last = v.JournalIndex
		var d objectEvent
		must(t, json.Unmarshal(all[last].Data, &d))
		if all[last].Subject != m.ID || d.Revision != v.Revision || d.Hash != v.Hash {
			t.Errorf("entry %d is %+v, not revision %d", last, d, v.Revision)
		}
	}
	if len(h) != 9 {
		t.Errorf("%d versions, want 9", len(h))
	}
}

func contractJournalFails(t *testing.T, open opener) {
	db, j := open(t, "db", suite()), journal(t)
	m := create(t, db, machines, machine{Name: "A"})
	full := problem.New(problem.Unavailable, "Der Datenträger ist voll.", "The disk is full.")
	j.before = full
	wants(t, db.Flush(t.Context(), j), problem.Unavailable)
	wants(t, db.Sequence(t.Context(), j), problem.Unavailable)
	j.before = nil
	// The same process goes on after an answer that was lost.
	j.after = full
	wants(t, db.Sequence(t.Context(), j), problem.Unavailable)
	j.after = nil
	m = update(t, db, machines, m, func(m *machine) { m.Count = 1 })
	// The context ends while the journal is writing.
	ctx, cancel := context.WithCancel(t.Context())
	j.during = cancel
	must(t, db.Sequence(ctx, j))
	j.during = nil
	update(t, db, machines, m, func(m *machine) { m.Count = 2 })
	must(t, db.Flush(t.Context(), j))
	if got := told(t, j); got != "created 1, updated 2, updated 3" {
		t.Errorf("the journal tells: %s", got)
	}
	// Nothing to do costs the journal nothing.
	calls := j.appends
	must(t, db.Flush(t.Context(), j))
	if j.appends != calls {
		t.Error("an empty outbox was appended")
	}
}

func contractWrongJournal(t *testing.T, open opener) {
	o, j := suite(), journal(t)
	db := open(t, "db", o)
	create(t, db, machines, machine{Name: "A"})
	must(t, db.Flush(t.Context(), j))
	create(t, db, machines, machine{Name: "B"})
	must(t, db.Close())
	db = open(t, "db", o)
	wants(t, db.Flush(t.Context(), journal(t)), problem.Corrupt)
	must(t, db.Flush(t.Context(), j))
}
