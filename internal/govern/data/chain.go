package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/attest"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

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
// the end do not show here; see Room.Verify.
func Check(ctx context.Context, v note.Verifier, id string, steps []Step) *Break {
	previous := ""
	for i, s := range steps {
		no := i + 1
		if b := order(steps[:i], s.Act, no); b != nil {
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

// order says whether a step may follow those before it: acquiring comes first,
// and nothing follows deletion.
func order(before []Step, act Act, no int) *Break {
	switch {
	case len(before) == 0 && act != Acquire:
		return broken(no, "Der erste Schritt ist die Beschaffung.", "The first step is acquisition.")
	case len(before) > 0 && before[len(before)-1].Act == Delete:
		return broken(no, "Nach der Löschung gibt es keinen weiteren Schritt.", "There is no further step after deletion.")
	}
	return nil
}

func digest(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}

// Entry is what a person says about a new step.
type Entry struct {
	Act      Act
	At       time.Time // day; not ahead
	By       string    // person; empty: whoever writes it down
	Note     string
	Hash     string // SHA-256 in hex; "sha256:" in front is taken off
	Evidence string
}

// AddStep signs a step and puts it at the end of a data set's chain. Revision as
// stored, else Conflict. A chain that is broken is not continued: BadInput names
// the break. Whoever deletes names the record of deletion by its hash.
func (r *Room) AddStep(ctx context.Context, id string, revision int64, e Entry) (store.Object[Dataset], error) {
	var saved store.Object[Dataset]
	who, ok := store.ActorFrom(ctx)
	if !ok {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	if e.By == "" && who.Kind == "person" {
		e.By = who.ID
	}
	now := r.now().UTC().Truncate(time.Second)
	e.Note, e.Hash = strings.TrimSpace(e.Note), Hash(e.Hash)
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Datasets.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		s, err := r.sign(ctx, o, e, now)
		if err != nil {
			return err
		}
		o.Doc.Steps = append(o.Doc.Steps, s)
		saved, err = r.Datasets.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

// Hash is a checksum as people paste it, without "sha256:" and in lower case.
func Hash(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sha256:")
}

// sign makes the next step of a data set.
func (r *Room) sign(ctx context.Context, o store.Object[Dataset], e Entry, now time.Time) (Step, error) {
	signer, v, err := r.keys()
	if err != nil {
		return Step{}, err
	}
	no := len(o.Doc.Steps) + 1
	var c problem.Checks
	b := order(o.Doc.Steps, e.Act, no)
	if b == nil {
		b = &Break{}
	}
	c.Field(b.Say.IsZero(), "act", b.Say.DE, b.Say.EN)
	c.Field(isSHA256(e.Hash), "hash", "Die Prüfsumme (SHA-256) hat 64 Zeichen von 0 bis 9 und a bis f.", "The checksum (SHA-256) has 64 characters from 0 to 9 and a to f.")
	c.Field(!e.At.IsZero(), "at", "Wann war das?", "When was that?")
	// A day that has begun somewhere on earth is today, not tomorrow.
	c.Field(!e.At.After(now.Add(14*time.Hour)), "at", "Der Tag liegt in der Zukunft.", "The day lies in the future.")
	c.Field(e.Act != Delete || e.Note != "" || e.Evidence != "", "note",
		"Womit ist die Löschung belegt? Bitte das Protokoll nennen.", "What proves the deletion? Please name the record of it.")
	if err := c.Err(); err != nil {
		return Step{}, err
	}
	previous := ""
	if no > 1 {
		if b := Check(ctx, v, o.ID, o.Doc.Steps); b != nil {
			return Step{}, problem.New(problem.BadInput, "Die Kette dieses Datensatzes ist in Schritt "+strconv.Itoa(b.Step)+" gebrochen: "+b.Say.DE,
				"The chain of this data set is broken at step "+strconv.Itoa(b.Step)+": "+b.Say.EN).
				WithHint("Bitte einen neuen Datensatz anlegen und den Bruch dort nennen.", "Please add a new data set and name the break there.")
		}
		last, err := attest.Open(ctx, v, o.Doc.Steps[no-2].Envelope)
		if err != nil {
			return Step{}, err // Check has just opened it
		}
		previous = digest(last.Payload)
	}
	s := Step{Act: e.Act, At: e.At.UTC(), By: e.By, Note: e.Note, Hash: e.Hash, Evidence: e.Evidence, Recorded: now, Previous: previous}
	st, err := attest.New(StepType, predicate{Dataset: o.ID, No: no, Act: s.Act, At: s.At, By: s.By, Note: s.Note, Evidence: s.Evidence,
		Recorded: s.Recorded, Previous: previous}, attest.Of(o.ID, s.Hash))
	if err != nil {
		return Step{}, err
	}
	signed, err := attest.Sign(ctx, signer, st)
	if err != nil {
		return Step{}, problem.New(problem.Unavailable, "Der Schritt lässt sich nicht unterschreiben.", "The step cannot be signed.").Wrap(err)
	}
	s.Envelope = signed.Envelope
	return s, nil
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') }) < 0
}

// Result is what Verify found about one data set.
type Result struct {
	ID    string
	Name  string
	Steps int
	Break *Break // nil: the chain holds
}

// Verify verifies the chain of one data set (requirement 001-23), and looks in
// its history whether steps were taken off.
func (r *Room) Verify(ctx context.Context, id string) (Result, error) {
	o, err := r.Datasets.Get(ctx, r.db, id)
	if err != nil {
		return Result{}, err
	}
	_, v, err := r.keys()
	if err != nil {
		return Result{}, err
	}
	res := Result{ID: o.ID, Name: o.Doc.Name, Steps: len(o.Doc.Steps), Break: Check(ctx, v, o.ID, o.Doc.Steps)}
	if res.Break != nil {
		return res, nil
	}
	versions, err := r.db.History(ctx, r.Datasets.Name(), id)
	if err != nil {
		return Result{}, err
	}
	if had := mostSteps(versions); had > res.Steps {
		res.Break = broken(res.Steps+1, fmt.Sprintf("Der Schritt fehlt: Früher waren es %d.", had), fmt.Sprintf("The step is missing: there were %d before.", had))
	}
	return res, nil
}

// mostSteps is the highest number of a step that any version of a data set
// speaks of.
func mostSteps(versions []store.Version) int {
	most := 0
	for _, v := range versions {
		for _, d := range v.Diffs {
			rest, ok := strings.CutPrefix(d.Path, "steps.")
			no, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.Atoi(no); ok && err == nil {
				most = max(most, n+1)
			}
		}
	}
	return most
}
