package backup_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// Backups taken while three writers work hold everything that was acknowledged
// before, agree with checkpoints from before and after, and open as an
// organisation in which nothing refers to what is missing.
func TestBackupWhileWriting(t *testing.T) {
	w := newWorks(t)
	var mu sync.Mutex
	var all []done
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for n := range 3 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				d, err := w.do(fmt.Sprintf("w%d-%d", n, i))
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
	acknowledged := func() []done { mu.Lock(); defer mu.Unlock(); return slices.Clone(all) }
	type taken struct {
		raw           []byte
		acked         []done
		before, after []byte
	}
	var backups []taken
	for round := range 2 {
		for len(acknowledged()) < 30*(round+1) {
			if _, err := w.j.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b := taken{acked: acknowledged()}
		b.before, _ = w.j.Checkpoint()
		b.raw, _ = backupOf(t, w.dir, false)
		n := len(acknowledged())
		for len(acknowledged()) < n+4 { // something comes after every backup
			if _, err := w.j.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		b.after, err = w.j.Publish(t.Context())
		must(t, err)
		backups = append(backups, b)
	}
	close(stop)
	writers.Wait()
	for _, b := range backups {
		r, err := restore(t, b.raw, func(o *backup.RestoreOptions) { o.Known = b.before })
		must(t, err)
		if r.Lost != 0 || r.Origin != "augenmass/werk/2" {
			t.Errorf("against the checkpoint from before: %+v", r)
		}
		again := openWorks(t, r.Dir)
		again.holds(b.acked)
		again.work(2)
		again.close()
		r, err = restore(t, b.raw, func(o *backup.RestoreOptions) { o.Known = b.after })
		must(t, err)
		if r.Lost == 0 {
			t.Errorf("against the checkpoint from after nothing is lost: %+v", r)
		}
		if _, err := restore(t, b.raw, func(o *backup.RestoreOptions) { o.Known, o.Continue = b.after, true }); !problem.Is(err, problem.Conflict) {
			t.Errorf("going on under the old name although there is more: %v", err)
		}
	}
}

// What a killed server left is backed up as well: its last entries are in the
// write-ahead log only.
func TestBackupAfterAKill(t *testing.T) {
	w := newWorks(t)
	acked := w.work(20)
	image := filepath.Join(t.TempDir(), slug)
	must(t, w.db.Flush(t.Context(), w.j))
	must(t, os.CopyFS(image, os.DirFS(w.dir)))
	before := list(t, image)
	raw, _ := backupOf(t, image, false)
	if after := list(t, image); after != before {
		t.Error("the backup changed the folder")
	}
	r, err := restore(t, raw, nil)
	must(t, err)
	openWorks(t, r.Dir).holds(acked)
}

// With the last checkpoint in hand the journal goes on under its old name, and
// without --continue under the next one; both verify, and the second says what
// it follows.
func TestOriginAfterARestore(t *testing.T) {
	w := newWorks(t)
	acked := w.work(10)
	must(t, w.db.Flush(t.Context(), w.j))
	last, err := w.j.Publish(t.Context())
	must(t, err)
	raw, s := backupOf(t, w.dir, false)
	if s.Journal.Size != w.j.Size() || s.Journal.Origin != "augenmass/werk" || s.Members < 10 {
		t.Errorf("%+v", s)
	}
	r, err := restore(t, raw, func(o *backup.RestoreOptions) { o.Known, o.Continue = last, true })
	must(t, err)
	if r.Origin != "augenmass/werk" || r.Entries != w.j.Size() || r.VKey != w.j.VerifierKey() {
		t.Errorf("continued: %+v", r)
	}
	on := openWorks(t, r.Dir)
	on.holds(acked)
	on.work(1)
	on.close()

	r, err = restore(t, raw, func(o *backup.RestoreOptions) { o.Known = last })
	must(t, err)
	if r.Origin != "augenmass/werk/2" || r.Entries != w.j.Size() || r.Lost != 0 {
		t.Errorf("succeeded: %+v", r)
	}
	next := openWorks(t, r.Dir)
	next.holds(acked)
	keys := next.j.Keys()
	if len(keys) != 2 || keys[1].Since != r.Entries || keys[0].VKey != w.j.VerifierKey() || next.j.VerifierKey() != r.VKey {
		t.Errorf("keys %+v", keys)
	}
	if _, err := proof.Verify(t.Context(), next.j.TileFS(), r.VKey); err != nil {
		t.Error(err)
	}
	next.close()

	// A second restore, of a backup of what was restored.
	raw, _ = backupOf(t, r.Dir, false)
	r, err = restore(t, raw, nil)
	must(t, err)
	if r.Origin != "augenmass/werk/3" {
		t.Errorf("restored twice: %+v", r)
	}
	openWorks(t, r.Dir).holds(acked)
}

// A checkpoint kept elsewhere finds a backup that holds another journal, and
// one that is none of this journal is named.
func TestKnownCheckpoints(t *testing.T) {
	w, stranger := newWorks(t), newWorks(t)
	w.work(5)
	stranger.work(5)
	first, err := w.j.Publish(t.Context())
	must(t, err)
	image := filepath.Join(t.TempDir(), slug) // a fork: same keys, another history from here on
	must(t, w.db.Flush(t.Context(), w.j))
	must(t, os.CopyFS(image, os.DirFS(w.dir)))
	fork := openWorks(t, image)
	fork.work(7)
	must(t, fork.db.Flush(t.Context(), fork.j))
	w.work(9)
	second, err := w.j.Publish(t.Context())
	must(t, err)
	forked, err := fork.j.Publish(t.Context())
	must(t, err)
	foreign, err := stranger.j.Publish(t.Context())
	must(t, err)
	w.work(3)
	must(t, w.db.Flush(t.Context(), w.j))
	raw, _ := backupOf(t, w.dir, false)
	for name, c := range map[string]struct {
		known []byte
		on    bool
		kind  problem.Kind
	}{
		"from before":              {first, false, ""},
		"from before, to continue": {first, true, problem.Conflict},
		"in between":               {second, false, ""},
		"of a fork":                {forked, false, problem.Corrupt},
		"of a fork, to continue":   {forked, true, problem.Conflict},
		"of another journal":       {foreign, false, problem.BadInput},
		"no checkpoint":            {[]byte("hello"), false, problem.BadInput},
		"none, to continue":        {nil, true, problem.BadInput},
	} {
		_, err := restore(t, raw, func(o *backup.RestoreOptions) { o.Known, o.Continue = c.known, c.on })
		if problem.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Keys are left out on request and named when they are missing or other ones.
func TestKeysApart(t *testing.T) {
	w := newWorks(t)
	acked := w.work(3)
	full, _ := backupOf(t, w.dir, false)
	raw, s := backupOf(t, w.dir, true)
	if got := strings.Join(s.Apart(), " "); got != "journal.key master.key seal.key" {
		t.Errorf("left out: %s", got)
	}
	for _, f := range []string{"journal.key", "master.key", "seal.key"} {
		secret, err := os.ReadFile(filepath.Join(w.dir, "keys", f))
		must(t, err)
		if strings.Contains(string(raw), string(secret)) {
			t.Errorf("%s is in the backup without keys", f)
		}
		if !strings.Contains(string(full), string(secret)) {
			t.Errorf("%s is not in the backup with keys", f)
		}
	}
	names := func(err error, kind problem.Kind, want ...string) {
		t.Helper()
		if !problem.Is(err, kind) {
			t.Fatal(err)
		}
		for _, f := range []string{"journal.key", "master.key", "seal.key"} {
			if strings.Contains(err.Error(), f) != slices.Contains(want, f) {
				t.Errorf("%v does not name exactly %v", err, want)
			}
		}
	}
	_, err := restore(t, raw, nil)
	names(err, problem.NotFound, "journal.key", "master.key", "seal.key")
	apart := t.TempDir()
	must(t, os.CopyFS(apart, os.DirFS(filepath.Join(w.dir, "keys"))))
	with := func(o *backup.RestoreOptions) { o.Keys = apart }
	r, err := restore(t, raw, with)
	must(t, err)
	openWorks(t, r.Dir).holds(acked)

	must(t, os.Remove(filepath.Join(apart, "seal.key")))
	_, err = restore(t, raw, with)
	names(err, problem.NotFound, "seal.key")

	other := newWorks(t)
	must(t, os.CopyFS(t.TempDir(), os.DirFS(other.dir)))
	_, err = restore(t, raw, func(o *backup.RestoreOptions) { o.Keys = filepath.Join(other.dir, "keys") })
	names(err, problem.Denied, "journal.key", "master.key", "seal.key")

	// The master key may come from its own file; the wrong one opens nothing.
	_, err = restore(t, full, func(o *backup.RestoreOptions) { o.MasterKeyFile = filepath.Join(other.dir, "keys", "master.key") })
	if !problem.Is(err, problem.Denied) {
		t.Errorf("another master key: %v", err)
	}
	_, err = restore(t, full, func(o *backup.RestoreOptions) { o.MasterKeyFile = filepath.Join(w.dir, "keys", "master.key") })
	must(t, err)
}

// What exists is not overwritten; put aside it stays whole, and one that is in
// use is not touched at all.
func TestTargets(t *testing.T) {
	w := newWorks(t)
	acked := w.work(3)
	raw, _ := backupOf(t, w.dir, false)
	target := newWorks(t)
	mine := target.work(2)
	into := func(replace bool) func(*backup.RestoreOptions) {
		return func(o *backup.RestoreOptions) { o.Dir, o.Replace = target.dir, replace }
	}
	if _, err := restore(t, raw, into(false)); !problem.Is(err, problem.Conflict) {
		t.Errorf("onto an organisation: %v", err)
	}
	if _, err := restore(t, raw, into(true)); !problem.Is(err, problem.Conflict) {
		t.Errorf("onto an organisation in use: %v", err)
	}
	target.holds(mine)
	target.close()
	r, err := restore(t, raw, into(true))
	must(t, err)
	openWorks(t, r.Dir).holds(acked)
	openWorks(t, r.Aside).holds(mine)

	if _, err := restore(t, raw, func(o *backup.RestoreOptions) { o.Slug, o.Dir = "anders", filepath.Join(filepath.Dir(o.Dir), "anders") }); !problem.Is(err, problem.BadInput) {
		t.Errorf("as another organisation: %v", err)
	}
	if _, err := restore(t, raw, func(o *backup.RestoreOptions) { o.File = "no such file" }); !problem.Is(err, problem.BadInput) {
		t.Errorf("without a file: %v", err)
	}
}

// A subject erased before the backup stays erased; the backup of one whose key
// is being destroyed right now does not hold the key.
func TestErasedStaysErased(t *testing.T) {
	w := newWorks(t)
	acked := w.work(2)
	var names []string
	for _, d := range acked {
		names = append(names, strings.TrimPrefix(d.text, "payload of "))
	}
	must(t, w.v.Erase(t.Context(), "subject "+names[0]))
	raw, _ := backupOf(t, w.dir, false)
	r, err := restore(t, raw, nil)
	must(t, err)
	again := openWorks(t, r.Dir)
	again.holds(acked[1:])
	if _, err := again.v.Get(t.Context(), acked[0].blob); !problem.Is(err, problem.NotFound) {
		t.Errorf("the erased payload: %v", err)
	}
}

// during is a target of a backup that does something whenever a member begins.
type during struct {
	bytes.Buffer
	do func()
}

func (d *during) Write(p []byte) (int, error) {
	if len(p) == 512 && bytes.Contains(p, []byte("ustar")) {
		d.do()
	}
	return d.Buffer.Write(p)
}

// Between any two members work goes on: new subjects with new keys, new objects,
// new entries, checkpoints. The backup still holds what was there at first, and
// nothing in it refers to what is missing.
func TestWorkBetweenAnyTwoMembers(t *testing.T) {
	w := newWorks(t)
	acked := w.work(3)
	n := 0
	target := &during{do: func() {
		if n++; n > 60 {
			return
		}
		w.work(1)
		must(t, w.db.Flush(t.Context(), w.j))
		_, err := w.j.Publish(t.Context())
		must(t, err)
	}}
	if _, err := backup.Write(t.Context(), backup.Options{Dir: w.dir, Slug: slug, Spool: t.TempDir()}, target); err != nil {
		t.Fatal(err)
	}
	if n < 15 {
		t.Fatalf("only %d members were seen", n)
	}
	r, err := restore(t, target.Bytes(), nil)
	must(t, err)
	openWorks(t, r.Dir).holds(acked)
}

// The journal's segments come and go between any two steps of their copying, for
// a while; what was acknowledged before is in the copy, and the copy opens.
func TestSegmentsThatComeAndGo(t *testing.T) {
	for _, at := range []string{"listed", "next segment", "copied"} {
		for _, publish := range []string{"before", "after", "not", "a little"} {
			w := newWorksPublishing(t, -1)
			grow := func() {
				if publish == "before" {
					_, err := w.j.Publish(t.Context())
					must(t, err)
				}
				if publish == "a little" { // no new segment
					_, err := w.j.Append(t.Context(), []byte("x"))
					must(t, err)
					_, err = w.j.Publish(t.Context())
					must(t, err)
					return
				}
				for range 5 { // more than a segment
					_, err := w.j.AppendAll(t.Context(), slices.Repeat([][]byte{bytes.Repeat([]byte("x"), 1500)}, 20))
					must(t, err)
				}
				if publish == "after" {
					_, err := w.j.Publish(t.Context())
					must(t, err)
				}
			}
			grow()
			size, times := w.j.Size(), 0
			o := backup.Between(backup.Options{Dir: w.dir, Slug: slug, Spool: t.TempDir()}, func(step string) {
				if step == at && times < 4 {
					times++
					grow()
				}
			})
			var b bytes.Buffer
			_, err := backup.Write(t.Context(), o, &b)
			must(t, err)
			r, err := restore(t, b.Bytes(), nil)
			if err != nil || r.Entries < size || times == 0 {
				t.Errorf("grown when %s, published %s: %d entries of %d, %v", at, publish, r.Entries, size, err)
			}
		}
	}
	w := newWorks(t)
	o := backup.Between(backup.Options{Dir: w.dir, Slug: slug, Spool: t.TempDir()}, func(step string) {
		if step == "copied" {
			_, err := w.j.AppendAll(t.Context(), slices.Repeat([][]byte{bytes.Repeat([]byte("x"), 1500)}, 50))
			must(t, err)
		}
	})
	if _, err := backup.Write(t.Context(), o, &bytes.Buffer{}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a journal that is never still: %v", err)
	}
}

// The key of a subject that is being erased right now is not in the backup: what
// replaces it is.
func TestAnErasureHalfWay(t *testing.T) {
	w := newWorks(t)
	acked := w.work(1)
	must(t, w.db.Flush(t.Context(), w.j))
	files, err := filepath.Glob(filepath.Join(w.dir, "vault", "keys", "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	key, err := os.ReadFile(files[0])
	must(t, err)
	must(t, w.v.Erase(t.Context(), "subject "+strings.TrimPrefix(acked[0].text, "payload of ")))
	tombstone, err := os.ReadFile(files[0])
	must(t, err)
	w.close()
	// As a kill leaves it: what is to come is durable, the key is not yet overwritten.
	rel, err := filepath.Rel(filepath.Join(w.dir, "vault"), files[0])
	must(t, err)
	must(t, os.WriteFile(files[0], key, 0o600))
	must(t, os.WriteFile(filepath.Join(w.dir, "vault", "tmp", "bury-"+url.PathEscape(filepath.ToSlash(rel))), tombstone, 0o600))
	raw, _ := backupOf(t, w.dir, false)
	if bytes.Contains(raw, key) {
		t.Error("the key is in the backup")
	}
	r, err := restore(t, raw, nil)
	must(t, err)
	if _, err := openWorks(t, r.Dir).v.Get(t.Context(), acked[0].blob); !problem.Is(err, problem.NotFound) {
		t.Errorf("the erased payload: %v", err)
	}
}
