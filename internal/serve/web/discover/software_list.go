package discover

import (
	"strings"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// softwareView is what is used here, and the catalogue below it.
type softwareView struct {
	Tabs    []ui.LinkView
	Used    ui.TableView
	Filter  ui.FilterView
	Areas   []areaView
	Found   int // families that fit the search
	Of      int
	Grey    []string // what is not certain about the catalogue
	May     bool
	Who     string
	Figures []ui.FigureView
}

// areaView is one part of the catalogue.
type areaView struct {
	ID       string
	Name     string
	Products []productView
}

// productView is one family of software with its functions.
type productView struct {
	ID        string
	Name      string
	Known     string
	Look      string
	Tick      ui.LinkView
	Functions ui.TableView
}

// softwareList shows which software with AI functions is used, and the catalogue
// to tick (requirement 003-45), with the AI label of each function (003-47).
func softwareList(r *page.Request) error {
	if err := must(r, store.Read, "software"); err != nil {
		return err
	}
	used, err := finder(r).Used(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	begun, err := finder(r).Begun(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	c, all := r.C, wares(r).Products()
	v := softwareView{Tabs: tabs(r, "software"), Of: len(all), May: may(r, store.Create, "software"), Who: creators(c, "software")}
	v.Used = usedTable(r, used, registeredFunctions(begun))
	v.Filter = ui.FilterView{Label: c.T("discover.software.search"), Action: c.URL("systems", "software"), Query: r.Query("q"),
		Selects: []ui.FieldView{{Name: "area", Label: c.T("discover.area"), Value: r.Query("area"), Options: values(c, "discover.area.", stock.Areas)}}}
	for _, area := range stock.Areas {
		av := areaView{ID: "area-" + area, Name: c.T("discover.area." + area)}
		for _, p := range all {
			if p.Area == area && fits(r, p) {
				av.Products = append(av.Products, product(r, p))
			}
		}
		if len(av.Products) > 0 {
			v.Areas, v.Found = append(v.Areas, av), v.Found+len(av.Products)
		}
	}
	for _, p := range r.Org.Library().Packs() {
		if p.Kind == "software" {
			for _, u := range p.Uncertainty {
				if say := c.In(u); !strings.Contains(strings.Join(v.Grey, " "), say) {
					v.Grey = append(v.Grey, say)
				}
			}
		}
	}
	return r.Show(ui.PageView{Title: c.T("discover.software.title"), Crumbs: crumbs(c)}, softwarePage(c, v))
}

// fits reports whether a product is looked for.
func fits(r *page.Request, p stock.Product) bool {
	if area := r.Query("area"); area != "" && p.Area != area {
		return false
	}
	body := strings.ToLower(r.C.In(p.Name) + " " + r.C.In(p.Known))
	for _, f := range p.Functions {
		body += " " + strings.ToLower(r.C.In(f.Name)+" "+r.C.In(f.Does))
	}
	for w := range strings.FieldsSeq(strings.ToLower(r.Query("q"))) {
		if !strings.Contains(body, w) {
			return false
		}
	}
	return true
}

func product(r *page.Request, p stock.Product) productView {
	c := r.C
	v := productView{ID: p.ID, Name: c.In(p.Name), Known: c.In(p.Known), Look: c.In(p.Look)}
	if may(r, store.Create, "software") {
		v.Tick = productLink(r, p)
	}
	v.Functions = ui.TableView{ID: "fn-" + strings.TrimPrefix(p.ID, "sw."), Caption: v.Name, Cols: []ui.Col{{Head: c.T("discover.function")}, {Head: c.T("discover.label")},
		{Head: c.T("discover.data")}, {Head: c.T("discover.affects")}}}
	for _, f := range p.Functions {
		mark := labelMark(c, f.Label)
		v.Functions.Rows = append(v.Functions.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(f.Name), Note: c.In(f.Does)},
			{Mark: &mark, Note: c.T("discover.sure." + f.Sure)}, {Text: strings.Join(dataNames(r, f.Data), ", ")},
			{Text: c.T("discover.affects." + f.Affects)}}})
	}
	return v
}

// registeredFunctions are the functions that became an entry, by ticked product.
func registeredFunctions(begun []store.Object[room.Start]) map[string]int {
	out := map[string]int{}
	for _, s := range begun {
		if s.Doc.Software != "" {
			out[s.Doc.Software]++
		}
	}
	return out
}

func usedTable(r *page.Request, used []store.Object[room.Software], begun map[string]int) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "used", Caption: c.T("discover.used"), Cols: []ui.Col{{Head: c.T("discover.form.name")}, {Head: c.T("discover.form.team")},
		{Head: c.T("discover.functions.on")}, {Head: c.T("discover.entries"), Right: true}, {Head: c.T("discover.looked")}},
		Empty: ui.EmptyView{Title: c.T("discover.used.none"), Text: c.T("discover.used.none.text")}}
	for _, o := range used {
		on, open, of := 0, 0, 0
		name := o.Doc.Product
		if p, ok := wares(r).Product(o.Doc.Product); ok {
			name, of = c.In(p.Name), len(p.Functions)
			for _, f := range p.Functions {
				switch o.Doc.State(f.ID).State {
				case room.On:
					on++
				case room.Unknown:
					open++
				}
			}
		}
		functions := ui.Cell{Text: c.T("discover.of", "n", on, "of", of)}
		if open > 0 {
			functions.Note = c.T("discover.functions.open", "n", open)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: c.URL("software", o.ID), Note: name}, {Text: o.Doc.Team}, functions,
			{Text: c.Int(begun[o.ID])}, {Text: c.Date(o.Doc.LookedAt)}}})
	}
	return t
}
