package operation

import (
	"context"
	"net/http"
	"net/url"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// button is one side of the stop button: stopping a system, or letting it run
// again.
type button struct {
	name   string // in addresses and keys
	action string // that the role needs
	kind   string // of the button
	said   string // notice afterwards
	press  func(q *oversee.Queue, ctx context.Context, p oversee.Principal, system, reason string) error
	hints  int // sentences to tap
}

var (
	stopping = button{name: "stop", action: roles.Stop, kind: "stop", said: "operation.stopped", press: (*oversee.Queue).Stop, hints: 3}
	resuming = button{name: "resume", action: roles.Lift, kind: "main", said: "operation.resumed", press: (*oversee.Queue).Resume, hints: 2}
)

// halt is the page of the stop button.
type halt struct {
	Button  button
	System  string
	Done    bool // it is already so
	Form    ui.Form
	Then    string   // what follows
	Reasons []string // to press with one tap
}

func stopShow(r *page.Request) error   { return stopping.show(r) }
func stopDo(r *page.Request) error     { return stopping.do(r) }
func resumeShow(r *page.Request) error { return resuming.show(r) }
func resumeDo(r *page.Request) error   { return resuming.do(r) }

func (b button) show(r *page.Request) error { return b.answer(r, http.StatusOK, nil, nil) }

// do presses the button. What was typed stays on the page if it was not enough.
func (b button) do(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	// The register is asked first: a stop of something that is not there would
	// stand in the journal for good.
	id := r.Param("id")
	if _, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, id); err != nil {
		return err
	}
	err = b.press(r.Org.Oversee, r.Context(), r.Principal(), id, reasonOf(in))
	switch p, ok := problemOf(err); {
	case err == nil:
		return r.Go("/operation/plant?system="+url.QueryEscape(id), b.said)
	case ok && (p.Kind == problem.BadInput || p.Kind == problem.Conflict):
		return b.answer(r, ui.Status(p), in, p)
	}
	return err
}

func (b button) answer(r *page.Request, status int, in url.Values, p *problem.Problem) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), b.action, "system", nil); err != nil {
		return err
	}
	id, c := r.Param("id"), r.C
	names, err := show.Names(r.Context(), r.Org.DB, id)
	if err != nil {
		return err
	}
	if names[id] == "" {
		return problem.New(problem.NotFound, "Dieses KI-System steht nicht im Register.", "This AI system is not in the register.")
	}
	v := halt{Button: b, System: names[id], Done: r.Org.Oversee.Stopped(id) == (b.name == "stop"),
		Form: ui.Form{C: c, ID: "halt", Prefix: "operation.form.", Action: c.URL("operation", "systems", id, b.name), Values: in, Problem: p,
			Cancel: c.URL("operation", "plant") + "?system=" + url.QueryEscape(id),
			More:   []ui.Action{{Text: c.T("operation." + b.name + ".do"), Kind: b.kind, Big: true}}},
		Then: c.T("operation."+b.name+".then", "roles", show.Roles(c, lifters()))}
	for _, o := range quick(c, "operation.reason."+b.name+".", b.hints)[1:] {
		v.Reasons = append(v.Reasons, o.Text)
	}
	crumbs := []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}, {Text: v.System, Href: c.URL("systems", id)}}
	return r.ShowAs(status, ui.PageView{Title: c.T("operation." + b.name + ".title"), Crumbs: crumbs, Touch: true, Narrow: true}, haltBody(c, v))
}

// lifters are the roles that let a stopped system run again.
func lifters() []string {
	var out []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, roles.Lift, "system") {
			out = append(out, string(info.Role))
		}
	}
	return out
}
