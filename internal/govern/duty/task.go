package duty

import (
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Phase is a phase of the plan-do-check-act cycle (requirement 000-02).
type Phase string

// The four phases.
const (
	Plan  Phase = "plan"
	Do    Phase = "do"
	Check Phase = "check"
	Act   Phase = "act"
)

// Values lists the phases in their order.
func (Phase) Values() []string {
	return []string{string(Plan), string(Do), string(Check), string(Act)}
}

// Cause says what made a task.
type Cause string

// A person, the adoption of a pack version, a system that came to another market
// or sector, a change on which a classification rests, a declaration that is to be
// renewed, the lessons of a pilot, somebody who left and was named for a system,
// an interval that ends, another model or vendor.
const (
	ByPerson      Cause = "person"
	ByAdoption    Cause = "adoption"
	ByMarket      Cause = "market"
	ByReview      Cause = "review"
	ByDeclaration Cause = "declaration"
	ByPilot       Cause = "pilot"
	ByLeaving     Cause = "leaving"
	ByInterval    Cause = "interval"
	ByTechnology  Cause = "technology"
)

// Values lists the causes.
func (Cause) Values() []string {
	return []string{string(ByPerson), string(ByAdoption), string(ByMarket), string(ByReview), string(ByDeclaration), string(ByPilot), string(ByLeaving), string(ByInterval), string(ByTechnology)}
}

// Task is something to be done about duties, with its phase of the cycle.
type Task struct {
	Name    string    `json:"name" store:"index,search,required"` // as a person called it; of the house's own tasks the German side of Called
	Called  text.Bi   `json:"called"`                             // of the house's own tasks: the name in both languages
	Say     text.Bi   `json:"say" store:"search"`                 // what is to be done, and why
	Phase   Phase     `json:"phase" store:"index,required"`
	Due     time.Time `json:"due" store:"index"`
	Owner   string    `json:"owner" store:"ref=person,index"`
	Cause   Cause     `json:"cause" store:"index,required"`
	About   []string  `json:"about" store:"index"`     // clause ids, or ids of other items of a pack
	Systems []string  `json:"systems" store:"index"`   // object ids; a task does not keep a system from being deleted
	From    string    `json:"from" store:"ref=person"` // who leaves and hands over; empty for every other cause
	Pack    string    `json:"pack"`                    // whose change it is about
	Version string    `json:"version"`                 // that was adopted
	Done    time.Time `json:"done" store:"index"`      // zero: open
	DoneBy  string    `json:"done_by"`
	Result  string    `json:"result"` // what was found or done, in a sentence
}

// Title names the task in lists and links.
func (t *Task) Title() string { return t.Name }

// Default: what a person writes down comes from a person.
func (t *Task) Default() {
	if t.Cause == "" {
		t.Cause = ByPerson
	}
}

// Validate: whoever ends a task says in a sentence what came out.
func (t *Task) Validate() error {
	var c problem.Checks
	c.Field(utf8.RuneCountInString(t.Name) <= 300, "name", "Der Name hat höchstens 300 Zeichen.", "A name has at most 300 characters.")
	c.Field(t.Done.IsZero() || strings.Contains(strings.TrimSpace(t.Result), " "), "result",
		"Was hat die Prüfung ergeben? Ein Satz genügt.", "What did the review find? One sentence is enough.")
	c.Field(utf8.RuneCountInString(t.Result) <= 2000, "result", "Höchstens 2.000 Zeichen.", "At most 2,000 characters.")
	return c.Err()
}

// Open reports whether the task is still to be done.
func (t *Task) Open() bool { return t.Done.IsZero() }

// Tasks is the kind of tasks.
func Tasks() *store.Kind[Task] { return store.NewKind[Task]("task", "tsk") }
