package approve

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Signer signs permits and approvals with the organisation's key.
type Signer interface {
	Name() string
	Sign(msg []byte) ([]byte, error)
}

// Options wire the room.
type Options struct {
	Organisation string
	Source       string // of journal entries, "/<org>/approve"
	Now          func() time.Time
	Rand         io.Reader
	Signer       Signer
	// Changed is told of every permit that was issued, suspended or restored,
	// before the change that caused it is acknowledged.
	Changed func(permit.Permit)
	// Sources are the further rooms that have a say in a permit.
	Sources []stand.Source
	// Assertion checks a passkey's signature over an approval; nil: there are no
	// passkeys here.
	Assertion AssertionCheck
	// Holding answers who may sign; nil: nobody beyond the roles of an actor.
	Holding Holding
	// UseCases are asked who declared a benefit; nil: nobody did.
	UseCases *store.Kind[value.UseCase]
}

// Room is the approvals and permits of one organisation.
type Room struct {
	Approvals  *store.Kind[Approval]
	Permits    *store.Kind[Issued]
	inv        *inventory.Room
	cls        *classify.Room
	asm        *assess.Room
	agreements *store.Kind[voice.Agreement]
	o          Options
	db         *store.DB
	issuing    sync.Mutex // one compilation at a time, so that versions follow each other

	// Issuing a permit is a commit of its own and comes back as one, so what
	// Affected needs has a lock of its own.
	known sync.Mutex
	told  map[string]bool     // systems whose permit the runtime knows
	where map[string][]string // object → systems whose permits rest on it
	rests map[string][]string // system → objects that its permit rests on
	named *[]string           // functions that somebody held when a person changed last; nil: not known
}

// New declares the room's kinds; Open gives it the database.
func New(inv *inventory.Room, cls *classify.Room, asm *assess.Room, agreements *store.Kind[voice.Agreement], o Options) *Room {
	return &Room{Approvals: Approvals(), Permits: Permits(), inv: inv, cls: cls, asm: asm, agreements: agreements, o: o,
		told: map[string]bool{}, where: map[string][]string{}, rests: map[string][]string{}}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Approvals, r.Permits} }

// Open gives the room its database. Whoever opens it registers OnCommit, so that
// every change of a system's facts recompiles its permit.
func (r *Room) Open(db *store.DB) { r.db = db }

// Of returns the issued permit of a system, or NotFound.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) (store.Object[Issued], error) {
	p, err := r.Permits.List(ctx, rd, store.Query{
		Filters: []store.Filter{{Field: "system", Op: "=", Values: []any{system}}}, Limit: 1,
	})
	if err != nil {
		return store.Object[Issued]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[Issued]{}, problem.New(problem.NotFound,
			"Für das System gibt es noch keine Betriebserlaubnis.", "There is no operating permit for the system yet.")
	}
	return p.Items[0], nil
}

// maxRemark is how much a remark or a reason may say, in characters.
const maxRemark = 2000

// MayGive says whether an actor could approve this dossier in a role, and why
// not, for pages that show or hide the button. Give asks again.
func (r *Room) MayGive(d Dossier, a store.Actor, role string) error {
	hash, err := d.Hash()
	if err != nil {
		return err
	}
	return r.mayGive(d, a, role, hash, hash)
}

// mayGive checks the place, four eyes and that the person saw what is signed.
func (r *Room) mayGive(d Dossier, a store.Actor, role, hash, seen string) error {
	if !slices.Contains(d.Mine(a), role) {
		return problem.New(problem.Denied, "In dieser Rolle können Sie das System nicht freigeben.", "You cannot approve the system in this role.").
			WithReason("approval.role", "Die Freigabe braucht eine der vorgesehenen Rollen.", "The approval needs one of the roles foreseen.", "iso42001.A.3.2")
	}
	if err := fourEyes(d, a); err != nil {
		return err
	}
	if err := blocked(d); err != nil {
		return err
	}
	if seen != hash {
		return problem.New(problem.Conflict, "Die Unterlagen haben sich geändert, seit Sie sie gelesen haben.",
			"The dossier changed since you read it.").WithHint("Bitte noch einmal lesen und dann freigeben.", "Please read it again, then approve.")
	}
	now := r.o.Now()
	for _, x := range d.Approvals {
		if !x.Doc.Counts(hash, now) {
			continue
		}
		if x.Doc.Role == role {
			return problem.New(problem.Conflict, "In dieser Rolle ist das System schon freigegeben.", "The system is already approved in this role.")
		}
		if x.Doc.Person == a.ID {
			return problem.New(problem.Denied, "Sie haben schon in einer anderen Rolle freigegeben.", "You already approved in another role.").
				WithReason("approval.four_eyes", "Zwei Freigaben kommen von zwei Personen.", "Two approvals come from two people.", "iso42001.A.6.2.5")
		}
	}
	return nil
}

// MayWithdraw says whether an actor could withdraw an approval, and why not.
// Withdraw asks again.
func (r *Room) MayWithdraw(x Approval, a store.Actor) error {
	if x.Person != a.ID && !slices.Contains(a.Roles, x.Role) {
		return problem.New(problem.Denied, "Diese Freigabe kann nur zurückziehen, wer sie gegeben hat oder die Rolle vertritt.",
			"Only who gave this approval or holds its role can withdraw it.").
			WithReason("approval.role", "Zurückziehen kann dieselbe Rolle.", "The same role can withdraw.", "iso42001.A.3.2")
	}
	if !x.WithdrawnAt.IsZero() {
		return problem.New(problem.Conflict, "Diese Freigabe ist schon zurückgezogen.", "This approval is already withdrawn.")
	}
	return nil
}

// CheckWhy says what is wrong with the reason of a withdrawal: it takes a
// sentence.
func CheckWhy(why string) error {
	var c problem.Checks
	c.Field(len([]rune(why)) >= 10, "why", "Bitte in einem Satz sagen, warum.", "Please say why in one sentence.")
	c.Field(len([]rune(why)) <= maxRemark, "why", "Höchstens 2.000 Zeichen.", "At most 2,000 characters.")
	return c.Err()
}

// Withdraw ends an approval at once; the permit falls with it.
func (r *Room) Withdraw(ctx context.Context, id string, revision int64, why string) (store.Object[Approval], error) {
	var saved store.Object[Approval]
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	why = strings.TrimSpace(why)
	if err := CheckWhy(why); err != nil {
		return saved, err
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		have, err := r.Approvals.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		doc := have.Doc
		if err := r.MayWithdraw(doc, a); err != nil {
			return err
		}
		doc.WithdrawnAt, doc.WithdrawnBy, doc.WithdrawnWhy = r.o.Now().UTC(), a.ID, why
		if saved, err = r.Approvals.Update(ctx, tx, id, revision, doc); err != nil {
			return err
		}
		return r.emit(tx, "augenmass.approval.withdrawn", doc.System, approvalEvent{V: 1, Approval: id, System: doc.System,
			Role: doc.Role, Person: a.ID, ContentHash: doc.ContentHash})
	})
	return saved, err
}

// approvalEvent is the data of augenmass.approval.withdrawn; that of .given is a
// signed.Entry.
type approvalEvent struct {
	V           int    `json:"v"`
	Approval    string `json:"approval"`
	System      string `json:"system"`
	Role        string `json:"role"`
	Person      string `json:"person"`
	ContentHash string `json:"content_hash"`
}

func (r *Room) sign(msg []byte) (string, error) {
	sig, err := r.o.Signer.Sign(msg)
	if err != nil {
		return "", problem.New(problem.Unavailable, "Der Schlüssel der Organisation ist nicht lesbar; nichts wurde unterschrieben.",
			"The organisation's key cannot be read; nothing was signed.").Wrap(err)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

func (r *Room) emit(tx *store.Tx, typ, subject string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("approve: encode %s: %w", typ, err)
	}
	now := r.o.Now().UTC()
	return tx.Emit(ledger.Event{ID: store.NewID("evt", now, r.o.Rand), Source: r.o.Source, Type: typ, Subject: subject, Time: now, Data: raw})
}

// blocked refuses to approve what crosses a red line of the house: a use that is
// ruled out is switched off first (requirement 003-46).
func blocked(d Dossier) error {
	for _, said := range d.Said {
		for _, x := range said.Demands {
			if x.Code == permit.DemandRedLine && !x.Met {
				return problem.New(problem.Denied, "Eine Nutzung ist eingeschaltet, die das Haus ausschließt. So wird nicht freigegeben.",
					"A use is switched on that the house rules out. Like this it is not approved.").
					WithReason(x.Code, x.Detail.DE, x.Detail.EN, x.Clauses...).
					WithHint("Bitte die Nutzung ausschalten und im Steckbrief eintragen.", "Please switch the use off and enter that in the profile.")
			}
		}
	}
	return nil
}
