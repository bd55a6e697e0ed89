package classify

import (
	"slices"
	"strconv"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// RiskClass mirrors the classes of the AI Act as an enumerated field.
type RiskClass string

// Values lists the five classes of the vocabulary, strictest first.
func (RiskClass) Values() []string {
	return []string{"prohibited", "high", "limited", "minimal", "unclear"}
}

// SecurityLevel mirrors the levels of IEC 62443 as an enumerated field; empty
// says that nobody decided.
type SecurityLevel string

// Values lists SL 0 to SL 4.
func (SecurityLevel) Values() []string { return []string{"sl0", "sl1", "sl2", "sl3", "sl4"} }

// Priority is how soon a row of the class table is worked on, in four steps that
// people call critical, very high, high and medium (requirement 001-09).
type Priority string

// The priorities, first to last.
const (
	Critical Priority = "first"
	VeryHigh Priority = "soon"
	High     Priority = "planned"
	Medium   Priority = "later"
)

// Values lists the priorities, first to last.
func (Priority) Values() []string {
	return []string{string(Critical), string(VeryHigh), string(High), string(Medium)}
}

// Days is within how many days what is due at a priority is done; our own
// convention.
func (p Priority) Days() int {
	switch p {
	case Critical:
		return 7
	case VeryHigh:
		return 14
	case High:
		return 30
	}
	return 90
}

// Due is the day on which what begins at an instant is due.
func (p Priority) Due(from time.Time) time.Time { return from.AddDate(0, 0, p.Days()) }

// PriorityOf is how soon something about a system is done: by the first row of
// the class table that its class or its security level has, and where the table
// says nothing by the class alone.
func PriorityOf(rows []ClassRow, class string, level int, levelKnown bool) Priority {
	best := -1
	for _, row := range rows {
		byLevel := levelKnown && row.Level == SecurityLevel("sl"+strconv.Itoa(level))
		if row.Class != "" && string(row.Class) != class || row.Class == "" && !byLevel || row.Class != "" && row.Level != "" && !byLevel {
			continue
		}
		if at := place(row.Priority, Priority("").Values()); best < 0 || at < best {
			best = at
		}
	}
	if all := Priority("").Values(); best >= 0 && best < len(all) {
		return Priority(all[best])
	}
	switch class {
	case permit.ClassProhibited:
		return Critical
	case permit.ClassHigh, permit.ClassUnclear:
		return VeryHigh
	case permit.ClassLimited:
		return High
	}
	return Medium
}

// ClassRow is one row of the organisation's class table: what a class means
// here, where it typically occurs and how soon it is worked on (requirement
// 001-08). Risk class and security level are two fields and neither follows
// from the other: any pair is possible, and each may be empty.
type ClassRow struct {
	Name        string        `json:"name" store:"index,search,required,unique"`
	Class       RiskClass     `json:"class" store:"index"` // of the AI Act; empty: the row says nothing about it
	Level       SecurityLevel `json:"level" store:"index"` // of IEC 62443; empty: the row says nothing about it
	Description text.Bi       `json:"description" store:"search,long"`
	Use         text.Bi       `json:"use" store:"search,long"` // own examples, shown where systems are classified (requirement 001-42)
	Priority    Priority      `json:"priority" store:"index,required"`
}

// Title names the row in lists and links.
func (r *ClassRow) Title() string { return r.Name }

// Validate asks for one of the two axes and for a description in words.
func (r *ClassRow) Validate() error {
	var c problem.Checks
	c.Field(r.Class != "" || r.Level != "", "class",
		"Eine Zeile beschreibt eine Risikoklasse, ein Security Level oder beides. Bitte mindestens eines wählen.",
		"A row describes a risk class, a security level or both. Please choose at least one.")
	c.Field(r.Description.DE != "" || r.Description.EN != "", "description",
		"Bitte in einem Satz sagen, was diese Klasse hier bedeutet.",
		"Please say in one sentence what this class means here.")
	return c.Err()
}

// Rank orders the rows of a class table: by priority, then the stricter class,
// then the higher level. Rows are equal in rank only if all three are.
func Rank(a, b ClassRow) int {
	for _, by := range []int{
		place(a.Priority, Priority("").Values()) - place(b.Priority, Priority("").Values()),
		place(a.Class, RiskClass("").Values()) - place(b.Class, RiskClass("").Values()),
		place(b.Level, SecurityLevel("").Values()) - place(a.Level, SecurityLevel("").Values()),
	} {
		if by != 0 {
			return by
		}
	}
	return 0
}

// place is the position of a value; what is not in the list comes last.
func place[S ~string](v S, all []string) int {
	if i := slices.Index(all, string(v)); i >= 0 {
		return i
	}
	return len(all)
}

// Rows is the kind of the rows of the class table.
func Rows() *store.Kind[ClassRow] { return store.NewKind[ClassRow]("class_row", "crw") }
