package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/record/store"
)

// OnceConfig is an unattended run.
type OnceConfig struct {
	Config
	Decisions int
	OutDir    string
	Rows      string    // AI4I CSV; empty: our own line
	Acks      io.Writer // every acknowledged decision, a line each; nil: none
}

// Counts is what an unattended run prints.
type Counts struct {
	Decisions     int     `json:"decisions"`
	Released      int     `json:"released"`
	Escalated     int     `json:"escalated"`
	Denied        int     `json:"denied"`
	ReviewsClosed int     `json:"reviews_closed"`
	JournalSize   uint64  `json:"journal_size"` // entries that the case covers
	CaseFile      string  `json:"case_file"`
	Elapsed       float64 `json:"elapsed_s"`
}

// onceWindow is the drift window of an unattended run in rows.
const onceWindow = 1000

// closeEvery and closeMost bound the review cases that a person closes during
// an unattended run.
const (
	closeEvery = 4
	closeMost  = 200
)

// Once runs decisions through the real HTTP path, closes a part of the cases as
// a person would, withdraws an approval for a while so that the permit falls,
// writes the case file and prints the counts as one JSON object. Equal seeds
// give equal counts.
func Once(ctx context.Context, c OnceConfig) (err error) {
	began := time.Now()
	var check problem.Checks
	check.Field(c.Decisions > 0 && c.Decisions <= 10_000_000, "decisions", "Zwischen 1 und 10.000.000.", "Between 1 and 10,000,000.")
	check.Field(c.OutDir != "", "out", "Wohin mit der Prüfakte? Bitte --out angeben.", "Where does the case file go? Please give --out.")
	if err := check.Err(); err != nil {
		return err
	}
	next, err := parts(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.OutDir, 0o755); err != nil {
		return problem.New(problem.Unavailable, "Der Ordner für die Prüfakte lässt sich nicht anlegen.", "The folder for the case file cannot be made.").Wrap(err)
	}
	r, err := start(ctx, c.Config, onceWindow, 10*time.Minute)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	n := &Counts{Decisions: c.Decisions, CaseFile: filepath.Join(c.OutDir, "case.zip")}
	if err := r.run(ctx, c, next, n); err != nil {
		return err
	}
	if n.JournalSize, err = r.writeCase(ctx, n.CaseFile); err != nil {
		return err
	}
	n.Elapsed = time.Since(began).Seconds()
	return json.NewEncoder(c.Out).Encode(n)
}

// parts makes the sequence of parts: the rows of a file, over and over, or our
// own line with its disturbances spread over the run.
func parts(c OnceConfig) (func() mill.Step, error) {
	if c.Rows == "" {
		l := mill.NewLine(c.Seed, mill.Condensed(int64(c.Decisions)))
		return func() mill.Step { s, _ := l.Next(); return s }, nil // an own line never ends
	}
	f, err := os.Open(c.Rows)
	if err != nil {
		return nil, problem.Newf(problem.BadInput, "Die Datei „%s“ lässt sich nicht öffnen.", "The file '%s' cannot be opened.", c.Rows).Wrap(err)
	}
	defer f.Close() //nolint:errcheck // read only
	rows, err := mill.ReadCSV(f)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, problem.Newf(problem.BadInput, "Die Datei „%s“ enthält keine Zeilen.", "The file '%s' has no rows.", c.Rows)
	}
	n := int64(0)
	return func() mill.Step {
		s := mill.Step{N: n, Row: rows[n%int64(len(rows))]}
		n++
		return s
	}, nil
}

// run asks for every part in order.
func (r *running) run(ctx context.Context, c OnceConfig, next func() mill.Step, n *Counts) error {
	l := newLine(r.base, r.company, r.model)
	shift, err := signIn(ctx, r.base, "schicht")
	if err != nil {
		return err
	}
	off, on := c.Decisions*80/100, c.Decisions*82/100
	var withdrawn store.Object[approval]
	for i := range c.Decisions {
		if err := l.report(ctx, "running", 5*time.Second, time.Now()); err != nil {
			return err
		}
		if off < on && i == off {
			if withdrawn, err = r.withdraw(ctx); err != nil {
				return err
			}
		}
		if off < on && i == on {
			if err := r.giveAgain(ctx, withdrawn); err != nil {
				return err
			}
		}
		o, err := l.ask(ctx, next())
		if err != nil {
			return err
		}
		if c.Acks != nil {
			if _, err := fmt.Fprintf(c.Acks, "%d %s\n", o.Index, o.Decision); err != nil {
				return err
			}
		}
		if err := r.count(ctx, n, o, shift); err != nil {
			return err
		}
	}
	return nil
}

// count adds one outcome, and lets the shift lead decide every fourth case.
func (r *running) count(ctx context.Context, n *Counts, o outcome, shift *desk) error {
	switch o.Outcome {
	case "released":
		n.Released++
	case "denied":
		n.Denied++
	case "escalated":
		n.Escalated++
		if n.Escalated%closeEvery == 1 && n.ReviewsClosed < closeMost {
			if err := shift.decide(ctx, o.Case); err != nil {
				return err
			}
			n.ReviewsClosed++
		}
	default:
		return fmt.Errorf("decision %s has the outcome %q", o.Decision, o.Outcome)
	}
	return nil
}

// writeCase builds the case file as the auditor would and moves it into place
// whole.
func (r *running) writeCase(ctx context.Context, file string) (size uint64, err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".case-*")
	if err != nil {
		return 0, problem.New(problem.Unavailable, "Die Prüfakte lässt sich nicht schreiben.", "The case file cannot be written.").Wrap(err)
	}
	ctx = store.WithActor(ctx, r.company.People["pruefung"])
	sum, err := r.company.Org.WriteCase(ctx, casefile.Period{To: time.Now().UTC()}, f)
	err = errors.Join(err, f.Close())
	if err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return sum.Size, os.Rename(f.Name(), file)
}
