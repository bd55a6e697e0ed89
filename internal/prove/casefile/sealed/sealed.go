// Package sealed is the container of a case file: a ZIP file that any unzip
// program opens, written in exactly one way. Files are stored, not compressed,
// in the order they were added, without dates, comments or extra fields.
//
// Because there is only one way to write it, every byte of the container is
// accounted for: Check writes the headers again from the content and compares.
// A container that was opened and packed anew still opens, but no longer
// passes as untouched.
//
// It leaves to casefile what is inside, and to verify whether that is true.
// Format: PKWARE APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16.
package sealed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"
)

// Limits of the container without the 64-bit extension.
const (
	MaxFiles = math.MaxUint16 - 1
	MaxBytes = math.MaxUint32 - 1
)

// ErrFull says that the content exceeds the container's limits.
var ErrFull = errors.New("a case file holds at most 65,534 files and 4 GiB; choose a shorter period")

type file struct {
	name   string
	crc    uint32
	size   uint32
	offset uint32
}

// Writer writes a container to w.
type Writer struct {
	w     io.Writer
	at    int64
	files []file
	names map[string]bool
}

// NewWriter starts a container.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, names: map[string]bool{}} }

// Add stores one file under a slash-separated name.
func (z *Writer) Add(name string, data []byte) error {
	if !plain(name) || len(name) > math.MaxUint16 || z.names[name] {
		return fmt.Errorf("sealed: bad or repeated name %q", name)
	}
	if len(z.files) >= MaxFiles || z.at+int64(len(data))+int64(len(name))+30 > MaxBytes {
		return ErrFull
	}
	f := file{name: name, crc: crc32.ChecksumIEEE(data), size: uint32(len(data)), offset: uint32(z.at)}
	z.names[name] = true
	z.files = append(z.files, f)
	if err := z.write(local(f)); err != nil {
		return err
	}
	return z.write(data)
}

func (z *Writer) write(b []byte) error {
	n, err := z.w.Write(b)
	z.at += int64(n)
	if err != nil {
		return fmt.Errorf("sealed: write: %w", err)
	}
	return nil
}

// Close writes the directory. Nothing may be added afterwards.
func (z *Writer) Close() error {
	dir, err := directory(z.files, z.at)
	if err != nil {
		return err
	}
	return z.write(dir)
}

// plain reports whether a name is one that every reader takes for the same
// file. Readers pass over a name like "/" and over the content of a folder, and
// take a backslash for a slash: what lies there would be seen by nobody.
func plain(name string) bool {
	return name != "." && fs.ValidPath(name) && !strings.Contains(name, `\`)
}

// local is the header in front of one file.
func local(f file) []byte {
	b := make([]byte, 0, 30+len(f.name))
	b = binary.LittleEndian.AppendUint32(b, 0x04034b50)
	b = common(b, f)
	return append(b, f.name...)
}

// common is the part that local header and directory share: version 2.0, names
// in UTF-8, stored, 1 January 1980, checksum and sizes.
func common(b []byte, f file) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, 20)
	b = le.AppendUint16(b, 1<<11)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 1<<5|1)
	b = le.AppendUint32(b, f.crc)
	b = le.AppendUint32(b, f.size)
	b = le.AppendUint32(b, f.size)
	b = le.AppendUint16(b, uint16(len(f.name)))
	return le.AppendUint16(b, 0)
}

// directory is what follows the files.
func directory(files []file, at int64) ([]byte, error) {
	le := binary.LittleEndian
	var b []byte
	for _, f := range files {
		b = le.AppendUint32(b, 0x02014b50)
		b = le.AppendUint16(b, 20)
		b = common(b, f)
		b = le.AppendUint16(b, 0) // comment
		b = le.AppendUint16(b, 0) // disk
		b = le.AppendUint16(b, 0) // internal attributes
		b = le.AppendUint32(b, 0) // external attributes
		b = le.AppendUint32(b, f.offset)
		b = append(b, f.name...)
	}
	if at+int64(len(b)) > MaxBytes {
		return nil, ErrFull
	}
	size := len(b)
	b = le.AppendUint32(b, 0x06054b50)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, uint16(len(files)))
	b = le.AppendUint16(b, uint16(len(files)))
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(at))
	return le.AppendUint16(b, 0), nil
}

// ErrRepacked says that the container was not written by Writer as it stands.
var ErrRepacked = errors.New("the container was changed or packed anew")

// Check reads the container of the given size and reports whether every byte
// of it is as Writer writes it: ErrRepacked with the first offset if not. It
// needs memory for one file at a time.
func Check(r io.ReaderAt, size int64) error {
	var files []file
	at, names := int64(0), map[string]bool{}
	head := make([]byte, 30)
	for at < size {
		n, err := r.ReadAt(head, at)
		if n < 4 || err != nil && !errors.Is(err, io.EOF) {
			return broken(at)
		}
		if binary.LittleEndian.Uint32(head) != 0x04034b50 {
			break
		}
		if n < 30 {
			return broken(at)
		}
		f, err := readLocal(r, at, size, head)
		if err != nil {
			return err
		}
		if !plain(f.name) || names[f.name] {
			return broken(at)
		}
		names[f.name] = true
		files = append(files, f)
		at += 30 + int64(len(f.name)) + int64(f.size)
	}
	want, err := directory(files, at)
	if err != nil {
		return broken(at)
	}
	if size-at != int64(len(want)) {
		return broken(at)
	}
	got := make([]byte, len(want))
	if _, err := r.ReadAt(got, at); err != nil && !errors.Is(err, io.EOF) {
		return broken(at)
	}
	for i := range want {
		if got[i] != want[i] {
			return broken(at + int64(i))
		}
	}
	return nil
}

// readLocal reads the file at an offset, computes its checksum and compares its
// header with the one Writer would have written.
func readLocal(r io.ReaderAt, at, size int64, head []byte) (file, error) {
	le := binary.LittleEndian
	f := file{size: le.Uint32(head[18:]), offset: uint32(at)}
	nameLen := int64(le.Uint16(head[26:]))
	if at+30+nameLen+int64(f.size) > size {
		return f, broken(at)
	}
	name := make([]byte, nameLen)
	if _, err := r.ReadAt(name, at+30); err != nil {
		return f, broken(at)
	}
	f.name = string(name)
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(r, at+30+nameLen, int64(f.size))); err != nil {
		return f, broken(at)
	}
	f.crc = sum.Sum32()
	if !bytes.Equal(head, local(f)[:30]) {
		return f, broken(at)
	}
	return f, nil
}

func broken(at int64) error { return fmt.Errorf("%w at byte %d", ErrRepacked, at) }
