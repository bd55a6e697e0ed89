package move

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/vault"
)

// prove computes the hashes of a record from what is stored: the tree from the
// entries themselves, held against the published checkpoint, and the list of
// keys from the handovers among them.
func prove(ctx context.Context, r *record) (p Proof, err error) {
	p.Origin, p.Key = r.journal.Origin(), r.journal.VerifierKey()
	msg, err := r.journal.Publish(ctx)
	if err != nil {
		return p, err
	}
	cp, err := proof.ParseCheckpoint(msg, p.Key)
	if err != nil {
		return p, err
	}
	var tree proof.Range
	chain := handovers{tiles: proof.NewTiles(r.journal.TileFS(), cp)}
	for rec, err := range r.journal.Entries(ctx, 0, r.journal.Size()) {
		if err == nil {
			tree.Append(tlog.RecordHash(rec.Entry))
			err = chain.see(rec)
		}
		if err != nil {
			return p, err
		}
	}
	if tree.Size() != cp.Size || tree.Root() != cp.Root {
		return p, problem.Newf(problem.Corrupt, "Die %d Einträge des Journals ergeben nicht den Baum seines Prüfpunkts über %d.",
			"The %d entries of the journal do not yield the tree of its checkpoint over %d.", tree.Size(), cp.Size)
	}
	p.Entries, p.Root = cp.Size, cp.Root.String()
	if p.Keys, err = chain.list(r.journal); err != nil {
		return p, err
	}
	if p.Objects, err = r.db.Digest(ctx); err != nil {
		return p, err
	}
	p.Blobs, p.Vault, err = listHash(ctx, r.tree)
	return p, err
}

// handovers follows the keys of a journal through its entries.
type handovers struct {
	proof.Chain
	tiles *proof.Tiles
}

func (h *handovers) see(rec ledger.Record) error {
	if !bytes.Contains(rec.Entry, []byte(proof.TypeKeyChanged)) && !bytes.Contains(rec.Entry, []byte(proof.TypeSucceeded)) {
		return nil // decoding every entry would take longer than checking it
	}
	e, err := ledger.Decode(rec.Entry)
	if err != nil {
		return err
	}
	return h.See(rec.Index, e.Type, e.Data, h.tiles)
}

// list compares what the entries say with the journal's list of keys.
func (h *handovers) list(j book) (string, error) {
	keys, err := h.Keys(j.VerifierKey())
	if err != nil {
		return "", err
	}
	if !slices.Equal(keys, j.Keys()) {
		return "", problem.New(problem.Corrupt, "Die Liste der Schlüssel des Journals stimmt nicht mit seinen Einträgen überein.",
			"The list of the journal's keys does not agree with its entries.")
	}
	return string(proof.FormatKeys(keys)), nil
}

// listHash is a hash over names and contents of all blobs, in the order of
// names: "<name> <sha256 of the content>\n" each.
func listHash(ctx context.Context, t vault.Tree) (n int, sum string, err error) {
	h := sha256.New()
	err = t.Walk(ctx, "", 0, func(e vault.Entry) error {
		data, err := readBlob(ctx, t, e)
		if err != nil {
			return err
		}
		n++
		_, err = fmt.Fprintf(h, "%s %x\n", e.Name, sha256.Sum256(data))
		return err
	})
	return n, "sha256:" + hex.EncodeToString(h.Sum(nil)), problemOf(err)
}

// copyBlobs copies all blobs as they are.
func copyBlobs(ctx context.Context, from, to vault.Tree) error {
	return problemOf(from.Walk(ctx, "", 0, func(e vault.Entry) error {
		data, err := readBlob(ctx, from, e)
		if err != nil {
			return err
		}
		return to.Create(ctx, e.Name, data)
	}))
}

// maxBlob is above every blob of the vault.
const maxBlob = vault.MaxPayload + 4096

func readBlob(ctx context.Context, t vault.Tree, e vault.Entry) ([]byte, error) {
	data, err := t.Read(ctx, e.Name, maxBlob)
	if strings.HasSuffix(e.Name, "/") || errors.Is(err, vault.ErrTooLong) {
		return nil, problem.Newf(problem.Corrupt, "Im Tresor liegt etwas, das nicht dorthin gehört: %s.",
			"In the vault lies something that does not belong there: %s.", e.Name).Wrap(err)
	}
	return data, err
}

// problemOf gives an error of a tree a sentence.
func problemOf(err error) error {
	var p *problem.Problem
	if err == nil || errors.As(err, &p) || errors.Is(err, context.Canceled) {
		return err
	}
	return problem.New(problem.Unavailable, "Der Tresor ist nicht lesbar oder nicht beschreibbar.", "The vault cannot be read or written.").
		WithHint("Bitte Rechte und freien Speicherplatz prüfen.", "Please check permissions and free space.").Wrap(err)
}

// Entries go into a new ledger in groups of this size.
const (
	groupEntries = 256
	groupBytes   = 1 << 20
)

// appendEntries appends all entries of one journal to another, in order.
func appendEntries(ctx context.Context, from, to ledger.Book, size uint64) error {
	var group [][]byte
	length := 0
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		_, err := to.AppendAll(ctx, group)
		group, length = nil, 0
		return err
	}
	for r, err := range from.Entries(ctx, 0, size) {
		if err != nil {
			return err
		}
		group = append(group, r.Entry)
		if length += len(r.Entry); length >= groupBytes || len(group) >= groupEntries {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
