package approve_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// holds is who holds what in a house of a test.
type holds struct {
	functions []string
	may       map[string]bool // persons who may sign
	err       error
}

func (x *holds) MayApprove(_ context.Context, _ store.Reader, person string) (bool, error) {
	return x.may[person], x.err
}

func (x *holds) Functions(context.Context, store.Reader) ([]string, error) {
	return x.functions, x.err
}

func withHolding(t *testing.T) (*governtest.House, *holds) {
	t.Helper()
	x := &holds{may: map[string]bool{}}
	return governtest.OpenWith(t, governtest.With{Holding: x, UseCases: value.UseCases()}), x
}

// small is a system of the short path (001-41): in the office, minimal risk, no
// people, owned by the person of a role.
func small(h *governtest.House, owner string) store.Object[inventory.System] {
	s := h.System("Übersetzungshilfe")
	return governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) {
		d.Scope, d.PlantStates, d.RiskOwner = []inventory.Scope{"office"}, nil, h.People[owner].ID
	})
}

func codes(places []approve.Place) string {
	var out []string
	for _, p := range places {
		w := p.Code
		if p.Needed {
			w += "!"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// 001-41: where little depends on the system, its risk owner's signature is the
// only gate, if the owner may sign and did not register it; else the
// management's, which is enough in any case.
func TestShortPathIsTheOwners(t *testing.T) {
	h, x := withHolding(t)
	owner := h.People["safety"].ID
	s := small(h, "safety")
	needed := func() string {
		d, _ := h.Dossier(s.ID)
		return strings.Join(d.Needed(), " ")
	}
	if got := needed(); got != "director" {
		t.Errorf("an owner who may not sign: %s", got)
	}
	x.may[owner] = true
	if got := needed(); got != permit.SignOwner {
		t.Fatalf("an owner who may sign: %s", got)
	}
	d, hash := h.Dossier(s.ID)
	if slots := d.Slots(); codes(slots[0]) != "director" || codes(slots[1]) != "" || codes(slots[2]) != "risk_owner!" {
		t.Errorf("%v", slots)
	}
	if _, err := h.Approve.Give(h.As("shift_lead"), s.ID, permit.SignOwner, hash, "", "password"); reason(err) != "approval.role" {
		t.Errorf("somebody else signs for the owner: %v", err)
	}
	a := h.GiveIn(s.ID, "safety", permit.SignOwner)
	if p := h.Told(s.ID); p.State != permit.Valid || p.ApproverRoles[0] != permit.SignOwner {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	if got := a.Doc.Interests; len(got) != 1 || got[0].Code != "owner" || !got[0].Say().Complete() {
		t.Errorf("that the owner signs is not on record: %+v", got)
	}
	// Somebody else becomes the owner: the signature no longer fits.
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.RiskOwner = h.People["council"].ID })
	if p := h.Told(s.ID); p.State != permit.Suspended {
		t.Errorf("under another owner it is %q", p.State)
	}
}

// The management may sign in place of the owner, and once it did its word
// stands: a withdrawal is not papered over by the owner.
func TestShortPathDirectorSuffices(t *testing.T) {
	h, x := withHolding(t)
	x.may[h.People["safety"].ID] = true
	s := small(h, "safety")
	a := h.Give(s.ID, "director")
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	h.Add(time.Minute)
	_, err := h.Approve.Withdraw(h.As("director"), a.ID, a.Revision, "Der Anbieter hat gewechselt.")
	h.Must(err)
	h.Add(time.Minute)
	h.GiveIn(s.ID, "safety", permit.SignOwner)
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseWithdrawn {
		t.Errorf("%s %+v", p.State, p.Lapses)
	}
	h.Add(time.Minute)
	h.Give(s.ID, "director")
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("%s %+v", p.State, p.Lapses)
	}
}

// The short path ends where it touches people, the shop floor or a higher
// class, and whoever registered the system never signs.
func TestShortPathEnds(t *testing.T) {
	h, x := withHolding(t)
	x.may[h.People["safety"].ID], x.may[h.People["ai_officer"].ID] = true, true
	for name, c := range map[string]struct {
		change func(*approve.Dossier)
		want   string
	}{
		"as it is":          {func(*approve.Dossier) {}, permit.SignOwner},
		"limited":           {func(d *approve.Dossier) { d.Classification.Doc.Class = permit.ClassLimited }, permit.SignOwner},
		"high":              {func(d *approve.Dossier) { d.Classification.Doc.Class = permit.ClassHigh }, "director"},
		"unclear":           {func(d *approve.Dossier) { d.Classification.Doc.Class = permit.ClassUnclear }, "director"},
		"not classified":    {func(d *approve.Dossier) { d.Classification = nil }, "director"},
		"people":            {func(d *approve.Dossier) { d.System.Doc.People = true }, "director safety"},
		"on the shop floor": {func(d *approve.Dossier) { d.System.Doc.Scope = []inventory.Scope{"office", "quality_control"} }, "director safety"},
		"safety-critical":   {func(d *approve.Dossier) { d.System.Doc.Scope = []inventory.Scope{"safety_critical_ot"} }, "director safety"},
	} {
		d, _ := h.Dossier(small(h, "safety").ID)
		c.change(&d)
		if got := strings.Join(d.Needed(), " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	s := small(h, "ai_officer") // registered by the same person
	d, hash := h.Dossier(s.ID)
	if got := strings.Join(d.Needed(), " "); got != "director" {
		t.Errorf("an owner who registered it: %s", got)
	}
	if _, err := h.Approve.Give(h.As("ai_officer"), s.ID, permit.SignOwner, hash, "", "password"); err == nil {
		t.Error("who registered the system signs as its owner")
	}
}

// shiftPlan is a high-risk system that rates people, with what its permit needs
// beside the signatures.
func shiftPlan(h *governtest.House) store.Object[inventory.System] {
	s := h.System("Schichtplan")
	s = governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.People, d.Scope = true, []inventory.Scope{"personnel"} })
	governtest.Create(h, "director", h.Agreements, voice.Agreement{Name: "BV 4", Systems: []string{s.ID}, SignedAt: h.Now().Add(-time.Hour), ValidUntil: h.Now().AddDate(2, 0, 0)})
	governtest.Change(h, h.Classify.Classifications, h.Class(s.ID), func(c *classify.Classification) {
		c.Class, c.Reason = permit.ClassHigh, "Es schlägt Schichten für Menschen vor."
	})
	governtest.Create(h, "ai_officer", h.Assess.Assessments, assess.Assessment{System: s.ID, Questionnaire: "aiia", Done: true, AsOf: h.Now(), ValidUntil: h.Now().AddDate(1, 0, 0)})
	return s
}

// 001-02: data protection signs where a system decides about people, ethics
// where it rates them, each if somebody holds the function; three slots, each
// with person, time and content hash.
func TestFurtherPlaces(t *testing.T) {
	h, x := withHolding(t)
	s := shiftPlan(h)
	d, _ := h.Dossier(s.ID)
	if got := strings.Join(d.Needed(), " "); got != "director safety" {
		t.Errorf("in a house without functions: %s", got)
	}
	x.functions = []string{permit.SignProtection, permit.SignEthics}
	for role, code := range map[string]string{"council": permit.SignProtection, "shift_lead": permit.SignEthics} {
		a := h.People[role]
		a.Roles = append(slices.Clone(a.Roles), code)
		h.People[role] = a
	}
	d, hash := h.Dossier(s.ID)
	if got := strings.Join(d.Needed(), " "); got != "director safety data_protection ethics" {
		t.Fatalf("%s", got)
	}
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	if p := h.Told(s.ID); p.State != permit.None || p.Lapses[0].Code != permit.LapseApproval {
		t.Errorf("two of four: %s %+v", p.State, p.Lapses)
	}
	h.GiveIn(s.ID, "council", permit.SignProtection)
	last := h.GiveIn(s.ID, "shift_lead", permit.SignEthics)
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	if a := last.Doc; a.ContentHash != hash || a.Person != h.People["shift_lead"].ID || !a.GivenAt.Equal(h.Now()) {
		t.Errorf("%+v", a)
	}
	d, _ = h.Dossier(s.ID)
	if slots := d.Slots(); codes(slots[0]) != "director!" || codes(slots[1]) != "safety!" || codes(slots[2]) != "data_protection! ethics!" {
		t.Errorf("%v", slots)
	}
	d.Classification.Doc.Class = permit.ClassMinimal // it touches people without rating them
	if got := strings.Join(d.Needed(), " "); got != "director safety data_protection" {
		t.Errorf("%s", got)
	}
	d.Identification().Doc.Verdict = "not_ai_but_people"
	if got := strings.Join(d.Needed(), " "); got != "director safety data_protection ethics" {
		t.Errorf("software that rates people without being AI: %s", got)
	}
}

// A place that nobody asks for may be signed by who holds it. Whoever takes
// such a signature back is asked for it from then on.
func TestVoluntaryPlaces(t *testing.T) {
	h, x := withHolding(t)
	x.functions = []string{permit.SignSecurity}
	a := h.People["council"]
	a.Roles = append(slices.Clone(a.Roles), permit.SignSecurity)
	h.People["council"] = a
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	if got := strings.Join(d.Mine(h.People["council"]), " "); got != permit.SignSecurity || codes(d.Slots()[1]) != "safety! information_security" {
		t.Fatalf("%q %v", got, d.Slots())
	}
	mine := h.GiveIn(s.ID, "council", permit.SignSecurity)
	if p := h.Told(s.ID); p.State != permit.Valid || len(p.ApproverRoles) != 2 {
		t.Fatalf("%s %v", p.State, p.ApproverRoles)
	}
	h.Add(time.Minute)
	_, err := h.Approve.Withdraw(h.As("council"), mine.ID, mine.Revision, "Das Netz ist nicht getrennt.")
	h.Must(err)
	p := h.Told(s.ID)
	if p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseWithdrawn || p.Lapses[0].LiftBy[0] != permit.SignSecurity {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	h.Add(time.Minute)
	h.GiveIn(s.ID, "council", permit.SignSecurity)
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("%s %+v", p.State, p.Lapses)
	}
}

// A change of people touches the systems they own; a function that is named or
// left for the first time touches all.
func TestAffectedByPeople(t *testing.T) {
	h, x := withHolding(t)
	s, other := small(h, "safety"), small(h, "director")
	change := func(role string) ([]string, bool) {
		return h.Approve.Affected(context.Background(), []store.Change{{Kind: "person", ID: h.People[role].ID, Op: store.Updated}})
	}
	change("safety") // learns which functions are held
	if got, all := change("safety"); all || len(got) != 1 || got[0] != s.ID {
		t.Errorf("%v %v, not %s", got, all, other.ID)
	}
	x.functions = []string{permit.SignEthics}
	if _, all := change("safety"); !all {
		t.Error("a function was named and nobody asks again")
	}
	if got, all := change("council"); all || len(got) != 0 {
		t.Errorf("%v %v", got, all)
	}
	// The owner loses the right to sign: the permit follows with the change.
	x.may[h.People["safety"].ID] = true
	h.GiveIn(s.ID, "safety", permit.SignOwner)
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	x.may[h.People["safety"].ID] = false
	governtest.Change(h, h.Persons, h.People["safety"].ID, func(p *governtest.Person) { p.Name = "M. Vogt" })
	if p := h.Told(s.ID); p.State != permit.Suspended {
		t.Errorf("%s", p.State)
	}
}

// Who cannot be asked about people has no permits: fail closed.
func TestHoldingFails(t *testing.T) {
	h, x := withHolding(t)
	s := h.Permitted("Fräse")
	x.err = context.DeadlineExceeded
	if h.Approve.Recompile(context.Background(), s.ID) == nil {
		t.Error("no error")
	}
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != "permit.unreadable" {
		t.Errorf("%q %+v", p.State, p.Lapses)
	}
}

// Who owns the risk, delivered a model or declared the benefit is told so
// before signing and on record afterwards; nobody is kept from signing by it.
func TestInterests(t *testing.T) {
	h, _ := withHolding(t)
	s := h.System("Fräse")
	d, _ := h.Dossier(s.ID)
	of := func(role string) string {
		all, err := h.Approve.Interests(h.As(role), h.DB, d, h.People[role].ID)
		h.Must(err)
		var out []string
		for _, i := range all {
			out = append(out, i.Code)
			if i.Object == "" || !i.Say().Complete() || strings.Contains(i.Say().DE, i.Code) {
				t.Errorf("%+v", i)
			}
		}
		return strings.Join(out, " ")
	}
	if got := of("shift_lead") + "|" + of("ai_officer") + "|" + of("director"); got != "owner|delivered|" {
		t.Errorf("%s", got)
	}
	governtest.Create(h, "director", h.UseCases, value.UseCase{Name: "Weniger Stillstand", System: s.ID})
	if got := of("director"); got != "gains" {
		t.Errorf("%s", got)
	}
	a := h.Give(s.ID, "director")
	if len(a.Doc.Interests) != 1 || a.Doc.Interests[0].Code != "gains" {
		t.Errorf("%+v", a.Doc.Interests)
	}
	if b := h.Give(s.ID, "safety"); b.Doc.Interests != nil {
		t.Errorf("%+v", b.Doc.Interests)
	}
	if e := h.Entries("augenmass.approval.given", s.ID); len(e) != 2 || !strings.Contains(string(e[0]), `"gains"`) || strings.Contains(string(e[1]), `"gains"`) {
		t.Errorf("%s", e)
	}
	if got := (approve.Interest{Code: "later"}).Say(); got.DE != "later" {
		t.Errorf("%v", got)
	}
}
