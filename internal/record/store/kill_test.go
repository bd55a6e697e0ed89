package store

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"augenmass/internal/record/ledger"
)

// TestKill kills a program that writes and sequences, at an instant that
// depends on nothing but its own progress, and opens its folder again: what
// was acknowledged is there, and the journal has every change exactly once and
// in order.
func TestKill(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		db := open(t, "db", suite())
		must(t, db.Close())
		testKill(t, t.TempDir(), db.opts.Database, db.opts.Schema)
	})
}

func testKill(t *testing.T, dir, database, schema string) {
	t.Setenv("STORE_KILL_DATABASE", database)
	t.Setenv("STORE_KILL_SCHEMA", schema)
	acked := map[string]bool{}
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKillVictim$", "-test.timeout=30s")
		cmd.Env = append(os.Environ(), "STORE_KILL_DIR="+dir)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); {
			if id, ok := strings.CutPrefix(lines.Text(), "acked "); ok {
				acked[id] = true
				if n++; n == 15+round*9 {
					must(t, cmd.Process.Kill())
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the victim ended by itself")
		}
	}
	db, j := reopen(t, dir)
	must(t, db.Flush(t.Context(), j))
	must(t, db.Close())
	revision, created := map[string]int64{}, 0
	for r, err := range j.Entries(t.Context(), 0, j.Size()) {
		must(t, err)
		e, err := ledger.Decode(r.Entry)
		must(t, err)
		var d objectEvent
		must(t, json.Unmarshal(e.Data, &d))
		if d.Revision != revision[d.ID]+1 {
			t.Errorf("entry %d is revision %d of %s after %d", r.Index, d.Revision, d.ID, revision[d.ID])
		}
		revision[d.ID] = d.Revision
		created++
	}
	db, _ = openAt(t, dir)
	for id := range acked {
		o, err := machines.Get(ada(t), db, id)
		must(t, err)
		if revision[id] != o.Revision {
			t.Errorf("%s has revision %d, the journal %d", id, o.Revision, revision[id])
		}
		h, err := db.History(ada(t), "machine", id)
		must(t, err)
		if h[0].JournalIndex < 0 {
			t.Errorf("%s does not know its place in the journal", id)
		}
	}
	n, err := machines.Count(ada(t), db)
	must(t, err)
	if n != len(revision) || len(acked) < 15+24+33 {
		t.Errorf("%d machines, %d in the journal, %d acknowledged", n, len(revision), len(acked))
	}
	must(t, db.Close())
}

func openAt(t *testing.T, dir string) (*DB, string) {
	t.Helper()
	o := suite()
	o.Path, o.Now, o.Rand = filepath.Join(dir, "x.db"), time.Now, nil
	o.Database, o.Schema = os.Getenv("STORE_KILL_DATABASE"), os.Getenv("STORE_KILL_SCHEMA")
	db, err := Open(t.Context(), o)
	must(t, err)
	return db, o.Path
}

func reopen(t *testing.T, dir string) (*DB, *ledger.Journal) {
	t.Helper()
	db, _ := openAt(t, dir)
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "werk.example/journal", PublishEvery: -1})
	must(t, err)
	t.Cleanup(func() { must(t, j.Close()) })
	return db, j
}

// TestKillVictim is the program that TestKill kills; alone it does nothing.
func TestKillVictim(t *testing.T) {
	dir := os.Getenv("STORE_KILL_DIR")
	if dir == "" {
		t.Skip("runs inside TestKill")
	}
	db, j := reopen(t, dir)
	go func() {
		if err := db.Sequence(context.WithoutCancel(t.Context()), j); err != nil {
			panic(err)
		}
	}()
	for i := range 100_000 {
		o := create(t, db, machines, machine{Name: fmt.Sprint(i)})
		fmt.Println("acked", o.ID)
		update(t, db, machines, o, func(m *machine) { m.Count = i + 1 })
	}
}
