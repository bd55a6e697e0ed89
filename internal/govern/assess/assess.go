// Package assess is the one questionnaire engine of the governance plane:
// identification today; impact assessments, ethics audit, maturity and quiz are
// further questionnaires of the packs, not further code.
//
// It keeps answers with the version of the questionnaire and the date of the
// law they were given under, and lets the pack's rules read them. An answer
// that no longer matters is kept and never counts. Answers on the way to a
// verdict are a draft beside the verdict that stands: looking at a running
// system again does not switch it off. "Unclear" is a legitimate verdict with
// an owner and a date. What a verdict means for a permit is the permit's to say.
package assess

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Identification is the questionnaire "Is this AI?".
const Identification = "identification"

// validFor is how long an assessment counts before it must be looked at again;
// our own convention.
const validFor = 365 * 24 * time.Hour

// Answer is one answer of one assessment. An item without an answer is left
// out; "unknown" is an answer.
type Answer struct {
	Item  string `json:"item"`
	Value string `json:"value"`
	Note  string `json:"note"`
}

// Step is one rule that spoke, in words.
type Step struct {
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
}

// Assessment is one system's answers to one questionnaire.
type Assessment struct {
	System        string    `json:"system" store:"ref=system,index,required"`
	Questionnaire string    `json:"questionnaire" store:"index,required"`
	Version       string    `json:"version"`
	Answers       []Answer  `json:"answers"` // what the verdict rests on
	Draft         []Answer  `json:"draft"`   // answers since then that are no verdict yet; empty: none
	Done          bool      `json:"done" store:"index"`
	Verdict       string    `json:"verdict" store:"index"`
	Practical     string    `json:"practical"` // second verdict, in the words of practice
	Points        int       `json:"points"`
	MaxPoints     int       `json:"max_points"`
	Open          []string  `json:"open"`     // questions that could still change the verdict
	OpenWho       string    `json:"open_who"` // owner of the open questions, person id
	OpenDue       time.Time `json:"open_due"`
	RedFlag       bool      `json:"red_flag"`
	Trace         []Step    `json:"trace"`
	AsOf          time.Time `json:"as_of"` // date of the law the verdict was made under; zero: there is none yet
	ValidUntil    time.Time `json:"valid_until" store:"index"`
}

// Title names the assessment in lists and links.
func (a *Assessment) Title() string { return a.Questionnaire }

// Concluded reports whether a verdict was ever saved; otherwise there are only
// draft answers.
func (a *Assessment) Concluded() bool { return !a.AsOf.IsZero() }

// Current is what a wizard goes on with: the draft if there is one, else the
// answers of the verdict.
func (a *Assessment) Current() []Answer {
	if len(a.Draft) > 0 {
		return a.Draft
	}
	return a.Answers
}

// Room is the assessments of one organisation.
type Room struct {
	Assessments *store.Kind[Assessment]
	lib         *packs.Library
	now         func() time.Time
	db          *store.DB
}

// New declares the room's kind; Open gives it the database.
func New(lib *packs.Library, now func() time.Time) *Room {
	return &Room{Assessments: store.NewKind[Assessment]("assessment", "asm"), lib: lib, now: now}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Assessments} }

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }

// Of returns the assessments of a system, newest first.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) ([]store.Object[Assessment], error) {
	p, err := r.Assessments.List(ctx, rd, store.Query{
		Filters: []store.Filter{{Field: "system", Op: "=", Values: []any{system}}},
		Sort:    "-updated_at", Limit: 50,
	})
	return p.Items, err
}

// One returns a system's assessment by one questionnaire, or NotFound.
func (r *Room) One(ctx context.Context, rd store.Reader, system, questionnaire string) (store.Object[Assessment], error) {
	p, err := r.Assessments.List(ctx, rd, store.Query{
		Filters: []store.Filter{
			{Field: "system", Op: "=", Values: []any{system}},
			{Field: "questionnaire", Op: "=", Values: []any{questionnaire}},
		}, Limit: 1,
	})
	if err != nil {
		return store.Object[Assessment]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[Assessment]{}, problem.New(problem.NotFound,
			"Diese Beurteilung gibt es noch nicht.", "This assessment does not exist yet.")
	}
	return p.Items[0], nil
}

// Questionnaire returns the questionnaire of the packs, or NotFound.
func (r *Room) Questionnaire(id string) (*packs.Questionnaire, error) {
	q, ok := r.lib.Questionnaire(id)
	if !ok {
		return nil, problem.Newf(problem.NotFound,
			"Den Fragebogen „%s“ gibt es nicht.", "There is no questionnaire '%s'.", id)
	}
	return q, nil
}

// Verdict is what the answers say now, without saving anything.
type Verdict struct {
	Outcome packs.Outcome
	Score   packs.Score
	Next    *packs.Question // nil when nothing more is worth asking
}

// Read lets the rules of the pack read the answers.
func (r *Room) Read(q *packs.Questionnaire, at time.Time, answers []Answer) (Verdict, error) {
	m, err := r.check(q, answers)
	if err != nil {
		return Verdict{}, err
	}
	out, err := q.Decide(at, m)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Outcome: out, Score: q.Points(m)}
	next, done, err := q.Next(at, m)
	if err != nil {
		return Verdict{}, err
	}
	if !done {
		v.Next = &next
	}
	return v, nil
}

// check names every answer that fits no question or no option.
func (r *Room) check(q *packs.Questionnaire, answers []Answer) (map[string]string, error) {
	known := map[string]bool{}
	for _, s := range q.Sections {
		for _, it := range s.Items {
			known[it.ID] = true
		}
	}
	options := make([]string, 0, len(q.Options))
	for _, o := range q.Options {
		options = append(options, o.ID)
	}
	m := map[string]string{}
	var c problem.Checks
	for _, a := range answers {
		path := "answers." + a.Item
		c.Field(known[a.Item], path, "Diese Frage gibt es im Fragebogen nicht.", "The questionnaire has no such question.")
		c.Field(slices.Contains(options, a.Value), path,
			"Möglich sind: "+strings.Join(options, ", ")+".", "Possible are: "+strings.Join(options, ", ")+".")
		_, twice := m[a.Item]
		c.Field(!twice, path, "Die Frage ist zweimal beantwortet.", "The question is answered twice.")
		m[a.Item] = a.Value
	}
	return m, c.Err()
}

// Keep saves answers on the way to a verdict. The verdict that stands, if any,
// goes on standing. Revision as in Conclude.
func (r *Room) Keep(ctx context.Context, system, questionnaire string, revision int64, answers []Answer) (store.Object[Assessment], error) {
	var none store.Object[Assessment]
	q, err := r.Questionnaire(questionnaire)
	if err != nil {
		return none, err
	}
	if _, err := r.check(q, answers); err != nil {
		return none, err
	}
	return r.save(ctx, system, questionnaire, revision, func(doc *Assessment) {
		if doc.Version == "" {
			doc.Version = q.Version
		}
		doc.Draft = answers
		if slices.Equal(answers, doc.Answers) {
			doc.Draft = nil
		}
	})
}

// Input is what a person decides when saving a verdict.
type Input struct {
	Answers []Answer
	OpenWho string // needed when the verdict is unclear
	OpenDue time.Time
}

// Put is Conclude for answers that leave nothing open.
func (r *Room) Put(ctx context.Context, system, questionnaire string, revision int64, answers []Answer) (store.Object[Assessment], error) {
	return r.Conclude(ctx, system, questionnaire, revision, Input{Answers: answers})
}

// Conclude saves a system's answers and the verdict that follows, and ends the
// draft. Revision 0 starts a new assessment; otherwise it must be the stored
// one's (Conflict if not). An unclear verdict needs an owner and a day in the
// future.
func (r *Room) Conclude(ctx context.Context, system, questionnaire string, revision int64, in Input) (store.Object[Assessment], error) {
	var none store.Object[Assessment]
	q, err := r.Questionnaire(questionnaire)
	if err != nil {
		return none, err
	}
	at := r.now()
	v, err := r.Read(q, at, in.Answers)
	if err != nil {
		return none, err
	}
	unclear := v.Outcome.Values["verdict"] == packs.Unclear
	if unclear {
		var c problem.Checks
		c.Field(in.OpenWho != "", "open_who", "Wer klärt die offenen Fragen?", "Who settles the open questions?")
		c.Field(in.OpenDue.After(at), "open_due", "Bis wann? Der Tag liegt in der Zukunft.", "By when? The day lies in the future.")
		if err := c.Err(); err != nil {
			return none, err
		}
	}
	return r.save(ctx, system, questionnaire, revision, func(doc *Assessment) {
		*doc = Assessment{
			System: system, Questionnaire: questionnaire, Version: q.Version,
			Answers: in.Answers, Done: v.Next == nil, Verdict: verdictOf(v.Outcome),
			Practical: v.Score.Band, Points: v.Score.Points, MaxPoints: v.Score.Max,
			Open: v.Outcome.Open, RedFlag: doc.RedFlag, Trace: steps(v.Outcome), AsOf: at, ValidUntil: at.Add(validFor),
		}
		if unclear {
			doc.OpenWho, doc.OpenDue = in.OpenWho, in.OpenDue
		}
	})
}

// save creates or updates a system's one assessment by a questionnaire.
func (r *Room) save(ctx context.Context, system, questionnaire string, revision int64, change func(*Assessment)) (store.Object[Assessment], error) {
	var saved store.Object[Assessment]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		have, err := r.One(ctx, tx, system, questionnaire)
		if problem.Is(err, problem.NotFound) && revision == 0 {
			doc := Assessment{System: system, Questionnaire: questionnaire, Verdict: packs.Unclear}
			change(&doc)
			saved, err = r.Assessments.Create(ctx, tx, doc)
			return err
		}
		if err != nil {
			return err
		}
		change(&have.Doc)
		saved, err = r.Assessments.Update(ctx, tx, have.ID, revision, have.Doc)
		return err
	})
	return saved, err
}

// verdictOf is the value of the questionnaire's first output.
func verdictOf(o packs.Outcome) string {
	if v, ok := o.Values["verdict"]; ok {
		return v
	}
	return packs.Unclear
}

func steps(o packs.Outcome) []Step {
	out := make([]Step, 0, len(o.Trace))
	for _, s := range o.Trace {
		if !s.Possible {
			out = append(out, Step{Say: s.Say, Clauses: s.Clauses})
		}
	}
	return out
}
