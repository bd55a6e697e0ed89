package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
)

// counted upgrades pumpV1 to pump and counts the documents.
func counted(n *atomic.Int64, fail error) *Kind[pump] {
	return NewKind[pump]("pump", "pmp", Upgrade(3, func(version int, raw json.RawMessage) (json.RawMessage, error) {
		if n.Add(1) == 3 && fail != nil {
			return nil, fail
		}
		return upgradePump(version, raw)
	}))
}

// TestFailedUpgrade: an upgrade that fails in the middle, or panics, refuses to
// start and leaves the database to the program of before, as it was.
func TestFailedUpgrade(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		v1 := NewKind[pumpV1]("pump", "pmp")
		sampledV1 := of(v1)
		sampledV1.Tables = []AnyTable{samples}
		db := open(t, "db", sampledV1)
		var last Object[pumpV1]
		for i := range 5 {
			last = create(t, db, v1, pumpV1{Name: "Pumpe", Hours: fmt.Sprint(i), Owner: "Grete"})
		}
		before := digestOf(t, db)
		must(t, db.Close())
		var n atomic.Int64
		boom := errors.New("boom")
		_, err := Open(t.Context(), db.place(of(counted(&n, boom))))
		if !errors.Is(err, boom) || problem.KindOf(err) != problem.Corrupt || n.Load() != 3 {
			t.Errorf("opened with %v after %d documents", err, n.Load())
		}
		bad := NewKind[pump]("pump", "pmp", Upgrade(3, func(int, json.RawMessage) (json.RawMessage, error) { panic("planted") }))
		func() {
			defer func() {
				if recover() != "planted" {
					t.Error("the panic did not pass through")
				}
			}()
			_, _ = Open(t.Context(), db.place(of(bad)))
		}()
		db = open(t, "db", sampledV1)
		if got := digestOf(t, db); got != before {
			t.Error("a failed upgrade left something behind")
		}
		update(t, db, v1, last, func(p *pumpV1) { p.Hours = "9" })
		must(t, db.Close())
		// And the upgrade that works goes through afterwards.
		n.Store(-100)
		db = open(t, "db", of(counted(&n, nil)))
		if got := n.Load(); got != -95 {
			t.Errorf("%d documents upgraded, want 5", got+100)
		}
		wants(t, db.Write(t.Context(), func(tx *Tx) error { _, err := v1.Create(ada(t), tx, pumpV1{}); return err }), problem.Internal)
	})
}

// TestUpgradeOnce: nodes that start with a new version at the same time upgrade
// every document once, and each opens.
func TestUpgradeOnce(t *testing.T) {
	v1 := NewKind[pumpV1]("pump", "pmp")
	db := openPostgreSQL(t, "db", of(v1))
	for range 20 {
		create(t, db, v1, pumpV1{Name: "Pumpe", Hours: "1", Owner: "Grete"})
	}
	must(t, db.Close())
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			o := db.place(of(counted(&n, nil)))
			node, err := Open(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			if err := node.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n.Load() != 20 {
		t.Errorf("%d upgrades of 20 documents", n.Load())
	}
}

// TestOldNode: when a node with a new version has rebuilt the tables, one of
// before writes nothing more, says why, and goes on reading.
func TestOldNode(t *testing.T) {
	v1 := NewKind[pumpV1]("pump", "pmp")
	o := of(v1)
	o.Rand = nil // several nodes, several ids
	old := openPostgreSQL(t, "db", o)
	same := openPostgreSQL(t, "db", o)
	create(t, old, v1, pumpV1{Name: "Pumpe", Hours: "1", Owner: "Grete"})
	create(t, same, v1, pumpV1{Name: "Pumpe", Hours: "2", Owner: "Grete"})
	var n atomic.Int64
	v3 := counted(&n, nil)
	fresh := openPostgreSQL(t, "db", of(v3))
	for _, db := range []*DB{old, same} {
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := v1.Create(ada(t), tx, pumpV1{Name: "spät", Hours: "3", Owner: "Otto"})
			return err
		})
		if p := wants(t, err, problem.Unavailable); !strings.Contains(p.Say.DE, "umgebaut") {
			t.Errorf("says %q", p.Say.DE)
		}
		_, err = db.Digest(t.Context()) // it does not know all columns
		wants(t, err, problem.Unavailable)
		wants(t, db.Tell(t.Context(), "x", "y"), problem.Unavailable)
		var count int
		_, err = db.session().One(t.Context(), "SELECT count(*) FROM o_pump", nil, &count)
		must(t, err)
		if count != 2 {
			t.Errorf("%d pumps", count)
		}
	}
	create(t, fresh, v3, pump{Name: "neu"})
}

// TestSameTables: both engines have the same tables with the same columns, and
// a golden file says which, so that a change of them is seen.
func TestSameTables(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		db := open(t, "db", sampled())
		text := "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'word%' ORDER BY name"
		if db.engine.Shared() {
			text = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'word%' ORDER BY tablename"
		}
		var b strings.Builder
		for _, table := range column(t, db, text) {
			var cols []string
			must(t, db.engine.Write(t.Context(), func(s engine.Session) error {
				have, err := s.ColumnTypes(t.Context(), table)
				for name, typ := range have {
					cols = append(cols, fmt.Sprintf("%s %s", name, [...]string{"text", "int", "real", "bytes"}[typ]))
				}
				return err
			}))
			slices.Sort(cols)
			fmt.Fprintf(&b, "%s: %s\n", table, strings.Join(cols, ", "))
		}
		golden := filepath.Join("testdata", "tables.txt")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			must(t, os.WriteFile(golden, []byte(b.String()), 0o644))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if b.String() != string(want) {
			t.Errorf("the tables are\n%s\nwant (UPDATE_GOLDEN=1 writes it)\n%s", b.String(), want)
		}
	})
}
