package move

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store/pgtest"
	"augenmass/internal/record/vault"
	"augenmass/knowledge"
)

// turned is a vault whose master key is changed once its blobs were listed.
type turned struct {
	vault.Tree
	walked bool
}

func (l *turned) Walk(ctx context.Context, prefix string, head int, f func(vault.Entry) error) error {
	l.walked = true
	return l.Tree.Walk(ctx, prefix, head, f)
}

func (l *turned) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	data, err := l.Tree.Read(ctx, name, limit)
	if name == vaultRoot && l.walked && err == nil {
		data[len(data)-1] ^= 1
	}
	return data, err
}

// A copy that began under some keys and ended under others fits neither.
func TestKeysThatChangeDuringACopyOfWhatIsInUse(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	drop := func() {
		pgtest.Exec(t, url, "SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS "+org.Schema("wechsel")+" CASCADE")
	}
	drop()
	t.Cleanup(drop)
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	master := filepath.Join(t.TempDir(), "master.key")
	g, err := org.Open(ctx, org.Options{Database: url, Slug: "wechsel", Library: lib, MasterKeyFile: master, Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	parent := t.TempDir()
	o := Options{Slug: "wechsel", From: Place{Database: url}, To: Place{Dir: filepath.Join(parent, "copy")}, Library: lib, MasterKeyFile: master, MasterKeyEnv: "AUGENMASS_TEST_NO_KEY"}
	copied := func(change func(*record)) error {
		o := o
		if err := o.complete(); err != nil {
			return err
		}
		to, err := o.newFolder()
		if err != nil {
			return err
		}
		from, _, err := o.openSchema(ctx)
		if err != nil {
			return err
		}
		from.closeWith(from.tree)
		change(from)
		err = o.online(ctx, from, to)
		if late := to.remove(ctx); late != nil {
			t.Error(late)
		}
		if late := from.close(); late != nil {
			t.Error(late)
		}
		return err
	}
	if err := copied(func(*record) {}); err != nil {
		t.Errorf("nothing changed: %v", err)
	}
	if err := copied(func(r *record) { r.tree = &turned{Tree: r.tree} }); !problem.Is(err, problem.Conflict) {
		t.Errorf("another master key: %v", err)
	}
	if err := copied(func(r *record) { r.house.Name = "as it was" }); !problem.Is(err, problem.Conflict) {
		t.Errorf("another name: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
