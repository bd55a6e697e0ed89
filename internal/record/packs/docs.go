package packs

import (
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// The structs of this file are the pack format: what an author may write. All
// texts are {de, en}; all dates are days; unknown fields are defects. Frameworks
// and mappings are in package framework, templates and references in paper.

// head opens every pack.
type head struct {
	At          form.Place `pack:"@"`
	ID          form.Word  `pack:"id,required"`
	Kind        form.Word  `pack:"kind,required"`
	Version     string     `pack:"version,required"`
	AsOf        time.Time  `pack:"as_of,required"`
	Title       text.Bi    `pack:"title,required"`
	Source      []string   `pack:"source"`
	Licence     text.Bi    `pack:"licence"`
	Notice      text.Bi    `pack:"notice"`
	Uncertainty []text.Bi  `pack:"uncertainty"`
}

// lawDoc is a pack of kind law or standard.
type lawDoc struct {
	head
	Cite   map[string]text.Bi `pack:"cite"` // first part of an id → what stands before the place
	Groups []groupDoc         `pack:"groups,required"`
}

type groupDoc struct {
	ID    form.Word   `pack:"id,required"`
	Title text.Bi     `pack:"title,required"`
	Items []clauseDoc `pack:"items,required"`
	// LevelsStatus says how far the levels of the group are confirmed.
	LevelsStatus string `pack:"levels_status"`
	// Markets and Sectors count for every item that names none of its own.
	Markets []form.Word `pack:"markets"`
	Sectors []form.Word `pack:"sectors"`
}

type clauseDoc struct {
	At        form.Place    `pack:"@"`
	ID        form.Word     `pack:"id,required"`
	Ref       string        `pack:"ref,required"`
	Place     text.Bi       `pack:"place,same"` // the place as cited, where it differs from ref
	Short     text.Bi       `pack:"short,same"` // the whole citation, where name and place do not make it
	Title     text.Bi       `pack:"title,required"`
	Text      text.Bi       `pack:"text"`
	Note      text.Bi       `pack:"note"`
	From      time.Time     `pack:"from"`
	FromAnnex time.Time     `pack:"from_annex_1"`
	FromUsed  time.Time     `pack:"from_legacy"`
	Until     time.Time     `pack:"until"`
	Source    string        `pack:"source"`
	Status    string        `pack:"status"`
	Change    string        `pack:"change"`
	Duty      []string      `pack:"duty"`
	Risk      string        `pack:"risk"`
	Fine      form.Word     `pack:"fine"`
	Related   []form.Word   `pack:"related"`
	Levels    []int         `pack:"levels"`
	Relevance string        `pack:"relevance"`
	Right     string        `pack:"right"`
	Keep      int           `pack:"keep_months"`
	Deadline  time.Duration `pack:"deadline"`
	Markets   []form.Word   `pack:"markets"` // lower-case words; empty: everywhere
	Sectors   []form.Word   `pack:"sectors"`
	Items     []clauseDoc   `pack:"items"`
}

// requirementsDoc is a pack of kind requirements; its id is the framework.
type requirementsDoc struct {
	head
	Items []requirementDoc `pack:"items,required"`
}

type requirementDoc struct {
	At         form.Place     `pack:"@"`
	ID         form.Word      `pack:"id,required"`
	Ref        string         `pack:"ref,required"`
	Title      text.Bi        `pack:"title,required"`
	Text       text.Bi        `pack:"text,required"`
	Proof      text.Bi        `pack:"proof,required"`
	Evidence   []evidenceDoc  `pack:"evidence,required"`
	Steps      []text.Bi      `pack:"steps,required"`
	Refs       []form.Word    `pack:"refs,required"`
	RefsIfHigh []form.Word    `pack:"refs_if_high"`
	Checks     []checkDoc     `pack:"checks"`
	Thresholds []thresholdDoc `pack:"thresholds"`
	Said       string         `pack:"references_said"`
	Status     string         `pack:"status"`
}

type evidenceDoc struct {
	Type form.Word `pack:"type,required"`
	Say  text.Bi   `pack:"say,required"`
}

type checkDoc struct {
	Name   form.Word     `pack:"name,required"`
	Min    float64       `pack:"min"`
	Max    float64       `pack:"max"`
	Window time.Duration `pack:"window"`
	Say    text.Bi       `pack:"say,required"`
}

type thresholdDoc struct {
	Name    string  `pack:"name,required"`
	Default float64 `pack:"default,required"`
	Own     bool    `pack:"own"`
	Say     text.Bi `pack:"say,required"`
}

// rulesDoc is a pack of kind rules.
type rulesDoc struct {
	head
	From    time.Time       `pack:"from,required"`
	Unclear text.Bi         `pack:"unclear,required"`
	Facts   []factDoc       `pack:"facts,required"`
	Outputs []outputDoc     `pack:"outputs,required"`
	Define  []definitionDoc `pack:"define"`
	Rules   []ruleDoc       `pack:"rules,required"`
}

type factDoc struct {
	At       form.Place  `pack:"@"`
	Name     form.Word   `pack:"name,required"`
	Type     form.Word   `pack:"type,required"`
	Question text.Bi     `pack:"question,required"`
	Help     text.Bi     `pack:"help"`
	Options  []optionDoc `pack:"options"`
	Min      int         `pack:"min"`
	Max      int         `pack:"max"`
	Clauses  []form.Word `pack:"clauses"`
}

type optionDoc struct {
	ID      form.Word   `pack:"id,required"`
	Text    text.Bi     `pack:"text,required"`
	Clauses []form.Word `pack:"clauses"`
}

type outputDoc struct {
	Name      form.Word   `pack:"name,required"`
	Title     text.Bi     `pack:"title,required"`
	Values    []optionDoc `pack:"values"`
	Dates     bool        `pack:"dates"`
	Asked     bool        `pack:"asked"`
	Default   form.Word   `pack:"default"`    // where no rule speaks; without it: unclear
	WhileOpen form.Word   `pack:"while_open"` // what counts, as a precaution, while it is open
}

type definitionDoc struct {
	Name  form.Word `pack:"name,required"`
	When  form.Word `pack:"when,required"`
	From  time.Time `pack:"from"`
	Until time.Time `pack:"until"`
}

type ruleDoc struct {
	At      form.Place           `pack:"@"`
	ID      form.Word            `pack:"id,required"`
	When    form.Word            `pack:"when,required"`
	Then    map[string]form.Word `pack:"then"`
	Say     text.Bi              `pack:"say,required"`
	Clauses []form.Word          `pack:"clauses"`
	From    time.Time            `pack:"from"`
	Until   time.Time            `pack:"until"`
}

// casesDoc holds the cases of a rule set or questionnaire, in a file beside it.
type casesDoc struct {
	CasesOf form.Word `pack:"cases_of,required"`
	Cases   []caseDoc `pack:"cases,required"`
}

type caseDoc struct {
	At     form.Place           `pack:"@"`
	ID     form.Word            `pack:"id,required"`
	Name   text.Bi              `pack:"name,required"`
	Source []form.Word          `pack:"source,required"`
	On     time.Time            `pack:"at,required"`
	Facts  map[string]any       `pack:"facts"`
	Given  []form.Word          `pack:"given"`
	Expect map[string]form.Word `pack:"expect,required"`
	Rule   form.Word            `pack:"rule"`
	Open   []form.Word          `pack:"open"`
	Most   int                  `pack:"most_questions"`
	// Of a questionnaire: questions answered with yes, with unknown and not at
	// all; every other question counts as no.
	Yes     []form.Word `pack:"yes"`
	Unknown []form.Word `pack:"unknown"`
	Missing []form.Word `pack:"missing"`
}

// questionnaireDoc is a pack of kind questionnaire.
type questionnaireDoc struct {
	head
	Purpose   text.Bi         `pack:"purpose,required"`
	Minutes   int             `pack:"max_minutes,required"`
	From      time.Time       `pack:"from,required"`
	Unclear   text.Bi         `pack:"unclear,required"`
	Options   []optionDoc     `pack:"options,required"`
	Sections  []sectionDoc    `pack:"sections,required"`
	Quick     quickDoc        `pack:"quick,required"`
	Outputs   []outputDoc     `pack:"outputs,required"`
	Define    []definitionDoc `pack:"define"`
	Rules     []ruleDoc       `pack:"rules,required"`
	Score     scoreDoc        `pack:"score"`
	Outcomes  []optionDoc     `pack:"outcomes"`
	Letters   []letterDoc     `pack:"letters"`
	PlacesSay text.Bi         `pack:"places_say"`
	Places    []text.Bi       `pack:"places"`
}

type sectionDoc struct {
	ID    form.Word     `pack:"id,required"`
	Title text.Bi       `pack:"title,required"`
	Items []questionDoc `pack:"items,required"`
}

type questionDoc struct {
	At      form.Place  `pack:"@"`
	ID      form.Word   `pack:"id,required"`
	Text    text.Bi     `pack:"text,required"`
	Help    text.Bi     `pack:"help,required"`
	Type    form.Word   `pack:"type,required"`
	Ask     form.Word   `pack:"ask"`
	Clauses []form.Word `pack:"clauses"`
	Source  text.Bi     `pack:"source,same"`
}

type quickDoc struct {
	Note    text.Bi      `pack:"note,required"`
	Items   []form.Word  `pack:"items,required"`
	Implies []impliesDoc `pack:"implies"`
}

type impliesDoc struct {
	Item   form.Word            `pack:"item,required"`
	Answer form.Word            `pack:"answer,required"`
	Then   map[string]form.Word `pack:"then,required"`
	Say    text.Bi              `pack:"say,required"`
}

type scoreDoc struct {
	Note      text.Bi        `pack:"note"`
	PointsYes map[string]int `pack:"points_yes"`
	PointsNo  map[string]int `pack:"points_no"`
	Max       int            `pack:"max"`
	Bands     []bandDoc      `pack:"bands"`
}

type bandDoc struct {
	ID    form.Word `pack:"id,required"`
	Min   int       `pack:"min"`
	Label text.Bi   `pack:"label,required"`
}

type letterDoc struct {
	ID   form.Word `pack:"id,required"`
	Text text.Bi   `pack:"text,required"`
}
