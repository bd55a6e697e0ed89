// Package chain is the provenance chain of a data set (requirement 001-23): its
// steps, how each is signed over the one before it, and the check that names the
// first break. It stands apart from govern/data so that the offline verifier of a
// case file checks the same chain without a database.
package chain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/attest"
	"augenmass/internal/text"
)

// Act is what was done to the data: the four steps of requirement 000-32.
type Act string

// The four steps. After Delete there is no other.
const (
	Acquire Act = "acquire"
	Clean   Act = "clean"
	Protect Act = "protect"
	Delete  Act = "delete"
)

// Values lists the steps in their order.
func (Act) Values() []string {
	return []string{string(Acquire), string(Clean), string(Protect), string(Delete)}
}

// Step is one thing that was done to the data. Steps are only added;
// what is changed in one afterwards does not verify any more.
type Step struct {
	Act      Act       `json:"act" store:"required"`
	At       time.Time `json:"at" store:"required"` // day on which it was done, UTC
	By       string    `json:"by" store:"ref=person"`
	Note     string    `json:"note" store:"long,max=2000"`
	Hash     string    `json:"hash" store:"required"`         // SHA-256 of the data afterwards, in hex; of Delete: of the record of deletion
	Evidence string    `json:"evidence" store:"ref=evidence"` // where that record is filed; may be empty
	Recorded time.Time `json:"recorded"`                      // when it was written down and signed
	Previous string    `json:"previous"`                      // SHA-256 of the statement before, in hex; empty at the first
	Envelope string    `json:"envelope" store:"max=32000"`    // DSSE envelope with the statement
}

// StepType is the predicate type of the statement about a step.
const StepType = "urn:augenmass:data-step:v1"

// predicate is what the statement about a step says besides the hash of the
// data, which is its subject.
type predicate struct {
	Dataset  string    `json:"dataset"` // id
	No       int       `json:"no"`      // from 1
	Act      Act       `json:"act"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Note     string    `json:"note"`
	Evidence string    `json:"evidence"`
	Recorded time.Time `json:"recorded"`
	Previous string    `json:"previous"` // SHA-256 of the statement before; empty at the first
}

// Break is the first place at which a chain does not hold.
type Break struct {
	Step int // from 1; 0: the chain as a whole
	Say  text.Bi
}

// Error lets a Break be handed on as an error.
func (b *Break) Error() string {
	if b.Step == 0 {
		return b.Say.EN
	}
	return fmt.Sprintf("step %d: %s", b.Step, b.Say.EN)
}

func broken(step int, de, en string) *Break { return &Break{step, text.Bi{DE: de, EN: en}} }

// Check verifies the steps of the data set id: every signature, that each step
// says what was signed, that it rests on the one before it, and that their order
// makes sense. It returns the first break, or nil. Steps that were taken off at
// the end do not show here; see govern/data.
func Check(ctx context.Context, v note.Verifier, id string, steps []Step) *Break {
	previous := ""
	for i, s := range steps {
		no := i + 1
		if b := Order(steps[:i], s.Act); b != nil {
			return b
		}
		signed, err := attest.Open(ctx, v, s.Envelope)
		if err != nil {
			return unsigned(no, err)
		}
		var p predicate
		if signed.Statement.PredicateType != StepType || json.Unmarshal(signed.Statement.Predicate, &p) != nil {
			return broken(no, "Die Unterschrift gehört zu einer anderen Art von Aussage.", "The signature belongs to another kind of statement.")
		}
		if p.Dataset != id {
			return broken(no, "Die Unterschrift gehört zu einem anderen Datensatz.", "The signature belongs to another data set.")
		}
		if p.No != no {
			return broken(no, fmt.Sprintf("Unterschrieben ist dies als Schritt %d.", p.No), fmt.Sprintf("This was signed as step %d.", p.No))
		}
		if p.Previous != previous || s.Previous != previous {
			return broken(no, "Der Schritt beruht auf einem anderen Vorgänger.", "The step rests on another predecessor.")
		}
		if field, ok := differs(s, p, signed.Statement); ok {
			return broken(no, "Nach der Unterschrift geändert: "+field.DE+".", "Changed after it was signed: "+field.EN+".")
		}
		previous = digest(signed.Payload)
	}
	return nil
}

// unsigned says why an envelope does not open.
func unsigned(no int, err error) *Break {
	switch {
	case errors.Is(err, attest.ErrSignature):
		return broken(no, "Die Unterschrift passt nicht zum Siegel der Organisation.", "The signature does not fit the organisation's seal.")
	case errors.Is(err, attest.ErrEnvelope):
		return broken(no, "Der Schritt ist nicht unterschrieben.", "The step is not signed.")
	}
	return broken(no, "Der Umschlag enthält keine gültige Aussage.", "The envelope holds no valid statement.")
}

// differs names the field of a step that is not as it was signed.
func differs(s Step, p predicate, st attest.Statement) (text.Bi, bool) {
	for _, f := range []struct {
		same   bool
		de, en string
	}{
		{len(st.Subject) == 1 && st.Subject[0].SHA256() == s.Hash, "Prüfsumme der Daten", "checksum of the data"},
		{p.Act == s.Act, "Art des Schritts", "kind of step"},
		{p.At.Equal(s.At), "Tag", "day"},
		{p.By == s.By, "Person", "person"},
		{p.Note == s.Note, "Vermerk", "note"},
		{p.Evidence == s.Evidence, "Nachweis", "evidence"},
		{p.Recorded.Equal(s.Recorded), "Zeitpunkt des Eintrags", "time of recording"},
	} {
		if !f.same {
			return text.Bi{DE: f.de, EN: f.en}, true
		}
	}
	return text.Bi{}, false
}

// Order says whether a step may follow those before it, or why not: acquiring
// comes first, and nothing follows deletion.
func Order(before []Step, act Act) *Break {
	no := len(before) + 1
	switch {
	case len(before) == 0 && act != Acquire:
		return broken(no, "Der erste Schritt ist die Beschaffung.", "The first step is acquisition.")
	case len(before) > 0 && before[len(before)-1].Act == Delete:
		return broken(no, "Nach der Löschung gibt es keinen weiteren Schritt.", "There is no further step after deletion.")
	}
	return nil
}

// Sign signs a step as the next one after those before it, which must hold: it sets
// Previous and Envelope.
func Sign(ctx context.Context, signer note.Signer, v note.Verifier, dataset string, before []Step, s Step) (Step, error) {
	s.Previous = ""
	if n := len(before); n > 0 {
		last, err := attest.Open(ctx, v, before[n-1].Envelope)
		if err != nil {
			return Step{}, err
		}
		s.Previous = digest(last.Payload)
	}
	st, err := attest.New(StepType, predicate{Dataset: dataset, No: len(before) + 1, Act: s.Act, At: s.At, By: s.By, Note: s.Note, Evidence: s.Evidence,
		Recorded: s.Recorded, Previous: s.Previous}, attest.Of(dataset, s.Hash))
	if err != nil {
		return Step{}, err
	}
	signed, err := attest.Sign(ctx, signer, st)
	if err != nil {
		return Step{}, err
	}
	s.Envelope = signed.Envelope
	return s, nil
}

func digest(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}
