package engine

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Schemas lists the schemas of a PostgreSQL database that this program made, by
// name.
func Schemas(ctx context.Context, database string) (names []string, err error) {
	c, err := ConnConfig(database, "public")
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, PostgresProblem(err)
	}
	defer func() {
		if closing := hangUp(conn); closing != nil && err == nil {
			err = PostgresProblem(closing)
		}
	}()
	rows, err := conn.Query(ctx, "SELECT nspname::text FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') = $1 ORDER BY nspname", mark)
	if err != nil {
		return nil, PostgresProblem(err)
	}
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return names, PostgresError(err)
}
