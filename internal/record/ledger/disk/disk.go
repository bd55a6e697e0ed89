// Package disk is what a journal asks of the operating system: segments whose
// blocks are there before they are needed, files that appear whole, and a
// barrier after which all of that is durable; per system, with the cheapest
// call that keeps the promise.
//
// It knows nothing of what is written.
package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Disk is what the journal asks of the file system. Tests put one in its place
// that fills up, fails to flush or loses what was not flushed.
type Disk interface {
	// CreateSegment makes a file of size bytes whose blocks are allocated and
	// written with zeros, so that a later flush of data needs no metadata.
	CreateSegment(name string, size int64) error
	// OpenSegment opens an existing segment for reading and writing.
	OpenSegment(name string) (Segment, error)
	// Rename gives a file a new name and makes that durable.
	Rename(from, to string) error
	Remove(name string) error
	// Put writes a whole file under its final name at once: readers see nothing
	// or all of it. It is durable after the next Barrier; with flush set the
	// content is flushed before the file gets its name.
	Put(name string, data []byte, flush bool) error
	// Barrier makes everything durable that was Put since the last one. all
	// says that files were Put without flush; only a disk that can sync its
	// whole volume may be asked for that.
	Barrier(all bool) error
	SyncsVolume() bool
}

// Segment is one open file of the write-ahead log.
type Segment interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	// Sync flushes data, not necessarily times; a nil error means that
	// everything written before is durable.
	Sync() error
	Close() error
}

// osDisk is the disk of the operating system.
type osDisk struct {
	tmp   string              // folder for files that have no name yet
	root  string              // a folder on the volume, for syncfs
	dirs  map[string]struct{} // folders known to exist
	dirty map[string]struct{} // folders with names that are not durable
	seq   int
	fast  bool // the volume can be flushed at once
}

// New returns the disk of the operating system: root is a folder on it, tmp one
// for files that have no name yet. It is for one writer of files (Put, Barrier).
func New(root, tmp string) Disk {
	return &osDisk{root: root, tmp: tmp, dirs: map[string]struct{}{}, dirty: map[string]struct{}{}, fast: canSyncVolume()}
}

func (d *osDisk) SyncsVolume() bool { return d.fast }

func (d *osDisk) CreateSegment(name string, size int64) (err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(name))
		}
	}()
	if err = allocate(f, size); err != nil {
		return err
	}
	zeros := make([]byte, min(size, 1<<20))
	for off := int64(0); off < size; off += int64(len(zeros)) {
		if _, err = f.WriteAt(zeros[:min(int64(len(zeros)), size-off)], off); err != nil {
			return err
		}
	}
	if err = f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

func (d *osDisk) OpenSegment(name string) (Segment, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return osSegment{f}, nil
}

func (d *osDisk) Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

func (d *osDisk) Remove(name string) error { return os.RemoveAll(name) }

func (d *osDisk) Put(name string, data []byte, flush bool) (err error) {
	dir := filepath.Dir(name)
	if err := d.mkdir(dir); err != nil {
		return err
	}
	d.seq++
	tmp := filepath.Join(d.tmp, "new"+strconv.Itoa(d.seq))
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && flush {
		err = f.Sync()
	} else if err == nil {
		beginWriting(f)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return errors.Join(err, RemoveIfThere(tmp))
	}
	d.dirty[dir] = struct{}{}
	return nil
}

// mkdir makes dir and marks every folder that got a new name in it.
func (d *osDisk) mkdir(dir string) error {
	if _, ok := d.dirs[dir]; ok {
		return nil
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		parent := filepath.Dir(dir)
		if err := d.mkdir(parent); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		d.dirty[parent] = struct{}{}
	} else if err != nil {
		return err
	}
	if len(d.dirs) > 4096 {
		clear(d.dirs)
	}
	d.dirs[dir] = struct{}{}
	return nil
}

func (d *osDisk) Barrier(all bool) error {
	if all {
		if err := syncVolume(d.root); err != nil {
			return err
		}
	} else {
		for dir := range d.dirty {
			if err := SyncDir(dir); err != nil {
				return err
			}
		}
	}
	clear(d.dirty)
	return nil
}

// RemoveIfThere removes a file that may be missing.
func RemoveIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

type osSegment struct{ *os.File }

func (s osSegment) Size() (int64, error) {
	fi, err := s.Stat()
	if err != nil {
		return 0, err
	}
	return fi.Size(), nil
}

func (s osSegment) Sync() error { return flushData(s.File) }
