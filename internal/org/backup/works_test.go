package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/org/backup"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// paper is an object that refers to a payload and whose change is in the
// journal.
type paper struct {
	Name string `json:"name" store:"index,required"`
	Blob string `json:"blob"`
}

// works is an organisation's folder with its three stores open, as a server
// holds them.
type works struct {
	t     testing.TB
	dir   string
	kind  *store.Kind[paper]
	db    *store.DB
	j     *ledger.Journal
	v     *vault.Vault
	stop  context.CancelFunc
	ended sync.WaitGroup
	once  sync.Once
}

const slug = "werk"

func system() context.Context {
	return store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newWorks makes a folder with small segments and frequent checkpoints, so that
// everything that moves moves often.
func newWorks(t testing.TB) *works { t.Helper(); return newWorksPublishing(t, 2*time.Millisecond) }

func newWorksPublishing(t testing.TB, every time.Duration) *works {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data", slug)
	must(t, os.MkdirAll(filepath.Join(dir, "keys"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "org.json"), []byte(`{"name":"Werk"}`+"\n"), 0o600))
	skey, vkey, err := note.GenerateKey(nil, "augenmass/werk/seal")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "keys", "seal.key"), []byte(skey+"\n"+vkey+"\n"), 0o600))
	return openPublishing(t, dir, every)
}

// openWorks opens a folder as a server does: journal, vault, database, and the
// loop that moves one into the other.
func openWorks(t testing.TB, dir string) *works {
	t.Helper()
	return openPublishing(t, dir, 2*time.Millisecond)
}

func openPublishing(t testing.TB, dir string, every time.Duration) *works {
	t.Helper()
	w := &works{t: t, dir: dir, kind: store.NewKind[paper]("paper", "pap")}
	var err error
	w.j, err = ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/" + slug, KeyFile: filepath.Join(dir, "keys", "journal.key"),
		SegmentBytes: 64 << 10, PublishEvery: every})
	must(t, err)
	tree, err := vault.Files(filepath.Join(dir, "vault"))
	must(t, err)
	used, err := vault.Used(context.Background(), tree)
	must(t, err)
	master, err := vault.LoadMasterKey(filepath.Join(dir, "keys", "master.key"), "", used)
	must(t, err)
	w.v, err = vault.Open(vault.Options{Tree: tree, MasterKey: master})
	must(t, err)
	w.db, err = store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "org.db"), Kinds: []store.AnyKind{w.kind}})
	must(t, err)
	must(t, w.db.Flush(context.Background(), w.j))
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	w.ended.Go(func() {
		if err := w.db.Sequence(ctx, w.j); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.close)
	return w
}

func (w *works) close() {
	w.once.Do(func() {
		w.stop()
		w.ended.Wait()
		for _, c := range []interface{ Close() error }{w.db, w.j, w.v} {
			if err := c.Close(); err != nil {
				w.t.Error(err)
			}
		}
	})
}

// done is one acknowledged piece of work.
type done struct {
	object string
	blob   string
	text   string
	index  uint64 // of a journal entry of its own
}

// do writes a payload, an object that refers to it, and an entry that names
// both, in the order in which the product does.
func (w *works) do(name string) (done, error) {
	ctx := system()
	d := done{text: "payload of " + name}
	ref, err := w.v.Put(ctx, "subject "+name, []byte(d.text))
	if err != nil {
		return d, err
	}
	d.blob = ref.ID
	err = w.db.Write(ctx, func(tx *store.Tx) error {
		o, err := w.kind.Create(ctx, tx, paper{Name: name, Blob: ref.ID})
		d.object = o.ID
		return err
	})
	if err != nil {
		return d, err
	}
	e, err := ledger.NewEvent("dec_"+name, "/werk/gateway", "test.done", d.object, time.Unix(1, 0), map[string]string{"blob": d.blob})
	if err != nil {
		return d, err
	}
	r, err := w.j.AppendEvent(ctx, e)
	d.index = r.Index
	return d, err
}

func (w *works) work(n int) (all []done) {
	w.t.Helper()
	for i := range n {
		d, err := w.do(fmt.Sprintf("%d-%d", w.j.Size(), i))
		must(w.t, err)
		all = append(all, d)
	}
	return all
}

// holds fails unless everything that was acknowledged is there.
func (w *works) holds(all []done) {
	w.t.Helper()
	ctx := system()
	for _, d := range all {
		o, err := w.kind.Get(ctx, w.db, d.object)
		if err != nil || o.Doc.Blob != d.blob {
			w.t.Fatalf("object %s: %v", d.object, err)
		}
		text, err := w.v.Get(ctx, d.blob)
		if err != nil || string(text) != d.text {
			w.t.Fatalf("payload of %s: %q %v", d.object, text, err)
		}
		raw, err := w.j.Entry(ctx, d.index)
		must(w.t, err)
		e, err := ledger.Decode(raw)
		if err != nil || e.Subject != d.object {
			w.t.Fatalf("entry %d is about %s, not %s: %v", d.index, e.Subject, d.object, err)
		}
	}
	must(w.t, w.v.Check(ctx))
}

// backup takes a backup of a folder.
func backupOf(t testing.TB, dir string, without bool) ([]byte, backup.Summary) {
	t.Helper()
	var b bytes.Buffer
	s, err := backup.Write(context.Background(), backup.Options{Dir: dir, Slug: slug, WithoutKeys: without, Spool: t.TempDir(), Program: "test"}, &b)
	must(t, err)
	return b.Bytes(), s
}

// restore puts a backup into a new folder.
func restore(t testing.TB, raw []byte, change func(*backup.RestoreOptions)) (backup.Restored, error) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "backup.tar")
	must(t, os.WriteFile(file, raw, 0o600))
	o := backup.RestoreOptions{File: file, Dir: filepath.Join(data, slug), Slug: slug, MasterKeyEnv: "AUGENMASS_TEST_NO_KEY"}
	if change != nil {
		change(&o)
	}
	before := tops(t, filepath.Dir(o.Dir))
	r, err := backup.Restore(context.Background(), o)
	if err != nil {
		if after := tops(t, filepath.Dir(o.Dir)); after != before {
			t.Errorf("after a refusal (%v) the data folder holds %s, before %s", err, after, before)
		}
	}
	return r, err
}

// tops are the names in a folder: a refused restore leaves nothing beside what
// was there.
func tops(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		must(t, err)
	}
	return fmt.Sprint(entries)
}

// list is a hash over every file in a folder, but for the memory that processes
// share while they have the database open.
func list(t testing.TB, dir string) string { t.Helper(); return listed(t, dir, dir) }

// listed is list with another name for the folder.
func listed(t testing.TB, dir, as string) string {
	t.Helper()
	h := sha256.New()
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) == ".db-shm" {
			return err
		}
		raw, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %d %s", as+strings.TrimPrefix(path, dir), len(raw), raw)
		return err
	}))
	return hex.EncodeToString(h.Sum(nil))
}
