package exchange

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	read "augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/prove/exchange/doccheck"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/serve/web/ui"
)

// previewView is what a file would come to.
type previewView struct {
	OK       bool
	Mark     ui.Mark
	Sum      string // what was read, in one sentence
	Notes    []string
	Errors   ui.TableView
	Figures  []ui.FigureView // citations by verdict
	Form     *ui.Form        // nil: nothing can be adopted
	Own      bool            // title and version are the reader's to give
	Cited    ui.TableView
	Open     int // citations that are not right and have something better beside them
	Rows     ui.TableView
	Fine     ui.TableView // citations of the requirements that are right
	Others   ui.TableView // citations outside the requirements that are not right
	Findings ui.TableView
	More     map[string]string // by section: how many rows are not shown
}

// previewOf makes the view of a result.
func previewOf(c ui.Ctx, t intake.Taken, vals url.Values) previewView {
	res := t.Result
	v := previewView{OK: res.OK(), More: map[string]string{}, Own: res.Kind == read.Table}
	v.Mark = ui.Mark{Kind: ui.OK, Word: c.T("exchange.ok")}
	if !v.OK {
		v.Mark = ui.Mark{Kind: ui.Stop, Word: c.T("exchange.bad", "n", len(res.Errors))}
	}
	v.Sum = c.T("exchange.sum."+res.Kind, "n", res.Rows)
	for _, n := range res.Notes {
		v.Notes = append(v.Notes, c.In(n))
	}
	v.Errors = faults(c, res.Errors)
	v.More["errors"] = rest(c, len(res.Errors))
	v.cited(c, res, vals)
	v.rows(c, res)
	v.findings(c, res.Document)
	return v
}

// faults is one row an error.
func faults(c ui.Ctx, all []read.RowError) ui.TableView {
	t := ui.TableView{ID: "errors", Caption: c.T("exchange.errors"), Cols: []ui.Col{{Head: c.T("exchange.where")}, {Head: c.T("exchange.what")}}}
	for _, e := range all[:min(len(all), shown)] {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: where(c, e.Line, e.Cell)}, {Text: c.In(e.Say)}}})
	}
	return t
}

// where is a position in words: a cell of a workbook, or a line with its column.
func where(c ui.Ctx, line int, cell string) string {
	switch {
	case strings.Contains(cell, "!") || line == 0 && cell != "":
		return cell
	case line > 0 && cell != "":
		return c.T("exchange.line.column", "n", line, "column", cell)
	case line > 0:
		return c.T("exchange.line", "n", line)
	}
	return c.T("exchange.file")
}

// verdictMark is a verdict as a state.
func verdictMark(c ui.Ctx, j citation.Judgement) *ui.Mark {
	kind := map[citation.Judgement]ui.Kind{citation.Right: ui.OK, citation.Imprecise: ui.Warn, citation.Wrong: ui.Stop}[j]
	if kind == "" {
		kind = ui.None
	}
	return &ui.Mark{Kind: kind, Word: c.T("exchange.verdict." + string(j))}
}

// better reports whether there is something to take instead of what is written.
func better(v citation.Verdict) bool {
	return v.Verdict != citation.Right && v.Verdict != citation.Exists && (!v.Correct.IsZero() || len(v.Clauses)+len(v.IfHigh) > 0)
}

// fine reports whether there is nothing to say about a citation.
func fine(v citation.Verdict) bool {
	return v.Verdict == citation.Right || v.Verdict == citation.Exists
}

// cited is one row a citation: those of the requirements with a choice, the
// gravest verdicts first and the right ones apart, so that a reader sees at once
// what needs a decision; the others only where something is wrong with them.
func (v *previewView) cited(c ui.Ctx, res read.Result, vals url.Values) {
	v.Cited = ui.TableView{ID: "citations", Caption: c.T("exchange.citations"), Cols: []ui.Col{{Head: c.T("exchange.field.id")}, {Head: c.T("exchange.cited")},
		{Head: c.T("exchange.verdict")}, {Head: c.T("exchange.correct")}, {Head: c.T("exchange.take")}}}
	v.Fine = ui.TableView{ID: "fine", Caption: c.T("exchange.citations.right"), Cols: v.Cited.Cols[:4]}
	v.Others = ui.TableView{ID: "others", Caption: c.T("exchange.others"), Cols: []ui.Col{{Head: c.T("exchange.where")}, {Head: c.T("exchange.cited")},
		{Head: c.T("exchange.verdict")}, {Head: c.T("exchange.correct")}}}
	count := map[citation.Judgement]int{}
	mine, others := 0, 0
	var grave []int // of the rows of Cited
	for i, x := range res.Cited {
		said := ui.Cell{Text: c.In(x.Cited)}
		verdict := ui.Cell{Mark: verdictMark(c, x.Verdict), Note: c.In(x.Why)}
		correct := ui.Cell{Text: c.In(x.Correct)}
		if correct.Text == "" {
			correct.Text = "–"
		}
		if x.Row < 0 {
			if fine(x) {
				continue
			}
			if others++; others <= shown {
				v.Others.Rows = append(v.Others.Rows, ui.Row{Cells: []ui.Cell{{Text: where(c, x.Line, x.Cell)}, said, verdict, correct}})
			}
			continue
		}
		count[x.Verdict]++
		take := ui.Cell{Text: "–"}
		if better(x) && v.OK {
			v.Open++
			name := "take-" + strconv.Itoa(i)
			take = ui.Cell{Body: choice(c, choiceView{Name: name, Label: c.T("exchange.take.label", "cited", said.Text, "id", res.Requirements[x.Row].ID),
				Written: vals.Get(name) == string(read.Written)})}
		}
		if mine++; mine > shown {
			continue
		}
		row := []ui.Cell{{Text: res.Requirements[x.Row].ID}, said, verdict, correct}
		if fine(x) {
			v.Fine.Rows = append(v.Fine.Rows, ui.Row{Cells: row})
			continue
		}
		v.Cited.Rows = append(v.Cited.Rows, ui.Row{Cells: append(row, take)})
		grave = append(grave, slices.Index(gravest, x.Verdict))
	}
	v.Cited.Rows = inOrder(v.Cited.Rows, grave)
	v.More["citations"], v.More["others"] = rest(c, mine), rest(c, others)
	for _, j := range citation.Judgements {
		if count[j] > 0 {
			v.Figures = append(v.Figures, ui.FigureView{Label: c.T("exchange.verdict." + string(j)), Value: c.Int(count[j]), Unit: c.T("exchange.of", "n", mine)})
		}
	}
}

// gravest are the verdicts that need a look, in the order of their weight.
var gravest = []citation.Judgement{citation.Wrong, citation.Unverifiable, citation.Imprecise}

// inOrder sorts rows by weight and leaves those of one weight as they stand.
func inOrder(rows []ui.Row, weight []int) []ui.Row {
	at := make([]int, len(rows))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return weight[a] - weight[b] })
	out := make([]ui.Row, len(rows))
	for i, k := range at {
		out[i] = rows[k]
	}
	return out
}

// choiceView is what becomes of one citation.
type choiceView struct {
	Name    string
	Label   string
	Written bool
}

// rows is one row a requirement, with its six fields; what is no full sentence
// is marked (001-20).
func (v *previewView) rows(c ui.Ctx, res read.Result) {
	v.Rows = ui.TableView{ID: "rows", Caption: c.T("exchange.requirements"), Cols: sixColumns(c)}
	for _, q := range res.Requirements[:min(len(res.Requirements), shown)] {
		fragment := map[read.Field]bool{}
		for _, f := range q.Fragments {
			fragment[f] = true
		}
		cell := func(f read.Field) ui.Cell {
			s := q.Of(f)
			if s == "" {
				return ui.Cell{Text: "–"}
			}
			if fragment[f] {
				return ui.Cell{Text: s, Note: c.T("exchange.fragment")}
			}
			return ui.Cell{Text: s}
		}
		id := ui.Cell{Text: q.ID, Note: where(c, q.Line, q.Cell)}
		if about := c.ClauseRefs([]string{q.About}); q.About != "" && len(about) == 1 {
			id.Note += " · " + c.T("exchange.about", "ref", about[0].Ref)
		}
		v.Rows.Rows = append(v.Rows.Rows, ui.Row{Cells: []ui.Cell{id, cell(read.FieldDescription), cell(read.FieldProof),
			{Text: statusWord(c, string(q.Status))}, cell(read.FieldReferences), cell(read.FieldEvidence)}})
	}
	v.More["rows"] = rest(c, len(res.Requirements))
}

// findings is one row a finding of the document check, the gravest kinds first.
func (v *previewView) findings(c ui.Ctx, all []doccheck.Finding) {
	v.Findings = ui.TableView{ID: "document", Caption: c.T("exchange.document"), Cols: []ui.Col{{Head: c.T("exchange.where")}, {Head: c.T("exchange.what")}, {Head: c.T("exchange.sentence")}}}
	n := 0
	for _, k := range doccheck.Kinds {
		for _, f := range all {
			if f.Kind != k {
				continue
			}
			if n++; n > shown {
				continue
			}
			sentence := ui.Cell{Text: f.Sentence}
			if f.Against != nil {
				sentence.Note = c.T("exchange.against", "n", f.Against.Line, "sentence", f.Against.Sentence)
			}
			kind := ui.Warn
			if k == doccheck.Fragment {
				kind = ui.None
			}
			v.Findings.Rows = append(v.Findings.Rows, ui.Row{Cells: []ui.Cell{{Text: where(c, f.Line, "")},
				{Mark: &ui.Mark{Kind: kind, Word: c.T("exchange.finding." + string(k))}, Note: c.In(f.Say)}, sentence}})
		}
	}
	v.More["document"] = rest(c, n)
}
