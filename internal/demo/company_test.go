package demo

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/knowledge"
)

// build opens a model company in a fresh folder, with cheap password hashes.
func build(t testing.TB) *Company { return buildAt(t, "http://127.0.0.1:1") }

func buildAt(t testing.TB, endpoint string) *Company {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	g, err := org.Open(context.Background(), org.Options{Dir: t.TempDir(), Slug: Slug, Name: Name, Library: lib,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := Build(context.Background(), g, Options{Endpoint: endpoint, Window: 200, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The four systems of the model company stand where the story needs them.
func TestTheCompanyStandsAsTold(t *testing.T) {
	c := build(t)
	ctx := store.WithActor(context.Background(), approve.House)
	for short, want := range map[string]struct{ state, class, role string }{
		"mill":   {"valid", "minimal", "deployer"},
		"camera": {"none", "minimal", "deployer"},
		"shift":  {"none", "unclear", "deployer"},
		"office": {"valid", "limited", "deployer"},
	} {
		d, err := c.Org.Approve.Read(ctx, c.Org.DB, c.Systems[short])
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Org.Approve.Preview(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		if string(p.State) != want.state || p.Class != want.class || p.Role != want.role {
			t.Errorf("%s: permit %s, class %s, role %s; want %+v", short, p.State, p.Class, p.Role, want)
			for _, l := range p.Lapses {
				t.Logf("  lapse %s: %s", l.Code, l.Say.EN)
			}
			for _, a := range d.Assessments {
				t.Logf("  %s: %s, open %v", a.Doc.Questionnaire, a.Doc.Verdict, a.Doc.Open)
			}
			if d.Classification != nil {
				t.Logf("  class %s by rules %s, open %v", d.Classification.Doc.Class, d.Classification.Doc.ByRules, d.Classification.Doc.Open)
			}
		}
	}
	// The camera waits for nothing but two approvals.
	d, err := c.Org.Approve.Read(ctx, c.Org.DB, c.Systems["camera"])
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Org.Approve.Preview(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Lapses {
		if l.Code != "approval.missing" {
			t.Errorf("the camera also waits for %s: %s", l.Code, l.Say.EN)
		}
	}
}
