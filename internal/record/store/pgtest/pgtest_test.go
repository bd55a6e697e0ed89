package pgtest

import (
	"context"
	"database/sql"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func ping(t *testing.T, url string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	return db.PingContext(ctx)
}

// TestServer: a test's own server stops, starts and answers under its URL.
func TestServer(t *testing.T) {
	s := Start(t)
	if err := ping(t, s.URL); err != nil {
		t.Fatal(err)
	}
	Exec(t, s.URL, "CREATE TABLE kept (a int)")
	s.Stop()
	if ping(t, s.URL) == nil {
		t.Error("a stopped server answers")
	}
	s.Start()
	Exec(t, s.URL, "INSERT INTO kept VALUES (1)")
}

// TestSchema: every schema is another one and gone after its test.
func TestSchema(t *testing.T) {
	var url, first string
	t.Run("inner", func(t *testing.T) {
		url, first = Schema(t)
		Exec(t, url, "CREATE TABLE "+first+".x (a int)")
	})
	_, second := Schema(t)
	if first == second {
		t.Fatal("the same schema twice")
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	var left int
	if err := db.QueryRow("SELECT count(*) FROM pg_namespace WHERE nspname = $1", first).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas left behind, %v", left, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestNotInTheProduct: no file of the product imports this package.
func TestNotInTheProduct(t *testing.T) {
	root := "../../../.."
	seen := 0
	for _, wing := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, wing), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			seen++
			for _, imp := range f.Imports {
				if strings.Contains(imp.Path.Value, "store/pgtest") {
					t.Errorf("%s imports pgtest", path)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 20 {
		t.Fatalf("found %d Go files; the walk is broken", seen)
	}
}
