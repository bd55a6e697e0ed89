package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Request is the body of add-checkpoint (C2SP tlog-witness).
type Request struct {
	Old        uint64 // size of the tree that the proof begins at
	Proof      tlog.TreeProof
	Checkpoint []byte // signed note
}

// maxProof is how many lines of proof a request may have.
const maxProof = 63

// Marshal writes the request.
func (r Request) Marshal() []byte {
	b := append([]byte("old "), strconv.FormatUint(r.Old, 10)...)
	b = append(b, '\n')
	for _, h := range r.Proof {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, r.Checkpoint...)
}

// ParseRequest reads exactly what Marshal writes and verifies nothing.
func ParseRequest(b []byte) (Request, error) {
	var r Request
	bad := errors.New("the request is not in the form of add-checkpoint")
	head, note, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		return r, bad
	}
	lines := strings.Split(string(head), "\n")
	digits, is := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseUint(digits, 10, 63)
	if !is || err != nil || len(lines)-1 > maxProof {
		return r, bad
	}
	r.Old, r.Checkpoint = old, note
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return r, bad
		}
		r.Proof = append(r.Proof, h)
	}
	if !bytes.Equal(r.Marshal(), b) {
		return r, bad
	}
	return r, nil
}
