package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/signing"
)

// checkChain reads the whole journal as a stranger does: with the key of its
// checkpoint, entry by entry, and returns the keys that the entries prove.
func checkChain(t *testing.T, j *Journal) []proof.Key {
	t.Helper()
	cp, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	tiles := proof.NewTiles(j.TileFS(), cp)
	var chain proof.Chain
	for rec, err := range tiles.Entries(t.Context(), 0, cp.Size) {
		if err != nil {
			t.Fatal(err)
		}
		if e, err := entry.Decode(rec.Entry); err == nil {
			if err := chain.See(rec.Index, e.Type, e.Data, tiles); err != nil {
				t.Fatal(err)
			}
		}
	}
	keys, err := chain.Keys(j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// mixed appends n entries that are no events at all: the journal does not care.
func mixed(t *testing.T, j *Journal, n int) {
	t.Helper()
	for range n {
		if _, err := j.Append(t.Context(), content(int(j.Size()))); err != nil {
			t.Fatal(err)
		}
	}
}

func publishNow(t *testing.T, j *Journal) []byte {
	t.Helper()
	msg, err := j.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// The old key signs the new one; the first checkpoint is signed by both, later
// ones by the new key; proofs from before hold under the old key; the next Open
// goes on under the new one.
func TestRotate(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	mixed(t, j, 300)
	first := j.VerifierKey()
	before := publishNow(t, j)
	proofFile, err := j.ProofFile(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := j.VerifierKey()
	if first == second {
		t.Fatal("the key is still the same")
	}
	both, _ := j.Checkpoint()
	for _, vkey := range []string{first, second} {
		if cp, err := proof.ParseCheckpoint(both, vkey); err != nil || cp.Size != 301 {
			t.Errorf("the first checkpoint under %s: %v", vkey, err)
		}
	}
	mixed(t, j, 10)
	later := publishNow(t, j)
	if _, err := proof.ParseCheckpoint(later, first); !problem.Is(err, problem.Corrupt) {
		t.Errorf("the old key still signs: %v", err)
	}
	if _, err := proof.ParseCheckpoint(before, first); err != nil {
		t.Errorf("an old checkpoint: %v", err)
	}
	f, err := proof.ParseFile(proofFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Check(content(7), first); err != nil {
		t.Errorf("an old proof: %v", err)
	}
	if err := j.Rotate(t.Context()); err != nil { // and once more
		t.Fatal(err)
	}
	third := j.VerifierKey()
	want := []proof.Key{{Since: 0, VKey: first}, {Since: 300, VKey: second}, {Since: 311, VKey: third}}
	same := func(j *Journal) {
		t.Helper()
		for what, got := range map[string][]proof.Key{"the journal's": j.Keys(), "the proven": checkChain(t, j)} {
			if string(proof.FormatKeys(got)) != string(proof.FormatKeys(want)) {
				t.Errorf("%s keys:\n%s", what, proof.FormatKeys(got))
			}
		}
	}
	same(j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o.Known = [][]byte{before, both, later} // each under its own key
	j = open(t, o)
	same(j)
	if left, err := filepath.Glob(filepath.Join(o.Dir, "signing.key*")); err != nil || len(left) != 1 {
		t.Errorf("key files left: %v %v", left, err)
	}
}

func TestRotateNeedsItsOwnKey(t *testing.T) {
	o := options(quickDir(t))
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	if o.Signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	o.VerifierKey = vkey
	if err := open(t, o).Rotate(t.Context()); !problem.Is(err, problem.BadInput) {
		t.Errorf("a key from outside: %v", err)
	}
}

// refusing is a disk on which chosen files cannot be written.
type refusing struct {
	disk.Disk
	file string
}

func (d refusing) Put(name string, data []byte, flush bool) error {
	if strings.HasSuffix(name, d.file) && d.file != "" {
		return errors.New("refused")
	}
	return d.Disk.Put(name, data, flush)
}

// A kill between any two steps of a change leaves the old key in force or the
// new one, never none and never two.
func TestRotateInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		refuse string // file that cannot be written during Rotate
		after  func(dir string, old []byte) error
		moved  bool
	}{
		"before the entry": {after: func(dir string, _ []byte) error {
			spare := filepath.Join(dir, "spare")
			if _, err := signing.Make(spare, origin, nil); err != nil {
				return err
			}
			return os.Rename(spare, filepath.Join(dir, "signing.key.next"))
		}},
		"after the entry":        {refuse: "log/keys", moved: true},
		"after the list of keys": {refuse: "log/checkpoint", moved: true},
		"after the first new checkpoint": {moved: true, after: func(dir string, old []byte) error {
			key := filepath.Join(dir, "signing.key")
			if err := os.Rename(key, key+".next"); err != nil {
				return err
			}
			return os.WriteFile(key, old, 0o600)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(quickDir(t))
			j := open(t, o)
			mixed(t, j, 20)
			first := j.VerifierKey()
			old, err := os.ReadFile(filepath.Join(o.Dir, "signing.key"))
			if err != nil {
				t.Fatal(err)
			}
			known := publishNow(t, j)
			if c.refuse != "" || c.moved {
				j.disk = refusing{j.disk, filepath.FromSlash(c.refuse)}
				if err := j.Rotate(t.Context()); (err != nil) != (c.refuse != "") {
					t.Fatalf("Rotate: %v", err)
				}
			}
			j.abandon()
			if c.after != nil {
				if err := c.after(o.Dir, old); err != nil {
					t.Fatal(err)
				}
			}
			o.Known = [][]byte{known}
			j = open(t, o)
			mixed(t, j, 5)
			msg := publishNow(t, j)
			if (j.VerifierKey() != first) != c.moved {
				t.Errorf("moved on: %v, want %v", j.VerifierKey() != first, c.moved)
			}
			if _, err := proof.ParseCheckpoint(msg, j.VerifierKey()); err != nil {
				t.Error(err)
			}
			if keys := checkChain(t, j); keys[0].VKey != first || (len(keys) == 2) != c.moved {
				t.Errorf("proven keys:\n%s", proof.FormatKeys(keys))
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if open(t, o).Size() != j.Size() {
				t.Error("the second start finds another journal")
			}
			if _, err := os.Stat(filepath.Join(o.Dir, "signing.key.next")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the next key is left: %v", err)
			}
		})
	}
}

// After a failed publication the same process finishes the change with the
// next one, which both keys sign.
func TestRotateFinishesLater(t *testing.T) {
	j := open(t, options(quickDir(t)))
	mixed(t, j, 3)
	publishNow(t, j)
	first, good := j.VerifierKey(), j.disk
	j.disk = refusing{good, "checkpoint"}
	if err := j.Rotate(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("Rotate: %v", err)
	}
	j.disk = good
	msg := publishNow(t, j)
	for _, vkey := range []string{first, j.VerifierKey()} {
		if _, err := proof.ParseCheckpoint(msg, vkey); err != nil {
			t.Errorf("%s: %v", vkey, err)
		}
	}
	if err := j.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := checkChain(t, j); len(keys) != 3 {
		t.Errorf("%d keys", len(keys))
	}
}

// A folder put back from a backup goes on under a new origin that names the old
// one; indexes and old proofs stay; a plain Open with what is known elsewhere
// refuses it before, and takes it after.
func TestSucceed(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	mixed(t, j, 500)
	first := j.VerifierKey()
	held := publishNow(t, j)
	mixed(t, j, 20) // in the backup's write-ahead log only
	backup := copyTree(t, o.Dir)
	mixed(t, j, 100)
	lost := publishNow(t, j)
	j.abandon()

	restored := o
	restored.Dir = backup
	known := restored
	known.Known = [][]byte{lost}
	if _, err := Open(known); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("the old folder with what is known: %v", err)
	}
	s, err := Succeed(restored, lost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.abandon)
	if s.Origin() != origin+"/2" || s.Size() != 521 {
		t.Fatalf("%s with %d entries", s.Origin(), s.Size())
	}
	for _, i := range []uint64{0, 300, 519} {
		if e, err := s.Entry(t.Context(), i); err != nil || !bytes.Equal(e, content(int(i))) {
			t.Errorf("entry %d: %q %v", i, e, err)
		}
	}
	raw, err := s.Entry(t.Context(), 520)
	if err != nil {
		t.Fatal(err)
	}
	h, typ, ok := readHandover(raw)
	if !ok || typ != proof.TypeSucceeded || h.Last != string(held) || h.Lost != string(lost) || h.Old != first || h.New != s.VerifierKey() {
		t.Errorf("%s %+v", typ, h)
	}
	mixed(t, s, 30)
	publishNow(t, s)
	keys := checkChain(t, s)
	if len(keys) != 2 || keys[0].VKey != first || keys[1].Origin() != s.Origin() {
		t.Errorf("proven keys:\n%s", proof.FormatKeys(keys))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{origin, origin + "/2"} {
		again := known // what was lost is known and given up
		again.Origin, again.Known = name, [][]byte{held, lost}
		j, err := Open(again)
		if err != nil {
			t.Fatalf("opened as %s: %v", name, err)
		}
		if j.Origin() != origin+"/2" || j.Size() != 551 {
			t.Errorf("%s with %d entries", j.Origin(), j.Size())
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	third, err := Succeed(restored, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(third.abandon)
	if third.Origin() != origin+"/3" {
		t.Errorf("the third is %s", third.Origin())
	}
}

// Nothing is signed under the origin that ends, not even what its log holds.
func TestSucceedSignsNothingUnderTheOldOrigin(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	mixed(t, j, 10)
	held := publishNow(t, j)
	mixed(t, j, 5)
	j.abandon()
	backup := copyTree(t, o.Dir)
	o.Dir = backup
	if _, err := Succeed(o, []byte("nonsense")); !problem.Is(err, problem.BadInput) {
		t.Fatalf("nonsense: %v", err)
	}
	if now, err := os.ReadFile(filepath.Join(o.Dir, "log", "checkpoint")); err != nil || !bytes.Equal(now, held) {
		t.Fatalf("a refused succession changed the checkpoint: %v", err)
	}
	if _, err := Succeed(o, held); !problem.Is(err, problem.BadInput) {
		t.Fatalf("nothing is lost: %v", err)
	}
}

// A chain is not taken on trust: each link is checked.
func TestFalseHandoversAreRefused(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	mixed(t, j, 40)
	if err := j.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := j.Entry(t.Context(), 40)
	if err != nil {
		t.Fatal(err)
	}
	e, err := entry.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := proof.OpenCheckpoint(publishNow(t, j), j.present.Load().Verifier)
	if err != nil {
		t.Fatal(err)
	}
	tiles := proof.NewTiles(j.TileFS(), cp)
	see := func(index uint64, typ, data string) error {
		var c proof.Chain
		return c.See(index, typ, []byte(data), tiles)
	}
	good := string(e.Data)
	if err := see(40, e.Type, good); err != nil {
		t.Fatal(err)
	}
	stranger, err := signing.Make(filepath.Join(o.Dir, "stranger"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys := j.Keys()
	for name, err := range map[string]error{
		"another new key":     see(40, e.Type, strings.ReplaceAll(good, `"new":"`+keys[1].VKey, `"new":"`+stranger.VKey)),
		"another old key":     see(40, e.Type, strings.ReplaceAll(good, `"old":"`+keys[0].VKey, `"old":"`+stranger.VKey)),
		"another type":        see(40, proof.TypeSucceeded, good),
		"before its own tree": see(39, e.Type, good),
		"a byte of the note":  see(40, e.Type, strings.Replace(good, `key_changed example`, `key_changed Example`, 1)),
		"no handover":         see(40, e.Type, `{"v":1}`),
		"nothing":             see(40, e.Type, ``),
		"another version":     see(40, e.Type, strings.Replace(good, `"v":1`, `"v":2`, 1)),
	} {
		if !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var c proof.Chain
	if err := c.See(40, e.Type, e.Data, tiles); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Keys(keys[0].VKey); !problem.Is(err, problem.Corrupt) {
		t.Errorf("a checkpoint by the key that handed over: %v", err)
	}
	if err := c.See(41, e.Type, e.Data, tiles); !problem.Is(err, problem.Corrupt) {
		t.Errorf("a handover by a key that is not valid any more: %v", err)
	}
}
