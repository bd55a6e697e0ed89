package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

var _ stand.Source = (*Room)(nil)

// Name implements stand.Source.
func (r *Room) Name() string { return "profile" }

// Touches implements stand.Source.
func (r *Room) Touches() []string { return []string{r.Profiles.Name()} }

// SystemOf implements stand.Source.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, _, id string) (string, error) {
	o, err := r.Profiles.Get(ctx, rd, id)
	return o.Doc.System, err
}

// Says implements stand.Source with one query. Red lines, automated decisions
// and owed notices count wherever they are found wrong; the rest is demanded
// where much depends on the system.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	o, err := r.Of(ctx, rd, s.System.ID)
	there := err == nil
	if err != nil && !problem.Is(err, problem.NotFound) {
		return stand.Said{}, err
	}
	v, err := r.view(s, o)
	if err != nil {
		return stand.Said{}, err
	}
	said := stand.Said{Demands: v.demands(), Conditions: v.conditions(), Parts: v.parts()}
	if there {
		said.Seen, said.Objects = v.seen(), []string{o.ID}
	}
	return said, nil
}

func (r *Room) view(s stand.Subject, o store.Object[Profile]) (view, error) {
	owed, err := r.owed(s)
	return view{Profile: o.Doc, id: o.ID, s: s, lists: r.Lists(), owed: owed, grave: s.Grave()}, err
}

// Checked is how a profile stands, for pages.
type Checked struct {
	Demands  []permit.Demand // what a permit needs of it, met or not
	Owed     []string        // notices that the organisation owes (ids of the list)
	Alone    bool            // decisions about people are made without a human
	Warnings []text.Bi       // what nobody must miss
}

// Open reports whether a permit misses something of the profile by this code.
func (c Checked) Open(code string) bool {
	return slices.ContainsFunc(c.Demands, func(d permit.Demand) bool { return d.Code == code && !d.Met })
}

// Check says how a profile stands; an object without an id is one that nobody
// began yet. It asks the database nothing.
func (r *Room) Check(s stand.Subject, o store.Object[Profile]) (Checked, error) {
	v, err := r.view(s, o)
	if err != nil {
		return Checked{}, err
	}
	return Checked{Demands: v.demands(), Owed: v.owed, Alone: v.alone(), Warnings: v.warnings()}, nil
}

// owed asks the rules whose duty the notices are.
func (r *Room) owed(s stand.Subject) ([]string, error) {
	if s.Classification == nil {
		return nil, nil
	}
	c := s.Classification.Doc
	if !slices.ContainsFunc(c.Answers, mayTell) {
		return nil, nil // nothing that a notice could be about: the rules need not be asked
	}
	res, err := r.judge(s.Now, c.Verdict, c.Answers)
	if err != nil {
		return nil, fmt.Errorf("profile: who owes a notice: %w", err)
	}
	return Owed(c.Role, res.Values["transparency"], c.Answers), nil
}

// mayTell reports whether an answer could make a notice necessary.
func mayTell(a classify.Answer) bool {
	switch a.Fact {
	case "outputs", "areas", "practices":
		return slices.ContainsFunc(a.Values, func(v string) bool { return v != classify.None })
	}
	return false
}

// view is one profile with what it is judged by.
type view struct {
	Profile
	id    string // empty: there is no profile yet
	s     stand.Subject
	lists Lists
	owed  []string
	grave bool
}

// alone reports whether decisions about people are made without a human: said
// so, or settled so by an oversight mode.
func (v view) alone() bool {
	if v.Automated.Applies == Yes || v.s.System.Doc.People && v.s.System.Doc.Oversee.Mode == without {
		return true
	}
	return slices.ContainsFunc(v.Decisions, func(d Decision) bool { return d.People && d.Mode == without })
}

// demands are what a permit needs of the profile.
func (v view) demands() []permit.Demand {
	var out []permit.Demand
	if active := v.lists.ActiveLines(v.Profile); len(active) > 0 {
		d := permit.Demand{Code: permit.DemandRedLine, Object: v.id, Since: v.lineSince()}
		var de, en []string
		for _, c := range active {
			de, en = append(de, c.Title.DE), append(en, c.Title.EN)
			d.Clauses = append(append(d.Clauses, c.ID), c.Related...)
		}
		d.Detail = text.Bi{DE: strings.Join(de, "; ") + ".", EN: strings.Join(en, "; ") + "."}
		out = append(out, d)
	}
	if v.alone() {
		settled, good, all := v.lists.Article22Check(v.Profile)
		out = append(out, permit.Demand{Code: permit.DemandAutomated, Met: settled, Object: v.id, Detail: text.Bi{
			DE: fmt.Sprintf("%d von %d Fragen sind so beantwortet, wie es nötig ist.", good, all),
			EN: fmt.Sprintf("%d of %d questions are answered as needed.", good, all)}})
	}
	if len(v.owed) > 0 {
		out = append(out, v.notice())
	}
	if v.grave {
		out = append(out, v.graveDemands()...)
	}
	return out
}

func (v view) lineSince() time.Time {
	var first time.Time
	for _, l := range v.Lines {
		if l.State == Yes && (first.IsZero() || l.Since.Before(first)) {
			first = l.Since
		}
	}
	return first
}

func (v view) notice() permit.Demand {
	open := v.Unproven(v.owed)
	d := permit.Demand{Code: permit.DemandNotice, Met: len(open) == 0, Object: v.id}
	var de, en []string
	for _, kind := range open {
		c, ok := Find(v.lists.Notices, kind)
		if !ok {
			c.Title = text.Same(kind)
		}
		de, en = append(de, c.Title.DE), append(en, c.Title.EN)
		d.Clauses = append(d.Clauses, c.Related...)
	}
	if len(open) > 0 {
		d.Detail = text.Bi{DE: "Es fehlt: " + strings.Join(de, "; ") + ".", EN: "Missing: " + strings.Join(en, "; ") + "."}
	}
	return d
}

// graveDemands are what a system needs on which much depends.
func (v view) graveDemands() []permit.Demand {
	demand := func(code string, met bool, detail text.Bi) permit.Demand {
		if met {
			detail = text.Bi{}
		}
		return permit.Demand{Code: code, Met: met, Object: v.id, Detail: detail}
	}
	role := v.s.System.Doc.RoleOfAI != ""
	intent := v.Intent.Aim != "" && !v.Intent.Statement.IsZero() && v.Intent.By != "" && role
	var intentDetail text.Bi
	if !role {
		intentDetail = text.Bi{DE: "Auch die Rolle der KI steht noch nicht fest.", EN: "The role of the AI is not settled either."}
	}
	mode, modeDetail := v.mode()
	return []permit.Demand{
		demand(permit.DemandPersons, v.Persons.Complete(), text.Bi{}),
		demand(permit.DemandValues, v.Values.Given(), text.Bi{}),
		demand(permit.DemandIntent, intent, intentDetail),
		demand(permit.DemandAutonomy, v.Autonomy.Degree != "" && !v.Autonomy.Reason.IsZero() && (!v.Autonomy.Degree.ByItself() || len(v.Autonomy.Limits) > 0), text.Bi{}),
		demand(permit.DemandMode, mode, modeDetail),
		demand(permit.DemandCopyright, v.Copyright.Input.Done() && v.Copyright.Output.Done(), text.Bi{}),
	}
}

// mode: every decision has its oversight, there is at least one, and where
// people are concerned somebody said whether the system decides alone.
func (v view) mode() (bool, text.Bi) {
	if len(v.Decisions) == 0 {
		return false, text.Bi{DE: "Es ist noch keine Entscheidung eingetragen.", EN: "No decision is entered yet."}
	}
	for _, d := range v.Decisions {
		if !d.Settled() {
			return false, text.Bi{DE: "Offen: " + either(d.Name.DE, d.Name.EN) + ".", EN: "Open: " + either(d.Name.EN, d.Name.DE) + "."}
		}
	}
	if v.s.System.Doc.People && v.Automated.Applies != Yes && v.Automated.Applies != No {
		return false, text.Bi{DE: "Nicht beantwortet ist, ob das System allein über Menschen entscheidet.",
			EN: "It is not answered whether the system decides about people alone."}
	}
	return true, text.Bi{}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// conditions are the oversight of each decision (requirement 001-56). The person
// is named by id: a permit goes into the journal, a name does not.
func (v view) conditions() []permit.Condition {
	if !v.grave {
		return nil
	}
	var out []permit.Condition
	for _, d := range v.Decisions {
		if !d.Settled() {
			continue
		}
		word := modeWords[string(d.Mode)]
		c := permit.Condition{Kind: permit.CondDecision, Allowed: []string{string(d.Mode)}, Clauses: []string{"zta.05", "iso42001.A.9.2"}, Say: text.Bi{
			DE: "„" + either(d.Name.DE, d.Name.EN) + "“: " + word.DE + ". Grund: " + ended(either(d.Reason.DE, d.Reason.EN)),
			EN: "'" + either(d.Name.EN, d.Name.DE) + "': " + word.EN + ". Reason: " + ended(either(d.Reason.EN, d.Reason.DE))}}
		if d.Person != "" {
			c.Allowed = append(c.Allowed, d.Person)
		}
		out = append(out, c)
	}
	return out
}

var modeWords = map[string]text.Bi{
	string(permit.InTheLoop): {DE: "ein Mensch entscheidet vor der Freigabe", EN: "a person decides before release"},
	string(permit.OnTheLoop): {DE: "ein Mensch begleitet und kann eingreifen", EN: "a person follows and can step in"},
	string(permit.Without):   {DE: "ohne menschliche Aufsicht", EN: "without human oversight"},
}

func ended(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// seen is what an approver approves of the profile: no estimate, no voluntary
// practice, no effects measured later, no proof of display, no hidden answers.
// Of a system on which little depends it is only what is grave about it.
type seen struct {
	Lines     []Line      `json:"lines,omitempty"`
	Automated *Automated  `json:"automated,omitempty"`
	Decided   *seenInFull `json:"decided,omitempty"`
}

type seenInFull struct {
	Intent    Intent      `json:"intent"`
	Autonomy  Autonomy    `json:"autonomy"`
	Decisions []Decision  `json:"decisions"`
	Persons   Persons     `json:"persons"`
	Values    Values      `json:"values"`
	Weighing  Weighing    `json:"weighing"`
	Sheet     Sheet       `json:"sheet"`
	Personal  Tri         `json:"personal"`
	Items     []Item      `json:"items"`
	Inferred  []Inference `json:"inferred"`
	Copyright Copyright   `json:"copyright"`
}

func (v view) seen() any {
	var s seen
	for _, l := range v.Lines {
		if l.State == Yes {
			l.Since = time.Time{}
			s.Lines = append(s.Lines, l)
		}
	}
	if v.Automated.Applies == Yes {
		s.Automated = &v.Automated
	}
	if v.grave {
		full := seenInFull{v.Intent, v.Autonomy, v.Decisions, v.Persons, v.Values, v.Weighing, v.Sheet, v.Data.Personal, nil, v.Inferred, v.Copyright}
		for _, q := range v.lists.Questions(v.Data) {
			if i := slices.IndexFunc(v.Data.Items, func(x Item) bool { return x.Item == q.ID }); i >= 0 {
				full.Items = append(full.Items, v.Data.Items[i])
			}
		}
		s.Decided = &full
	}
	if s.Lines == nil && s.Automated == nil && s.Decided == nil {
		return nil
	}
	return s
}
