package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/record/ledger/proof"
)

// The write-ahead log is a row of segments. A segment is a file of fixed size,
// filled with zeros (or with the remains of an older use) before it is used:
//
//	header   512 bytes: magic, salt, number, first index, root so far, size, CRC
//	frame    64 bytes and its entries: one group commit
//	mark     16 bytes, written when the frame before it was flushed
//	frame, mark, …
//	seal     a frame without entries: the journal goes on in the next segment
//
// All numbers are big-endian. Every CRC-32C begins with the segment's random
// salt, so neither remains of an older use nor bytes inside an entry can pass
// for a frame. A frame also states tree size and root after it; replay computes
// both again, so a log that was changed with fitting checksums is found too.
//
// The mark is what tells a torn tail from damage. A frame is acknowledged only
// after its mark was written; a frame that does not check and has no mark or
// frame behind it was never acknowledged and may be cut. The mark itself is
// flushed with the next frame, so it proves the acknowledgement after a kill;
// after a power cut, damage to exactly the last frame of up to one publishing
// interval cannot be told from a torn write.
const (
	headerBytes = 512
	frameBytes  = 64
	markBytes   = 16
	walMagic    = "AUGWAL1\n"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// salt makes the checksums of one use of a segment its own.
type salt [8]byte

func (s salt) sum(parts ...[]byte) uint32 {
	c := crc32.Checksum(s[:], castagnoli)
	for _, p := range parts {
		c = crc32.Update(c, castagnoli, p)
	}
	return c
}

func (s salt) frameTag() uint32 { return s.sum([]byte("frame")) }
func (s salt) markTag() uint32  { return s.sum([]byte("flushed")) }

// segmentHeader is the content of a segment's first 512 bytes.
type segmentHeader struct {
	salt   salt
	number uint64    // counts the segments of a journal without gaps
	first  uint64    // index of the first entry in it
	root   tlog.Hash // root of the tree of the first entries
	size   int64     // bytes of the file
}

func (h segmentHeader) marshal() []byte {
	b := make([]byte, 0, headerBytes)
	b = append(b, walMagic...)
	b = append(b, h.salt[:]...)
	b = binary.BigEndian.AppendUint64(b, h.number)
	b = binary.BigEndian.AppendUint64(b, h.first)
	b = append(b, h.root[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.size))
	b = b[:headerBytes-4]
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func parseSegmentHeader(b []byte) (segmentHeader, bool) {
	var h segmentHeader
	if len(b) < headerBytes || string(b[:8]) != walMagic ||
		binary.BigEndian.Uint32(b[headerBytes-4:]) != crc32.Checksum(b[:headerBytes-4], castagnoli) {
		return h, false
	}
	copy(h.salt[:], b[8:])
	h.number = binary.BigEndian.Uint64(b[16:])
	h.first = binary.BigEndian.Uint64(b[24:])
	copy(h.root[:], b[32:])
	h.size = int64(binary.BigEndian.Uint64(b[64:]))
	return h, true
}

// frame is one parsed group commit.
type frame struct {
	first   uint64
	size    uint64 // tree size after it
	root    tlog.Hash
	entries [][]byte // none: a seal
	bytes   int      // with its header
}

// sealFrame fills in the header of buf, whose first 64 bytes are reserved for
// it and whose rest are the count entries in bundle form.
func sealFrame(buf []byte, s salt, first uint64, count int, root tlog.Hash) {
	binary.BigEndian.PutUint32(buf[0:], s.frameTag())
	binary.BigEndian.PutUint32(buf[8:], uint32(len(buf)-frameBytes))
	binary.BigEndian.PutUint32(buf[12:], uint32(count))
	binary.BigEndian.PutUint64(buf[16:], first)
	binary.BigEndian.PutUint64(buf[24:], first+uint64(count))
	copy(buf[32:], root[:])
	binary.BigEndian.PutUint32(buf[4:], s.sum(buf[8:]))
}

// Reasons why no frame was read.
var (
	errNoFrame  = errors.New("no frame begins here")
	errBadFrame = errors.New("the frame does not check")
)

// parseFrame reads the frame at the start of b. It returns errNoFrame if none
// was begun there and errBadFrame if one was begun but does not check.
func parseFrame(b []byte, s salt) (frame, error) {
	if len(b) < frameBytes || binary.BigEndian.Uint32(b) != s.frameTag() {
		return frame{}, errNoFrame
	}
	length := uint64(binary.BigEndian.Uint32(b[8:]))
	count := binary.BigEndian.Uint32(b[12:])
	if length > uint64(len(b)-frameBytes) || uint64(count)*2 > length {
		return frame{}, errBadFrame
	}
	b = b[:frameBytes+length]
	if binary.BigEndian.Uint32(b[4:]) != s.sum(b[8:]) {
		return frame{}, errBadFrame
	}
	f := frame{first: binary.BigEndian.Uint64(b[16:]), size: binary.BigEndian.Uint64(b[24:]), bytes: len(b)}
	copy(f.root[:], b[32:])
	entries, err := proof.ParseBundle(b[frameBytes:], int(count))
	if err != nil || f.size-f.first != uint64(count) || bundledBytes(entries) != int(length) {
		return frame{}, errBadFrame
	}
	f.entries = entries
	return f, nil
}

func bundledBytes(entries [][]byte) int {
	n := 0
	for _, e := range entries {
		n += 2 + len(e)
	}
	return n
}

// mark says that everything up to a tree of size was flushed.
func mark(s salt, size uint64) []byte {
	b := make([]byte, markBytes)
	binary.BigEndian.PutUint32(b, s.markTag())
	binary.BigEndian.PutUint64(b[8:], size)
	binary.BigEndian.PutUint32(b[4:], s.sum(b[8:]))
	return b
}

// parseMark returns the tree size of the mark at the start of b.
func parseMark(b []byte, s salt) (size uint64, ok bool) {
	if len(b) < markBytes || binary.BigEndian.Uint32(b) != s.markTag() ||
		binary.BigEndian.Uint32(b[4:]) != s.sum(b[8:markBytes]) {
		return 0, false
	}
	return binary.BigEndian.Uint64(b[8:]), true
}

// later reports whether b holds, at any byte, a valid frame or mark beyond a
// tree of size: proof that what stood before it was acknowledged. Copies of
// older frames inside entries do not count.
func later(b []byte, s salt, size uint64) bool {
	var tag [4]byte
	binary.BigEndian.PutUint32(tag[:], s.frameTag())
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], tag[:])
		if i < 0 {
			break
		}
		at += i
		if f, err := parseFrame(b[at:], s); err == nil && f.first >= size {
			return true
		}
	}
	binary.BigEndian.PutUint32(tag[:], s.markTag())
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], tag[:])
		if i < 0 {
			return false
		}
		at += i
		if marked, ok := parseMark(b[at:], s); ok && marked > size {
			return true
		}
	}
}

// segmentName orders like the segment's number.
func segmentName(number uint64) string { return fmt.Sprintf("%016d.wal", number) }
