package sequence

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store/pgtest"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handedOver returns a journal in files that changed its key once and was then
// restored under another origin, a checkpoint of each key, and the options for
// its place in a schema.
func handedOver(t *testing.T) (from *ledger.Journal, told [][]byte, into Options) {
	t.Helper()
	dir := t.TempDir()
	o := ledger.Options{Dir: dir, Origin: origin, PublishEvery: -1}
	j, err := ledger.Open(o)
	ok(t, err)
	ledgertest.Fill(t, j, 300)
	told = append(told, bytes.Clone(publish(t, j)))
	ok(t, j.Rotate(t.Context()))
	ledgertest.Fill(t, j, 7)
	told = append(told, bytes.Clone(publish(t, j)))
	ok(t, j.Close())
	from, err = ledger.Succeed(o, nil)
	ok(t, err)
	t.Cleanup(func() {
		if err := from.Close(); err != nil {
			t.Error(err)
		}
	})
	told = append(told, bytes.Clone(publish(t, from)))
	skey, err := os.ReadFile(filepath.Join(dir, "signing.key"))
	ok(t, err)
	into = options(t)
	into.Signer, err = note.NewSigner(strings.TrimSpace(string(skey)))
	ok(t, err)
	into.VerifierKey, into.Keys = from.VerifierKey(), from.Keys()
	return from, told, into
}

func TestAJournalOfSeveralKeysIsTakenOver(t *testing.T) {
	from, told, o := handedOver(t)
	j := open(t, o)
	ok(t, Import(t.Context(), j, from.Entries(t.Context(), 0, from.Size()), told[2]))
	if msg, _ := j.Checkpoint(); !bytes.Equal(msg, told[2]) {
		t.Fatalf("another checkpoint:\n%s\n%s", msg, told[2])
	}
	ledgertest.Fill(t, j, 5)
	publish(t, j)
	ok(t, j.Close())

	// Opened later, under either name, without being told the list again.
	o.Keys = nil
	for _, name := range []string{origin, origin + "/2"} {
		o.Origin = name
		j = open(t, o)
		if j.Origin() != origin+"/2" || j.VerifierKey() != from.VerifierKey() || !slices.Equal(j.Keys(), from.Keys()) {
			t.Fatalf("opened as %s: %s, %v", name, j.Origin(), j.Keys())
		}
	}
	raw, err := fs.ReadFile(j.TileFS(), proof.KeysFile)
	if want := proof.FormatKeys(from.Keys()); err != nil || !bytes.Equal(raw, want) {
		t.Fatalf("the file of keys: %q, %v, want %q", raw, err, want)
	}
	// An auditor follows the chain, and what was told before still verifies.
	cp, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey())
	ok(t, err)
	tiles := proof.NewTiles(j.TileFS(), cp)
	var chain proof.Chain
	for r, err := range tiles.Entries(t.Context(), 0, cp.Size) {
		ok(t, err)
		if e, err := ledger.Decode(r.Entry); err == nil {
			ok(t, chain.See(r.Index, e.Type, e.Data, tiles))
		}
	}
	keys, err := chain.Keys(j.VerifierKey())
	if err != nil || !slices.Equal(keys, from.Keys()) || len(keys) != 3 {
		t.Fatalf("the chain: %v, %v", keys, err)
	}
	for i, msg := range told {
		old, by, err := proof.OpenUnderAny(msg, keys)
		ok(t, err)
		root, err := tiles.Root(old.Size)
		if err != nil || root != old.Root || by != i {
			t.Errorf("checkpoint %d: by key %d, root %v, %v", i, by, root, err)
		}
	}
}

func TestTheListOfKeysIsChecked(t *testing.T) {
	from, _, good := handedOver(t)
	for name, c := range map[string]struct {
		change func(*Options)
		kind   problem.Kind
	}{
		"another origin":         {func(o *Options) { o.Origin = "example.com/other" }, problem.BadInput},
		"a list in disorder":     {func(o *Options) { o.Keys = o.Keys[1:] }, problem.BadInput},
		"a list of another key":  {func(o *Options) { o.Keys = o.Keys[:2] }, problem.Corrupt},
		"nothing, and first one": {func(o *Options) { o.Keys = nil }, problem.BadInput},
	} {
		o := good
		c.change(&o)
		if j, err := Open(t.Context(), o); !problem.Is(err, c.kind) {
			t.Errorf("new, %s: %v %v, want %s", name, j, err, c.kind)
		}
	}
	ok(t, open(t, good).Close())
	other := good
	other.Keys = slices.Clone(from.Keys())
	other.Keys[1].Since++
	if _, err := Open(t.Context(), other); !problem.Is(err, problem.Conflict) {
		t.Errorf("another list than the stored one: %v", err)
	}
	for name, sql := range map[string]string{
		"an unreadable list": "UPDATE journal_keys SET list = list || 'x'",
		"another name":       "UPDATE journal_head SET origin = 'example.com/works'",
		"no list":            "DELETE FROM journal_keys",
	} {
		o := good
		_, o.Schema = pgtest.Schema(t)
		ok(t, open(t, o).Close())
		admin(t, o, sql)
		if _, err := Open(t.Context(), o); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the version before this one wrote has no list of keys.
func TestAJournalOfFormatOneGetsItsList(t *testing.T) {
	o := options(t)
	j := open(t, o)
	ledgertest.Fill(t, j, 300)
	publish(t, j)
	ok(t, j.Close())
	admin(t, o, "DROP TABLE journal_keys; UPDATE journal_head SET format = 1")

	wrong := o
	skey, vkey, err := note.GenerateKey(nil, origin)
	ok(t, err)
	wrong.VerifierKey = vkey
	wrong.Signer, err = note.NewSigner(skey)
	ok(t, err)
	if _, err := Open(t.Context(), wrong); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("under a key that did not sign: %v", err)
	}
	for range 2 {
		j = open(t, o)
		if keys := j.Keys(); len(keys) != 1 || keys[0] != (proof.Key{VKey: o.VerifierKey}) {
			t.Fatalf("keys %v", keys)
		}
		ledgertest.Holds(t, j, 300)
	}
}
