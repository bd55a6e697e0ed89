package approve_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// ledgerNote is what a further room keeps about a system.
type ledgerNote struct {
	System string `json:"system" store:"index"` // empty: about all of them
	Word   string `json:"word" store:"required"`
	Bad    bool   `json:"bad"`
	Free   string `json:"free"` // not part of what is approved
}

// notes is a further room with a say in permits: a real one, over the database.
type notes struct {
	kind   *store.Kind[ledgerNote]
	broken error
	panics bool
}

func newNotes() *notes { return &notes{kind: store.NewKind[ledgerNote]("ledgernote", "lno")} }

func (n *notes) Name() string      { return "notes" }
func (n *notes) Touches() []string { return []string{n.kind.Name()} }

func (n *notes) SystemOf(ctx context.Context, rd store.Reader, _, id string) (string, error) {
	o, err := n.kind.Get(ctx, rd, id)
	return o.Doc.System, err
}

func (n *notes) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	var said stand.Said
	switch {
	case n.panics:
		panic("a defect in a further room")
	case n.broken != nil:
		return said, n.broken
	}
	if a, ok := store.ActorFrom(ctx); !ok || a.Kind != store.System {
		return said, errors.New("somebody else than the house asks")
	}
	all, err := n.kind.All(ctx, rd, store.Query{})
	if err != nil {
		return said, err
	}
	var seen []string
	for _, o := range all {
		if o.Doc.System != s.System.ID && o.Doc.System != "" {
			continue
		}
		seen = append(seen, o.Doc.Word)
		said.Objects = append(said.Objects, o.ID)
		said.Demands = append(said.Demands, permit.Demand{Code: permit.DemandMode, Met: !o.Doc.Bad, Object: o.ID})
		said.Conditions = append(said.Conditions, permit.Condition{Kind: permit.CondDecision, Say: text.Same(o.Doc.Word + "."), Clauses: []string{"zta.05"}})
		said.Parts = append(said.Parts, stand.Part{Title: text.Same(o.Doc.Word), Open: o.Doc.Bad})
	}
	if seen != nil {
		said.Seen = seen
	}
	return said, nil
}

func withNotes(t *testing.T) (*governtest.House, *notes) {
	t.Helper()
	n := newNotes()
	return governtest.OpenWith(t, governtest.With{Kinds: []store.AnyKind{n.kind}, Sources: []stand.Source{n}}), n
}

// A further room of which nothing is known changes nothing: same hash, same
// permit as without the room.
func TestASilentRoomChangesNothing(t *testing.T) {
	h, _ := withNotes(t)
	s := h.Permitted("Fräse")
	d, hash := h.Dossier(s.ID)
	d.Said = nil
	bare, err := d.Hash()
	h.Must(err)
	if bare != hash {
		t.Error("a room that says nothing costs the approvals")
	}
	if p := h.Told(s.ID); len(p.Conditions) == 0 || p.Conditions[len(p.Conditions)-1].Kind != permit.CondReviewBy {
		t.Errorf("%+v", p.Conditions)
	}
}

// What a further room says is compiled when one of its objects changes, before
// the writer is answered: a demand that is not met suspends with its clause,
// and putting it right restores the permit (requirement 000-11).
func TestASourceSuspendsAndRestores(t *testing.T) {
	h, n := withNotes(t)
	s, other := h.System("Fräse"), h.Permitted("Kamera")
	o := governtest.Create(h, "ai_officer", n.kind, ledgerNote{System: s.ID, Word: "Teil aussondern: die Schichtleitung entscheidet"})
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	p := h.Told(s.ID)
	if c, ok := p.Condition(permit.CondDecision); p.State != permit.Valid || !ok || !strings.HasPrefix(c.Say.DE, "Teil aussondern") { // 001-56
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	told := permit.State("")
	h.DB.OnCommit(func(context.Context, []store.Change) { told = h.Told(s.ID).State }) // runs before Write returns
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.Bad = true })
	if told != permit.Suspended {
		t.Fatalf("when the change was acknowledged the runtime held %q", told)
	}
	if l := h.Told(s.ID).Lapses; len(l) != 1 || l[0].Code != permit.DemandMode || l[0].Object != o.ID || len(l[0].Clauses) == 0 {
		t.Errorf("%+v", l)
	}
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.Bad = false })
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("put right it is %q %+v", p.State, p.Lapses)
	}
	if p := h.Told(other.ID); p.State != permit.Valid || p.Version != 1 {
		t.Errorf("another system was touched: %s version %d", p.State, p.Version)
	}
}

// What was seen is signed: changing it makes the approvals stale, changing what
// was not seen leaves them alone, and the parts are shown room by room.
func TestWhatASourceSaysIsSigned(t *testing.T) {
	h, n := withNotes(t)
	s := h.System("Fräse")
	o := governtest.Create(h, "ai_officer", n.kind, ledgerNote{System: s.ID, Word: "eins"})
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	d, before := h.Dossier(s.ID)
	if parts := d.Parts(); len(parts) != 1 || parts[0].Title.DE != "eins" {
		t.Errorf("%+v", parts)
	}
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.Free = "anders" })
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("what nobody signed costs the approvals: %+v", p.Lapses)
	}
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.Word = "zwei" })
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseStale {
		t.Errorf("%s %+v", p.State, p.Lapses)
	}
	if _, after := h.Dossier(s.ID); after == before {
		t.Error("the hash does not cover what the room said")
	}
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.Word = "eins" })
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("the very same content again: %s %+v", p.State, p.Lapses)
	}
}

// An object that moves or goes takes its say along; the system that had it
// before is compiled, too.
func TestASourcesObjectMovesAndGoes(t *testing.T) {
	h, n := withNotes(t)
	a, b := h.Permitted("A"), h.Permitted("B")
	o := governtest.Create(h, "ai_officer", n.kind, ledgerNote{System: a.ID, Word: "eins", Bad: true})
	state := func() string { return string(h.Told(a.ID).State + " " + h.Told(b.ID).State) }
	if got := state(); got != "suspended valid" {
		t.Fatalf("created: %s", got)
	}
	governtest.Change(h, n.kind, o.ID, func(x *ledgerNote) { x.System = b.ID })
	if got := state(); got != "valid suspended" {
		t.Fatalf("moved: %s", got)
	}
	del := func() {
		ctx := h.As("ai_officer")
		h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
			have, err := n.kind.Get(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			return n.kind.Delete(ctx, tx, o.ID, have.Revision)
		}))
	}
	del()
	if got := state(); got != "valid valid" {
		t.Errorf("deleted: %s", got)
	}
	o = governtest.Create(h, "ai_officer", n.kind, ledgerNote{Word: "für alle", Bad: true}) // belongs to none: touches all
	if got := state(); got != "suspended suspended" {
		t.Errorf("of all systems: %s", got)
	}
	del()
	if got := state(); got != "valid valid" {
		t.Errorf("deleted again: %s", got)
	}
}

// A room that cannot be read, or fails by a defect of ours, takes the permit
// off: what cannot be proven is denied.
func TestAFailingSourceSwitchesOff(t *testing.T) {
	for name, fail := range map[string]func(*notes){
		"an error": func(n *notes) { n.broken = errors.New("disk") },
		"a defect": func(n *notes) { n.panics = true },
	} {
		h, n := withNotes(t)
		s := h.Permitted("Fräse")
		fail(n)
		governtest.Create(h, "ai_officer", n.kind, ledgerNote{System: s.ID, Word: "eins"})
		if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != "permit.unreadable" {
			t.Errorf("%s: %q %+v", name, p.State, p.Lapses)
		}
		if len(h.Failed()) == 0 {
			t.Errorf("%s: nobody heard of it", name)
		}
		n.broken, n.panics = nil, false
		h.Must(h.Approve.Recompile(context.Background(), s.ID))
		if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseStale {
			t.Errorf("%s: read again it is %q %+v", name, p.State, p.Lapses)
		}
	}
}

// Which systems a change of a further room's object touches.
func TestAffectedBySources(t *testing.T) {
	h, n := withNotes(t)
	s, other := h.Permitted("A"), h.Permitted("B")
	o := governtest.Create(h, "ai_officer", n.kind, ledgerNote{System: s.ID, Word: "eins"})
	all := governtest.Create(h, "ai_officer", n.kind, ledgerNote{Word: "alle"})
	affected := func(op, id string) (string, bool) {
		systems, all := h.Approve.Affected(context.Background(), []store.Change{{Kind: n.kind.Name(), ID: id, Op: op}})
		return strings.Join(systems, " "), all
	}
	if got, every := affected(store.Updated, o.ID); got != s.ID || every {
		t.Errorf("%s %v", got, every)
	}
	if _, every := affected(store.Updated, all.ID); !every {
		t.Error("what belongs to no system touches all")
	}
	if got, every := affected(store.Deleted, o.ID); got != s.ID || every {
		t.Errorf("one that is remembered: %s %v (not %s)", got, every, other.ID)
	}
	if _, every := affected(store.Deleted, "lno_gone"); !every {
		t.Error("what nobody remembers touches all")
	}
	var _ stand.Source = n
	var _ approve.Dossier
}
