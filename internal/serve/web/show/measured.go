package show

import (
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/ui"
)

// Measured lists the requirements of a catalogue that are measured from the
// journal: how each stands, how many of the cases looked at held, and the first
// entry that did not; log says that the reader may read the journal.
func Measured(c ui.Ctx, catalogue []packs.Requirement, all []verify.Requirement, log bool) ui.TableView {
	t := ui.TableView{Caption: c.T("show.measured"),
		Cols: []ui.Col{{Head: c.T("show.measured.requirement")}, {Head: c.T("show.measured.status")}, {Head: c.T("show.measured.held"), Right: true, Mono: true}}}
	titles := map[string]string{}
	for _, r := range catalogue {
		titles[r.ID] = c.In(r.Title)
	}
	for _, r := range all {
		mark := StatusMark(c, r.Status)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.Ref + " " + titles[r.ID], Href: c.URL("duties", r.ID)}, {Mark: &mark}, held(c, r, log)}})
	}
	return t
}

// held is the share of a requirement's cases in words, with the first that did
// not hold.
func held(c ui.Ctx, r verify.Requirement, log bool) ui.Cell {
	seen, passed := 0, 0
	var wrong []uint64
	for _, res := range r.Results {
		seen += res.Seen
		passed += res.Passed
		wrong = append(wrong, res.Failed...)
	}
	cell := ui.Cell{Text: "–"}
	if seen > 0 {
		cell.Text = c.T("show.of", "done", passed, "of", seen)
	}
	if len(wrong) > 0 {
		first := Entry(c, int64(wrong[0]))
		if !log {
			first.Href = ""
		}
		cell.Body = noted(cell.Text, c.T("show.measured.first"), first)
	}
	return cell
}
