package org_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"augenmass/internal/operate/decide"
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

// A result whose entry took so long that the node may have missed a withdrawal
// meanwhile is not released.
func TestASlowEntryReleasesNothing(t *testing.T) {
	t.Parallel()
	w, _ := newNodes(t)
	w.settle() // what is still on its way into the journal
	size, last := w.g.Journal.Size(), w.clock.now()
	hear := w.g.Deafen(func() time.Time {
		if w.g.Journal.Size() > size { // the entry is written, and took four seconds
			return last.Add(-4 * time.Second)
		}
		return last
	})
	defer hear()
	if a := w.ask(); a.status != http.StatusForbidden || !strings.Contains(a.body, "node.unheard") {
		t.Errorf("%+v", a)
	}
	if w.g.Journal.Size() == size {
		t.Error("there is no entry")
	}
}

// However many accesses end at once, the journal learns of each.
func TestManyAccessesEndAtOnce(t *testing.T) {
	t.Parallel()
	w, _ := newNodes(t)
	w.settle()
	size := w.g.Journal.Size()
	list := make([]decide.Ended, 2500)
	for i := range list { // together more than the journal takes at a time
		r := decide.Request{Subject: decide.Entity{Type: "person", ID: strings.Repeat("p", 2000)}, Action: decide.Action{Name: "read"},
			Resource: decide.Entity{Type: "system", ID: strings.Repeat("s", 2000)}}
		list[i] = decide.Ended{Grant: &decide.Grant{ID: "grant", Request: r}, Decision: decide.Decision{At: w.clock.now()}}
	}
	w.g.End(list)
	eventually(t, "all are in the journal", func() bool { return w.g.Journal.Size() >= size+uint64(len(list)) })
}
