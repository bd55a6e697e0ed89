package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Declaration is the signed statement that the organisation has no system that
// Art. 5 of the AI Act prohibits (requirement 001-43). It is made by whoever
// signs it, never in another's name, says which state of the register it rests
// on, is never changed, and is renewed after a year.
type Declaration struct {
	Signer   string    `json:"signer" store:"ref=person,index,required"`
	Date     time.Time `json:"date" store:"index,required"`
	Next     time.Time `json:"next" store:"index,required"` // day of renewal, at most a year later
	Systems  int       `json:"systems" store:"min=0"`       // of the register, without retired ones
	Unclear  int       `json:"unclear" store:"min=0"`       // of these, without a class yet
	Register string    `json:"register" store:"required"`   // sha256:<hex> over ids and classes of these systems
	Note     string    `json:"note" store:"long,max=2000"`  // what was looked at, doubts
	Confirm  bool      `json:"confirm"`                     // the statement itself
}

// Title names the declaration in lists and links.
func (d *Declaration) Title() string { return d.Date.UTC().Format(time.DateOnly) }

// Validate keeps the renewal within a year.
func (d *Declaration) Validate() error {
	var c problem.Checks
	c.Field(d.Confirm, "confirm", "Ohne diese Erklärung wird nichts unterschrieben.", "Nothing is signed without this statement.")
	c.Field(d.Next.After(d.Date) && !d.Next.After(d.Date.AddDate(1, 0, 1)), "next",
		"Die Erklärung wird spätestens nach einem Jahr erneuert.", "The declaration is renewed after a year at the latest.")
	return c.Err()
}

// warnBefore is how long before its day a renewal is announced.
const warnBefore = 30 * 24 * time.Hour

// Renewal says how the last declaration stands.
type Renewal string

// The states of the declaration.
const (
	NoDeclaration Renewal = "none"
	Valid         Renewal = "valid"
	DueSoon       Renewal = "soon" // within 30 days
	Overdue       Renewal = "over"
)

// Renewal says how a declaration stands at an instant.
func (d *Declaration) Renewal(at time.Time) Renewal {
	switch {
	case !at.Before(d.Next):
		return Overdue
	case !at.Before(d.Next.Add(-warnBefore)):
		return DueSoon
	}
	return Valid
}

// Last is the newest declaration; ok is false when there is none.
func (r *Room) Last(ctx context.Context, rd store.Reader) (last store.Object[Declaration], ok bool, err error) {
	p, err := r.Declarations.List(ctx, rd, store.Query{Sort: "-date", Limit: 1, Uncounted: true})
	if err != nil || len(p.Items) == 0 {
		return last, false, err
	}
	return p.Items[0], true, nil
}

// Declare signs the declaration as the person who acts, over the register as it
// is now. A prohibited system in the register stands in the way.
func (r *Room) Declare(ctx context.Context, confirm bool, note string) (store.Object[Declaration], error) {
	var saved store.Object[Declaration]
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		stock, err := r.stock(ctx, tx)
		if err != nil {
			return err
		}
		now := r.now().UTC()
		saved, err = r.Declarations.Create(ctx, tx, Declaration{Signer: a.ID, Date: now, Next: now.AddDate(1, 0, 0), Systems: stock.systems,
			Unclear: stock.unclear, Register: stock.hash, Note: strings.TrimSpace(note), Confirm: confirm})
		return err
	})
	return saved, err
}

// declared guards declarations: nobody signs for another, over another register,
// or while a prohibited system is in it, and nobody changes what was signed. With
// a new one the task of renewing it is made, and the one before is done.
func (r *Room) declared(ctx context.Context, tx *store.Tx, _ string, before, after *Declaration) error {
	if before != nil {
		return problem.New(problem.Denied, "Eine unterschriebene Erklärung wird nicht geändert.", "A signed declaration is not changed.").
			WithHint("Bitte eine neue unterschreiben.", "Please sign a new one.")
	}
	a, ok := store.ActorFrom(ctx)
	if !ok || a.ID != after.Signer {
		return problem.New(problem.Denied, "Unterschreiben kann nur, wer angemeldet ist, und nur für sich.", "Only who is signed in can sign, and only for themselves.")
	}
	stock, err := r.stock(ctx, tx)
	if err != nil {
		return err
	}
	if len(stock.prohibited) > 0 {
		names := strings.Join(stock.prohibited, ", ")
		return problem.New(problem.Conflict, "Im Register steht ein verbotenes System: "+names+".", "The register holds a prohibited system: "+names+".").
			WithReason("class.prohibited", "Solange es nicht stillgelegt ist, kann das niemand erklären.", "While it is not retired nobody can declare that.", "aia.art5.1.a").
			WithHint("Bitte das System stilllegen oder neu einstufen, wenn sich sein Zweck geändert hat.", "Please retire the system, or classify it again if its purpose changed.")
	}
	if stock.hash != after.Register || stock.systems != after.Systems || stock.unclear != after.Unclear {
		return problem.New(problem.Conflict, "Das Register hat sich inzwischen geändert.", "The register changed meanwhile.").
			WithHint("Bitte noch einmal ansehen und dann unterschreiben.", "Please look at it again and then sign.")
	}
	return r.renewal(ctx, tx, *after)
}

// renewal ends the task of renewing the declaration before and makes that of the
// next one.
func (r *Room) renewal(ctx context.Context, tx *store.Tx, d Declaration) error {
	if err := r.done(ctx, tx, duty.ByDeclaration, "", text.Bi{DE: "Neue Erklärung unterschrieben.", EN: "New declaration signed."}); err != nil {
		return err
	}
	called := text.Bi{DE: "Erklärung zu verbotenen Systemen erneuern", EN: "Renew the declaration on prohibited systems"}
	var about []string
	for _, c := range r.lib().Clauses(classify.Law) {
		if strings.HasPrefix(c.ID, "aia.art5.1.") {
			about = append(about, c.ID)
		}
	}
	_, err := duty.Tasks().Create(ctx, tx, duty.Task{Name: called.DE, Called: called, Phase: duty.Check, Cause: duty.ByDeclaration, Due: d.Next, Owner: d.Signer, About: about,
		Say: text.Bi{DE: "Das Register durchgehen und die Erklärung neu unterschreiben.", EN: "Go through the register and sign the declaration again."}})
	return err
}

// stock is the register as a declaration rests on it.
type stock struct {
	systems, unclear int
	prohibited       []string // names
	hash             string
}

func (r *Room) stock(ctx context.Context, rd store.Reader) (stock, error) {
	var out stock
	systems, err := inventory.Systems().All(ctx, rd, store.Query{})
	if err != nil {
		return out, err
	}
	classes, err := r.cls.Classifications.All(ctx, rd, store.Query{})
	if err != nil {
		return out, err
	}
	of := map[string]string{}
	for _, c := range classes {
		if c.Doc.Concluded() {
			of[c.Doc.System] = c.Doc.Class
		}
	}
	var lines []string
	for _, s := range systems {
		if s.Doc.LifeCycle == inventory.Retired {
			continue
		}
		class := of[s.ID]
		if class == "" {
			class = permit.ClassUnclear
		}
		out.systems++
		switch class {
		case permit.ClassUnclear:
			out.unclear++
		case permit.ClassProhibited:
			out.prohibited = append(out.prohibited, s.Doc.Name)
		}
		lines = append(lines, s.ID+" "+class)
	}
	slices.Sort(lines)
	slices.Sort(out.prohibited)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	out.hash = "sha256:" + hex.EncodeToString(sum[:])
	return out, nil
}

// Register says what a declaration would rest on now: how many systems, how many
// of them unclear, and the names of prohibited ones.
func (r *Room) Register(ctx context.Context, rd store.Reader) (systems, unclear int, prohibited []string, err error) {
	s, err := r.stock(ctx, rd)
	return s.systems, s.unclear, s.prohibited, err
}

// done ends the open tasks of a cause, of one system or, without one, of all.
func (r *Room) done(ctx context.Context, tx *store.Tx, cause duty.Cause, system string, result text.Bi) error {
	tasks := duty.Tasks()
	q := store.Query{Filters: []store.Filter{store.Where("cause", "=", string(cause))}}
	if system != "" {
		q.Filters = append(q.Filters, store.Where("systems", "=", system))
	}
	all, err := tasks.All(ctx, tx, q)
	if err != nil {
		return err
	}
	by := ""
	if a, ok := store.ActorFrom(ctx); ok {
		by = a.ID
	}
	for _, t := range all {
		if !t.Doc.Open() {
			continue
		}
		t.Doc.Done, t.Doc.DoneBy, t.Doc.Result = r.now().UTC(), by, result.DE+" / "+result.EN
		if _, err := tasks.Update(ctx, tx, t.ID, t.Revision, t.Doc); err != nil {
			return fmt.Errorf("end task %s: %w", t.ID, err)
		}
	}
	return nil
}

// Declarations is the kind of declarations, to read; the room's own one guards
// them.
func Declarations() *store.Kind[Declaration] {
	return store.NewKind[Declaration]("declaration", "dcl")
}
