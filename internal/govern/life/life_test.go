package life_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/life"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// says is a room with one demand, for tests.
type says struct{ demands []permit.Demand }

func (s *says) Name() string      { return "test" }
func (s *says) Touches() []string { return nil }
func (s *says) SystemOf(context.Context, store.Reader, string, string) (string, error) {
	return "", nil
}
func (s *says) Says(context.Context, store.Reader, stand.Subject) (stand.Said, error) {
	return stand.Said{Demands: s.demands}, nil
}

// house is a house whose register asks the gates of a life room.
func house(t *testing.T) (*governtest.House, *life.Room, *says) {
	t.Helper()
	var h *governtest.House
	now := func() time.Time { return h.Now() }
	lib := governtest.Library(t)
	other := &says{}
	room := life.New(life.Needs{Inventory: inventory.New(now), Classify: classify.New(lib, now), Assess: assess.New(lib, now),
		Sources: func() []stand.Source { return []stand.Source{other} }, Now: now})
	h = governtest.OpenWith(t, governtest.With{Kinds: room.Kinds(), Sources: []stand.Source{room}})
	room.Open(h.DB, nil)
	h.Inventory.SetGate(room.Gate)
	return h, room, other
}

// idea is a system of which only the name is known.
func idea(h *governtest.House) store.Object[inventory.System] {
	return governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "Presse"})
}

func step(h *governtest.House, id string, to inventory.LifeCycle) error {
	h.T.Helper()
	o, err := h.Inventory.Systems.Get(h.As(""), h.DB, id)
	h.Must(err)
	_, err = h.Inventory.SetLifeCycle(h.As("ai_officer"), id, o.Revision, to)
	return err
}

// codes are the reasons of a refused step.
func codes(err error) []string {
	var out []string
	if err != nil {
		for _, r := range problem.From(err).Reasons {
			out = append(out, strings.TrimPrefix(r.Code, "life."))
		}
	}
	slices.Sort(out)
	return out
}

func wants(t *testing.T, err error, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := codes(err); !problem.Is(err, problem.Conflict) || !slices.Equal(got, want) {
		t.Errorf("the gate misses %v, want %v (%v)", got, want, err)
	}
}

// 000-03, 000-11: no stage is skipped, and each gate names what is missing until
// it is there; then the step is taken.
func TestGatesNameWhatIsMissing(t *testing.T) {
	h, _, other := house(t)
	s := idea(h)
	if err := step(h, s.ID, inventory.Operation); !problem.Is(err, problem.BadInput) {
		t.Errorf("a step is skipped: %v", err)
	}
	wants(t, step(h, s.ID, inventory.Trial), "purpose", "owner", "identified", "classified")
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) {
		d.Purpose, d.RiskOwner = text.Bi{DE: "Teile prüfen", EN: "inspect parts"}, h.People["shift_lead"].ID
	})
	_, err := h.Assess.Put(h.As("ai_officer"), s.ID, assess.Identification, 0, governtest.Clear())
	h.Must(err)
	wants(t, step(h, s.ID, inventory.Trial), "classified")
	_, err = h.Classify.Put(h.As("ai_officer"), s.ID, 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()})
	h.Must(err)
	h.Must(step(h, s.ID, inventory.Trial))
	other.demands = []permit.Demand{{Code: permit.DemandIntent}, {Code: permit.DemandBias, Met: true}}
	wants(t, step(h, s.ID, inventory.Operation), "complete", permit.DemandIntent)
	full := h.System("Vorlage").Doc
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) {
		d.Use, d.DataSources, d.Technology, d.Origin, d.Scope, d.RoleOfAI, d.Oversee, d.ReviewBy = full.Use, full.DataSources, full.Technology, full.Origin, full.Scope, full.RoleOfAI, full.Oversee, full.ReviewBy
	})
	wants(t, step(h, s.ID, inventory.Operation), permit.DemandIntent)
	other.demands = nil
	h.Must(step(h, s.ID, inventory.Operation))
	h.Must(step(h, s.ID, inventory.Trial)) // back is always possible
}

// 000-03: neither a patch, nor an update of the whole document, nor a new entry
// in a later stage goes around the gate, not even by the program itself.
func TestNoWayAroundTheGate(t *testing.T) {
	h, _, _ := house(t)
	s := idea(h)
	kind := store.AnyKind(h.Inventory.Systems)
	for _, role := range []string{"ai_officer", ""} {
		ctx := h.As(role)
		for name, fn := range map[string]func(tx *store.Tx) error{
			"patch": func(tx *store.Tx) error {
				_, err := kind.PatchJSON(ctx, tx, s.ID, s.Revision, []byte(`{"life_cycle":"trial"}`))
				return err
			},
			"another value of the kind": func(tx *store.Tx) error {
				doc := s.Doc
				doc.LifeCycle = inventory.Trial
				_, err := inventory.Systems().Update(ctx, tx, s.ID, s.Revision, doc)
				return err
			},
			"a new entry": func(tx *store.Tx) error {
				_, err := h.Inventory.Systems.Create(ctx, tx, inventory.System{Name: "x", LifeCycle: inventory.Operation})
				return err
			},
			"an import": func(tx *store.Tx) error {
				_, err := kind.CreateManyJSON(ctx, tx, []json.RawMessage{[]byte(`{"name":"y","life_cycle":"trial"}`)})
				return err
			},
		} {
			if err := h.DB.Write(ctx, fn); err == nil {
				t.Errorf("%s as %q passes the gate", name, role)
			}
		}
	}
	o, err := h.Inventory.Systems.Get(h.As(""), h.DB, s.ID)
	h.Must(err)
	if o.Doc.LifeCycle != inventory.Idea || o.Revision != s.Revision {
		t.Errorf("the system stands at %s", o.Doc.LifeCycle)
	}
}

// A prohibited system gets no trial; an unclear one does, but no operation.
func TestClassAtTheGate(t *testing.T) {
	h, room, _ := house(t)
	s := h.System("Stimmung")
	o, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	for class, open := range map[string][]string{"prohibited": {"prohibited"}, "unclear": {"class"}, "minimal": nil} {
		governtest.Change(h, h.Classify.Classifications, o.ID, func(c *classify.Classification) { c.Class = class })
		asked, err := room.Ask(h.As(""), h.DB, s, inventory.Operation)
		h.Must(err)
		var got []string
		for _, i := range asked.Open() {
			got = append(got, i.Code)
			if i.Path == "" || !i.Say.Complete() {
				t.Errorf("%s leads nowhere or says nothing", i.Code)
			}
		}
		if !slices.Equal(got, open) {
			t.Errorf("%s: %v is open, want %v", class, got, open)
		}
	}
}

// 001-28: retirement is refused without a plan, part by part, and taken when all
// four are done; from then on nothing brings the system back.
func TestRetirementNeedsItsPlan(t *testing.T) {
	h, room, _ := house(t)
	s := h.System("Altes System")
	wants(t, step(h, s.ID, inventory.Retired), "plan.data", "plan.access", "plan.contracts", "plan.people")
	who, day := h.People["shift_lead"].ID, h.Now()
	done := life.Part{Plan: "gelöscht", Who: who, Done: day}
	plan := governtest.Create(h, "ai_officer", room.Retirements, life.Retirement{System: s.ID, Reason: "abgelöst", Data: done, Access: done, Contracts: done, People: life.Part{Plan: "unterrichten", Who: who}})
	wants(t, step(h, s.ID, inventory.Retired), "plan.people")
	governtest.Change(h, room.Retirements, plan.ID, func(p *life.Retirement) { p.People.Done = day.AddDate(0, 0, 1) })
	wants(t, step(h, s.ID, inventory.Retired), "plan.people") // not yet done
	governtest.Change(h, room.Retirements, plan.ID, func(p *life.Retirement) { p.People.Done = day })
	h.Must(h.Inventory.SetStop(h.As("shift_lead"), s.ID, true, "sofort")) // stopping needs no plan
	h.Must(step(h, s.ID, inventory.Retired))
	if err := step(h, s.ID, inventory.Operation); !problem.Is(err, problem.BadInput) {
		t.Errorf("back from the end: %v", err)
	}
	bad := life.Retirement{System: s.ID, Reason: "x", Data: life.Part{Done: day}}
	if err := bad.Validate(); err == nil {
		t.Error("done without plan and person")
	}
}

// 000-17: the organisation's own steps are asked for, each change of the workflow
// has a reason of its own, and the history keeps the versions.
func TestOwnWorkflow(t *testing.T) {
	h, room, _ := house(t)
	s := h.System("Kamera")
	h.Must(step(h, s.ID, inventory.Trial))
	betriebsrat := life.Step{Name: text.Bi{DE: "Betriebsrat informiert", EN: "works council informed"}}
	flow := governtest.Create(h, "ai_officer", room.Workflows, life.Workflow{Stage: "operation", Steps: []life.Step{betriebsrat}, Reason: "Beschluss vom November 2026"})
	wants(t, step(h, s.ID, inventory.Operation), "step")
	h.Must(room.Confirm(h.As("ai_officer"), s.ID, inventory.Operation, "Betriebsrat informiert", ""))
	if err := room.Confirm(h.As("ai_officer"), s.ID, inventory.Operation, "etwas anderes", ""); !problem.Is(err, problem.NotFound) {
		t.Errorf("a step that is none: %v", err)
	}
	h.Must(step(h, s.ID, inventory.Operation))
	ctx := h.As("ai_officer")
	change := func(reason string) error {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			doc := flow.Doc
			doc.Steps, doc.Reason = append(slices.Clone(doc.Steps), life.Step{Name: text.Same("Probelauf")}), reason
			_, err := room.Workflows.Update(ctx, tx, flow.ID, flow.Revision, doc)
			return err
		})
	}
	if err := change(flow.Doc.Reason); !problem.Is(err, problem.BadInput) {
		t.Errorf("changed without a reason of its own: %v", err)
	}
	h.Must(change("Der Probelauf hat sich bewährt."))
	versions, err := h.DB.History(ctx, "workflow", flow.ID)
	h.Must(err)
	if len(versions) != 2 || versions[1].Actor != h.People["ai_officer"].ID {
		t.Errorf("%d versions", len(versions))
	}
	h.Must(step(h, s.ID, inventory.Trial))
	wants(t, step(h, s.ID, inventory.Operation), "step")
}

// 000-53, 000-57: a pilot keeps the system to its zones and its time; a rollout
// extends it only after the lessons, and lessons become a task.
func TestPilotAndRollout(t *testing.T) {
	h, room, _ := house(t)
	s := h.Permitted("Fräse")
	lapsed := func() bool {
		return slices.ContainsFunc(h.Told(s.ID).Lapses, func(l permit.Lapse) bool { return l.Code == permit.DemandPilot })
	}
	pilot := governtest.Create(h, "ai_officer", room.Pilots, life.Pilot{System: s.ID, Area: "Fräserei", Zones: []string{"fertigung"}, From: h.Now(), End: h.Now().AddDate(0, 2, 0)})
	if lapsed() {
		t.Error("within its area the pilot stands in the way")
	}
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.Zones = []string{"fertigung", "montage"} })
	if !lapsed() {
		t.Errorf("used beyond the pilot: %v", h.Told(s.ID).Lapses)
	}
	extend := func(p *life.Pilot) { p.Rollout = []life.Extend{{Zones: []string{"montage"}, Day: h.Now()}} }
	doc := pilot.Doc
	extend(&doc)
	if err := doc.Validate(); err == nil {
		t.Error("extended before anything was learnt")
	}
	governtest.Change(h, room.Pilots, pilot.ID, func(p *life.Pilot) { p.Lessons = "Die Schichtleitung braucht eine kürzere Anzeige." })
	tasks, err := duty.Tasks().All(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByPilot))}})
	h.Must(err)
	if len(tasks) != 1 || tasks[0].Doc.Phase != duty.Act || !strings.Contains(tasks[0].Doc.Say.DE, "kürzere Anzeige") {
		t.Errorf("lessons became %d tasks", len(tasks))
	}
	governtest.Change(h, room.Pilots, pilot.ID, extend)
	if lapsed() {
		t.Error("the rollout did not extend the area")
	}
	again, err := duty.Tasks().All(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByPilot))}})
	h.Must(err)
	if len(again) != 1 {
		t.Error("the same lessons made another task")
	}
	over := life.Pilot{Zones: []string{"a"}, From: h.Now(), End: h.Now().AddDate(0, 1, 0), Rollout: []life.Extend{{Zones: []string{"b"}, Day: h.Now().AddDate(0, 0, 5)}}}
	if got := over.Beyond([]string{"a", "b"}, h.Now()); !slices.Equal(got, []string{"b"}) {
		t.Errorf("beyond today: %v", got)
	}
	if got := over.Beyond([]string{"a", "b"}, h.Now().AddDate(0, 0, 5)); len(got) != 0 {
		t.Errorf("beyond on the day of the rollout: %v", got)
	}
}

// A pilot whose time is over without a result holds the permit back from its last
// day on.
func TestPilotThatEndsWithoutLessons(t *testing.T) {
	h, room, _ := house(t)
	s := h.System("Fräse")
	governtest.Create(h, "ai_officer", room.Pilots, life.Pilot{System: s.ID, Area: "Fräserei", Zones: []string{"fertigung"}, From: h.Now(), End: h.Now().AddDate(0, 1, 0)})
	said, err := room.Says(h.As(""), h.DB, stand.Subject{System: s, Now: h.Now()})
	h.Must(err)
	if d := said.Demands[0]; !d.Met || !d.Until.Equal(h.Now().AddDate(0, 1, 0)) || said.Seen == nil {
		t.Errorf("%+v", d)
	}
}

// What is met is said as such, what is missing leads to the page where it is
// settled, not only to the file.
func TestDemandsAtTheGate(t *testing.T) {
	h, room, other := house(t)
	o := idea(h)
	other.demands = []permit.Demand{{Code: permit.DemandPersons}, {Code: permit.DemandBias, Met: true}, {Code: permit.DemandModelCheck}}
	asked, err := room.Ask(h.As("ai_officer"), h.DB, o, inventory.Operation)
	h.Must(err)
	at := "/systems/" + o.ID
	for code, want := range map[string][2]string{permit.DemandPersons: {"Es fehlt ein Name", at + "/profile"}, permit.DemandBias: {"Das System wurde auf Verzerrung geprüft.", at + "/risks"},
		permit.DemandModelCheck: {"nicht bestanden oder nicht gehabt", at + "/data"}} {
		i := slices.IndexFunc(asked.Items, func(i life.Item) bool { return i.Code == code })
		if i < 0 || !strings.Contains(asked.Items[i].Say.DE, want[0]) || asked.Items[i].Path != want[1] {
			t.Errorf("%s: %+v", code, asked.Items)
		}
	}
}
