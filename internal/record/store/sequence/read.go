package sequence

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/text"
)

// step is how many unpublished entries are read at once, at most 16 MiB.
const step = proof.Width

// corrupt names the first place in the tables that does not check.
func corrupt(table string, index int64, de, en string) *problem.Problem {
	b := &proof.Break{File: table, Offset: proof.None, Index: index, Reason: text.Bi{DE: de, EN: en}}
	p := b.Problem()
	return problem.New(problem.Corrupt, p.Say.DE, p.Say.EN).
		WithHint("Die Tabellen wurden nach dem Schreiben verändert oder beschädigt. Bitte nichts überschreiben und die Sicherung daneben legen.",
			"The tables were changed or damaged after they were written. Please overwrite nothing and put the backup beside them.").Wrap(b)
}

func noEntry(index, size uint64) error {
	return problem.Newf(problem.NotFound, "Das Journal hat keinen Eintrag %d; es endet bei %d Einträgen.",
		"The journal has no entry %d; it ends at %d entries.", index, size)
}

// Refresh learns what other nodes appended and published until now.
func (j *Journal) Refresh(ctx context.Context) error { return j.look(ctx) }

// look reads the head and learns from it what other nodes did.
func (j *Journal) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, j.o.patience)
	defer cancel()
	if err := j.refused(); err != nil {
		return err
	}
	j.mu.Lock()
	knownSize, known := j.size, j.tiles.Checkpoint()
	j.mu.Unlock()
	var size, published int64
	var msg []byte
	err := j.reads.QueryRow(ctx, "SELECT h.size, h.published, c.note FROM journal_head h LEFT JOIN journal_checkpoints c ON c.size = h.published AND (h.published <> $1 OR octet_length(c.note) > $2)", int64(known.Size), len(known.Note)).
		Scan(&size, &published, &msg)
	if err != nil {
		return unreachable(err)
	}
	if uint64(size) < knownSize {
		return j.shrunk(uint64(size), knownSize)
	}
	if uint64(published) < known.Size {
		return j.shrunk(uint64(published), known.Size)
	}
	j.grow(uint64(size))
	if uint64(published) == known.Size && msg == nil {
		return nil // nor did a witness cosign it since
	}
	cp, err := j.openCheckpoint(uint64(published), msg)
	if err != nil {
		return err
	}
	// Read without the cache, so that nothing of the old tree vouches for the new.
	root, err := proof.NewTiles(tileFS{j}, cp).Root(known.Size)
	if err != nil {
		return err
	}
	if root != known.Root {
		return corrupt("journal_checkpoints", proof.None, fmt.Sprintf("Der Prüfpunkt über %d Einträge setzt den über %d nicht fort.", cp.Size, known.Size),
			fmt.Sprintf("the checkpoint over %d entries does not extend the one over %d.", cp.Size, known.Size))
	}
	j.adopt(cp)
	return nil
}

// adopt makes cp, which is checked, the current checkpoint, if it is over more
// entries or more have signed it.
func (j *Journal) adopt(cp proof.Checkpoint) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if have := j.tiles.Checkpoint(); cp.Size > have.Size || cp.Size == have.Size && cp.Root == have.Root && len(cp.Note) > len(have.Note) {
		j.tiles = j.tiles.Grow(cp)
		j.size = max(j.size, cp.Size)
		j.wakeWaiters()
	}
}

// openCheckpoint checks the row of the checkpoint over size entries.
func (j *Journal) openCheckpoint(size uint64, msg []byte) (proof.Checkpoint, error) {
	if msg == nil {
		return proof.Checkpoint{}, corrupt("journal_checkpoints", proof.None, fmt.Sprintf("Der Prüfpunkt über %d Einträge fehlt.", size),
			fmt.Sprintf("the checkpoint over %d entries is missing.", size))
	}
	cp, err := proof.OpenCheckpoint(msg, j.verifier)
	if err != nil {
		return proof.Checkpoint{}, err
	}
	if cp.Size != size {
		return proof.Checkpoint{}, corrupt("journal_checkpoints", proof.None, fmt.Sprintf("Der Prüfpunkt über %d Einträge nennt %d.", size, cp.Size),
			fmt.Sprintf("the checkpoint over %d entries names %d.", size, cp.Size))
	}
	return cp, nil
}

// watch looks at the head: every second, and every 50 ms while somebody waits.
func (j *Journal) watch() {
	timer := time.NewTimer(relaxed)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-j.hurry:
		case <-j.ctx.Done():
			return
		}
		err := j.look(j.ctx)
		if problem.Is(err, problem.Corrupt) {
			j.published(err)
			j.o.Log.Error("the journal does not check", "schema", j.o.Schema, "err", err)
		}
		j.mu.Lock()
		pause := relaxed
		if j.waiting > 0 {
			pause = eager
		}
		j.mu.Unlock()
		timer.Reset(pause)
	}
}

// news returns a channel that is closed when size or checkpoint move. The
// caller must call done when it no longer waits.
func (j *Journal) news() (moved <-chan struct{}, done func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	j.waiting++
	select {
	case j.hurry <- struct{}{}:
	default:
	}
	return j.grown, func() {
		j.mu.Lock()
		j.waiting--
		j.mu.Unlock()
	}
}

// Wait returns when Size() > size, or with an error when ctx ends or the
// journal is closed or broken. It outlasts a server that is away.
func (j *Journal) Wait(ctx context.Context, size uint64) error {
	for {
		moved, done := j.news()
		err := j.refused()
		enough := err == nil && j.Size() > size
		if err != nil || enough {
			done()
			return err
		}
		select {
		case <-moved:
			done()
		case <-ctx.Done():
			done()
			return ctx.Err()
		}
	}
}

// reach looks at the database if this node knows fewer than size entries.
func (j *Journal) reach(ctx context.Context, size uint64) error {
	if j.Size() >= size {
		return nil
	}
	return j.look(ctx)
}

// Entry returns one entry, checked against the last checkpoint unless it is
// newer. Errors: problem.NotFound beyond the end, problem.Corrupt naming the
// place, problem.Unavailable without the database.
func (j *Journal) Entry(ctx context.Context, index uint64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tiles := j.reader()
	if index < tiles.Checkpoint().Size {
		e, err := tiles.Entry(index)
		return bytes.Clone(e), err
	}
	if err := j.reach(ctx, index+1); err != nil {
		return nil, err
	}
	if size := j.Size(); index >= size {
		return nil, noEntry(index, size)
	}
	entries, err := j.rows(ctx, index, index+1)
	if err != nil {
		return nil, err
	}
	return entries[0], nil
}

// Entries iterates over [from, to) in order; a to beyond the end stops at the
// end as the database knows it when the iteration begins. Every entry is
// checked as by Entry. The iteration ends after its first error. The bytes may
// be kept, but must not be changed. No connection is held between two entries.
func (j *Journal) Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		if err := j.reach(ctx, to); err != nil {
			yield(ledger.Record{Index: from}, err)
			return
		}
		j.mu.Lock()
		tiles, to := j.tiles, min(to, j.size)
		j.mu.Unlock()
		checked := tiles.Checkpoint().Size
		for r, err := range tiles.Entries(ctx, from, min(to, checked)) {
			if !yield(r, err) || err != nil {
				return
			}
		}
		for at := max(from, checked); at < to; {
			entries, err := j.rows(ctx, at, min(at+step, to))
			if err != nil {
				yield(ledger.Record{Index: at}, err)
				return
			}
			for _, e := range entries {
				if !yield(ledger.Record{Index: at, Entry: e}, nil) {
					return
				}
				at++
			}
		}
	}
}

const rowsSQL = "SELECT idx, entry FROM journal_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx"

// rows returns the committed entries [from, to) as they stand in the table.
func (j *Journal) rows(ctx context.Context, from, to uint64) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, j.o.patience)
	defer cancel()
	found, err := j.reads.Query(ctx, rowsSQL, int64(from), int64(to))
	if err != nil {
		return nil, unreachable(err)
	}
	at := from
	entries, err := pgx.AppendRows(make([][]byte, 0, to-from), found, func(r pgx.CollectableRow) (e []byte, err error) {
		var idx int64
		err = r.Scan(&idx, &e)
		if err == nil && uint64(idx) != at {
			err = missing(at)
		}
		at++
		return e, err
	})
	switch {
	case problem.Is(err, problem.Corrupt):
		return nil, err
	case err != nil:
		return nil, unreachable(err)
	case at != to:
		return nil, missing(at)
	}
	return entries, nil
}

func missing(index uint64) error {
	return corrupt("journal_entries", int64(index), "Die Zeile fehlt.", "the row is missing.")
}

// Proof returns the inclusion proof of the entry at index in the tree of the
// first size entries. What it needs is published first, see Publish.
func (j *Journal) Proof(ctx context.Context, index, size uint64) (tlog.RecordProof, error) {
	tiles, err := j.covering(ctx, size)
	if err != nil {
		return nil, err
	}
	return tiles.Proof(index, size)
}

// TreeProof returns the proof that the tree of the first to entries extends the
// tree of the first from entries; it is empty if from is 0 or equals to. What
// it needs is published first, see Publish.
func (j *Journal) TreeProof(ctx context.Context, from, to uint64) (tlog.TreeProof, error) {
	tiles, err := j.covering(ctx, to)
	if err != nil {
		return nil, err
	}
	return tiles.TreeProof(from, to)
}

// covering returns the reader of a checkpoint over at least size entries.
func (j *Journal) covering(ctx context.Context, size uint64) (*proof.Tiles, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if tiles := j.reader(); size <= tiles.Checkpoint().Size {
		return tiles, nil
	}
	if err := j.reach(ctx, size); err != nil {
		return nil, err
	}
	if have := j.Size(); size > have {
		return nil, noEntry(size-1, have)
	}
	if _, err := j.Publish(ctx); err != nil {
		return nil, err
	}
	return j.reader(), nil
}

// ProofFile returns a C2SP tlog-proof of the entry against the last checkpoint;
// if the entry is newer, it is published first.
func (j *Journal) ProofFile(ctx context.Context, index uint64) ([]byte, error) {
	tiles, err := j.covering(ctx, index+1)
	if err != nil {
		return nil, err
	}
	cp := tiles.Checkpoint()
	p, err := tiles.Proof(index, cp.Size)
	if err != nil {
		return nil, err
	}
	return proof.File{Index: index, Proof: p, Checkpoint: cp.Note}.Marshal(), nil
}
