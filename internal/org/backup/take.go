package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// take is one backup in the making.
type take struct {
	o          Options
	spool      string
	checkpoint proof.Checkpoint
	segments   []string // of the write-ahead log, copied into the spool
	archive    *archive
}

// tries bounds how often the write-ahead log is copied again because segments
// came or went meanwhile.
const tries = 100

// journal copies the write-ahead log into the spool and reads the checkpoint it
// belongs to. A segment goes only after a checkpoint that covers it, so the log
// reaches back to the checkpoint if the first segment was there before that was
// read; and it reaches beyond the checkpoint, being copied later.
func (t *take) journal(ctx context.Context) error {
	for range tries {
		if err := ctx.Err(); err != nil {
			return err
		}
		before, err := t.listSegments()
		if err != nil {
			return err
		}
		t.between("listed")
		msg, err := os.ReadFile(filepath.Join(t.o.Dir, "journal", "log", proof.CheckpointFile))
		if err != nil {
			return unreadable("journal/log/checkpoint", err)
		}
		if t.checkpoint, err = t.readCheckpoint(msg); err != nil {
			return err
		}
		whole := true
		for i, name := range before {
			t.between("next segment")
			ok, err := t.copySegment(name, i == len(before)-1)
			if err != nil {
				return err
			}
			whole = whole && ok
		}
		t.between("copied")
		after, err := t.listSegments()
		if err != nil {
			return err
		}
		if whole && len(before) > 0 && slices.Equal(before, after) {
			t.segments = before
			return nil
		}
	}
	return problem.New(problem.Unavailable, "Das Journal wächst schneller, als sich sein Schreibprotokoll kopieren lässt.",
		"The journal grows faster than its write-ahead log can be copied.").
		WithHint("Bitte zu einer ruhigeren Zeit noch einmal versuchen.", "Please try again at a quieter time.")
}

func (t *take) between(step string) {
	if t.o.between != nil {
		t.o.between(step)
	}
}

func (t *take) listSegments() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(t.o.Dir, "journal", "wal"))
	if err != nil {
		return nil, unreadable("journal/wal", err)
	}
	var names []string
	for _, e := range entries {
		if n := e.Name(); strings.HasSuffix(n, ".wal") && strings.Trim(n[:len(n)-4], "0123456789") == "" {
			names = append(names, n)
		}
	}
	return names, nil
}

// copySegment copies a segment that somebody may be appending to. It reads it
// twice: what both readings agree on from the start was there before the first
// one ended, without a gap, because the log is written from front to back. From
// the first difference on the copy holds zeros, as a segment does where nothing
// was written. ok is false if the segment went, or was still being closed.
func (t *take) copySegment(name string, last bool) (ok bool, err error) {
	src, err := os.Open(filepath.Join(t.o.Dir, "journal", "wal", name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unreadable("journal/wal/"+name, err)
	}
	defer src.Close() //nolint:errcheck // read only
	dst, err := os.OpenFile(filepath.Join(t.spool, name), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return false, unwritable(err)
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	info, err := src.Stat()
	if err != nil {
		return false, unreadable("journal/wal/"+name, err)
	}
	whole, err := copyGrowing(dst, src, info.Size())
	if err != nil {
		return false, unwritable(err)
	}
	return whole || last, nil
}

// copyGrowing copies size bytes into an empty file; whole says that both
// readings were the same.
func copyGrowing(dst *os.File, src io.ReaderAt, size int64) (whole bool, err error) {
	if _, err := io.CopyN(dst, io.NewSectionReader(src, 0, size), size); err != nil {
		return false, err
	}
	at, err := difference(io.NewSectionReader(src, 0, size), io.NewSectionReader(dst, 0, size))
	if err != nil || at == size {
		return err == nil, err
	}
	return false, errors.Join(dst.Truncate(at), dst.Truncate(size))
}

// difference returns the offset of the first byte in which two readers of equal
// length differ, or their length.
func difference(a, b io.Reader) (at int64, err error) {
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(a, x)
		if _, err := io.ReadFull(b, y[:n]); err != nil && n > 0 {
			return at, err
		}
		if !bytes.Equal(x[:n], y[:n]) {
			for i := range n {
				if x[i] != y[i] {
					return at + int64(i), nil
				}
			}
		}
		at += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return at, nil
		case err != nil:
			return at, err
		}
	}
}

// readCheckpoint verifies a checkpoint with the journal's public keys, if the
// folder is not older than their list.
func (t *take) readCheckpoint(msg []byte) (proof.Checkpoint, error) {
	raw, err := os.ReadFile(t.file("journal/log/" + proof.KeysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return unverified(msg)
	}
	if err != nil {
		return proof.Checkpoint{}, unreadable("journal/log/keys", err)
	}
	keys, err := proof.ParseKeys(raw)
	if err != nil {
		return proof.Checkpoint{}, err
	}
	cp, _, err := proof.OpenUnderAny(msg, keys)
	return cp, err
}

// unverified reads a checkpoint without its key. Whether its signature is good
// is seen when the key is there, at the restore.
func unverified(msg []byte) (proof.Checkpoint, error) {
	var u *note.UnverifiedNoteError
	_, err := note.Open(msg, note.VerifierList())
	if !errors.As(err, &u) {
		return proof.Checkpoint{}, damagedJournal(err)
	}
	lines := strings.Split(u.Note.Text, "\n")
	if len(lines) < 4 {
		return proof.Checkpoint{}, damagedJournal(errors.New("three lines expected"))
	}
	cp := proof.Checkpoint{Origin: lines[0], Note: msg}
	if _, err := fmt.Sscanf(lines[1], "%d", &cp.Size); err != nil {
		return cp, damagedJournal(err)
	}
	if cp.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return cp, damagedJournal(err)
	}
	return cp, nil
}

func damagedJournal(err error) error {
	return problem.New(problem.Corrupt, "Der Prüfpunkt des Journals hat nicht die verlangte Form.", "The journal's checkpoint is not in the required form.").
		WithHint("Der Ordner ist beschädigt. Bitte nichts überschreiben und eine ältere Sicherung daneben legen.",
			"The folder is damaged. Please overwrite nothing and put an older backup beside it.").Wrap(err)
}

// members writes everything in the order that the package comment gives.
func (t *take) members(ctx context.Context, h Head) error {
	a := t.archive
	if err := a.putJSON(headName, h); err != nil {
		return unwritable(err)
	}
	if _, err := a.putFile("org.db", filepath.Join(t.spool, "org.db")); err != nil {
		return unwritable(err)
	}
	for _, s := range t.segments {
		if _, err := a.putFile("journal/wal/"+s, filepath.Join(t.spool, s)); err != nil {
			return unwritable(err)
		}
	}
	if err := a.putBytes("journal/log/"+proof.CheckpointFile, t.checkpoint.Note); err != nil {
		return unwritable(err)
	}
	if err := t.tiles(ctx); err != nil {
		return err
	}
	if err := t.vault(ctx); err != nil {
		return err
	}
	if err := t.rest(ctx, h); err != nil {
		return err
	}
	return ctx.Err()
}

// tiles writes the published files of the checkpoint's tree. Entries are read
// checked, tiles are made of them anew.
func (t *take) tiles(ctx context.Context) error {
	read := proof.NewTiles(os.DirFS(filepath.Join(t.o.Dir, "journal", "log")), t.checkpoint)
	var edge proof.Edge
	put := func(name string, data []byte) error {
		if err := t.archive.putBytes("journal/log/"+name, data); err != nil {
			return unwritable(err)
		}
		return nil
	}
	full := func(level int, n uint64, data []byte) error { return put(proof.TilePath(level, n, proof.Width), data) }
	var bundle []byte
	for rec, err := range read.Entries(ctx, 0, t.checkpoint.Size) {
		if err != nil {
			return err
		}
		bundle = proof.AppendBundled(bundle, rec.Entry)
		if err := edge.Add(tlog.RecordHash(rec.Entry), full); err != nil {
			return err
		}
		if width := int(rec.Index%proof.Width) + 1; width == proof.Width || rec.Index+1 == t.checkpoint.Size {
			if err := put(proof.EntriesPath(rec.Index/proof.Width, width), bundle); err != nil {
				return err
			}
			bundle = bundle[:0]
		}
	}
	return edge.Partials(func(level int, n uint64, width int, data []byte) error {
		return put(proof.TilePath(level, n, width), data)
	})
}

// keyNames lists the files of keys/, without those in the making.
func (t *take) keyNames() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(t.o.Dir, "keys"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // all keys may lie elsewhere
		return nil, unreadable("keys", err)
	}
	names := []string{}
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && !strings.HasSuffix(e.Name(), ".new") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// keys describes the files of keys/.
func (t *take) keys() ([]Key, error) {
	names, err := t.keyNames()
	keys := make([]Key, len(names))
	for i, n := range names {
		raw, rerr := os.ReadFile(t.file("keys/" + n))
		if rerr != nil {
			return nil, unreadable("keys/"+n, rerr)
		}
		sum := sha256.Sum256(raw)
		keys[i] = Key{Name: n, SHA256: hex.EncodeToString(sum[:]), Inside: !t.o.WithoutKeys}
	}
	return keys, err
}

// elsewhere are the parts of a folder that are not copied by rest: they have an
// order of their own, belong to the running process, or can be left out.
func elsewhere(name string) bool {
	switch name {
	case "org.db", "org.db-wal", "org.db-shm", "org.db-journal", "journal/wal", "journal/tmp", "journal/lock", "journal/log/tile",
		"journal/log/" + proof.CheckpointFile, "vault/blobs", "vault/keys", "vault/tmp", "keys":
		return true
	}
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, ".new")
}

// rest writes the small files that lie beside the three stores, and the keys.
func (t *take) rest(ctx context.Context, h Head) error {
	err := filepath.WalkDir(t.o.Dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || file == t.o.Dir {
			return err
		}
		rel, err := filepath.Rel(t.o.Dir, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case elsewhere(name) && e.IsDir():
			return fs.SkipDir
		case elsewhere(name) || !e.Type().IsRegular():
			return ctx.Err()
		}
		return t.small(name)
	})
	if err != nil {
		return unreadable(t.o.Dir, err)
	}
	for _, k := range h.Keys {
		if !k.Inside {
			continue
		}
		if err := t.small("keys/" + k.Name); err != nil {
			return err
		}
	}
	return nil
}

// small writes a file that may be replaced, whole, while it is read.
func (t *take) small(name string) error {
	raw, err := os.ReadFile(t.file(name))
	if err != nil {
		return unreadable(name, err)
	}
	return t.member(name, raw)
}

func (a *archive) putBytes(name string, data []byte) error {
	_, err := a.put(name, int64(len(data)), bytes.NewReader(data))
	return err
}
