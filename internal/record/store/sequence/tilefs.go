package sequence

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"augenmass/internal/record/ledger/proof"
)

// tileFS shows the tables as the files of C2SP tlog-tiles. A tile only grows,
// so its row also serves every shorter partial tile.
type tileFS struct{ j *Journal }

var _ fs.ReadFileFS = tileFS{}

// Open implements fs.FS.
func (f tileFS) Open(name string) (fs.File, error) {
	data, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &file{Reader: bytes.NewReader(data), name: path.Base(name), size: int64(len(data))}, nil
}

// ReadFile implements fs.ReadFileFS. It takes at most 5 s.
func (f tileFS) ReadFile(name string) ([]byte, error) {
	data, err := f.read(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return data, nil
}

func (f tileFS) read(name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(f.j.ctx, f.j.o.patience)
	defer cancel()
	if name == proof.CheckpointFile {
		return f.one(ctx, "SELECT note FROM journal_checkpoints ORDER BY size DESC LIMIT 1")
	}
	if name == proof.KeysFile {
		return f.one(ctx, "SELECT convert_to(list, 'UTF8') FROM journal_keys")
	}
	p, ok := parsePath(name)
	switch {
	case !ok:
		return nil, fs.ErrNotExist
	case p.level >= 0:
		data, err := f.one(ctx, "SELECT data FROM journal_tiles WHERE level = $1 AND n = $2 AND width >= $3", p.level, p.n, p.width)
		if err != nil {
			return nil, err
		}
		// A row that is too short is shown as it is: the reader names it.
		return data[:min(len(data), p.width*hashBytes)], nil
	}
	return f.bundle(ctx, p)
}

const hashBytes = 32

func (f tileFS) one(ctx context.Context, sql string, args ...any) (data []byte, err error) {
	err = f.j.reads.QueryRow(ctx, sql, args...).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fs.ErrNotExist
	}
	return data, err
}

// bundle reads entries that are published and puts them into one file. A
// missing row is shown as an entry without bytes, which no journal holds, so
// that the reader names its index.
func (f tileFS) bundle(ctx context.Context, p tilePath) ([]byte, error) {
	from, to := p.n*proof.Width, p.n*proof.Width+int64(p.width)
	if uint64(to) > f.j.reader().Checkpoint().Size { // perhaps another node published it
		var published int64
		if err := f.j.reads.QueryRow(ctx, "SELECT published FROM journal_head").Scan(&published); err != nil {
			return nil, err
		}
		if to > published {
			return nil, fs.ErrNotExist
		}
	}
	rows, err := f.j.reads.Query(ctx, rowsSQL, from, to)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, p.width<<10)
	var e []byte
	var idx int64
	at := from
	fill := func(to int64) {
		for ; at < to; at++ {
			data = proof.AppendBundled(data, nil)
		}
	}
	_, err = pgx.ForEachRow(rows, []any{&idx, (*pgxRaw)(&e)}, func() error {
		fill(idx)
		data = proof.AppendBundled(data, e)
		at++
		return nil
	})
	fill(to)
	return data, err
}

// pgxRaw takes a bytea without a copy of its own; it is valid until the next row.
type pgxRaw []byte

// ScanBytes implements pgtype.BytesScanner.
func (r *pgxRaw) ScanBytes(v []byte) error {
	*r = v
	return nil
}

// tilePath is a parsed name: a tile, or with level −1 a bundle of entries.
type tilePath struct {
	level int
	n     int64
	width int
}

// parsePath reads exactly the names that package proof writes.
func parsePath(name string) (tilePath, bool) {
	p := tilePath{level: -1, width: proof.Width}
	rest, ok := strings.CutPrefix(name, "tile/")
	kind, number, found := strings.Cut(rest, "/")
	if !ok || !found {
		return p, false
	}
	var err error
	if kind != "entries" {
		if p.level, err = strconv.Atoi(kind); err != nil || p.level < 0 || p.level > 7 {
			return p, false
		}
	}
	if whole, width, partial := strings.Cut(number, ".p/"); partial {
		if p.width, err = strconv.Atoi(width); err != nil || p.width < 1 || p.width >= proof.Width {
			return p, false
		}
		number = whole
	}
	if p.n, err = strconv.ParseInt(strings.NewReplacer("/", "", "x", "").Replace(number), 10, 63-proof.Height); err != nil || p.n < 0 {
		return p, false
	}
	if p.level < 0 {
		return p, proof.EntriesPath(uint64(p.n), p.width) == name
	}
	return p, proof.TilePath(p.level, uint64(p.n), p.width) == name
}

// file is one file in memory.
type file struct {
	*bytes.Reader
	name string
	size int64
}

func (f *file) Stat() (fs.FileInfo, error) { return info{f.name, f.size}, nil }
func (f *file) Close() error               { return nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string     { return i.name }
func (i info) Size() int64      { return i.size }
func (info) Mode() fs.FileMode  { return 0o444 }
func (info) ModTime() time.Time { return time.Time{} }
func (info) IsDir() bool        { return false }
func (info) Sys() any           { return nil }
