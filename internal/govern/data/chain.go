package data

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/data/chain"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Step, Act and Break are those of the chain, which stands apart.
type (
	Step  = chain.Step
	Act   = chain.Act
	Break = chain.Break
)

// The four steps. After Delete there is no other.
const (
	Acquire = chain.Acquire
	Clean   = chain.Clean
	Protect = chain.Protect
	Delete  = chain.Delete
)

// Check verifies the steps of the data set id and returns the first break, or nil.
func Check(ctx context.Context, v note.Verifier, id string, steps []Step) *Break {
	return chain.Check(ctx, v, id, steps)
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
	var c problem.Checks
	b := chain.Order(o.Doc.Steps, e.Act)
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
	if b := Check(ctx, v, o.ID, o.Doc.Steps); b != nil {
		return Step{}, problem.New(problem.BadInput, "Die Kette dieses Datensatzes ist in Schritt "+strconv.Itoa(b.Step)+" gebrochen: "+b.Say.DE,
			"The chain of this data set is broken at step "+strconv.Itoa(b.Step)+": "+b.Say.EN).
			WithHint("Bitte einen neuen Datensatz anlegen und den Bruch dort nennen.", "Please add a new data set and name the break there.")
	}
	s, err := chain.Sign(ctx, signer, v, o.ID, o.Doc.Steps, Step{Act: e.Act, At: e.At.UTC(), By: e.By, Note: e.Note, Hash: e.Hash, Evidence: e.Evidence, Recorded: now})
	if err != nil {
		return Step{}, problem.New(problem.Unavailable, "Der Schritt lässt sich nicht unterschreiben.", "The step cannot be signed.").Wrap(err)
	}
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
		res.Break = &Break{Step: res.Steps + 1, Say: text.Bi{DE: fmt.Sprintf("Der Schritt fehlt: Früher waren es %d.", had), EN: fmt.Sprintf("The step is missing: there were %d before.", had)}}
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
