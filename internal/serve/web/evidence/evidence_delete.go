package evidence

import (
	"strconv"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// evidenceEnd asks whether an evidence object is to be deleted, and says what
// becomes of its file.
func evidenceEnd(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	o, err := r.Org.Controls.Evidences.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	f := ui.Form{C: c, ID: "f", Action: href(c, o.ID, "delete"), Cancel: href(c, o.ID), Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)},
		More: []ui.Action{{Text: c.T("objects.delete"), Kind: "stop"}}}
	head := ui.PageView{Title: c.T("objects.deleting", "title", o.Doc.Name), Narrow: true, Crumbs: crumbs(c, ui.LinkView{Text: o.Doc.Name, Href: href(c, o.ID)})}
	return r.Show(head, endBody(c, f, o.Doc.Blob != ""))
}

// evidenceDelete deletes an evidence object and makes its file unreadable. Hash,
// history and journal entries stay.
func evidenceDelete(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Controls.Evidences.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(vals.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // nobody can have seen it: a conflict
	}
	if err := r.Org.Controls.RemoveEvidence(r.Context(), o.ID, revision); err != nil {
		return err
	}
	if o.Doc.Blob != "" {
		if err := forget(r, o.Doc.Hash); err != nil {
			return err
		}
	}
	return r.Go(base, "objects.deleted")
}
