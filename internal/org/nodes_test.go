package org_test

import (
	"testing"

	"augenmass/internal/org"
	"augenmass/internal/record/store/pgtest"
)

// newNodes is the works on PostgreSQL; its first node is w.g.
func newNodes(t testing.TB) *works {
	t.Helper()
	url, schema := pgtest.Schema(t)
	slug, ok := org.SlugOf(schema)
	if !ok {
		t.Fatalf("%q is no organisation's schema", schema)
	}
	return newWorksOn(t, t.TempDir(), url, slug)
}

// On PostgreSQL the mill runs as it does in a folder.
func TestTheMillRunsOnPostgres(t *testing.T) {
	w := newNodes(t)
	if a := w.ask(); a.status != 200 || a.outcome != "released" {
		t.Errorf("%+v", a)
	}
	w.says("0.4")
	if a := w.ask(); a.status != 202 || a.outcome != "escalated" || a.review == "" {
		t.Errorf("%+v", a)
	}
}
