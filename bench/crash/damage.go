package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"augenmass/internal/demo"
	"augenmass/internal/org"
	"augenmass/internal/org/backup"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/knowledge"
)

// damages are the targets that stand still while files are damaged.
var damages = map[string]func(ctx context.Context, work string, cycles int, rnd *rand.Rand) (result, error){
	"damage": flipBits,
	"torn":   tearWrites,
}

// flipBits flips one bit in one file of a company, of every kind of file in
// turn, and looks whether somebody says so: a backup and its restore check
// everything. A bit in room that holds nothing may stay unnoticed, but then
// nothing that the company knows may differ.
func flipBits(ctx context.Context, work string, cycles int, rnd *rand.Rand) (r result, err error) {
	whole := filepath.Join(work, "whole")
	log := slog.New(slog.DiscardHandler)
	if err := demo.Once(ctx, demo.OnceConfig{Config: demo.Config{Listen: "127.0.0.1:0", Dir: whole, Seed: 7, Out: io.Discard, Log: log},
		Decisions: 400, OutDir: filepath.Join(work, "out")}); err != nil {
		return r, err
	}
	kinds, err := fileKinds(filepath.Join(whole, demo.Slug))
	if err != nil {
		return r, err
	}
	said, content, err := examine(ctx, work, whole)
	if err != nil || said != nil {
		return r, errors.Join(errors.New("the undamaged company does not check"), said, err)
	}
	names := slices.Sorted(maps.Keys(kinds))
	for r.Cycles < cycles {
		kind := names[r.Cycles%len(names)]
		file := kinds[kind][rnd.IntN(len(kinds[kind]))]
		one := filepath.Join(work, "damaged")
		if err := errors.Join(os.RemoveAll(one), os.CopyFS(one, os.DirFS(whole))); err != nil {
			return r, err
		}
		at, err := flip(filepath.Join(one, demo.Slug, file), rnd)
		if err != nil {
			return r, err
		}
		said, now, err := examine(ctx, work, one)
		if err != nil {
			return r, err
		}
		r.Cycles++
		r.Damaged++
		switch {
		case said != nil && !namesFile(said, file):
			r.Unnamed = append(r.Unnamed, fmt.Sprintf("%s, bit %d: refused without the file's name: %v", file, at, said))
		case said == nil && now != content:
			r.Unnamed = append(r.Unnamed, fmt.Sprintf("%s, bit %d: not noticed", file, at))
		case said == nil:
			r.Harmless++
		}
	}
	return r, nil
}

var number = regexp.MustCompile(`[0-9a-f]{6,}|[0-9]+`)

// fileKinds sorts the files of an organisation by what they are: their folder
// and name without numbers.
func fileKinds(dir string) (map[string][]string, error) {
	kinds := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil || info.Size() == 0 { // a lock has no bit to flip
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		kind := number.ReplaceAllString(filepath.ToSlash(rel), "#")
		for strings.Contains(kind, "x#/") {
			kind = strings.ReplaceAll(kind, "x#/", "")
		}
		kinds[kind] = append(kinds[kind], rel)
		return nil
	})
	return kinds, err
}

// flip inverts one bit of a file, among those that are in use: a preallocated
// rest of zeros is left alone.
func flip(file string, rnd *rand.Rand) (bit int64, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	used := len(bytes.TrimRight(raw, "\x00"))
	bit = rnd.Int64N(8 * int64(max(used, 1)))
	raw[bit/8] ^= 1 << (bit % 8)
	return bit, os.WriteFile(file, raw, 0o600)
}

// namesFile reports whether an error names a file, by its path, by its name, or
// as people call it.
func namesFile(said error, file string) bool {
	var all strings.Builder
	for err := said; err != nil; err = errors.Unwrap(err) {
		var p *problem.Problem
		if errors.As(err, &p) {
			all.WriteString(p.Say.EN + " " + p.Hint.EN + " ") // the hint may name it
		}
		all.WriteString(err.Error() + " ")
	}
	return strings.Contains(all.String(), filepath.Base(file)) || strings.Contains(all.String(), filepath.ToSlash(file)) ||
		filepath.Base(file) == "master.key" && strings.Contains(all.String(), "The master key")
}

// examine backs a company up and restores it beside, which verifies everything,
// and returns what was said against it and a digest of all it knows.
func examine(ctx context.Context, work, dir string) (said error, content string, err error) {
	file, into := filepath.Join(work, "backup.tar"), filepath.Join(work, "restored", demo.Slug)
	if err := errors.Join(os.RemoveAll(filepath.Dir(into)), os.MkdirAll(filepath.Dir(into), 0o700)); err != nil {
		return nil, "", err
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, "", err
	}
	_, said = backup.Write(ctx, backup.Options{Dir: filepath.Join(dir, demo.Slug), Slug: demo.Slug}, f)
	if err := f.Close(); err != nil || said != nil {
		return said, "", err
	}
	if _, said = backup.Restore(ctx, backup.RestoreOptions{File: file, Dir: into, Slug: demo.Slug}); said != nil {
		return said, "", nil
	}
	content, said = known(ctx, into)
	return said, content, nil
}

// known digests journal and database of a folder; the vault was checked.
func known(ctx context.Context, dir string) (_ string, err error) {
	sum := sha256.New()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return "", err
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return "", err
	}
	o, err := org.Stored(org.Options{Slug: demo.Slug, Dir: dir, Library: lib})
	if err != nil {
		return "", err
	}
	db, err := store.Open(ctx, o)
	if err != nil {
		return "", err
	}
	digest, err := db.Digest(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return "", err
	}
	house, err := org.ReadFolder(dir)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(sum, digest, house.Name, house.SealKey) // the restored journal has a key of its own //nolint:errcheck // a hash takes everything
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/" + demo.Slug, KeyFile: filepath.Join(dir, "keys", "journal.key")})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for e, err := range j.Entries(ctx, 0, j.Size()-1) { // the last names the restore
		if err != nil {
			return "", err
		}
		sum.Write(e.Entry) //nolint:errcheck // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// tearWrites kills a journal in the middle of its work and writes behind its end
// what a torn write leaves there: the beginning of a frame, or noise. Nothing
// acknowledged may be missing afterwards, and the journal must start.
func tearWrites(ctx context.Context, work string, cycles int, rnd *rand.Rand) (r result, err error) {
	for r.Cycles < cycles && len(r.Lost) == 0 {
		dir := filepath.Join(work, "torn")
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			return r, err
		}
		acked := map[uint64]string{}
		after := 20*time.Millisecond + time.Duration(rnd.Int64N(int64(200*time.Millisecond)))
		if err := kill(ctx, "ledger", dir, after, acked); err != nil {
			return r, err
		}
		if err := tear(filepath.Join(dir, "wal"), rnd); err != nil {
			return r, err
		}
		found, lost, err := checkLedger(ctx, dir, acked)
		if err != nil {
			return r, fmt.Errorf("cycle %d: restart: %w", r.Cycles, err)
		}
		r.Cycles++
		r.Damaged++
		r.Acknowledged, r.Found, r.Lost = r.Acknowledged+len(acked), r.Found+found, append(r.Lost, lost...)
	}
	return r, nil
}

// tear writes behind the last byte in use of the newest segment.
func tear(wal string, rnd *rand.Rand) error {
	segments, err := filepath.Glob(filepath.Join(wal, "*.wal"))
	if err != nil || len(segments) == 0 {
		return err // killed before it wrote anything
	}
	newest := segments[len(segments)-1]
	raw, err := os.ReadFile(newest)
	if err != nil {
		return err
	}
	end := len(bytes.TrimRight(raw, "\x00"))
	room := len(raw) - end
	if room < 2 || end < 2 {
		return nil // the segment is full: nothing can be torn behind it
	}
	n := 1 + rnd.IntN(min(room, end, 900))
	torn := slices.Clone(raw[end-n : end]) // part of a frame that was valid elsewhere
	if rnd.IntN(2) == 0 {
		for i := range torn {
			torn[i] = byte(rnd.Uint32())
		}
	}
	copy(raw[end:], torn)
	return os.WriteFile(newest, raw, 0o600)
}
