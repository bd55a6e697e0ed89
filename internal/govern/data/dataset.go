// Package data keeps what an organisation says about the data behind its AI
// systems: data sets with the steps by which they were acquired, cleaned,
// protected and deleted (requirement 000-32), as a chain that anybody can verify
// (001-23); which data flow where and who gets at them (003-57); for which work
// the data are (002-64); and the checks that a model version passed before it was
// used (000-30).
//
// Each step is an in-toto statement about the state of the data, named by its
// SHA-256, that holds the hash of the statement before it, in a DSSE envelope
// with the organisation's seal (record/attest). AddStep signs, Check and Verify
// say whether the chain holds or where it breaks first. The data themselves stay
// where they are: only their hash is kept.
//
// The room has a say in permits (stand.Source, name "data"): a broken chain, a
// data set past its day of deletion and a failed acceptance count for every
// system, missing ones only where much depends on it.
//
// What a model is, is for govern/inventory; tasks after a change of model or
// vendor (000-49) are made by govern/duty.
package data

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Known is an answer that may be missing, and shows that it is.
type Known string

// The three answers.
const (
	Yes     Known = "yes"
	No      Known = "no"
	Unknown Known = "unknown"
)

// Values lists the answers.
func (Known) Values() []string { return []string{string(Yes), string(No), string(Unknown)} }

// Sheet is the data sheet of a data set, in plain fields.
type Sheet struct {
	Contents  string `json:"contents" store:"long,max=4000"`  // what one entry is, and what it says
	Amount    string `json:"amount" store:"max=200"`          // "12.400 Bilder", "3 GB"
	Period    string `json:"period" store:"max=200"`          // of which time the data are
	Collected string `json:"collected" store:"long,max=4000"` // how and by whom they were gathered
	Covers    string `json:"covers" store:"long,max=4000"`    // which cases, machines or groups are in it, and which are not
	Quality   string `json:"quality" store:"long,max=4000"`   // known gaps and errors, how labels came about
	Split     string `json:"split" store:"max=400"`           // parts for training, validation, test
	Limits    string `json:"limits" store:"long,max=4000"`    // what the data must not be used for
}

// Filled is how many of the sheet's fields say something, and how many there are.
func (s Sheet) Filled() (n, of int) {
	for _, v := range []string{s.Contents, s.Amount, s.Period, s.Collected, s.Covers, s.Quality, s.Split, s.Limits} {
		if of++; strings.TrimSpace(v) != "" {
			n++
		}
	}
	return n, of
}

// Dataset is one collection of data that a system was trained, validated or
// tested with, or that it works on.
type Dataset struct {
	Name     string    `json:"name" store:"index,search,required,max=200"`
	Systems  []string  `json:"systems" store:"ref=system"`
	Jobs     []string  `json:"jobs" store:"index,max=50"` // work that rests on these data, as people call it: "Arbeitsvorbereitung"
	Purpose  string    `json:"purpose" store:"search,long,max=2000"`
	Source   string    `json:"source" store:"search,max=2000"`  // where the data come from
	Licence  string    `json:"licence" store:"search,max=1000"` // or contract, or other right to use them
	Personal Known     `json:"personal" store:"index,required"` // are there personal data in it
	Class    string    `json:"class" store:"index,max=100"`     // data class, as the register of systems calls it
	Location string    `json:"location" store:"search,max=1000"`
	Owner    string    `json:"owner" store:"ref=person"` // who answers questions about it
	Sheet    Sheet     `json:"sheet"`
	DeleteBy time.Time `json:"delete_by" store:"index"`       // day until which the data are deleted; zero: none is set
	Keep     string    `json:"keep" store:"long,max=1000"`    // why they are kept until then, or without an end
	Origin   string    `json:"origin" store:"index,max=1000"` // of an imported one: its reference in the file
	Steps    []Step    `json:"steps" store:"max=200"`
}

// Title names the data set in lists and links.
func (d *Dataset) Title() string { return d.Name }

// Default: what nobody answered is unknown.
func (d *Dataset) Default() {
	if d.Personal == "" {
		d.Personal = Unknown
	}
}

// Validate holds what a data set needs whoever writes it. Whether its chain
// holds is for Check: a broken one must be able to stand here, or nobody would
// see it.
func (d *Dataset) Validate() error {
	var c problem.Checks
	c.Field(!slices.ContainsFunc(d.Jobs, func(j string) bool { return strings.TrimSpace(j) == "" || len(j) > 200 }), "jobs",
		"Eine Tätigkeit hat einen Namen mit höchstens 200 Zeichen.", "A job has a name of at most 200 characters.")
	seen := map[string]bool{}
	for _, s := range d.Systems {
		c.Field(!seen[s], "systems", "Ein System steht doppelt.", "A system is named twice.")
		seen[s] = true
	}
	return c.Err()
}

// Deleted is the step that deleted the data, or nil.
func (d *Dataset) Deleted() *Step {
	for i := range d.Steps {
		if d.Steps[i].Act == Delete {
			return &d.Steps[i]
		}
	}
	return nil
}

// Overdue reports whether the data should be deleted by now and there is no
// proof that they are. The day of deletion itself is not overdue yet.
func (d *Dataset) Overdue(now time.Time) bool {
	return !d.DeleteBy.IsZero() && d.Deleted() == nil && !now.Before(d.end())
}

// end is the first instant after the day of deletion.
func (d *Dataset) end() time.Time { return d.DeleteBy.UTC().AddDate(0, 0, 1) }

// Done is how many of the four kinds of steps there are.
func (d *Dataset) Done() int {
	n := 0
	for _, a := range Act("").Values() {
		if slices.ContainsFunc(d.Steps, func(s Step) bool { return string(s.Act) == a }) {
			n++
		}
	}
	return n
}

// Datasets is the kind of data sets.
func Datasets() *store.Kind[Dataset] { return store.NewKind[Dataset]("dataset", "dts") }

// Job is the data list of one job (requirement 002-64).
type Job struct {
	Name string
	Sets []store.Object[Dataset]
}

// Jobs groups data sets by the work that rests on them, sorted as readers of l
// look for names; data sets that name no job come last, under an empty name.
func Jobs(l text.Lang, all []store.Object[Dataset]) []Job {
	by := map[string]*Job{}
	var order []string
	put := func(name string, o store.Object[Dataset]) {
		key := strings.ToLower(name)
		if by[key] == nil {
			by[key] = &Job{Name: name}
			order = append(order, key)
		}
		by[key].Sets = append(by[key].Sets, o)
	}
	for _, o := range all {
		if len(o.Doc.Jobs) == 0 {
			put("", o)
		}
		seen := map[string]bool{}
		for _, j := range o.Doc.Jobs {
			if j = strings.TrimSpace(j); !seen[strings.ToLower(j)] {
				seen[strings.ToLower(j)] = true
				put(j, o)
			}
		}
	}
	text.SortBy(l, order, func(key string) string { return key })
	if i := slices.Index(order, ""); i >= 0 {
		order = append(slices.Delete(order, i, i+1), "")
	}
	out := make([]Job, len(order))
	for i, key := range order {
		out[i] = *by[key]
	}
	return out
}
