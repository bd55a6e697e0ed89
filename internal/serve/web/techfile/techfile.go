// Package techfile is the pages of documents that the register fills: the
// technical documentation by AI Act Annex IV and the registration record by Annex
// VIII of one system, the card of each model and the sheet of each data set, as
// page, PDF and Markdown. What is missing leads to the place where it is entered.
//
// What stands in them is prove/techfile's to say, how they look on paper
// prove/report's; this package reads, shows and hands over. Who may read the
// register and its models may read them; risks only who may read risks.
package techfile

import (
	"bytes"
	"embed"
	"net/http"
	"regexp"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/risk"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/report"
	"augenmass/internal/prove/techfile"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	return []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/technical", Name: "techfile_show", Area: "systems", Handle: techfileShow},
		{Method: http.MethodGet, Path: "/systems/{id}/technical/{file}", Name: "techfile_take", Area: "systems", Handle: techfileTake},
	}
}

// must refuses what the reader's role does not provide for.
func must(r *page.Request, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), store.Read, kind, nil)
}

// known reads what is known of a system: five queries at most. Role, class and
// level are those of the permit as the runtime holds it.
func known(r *page.Request) (techfile.Known, error) {
	ctx, db, id := r.Context(), r.Org.DB, r.Param("id")
	k := techfile.Known{Organisation: r.Org.Name}
	for _, kind := range []string{"system", "model"} {
		if err := must(r, kind); err != nil {
			return k, err
		}
	}
	var err error
	if k.System, err = r.Org.Inventory.Systems.Get(ctx, db, id); err != nil {
		return k, err
	}
	of := store.Query{Filters: []store.Filter{store.Where("system", "=", id)}}
	if k.Models, err = r.Org.Inventory.Models.All(ctx, db, of); err != nil {
		return k, err
	}
	if v := k.System.Doc.Vendor; v != "" && roles.Allowed(r.Who.Roles, store.Read, "vendor") {
		o, err := r.Org.Inventory.Vendors.Get(ctx, db, v)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return k, err
		}
		if err == nil {
			k.Vendor = &o.Doc
		}
	}
	if roles.Allowed(r.Who.Roles, store.Read, "risk") {
		if k.Risks, err = r.Org.Risk.Risks.All(ctx, db, of); err != nil {
			return k, err
		}
	}
	if roles.Allowed(r.Who.Roles, store.Read, "metric") {
		metrics, err := r.Org.Watch.Metrics.All(ctx, db, of)
		if err != nil {
			return k, err
		}
		for _, m := range metrics {
			k.Metrics = append(k.Metrics, risk.StandingOf(m, nil, r.C.Now))
		}
	}
	if p, ok := r.Org.Point.Permit(id); ok && p.Class != permit.ClassUnclear {
		k.Classification = &classify.Classification{Role: p.Role, Class: p.Class, Level: p.SLTarget, LevelKnown: p.SLTarget > 0}
	}
	return k, nil
}

// showView is both documents of a system, and its models.
type showView struct {
	Files  []fileView
	Cards  ui.TableView
	Sheets ui.LinkView
}

// fileView is one document.
type fileView struct {
	ID    string
	Title string
	Notes []string
	Count ui.FigureView
	Parts []ui.TableView
	Take  []ui.LinkView
}

// techfileShow shows both documents, point by point, with the way to each gap.
func techfileShow(r *page.Request) error {
	k, err := known(r)
	if err != nil {
		return err
	}
	c, s := r.C, k.System
	var v showView
	for _, fill := range []func(techfile.Known) (techfile.File, error){techfile.Technical, techfile.Registration} {
		f, err := fill(k)
		if err != nil {
			return err
		}
		v.Files = append(v.Files, view(r, s.ID, f))
	}
	v.Cards = ui.TableView{ID: "cards", Caption: c.T("techfile.cards"), Cols: []ui.Col{{Head: c.T("techfile.model")}, {Head: c.T("techfile.state")}, {Head: c.T("techfile.take")}},
		Empty: ui.EmptyView{Title: c.T("techfile.cards.none"), Text: c.T("techfile.cards.none.text")}}
	for _, m := range k.Models {
		f, err := techfile.ModelCard(s.Doc.Name, m)
		if err != nil {
			return err
		}
		full, _, _, all := f.Count()
		mark := ui.Mark{Kind: ui.OK, Word: c.T("techfile.of", "n", full, "of", all)}
		if full < all {
			mark.Kind = ui.Warn
		}
		v.Cards.Rows = append(v.Cards.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Doc.Name + " " + m.Doc.Version}, {Mark: &mark},
			{Text: c.T("techfile.card.pdf"), Href: c.URL("systems", s.ID, "technical", "card.pdf") + "?model=" + m.ID}}})
	}
	if roles.Allowed(r.Who.Roles, store.Read, "dataset") {
		v.Sheets = ui.LinkView{Text: c.T("techfile.sheets"), Href: c.URL("systems", s.ID, "data")}
	}
	return r.Show(ui.PageView{Title: c.T("techfile.title", "name", s.Doc.Name), Crumbs: []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: s.Doc.Name, Href: c.URL("systems", s.ID)}}}, showBody(c, v))
}

// view lays a document out.
func view(r *page.Request, system string, f techfile.File) fileView {
	c := r.C
	full, partly, missing, all := f.Count()
	v := fileView{ID: f.Name, Title: c.In(f.Title), Count: ui.FigureView{Label: c.T("techfile.answered"), Value: c.T("techfile.of", "n", full, "of", all), Unit: c.T("techfile.points"),
		Note: c.T("techfile.open", "partly", partly, "missing", missing), Meter: &ui.MeterView{Value: float64(full), Max: float64(all), Label: c.T("techfile.answered.label", "n", full, "of", all)}}}
	for _, n := range f.Notes {
		v.Notes = append(v.Notes, c.In(n))
	}
	for i, g := range f.Groups {
		t := ui.TableView{ID: f.Name + "-" + c.Int(i+1), Caption: c.In(g.Title), ShowTitle: true, Cols: []ui.Col{{Head: c.T("techfile.point")}, {Head: c.T("techfile.known")}, {Head: c.T("techfile.state")}, {Head: c.T("techfile.where")}}}
		for _, p := range g.Points {
			t.Rows = append(t.Rows, pointRow(r, p))
		}
		v.Parts = append(v.Parts, t)
	}
	for _, ending := range []string{"pdf", "md"} {
		v.Take = append(v.Take, ui.LinkView{Text: c.T("techfile.take." + ending), Href: c.URL("systems", system, "technical", f.Name+"."+ending)})
	}
	return v
}

// long are check values, of which a page shows the beginning; the papers have
// them whole.
var long = regexp.MustCompile(`\b([0-9a-f]{12})[0-9a-f]{28,}\b`)

func pointRow(r *page.Request, p techfile.Point) ui.Row {
	c := r.C
	head := ui.Cell{Text: c.In(p.Title)}
	if p.Clause != "" {
		ref := show.Clauses(c, r.Org.Library(), []string{p.Clause})[0]
		head = ui.Cell{Text: ref.Ref, Href: ref.Href, Note: ref.Title}
	}
	var lines []string
	for _, l := range p.Lines {
		lines = append(lines, long.ReplaceAllString(c.In(l), "$1…"))
	}
	text := strings.Join(lines, " · ")
	if text == "" {
		text = "–"
	}
	mark := ui.Mark{Kind: map[techfile.State]ui.Kind{techfile.Full: ui.OK, techfile.Partly: ui.Warn, techfile.Missing: ui.Stop}[p.State], Word: c.T("techfile.state." + string(p.State))}
	if mark.Kind == "" {
		mark.Kind = ui.None
	}
	where := ui.Cell{Text: "–"}
	if p.Path != "" {
		where = ui.Cell{Text: c.In(p.Where), Href: c.OrgPath + p.Path}
	}
	return ui.Row{Cells: []ui.Cell{head, {Text: text}, {Mark: &mark}, where}}
}

// techfileTake hands a document over. The name says which and in what form.
func techfileTake(r *page.Request) error {
	name, ending, _ := strings.Cut(r.Param("file"), ".")
	f, err := fileOf(r, name)
	if err != nil {
		return err
	}
	doc, err := report.Filled(paper.Frame(r), f, r.Org.Library())
	if err != nil {
		return err
	}
	switch ending {
	case "pdf":
		return paper.Hand(r, doc, paper.PDF)
	case "md":
		var b bytes.Buffer
		if err := doc.Markdown(&b); err != nil {
			return err
		}
		return paper.Send(r, doc.Name+".md", "text/markdown; charset=utf-8", b.Bytes())
	}
	return gone()
}

func gone() error {
	return problem.New(problem.NotFound, "Diese Unterlage gibt es nicht.", "There is no such document.").
		WithHint("Die Seite mit den Unterlagen des Systems nennt alle.", "The page with the system's documents names all.")
}

// fileOf fills the document that an address names.
func fileOf(r *page.Request, name string) (techfile.File, error) {
	switch name {
	case "technical-documentation", "registration":
		k, err := known(r)
		if err != nil {
			return techfile.File{}, err
		}
		if name == "registration" {
			return techfile.Registration(k)
		}
		return techfile.Technical(k)
	case "card":
		m, err := r.Org.Inventory.Models.Get(r.Context(), r.Org.DB, r.Query("model"))
		if err != nil {
			return techfile.File{}, err
		}
		s, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
		if err != nil {
			return techfile.File{}, err
		}
		if m.Doc.System != s.ID {
			return techfile.File{}, gone()
		}
		return techfile.ModelCard(s.Doc.Name, m)
	case "sheet":
		o, err := r.Org.Data.Datasets.Get(r.Context(), r.Org.DB, r.Query("set"))
		if err != nil {
			return techfile.File{}, err
		}
		return sheet(r, o)
	}
	return techfile.File{}, gone()
}

// sheet fills the sheet of a data set.
func sheet(r *page.Request, o store.Object[data.Dataset]) (techfile.File, error) {
	d := o.Doc
	var fields []techfile.Field
	add := func(key, value string) {
		fields = append(fields, techfile.Field{Title: text.Bi{DE: r.Texts.T(text.DE, "techfile.sheet."+key), EN: r.Texts.T(text.EN, "techfile.sheet."+key)}, Text: value})
	}
	add("purpose", d.Purpose)
	add("source", d.Source)
	add("licence", d.Licence)
	add("contents", d.Sheet.Contents)
	add("amount", d.Sheet.Amount)
	add("period", d.Sheet.Period)
	add("collected", d.Sheet.Collected)
	add("covers", d.Sheet.Covers)
	add("quality", d.Sheet.Quality)
	add("split", d.Sheet.Split)
	add("limits", d.Sheet.Limits)
	return techfile.DataSheet(d.Name, "/systems/"+r.Param("id")+"/data", fields)
}
