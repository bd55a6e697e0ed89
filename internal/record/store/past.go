package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"augenmass/internal/record/store/shape"
)

// Revision is one revision of an object with its document.
type Revision[T any] struct {
	ID       string
	Revision int64
	At       time.Time
	Actor    string
	Op       string
	Doc      T // as it was then; of a deletion the zero value
}

// Past returns every revision of every object of the kind, also of deleted ones,
// by id and revision: one query, for charts over time. Where access depends on
// the document, what may not be read is left out.
func (k *Kind[T]) Past(ctx context.Context, r Reader) ([]Revision[T], error) {
	s := r.session()
	known, err := s.known(k.k)
	if err != nil {
		return nil, err
	}
	ask := s.mayRead(ctx, known)
	if ask != nil && !errors.Is(ask, AskDoc) {
		return nil, ask
	}
	var out []Revision[T]
	err = s.Query(ctx, "SELECT id, revision, at, actor, op, shape, doc FROM history WHERE kind = $1 ORDER BY id, revision", []any{known.name},
		func(rows *sql.Rows) error {
			var v Revision[T]
			var at int64
			var version int
			var raw []byte
			if err := rows.Scan(&v.ID, &v.Revision, &at, &v.Actor, &v.Op, &version, &raw); err != nil {
				return err
			}
			v.At = shape.FromMicros(at)
			if v.Op != Deleted {
				doc, err := known.read(raw, version)
				if err != nil {
					return err
				}
				v.Doc = *doc.(*T)
			}
			out = append(out, v)
			return nil
		})
	if err != nil || ask == nil {
		return out, err
	}
	seen := out[:0]
	for i := range out {
		if _, err := s.db.allow(ctx, Read, known, &out[i].Doc); err == nil {
			seen = append(seen, out[i])
		}
	}
	return seen, nil
}
