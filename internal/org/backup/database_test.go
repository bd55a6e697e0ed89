package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/org/backup"
	"augenmass/internal/org/move"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/pgtest"
	"augenmass/knowledge"
)

// shared is an organisation on PostgreSQL with a node that works on it.
type shared struct {
	t           testing.TB
	url, master string
	lib         *packs.Library
	node        *org.Org
}

func newShared(t testing.TB) *shared {
	t.Helper()
	s := &shared{t: t, url: pgtest.URL(t), master: filepath.Join(t.TempDir(), "master.key")}
	tree, err := fs.Sub(knowledge.Packs, "packs")
	must(t, err)
	s.lib, err = packs.Load(tree)
	must(t, err)
	s.drop()
	t.Cleanup(s.drop)
	s.node = s.open(org.Options{Database: s.url, Name: "Werk Grünberg"})
	return s
}

func (s *shared) drop() {
	pgtest.Exec(s.t, s.url, "SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS "+org.Schema(slug)+" CASCADE")
}

// open opens the organisation as a server does; it ends with the test at the
// latest.
func (s *shared) open(o org.Options) *org.Org {
	s.t.Helper()
	o.Slug, o.Library, o.MasterKeyFile, o.Hash = slug, s.lib, s.master, secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}
	g, err := org.Open(context.Background(), o)
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, g.Close()) })
	return g
}

// work writes an object, a payload and an entry of its own on a node.
func (s *shared) work(g *org.Org, name string) (d done, err error) {
	ctx := system()
	d.text = "payload of " + name
	ref, err := g.Vault.Put(ctx, "subject "+name, []byte(d.text))
	if err != nil {
		return d, err
	}
	d.blob = ref.ID
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		u, err := g.UseCases.Create(ctx, tx, value.UseCase{Name: name})
		d.object = u.ID
		return err
	}); err != nil {
		return d, err
	}
	e, err := ledger.NewEvent("dec_"+name, "/werk/gateway", "test.done", d.object, time.Now(), map[string]string{"blob": d.blob})
	if err != nil {
		return d, err
	}
	r, err := g.Journal.AppendEvent(ctx, e)
	d.index = r.Index
	return d, err
}

// holds fails unless everything that was acknowledged is there.
func (s *shared) holds(g *org.Org, all []done) {
	s.t.Helper()
	ctx := system()
	for _, d := range all {
		if _, err := g.UseCases.Get(ctx, g.DB, d.object); err != nil {
			s.t.Fatalf("object %s: %v", d.object, err)
		}
		if text, err := g.Vault.Get(ctx, d.blob); err != nil || string(text) != d.text {
			s.t.Fatalf("payload of %s: %q %v", d.object, text, err)
		}
		raw, err := g.Journal.Entry(ctx, d.index)
		must(s.t, err)
		if e, err := ledger.Decode(raw); err != nil || e.Subject != d.object {
			s.t.Fatalf("entry %d is about %s, not %s: %v", d.index, e.Subject, d.object, err)
		}
	}
	must(s.t, g.Vault.Check(ctx))
}

// whole fails unless every payload that the journal names is in the vault, those
// of later than the backup's beginning too.
func (s *shared) whole(g *org.Org, atLeast int) {
	s.t.Helper()
	ctx, n := system(), 0
	for rec, err := range g.Journal.Entries(ctx, 0, g.Journal.Size()) {
		must(s.t, err)
		e, err := ledger.Decode(rec.Entry)
		must(s.t, err)
		if e.Type != "test.done" {
			continue
		}
		var names struct {
			Blob string `json:"blob"`
		}
		must(s.t, json.Unmarshal(e.Data, &names))
		if _, err := g.Vault.Get(ctx, names.Blob); err != nil {
			s.t.Errorf("entry %d names a payload that is not there: %v", rec.Index, err)
		}
		n++
	}
	if n < atLeast {
		s.t.Errorf("%d entries of work, %d were acknowledged", n, atLeast)
	}
}

func (s *shared) backup(spool string, change func(*backup.Options, *backup.Database)) ([]byte, error) {
	o, from := backup.Options{Slug: slug, Spool: spool}, backup.Database{URL: s.url, Library: s.lib, MasterKeyFile: s.master, MasterKeyEnv: "AUGENMASS_TEST_NO_KEY"}
	if change != nil {
		change(&o, &from)
	}
	var b bytes.Buffer
	_, err := backup.WriteDatabase(context.Background(), o, from, &b)
	if left := tops(s.t, spool); left != "[]" {
		s.t.Errorf("the spool holds %s (%v)", left, err)
	}
	return b.Bytes(), err
}

// A backup taken while two nodes work holds everything that was acknowledged
// before it began, becomes a folder in which nothing refers to what is missing,
// and from there a schema again.
func TestBackupOfADatabaseWhileNodesWork(t *testing.T) {
	s := newShared(t)
	second := s.open(org.Options{Database: s.url})
	var mu sync.Mutex
	var all []done
	stop := make(chan struct{})
	orders := make(chan struct{}, 300) // enough to go on during the whole backup, few enough to restore quickly
	order := func(n int) {
		for range n {
			orders <- struct{}{}
		}
	}
	order(250)
	var writers sync.WaitGroup
	for n, g := range []*org.Org{s.node, second, s.node} {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-orders:
				}
				d, err := s.work(g, fmt.Sprintf("w%d-%d", n, i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				all = append(all, d)
				mu.Unlock()
			}
		})
	}
	acknowledged := func() []done { mu.Lock(); defer mu.Unlock(); return all[:len(all):len(all)] }
	reach := func(n int) {
		for len(acknowledged()) < n {
			_, err := s.node.Journal.Publish(t.Context())
			must(t, err)
		}
	}
	reach(40)
	before := acknowledged()
	raw, err := s.backup(t.TempDir(), nil)
	must(t, err)
	n := len(acknowledged())
	order(6)
	reach(n + 6) // something comes after it
	close(stop)
	writers.Wait()
	later, err := s.node.Journal.Publish(t.Context())
	must(t, err)

	// The world knows more, and the backup agrees with it as far as it goes.
	r, err := restore(t, raw, func(o *backup.RestoreOptions) { o.MasterKeyFile, o.Known = s.master, later })
	must(t, err)
	if r.Lost == 0 || r.Origin != "augenmass/werk/2" {
		t.Errorf("restored: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "keys", "master.key")); !os.IsNotExist(err) {
		t.Errorf("the nodes' master key is in the backup: %v", err)
	}
	name, seal := s.node.Name, s.node.SealKey
	here := s.open(org.Options{Dir: r.Dir})
	if here.Name != name || here.SealKey != seal {
		t.Errorf("name %q, seal key %q", here.Name, here.SealKey)
	}
	s.holds(here, before)
	s.whole(here, len(before))
	d, err := s.work(here, "after the restore")
	must(t, err)

	// And into a schema again, where it lay before.
	must(t, here.Close())
	must(t, second.Close())
	must(t, s.node.Close())
	s.drop()
	_, err = move.Move(t.Context(), move.Options{Slug: slug, From: move.Place{Dir: r.Dir}, To: move.Place{Database: s.url}, Library: s.lib, MasterKeyFile: s.master, MasterKeyEnv: "AUGENMASS_TEST_NO_KEY"})
	must(t, err)
	again := s.open(org.Options{Database: s.url})
	s.holds(again, append(slices.Clone(before), d))
	if again.Journal.Origin() != r.Origin {
		t.Errorf("the journal is named %s", again.Journal.Origin())
	}
}

// Whatever stops the backup of a database says so in both languages and leaves
// nothing behind.
func TestBackupsOfADatabaseThatFail(t *testing.T) {
	s := newShared(t)
	d, err := s.work(s.node, "one")
	must(t, err)
	other := filepath.Join(t.TempDir(), "other.key")
	must(t, os.WriteFile(other, []byte(strings.Repeat("A", 43)+"\n"), 0o600))
	in := "SET search_path = " + org.Schema(slug) + "; "
	refused := func(what string, kind problem.Kind, says string, change func(*backup.Options, *backup.Database)) {
		t.Helper()
		_, err := s.backup(t.TempDir(), change)
		if p := problem.From(err); err == nil || p.Kind != kind || !p.Say.Complete() || !strings.Contains(p.Say.EN, says) {
			t.Errorf("%s: %v, want %s", what, err, kind)
		}
	}
	refused("another master key", problem.Denied, "not that of this organisation", func(_ *backup.Options, d *backup.Database) { d.MasterKeyFile = other })
	refused("no master key", problem.BadInput, "master key", func(_ *backup.Options, d *backup.Database) { d.MasterKeyFile = "" })
	refused("no such schema", problem.NotFound, "holds no organisation", func(o *backup.Options, _ *backup.Database) { o.Slug = "nobody" })
	refused("a server that is away", problem.Unavailable, "cannot be reached", func(_ *backup.Options, d *backup.Database) { d.URL = "postgres://u@127.0.0.1:1/x" })
	refused("an address that is none", problem.BadInput, "address", func(_ *backup.Options, d *backup.Database) { d.URL = "postgres://%" })
	refused("keys left out", problem.BadInput, "without keys", func(o *backup.Options, _ *backup.Database) { o.WithoutKeys = true })

	pgtest.Exec(t, s.url, in+"UPDATE blobs SET data = overlay(data PLACING '\\x00' FROM 70) WHERE name LIKE 'blobs/%'")
	refused("a damaged payload", problem.Corrupt, "hash of its name", nil)
	_, err = s.node.Journal.Publish(t.Context())
	must(t, err)
	must(t, s.node.Close())
	pgtest.Exec(t, s.url, in+fmt.Sprintf("UPDATE journal_entries SET entry = overlay(entry PLACING '\\x00' FROM 5) WHERE idx = %d", d.index))
	refused("an entry that was changed", problem.Corrupt, "", nil)
}
