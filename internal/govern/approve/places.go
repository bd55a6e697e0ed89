package approve

import (
	"context"
	"slices"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Holding answers who holds what in the house. Identity knows it, which lives
// in another wing; nil stands for a house in which nobody holds a function and
// no risk owner may sign.
type Holding interface {
	// MayApprove reports whether a person is active and may sign dossiers.
	MayApprove(ctx context.Context, rd store.Reader, person string) (bool, error)
	// Functions lists the functions that somebody active holds, in order.
	Functions(ctx context.Context, rd store.Reader) ([]string, error)
}

// Places of signatures in their three slots (requirement 001-02): management;
// security at work or of information; and whoever watches the risk: its owner,
// data protection, ethics.
var slots = [][]string{
	{"director"},
	{"safety", permit.SignSecurity},
	{permit.SignOwner, permit.SignProtection, permit.SignEthics},
}

// Place is one place for a signature.
type Place struct {
	Code   string // role, function or permit.SignOwner
	Needed bool   // the permit rests on it; otherwise it may be signed, too
}

// Slots are the three slots with the places that are needed, signed already, or
// open to whoever holds them. A slot may be empty: nobody is asked there.
func (d Dossier) Slots() [3][]Place {
	var out [3][]Place
	needed := d.Needed()
	for i, codes := range slots {
		for _, code := range codes {
			signed := slices.ContainsFunc(d.Approvals, func(a store.Object[Approval]) bool { return a.Doc.Role == code })
			if n := slices.Contains(needed, code); n || signed || d.open(code) {
				out[i] = append(out[i], Place{Code: code, Needed: n})
			}
		}
	}
	return out
}

// open reports whether a place may be signed though nobody asks for it: a
// function that somebody holds, the owner's own, and the management's where the
// owner's would do.
func (d Dossier) open(code string) bool {
	switch code {
	case "director":
		return d.short()
	case permit.SignOwner:
		return d.ownerSigns
	}
	return slices.Contains(d.named, code)
}

// short reports whether the short path holds (requirement 001-41): little
// depends on the system, so that one signature is enough.
func (d Dossier) short() bool {
	if d.Classification == nil || d.System.Doc.People || onTheFloor(d.Scopes()) {
		return false
	}
	switch d.Classification.Doc.Class {
	case permit.ClassMinimal, permit.ClassLimited, permit.ClassNone:
		return true
	}
	return false
}

// Needed are the places that have to be signed: what NeededRoles says; on the
// short path the risk owner's alone, if the owner may sign, did not register
// the system, and the management has not signed it before; data protection
// where the system decides about people and ethics where it rates them, each if
// somebody holds the function (GDPR Art. 35(2): "where designated"); and every
// place in which somebody took the signature back.
func (d Dossier) Needed() []string {
	sys := d.System.Doc
	out := NeededRoles(d.Scopes(), sys.People)
	if d.ownerSigns && d.short() && !d.signedBy("director") {
		out = []string{permit.SignOwner}
	}
	if sys.People && slices.Contains(d.named, permit.SignProtection) {
		out = append(out, permit.SignProtection)
	}
	if d.rates() && slices.Contains(d.named, permit.SignEthics) {
		out = append(out, permit.SignEthics)
	}
	for _, code := range slices.Concat(slots...) {
		if !slices.Contains(out, code) && d.takenBack(code) {
			out = append(out, code)
		}
	}
	return out
}

// rates reports whether people are rated, not only affected: the class says so,
// or the software is registered for that reason alone.
func (d Dossier) rates() bool {
	if !d.System.Doc.People {
		return false
	}
	if id := d.Identification(); id != nil && id.Doc.Verdict == "not_ai_but_people" {
		return true
	}
	if d.Classification == nil {
		return true
	}
	switch d.Classification.Doc.Class {
	case permit.ClassMinimal, permit.ClassLimited, permit.ClassNone:
		return false
	}
	return true
}

func (d Dossier) signedBy(code string) bool {
	return slices.ContainsFunc(d.Approvals, func(a store.Object[Approval]) bool { return a.Doc.Role == code })
}

// takenBack reports whether the last word of a place is a withdrawal.
func (d Dossier) takenBack(code string) bool {
	var yes, no time.Time
	for _, a := range d.Approvals {
		switch {
		case a.Doc.Role != code:
		case !a.Doc.WithdrawnAt.IsZero():
			no = later(no, a.Doc.WithdrawnAt)
		default:
			yes = later(yes, a.Doc.GivenAt)
		}
	}
	return !no.IsZero() && !yes.After(no)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// holds reports whether a person may sign in a place as far as the dossier
// knows; the table of roles says the rest when the signature is stored.
func (d Dossier) holds(a store.Actor, code string) bool {
	if code == permit.SignOwner {
		return a.ID != "" && a.ID == d.System.Doc.RiskOwner
	}
	return slices.Contains(a.Roles, code)
}

// Mine are the places that a person could sign in, needed ones first.
func (d Dossier) Mine(a store.Actor) []string {
	var needed, more []string
	for _, slot := range d.Slots() {
		for _, p := range slot {
			switch {
			case !d.holds(a, p.Code):
			case p.Needed:
				needed = append(needed, p.Code)
			case d.open(p.Code):
				more = append(more, p.Code)
			}
		}
	}
	return append(needed, more...)
}

// ask asks identity what the dossier rests on: whether the risk owner may sign,
// and which functions are named. Who registered the system never signs.
func (r *Room) ask(ctx context.Context, rd store.Reader, d *Dossier) (err error) {
	if r.o.Holding == nil {
		return nil
	}
	ctx = store.WithActor(ctx, House)
	if d.named, err = r.o.Holding.Functions(ctx, rd); err != nil {
		return err
	}
	if owner := d.System.Doc.RiskOwner; owner != "" && owner != d.System.CreatedBy {
		d.ownerSigns, err = r.o.Holding.MayApprove(ctx, rd, owner)
	}
	return err
}

// ofPerson names the systems whose needed signatures rest on a person: those
// the person owns, or all of them if with the change a function is named for
// the first time or nobody holds it any more.
func (r *Room) ofPerson(ctx context.Context, person string) (systems []string, all bool) {
	if r.o.Holding == nil {
		return nil, false
	}
	named, err := r.o.Holding.Functions(ctx, r.db)
	if err != nil {
		return nil, true
	}
	r.known.Lock()
	same := r.named != nil && slices.Equal(*r.named, named)
	r.named = &named
	r.known.Unlock()
	if !same {
		return nil, true
	}
	owned, err := r.inv.Systems.All(ctx, r.db, store.Query{Filters: []store.Filter{store.Where("risk_owner", "=", person)}})
	if err != nil {
		return nil, true
	}
	for _, o := range owned {
		systems = append(systems, o.ID)
	}
	return systems, false
}

// Interest is why somebody who signs is not disinterested. It does not keep
// anybody from signing; it is shown before, and stays with the approval. Who
// registered the system cannot sign at all (four eyes).
type Interest struct {
	Code   string `json:"code"`   // owner, delivered or gains
	Object string `json:"object"` // the record it shows in
}

// interests are the codes with their words.
var interests = map[string]text.Bi{
	"owner":     {DE: "Sie verantworten das Risiko dieses Systems.", EN: "You are accountable for the risk of this system."},
	"delivered": {DE: "Sie haben ein Modell dieses Systems geliefert oder eingetragen.", EN: "You delivered or registered a model of this system."},
	"gains":     {DE: "Sie haben den Nutzen angemeldet, den dieses System bringen soll.", EN: "You declared the benefit that this system is to bring."},
}

// Say says an interest in words; an unknown one as it stands.
func (i Interest) Say() text.Bi {
	if say, ok := interests[i.Code]; ok {
		return say
	}
	return text.Same(i.Code)
}

// Interests lists what a person stands to gain or lose from the system: its
// risk, its delivery, its benefit. One query.
func (r *Room) Interests(ctx context.Context, rd store.Reader, d Dossier, person string) ([]Interest, error) {
	var out []Interest
	if person == "" {
		return nil, nil
	}
	if d.System.Doc.RiskOwner == person {
		out = append(out, Interest{"owner", d.System.ID})
	}
	for _, m := range d.Models {
		if m.CreatedBy == person {
			out = append(out, Interest{"delivered", m.ID})
			break
		}
	}
	if r.o.UseCases == nil {
		return out, nil
	}
	cases, err := r.o.UseCases.All(store.WithActor(ctx, House), rd, store.Query{Filters: []store.Filter{store.Where("system", "=", d.System.ID)}})
	if err != nil {
		return nil, err
	}
	for _, u := range cases {
		if u.CreatedBy == person {
			return append(out, Interest{"gains", u.ID}), nil
		}
	}
	return out, nil
}

// fourEyes refuses who registered the system.
func fourEyes(d Dossier, a store.Actor) error {
	if d.System.CreatedBy != a.ID {
		return nil
	}
	return problem.New(problem.Denied, "Sie haben das System eingetragen. Freigeben muss es jemand anderes.",
		"You registered the system. Somebody else has to approve it.").
		WithReason("approval.four_eyes", "Vier Augen: Eintragen und Freigeben sind getrennt.", "Four eyes: registering and approving are separate.", "iso42001.A.6.2.5")
}
