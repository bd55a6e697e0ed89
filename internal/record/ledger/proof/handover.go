package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Types of the journal entries that pass a journal from one signing key to the
// next. Their data is a Handover.
const (
	// TypeKeyChanged: the same log goes on under another key.
	TypeKeyChanged = "augenmass.journal.key_changed"
	// TypeSucceeded: the log ended, because a part of it was lost; its tree, as
	// far as it is left, goes on under another origin and another key.
	TypeSucceeded = "augenmass.journal.succeeded"
)

// Handover is the statement of the old key that another one follows it.
//
// Note is a checkpoint like any other of the old key, with one extension line:
// the type of the entry, a space and the vkey of the new key. In a change of
// key it is over the tree before the entry; in a succession it is over size and
// root of Last. So the old key signs nothing but checkpoints of its own tree.
type Handover struct {
	V    int    `json:"v"`              // 1
	Old  string `json:"old"`            // vkey
	New  string `json:"new"`            // vkey
	Note string `json:"note"`           // signed by Old
	Last string `json:"last,omitempty"` // succession: the last checkpoint of the old origin that the folder held
	Lost string `json:"lost,omitempty"` // succession: a checkpoint of the old origin that what is left does not reach
}

// HandoverText is the text of a Handover's note: the checkpoint of size and
// root with the line that names the next key.
func HandoverText(typ, origin string, size uint64, root tlog.Hash, next string) string {
	return Text(origin, size, root) + typ + " " + next + "\n"
}

// Roots answers which root the tree had at an earlier size; *Tiles does.
type Roots interface {
	Root(size uint64) (tlog.Hash, error)
}

// Key is one of the keys that signed a journal one after the other.
type Key struct {
	Since uint64 // index of the entry that brought it; 0 for the first
	VKey  string
}

// Origin is the name under which the key signs.
func (k Key) Origin() string {
	name, _, _ := strings.Cut(k.VKey, "+")
	return name
}

// KeysFile is the path of the list of keys among the published files. It saves
// reading the journal for them and proves nothing; a Chain does.
const KeysFile = "keys"

// FormatKeys writes the list of keys: one line each, since and vkey.
func FormatKeys(keys []Key) []byte {
	var b []byte
	for _, k := range keys {
		b = strconv.AppendUint(b, k.Since, 10)
		b = append(b, ' ')
		b = append(b, k.VKey...)
		b = append(b, '\n')
	}
	return b
}

// ParseKeys reads what FormatKeys writes: at least one key, the first since 0,
// the others in order.
func ParseKeys(b []byte) ([]Key, error) {
	var keys []Key
	for line := range strings.Lines(string(b)) {
		since, vkey, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.ParseUint(since, 10, 63)
		if _, verr := note.NewVerifier(vkey); !ok || err != nil || verr != nil {
			return nil, broken(KeysFile, None, "Die Liste der Schlüssel ist unlesbar.", "the list of keys is unreadable.")
		}
		keys = append(keys, Key{Since: n, VKey: vkey})
	}
	ordered := slices.IsSortedFunc(keys, func(a, b Key) int { return int(int64(a.Since) - int64(b.Since)) })
	if len(keys) == 0 || keys[0].Since != 0 || !ordered || string(FormatKeys(keys)) != string(b) {
		return nil, broken(KeysFile, None, "Die Liste der Schlüssel ist unvollständig.", "the list of keys is incomplete.")
	}
	return keys, nil
}

// Chain follows the keys of a journal through its entries, from the first to
// the one that signs its checkpoint now. The zero value is ready.
type Chain struct {
	keys []Key
}

// See takes the entry at index. Entries of other types are passed over. A
// handover must be signed by the key that was valid, over a root that the tree
// really had; otherwise See returns problem.Corrupt. roots may cover more than
// index entries.
func (c *Chain) See(index uint64, typ string, data []byte, roots Roots) error {
	if typ != TypeKeyChanged && typ != TypeSucceeded {
		return nil
	}
	h, err := parseHandover(data)
	if err == nil {
		if len(c.keys) == 0 {
			c.keys = []Key{{VKey: h.Old}}
		}
		if present := c.keys[len(c.keys)-1]; h.Old != present.VKey {
			err = fmt.Errorf("the key that hands over is not the one that was valid")
		}
	}
	if err == nil {
		err = h.check(index, typ, roots)
	}
	if err != nil {
		return (&Break{Offset: None, Index: int64(index), Reason: text.Bi{
			DE: "Der Wechsel des Schlüssels ist nicht vom bisherigen Schlüssel unterschrieben oder passt nicht zum Baum.",
			EN: "the change of key is not signed by the key before it, or does not fit the tree: " + err.Error() + "."}}).Problem()
	}
	c.keys = append(c.keys, Key{Since: index, VKey: h.New})
	return nil
}

// Keys ends the chain: vkey is the key of the checkpoint, and must be the last
// of it. It returns all keys in order. Errors: problem.Corrupt.
func (c *Chain) Keys(vkey string) ([]Key, error) {
	if len(c.keys) == 0 {
		return []Key{{VKey: vkey}}, nil
	}
	if last := c.keys[len(c.keys)-1]; last.VKey != vkey {
		return nil, broken(CheckpointFile, int64(last.Since), "Das Journal wurde an einen anderen Schlüssel übergeben als den, der den Prüfpunkt unterschreibt.",
			"the journal was handed over to another key than the one that signs the checkpoint.")
	}
	return slices.Clone(c.keys), nil
}

func parseHandover(data []byte) (Handover, error) {
	var h Handover
	if err := json.Unmarshal(data, &h); err != nil || h.V != 1 {
		return h, fmt.Errorf("not a handover of version 1")
	}
	return h, nil
}

// check verifies one handover by its own key.
func (h Handover) check(index uint64, typ string, roots Roots) error {
	old, err := note.NewVerifier(h.Old)
	if err != nil {
		return fmt.Errorf("old key: %w", err)
	}
	next, err := note.NewVerifier(h.New)
	if err != nil {
		return fmt.Errorf("new key: %w", err)
	}
	cp, err := OpenCheckpoint([]byte(h.Note), old)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(h.Note, HandoverText(typ, cp.Origin, cp.Size, cp.Root, h.New)+"\n") {
		return fmt.Errorf("the note names another key")
	}
	if (typ == TypeKeyChanged) != (old.Name() == next.Name()) {
		return fmt.Errorf("the new key has the wrong name")
	}
	if typ == TypeSucceeded {
		last, err := OpenCheckpoint([]byte(h.Last), old)
		if err != nil || last.Size != cp.Size || last.Root != cp.Root {
			return fmt.Errorf("the last checkpoint of the old origin is not the one named")
		}
		if h.Lost != "" {
			if _, err := OpenCheckpoint([]byte(h.Lost), old); err != nil {
				return err
			}
		}
	}
	if cp.Size > index {
		return fmt.Errorf("the note is over %d entries and stands at %d", cp.Size, index)
	}
	root, err := roots.Root(cp.Size)
	if err != nil {
		return err
	}
	if root != cp.Root {
		return fmt.Errorf("the tree of %d entries has another root", cp.Size)
	}
	return nil
}

// OpenUnderAny verifies msg with the keys, latest first, and returns the
// position of the key that signed it. Errors as OpenCheckpoint for the last.
func OpenUnderAny(msg []byte, keys []Key) (Checkpoint, int, error) {
	var last error = problem.New(problem.BadInput, "Es ist kein Schlüssel des Journals bekannt.", "No key of the journal is known.")
	for i := len(keys) - 1; i >= 0; i-- {
		cp, err := ParseCheckpoint(msg, keys[i].VKey)
		if err == nil {
			return cp, i, nil
		}
		last = err
	}
	return Checkpoint{}, 0, last
}
