package store

import (
	"io"
	"time"

	"augenmass/internal/record/store/ident"
)

// NewID returns prefix, underscore and a UUIDv7, in the order of time; see ident.
func NewID(prefix string, at time.Time, random io.Reader) string {
	return ident.New(prefix, at, random)
}
