// Package interview is the impact assessment of one system: one interview, held by
// several people, from which three results are drawn, the AI impact assessment
// (ISO/IEC 42001, 6.1.4), the fundamental rights impact assessment (AI Act Art. 27)
// and the data protection impact assessment (GDPR Art. 35) (requirement 001-47).
//
// The questions, their conditions and how rights are judged are a pack's (package
// record/packs/interview); which result is owed is for the rule set that a result
// names, and the room keeps its trace (Owings).
//
// # Answers
//
// Every answer is an entry of its own with person and day. Nobody changes or
// deletes one: whoever thinks again answers again, and whoever sees it differently
// says so (Differs), which stays. The newest answer that is no dissent stands for
// an item; of rights the highest judgement of anybody counts (Answers.Given).
// Answers to questions that are not asked are kept and never counted.
//
// # Waves
//
// An interview is one wave. It ends with Conclude: per result the highest level
// that remains, red flags, and until when it counts. A task reminds a month before
// that (requirement 000-34). A concluded wave does not change; Compare holds two
// against each other, item by item.
//
// Source is what the room says to permits.
package interview

import (
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Impact is the interview of the shipped packs.
const Impact = "impact"

// The three results.
const (
	AIIA = "aiia"
	FRIA = "fria"
	DPIA = "dpia"
)

// Depth mirrors the depths of the pack as an enumerated field.
type Depth string

// The two depths.
const (
	Quick Depth = ask.Quick
	Full  Depth = ask.Full
)

// Values lists the depths.
func (Depth) Values() []string { return []string{string(Quick), string(Full)} }

// Duty says whether a result is owed.
type Duty string

// What a rule set can say. Asked is the AI impact assessment of a grave system,
// which no statute but the management system asks for.
const (
	Owed      Duty = "owed"
	Coming    Duty = "coming"
	Voluntary Duty = "voluntary"
	NotOwed   Duty = "none"
	Unclear   Duty = packs.Unclear
	Asked     Duty = "asked"
)

// Values lists them.
func (Duty) Values() []string {
	return []string{string(Owed), string(Asked), string(Coming), string(Voluntary), string(NotOwed), string(Unclear)}
}

// Participant is somebody who was asked.
type Participant struct {
	Person string `json:"person" store:"ref=person"`
	Role   string `json:"role"` // as whom: an id of the pack's "who"
}

// Step is one rule that spoke, in words.
type Step struct {
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
}

// Judgement is what somebody said about one right.
type Judgement struct {
	Touched       string `json:"touched"`
	Gravity       int    `json:"gravity"`
	Scope         int    `json:"scope"`
	Reversibility int    `json:"reversibility"`
	Likelihood    int    `json:"likelihood"`
	Remains       int    `json:"remains"`
}

func (j Judgement) read() ask.Judgement { return ask.Judgement(j) }

// Answer is an answer to one item.
type Answer struct {
	Item   string    `json:"item"`
	Values []string  `json:"values"`
	Text   string    `json:"text"`
	Right  Judgement `json:"right"`
}

func (a Answer) read() ask.Given {
	return ask.Given{Values: a.Values, Text: a.Text, Right: a.Right.read()}
}

// Result is what a concluded wave says about one of the three.
type Result struct {
	Result  string    `json:"result"`
	Duty    Duty      `json:"duty"`
	From    time.Time `json:"from"` // first day on which it is owed; zero: not known or never
	Why     []Step    `json:"why"`
	Done    bool      `json:"done"`
	Level   int       `json:"level"`  // highest that remains, 0: no right touched
	Rights  []string  `json:"rights"` // that have it
	Flags   []Step    `json:"flags"`  // red flags
	Unknown []string  `json:"unknown"`
}

// Interview is one wave of one system.
type Interview struct {
	System        string        `json:"system" store:"ref=system,index,required"`
	Questionnaire string        `json:"questionnaire" store:"index,required"`
	Version       string        `json:"version"` // of the pack
	Wave          int           `json:"wave" store:"index,required,min=1"`
	Depth         Depth         `json:"depth" store:"index,required"`
	Participants  []Participant `json:"participants" store:"max=50"`
	Began         time.Time     `json:"began"`
	Concluded     time.Time     `json:"concluded" store:"index"` // zero: still open
	ConcludedBy   string        `json:"concluded_by"`
	Say           string        `json:"say" store:"long,max=4000"`        // the conclusion in words
	Conditions    string        `json:"conditions" store:"long,max=4000"` // needed from a high level
	Results       []Result      `json:"results"`
	Answers       []Answer      `json:"answers"`  // that stood when it was concluded
	Dissents      int           `json:"dissents"` // how many there were then
	OpenWho       string        `json:"open_who"` // who settles what is unknown, person id
	OpenDue       time.Time     `json:"open_due"`
	Months        int           `json:"months"` // interval until the next wave
	ValidUntil    time.Time     `json:"valid_until" store:"index"`
	Task          string        `json:"task"` // the reminder
}

// Title names the wave in lists and links.
func (i *Interview) Title() string { return i.Questionnaire }

// Open reports whether the wave is not concluded yet.
func (i *Interview) Open() bool { return i.Concluded.IsZero() }

// Result returns what was concluded about one of the three; ok is false when
// nothing was.
func (i *Interview) Result(id string) (Result, bool) {
	for _, r := range i.Results {
		if r.Result == id {
			return r, true
		}
	}
	return Result{}, false
}

// Validate checks what the declaration cannot say.
func (i *Interview) Validate() error {
	var c problem.Checks
	seen := map[string]bool{}
	for _, p := range i.Participants {
		c.Field(p.Person != "" && !seen[p.Person], "participants", "Jede Person steht einmal in der Liste.", "Each person is in the list once.")
		seen[p.Person] = true
	}
	c.Field(i.Open() || i.ValidUntil.After(i.Concluded), "valid_until", "Das Ende liegt nach dem Abschluss.", "The end comes after the conclusion.")
	return c.Err()
}

// Entry is one answer of one person. It is written once and never changed: the
// table of roles lets nobody update or delete it.
type Entry struct {
	Interview string    `json:"interview" store:"ref=interview,index,required"`
	Seq       int       `json:"seq" store:"index,required,min=1"` // place among the answers of its round, from 1
	Person    string    `json:"person" store:"ref=person,index,required"`
	Day       time.Time `json:"day"`
	Item      string    `json:"item" store:"index,required"`
	Values    []string  `json:"values"`
	Text      string    `json:"text" store:"long,max=4000"`
	Right     Judgement `json:"right"`
	Differs   bool      `json:"differs" store:"index"` // sees it differently from what stands
}

// Title names the entry in lists and links.
func (e *Entry) Title() string { return e.Item }

// Validate asks whoever dissents for a reason.
func (e *Entry) Validate() error {
	var c problem.Checks
	c.Field(utf8.RuneCountInString(e.Text) <= 4000, "text", "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
	c.Field(!e.Differs || strings.Contains(strings.TrimSpace(e.Text), " "), "text",
		"Bitte in einem Satz sagen, warum Sie es anders sehen.", "Please say in a sentence why you see it differently.")
	return c.Err()
}

func (e Entry) answer() Answer { return Answer{e.Item, e.Values, e.Text, e.Right} }

// Interviews is the kind of waves, Entries that of answers.
func Interviews() *store.Kind[Interview] { return store.NewKind[Interview]("interview", "itv") }

// Entries is the kind of answers.
func Entries() *store.Kind[Entry] { return store.NewKind[Entry]("interview_entry", "ite") }
