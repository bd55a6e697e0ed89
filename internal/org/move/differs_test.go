package move

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/knowledge"
)

// spoiled does something to a target after its journal was filled, or after
// everything was copied and compared.
type spoiled struct {
	target
	fill1, settle1 func(to *record) error
}

func (s spoiled) fill(ctx context.Context, from, to *record, cp []byte) error {
	err := s.target.fill(ctx, from, to, cp)
	if err == nil && s.fill1 != nil {
		err = s.fill1(to)
	}
	return err
}

func (s spoiled) settle(ctx context.Context, from, to *record, same Proof) (Proof, error) {
	if s.settle1 != nil {
		if err := s.settle1(to); err != nil {
			return same, err
		}
	}
	return s.target.settle(ctx, from, to, same)
}

// late does something once the database was copied: with the first blob.
type late struct {
	vault.Tree
	then func() error
	done bool
}

func (l *late) Create(ctx context.Context, name string, data []byte) error {
	if !l.done {
		l.done = true
		if err := l.then(); err != nil {
			return err
		}
	}
	return l.Tree.Create(ctx, name, data)
}

func writeHouse(ctx context.Context, to *record, name string) error {
	return to.db.Write(ctx, func(tx *store.Tx) error {
		return org.WriteHouse(ctx, tx, org.House{Name: name}, bytes.Repeat([]byte{1}, 32))
	})
}

// What differs between source and target is named, and the target is gone.
func TestADifferenceIsNamedAndRemovesTheTarget(t *testing.T) {
	t.Parallel()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	ctx := store.WithActor(context.Background(), store.Actor{Kind: store.System})
	dir := filepath.Join(t.TempDir(), "umzug")
	g, err := org.Open(ctx, org.Options{Dir: dir, Slug: "umzug", Library: lib, Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	uses := g.UseCases
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := uses.Create(ctx, tx, value.UseCase{Name: "x"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Vault.Put(ctx, "usr_a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	blob := func(to *record) (name string) {
		if err := to.tree.Walk(ctx, "blobs/", 0, func(e vault.Entry) error { name = e.Name; return nil }); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for what, c := range map[string]struct {
		fill, settle func(*record) error
		says         string
		kind         problem.Kind
	}{
		"nothing": {},
		"an entry more": {fill: func(to *record) error {
			_, err := to.journal.Append(ctx, []byte("one more"))
			return err
		}, says: "journal", kind: problem.Corrupt},
		"a blob more": {fill: func(to *record) error {
			return to.tree.Create(ctx, "blobs/ab/ab", []byte("?"))
		}, says: "vault", kind: problem.Corrupt},
		"a row before": {fill: func(to *record) error { return writeHouse(ctx, to, g.Name) }, kind: problem.Conflict}, // Copy wants an empty database
		"a row more": {fill: func(to *record) error {
			to.tree = &late{Tree: to.tree, then: func() error { return writeHouse(ctx, to, g.Name) }}
			return nil
		}, says: "database", kind: problem.Corrupt},
		"interrupted at the end": {settle: func(to *record) error {
			if blob(to) == "" {
				t.Error("the vault was not copied")
			}
			return stopped
		}, says: "stopped", kind: problem.Internal},
	} {
		t.Run(what, func(t *testing.T) {
			parent := t.TempDir()
			o := Options{Slug: "umzug", From: Place{Dir: dir}, To: Place{Database: "postgres://x"}, Library: lib}
			if err := o.complete(); err != nil {
				t.Fatal(err)
			}
			o.To = Place{Dir: filepath.Join(parent, "umzug")} // from folder to folder, which Move itself refuses
			from, err := o.source(ctx)
			if err != nil {
				t.Fatal(err)
			}
			to, err := o.target(ctx)
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.run(ctx, from, spoiled{to, c.fill, c.settle})
			left, rerr := os.ReadDir(parent)
			if rerr != nil {
				t.Fatal(rerr)
			}
			if problem.KindOf(err) != c.kind || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s about %q", err, c.kind, c.says)
			}
			if (len(left) == 0) != (c.kind != "") {
				t.Errorf("in the target's folder: %v", left)
			}
			if err != nil && c.kind == problem.Corrupt && !strings.Contains(err.Error(), "removed") {
				t.Errorf("it does not say what became of the target: %v", err)
			}
		})
	}
}
