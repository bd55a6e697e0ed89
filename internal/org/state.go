package org

import (
	"context"
	"time"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// RecordState is how the record of an organisation stands, as one node knows
// it: what a page about it shows. No witness and no other node is asked for it;
// of publishing and of the witnesses only the node that leads knows.
type RecordState struct {
	ledger.Status
	At    time.Time    // when this was so
	Names []RecordName // every key that signed the journal, the first of them first, at most namesTold from the end

	Schema  string    // on PostgreSQL; empty: in a folder
	Leads   bool      // this node publishes and does what one does for all
	Unheard bool      // this node may have missed what others changed, and denies
	HeardAt time.Time // when this node last knew that it had missed nothing; zero: never
}

// RecordName is a name and key under which the journal was or is signed.
type RecordName struct {
	proof.Key
	At time.Time // of the entry that brought it; zero when that entry cannot be read
}

// namesTold is the most keys of which RecordState tells: each costs reading one
// entry.
const namesTold = 10

// Trouble is a state of the record that somebody must look into.
type Trouble string

// The troubles, the gravest first.
const (
	Refused  Trouble = "refused"  // the journal takes no entries, so everything is denied
	Unheard  Trouble = "unheard"  // this node has not heard the others and denies
	Forked   Trouble = "forked"   // a witness cosigned another tree
	Ahead    Trouble = "ahead"    // a witness cosigned more than there is
	Unsigned Trouble = "unsigned" // publishing fails, and the last checkpoint is older than unsignedAge
)

// unsignedAge is how old the last checkpoint may be while publishing fails: one
// try that fails is no trouble.
const unsignedAge = time.Minute

// Troubles returns what is wrong, the gravest first; nothing for a record in
// order. A witness that is silent is none: the journal fails open.
func (s RecordState) Troubles() []Trouble {
	var out []Trouble
	add := func(is bool, t Trouble) {
		if is {
			out = append(out, t)
		}
	}
	forked, ahead := false, false
	for _, w := range s.Witnesses {
		forked = forked || w.Forked
		ahead = ahead || w.Ahead > 0
	}
	add(s.Failed != nil, Refused)
	add(s.Unheard, Unheard)
	add(forked, Forked)
	add(ahead, Ahead)
	add(s.Leads && s.PublishErr != nil && s.At.Sub(s.PublishedAt) > unsignedAge, Unsigned)
	return out
}

// Troubles tells what is wrong with the record now, as RecordState does, and
// reads nothing for it.
func (g *Org) Troubles() []Trouble { return g.standing().Troubles() }

// standing is the state without the names, which cost reading.
func (g *Org) standing() RecordState {
	return RecordState{Status: g.Journal.Status(), At: g.o.Now(), Leads: g.Leads(), Unheard: g.unheard(), HeardAt: g.heardAt()}
}

// RecordState tells how the record stands now.
func (g *Org) RecordState(ctx context.Context) RecordState {
	s := g.standing()
	if g.o.Database != "" {
		s.Schema = Schema(g.Slug)
	}
	keys := []proof.Key{{VKey: g.Journal.VerifierKey()}}
	if j, ok := g.Journal.(interface{ Keys() []proof.Key }); ok { // where the key can change
		keys = j.Keys()
	}
	for _, k := range keys[max(0, len(keys)-namesTold):] {
		s.Names = append(s.Names, RecordName{Key: k, At: g.entryTime(ctx, k.Since)})
	}
	return s
}

// entryTime is the time of one entry. The state of a record that cannot be read
// is to be shown all the same, so an error is no time.
func (g *Org) entryTime(ctx context.Context, index uint64) time.Time {
	raw, err := g.Journal.Entry(ctx, index)
	if err != nil {
		return time.Time{}
	}
	e, err := ledger.Decode(raw)
	if err != nil {
		return time.Time{}
	}
	return e.Time
}
