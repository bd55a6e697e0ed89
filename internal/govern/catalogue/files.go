package catalogue

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// Files are YAML files in memory, by name, as a tree without folders. It is what
// packs.Extend reads own packs from.
type Files map[string][]byte

var _ interface {
	fs.ReadFileFS
	fs.ReadDirFS
	fs.StatFS
} = Files{}

// Open implements fs.FS.
func (f Files) Open(name string) (fs.File, error) {
	if name == "." {
		return &open{info: info{name: ".", dir: true}}, nil
	}
	data, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &open{info: info{name: name, size: len(data)}, Reader: bytes.NewReader(data)}, nil
}

// ReadFile implements fs.ReadFileFS.
func (f Files) ReadFile(name string) ([]byte, error) {
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

// ReadDir implements fs.ReadDirFS; there is only the root.
func (f Files) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	out := make([]fs.DirEntry, 0, len(f))
	for _, n := range slices.Sorted(maps.Keys(f)) {
		out = append(out, fs.FileInfoToDirEntry(info{name: n, size: len(f[n])}))
	}
	return out, nil
}

// Stat implements fs.StatFS.
func (f Files) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return info{name: ".", dir: true}, nil
	}
	data, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return info{name: name, size: len(data)}, nil
}

// info describes one file.
type info struct {
	name string
	size int
	dir  bool
}

func (i info) Name() string     { return i.name }
func (i info) Size() int64      { return int64(i.size) }
func (info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool      { return i.dir }
func (info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// open is an open file or the root.
type open struct {
	*bytes.Reader
	info info
}

func (o *open) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o *open) Close() error               { return nil }

// Read implements fs.File.
func (o *open) Read(p []byte) (int, error) {
	if o.Reader == nil {
		return 0, &fs.PathError{Op: "read", Path: o.info.name, Err: fs.ErrInvalid}
	}
	n, err := o.Reader.Read(p)
	if err != nil && err != io.EOF {
		return n, &fs.PathError{Op: "read", Path: o.info.name, Err: err}
	}
	return n, err
}
