package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/text"
)

// reading is a row of a read model.
type reading struct {
	System  string    `json:"system" store:"key"`
	Seq     int       `json:"seq" store:"key"`
	State   string    `json:"state" store:"index"`
	At      time.Time `json:"at" store:"index"`
	Value   float64   `json:"value" store:"index"`
	Open    bool      `json:"open" store:"index"`
	Say     text.Bi   `json:"say"`
	Reasons []string  `json:"reasons"`
	Limit   *float64  `json:"limit"`
	Note    string    `json:"note"`
}

var readings = NewTable[reading]("reading", ReadModel())

// Many rows at once are put as if one by one: of two with one key the later
// stays, wherever the statements of many rows begin and end, and a row that was
// there before is replaced.
func contractManyRows(t *testing.T, open opener) {
	db, ctx := open(t, "db", withTables(readings)), t.Context()
	row := func(i int, note string) reading {
		return reading{System: fmt.Sprintf("sys_%d", i%3), Seq: i, Note: note}
	}
	write(t, db, func(tx *Tx) error { return readings.Put(ctx, tx, row(40, "before")) })
	var many []reading
	for i := range 150 {
		many = append(many, row(i, "first"))
		if i%20 == 19 { // again, next to it and far behind
			many = append(many, row(i, "second"), row(i-19, "second"))
		}
	}
	write(t, db, func(tx *Tx) error { return readings.Put(ctx, tx, many...) })
	page, err := readings.List(ctx, db, Query{Limit: 200, Sort: "seq"})
	must(t, err)
	if len(page.Items) != 150 {
		t.Fatalf("%d rows", len(page.Items))
	}
	for i, got := range page.Items {
		want := "first"
		if i < 140 && (i%20 == 19 || i%20 == 0) {
			want = "second"
		}
		if got.Seq != i || got.Note != want {
			t.Errorf("row %d is %d %q, want %q", i, got.Seq, got.Note, want)
		}
	}
}

func withTables(tables ...AnyTable) Options {
	o := suite()
	o.Tables = tables
	return o
}

func contractTables(t *testing.T, open opener) {
	db := open(t, "db", withTables(readings))
	ctx := t.Context() // tables ask nobody
	limit := 0.5
	at := time.Date(2026, 1, 1, 0, 0, 0, 123000, time.UTC)
	var want []reading
	for i := range 25 {
		want = append(want, reading{System: fmt.Sprintf("sys_%d", i%2), Seq: i, State: []string{"released", "escalated", "denied"}[i%3], At: at.Add(time.Duration(i) * time.Minute),
			Value: float64(i) / 10, Open: i%5 == 0, Say: text.Bi{DE: "ä", EN: "b"}, Reasons: []string{"x"}, Limit: &limit})
	}
	write(t, db, func(tx *Tx) error { return readings.Put(ctx, tx, want...) })
	got, err := readings.Get(ctx, db, "sys_1", 3)
	must(t, err)
	if d := cmp.Diff(want[3], got); d != "" {
		t.Errorf("row changed:\n%s", d)
	}
	_, err = readings.Get(ctx, db, "sys_1", 4)
	wants(t, err, problem.NotFound)
	for _, keys := range [][]any{{"sys_1"}, {"sys_1", "drei"}, {"a", 1, 2}} {
		_, err = readings.Get(ctx, db, keys...)
		wants(t, err, problem.BadInput)
	}
	write(t, db, func(tx *Tx) error {
		return readings.Put(ctx, tx, reading{System: "sys_1", Seq: 3, State: "denied", At: at})
	})
	got, err = readings.Get(ctx, db, "sys_1", 3)
	must(t, err)
	if got.State != "denied" || got.Limit != nil || got.Reasons != nil {
		t.Errorf("Put did not replace the row: %+v", got)
	}
	for _, sort := range []string{"", "seq", "-seq", "state", "-at", "value", "open"} {
		var seqs []string
		seen := map[int]bool{}
		q := Query{Sort: sort, Limit: 7, Filters: []Filter{Where("seq", "<", 24)}}
		for {
			p, err := readings.List(ctx, db, q)
			must(t, err)
			if p.Total != 24 {
				t.Fatalf("total %d, want 24", p.Total)
			}
			for _, r := range p.Items {
				seen[r.Seq] = true
				seqs = append(seqs, fmt.Sprint(r.Seq))
			}
			if q.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if len(seen) != 24 || len(seqs) != 24 {
			t.Errorf("sort %q paged through %s", sort, strings.Join(seqs, " "))
		}
	}
	groups, err := readings.Group(ctx, db, "state", Where("system", "=", "sys_1"))
	must(t, err)
	if d := cmp.Diff(map[string]int{"released": 3, "escalated": 4, "denied": 5}, groups); d != "" {
		t.Errorf("groups:\n%s", d)
	}
	open1, err := readings.Group(ctx, db, "open")
	must(t, err)
	if open1["1"] != 5 {
		t.Errorf("groups of a truth value: %v", open1)
	}
	for _, bad := range []Query{{Filters: []Filter{Where("note", "=", "x")}}, {Sort: "say"}, {Search: "x"}} {
		_, err := readings.List(ctx, db, bad)
		wants(t, err, problem.BadInput)
	}
	_, err = readings.Group(ctx, db, "note; DROP TABLE t_reading")
	wants(t, err, problem.BadInput)
	write(t, db, func(tx *Tx) error {
		must(t, readings.Delete(ctx, tx, "sys_0", 0))
		must(t, readings.Delete(ctx, tx, "sys_0", 0)) // not there is no error
		n, err := readings.DeleteWhere(ctx, tx, Where("state", "=", "denied"), Where("at", ">", at))
		if n != 8 {
			t.Errorf("deleted %d rows, want 8", n)
		}
		return err
	})
	n, err := readings.Count(ctx, db)
	must(t, err)
	if n != 16 {
		t.Errorf("%d rows left, want 16", n)
	}
	write(t, db, func(tx *Tx) error { return readings.Clear(ctx, tx) })
	if n, _ := readings.Count(ctx, db); n != 0 {
		t.Errorf("%d rows after Clear", n)
	}
	_, err = NewTable[plant]("plain").Count(ctx, db)
	wants(t, err, problem.Internal)
}

// counter is a read model that would show every entry applied twice or left
// out: it counts applications of each index.
type count struct {
	Index uint64 `json:"index" store:"key"`
	Times int    `json:"times"`
	Type  string `json:"type" store:"index"`
}

var counts = NewTable[count]("count", ReadModel())

func counting() Projection {
	return Projection{Name: "counts", Version: 1, Tables: []AnyTable{counts}, Apply: OneByOne(func(ctx context.Context, tx *Tx, index uint64, e ledger.Event) error {
		row, err := counts.Get(ctx, tx, index)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
		return counts.Put(ctx, tx, count{Index: index, Times: row.Times + 1, Type: e.Type})
	})}
}

func fill(t *testing.T, j *faulty, n int) {
	t.Helper()
	var raw [][]byte
	for range n {
		e, err := ledger.NewEvent(fmt.Sprintf("e%d", len(raw)), "/werk/gateway", "augenmass.inference.decided", "", time.Unix(1, 0), nil)
		must(t, err)
		b, err := e.Encode()
		must(t, err)
		raw = append(raw, b)
	}
	_, err := j.AppendAll(t.Context(), raw)
	must(t, err)
}

// once checks that every entry of the journal was applied exactly once.
func once(t *testing.T, db *DB, j *faulty) {
	t.Helper()
	n, err := counts.Count(t.Context(), db)
	must(t, err)
	if n != int(j.Size()) {
		t.Errorf("%d entries applied, the journal has %d", n, j.Size())
	}
	for q := (Query{Limit: MaxLimit}); ; {
		p, err := counts.List(t.Context(), db, q)
		must(t, err)
		for _, r := range p.Items {
			if r.Times != 1 {
				t.Errorf("entry %d applied %d times", r.Index, r.Times)
			}
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			return
		}
	}
}

func contractProjection(t *testing.T, open opener) {
	o, j := withTables(counts), journal(t)
	db := open(t, "db", o)
	fill(t, j, 1203)
	must(t, db.CatchUp(t.Context(), j, counting()))
	once(t, db, j)
	// An error undoes its batch and names the entry; the next run goes on.
	fill(t, j, 700)
	bad := counting()
	boom := errors.New("boom")
	bad.Apply = OneByOne(func(ctx context.Context, tx *Tx, index uint64, e ledger.Event) error {
		if index == 1800 {
			return boom
		}
		return counting().Apply(ctx, tx, index, []ledger.Event{e})
	})
	if err := db.CatchUp(t.Context(), j, bad); !errors.Is(err, boom) || !strings.Contains(err.Error(), "entry 1800") {
		t.Fatalf("got %v", err)
	}
	must(t, db.Close())
	db = open(t, "db", o)
	must(t, db.CatchUp(t.Context(), j, counting()))
	once(t, db, j)
	// Two that follow at once share the work.
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := db.Follow(ctx, j, counting()); err != nil {
				t.Error(err)
			}
		})
	}
	for range 5 {
		fill(t, j, 40)
	}
	must(t, db.CatchUp(t.Context(), j, counting()))
	stop()
	wg.Wait()
	once(t, db, j)
	write(t, db, func(tx *Tx) error { return counts.Put(t.Context(), tx, count{Index: 5, Times: 9}) })
	must(t, db.Rebuild(t.Context(), j, counting()))
	once(t, db, j)
	wants(t, db.CatchUp(t.Context(), journal(t), counting()), problem.Corrupt)
}

type countV2 struct {
	Index int    `json:"index" store:"key"`
	Times int    `json:"times"`
	Type  int    `json:"type"`
	More  string `json:"more"`
}

func contractProjectionChange(t *testing.T, open opener) {
	j := journal(t)
	fill(t, j, 10)
	db := open(t, "db", withTables(counts))
	must(t, db.CatchUp(t.Context(), j, counting()))
	p := counting()
	p.Version = 2
	must(t, db.CatchUp(t.Context(), j, p)) // would count everything twice if it did not start again
	once(t, db, j)
	must(t, db.Close())
	v2 := NewTable[countV2]("count", ReadModel())
	db = open(t, "db", withTables(v2))
	p.Tables, p.Apply = []AnyTable{v2}, OneByOne(func(ctx context.Context, tx *Tx, index uint64, e ledger.Event) error {
		return v2.Put(ctx, tx, countV2{Index: int(index), More: e.Type})
	})
	must(t, db.CatchUp(t.Context(), j, p))
	row, err := v2.Get(t.Context(), db, 9)
	must(t, err)
	if row.More != "augenmass.inference.decided" {
		t.Errorf("row %+v", row)
	}
}
