package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/pgtest"
)

// node is one of several programs on one database, with what it hears.
type node struct {
	*DB
	tick  chan time.Time
	stop  func()
	heard chan string
	ended chan error
}

// nodes opens n nodes on one schema. Their feeds look when a notification
// comes, or when the test sends on tick; there is no clock.
func nodes(t *testing.T, n int) []*node {
	t.Helper()
	out := make([]*node, n)
	for i := range out {
		o := suite()
		o.Rand = seeded(byte(10 + i)) // ids of their own
		out[i] = attend(openPostgreSQL(t, "db", o))
	}
	return out
}

func attend(db *DB) *node {
	nd := &node{DB: db, tick: make(chan time.Time), heard: make(chan string, 10_000), ended: make(chan error, 1)}
	db.feed.Tick = nd.tick
	db.OnRemote(func(_ context.Context, changes []Change) {
		for _, c := range changes {
			nd.heard <- fmt.Sprintf("%s %s %d", c.Op, c.ID, c.Revision)
		}
	})
	db.OnTold(func(_ context.Context, topic, payload string) { nd.heard <- topic + ": " + payload })
	return nd
}

// run starts the feed and stops it at the end of the test.
func (nd *node) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() { nd.ended <- nd.Feed(ctx) }()
	nd.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-nd.ended; err != nil {
			t.Errorf("the feed ended with %v", err)
		}
	})
	t.Cleanup(func() { nd.stop() })
}

// deaf takes the notifications away.
func (nd *node) deaf() {
	nd.feed.Listen = func(ctx context.Context, _ func(string)) error { <-ctx.Done(); return nil }
}

// next waits for what the node hears next.
func (nd *node) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-nd.heard:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is heard")
		return ""
	}
}

// looked lets the node look twice: after it, everything that was committed
// before has been handed on.
func (nd *node) looked(t *testing.T) {
	t.Helper()
	for range 2 {
		select {
		case nd.tick <- time.Time{}:
		case <-time.After(20 * time.Second):
			t.Fatal("the feed does not look")
		}
	}
}

func (nd *node) silent(t *testing.T) {
	t.Helper()
	nd.looked(t)
	select {
	case s := <-nd.heard:
		t.Errorf("heard %q once too often", s)
	default:
	}
}

// TestFeed: two nodes on one schema hear each other's changes and notices,
// each exactly once and in order, and never their own.
func TestFeed(t *testing.T) {
	all := nodes(t, 2)
	a, b := all[0], all[1]
	a.run(t)
	b.run(t)
	const each = 40
	var wg sync.WaitGroup
	said := [2][]string{}
	for i, nd := range all {
		wg.Go(func() {
			for n := range each {
				o := create(t, nd.DB, machines, machine{Name: fmt.Sprint(n)})
				said[i] = append(said[i], fmt.Sprintf("created %s 1", o.ID))
				must(t, nd.Tell(t.Context(), "topic", fmt.Sprint(n)))
				said[i] = append(said[i], fmt.Sprintf("topic: %d", n))
			}
		})
	}
	wg.Wait()
	for i, nd := range all {
		for _, want := range said[1-i] {
			if got := nd.next(t); got != want {
				t.Fatalf("node %d heard %q, want %q", i, got, want)
			}
		}
		nd.silent(t)
		if nd.Heard().IsZero() {
			t.Errorf("node %d does not know that it is up to date", i)
		}
	}
}

// TestLostNotification: a node that no notification reaches learns everything
// when it looks, which it does every second.
func TestLostNotification(t *testing.T) {
	all := nodes(t, 2)
	a, b := all[0], all[1]
	b.deaf()
	b.run(t)
	o := create(t, a.DB, machines, machine{Name: "A"})
	must(t, a.Tell(t.Context(), "stop", "line 2"))
	b.looked(t)
	if got := []string{b.next(t), b.next(t)}; !slices.Equal(got, []string{"created " + o.ID + " 1", "stop: line 2"}) {
		t.Errorf("heard %q", got)
	}
	b.silent(t)
}

// TestFeedCut: when the server cuts every connection of a node, its feed hears
// what was said meanwhile, once, and hears notifications again.
func TestFeedCut(t *testing.T) {
	all := nodes(t, 2)
	a, b := all[0], all[1]
	b.run(t)
	first := create(t, a.DB, machines, machine{Name: "A"})
	if got := b.next(t); got != "created "+first.ID+" 1" {
		t.Errorf("heard %q", got)
	}
	for range 3 {
		pgtest.Exec(t, a.opts.Database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'augenmass "+a.opts.Schema+"'")
		var o Object[machine]
		for { // the writer may notice with its first write; nothing is done twice
			err := a.Write(t.Context(), func(tx *Tx) (err error) {
				o, err = machines.Create(ada(t), tx, machine{Name: "B"})
				return err
			})
			if err == nil {
				break
			}
			wants(t, err, problem.Unavailable)
		}
		if got := b.next(t); got != "created "+o.ID+" 1" { // no tick: a notification came through
			t.Errorf("heard %q, want the creation of %s", got, o.ID)
		}
	}
	b.silent(t)
}

// TestUnknownCommit: a commit without an answer is Unavailable and not
// announced; if it happened, the own feed brings it, and the others hear it as
// always.
func TestUnknownCommit(t *testing.T) {
	direct := openPostgreSQL(t, "db", suite())
	line := newProxy(t, direct.opts.Database)
	o := suite()
	o.Database, o.Schema, o.Rand = line.url, direct.opts.Schema, seeded(7)
	a, b := attend(openHere(t, o)), attend(direct)
	all := []*node{a, b}
	for _, nd := range all {
		nd.deaf()
		nd.run(t)
	}
	var announced []Change
	a.OnCommit(func(_ context.Context, changes []Change) { announced = append(announced, changes...) })
	line.armed.Store(true)
	var id string
	err := a.Write(t.Context(), func(tx *Tx) error {
		o, err := machines.Create(ada(t), tx, machine{Name: "A"})
		id = o.ID
		return err
	})
	p := wants(t, err, problem.Unavailable)
	if !engine.Unknown(err) || !strings.Contains(p.Say.DE, "ungewiss") || len(announced) != 0 {
		t.Errorf("%v, announced %v", err, announced)
	}
	for _, nd := range all {
		nd.looked(t)
		if got := nd.next(t); got != "created "+id+" 1" {
			t.Errorf("heard %q", got)
		}
		nd.silent(t)
	}
	next := create(t, a.DB, machines, machine{Name: "B"})
	if len(announced) != 1 || announced[0].ID != next.ID {
		t.Errorf("afterwards announced %v", announced)
	}
	a.silent(t)
	b.looked(t)
	if got := b.next(t); got != "created "+next.ID+" 1" {
		t.Errorf("heard %q", got)
	}
}

// TestPrune: old lines go, a node that saw them goes on, and a node that was
// away for longer is told so instead of going on with a gap.
func TestPrune(t *testing.T) {
	all := nodes(t, 2)
	a, b := all[0], all[1]
	now := time.Now()
	old := attend(openPostgreSQL(t, "db", Options{Kinds: suite().Kinds, Access: AllowAll, Now: func() time.Time { return now.Add(2 * time.Hour) }}))
	b.deaf()
	b.run(t)
	o := create(t, old.DB, machines, machine{Name: "A"})
	b.looked(t)
	if got := b.next(t); got != "created "+o.ID+" 1" {
		t.Errorf("heard %q", got)
	}
	lines := func() (n int) {
		_, err := old.session().One(t.Context(), "SELECT count(*) FROM changes", nil, &n)
		must(t, err)
		return n
	}
	must(t, old.feed.Prune(t.Context()))
	if lines() != 1 {
		t.Fatalf("%d lines, want the fresh one", lines())
	}
	now = now.Add(3 * time.Hour)
	must(t, old.feed.Prune(t.Context()))
	if lines() != 0 {
		t.Fatalf("%d lines after three hours", lines())
	}
	create(t, old.DB, machines, machine{Name: "B"})
	b.looked(t)
	b.next(t)
	b.silent(t)
	wants(t, a.Feed(t.Context()), problem.Conflict) // it began before the first line and never looked
	// A node that starts now has nothing to miss.
	fresh := attend(openPostgreSQL(t, "db", suite()))
	fresh.deaf()
	fresh.run(t)
	fresh.silent(t)
}

// TestLinesLost: a server that lost lines which this node saw, or lines that it
// never saw, ends its feed: what is committed in their place would not be heard,
// and the node would believe that it had missed nothing.
func TestLinesLost(t *testing.T) {
	for name, lose := range map[string]struct {
		statement string // on the table
		again     bool   // another line takes the place of the lost one
	}{
		"a fail-over loses the last line": {"DELETE FROM %[1]s.changes WHERE seq = (SELECT MAX(seq) FROM %[1]s.changes)", false},
		"and another line takes its number": {"DELETE FROM %[1]s.changes WHERE seq = (SELECT MAX(seq) FROM %[1]s.changes); " +
			"SELECT setval(pg_get_serial_sequence('%[1]s.changes', 'seq'), (SELECT MAX(seq) FROM %[1]s.changes))", true},
	} {
		t.Run(name, func(t *testing.T) {
			all := nodes(t, 2)
			a, b := all[0], all[1]
			b.deaf()
			b.run(t)
			create(t, a.DB, machines, machine{Name: "A"})
			create(t, a.DB, machines, machine{Name: "B"})
			b.looked(t)
			b.next(t)
			b.next(t)
			b.silent(t)
			b.stop()
			pgtest.Exec(t, a.opts.Database, fmt.Sprintf(lose.statement, a.opts.Schema))
			if lose.again {
				create(t, a.DB, machines, machine{Name: "C"})
			}
			wants(t, b.Feed(t.Context()), problem.Conflict)
		})
	}
}

// TestPruneByAClockThatIsAhead: a node whose clock is wrong removes lines that
// another node has not seen, however lately that one looked.
func TestPruneByAClockThatIsAhead(t *testing.T) {
	all := nodes(t, 2)
	a, b := all[0], all[1]
	b.deaf()
	b.run(t)
	b.looked(t)
	b.stop()
	create(t, a.DB, machines, machine{Name: "A"})
	ahead := attend(openPostgreSQL(t, "db", Options{Kinds: suite().Kinds, Access: AllowAll, Now: func() time.Time { return time.Now().Add(24 * time.Hour) }}))
	must(t, ahead.feed.Prune(t.Context()))
	wants(t, b.Feed(t.Context()), problem.Conflict)
}

// TestLock: one at a time, across nodes; a waiter may give up; and a holder
// whose connection is cut holds nothing.
func TestLock(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		a := open(t, "db", suite())
		b := a
		if a.engine.Shared() {
			b = open(t, "db", suite())
		}
		unlock, err := a.Lock(t.Context(), "seal")
		must(t, err)
		other, err := b.Lock(t.Context(), "another")
		must(t, err)
		other()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err = b.Lock(ctx, "seal")
		wants(t, err, problem.Unavailable)
		got := make(chan func(), 1)
		go func() {
			unlock, err := b.Lock(t.Context(), "seal")
			if err != nil {
				t.Error(err)
			}
			got <- unlock
		}()
		select {
		case <-got:
			t.Fatal("two hold the lock")
		default:
		}
		unlock()
		unlock = <-got
		if a.engine.Shared() {
			pgtest.Exec(t, a.opts.Database, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
			again, err := a.Lock(t.Context(), "seal")
			must(t, err)
			again()
		}
		unlock()
	})
}

// TestWakes: an entry that one node emits wakes the sequencer of the node that
// leads, by notification alone.
func TestWakes(t *testing.T) {
	all := nodes(t, 2)
	leader, other := all[0], all[1]
	leader.run(t)
	ctx, stop := context.WithCancel(t.Context())
	j := journal(t)
	ended := make(chan error, 1)
	go func() { ended <- leader.Sequence(ctx, j) }()
	must(t, other.Write(t.Context(), func(tx *Tx) error {
		e, err := ledger.NewEvent("evt_1", "/werk/x", "augenmass.x", "", other.now(), map[string]any{"revision": 1})
		must(t, err)
		return tx.Emit(e)
	}))
	wait, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	must(t, j.Wait(wait, 0))
	stop()
	must(t, <-ended)
}
