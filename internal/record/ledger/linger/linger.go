// Package linger decides how long the one writer of a journal waits before it
// commits a group. A commit costs the same for one entry as for fifty. After a
// large group its callers come back one by one; a writer that takes the first of
// them at once commits many small groups, and each commit costs processor time
// that the callers need. So after a large group the writer waits until as many
// are there again, at most as long as the last commit took. An idle journal and
// few callers are not kept waiting.
package linger

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	large = 8                // entries of a group, from which on its callers are waited for
	most  = time.Millisecond // waited at most, however slow the disk is
)

// Writer is the waiting of one writer. Its methods are the writer's alone,
// except Joined.
type Writer struct {
	waiting atomic.Int64  // entries
	last    int64         // entries of the last group
	took    time.Duration // to commit it
	want    atomic.Int64  // entries that are waited for; 0: nobody waits
	enough  chan struct{} // capacity 1
	timer   *time.Timer
}

// New returns the waiting of a writer that has committed nothing yet.
func New() *Writer {
	w := &Writer{enough: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}

// Joined says that so many more entries wait. Whoever adds them calls it.
func (w *Writer) Joined(entries int) {
	n := w.waiting.Add(int64(entries))
	if want := w.want.Load(); want > 0 && n >= want {
		select {
		case w.enough <- struct{}{}:
		default:
		}
	}
}

// Took says that the writer took a group of so many entries.
func (w *Writer) Took(entries int) {
	w.waiting.Add(-int64(entries))
	w.last = int64(entries)
}

// Committed says how long it took to commit the group that was taken last.
func (w *Writer) Committed(took time.Duration) { w.took = min(took, most) }

// Wait returns when the next group is to be committed: at once if nothing waits
// or the last group was small, else when as many wait as it had, its time is
// over, or ctx ends.
func (w *Writer) Wait(ctx context.Context) {
	if n := w.waiting.Load(); n == 0 || n >= w.last || w.last < large {
		return
	}
	select {
	case <-w.enough: // of an earlier wait
	default:
	}
	w.want.Store(w.last)
	defer w.want.Store(0)
	if w.waiting.Load() >= w.last {
		return
	}
	w.timer.Reset(w.took)
	defer w.timer.Stop()
	select {
	case <-w.enough:
	case <-w.timer.C:
	case <-ctx.Done():
	}
}
