// Package pgtest gives tests a PostgreSQL server: the one that the environment
// variable AUGENMASS_TEST_POSTGRES names ("postgres://…"; its user may create
// schemas and databases), or else a throw-away cluster started from Debian's binaries below
// /usr/lib/postgresql, on a socket in the temporary folder and with fsync off.
//
// A process starts at most one cluster and shares it; Start gives a test one of
// its own, to stop and start. Clusters end with the process, however it ends.
// Where there is no PostgreSQL, tests skip; with CI=true they fail instead.
//
// Only tests import this package.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// Env names the server to use instead of a cluster of our own.
const Env = "AUGENMASS_TEST_POSTGRES"

// errNone says that this machine has no PostgreSQL to start.
var errNone = errors.New("no PostgreSQL: " + Env + " is not set and there are no binaries below /usr/lib/postgresql")

// shared is the cluster of this process; it must stay reachable, because the
// cluster ends when its life line is closed.
var shared = sync.OnceValues(begin)

// URL is that of a running server, for tests that leave its other users alone.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(Env); url != "" {
		return url
	}
	c, err := shared()
	need(t, err)
	return c.url
}

// Schema makes a fresh schema on the server of URL and drops it at the end of
// the test.
func Schema(t testing.TB) (url, schema string) {
	t.Helper()
	url = URL(t)
	random := make([]byte, 6)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	schema = "agm_t" + hex.EncodeToString(random)
	Exec(t, url, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { Exec(t, url, "SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS "+schema+" CASCADE") })
	return url, schema
}

// Exec runs statements that take no arguments, on a connection of its own.
func Exec(t testing.TB, url, statements string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(ctx, statements)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// Server is a cluster that belongs to one test.
type Server struct {
	URL string
	t   testing.TB
	c   *cluster
}

// Start starts a cluster for this test alone.
func Start(t testing.TB) *Server {
	t.Helper()
	c, err := begin()
	if errors.Is(err, errNone) && os.Getenv(Env) != "" {
		t.Skip("the server that " + Env + " names is not this test's to stop")
	}
	need(t, err)
	t.Cleanup(func() {
		if err := c.end(); err != nil {
			t.Error(err)
		}
	})
	return &Server{c.url, t, c}
}

// Stop kills the server without ceremony, as a crash would.
func (s *Server) Stop() { s.do(s.c.stop) }

// Start starts it again.
func (s *Server) Start() { s.do(s.c.start) }

func (s *Server) do(what func() error) {
	s.t.Helper()
	if err := what(); err != nil {
		s.t.Fatal(err)
	}
}

// need skips the test without a server, or fails it where one is owed.
func need(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errNone) && os.Getenv("CI") != "true":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}
