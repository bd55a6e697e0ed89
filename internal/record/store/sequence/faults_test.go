package sequence

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/store/pgtest"
)

// told is what an appender was told of each of its entries.
type told struct {
	mu       sync.Mutex
	receipts map[uint64]string
	unknown  map[string]bool
	refused  map[string]bool
}

func (s *told) note(t *testing.T, j *Journal, e string) {
	r, err := j.Append(context.Background(), []byte(e))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.receipts[r.Index] = e
	case errors.Is(err, errUnknown):
		s.unknown[e] = true
	case problem.Is(err, problem.Unavailable):
		s.refused[e] = true
	default:
		t.Errorf("%s: %v", e, err)
	}
}

// check compares it with the journal: what has a receipt is there, what was
// said to be not stored is not.
func (s *told) check(t *testing.T, j *Journal) {
	t.Helper()
	found := 0
	for r, err := range j.Entries(t.Context(), 0, 1<<62) {
		if err != nil {
			t.Fatal(err)
		}
		e := string(r.Entry)
		if want, ok := s.receipts[r.Index]; ok {
			found++
			if want != e {
				t.Errorf("entry %d is %q, the receipt was for %q", r.Index, e, want)
			}
		} else if !s.unknown[e] {
			t.Errorf("entry %d, %q, is there without a receipt (refused: %v)", r.Index, e, s.refused[e])
		}
	}
	if found != len(s.receipts) {
		t.Errorf("%d of %d acknowledged entries are there", found, len(s.receipts))
	}
}

// load appends from several callers until stop, and tells moved after each.
func load(t *testing.T, j *Journal, stop <-chan struct{}) (*told, *sync.WaitGroup) {
	s := &told{receipts: map[uint64]string{}, unknown: map[string]bool{}, refused: map[string]bool{}}
	wg := new(sync.WaitGroup)
	for c := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				s.note(t, j, fmt.Sprintf("%d/%d", c, i))
			}
		})
	}
	return s, wg
}

// TestAServerOfItsOwn holds what changes a whole server, for a cluster costs
// seconds.
func TestAServerOfItsOwn(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	t.Run("restarts", func(t *testing.T) { aServerThatRestartsLosesNothing(t, server) })
	t.Run("read only", func(t *testing.T) { aServerThatBecameAStandbyStoresNothing(t, server) })
	t.Run("standby", func(t *testing.T) { aCommitThatDidNotReachTheStandbyIsNotAcknowledged(t, server) })
}

func aServerThatRestartsLosesNothing(t *testing.T, server *pgtest.Server) {
	o := signed(t, server.URL, "agm_restart")
	o.PublishEvery = 20 * time.Millisecond
	j := open(t, o)
	l := leads(t, j)
	stop := make(chan struct{})
	s, wg := load(t, j, stop)
	for range 2 {
		if err := j.Wait(t.Context(), j.Size()+50); err != nil {
			t.Fatal(err)
		}
		server.Stop()
		<-l.Done()
		server.Start()
		l = leads(t, j)
	}
	if err := j.Wait(t.Context(), j.Size()+50); err != nil {
		t.Fatal(err)
	}
	close(stop)
	wg.Wait()
	s.check(t, j)
	publish(t, j)
	if cp := verified(t, j); cp.Size != j.Size() {
		t.Fatalf("checkpoint over %d of %d", cp.Size, j.Size())
	}
	if err := j.Status().Failed; err != nil {
		t.Fatalf("the journal works and says %v", err)
	}
}

// aServerThatBecameAStandbyStoresNothing: after a fail-over the old primary
// refuses to write; its connections are dropped, so that the address leads to
// the new one.
func aServerThatBecameAStandbyStoresNothing(t *testing.T, server *pgtest.Server) {
	o := signed(t, server.URL, "agm_read_only")
	o.patience = 2 * time.Second
	j := open(t, o)
	ledgertest.Fill(t, j, 1)
	admin(t, o, "ALTER SYSTEM SET default_transaction_read_only = on")
	admin(t, o, "SELECT pg_reload_conf()")
	var err error
	// The server's processes learn of the setting one by one, and on a busy
	// machine patience may end while one of them is being asked.
	for n := 0; (err == nil || errors.Is(err, errUnknown)) && n < 10000; n++ {
		_, err = j.Append(t.Context(), []byte("x"))
	}
	if !problem.Is(err, problem.Unavailable) || errors.Is(err, errUnknown) {
		t.Fatalf("%v", err)
	}
	if j.Status().Failed == nil {
		t.Fatal("Status says that all is well")
	}
	admin(t, o, "ALTER SYSTEM RESET default_transaction_read_only")
	admin(t, o, "SELECT pg_reload_conf()")
	before := j.Size()
	if r, err := j.Append(t.Context(), []byte("after")); err != nil || r.Index != before {
		t.Fatalf("%+v, %v", r, err)
	}
}

// aCommitThatDidNotReachTheStandbyIsNotAcknowledged: a cancelled wait for
// the standby is a success with a warning to PostgreSQL, and none to us.
func aCommitThatDidNotReachTheStandbyIsNotAcknowledged(t *testing.T, server *pgtest.Server) {
	o := signed(t, server.URL, "agm_standby")
	j := open(t, o)
	ledgertest.Fill(t, j, 3)
	admin(t, o, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
	admin(t, o, "SELECT pg_reload_conf()")
	for inForce := false; !inForce; { // the server's processes learn of the setting one by one
		got := make(chan error, 1)
		go func() { _, err := j.Append(context.Background(), []byte("local only")); got <- err }()
		var err error
		cancelled := false
		for waits := true; waits; {
			select {
			case err = <-got:
				waits = false
			default:
				cancelled = cancelWaiting(t, j) || cancelled
			}
		}
		inForce = cancelled
		if cancelled && !errors.Is(err, errUnknown) {
			t.Fatalf("acknowledged: %v", err)
		}
	}
	admin(t, o, "ALTER SYSTEM RESET synchronous_standby_names")
	admin(t, o, "SELECT pg_reload_conf()")
}

// cancelWaiting cancels a commit that waits for the standby, if there is one.
func cancelWaiting(t *testing.T, j *Journal) bool {
	var n int
	if err := j.reads.QueryRow(t.Context(), "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n > 0
}

func TestConnectionsThatAreEndedLoseNothing(t *testing.T) {
	t.Parallel()
	o := options(t)
	j := open(t, o)
	stop := make(chan struct{})
	s, wg := load(t, j, stop)
	for range 10 {
		if err := j.Wait(t.Context(), j.Size()+20); err != nil {
			t.Fatal(err)
		}
		admin(t, o, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'augenmass journal' AND query LIKE '%journal_entries (idx, entry)%'
			AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'journal_head'::regclass OR locktype = 'transactionid')`)
	}
	close(stop)
	wg.Wait()
	s.check(t, j)
}

func TestAFullJournalOfWaitersPushesBack(t *testing.T) {
	t.Parallel()
	o := options(t)
	j := open(t, o)
	hold, err := j.reads.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), "SELECT 1 FROM journal_head FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 60000)
	group := make([][]byte, 130)
	for i := range group {
		group[i] = big
	}
	var wg sync.WaitGroup
	results := make(chan error, 3)
	for range cap(results) { // 7.8 MB each: the third finds no room
		wg.Go(func() { _, err := j.AppendAll(t.Context(), group); results <- err })
	}
	for waits := 0; waits == 0; {
		j.queue.mu.Lock()
		if j.queue.room != nil {
			waits++
		}
		j.queue.mu.Unlock()
	}
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if j.Size() != 3*130 {
		t.Fatalf("size %d", j.Size())
	}
}

func TestAStuckRowIsUnavailableAndSaysThatItIsUnknown(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.patience = 500 * time.Millisecond
	j := open(t, o)
	hold, err := j.reads.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), "SELECT 1 FROM journal_head FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	_, err = j.Append(t.Context(), []byte("stuck"))
	if !problem.Is(err, problem.Unavailable) || !errors.Is(err, errUnknown) {
		t.Fatalf("%v", err)
	}
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(t.Context(), []byte("after")); err != nil {
		t.Fatalf("the journal does not go on: %v", err)
	}
}

// TestADatabaseThatLostEntriesIsRefused: a fail-over to a server that was
// behind, or an older backup.
func TestADatabaseThatLostEntriesIsRefused(t *testing.T) {
	for name, notice := range map[string]func(j *Journal) error{
		"append": func(j *Journal) error { _, err := j.Append(context.Background(), []byte("next")); return err },
		"read":   func(j *Journal) error { return j.look(context.Background()) },
		"lead":   func(j *Journal) error { _, err := j.Lead(context.Background()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			j := open(t, o)
			ledgertest.Fill(t, j, 10)
			publish(t, j)
			admin(t, o, "WITH d AS (DELETE FROM journal_entries WHERE idx >= 5) UPDATE journal_head SET size = 5, published = 0")
			if err := notice(j); !problem.Is(err, problem.Corrupt) {
				t.Fatalf("%v", err)
			}
			if _, err := j.Append(t.Context(), []byte("more")); !problem.Is(err, problem.Corrupt) {
				t.Fatalf("it goes on: %v", err)
			}
			if j.Status().Failed == nil {
				t.Fatal("Status says that all is well")
			}
		})
	}
}

// TestAnOrderedAppendOfUnknownOutcomeEndsTheLead: otherwise the outbox would
// look into the journal, miss what is still on its way, and append it twice.
func TestAnOrderedAppendOfUnknownOutcomeEndsTheLead(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.patience = 500 * time.Millisecond
	j := open(t, o)
	l := leads(t, j)
	hold, err := j.reads.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), "SELECT 1 FROM journal_head FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.AppendAll(t.Context(), [][]byte{[]byte("perhaps")}); !errors.Is(err, errUnknown) {
		t.Fatalf("%v", err)
	}
	if !l.over() {
		t.Fatal("the lead goes on")
	}
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := leads(t, j)
	defer next.Release()
	size := next.Size()
	if r, err := next.AppendAll(t.Context(), [][]byte{[]byte("surely")}); err != nil || r[0].Index != size {
		t.Fatalf("index %+v, size was %d: %v", r, size, err)
	}
}
