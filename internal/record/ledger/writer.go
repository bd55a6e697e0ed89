package ledger

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/proof"
)

// wal is the writer's side of the log: the active segment and the ones behind
// it that are not yet published.
type wal struct {
	dir     string
	tree    proof.Range  // over everything flushed
	file    disk.Segment // active
	header  segmentHeader
	at      int64     // where the next frame begins in file
	behind  []written // closed segments, oldest first
	spares  []string  // files of segment size, ready for use
	nspare  int       // names given to spares so far
	making  chan spareResult
	pending bool // making will deliver
}

// written is a closed segment.
type written struct {
	number uint64
	end    uint64 // first index after it
	size   int64
}

type spareResult struct {
	name string
	err  error
}

// write is the one goroutine that writes to the log.
func (j *Journal) write(ctx context.Context) {
	for {
		runtime.Gosched() // callers just released may join the next group
		j.queue.linger.Wait(ctx)
		b := j.queue.take()
		if b == nil {
			select {
			case <-j.queue.wake:
				continue
			case <-ctx.Done():
			}
			if b = j.queue.take(); b == nil {
				return
			}
		}
		if err := j.failed(); err != nil {
			j.queue.finish(b, err)
			continue
		}
		began := time.Now()
		if err := j.commit(b); err != nil {
			j.queue.finish(b, j.fail(err))
			continue
		}
		j.queue.linger.Committed(time.Since(began))
		j.queue.finish(b, nil)
	}
}

func (j *Journal) failed() error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.failure == nil {
		return nil
	}
	return j.failure
}

// commit writes one batch as one frame, flushes it, marks it as flushed and
// makes it visible. After an error the state of the file is unknown.
func (j *Journal) commit(b *batch) error {
	w := &j.wal
	if err := j.dropPublished(); err != nil {
		return err
	}
	if w.at+int64(len(b.buf))+markBytes+frameBytes > w.header.size {
		if err := j.roll(len(b.buf)); err != nil {
			return err
		}
	}
	b.first = w.tree.Size()
	for _, h := range b.hashes {
		w.tree.Append(h)
	}
	root := w.tree.Root()
	sealFrame(b.buf, w.header.salt, b.first, len(b.hashes), root)
	if _, err := w.file.WriteAt(b.buf, w.at); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	w.at += int64(len(b.buf))
	if _, err := w.file.WriteAt(mark(w.header.salt, w.tree.Size()), w.at); err != nil {
		return err
	}
	w.at += markBytes

	j.mu.Lock()
	j.head = Head{Size: w.tree.Size(), Root: root}
	j.tail = b.leaves(j.tail)
	j.unpublished += len(b.buf) - frameBytes + len(b.ends)*leafBytes
	hurry := j.unpublished > j.o.maxTail/2
	j.queue.setFull(j.unpublished > j.o.maxTail)
	j.wakeWaiters()
	j.mu.Unlock()
	j.pub.nudge(hurry)
	if w.at > w.header.size/2 {
		j.prepareSpare()
	}
	return nil
}

// roll closes the active segment and goes on in another that has room for a
// frame of need bytes. The new one is durable under its name before the old
// one is sealed, and sealed before an entry goes into the new one.
func (j *Journal) roll(need int) error {
	w := &j.wal
	size := max(j.o.SegmentBytes, int64(headerBytes+need+markBytes+frameBytes))
	spare, err := j.takeSpare(size)
	if err != nil {
		return err
	}
	h := segmentHeader{number: w.header.number + 1, first: w.tree.Size(), root: w.tree.Root(), size: size}
	next, err := j.startSegment(spare, h)
	if err != nil {
		return err
	}
	seal := make([]byte, frameBytes)
	sealFrame(seal, w.header.salt, w.tree.Size(), 0, w.tree.Root())
	if _, err := w.file.WriteAt(seal, w.at); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	w.behind = append(w.behind, written{number: w.header.number, end: w.tree.Size(), size: w.header.size})
	w.file, w.header, w.at = next.file, next.header, headerBytes
	return nil
}

type started struct {
	file   disk.Segment
	header segmentHeader
}

// startSegment writes the header into the file spare and gives it its name.
func (j *Journal) startSegment(spare string, h segmentHeader) (started, error) {
	if _, err := io.ReadFull(j.o.Rand, h.salt[:]); err != nil {
		return started{}, err
	}
	f, err := j.disk.OpenSegment(spare)
	if err != nil {
		return started{}, err
	}
	if _, err = f.WriteAt(h.marshal(), 0); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr // closed because Windows renames no open file
	}
	if err != nil {
		return started{}, err
	}
	name := filepath.Join(j.wal.dir, segmentName(h.number))
	if err := j.disk.Rename(spare, name); err != nil {
		return started{}, err
	}
	f, err = j.disk.OpenSegment(name)
	return started{file: f, header: h}, err
}

// takeSpare returns a file of size bytes: one made ahead if it fits, else a new
// one.
func (j *Journal) takeSpare(size int64) (string, error) {
	w := &j.wal
	if size == j.o.SegmentBytes {
		if len(w.spares) == 0 && w.pending {
			if err := j.collectSpare(<-w.making); err != nil {
				return "", err
			}
		}
		if n := len(w.spares); n > 0 {
			name := w.spares[n-1]
			w.spares = w.spares[:n-1]
			return name, nil
		}
	}
	name := w.spareName()
	return name, j.disk.CreateSegment(name, size)
}

func (w *wal) spareName() string {
	w.nspare++
	return filepath.Join(w.dir, sparePrefix+segmentName(uint64(w.nspare)))
}

const sparePrefix = "spare-"

// prepareSpare makes the next segment while the active one still has room, so
// that no append waits for it.
func (j *Journal) prepareSpare() {
	w := &j.wal
	if w.pending {
		select {
		case r := <-w.making:
			if j.collectSpare(r) != nil {
				return // roll will try again and report it
			}
		default:
			return
		}
	}
	if len(w.spares) > 0 {
		return
	}
	w.pending = true
	name := w.spareName()
	j.running.Go(func() {
		w.making <- spareResult{name, j.disk.CreateSegment(name, j.o.SegmentBytes)}
	})
}

func (j *Journal) collectSpare(r spareResult) error {
	j.wal.pending = false
	if r.err != nil {
		return r.err
	}
	j.wal.spares = append(j.wal.spares, r.name)
	return nil
}

// dropPublished frees segments whose entries are all under a durable
// checkpoint: kept as spare if they fit, else removed. Only the oldest ones go,
// so the log never has a gap.
func (j *Journal) dropPublished() error {
	w := &j.wal
	published := j.pub.durable.Load()
	for len(w.behind) > 0 && w.behind[0].end <= published {
		old := w.behind[0]
		name := filepath.Join(w.dir, segmentName(old.number))
		if old.size == j.o.SegmentBytes && len(w.spares) < maxSpares {
			spare := w.spareName()
			if err := j.disk.Rename(name, spare); err != nil {
				return err
			}
			w.spares = append(w.spares, spare)
		} else if err := j.disk.Remove(name); err != nil {
			return err
		}
		w.behind = w.behind[1:]
	}
	return nil
}
