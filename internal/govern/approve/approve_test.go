package approve_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func reason(err error) string {
	if p := problem.From(err); len(p.Reasons) > 0 {
		return p.Reasons[0].Code
	}
	return ""
}

// by returns the approval of a role.
func by(d approve.Dossier, role string) store.Object[approve.Approval] {
	for _, a := range d.Approvals {
		if a.Doc.Role == role {
			return a
		}
	}
	return store.Object[approve.Approval]{}
}

// An approval binds a person, a role and a content; with the last one needed
// the permit is issued, signed and journaled, and the runtime knows before the
// approver is answered.
func TestApprovalsIssueThePermit(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Fräse")
	if p := h.Told(s.ID); p.State != permit.None || p.Number != "" {
		t.Fatalf("before any approval: %q %q", p.State, p.Number)
	}
	a := h.Give(s.ID, "director")
	if p := h.Told(s.ID); p.State != permit.None {
		t.Fatalf("one of two approvals gives %q", p.State)
	}
	h.Give(s.ID, "safety")
	p := h.Told(s.ID)
	if p.State != permit.Valid || p.Number != "BE-2026-0001" || p.Version != 1 {
		t.Fatalf("permit %q %s version %d: %v", p.State, p.Number, p.Version, p.Lapses)
	}
	if a.Doc.Person != h.People["director"].ID || a.Doc.Signature == "" || a.Doc.Method != "password" || !a.Doc.ValidUntil.Equal(h.Now().AddDate(1, 0, 0)) {
		t.Errorf("approval %+v", a.Doc)
	}
	stored, err := h.Approve.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	if stored.Doc.State != "valid" || stored.Doc.Signature == "" || stored.Doc.Key != "test" || !stored.Doc.ValidUntil.Equal(p.ValidUntil) {
		t.Errorf("stored permit %+v", stored.Doc)
	}
	if got := h.Entries("augenmass.approval.given", s.ID); len(got) != 2 {
		t.Errorf("%d approvals in the journal, want 2", len(got))
	}
	issued := h.Entries(permit.TypeIssued, s.ID)
	if len(issued) != 1 {
		t.Fatalf("%d permits in the journal, want 1", len(issued))
	}
	var e permit.Entry
	h.Must(json.Unmarshal(issued[0], &e))
	if e.Permit.Number != p.Number || e.Permit.FactsHash != p.FactsHash || e.Signature != stored.Doc.Signature {
		t.Errorf("the entry says %+v", e)
	}
}

func TestNumbersFollowEachOther(t *testing.T) {
	h := governtest.Open(t)
	for i, want := range []string{"BE-2026-0001", "BE-2026-0002", "BE-2026-0003"} {
		s := h.System(strings.Repeat("x", i+1))
		h.Give(s.ID, "director")
		h.Give(s.ID, "safety")
		if got := h.Told(s.ID).Number; got != want {
			t.Errorf("number %s, want %s", got, want)
		}
	}
	h.Add(60 * 24 * time.Hour) // another year
	s := h.System("next year")
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	if got := h.Told(s.ID).Number; got != "BE-2027-0001" {
		t.Errorf("number %s, want BE-2027-0001", got)
	}
}

// Who may approve: a role that is needed and held, not the one who registered,
// not twice, nobody for two roles.
func TestWhoMayApprove(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Fräse")
	_, hash := h.Dossier(s.ID)
	both := store.Actor{ID: h.People["council"].ID, Kind: "person", Roles: []string{"director", "safety"}}
	author := store.Actor{ID: h.People["ai_officer"].ID, Kind: "person", Roles: []string{"ai_officer", "director"}}
	as := func(a store.Actor) context.Context { return store.WithActor(context.Background(), a) }
	for name, c := range map[string]struct {
		ctx        context.Context
		role, seen string
		kind       problem.Kind
		code       string
	}{
		"nobody":                   {context.Background(), "director", hash, problem.Unsigned, ""},
		"a role that is not held":  {h.As("shift_lead"), "director", hash, problem.Denied, "approval.role"},
		"a role that nobody needs": {h.As("shift_lead"), "shift_lead", hash, problem.Denied, "approval.role"},
		"who registered it":        {as(author), "director", hash, problem.Denied, "approval.four_eyes"},
		"something else was seen":  {h.As("director"), "director", "sha256:00", problem.Conflict, ""},
		"nothing was seen":         {h.As("director"), "director", "", problem.Conflict, ""},
	} {
		_, err := h.Approve.Give(c.ctx, s.ID, c.role, c.seen, "", "password")
		if !problem.Is(err, c.kind) || reason(err) != c.code {
			t.Errorf("%s: %v, reason %q", name, err, reason(err))
		}
	}
	_, err := h.Approve.Give(as(both), s.ID, "director", hash, "", "password")
	h.Must(err)
	if _, err = h.Approve.Give(as(both), s.ID, "safety", hash, "", "password"); reason(err) != "approval.four_eyes" {
		t.Errorf("one person in two roles: %v", err)
	}
	if _, err = h.Approve.Give(h.As("director"), s.ID, "director", hash, "", "password"); !problem.Is(err, problem.Conflict) {
		t.Errorf("a role that approved already: %v", err)
	}
	if _, err = h.Approve.Give(h.As("safety"), s.ID, "safety", hash, strings.Repeat("x", 2001), "password"); !problem.Is(err, problem.BadInput) {
		t.Errorf("a remark without end: %v", err)
	}
	if _, err = h.Approve.Give(h.As("safety"), "sys_nothing", "safety", hash, "", "password"); !problem.Is(err, problem.NotFound) {
		t.Errorf("no such system: %v", err)
	}
	if n := len(h.Entries("augenmass.approval.given", s.ID)); n != 1 {
		t.Errorf("%d approvals in the journal, want the one that succeeded", n)
	}
	d, _ := h.Dossier(s.ID)
	if err := h.Approve.MayGive(d, h.People["safety"], "safety"); err != nil {
		t.Errorf("the page would hide a button that works: %v", err)
	}
	if err := h.Approve.MayGive(d, h.People["director"], "director"); !problem.Is(err, problem.Conflict) {
		t.Errorf("the page would show a button that fails: %v", err)
	}
}

// What an approval is asked from depends on where the system works.
func TestNeededRoles(t *testing.T) {
	for _, c := range []struct {
		scopes []string
		people bool
		want   string
	}{
		{nil, false, "director"},
		{[]string{"office"}, false, "director"},
		{[]string{"office"}, true, "director safety"},
		{[]string{"office", "production"}, false, "director safety"},
		{[]string{"safety_critical_ot"}, false, "director safety"},
		{[]string{"quality_control"}, false, "director safety"},
	} {
		if got := strings.Join(approve.NeededRoles(c.scopes, c.people), " "); got != c.want {
			t.Errorf("%v, people %v: %s, want %s", c.scopes, c.people, got, c.want)
		}
	}
}

// A withdrawal suspends at once, with the clause, who can lift it and an entry;
// giving the same approval again restores the permit.
func TestWithdrawAndGiveAgain(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	mine := by(d, "safety")
	h.Add(time.Minute)
	told := permit.State("")
	h.DB.OnCommit(func(context.Context, []store.Change) { told = h.Told(s.ID).State }) // runs before Write returns
	gone, err := h.Approve.Withdraw(h.As("safety"), mine.ID, mine.Revision, "Neue Schutzhaube, die Anordnung wird neu geprüft.")
	h.Must(err)
	if told != permit.Suspended {
		t.Fatalf("when the withdrawal was acknowledged the runtime held %q", told)
	}
	p := h.Told(s.ID)
	if p.Version != 2 || len(p.Lapses) == 0 || p.Lapses[0].Code != permit.LapseWithdrawn || !p.Lapses[0].Since.Equal(h.Now()) ||
		len(p.Lapses[0].Clauses) == 0 || strings.Join(p.Lapses[0].LiftBy, " ") != "safety" {
		t.Fatalf("version %d lapses %+v", p.Version, p.Lapses)
	}
	if gone.Doc.WithdrawnBy != h.People["safety"].ID || gone.Doc.WithdrawnWhy == "" {
		t.Errorf("withdrawn %+v", gone.Doc)
	}
	if n := len(h.Entries("augenmass.approval.withdrawn", s.ID)); n != 1 {
		t.Errorf("%d withdrawals in the journal", n)
	}
	if n := len(h.Entries(permit.TypeSuspended, s.ID)); n != 1 {
		t.Errorf("%d suspensions in the journal", n)
	}
	h.Add(time.Minute)
	h.Give(s.ID, "safety")
	if p := h.Told(s.ID); p.State != permit.Valid || p.Version != 3 || p.Number != "BE-2026-0001" {
		t.Fatalf("after giving again: %q version %d %s: %v", p.State, p.Version, p.Number, p.Lapses)
	}
	if n := len(h.Entries(permit.TypeRestored, s.ID)); n != 1 {
		t.Errorf("%d restorations in the journal", n)
	}
	d, _ = h.Dossier(s.ID)
	if len(d.Approvals) != 3 {
		t.Errorf("%d approvals remain, want all 3", len(d.Approvals))
	}
}

func TestWithdrawRefused(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	mine := by(d, "safety")
	const why = "Das Schutzkonzept fehlt noch."
	for name, c := range map[string]struct {
		ctx  context.Context
		id   string
		rev  int64
		why  string
		kind problem.Kind
	}{
		"nobody":            {context.Background(), mine.ID, mine.Revision, why, problem.Unsigned},
		"another role":      {h.As("director"), mine.ID, mine.Revision, why, problem.Denied},
		"the AI officer":    {h.As("ai_officer"), mine.ID, mine.Revision, why, problem.Denied},
		"no reason":         {h.As("safety"), mine.ID, mine.Revision, "  ", problem.BadInput},
		"half a reason":     {h.As("safety"), mine.ID, mine.Revision, "weil", problem.BadInput},
		"a reason no end":   {h.As("safety"), mine.ID, mine.Revision, strings.Repeat("weil ", 500), problem.BadInput},
		"changed meanwhile": {h.As("safety"), mine.ID, mine.Revision + 1, why, problem.Conflict},
		"no such approval":  {h.As("safety"), "apr_nothing", 1, why, problem.NotFound},
	} {
		if _, err := h.Approve.Withdraw(c.ctx, c.id, c.rev, c.why); !problem.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("a refused withdrawal left %q", p.State)
	}
	_, err := h.Approve.Withdraw(h.As("safety"), mine.ID, mine.Revision, why)
	h.Must(err)
	if _, err := h.Approve.Withdraw(h.As("safety"), mine.ID, mine.Revision+1, why); !problem.Is(err, problem.Conflict) {
		t.Errorf("withdrawn twice: %v", err)
	}
}

// Another holder of the role can withdraw, for example a stand-in.
func TestStandInWithdraws(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	other := store.WithActor(context.Background(), store.Actor{ID: "usr_other", Kind: "person", Roles: []string{"safety"}})
	_, err := h.Approve.Withdraw(other, by(d, "safety").ID, by(d, "safety").Revision, "Vertretung: Unterlage fehlt.")
	h.Must(err)
	if p := h.Told(s.ID); p.State != permit.Suspended {
		t.Errorf("state %q", p.State)
	}
}

// Compiling again without a change makes no new version and no entry.
func TestRecompileIsIdempotent(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	before, err := h.Approve.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	entries := len(h.Entries(permit.TypeIssued, s.ID))
	for range 3 {
		h.Add(time.Hour)
		h.Must(h.Approve.Recompile(context.Background(), s.ID))
	}
	h.Must(h.Approve.RecompileAll(context.Background()))
	after, err := h.Approve.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	if after.Revision != before.Revision || after.Doc.Permit.Version != 1 || len(h.Entries(permit.TypeIssued, s.ID)) != entries {
		t.Errorf("revision %d → %d, version %d", before.Revision, after.Revision, after.Doc.Permit.Version)
	}
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("state %q", p.State)
	}
}

// A change of what was approved suspends; the lapse says that the approval was
// for an earlier state; approving the new state restores.
func TestChangeOfContentSuspends(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	_, seen := h.Dossier(s.ID)
	h.Add(time.Minute)
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Purpose.DE = "Leistung der Schicht messen" })
	p := h.Told(s.ID)
	if p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseStale {
		t.Fatalf("%q %+v", p.State, p.Lapses)
	}
	if _, err := h.Approve.Give(h.As("director"), s.ID, "director", seen, "", "password"); !problem.Is(err, problem.Conflict) {
		t.Errorf("the old content was approved again: %v", err)
	}
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("%q %v", p.State, p.Lapses)
	}
}

// The stop button suspends and its release restores, without new approvals.
func TestStopKeepsApprovals(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	h.Must(h.Inventory.SetStop(h.As("shift_lead"), s.ID, true, "Rauch"))
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseStopped {
		t.Fatalf("%q %+v", p.State, p.Lapses)
	}
	h.Must(h.Inventory.SetStop(h.As("director"), s.ID, false, ""))
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("%q %v", p.State, p.Lapses)
	}
}

// A model that moves to another system takes its permit with it: both systems
// are compiled again.
func TestModelMovesAway(t *testing.T) {
	h := governtest.Open(t)
	a, b := h.Permitted("A"), h.System("B")
	d, _ := h.Dossier(a.ID)
	governtest.Change(h, h.Inventory.Models, d.Models[0].ID, func(m *inventory.Model) { m.System, m.Name = b.ID, "zweites" })
	if p := h.Told(a.ID); p.State != permit.Suspended {
		t.Errorf("A has no model left and is %q", p.State)
	}
	if p := h.Told(b.ID); len(p.Models) != 2 {
		t.Errorf("B covers %d models, want 2", len(p.Models))
	}
}

// A change is traced to its system alone, also a draft's; only what cannot be
// told apart touches all.
func TestAffected(t *testing.T) {
	h := governtest.Open(t)
	s, other := h.Permitted("A"), h.Permitted("B")
	d, _ := h.Dossier(s.ID)
	again := d.System.Doc
	again.Code = "" // of the public card: one system each
	fresh := governtest.Create(h, "ai_officer", h.Inventory.Systems, again)
	draft, err := h.Classify.Keep(h.As("ai_officer"), fresh.ID, 0, governtest.Minimal()[:1])
	h.Must(err)
	for name, c := range map[string]struct {
		change store.Change
		system string
		all    bool
	}{
		"a system":           {store.Change{Kind: "system", ID: s.ID, Op: store.Updated}, s.ID, false},
		"a model":            {store.Change{Kind: "model", ID: d.Models[0].ID, Op: store.Updated}, s.ID, false},
		"an assessment":      {store.Change{Kind: "assessment", ID: d.Assessments[0].ID, Op: store.Updated}, s.ID, false},
		"a classification":   {store.Change{Kind: "classification", ID: d.Classification.ID, Op: store.Updated}, s.ID, false},
		"a draft":            {store.Change{Kind: "classification", ID: draft.ID, Op: store.Updated}, fresh.ID, false},
		"an approval":        {store.Change{Kind: "approval", ID: d.Approvals[0].ID, Op: store.Updated}, s.ID, false},
		"an agreement":       {store.Change{Kind: "agreement", ID: "agr_x", Op: store.Created}, "", true},
		"what is gone":       {store.Change{Kind: "model", ID: "mdl_gone", Op: store.Deleted}, "", true},
		"a permit":           {store.Change{Kind: "permit", ID: d.Issued.ID, Op: store.Updated}, "", false},
		"something else":     {store.Change{Kind: "person", ID: "usr_x", Op: store.Updated}, "", false},
		"a system that went": {store.Change{Kind: "system", ID: other.ID, Op: store.Deleted}, "", false},
	} {
		systems, all := h.Approve.Affected(context.Background(), []store.Change{c.change})
		if strings.Join(systems, " ") != c.system || all != c.all {
			t.Errorf("%s touches %v, all %v", name, systems, all)
		}
	}
}

// A deleted model takes the permit with it.
func TestModelDeleted(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	ctx := h.As("ai_officer")
	h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
		return h.Inventory.Models.Delete(ctx, tx, d.Models[0].ID, d.Models[0].Revision)
	}))
	if p := h.Told(s.ID); p.State != permit.Suspended {
		t.Errorf("%q", p.State)
	}
}

// When a permit's time is over, Sweep says so in the journal, once.
func TestSweep(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	end := h.Told(s.ID).ValidUntil
	h.Add(end.Sub(h.Now()) - time.Second)
	h.Must(h.Approve.Sweep(context.Background()))
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Fatalf("a second before its end: %q", p.State)
	}
	h.Add(time.Second)
	for range 2 {
		h.Must(h.Approve.Sweep(context.Background()))
	}
	p := h.Told(s.ID)
	if p.State != permit.Suspended || p.Lapses[0].Code != permit.LapseReviewOverdue {
		t.Fatalf("%q %+v", p.State, p.Lapses)
	}
	if n := len(h.Entries(permit.TypeSuspended, s.ID)); n != 1 {
		t.Errorf("%d suspensions in the journal", n)
	}
}

// Without the organisation's key nothing is approved, and a permit that has to
// change goes off; with the key back it is issued.
func TestFailingSigner(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	h.Signer.Broken = true
	d, hash := h.Dossier(s.ID)
	if _, err := h.Approve.Give(h.As("director"), s.ID, "director", hash, "", "password"); err == nil {
		t.Error("an approval without a key")
	}
	governtest.Change(h, h.Inventory.Models, d.Models[0].ID, func(m *inventory.Model) { m.Endpoint = "http://127.0.0.1:9001" })
	p := h.Told(s.ID)
	if p.State != permit.Suspended || p.Lapses[0].Code != "permit.unreadable" {
		t.Fatalf("%q %+v", p.State, p.Lapses)
	}
	if len(h.Failed()) != 1 {
		t.Errorf("failures %v", h.Failed())
	}
	h.Signer.Broken = false
	h.Must(h.Approve.Recompile(context.Background(), s.ID))
	if p := h.Told(s.ID); p.State != permit.Valid || p.Version != 2 || p.Models[0].Endpoint != "http://127.0.0.1:9001" {
		t.Errorf("%q version %d", p.State, p.Version)
	}
}

// A permit that cannot be compiled does not keep the others from falling.
func TestOneFailureDoesNotProtectOthers(t *testing.T) {
	h := governtest.Open(t)
	first, second := h.Permitted("A"), h.Permitted("B")
	h.Signer.Broken = true
	h.Add(400 * 24 * time.Hour)
	if err := h.Approve.RecompileAll(context.Background()); err == nil {
		t.Error("no error")
	}
	for _, s := range []string{first.ID, second.ID} {
		if p := h.Told(s); p.State != permit.Suspended {
			t.Errorf("%s is %q", s, p.State)
		}
	}
}

// Whoever changes a fact may go away; the permit follows all the same.
func TestCancelledWriterStillRecompiles(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.Add(400 * 24 * time.Hour)
	h.Approve.OnCommit(ctx, []store.Change{{Kind: "system", ID: s.ID, Op: store.Updated}}, func(err error) { t.Error(err) })
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code == "permit.unreadable" {
		t.Errorf("%q %+v", p.State, p.Lapses)
	}
}

// When the register cannot be read, every permit the runtime knows goes off.
func TestUnreadableRegisterSwitchesOff(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	h.Must(h.DB.Close())
	if err := h.Approve.RecompileAll(context.Background()); err == nil {
		t.Error("no error from a closed database")
	}
	if p := h.Told(s.ID); p.State != permit.Suspended || p.Lapses[0].Code != "permit.unreadable" {
		t.Errorf("%q %+v", p.State, p.Lapses)
	}
}

// Two organisations know nothing of each other.
func TestOrganisationsApart(t *testing.T) {
	a, b := governtest.Open(t), governtest.Open(t)
	s := a.Permitted("Fräse")
	if _, err := b.Approve.Read(b.As(""), b.DB, s.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("read: %v", err)
	}
	d, hash := a.Dossier(s.ID)
	if _, err := b.Approve.Give(b.As("director"), s.ID, "director", hash, "", "password"); !problem.Is(err, problem.NotFound) {
		t.Errorf("give: %v", err)
	}
	if _, err := b.Approve.Withdraw(b.As("safety"), d.Approvals[0].ID, 1, "Das gehört uns nicht."); !problem.Is(err, problem.NotFound) {
		t.Errorf("withdraw: %v", err)
	}
	if len(b.Entries("augenmass.approval.given", s.ID)) != 0 {
		t.Error("the other organisation's journal speaks of it")
	}
}
