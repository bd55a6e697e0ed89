// Package interview reads packs of kind interview: questions about one AI system
// that several people answer together and from which several results are drawn at
// once, such as the AI impact assessment, the fundamental rights impact assessment
// and the data protection impact assessment (requirement 001-47).
//
// A section holds items; an item says in which results it counts, which clauses it
// serves, who usually answers, and whether it belongs to the quick scan. "shown" is
// a condition over earlier items in the language of package logic: an item is
// hidden only where the condition cannot hold any more, so "I do not know" hides
// nothing. Red flags are conditions, too; one is raised only when it holds for
// certain. Cases beside the pack prove every condition.
//
// A right (type Right) is judged in four dimensions and by what remains after the
// measures. The highest of all decides; nothing is averaged.
//
// It keeps no answers: people, waves and dissent are for govern/interview. Whether
// a result is owed at all is for the rule set that the result names.
package interview

import (
	"slices"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/logic"
	"augenmass/internal/text"
)

// Type is the type of an item.
type Type string

// The types of items. Every answer may carry words beside its value.
const (
	Text         Type = "text"
	YesNoUnknown Type = "yes_no_unknown"
	Choice       Type = "choice"  // one of Options, or unknown
	Choices      Type = "choices" // any of Options, or None, or unknown
	Number       Type = "number"  // a whole number from 0 to 1,000,000
	Scale        Type = "scale"   // one of five points with words, and a reason
	Right        Type = "right"   // a Judgement
)

// Types are all types of items.
var Types = []Type{Text, YesNoUnknown, Choice, Choices, Number, Scale, Right}

// Values that answers share.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown" // asked and not known; never read as yes or no
	None    = "none"    // of Choices: none of them
)

// The two depths. The quick scan asks the core items only.
const (
	Quick = "quick"
	Full  = "full"
)

// Bounds of answers.
const (
	MostNumber = 1_000_000
	Points     = 5 // of a scale
	Levels     = 4 // of a dimension and of a risk
)

// Interview is one interview of the packs. It does not change.
type Interview struct {
	ID, Version string
	AsOf        time.Time
	Title       text.Bi
	Purpose     text.Bi
	Notice      text.Bi
	Method      []text.Bi // how it is done and judged, sentence by sentence (requirement 000-34)
	Months      int       // how long a result counts at most
	Results     []Result
	Who         []Word // who answers
	Depths      []Depth
	Rights      Rights
	Sections    []Section
	Flags       []Flag
	Reviews     []text.Bi // what makes people look again earlier

	items map[string]*Item
	order []string
	words *logic.Vocabulary
	trees *logic.Forest
	cases []Case
	at    form.Place
}

// Word is an id with its words.
type Word struct {
	ID   string
	Text text.Bi
}

// Depth is how much is asked.
type Depth struct {
	ID      string // Quick or Full
	Title   text.Bi
	For     text.Bi // for which systems it is meant
	Minutes int     // most time it should take
}

// Result is something that is drawn from the answers.
type Result struct {
	ID      string // aiia, fria or dpia
	Title   text.Bi
	Say     text.Bi // what it is for, in a sentence
	Clauses []string
	Rules   string // rule set that says whether it is owed; empty: it is asked of every grave system
}

// Section is a part of an interview.
type Section struct {
	ID    string
	Title text.Bi
	Lead  text.Bi // may be empty
	Items []Item
}

// Item is one question.
type Item struct {
	ID      string
	Section string
	Text    text.Bi
	Help    text.Bi // may be empty
	Type    Type
	Options []Word // of Choice and Choices; of Scale its five points
	Core    bool   // part of the quick scan
	Who     string // who usually answers
	Clauses []string
	Results []string // where it counts
	Fact    string   // fact of a result's rule set that the answer gives; empty: none
	Source  text.Bi  // a source that is no clause of a pack; may be empty
	When    string   // the condition under which it is asked; empty: always

	shown logic.Ref
	at    form.Place
}

// Rights says how rights are judged.
type Rights struct {
	Note       text.Bi
	Dimensions []Dimension         // gravity, scope, reversibility, likelihood
	Matrix     [Levels][Levels]int // severity, likelihood → level 1..4
	Levels     []text.Bi           // words for level 1..4
	Outcomes   []text.Bi           // what follows from the highest remaining level
	Widespread int                 // scope from which severity rises by one
}

// Dimension is one way to look at harm, with words for its four points.
type Dimension struct {
	ID     string
	Title  text.Bi
	Points []text.Bi
}

// Flag is a red flag: it stops a result whatever else was answered.
type Flag struct {
	ID      string
	Say     text.Bi
	When    string
	Clauses []string
	Results []string

	tree logic.Ref
	at   form.Place
}

// Judgement is what somebody says about one right.
type Judgement struct {
	Touched       string // yes, no or unknown
	Gravity       int    // 1..4, for the individual, before measures
	Scope         int    // 1..4, how many people
	Reversibility int    // 1..4
	Likelihood    int    // 1..4
	Remains       int    // level 1..4 after the measures
}

// Severity joins gravity and reversibility by the higher of the two and rises by
// one, to four at most, where many people are concerned.
func (r Rights) Severity(j Judgement) int {
	s := max(j.Gravity, j.Reversibility)
	if r.Widespread > 0 && j.Scope >= r.Widespread {
		s++
	}
	return min(s, Levels)
}

// Risk is the level before measures, 1..4; 0 while the right is not touched or
// something is missing.
func (r Rights) Risk(j Judgement) int {
	s := r.Severity(j)
	if j.Touched != Yes || s < 1 || j.Likelihood < 1 || j.Likelihood > Levels {
		return 0
	}
	return r.Matrix[s-1][j.Likelihood-1]
}

// Left is the level that remains, 0 for a right that is not touched. Where
// nobody said what remains, the risk before measures does.
func (r Rights) Left(j Judgement) int {
	if j.Touched != Yes {
		return 0
	}
	if j.Remains > 0 {
		return j.Remains
	}
	return r.Risk(j)
}

// Given is the answer to one item as the interview reads it.
type Given struct {
	Values []string
	Text   string
	Right  Judgement // of a right
}

// Item returns the item with this id.
func (v *Interview) Item(id string) (Item, bool) {
	it, ok := v.items[id]
	if !ok {
		return Item{}, false
	}
	return *it, true
}

// Items are all items in their order.
func (v *Interview) Items() []Item {
	var all []Item
	for _, s := range v.Sections {
		all = append(all, s.Items...)
	}
	return all
}

// Section returns the section with this id.
func (v *Interview) Section(id string) (Section, bool) {
	i := slices.IndexFunc(v.Sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return Section{}, false
	}
	return v.Sections[i], true
}

// Result returns the result with this id.
func (v *Interview) Result(id string) (Result, bool) {
	i := slices.IndexFunc(v.Results, func(r Result) bool { return r.ID == id })
	if i < 0 {
		return Result{}, false
	}
	return v.Results[i], true
}

// Cases are the checked examples.
func (v *Interview) Cases() []Case { return slices.Clone(v.cases) }
