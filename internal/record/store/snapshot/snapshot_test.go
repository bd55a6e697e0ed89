package snapshot_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/snapshot"
)

type note struct {
	Name string `json:"name" store:"index,search,required"`
}

func open(t testing.TB, path string) (*store.DB, *store.Kind[note]) {
	t.Helper()
	k := store.NewKind[note]("note", "not")
	db, err := store.Open(context.Background(), store.Options{Path: path, Kinds: []store.AnyKind{k}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, k
}

func system() context.Context {
	return store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
}

func write(t testing.TB, db *store.DB, k *store.Kind[note], names ...string) {
	t.Helper()
	for _, n := range names {
		if err := db.Write(system(), func(tx *store.Tx) error { _, err := k.Create(system(), tx, note{Name: n}); return err }); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t testing.TB, db *store.DB, k *store.Kind[note]) int {
	t.Helper()
	p, err := k.List(system(), db, store.Query{Limit: store.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return len(p.Items)
}

// A copy taken while the database is open and written to opens as a database
// that holds what was committed before, and nothing of what came after it.
func TestACopyIsOneInstant(t *testing.T) {
	dir := t.TempDir()
	db, k := open(t, filepath.Join(dir, "org.db"))
	write(t, db, k, "a", "b")
	stop, done := make(chan struct{}), make(chan int)
	go func() { // a writer that does not wait for anybody
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			err := db.Write(system(), func(tx *store.Tx) error {
				for range 2 { // pairs: a copy with an odd number is none of one instant
					if _, err := k.Create(system(), tx, note{Name: "pair " + strconv.Itoa(n)}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			n++
		}
	}()
	for i := range 5 {
		to := filepath.Join(dir, "copy"+strconv.Itoa(i))
		if err := snapshot.Take(context.Background(), filepath.Join(dir, "org.db"), to); err != nil {
			t.Fatal(err)
		}
		if _, err := snapshot.Check(context.Background(), to); err != nil {
			t.Fatal(err)
		}
		copied, ck := open(t, to)
		p, err := ck.List(system(), copied, store.Query{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if p.Total < 2 || p.Total%2 != 0 {
			t.Errorf("the copy holds %d objects", p.Total)
		}
	}
	close(stop)
	if n := <-done; n == 0 {
		t.Error("the writer did not get anywhere")
	}
}

// A folder whose program ended can be copied as well, and the copy leaves it
// as it was: no table, no upgrade.
func TestAClosedDatabase(t *testing.T) {
	dir := t.TempDir()
	src, to := filepath.Join(dir, "org.db"), filepath.Join(dir, "copy")
	db, k := open(t, src)
	write(t, db, k, "a")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Take(context.Background(), src, to); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(src)
	if err != nil || string(before) != string(after) {
		t.Errorf("the original changed: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("beside original and copy lies something: %v %v", files, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the copy is readable for others: %v %v", info.Mode(), err)
	}
	copied, ck := open(t, to)
	if n := count(t, copied, ck); n != 1 {
		t.Errorf("%d objects", n)
	}
}

// Check says how far the database knows its journal.
func TestKnown(t *testing.T) {
	dir := t.TempDir()
	db, k := open(t, filepath.Join(dir, "org.db"))
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	knows := func(name string) uint64 {
		to := filepath.Join(dir, name)
		if err := snapshot.Take(context.Background(), filepath.Join(dir, "org.db"), to); err != nil {
			t.Fatal(err)
		}
		known, err := snapshot.Check(context.Background(), to)
		if err != nil {
			t.Fatal(err)
		}
		return known.Next
	}
	if n := knows("fresh"); n != 0 {
		t.Errorf("a fresh database knows %d entries", n)
	}
	write(t, db, k, "a", "b", "c")
	if n := knows("pending"); n != 0 {
		t.Errorf("with everything in the outbox it knows %d entries", n)
	}
	if err := db.Flush(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	if n := knows("flushed"); n != j.Size() {
		t.Errorf("it knows %d entries of %d", n, j.Size())
	}
}

// What is damaged, foreign or missing is refused and leaves no file.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "org.db")
	db, k := open(t, src)
	write(t, db, k, "a", "b", "c")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	torn := append([]byte(nil), good...)
	for i := 4096; i < len(torn); i += 4096 { // the head of every page but the first
		copy(torn[i:], make([]byte, 16))
	}
	for name, c := range map[string]struct {
		file string
		kind problem.Kind
	}{
		"missing": {filepath.Join(dir, "no.db"), problem.Unavailable},
		"text":    {put("text.db", []byte("this is not a database, and it is long enough to have a header of one")), problem.Corrupt},
		"torn":    {put("torn.db", torn), problem.Corrupt},
		"cut":     {put("cut.db", good[:len(good)/2]), problem.Corrupt},
	} {
		to := filepath.Join(dir, "to-"+name)
		if err := snapshot.Take(context.Background(), c.file, to); !problem.Is(err, c.kind) {
			t.Errorf("take %s: %v", name, err)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("take %s left a file", name)
		}
		if _, err := snapshot.Check(context.Background(), c.file); !problem.Is(err, c.kind) {
			t.Errorf("check %s: %v", name, err)
		}
	}
	there := put("there", []byte("mine"))
	if err := snapshot.Take(context.Background(), src, there); !problem.Is(err, problem.Unavailable) {
		t.Errorf("onto an existing file: %v", err)
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "mine" {
		t.Errorf("the existing file: %q %v", b, err)
	}
}
