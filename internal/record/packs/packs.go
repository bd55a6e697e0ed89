// Package packs loads, checks and indexes content packs: laws, standards,
// requirement catalogues, frameworks, mappings, templates, references,
// questionnaires, rules, policies, software, drafts and risks that are data, not program
// (folder knowledge/packs, and an organisation's own packs beside it).
//
// It gives other rooms clauses to cite, frameworks to assess and mappings between
// them, rule sets that decide with reasons, questionnaires, requirements, templates
// and policy texts. It checks everything while loading and names every defect with
// file and line: a missing language, an id given twice, a reference to nothing, a
// bad date, a rule that no case proves.
//
// Load reads packs that ship. Extend adds an organisation's own to a library
// without reading the others again; Check says what there is and what is wrong.
//
// It leaves the meaning of an outcome to govern/classify and govern/assess, the
// measuring of requirements to prove/conform, and the evaluation of policies to
// operate/decide. It knows no store, no journal and no clock.
//
// All dates are days in UTC. A thing is valid From (included) Until (excluded);
// a zero time means no such bound.
package packs

import (
	"io/fs"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/framework"
	"augenmass/internal/record/packs/hazard"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/text"
)

// Kind says what a pack holds.
type Kind string

// The kinds of packs.
const (
	Law            Kind = "law"
	Standard       Kind = "standard"
	Requirements   Kind = "requirements"
	Frameworks     Kind = "framework"
	Mappings       Kind = "mapping"
	Templates      Kind = "templates"
	References     Kind = "references"
	Citations      Kind = "citations"
	Questionnaires Kind = "questionnaire"
	Rules          Kind = "rules"
	Policies       Kind = "policies"
	Software       Kind = "software"
	Drafts         Kind = "drafts"
	HazardLists    Kind = "hazards"
	InterviewKind  Kind = "interview"
)

// Info says what a pack holds, for pages and proofs.
type Info struct {
	ID          string
	Kind        Kind
	Version     string
	AsOf        time.Time
	Title       text.Bi
	Sources     []string
	Licence     text.Bi
	Notice      text.Bi
	Uncertainty []text.Bi // what is not certain about its content
	// Items counts what the kind holds: clauses, requirements, demands of a
	// framework, mappings, templates, references, questions, rules, policies,
	// families of software, drafts, risks of the library or items of an interview.
	Items     int
	Cases     int // checked examples that a test runs
	Languages []string
}

// Library holds checked packs. It does not change and may be read by many.
type Library struct {
	infos          []Info
	clauses        map[string]*Clause
	byPack         map[string][]string // clause ids in the order of the pack
	rules          map[string]*RuleSet
	questionnaires map[string]*Questionnaire
	requirements   map[string][]Requirement
	policies       []PolicyFile
	frameworks     []Framework
	mappings       *framework.Mappings
	templates      []Template
	references     []Reference
	citations      []CitationRule
	stock          *stock.Stock
	hazards        hazard.Book
	interviews     map[string]*Interview
	complete       []string
	sources        []Source

	// what Extend checks new packs against
	ids  map[string]form.Place // every citable id
	sets map[string]form.Place // every pack id
}

// PolicyFile is one Cedar policy file as it lies in a pack.
type PolicyFile struct {
	Name string
	Text string
}

// Load reads every *.yaml and *.cedar file of the trees. Later trees add to
// earlier ones and may cite them; they cannot replace anything.
//
// The error is a problem of kind BadInput that lists every defect found, each
// with "file:line" as its path.
func Load(trees ...fs.FS) (*Library, error) {
	return empty().Extend(trees...)
}

// Clause returns the clause with this id, such as "aia.art14.1".
func (l *Library) Clause(id string) (Clause, bool) {
	c, ok := l.clauses[id]
	if !ok {
		return Clause{}, false
	}
	return *c, true
}

// Clauses returns the clauses of one pack in its order; nil for an unknown pack.
func (l *Library) Clauses(pack string) []Clause {
	var all []Clause
	for _, id := range l.byPack[pack] {
		all = append(all, *l.clauses[id])
	}
	return all
}

// Rules returns a rule set by its id, such as "ai-act-class".
func (l *Library) Rules(id string) (*RuleSet, bool) {
	r, ok := l.rules[id]
	return r, ok
}

// Questionnaire returns a questionnaire by its id, such as "identification".
func (l *Library) Questionnaire(id string) (*Questionnaire, bool) {
	q, ok := l.questionnaires[id]
	return q, ok
}

// Requirements returns the requirements of a framework, such as "zta", in the
// order of the pack; nil for an unknown framework.
func (l *Library) Requirements(framework string) []Requirement {
	return append([]Requirement(nil), l.requirements[framework]...)
}

// Policies returns all policy files, sorted by name.
func (l *Library) Policies() []PolicyFile {
	return append([]PolicyFile(nil), l.policies...)
}

// Packs says which packs were loaded, sorted by id.
func (l *Library) Packs() []Info {
	return append([]Info(nil), l.infos...)
}
