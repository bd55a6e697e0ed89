package interview

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Room is the impact assessments of one organisation.
type Room struct {
	Interviews *store.Kind[Interview]
	Entries    *store.Kind[Entry]

	tasks *store.Kind[duty.Task]
	lib   func() *packs.Library
	now   func() time.Time
	db    *store.DB
}

// New declares the room's kinds; Open gives it the database. lib is asked every
// time, because an organisation may add packs while it runs.
func New(lib func() *packs.Library, now func() time.Time) *Room {
	return &Room{Interviews: Interviews(), Entries: Entries(), tasks: duty.Tasks(), lib: lib, now: now}
}

// Kinds lists what the room stores. They refer to the kinds person and system.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Interviews, r.Entries} }

// Open gives the room its database; it keeps nothing in the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// Questions returns an interview of the packs, or NotFound.
func (r *Room) Questions(id string) (*packs.Interview, error) {
	v, ok := r.lib().Interview(id)
	if !ok {
		return nil, problem.Newf(problem.NotFound, "Das Interview „%s“ steht in keinem Paket.", "No pack has the interview '%s'.", id)
	}
	return v, nil
}

// Of returns the waves of a system, newest first: one query.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) ([]store.Object[Interview], error) {
	p, err := r.Interviews.List(ctx, rd, store.Query{
		Filters: []store.Filter{store.Where("system", "=", system), store.Where("questionnaire", "=", Impact)},
		Sort:    "-wave", Limit: 100, Uncounted: true,
	})
	return p.Items, err
}

// Said returns the entries of a wave, oldest first: one query for every 500.
func (r *Room) Said(ctx context.Context, rd store.Reader, interview string) (Answers, error) {
	all, err := r.Entries.All(ctx, rd, store.Query{Filters: []store.Filter{store.Where("interview", "=", interview)}})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b store.Object[Entry]) int { return a.Doc.Seq - b.Doc.Seq })
	return all, nil
}

// Begin opens the next wave of a system. Conflict while one is open.
func (r *Room) Begin(ctx context.Context, system string, depth Depth, people []Participant) (store.Object[Interview], error) {
	var made store.Object[Interview]
	v, err := r.Questions(Impact)
	if err != nil {
		return made, err
	}
	if err := r.people(v, people); err != nil {
		return made, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		waves, err := r.Of(ctx, tx, system)
		if err != nil {
			return err
		}
		wave := 1
		if len(waves) > 0 {
			wave = waves[0].Doc.Wave + 1
			if waves[0].Doc.Open() {
				return problem.New(problem.Conflict, "Eine Folgenabschätzung läuft schon.", "An impact assessment is under way already.").
					WithHint("Bitte erst diese abschließen.", "Please conclude that one first.")
			}
		}
		made, err = r.Interviews.Create(ctx, tx, Interview{System: system, Questionnaire: v.ID, Version: v.Version, Wave: wave,
			Depth: depth, Participants: people, Began: r.now().UTC(), Months: v.Months})
		return err
	})
	return made, err
}

// Change sets depth and participants of an open wave. Who has answered stays a
// participant.
func (r *Room) Change(ctx context.Context, id string, revision int64, depth Depth, people []Participant) (store.Object[Interview], error) {
	var saved store.Object[Interview]
	v, err := r.Questions(Impact)
	if err != nil {
		return saved, err
	}
	if err := r.people(v, people); err != nil {
		return saved, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.open(ctx, tx, id)
		if err != nil {
			return err
		}
		said, err := r.Said(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, p := range o.Doc.Participants {
			if said.By(p.Person) && !slices.ContainsFunc(people, func(x Participant) bool { return x.Person == p.Person }) {
				people = append(people, p)
			}
		}
		o.Doc.Depth, o.Doc.Participants = depth, people
		saved, err = r.Interviews.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}

func (r *Room) people(v *packs.Interview, people []Participant) error {
	var c problem.Checks
	c.Field(len(people) > 0, "participants", "Wer nimmt teil? Mindestens eine Person.", "Who takes part? At least one person.")
	for _, p := range people {
		known := slices.ContainsFunc(v.Who, func(w ask.Word) bool { return w.ID == p.Role })
		c.Field(known, "participants", "Diese Rolle gibt es im Gespräch nicht.", "The interview has no such role.")
	}
	return c.Err()
}

// open returns a wave that can still be answered.
func (r *Room) open(ctx context.Context, rd store.Reader, id string) (store.Object[Interview], error) {
	o, err := r.Interviews.Get(ctx, rd, id)
	if err == nil && !o.Doc.Open() {
		err = problem.New(problem.Conflict, "Diese Folgenabschätzung ist abgeschlossen und ändert sich nicht mehr.",
			"This impact assessment is concluded and does not change any more.").
			WithHint("Bitte eine neue Runde beginnen.", "Please begin a new round.")
	}
	return o, err
}

// Given is what one person answers at once.
type Given struct {
	Answer
	Differs bool // keep it as a dissent beside what stands
}

// Answer adds answers of the person who acts. Only participants answer (Denied
// otherwise). Answers that the person gave already, word for word, are not kept
// twice. BadInput names every wrong field as "answers.<item>".
func (r *Room) Answer(ctx context.Context, id string, given []Given) error {
	who, ok := store.ActorFrom(ctx)
	if !ok {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	v, err := r.Questions(Impact)
	if err != nil {
		return err
	}
	if err := check(v, given); err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.open(ctx, tx, id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(o.Doc.Participants, func(p Participant) bool { return p.Person == who.ID }) {
			return problem.New(problem.Denied, "Hier antwortet, wer an dem Gespräch teilnimmt.", "Those who take part in the interview answer here.").
				WithReason("interview.participant", "Sie stehen nicht in der Liste der Teilnehmenden.", "You are not in the list of participants.").
				WithHint("Bitte die KI-Beauftragte darum bitten.", "Please ask the AI officer.")
		}
		said, err := r.Said(ctx, tx, id)
		if err != nil {
			return err
		}
		var docs []Entry
		for _, g := range given {
			e := Entry{Interview: id, Seq: len(said) + len(docs) + 1, Person: who.ID, Day: r.now().UTC(), Item: g.Item, Values: g.Values, Text: strings.TrimSpace(g.Text), Right: g.Right, Differs: g.Differs}
			if !said.has(e) {
				docs = append(docs, e)
			}
		}
		if len(docs) == 0 {
			return nil
		}
		_, err = r.Entries.CreateMany(ctx, tx, docs)
		return err
	})
}

func check(v *packs.Interview, given []Given) error {
	var c problem.Checks
	for _, g := range given {
		path := "answers." + g.Item
		it, ok := v.Item(g.Item)
		if !ok {
			c.Field(false, path, "Diese Frage gibt es hier nicht.", "There is no such question here.")
			continue
		}
		it.Check(&c, path, g.read())
		c.Field(!g.Differs || strings.Contains(strings.TrimSpace(g.Text), " "), path+".text",
			"Bitte in einem Satz sagen, warum Sie es anders sehen.", "Please say in a sentence why you see it differently.")
		c.Field(len([]rune(g.Text)) <= 4000, path+".text", "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
	}
	return c.Err()
}
