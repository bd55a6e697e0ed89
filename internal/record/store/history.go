package store

import "time"

// Version is one revision in the history of an object.
type Version struct {
	Revision     int64
	At           time.Time
	Actor        string
	Op           string
	Title        string
	Diffs        []Diff // against the revision before
	JournalIndex int64  // of the entry that records it; -1 until sequenced
	Hash         string // of the canonical document, as in the journal entry
	Salt         string // hex; with it, Hash is a commitment (kinds with personal fields); else ""
}

// Link is one reference between objects.
type Link struct {
	FromKind  string
	FromID    string
	FromTitle string
	Field     string // declared path of the referring field
	ToKind    string
	ToID      string
}
