// Package classify says which role the organisation has under the AI Act,
// which risk class a system has, and which security level it needs, question
// by question, by the dated rules of the packs. Risk class and security level
// are two axes and never mixed.
//
// It keeps the answers, the trace in words and the date of the law. A class
// that differs from the rules' result needs a reason, upwards and downwards
// (requirement 001-10). "Unclear" is a legitimate result with an owner and a
// date (requirement 001-13). What follows for the permit is the permit's to say.
package classify

import (
	"context"
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
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
}

// Classification is what one system is under the law, as of a date.
type Classification struct {
	System     string    `json:"system" store:"ref=system,index,required"`
	Answers    []Answer  `json:"answers"`
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
	Version    string    `json:"version"` // of the rule sets
	AsOf       time.Time `json:"as_of" store:"index"`
	ValidUntil time.Time `json:"valid_until" store:"index"`
}

// Title names the classification in lists and links.
func (c *Classification) Title() string { return c.Class }

// Result is what the rules say about a set of answers.
type Result struct {
	Role, Class string
	Level       int
	LevelKnown  bool
	Trace       []packs.Step
	Open        []string
	Version     string
	Next        *packs.Fact // nil when nothing more is worth asking
	NextSet     string      // rule set of the next question
}

// Room is the classifications of one organisation.
type Room struct {
	Classifications *store.Kind[Classification]
	lib             *packs.Library
	now             func() time.Time
	db              *store.DB
}

// New declares the room's kind; Open gives it the database.
func New(lib *packs.Library, now func() time.Time) *Room {
	return &Room{Classifications: store.NewKind[Classification]("classification", "cls"), lib: lib, now: now}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Classifications} }

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

// Read lets the rules read the answers as of a date. verdict is what the
// identification said (ai_system, not_ai, not_ai_but_people, unclear); questions
// are asked set by set: class, role, security level.
func (r *Room) Read(at time.Time, verdict string, answers []Answer) (Result, error) {
	res := Result{Role: packs.Unclear, Class: packs.Unclear}
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
		res.take(id, out)
		if id == ClassRules {
			facts[FactHighRisk] = isHigh(res.Class)
		}
		if res.Next == nil {
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
	case "limited", "minimal":
		return "no"
	}
	return packs.Unknown
}

// take copies the outputs of one rule set.
func (res *Result) take(set string, out packs.Outcome) {
	switch set {
	case RoleRules:
		res.Role = value(out, "role")
	case ClassRules:
		res.Class = value(out, "class")
	case LevelRules:
		v := value(out, "level")
		if len(v) == 1 && v[0] >= '0' && v[0] <= '4' {
			res.Level, res.LevelKnown = int(v[0]-'0'), true
		}
	}
	for _, s := range out.Trace {
		if !s.Possible {
			res.Trace = append(res.Trace, s)
		}
	}
	res.Open = append(res.Open, out.Open...)
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
}

// Put classifies a system and keeps the reasons. Revision 0 is the first time;
// otherwise it must be the stored one's (Conflict if not).
func (r *Room) Put(ctx context.Context, system string, revision int64, in Input) (store.Object[Classification], error) {
	var saved store.Object[Classification]
	at := r.now()
	res, err := r.Read(at, in.Verdict, in.Answers)
	if err != nil {
		return saved, err
	}
	doc, err := settle(res, in, at)
	if err != nil {
		return saved, err
	}
	doc.System = system
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		have, err := r.Of(ctx, tx, system)
		switch {
		case problem.Is(err, problem.NotFound) && revision == 0:
			saved, err = r.Classifications.Create(ctx, tx, doc)
			return err
		case err != nil:
			return err
		}
		saved, err = r.Classifications.Update(ctx, tx, have.ID, revision, doc)
		return err
	})
	return saved, err
}

// settle joins the rules' result with what the person decided.
func settle(res Result, in Input, at time.Time) (Classification, error) {
	doc := Classification{
		Answers: in.Answers, Role: res.Role, ByRules: res.Class, Class: in.Class, Reason: strings.TrimSpace(in.Reason),
		Level: res.Level, LevelKnown: res.LevelKnown, Open: res.Open, OpenWho: in.OpenWho, OpenDue: in.OpenDue,
		Version: res.Version, AsOf: at, ValidUntil: at.Add(validFor),
	}
	for _, s := range res.Trace {
		doc.Trace = append(doc.Trace, Step{Say: s.Say, Clauses: s.Clauses})
	}
	if doc.Class == "" {
		doc.Class = res.Class
	}
	var c problem.Checks
	c.Field(Known(doc.Class), "class", "Diese Klasse gibt es nicht.", "There is no such class.")
	c.Field(doc.Class == doc.ByRules || sentence(doc.Reason), "reason",
		"Die Einstufung weicht vom Ergebnis der Regeln ab. Bitte in einem Satz begründen.",
		"The class differs from the result of the rules. Please give the reason in one sentence.")
	c.Field(!(doc.ByRules == "prohibited" && doc.Class != "prohibited"), "class",
		"Was die Regeln als verboten erkennen, kann hier nicht umgestuft werden.",
		"What the rules find prohibited cannot be reclassified here.")
	if doc.Class == packs.Unclear {
		c.Field(doc.OpenWho != "", "open_who", "Wer klärt die offenen Fragen?", "Who settles the open questions?")
		c.Field(doc.OpenDue.After(at), "open_due", "Bis wann? Der Tag liegt in der Zukunft.", "By when? The day lies in the future.")
	}
	return doc, c.Err()
}

// Known reports whether class is one of the five of the vocabulary.
func Known(class string) bool {
	switch class {
	case "prohibited", "high", "limited", "minimal", packs.Unclear:
		return true
	}
	return false
}

// sentence reports whether s is at least one short sentence.
func sentence(s string) bool { return len([]rune(s)) >= 15 && strings.Contains(s, " ") }
