package proof

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const fileHeader = "c2sp.org/tlog-proof@v1"

// File is a proof that stands alone: index, inclusion proof and checkpoint
// (C2SP tlog-proof). Extra is opaque and not authenticated.
type File struct {
	Extra      []byte
	Index      uint64
	Proof      tlog.RecordProof
	Checkpoint []byte
}

// Marshal writes f as text; files of this form end in ".tlog-proof".
func (f File) Marshal() []byte {
	b := []byte(fileHeader + "\n")
	if len(f.Extra) > 0 {
		b = append(b, "extra "...)
		b = base64.StdEncoding.AppendEncode(b, f.Extra)
		b = append(b, '\n')
	}
	b = append(b, "index "...)
	b = strconv.AppendUint(b, f.Index, 10)
	b = append(b, '\n')
	for _, h := range f.Proof {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, f.Checkpoint...)
}

// ParseFile reads a proof file. It accepts exactly what Marshal writes and
// verifies nothing; see Check.
func ParseFile(b []byte) (File, error) {
	bad := func() (File, error) {
		return File{}, broken("", None, "Die Nachweisdatei hat nicht die Form „c2sp.org/tlog-proof@v1“.", "the proof file is not in the form c2sp.org/tlog-proof@v1.")
	}
	var f File
	rest := b
	next := func() (string, bool) {
		line, tail, ok := bytes.Cut(rest, []byte("\n"))
		rest = tail
		return string(line), ok
	}
	if line, ok := next(); !ok || line != fileHeader {
		return bad()
	}
	line, ok := next()
	if !ok {
		return bad()
	}
	if coded, is := strings.CutPrefix(line, "extra "); is {
		extra, err := base64.StdEncoding.Strict().DecodeString(coded)
		if err != nil || len(extra) == 0 {
			return bad()
		}
		f.Extra = extra
		if line, ok = next(); !ok {
			return bad()
		}
	}
	digits, is := strings.CutPrefix(line, "index ")
	index, err := strconv.ParseUint(digits, 10, 63)
	if !is || err != nil {
		return bad()
	}
	f.Index = index
	for {
		if line, ok = next(); !ok || len(f.Proof) > 64 {
			return bad()
		}
		if line == "" {
			break
		}
		h, err := tlog.ParseHash(line)
		if err != nil {
			return bad()
		}
		f.Proof = append(f.Proof, h)
	}
	f.Checkpoint = rest
	if !bytes.Equal(f.Marshal(), b) {
		return bad()
	}
	return f, nil
}

// Check verifies the checkpoint with the log's vkey and that entry stands at
// f.Index in its tree.
func (f File) Check(entry []byte, vkey string) (Checkpoint, error) {
	cp, err := ParseCheckpoint(f.Checkpoint, vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	return cp, CheckRecord(cp, f.Index, entry, f.Proof)
}
