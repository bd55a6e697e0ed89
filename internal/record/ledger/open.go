package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/linger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/signing"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/text"
)

// Open opens the journal in o.Dir, or creates it. It replays what was not yet
// published, computes every root again, cuts a torn tail that was never
// acknowledged, and refuses everything else that does not check.
//
// Errors: problem.BadInput for wrong options, problem.Conflict when another
// process has the folder open, problem.Corrupt with file and offset (a
// *proof.Break is wrapped), problem.Unavailable when disk or key fail.
func Open(o Options) (*Journal, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	circle, err := o.circle()
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{o.Dir, filepath.Join(o.Dir, "wal"), filepath.Join(o.Dir, "log"), filepath.Join(o.Dir, "tmp")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, unavailable("Der Ordner des Journals lässt sich nicht anlegen.", "The folder of the journal cannot be made.", err)
		}
	}
	if err := errors.Join(disk.SyncDir(o.Dir), disk.SyncDir(filepath.Dir(o.Dir))); err != nil {
		return nil, unavailable("Der Ordner des Journals lässt sich nicht sichern.", "The folder of the journal cannot be flushed.", err)
	}
	lock, err := takeLock(o.Dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{o: o, disk: o.disk, lock: lock, circle: circle}
	j.pub.change.mute = o.mute
	j.queue.wake, j.queue.linger = make(chan struct{}, 1), linger.New()
	j.wal.dir = filepath.Join(o.Dir, "wal")
	j.wal.making = make(chan spareResult, 1)
	j.pub.grown, j.pub.hurry = make(chan struct{}, 1), make(chan struct{}, 1)
	if j.disk == nil {
		j.disk = disk.New(o.Dir, filepath.Join(o.Dir, "tmp"))
	}
	if err := j.recover(); err != nil {
		if late := j.release(); late != nil {
			err = errors.Join(err, late)
		}
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	j.stop = stop
	j.running.Go(func() { j.write(ctx) })
	j.running.Go(func() { j.follow(ctx) })
	if j.head.Size > j.published().Size || circle != nil {
		j.pub.nudge(false) // witnesses may know more than this folder
	}
	return j, nil
}

// circle gathers the witnesses of the options or, without any, of the folder.
func (o Options) circle() (*witness.Circle, error) {
	p := o.Witnesses
	if len(p.Witnesses) == 0 && p.Quorum == 0 {
		raw, err := os.ReadFile(filepath.Join(o.Dir, "witnesses"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, unavailable("Die Zeugenliste lässt sich nicht lesen.", "The witness policy cannot be read.", err)
		}
		named, err := witness.ParsePolicy(raw)
		if err != nil {
			return nil, err
		}
		p.Witnesses, p.Quorum = named.Witnesses, named.Quorum
	}
	return witness.New(p)
}

// complete checks the options and fills in the defaults.
func (o Options) complete() (Options, error) {
	var c problem.Checks
	c.Field(o.Dir != "", "Dir", "fehlt.", "is missing.")
	c.Field(signing.ValidOrigin(o.Origin), "Origin", "fehlt oder enthält Leerzeichen oder ein Plus.", "is missing or holds spaces or a plus.")
	c.Field(o.Signer == nil || o.VerifierKey != "", "VerifierKey", "gehört zum Signer und fehlt.", "belongs to the signer and is missing.")
	c.Field(o.Signer == nil || o.Signer.Name() == o.Origin, "Signer", "unterschreibt unter einem anderen Namen als Origin.", "signs under another name than Origin.")
	c.Field(o.SegmentBytes == 0 || o.SegmentBytes >= minSegmentBytes && o.SegmentBytes <= 1<<30, "SegmentBytes", "liegt nicht zwischen 4 KiB und 1 GiB.", "is not between 4 KiB and 1 GiB.")
	if err := c.Err(); err != nil {
		return o, err
	}
	if o.KeyFile == "" {
		o.KeyFile = filepath.Join(o.Dir, "signing.key")
	}
	if o.PublishEvery == 0 {
		o.PublishEvery = defaultPublishEvery
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = defaultSegmentBytes
	}
	if o.maxTail == 0 {
		o.maxTail = defaultMaxTail
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Witnesses.Now == nil {
		o.Witnesses.Now = o.Now
	}
	return o, nil
}

func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unavailable("Der Ordner des Journals lässt sich nicht sperren.", "The folder of the journal cannot be locked.", err)
	}
	busy, err := disk.Lock(f)
	if err == nil && !busy {
		return f, nil
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, unavailable("Der Ordner des Journals lässt sich nicht sperren.", "The folder of the journal cannot be locked.", err)
	}
	return nil, problem.Newf(problem.Conflict, "Das Journal in %s ist schon geöffnet.", "The journal in %s is already open.", dir).
		WithHint("Bitte das andere Programm auf diesem Ordner beenden, oder einen anderen Ordner wählen.",
			"Please stop the other program on this folder, or choose another folder.")
}

// recover brings the journal to the state of its last acknowledged entry.
func (j *Journal) recover() error {
	segments, err := j.listSegments()
	if err != nil {
		return err
	}
	keys, err := readKeys(j.logDir())
	if err != nil {
		return err
	}
	msg, err := os.ReadFile(filepath.Join(j.logDir(), proof.CheckpointFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(segments) == 0 && len(keys) < 2:
		return j.create()
	case errors.Is(err, fs.ErrNotExist):
		return corrupt("log/"+proof.CheckpointFile, proof.None, proof.None, "Der Prüfpunkt fehlt.", "the checkpoint is missing.")
	case err != nil:
		return unavailable("Der Prüfpunkt lässt sich nicht lesen.", "The checkpoint cannot be read.", err)
	}
	next, err := j.loadSigning(keys, msg)
	if err != nil {
		return err
	}
	cp, err := proof.OpenCheckpoint(msg, j.present.Load().Verifier)
	if err != nil {
		return err
	}
	if len(segments) == 0 {
		if cp.Size == 0 && cp.Root == proof.EmptyRoot {
			return j.firstSegment(cp) // creation was interrupted
		}
		return corrupt("wal", proof.None, int64(cp.Size), "Das Schreibprotokoll fehlt; der Prüfpunkt nennt %d Einträge.",
			"the write-ahead log is missing; the checkpoint names %d entries.", cp.Size)
	}
	r := replay{j: j, cp: cp, tiles: proof.NewTiles(j.TileFS(), cp)}
	if err := r.run(segments); err != nil {
		return err
	}
	if err := j.resumeChange(next, cp.Size); err != nil {
		return err
	}
	return j.start(cp, r.tiles)
}

// create makes a new journal: key, its public form, checkpoint of the empty
// tree, first segment, in this order, so that an interrupted creation can be
// told from a loss.
func (j *Journal) create() error {
	s, err := j.signingOfOptions(true)
	if err != nil {
		return err
	}
	if s.Origin() != j.o.Origin {
		return otherOrigin(s.Origin(), j.o.Origin)
	}
	j.present.Store(s)
	j.keys = []proof.Key{{VKey: s.VKey}}
	j.pub.change.keys = true
	if err := j.putKeys(); err != nil {
		return err
	}
	cp, err := s.Sign(0, proof.EmptyRoot, nil)
	if err != nil {
		return err
	}
	if err := j.putCheckpoint(cp); err != nil {
		return err
	}
	return j.firstSegment(cp)
}

func (j *Journal) firstSegment(cp proof.Checkpoint) error {
	name := j.wal.spareName()
	err := j.disk.CreateSegment(name, j.o.SegmentBytes)
	if err == nil {
		var s started
		s, err = j.startSegment(name, segmentHeader{number: 1, root: proof.EmptyRoot, size: j.o.SegmentBytes})
		j.wal.file, j.wal.header, j.wal.at = s.file, s.header, headerBytes
	}
	if err != nil {
		return unavailable("Das Schreibprotokoll des Journals lässt sich nicht anlegen.", "The write-ahead log of the journal cannot be made.", err)
	}
	j.head.Root = proof.EmptyRoot
	return j.start(cp, proof.NewTiles(j.TileFS(), cp))
}

// start sets what publisher and readers need.
func (j *Journal) start(cp proof.Checkpoint, tiles *proof.Tiles) error {
	edge, err := proof.NewEdge(cp.Size, tiles)
	if err != nil {
		return err
	}
	j.pub.edge = edge
	j.pub.durable.Store(cp.Size)
	j.tiles = tiles
	return nil
}

// listSegments returns the names of the segments in order and removes what an
// earlier process left unused.
func (j *Journal) listSegments() ([]string, error) {
	wal, err := os.ReadDir(j.wal.dir)
	if err != nil {
		return nil, unavailable("Das Schreibprotokoll lässt sich nicht lesen.", "The write-ahead log cannot be read.", err)
	}
	tmp, err := os.ReadDir(filepath.Join(j.o.Dir, "tmp"))
	if err != nil {
		return nil, unavailable("Der Ordner des Journals lässt sich nicht lesen.", "The folder of the journal cannot be read.", err)
	}
	var unused, segments []string
	for _, e := range tmp {
		unused = append(unused, filepath.Join(j.o.Dir, "tmp", e.Name()))
	}
	for _, e := range wal {
		switch {
		case strings.HasPrefix(e.Name(), sparePrefix):
			unused = append(unused, filepath.Join(j.wal.dir, e.Name()))
		case strings.HasSuffix(e.Name(), ".wal"):
			segments = append(segments, e.Name())
		}
	}
	for _, name := range unused {
		if err := os.Remove(name); err != nil {
			return nil, unavailable("Der Ordner des Journals lässt sich nicht aufräumen.", "The folder of the journal cannot be tidied.", err)
		}
	}
	return segments, nil // ReadDir sorts by name, names order like numbers
}

func corrupt(file string, offset, index int64, de, en string, args ...any) *problem.Problem {
	b := &proof.Break{File: file, Offset: offset, Index: index, Reason: text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}}
	return b.Problem()
}
