package packs

import (
	"time"

	"augenmass/internal/problem"
)

// Decide evaluates the rules that are valid at the given time. Facts are given
// by name: bool, string ("yes", "no", "unknown", an option), int or []string.
// A missing fact is unknown. A fact that the set does not declare, or a value
// of the wrong type, is a problem of kind BadInput.
func (rs *RuleSet) Decide(at time.Time, facts map[string]any) (Outcome, error) {
	return Outcome{}, problem.New(problem.Unavailable, "Die Regeln können noch nicht rechnen.", "The rules cannot decide yet.")
}

// Next returns the next question worth asking, or done when no answer could
// change an asked output any more, or when only facts are open that the person
// answered with unknown.
func (rs *RuleSet) Next(at time.Time, facts map[string]any) (ask Fact, done bool, err error) {
	return Fact{}, false, problem.New(problem.Unavailable, "Die Regeln können noch nicht rechnen.", "The rules cannot decide yet.")
}

// Decide reads answers (question id → yes, no, unknown; missing = not answered)
// and returns the verdict with its reasons. Answers implied by the quick path
// are filled in first.
func (q *Questionnaire) Decide(at time.Time, answers map[string]string) (Outcome, error) {
	return Outcome{}, problem.New(problem.Unavailable, "Der Fragebogen kann noch nicht rechnen.", "The questionnaire cannot decide yet.")
}

// Next returns the next question worth asking, quick path first.
func (q *Questionnaire) Next(at time.Time, answers map[string]string) (ask Question, done bool, err error) {
	return Question{}, false, problem.New(problem.Unavailable, "Der Fragebogen kann noch nicht rechnen.", "The questionnaire cannot decide yet.")
}

// Points returns the practical score of the answers.
func (q *Questionnaire) Points(answers map[string]string) Score { return Score{Max: q.Score.Max} }
