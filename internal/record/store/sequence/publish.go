package sequence

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

const (
	// chunk is how many entries one checkpoint covers at most beyond the last
	// one. Their tiles are what a publication keeps in memory: about 270 KiB.
	chunk = 8192

	// reading is the longest that a chunk of the longest entries (512 MiB) may take.
	reading = 30 * time.Second

	keptCheckpoints = 256
)

// publisher is the right edge of the published tree at the node that leads.
type publisher struct {
	mu    sync.Mutex // held during a publication
	ready bool       // edge and tree are those of cp
	cp    proof.Checkpoint
	edge  proof.Edge
	tree  proof.Range
}

// Publish publishes everything committed when it is called and returns a
// checkpoint that covers it. On a node that does not lead it asks the leader
// and waits; if nobody leads, it takes the lead for this one publication.
//
// Errors: problem.Unavailable when the database does not answer within 5 s or
// the leader gets no further for as long, problem.Corrupt when the stored tree does not check; the last
// checkpoint stays valid then.
func (j *Journal) Publish(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := j.look(ctx); err != nil {
		return nil, err
	}
	size := j.Size()
	if l := j.leading(); l != nil {
		cp, err := l.publish(ctx)
		if err == nil || !l.over() {
			return cp.Note, err
		}
	}
	tired := time.NewTimer(j.o.patience)
	defer tired.Stop()
	for last := j.reader().Checkpoint().Size; ; {
		moved, done := j.news()
		cp := j.reader().Checkpoint()
		if cp.Size >= size {
			done()
			return cp.Note, nil
		}
		if cp.Size > last { // a long tail takes several checkpoints
			last = cp.Size
			tired.Reset(j.o.patience)
		}
		err := j.ask(ctx)
		if err == nil {
			err = await(ctx, moved, tired.C)
		}
		done()
		if err != nil {
			return nil, err
		}
	}
}

// ask tells the leader to publish, or publishes if nobody leads.
func (j *Journal) ask(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, j.o.patience)
	defer cancel()
	var led bool
	err := j.reads.QueryRow(asking, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = ($1::bigint >> 32) & 4294967295 AND objid::bigint = $1::bigint & 4294967295), pg_notify($2, '')`, j.locks.lead, j.locks.channel).Scan(&led, nil)
	if err != nil {
		return unreachable(err)
	}
	if led {
		return nil
	}
	conn, err := j.candidate(ctx)
	if err != nil {
		return err
	}
	l, err := j.take(ctx, conn, false)
	if err != nil || l == nil {
		return errors.Join(err, closeNow(conn))
	}
	defer l.Release()
	_, err = l.publish(ctx)
	return err
}

// await returns when something moved, or after a moment, to ask again: the
// leader may have changed meanwhile.
func await(ctx context.Context, moved <-chan struct{}, tired <-chan time.Time) error {
	select {
	case <-moved:
	case <-time.After(4 * eager):
	case <-ctx.Done():
		return ctx.Err()
	case <-tired:
		return problem.New(problem.Unavailable, "Der führende Knoten hat das Journal nicht rechtzeitig veröffentlicht.",
			"The node that leads did not publish the journal in time.").
			WithHint("Der letzte Prüfpunkt gilt weiter. Bitte gleich noch einmal versuchen.", "The last checkpoint stays valid. Please try again in a moment.")
	}
	return nil
}

// published keeps the outcome of a publication for Status.
func (j *Journal) published(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.publishErr = err; err == nil {
		j.publishedAt = j.o.Now().UTC()
	}
}

// publish publishes everything committed.
func (l *Lead) publish(ctx context.Context) (proof.Checkpoint, error) {
	l.pub.mu.Lock()
	defer l.pub.mu.Unlock()
	cp, err := l.publishLocked(ctx)
	if errors.Is(err, errFenced) && !l.over() {
		// A publication of unknown outcome was stored after all: go on from it.
		cp, err = l.publishLocked(ctx)
	}
	if err != nil {
		l.Journal.published(err)
		return cp, err
	}
	cp, err = l.cosign(ctx, cp)
	l.Journal.published(err)
	return cp, nil // published it is, with or without witnesses
}

func (l *Lead) publishLocked(ctx context.Context) (proof.Checkpoint, error) {
	if l.over() {
		return proof.Checkpoint{}, errNotLeading(nil)
	}
	var size, published, epoch int64
	asking, cancel := context.WithTimeout(ctx, l.o.patience)
	defer cancel()
	if err := l.reads.QueryRow(asking, "SELECT size, published, epoch FROM journal_head").Scan(&size, &published, &epoch); err != nil {
		return l.reader().Checkpoint(), unreachable(err)
	}
	if epoch != l.epoch {
		l.lose(errFenced)
		return proof.Checkpoint{}, errNotLeading(errFenced)
	}
	l.grow(uint64(size))
	if !l.pub.ready || l.pub.cp.Size != uint64(published) {
		l.pub.ready = false
		if err := l.loadEdge(asking, uint64(published)); err != nil {
			return l.reader().Checkpoint(), err
		}
		l.pub.ready = true
	}
	for l.pub.cp.Size < uint64(size) {
		if err := l.extend(ctx, min(l.pub.cp.Size+chunk, uint64(size))); err != nil {
			l.pub.ready = false // what became of it is read anew
			return l.reader().Checkpoint(), err
		}
	}
	return l.pub.cp, nil
}

// loadEdge reads the stored tree over published entries. Every tile it takes is
// checked against the signed root, so that nothing wrong is ever extended.
func (l *Lead) loadEdge(ctx context.Context, published uint64) error {
	var msg []byte
	err := l.reads.QueryRow(ctx, "SELECT note FROM journal_checkpoints WHERE size = $1", int64(published)).Scan(&msg)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return unreachable(err)
	}
	cp, err := l.openCheckpoint(published, msg)
	if err != nil {
		return err
	}
	tiles := proof.NewTiles(tileFS{l.Journal}, cp)
	edge, err := proof.NewEdge(cp.Size, tiles)
	if err != nil {
		return err
	}
	tree, err := proof.NewRange(cp.Size, tiles)
	if err != nil {
		return err
	}
	if tree.Root() != cp.Root {
		return corrupt("journal_tiles", proof.None, fmt.Sprintf("Die Kacheln ergeben nicht die Wurzel des Prüfpunkts über %d Einträge.", cp.Size),
			fmt.Sprintf("the tiles do not yield the root of the checkpoint over %d entries.", cp.Size))
	}
	// The last checkpoint may be another leader's, which this node has not seen.
	if err := l.look(ctx); err != nil {
		return err
	}
	l.pub.cp, l.pub.edge, l.pub.tree = cp, edge, tree
	return nil
}

// tileRows are the rows of one publication, by column.
type tileRows struct {
	level, width []int32
	n            []int64
	data         [][]byte
}

func (t *tileRows) add(level int, n uint64, width int, data []byte) error {
	t.level, t.n = append(t.level, int32(level)), append(t.n, int64(n))
	t.width, t.data = append(t.width, int32(width)), append(t.data, data)
	return nil
}

func (t *tileRows) full(level int, n uint64, data []byte) error {
	return t.add(level, n, proof.Width, data)
}

// extend publishes a checkpoint over size entries, size beyond the last one.
func (l *Lead) extend(ctx context.Context, size uint64) error {
	old := l.pub.cp
	edge, tree := l.pub.edge.Clone(), l.pub.tree.Clone()
	var tiles tileRows
	if err := l.hash(ctx, old.Size, size, func(leaf tlog.Hash) error {
		tree.Append(leaf)
		return edge.Add(leaf, tiles.full)
	}); err != nil {
		return err
	}
	if err := edge.Partials(tiles.add); err != nil {
		return err
	}
	cp, err := l.sign(size, tree.Root())
	if err != nil {
		return err
	}
	if err := l.store(ctx, old.Size, cp, tiles); err != nil {
		return err
	}
	l.pub.cp, l.pub.edge, l.pub.tree = cp, edge, tree
	l.adopt(cp)
	return nil
}

// hash hands the leaf hashes of the entries [from, to) to leaf, one row at a
// time.
func (l *Lead) hash(ctx context.Context, from, to uint64, leaf func(tlog.Hash) error) error {
	ctx, cancel := context.WithTimeout(ctx, reading)
	defer cancel()
	rows, err := l.reads.Query(ctx, rowsSQL, int64(from), int64(to))
	if err != nil {
		return unreachable(err)
	}
	at := from
	var idx int64
	var e []byte
	_, err = pgx.ForEachRow(rows, []any{&idx, (*pgxRaw)(&e)}, func() error {
		if uint64(idx) != at {
			return missing(at)
		}
		at++
		return leaf(tlog.RecordHash(e))
	})
	switch {
	case problem.Is(err, problem.Corrupt):
		return err
	case err != nil:
		return unreachable(err)
	case at != to:
		return missing(at)
	}
	return nil
}

// storeSQL is one transaction of one round trip that holds only while this node
// leads and nobody else has published.
var storeSQL = fmt.Sprintf(`WITH h AS (UPDATE journal_head SET published = $3 WHERE epoch = $1 AND published = $2 AND size >= $3 RETURNING published),
t AS (INSERT INTO journal_tiles (level, n, width, data)
	SELECT t.level, t.n, t.width, t.data FROM h, unnest($4::int[], $5::bigint[], $6::int[], $7::bytea[]) AS t (level, n, width, data)
	ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, data = excluded.data),
c AS (INSERT INTO journal_checkpoints (size, note) SELECT h.published, $8 FROM h),
d AS (DELETE FROM journal_checkpoints WHERE EXISTS (SELECT 1 FROM h) AND
	size < (SELECT size FROM journal_checkpoints ORDER BY size DESC OFFSET %d LIMIT 1))
SELECT published FROM h`, keptCheckpoints-2)

func (l *Lead) store(ctx context.Context, old uint64, cp proof.Checkpoint, t tileRows) error {
	ctx, cancel := context.WithTimeout(ctx, l.o.patience)
	defer cancel()
	var stored int64
	err := l.writes.QueryRow(ctx, storeSQL, l.epoch, int64(old), int64(cp.Size), t.level, t.n, t.width, t.data, cp.Note).Scan(&stored)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errNotLeading(errFenced) // or somebody published meanwhile; see publish
	case err != nil:
		return problem.New(problem.Unavailable, "Das Journal lässt sich gerade nicht veröffentlichen.", "The journal cannot be published now.").Wrap(err)
	}
	return nil
}

// sign makes a checkpoint and checks it as a stranger would. Entries are never
// changed and a tree is signed only as the extension of the last stored one, so
// no two trees of one size are ever published.
func (j *Journal) sign(size uint64, root tlog.Hash) (proof.Checkpoint, error) {
	msg, err := note.Sign(&note.Note{Text: proof.Text(j.Origin(), size, root)}, j.o.Signer)
	if err != nil {
		return proof.Checkpoint{}, problem.New(problem.Unavailable, "Der Prüfpunkt lässt sich nicht unterschreiben.", "The checkpoint cannot be signed.").Wrap(err)
	}
	cp, err := proof.OpenCheckpoint(msg, j.verifier)
	if err != nil {
		return proof.Checkpoint{}, problem.New(problem.BadInput, "Signierschlüssel und öffentlicher Schlüssel des Journals passen nicht zusammen.",
			"Signing key and public key of the journal do not belong together.").Wrap(err)
	}
	return cp, nil
}
