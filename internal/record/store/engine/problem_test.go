package engine

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"augenmass/internal/problem"
)

// TestStates: what people are told of each state of the server, in both
// languages, and what is only passing.
func TestStates(t *testing.T) {
	for code, want := range map[string]problem.Kind{
		"23505": problem.Conflict, "23503": problem.Conflict, "40001": problem.Unavailable, "40P01": problem.Unavailable, "55P03": problem.Unavailable,
		"57014": problem.Unavailable, "53100": problem.Unavailable, "53200": problem.Unavailable, "53300": problem.Unavailable, "28P01": problem.Unavailable,
		"28000": problem.Unavailable, "3D000": problem.Unavailable, "42501": problem.Unavailable, "25006": problem.Unavailable, "57P01": problem.Unavailable,
		"57P03": problem.Unavailable, "25P03": problem.Unavailable, "08006": problem.Unavailable, "54000": problem.TooLarge, "XX001": problem.Corrupt,
		"42601": problem.Internal, "42P01": problem.Internal,
	} {
		cause := &pgconn.PgError{Code: code, Severity: "ERROR", Message: "secret of the server"}
		p := PostgresProblem(fmt.Errorf("wrapped: %w", cause))
		if p.Kind != want || p.Say.DE == "" || p.Say.EN == "" || p.Hint.DE == "" && want != problem.TooLarge {
			t.Errorf("%s is told as %s: %q (%q)", code, p.Kind, p.Say.DE, p.Hint.DE)
		}
		if !errors.Is(p, cause) {
			t.Errorf("%s lost its cause", code)
		}
	}
	d := &postgres{}
	for _, err := range []error{io.ErrUnexpectedEOF, driver.ErrBadConn, &pgconn.PgError{Code: "57P01"}} {
		if PostgresProblem(err).Kind != problem.Unavailable || !d.broken(err) || !d.unknown(err) {
			t.Errorf("%v does not count as a lost connection", err)
		}
	}
	for _, code := range []string{"53100", "40001", "23505"} { // the server said no
		if d.unknown(&pgconn.PgError{Code: code}) {
			t.Errorf("a commit that was refused with %s counts as unknown", code)
		}
	}
}

// TestUniqueRow: both engines call a row that is there already a conflict.
func TestUniqueRow(t *testing.T) {
	engines(t, func(t *testing.T, o Options) {
		db := open(t, o)
		put := func() error {
			return db.Write(t.Context(), func(s Session) error {
				_, err := s.Exec(t.Context(), "INSERT INTO n (n) VALUES ($1)", 1)
				return err
			})
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if err := put(); !problem.Is(err, problem.Conflict) {
			t.Errorf("got %v", err)
		}
	})
}
