package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"augenmass/internal/problem"
)

// unpack reads a backup from r into the empty folder dir and compares every
// member with the manifest. Names cannot lead out of dir, not even over links.
func unpack(ctx context.Context, r io.Reader, dir string) (h Head, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return h, noRoom(err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	u := unpacking{root: root, tar: tar.NewReader(r), made: map[string]bool{}, sum: sha256.New()}
	if u.seen, err = root.OpenFile(seenName, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		return h, noRoom(err)
	}
	defer func() { err = errors.Join(err, u.seen.Close(), root.Remove(seenName)) }()
	u.list = bufio.NewWriter(io.MultiWriter(u.seen, u.sum))
	if h, err = u.head(); err != nil {
		return h, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return h, err
		}
		done, err := u.member()
		if err != nil || done {
			return h, err
		}
	}
}

// seenName is the list of what was read so far, until it was compared. No
// member can have the name: the head has it.
const seenName = headName

type unpacking struct {
	root *os.Root
	tar  *tar.Reader
	made map[string]bool // folders
	last string          // member read last
	n    int64           // members so far
	seen *os.File
	list *bufio.Writer
	sum  hash.Hash
}

func (u *unpacking) head() (Head, error) {
	t, err := u.tar.Next()
	if err != nil || t.Name != headName || t.Typeflag != tar.TypeReg || t.Size > maxHead || sparse(t) {
		return Head{}, notABackup(err)
	}
	raw, err := io.ReadAll(u.tar)
	if err != nil {
		return Head{}, u.broken(headName, err)
	}
	sum := sha256.Sum256(raw)
	if err := u.note(line{sum: hex.EncodeToString(sum[:]), size: t.Size, name: headName}); err != nil {
		return Head{}, err
	}
	return parseHead(raw)
}

// member unpacks the next one; done says that the manifest was it, and fits.
func (u *unpacking) member() (done bool, err error) {
	t, err := u.tar.Next()
	if errors.Is(err, io.EOF) {
		return false, u.cut(nil)
	}
	if err != nil {
		return false, u.cut(err)
	}
	if t.Name == manifestName && t.Typeflag == tar.TypeReg && !sparse(t) {
		return true, u.compare(t.Size)
	}
	if err := checkName(t.Name); err != nil {
		return false, err
	}
	if t.Typeflag != tar.TypeReg || t.Name == headName || sparse(t) {
		return false, u.broken(t.Name, errors.New("not a plain file, or there twice"))
	}
	sum, err := u.write(t.Name)
	if err != nil {
		return false, err
	}
	return false, u.note(line{sum: sum, size: t.Size, name: t.Name})
}

// sparse reports a member with holes, whose few bytes may stand for very many.
func sparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}

func (u *unpacking) note(l line) error {
	u.last = l.name
	u.n++
	if _, err := u.list.WriteString(l.String()); err != nil {
		return noRoom(err)
	}
	return nil
}

// write puts one member into the folder and returns its hash.
func (u *unpacking) write(name string) (string, error) {
	h := sha256.New()
	if dir := path.Dir(name); !u.made[dir] {
		if len(u.made) > 4096 {
			clear(u.made)
		}
		if err := u.root.MkdirAll(filepath.FromSlash(dir), 0o700); err != nil {
			return "", noRoom(err)
		}
		u.made[dir] = true
	}
	f, err := u.root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return "", u.broken(name, errors.New("it is there twice"))
	}
	if err != nil {
		return "", noRoom(err)
	}
	read := &reading{r: u.tar}
	_, err = io.Copy(io.MultiWriter(f, h), read)
	err = errors.Join(err, f.Close()) // Restore flushes everything at once
	switch {
	case read.err != nil:
		return "", u.broken(name, read.err)
	case err != nil:
		return "", noRoom(err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reading remembers that it was the source that failed, not the target.
type reading struct {
	r   io.Reader
	err error
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// compare reads the manifest beside what was seen, line by line. Its own last
// line is checked first, so that a damaged manifest is not blamed on a member.
func (u *unpacking) compare(size int64) error {
	if err := u.list.Flush(); err != nil {
		return noRoom(err)
	}
	if _, err := u.seen.Seek(0, io.SeekStart); err != nil {
		return noRoom(err)
	}
	seen := bufio.NewReader(u.seen)
	written := bufio.NewReaderSize(io.LimitReader(u.tar, size), 4096)
	own := sha256.New()
	var wrong string // first member that does not fit
	for n := int64(0); ; n++ {
		s, err := written.ReadString('\n')
		if err != nil {
			return u.broken(manifestName, fmt.Errorf("line %d: %w", n+1, err))
		}
		if e, ok := parseEnding(s); ok {
			if e.sum != hex.EncodeToString(own.Sum(nil)) || e.members != n {
				return u.broken(manifestName, errors.New("it does not have its own hash"))
			}
			break
		}
		l, ok := parseLine(s)
		if !ok {
			return u.broken(manifestName, fmt.Errorf("line %d", n+1))
		}
		own.Write([]byte(s))
		have, err := seen.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return noRoom(err)
		}
		if h, _ := parseLine(have); have != s && wrong == "" {
			if wrong = l.name; h.name != l.name { // one too many, or one missing
				wrong += ", " + h.name
			}
		}
	}
	if extra, err := seen.ReadString('\n'); wrong == "" && err == nil {
		l, _ := parseLine(extra)
		wrong = l.name
	}
	if wrong != "" {
		return u.broken(wrong, errors.New("it is not what the manifest says"))
	}
	if _, err := written.ReadByte(); !errors.Is(err, io.EOF) {
		return u.broken(manifestName, errors.New("something follows its end"))
	}
	if _, err := u.tar.Next(); !errors.Is(err, io.EOF) {
		return u.broken(manifestName, errors.New("something follows it"))
	}
	return nil
}

// broken says which member does not verify.
func (u *unpacking) broken(name string, err error) error {
	return problem.Newf(problem.Corrupt, "Die Sicherung ist beschädigt: %s.", "The backup is damaged: %s.", name).
		WithHint("Es wurde nichts eingespielt. Bitte eine andere Sicherung nehmen.", "Nothing was restored. Please take another backup.").Wrap(err)
}

// cut says that the archive ends or cannot be read on behind a member.
func (u *unpacking) cut(err error) error {
	return problem.Newf(problem.Corrupt, "Die Sicherung ist beschädigt oder abgeschnitten: hinter %s.", "The backup is damaged or cut off: behind %s.", u.last).
		WithHint("Es wurde nichts eingespielt. Bitte eine andere Sicherung nehmen.", "Nothing was restored. Please take another backup.").
		Wrap(errors.Join(err, errors.New("its manifest is missing")))
}

func noRoom(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return err
	}
	return problem.New(problem.Unavailable, "Am Ziel lässt sich nicht schreiben; es wurde nichts eingespielt.", "The target cannot be written; nothing was restored.").
		WithHint("Ist dort Platz frei, und darf das Programm dort schreiben?", "Is there room, and may the program write there?").Wrap(err)
}
