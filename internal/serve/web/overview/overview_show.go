package overview

import (
	"cmp"
	"context"
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// first is how long a page waits for the first reading of a number; afterwards
// there always is one.
const first = 300 * time.Millisecond

// rowsRunning and rowsStream are how many rows the page shows, casesRead how many
// of the reader's review cases it looks at, nearest deadline first.
const (
	casesRead   = 100
	rowsRunning = 8
	rowsStream  = 8
)

// system is one entry of the register with its permit as of now.
type system struct {
	store.Object[inventory.System]
	permit permit.Permit
}

// view is everything the page shows.
type view struct {
	running    []system // what runs, at most rowsRunning
	registered int
	today      gauge.Reading[map[string]gauge.Counts]
	day        string // YYYY-MM-DD in the reader's zone
	tasks      []task
	more       int // tasks beyond the five
	canSeeLog  bool
	stream     []ui.StreamRow
	size       uint64
	conform    gauge.Reading[gauge.Conformity]
	catalogue  []packs.Requirement
	mayBenefit bool
	benefit    benefit
}

// benefit sums the use cases.
type benefit struct {
	cases, measured           int
	hours, euros              int64
	expectedHours, expectedEu int64
	freed                     string
}

// overviewShow is the page. It takes at most five queries beside the frame's.
func (a *area) overviewShow(r *page.Request) error {
	v, err := a.load(r)
	if err != nil {
		return err
	}
	head := ui.PageView{Title: r.C.T("overview.title"), Over: r.C.OrgName + " · " + longDate(r.C)}
	if may(r, store.Create, "system") {
		head.Actions = []ui.Action{{Text: r.C.T("overview.register"), Href: r.C.URL("systems", "new"), Kind: "main"}}
	}
	return r.Show(head, body(r.C, v))
}

func (a *area) load(r *page.Request) (v view, err error) {
	ctx, g := r.Context(), a.gauges.Of(r.Site)
	if _, err := g.Conformity(ctx, 0); err != nil { // begins while the rest is read
		return v, err
	}
	all, total, err := systems(r)
	if err != nil {
		return v, err
	}
	v.registered, v.day = total, local(r.C).Format(time.DateOnly)
	if v.today, err = g.Today(ctx, first); err != nil {
		return v, err
	}
	v.running = running(all, v.today.Value)
	if err := v.loadTasks(r, all, a.troubles); err != nil {
		return v, err
	}
	if v.canSeeLog = may(r, store.Read, "journal"); v.canSeeLog {
		v.stream, v.size, err = latest(ctx, r.C, r.Org.Journal, names(all), rowsStream)
		if err != nil {
			return v, err
		}
	}
	v.catalogue = r.Org.Packs.Requirements("zta")
	if v.conform, err = g.Conformity(ctx, first); err != nil {
		return v, err
	}
	if v.mayBenefit = may(r, store.Read, "usecase"); v.mayBenefit {
		v.benefit, err = sumBenefit(ctx, r)
	}
	return v, err
}

// systems reads the register, up to the most a page of it holds, with the
// permits that the runtime obeys.
func systems(r *page.Request) ([]system, int, error) {
	p, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "name", Limit: store.MaxLimit})
	if err != nil {
		return nil, 0, err
	}
	all := make([]system, len(p.Items))
	for i, o := range p.Items {
		all[i] = system{Object: o, permit: permit.Permit{System: o.ID, State: permit.None}}
		if have, ok := r.Org.Point.Permit(o.ID); ok {
			all[i].permit = have.At(r.C.Now)
		}
	}
	return all, p.Total, nil
}

// running picks what runs or ran: what is in trial or operation, permits that
// are off first, then by decisions of today.
func running(all []system, today map[string]gauge.Counts) []system {
	var out []system
	for _, s := range all {
		if s.Doc.LifeCycle == inventory.Trial || s.Doc.LifeCycle == inventory.Operation {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b system) int {
		return cmp.Or(cmp.Compare(off(b), off(a)), cmp.Compare(today[b.ID].All, today[a.ID].All))
	})
	return out[:min(len(out), rowsRunning)]
}

func off(s system) int {
	if s.permit.State == permit.Suspended {
		return 1
	}
	return 0
}

func names(all []system) show.People {
	out := show.People{}
	for _, s := range all {
		out[s.ID] = s.Doc.Name
	}
	return out
}

// loadTasks gathers what needs the reader.
func (v *view) loadTasks(r *page.Request, all []system, troubles troubleSource) error {
	d := desk{c: r.C, me: r.Who.ID, roles: r.Who.Roles, systems: all, open: map[string]classify.Classification{}}
	if d.has(recordRoles...) {
		d.troubles = troubles(r.Org)
	}
	if roles.Allowed(r.Who.Roles, roles.Decide, "case") {
		p, err := r.Org.Oversee.List(r.Context(), r.Principal(), oversee.Filter{Scope: oversee.Mine, Limit: casesRead})
		if err != nil {
			return err
		}
		d.cases, d.waiting = p.Items, p.Total
	}
	if may(r, store.Read, "classification") {
		p, err := r.Org.Classify.Classifications.List(r.Context(), r.Org.DB, store.Query{
			Filters: []store.Filter{store.Where("class", "=", permit.ClassUnclear)}, Limit: store.MaxLimit})
		if err != nil {
			return err
		}
		for _, o := range p.Items {
			d.open[o.Doc.System] = o.Doc
		}
	}
	tasks := d.all()
	v.more = max(0, len(tasks)-mostTasks)
	v.tasks = tasks[:min(len(tasks), mostTasks)]
	return nil
}

func sumBenefit(ctx context.Context, r *page.Request) (benefit, error) {
	p, err := r.Org.UseCases.List(ctx, r.Org.DB, store.Query{Limit: store.MaxLimit})
	if err != nil {
		return benefit{}, err
	}
	docs := make([]value.UseCase, len(p.Items))
	for i, o := range p.Items {
		docs[i] = o.Doc
	}
	b := sum(docs, r.C)
	b.cases = p.Total
	return b, nil
}

func sum(docs []value.UseCase, c ui.Ctx) (b benefit) {
	var freed []string
	for _, u := range docs {
		b.hours += u.MeasuredHours
		b.euros += u.MeasuredEuro
		b.expectedHours += u.ExpectedHours
		b.expectedEu += u.ExpectedEuro
		if u.MeasuredHours != 0 || u.MeasuredEuro != 0 {
			b.measured++
		}
		if f := show.Say(c, u.FreedTime); f != "" && !slices.Contains(freed, f) && len(freed) < 3 {
			freed = append(freed, f)
		}
	}
	b.freed = show.List(c, freed)
	return b
}

func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

func longDate(c ui.Ctx) string { return text.LongDate(c.Lang, local(c)) }

// local is the request's time in the reader's zone.
func local(c ui.Ctx) time.Time {
	if c.Zone == nil {
		return c.Now
	}
	return c.Now.In(c.Zone)
}
