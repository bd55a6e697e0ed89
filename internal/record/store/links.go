package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/refusal"
)

// Link is one reference between objects.
type Link struct {
	FromKind  string
	FromID    string
	FromTitle string
	Field     string // declared path of the referring field
	ToKind    string
	ToID      string
}

// LinksTo returns what refers to an object, as far as the actor may read it.
func (db *DB) LinksTo(ctx context.Context, id string) ([]Link, error) {
	return db.session().linksTo(ctx, id)
}

func (s session) linksTo(ctx context.Context, id string) ([]Link, error) {
	if _, ok := ActorFrom(ctx); !ok {
		return nil, refusal.Nobody()
	}
	var all []Link
	err := s.Query(ctx, "SELECT from_kind, from_id, field, to_kind, to_id FROM links WHERE to_id = $1 ORDER BY from_kind, from_id, field",
		[]any{id}, func(r *sql.Rows) error {
			var l Link
			err := r.Scan(&l.FromKind, &l.FromID, &l.Field, &l.ToKind, &l.ToID)
			all = append(all, l)
			return err
		})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, l := range all {
		ids[i] = l.FromID
	}
	titles, err := s.titles(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []Link{}
	for _, l := range all {
		if title, ok := titles[l.FromID]; ok {
			l.FromTitle = title
			out = append(out, l)
		}
	}
	return out, nil
}

// Titles returns the titles of objects of any kinds, by id: of those that
// exist and that the actor may read. It takes one query a kind.
func (db *DB) Titles(ctx context.Context, r Reader, ids ...string) (map[string]string, error) {
	return r.session().titles(ctx, ids)
}

func (s session) titles(ctx context.Context, ids []string) (map[string]string, error) {
	byKind := map[string][]string{}
	for _, id := range ids {
		if k, ok := s.db.kindOf(id); ok {
			byKind[k.name] = append(byKind[k.name], id)
		}
	}
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(byKind)) {
		k := s.db.kinds[name]
		switch err := s.mayRead(ctx, k); {
		case err == nil:
			if err := s.titlesOf(ctx, k, byKind[name], out); err != nil {
				return nil, err
			}
		case errors.Is(err, AskDoc):
			rows, err := s.getMany(ctx, k, byKind[name])
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				out[r.ID] = r.Title
			}
		}
	}
	return out, nil
}

// needed refuses to delete what others refer to and names them, as far as the
// actor may read them; the rest is counted.
func (tx *Tx) needed(ctx context.Context, r row) error {
	s := tx.session()
	var n int
	if _, err := s.One(ctx, "SELECT count(*) FROM links WHERE to_id = $1 AND from_id <> $1", []any{r.ID}, &n); err != nil || n == 0 {
		return err
	}
	links, err := s.linksTo(ctx, r.ID)
	if err != nil {
		return err
	}
	var names []string
	var others []Link
	for _, l := range links {
		if l.FromID == r.ID {
			continue
		}
		others = append(others, l)
		if len(names) < 10 {
			names = append(names, strings.TrimSpace(l.FromKind+" "+l.FromTitle)+" ("+l.FromID+")")
		}
	}
	if hidden := n - len(names); hidden > 0 {
		names = append(names, fmt.Sprintf("+%d", hidden))
	}
	list := strings.Join(names, ", ")
	p := problem.New(problem.Conflict, "Das wird noch gebraucht von: "+list+".", "This is still needed by: "+list+".").
		WithHint("Bitte dort zuerst den Verweis ändern.", "Please change the reference there first.")
	p.Have = others
	return p
}

// Hit is one object that a search found.
type Hit struct {
	Kind  string
	ID    string
	Title string
}

// Search finds objects of the named kinds (none: all) whose searched texts
// hold every word, at most limit a kind, in the order of the kinds and of the
// titles. Kinds that the actor may not read are left out.
func (db *DB) Search(ctx context.Context, r Reader, words string, limit int, kinds ...string) ([]Hit, error) {
	if _, ok := ActorFrom(ctx); !ok {
		return nil, refusal.Nobody()
	}
	if len(kinds) == 0 {
		for _, a := range db.opts.Kinds {
			kinds = append(kinds, a.Name())
		}
	}
	out := []Hit{}
	if strings.TrimSpace(query.Fold(words)) == "" {
		return out, nil
	}
	for _, name := range kinds {
		k, ok := db.kinds[name]
		if !ok {
			return nil, refusal.UnknownKind(name)
		}
		if k.Rel.Words == "" {
			continue
		}
		rows, _, _, err := r.session().list(ctx, k, Query{Search: words, Sort: "title", Limit: limit})
		if problem.Is(err, problem.Denied) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, hit := range rows {
			out = append(out, Hit{k.name, hit.ID, hit.Title})
		}
	}
	return out, nil
}

// Kinds lists the kinds of the database, in the order of Options.Kinds.
func (db *DB) Kinds() []AnyKind { return db.opts.Kinds }
