// Package backup writes an organisation's folder into one file while a server
// works on it, and makes a folder of such a file again after everything in it
// was checked.
//
// # What is in a backup
//
// A tar archive that any tar reads, streamed, with memory that does not grow
// with the organisation:
//
//	backup.json     what it is: organisation, time, program, checkpoint of the journal
//	org.json        the name
//	org.db          the database, one instant of it
//	journal/log/    checkpoint, tiles and entry bundles (C2SP tlog-tiles)
//	journal/wal/    the write-ahead log beyond that checkpoint
//	vault/          encrypted payloads, subjects' keys (wrapped by the master key)
//	keys/           journal, seal and master key; left out on request
//	MANIFEST        SHA-256, size and name of every member, in order
//
// # Why it is consistent
//
// The database is copied first, then the write-ahead log, then the checkpoint's
// tiles, then blobs, then subjects' keys. Whatever refers to something was
// written after it, so a copy in this order never knows more than what it
// refers to: the database's places in the journal exist, the journal's payloads
// exist, the blobs' keys exist. Everything that was acknowledged before Write
// began is in it. Nothing is locked and nothing of the folder is changed.
//
// The journal's entries are not copied as files but read through their tiles:
// each is checked against the root of the checkpoint. A blob must have the hash
// of its name. A backup of damaged data fails and names the file.
//
// # What it leaves to whom
//
// The file is as secret as what is in it: with keys it opens everything, and it
// keeps readable what is erased later (GDPR Art. 17), so backups must end
// within the erasure period. That the file is the newest one, only a checkpoint
// kept elsewhere shows; see Restore. An organisation on PostgreSQL is copied into a
// folder first, while its nodes work: WriteDatabase.
package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/snapshot"
)

// Options say what is backed up. Dir and Slug are required.
type Options struct {
	Dir         string // the organisation's folder
	Slug        string
	WithoutKeys bool   // leave keys/ out; a restore needs them from elsewhere
	Spool       string // folder with room for the database and the write-ahead log; default: the system's temporary one
	Program     string // version of this program, for the record
	Now         func() time.Time

	between func(step string) // tests only: something happens here
}

// Summary says what a backup holds.
type Summary struct {
	Head
	Members int64 `json:"members"`
	Bytes   int64 `json:"bytes"` // of the members, without the archive's own
}

// Write writes a backup of the folder to w. A server may be working on it. It
// needs room in Options.Spool for the database and, as a rule, two segments of
// the write-ahead log.
//
// Errors: problem.NotFound when the folder holds no organisation,
// problem.Corrupt when something in it does not verify, with its name,
// problem.Conflict when a key was changed meanwhile,
// problem.Unavailable when it cannot be read or w cannot be written. What was
// written to w before an error is no backup, and Restore refuses it.
func Write(ctx context.Context, o Options, w io.Writer) (s Summary, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := present(o.Dir); err != nil {
		return s, err
	}
	spool, err := os.MkdirTemp(o.Spool, ".augenmass-backup-*")
	if err != nil {
		return s, unwritable(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()

	t := take{o: o, spool: spool}
	keys, err := t.keyState()
	if err != nil {
		return s, err
	}
	s.Head = Head{Format: format, Program: o.Program, Slug: o.Slug, TakenAt: o.Now().UTC().Truncate(time.Second)}
	if err := snapshot.Take(ctx, filepath.Join(o.Dir, "org.db"), filepath.Join(spool, "org.db")); err != nil {
		return s, err
	}
	if err := t.journal(ctx); err != nil {
		return s, err
	}
	s.Journal = Journal{Origin: t.checkpoint.Origin, Size: t.checkpoint.Size, Root: t.checkpoint.Root.String(), Checkpoint: string(t.checkpoint.Note)}
	if s.Keys, err = t.keys(); err != nil {
		return s, err
	}
	t.archive, err = newArchive(w, filepath.Join(spool, "manifest"), s.TakenAt)
	if err != nil {
		return s, unwritable(err)
	}
	err = t.members(ctx, s.Head)
	if now, late := t.keyState(); err == nil && (late != nil || now != keys) {
		err = errors.Join(late, keysChanged())
	}
	if err == nil {
		err = t.archive.finish()
	}
	s.Members, s.Bytes = t.archive.members, t.archive.bytes
	return s, errors.Join(err, t.archive.close())
}

// present says whether a folder holds an organisation.
func present(dir string) error {
	for _, f := range []string{"org.db", filepath.Join("journal", "log", "checkpoint")} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			return problem.Newf(problem.NotFound, "Im Ordner „%s“ liegt keine Organisation.", "There is no organisation in the folder '%s'.", dir).
				WithHint("Bitte --data und --org prüfen. Eine Organisation auf PostgreSQL wird mit --database gesichert.",
					"Please check --data and --org. An organisation on PostgreSQL is backed up with --database.").Wrap(err)
		}
	}
	return nil
}

func unwritable(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return err
	}
	return problem.New(problem.Unavailable, "Die Sicherung lässt sich nicht schreiben.", "The backup cannot be written.").
		WithHint("Ist am Ziel Platz frei, und darf das Programm dort schreiben?", "Is there room at the target, and may the program write there?").Wrap(err)
}

func unreadable(name string, err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return err
	}
	return problem.Newf(problem.Unavailable, "„%s“ lässt sich nicht lesen.", "'%s' cannot be read.", name).
		WithHint("Bitte Rechte und Datenträger prüfen.", "Please check permissions and disk.").Wrap(err)
}

// archive writes members and remembers their hashes, on disk.
type archive struct {
	tar     *tar.Writer
	file    *os.File // the manifest in the making
	list    *bufio.Writer
	sum     hash.Hash // over the lines so far
	at      time.Time
	members int64
	bytes   int64
}

func newArchive(w io.Writer, manifest string, at time.Time) (*archive, error) {
	f, err := os.OpenFile(manifest, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	a := &archive{tar: tar.NewWriter(w), file: f, sum: sha256.New(), at: at}
	a.list = bufio.NewWriter(io.MultiWriter(f, a.sum))
	return a, nil
}

// put writes one member of exactly size bytes and returns its hash.
func (a *archive) put(name string, size int64, r io.Reader) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	h := sha256.New()
	if err := a.member(name, size, io.TeeReader(r, h)); err != nil {
		return "", err
	}
	l := line{sum: hex.EncodeToString(h.Sum(nil)), size: size, name: name}
	a.members++
	a.bytes += size
	_, err := a.list.WriteString(l.String())
	return l.sum, err
}

func (a *archive) member(name string, size int64, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.at}); err != nil {
		return err
	}
	n, err := io.CopyN(a.tar, r, size)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s became shorter while it was read: %d of %d bytes", name, n, size)
	}
	return err
}

// putFile writes a file that nobody changes, and returns its hash.
func (a *archive) putFile(name, path string) (sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return a.put(name, info.Size(), f)
}

func (a *archive) putJSON(name string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	return a.putBytes(name, raw)
}

// finish writes the manifest and ends the archive.
func (a *archive) finish() error {
	if err := a.list.Flush(); err != nil {
		return unwritable(err)
	}
	end := ending{members: a.members, sum: hex.EncodeToString(a.sum.Sum(nil))}
	if _, err := a.list.WriteString(end.String()); err != nil {
		return unwritable(err)
	}
	if err := a.list.Flush(); err != nil {
		return unwritable(err)
	}
	size, err := a.file.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = a.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = a.member(manifestName, size, a.file)
	}
	if err == nil {
		err = a.tar.Close()
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

func (a *archive) close() error { return a.file.Close() }
