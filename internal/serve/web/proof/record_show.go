package proof

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// recordView is what the page about the state of the record shows.
type recordView struct {
	Tabs      []ui.LinkView
	Mark      ui.Mark
	Says      []ui.NoticeView // what is wrong, the gravest first
	Figures   []ui.FigureView
	Names     ui.TableView
	Witnesses ui.TableView
	Witnessed string // how many of them cosigned the last checkpoint
	Quorum    string // since when enough did
	Place     []ui.Fact
	Promises  []string
	Reports   []report // why something is as it is
}

// report is what a program said about a fault.
type report struct{ From, Text, Lang string }

// recordShow is the state of the record: complete, signed, witnessed, and where
// it lies. It is shown from what this process knows; nothing is asked for it.
func (a *area) recordShow(r *page.Request) error {
	if err := must(r, store.Read, "journal"); err != nil {
		return err
	}
	v := recordOf(r.C, a.record(r.Org, r.Context()))
	v.Tabs = Tabs(r, "record")
	return r.Show(ui.PageView{Title: r.C.T("proof.record"), Over: r.C.T("proof.record.over")}, recordBody(r.C, v))
}

// recordSource tells the state of the record; tests say their own.
type recordSource func(*org.Org, context.Context) org.RecordState

// recordOf puts a state into words.
func recordOf(c ui.Ctx, s org.RecordState) recordView {
	v := recordView{Mark: ui.Mark{Kind: ui.OK, Word: c.T("proof.record.fine")}, Figures: recordFigures(c, s), Names: recordNames(c, s.Names), Place: recordPlace(c, s)}
	for _, t := range s.Troubles() {
		n := ui.NoticeView{Kind: ui.Stop, Text: c.T("proof.record.trouble." + string(t))}
		switch {
		case t == org.Unsigned:
			n.Kind = ui.Warn
		case t == org.Refused && s.Schema != "":
			n.Text = c.T("proof.record.refused.database")
		}
		v.Says = append(v.Says, n)
	}
	if len(v.Says) > 0 {
		v.Mark = ui.Mark{Kind: v.Says[0].Kind, Word: c.T("proof.record.troubled")}
	}
	v.witnesses(c, s)
	disk := "folder"
	if s.Schema != "" {
		disk = "database"
	}
	v.Promises = []string{c.T("proof.record.promise"), c.T("proof.record.promise." + disk)}
	if len(s.Witnesses) == 0 && s.Leads {
		v.Promises = append(v.Promises, c.T("proof.record.promise.witness"))
	}
	v.reportProblem(c, c.T("proof.record.report.append"), s.Failed)
	v.reportProblem(c, c.T("proof.record.report.publish"), s.PublishErr)
	for _, w := range s.Witnesses {
		if w.Err != nil { // of a witness nothing else keeps it
			v.Reports = append(v.Reports, report{w.Name, w.Err.Error(), string(text.EN)})
		}
	}
	return v
}

// reportProblem says what readers may see of an error; its cause is for logs.
func (v *recordView) reportProblem(c ui.Ctx, from string, err error) {
	var p *problem.Problem
	if errors.As(err, &p) {
		v.Reports = append(v.Reports, report{from, strings.TrimSpace(c.In(p.Say) + " " + c.In(p.Hint)), string(c.Lang)})
	}
}

// recordFigures say how many entries there are and how far they are published.
func recordFigures(c ui.Ctx, s org.RecordState) []ui.FigureView {
	size := ui.FigureView{Label: c.T("proof.figure.size"), Value: c.Int(int(s.Size)), Unit: c.T("proof.entries"), Note: c.T("proof.figure.size.note", "at", c.DateTime(s.At)), Href: c.URL("proof", "journal")}
	signed := ui.FigureView{Label: c.T("proof.record.published"), Value: c.Int(int(s.Published)), Unit: c.T("proof.entries"), Href: c.URL("proof", "checkpoint")}
	switch {
	case !s.PublishedAt.IsZero():
		signed.Note = c.T("proof.record.published.at", "at", c.DateTime(s.PublishedAt))
	case s.Leads:
		signed.Note = c.T("proof.record.published.before")
	default:
		signed.Note = c.T("proof.record.published.other")
	}
	waiting := ui.FigureView{Label: c.T("proof.record.waiting"), Value: c.Int(int(s.Size - min(s.Size, s.Published))), Unit: c.T("proof.entries"), Note: c.T("proof.record.waiting.note")}
	if s.TailLimit > 0 {
		waiting.Note = c.T("proof.record.waiting.room", "used", megabytes(c, s.Unpublished), "room", megabytes(c, s.TailLimit))
	}
	return []ui.FigureView{size, signed, waiting}
}

func megabytes(c ui.Ctx, n int) string { return c.Decimal(float64(n)/1e6, 1) }

// recordNames lists the names and keys of the journal, the present one first.
func recordNames(c ui.Ctx, all []org.RecordName) ui.TableView {
	t := ui.TableView{ID: "names", Caption: c.T("proof.record.names"),
		Cols: []ui.Col{{Head: c.T("proof.record.name")}, {Head: c.T("proof.record.since")}, {Head: c.T("proof.record.how")}}}
	for i, n := range slices.Backward(all) {
		how := ui.Cell{Text: c.T("proof.record.how.first")}
		switch {
		case n.Since == 0:
		case i == 0: // the list is cut: what was before is not told
			how.Text = c.T("proof.record.how.earlier")
		case all[i-1].Origin() != n.Origin():
			how.Text = c.T("proof.record.how.restored", "name", all[i-1].Origin())
		default:
			how.Text = c.T("proof.record.how.rotated")
		}
		name := ui.Cell{Text: n.Origin(), Note: c.T("proof.record.key", "id", keyID(n.VKey))}
		if i == len(all)-1 {
			name.Note = c.T("proof.record.key.present", "id", keyID(n.VKey))
		}
		since := ui.Cell{Text: c.T("proof.entry", "index", show.Index(c, n.Since)), Href: show.EntryHref(c, n.Since)}
		if !n.At.IsZero() {
			since.Note = c.DateTime(n.At)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, since, how}})
	}
	return t
}

// keyID is the short id that stands in a public key behind its name.
func keyID(vkey string) string {
	_, rest, _ := strings.Cut(vkey, "+")
	id, _, _ := strings.Cut(rest, "+")
	return id
}

// recordPlace says where the record lies and what this node is for it.
func recordPlace(c ui.Ctx, s org.RecordState) []ui.Fact {
	if s.Schema == "" {
		return []ui.Fact{{Term: c.T("proof.record.place"), Text: c.T("proof.record.place.folder")}}
	}
	node := ui.Fact{Term: c.T("proof.record.node"), Mark: &ui.Mark{Kind: ui.OK, Word: c.T("proof.record.leads")}, Note: c.T("proof.record.leads.note")}
	if !s.Leads {
		node.Mark, node.Note = &ui.Mark{Kind: ui.None, Word: c.T("proof.record.follows")}, c.T("proof.record.follows.note")
	}
	heard := ui.Fact{Term: c.T("proof.record.heard"), Mark: &ui.Mark{Kind: ui.OK, Word: c.T("proof.record.hears")}}
	if s.Unheard {
		heard.Mark = &ui.Mark{Kind: ui.Stop, Word: c.T("proof.record.deaf")}
	}
	if !s.HeardAt.IsZero() {
		heard.Note = c.T("proof.record.heard.at", "at", c.DateTime(s.HeardAt))
	}
	return []ui.Fact{{Term: c.T("proof.record.place"), Text: c.T("proof.record.place.database", "schema", s.Schema)}, node, heard}
}

// witnesses lists who cosigns, and how each stands.
func (v *recordView) witnesses(c ui.Ctx, s org.RecordState) {
	t := ui.TableView{ID: "witnesses", Caption: c.T("proof.record.witnesses"),
		Empty: ui.EmptyView{Title: c.T("proof.record.witness.none"), Text: c.T("proof.record.witness.none.text")},
		Cols:  []ui.Col{{Head: c.T("proof.record.witness")}, {Head: c.T("proof.record.witness.state")}, {Head: c.T("proof.record.witness.last")}}}
	if !s.Leads { // only who publishes asks them
		t.Empty = ui.EmptyView{Title: c.T("proof.record.witness.other"), Text: c.T("proof.record.witness.other.text")}
	}
	have := 0
	for _, w := range s.Witnesses {
		if w.Size >= s.Published && w.Size > 0 {
			have++
		}
		last := ui.Cell{Text: c.T("proof.record.witness.never")}
		if w.Size > 0 {
			last = ui.Cell{Text: c.T("proof.record.witness.upto", "n", w.Size), Note: c.DateTime(w.At)}
		}
		mark, note := witnessMark(c, w, s)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: w.Name, Note: w.URL}, {Mark: &mark, Note: note}, last}})
	}
	v.Witnesses = t
	if len(s.Witnesses) == 0 {
		return
	}
	v.Witnessed = c.T("proof.record.witnessed", "have", have, "of", len(s.Witnesses))
	switch {
	case s.Witnessed == 0:
		v.Quorum = c.T("proof.record.quorum.none")
	case s.Witnessed >= s.Published:
		v.Quorum = c.T("proof.record.quorum", "at", c.DateTime(s.WitnessedAt))
	default:
		v.Quorum = c.T("proof.record.quorum.older", "n", s.Witnessed, "at", c.DateTime(s.WitnessedAt))
	}
}

// witnessMark is the state of one witness, and what it means. What a witness
// claims counts more than that it did not cosign.
func witnessMark(c ui.Ctx, w witness.State, s org.RecordState) (mark ui.Mark, note string) {
	say := func(k ui.Kind, key string, args ...any) (ui.Mark, string) {
		return ui.Mark{Kind: k, Word: c.T("proof.record.witness." + key)}, c.T("proof.record.witness."+key+".note", args...)
	}
	switch {
	case w.Forked:
		return say(ui.Stop, "forked")
	case w.Ahead > 0:
		return say(ui.Stop, "ahead", "n", w.Ahead, "have", s.Size)
	case w.Err != nil && silent(w.Err):
		return say(ui.Warn, "silent")
	case w.Err != nil:
		return say(ui.Warn, "refuses")
	case w.Size >= s.Published && w.Size > 0:
		return say(ui.OK, "cosigned")
	}
	return say(ui.None, "due")
}

// silent reports whether a witness did not answer at all; anything else is an
// answer without a cosignature.
func silent(err error) bool {
	var asked *url.Error
	return errors.As(err, &asked) || errors.Is(err, context.DeadlineExceeded)
}
