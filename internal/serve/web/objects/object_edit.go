package objects

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// stored reads the object of the address with its document.
func (p *Pages) stored(r *page.Request) (store.Record, tree, error) {
	o, err := p.Kind.GetJSON(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return o, nil, err
	}
	doc, err := treeOf(o.Doc)
	return o, doc, err
}

// objectEdit asks for changes of an object.
func (p *Pages) objectEdit(r *page.Request) error {
	if err := p.allowed(r, store.Update); err != nil {
		return err
	}
	o, doc, err := p.stored(r)
	if err != nil {
		return err
	}
	vals := url.Values{}
	p.zoned(r).fill(vals, p.Kind.Fields(), doc, "")
	return p.ask(r, http.StatusOK, asking{id: o.ID, title: cmp.Or(o.Title, o.ID), revision: strconv.FormatInt(o.Revision, 10), vals: vals})
}

// objectUpdate stores what was changed, if nobody else did meanwhile.
func (p *Pages) objectUpdate(r *page.Request) error {
	if err := p.allowed(r, store.Update); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, doc, err := p.stored(r)
	if err != nil {
		return err
	}
	raw, err := p.typed(r, vals, doc)
	if err != nil {
		return err
	}
	err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := p.Kind.PatchJSON(r.Context(), tx, o.ID, revision(vals), raw)
		return err
	})
	if pr, ok := formError(err); ok {
		a := asking{id: o.ID, title: cmp.Or(o.Title, o.ID), revision: vals.Get("revision"), vals: vals, problem: pr}
		if have, ok := pr.Have.(store.Record); ok {
			if err := p.conflict(r, &a, have, raw); err != nil {
				return err
			}
		}
		return p.ask(r, ui.Status(pr), a)
	}
	if err != nil {
		return err
	}
	return r.Go(p.Base+"/"+o.ID, "objects.saved")
}

// revision is the revision that the reader saw; 0 for one that nobody can have
// seen, which is a conflict.
func revision(vals url.Values) int64 {
	n, err := strconv.ParseInt(vals.Get("revision"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// conflict puts what is stored now beside what was typed, and lets the next
// saving count for the stored revision: who saves then has seen both.
func (p *Pages) conflict(r *page.Request, a *asking, have store.Record, raw []byte) error {
	c := r.C
	was, err := treeOf(have.Doc)
	if err != nil {
		return err
	}
	typed, err := treeOf(raw)
	if err != nil {
		return err
	}
	ids := append(append(refs(p.Kind.Fields(), was), refs(p.Kind.Fields(), typed)...), have.UpdatedBy)
	named, err := titles(r.Context(), r.Org.DB, ids)
	if err != nil {
		return err
	}
	w := values{c: c, kind: p.Kind.Name(), titles: named, instants: p.instants}
	a.differs = ui.TableView{ID: "differs", Caption: c.T("objects.conflict"), ShowTitle: true,
		Cols: []ui.Col{{Head: c.T("objects.field")}, {Head: c.T("objects.stored")}, {Head: c.T("objects.typed")}}}
	w.differ(&a.differs, p.Kind.Fields(), was, typed)
	a.revision = strconv.FormatInt(have.Revision, 10)
	a.problem = problem.New(problem.Conflict,
		a.problem.Say.DE+" "+c.Texts.T("de", "objects.conflict.by", "who", show.People(named).Name(c, have.UpdatedBy), "at", c.DateTime(have.UpdatedAt)),
		a.problem.Say.EN+" "+c.Texts.T("en", "objects.conflict.by", "who", show.People(named).Name(c, have.UpdatedBy), "at", c.DateTime(have.UpdatedAt))).
		WithHint(c.Texts.T("de", "objects.conflict.hint"), c.Texts.T("en", "objects.conflict.hint"))
	return nil
}

// differ adds a row for every field that is stored otherwise than typed.
func (w values) differ(t *ui.TableView, fields []store.Field, was, typed tree) {
	for _, f := range fields {
		v, held := typed[f.Name]
		if !held {
			continue
		}
		if f.Type == "object" && !f.Bilingual && !f.List {
			a, _ := was[f.Name].(map[string]any)
			b, _ := v.(map[string]any)
			w.differ(t, f.Fields, a, b)
			continue
		}
		for _, side := range sides(f) {
			old, now := w.side(f, was[f.Name], side), w.side(f, v, side)
			if old == now {
				continue
			}
			label := Label(w.c, w.kind, f.Path)
			if side != "" {
				label = Label(w.c, w.kind, f.Path+"."+side)
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: label}, {Text: cmp.Or(old, "–")}, {Text: cmp.Or(now, "–")}}})
		}
	}
}

// sides are the languages of a bilingual field, else one side without a name.
func sides(f store.Field) []string {
	if f.Bilingual {
		return []string{"de", "en"}
	}
	return []string{""}
}

// side is one side of a field's value in one line.
func (w values) side(f store.Field, v any, side string) string {
	if f.Type == "object" && !f.Bilingual {
		return w.size(len(list(v)))
	}
	if side == "" {
		return w.text(f, v)
	}
	s := ""
	for _, b := range objects(v) {
		if one, ok := b[side].(string); ok && one != "" {
			if s != "" {
				s += ", "
			}
			s += one
		}
	}
	return s
}
