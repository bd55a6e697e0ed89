package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"augenmass/internal/record/store/pgtest"
	"augenmass/internal/text/longtest"
)

// The transcripts below testdata/postgres need a server. $DATABASE is a fresh
// database on it for each; the other addresses are wrong in one way each. The
// quick run has the same commands on SQLite, and the store and the organisation
// on PostgreSQL.
func TestTranscriptsOnPostgreSQL(t *testing.T) {
	longtest.Skip(t, "transcripts on PostgreSQL")
	server := pgtest.URL(t)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	const reader = "augenmass_reader" // may sign in and read
	pgtest.Exec(t, server, "DROP ROLE IF EXISTS "+reader+"; CREATE ROLE "+reader+" LOGIN PASSWORD 'lesen'")
	t.Cleanup(func() { pgtest.Exec(t, server, "DROP ROLE "+reader) })
	t.Run("", func(t *testing.T) { // ends when every transcript has
		testscript.Run(t, testscript.Params{Dir: "testdata/postgres", RequireExplicitExec: true, Setup: func(e *testscript.Env) error {
			name := "augenmass_" + strings.ReplaceAll(filepath.Base(e.WorkDir), "-", "_")
			pgtest.Exec(t, server, "DROP DATABASE IF EXISTS "+name)
			pgtest.Exec(t, server, "CREATE DATABASE "+name)
			e.Defer(func() { pgtest.Exec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
			there := *u
			there.Path = "/" + name
			e.Setenv("DATABASE", there.String())
			there.User = url.UserPassword(reader, "lesen")
			e.Setenv("NORIGHT", there.String())
			there.User = url.UserPassword("augenmass_stranger", "fremd")
			e.Setenv("NOUSER", there.String())
			there.User, there.Path = u.User, "/augenmass_nowhere"
			e.Setenv("NODATABASE", there.String())
			return nil
		}})
	})
}
