// Package casefile builds the auditor's case: one sealed ZIP file with the
// journal, its signed checkpoint and tree, inclusion proofs, permits, objects
// and the computed checks, that verifies on another machine without the server
// (see verify).
//
// It copies what exists and computes the checks from the journal. It holds no
// payload and nothing personal: the journal has none, and objects with personal
// fields stay out.
package casefile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/permit"
	"augenmass/internal/prove/casefile/sealed"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/prove/conform"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/packs"
)

// Journal is what the case is cut from.
type Journal interface {
	Publish(ctx context.Context) ([]byte, error)
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
	TileFS() fs.FS
	VerifierKey() string
}

// Source is where a case comes from. The outbox is already in the journal when
// Build is called.
type Source struct {
	Journal      Journal
	Seal         note.Signer
	SealKey      string // vkey of Seal, announced in the journal
	Requirements []packs.Requirement
	Permits      []permit.Entry
	Objects      map[string][]verify.Object // by kind; kinds without personal fields only
	Passkeys     []verify.Passkey           // public keys of persons, by id; empty: no file
	Now          func() time.Time
}

// Period bounds what the checks look at; zero times are open. The journal in
// the case is always whole up to its checkpoint, because a part of a chain
// proves nothing about the rest.
type Period struct{ From, To time.Time }

// Summary says what a case holds.
type Summary struct {
	Size         uint64
	Root         string
	Files        int
	Requirements []verify.Requirement
}

// build is one case in the making.
type build struct {
	src   Source
	out   map[string][]byte
	cp    proof.Checkpoint
	sum   Summary
	prove map[uint64]bool
}

// Write builds the case and writes it to w.
func Write(ctx context.Context, src Source, p Period, w io.Writer) (Summary, error) {
	b := &build{src: src, out: map[string][]byte{}, prove: map[uint64]bool{}}
	note, err := src.Journal.Publish(ctx)
	if err != nil {
		return b.sum, fmt.Errorf("case file: publish the journal: %w", err)
	}
	if b.cp, err = proof.ParseCheckpoint(note, src.Journal.VerifierKey()); err != nil {
		return b.sum, err
	}
	b.sum.Size, b.sum.Root = b.cp.Size, b.cp.Root.String()
	b.add(verify.JournalFolder+"/"+proof.CheckpointFile, note)
	if b.sum.Requirements, err = Measure(ctx, src.Journal, src.Requirements, p, b.cp.Size); err != nil {
		return b.sum, err
	}
	for _, step := range []func() error{b.checks, b.permits, b.objects, b.passkeys, b.tiles, b.proofs, b.readme} {
		if err := step(); err != nil {
			return b.sum, err
		}
	}
	b.sum.Files = len(b.out)
	return b.sum, b.seal(p, w)
}

// Measure computes the checks of the requirements over the first size entries
// of the journal.
func Measure(ctx context.Context, j interface {
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
}, reqs []packs.Requirement, p Period, size uint64) ([]verify.Requirement, error) {
	var specs []conform.Spec
	for _, r := range reqs {
		for _, c := range r.Checks {
			from := p.From
			if c.Window > 0 && !p.To.IsZero() && from.Before(p.To.Add(-c.Window)) {
				from = p.To.Add(-c.Window)
			}
			specs = append(specs, conform.Spec{Check: c.Name, Min: c.Min, Max: c.Max, From: from.UTC(), To: p.To.UTC()})
		}
	}
	run, err := conform.Start(specs)
	if err != nil {
		return nil, err
	}
	for rec, err := range j.Entries(ctx, 0, size) {
		if err != nil {
			return nil, fmt.Errorf("measure: read the journal: %w", err)
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			return nil, fmt.Errorf("measure: entry %d: %w", rec.Index, err)
		}
		run.See(rec.Index, e)
	}
	results := run.Results()
	var out []verify.Requirement
	for _, r := range reqs {
		if len(r.Checks) == 0 {
			continue
		}
		mine := results[:len(r.Checks)]
		results = results[len(r.Checks):]
		out = append(out, verify.Requirement{ID: r.ID, Ref: r.Ref, Status: conform.Join(mine), Results: mine})
	}
	return out, nil
}

func (b *build) add(path string, data []byte) { b.out[path] = data }

func (b *build) json(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("case file: %s: %w", path, err)
	}
	b.add(path, append(raw, '\n'))
	return nil
}

func (b *build) checks() error {
	for _, r := range b.sum.Requirements {
		for _, res := range r.Results {
			for _, i := range slices.Concat(res.Sample, res.Failed) {
				b.prove[i] = true
			}
		}
	}
	return b.json(verify.ChecksFile, verify.Checks{Requirements: b.sum.Requirements})
}

func (b *build) permits() error {
	for _, p := range b.src.Permits {
		if err := b.json(verify.PermitFolder+"/"+p.Permit.System+".json", p); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) objects() error {
	for kind, all := range b.src.Objects {
		var lines []byte
		for _, o := range all {
			raw, err := json.Marshal(o)
			if err != nil {
				return fmt.Errorf("case file: object %s: %w", o.ID, err)
			}
			lines = append(append(lines, raw...), '\n')
		}
		b.add(verify.ObjectFolder+"/"+kind+".jsonl", lines)
	}
	return nil
}

// passkeys lists the public keys that stand behind approvals.
func (b *build) passkeys() error {
	if len(b.src.Passkeys) == 0 {
		return nil
	}
	return b.json(verify.PasskeysFile, verify.Passkeys{Passkeys: b.src.Passkeys})
}

// tiles copies the published tree of exactly the checkpoint's size.
func (b *build) tiles() error {
	fsys := b.src.Journal.TileFS()
	for level := 0; b.cp.Size>>(level*proof.Height) > 0; level++ {
		have := b.cp.Size >> (level * proof.Height)
		for n := uint64(0); n*proof.Width < have; n++ {
			width := int(min(proof.Width, have-n*proof.Width))
			if err := b.tile(fsys, func(w int) string { return proof.TilePath(level, n, w) }, width, cutHashes); err != nil {
				return err
			}
			if level > 0 {
				continue
			}
			if err := b.tile(fsys, func(w int) string { return proof.EntriesPath(n, w) }, width, cutEntries); err != nil {
				return err
			}
		}
	}
	return nil
}

// tile copies one file of the tree; a partial one may meanwhile have been
// replaced by a longer one, from which it is cut.
func (b *build) tile(fsys fs.FS, path func(int) string, width int, cut func([]byte, int) ([]byte, error)) error {
	data, err := fs.ReadFile(fsys, path(width))
	for w := width + 1; errors.Is(err, fs.ErrNotExist) && w <= proof.Width; w++ {
		if data, err = fs.ReadFile(fsys, path(w)); err == nil {
			data, err = cut(data, width)
		}
	}
	if err != nil {
		return fmt.Errorf("case file: read %s: %w", path(width), err)
	}
	b.add(verify.JournalFolder+"/"+path(width), data)
	return nil
}

func cutHashes(data []byte, width int) ([]byte, error) {
	if len(data) < width*32 {
		return nil, fmt.Errorf("tile of %d bytes is too short for %d hashes", len(data), width)
	}
	return data[:width*32], nil
}

func cutEntries(data []byte, width int) ([]byte, error) {
	entries, err := proof.ParseBundle(data, width)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, e := range entries {
		out = proof.AppendBundled(out, e)
	}
	return out, nil
}

// proofs writes a self-contained inclusion proof for every entry that the
// checks name.
func (b *build) proofs() error {
	journal := map[string][]byte{}
	for path, data := range b.out {
		if rest, ok := strings.CutPrefix(path, verify.JournalFolder+"/"); ok {
			journal[rest] = data
		}
	}
	tiles := proof.NewTiles(memory(journal), b.cp)
	for index := range b.prove {
		p, err := tiles.Proof(index, b.cp.Size)
		if err != nil {
			return fmt.Errorf("case file: prove entry %d: %w", index, err)
		}
		f := proof.File{Index: index, Proof: p, Checkpoint: b.cp.Note}
		b.add(fmt.Sprintf("%s/%d.tlog-proof", verify.ProofFolder, index), f.Marshal())
	}
	return nil
}

func (b *build) readme() error {
	b.add(verify.ReadmeFile, []byte(readme))
	return nil
}

// seal writes manifest, seal and files in one fixed order.
func (b *build) seal(p Period, w io.Writer) error {
	m := verify.Manifest{Format: verify.Format, Origin: b.cp.Origin, BuiltAt: b.src.Now().UTC(), From: p.From.UTC(), To: p.To.UTC(),
		Size: b.cp.Size, Root: b.cp.Root.String(), JournalKey: b.src.Journal.VerifierKey(), SealKey: b.src.SealKey}
	paths := make([]string, 0, len(b.out))
	for path := range b.out {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		sum := sha256.Sum256(b.out[path])
		m.Files = append(m.Files, verify.Listed{Path: path, Size: int64(len(b.out[path])), SHA256: hex.EncodeToString(sum[:])})
	}
	manifest, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("case file: manifest: %w", err)
	}
	manifest = append(manifest, '\n')
	sig, err := note.Sign(&note.Note{Text: verify.SealText(manifest)}, b.src.Seal)
	if err != nil {
		return fmt.Errorf("case file: seal: %w", err)
	}
	z := sealed.NewWriter(w)
	add := func(path string, data []byte) {
		if err == nil {
			err = z.Add(path, data)
		}
	}
	add(verify.ManifestFile, manifest)
	add(verify.SealFile, sig)
	for _, path := range paths {
		add(path, b.out[path])
	}
	if err != nil {
		return err
	}
	return z.Close()
}
