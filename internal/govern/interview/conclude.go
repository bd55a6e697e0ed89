package interview

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// State is one wave with what follows from its answers, not saved.
type State struct {
	Questions *packs.Interview
	Said      Answers
	Standing  []Answer
	Hidden    map[string]bool
	Aside     map[string]bool
	Open      []string
	Unknown   []string
	Results   []Result // as Conclude would save them; Done: nothing is open
	Owed      []Owing
}

// Counts reports whether an item is asked and therefore counts.
func (s State) Counts(item string) bool { return !s.Hidden[item] && !s.Aside[item] }

// Level is the highest that remains in any result.
func (s State) Level() int {
	n := 0
	for _, r := range s.Results {
		n = max(n, r.Level)
	}
	return n
}

// Subject is what the room needs to know of a system.
type Subject struct {
	Grave          bool // see stand.Subject.Grave
	Classification *store.Object[classify.Classification]
}

// Read works out where a wave stands: one query beside the wave itself.
func (r *Room) Read(ctx context.Context, rd store.Reader, w store.Object[Interview], s Subject) (State, error) {
	said, err := r.Said(ctx, rd, w.ID)
	if err != nil {
		return State{}, err
	}
	return r.state(w.Doc, said, s)
}

func (r *Room) state(w Interview, said Answers, s Subject) (State, error) {
	v, err := r.Questions(Impact)
	if err != nil {
		return State{}, err
	}
	st := State{Questions: v, Said: said, Standing: said.Standing(v)}
	reading, err := Reading(v, w.Depth, st.Standing)
	if err != nil {
		return State{}, err
	}
	st.Hidden, st.Aside, st.Open, st.Unknown = reading.Hidden, reading.Aside, reading.Open, reading.Unknown
	if st.Owed, err = Owings(r.lib(), v, s.Grave, s.Classification, st.Standing, r.now()); err != nil {
		return State{}, err
	}
	for _, o := range st.Owed {
		res := Result{Result: o.Result, Duty: o.Duty, From: o.From, Why: o.Why, Unknown: v.Of(reading.Unknown, o.Result)}
		res.Done = len(v.Of(reading.Open, o.Result)) == 0
		res.Level, res.Rights = v.Highest(reading, o.Result)
		for _, f := range reading.Flags {
			if slices.Contains(f.Results, o.Result) {
				res.Flags = append(res.Flags, Step{f.Say, f.Clauses})
			}
		}
		st.Results = append(st.Results, res)
	}
	return st, nil
}

// Input is what a person decides when concluding a wave.
type Input struct {
	Draw       []string // results that are drawn
	Say        string   // the conclusion in words
	Conditions string   // needed where a high risk remains
	Months     int      // until the next wave
	OpenWho    string   // needed where something is not known
	OpenDue    time.Time
}

// highLevel is the level from which a conclusion names conditions (the pack's
// outcomes of level 3 and 4).
const highLevel = 3

// Conclude ends a wave: it draws results, keeps the answers that stand, and makes
// the task that reminds of the next wave. A result whose questions are not all
// answered cannot be drawn. BadInput names every wrong field.
func (r *Room) Conclude(ctx context.Context, id string, revision int64, s Subject, in Input) (store.Object[Interview], error) {
	var saved store.Object[Interview]
	who, _ := store.ActorFrom(ctx) // without one the store refuses
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.open(ctx, tx, id)
		if err != nil {
			return err
		}
		st, err := r.Read(ctx, tx, o, s)
		if err != nil {
			return err
		}
		at := r.now().UTC()
		if err := settle(&o.Doc, st, in, at); err != nil {
			return err
		}
		o.Doc.ConcludedBy = who.ID
		if o.Doc.Task, err = r.remind(ctx, tx, o.Doc); err != nil {
			return err
		}
		saved, err = r.Interviews.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

// settle joins what follows from the answers with what the person decided.
func settle(doc *Interview, st State, in Input, at time.Time) error {
	v := st.Questions
	var c problem.Checks
	in.Say, in.Conditions = strings.TrimSpace(in.Say), strings.TrimSpace(in.Conditions)
	c.Field(len(in.Draw) > 0, "draw", "Welches Ergebnis soll gezogen werden?", "Which result is to be drawn?")
	c.Field(strings.Contains(in.Say, " "), "say", "Bitte das Ergebnis in einem Satz sagen.", "Please say the conclusion in a sentence.")
	c.Field(len([]rune(in.Say)) <= 4000 && len([]rune(in.Conditions)) <= 4000, "say", "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
	c.Field(in.Months >= 1 && in.Months <= v.Months, "months", "Der Abstand liegt zwischen 1 und 12 Monaten.", "The interval lies between 1 and 12 months.")
	level, unknown := 0, false
	for i := range st.Results {
		res := &st.Results[i]
		drawn := slices.Contains(in.Draw, res.Result)
		open := len(v.Of(st.Open, res.Result))
		if drawn && open > 0 {
			title, _ := v.Result(res.Result)
			c.Field(false, "draw", title.Title.DE+": noch "+text.Int(text.DE, int64(open))+" Fragen offen.", title.Title.EN+": "+text.Int(text.EN, int64(open))+" questions are still open.")
		}
		res.Done = drawn && open == 0
		if drawn {
			level, unknown = max(level, res.Level), unknown || len(res.Unknown) > 0
		}
	}
	for _, id := range in.Draw {
		_, ok := v.Result(id)
		c.Field(ok, "draw", "Dieses Ergebnis gibt es nicht.", "There is no such result.")
	}
	c.Field(level < highLevel || strings.Contains(in.Conditions, " "), "conditions",
		"Es bleibt ein hohes Risiko. Bitte die Auflagen mit Frist nennen.", "A high risk remains. Please name the conditions with a deadline.")
	if unknown {
		c.Field(in.OpenWho != "", "open_who", "Wer klärt, was noch niemand weiß?", "Who settles what nobody knows yet?")
		c.Field(in.OpenDue.After(at), "open_due", "Bis wann? Der Tag liegt in der Zukunft.", "By when? The day lies in the future.")
		doc.OpenWho, doc.OpenDue = in.OpenWho, in.OpenDue
	}
	if err := c.Err(); err != nil {
		return err
	}
	doc.Version, doc.Concluded, doc.Say, doc.Conditions, doc.Months = v.Version, at, in.Say, in.Conditions, in.Months
	doc.Results, doc.Dissents = st.Results, len(st.Said.Dissents())
	doc.ValidUntil = at.AddDate(0, in.Months, 0)
	doc.Answers = nil
	for _, a := range st.Standing {
		if st.Counts(a.Item) {
			doc.Answers = append(doc.Answers, a)
		}
	}
	return nil
}

// ahead is how long before its end a result is to be repeated; our own convention.
const ahead = 1 // month

// remind makes the task of the next wave and ends that of the wave before.
func (r *Room) remind(ctx context.Context, tx *store.Tx, doc Interview) (string, error) {
	waves, err := r.Of(ctx, tx, doc.System)
	if err != nil {
		return "", err
	}
	for _, w := range waves {
		if w.Doc.Task == "" || w.Doc.Wave == doc.Wave {
			continue
		}
		old, err := r.tasks.Get(ctx, tx, w.Doc.Task)
		if problem.Is(err, problem.NotFound) {
			continue // somebody deleted it
		}
		if err != nil {
			return "", err
		}
		if old.Doc.Open() {
			old.Doc.Done, old.Doc.DoneBy, old.Doc.Result = r.now().UTC(), doc.ConcludedBy, "Die Folgenabschätzung ist wiederholt."
			if _, err := r.tasks.Update(ctx, tx, old.ID, old.Revision, old.Doc); err != nil {
				return "", err
			}
		}
	}
	name := text.Bi{DE: "Folgenabschätzung wiederholen", EN: "Repeat the impact assessment"}
	t, err := r.tasks.Create(ctx, tx, duty.Task{Name: name.DE, Called: name, Phase: duty.Check, Cause: duty.ByInterval, Systems: []string{doc.System},
		Due: doc.ValidUntil.AddDate(0, -ahead, 0), Owner: doc.ConcludedBy, About: []string{"iso42001.8.2", "iso42001.8.4"},
		Say: text.Bi{DE: "Die Ergebnisse gelten bis " + text.Date(text.DE, doc.ValidUntil) + ". Bitte bis dahin eine neue Runde abschließen.",
			EN: "The results count until " + text.Date(text.EN, doc.ValidUntil) + ". Please conclude a new round by then."}})
	return t.ID, err
}
