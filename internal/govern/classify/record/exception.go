package record

import (
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Criterion is which auxiliary task of Art. 6(3) of the AI Act a system does; the
// values are those of the question in the rule set ai-act-class.
type Criterion string

// The criteria a to d.
const (
	Narrow      Criterion = "narrow"      // (a) a narrow procedural task
	Improves    Criterion = "improves"    // (b) improves completed human work
	Patterns    Criterion = "patterns"    // (c) finds deviations of decision patterns afterwards
	Preparatory Criterion = "preparatory" // (d) only prepares an assessment
)

// Values lists the criteria in the order of the law.
func (Criterion) Values() []string {
	return []string{string(Narrow), string(Improves), string(Patterns), string(Preparatory)}
}

// Clause is the place of the criterion in the law.
func (c Criterion) Clause() string {
	switch c {
	case Narrow:
		return "aia.art6.3.a"
	case Improves:
		return "aia.art6.3.b"
	case Patterns:
		return "aia.art6.3.c"
	case Preparatory:
		return "aia.art6.3.d"
	}
	return "aia.art6.3"
}

// Exception is the record that a system in an area of Annex III is not high-risk
// because it only does an auxiliary task (requirement 001-12; AI Act Art. 6(3)
// and (4)). Profiling rules every exception out; the rules of the packs say so.
type Exception struct {
	System    string    `json:"system" store:"ref=system,index,required"`
	Criterion Criterion `json:"criterion" store:"index,required"`
	Reason    string    `json:"reason" store:"search,long,required,max=2000"`   // why it only does that and influences no decision materially
	Evidence  string    `json:"evidence" store:"search,long,required,max=2000"` // what shows it, and where that lies
	Reviewer  string    `json:"reviewer" store:"ref=person,index,required"`     // who looked at it
	Date      time.Time `json:"date" store:"index,required"`                    // of the review
	Until     time.Time `json:"until" store:"index"`                            // day on which it is looked at again; zero: with the classification
}

// Title names the record in lists and links.
func (e *Exception) Title() string { return "Art. 6(3) " + string(e.Criterion) }

// Validate asks for a reason and for evidence in words.
func (e *Exception) Validate() error {
	var c problem.Checks
	c.Field(words(e.Reason), "reason", "Bitte in einem Satz begründen, warum die Ausnahme greift.", "Please say in one sentence why the exception applies.")
	c.Field(words(e.Evidence), "evidence", "Bitte sagen, was das belegt und wo es liegt.", "Please say what shows it and where that lies.")
	c.Field(e.Until.IsZero() || e.Until.After(e.Date), "until", "Der Tag liegt nach der Prüfung.", "The day lies after the review.")
	return c.Err()
}

// words reports whether s says something in at least two words.
func words(s string) bool {
	s = strings.TrimSpace(s)
	return len([]rune(s)) >= 10 && strings.ContainsAny(s, " \n")
}

// Exceptions is the kind of exceptions.
func Exceptions() *store.Kind[Exception] { return store.NewKind[Exception]("exception", "exc") }
