package discover

import (
	"net/url"
	"strconv"
	"strings"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// tickView is the form for one product: each function with its state.
type tickView struct {
	Form      ui.Form
	Product   string
	Look      string
	Vendors   []ui.Option
	Functions []functionView
}

// functionView is one function as the form asks it.
type functionView struct {
	ID     string
	Name   string
	Does   string
	Label  ui.Mark
	Sure   string
	State  ui.FieldView
	Marked ui.FieldView
}

// softwareNew asks which functions of a product are on.
func softwareNew(r *page.Request) error {
	if err := must(r, store.Create, "software"); err != nil {
		return err
	}
	return askTick(r, "", r.Query("product"), url.Values{}, nil)
}

// softwareCreate keeps a product that is used here.
func softwareCreate(r *page.Request) error {
	if err := must(r, store.Create, "software"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	saved, err := finder(r).Tick(r.Context(), "", 0, readTick(r, in, room.Software{Product: in.Get("product")}))
	if p, ok := formError(err); ok {
		return askTick(r, "", in.Get("product"), in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/software/"+saved.ID, "discover.ticked")
}

// softwareEdit asks for changes.
func softwareEdit(r *page.Request) error {
	if err := must(r, store.Update, "software"); err != nil {
		return err
	}
	o, err := finder(r).Ticks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	s := o.Doc
	in := url.Values{"name": {s.Name}, "team": {s.Team}, "vendor": {s.Vendor}, "note": {s.Note}, "revision": {strconv.FormatInt(o.Revision, 10)}, "chosen": {"no"}}
	if s.Chosen {
		in.Set("chosen", "yes")
	}
	for _, f := range s.Functions {
		in.Set("state."+f.Function, string(f.State))
		in.Set("marked."+f.Function, string(f.Marked))
	}
	return askTick(r, o.ID, s.Product, in, nil)
}

// softwareUpdate keeps what was changed, if nobody else did meanwhile.
func softwareUpdate(r *page.Request) error {
	if err := must(r, store.Update, "software"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	have, err := finder(r).Ticks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	saved, err := finder(r).Tick(r.Context(), have.ID, revision(in.Get("revision")), readTick(r, in, have.Doc))
	if p, ok := formError(err); ok {
		if p.Kind == problem.Conflict { // who saves now has been told
			in.Set("revision", strconv.FormatInt(have.Revision, 10))
		}
		return askTick(r, have.ID, have.Doc.Product, in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/software/"+saved.ID, "discover.ticked")
}

// readTick makes what is used here of a form. A product that the catalogue does
// not have has no functions to read; the room says so.
func readTick(r *page.Request, in url.Values, s room.Software) room.Software {
	s.Name, s.Team = strings.TrimSpace(in.Get("name")), strings.TrimSpace(in.Get("team"))
	s.Vendor, s.Note, s.Chosen = in.Get("vendor"), strings.TrimSpace(in.Get("note")), in.Get("chosen") == "yes"
	s.Functions = nil
	p, _ := wares(r).Product(s.Product)
	for _, f := range p.Functions {
		if state := in.Get("state." + f.ID); state != "" {
			s.Functions = append(s.Functions, room.FunctionUse{Function: f.ID, State: room.FunctionState(state), Marked: room.Marked(in.Get("marked." + f.ID))})
		}
	}
	return s
}

// askTick shows the form with what was typed and what is wrong with it.
func askTick(r *page.Request, id, productID string, in url.Values, p *problem.Problem) error {
	c := r.C
	it, ok := wares(r).Product(productID)
	if !ok {
		return problem.New(problem.NotFound, "Diese Software steht nicht im Katalog.", "The catalogue does not have this software.").
			WithHint("Der Katalog zeigt alle Familien.", "The catalogue shows all families.")
	}
	v := tickView{Product: c.In(it.Name), Look: c.In(it.Look), Form: ui.Form{C: c, ID: "tick", Prefix: "discover.form.", Action: c.URL("software", "new"), Values: in, Problem: p,
		Submit: c.T("discover.tick"), Cancel: c.URL("systems", "software"), Hidden: map[string]string{"product": it.ID}}}
	if id != "" {
		v.Form.Action, v.Form.Cancel = c.URL("software", id, "edit"), c.URL("software", id)
		v.Form.Hidden["revision"] = in.Get("revision")
	}
	var err error
	if v.Vendors, err = vendors(r); err != nil {
		return err
	}
	for _, f := range it.Functions {
		v.Functions = append(v.Functions, askFunction(c, v.Form, f))
	}
	return r.ShowAs(status(p), ui.PageView{Title: v.Product, Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.software"), Href: c.URL("systems", "software")}), Narrow: true}, tickPage(c, v))
}

func askFunction(c ui.Ctx, form ui.Form, f stock.Function) functionView {
	field := func(name, label, empty string, all []string) ui.FieldView {
		v := ui.FieldView{ID: "tick-" + strings.ReplaceAll(name, ".", "-"), Name: name, Label: label, Value: form.Values.Get(name), Required: true, Inline: true,
			Options: values(c, "discover."+empty+".", all)}
		return v.Or("unknown")
	}
	return functionView{ID: f.ID, Name: c.In(f.Name), Does: c.In(f.Does), Label: labelMark(c, f.Label), Sure: c.T("discover.sure." + f.Sure),
		State:  field("state."+f.ID, c.T("discover.ask.state", "function", c.In(f.Name)), "state", room.FunctionState("").Values()),
		Marked: field("marked."+f.ID, c.T("discover.ask.marked", "function", c.In(f.Name)), "marked", room.Marked("").Values())}
}

// vendors are the choices of a vendor.
func vendors(r *page.Request) ([]ui.Option, error) {
	p, err := r.Org.Inventory.Vendors.List(r.Context(), r.Org.DB, store.Query{Sort: "name", Limit: store.MaxLimit, Uncounted: true})
	if problem.Is(err, problem.Denied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, nil
}
