package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// FileTree is a Tree in a folder of its own that one process uses at a time.
// New content is written beside (dir/tmp), flushed and renamed, mode 0600.
//
// A blob that is to be destroyed is overwritten in place. Before that what
// replaces it is made durable as dir/tmp/bury-<name>; a crash or a failing
// disk half-way is made up for by the next use of the name or by Files.
type FileTree struct {
	dir  string
	disk disk

	swapping sync.Mutex // one Swap at a time: they are rare
	placing  sync.Mutex // from the look whether a name is free to its use
	making   sync.Mutex // of fan-out directories
	made     sync.Map   // fan-out directory → exists and is flushed

	burying sync.Mutex
	buried  map[string]bool // names whose destruction has not finished
}

var _ Tree = (*FileTree)(nil)

// Files opens the tree of a folder, which is created if missing (mode 0700).
// It removes files in the making that a crash left behind and finishes what
// was being destroyed.
func Files(dir string) (*FileTree, error) { return files(dir, osDisk()) }

func files(dir string, d disk) (*FileTree, error) {
	f := &FileTree{dir: dir, disk: d, buried: map[string]bool{}}
	if err := f.layOut(); err != nil {
		return nil, unavailable(err)
	}
	if err := f.clearTemp(); err != nil {
		return nil, unavailable(err)
	}
	return f, nil
}

// layOut makes the directories. Those of the fan-out are made as they fill, so
// that a small organisation starts fast.
func (f *FileTree) layOut() error {
	for _, d := range []string{"tmp", "keys", "blobs"} {
		if err := os.MkdirAll(filepath.Join(f.dir, d), 0o700); err != nil {
			return err
		}
	}
	for _, d := range []string{"keys", "blobs"} {
		dir := filepath.Join(f.dir, d)
		have, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		if err := f.disk.syncDir(dir); err != nil {
			return err
		}
		for _, e := range have {
			if e.IsDir() {
				f.made.Store(filepath.Join(dir, e.Name()), true)
			}
		}
	}
	return f.disk.syncDir(f.dir)
}

const buryPrefix = "bury-"

func (f *FileTree) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }
func (f *FileTree) tmp() string             { return filepath.Join(f.dir, "tmp") }
func (f *FileTree) grave(name string) string {
	return filepath.Join(f.tmp(), buryPrefix+url.PathEscape(name))
}

// clearTemp finishes interrupted destructions and removes files in the making.
func (f *FileTree) clearTemp() error {
	entries, err := os.ReadDir(f.tmp())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if esc, ok := strings.CutPrefix(e.Name(), buryPrefix); ok {
			if name, err := url.PathUnescape(esc); err == nil && fs.ValidPath(name) {
				f.buried[name] = true
				if err := f.settle(name); err != nil {
					return err
				}
				continue
			}
		}
		if err := os.RemoveAll(filepath.Join(f.tmp(), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Shared reports false: the organisation's lock keeps other processes away.
func (f *FileTree) Shared() bool { return false }

// Close has nothing to end: every write is finished when it returns.
func (f *FileTree) Close() error { return nil }

// Read returns a file's content.
func (f *FileTree) Read(_ context.Context, name string, limit int64) ([]byte, error) {
	if err := f.settle(name); err != nil {
		return nil, err
	}
	return readLimited(f.path(name), limit)
}

// Create writes a file that is not there.
func (f *FileTree) Create(_ context.Context, name string, data []byte) error {
	if err := f.ready(name); err != nil {
		return err
	}
	return f.disk.write(f.tmp(), data, f.path(name), f.place)
}

// place renames a finished file unless its name is taken.
func (f *FileTree) place(from, to string) error {
	f.placing.Lock()
	defer f.placing.Unlock()
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	} else if !os.IsNotExist(err) {
		return err
	}
	return f.disk.rename(from, to)
}

// ready makes the directory of a name, durably.
func (f *FileTree) ready(name string) error {
	dir := filepath.Dir(f.path(name))
	if dir == f.dir {
		return nil
	}
	if _, ok := f.made.Load(dir); ok {
		return nil
	}
	f.making.Lock()
	defer f.making.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := f.disk.syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	f.made.Store(dir, true)
	return nil
}

// Swap writes a file under its conditions.
func (f *FileTree) Swap(ctx context.Context, s Swap) error {
	f.swapping.Lock()
	defer f.swapping.Unlock()
	if s.While.Name != "" {
		now, err := f.Read(ctx, s.While.Name, int64(len(s.While.Data)))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTooLong) || err == nil && !bytes.Equal(now, s.While.Data) {
			return ErrChanged
		}
		if err != nil {
			return err
		}
	}
	if err := f.settle(s.Name); err != nil {
		return err
	}
	if s.Old == nil && !s.Destroy {
		err := f.Create(ctx, s.Name, s.New)
		if errors.Is(err, fs.ErrExist) {
			return ErrChanged
		}
		return err
	}
	if s.Old != nil {
		now, err := readLimited(f.path(s.Name), int64(len(s.Old)))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTooLong) || err == nil && !bytes.Equal(now, s.Old) {
			return ErrChanged
		}
		if err != nil {
			return err
		}
	}
	if s.Destroy {
		return f.bury(s.Name, s.New)
	}
	return f.disk.write(f.tmp(), s.New, f.path(s.Name), f.disk.rename)
}

// bury replaces a file by data and overwrites what it held.
func (f *FileTree) bury(name string, data []byte) error {
	if _, err := os.Lstat(f.path(name)); os.IsNotExist(err) {
		return ErrChanged
	}
	f.burying.Lock()
	f.buried[name] = true
	f.burying.Unlock()
	if err := f.disk.write(f.tmp(), data, f.grave(name), f.disk.rename); err != nil {
		return err
	}
	return f.settle(name)
}

// settle finishes the destruction of a file that was begun and not finished.
func (f *FileTree) settle(name string) error {
	f.burying.Lock()
	defer f.burying.Unlock()
	if !f.buried[name] {
		return nil
	}
	data, err := os.ReadFile(f.grave(name))
	if os.IsNotExist(err) { // it failed before anything was decided
		delete(f.buried, name)
		return nil
	}
	if err == nil {
		err = f.overwrite(f.path(name), data)
	}
	if err == nil {
		err = os.Remove(f.grave(name))
	}
	if err == nil {
		err = f.disk.syncDir(f.tmp())
	}
	if err == nil {
		delete(f.buried, name)
	}
	return err
}

// overwrite puts data where another content lies, byte over byte, and flushes.
func (f *FileTree) overwrite(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return f.disk.write(f.tmp(), data, path, f.disk.rename)
	}
	if err != nil {
		return err
	}
	st, err := file.Stat()
	if err == nil {
		_, err = file.WriteAt(data, 0)
	}
	zero := make([]byte, 4096)
	for at := int64(len(data)); err == nil && at < st.Size(); at += int64(len(zero)) {
		_, err = file.WriteAt(zero, at)
	}
	if err == nil {
		err = f.disk.syncFile(file)
	}
	if err == nil && st.Size() > int64(len(data)) {
		if err = file.Truncate(int64(len(data))); err == nil {
			err = f.disk.syncFile(file)
		}
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return err
}

// Remove removes files and flushes each directory once.
func (f *FileTree) Remove(_ context.Context, names ...string) error {
	var err error
	dirty := map[string]bool{}
	for _, name := range names {
		path := f.path(name)
		if err = ignoreMissing(os.Remove(path)); err != nil {
			break
		}
		dirty[filepath.Dir(path)] = true
	}
	for dir := range dirty {
		if serr := ignoreMissing(f.disk.syncDir(dir)); err == nil {
			err = serr
		}
	}
	return err
}

// Walk lists blobs, keys and the root file; files in the making are left out.
func (f *FileTree) Walk(ctx context.Context, prefix string, head int, fn func(Entry) error) error {
	for _, top := range []string{"blobs", "keys", "root"} {
		if !strings.HasPrefix(top, prefix) && !strings.HasPrefix(prefix, top) {
			continue
		}
		err := filepath.WalkDir(filepath.Join(f.dir, top), func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil // no root file yet, or swept since the listing
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(f.dir, path)
			if err != nil {
				return err
			}
			e := Entry{Name: filepath.ToSlash(rel)}
			if d.IsDir() {
				if strings.Count(e.Name, "/") < 2 {
					return nil // the top and its fan-out
				}
				return errors.Join(fn(Entry{Name: e.Name + "/"}), fs.SkipDir)
			}
			if !strings.HasPrefix(e.Name, prefix) {
				return nil
			}
			if !d.Type().IsRegular() {
				e.Name += "/"
			} else if head > 0 {
				if e.Size, e.Head, err = beginning(path, head); os.IsNotExist(err) {
					return nil
				} else if err != nil {
					return err
				}
			}
			return fn(e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func beginning(path string, n int) (size int64, head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close() // only read
	st, err := f.Stat()
	if err != nil {
		return 0, nil, err
	}
	head = make([]byte, n)
	n, err = io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return st.Size(), head[:n], err
}

// readLimited reads a whole file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	size := int64(512)
	if st, err := f.Stat(); err == nil {
		size = st.Size() + 1
	}
	if size > limit+1 {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), ErrTooLong)
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), ErrTooLong)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
