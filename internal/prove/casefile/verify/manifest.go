package verify

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Names inside a case file.
const (
	ManifestFile  = "manifest.json"
	SealFile      = "manifest.sig"
	ChecksFile    = "checks.json"
	JournalFolder = "journal"
	ProofFolder   = "proofs"
	PermitFolder  = "permits"
	ObjectFolder  = "objects"
	ReadmeFile    = "README.txt"
)

// Format is the version of the case file that this package reads.
const Format = "augenmass.case.v1"

// Manifest says what a case file holds. It is signed with the seal key, and the
// seal key is announced in the journal.
type Manifest struct {
	Format     string    `json:"format"`
	Origin     string    `json:"origin"` // of the journal
	BuiltAt    time.Time `json:"built_at"`
	From       time.Time `json:"from"` // period the checks look at
	To         time.Time `json:"to"`
	Size       uint64    `json:"size"` // journal entries
	Root       string    `json:"root"` // base64, as in the checkpoint
	JournalKey string    `json:"journal_key"`
	SealKey    string    `json:"seal_key"`
	Files      []Listed  `json:"files"` // sorted by path; all but manifest and seal
}

// Listed is one file of the case.
type Listed struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// SealText is what the seal key signs for the bytes of a manifest.
func SealText(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return Format + "\n" + hex.EncodeToString(sum[:]) + "\n"
}

// TypeKey is the journal entry that announces a key; its data is a KeyEntry.
const TypeKey = "augenmass.key.announced"

// KeyEntry announces the key that seals case files and signs permits and
// approvals.
type KeyEntry struct {
	V    int    `json:"v"`
	Use  string `json:"use"` // seal
	VKey string `json:"vkey"`
}

// KeyUse is the use of the seal key.
const KeyUse = "seal"

// openSeal checks the note under a manifest. It says which of the two files is
// wrong.
func openSeal(seal, manifest []byte, v note.Verifier) (file string, err error) {
	text, _, ok := strings.Cut(string(seal), "\n\n")
	if !ok {
		return SealFile, fmt.Errorf("not a signed note")
	}
	if text+"\n" != SealText(manifest) {
		lines := strings.Split(text, "\n")
		if len(lines) != 2 || lines[0] != Format || len(lines[1]) != 64 {
			return SealFile, fmt.Errorf("not the seal of a case file")
		}
		return ManifestFile, fmt.Errorf("the manifest does not fit its seal")
	}
	n, err := note.Open(seal, note.VerifierList(v))
	if err != nil {
		return SealFile, err
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return SealFile, fmt.Errorf("the seal carries other signatures")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != n.Sigs[0].Base64 {
		return SealFile, fmt.Errorf("the signature is not in its only form")
	}
	return "", nil
}
