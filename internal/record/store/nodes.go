package store

import (
	"context"
	"time"

	"augenmass/internal/problem"
)

// OnRemote adds a listener for the changes that other nodes committed, and for
// those of this node whose commit ended without an answer. Feed calls it, one
// call at a time, in the order of the commits, each change exactly once.
func (db *DB) OnRemote(fn func(ctx context.Context, changes []Change)) {
	db.listening.Lock()
	defer db.listening.Unlock()
	db.remote = append(db.remote, fn)
}

// OnTold adds a listener for the notices of other nodes; see Tell. Feed calls
// it, in one order with the changes.
func (db *DB) OnTold(fn func(ctx context.Context, topic, payload string)) {
	db.listening.Lock()
	defer db.listening.Unlock()
	db.told = append(db.told, fn)
}

// Feed hears what other nodes commit and tell, until ctx ends; then it returns
// nil. On SQLite there are no other nodes, and it waits.
func (db *DB) Feed(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Heard is when Feed last knew that it had missed nothing; zero before the
// first time. Who must not act on old knowledge compares it with the clock. On
// SQLite it is always now.
func (db *DB) Heard() time.Time { return db.now() }

// Tell sends a notice to all other nodes, where OnTold hears it within a
// second, after everything that was committed before. On SQLite nobody is
// there to hear it.
func (db *DB) Tell(ctx context.Context, topic, payload string) error { return nil }

// Lock waits for the mutual exclusion called name among all nodes of this
// organisation, and holds it until unlock is called. It returns an error when
// ctx ends first. A node that dies sets its locks free within seconds; who
// must not go on then uses a lead with an epoch instead.
func (db *DB) Lock(ctx context.Context, name string) (unlock func(), err error) {
	db.listening.Lock()
	if db.locks == nil {
		db.locks = map[string]chan struct{}{}
	}
	held := db.locks[name]
	if held == nil {
		held = make(chan struct{}, 1)
		db.locks[name] = held
	}
	db.listening.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, problem.New(problem.Unavailable, "Das Warten wurde abgebrochen.", "Waiting was given up.").Wrap(ctx.Err())
	}
}
