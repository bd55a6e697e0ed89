package vault

import (
	"context"
	"errors"
)

// Tree keeps small and large named blobs for the vault: in a folder (Files) or
// in PostgreSQL (record/store/blobs). A name is "root", "keys/ab/<tag>" or
// "blobs/ab/<hash>"; what lies under it is sealed before it gets here.
//
// Every write is on stable storage when it returns, and whole or absent after
// a crash. An error other than those named is a failing disk or database; a
// *problem.Problem among them passes through the vault as it is. All methods
// may be called from many goroutines.
type Tree interface {
	// Read returns a blob of at most limit bytes: fs.ErrNotExist if there is
	// none, ErrTooLong if it is longer.
	Read(ctx context.Context, name string, limit int64) ([]byte, error)
	// Create writes a blob where there is none; fs.ErrExist if there is one.
	Create(ctx context.Context, name string, data []byte) error
	// Swap writes a blob if what is said about the state holds in the instant
	// of writing; else it changes nothing and returns ErrChanged.
	Swap(ctx context.Context, s Swap) error
	// Remove removes blobs. A name that is not there is no error.
	Remove(ctx context.Context, names ...string) error
	// Walk calls f for every blob whose name begins with prefix, in the order of
	// names, with up to head bytes of its beginning. What is created or removed
	// meanwhile may be missed. An error of f ends the walk and is returned.
	Walk(ctx context.Context, prefix string, head int, f func(Entry) error) error
	// Shared reports whether other processes may change the tree: then nothing
	// that was read may be remembered.
	Shared() bool
	// Close ends the use of the tree.
	Close() error
}

// Entry is one blob of a walk. A thing that is no blob (a directory in a
// place of files) has a name with a slash at its end.
type Entry struct {
	Name string
	Size int64  // bytes; 0 when no head was asked for
	Head []byte // its first bytes
}

// Swap is a conditional write.
type Swap struct {
	Name string
	Old  []byte // what must lie there; nil: nothing
	New  []byte
	// While, if its name is set, is another blob that must be what it was.
	While struct {
		Name string
		Data []byte
	}
	// Destroy overwrites what lay there, as far as the medium lets one, so that
	// it cannot be read again. Old may then be nil: whatever lies there.
	Destroy bool
}

// ErrChanged says that a Swap found another state than the caller knew.
var ErrChanged = errors.New("the blob was changed meanwhile")

// ErrTooLong says that a blob is longer than the caller allows.
var ErrTooLong = errors.New("the blob is too long")
