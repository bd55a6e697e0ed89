package ledger

import (
	"bytes"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/record/ledger/proof"
)

var testSalt = salt{1, 2, 3, 4, 5, 6, 7, 8}

func sealed(first uint64, entries ...string) []byte {
	buf := make([]byte, frameBytes)
	for _, e := range entries {
		buf = proof.AppendBundled(buf, []byte(e))
	}
	sealFrame(buf, testSalt, first, len(entries), tlog.Hash{9})
	return buf
}

func TestFrameRoundTrip(t *testing.T) {
	for _, entries := range [][]string{{"a"}, {"a", "", "ccc"}, {}} {
		raw := sealed(41, entries...)
		f, err := parseFrame(append(bytes.Clone(raw), "what follows"...), testSalt)
		if err != nil || f.first != 41 || f.size != 41+uint64(len(entries)) || f.root != (tlog.Hash{9}) || f.bytes != len(raw) || len(f.entries) != len(entries) {
			t.Fatalf("%+v %v", f, err)
		}
		for i, e := range entries {
			if string(f.entries[i]) != e {
				t.Fatalf("entry %d: %q", i, f.entries[i])
			}
		}
		for at := range raw {
			for bit := range 8 {
				b := bytes.Clone(raw)
				b[at] ^= 1 << bit
				if _, err := parseFrame(b, testSalt); err == nil {
					t.Fatalf("flip of byte %d went unnoticed", at)
				}
			}
			if _, err := parseFrame(raw[:at], testSalt); err == nil {
				t.Fatalf("a frame cut after %d bytes is read", at)
			}
		}
		if _, err := parseFrame(raw, salt{}); err != errNoFrame {
			t.Fatalf("a frame of another use of the segment: %v", err)
		}
	}
}

func TestLaterFindsWhatWasAcknowledged(t *testing.T) {
	damaged := sealed(5, "five", "six")
	damaged[frameBytes+3] ^= 1
	for name, c := range map[string]struct {
		behind []byte
		want   bool
	}{
		"nothing":               {nil, false},
		"mark of the damaged":   {mark(testSalt, 7), true},
		"mark of an older one":  {mark(testSalt, 5), false},
		"next frame":            {sealed(7, "seven"), true},
		"next frame, shifted":   {append([]byte("xyz"), sealed(7, "seven")...), true},
		"copy of an older one":  {sealed(3, "three", "four"), false},
		"of another use":        {mark(salt{}, 7), false},
		"next frame, also torn": {sealed(7, "seven")[:40], false},
	} {
		if got := later(append(bytes.Clone(damaged), c.behind...), testSalt, 5); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSegmentHeaderRoundTrip(t *testing.T) {
	h := segmentHeader{salt: testSalt, number: 3, first: 77, root: tlog.Hash{1}, size: 8 << 10}
	raw := h.marshal()
	if got, ok := parseSegmentHeader(raw); !ok || got != h || len(raw) != headerBytes {
		t.Fatalf("%+v %v", got, ok)
	}
	for at := range raw {
		b := bytes.Clone(raw)
		b[at] ^= 0x10
		if _, ok := parseSegmentHeader(b); ok {
			t.Fatalf("flip of byte %d went unnoticed", at)
		}
	}
	if _, ok := parseSegmentHeader(raw[:100]); ok {
		t.Fatal("a cut header is read")
	}
}

func FuzzParseFrame(f *testing.F) {
	f.Add(sealed(5, "five", "six"), true)
	f.Add(sealed(0), false)
	f.Add(mark(testSalt, 9), false)
	f.Fuzz(func(t *testing.T, b []byte, fix bool) {
		if fix && len(b) >= frameBytes { // let the fuzzer past tag and checksum
			binary.BigEndian.PutUint32(b, testSalt.frameTag())
			length := min(uint64(binary.BigEndian.Uint32(b[8:])), uint64(len(b)-frameBytes))
			binary.BigEndian.PutUint32(b[4:], testSalt.sum(b[8:frameBytes+length]))
		}
		later(b, testSalt, 3)
		parseMark(b, testSalt)
		parseSegmentHeader(b)
		p, err := parseFrame(b, testSalt)
		if err != nil {
			return
		}
		again := make([]byte, frameBytes)
		for _, e := range p.entries {
			again = proof.AppendBundled(again, e)
		}
		sealFrame(again, testSalt, p.first, len(p.entries), p.root)
		if !bytes.Equal(again, b[:p.bytes]) {
			t.Fatalf("%x is read as %x", b, again)
		}
	})
}
