package risk

import (
	"strconv"
	"strings"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// matrixView is the matrix: a drawing with a word and a number in every field, and
// a table of the fields that hold risks beside it.
type matrixView struct {
	Label        string
	Likely, Harm string // names of the axes
	Rows         []matrixRow
	Columns      []string // severity, numbers 1 to 5 with their word for the table
	Table        ui.TableView
	Unrated      string
	Switch       ui.LinkView
}

type matrixRow struct {
	Y, TextY, WordY string
	Level           string
	Fields          []matrixField
}

type matrixField struct {
	X, MidX string
	Class   string
	Count   string
	Word    string
}

// Sizes of the drawing, in units of its box.
const (
	fieldWidth, fieldHeight = 66, 46
	matrixLeft, matrixTop   = 40, 4
)

func matrixBox() string {
	return "0 0 " + strconv.Itoa(matrixLeft+register.Steps*fieldWidth+4) + " " + strconv.Itoa(matrixTop+register.Steps*fieldHeight+40)
}

func matrixFoot(down int) string {
	return strconv.Itoa(matrixTop + register.Steps*fieldHeight + down)
}

func matrixMiddle() string { return strconv.Itoa(matrixLeft + register.Steps*fieldWidth/2) }

func matrixTurned() string { return strconv.Itoa(-(matrixTop + register.Steps*fieldHeight/2)) }

func columnMiddle(i int) string {
	return strconv.Itoa(matrixLeft + i*fieldWidth + fieldWidth/2)
}

// matrixOf draws risks, as they are left or, with before, as they were.
func matrixOf(r *page.Request, all []store.Object[register.Risk], before bool) matrixView {
	c := r.C
	m := register.MatrixOf(all, !before)
	number := map[string]int{}
	byID := map[string]store.Object[register.Risk]{}
	for i, o := range all {
		number[o.ID], byID[o.ID] = i+1, o
	}
	which := c.T("risks.after")
	v := matrixView{Likely: c.T("risks.likelihood"), Harm: c.T("risks.severity"), Switch: ui.LinkView{Text: c.T("risks.view.before"), Href: href(c) + "?view=before"}}
	if before {
		which, v.Switch = c.T("risks.before"), ui.LinkView{Text: c.T("risks.view.after"), Href: href(c)}
	}
	v.Label = c.T("risks.matrix.label", "which", which, "n", len(all)-len(m.Unrated), "of", len(all))
	v.Table = ui.TableView{ID: "matrix-table", Caption: v.Label, Cols: []ui.Col{{Head: c.T("risks.level")}, {Head: v.Likely}, {Head: v.Harm}, {Head: c.T("kinds.risk")}},
		Empty: ui.EmptyView{Title: c.T("risks.matrix.empty"), Text: c.T("risks.matrix.empty.text")}}
	for y, row := range m.Rows {
		top := matrixTop + y*fieldHeight
		out := matrixRow{Y: strconv.Itoa(top), TextY: strconv.Itoa(top + 20), WordY: strconv.Itoa(top + 36), Level: strconv.Itoa(register.Steps - y)}
		for x, f := range row {
			count := ""
			if len(f.Risks) > 0 {
				count = c.Int(len(f.Risks))
				v.Table.Rows = append(v.Table.Rows, fieldRow(r, f, number, byID))
			}
			out.Fields = append(out.Fields, matrixField{X: strconv.Itoa(matrixLeft + x*fieldWidth), MidX: columnMiddle(x), Class: "field-" + string(levelKind(f.Level)),
				Count: count, Word: levelWord(r, f.Level)})
		}
		v.Rows = append(v.Rows, out)
	}
	if n := len(m.Unrated); n > 0 {
		v.Unrated = c.T("risks.matrix.unrated", "n", n)
	}
	return v
}

func fieldRow(r *page.Request, f register.Field, number map[string]int, byID map[string]store.Object[register.Risk]) ui.Row {
	mark := levelMark(r, f.Level)
	var names []string
	for _, id := range f.Risks {
		names = append(names, r.C.Int(number[id])+" "+byID[id].Doc.Name)
	}
	cell := ui.Cell{Text: r.C.T("risks.n", "n", len(f.Risks)), Note: strings.Join(names, " · ")}
	if len(f.Risks) == 1 {
		cell.Href = href(r.C, f.Risks[0])
	}
	return ui.Row{Cells: []ui.Cell{{Mark: &mark}, {Text: strconv.Itoa(f.Likelihood) + " " + likelihoodWord(r, f.Likelihood)}, {Text: strconv.Itoa(f.Severity) + " " + severityWord(r, f.Severity)}, cell}}
}
