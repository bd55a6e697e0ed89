package discover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// TipStatus says what became of a tip.
type TipStatus string

// A tip is new until somebody registers it or closes it with a reason.
const (
	TipNew        TipStatus = "new"
	TipRegistered TipStatus = "registered"
	TipClosed     TipStatus = "closed"
)

// Values lists the statuses.
func (TipStatus) Values() []string {
	return []string{string(TipNew), string(TipRegistered), string(TipClosed)}
}

// Guess is an answer of somebody who may not know.
type Guess string

// Values lists the answers.
func (Guess) Values() []string { return []string{"yes", "no", "unknown"} }

// Tip is what a colleague reported: a tool that may be AI and may not be in the
// register. It says nothing about who reported it unless they want to be asked.
type Tip struct {
	What      string    `json:"what" store:"index,search,required,max=200"`    // the tool
	Where     string    `json:"where" store:"search,required,max=200"`         // team or place
	Purpose   string    `json:"purpose" store:"search,required,long,max=2000"` // what for
	People    Guess     `json:"people" store:"index,required"`                 // does it rate people?
	Contact   string    `json:"contact" store:"personal,max=200"`              // empty: nobody wants to be asked
	Receipt   string    `json:"receipt" store:"unique"`                        // SHA-256 of the code that the colleague has
	Status    TipStatus `json:"status" store:"index,required"`
	System    string    `json:"system" store:"ref=system"`    // the entry that came of it
	Reason    string    `json:"reason" store:"long,max=1000"` // why it was closed; the colleague reads it
	HandledAt time.Time `json:"handled_at" store:"index"`
}

// Title names the tip in lists and links.
func (t *Tip) Title() string { return t.What }

// Default fills what a new tip may leave out.
func (t *Tip) Default() {
	if t.Status == "" {
		t.Status = TipNew
	}
}

// Validate holds what belongs together.
func (t *Tip) Validate() error {
	var c problem.Checks
	c.Field(t.Status != TipClosed || strings.TrimSpace(t.Reason) != "", "reason",
		"Wer einen Hinweis schließt, sagt warum. Die Kollegin oder der Kollege liest es.", "Who closes a tip says why. The colleague reads it.")
	c.Field(t.Status != TipRegistered || t.System != "", "system", "Welcher Eintrag ist daraus geworden?", "Which entry came of it?")
	return c.Err()
}

// Intake is the one link through which colleagues report. Its code is no secret:
// it hangs on the notice board. Renewing it ends the old one.
type Intake struct {
	Key   string    `json:"key" store:"unique,required"` // always "intake": there is one
	Code  string    `json:"code" store:"unique,required"`
	Since time.Time `json:"since"`
}

// Title names it in lists and links.
func (i *Intake) Title() string { return i.Key }

// intakeKey makes the link unique.
const intakeKey = "intake"

// Link returns the link of the organisation; ok is false before the first one.
func (r *Room) Link(ctx context.Context, rd store.Reader) (o store.Object[Intake], ok bool, err error) {
	return one(ctx, rd, r.Intakes, "key", intakeKey)
}

// RenewLink makes a new link and ends the one before.
func (r *Room) RenewLink(ctx context.Context) (store.Object[Intake], error) {
	var saved store.Object[Intake]
	code, err := r.code(15)
	if err != nil {
		return saved, err
	}
	doc := Intake{Key: intakeKey, Code: code, Since: r.now().UTC()}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		have, ok, err := r.Link(ctx, tx)
		if err != nil {
			return err
		}
		if ok {
			saved, err = r.Intakes.Update(ctx, tx, have.ID, have.Revision, doc)
		} else {
			saved, err = r.Intakes.Create(ctx, tx, doc)
		}
		return err
	})
	return saved, err
}

// Opens reports whether a code is the organisation's intake link.
func (r *Room) Opens(ctx context.Context, code string) (bool, error) {
	if code == "" || len(code) > maxToken {
		return false, nil
	}
	_, ok, err := one(house(ctx), r.db, r.Intakes, "code", code)
	return ok, err
}

// Tell takes a tip from somebody without an account who has the link, and
// returns the code with which they can look what became of it. It is kept as a
// hash only. A wrong link is NotFound.
func (r *Room) Tell(ctx context.Context, code string, t Tip) (receipt string, err error) {
	ok, err := r.Opens(ctx, code)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", noLink()
	}
	if receipt, err = r.code(10); err != nil {
		return "", err
	}
	doc := Tip{What: strings.TrimSpace(t.What), Where: strings.TrimSpace(t.Where), Purpose: strings.TrimSpace(t.Purpose), People: t.People,
		Contact: strings.TrimSpace(t.Contact), Receipt: hash(receipt), Status: TipNew}
	ctx = house(ctx)
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := r.Tips.Create(ctx, tx, doc)
		return err
	})
	if err != nil {
		return "", err
	}
	return receipt, nil
}

// Told returns the tip of a receipt code, for whoever has it and the link. ok is
// false for a wrong one.
func (r *Room) Told(ctx context.Context, code, receipt string) (t Tip, ok bool, err error) {
	open, err := r.Opens(ctx, code)
	receipt = strings.ToLower(strings.TrimSpace(receipt))
	if err != nil || !open || receipt == "" || len(receipt) > maxToken {
		return t, false, err
	}
	o, ok, err := one(house(ctx), r.db, r.Tips, "receipt", hash(receipt))
	if !ok {
		return t, false, err
	}
	return o.Doc, true, nil
}

// CloseTip ends a tip without an entry. The reason is required.
func (r *Room) CloseTip(ctx context.Context, id string, revision int64, reason string) (store.Object[Tip], error) {
	var saved store.Object[Tip]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Tips.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if o.Doc.Status != TipNew {
			return handled()
		}
		o.Doc.Status, o.Doc.Reason, o.Doc.HandledAt = TipClosed, strings.TrimSpace(reason), r.now().UTC()
		saved, err = r.Tips.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

// handled is what a second person gets who handles the same tip.
func handled() error {
	return problem.New(problem.Conflict, "Diesen Hinweis hat schon jemand bearbeitet.", "Somebody handled this tip already.").
		WithHint("Die Liste der Hinweise zeigt, was daraus wurde.", "The list of tips shows what became of it.")
}

// noLink is the one answer to links that are wrong, ended or another
// organisation's.
func noLink() error {
	return problem.New(problem.NotFound, "Diesen Link gibt es nicht, oder er gilt nicht mehr.", "There is no such link, or it is not valid any more.").
		WithHint("Bitte den Link noch einmal vollständig öffnen oder um einen neuen bitten.", "Please open the whole link again, or ask for a new one.")
}

// maxToken bounds a code of a link; longer ones are wrong without a look.
const maxToken = 64

// hash is how a secret of a link is kept.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
