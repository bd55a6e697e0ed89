package objects

import (
	"cmp"
	"net/http"
	"strconv"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// objectEnd asks whether an object is to be deleted.
func (p *Pages) objectEnd(r *page.Request) error {
	if err := p.allowed(r, store.Delete); err != nil {
		return err
	}
	o, _, err := p.stored(r)
	if err != nil {
		return err
	}
	return p.askEnd(r, http.StatusOK, o, nil)
}

// objectDelete deletes an object that nothing else needs. Its history and its
// journal entries stay.
func (p *Pages) objectDelete(r *page.Request) error {
	if err := p.allowed(r, store.Delete); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, _, err := p.stored(r)
	if err != nil {
		return err
	}
	err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
		return p.Kind.DeleteJSON(r.Context(), tx, o.ID, revision(vals))
	})
	if pr, ok := formError(err); ok {
		return p.askEnd(r, ui.Status(pr), o, pr)
	}
	if err != nil {
		return err
	}
	return r.Go(p.Base, "objects.deleted")
}

func (p *Pages) askEnd(r *page.Request, status int, o store.Record, pr *problem.Problem) error {
	c, title := r.C, cmp.Or(o.Title, o.ID)
	f := ui.Form{C: c, ID: "f", Action: p.href(c, o.ID, "delete"), Cancel: p.href(c, o.ID), Problem: pr,
		Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)},
		More:   []ui.Action{{Text: c.T("objects.delete"), Kind: "stop"}}}
	head := ui.PageView{Title: c.T("objects.deleting", "title", title), Narrow: true,
		Crumbs: p.trail(c, ui.LinkView{Text: title, Href: p.href(c, o.ID)})}
	return r.ShowAs(status, head, endBody(c, f, c.T("objects.deleting.text")))
}
