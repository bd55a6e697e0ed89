// Package ident makes the ids of the house: a short prefix and a UUIDv7.
package ident

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// New returns prefix, underscore and a UUIDv7 (RFC 9562 section 5.7) in hex
// without dashes. The 12 bits after the version hold the fraction of the
// millisecond (section 6.2, method 3), so that ids sort by time to about a
// quarter of a microsecond. It panics when random fails: without randomness
// nothing here is safe.
func New(prefix string, at time.Time, random io.Reader) string {
	var u [16]byte
	if _, err := io.ReadFull(random, u[8:]); err != nil {
		panic(fmt.Sprintf("store: no randomness: %v", err))
	}
	ns := at.UnixNano()
	ms := ns / int64(time.Millisecond)
	frac := (ns % int64(time.Millisecond)) << 12 / int64(time.Millisecond)
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6] = 0x70 | byte(frac>>8)&0x0f
	u[7] = byte(frac)
	u[8] = u[8]&0x3f | 0x80
	return prefix + "_" + hex.EncodeToString(u[:])
}
