// Package classify says which role the organisation has under the AI Act,
// which risk class a system has, and which security level it needs, question
// by question, by the dated rules of the packs. Risk class and security level
// are two axes and never mixed.
//
// It keeps the answers, the trace in words and the date of the law. A class
// that differs from the rules' result needs a reason, upwards and downwards
// (requirement 001-10). "Unclear" is a legitimate result with an owner, an
// addressee and a date (requirement 001-13). What a class rests on is kept with
// it, so that a change shows (package classify/record). Answers on the way to a result are a draft beside
// the classification that stands. What follows for the permit is the permit's
// to say.
package classify

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

// The rule sets that the room asks, by what they decide.
const (
	RoleRules  = "ai-act-role"
	ClassRules = "ai-act-class"
	LevelRules = "security-level"
)

// validFor is how long a classification counts before it is looked at again;
// our own convention. A change of the system ends it earlier.
const validFor = 365 * 24 * time.Hour

// Answer is the answer to one question of the rule sets; a set may have several
// values, or one "none".
type Answer struct {
	Fact   string   `json:"fact"`
	Values []string `json:"values"`
}

// Step is one rule that spoke, in words.
type Step struct {
	Part    string   `json:"part"` // PartClass, PartRole or PartLevel
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
}

// The three things that are said about a system, each by its own rule set.
const (
	PartClass = "class"
	PartRole  = "role"
	PartLevel = "level"
)

// Classification is what one system is under the law, as of a date.
type Classification struct {
	System     string    `json:"system" store:"ref=system,index,required"`
	Answers    []Answer  `json:"answers"` // what the result rests on
	Draft      []Answer  `json:"draft"`   // answers since then that are no result yet; empty: none
	Verdict    string    `json:"verdict"` // of the identification, as it was then
	Role       string    `json:"role" store:"index"`
	Class      string    `json:"class" store:"index"`
	ByRules    string    `json:"by_rules"` // what the rules alone say
	Reason     string    `json:"reason"`   // why Class differs from ByRules
	Level      int       `json:"level"`    // IEC 62443 SL-T, 0..4
	LevelKnown bool      `json:"level_known"`
	Trace      []Step    `json:"trace"`
	Open       []string  `json:"open"`     // facts that could still change it
	OpenWho    string    `json:"open_who"` // owner of the open questions
	OpenDue    time.Time `json:"open_due"`
	OpenTo     Addressee `json:"open_to"`             // who is asked
	Basis      Basis     `json:"basis"`               // what the system was like then
	Version    string    `json:"version"`             // of the rule sets
	AsOf       time.Time `json:"as_of" store:"index"` // zero: there are only draft answers yet
	ValidUntil time.Time `json:"valid_until" store:"index"`
}

// Title names the classification in lists and links.
func (c *Classification) Title() string { return c.Class }

// Concluded reports whether a result was ever saved; otherwise there are only
// draft answers.
func (c *Classification) Concluded() bool { return !c.AsOf.IsZero() }

// Current is what a wizard goes on with: the draft if there is one, else the
// answers of the result.
func (c *Classification) Current() []Answer {
	if len(c.Draft) > 0 {
		return c.Draft
	}
	return c.Answers
}

// Unclear reports whether something about the system is still open.
func (c *Classification) Unclear() bool {
	return c.Class == packs.Unclear || c.Role == packs.Unclear || !c.LevelKnown
}

// Result is what the rules say about a set of answers.
type Result struct {
	Role, Class string
	Level       int
	LevelKnown  bool
	Possible    []string          // classes that are still possible while the class is unclear
	Values      map[string]string // further outputs of the rule sets, e.g. "duties_from", "transparency"
	Trace       []Step
	Open        []string
	Version     string
	LawAsOf     time.Time   // day of the newest legal data that the rules rest on
	Next        *packs.Fact // nil when nothing more is worth asking
	NextSet     string      // rule set of the next question
}

// Unclear reports whether something is still open.
func (res Result) Unclear() bool {
	return res.Class == packs.Unclear || res.Role == packs.Unclear || !res.LevelKnown
}

// Room is the classifications of one organisation.
type Room struct {
	Classifications *store.Kind[Classification]
	Rows            *store.Kind[ClassRow]       // the organisation's class table
	Externals       *store.Kind[ExternalResult] // what others found about a system
	lib             *packs.Library
	now             func() time.Time
	db              *store.DB
}

// New declares the room's kinds; Open gives it the database.
func New(lib *packs.Library, now func() time.Time) *Room {
	return &Room{Classifications: store.NewKind[Classification]("classification", "cls"), Rows: Rows(), Externals: Externals(), lib: lib, now: now}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Classifications, r.Rows, r.Externals}
}

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }

// Of returns the classification of a system, or NotFound.
func (r *Room) Of(ctx context.Context, rd store.Reader, system string) (store.Object[Classification], error) {
	p, err := r.Classifications.List(ctx, rd, store.Query{
		Filters: []store.Filter{{Field: "system", Op: "=", Values: []any{system}}}, Limit: 1,
	})
	if err != nil {
		return store.Object[Classification]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[Classification]{}, problem.New(problem.NotFound,
			"Das System ist noch nicht eingestuft.", "The system is not classified yet.")
	}
	return p.Items[0], nil
}

// Facts that the house knows itself and nobody is asked for.
const (
	FactAI       = "ai"        // from the identification
	FactHighRisk = "high_risk" // from the class, for the role
)

// sets are the rule sets in the order in which they are asked: the class
// first, because the role depends on it (AI Act Art. 25).
var sets = []string{ClassRules, RoleRules, LevelRules}

var partOf = map[string]string{ClassRules: PartClass, RoleRules: PartRole, LevelRules: PartLevel}

// ClassNone is the class of what the identification found to be no AI system.
// Only the identification gives it; nobody can choose it here.
const ClassNone = "none"

// Facts are the questions of the room's rule sets in the order in which they
// are asked.
func (r *Room) Facts() ([]packs.Fact, error) {
	var all []packs.Fact
	seen := map[string]bool{FactAI: true, FactHighRisk: true}
	for _, id := range sets {
		rs, err := r.rules(id)
		if err != nil {
			return nil, err
		}
		for _, f := range rs.Facts {
			if !seen[f.Name] {
				seen[f.Name] = true
				all = append(all, f)
			}
		}
	}
	return all, nil
}

func (r *Room) rules(id string) (*packs.RuleSet, error) {
	rs, ok := r.lib.Rules(id)
	if !ok {
		return nil, problem.Newf(problem.Corrupt,
			"Das Regelwerk „%s“ fehlt in den Wissenspaketen.", "The rule set '%s' is missing from the content packs.", id)
	}
	return rs, nil
}

// Fact returns one question by its name, also those that nobody is asked.
func (r *Room) Fact(name string) (packs.Fact, bool) {
	for _, id := range sets {
		if rs, ok := r.lib.Rules(id); ok {
			if f, ok := rs.Fact(name); ok {
				return f, true
			}
		}
	}
	return packs.Fact{}, false
}

// Read lets the rules read the answers as of a date. verdict is what the
// identification said (ai_system, not_ai, not_ai_but_people, unclear); questions
// are asked set by set: class, role, security level. What is no AI system has no
// role under the AI Act either, so nobody is asked for it.
func (r *Room) Read(at time.Time, verdict string, answers []Answer) (Result, error) {
	return r.read(at, verdict, answers, true)
}

// Judge is Read without the question that would come next: for whoever looks at
// many systems and asks nobody.
func (r *Room) Judge(at time.Time, verdict string, answers []Answer) (Result, error) {
	return r.read(at, verdict, answers, false)
}

func (r *Room) read(at time.Time, verdict string, answers []Answer, ask bool) (Result, error) {
	res := Result{Role: packs.Unclear, Class: packs.Unclear, Values: map[string]string{}}
	all, err := r.Facts()
	if err != nil {
		return res, err
	}
	facts, err := values(all, answers)
	if err != nil {
		return res, err
	}
	facts[FactAI] = isAI(verdict)
	var versions []string
	for _, id := range sets {
		if id == RoleRules && res.Class == ClassNone {
			res.Role = "none"
			continue
		}
		rs, err := r.rules(id)
		if err != nil {
			return res, err
		}
		mine := map[string]any{}
		for _, f := range rs.Facts {
			if v, ok := facts[f.Name]; ok {
				mine[f.Name] = v
			}
		}
		out, err := rs.Decide(at, mine)
		if err != nil {
			return res, err
		}
		versions = append(versions, id+" "+out.Version)
		if rs.AsOf.After(res.LawAsOf) {
			res.LawAsOf = rs.AsOf
		}
		if err := res.take(rs, out); err != nil {
			return res, err
		}
		if id == ClassRules {
			facts[FactHighRisk] = isHigh(res.Class)
		}
		if ask && res.Next == nil {
			next, done, err := rs.Next(at, mine)
			if err != nil {
				return res, err
			}
			if !done {
				res.Next, res.NextSet = &next, id
			}
		}
	}
	res.Version = strings.Join(versions, "; ")
	return res, nil
}

// Path is the questions that somebody with these answers is asked, in order,
// without the next one. Answers to other questions are kept and do not count.
func (r *Room) Path(at time.Time, verdict string, answers []Answer) ([]string, error) {
	var path []string
	var sofar []Answer
	for {
		res, err := r.Read(at, verdict, sofar)
		if err != nil || res.Next == nil {
			return path, err
		}
		i := slices.IndexFunc(answers, func(a Answer) bool { return a.Fact == res.Next.Name })
		if i < 0 {
			return path, nil
		}
		path, sofar = append(path, res.Next.Name), append(sofar, answers[i])
	}
}

func isAI(verdict string) string {
	switch verdict {
	case "ai_system":
		return "yes"
	case "not_ai", "not_ai_but_people":
		return "no"
	}
	return packs.Unknown
}

func isHigh(class string) string {
	switch class {
	case "high", "prohibited":
		return "yes"
	case "limited", "minimal", ClassNone:
		return "no"
	}
	return packs.Unknown
}

// mainOutput is what each rule set is asked for.
var mainOutput = map[string]string{ClassRules: "class", RoleRules: "role", LevelRules: "level"}

// take copies the outputs of one rule set.
func (res *Result) take(rs *packs.RuleSet, out packs.Outcome) error {
	switch rs.ID {
	case RoleRules:
		res.Role = value(out, "role")
	case ClassRules:
		res.Class, res.Possible = value(out, "class"), out.Possible["class"]
	case LevelRules:
		v := value(out, "level")
		if len(v) == 1 && v[0] >= '0' && v[0] <= '4' {
			res.Level, res.LevelKnown = int(v[0]-'0'), true
		}
	}
	for name, v := range out.Values {
		if name != mainOutput[rs.ID] {
			res.Values[name] = v
		}
	}
	// While the main output is open, a rule that could decide it says nothing,
	// though it may be certain about a side output: "the risk is minimal" is no
	// reason for an unclear class.
	var undecided map[string]bool
	if value(out, mainOutput[rs.ID]) == packs.Unclear {
		var err error
		if undecided, err = deciders(rs, out.At); err != nil {
			return err
		}
	}
	for _, s := range out.Trace {
		if !s.Possible && !undecided[s.Rule] {
			res.Trace = append(res.Trace, Step{Part: partOf[rs.ID], Say: s.Say, Clauses: s.Clauses})
		}
	}
	for _, name := range out.Open { // whether it is high-risk follows from the class
		if name != FactHighRisk && !slices.Contains(res.Open, name) {
			res.Open = append(res.Open, name)
		}
	}
	return nil
}

// deciders are the rules that can decide an asked output of a set: those that
// are possible while nothing is known.
func deciders(rs *packs.RuleSet, at time.Time) (map[string]bool, error) {
	all, err := rs.Decide(at, nil)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, s := range all.Trace {
		ids[s.Rule] = ids[s.Rule] || s.Possible && s.Rule != ""
	}
	return ids, nil
}

func value(o packs.Outcome, name string) string {
	if v, ok := o.Values[name]; ok && v != "" {
		return v
	}
	return packs.Unclear
}

// Input is what a person decides when saving a classification.
type Input struct {
	Verdict string // of the identification
	Answers []Answer
	Class   string // empty: what the rules say
	Reason  string // needed when Class differs from the rules
	OpenWho string // needed when the result is unclear
	OpenDue time.Time
	OpenTo  Addressee // who is asked what is open; needed when the result is unclear
}

// Keep saves answers on the way to a result. The classification that stands, if
// any, goes on standing. Revision as in Put.
func (r *Room) Keep(ctx context.Context, system string, revision int64, answers []Answer) (store.Object[Classification], error) {
	var none store.Object[Classification]
	all, err := r.Facts()
	if err != nil {
		return none, err
	}
	if _, err := values(all, answers); err != nil {
		return none, err
	}
	return r.save(ctx, system, revision, func(_ *store.Tx, doc *Classification) error {
		doc.Draft = answers
		if slices.EqualFunc(answers, doc.Answers, same) {
			doc.Draft = nil
		}
		return nil
	})
}

func same(a, b Answer) bool { return a.Fact == b.Fact && slices.Equal(a.Values, b.Values) }

// Put classifies a system, keeps the reasons and ends the draft. Revision 0 is
// the first time; otherwise it must be the stored one's (Conflict if not).
func (r *Room) Put(ctx context.Context, system string, revision int64, in Input) (store.Object[Classification], error) {
	var none store.Object[Classification]
	at := r.now()
	res, err := r.Read(at, in.Verdict, in.Answers)
	if err != nil {
		return none, err
	}
	doc, err := settle(res, in, at)
	if err != nil {
		return none, err
	}
	doc.System = system
	return r.save(ctx, system, revision, func(tx *store.Tx, have *Classification) error {
		doc.Basis, err = r.basis(ctx, tx, system)
		*have = doc
		return err
	})
}

// save creates or updates the one classification of a system.
func (r *Room) save(ctx context.Context, system string, revision int64, change func(*store.Tx, *Classification) error) (store.Object[Classification], error) {
	var saved store.Object[Classification]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		have, err := r.Of(ctx, tx, system)
		if problem.Is(err, problem.NotFound) && revision == 0 {
			doc := Classification{System: system, Class: packs.Unclear, ByRules: packs.Unclear, Role: packs.Unclear}
			if err := change(tx, &doc); err != nil {
				return err
			}
			saved, err = r.Classifications.Create(ctx, tx, doc)
			return err
		}
		if err != nil {
			return err
		}
		if err := change(tx, &have.Doc); err != nil {
			return err
		}
		saved, err = r.Classifications.Update(ctx, tx, have.ID, revision, have.Doc)
		return err
	})
	return saved, err
}

// settle joins the rules' result with what the person decided.
func settle(res Result, in Input, at time.Time) (Classification, error) {
	doc := Classification{
		Answers: in.Answers, Verdict: in.Verdict, Role: res.Role, ByRules: res.Class, Class: in.Class, Reason: strings.TrimSpace(in.Reason),
		Level: res.Level, LevelKnown: res.LevelKnown, Trace: res.Trace, Open: res.Open,
		Version: res.Version, AsOf: at, ValidUntil: at.Add(validFor),
	}
	if doc.Class == "" {
		doc.Class = res.Class
	}
	var c problem.Checks
	c.Field(Known(doc.Class) || doc.Class == ClassNone && res.Class == ClassNone, "class", "Diese Klasse gibt es nicht.", "There is no such class.")
	c.Field(doc.Class == doc.ByRules || sentence(doc.Reason), "reason",
		"Die Einstufung weicht vom Ergebnis der Regeln ab. Bitte in einem Satz begründen.",
		"The class differs from the result of the rules. Please give the reason in one sentence.")
	c.Field(!(doc.ByRules == "prohibited" && doc.Class != "prohibited"), "class",
		"Was die Regeln als verboten erkennen, kann hier nicht umgestuft werden.",
		"What the rules find prohibited cannot be reclassified here.")
	c.Field(len([]rune(doc.Reason)) <= maxReason, "reason", "Höchstens 2.000 Zeichen.", "At most 2,000 characters.")
	if doc.Class == doc.ByRules {
		doc.Reason = ""
	}
	if doc.Unclear() {
		c.Field(in.OpenWho != "", "open_who", "Wer klärt die offenen Fragen?", "Who settles the open questions?")
		c.Field(in.OpenDue.After(at), "open_due", "Bis wann? Der Tag liegt in der Zukunft.", "By when? The day lies in the future.")
		c.Field(slices.Contains(Addressee("").Values(), string(in.OpenTo)), "open_to", "Wen fragen Sie?", "Whom do you ask?")
		doc.OpenWho, doc.OpenDue, doc.OpenTo = in.OpenWho, in.OpenDue, in.OpenTo
	}
	return doc, c.Err()
}

const maxReason = 2000

// Known reports whether class is one of the five of the vocabulary.
func Known(class string) bool {
	switch class {
	case "prohibited", "high", "limited", "minimal", packs.Unclear:
		return true
	}
	return false
}

// Sentence reports whether a reason is at least one short sentence, as Put wants
// it.
func Sentence(s string) bool { return sentence(strings.TrimSpace(s)) }

// sentence reports whether s is at least one short sentence.
func sentence(s string) bool { return len([]rune(s)) >= 15 && strings.Contains(s, " ") }
