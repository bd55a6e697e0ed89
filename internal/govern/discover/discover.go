// Package discover finds AI that nobody registered yet and leads it into the
// register (requirements 003-04, 003-45, 003-47, 004-20, 001-40).
//
// There are three ways in. The organisation ticks which families of software of
// the catalogue it has and which of their functions are on (Software). A
// colleague reports something through one link, without an account (Tip). A
// vendor is asked what a product does and answers through a link of its own
// (Inquiry). Each leads to an entry of the register, filled from a draft of the
// packs in one step (Begin); what the draft said beside the entry stays with it
// (Start), with its forecasts and what was measured.
//
//	made, err := room.Begin(ctx, discover.Beginning{Draft: "drf.chatbot", Lang: text.DE, Owner: me})
//	token, err := room.Send(ctx, inquiry, revision, 0) // the token is shown once
//
// A link is known by its hash (Inquiry) or is as public as a poster (Intake).
// Who calls Tell, Answer and Refuse has no account: the room checks the link and
// writes as the house itself, and nothing of the caller is kept but what the
// caller wrote. The house sends no mail; people do, and say so here.
//
// What a system is stays inventory's to say, what AI is identification's, what a
// product is the packs'. This room has no say in permits.
package discover

import (
	"context"
	"io"
	"slices"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Room is what one organisation found out.
type Room struct {
	Ticks     *store.Kind[Software]
	Tips      *store.Kind[Tip]
	Inquiries *store.Kind[Inquiry]
	Starts    *store.Kind[Start]
	Intakes   *store.Kind[Intake]

	lib  func() *packs.Library
	inv  *inventory.Room
	now  func() time.Time
	rand io.Reader
	db   *store.DB
}

// New declares the room's kinds; Open gives it the database. lib is asked anew
// each time, because an organisation may add packs while it runs; rand makes
// links and codes.
func New(lib func() *packs.Library, inv *inventory.Room, now func() time.Time, rand io.Reader) *Room {
	return &Room{
		Ticks: store.NewKind[Software]("software", "sft"), Tips: store.NewKind[Tip]("tip", "tip"),
		Inquiries: store.NewKind[Inquiry]("inquiry", "inq"), Starts: store.NewKind[Start]("start", "sta"),
		Intakes: store.NewKind[Intake]("intake", "itk"),
		lib:     lib, inv: inv, now: now, rand: rand,
	}
}

// Kinds lists what the room stores. They refer to the kinds system, vendor and
// person.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Ticks, r.Tips, r.Inquiries, r.Starts, r.Intakes}
}

// Open gives the room its database.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// house is the context in which the room acts for somebody without an account.
func house(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{Kind: store.System})
}

// one returns the first object that has a value.
func one[T any](ctx context.Context, rd store.Reader, k *store.Kind[T], field string, value any) (o store.Object[T], ok bool, err error) {
	p, err := k.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where(field, "=", value)}, Limit: 1, Uncounted: true})
	if err != nil || len(p.Items) == 0 {
		return o, false, err
	}
	return p.Items[0], true, nil
}

// FunctionState says what is known about one function of a product here.
type FunctionState string

// On: it runs here. Off: switched off. Absent: this product does not have it.
const (
	On      FunctionState = "on"
	Off     FunctionState = "off"
	Absent  FunctionState = "absent"
	Unknown FunctionState = "unknown"
)

// Values lists the states in the order in which they are offered.
func (FunctionState) Values() []string {
	return []string{string(On), string(Off), string(Absent), string(Unknown)}
}

// Marked says whether the product itself marks a function as AI where people
// meet it (requirement 003-47).
type Marked string

// Values lists the answers.
func (Marked) Values() []string { return []string{"unknown", "yes", "no"} }

// FunctionUse is what is known about one function of a product here.
type FunctionUse struct {
	Function string        `json:"function" store:"required"` // id of the catalogue
	State    FunctionState `json:"state" store:"required"`
	Marked   Marked        `json:"marked"`
}

// Software is one product of the catalogue as it is used here.
type Software struct {
	Product   string        `json:"product" store:"index,required"`             // id of the catalogue
	Name      string        `json:"name" store:"index,search,required,max=200"` // what it is called here
	Team      string        `json:"team" store:"index,search,required,max=200"` // who uses it
	Vendor    string        `json:"vendor" store:"ref=vendor"`
	Chosen    bool          `json:"chosen"` // staff took it up themselves (requirement 001-40)
	Functions []FunctionUse `json:"functions" store:"max=50"`
	Note      string        `json:"note" store:"search,long,max=2000"`
	LookedAt  time.Time     `json:"looked_at" store:"index"` // when somebody looked last
}

// Title names the product in lists and links.
func (s *Software) Title() string { return s.Name }

// State is what is known about a function; Unknown where nobody said anything.
func (s *Software) State(function string) FunctionUse {
	for _, f := range s.Functions {
		if f.Function == function {
			return f
		}
	}
	return FunctionUse{Function: function, State: Unknown, Marked: "unknown"}
}

// Tick saves which product is used here: id "" and revision 0 for a new one.
// BadInput names a product or function that the catalogue does not have.
func (r *Room) Tick(ctx context.Context, id string, revision int64, s Software) (store.Object[Software], error) {
	var saved store.Object[Software]
	var c problem.Checks
	p, ok := r.lib().Stock().Product(s.Product)
	c.Field(ok, "product", "Diese Software steht nicht im Katalog.", "The catalogue does not have this software.")
	for i, f := range s.Functions {
		_, known := p.Function(f.Function)
		c.Field(known || !ok, "functions", "Diese Funktion gehört nicht zur Software.", "This function is not part of the software.")
		twice := slices.ContainsFunc(s.Functions[:i], func(x FunctionUse) bool { return x.Function == f.Function })
		c.Field(!twice, "functions", "Eine Funktion steht doppelt.", "A function is named twice.")
		if f.Marked == "" {
			s.Functions[i].Marked = "unknown"
		}
	}
	if err := c.Err(); err != nil {
		return saved, err
	}
	s.LookedAt = r.now().UTC()
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if id == "" {
			saved, err = r.Ticks.Create(ctx, tx, s)
		} else {
			saved, err = r.Ticks.Update(ctx, tx, id, revision, s)
		}
		return err
	})
	return saved, err
}

// Used returns every product that is used here, by name: one query for every 500.
func (r *Room) Used(ctx context.Context, rd store.Reader) ([]store.Object[Software], error) {
	return r.Ticks.All(ctx, rd, store.Query{Sort: "name"})
}
