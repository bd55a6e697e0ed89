package main

import (
	"net/url"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"augenmass/internal/record/store/pgtest"
)

// The transcripts below testdata/postgres need a server: $DATABASE is a fresh
// database on it.
func TestTranscriptsOnPostgreSQL(t *testing.T) {
	server := pgtest.URL(t)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	const name = "augenmass_transcripts"
	pgtest.Exec(t, server, "DROP DATABASE IF EXISTS "+name)
	pgtest.Exec(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { pgtest.Exec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	testscript.Run(t, testscript.Params{Dir: "testdata/postgres", RequireExplicitExec: true, Setup: func(e *testscript.Env) error {
		e.Setenv("DATABASE", u.String())
		return nil
	}})
}
