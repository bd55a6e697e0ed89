package ledger

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/record/ledger/proof"
)

// publisher follows the writer and writes what auditors read. One publication
// runs at a time.
type publisher struct {
	mu      sync.Mutex // held during a publication
	edge    proof.Edge // of the published tree
	change  change     // of the signing key, under way
	durable atomic.Uint64
	grown   chan struct{} // capacity 1: there is something to publish
	hurry   chan struct{} // capacity 1: memory fills up, do not wait

	stateMu sync.Mutex
	at      time.Time
	err     error
}

func (p *publisher) nudge(hurry bool) {
	select {
	case p.grown <- struct{}{}:
	default:
	}
	if hurry {
		select {
		case p.hurry <- struct{}{}:
		default:
		}
	}
}

func (p *publisher) state() (time.Time, error) {
	p.stateMu.Lock()
	defer p.stateMu.Unlock()
	return p.at, p.err
}

// follow publishes at most once per interval until ctx ends. An error is kept
// for Status and tried again: everything since the last checkpoint is written
// anew then, from memory.
func (j *Journal) follow(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	interval := pause.C
	if j.o.PublishEvery < 0 {
		interval = nil
	}
	for {
		again := j.cosignIn()
		reask := false
		select {
		case <-j.pub.grown:
			select {
			case <-interval:
			case <-j.pub.hurry:
			case <-again:
				reask = true
				j.pub.nudge(false)
			case <-ctx.Done():
				return
			}
		case <-again:
			reask = true
		case <-ctx.Done():
			return
		}
		if j.failed() != nil {
			return
		}
		if reask {
			j.reask(ctx)
			continue
		}
		if _, err := j.publish(ctx); err != nil {
			if j.queue.full.Load() {
				j.fail(err) // memory is full and does not get emptied
				return
			}
			j.pub.nudge(false)
		}
		if interval != nil {
			pause.Reset(j.o.PublishEvery)
		}
	}
}

// Publish publishes everything acknowledged so far and returns the checkpoint.
// Errors: problem.Unavailable when the files cannot be written; the last
// checkpoint stays valid then.
func (j *Journal) Publish(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := j.failed(); err != nil {
		return nil, err
	}
	cp, err := j.publish(ctx)
	return cp.Note, err
}

func (j *Journal) publish(ctx context.Context) (proof.Checkpoint, error) {
	j.pub.mu.Lock()
	defer j.pub.mu.Unlock()
	cp, err := j.publishLocked(ctx)
	j.pub.stateMu.Lock()
	j.pub.err = err
	if err == nil {
		j.pub.at = j.o.Now().UTC()
	}
	j.pub.stateMu.Unlock()
	return cp, err
}

func (j *Journal) publishLocked(ctx context.Context) (proof.Checkpoint, error) {
	j.mu.RLock()
	head, old, closed := j.head, j.tiles.Checkpoint(), j.closed
	start, tail := j.tailStart, j.tail[:head.Size-j.tailStart]
	j.mu.RUnlock()
	if closed {
		return proof.Checkpoint{}, errClosed()
	}
	if j.pub.change.mute {
		return old, nil
	}
	if head.Size == old.Size {
		return old, j.cosignAgain(ctx, old)
	}
	if err := j.putKeys(); err != nil {
		return old, err
	}
	edge := j.pub.edge.Clone()
	if err := j.writeTiles(&edge, old.Size, start, tail); err != nil {
		return old, unavailable("Das Journal lässt sich gerade nicht veröffentlichen.", "The journal cannot be published now.", err)
	}
	cp, err := j.present.Load().Sign(head.Size, head.Root, j.pub.change.also)
	if err != nil {
		return old, err
	}
	cp = j.cosign(ctx, cp)
	if err := j.putCheckpoint(cp); err != nil {
		return old, err
	}
	j.pub.edge = edge
	j.pub.durable.Store(cp.Size)
	j.adopt(cp)
	return cp, j.endChange()
}

// adopt makes cp the current checkpoint and forgets the entries that are
// now in full bundles.
func (j *Journal) adopt(cp proof.Checkpoint) {
	j.mu.Lock()
	j.tiles = j.tiles.Grow(cp)
	keep := cp.Size &^ (proof.Width - 1)
	j.tail = append([]leaf(nil), j.tail[keep-j.tailStart:]...)
	j.tailStart = keep
	j.unpublished = bytesOf(j.tail[cp.Size-keep:])
	j.queue.setFull(j.unpublished > j.o.maxTail)
	j.mu.Unlock()
}

// bytesOf is the memory that leaves take.
func bytesOf(leaves []leaf) int {
	n := len(leaves) * leafBytes
	for _, l := range leaves {
		n += 2 + len(l.entry)
	}
	return n
}

// manyFiles is from where on one flush of the volume is cheaper than one per
// file. A flush of the volume also waits for everybody else's data on it.
const manyFiles = 48

// writeTiles writes bundles and tiles of the tree that extends the one of old
// entries with tail, makes them durable and removes partial ones that a full
// one replaces (C2SP tlog-tiles, "Partial Tiles"). tail begins at start, at or
// below old, with a whole bundle.
func (j *Journal) writeTiles(edge *proof.Edge, old, start uint64, tail []leaf) error {
	var filled []string // full files, whose partial ones may go
	all := j.disk.SyncsVolume() && len(tail)/proof.Width*2 > manyFiles
	put := func(name string, data []byte) error {
		return j.disk.Put(filepath.Join(j.logDir(), filepath.FromSlash(name)), data, !all)
	}
	full := func(level int, n uint64, data []byte) error {
		name := proof.TilePath(level, n, proof.Width)
		filled = append(filled, name)
		return put(name, data)
	}
	var data []byte // of one bundle; Put keeps nothing
	for i := 0; i < len(tail); i += proof.Width {
		n := (start + uint64(i)) / proof.Width
		part := tail[i:min(i+proof.Width, len(tail))]
		data = data[:0]
		for _, l := range part {
			data = proof.AppendBundled(data, l.entry)
		}
		name := proof.EntriesPath(n, len(part))
		if len(part) == proof.Width {
			filled = append(filled, name)
		}
		if err := put(name, data); err != nil {
			return err
		}
		for k, l := range part {
			if start+uint64(i+k) < old {
				continue
			}
			if err := edge.Add(l.hash, full); err != nil {
				return err
			}
		}
	}
	err := edge.Partials(func(level int, n uint64, width int, data []byte) error {
		return put(proof.TilePath(level, n, width), data)
	})
	if err != nil {
		return err
	}
	if err := j.disk.Barrier(all); err != nil {
		return err
	}
	for _, name := range filled {
		if err := j.disk.Remove(filepath.Join(j.logDir(), filepath.FromSlash(name)) + ".p"); err != nil {
			return err
		}
	}
	return nil
}

// cosign asks the witnesses about cp. It waits for them at most as long as the
// policy says, and not at all while memory is filling up: a checkpoint without
// cosignatures is better than appends that wait for somebody else's server.
func (j *Journal) cosign(ctx context.Context, cp proof.Checkpoint) proof.Checkpoint {
	if j.circle == nil || j.fillingUp() {
		return cp
	}
	ctx, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-j.pub.hurry:
			stop()
			j.pub.nudge(true)
		case <-ctx.Done():
		}
	})
	defer watching.Wait()
	defer stop()
	v := j.view()
	msg := j.circle.Cosign(ctx, cp, func(from uint64) (tlog.TreeProof, error) {
		if from == 0 || from >= cp.Size {
			return nil, nil
		}
		return tlog.ProveTree(int64(cp.Size), int64(from), v)
	})
	if cosigned, err := proof.OpenCheckpoint(msg, j.present.Load().Verifier); err == nil {
		return cosigned
	}
	return cp // no witness can spoil a checkpoint
}

func (j *Journal) fillingUp() bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.unpublished > j.o.maxTail/2
}

// askAgain is the least time between two requests about one checkpoint.
const askAgain = 50 * time.Millisecond

// cosignIn fires when witnesses are to be asked again about what is published;
// never, if all have cosigned it.
func (j *Journal) cosignIn() <-chan time.Time {
	if j.circle == nil {
		return nil
	}
	j.pub.mu.Lock()
	defer j.pub.mu.Unlock()
	size := j.published().Size
	if wait, due := j.circle.Wait(size); due && size > 0 && !j.pub.change.mute {
		return time.After(max(wait, askAgain))
	}
	return nil
}

// reask asks again; see cosignIn.
func (j *Journal) reask(ctx context.Context) {
	j.pub.mu.Lock()
	defer j.pub.mu.Unlock()
	err := j.cosignAgain(ctx, j.published())
	j.pub.stateMu.Lock()
	defer j.pub.stateMu.Unlock()
	if err != nil {
		j.pub.err = err
	}
}

// cosignAgain asks the witnesses that failed or were never asked about the
// checkpoint that is already published, once they have rested.
func (j *Journal) cosignAgain(ctx context.Context, cp proof.Checkpoint) error {
	if j.circle == nil || cp.Size == 0 {
		return nil
	}
	if wait, due := j.circle.Wait(cp.Size); !due || wait > 0 {
		return nil
	}
	more := j.cosign(ctx, cp)
	if len(more.Note) == len(cp.Note) {
		return nil
	}
	if err := j.putCheckpoint(more); err != nil {
		return err
	}
	j.adopt(more)
	return nil
}

func (j *Journal) putCheckpoint(cp proof.Checkpoint) error {
	err := j.disk.Put(filepath.Join(j.logDir(), proof.CheckpointFile), cp.Note, true)
	if err == nil {
		err = j.disk.Barrier(false)
	}
	if err != nil {
		return unavailable("Der Prüfpunkt lässt sich gerade nicht schreiben.", "The checkpoint cannot be written now.", err)
	}
	return nil
}

func (j *Journal) logDir() string { return filepath.Join(j.o.Dir, "log") }
