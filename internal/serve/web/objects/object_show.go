package objects

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/a-h/templ"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// rawDoc is a document as faces see it.
type rawDoc = json.RawMessage

// versionsShown is how many versions a page shows unless it is asked for all.
const versionsShown = 10

// term is a field with its values.
type term struct {
	Label  string
	Values []ui.LinkView
	Mono   bool
}

// group is the fields of the document, or of one object in it.
type group struct {
	Title string
	Terms []term
}

// objectView is what the page of one object shows.
type objectView struct {
	Groups  []group
	Extra   templ.Component
	Links   []ui.Fact
	History []ui.VersionView
	All     ui.LinkView // to all versions
	Journal ui.LinkView
	Facts   []ui.Fact
}

// objectShow shows one object, its history and what refers to it.
func (p *Pages) objectShow(r *page.Request) error {
	id := r.Param("id")
	o, err := p.Kind.GetJSON(r.Context(), r.Org.DB, id)
	if err != nil {
		return err
	}
	doc, err := treeOf(o.Doc)
	if err != nil {
		return err
	}
	versions, err := r.Org.DB.History(r.Context(), p.Kind.Name(), id)
	if err != nil {
		return err
	}
	var back []store.Link
	if !p.lone {
		if back, err = r.Org.DB.LinksTo(r.Context(), id); err != nil {
			return err
		}
	}
	ids := append(refs(p.Kind.Fields(), doc), RefsIn(p.Kind, versions)...)
	for _, v := range versions {
		ids = append(ids, v.Actor)
	}
	named, err := titles(r.Context(), r.Org.DB, ids)
	if err != nil {
		return err
	}
	c := r.C
	w := values{c: c, kind: p.Kind.Name(), titles: named, instants: p.instants, hidden: p.hidden}
	v := objectView{Groups: w.groups(One(c, p.Kind.Name()), p.Kind.Fields(), doc), Links: backLinks(c, back), History: p.history(r, named, versions)}
	if n := len(v.History); n > versionsShown && r.Query("history") != "all" {
		v.History = v.History[:versionsShown]
		v.All = ui.LinkView{Text: c.T("objects.history.all", "n", n), Href: p.href(c, id) + "?history=all#history"}
	}
	if roles.Allowed(r.Who.Roles, store.Read, "journal") {
		v.Journal = ui.LinkView{Text: c.T("objects.journal"), Href: c.URL("proof", "journal") + "?subject=" + id}
	}
	if p.extra != nil {
		if v.Extra, err = p.extra(r, o); err != nil {
			return err
		}
	}
	head := ui.PageView{Title: cmp.Or(o.Title, id), Crumbs: p.trail(c)}
	if p.may(r, store.Update) {
		head.Actions = append(head.Actions, ui.Action{Text: c.T("objects.edit"), Href: p.href(c, id, "edit"), Kind: "main"})
	}
	if p.may(r, store.Delete) {
		head.Actions = append(head.Actions, ui.Action{Text: c.T("objects.delete"), Href: p.href(c, id, "delete"), Kind: "stop"})
	}
	return r.Show(head, showBody(c, v))
}

// groups lays a document out: its own fields first, then its objects.
func (w values) groups(title string, fields []store.Field, doc tree) []group {
	first := group{Title: title}
	var rest []group
	for _, f := range fields {
		if slices.Contains(w.hidden, f.Path) {
			continue
		}
		label := Label(w.c, w.kind, f.Path)
		if f.Type != "object" || f.Bilingual {
			first.Terms = append(first.Terms, term{Label: label, Values: w.links(f, doc[f.Name]), Mono: numeric(f)})
			continue
		}
		all := objects(doc[f.Name])
		if f.List {
			first.Terms = append(first.Terms, term{Label: label, Values: []ui.LinkView{{Text: w.size(len(all))}}})
		}
		for i, sub := range all {
			name := label
			if f.List {
				name += " " + w.c.Int(i+1)
			}
			rest = append(rest, w.groups(name, f.Fields, sub)...)
		}
	}
	return append([]group{first}, rest...)
}

// backLinks lists what refers to the object, by what it is.
func backLinks(c ui.Ctx, links []store.Link) []ui.Fact {
	var out []ui.Fact
	for _, l := range links {
		out = append(out, ui.Fact{Term: One(c, l.FromKind), Text: cmp.Or(l.FromTitle, l.FromID), Href: Href(c, l.FromID),
			Note: Label(c, l.FromKind, l.Field)})
	}
	return out
}

// history is the versions, newest first.
func (p *Pages) history(r *page.Request, named show.People, versions []store.Version) []ui.VersionView {
	var out []ui.VersionView
	for _, v := range slices.Backward(versions) {
		diffs := v.Diffs
		if v.Op == store.Created { // what a new object leaves at nothing is no news
			diffs = slices.DeleteFunc(slices.Clone(diffs), func(d store.Diff) bool { return d.New == "0" || d.New == "false" })
		}
		out = append(out, ui.VersionView{Number: int(v.Revision), At: v.At, Who: named.Name(r.C, v.Actor), What: show.Word(r.C, "op", v.Op),
			Rows: Changes(r.C, p.Kind, named, diffs, p.instants...), Journal: entryLink(r, v.JournalIndex)})
	}
	return out
}

// entryLink leads to a journal entry, for who may read the journal; others see
// its number.
func entryLink(r *page.Request, index int64) ui.LinkView {
	l := show.Entry(r.C, index)
	if !roles.Allowed(r.Who.Roles, store.Read, "journal") {
		l.Href = ""
	}
	return l
}
