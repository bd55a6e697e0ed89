package interview_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/interview"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
)

// house is a database with the room, two people and one system.
type house struct {
	t      *testing.T
	now    time.Time
	db     *store.DB
	room   *interview.Room
	tasks  *store.Kind[duty.Task]
	system store.Object[inventory.System]
	people map[string]string
	class  *store.Object[classify.Classification]
}

type person struct {
	Name string `json:"name"`
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), people: map[string]string{}}
	lib := governtest.Library(t)
	now := func() time.Time { h.now = h.now.Add(time.Millisecond); return h.now } // no two answers at once
	h.room = interview.New(func() *packs.Library { return lib }, now)
	inv, persons := inventory.New(now), store.NewKind[person]("person", "usr")
	h.tasks = duty.Tasks()
	kinds := append(append([]store.AnyKind{persons, h.tasks}, inv.Kinds()...), h.room.Kinds()...)
	db, err := store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: kinds, Access: store.AllowAll, Source: "/test", Now: now, Rand: rand.Reader})
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.db = db
	inv.Open(db)
	h.room.Open(db, nil)
	ctx := store.WithActor(context.Background(), store.Actor{Kind: store.System})
	h.must(db.Write(ctx, func(tx *store.Tx) error {
		for _, name := range []string{"ki", "br", "gf"} {
			p, err := persons.Create(ctx, tx, person{name})
			if err != nil {
				return err
			}
			h.people[name] = p.ID
		}
		h.system, err = inv.Systems.Create(ctx, tx, inventory.System{Name: "Schichtplan", LifeCycle: inventory.Idea, People: true, Code: "s1"})
		return err
	}))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) as(name string) context.Context {
	return store.WithActor(context.Background(), store.Actor{ID: h.people[name], Kind: "person"})
}

func (h *house) begin(depth interview.Depth) store.Object[interview.Interview] {
	h.t.Helper()
	w, err := h.room.Begin(h.as("ki"), h.system.ID, depth, []interview.Participant{{Person: h.people["ki"], Role: "ki"}, {Person: h.people["br"], Role: "br"}})
	h.must(err)
	return w
}

func (h *house) subject() interview.Subject {
	return interview.Subject{Grave: true, Classification: h.class}
}

func (h *house) state(w store.Object[interview.Interview]) interview.State {
	h.t.Helper()
	w, err := h.room.Interviews.Get(h.as("ki"), h.db, w.ID)
	h.must(err)
	st, err := h.room.Read(h.as("ki"), h.db, w, h.subject())
	h.must(err)
	return st
}

func one(item string, values ...string) interview.Given {
	return interview.Given{Answer: interview.Answer{Item: item, Values: values}}
}

func right(item string, remains int) interview.Given {
	return interview.Given{Answer: interview.Answer{Item: item, Right: interview.Judgement{Touched: "yes", Gravity: 2, Scope: 1, Reversibility: 1, Likelihood: 2, Remains: remains}}}
}

// fill answers everything that is asked so that nothing is open: no personal
// data, no right touched but equal treatment at a level.
func (h *house) fill(w store.Object[interview.Interview], who string, level int) {
	h.t.Helper()
	for range 3 { // answers bring further questions
		st := h.state(w)
		var all []interview.Given
		for _, id := range st.Open {
			it, _ := st.Questions.Item(id)
			switch it.Type {
			case ask.Text:
				all = append(all, interview.Given{Answer: interview.Answer{Item: id, Text: "Geklärt und beschrieben."}})
			case ask.YesNoUnknown:
				v := "no"
				if id == "imp-data-rights" || id == "fria-e2" {
					v = "yes"
				}
				all = append(all, one(id, v))
			case ask.Choice:
				all = append(all, one(id, it.Options[0].ID))
			case ask.Choices:
				all = append(all, one(id, ask.None))
			case ask.Number:
				all = append(all, one(id, "12"))
			case ask.Scale:
				all = append(all, one(id, "4"))
			case ask.Right:
				if id == "fria-d2" {
					all = append(all, right(id, level))
				} else {
					all = append(all, interview.Given{Answer: interview.Answer{Item: id, Text: "Nicht berührt, weil nur Maschinen.", Right: interview.Judgement{Touched: "no"}}})
				}
			}
		}
		if len(all) == 0 {
			return
		}
		h.must(h.room.Answer(h.as(who), w.ID, all))
	}
}

func input(draw ...string) interview.Input {
	return interview.Input{Draw: draw, Say: "Der Einsatz ist vertretbar.", Months: 12}
}

// 001-47: one interview, three results; every one says whether it is owed and
// why. An ordinary industrial firm owes no fundamental rights impact assessment.
func TestThreeResultsFromOneInterview(t *testing.T) {
	h := open(t)
	h.class = &store.Object[classify.Classification]{Doc: classify.Classification{Class: "high", Role: "deployer", AsOf: h.now,
		Answers: []classify.Answer{{Fact: "areas", Values: []string{"workers"}}, {Fact: "activities", Values: []string{"uses"}}}}}
	w := h.begin(interview.Full)
	byResult := func(st interview.State) map[string]interview.Owing {
		m := map[string]interview.Owing{}
		for _, o := range st.Owed {
			m[o.Result] = o
		}
		return m
	}
	before := byResult(h.state(w))
	if before["aiia"].Duty != interview.Asked || before["fria"].Duty != interview.Unclear || before["dpia"].Duty != interview.Unclear {
		t.Errorf("before any answer: %+v", before)
	}
	if !slices.Equal(before["dpia"].Open, []string{"imp-personal", "imp-cases", "imp-listed", "imp-criteria"}) {
		t.Errorf("what decides about the DPIA: %v", before["dpia"].Open)
	}
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "yes"), one("imp-criteria", "w1", "w7"), one("imp-public", "neither")}))
	after := byResult(h.state(w))
	if o := after["fria"]; o.Duty != interview.Voluntary || len(o.Why) == 0 || !slices.Contains(o.Why[0].Clauses, "aia.art27.1") {
		t.Errorf("FRIA of an industrial firm: %+v", o)
	}
	if o := after["dpia"]; o.Duty != interview.Owed || len(o.Why) == 0 {
		t.Errorf("DPIA with two criteria: %+v", o)
	}
	// 002-67: without personal data there is no DPIA to be owed.
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "no")}))
	if o := byResult(h.state(w))["dpia"]; o.Duty != interview.NotOwed {
		t.Errorf("DPIA without personal data: %+v", o)
	}
	h.fill(w, "ki", 2)
	w, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), input("aiia", "fria", "dpia"))
	h.must(err)
	for _, id := range []string{"aiia", "fria", "dpia"} {
		if r, ok := w.Doc.Result(id); !ok || !r.Done {
			t.Errorf("%s is not done: %+v", id, r)
		}
	}
}

// 001-47: hidden answers are kept and never counted.
func TestHiddenAnswersAreKept(t *testing.T) {
	h := open(t)
	w := h.begin(interview.Full)
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "yes"), one("art22-alone", "yes"), one("art22-exception", "no_exception")}))
	if st := h.state(w); len(st.Results[0].Flags) != 1 {
		t.Fatalf("no red flag: %+v", st.Results[0])
	}
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "no")}))
	st := h.state(w)
	if len(st.Results[0].Flags) != 0 || !st.Hidden["art22-alone"] {
		t.Errorf("a hidden answer counts: %+v", st.Results[0])
	}
	if len(st.Said.Of("art22-alone")) != 1 {
		t.Error("the hidden answer is gone")
	}
	h.fill(w, "ki", 1)
	w, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), input("aiia"))
	h.must(err)
	if slices.ContainsFunc(w.Doc.Answers, func(a interview.Answer) bool { return a.Item == "art22-alone" }) {
		t.Error("the conclusion counts a hidden answer")
	}
	if said, err := h.room.Said(h.as("ki"), h.db, w.ID); err != nil || len(said.Of("art22-alone")) != 1 {
		t.Errorf("after the conclusion the hidden answer is gone: %v", err)
	}
}

// 001-47: several people answer; dissent needs a reason, stays, and of rights the
// highest judgement counts, a dissenter's included.
func TestDissentStaysAndTheHighestCounts(t *testing.T) {
	h := open(t)
	w := h.begin(interview.Full)
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{right("fria-d2", 1), one("fria-a5", "yes")}))
	bare := right("fria-d2", 3)
	bare.Differs = true
	if err := h.room.Answer(h.as("br"), w.ID, []interview.Given{bare}); !problem.Is(err, problem.BadInput) || problem.From(err).Fields[0].Path != "answers.fria-d2.text" {
		t.Fatalf("dissent without a reason: %v", err)
	}
	bare.Text = "Wer nachts arbeitet, wird schlechter gestellt."
	word := one("fria-a5", "no")
	word.Text, word.Differs = "Die Anleitung nennt keine Grenzen.", true
	h.must(h.room.Answer(h.as("br"), w.ID, []interview.Given{bare, word}))
	st := h.state(w)
	if st.Level() != 3 {
		t.Errorf("the level is %d, not the dissenter's 3", st.Level())
	}
	i := slices.IndexFunc(st.Standing, func(a interview.Answer) bool { return a.Item == "fria-a5" })
	if st.Standing[i].Values[0] != "yes" {
		t.Error("a dissent replaced the answer that stands")
	}
	// The same dissenter agrees later; what was said stays.
	h.must(h.room.Answer(h.as("br"), w.ID, []interview.Given{right("fria-d2", 1)}))
	if st := h.state(w); st.Level() != 1 || len(st.Said.Dissents()) != 2 {
		t.Errorf("level %d, %d dissents", st.Level(), len(st.Said.Dissents()))
	}
	if err := h.room.Answer(h.as("gf"), w.ID, []interview.Given{one("fria-a5", "no")}); !problem.Is(err, problem.Denied) {
		t.Errorf("somebody who takes no part answers: %v", err)
	}
	// The same words twice are kept once.
	h.must(h.room.Answer(h.as("br"), w.ID, []interview.Given{right("fria-d2", 1)}))
	if n := len(h.state(w).Said.Of("fria-d2")); n != 3 {
		t.Errorf("%d entries", n)
	}
}

// A conclusion names what it lacks; a high remaining level asks for conditions.
func TestConclusionNamesWhatItLacks(t *testing.T) {
	h := open(t)
	w := h.begin(interview.Full)
	refused := func(in interview.Input, path, words string) {
		t.Helper()
		_, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), in)
		if !problem.Is(err, problem.BadInput) {
			t.Fatalf("%v", err)
		}
		for _, f := range problem.From(err).Fields {
			if f.Path == path && strings.Contains(f.Say.DE, words) {
				return
			}
		}
		t.Errorf("%s %q is not among %+v", path, words, problem.From(err).Fields)
	}
	refused(input("aiia"), "draw", "Fragen offen")
	refused(input(), "draw", "Welches Ergebnis")
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "no"), one("fria-a5", "unknown")}))
	h.fill(w, "ki", 3)
	refused(input("aiia"), "conditions", "hohes Risiko")
	refused(input("aiia"), "open_who", "Wer klärt")
	in := input("aiia")
	in.Months = 13
	refused(in, "months", "1 und 12")
	in.Months, in.Conditions, in.OpenWho, in.OpenDue = 6, "Nur im Probebetrieb bis März.", h.people["ki"], h.now.AddDate(0, 0, 14)
	done, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), in)
	h.must(err)
	if r, _ := done.Doc.Result("aiia"); r.Level != 3 || !slices.Equal(r.Rights, []string{"fria-d2"}) || len(r.Unknown) != 1 {
		t.Errorf("%+v", r)
	}
	if err := h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("fria-a5", "yes")}); !problem.Is(err, problem.Conflict) {
		t.Errorf("a concluded round takes answers: %v", err)
	}
}

// 000-34: the assessment is repeated after an interval; a task reminds a month
// before its end, and ends with the next round. Two rounds can be compared.
func TestReminderAndComparison(t *testing.T) {
	h := open(t)
	w := h.begin(interview.Full)
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "no")}))
	h.fill(w, "ki", 3)
	in := input("aiia")
	in.Conditions, in.Months = "Nur mit Kontrolle je Woche.", 6
	first, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), in)
	h.must(err)
	task, err := h.tasks.Get(h.as("ki"), h.db, first.Doc.Task)
	h.must(err)
	if !task.Doc.Open() || !task.Doc.Due.Equal(first.Doc.ValidUntil.AddDate(0, -1, 0)) || !task.Doc.Due.Before(first.Doc.ValidUntil) ||
		task.Doc.Cause != duty.ByInterval || !slices.Contains(task.Doc.Systems, h.system.ID) {
		t.Errorf("%+v", task.Doc)
	}
	h.now = h.now.AddDate(0, 5, 0)
	second := h.begin(interview.Full)
	if second.Doc.Wave != 2 {
		t.Errorf("wave %d", second.Doc.Wave)
	}
	if _, err := h.room.Begin(h.as("ki"), h.system.ID, interview.Quick, second.Doc.Participants); !problem.Is(err, problem.Conflict) {
		t.Errorf("two rounds at once: %v", err)
	}
	h.must(h.room.Answer(h.as("ki"), second.ID, []interview.Given{one("imp-personal", "no")}))
	h.fill(second, "ki", 1)
	second, err = h.room.Conclude(h.as("ki"), second.ID, second.Revision, h.subject(), input("aiia"))
	h.must(err)
	if task, err = h.tasks.Get(h.as("ki"), h.db, first.Doc.Task); err != nil || task.Doc.Open() {
		t.Errorf("the old reminder is still open: %v", err)
	}
	v, err := h.room.Questions(interview.Impact)
	h.must(err)
	changed := 0
	for _, d := range interview.Compare(v, first.Doc.Answers, second.Doc.Answers) {
		if d.Same {
			continue
		}
		changed++
		if d.Item != "fria-d2" || d.Level != [2]int{3, 1} {
			t.Errorf("%+v", d)
		}
	}
	if changed != 1 {
		t.Errorf("%d differences", changed)
	}
}

// The source asks grave systems for an AI impact assessment, others for nothing
// but what was found wrong; the rest is asked when it is owed.
func TestSource(t *testing.T) {
	h := open(t)
	says := func(people bool) stand.Said {
		t.Helper()
		s := stand.Subject{System: h.system, Classification: h.class, Now: h.now}
		s.System.Doc.People = people
		ctx, n := store.CountQueries(h.as("ki"))
		said, err := h.room.Says(ctx, h.db, s)
		h.must(err)
		if *n > 2 {
			t.Errorf("%d queries", *n)
		}
		return said
	}
	if said := says(false); len(said.Assessments) != 0 || said.Seen != nil || len(said.Demands) != 0 {
		t.Errorf("a plain system: %+v", said)
	}
	kinds := func(said stand.Said) (out []string) {
		for _, a := range said.Assessments {
			out = append(out, a.Kind)
		}
		return out
	}
	h.class = &store.Object[classify.Classification]{Doc: classify.Classification{Class: "minimal", Role: "deployer", AsOf: h.now}}
	said := says(true)
	if !slices.Contains(kinds(said), "aiia") || said.Assessments[0].Done || !said.Parts[0].Open {
		t.Errorf("a grave system without an interview: %+v", said)
	}
	w := h.begin(interview.Full)
	if again := says(true); again.Seen != nil {
		t.Error("an open round is part of what is approved")
	}
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "yes"), one("imp-criteria", "w1", "w7"), one("art22-alone", "yes"), one("art22-exception", "no_exception")}))
	h.fill(w, "ki", 1)
	in := input("aiia")
	done, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), in)
	h.must(err)
	said = says(true)
	got := map[string]permit.Assessment{}
	for _, a := range said.Assessments {
		got[a.Kind] = a
	}
	if a := got["aiia"]; !a.Done || !a.RedFlag || !a.ValidUntil.Equal(done.Doc.ValidUntil) || a.ID != w.ID {
		t.Errorf("003-74: %+v", a)
	}
	if a, ok := got["dpia"]; !ok || a.Done {
		t.Errorf("the DPIA that is owed: %+v", a)
	}
	if _, ok := got["fria"]; ok {
		t.Error("a FRIA that is not owed is asked for")
	}
	if said.Seen == nil || !slices.Contains(said.Objects, w.ID) {
		t.Errorf("%+v", said)
	}
	// What was voluntary and found wrong counts, too.
	if said := says(false); len(said.Assessments) == 0 || !said.Assessments[0].RedFlag {
		t.Errorf("a red flag of a plain system: %+v", said.Assessments)
	}
	if id, err := h.room.SystemOf(h.as("ki"), h.db, "interview", w.ID); err != nil || id != h.system.ID {
		t.Errorf("%s %v", id, err)
	}
}

// A duty that begins later ends the permit on that day, not before (AI Act as
// amended in 2026: 2027-12-02).
func TestDutyThatComes(t *testing.T) {
	h := open(t)
	h.class = &store.Object[classify.Classification]{Doc: classify.Classification{Class: "high", Role: "deployer", AsOf: h.now,
		Answers: []classify.Answer{{Fact: "areas", Values: []string{"credit"}}}}}
	w := h.begin(interview.Full)
	h.must(h.room.Answer(h.as("ki"), w.ID, []interview.Given{one("imp-personal", "no"), one("imp-public", "neither"), one("imp-in-use", "no")}))
	h.fill(w, "ki", 1)
	_, err := h.room.Conclude(h.as("ki"), w.ID, w.Revision, h.subject(), input("aiia"))
	h.must(err)
	for at, want := range map[string]bool{"2026-11-22": true, "2027-12-01": true, "2027-12-02": false} {
		day, err := time.Parse(time.DateOnly, at)
		h.must(err)
		said, err := h.room.Says(h.as("ki"), h.db, stand.Subject{System: h.system, Classification: h.class, Now: day})
		h.must(err)
		i := slices.IndexFunc(said.Assessments, func(a permit.Assessment) bool { return a.Kind == "fria" })
		if i < 0 {
			t.Fatalf("%s: no FRIA", at)
		}
		a := said.Assessments[i]
		if a.Done != want || want && a.ValidUntil.Format(time.DateOnly) != "2027-12-02" {
			t.Errorf("%s: %+v", at, a)
		}
	}
}
