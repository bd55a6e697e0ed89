package guide

import (
	"strconv"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// stepView is one question on its page.
type stepView struct {
	Part    string // "Teil 1 von 3: Risikoklasse"; empty: there is one part only
	Number  string // "Frage 3"
	Most    string // "in klaren Fällen höchstens 6"
	Focus   bool   // the question follows another one: it gets the focus
	Form    ui.Form
	Field   ui.FieldView
	Many    bool // several answers
	Digits  bool // a number
	Ask     string
	Answers answersView
	Law     string
	About   aboutView
	Intro   []string // only before the first answer
	Aside   []ui.LinkView
	Discard *ui.Action // takes back what was changed since the result

	Examples []exampleView // own examples of each class
}

// aboutView reminds the reader of what the register says about the system.
type aboutView struct {
	Title string
	Facts []ui.Fact
}

// about is what the register says; nothing of it is asked again.
func about(c ui.Ctx, sys store.Object[inventory.System]) aboutView {
	v := aboutView{Title: sys.Doc.Name}
	add := func(term string, b text.Bi) {
		if !b.IsZero() {
			v.Facts = append(v.Facts, ui.Fact{Term: term, Text: show.Say(c, b)})
		}
	}
	add(c.T("guide.about.purpose"), sys.Doc.Purpose)
	add(c.T("guide.about.use"), sys.Doc.Use)
	return v
}

// answersView is what was answered so far, with the way to change it.
type answersView struct {
	Rows  []answerView
	More  []ui.LinkView // questions that nobody has to answer
	Other bool          // some of them do not count at the moment
}

type answerView struct {
	Question string
	Answer   string
	Href     string // empty: the reader may not change it
	Idle     bool   // kept, but without effect on the result
}

// conflictView is two sets of answers, the reader's and the stored.
type conflictView struct {
	Form   ui.Form // everything the reader entered, with the stored revision
	Who    string
	When   string
	Rows   []conflictRow
	Theirs string // address of the page as stored
}

type conflictRow struct {
	Question, Mine, Stored string
}

// saveView is the form that makes a result of answers.
type saveView struct {
	Form     ui.Form
	Open     bool // something is unclear: owner and day are asked
	Owners   ui.FieldView
	Due      ui.FieldView
	To       ui.FieldView // whom they ask; without a name: nobody is asked for here
	Override bool         // the class may be set by hand
	Changed  bool         // it is
	Class    ui.FieldView
	Reason   ui.FieldView
}

// outcomeView is the page of a result.
type outcomeView struct {
	Main    ui.ResultView
	More    []besideView // role, security level
	Facts   []ui.Fact
	Stale   string // why the result should be looked at again
	Open    []openView
	OpenSay string
	Letter  string
	Score   *scoreView
	Higher  *higherView
	Save    *saveView
	Saved   string // by whom and when
	Answers answersView
	Law     string
	Next    []ui.Action
	Discard *ui.Action

	Examples []exampleView // own examples of the class
	Warn     *warnView     // to be read before another class is saved
	Again    *ui.Form      // confirms a saved result as it is
}

// besideView is a result beside the main one.
type besideView struct {
	ID    string
	Cap   string
	Value string
	Mark  *ui.Mark // instead of a value: it is unclear
	Why   []ui.Reason
}

// openView is one open question with whom to ask; Href answers it, for who may.
type openView struct{ Question, Ask, Href string }

// scoreView is the practical verdict.
type scoreView struct {
	Figure ui.FigureView
	Still  string // how much is open; empty: nothing
	Note   string
}

// higherView is what the next higher class would add.
type higherView struct {
	Title  string
	Lead   string
	Duties []dutyView
	Note   string
}

type dutyView struct {
	Clause ui.ClauseRef
	Text   string
	From   string
}

// reasons are the steps of a trace as a result shows them.
func reasons[T any](r *page.Request, steps []T, of func(T) (say string, clauses []string)) []ui.Reason {
	var out []ui.Reason
	for _, s := range steps {
		say, clauses := of(s)
		out = append(out, ui.Reason{Text: say, Clauses: show.Clauses(r.C, r.Org.Packs, clauses)})
	}
	return out
}

func assessReasons(r *page.Request, steps []assess.Step) []ui.Reason {
	return reasons(r, steps, func(s assess.Step) (string, []string) { return show.Say(r.C, s.Say), s.Clauses })
}

// lines is how high a text area has to be for a text.
func lines(s string) string {
	n := 1
	for line := range strings.SplitSeq(s, "\n") {
		n += 1 + len([]rune(line))/72
	}
	return strconv.Itoa(min(n, 30))
}

// expert explains the law behind a question: the clauses it comes from.
func expert(r *page.Request, ids []string) (say, source string) {
	var all, refs []string
	for _, id := range ids {
		c, ok := r.Org.Packs.Clause(id)
		if !ok {
			continue
		}
		refs = append(refs, c.Short(r.C.Lang))
		one := r.C.In(c.Title)
		if t := r.C.In(c.Text); t != "" {
			one += ": " + t
		}
		if !strings.HasSuffix(one, ".") {
			one += "."
		}
		all = append(all, one)
	}
	return strings.Join(all, " "), strings.Join(refs, " · ")
}

// ask names whom to ask when nobody here knows.
func ask(c ui.Ctx, whom string) string {
	switch whom {
	case "vendor", "it":
		return c.T("guide.ask." + whom)
	}
	return c.T("guide.ask.user")
}

// optionText is the word of an answer of the packs.
func optionText(c ui.Ctx, options []packs.Option, id string) string {
	for _, o := range options {
		if o.ID == id {
			return c.In(o.Text)
		}
	}
	switch id {
	case "yes", "no", packs.Unknown, "none":
		return c.T("guide.answer." + id)
	}
	return id
}

// firstOf is the first of some texts that is not empty.
func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

func resultCap(v outcomeView) string {
	if v.Save != nil {
		return "guide.preview"
	}
	return "guide.result"
}

func conflictRows(v conflictView) []ui.Row {
	var out []ui.Row
	for _, r := range v.Rows {
		out = append(out, ui.Row{Cells: []ui.Cell{{Text: r.Question}, {Text: r.Mine}, {Text: r.Stored}}})
	}
	return out
}
