package stock

import "augenmass/internal/text"

// Draft is a filled proposal of a register entry for a usual case (requirement
// 000-06), with what people should know before they use it.
type Draft struct {
	ID       string
	Pack     string
	Title    text.Bi
	Says     text.Bi // when it fits
	Entry    Entry
	Operator string     // one of OperatorRoles: who the firm is under the AI Act
	Data     []DataUse  // kinds of data that the case hands on
	Warnings []Warning  // what is easily overlooked
	Rights   []text.Bi  // what the people concerned may ask for
	Notice   text.Bi    // text that tells people they deal with AI; may be empty
	Handover text.Bi    // how a person takes over; may be empty
	Forecast []Forecast // what the case promises
	Duties   []string   // clauses that the operator role brings with it
	Hints    []Hint     // what belongs into other parts of the file
}

// Entry is what goes into the register.
type Entry struct {
	Name        text.Bi
	Purpose     text.Bi
	Use         text.Bi
	Technology  text.Bi
	DataSources []text.Bi
	Excluded    []text.Bi
	Origin      string   // one of Origins
	Scope       []string // of Scopes
	RoleOfAI    string   // one of RolesOfAI
	DataClasses []string // of DataClasses
	People      bool
	Oversight   string // one of Oversights
	Decider     text.Bi
	DeciderRole string // a role that may decide review cases; may be empty
	Fallback    text.Bi
}

// DataUse is one kind of data in a case.
type DataUse struct {
	Kind  string  // id of a kind of data
	Where text.Bi // to whom it goes, as far as is typical
	Need  text.Bi // how to avoid or limit it
}

// Warning is something to know, with the clauses that say so.
type Warning struct {
	Say     text.Bi
	Clauses []string
}

// Forecast is a figure that the case promises. It is a claim until somebody
// measures (requirements 003-20, 003-26).
type Forecast struct {
	ID     string
	Name   text.Bi
	Value  float64
	Unit   text.Bi // "% less time"
	Grade  string  // one of Grades; never measured
	Source text.Bi // who claims it
}

// Hint is what belongs into another part of the file.
type Hint struct {
	Part string // a word such as profile, data, risk, people; shown as it is
	Say  text.Bi
}
