package risk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
)

// Room is the risks of one organisation, the measures against them and who
// accepted what is left.
type Room struct {
	Risks       *store.Kind[Risk]
	Measures    *store.Kind[Measure]
	Acceptances *store.Kind[Acceptance]
	inv         *inventory.Room
	lib         func() *packs.Library
	now         func() time.Time
	db          *store.DB
}

// New declares the room's kinds; Open gives it the database. lib is asked on
// every write, because an organisation may add packs while it runs.
func New(inv *inventory.Room, lib func() *packs.Library, now func() time.Time) *Room {
	return &Room{Risks: Risks(), Measures: Measures(), Acceptances: Acceptances(), inv: inv, lib: lib, now: now}
}

// Kinds lists what the room stores. They refer to the kinds system, person and
// evidence.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Measures, r.Risks, r.Acceptances} }

// Open gives the room its database; it keeps nothing in the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// Register is everything that the register shows of some risks.
type Register struct {
	Risks       []store.Object[Risk]
	Acceptances []store.Object[Acceptance]
	Measures    map[string]store.Object[Measure]
}

// Read reads the register, of one system or, without one, of all: three queries.
func (r *Room) Read(ctx context.Context, rd store.Reader, system string) (Register, error) {
	var out Register
	var of []store.Filter
	if system != "" {
		of = []store.Filter{store.Where("system", "=", system)}
	}
	var err error
	if out.Risks, err = r.Risks.All(ctx, rd, store.Query{Filters: of}); err != nil {
		return out, err
	}
	if out.Acceptances, err = r.Acceptances.All(ctx, rd, store.Query{Filters: of}); err != nil {
		return out, err
	}
	var ids []string
	for _, o := range out.Risks {
		ids = append(ids, o.Doc.Measures...)
	}
	slices.Sort(ids)
	out.Measures, err = r.Measures.GetMany(ctx, rd, slices.Compact(ids))
	return out, err
}

// Of returns the acceptances of one risk, the newest first.
func (g Register) Of(risk string) []store.Object[Acceptance] {
	var out []store.Object[Acceptance]
	for _, a := range g.Acceptances {
		if a.Doc.Risk == risk {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b store.Object[Acceptance]) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return out
}

// Holding returns the acceptance that covers a risk now; ok is false without one.
func Holding(all []store.Object[Acceptance], o store.Object[Risk], at time.Time) (out store.Object[Acceptance], ok bool) {
	for _, a := range all {
		if Holds(a, o, at) && (!ok || a.Doc.Until.After(out.Doc.Until)) {
			out, ok = a, true
		}
	}
	return out, ok
}

// Fingerprint is what an acceptance is bound to: kinds of impact, all ratings with
// their reasons, treatment and measures, as 64 hexadecimal digits.
func (r *Risk) Fingerprint() string {
	raw, err := json.Marshal(struct {
		Impacts       []Impact
		Before, After []Rating
		Treatment     Treatment
		Reason        string
		Measures      []string
	}{r.Impacts, r.Before, r.After, r.Treatment, r.TreatmentReason, r.Measures})
	if err != nil { // a rating holds only texts and whole numbers
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Assess says how likely and how grave a risk is without measures, and counts as
// looking at it. What stood after treatment goes, because it rests on this.
func (r *Room) Assess(ctx context.Context, id string, revision int64, before []Rating) (store.Object[Risk], error) {
	return r.change(ctx, id, revision, true, func(doc *Risk) error {
		if !slices.Equal(doc.Before, before) {
			doc.After = nil
		}
		doc.Before = trimmed(before)
		r.looked(doc, time.Time{}, doc.ReviewNote)
		return nil
	})
}

// Treated is what is done about a risk and what is left of it.
type Treated struct {
	Treatment Treatment
	Reason    string
	Measures  []string
	After     []Rating
}

// Treat says what is done about a risk and what is left of it.
func (r *Room) Treat(ctx context.Context, id string, revision int64, t Treated) (store.Object[Risk], error) {
	return r.change(ctx, id, revision, false, func(doc *Risk) error {
		doc.Treatment, doc.TreatmentReason = t.Treatment, strings.TrimSpace(t.Reason)
		doc.Measures, doc.After = slices.Clone(t.Measures), trimmed(t.After)
		if !doc.Rated() {
			var c problem.Checks
			c.Field(false, "before", "Erst bewerten, dann behandeln: Eine Bewertung fehlt.", "Rate first, then treat: a rating is missing.")
			return c.Err()
		}
		return nil
	})
}

// Review says that somebody looked at a risk again and found what stands to be
// right. by is the next day, zero for a year later.
func (r *Room) Review(ctx context.Context, id string, revision int64, by time.Time, note string) (store.Object[Risk], error) {
	var c problem.Checks
	now := r.now().UTC()
	c.Field(sentence(note), "review_note", "Was hat die Überprüfung ergeben? Bitte in einem Satz.", "What did the review find? Please in one sentence.")
	c.Field(by.IsZero() || by.After(now) && !by.After(now.AddDate(1, 0, 1)), "review_by",
		"Die nächste Überprüfung liegt in der Zukunft, höchstens ein Jahr von heute.", "The next review lies in the future, at most a year from today.")
	if err := c.Err(); err != nil {
		return store.Object[Risk]{}, err
	}
	return r.change(ctx, id, revision, true, func(doc *Risk) error {
		r.looked(doc, by, strings.TrimSpace(note))
		return nil
	})
}

func (r *Room) looked(doc *Risk, by time.Time, note string) {
	now := r.now().UTC()
	if by.IsZero() {
		by = now.AddDate(1, 0, 0)
	}
	doc.ReviewedAt, doc.ReviewBy, doc.ReviewNote = now, by, note
}

// change applies a change to a risk. One that looks at the risk anew also writes
// down what of the system it rests on.
func (r *Room) change(ctx context.Context, id string, revision int64, looks bool, change func(*Risk) error) (store.Object[Risk], error) {
	var saved store.Object[Risk]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Risks.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(&o.Doc); err != nil {
			return err
		}
		if looks {
			if o.Doc.Basis, err = r.basis(ctx, tx, o.Doc.System); err != nil {
				return err
			}
		}
		saved, err = r.Risks.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

func (r *Room) basis(ctx context.Context, rd store.Reader, system string) (Basis, error) {
	if system == "" {
		return Basis{}, nil
	}
	s, err := r.inv.Systems.Get(ctx, rd, system)
	if err != nil {
		return Basis{}, err
	}
	models, err := r.inv.Models.All(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}})
	if err != nil {
		return Basis{}, err
	}
	return BasisOf(s.Doc, models), nil
}

// BasisOf is what ratings of a system's risks rest on: its purpose and where it is
// used, its data, and the models it runs.
func BasisOf(s inventory.System, models []store.Object[inventory.Model]) Basis {
	type version struct{ Name, Version, Hash string }
	var all []version
	for _, m := range models {
		all = append(all, version{m.Doc.Name, m.Doc.Version, m.Doc.Hash})
	}
	slices.SortFunc(all, func(a, b version) int { return strings.Compare(a.Name, b.Name) })
	return Basis{
		Purpose: short(struct {
			Purpose         text.Bi
			Excluded        []text.Bi
			Scope           []inventory.Scope
			People          bool
			Role            inventory.RoleOfAI
			Zones, Markets  []string
			OversightDecide inventory.Oversight
		}{s.Purpose, s.Excluded, s.Scope, s.People, s.RoleOfAI, s.Zones, s.Markets, s.Oversee.Mode}),
		Data:  short(struct{ Sources, Classes []string }{s.DataSources, s.DataClasses}),
		Model: short(struct{ Models []version }{all}),
	}
}

// short is a check value of something that JSON can write.
func short(v any) string {
	raw, err := json.Marshal(v)
	if err != nil { // only texts, lists and truth values come here
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// Changed names what of a basis is another now, as "purpose", "data" or "model".
func (b Basis) Changed(now Basis) []string {
	var out []string
	for _, x := range []struct{ name, was, is string }{{"purpose", b.Purpose, now.Purpose}, {"data", b.Data, now.Data}, {"model", b.Model, now.Model}} {
		if x.was != "" && x.was != x.is {
			out = append(out, x.name)
		}
	}
	return out
}

// Proposal asks for the acceptance of a residual risk.
type Proposal struct {
	Reason    string
	Condition string
	Until     time.Time
}

// Propose asks that a residual risk be accepted. The ratings must be there; what
// was asked for before stays as it was.
func (r *Room) Propose(ctx context.Context, risk string, p Proposal) (store.Object[Acceptance], error) {
	var saved store.Object[Acceptance]
	now := r.now().UTC()
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Risks.Get(ctx, tx, risk)
		if err != nil {
			return err
		}
		var c problem.Checks
		c.Field(o.Doc.Rated() && o.Doc.Treatment != "", "risk", "Erst bewerten und behandeln, dann um Annahme bitten.", "Rate and treat first, then ask for acceptance.")
		c.Field(p.Until.After(now) && !p.Until.After(now.AddDate(1, 0, 1)), "until",
			"Bis wann? Der Tag liegt in der Zukunft, höchstens ein Jahr von heute.", "Until when? The day lies in the future, at most a year from today.")
		if err := c.Err(); err != nil {
			return err
		}
		saved, err = r.Acceptances.Create(ctx, tx, Acceptance{Risk: risk, System: o.Doc.System, Name: o.Doc.Name, Level: o.Doc.Residual(),
			Rating: o.Doc.Fingerprint(), Reason: strings.TrimSpace(p.Reason), Condition: strings.TrimSpace(p.Condition), Until: p.Until, Decision: Proposed})
		return err
	})
	return saved, err
}

// Decide accepts or declines what was asked for. Denied to who asked and to the
// owner of the risk: four eyes. Conflict when the ratings are others meanwhile, or
// when it was decided already.
func (r *Room) Decide(ctx context.Context, id string, revision int64, accept bool, note string) (store.Object[Acceptance], error) {
	var saved store.Object[Acceptance]
	who, ok := store.ActorFrom(ctx)
	if !ok || who.ID == "" {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		a, err := r.Acceptances.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		o, err := r.Risks.Get(ctx, tx, a.Doc.Risk)
		if err != nil {
			return err
		}
		if err := eyes(a, o, who.ID, accept); err != nil {
			return err
		}
		a.Doc.Decision = Declined
		if accept {
			a.Doc.Decision = Accepted
		}
		a.Doc.Signer, a.Doc.DecidedAt, a.Doc.Note = who.ID, r.now().UTC(), strings.TrimSpace(note)
		saved, err = r.Acceptances.Update(ctx, tx, id, revision, a.Doc)
		return err
	})
	return saved, err
}

// eyes holds the rules of an acceptance.
func eyes(a store.Object[Acceptance], o store.Object[Risk], who string, accept bool) error {
	switch {
	case a.Doc.Decision != Proposed:
		return problem.New(problem.Conflict, "Darüber ist schon entschieden.", "This has been decided already.").
			WithHint("Für eine neue Entscheidung bitte neu um Annahme bitten.", "For a new decision, please ask for acceptance again.")
	case who == a.CreatedBy:
		return problem.New(problem.Denied, "Wer um Annahme bittet, nimmt nicht selbst an.", "Who asks for acceptance does not accept.").
			WithReason("risk.four_eyes", "Vier Augen: Eine zweite Person entscheidet.", "Four eyes: a second person decides.", "iso27001.A.5.3")
	case who == o.Doc.Owner:
		return problem.New(problem.Denied, "Wem das Risiko gehört, der nimmt es nicht selbst an.", "Who owns the risk does not accept it.").
			WithReason("risk.four_eyes", "Vier Augen: Eine zweite Person entscheidet.", "Four eyes: a second person decides.", "iso27001.A.5.3").
			WithHint("Das Risiko kann vorher eine andere Person übernehmen.", "Another person may take over the risk before.")
	case accept && a.Doc.Rating != o.Doc.Fingerprint():
		return problem.New(problem.Conflict, "Die Bewertung ist inzwischen eine andere.", "The rating is another meanwhile.").
			WithHint("Bitte neu um Annahme bitten; der Stand von jetzt wird dann gebunden.", "Please ask for acceptance again; what stands now is bound then.")
	}
	return nil
}

// Withdraw ends an acceptance before its day. Only directors may write it.
func (r *Room) Withdraw(ctx context.Context, id string, revision int64, note string) (store.Object[Acceptance], error) {
	var saved store.Object[Acceptance]
	who, ok := store.ActorFrom(ctx)
	if !ok || who.ID == "" {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		a, err := r.Acceptances.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Doc.Decision != Accepted {
			return problem.New(problem.Conflict, "Zurückgenommen wird nur, was angenommen ist.", "Only what is accepted can be withdrawn.")
		}
		a.Doc.Decision, a.Doc.Signer, a.Doc.DecidedAt, a.Doc.Note = Withdrawn, who.ID, r.now().UTC(), strings.TrimSpace(note)
		saved, err = r.Acceptances.Update(ctx, tx, id, revision, a.Doc)
		return err
	})
	return saved, err
}

// trimmed cuts blanks off the reasons.
func trimmed(all []Rating) []Rating {
	out := slices.Clone(all)
	for i := range out {
		out[i].LikelihoodReason, out[i].SeverityReason = strings.TrimSpace(out[i].LikelihoodReason), strings.TrimSpace(out[i].SeverityReason)
	}
	return out
}
