package profile

import (
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/govern/stand"
	"augenmass/internal/operate/identity"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// view is the profile of one system as a page needs it.
type view struct {
	r       *page.Request
	c       ui.Ctx
	sys     store.Object[inventory.System]
	doc     profile.Profile
	id      string
	rev     int64 // 0: nobody began it
	lists   profile.Lists
	subject stand.Subject
	checked profile.Checked
}

// open reads system, class and profile: three queries.
func open(r *page.Request) (*view, error) {
	v := &view{r: r, c: r.C}
	var err error
	if v.sys, err = r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id")); err != nil {
		return nil, err
	}
	v.subject = stand.Subject{System: v.sys, Now: r.C.Now.UTC()}
	cls, err := r.Org.Classify.Of(r.Context(), r.Org.DB, v.sys.ID)
	switch {
	case err == nil && cls.Doc.Concluded():
		v.subject.Classification = &cls
	case err != nil && !problem.Is(err, problem.NotFound):
		return nil, err
	}
	o, err := r.Org.Profile.Of(r.Context(), r.Org.DB, v.sys.ID)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	v.lists = r.Org.Profile.Lists()
	return v, v.take(o)
}

// take makes the view one of this profile.
func (v *view) take(o store.Object[profile.Profile]) (err error) {
	v.doc, v.id, v.rev = o.Doc, o.ID, o.Revision
	v.doc.System = v.sys.ID
	v.checked, err = v.r.Org.Profile.Check(v.subject, o)
	return err
}

// url is the address of a page of the profile; no step: its overview.
func (v *view) url(step string) string {
	if step == "" {
		return v.c.URL("systems", v.sys.ID, "profile")
	}
	return v.c.URL("systems", v.sys.ID, "profile", step)
}

// crumbs lead from the register over the file of the system.
func (v *view) crumbs(more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: v.c.T("profile.systems"), Href: v.c.URL("systems")},
		{Text: v.sys.Doc.Name, Href: v.c.URL("systems", v.sys.ID)}}, more...)
}

// mark says in a word how a step stands. What is voluntary is never missing
// (requirement 001-46).
func (v *view) mark(s step) ui.Mark {
	switch {
	case s.demand == permit.DemandRedLine && v.checked.Open(s.demand):
		return ui.Mark{Kind: ui.Stop, Word: v.c.T("profile.state.crossed")}
	case s.demand != "" && v.checked.Open(s.demand):
		return ui.Mark{Kind: ui.Warn, Word: v.c.T("profile.state.missing")}
	case s.done(v):
		return ui.Mark{Kind: ui.OK, Word: v.c.T("profile.state.done")}
	case s.begun(v.doc):
		return ui.Mark{Kind: ui.None, Word: v.c.T("profile.state.begun")}
	}
	return ui.Mark{Kind: ui.None, Word: v.c.T("profile.state.voluntary")}
}

// people are who can be named: everybody active. An id that is none of them any
// more stays a choice, so that saving a step loses nobody.
func (v *view) people(have ...string) ([]ui.Option, error) {
	all, err := identity.Persons().All(v.r.Context(), v.r.Org.DB, store.Query{Sort: "title"})
	if problem.Is(err, problem.Denied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, o := range all {
		named := false
		for _, id := range have {
			named = named || id == o.ID
		}
		if o.Doc.Active || named {
			out = append(out, ui.Option{Value: o.ID, Text: o.Doc.Name})
		}
	}
	return out, nil
}

// statement is what staff read about the intent, with its aim in front.
func (v *view) statement() string {
	say := show.Say(v.c, v.doc.Intent.Statement)
	if v.doc.Intent.Aim == "" {
		return say
	}
	aim := v.c.T("profile.aim." + string(v.doc.Intent.Aim))
	if say == "" {
		return aim
	}
	return aim + ". " + say
}
