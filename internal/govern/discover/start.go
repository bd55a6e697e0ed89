package discover

import (
	"context"
	"encoding/base32"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Grade says how good a number is (requirement 003-26).
type Grade string

// Values lists the grades from the weakest to the strongest.
func (Grade) Values() []string { return append([]string(nil), stock.Grades...) }

// Figure is one number that a draft promised, with what was measured later
// beside it (requirement 003-20). The forecast never changes.
type Figure struct {
	ID         string    `json:"id" store:"required"`
	Name       text.Bi   `json:"name"`
	Unit       text.Bi   `json:"unit"`
	Forecast   float64   `json:"forecast"`
	Grade      Grade     `json:"grade"`
	Source     text.Bi   `json:"source"` // who claims it
	Actual     float64   `json:"actual"`
	MeasuredAt time.Time `json:"measured_at"` // zero: nobody measured yet, Actual says nothing
	How        string    `json:"how" store:"max=500"`
}

// Measured reports whether there is an actual value.
func (f Figure) Measured() bool { return !f.MeasuredAt.IsZero() }

// Operator is who the organisation would be under the AI Act.
type Operator string

// Values lists the two roles that drafts name.
func (Operator) Values() []string { return append([]string(nil), stock.OperatorRoles...) }

// Start is where an entry of the register came from. There is one a system.
type Start struct {
	System   string   `json:"system" store:"ref=system,required"`
	Draft    string   `json:"draft" store:"index"` // id of the packs; empty: begun from a tip alone
	Version  string   `json:"version"`             // of the pack at that time
	Operator Operator `json:"operator"`
	Tip      string   `json:"tip" store:"ref=tip"`
	Software string   `json:"software" store:"ref=software"`
	Function string   `json:"function" store:"index"` // id of the catalogue
	Figures  []Figure `json:"figures" store:"max=20"`
}

// Title names it in lists and links.
func (s *Start) Title() string { return s.Draft }

// Beginning says from what an entry begins: a draft, a tip, or both. A function
// of a ticked product may be named, so that it shows as registered.
type Beginning struct {
	Draft    string
	Tip      string
	Software string
	Function string
	Lang     text.Lang // of single-language fields
	Owner    string    // risk owner, person id
	Name     string    // empty: the draft's or the tip's
}

// Begin makes an entry of the register from a draft or a tip, in one
// transaction with its Start; a tip counts as registered from then on. A tip
// that was handled already is a Conflict. Where the colleague did not know
// whether people are rated, the entry says yes, as a precaution.
func (r *Room) Begin(ctx context.Context, b Beginning) (store.Object[inventory.System], error) {
	var made store.Object[inventory.System]
	sys, start := inventory.System{}, Start{Draft: b.Draft, Tip: b.Tip, Software: b.Software, Function: b.Function}
	if b.Draft != "" {
		d, ok := r.lib().Draft(b.Draft)
		if !ok {
			return made, problem.New(problem.NotFound, "Diesen Entwurf gibt es in keinem Paket.", "No pack has this draft.").
				WithHint("Die Liste der Entwürfe zeigt alle.", "The list of drafts shows all.")
		}
		sys = Entry(d, b.Lang)
		start.Operator, start.Figures, start.Version = Operator(d.Operator), figures(d), r.version(d.Pack)
	} else if b.Tip == "" {
		return made, problem.New(problem.BadInput, "Ein Eintrag beginnt mit einem Entwurf oder einem Hinweis.", "An entry begins with a draft or a tip.").
			WithField("draft", "Bitte einen Entwurf wählen.", "Please choose a draft.")
	}
	code, err := r.code(10)
	if err != nil {
		return made, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		var tip store.Object[Tip]
		if b.Tip != "" {
			if tip, err = r.Tips.Get(ctx, tx, b.Tip); err != nil {
				return err
			}
			if tip.Doc.Status != TipNew {
				return handled()
			}
			carry(tip.Doc, b.Lang, &sys)
		}
		if b.Name != "" {
			sys.Name = b.Name
		}
		sys.RiskOwner, sys.Code, sys.ReviewBy = b.Owner, code, r.now().UTC().AddDate(1, 0, 0)
		if made, err = r.inv.Systems.Create(ctx, tx, sys); err != nil {
			return err
		}
		start.System = made.ID
		if _, err = r.Starts.Create(ctx, tx, start); err != nil || b.Tip == "" {
			return err
		}
		tip.Doc.Status, tip.Doc.System, tip.Doc.HandledAt = TipRegistered, made.ID, r.now().UTC()
		_, err = r.Tips.Update(ctx, tx, tip.ID, tip.Revision, tip.Doc)
		return err
	})
	return made, err
}

// carry takes over what a colleague said. A draft's own words stay.
func carry(t Tip, l text.Lang, sys *inventory.System) {
	if sys.Name == "" {
		sys.Name = short(t.What, 200)
	}
	if sys.Purpose.IsZero() {
		sys.Purpose = say(l, t.Purpose)
	}
	if sys.Use.IsZero() {
		sys.Use = say(l, t.Where)
	}
	if sys.Origin == "" {
		sys.Origin = "used"
	}
	sys.People = sys.People || t.People != "no"
}

// Entry is the register entry of a draft. Fields of one language only are in l.
// Who owns the risk, code and date of review are the caller's to set.
func Entry(d stock.Draft, l text.Lang) inventory.System {
	e := d.Entry
	s := inventory.System{Name: e.Name.In(l), Purpose: e.Purpose, Use: e.Use, Excluded: e.Excluded, Technology: e.Technology.In(l),
		Origin: inventory.Origin(e.Origin), RoleOfAI: inventory.RoleOfAI(e.RoleOfAI), People: e.People, DataClasses: e.DataClasses,
		Oversee: inventory.Oversee{Mode: inventory.Oversight(e.Oversight), Decider: e.Decider, DeciderRole: e.DeciderRole, Fallback: e.Fallback}}
	for _, x := range e.DataSources {
		s.DataSources = append(s.DataSources, x.In(l))
	}
	for _, x := range e.Scope {
		s.Scope = append(s.Scope, inventory.Scope(x))
	}
	s.Default()
	return s
}

func figures(d stock.Draft) []Figure {
	var out []Figure
	for _, f := range d.Forecast {
		out = append(out, Figure{ID: f.ID, Name: f.Name, Unit: f.Unit, Forecast: f.Value, Grade: Grade(f.Grade), Source: f.Source})
	}
	return out
}

// version is that of a pack.
func (r *Room) version(pack string) string {
	for _, p := range r.lib().Packs() {
		if p.ID == pack {
			return p.Version
		}
	}
	return ""
}

// StartOf returns where a system came from; ok is false when it was registered
// by hand.
func (r *Room) StartOf(ctx context.Context, rd store.Reader, system string) (o store.Object[Start], ok bool, err error) {
	return one(ctx, rd, r.Starts, "system", system)
}

// Begun returns every start: one query for every 500.
func (r *Room) Begun(ctx context.Context, rd store.Reader) ([]store.Object[Start], error) {
	return r.Starts.All(ctx, rd, store.Query{})
}

// Measure puts the actual value of a figure beside its forecast. how says who
// measured what, and is required: a number without it is a claim again.
func (r *Room) Measure(ctx context.Context, id string, revision int64, figure string, actual float64, how string) (store.Object[Start], error) {
	var saved store.Object[Start]
	how = strings.TrimSpace(how)
	var c problem.Checks
	c.Field(how != "", "how", "Wie wurde gemessen, und von wem?", "How was it measured, and by whom?")
	c.Field(utf8.RuneCountInString(how) <= 500, "how", "Höchstens 500 Zeichen.", "At most 500 characters.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Starts.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		for i := range o.Doc.Figures {
			if f := &o.Doc.Figures[i]; f.ID == figure {
				f.Actual, f.How, f.MeasuredAt = actual, how, r.now().UTC()
				saved, err = r.Starts.Update(ctx, tx, id, revision, o.Doc)
				return err
			}
		}
		return problem.New(problem.NotFound, "Diese Zahl gibt es hier nicht.", "There is no such figure here.")
	})
	return saved, err
}

// alphabet has no signs that are easily mixed up on paper.
var alphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// code is n random bytes as people can write them.
func (r *Room) code(n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(r.rand, raw); err != nil {
		return "", problem.New(problem.Unavailable, "Es ließ sich kein Code erzeugen.", "No code could be made.").
			WithHint("Bitte noch einmal versuchen.", "Please try again.").Wrap(err)
	}
	return alphabet.EncodeToString(raw), nil
}

// say is a text that exists in one language.
func say(l text.Lang, s string) text.Bi {
	s = strings.TrimSpace(s)
	if l == text.EN {
		return text.Bi{EN: s}
	}
	return text.Bi{DE: s}
}

// short cuts a text to at most n characters.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
