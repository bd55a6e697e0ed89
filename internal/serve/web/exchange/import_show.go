package exchange

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// shown is how many rows of one table a page has; the rest is counted.
const shown = 300

// importView is one imported file.
type importView struct {
	Tabs     []ui.LinkView
	Facts    []ui.Fact
	Notes    []string
	Next     []ui.LinkView // pages that work with it
	Original ui.LinkView
	Table    ui.TableView
	More     string // how many requirements are not shown
}

// importShow shows an imported file: where it is from, and its requirements with
// their six fields.
func importShow(r *page.Request) error {
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	names, err := show.Names(r.Context(), r.Org.DB, o.CreatedBy)
	if err != nil {
		return err
	}
	c, lib := r.C, r.Org.Library()
	v := importView{Tabs: tabs(r), Facts: facts(c, o, names), Original: ui.LinkView{Text: c.T("exchange.original"), Href: href(c, o.ID, "original")}}
	for _, n := range o.Doc.Notes {
		v.Notes = append(v.Notes, c.In(n))
	}
	var reqs []packs.Requirement
	for _, p := range o.Doc.Parts {
		reqs = append(reqs, lib.Requirements(p.ID)...)
		for _, fw := range lib.Frameworks() {
			if fw.Pack == p.ID {
				v.Next = append(v.Next, ui.LinkView{Text: c.T("exchange.gap", "title", c.In(fw.Title)), Href: c.URL("duties", "frameworks", fw.ID)})
			}
		}
	}
	v.Table, v.More = requirements(c, lib, reqs)
	head := ui.PageView{Title: c.In(o.Doc.Name), Crumbs: crumbs(c)}
	if may(r, store.Delete) {
		head.Actions = []ui.Action{{Text: c.T("exchange.end"), Href: href(c, o.ID, "end")}}
	}
	return r.Show(head, importBody(c, v))
}

func facts(c ui.Ctx, o store.Object[catalogue.OwnPack], names show.People) []ui.Fact {
	d := o.Doc
	out := []ui.Fact{
		{Term: c.T("exchange.source"), Text: d.Source, Note: c.T("exchange.as." + string(d.Format))},
		{Term: c.T("exchange.version"), Text: d.Version},
		{Term: c.T("exchange.items"), Text: c.Int(items(d))},
		{Term: c.T("exchange.by"), Text: names.Name(c, o.CreatedBy), Note: c.DateTime(o.CreatedAt)},
		{Term: c.T("exchange.hash"), Text: d.Hash[:min(16, len(d.Hash))] + "…", Mono: true},
	}
	if d.Copyright != "" {
		out = append(out, ui.Fact{Term: c.T("exchange.copyright"), Text: d.Copyright})
	}
	for _, k := range d.Kept {
		out = append(out, ui.Fact{Term: c.In(intake.What(k.What)), Text: c.Int(k.N), Note: c.T("exchange.onlyoriginal")})
	}
	return out
}

// requirements is one row a requirement, with its six fields (001-18).
func requirements(c ui.Ctx, lib *packs.Library, all []packs.Requirement) (ui.TableView, string) {
	t := ui.TableView{ID: "requirements", Caption: c.T("exchange.requirements"), Cols: sixColumns(c),
		Empty: ui.EmptyView{Title: c.T("exchange.norequirements"), Text: c.T("exchange.norequirements.text")}}
	for _, q := range all[:min(len(all), shown)] {
		var evidence []string
		for _, e := range q.Evidence {
			evidence = append(evidence, c.In(e.Say))
		}
		refs := ui.Cell{Text: "–", Note: q.Said}
		if ids := append(append([]string{}, q.Refs...), q.RefsIfHigh...); len(ids) > 0 {
			refs = ui.Cell{Body: clauseCell(c, show.Clauses(c, lib, ids), q.Said)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: q.Ref}, {Text: c.In(q.Text)}, {Text: c.In(q.Proof)},
			{Text: statusWord(c, q.Status)}, refs, {Text: strings.Join(evidence, ", ")}}})
	}
	return t, rest(c, len(all))
}

// sixColumns are the heads of the six fields.
func sixColumns(c ui.Ctx) []ui.Col {
	var out []ui.Col
	for _, f := range []string{"id", "description", "proof", "status", "references", "evidence"} {
		out = append(out, ui.Col{Head: c.T("exchange.field." + f)})
	}
	return out
}

// statusWord is a status in words; none says nothing.
func statusWord(c ui.Ctx, status string) string {
	if status == "" {
		return "–"
	}
	return c.T("exchange.status." + status)
}

// rest says how many rows are not shown; empty: all are.
func rest(c ui.Ctx, n int) string {
	if n <= shown {
		return ""
	}
	return c.T("exchange.more", "n", n-shown)
}

// importOriginal sends the file as it was given.
func importOriginal(r *page.Request) error {
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	data, err := r.Org.Catalogue.File(r.Context(), o.Doc)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": o.Doc.Source}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(data); err != nil {
		r.Log.Info("a download ended early", "own_pack", o.ID, "err", err)
	}
	return nil
}
