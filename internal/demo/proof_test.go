package demo

import (
	"context"
	"testing"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// Every decision is in the journal at the place its answer named, in the order
// in which they were asked, with an inclusion proof that holds on its own.
func TestEveryDecisionHasItsProof(t *testing.T) {
	m, err := startModel()
	if err != nil {
		t.Fatal(err)
	}
	defer m.http.Close() //nolint:errcheck // end of the test
	c := buildAt(t, m.url)
	l := newLine(served(t, c), c, m)
	ctx := context.Background()
	if err := l.report(ctx, "running", 0, time.Now()); err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	for i, row := range mill.Generate(5, 60) {
		o, err := l.ask(ctx, mill.Step{N: int64(i), Row: row})
		if err != nil {
			t.Fatal(err)
		}
		if o.Index <= last {
			t.Errorf("part %d is at %d, the one before at %d", i, o.Index, last)
		}
		last = o.Index
		entry, err := c.Org.Journal.Entry(ctx, o.Index)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := ledger.Decode(entry); err != nil || e.ID != o.Decision {
			t.Errorf("part %d: entry %d is %q, want %q, %v", i, o.Index, e.ID, o.Decision, err)
		}
		raw, err := c.Org.Journal.ProofFile(ctx, o.Index)
		if err != nil {
			t.Fatal(err)
		}
		f, err := proof.ParseFile(raw)
		if err != nil || f.Index != o.Index {
			t.Fatalf("proof of %d: %v", o.Index, err)
		}
		if _, err := f.Check(entry, c.Org.Journal.VerifierKey()); err != nil {
			t.Errorf("part %d: %v", i, err)
		}
	}
}
