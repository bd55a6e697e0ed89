package packs

import (
	"maps"
	"slices"
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
	items map[string]Question
}

// YesNoUnknown is the type of a question answered with yes, no or unknown.
const YesNoUnknown = "yes_no_unknown"

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
	Type    string // YesNoUnknown
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
// the questions; its cases are those of the questionnaire.
func (q *Questionnaire) Rules() *RuleSet { return q.rules }

// Item returns the question with this id.
func (q *Questionnaire) Item(id string) (Question, bool) {
	it, ok := q.items[id]
	return it, ok
}

// Fill adds the answers that follow from given ones (see Quick). Given answers
// stay as they are; an answer of unknown was given, too.
func (q *Questionnaire) Fill(answers map[string]string) map[string]string {
	full := maps.Clone(answers)
	if full == nil {
		full = map[string]string{}
	}
	for _, imp := range q.Quick.Implies {
		if answers[imp.Item] != imp.Answer {
			continue
		}
		for id, answer := range imp.Then {
			if _, given := full[id]; !given {
				full[id] = answer
			}
		}
	}
	return full
}

// Decide reads answers (question id → yes, no, unknown; missing: not answered)
// and returns the outputs "verdict" (ai_system, not_ai, not_ai_but_people or
// unclear), "legal" and "register" with reasons; Open holds ids of questions.
// Answers that follow from others are filled in first.
func (q *Questionnaire) Decide(at time.Time, answers map[string]string) (Outcome, error) {
	return q.rules.Decide(at, q.facts(answers))
}

// Next returns the next question worth asking: first those of the quick path
// that could change the verdict or from which answers follow that could, then
// the others in order. It is done when no answer could change the verdict, or
// only questions are open that were answered with unknown.
func (q *Questionnaire) Next(at time.Time, answers map[string]string) (ask Question, done bool, err error) {
	full := q.Fill(answers)
	out, err := q.rules.Decide(at, q.facts(full))
	if err != nil {
		return Question{}, false, err
	}
	open := map[string]bool{}
	for _, id := range out.Open {
		_, answered := full[id]
		open[id] = !answered
	}
	for _, imp := range q.Quick.Implies {
		for id := range imp.Then {
			open[imp.Item] = open[imp.Item] || open[id]
		}
	}
	for _, id := range append(slices.Clone(q.Quick.Items), out.Open...) {
		if _, answered := full[id]; open[id] && !answered {
			return q.items[id], false, nil
		}
	}
	return Question{}, true, nil
}

func (q *Questionnaire) facts(answers map[string]string) map[string]any {
	facts := map[string]any{}
	for id, answer := range q.Fill(answers) {
		facts[id] = answer
	}
	return facts
}

// Points returns the practical score. Points counts what the answers prove,
// Most what they could still reach; the band is empty while these differ in it.
func (q *Questionnaire) Points(answers map[string]string) Score {
	s := Score{Max: q.Score.Max}
	full := q.Fill(answers)
	count := func(points map[string]int, answer string) {
		for id, n := range points {
			switch full[id] {
			case answer:
				s.Points += n
				s.Most += n
			case "yes", "no":
			default:
				s.Most += n
			}
		}
	}
	count(q.Score.PointsYes, "yes")
	count(q.Score.PointsNo, "no")
	if band := q.band(s.Points); band == q.band(s.Most) {
		s.Band = band
	}
	return s
}

// band names the span in which points lie; bands are sorted from the top.
func (q *Questionnaire) band(points int) string {
	for _, b := range q.Score.Bands {
		if points >= b.Min {
			return b.ID
		}
	}
	return ""
}
