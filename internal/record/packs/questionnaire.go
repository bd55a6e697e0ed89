package packs

import (
	"time"

	"augenmass/internal/text"
)

// Questionnaire is a list of questions with the rules that read the answers.
type Questionnaire struct {
	ID        string
	Version   string
	AsOf      time.Time
	Title     text.Bi
	Purpose   text.Bi
	Notice    text.Bi
	Minutes   int // most time it should take
	Options   []Option
	Sections  []Section
	Quick     Quick
	Score     Scoring
	Outcomes  []Option // verdict → what happens next
	Letters   []Letter
	Places    []text.Bi // where the thing asked for is often overlooked
	PlacesSay text.Bi

	rules *RuleSet
}

// Section is a part of a questionnaire.
type Section struct {
	ID    string
	Title text.Bi
	Items []Question
}

// Question is one question of a questionnaire.
type Question struct {
	ID      string
	Section string
	Text    text.Bi
	Help    text.Bi
	Type    string // yes_no_unknown
	Ask     string // who can be asked when nobody here knows: vendor, it
	Clauses []string
	Source  text.Bi // a source that is no clause; may be empty
}

// Quick is the short path: the questions that suffice in clear cases, and the
// answers that follow from other answers.
type Quick struct {
	Note    text.Bi
	Items   []string
	Implies []Implication
}

// Implication fills in answers that follow from one answer; an answer that a
// person gave is never replaced.
type Implication struct {
	Item   string
	Answer string
	Then   map[string]string
	Say    text.Bi
}

// Scoring turns answers into points, beside the verdict of the rules.
type Scoring struct {
	Note      text.Bi
	PointsYes map[string]int
	PointsNo  map[string]int
	Max       int
	Bands     []Band
}

// Band names a span of points from Min upwards.
type Band struct {
	ID    string
	Min   int
	Label text.Bi
}

// Letter is a prepared text to somebody outside.
type Letter struct {
	ID   string
	Text text.Bi
}

// Score is the practical verdict: points, and how many they could still become
// when open questions are answered.
type Score struct {
	Points, Most, Max int
	Band              string // empty while open questions could change it
}

// Rules returns the rule set that reads the answers. Its facts carry the ids of
// the questions.
func (q *Questionnaire) Rules() *RuleSet { return q.rules }
