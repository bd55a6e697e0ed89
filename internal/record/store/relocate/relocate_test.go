package relocate

import (
	"context"
	"strings"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
)

func TestASchemaGetsItsNameOnceAndWhole(t *testing.T) {
	ctx := context.Background()
	url, taken := pgtest.Schema(t)
	if _, err := Begin(ctx, url, taken); !problem.Is(err, problem.Conflict) {
		t.Errorf("a name that is taken: %v", err)
	}
	final := taken + "_2"
	t.Cleanup(func() { pgtest.Exec(t, url, "DROP SCHEMA IF EXISTS "+final+" CASCADE") })
	exists := func(name string) bool {
		there, err := Exists(ctx, url, name)
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	begin := func() *Schema {
		s, err := Begin(ctx, url, final)
		if err != nil {
			t.Fatal(err)
		}
		pgtest.Exec(t, url, "CREATE SCHEMA "+s.Name()+" CREATE TABLE x (y int)")
		return s
	}
	first, second := begin(), begin()
	if exists(final) || !exists(first.Name()) || !strings.HasPrefix(first.Name(), prefix) {
		t.Errorf("in the making: %q", first.Name())
	}
	if err := first.Finish(ctx); err != nil || !exists(final) || exists(first.Name()) {
		t.Errorf("finished: %v", err)
	}
	if err := second.Finish(ctx); !problem.Is(err, problem.Conflict) || !exists(second.Name()) {
		t.Errorf("the second to finish: %v", err)
	}
	if err := second.Drop(ctx); err != nil || exists(second.Name()) || !exists(final) {
		t.Errorf("dropped: %v", err)
	}
	if err := second.Drop(ctx); err != nil {
		t.Errorf("dropped again: %v", err)
	}
}
