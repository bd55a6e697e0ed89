package store

import (
	"context"
	"encoding/json"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
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

// Feed hears what other nodes commit and tell from Open on, until ctx ends;
// then it returns nil. While the database cannot be reached it tries again, and
// misses nothing; a node that was cut off for more than an hour is told so with
// a Conflict and must start anew. On SQLite there are no other nodes, and Feed
// waits for ctx.
func (db *DB) Feed(ctx context.Context) error {
	if !db.engine.Shared() {
		<-ctx.Done()
		return nil
	}
	return db.feed.Run(ctx, db.outbox.Wake, db.hear)
}

// Heard is when Feed last knew that it had missed nothing; zero before the
// first time. Who must not act on old knowledge compares it with the clock. On
// SQLite it is always now.
func (db *DB) Heard() time.Time {
	if !db.engine.Shared() {
		return db.now()
	}
	return db.feed.Heard()
}

// changesTopic is that of lines which are lists of changes; Tell adds a prefix
// to the topics of others.
const (
	changesTopic = "changes"
	toldPrefix   = "told "
)

// hear hands one line of the feed to those who listen.
func (db *DB) hear(ctx context.Context, topic, body string) error {
	db.listening.RLock()
	remote := db.remote[:len(db.remote):len(db.remote)]
	told := db.told[:len(db.told):len(db.told)]
	db.listening.RUnlock()
	if topic != changesTopic {
		for _, fn := range told {
			fn(ctx, topic[len(toldPrefix):], body)
		}
		return nil
	}
	var changes []Change
	if err := json.Unmarshal([]byte(body), &changes); err != nil {
		return problem.New(problem.Corrupt, "Die Nachricht eines anderen Knotens lässt sich nicht lesen.", "The message of another node cannot be read.").Wrap(err)
	}
	for _, fn := range remote {
		fn(ctx, changes)
	}
	return nil
}

// line adds what other nodes must hear of the write. settle says how it ended;
// it is never nil.
func (tx *Tx) line() (settle func(unknown bool), err error) {
	settle = func(bool) {}
	if !tx.db.engine.Shared() {
		return settle, nil
	}
	if len(tx.changes) == 0 {
		if tx.emitted { // the node that leads empties the outbox
			tx.db.feed.Wake(tx.s)
		}
		return settle, nil
	}
	body, err := json.Marshal(tx.changes)
	if err != nil {
		return settle, err
	}
	number, err := tx.db.feed.Put(tx.ctx, tx.s, changesTopic, string(body))
	return func(unknown bool) { tx.db.feed.Settle(number, unknown) }, err
}

// Tell sends a notice to all other nodes, where OnTold hears it within a
// second, exactly once, after everything that was committed before. It returns
// when the notice is durable. On SQLite nobody is there to hear it.
func (db *DB) Tell(ctx context.Context, topic, payload string) error {
	if !db.engine.Shared() {
		return nil
	}
	return db.engine.Write(ctx, func(s engine.Session) error {
		number, err := db.feed.Put(ctx, s, toldPrefix+topic, payload)
		db.feed.Settle(number, false) // nobody here hears it in any case
		return err
	})
}

// Lock waits for the mutual exclusion called name among all nodes of this
// organisation, and holds it until unlock is called. It returns an error when
// ctx ends first. A node that dies sets its locks free within seconds; who
// must not go on then uses a lead with an epoch instead.
func (db *DB) Lock(ctx context.Context, name string) (unlock func(), err error) {
	return db.engine.Lock(ctx, name)
}
