package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"augenmass/internal/problem"
)

func (d *postgres) problem(err error) *problem.Problem { return PostgresProblem(err) }

// PostgresError is PostgresProblem that leaves nil alone.
func PostgresError(err error) error {
	if err == nil {
		return nil
	}
	return PostgresProblem(err)
}

// PostgresProblem sorts the errors of server and connection by SQLSTATE
// (PostgreSQL manual, appendix A). What passes, or what an operator can mend,
// is Unavailable.
func PostgresProblem(err error) *problem.Problem {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "sql: database is closed") {
			return problem.New(problem.Unavailable, "Die Datenbank ist geschlossen.", "The database is closed.").Wrap(err)
		}
		if lost(err) {
			return unreachable().Wrap(err)
		}
		return problem.From(fmt.Errorf("database: %w", err))
	}
	var start *pgconn.ConnectError
	if errors.As(err, &start) && (e.Code == "42704" || e.Code == "22023") {
		return problem.New(problem.BadInput, "Die Adresse der Datenbank nennt eine Einstellung, die der Server nicht annimmt.",
			"The address of the database names a setting that the server does not take.").
			WithHint("Bitte prüfen, was nach dem Fragezeichen steht.", "Please check what stands behind the question mark.").Wrap(errors.New(e.Message))
	}
	if p := stateProblem(e.Code); p != nil {
		if e.Code == "55P03" {
			err = errors.Join(errBusy, err)
		}
		return p.Wrap(err)
	}
	return problem.From(fmt.Errorf("database: %w", err))
}

func unreachable() *problem.Problem {
	return problem.New(problem.Unavailable, "Die Datenbank ist gerade nicht erreichbar.", "The database cannot be reached right now.").
		WithHint("Bitte gleich noch einmal versuchen; bleibt es dabei, den Server der Datenbank und das Netz prüfen.", "Please try again in a moment; if it stays, check the database server and the network.")
}

func stateProblem(code string) *problem.Problem {
	switch code {
	case "23505":
		return taken()
	case "23503":
		return needed()
	case "40001", "40P01":
		return problem.New(problem.Unavailable, "Andere haben gleichzeitig geschrieben; nichts wurde geändert.", "Others wrote at the same time; nothing was changed.").
			WithHint("Bitte noch einmal versuchen.", "Please try again.")
	case "55P03":
		return problem.New(problem.Unavailable, "Die Datenbank ist gerade von einem anderen Programm belegt; nichts wurde geändert.", "The database is held by another program; nothing was changed.").
			WithHint("Bitte gleich noch einmal versuchen.", "Please try again in a moment.")
	case "57014":
		return problem.New(problem.Unavailable, "Die Datenbank hat zu lange gebraucht; der Vorgang wurde abgebrochen.", "The database took too long; the operation was stopped.").
			WithHint("Bitte noch einmal versuchen oder weniger auf einmal verlangen.", "Please try again, or ask for less at once.")
	case "53100":
		return problem.New(problem.Unavailable, "Der Datenträger der Datenbank ist voll; nichts wurde geändert.", "The disk of the database is full; nothing was changed.").
			WithHint("Bitte Platz schaffen und noch einmal versuchen.", "Please make room and try again.")
	case "53300", "53400":
		return problem.New(problem.Unavailable, "Die Datenbank nimmt keine weiteren Verbindungen an.", "The database takes no more connections.").
			WithHint("Bitte max_connections erhöhen oder weniger Knoten betreiben.", "Please raise max_connections or run fewer nodes.")
	case "53000", "53200":
		return problem.New(problem.Unavailable, "Der Datenbank fehlt Speicher; nichts wurde geändert.", "The database lacks memory; nothing was changed.").
			WithHint("Bitte den Server der Datenbank prüfen.", "Please check the database server.")
	case "28000", "28P01":
		return problem.New(problem.Unavailable, "Die Datenbank lehnt die Anmeldung ab.", "The database refuses the sign-in.").
			WithHint("Bitte Benutzer und Passwort in der Adresse der Datenbank prüfen.", "Please check user and password in the address of the database.")
	case "3D000":
		return problem.New(problem.Unavailable, "Diese Datenbank gibt es auf dem Server nicht.", "There is no such database on the server.").
			WithHint("Bitte die Adresse prüfen oder die Datenbank anlegen (createdb).", "Please check the address, or create the database (createdb).")
	case "42501":
		return problem.New(problem.Unavailable, "Der Benutzer der Datenbank hat dieses Recht nicht.", "The user of the database lacks this right.").
			WithHint("Er braucht das Recht, in der Datenbank Schemata und darin Tabellen anzulegen.", "It needs the right to create schemas in the database, and tables in them.")
	case "25006":
		return problem.New(problem.Unavailable, "Die Datenbank darf nicht beschrieben werden; nichts wurde geändert.", "The database may not be written; nothing was changed.").
			WithHint("Ist das ein Bereitschaftsserver (standby)?", "Is this a standby server?")
	case "54000", "22001", "54001":
		return problem.New(problem.TooLarge, "Ein Wert ist zu lang für die Datenbank.", "A value is too long for the database.")
	case "XX001", "XX002":
		return problem.New(problem.Corrupt, "Die Datenbank ist beschädigt.", "The database is damaged.").
			WithHint("Bitte die letzte Sicherung einspielen; das Journal lässt sich unabhängig davon prüfen.", "Please restore the last backup; the journal can be verified without it.")
	}
	if gone(code) {
		return unreachable()
	}
	return nil
}

func taken() *problem.Problem {
	return problem.New(problem.Conflict, "Diesen Wert gibt es schon.", "This value exists already.").
		WithHint("Bitte neu laden und einen anderen wählen.", "Please load again and choose another one.")
}

func needed() *problem.Problem {
	return problem.New(problem.Conflict, "Darauf wird noch verwiesen, oder das Ziel fehlt.", "Something still refers to this, or what it refers to is missing.").
		WithHint("Bitte neu laden und den Verweis prüfen.", "Please load again and check the reference.")
}

// gone reports whether the server ends the connection with this state: it shuts
// down, starts, fails over, or was told to end it.
func gone(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "25P03"
}

// lost reports whether err came from the connection, not from the server: it
// was not made, broke, or stayed silent for too long.
func lost(err error) bool {
	var dial *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.As(err, &dial) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.As(err, new(net.Error))
}

// broken reports whether the connection cannot be used after err.
func (d *postgres) broken(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return gone(e.Code)
	}
	return errors.Is(err, sql.ErrConnDone) || lost(err)
}

// unknown reports whether a commit that ended with err may have happened. That
// pgx calls an error safe to retry (driver.ErrBadConn) proves nothing: for
// statements without arguments it says so as well when only the answer is lost.
func (d *postgres) unknown(err error) bool { return d.broken(err) }
