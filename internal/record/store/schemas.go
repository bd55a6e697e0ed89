package store

import (
	"context"

	"augenmass/internal/record/store/engine"
)

// Schemas lists the schemas of a PostgreSQL database that this program made, by
// name, whichever organisation they belong to.
func Schemas(ctx context.Context, database string) ([]string, error) {
	return engine.Schemas(ctx, database)
}
