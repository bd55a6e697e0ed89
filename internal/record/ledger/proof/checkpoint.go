package proof

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
)

// CheckpointFile is the path of the current checkpoint among the published
// files (C2SP tlog-tiles, "Checkpoints").
const CheckpointFile = "checkpoint"

// Checkpoint is a verified signed tree head.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   tlog.Hash
	Note   []byte // the signed note as it was read
}

// Text returns the note text of a checkpoint without extension lines (C2SP
// tlog-checkpoint, "Note text").
func Text(origin string, size uint64, root tlog.Hash) string {
	return origin + "\n" + strconv.FormatUint(size, 10) + "\n" + root.String() + "\n"
}

// ParseCheckpoint verifies msg with the log's key in the form
// "name+hash+keydata" (C2SP signed-note). The origin line must be the key's
// name. Signatures by other keys are ignored, as the specification demands;
// spellings that decode to the same signature but differ in bytes are refused.
func ParseCheckpoint(msg []byte, vkey string) (Checkpoint, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Checkpoint{}, problem.New(problem.BadInput,
			"Der öffentliche Schlüssel des Journals ist unlesbar.", "The public key of the journal is unreadable.").Wrap(err)
	}
	return OpenCheckpoint(msg, v)
}

// OpenCheckpoint is ParseCheckpoint with a verifier.
func OpenCheckpoint(msg []byte, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		p := broken(CheckpointFile, None, "Die Unterschrift des Prüfpunkts ist nicht gültig.", "the signature of the checkpoint is not valid.")
		p.Err = fmt.Errorf("%w: %w", p.Err, err)
		return Checkpoint{}, p
	}
	cp, ok := parseText(n.Text)
	if !ok || !strictSignatures(n.Sigs) || !strictSignatures(n.UnverifiedSigs) {
		return Checkpoint{}, broken(CheckpointFile, None, "Der Prüfpunkt hat nicht die verlangte Form.", "the checkpoint is not in the required form.")
	}
	if cp.Origin != v.Name() {
		return Checkpoint{}, broken(CheckpointFile, None, "Der Prüfpunkt gehört zu „%s“, der Schlüssel zu „%s“.",
			"the checkpoint belongs to %q, the key to %q.", cp.Origin, v.Name())
	}
	cp.Note = msg
	return cp, nil
}

func parseText(s string) (Checkpoint, bool) {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if len(lines) < 3 || lines[0] == "" {
		return Checkpoint{}, false
	}
	for _, extension := range lines[3:] {
		if extension == "" {
			return Checkpoint{}, false
		}
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return Checkpoint{}, false
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || !strings.HasPrefix(s, Text(lines[0], size, root)) {
		return Checkpoint{}, false
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, true
}

// strictSignatures refuses base64 with stray bits, which package note accepts:
// one note must have one spelling, or a changed byte could go unnoticed.
func strictSignatures(sigs []note.Signature) bool {
	for _, s := range sigs {
		b, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(b) != s.Base64 {
			return false
		}
	}
	return true
}
