package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// replay reads the write-ahead log back and computes every root in it again.
type replay struct {
	j     *Journal
	cp    proof.Checkpoint // last on disk
	tiles *proof.Tiles
	tree  proof.Range
	marks []expected // roots that the tree must have, by size
	tail  []leaf

	// Of the segment read last:
	header segmentHeader
	name   string
	end    int  // where its frames end and its seal belongs
	marked bool // the mark in front of end is there
	sealed bool // there is a seal
}

// expected is a root that somebody was told.
type expected struct {
	size uint64
	root tlog.Hash
	file string // where it stands; empty: kept elsewhere
}

func (r *replay) run(segments []string) error {
	if err := r.expect(); err != nil {
		return err
	}
	for i, name := range segments {
		if err := r.segment(name, i == 0, i == len(segments)-1); err != nil {
			return err
		}
	}
	if len(r.marks) > 0 {
		m := r.marks[0]
		if m.file == "" {
			return older(r.tree.Size(), m.size)
		}
		return corrupt(r.name, int64(r.end), int64(r.tree.Size()), "Das Schreibprotokoll endet bei %d Einträgen; ein Prüfpunkt nennt %d.",
			"the write-ahead log ends at %d entries; a checkpoint names %d.", r.tree.Size(), m.size)
	}
	j := r.j
	j.wal.tree = r.tree
	j.head = Head{Size: r.tree.Size(), Root: r.tree.Root()}
	j.tail = r.tail
	j.tailStart = r.cp.Size &^ (proof.Width - 1)
	j.unpublished = bytesOf(j.tail[r.cp.Size-j.tailStart:])
	return nil
}

// expect gathers the roots that were told, and checks at once those of trees
// that are already published.
func (r *replay) expect() error {
	r.marks = []expected{{r.cp.Size, r.cp.Root, "log/" + proof.CheckpointFile}}
	for _, known := range r.j.o.Known {
		cp, by, err := proof.OpenUnderAny(known, r.j.keys)
		if err != nil {
			return problem.New(problem.BadInput, "Ein anderswo aufbewahrter Prüfpunkt ist unlesbar oder gehört nicht zu diesem Journal.",
				"A checkpoint kept elsewhere is unreadable or does not belong to this journal.").Wrap(err)
		}
		given, err := r.givenUp(cp, by)
		if err != nil {
			return err
		}
		if given {
			continue
		}
		if cp.Size >= r.cp.Size {
			r.marks = append(r.marks, expected{size: cp.Size, root: cp.Root})
			continue
		}
		root, err := r.tiles.Root(cp.Size)
		if err != nil {
			return err
		}
		if root != cp.Root {
			return forked(cp.Size)
		}
	}
	slices.SortStableFunc(r.marks, func(a, b expected) int { return int(int64(a.size) - int64(b.size)) })
	return nil
}

// older is the problem of a folder that ends before a checkpoint kept elsewhere.
func older(have, known uint64) *problem.Problem {
	return corrupt("", proof.None, int64(have), "Das Journal endet bei %d Einträgen; ein anderswo aufbewahrter Prüfpunkt nennt %d. Der Ordner ist ein alter Stand.",
		"the journal ends at %d entries; a checkpoint that was kept elsewhere names %d. The folder is an old copy.", have, known).
		WithHint("Bitte die neuere Sicherung einspielen. Gibt es keine, führt „augenmass restore“ das Journal unter einem neuen Namen fort, der den alten nennt.",
			"Please restore the newer backup. If there is none, 'augenmass restore' continues the journal under a new name that names the old one.")
}

func forked(size uint64) *problem.Problem {
	return corrupt("", proof.None, proof.None, "Das Journal weicht von einem anderswo aufbewahrten Prüfpunkt über %d Einträge ab; es wird nicht weitergeführt.",
		"the journal differs from a checkpoint over %d entries that was kept elsewhere; it is not continued.", size)
}

// confirm compares the tree with the roots told for its size.
func (r *replay) confirm(file string, offset int64) error {
	for len(r.marks) > 0 && r.marks[0].size == r.tree.Size() {
		m := r.marks[0]
		r.marks = r.marks[1:]
		if m.root == r.tree.Root() {
			continue
		}
		if m.file == "" {
			return forked(m.size)
		}
		return corrupt(file, offset, int64(m.size), "Die Wurzel über %d Einträge ist nicht die unterschriebene.",
			"the root over %d entries is not the signed one.", m.size)
	}
	return nil
}

// begin sets the tree to where the first segment starts. Everything before is
// published, so its subtrees come, checked, from the tiles.
func (r *replay) begin(name string, h segmentHeader) error {
	if h.first > r.cp.Size {
		return corrupt(name, 0, int64(r.cp.Size), "Das Schreibprotokoll beginnt erst bei Eintrag %d; veröffentlicht sind %d.",
			"the write-ahead log begins at entry %d; %d are published.", h.first, r.cp.Size)
	}
	var err error
	if r.tree, err = proof.NewRange(h.first, r.tiles); err != nil {
		return err
	}
	// The last bundle may not be full; the next publication writes it anew.
	for i := r.cp.Size &^ (proof.Width - 1); i < h.first; i++ {
		e, err := r.tiles.Entry(i)
		if err != nil {
			return err
		}
		r.tail = append(r.tail, leaf{entry: e, hash: tlog.RecordHash(e)})
	}
	return nil
}

func (r *replay) segment(base string, first, last bool) error {
	name := "wal/" + base // as it is named to people
	data, err := os.ReadFile(filepath.Join(r.j.wal.dir, base))
	if err != nil {
		return unavailable("Das Schreibprotokoll lässt sich nicht lesen.", "The write-ahead log cannot be read.", err)
	}
	h, ok := parseSegmentHeader(data)
	if !ok {
		return corrupt(name, 0, proof.None, "Der Kopf des Segments ist beschädigt.", "the header of the segment is damaged.")
	}
	if int64(len(data)) != h.size {
		return corrupt(name, min(int64(len(data)), h.size), proof.None, "Das Segment ist %d Byte lang statt %d.", "the segment is %d bytes long instead of %d.", len(data), h.size)
	}
	if base != segmentName(h.number) || !first && h.number != r.header.number+1 {
		return corrupt(name, 0, proof.None, "Die Segmente folgen nicht aufeinander; eines fehlt oder heißt falsch.", "the segments do not follow each other; one is missing or misnamed.")
	}
	if first {
		if err := r.begin(name, h); err != nil {
			return err
		}
	}
	if !first {
		if err := r.closed(h, data); err != nil {
			return err
		}
	}
	if h.first != r.tree.Size() || h.root != r.tree.Root() {
		return corrupt(name, 0, int64(r.tree.Size()), "Das Segment schließt nicht an den Baum davor an.", "the segment does not continue the tree before it.")
	}
	if err := r.confirm(name, 0); err != nil {
		return err
	}
	r.header, r.name = h, name
	lastFrame, cause, err := r.frames(data)
	if err != nil {
		return err
	}
	if !last {
		r.j.wal.behind = append(r.j.wal.behind, written{number: h.number, end: r.tree.Size(), size: h.size})
		return nil
	}
	if r.sealed {
		return corrupt("wal/"+segmentName(h.number+1), proof.None, int64(r.tree.Size()), "Das Segment fehlt.", "the segment is missing.")
	}
	// What follows is the end of the log, a torn tail, or damage.
	from := r.end
	if lastFrame > 0 {
		from -= markBytes
	}
	if later(data[from:], h.salt, r.tree.Size()) {
		return r.damaged()
	}
	if errors.Is(cause, errBadFrame) {
		r.j.recovery.CutFile, r.j.recovery.CutAt = name, int64(r.end)
	}
	return r.reopen(base, data, lastFrame)
}

// closed checks the end of the segment before the one that h and data begin.
// Its seal was flushed before any frame behind it; without such a frame power
// may have failed in between, and the seal is written again.
func (r *replay) closed(h segmentHeader, data []byte) error {
	if h.first > r.tree.Size() {
		return r.damaged()
	}
	if r.sealed && r.marked || h.first < r.tree.Size() {
		return nil // the caller reports a tree that goes back
	}
	if f, err := parseFrame(data[headerBytes:], h.salt); err == nil && len(f.entries) > 0 {
		at := r.end
		if !r.marked {
			at -= markBytes
		}
		return corrupt(r.name, int64(at), proof.None, "Der Abschluss des Segments ist beschädigt.", "the seal of the segment is damaged.")
	}
	f, err := r.j.disk.OpenSegment(filepath.Join(r.j.o.Dir, filepath.FromSlash(r.name)))
	if err == nil {
		seal := append(mark(r.header.salt, r.tree.Size()), make([]byte, frameBytes)...)
		sealFrame(seal[markBytes:], r.header.salt, r.tree.Size(), 0, r.tree.Root())
		if r.end == headerBytes {
			seal = seal[markBytes:] // no frame, no mark
			_, err = f.WriteAt(seal, int64(r.end))
		} else {
			_, err = f.WriteAt(seal, int64(r.end-markBytes))
		}
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return unavailable("Das Schreibprotokoll lässt sich nicht fortsetzen.", "The write-ahead log cannot be continued.", err)
	}
	return nil
}

func (r *replay) damaged() error {
	return corrupt(r.name, int64(r.end), int64(r.tree.Size()), "Ein bestätigter Eintrag ist beschädigt.", "an acknowledged entry is damaged.")
}

// frames replays the frames of a segment up to r.end. It returns where the last
// one began (0 if there is none), and why it ended: errNoFrame, errBadFrame, or
// nil for a seal.
func (r *replay) frames(data []byte) (lastFrame int, cause, err error) {
	r.end, r.marked, r.sealed = headerBytes, true, false
	for {
		f, err := parseFrame(data[r.end:], r.header.salt)
		if err != nil {
			return lastFrame, err, nil
		}
		// Power may fail after this frame and before the mark in front of it
		// reach the disk; but once this frame was flushed, so was that mark.
		if size, ok := parseMark(data[r.end+f.bytes:], r.header.salt); !r.marked && ok && size == f.size {
			return 0, nil, corrupt(r.name, int64(r.end-markBytes), proof.None, "Der Schreibvermerk ist beschädigt.", "the flush mark is damaged.")
		}
		if err := r.apply(r.name, r.end, f); err != nil {
			return 0, nil, err
		}
		if len(f.entries) == 0 {
			r.sealed = true
			return lastFrame, nil, nil
		}
		lastFrame = r.end
		r.end += f.bytes
		if r.end+markBytes > len(data) {
			return 0, nil, corrupt(r.name, int64(r.end), proof.None, "Der Rahmen reicht über das Segment hinaus.", "the frame reaches beyond the segment.")
		}
		size, ok := parseMark(data[r.end:], r.header.salt)
		r.marked = ok && size == f.size
		r.end += markBytes
	}
}

// apply adds the entries of one frame to the tree and compares the roots.
func (r *replay) apply(name string, at int, f frame) error {
	if f.first != r.tree.Size() {
		return corrupt(name, int64(at), int64(r.tree.Size()), "Der Rahmen beginnt bei Eintrag %d statt %d.", "the frame begins at entry %d instead of %d.", f.first, r.tree.Size())
	}
	keep := r.cp.Size &^ (proof.Width - 1)
	for _, e := range f.entries {
		hash := tlog.RecordHash(e)
		if r.tree.Size() >= keep {
			r.tail = append(r.tail, leaf{entry: bytes.Clone(e), hash: hash}) // a clone, or it would hold the whole segment
		}
		r.tree.Append(hash)
		r.j.recovery.Replayed++
		if err := r.confirm(name, int64(at)); err != nil {
			return err
		}
	}
	if f.root != r.tree.Root() {
		return corrupt(name, int64(at), int64(f.first), "Die Einträge ergeben nicht die Wurzel, die der Rahmen nennt.", "the entries do not yield the root that the frame states.")
	}
	return nil
}

// reopen makes the last segment the active one. It writes the last frame again
// and flushes it: if a failed flush ended the last process, the bytes just read
// may exist in memory only. The mark in front of it goes along and the mark
// behind it follows, in the order in which replay expects them. Behind that it
// writes zeros if something was begun there.
func (r *replay) reopen(base string, data []byte, lastFrame int) error {
	j := r.j
	f, err := j.disk.OpenSegment(filepath.Join(j.wal.dir, base))
	if err != nil {
		return unavailable("Das Schreibprotokoll lässt sich nicht öffnen.", "The write-ahead log cannot be opened.", err)
	}
	j.wal.file, j.wal.header, j.wal.at = f, r.header, int64(r.end)
	if lastFrame > 0 {
		from, to := lastFrame, r.end-markBytes
		if lastFrame > headerBytes {
			from -= markBytes
			copy(data[from:], mark(r.header.salt, binary.BigEndian.Uint64(data[lastFrame+16:])))
		}
		_, err = f.WriteAt(data[from:to], int64(from))
		if err == nil {
			err = f.Sync()
		}
		if err == nil {
			_, err = f.WriteAt(mark(r.header.salt, r.tree.Size()), int64(to))
		}
	}
	if err == nil && j.recovery.CutFile != "" {
		_, err = f.WriteAt(make([]byte, len(data)-r.end), int64(r.end))
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return unavailable("Das Schreibprotokoll lässt sich nicht fortsetzen.", "The write-ahead log cannot be continued.", err)
	}
	return nil
}
