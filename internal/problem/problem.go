// Package problem is the one error type of the house: a kind that callers can
// test, a sentence that a person understands in German and English, a hint
// what to do, and, for bad input, every field that is wrong.
//
// Rooms return problems; pages, the API (RFC 9457) and the command line render
// the same value. It imports nothing but the text leaf.
package problem

import (
	"errors"
	"fmt"
	"strings"

	"augenmass/internal/text"
)

// Kind says what sort of problem it is; callers decide by it.
type Kind string

// The kinds. Anything that is not a *Problem counts as Internal.
const (
	NotFound    Kind = "not_found"   // the thing does not exist, or the caller may not know
	Conflict    Kind = "conflict"    // somebody changed it meanwhile, or others need it
	BadInput    Kind = "invalid"     // the input is wrong; Fields says where
	Denied      Kind = "denied"      // a rule forbids it; Reasons says which
	Unsigned    Kind = "unsigned"    // nobody is signed in
	TooLarge    Kind = "too_large"   // the input exceeds a limit
	Unavailable Kind = "unavailable" // something needed is not there now (disk full, upstream down)
	Corrupt     Kind = "corrupt"     // stored data do not verify
	Internal    Kind = "internal"    // a defect; the reader sees no detail
)

// Field names one wrong place of an input. Path is a JSON path without the
// leading dollar ("purpose", "models.2.name").
type Field struct {
	Path string
	Say  text.Bi
}

// Reason names one rule that denied, with the clauses that demand it
// (ids of the knowledge packs, e.g. "aia.art14.1").
type Reason struct {
	Code    string
	Clauses []string
	Say     text.Bi
}

// Problem is an error that people can act on.
type Problem struct {
	Kind    Kind
	Say     text.Bi // one sentence: what happened and where
	Hint    text.Bi // one sentence: what to do; may be empty
	Fields  []Field
	Reasons []Reason
	Have    any // on a Conflict: what is stored now
	Err     error
}

// New returns a problem of the given kind with its sentence in both languages.
func New(k Kind, de, en string) *Problem {
	return &Problem{Kind: k, Say: text.Bi{DE: de, EN: en}}
}

// Newf is New with the same arguments formatted into both sentences.
func Newf(k Kind, de, en string, args ...any) *Problem {
	return New(k, fmt.Sprintf(de, args...), fmt.Sprintf(en, args...))
}

// WithHint adds what the reader can do.
func (p *Problem) WithHint(de, en string) *Problem {
	p.Hint = text.Bi{DE: de, EN: en}
	return p
}

// WithField adds one wrong place.
func (p *Problem) WithField(path, de, en string) *Problem {
	p.Fields = append(p.Fields, Field{Path: path, Say: text.Bi{DE: de, EN: en}})
	return p
}

// WithReason adds one rule that denied.
func (p *Problem) WithReason(code, de, en string, clauses ...string) *Problem {
	p.Reasons = append(p.Reasons, Reason{Code: code, Clauses: clauses, Say: text.Bi{DE: de, EN: en}})
	return p
}

// Wrap keeps the cause for logs; readers do not see it.
func (p *Problem) Wrap(err error) *Problem {
	p.Err = err
	return p
}

// Error is the English sentence, its fields and its cause: for logs and tests.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Say.EN)
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Say.EN)
	}
	for _, r := range p.Reasons {
		fmt.Fprintf(&b, "; %s: %s", r.Code, r.Say.EN)
	}
	if p.Err != nil {
		fmt.Fprintf(&b, ": %v", p.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// KindOf returns the kind of err, or Internal if it carries none.
// It returns the empty kind for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var p *Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return Internal
}

// Is reports whether err is a problem of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// From returns err as a problem. An error without one becomes Internal with a
// sentence that tells the reader nothing but that it was ours, not theirs.
func From(err error) *Problem {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return New(Internal,
		"Das ist unser Fehler. Ihre Eingabe wurde nicht gespeichert.",
		"This is our fault. Your input was not saved.").
		WithHint("Bitte noch einmal versuchen; bleibt es dabei, hilft die Zeile im Protokoll des Servers.",
			"Please try again; if it stays, the line in the server's log helps.").
		Wrap(err)
}

// Checks collects every wrong field of an input, so that a reader sees all of
// them at once.
type Checks struct{ fields []Field }

// Field records a wrong place unless ok holds.
func (c *Checks) Field(ok bool, path, de, en string) {
	if !ok {
		c.fields = append(c.fields, Field{Path: path, Say: text.Bi{DE: de, EN: en}})
	}
}

// Err returns nil if nothing was wrong, and one BadInput problem otherwise.
func (c *Checks) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	p := New(BadInput, "Einige Angaben fehlen oder passen nicht.", "Some entries are missing or do not fit.").
		WithHint("Bitte die genannten Felder ändern; alles andere ist erhalten.", "Please change the fields named; everything else is kept.")
	p.Fields = c.fields
	return p
}
