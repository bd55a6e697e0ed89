package sequence

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store/outbox"
)

var _ outbox.Journal = (*Lead)(nil)

func publish(t *testing.T, j ledger.Book) []byte {
	t.Helper()
	msg, err := j.Publish(t.Context())
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	return msg
}

func verified(t *testing.T, j *Journal) proof.Checkpoint {
	t.Helper()
	cp, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func TestTwoNodesAppendWithoutGaps(t *testing.T) {
	o := options(t)
	a := open(t, o)
	o.PublishEvery = 5 * time.Millisecond
	b := open(t, o)
	l := leads(t, b)
	defer l.Release()
	got := ledgertest.Race(t, 32, 40, a, b)
	if len(got) != 32*40 {
		t.Fatalf("%d receipts", len(got))
	}
	ledgertest.Matches(t, a, got)
	ledgertest.Matches(t, b, got)
	publish(t, a)
	if cp := verified(t, b); cp.Size != 32*40 {
		t.Fatalf("the checkpoint covers %d entries", cp.Size)
	}
	ledgertest.Matches(t, a, got)
}

func TestSeveralNodesOpenANewSchemaAtOnce(t *testing.T) {
	o := options(t)
	errs := make(chan error, 6)
	for range cap(errs) {
		go func() {
			j, err := Open(context.Background(), o)
			if err == nil {
				err = j.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}

func TestANodeHearsOfWhatOthersAppend(t *testing.T) {
	o := options(t)
	a, b := open(t, o), open(t, o)
	heard := make(chan error, 1)
	go func() { heard <- b.Wait(context.Background(), 4) }()
	ledgertest.Fill(t, a, 5)
	if err := <-heard; err != nil || b.Size() != 5 {
		t.Fatalf("size %d, %v", b.Size(), err)
	}
	ledgertest.Fill(t, a, 5)
	if e, err := b.Entry(t.Context(), 9); err != nil || string(e) != string(ledgertest.Content(9)) {
		t.Fatalf("entry 9: %q %v", e, err)
	}
	if _, err := b.Entry(t.Context(), 10); !problem.Is(err, problem.NotFound) {
		t.Fatalf("entry 10: %v", err)
	}
}

func TestPublishAsksTheLeader(t *testing.T) {
	o := options(t)
	a, b := open(t, o), open(t, o)
	l := leads(t, a)
	for n := 100; n <= 300; n += 100 { // more than once: the lead lasts
		ledgertest.Fill(t, b, 100)
		ledgertest.Published(t, b, publish(t, b), n)
	}
	if at, err := a.Status().PublishedAt, a.Status().PublishErr; at.IsZero() || err != nil {
		t.Fatalf("the leader did not publish: %v %v", at, err)
	}
	if at := b.Status().PublishedAt; !at.IsZero() {
		t.Fatal("a node that does not lead published")
	}
	l.Release()
	ledgertest.Fill(t, b, 20)
	ledgertest.Published(t, b, publish(t, b), 320)
	if b.Status().PublishedAt.IsZero() || b.leading() != nil {
		t.Fatal("without a leader, the node publishes itself and leads no longer than that")
	}
	ledgertest.Published(t, a, publish(t, a), 320)
}

func TestLeadPassesOn(t *testing.T) {
	for name, die := range map[string]func(t *testing.T, o Options, l *Lead){
		"released": func(_ *testing.T, _ Options, l *Lead) { l.Release() },
		"closed": func(t *testing.T, _ Options, l *Lead) {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		},
		"session ended by the server": func(t *testing.T, o Options, l *Lead) {
			admin(t, o, "SELECT pg_terminate_backend($1)", int32(l.conn.PgConn().PID()))
		},
		"process gone": func(t *testing.T, _ Options, l *Lead) { // its sockets close, nothing is said
			if err := l.conn.PgConn().Conn().Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			a, b := open(t, o), open(t, o)
			first := leads(t, a)
			got := make(chan *Lead, 1)
			go func() {
				l, err := b.Lead(context.Background())
				if err != nil {
					t.Error(err)
				}
				got <- l
			}()
			if _, err := first.AppendAll(t.Context(), [][]byte{ledgertest.Content(0), ledgertest.Content(1)}); err != nil {
				t.Fatal(err)
			}
			select {
			case <-got:
				t.Fatal("two nodes lead")
			default:
			}
			die(t, o, first)
			second := <-got
			<-first.Done()
			defer second.Release()
			if second.Size() != 2 || second.epoch <= first.epoch {
				t.Fatalf("size %d, epoch %d after %d", second.Size(), second.epoch, first.epoch)
			}
			if _, err := first.AppendAll(t.Context(), [][]byte{[]byte("late")}); !problem.Is(err, problem.Unavailable) {
				t.Fatalf("the former leader appends: %v", err)
			}
			if r, err := second.AppendAll(t.Context(), [][]byte{ledgertest.Content(2)}); err != nil || r[0].Index != 2 {
				t.Fatalf("%+v %v", r, err)
			}
			ledgertest.Published(t, b, publish(t, b), 3)
		})
	}
}

// TestAFrozenLeaderLosesTheLock: a process that is stopped or cut off says
// nothing; the server ends its session.
func TestAFrozenLeaderLosesTheLock(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.frozen = time.Second
	a, b := open(t, o), open(t, o)
	frozen, err := a.candidate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer closeNow(frozen)
	if _, err := frozen.Exec(t.Context(), "SELECT pg_advisory_lock($1)", a.locks.lead); err != nil {
		t.Fatal(err)
	}
	leads(t, b).Release()
}

func TestLeadEndsWithItsContextAndItsJournal(t *testing.T) {
	o := options(t)
	a, b := open(t, o), open(t, o)
	l := leads(t, a)
	defer l.Release()
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() { _, err := b.Lead(ctx); got <- err }()
	cancel()
	if err := <-got; err == nil {
		t.Fatal("Lead returned without error")
	}
	go func() { _, err := b.Lead(context.Background()); got <- err }()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err == nil {
		t.Fatal("Lead outlived its journal")
	}
}

// stale is what a leader is that another node has replaced without its knowing.
func stale(t *testing.T, l *Lead) *Lead {
	t.Helper()
	s := &Lead{Journal: l.Journal, epoch: l.epoch - 1, done: make(chan struct{})}
	s.ctx, s.stop = context.WithCancel(t.Context())
	return s
}

func TestAStaleLeaderWritesNothing(t *testing.T) {
	j := open(t, options(t))
	l := leads(t, j)
	defer l.Release()
	ledgertest.Fill(t, j, 10)
	old := publish(t, j)
	ledgertest.Fill(t, j, 10)

	s := stale(t, l)
	if _, err := s.AppendAll(t.Context(), [][]byte{[]byte("late")}); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("append: %v", err)
	}
	select {
	case <-s.Done():
	default:
		t.Fatal("the stale leader has not learned that it is one")
	}
	s = stale(t, l)
	if _, err := s.publish(t.Context()); !problem.Is(err, problem.Unavailable) || !s.over() {
		t.Fatalf("publish: %v", err)
	}
	s = stale(t, l) // as if the epoch had moved after it asked
	if err := s.loadEdge(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if err := s.extend(t.Context(), 20); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("extend: %v", err)
	}
	ledgertest.Holds(t, j, 20)
	ledgertest.Published(t, j, old, 10)
	s = stale(t, l) // as if an earlier publication of its own had been stored late
	s.epoch = l.epoch
	if err := s.loadEdge(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	ledgertest.Published(t, j, publish(t, j), 20)
	if err := s.extend(t.Context(), 15); !errors.Is(err, errFenced) {
		t.Fatalf("extend beside a publication: %v", err)
	}
	if cp, err := s.publish(t.Context()); err != nil || cp.Size != 20 {
		t.Fatalf("after that: %d %v", cp.Size, err)
	}
	if r, err := l.AppendAll(t.Context(), [][]byte{ledgertest.Content(20)}); err != nil || r[0].Index != 20 {
		t.Fatalf("the leader lost its lead: %+v %v", r, err)
	}
}

func TestAnEpochThatMovedEndsTheLead(t *testing.T) {
	o := options(t)
	l := leads(t, open(t, o))
	admin(t, o, "UPDATE journal_head SET epoch = epoch + 1")
	<-l.Done()
}

func TestALongTailIsPublishedInChunks(t *testing.T) {
	j := open(t, options(t))
	l := leads(t, j)
	defer l.Release()
	var group [][]byte
	for i := range 5000 {
		group = append(group, fmt.Appendf(nil, "entry %d", i))
	}
	for range 4 {
		if _, err := j.AppendAll(t.Context(), group); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, j)
	if cp := verified(t, j); cp.Size != 20000 {
		t.Fatalf("the checkpoint covers %d", cp.Size)
	}
	var kept int
	if err := j.reads.QueryRow(t.Context(), "SELECT count(*) FROM journal_checkpoints").Scan(&kept); err != nil || kept != 1+3 {
		t.Fatalf("%d checkpoints, want the empty one and three: %v", kept, err)
	}
}

func TestOldCheckpointsGo(t *testing.T) {
	j := open(t, options(t))
	admin(t, j.o, "INSERT INTO journal_checkpoints SELECT -i, '' FROM generate_series(1, 400) AS i")
	ledgertest.Fill(t, j, 1)
	ledgertest.Published(t, j, publish(t, j), 1)
	var kept int
	if err := j.reads.QueryRow(t.Context(), "SELECT count(*) FROM journal_checkpoints").Scan(&kept); err != nil || kept != keptCheckpoints {
		t.Fatalf("%d checkpoints: %v", kept, err)
	}
}

// TestOneTreeWhateverTheNodesDo lets two nodes append, publish, lose and take
// the lead in any order: every checkpoint that anybody ever saw stays the
// beginning of the last one.
func TestOneTreeWhateverTheNodesDo(t *testing.T) {
	o := options(t)
	pair := []*Journal{open(t, o), open(t, o)}
	n := 0
	var seen []proof.Checkpoint
	rapid.Check(t, func(rt *rapid.T) {
		var lead [2]*Lead
		defer func() {
			for _, l := range lead {
				if l != nil {
					l.Release()
				}
			}
		}()
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			who := rapid.IntRange(0, 1).Draw(rt, "node")
			j := pair[who]
			switch rapid.SampledFrom([]string{"append", "append", "ordered", "publish", "lead", "release", "kill"}).Draw(rt, "act") {
			case "append":
				for range rapid.IntRange(1, 3).Draw(rt, "entries") {
					r, err := j.Append(t.Context(), ledgertest.Content(n))
					if err != nil || r.Index != uint64(n) {
						rt.Fatalf("append %d: %+v %v", n, r, err)
					}
					n++
				}
			case "ordered":
				if lead[who] == nil {
					continue
				}
				group := [][]byte{ledgertest.Content(n), ledgertest.Content(n + 1)}
				switch r, err := lead[who].AppendAll(t.Context(), group); {
				case err == nil && r[0].Index == uint64(n):
					n += 2
				case err == nil || !lead[who].over():
					rt.Fatalf("ordered append at %d: %+v %v", n, r, err)
				}
			case "publish":
				msg, err := j.Publish(t.Context())
				if err != nil {
					rt.Fatalf("publish: %v", err)
				}
				cp, err := proof.OpenCheckpoint(msg, j.verifier)
				if err != nil || cp.Size != uint64(n) {
					rt.Fatalf("checkpoint over %d of %d: %v", cp.Size, n, err)
				}
				seen = append(seen, cp)
			case "lead":
				for i, l := range lead {
					if l != nil {
						l.Release()
						lead[i] = nil
					}
				}
				l, err := j.Lead(t.Context())
				if err != nil {
					rt.Fatal(err)
				}
				lead[who] = l
			case "release":
				if lead[who] != nil {
					lead[who].Release()
					lead[who] = nil
				}
			case "kill":
				if l := lead[who]; l != nil && !l.over() {
					admin(t, o, "SELECT pg_terminate_backend($1)", int32(l.conn.PgConn().PID()))
				}
			}
		}
	})
	ledgertest.Holds(t, pair[0], n)
	ledgertest.Published(t, pair[1], publish(t, pair[1]), n)
	last := pair[1].reader()
	for _, cp := range seen {
		p, err := last.TreeProof(cp.Size, last.Checkpoint().Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.CheckTree(cp, last.Checkpoint(), p); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) == 0 || n == 0 {
		t.Fatal("nothing happened")
	}
}

func TestTileFSKnowsItsNamesOnly(t *testing.T) {
	j := open(t, options(t))
	ledgertest.Fill(t, j, 300)
	publish(t, j)
	ledgertest.Fill(t, j, 10)
	fsys := j.TileFS()
	for name, there := range map[string]bool{
		"checkpoint": true, "tile/0/000": true, "tile/0/001.p/44": true, "tile/0/001.p/7": true, "tile/0/000.p/9": true, "tile/1/000.p/1": true,
		"tile/entries/000": true, "tile/entries/001.p/44": true,
		"tile/entries/001.p/45": false, "tile/entries/001": false, "tile/0/001": false, "tile/0/001.p/45": false, "tile/2/000": false,
		"tile/0/0": false, "tile/00/000": false, "tile/0/000.p/256": false, "tile/0/000.p/0": false, "tile/8/000": false, "tile/-1/000": false,
		"tile/0/x000/000": false, "": false, ".": false, "tile": false, "tile/0": false, "../checkpoint": false, "tile/entries/-01": false,
	} {
		f, err := fsys.Open(name)
		if (err == nil) != there {
			t.Errorf("%q: %v", name, err)
		}
		if err == nil {
			if fi, err := f.Stat(); err != nil || fi.Size() == 0 || !strings.HasSuffix(name, fi.Name()) {
				t.Errorf("%q: %v %v", name, fi, err)
			}
		}
	}
}

func TestALeaderThatDoesNotPublishIsNamed(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.patience = 500 * time.Millisecond
	a, b := open(t, o), open(t, o)
	deaf, err := a.candidate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer closeNow(deaf)
	if _, err := deaf.Exec(t.Context(), "SELECT pg_advisory_lock($1)", a.locks.lead); err != nil {
		t.Fatal(err)
	}
	ledgertest.Fill(t, b, 1)
	if _, err := b.Publish(t.Context()); !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "leads") {
		t.Fatalf("%v", err)
	}
}
