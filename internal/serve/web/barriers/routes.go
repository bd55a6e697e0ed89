// Package barriers asks what keeps people from using AI well and shows how that
// changes over time (requirement 003-06). One form a person and quarter; only
// counts are kept, and nothing is shown of fewer than five.
//
// What is counted and what may be seen is for govern/voice to say.
package barriers

import (
	"embed"
	"net/http"
	"strings"

	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this page, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// kind is the name in the table of roles.
const kind = "barrier"

// Routes lists the addresses of this page.
func Routes() []page.Route {
	return []page.Route{
		{Method: http.MethodGet, Path: "/people/obstacles", Name: "obstacle_show", Area: "people", Handle: obstacleShow},
		{Method: http.MethodPost, Path: "/people/obstacles", Name: "obstacle_give", Area: "people", Handle: obstacleGive},
	}
}

// view is the question with the trend.
type view struct {
	Form  *ui.Form
	Field ui.FieldView
	Trend ui.TableView
}

func obstacleShow(r *page.Request) error {
	c := r.C
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Read, kind, nil); err != nil {
		return err
	}
	seasons, err := r.Org.Barriers.Trend(r.Context())
	if err != nil {
		return err
	}
	v := view{Trend: ui.TableView{ID: "trend", Caption: c.T("barriers.trend"), Cols: []ui.Col{{Head: c.T("barriers.obstacle")}},
		Empty: ui.EmptyView{Title: c.T("barriers.none"), Text: c.T("barriers.few", "n", voice.Least)}}}
	for _, s := range seasons {
		v.Trend.Cols = append(v.Trend.Cols, ui.Col{Head: quarter(s.Quarter), Right: true})
	}
	for _, o := range voice.Obstacles {
		row := ui.Row{Cells: []ui.Cell{{Text: c.T("barriers." + o)}}}
		for _, s := range seasons {
			said := c.T("barriers.toofew", "n", voice.Least)
			if s.Named != nil {
				said = c.T("barriers.of", "n", int(s.Named[o]), "of", int(s.Forms))
			}
			row.Cells = append(row.Cells, ui.Cell{Text: said})
		}
		if len(seasons) > 0 {
			v.Trend.Rows = append(v.Trend.Rows, row)
		}
	}
	if roles.Allowed(r.Who.Roles, store.Create, kind) {
		f := ui.Form{C: c, ID: "ask", Prefix: "barriers.form.", Action: c.URL("people", "obstacles"), Submit: c.T("barriers.send")}
		var options []ui.Option
		for _, o := range voice.Obstacles {
			options = append(options, ui.Option{Value: o, Text: c.T("barriers." + o)})
		}
		v.Form, v.Field = &f, f.Field("obstacles").Of(options...)
	}
	return r.Show(ui.PageView{Title: c.T("barriers.title"), Narrow: true, Crumbs: []ui.LinkView{{Text: c.T("area.people"), Href: c.URL("people")}}}, body(c, v))
}

// quarter writes "2026-Q4" as people do.
func quarter(s string) string {
	year, q, _ := strings.Cut(s, "-")
	return q + " " + year
}

// obstacleGive counts one form.
func obstacleGive(r *page.Request) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Create, kind, nil); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Org.Barriers.Give(r.Context(), in["obstacles"])
	if problem.Is(err, problem.Conflict) {
		return r.Go("/people/obstacles", "barriers.twice")
	}
	if err != nil {
		return err
	}
	return r.Go("/people/obstacles", "barriers.given")
}
