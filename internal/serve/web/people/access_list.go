package people

import (
	"strings"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// postureValid is how long the check of a device counts: identity's default.
const postureValid = 24 * time.Hour

// accessesShown is how many of each the page lists; the default lists have all.
const accessesShown = 100

// accessView is what the page of accesses shows.
type accessView struct {
	Tabs                             []ui.LinkView
	Workloads                        ui.TableView
	Devices                          ui.TableView
	Tokens                           ui.TableView
	SeesToken                        bool
	AddWorkload, AddDevice, AddToken *ui.Action
}

// accessList shows programs, devices with their posture, and API tokens.
func accessList(r *page.Request) error {
	if err := must(r, store.Read, identity.KindDevice); err != nil {
		return err
	}
	c, ctx, db := r.C, r.Context(), r.Org.DB
	q := store.Query{Sort: "title", Limit: accessesShown}
	workloads, err := identity.Workloads().List(ctx, db, q)
	if err != nil {
		return err
	}
	devices, err := identity.Devices().List(ctx, db, q)
	if err != nil {
		return err
	}
	v := accessView{Tabs: tabs(r, "access"), SeesToken: can(r, store.Read, "token")}
	ids := []string{}
	names := show.People{}
	for _, o := range workloads.Items {
		ids = append(ids, o.Doc.Systems...)
		names[o.ID] = o.Doc.Name
	}
	for _, o := range devices.Items {
		names[o.ID] = o.Doc.Name
	}
	var tokens store.Page[identity.Token]
	if v.SeesToken {
		if tokens, err = identity.Tokens().List(ctx, db, store.Query{Sort: "-created_at", Limit: accessesShown}); err != nil {
			return err
		}
		for _, o := range tokens.Items {
			ids = append(ids, systemsIn(o.Doc.Scopes)...)
			ids = append(ids, o.Doc.Person)
		}
	}
	more, err := show.Names(ctx, db, ids...)
	if err != nil {
		return err
	}
	for id, name := range more {
		names[id] = name
	}
	v.Workloads, v.Devices = workloadTable(c, workloads.Items, names), deviceTable(c, devices.Items)
	v.Tokens = tokenTable(r, tokens.Items, names)
	if can(r, store.Create, identity.KindDevice) {
		v.AddWorkload = &ui.Action{Text: c.T("kinds.workload.new"), Href: c.URL("people", "access", "workloads", "new")}
		v.AddDevice = &ui.Action{Text: c.T("kinds.device.new"), Href: c.URL("people", "access", "devices", "new")}
	}
	if can(r, roles.Manage, "token") {
		v.AddToken = &ui.Action{Text: c.T("people.token.new"), Href: c.URL("people", "access", "tokens", "new"), Kind: "main"}
	}
	return r.Show(ui.PageView{Title: c.T("people.access.title"), Over: c.T("people.access.over")}, accessBody(c, v))
}

func workloadTable(c ui.Ctx, items []store.Object[identity.Workload], names show.People) ui.TableView {
	label := func(f string) string { return objects.Label(c, identity.KindWorkload, f) }
	t := ui.TableView{ID: "workloads", Caption: c.T("kinds.workload"), Empty: ui.EmptyView{Title: c.T("people.noworkloads"), Text: c.T("kinds.workload.none")},
		Cols: []ui.Col{{Head: label("name")}, {Head: label("zone")}, {Head: label("systems")}, {Head: label("device")}, {Head: c.T("people.access")}}}
	for _, o := range items {
		var systems []ui.LinkView
		for _, id := range o.Doc.Systems {
			systems = append(systems, ui.LinkView{Text: named(names, id), Href: c.URL("systems", id)})
		}
		calls := ui.Cell{Text: "–"}
		if len(systems) > 0 {
			calls = ui.Cell{Body: joinedLinks(systems)}
		}
		device := ui.Cell{Text: "–"}
		if o.Doc.Device != "" {
			device = ui.Cell{Text: named(names, o.Doc.Device), Href: objects.Href(c, o.Doc.Device)}
		}
		mark := accessMark(c, o.Doc.Active)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: objects.Href(c, o.ID)}, {Text: o.Doc.Zone}, calls, device, {Mark: &mark}}})
	}
	return t
}

func deviceTable(c ui.Ctx, items []store.Object[identity.Device]) ui.TableView {
	label := func(f string) string { return objects.Label(c, identity.KindDevice, f) }
	t := ui.TableView{ID: "devices", Caption: c.T("kinds.device"), Empty: ui.EmptyView{Title: c.T("people.nodevices"), Text: c.T("kinds.device.none")},
		Cols: []ui.Col{{Head: label("name")}, {Head: label("zone")}, {Head: label("posture")}, {Head: label("posture.patch_age_days"), Right: true, Mono: true}, {Head: label("posture.managed")}}}
	for _, o := range items {
		p := o.Doc.Posture
		mark := show.PostureMark(c, p.At(c.Now, postureValid))
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: objects.Href(c, o.ID)}, {Text: o.Doc.Zone}, {Mark: &mark, Note: checked(c, p)},
			{Text: c.T("people.days", "n", p.PatchAgeDays)}, {Text: yes(c, p.Managed)}}})
	}
	return t
}

// checked says when a device was checked and how long that counts.
func checked(c ui.Ctx, p identity.Posture) string {
	if p.CheckedAt.IsZero() {
		return c.T("people.posture.never")
	}
	return c.T("people.posture.checked", "at", c.DateTime(p.CheckedAt), "until", c.DateTime(p.CheckedAt.Add(postureValid)))
}

func yes(c ui.Ctx, v bool) string {
	if v {
		return c.T("objects.yes")
	}
	return c.T("objects.no")
}

func named(names show.People, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return id
}

// systemsIn are the systems that scopes name.
func systemsIn(scopes []string) []string {
	var out []string
	for _, s := range scopes {
		if id, ok := strings.CutPrefix(s, identity.ScopeInfer); ok {
			out = append(out, id)
		}
	}
	return out
}
