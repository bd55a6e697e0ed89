package duties

import (
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// packList says which packs the product knows, as of which day, and what is not
// certain about them.
func packList(r *page.Request) error {
	c := r.C
	t := ui.TableView{ID: "packs", Caption: c.T("duties.packs"), Cols: []ui.Col{{Head: c.T("duties.pack")}, {Head: c.T("duties.pack.kind")},
		{Head: c.T("duties.pack.day")}, {Head: c.T("duties.pack.items"), Right: true, Mono: true}, {Head: c.T("duties.pack.cases"), Right: true, Mono: true}, {Head: c.T("duties.pack.doubts")}}}
	for _, p := range library(r).Packs() {
		doubt := ui.Cell{Text: "–"}
		if n := len(p.Uncertainty); n > 0 {
			doubt = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("duties.doubts", "n", n)}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(p.Title), Href: c.URL("duties", "packs", p.ID), Note: c.T("duties.pack.version", "version", p.Version)},
			{Text: c.T("duties.kind." + string(p.Kind))}, {Text: text.Date(c.Lang, p.AsOf)}, {Text: c.Int(p.Items)}, {Text: zero(c, p.Cases)}, doubt}})
	}
	return r.Show(ui.PageView{Title: c.T("duties.packs"), Over: c.T("duties.packs.over")}, packsBody(c, Tabs(c, "packs"), t))
}

func zero(c ui.Ctx, n int) string {
	if n == 0 {
		return "–"
	}
	return c.Int(n)
}

// packView is what the page of one pack shows.
type packView struct {
	Info    packs.Info
	Facts   []ui.Fact
	Filter  ui.FilterView
	Clauses ui.TableView
	Pager   ui.Pager
}

// clausesShown is how many clauses a page of a pack shows.
const clausesShown = 50

// packShow is one pack: what it is, what is not certain, and its clauses.
func packShow(r *page.Request) error {
	c, id := r.C, r.Param("id")
	info := packOf(library(r), id)
	if info.Version == "" {
		return problem.New(problem.NotFound, "Dieses Paket gibt es nicht.", "There is no such pack.")
	}
	v := packView{Info: info, Facts: []ui.Fact{{Term: c.T("duties.pack.kind"), Text: c.T("duties.kind." + string(info.Kind))},
		{Term: c.T("duties.pack.day"), Text: text.Date(c.Lang, info.AsOf)}, {Term: c.T("duties.pack.version.term"), Text: info.Version, Mono: true},
		{Term: c.T("duties.pack.items"), Text: c.Int(info.Items), Mono: true}}}
	if info.Cases > 0 {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("duties.pack.cases"), Text: c.Int(info.Cases), Mono: true, Note: c.T("duties.pack.cases.note")})
	}
	found := search(c, library(r).Clauses(id), r.Query("q"))
	from := min(at(r.Query("from")), len(found)/clausesShown*clausesShown)
	shown := found[from:min(from+clausesShown, len(found))]
	ids := make([]string, len(shown))
	for i, cl := range shown {
		ids[i] = cl.ID
	}
	v.Clauses = clauseTable(c, library(r), ids, "duties.pack.clauses")
	v.Clauses.Empty = ui.EmptyView{Title: c.T("duties.nofit")}
	v.Filter = ui.FilterView{Label: c.T("duties.pack.search"), Action: c.URL("duties", "packs", id), Query: r.Query("q")}
	v.Pager = ui.Pager{Shown: len(shown), Total: len(found)}
	if from > 0 {
		v.Pager.First = further(c, id, r.Query("q"), 0)
	}
	if from+clausesShown < len(found) {
		v.Pager.Next = further(c, id, r.Query("q"), from+clausesShown)
	}
	return r.Show(ui.PageView{Title: c.In(info.Title), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("duties.tab.packs"), Href: c.URL("duties", "packs")}}}, packBody(c, v))
}

// at reads where a page of clauses begins; nonsense begins at the start.
func at(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n / clausesShown * clausesShown
}

func further(c ui.Ctx, id, q string, from int) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	if from > 0 {
		v.Set("from", strconv.Itoa(from))
	}
	to := c.URL("duties", "packs", id)
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}

// search finds the clauses in whose place, title or text every word occurs.
func search(c ui.Ctx, all []packs.Clause, q string) []packs.Clause {
	words := strings.Fields(strings.ToLower(q))
	if len(words) == 0 {
		return all
	}
	var out []packs.Clause
	for _, cl := range all {
		body := strings.ToLower(strings.Join([]string{cl.Ref, cl.Short(c.Lang), cl.ID, c.In(cl.Title), c.In(cl.Text)}, " "))
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(body, w)
		}
		if fits {
			out = append(out, cl)
		}
	}
	return out
}
