package org_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"

	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// complaints counts how often a node says that it did not learn a change.
type complaints struct {
	slog.Handler
	n *atomic.Int64
}

func (c complaints) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "this node did not learn a change of another" {
		c.n.Add(1)
	}
	return c.Handler.Handle(ctx, r)
}

// A database that goes away between the notice of a change and its reading does
// not make a node pass over the change: it goes on until it has learned that the
// permit fell.
func TestAWithdrawalIsNotPassedOver(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	cable := newCable(t, w.database)
	o := w.options(w.dir, slug)
	n := new(atomic.Int64)
	o.Database, o.Log = cable.url, slog.New(complaints{w.log.Handler(), n})
	b, err := org.Open(t.Context(), o)
	w.must(err)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Log(err) // a last word on a connection that was cut
		}
	})
	page, err := w.g.Approve.Permits.List(w.as(""), w.g.DB, store.Query{})
	w.must(err)
	changes := []store.Change{{Kind: "permit", ID: page.Items[0].ID, Op: store.Updated}}

	cable.cut()
	withdraw(w)
	learned := make(chan struct{})
	go func() {
		defer close(learned)
		b.Heard(t.Context(), changes)
	}()
	eventually(t, "the node tries again", func() bool { return n.Load() > 1 })
	select {
	case <-learned:
		t.Error("the node gave up")
	default:
	}
	cable.mend()
	<-learned
	if p := permitOf(b, w.mill); p.State != permit.Suspended {
		t.Errorf("the permit is %s", p.State)
	}
}
