package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/signing"
)

// A change of key leaves this order of durable steps, so that a kill between
// any two of them is finished or undone by the next Open:
//
//	KeyFile.next     the new key
//	the entry        a proof.Handover, in the write-ahead log
//	log/keys         with the new key
//	log/checkpoint   over the entry, signed by the new key (and the old one)
//	KeyFile          replaced by KeyFile.next
//
// Until the entry is durable the change has not happened; from then on no
// checkpoint that covers it is signed by the old key alone.

// change is what a change of key still has to do; guarded by publisher.mu.
type change struct {
	mute bool        // publish nothing
	keys bool        // log/keys is to be written before the next checkpoint
	also note.Signer // signs the next checkpoint beside the present key
	file bool        // KeyFile.next is to replace KeyFile after the next checkpoint
}

const nextKey = ".next"

// Rotate gives the journal another signing key. The old key signs the new one
// in an entry of the journal, the first checkpoint after it is signed by both,
// and the private half of the old key is gone when Rotate returns. What was
// signed before stays verifiable by the old key; a verifier that knows the
// first key follows the chain (proof.Chain). Witnesses must be told the new key.
//
// Errors: problem.BadInput when the signer came from outside (Options.Signer);
// problem.Unavailable when the disk fails or the journal is too busy. After an
// error the change has either not happened or is finished by a later
// publication or the next Open.
func (j *Journal) Rotate(ctx context.Context) error {
	if err := j.ownKey(); err != nil {
		return err
	}
	j.pub.mu.Lock()
	defer j.pub.mu.Unlock()
	// Makes room for the entry, and ends a change that was interrupted.
	if _, err := j.publishLocked(ctx); err != nil {
		return err
	}
	if j.pub.change.file {
		if err := j.endChange(); err != nil {
			return err
		}
	}
	head := j.Head()
	h := proof.Handover{V: 1}
	return j.handOver(ctx, proof.TypeKeyChanged, j.Origin(), head.Size, head.Root, h)
}

// Succeed opens the journal in o.Dir under a new origin and a new key, because
// the folder was restored from a backup and what came after it is lost. The old
// origin must not go on: its witnesses and readers know a later tree. Indexes
// stay as they are. The first entry under the new origin, of type
// augenmass.journal.succeeded, names the old origin, the last checkpoint of it
// that the folder holds, and lost, a later checkpoint that is known from
// elsewhere (nil: none is known). Proofs from before stay verifiable under the
// old origin.
//
// o.Origin may be the first origin of the journal or its present one; the new
// one has "/2" behind the first, then "/3". A later Open with either goes on
// under the new one (log/keys says so). o.Known is ignored.
//
// Errors: those of Open; problem.BadInput when lost is not a checkpoint of this
// journal, or is one that the folder reaches, so that nothing is lost.
func Succeed(o Options, lost []byte) (*Journal, error) {
	o.Known, o.mute = nil, true
	j, err := Open(o)
	if err != nil {
		return nil, err
	}
	err = j.ownKey()
	if err == nil {
		err = j.succeed(context.Background(), lost)
	}
	if err = errors.Join(err, j.Close()); err != nil {
		return nil, err
	}
	o.mute = false
	return Open(o)
}

func (j *Journal) succeed(ctx context.Context, lost []byte) error {
	j.pub.mu.Lock()
	defer j.pub.mu.Unlock()
	last := j.published()
	h := proof.Handover{V: 1, Last: string(last.Note), Lost: string(lost)}
	if lost != nil {
		cp, err := proof.OpenCheckpoint(lost, j.present.Load().Verifier)
		if err != nil {
			return problem.New(problem.BadInput, "Der verlorene Prüfpunkt gehört nicht zu diesem Journal.", "The lost checkpoint does not belong to this journal.").Wrap(err)
		}
		if head := j.Head(); cp.Size <= head.Size {
			tree, err := proof.NewRange(cp.Size, j.view())
			if err != nil {
				return err
			}
			if tree.Root() == cp.Root {
				return problem.Newf(problem.BadInput, "Es ist nichts verloren: Das Journal hat %d Einträge und setzt den Prüfpunkt über %d fort.",
					"Nothing is lost: the journal has %d entries and extends the checkpoint over %d.", head.Size, cp.Size).
					WithHint("Bitte das Journal gewöhnlich öffnen.", "Please open the journal as usual.")
			}
		}
	}
	return j.handOver(ctx, proof.TypeSucceeded, nextOrigin(j.Keys()), last.Size, last.Root, h)
}

// nextOrigin counts the origins that a journal had.
func nextOrigin(keys []proof.Key) string {
	n := 1
	for i := 1; i < len(keys); i++ {
		if keys[i].Origin() != keys[i-1].Origin() {
			n++
		}
	}
	return fmt.Sprintf("%s/%d", keys[0].Origin(), n+1)
}

func (j *Journal) ownKey() error {
	if j.o.Signer == nil {
		return nil
	}
	return problem.New(problem.BadInput, "Der Signierschlüssel dieses Journals wird außerhalb geführt und lässt sich hier nicht wechseln.",
		"The signing key of this journal is kept elsewhere and cannot be changed here.")
}

// handOver makes the next key, appends the old key's statement about it and
// publishes under the new one. It is called with pub.mu held.
func (j *Journal) handOver(ctx context.Context, typ, origin string, size uint64, root tlog.Hash, h proof.Handover) error {
	now := j.present.Load()
	next, err := signing.Make(j.o.KeyFile+nextKey, origin, j.o.Rand)
	if err != nil {
		return err
	}
	stated, err := now.SignText(proof.HandoverText(typ, now.Origin(), size, root, next.VKey), nil)
	if err != nil {
		return err
	}
	h.Old, h.New, h.Note = now.VKey, next.VKey, string(stated.Note)
	id := fmt.Sprintf("jky_%08x", next.Verifier.KeyHash())
	e, err := NewEvent(id, "/journal", typ, origin, j.o.Now(), h)
	if err != nil {
		return err
	}
	raw, err := e.Encode()
	if err != nil {
		return err
	}
	b, at, err := j.queue.add(ctx, [][]byte{raw}, []tlog.Hash{tlog.RecordHash(raw)})
	if err != nil {
		return errors.Join(err, disk.RemoveIfThere(j.o.KeyFile+nextKey)) // it is certain that the entry was not taken
	}
	// The writer waits for nobody but the disk; whether the entry is durable
	// must be known before anything else is signed.
	<-b.done
	if b.err != nil {
		return b.err
	}
	j.takeOver(next, b.first+uint64(at))
	_, err = j.publishLocked(ctx)
	return err
}

// takeOver makes next the present key, brought by the entry at index.
func (j *Journal) takeOver(next *signing.Key, index uint64) {
	now := j.present.Load()
	j.mu.Lock()
	j.keys = append(j.keys, proof.Key{Since: index, VKey: next.VKey})
	j.mu.Unlock()
	j.pub.change = change{keys: true, file: true}
	if now.Origin() == next.Origin() {
		j.pub.change.also = now.Signer
	}
	j.present.Store(next)
}

// putKeys writes log/keys if it is due.
func (j *Journal) putKeys() error {
	if !j.pub.change.keys {
		return nil
	}
	err := j.disk.Put(filepath.Join(j.logDir(), proof.KeysFile), proof.FormatKeys(j.Keys()), true)
	if err == nil {
		err = j.disk.Barrier(false)
	}
	if err != nil {
		return unavailable("Die Liste der Schlüssel lässt sich nicht schreiben.", "The list of keys cannot be written.", err)
	}
	j.pub.change.keys = false
	return nil
}

// endChange replaces the key file once the new key has signed a checkpoint.
func (j *Journal) endChange() error {
	j.pub.change.also = nil
	if !j.pub.change.file {
		return nil
	}
	if err := promoteKey(j.o.KeyFile); err != nil {
		return err
	}
	j.pub.change.file = false
	return nil
}

func promoteKey(file string) error {
	err := os.Rename(file+nextKey, file)
	if err == nil {
		err = disk.SyncDir(filepath.Dir(file))
	}
	if err != nil {
		return unavailable("Der neue Signierschlüssel lässt sich nicht ablegen.", "The new signing key cannot be put in place.", err)
	}
	return nil
}

// readKeys reads log/keys; nil if there is none, as in journals that are older
// than the list.
func readKeys(logDir string) ([]proof.Key, error) {
	raw, err := os.ReadFile(filepath.Join(logDir, proof.KeysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable("Die Liste der Schlüssel lässt sich nicht lesen.", "The list of keys cannot be read.", err)
	}
	return proof.ParseKeys(raw)
}

func (j *Journal) signingOfOptions(create bool) (*signing.Key, error) {
	if j.o.Signer != nil {
		return signing.New(j.o.Signer, j.o.VerifierKey)
	}
	return signing.Load(j.o.KeyFile, j.o.Origin, create, j.o.Rand)
}

// loadSigning decides which key is present: that of the key file or, when a
// change of key was interrupted after its first checkpoint, the next one. It
// returns the next key of a change that did not get that far.
func (j *Journal) loadSigning(keys []proof.Key, checkpoint []byte) (next *signing.Key, err error) {
	if j.o.Signer == nil {
		if next, err = signing.Load(j.o.KeyFile+nextKey, "", false, nil); err != nil {
			if !errors.Is(err, signing.ErrNoKey) {
				return nil, err
			}
			next = nil
		}
	}
	if next != nil {
		if _, err := proof.OpenCheckpoint(checkpoint, next.Verifier); err == nil {
			if err := promoteKey(j.o.KeyFile); err != nil {
				return nil, err
			}
			next = nil
		}
	}
	s, err := j.signingOfOptions(false)
	if err != nil {
		return nil, err
	}
	if n := len(keys); n > 1 && next != nil && keys[n-1].VKey == next.VKey {
		keys = keys[:n-1]
	}
	if keys == nil {
		keys, j.pub.change.keys = []proof.Key{{VKey: s.VKey}}, true
	}
	last := keys[len(keys)-1]
	if o := j.o.Origin; o != keys[0].Origin() && o != last.Origin() {
		return nil, otherOrigin(last.Origin(), o)
	}
	if last.VKey != s.VKey {
		return nil, problem.Newf(problem.Corrupt, "Der Signierschlüssel ist nicht der, an den das Journal zuletzt übergeben wurde (%s).",
			"The signing key is not the one that the journal was last handed over to (%s).", last.VKey).
			WithHint("Journal und Schlüssel müssen aus derselben Sicherung stammen.", "Journal and key must come from the same backup.")
	}
	j.keys = keys
	j.present.Store(s)
	return next, nil
}

func otherOrigin(have, want string) error {
	return problem.Newf(problem.BadInput, "Der Signierschlüssel gehört zu „%s“, das Journal heißt „%s“.",
		"The signing key belongs to %q, the journal is named %q.", have, want)
}

// resumeChange finishes a change of key whose entry is durable and whose first
// checkpoint is missing; without the entry it did not happen. Without either it
// writes the list of keys where there is none.
func (j *Journal) resumeChange(next *signing.Key, published uint64) error {
	if next != nil {
		at, found := j.handedOver(next.VKey, published)
		if !found {
			if err := disk.RemoveIfThere(j.o.KeyFile + nextKey); err != nil {
				return unavailable("Der Ordner des Journals lässt sich nicht aufräumen.", "The folder of the journal cannot be tidied.", err)
			}
		} else {
			j.takeOver(next, at)
		}
	}
	return j.putKeys()
}

// handedOver looks for the entry that hands over to vkey among those that no
// checkpoint covers yet.
func (j *Journal) handedOver(vkey string, published uint64) (index uint64, found bool) {
	for i, l := range j.tail {
		index := j.tailStart + uint64(i)
		if index < published || !strings.Contains(string(l.entry), "augenmass.journal.") {
			continue
		}
		if h, _, ok := readHandover(l.entry); ok && h.New == vkey {
			return index, true
		}
	}
	return 0, false
}

func readHandover(raw []byte) (h proof.Handover, typ string, ok bool) {
	e, err := entry.Decode(raw)
	if err != nil || e.Type != proof.TypeKeyChanged && e.Type != proof.TypeSucceeded {
		return h, "", false
	}
	return h, e.Type, json.Unmarshal(e.Data, &h) == nil
}

// givenUp reports whether a checkpoint that was kept elsewhere, signed by the
// key at position by, belongs to what a later succession declared lost.
func (r *replay) givenUp(cp proof.Checkpoint, by int) (bool, error) {
	keys := r.j.keys
	for _, k := range keys[by+1:] {
		if k.Origin() == cp.Origin {
			continue
		}
		if k.Since >= r.cp.Size {
			return true, nil // the succession itself is not published yet
		}
		raw, err := r.tiles.Entry(k.Since)
		if err != nil {
			return false, err
		}
		h, _, ok := readHandover(raw)
		if !ok {
			return false, corrupt("log/"+proof.KeysFile, proof.None, int64(k.Since), "An dieser Stelle wurde kein Schlüssel übergeben.", "no key was handed over at this place.")
		}
		last, err := proof.ParseCheckpoint([]byte(h.Last), h.Old)
		return err == nil && cp.Size > last.Size, err
	}
	return false, nil
}
