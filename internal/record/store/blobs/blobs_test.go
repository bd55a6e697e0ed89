package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
	"augenmass/internal/record/vault"
	"augenmass/internal/record/vault/vaulttest"
)

func TestATreeAndTheVaultOverIt(t *testing.T) {
	vaulttest.Run(t, func(t testing.TB) func() vault.Tree {
		url, schema := pgtest.Schema(t)
		return func() vault.Tree {
			tree, err := Open(context.Background(), Options{Database: url, Schema: schema, Conns: 4})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tree.Close() })
			return tree
		}
	})
}

func TestManyNodesMayOpenAFreshSchemaAtOnce(t *testing.T) {
	url, schema := pgtest.Schema(t)
	pgtest.Exec(t, url, "DROP SCHEMA "+schema)
	const nodes = 6
	errs := make(chan error, nodes)
	for range nodes {
		go func() {
			tree, err := Open(context.Background(), Options{Database: url, Schema: schema, Conns: 1})
			if err == nil {
				err = tree.Close()
			}
			errs <- err
		}()
	}
	for range nodes {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestAWalkGoesOverManyPages(t *testing.T) {
	ctx := context.Background()
	url, schema := pgtest.Schema(t)
	tree, err := Open(ctx, Options{Database: url, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	pgtest.Exec(t, url, fmt.Sprintf("INSERT INTO %s.blobs SELECT 'blobs/' || lpad(i::text, 6, '0'), 'x' FROM generate_series(1, %d) i", schema, 2*page+1))
	pgtest.Exec(t, url, "INSERT INTO "+schema+".blobs VALUES ('blobs', 'a'), ('blobt', 'b'), ('root', 'c')")
	n := 0
	last := ""
	if err := tree.Walk(ctx, "blobs/", 1, func(e vault.Entry) error {
		if e.Name <= last || string(e.Head) != "x" || e.Size != 1 {
			t.Fatalf("%+v after %q", e, last)
		}
		n, last = n+1, e.Name
		return nil
	}); err != nil || n != 2*page+1 {
		t.Errorf("%d names, %v", n, err)
	}
}

func TestWrongOptionsAndNoServer(t *testing.T) {
	ctx := context.Background()
	for _, o := range []Options{
		{Database: "postgres://localhost/x", Schema: ""},
		{Database: "postgres://localhost/x", Schema: `a"; DROP`},
		{Database: "postgres://localhost:notaport/x", Schema: "agm_a"},
	} {
		if _, err := Open(ctx, o); !problem.Is(err, problem.BadInput) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	// A server that accepts and never answers ends with the time, not later.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Open(ctx, Options{Database: "postgres://u@" + l.Addr().String() + "/x?sslmode=disable", Schema: "agm_a", Timeout: 50 * time.Millisecond})
	if !problem.Is(err, problem.Unavailable) {
		t.Errorf("a silent server: %v", err)
	}
}

func TestALockThatIsHeldEndsAsUnavailableAndChangesNothing(t *testing.T) {
	ctx := context.Background()
	url, schema := pgtest.Schema(t)
	tree, err := Open(ctx, Options{Database: url, Schema: schema, Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if err := tree.Create(ctx, "root", []byte("old")); err != nil {
		t.Fatal(err)
	}
	other, err := Open(ctx, Options{Database: url, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SELECT FROM blobs WHERE name = 'root' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	if err := tree.Swap(ctx, vault.Swap{Name: "root", Old: []byte("old"), New: []byte("new")}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a write behind a lock: %v", err)
	}
	// The server ends the statement by its own clock, which may be a little later.
	for waiting := 1; waiting > 0; time.Sleep(time.Millisecond) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := tree.Read(ctx, "root", 10); err != nil || string(got) != "old" {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestTheServerIsAwayAndComesBack(t *testing.T) {
	ctx := context.Background()
	s := pgtest.Start(t)
	tree, err := Open(ctx, Options{Database: s.URL, Schema: "agm_away", Timeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if err := tree.Create(ctx, "root", []byte("x")); err != nil {
		t.Fatal(err)
	}
	var idle []*pgxpool.Conn
	for range 3 { // several that will be dead
		c, err := tree.pool.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
	}
	for _, c := range idle {
		c.Release()
	}
	s.Stop()
	if _, err := tree.Read(ctx, "root", 10); !problem.Is(err, problem.Unavailable) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a server: %v", err)
	}
	if err := tree.Create(ctx, "blobs/ab/x", nil); !problem.Is(err, problem.Unavailable) {
		t.Errorf("without a server: %v", err)
	}
	s.Start()
	if got, err := tree.Read(ctx, "root", 10); err != nil || string(got) != "x" {
		t.Errorf("after the return: %q, %v", got, err)
	}
}

// In a shared tree a key is read twice for each use. The throw-away cluster does
// not flush, so its put shows the way to the server and back, not the disk.
func BenchmarkVault(b *testing.B) {
	ctx := context.Background()
	url, schema := pgtest.Schema(b)
	table, err := Open(ctx, Options{Database: url, Schema: schema})
	if err != nil {
		b.Fatal(err)
	}
	folder, err := vault.Files(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for name, tree := range map[string]vault.Tree{"postgres": table, "files": folder} {
		v, err := vault.Open(vault.Options{Tree: tree, MasterKey: make([]byte, 32)})
		if err != nil {
			b.Fatal(err)
		}
		var ref vault.Ref
		payload := make([]byte, 1024)
		b.Run(name+"/put", func(b *testing.B) {
			for b.Loop() {
				if ref, err = v.Put(ctx, "usr_a", payload); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/get", func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Get(ctx, ref.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
