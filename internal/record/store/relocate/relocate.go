// Package relocate gives a schema of PostgreSQL its name when it is complete:
// what is copied into a database is made under another name, on which no node
// looks, and renamed in one transaction. A process that dies in between leaves
// a schema whose name begins with "moving_", which may be dropped.
package relocate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
)

// prefix begins the names of schemas in the making.
const prefix = "moving_"

// patience is how long one statement here may take, and how long it waits for
// the connections of the makers to let go.
const patience = 30 * time.Second

// Schema is a schema in the making.
type Schema struct {
	database, name, final string
}

// Exists reports whether a database has a schema of this name.
func Exists(ctx context.Context, database, schema string) (there bool, err error) {
	err = with(ctx, database, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema).Scan(&there)
	})
	return there, err
}

// Begin chooses the name of a schema that is to become final. The rooms that
// write into it make it. If final exists, that is a Conflict.
func Begin(ctx context.Context, database, final string) (*Schema, error) {
	there, err := Exists(ctx, database, final)
	if err != nil {
		return nil, err
	}
	if there {
		return nil, taken(final)
	}
	random := make([]byte, 6)
	rand.Read(random) // never fails, see crypto/rand
	return &Schema{database: database, name: prefix + hex.EncodeToString(random), final: final}, nil
}

func taken(schema string) error {
	return problem.Newf(problem.Conflict, "Das Schema „%s“ gibt es in der Datenbank schon.", "The schema '%s' exists in the database already.", schema).
		WithHint("Nichts wird überschrieben. Bitte eine andere Datenbank angeben oder das Schema zuerst entfernen.",
			"Nothing is overwritten. Please give another database, or remove the schema first.")
}

// Name is the name while it is being made.
func (s *Schema) Name() string { return s.name }

// Finish gives the schema its final name. Everybody who wrote into it has
// closed it by then.
func (s *Schema) Finish(ctx context.Context) error {
	err := with(ctx, s.database, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "ALTER SCHEMA "+quote(s.name)+" RENAME TO "+quote(s.final))
		return err
	})
	if err == nil {
		return nil
	}
	if there, look := Exists(ctx, s.database, s.final); look == nil && there {
		return errors.Join(taken(s.final), err)
	}
	return err
}

// Drop removes what was made so far.
func (s *Schema) Drop(ctx context.Context) error {
	return with(ctx, s.database, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "DROP SCHEMA IF EXISTS "+quote(s.name)+" CASCADE")
		return err
	})
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func with(ctx context.Context, database string, fn func(ctx context.Context, c *pgx.Conn) error) error {
	c, err := engine.ConnConfig(database, "public")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return engine.PostgresProblem(err)
	}
	err = fn(ctx, conn)
	if closing := conn.Close(ctx); err == nil {
		err = closing
	}
	if err != nil {
		return engine.PostgresProblem(err)
	}
	return nil
}
