package systems

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// file is the file of one system: what every tab needs.
type file struct {
	r      *page.Request
	c      ui.Ctx
	sys    store.Object[inventory.System]
	permit permit.Permit
	class  *classify.Classification // the one that stands; nil: none, or not the reader's to see
	labels map[string]string        // of the model's features, once read
}

// tab is one tab of the file, and what a role must be able to read to see it.
type tab struct {
	name  string
	kind  string // read this kind; empty: whoever may read the system
	class bool   // it shows the class
	load  func(a *area, f *file) (templ.Component, error)
}

// tabs in their order; the first is the one that opens.
var tabs = []tab{
	{"what", "", true, (*area).tabWhat},
	{"may", "classification", true, (*area).tabMay},
	{"runs", "journal", true, (*area).tabRuns},
	{"people", "", true, (*area).tabPeople},
	{"proof", "permit", false, (*area).tabProof},
	{"history", "", false, (*area).tabHistory},
}

// systemShow is the file of one system. It takes at most five queries beside
// the frame's, whatever tab is open.
func (a *area) systemShow(r *page.Request) error {
	open, err := openTab(r)
	if err != nil {
		return err
	}
	f := &file{r: r, c: r.C}
	if f.sys, err = r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id")); err != nil {
		return err
	}
	f.permit = permitOf(r, f.sys.ID)
	if may(r, store.Read, "classification") && open.class {
		c, err := r.Org.Classify.Of(r.Context(), r.Org.DB, f.sys.ID)
		if err == nil && c.Doc.Concluded() {
			f.class = &c.Doc
		} else if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	body, err := open.load(a, f)
	if err != nil {
		return err
	}
	v := ui.PageView{Title: f.sys.Doc.Name, Crumbs: []ui.LinkView{{Text: r.C.T("systems.title"), Href: r.C.URL("systems")}}, Actions: f.actions()}
	return r.Show(v, fileBody(f, open.name, f.links(open.name), body))
}

// openTab is the tab that the address names, or the first. One that the reader
// may not see is refused, not replaced.
func openTab(r *page.Request) (tab, error) {
	i := slices.IndexFunc(tabs, func(t tab) bool { return t.name == r.Query("tab") })
	t := tabs[max(i, 0)]
	if t.kind == "" {
		return t, nil
	}
	return t, roles.Access(r.Context(), r.Who.Actor(), store.Read, t.kind, nil)
}

// links are the tabs that the reader may see.
func (f *file) links(open string) []ui.LinkView {
	var out []ui.LinkView
	for _, t := range tabs {
		if t.kind == "" || may(f.r, store.Read, t.kind) {
			out = append(out, ui.LinkView{Text: f.c.T("systems.tab." + t.name), Href: f.href(t.name), Current: t.name == open})
		}
	}
	return out
}

func (f *file) href(tab string) string { return f.c.URL("systems", f.sys.ID) + "?tab=" + tab }

// url is an address below the system.
func (f *file) url(rest string) string { return f.c.URL("systems", f.sys.ID, rest) }

// entry links to a journal entry, or names it for who may not read the journal.
func (f *file) entry(index int64) ui.LinkView {
	l := show.Entry(f.c, index)
	if !may(f.r, store.Read, "journal") {
		l.Href = ""
	}
	return l
}

// actions are what the reader can do with the whole system.
func (f *file) actions() []ui.Action {
	var out []ui.Action
	if may(f.r, store.Update, "system") && f.sys.Doc.LifeCycle != inventory.Retired {
		out = append(out, ui.Action{Text: f.c.T("systems.edit"), Href: f.url("edit")})
	}
	switch {
	case f.stopped() && may(f.r, roles.Lift, "system"):
		out = append(out, ui.Action{Text: f.c.T("systems.resume"), Href: f.c.URL("operation", "systems", f.sys.ID, "resume")})
	case !f.stopped() && may(f.r, roles.Stop, "system") && f.sys.Doc.LifeCycle != inventory.Retired:
		out = append(out, ui.Action{Text: f.c.T("systems.stop"), Href: f.c.URL("operation", "systems", f.sys.ID, "stop"), Kind: "stop"})
	}
	return out
}

// stopped asks the queue, which knows first, and the register, which knows why.
func (f *file) stopped() bool { return f.r.Org.Oversee.Stopped(f.sys.ID) || f.sys.Doc.Stop.Stopped }

// card is the permit card on top of every tab. Its conditions are left out on
// the tabs that look back, so that what they show is not a screen away.
func (f *file) card(open string) ui.PermitView {
	o := show.PermitOptions{LifeCycle: string(f.sys.Doc.LifeCycle), Next: f.next(), Compact: open == "people" || open == "proof" || open == "history"}
	if f.class != nil {
		o.ClassAsOf = f.class.AsOf
	}
	if code := f.sys.Doc.Code; code != "" {
		o.CardURL, o.CardHref = origin(f.r)+f.c.URL("card", code), f.c.URL("card", code)
	}
	if may(f.r, store.Read, "permit") {
		o.Proof = f.href("proof")
	}
	if f.permit.Number != "" && f.mayDossier() {
		o.Next = append(o.Next, ui.Action{Text: f.c.T("systems.permit.print"), Href: f.url("permit.pdf")})
	}
	return show.Permit(f.c, f.r.Org.Packs, f.permit, o)
}

// origin is scheme and host under which the reader reached the page.
func origin(r *page.Request) string {
	if r.Secure() {
		return "https://" + r.R.Host
	}
	return "http://" + r.R.Host
}

// holds reports whether the reader holds a role or function, or is the risk
// owner where the owner's place is meant.
func (f *file) holds(place string) bool {
	return f.r.Has(place) || place == permit.SignOwner && f.sys.Doc.RiskOwner == f.r.Who.ID
}

// next is what the reader can do to bring the permit into force: the first
// reason that is theirs to lift.
func (f *file) next() []ui.Action {
	for _, l := range f.permit.Lapses {
		if !slices.ContainsFunc(l.LiftBy, f.holds) {
			continue
		}
		family, _, _ := strings.Cut(l.Code, ".")
		step := map[string][2]string{"approval": {"approve", "approve"}, "class": {"classify", "classify"}, "verdict": {"identify", "identify"},
			"assessment": {"identify", "identify"}, "model": {"models/new", "model"}, "lifecycle": {"", ""}}[family]
		if family == "purpose" || family == "decider" || family == "limit" || family == "review" || family == "owner" || family == "oversight" {
			step = [2]string{"edit", "complete"}
		}
		signing := step[0] == "approve"
		if step[0] == "" || signing && f.sys.CreatedBy == f.r.Who.ID || !signing && !may(f.r, store.Update, "system") {
			continue
		}
		return []ui.Action{{Text: f.c.T("systems.next." + step[1]), Href: f.url(step[0]), Kind: "main"}}
	}
	return nil
}

// mayStep reports whether the reader moves the system through its life.
func (f *file) mayStep() bool { return may(f.r, store.Update, "system") }
