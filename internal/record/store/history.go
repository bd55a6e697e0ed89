package store

import (
	"context"
	"database/sql"
	"reflect"
	"time"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/shape"
)

// Version is one revision in the history of an object.
type Version struct {
	Revision     int64
	At           time.Time
	Actor        string
	Op           string
	Title        string
	Diffs        []Diff // against the revision before; none of a deletion
	JournalIndex int64  // of the entry that records it; -1 until sequenced
	Hash         string // of the canonical document, as in the journal entry; "" of a deletion
	Salt         string // hex; with it, Hash is a commitment (kinds with personal fields); else ""
}

// History returns all revisions of an object, oldest first, also of a deleted
// one. Its reader needs read access to the object (once deleted, to its last
// document).
func (db *DB) History(ctx context.Context, kind, id string) ([]Version, error) {
	if _, ok := ActorFrom(ctx); !ok {
		return nil, refusal.Nobody()
	}
	k, ok := db.kinds[kind]
	if !ok {
		return nil, refusal.UnknownKind(kind)
	}
	var out []Version
	var before, last any
	err := db.session().Query(ctx, "SELECT revision, at, actor, op, title, journal_index, hash, salt, shape, doc FROM history "+
		"WHERE id = $1 AND kind = $2 ORDER BY revision", []any{id, kind}, func(r *sql.Rows) error {
		var v Version
		var at int64
		var version int
		var raw []byte
		if err := r.Scan(&v.Revision, &at, &v.Actor, &v.Op, &v.Title, &v.JournalIndex, &v.Hash, &v.Salt, &version, &raw); err != nil {
			return err
		}
		v.At = shape.FromMicros(at)
		var doc any
		if v.Op != Deleted {
			var err error
			if doc, err = k.read(raw, version); err != nil {
				return err
			}
			v.Diffs = k.shape.Diffs(valueOf(before), valueOf(doc))
			last = doc
		}
		before = doc
		out = append(out, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, refusal.Missing(k.name, id)
	}
	if _, err := db.allow(ctx, Read, k, last); err != nil {
		return nil, err
	}
	return out, nil
}

func valueOf(doc any) reflect.Value {
	if doc == nil {
		return reflect.Value{}
	}
	return reflect.ValueOf(doc).Elem()
}

// asOf returns the object as it was at an instant.
func (s session) asOf(ctx context.Context, k *kind, id string, at time.Time) (row, error) {
	k, err := s.known(k)
	if err != nil {
		return row{}, err
	}
	if _, ok := ActorFrom(ctx); !ok {
		return row{}, refusal.Nobody()
	}
	var r row
	var op string
	var version int
	var created, updated int64
	found, err := s.One(ctx, "SELECT revision, op, title, shape, doc, created_at, created_by, at, actor FROM history "+
		"WHERE id = $1 AND kind = $2 AND at <= $3 ORDER BY revision DESC LIMIT 1", []any{id, k.name, shape.Micros(at)},
		&r.Revision, &op, &r.Title, &version, &r.raw, &created, &r.CreatedBy, &updated, &r.UpdatedBy)
	if err != nil {
		return row{}, err
	}
	if !found || op == Deleted {
		return row{}, refusal.Missing(k.name, id)
	}
	r.ID, r.CreatedAt, r.UpdatedAt = id, shape.FromMicros(created), shape.FromMicros(updated)
	if r.doc, err = k.read(r.raw, version); err != nil {
		return row{}, err
	}
	if version < k.version {
		if r.raw, err = encode(r.doc); err != nil {
			return row{}, err
		}
	}
	if _, err := s.db.allow(ctx, Read, k, r.doc); err != nil {
		return row{}, err
	}
	return r, nil
}

// placed tells a version its index in the journal.
func placed(ctx context.Context, s engine.Session, id string, revision int64, index uint64) error {
	_, err := s.Exec(ctx, "UPDATE history SET journal_index = $1 WHERE id = $2 AND revision = $3", int64(index), id, revision)
	return err
}
