package ledger

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/proof"
)

func leafOf(e []byte) tlog.Hash { return tlog.RecordHash(e) }

// TestFullOrFailingDisk: the journal refuses from the first failure on, with one
// sentence, and nothing acknowledged is lost.
func TestFullOrFailingDisk(t *testing.T) {
	broken := errors.New("input/output error")
	for name, c := range map[string]struct {
		fail func(d *faultyDisk)
		say  string
	}{
		"no room for a segment": {func(d *faultyDisk) { d.createErr = errFull }, "voll"},
		"no room for a write":   {func(d *faultyDisk) { d.writeErr = errFull }, "voll"},
		"write fails":           {func(d *faultyDisk) { d.writeErr = broken }, "Schreibfehler"},
		"flush fails":           {func(d *faultyDisk) { d.syncErr = broken }, "Schreibfehler"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(quickDir(t))
			d := newFaultyDisk(o, -1, 1)
			o.disk = d
			j := open(t, o)
			fill(t, j, 30)
			d.mu.Lock()
			c.fail(d)
			d.mu.Unlock()
			var wg sync.WaitGroup
			errs := make([]error, 8)
			acked := make([]int, 8)
			for k := range errs {
				wg.Go(func() {
					for errs[k] == nil {
						if _, errs[k] = j.Append(context.Background(), []byte("one more entry that needs room")); errs[k] == nil {
							acked[k]++
						}
					}
				})
			}
			wg.Wait()
			_, again := j.Append(t.Context(), []byte("later"))
			_, publishErr := j.Publish(t.Context())
			for _, err := range append(errs, again, publishErr, j.Wait(t.Context(), 1<<40), j.Status().Failed) {
				p := problem.From(err)
				if p.Kind != problem.Unavailable || !strings.Contains(p.Say.DE, c.say) || p.Say != problem.From(again).Say || !p.Hint.Complete() {
					t.Fatalf("%v", err)
				}
			}
			total := 30
			for _, n := range acked {
				total += n
			}
			if int(j.Size()) != total {
				t.Fatalf("size %d, acknowledged %d", j.Size(), total)
			}
			for i := range 30 { // reading goes on
				if e, err := j.Entry(t.Context(), uint64(i)); err != nil || string(e) != string(content(i)) {
					t.Fatalf("entry %d: %q %v", i, e, err)
				}
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			o.disk = nil
			j = open(t, o)
			if int(j.Size()) < total {
				t.Fatalf("reopened with %d, acknowledged %d", j.Size(), total)
			}
			if _, err := j.Append(t.Context(), []byte("again")); err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestPublisherRecoversFromAFullDisk(t *testing.T) {
	o := options(quickDir(t))
	d := newFaultyDisk(o, -1, 1)
	o.disk = d
	j := open(t, o)
	fill(t, j, 300)
	before, _ := j.Checkpoint()
	d.mu.Lock()
	d.putErr = errFull
	d.mu.Unlock()
	if _, err := j.Publish(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Fatal(err)
	}
	if j.Status().PublishErr == nil {
		t.Fatal("the status hides the failure")
	}
	fill(t, j, 300) // the log still has room
	if after, size := j.Checkpoint(); string(after) != string(before) || size != 0 {
		t.Fatalf("checkpoint moved to %d", size)
	}
	d.mu.Lock()
	d.putErr = nil
	d.mu.Unlock()
	if _, err := j.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if cp, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil || cp.Size != 600 {
		t.Fatalf("%+v %v", cp, err)
	}
	if s := j.Status(); s.PublishErr != nil || s.Published != 600 {
		t.Fatalf("%+v", s)
	}
}

// TestUnpublishedEntriesAreBounded: when nothing can be published, appends wait,
// and when the memory for what is unpublished is used up, they are refused.
func TestUnpublishedEntriesAreBounded(t *testing.T) {
	o := options(quickDir(t))
	o.maxTail = 100 << 10
	d := newFaultyDisk(o, -1, 1)
	o.disk = d
	j := open(t, o)
	d.mu.Lock()
	d.putErr = errFull
	d.mu.Unlock()
	var err error
	for n := 0; err == nil; n += 1000 {
		if n > 3*o.maxTail {
			t.Fatalf("%d bytes unpublished and still taken", n)
		}
		_, err = j.Append(t.Context(), make([]byte, 1000))
	}
	if !problem.Is(err, problem.Unavailable) || !strings.Contains(problem.From(err).Say.DE, "voll") {
		t.Fatal(err)
	}
}

// TestBackPressureIsLifted runs into the limit again and again: publishing, which
// happens only for want of memory here, must let the callers go on each time.
func TestBackPressureIsLifted(t *testing.T) {
	o := options(quickDir(t))
	o.maxTail = 20 << 10
	j := open(t, o)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 200 {
				if _, err := j.Append(t.Context(), make([]byte, 1000)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if j.Size() != 3200 || j.Status().Published == 0 {
		t.Fatalf("%+v", j.Status())
	}
}

// unflushed is a disk without flushes, for large tests.
type unflushed struct{ disk.Disk }

func (d unflushed) OpenSegment(name string) (disk.Segment, error) {
	s, err := d.Disk.OpenSegment(name)
	if f, ok := s.(*faultySegment); ok {
		s = f.Segment
	}
	return unflushedSegment{s}, err
}

type unflushedSegment struct{ disk.Segment }

func (unflushedSegment) Sync() error { return nil }

// TestManyTiles grows a journal beyond 65,536 entries, where the third level of
// tiles begins, in publications of odd sizes.
func TestManyTiles(t *testing.T) {
	o := options(quickDir(t))
	o.SegmentBytes = 1 << 20
	o.disk = unflushed{disk.New(o.Dir, filepath.Join(o.Dir, "tmp"))}
	j := open(t, o)
	const n = 66_300
	hashes, reader := oracle(n)
	for i, step := 0, 0; i < n; step++ {
		var group [][]byte
		for k := range min(n-i, 1+step%5*997) {
			group = append(group, content(i+k))
		}
		i += len(group)
		if _, err := j.AppendAll(t.Context(), group); err != nil {
			t.Fatal(err)
		}
		if step%3 == 0 {
			if _, err := j.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(hashes) == 0 || j.Size() != n {
		t.Fatalf("size %d", j.Size())
	}
	root, err := tlog.TreeHash(n, reader)
	if err != nil {
		t.Fatal(err)
	}
	for index := uint64(0); index < n; index += 1009 {
		p, err := j.Proof(t.Context(), index, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(p, n, root, int64(index), leafOf(content(int(index)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	cp, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey())
	if err != nil || cp.Size != n || cp.Root != root {
		t.Fatalf("%+v %v", cp, err)
	}
	for pattern, want := range map[string]int{
		"tile/0/*.p": 1, "tile/entries/*.p": 1, "tile/1/*.p": 1, "tile/2/*.p": 1, // only at the right edge
		"tile/1/001.p/*": 1, "tile/1/000": 1, "tile/2/000.p/1": 1,
	} {
		got, err := filepath.Glob(filepath.Join(o.Dir, "log", pattern))
		if err != nil || len(got) < want || want == 1 && strings.HasSuffix(pattern, ".p") && len(got) != 1 {
			t.Errorf("%s: %v %v", pattern, got, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(o.Dir, "wal", "0*.wal")); err != nil || len(left) > 12 {
		t.Errorf("%d segments are kept: %v", len(left), err)
	}
	j = open(t, o)
	if j.Size() != n {
		t.Fatalf("reopened with %d", j.Size())
	}
	if e, err := j.Entry(t.Context(), 3); err != nil || string(e) != string(content(3)) {
		t.Fatalf("%q %v", e, err)
	}
}

func TestClockMayGoBackwards(t *testing.T) {
	o := options(quickDir(t))
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { at = at.Add(-time.Hour); return at }
	j := open(t, o)
	for i := range 5 {
		e, err := NewEvent("id", "/works/test", "augenmass.test", "", o.Now(), map[string]int{"n": i})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := j.AppendEvent(t.Context(), e); err != nil || r.Index != uint64(i) {
			t.Fatalf("%+v %v", r, err)
		}
		if msg, err := j.Publish(t.Context()); err != nil || !strings.Contains(string(msg), origin) {
			t.Fatalf("%q %v", msg, err)
		}
	}
	last := time.Time{}
	for r, err := range j.Entries(t.Context(), 0, 5) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := Decode(r.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if !last.IsZero() && !e.Time.Before(last) {
			t.Fatalf("times are kept as given: %v after %v", e.Time, last)
		}
		last = e.Time
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := options(quickDir(t))
	o.PublishEvery = time.Millisecond
	j, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, j, 200)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if msg, size := j.Checkpoint(); size != 200 || len(msg) == 0 {
		t.Fatalf("Close did not publish: %d", size)
	}
}
