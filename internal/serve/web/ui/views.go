package ui

import (
	"time"

	"github.com/a-h/templ"
)

// Kind of a state mark or notice: shape and colour follow from it, and a word
// always stands beside them (criterion 18).
type Kind string

// OK is a disc, Warn a triangle, Stop a square, None a ring.
const (
	OK   Kind = "ok"
	Warn Kind = "warn"
	Stop Kind = "stop"
	None Kind = "none"
)

// Mark is a state in one word or two.
type Mark struct {
	Kind Kind
	Word string
}

// LinkView is a text that leads somewhere. Without Href it is plain text.
type LinkView struct {
	Text    string
	Href    string
	Current bool // this page, or the tab that is open
	Count   int  // shown behind the text when above zero
}

// Action is something to do: a link that looks like a button, or, with Post, a
// form of one button. Kind "main" is the one expected step of a page, "stop"
// switches something off; at most one main per page.
type Action struct {
	Text   string
	Href   string
	Kind   string // "", "main", "stop", "quiet"
	Post   bool
	Name   string // name and value of the button inside a form
	Value  string
	Big    bool
	Hidden map[string]string // hidden fields of a Post
}

// PageView describes a page with the rail.
type PageView struct {
	Title   string
	Crumbs  []LinkView // from the area down, without the page itself
	Over    string     // a line above the title instead of crumbs
	Actions []Action
	Aside   templ.Component // right of the title, e.g. a deadline
	Side    templ.Component // content of the side sheet; nil: closed
	Touch   bool            // large targets and AAA inks: pages used with gloves
	Narrow  bool            // one column of reading width, for forms
}

// OpenView describes a page without rail: workers, public cards.
type OpenView struct {
	Title    string // of the document
	Brand    string // beside the sign, e.g. the place of the machine; empty: the product's name
	LangHref string // address of the same page in the other language; empty: no switch
	Wide     bool
}

// SheetView is a section with a heading.
type SheetView struct {
	ID    string
	Title string
	Note  string // small, right of the title
	Link  LinkView
	Cap   string // small capitals above the title
	Quiet bool   // without frame
}

// Fact is a term with its description.
type Fact struct {
	Term string
	Text string
	Note string // small, behind the text
	Href string
	Mono bool
	Mark *Mark
}

// ClauseRef is one clause as shown: short reference, address of its text, title.
type ClauseRef struct {
	Ref   string
	Title string
	Href  string
}

// PermitView is the operating permit as a card. State valid, suspended or
// none decides colour and stamp; words come from the ui catalogue.
type PermitView struct {
	ID         string // id of the element, for partial updates; default "permit"
	State      string // "valid", "suspended", "none"
	Number     string
	Version    int
	Facts      []Fact // role, class, oversight, valid until, who decides …
	Lapses     []LapseView
	Conditions []ConditionView
	CardURL    string // absolute address in the QR code; empty: no code
	CardHref   string // link under the code
	FactsHash  string // shown short, whole in the title
	HashHref   string
	Compact    bool // without conditions, for lists
	Next       []Action
}

// LapseView is one reason why a permit is off.
type LapseView struct {
	Title   string
	Since   string // in words, reader's zone
	Clauses []ClauseRef
	LiftBy  string
	Object  LinkView // the record it rests on
}

// ConditionView is one rule of a permit.
type ConditionView struct {
	Text    string
	Clauses []ClauseRef
}

// Col is a column of a table.
type Col struct {
	Head  string
	Right bool // numbers
	Mono  bool
	Sort  string // address that sorts by it; empty: not sortable
	Order string // "ascending", "descending" or empty
}

// Cell is one cell. Body wins over the others; Mark stands before Text.
type Cell struct {
	Text string
	Href string
	Note string // small, under the text
	Mark *Mark
	Body templ.Component
}

// Row is one row; the first cell names it and is its header.
type Row struct {
	ID    string
	Cells []Cell
}

// TableView is a table. On small screens, and in narrow sheets, each row
// becomes a block with the column heads in front of the values.
type TableView struct {
	ID        string
	Caption   string // required: it names the table for everybody
	ShowTitle bool   // show the caption; otherwise it is for screen readers
	Cols      []Col
	Rows      []Row
	Empty     EmptyView
	Plain     bool // first cell is not a header
}

// EmptyView says why there is nothing, and what to do about it.
type EmptyView struct {
	Title  string
	Text   string
	Action *Action
}

// Pager leads through a list by cursor.
type Pager struct {
	First string // address of the first page; empty: we are there
	Next  string // address of the next page; empty: this is the last
	Shown int
	Total int
}

// Task is one thing that needs the reader.
type Task struct {
	Text string
	Href string
	Note string
	Time string // how long it takes, e.g. "6 min"
	Mark *Mark
}

// DiffRow is one changed field of a version.
type DiffRow struct {
	Field string
	Old   string
	New   string
}

// VersionView is one entry of an object's history.
type VersionView struct {
	Number  int
	At      time.Time
	Who     string
	What    string
	Rows    []DiffRow
	Journal LinkView
}

// StreamRow is one decision of the live stream.
type StreamRow struct {
	ID     string
	At     time.Time
	System string
	Href   string
	Mark   Mark
	Text   string // e.g. "Sicherheit 0,81 < 0,85"
	Index  string // journal index, written
	Proof  string // address of the entry
}

// StreamView is the table of the latest decisions. With URL it keeps itself
// current from a stream of StreamFragment events, newest first, Keep rows long.
type StreamView struct {
	ID      string
	Caption string
	URL     string
	Keep    int // default 12
	Rows    []StreamRow
}

// NoticeView is said once after something was done.
type NoticeView struct {
	Kind Kind
	Text string
	Link LinkView
}

// DoorView is one big choice on an open page.
type DoorView struct {
	Href string
	Icon string // see Icon
	Text string
	Note string
}

// FigureView is one number with unit, time, source and the way to its record.
type FigureView struct {
	Label string
	Value string
	Unit  string
	Note  string
	Href  string
	Meter *MeterView
}

// MeterView is a filled bar: Value of Max, with a sentence for who cannot see it.
type MeterView struct {
	Value, Max float64
	Label      string
	Kind       Kind // None: accent colour
}

// Stage is one stage of a lifeline: "done", "now" or "next".
type Stage struct {
	Name  string
	When  string
	State string
	Href  string
}

// RiskPoint is one risk in the matrix; X likelihood and Y impact count from 1.
type RiskPoint struct {
	No   string // short name in the mark, e.g. "R3"
	Name string
	X, Y int
	Href string
}

// RiskMatrixView is a square matrix; Size levels on both axes (usually 4 or 5).
// A field is Stop where X·Y ≥ StopAt, Warn where X·Y ≥ WarnAt.
type RiskMatrixView struct {
	Label        string
	XName, YName string
	XWords       []string // word per level, low to high
	YWords       []string
	Size         int
	WarnAt       int
	StopAt       int
	Points       []RiskPoint
}

// Point is one measurement of a line chart.
type Point struct {
	At    string // written, reader's zone
	Value float64
	Note  string
}

// DriftView is a line over time with a limit and, if above zero, a reference.
type DriftView struct {
	ID        string
	Label     string // one sentence: what it shows and how it stands
	Points    []Point
	Limit     float64
	Reference float64
	Places    int // decimals of the values, default 2
}

// WheelPart is one quarter of the PDCA wheel.
type WheelPart struct {
	Name     string
	Done, Of int
}

// BarRow is one row of a bar table.
type BarRow struct {
	Name  string
	Value string // with its unit
	Share float64
	Href  string
	Kind  Kind
}

// BarsView is a table whose last column draws each value as a bar.
type BarsView struct {
	Caption string
	Name    string // head of the first column
	Value   string // head of the second
	Bar     string // head of the third
	Rows    []BarRow
}

// FilterView is the search above a list. Selects need Name, Label, Value and
// Options.
type FilterView struct {
	Label   string // names the search for screen readers
	Action  string // address of the list
	Query   string // what was searched for, parameter q
	Selects []FieldView
}

func (v FilterView) filtered() bool {
	for _, f := range v.Selects {
		if f.Value != "" {
			return true
		}
	}
	return v.Query != ""
}

// Reason is one step of a rule trace, with the clauses it rests on.
type Reason struct {
	Text    string
	Clauses []ClauseRef
}

// ResultView is the answer of a guided page (criterion 18): what, why, what
// next, who.
type ResultView struct {
	Mark  Mark   // what, as a state
	Title string // what, in a sentence
	Why   []Reason
	Next  []Task
	Who   string // who acts next
	Note  string // e.g. the state of the legal data
}

// ProgressView is work that takes a while. With URL and while not Finished it
// asks there every second for itself anew; the answer is Progress alone.
type ProgressView struct {
	ID       string
	Label    string
	Done     int
	Total    int
	Words    string // e.g. "1.204 von 4.000 Einträgen"
	URL      string
	Finished bool
	Cancel   *Action // a Post
	Link     LinkView
}
