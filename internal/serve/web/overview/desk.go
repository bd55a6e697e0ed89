package overview

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// mostTasks is the most the page asks of anybody (criterion 11).
const mostTasks = 5

// Minutes a task takes, our own estimates; they are compared with real times
// later (criterion 11).
const (
	minutesCase     = 2
	minutesApprove  = 10
	minutesLift     = 5
	minutesClassify = 10
	minutesOwner    = 2
	minutesDraft    = 10
	minutesRecord   = 10
)

// task is one thing that needs the reader. Urgency orders tasks: the lower, the
// sooner.
type task struct {
	urgency int
	due     time.Time
	minutes int
	text    string
	note    string
	href    string
	mark    *ui.Mark
}

// Urgencies, from a record without which nothing runs, over a machine that
// waits, to a form that is not finished.
const (
	urgentRecord = iota
	urgentCase
	urgentLift
	urgentApprove
	urgentUnclear
	urgentOwner
	urgentDraft
)

// recordRoles hear of a record in trouble: who answers for it, who relies on it,
// and who runs the server.
var recordRoles = []string{"ai_officer", "director", "auditor", "admin"}

// desk gathers the tasks of one person from what the page has read anyway.
type desk struct {
	c       ui.Ctx
	me      string
	roles   []string
	systems []system
	cases   []oversee.Case                     // that the person may decide, nearest deadline first
	waiting int                                // how many of them there are in all
	open    map[string]classify.Classification // unclear ones, by system

	troubles []org.Trouble // of the record, the gravest first
}

// all returns every task, the most urgent first.
func (d desk) all() []task {
	out := append(d.recordTask(), d.reviews()...)
	ownerless := 0
	var nobodys system
	for _, s := range d.systems {
		if s.Doc.LifeCycle == inventory.Retired {
			continue
		}
		if t, ok := d.unclear(s); ok {
			out = append(out, t)
			continue
		}
		if t, ok := d.permitTask(s); ok {
			out = append(out, t)
			continue
		}
		if s.Doc.RiskOwner == "" && d.has("ai_officer", "director") {
			ownerless++
			nobodys = s
		}
	}
	if ownerless > 0 {
		out = append(out, d.owner(ownerless, nobodys))
	}
	slices.SortStableFunc(out, func(a, b task) int {
		return cmp.Or(cmp.Compare(a.urgency, b.urgency), a.due.Compare(b.due))
	})
	return out
}

func (d desk) has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(d.roles, r) })
}

// recordTask is one task for whatever is wrong with the record; its page says
// what to do.
func (d desk) recordTask() []task {
	if len(d.troubles) == 0 {
		return nil
	}
	mark := ui.Mark{Kind: ui.Stop, Word: d.c.T("overview.task.record.mark")}
	if d.troubles[0] == org.Unsigned {
		mark.Kind = ui.Warn
	}
	return []task{{urgency: urgentRecord, minutes: minutesRecord, text: d.c.T("overview.task.record"), href: d.c.URL("proof", "record"),
		note: d.c.T("overview.task.record." + string(d.troubles[0])), mark: &mark}}
}

// reviews gives one task a system whose cases the person may decide, with the
// nearest deadline.
func (d desk) reviews() []task {
	type pile struct {
		n   int
		due time.Time
	}
	piles, order := map[string]pile{}, []string{}
	for _, c := range d.cases {
		p, ok := piles[c.System]
		if !ok {
			order = append(order, c.System)
			p.due = c.Due
		}
		p.n++
		if c.Due.Before(p.due) {
			p.due = c.Due
		}
		piles[c.System] = p
	}
	var out []task
	for _, id := range order {
		p, key := piles[id], "overview.task.cases"
		switch beyond := d.waiting - len(d.cases); {
		case beyond > 0 && len(order) == 1:
			p.n += beyond
		case beyond > 0:
			key = "overview.task.cases.least" // some of those that were not read may belong here
		}
		t := task{urgency: urgentCase, due: p.due, minutes: min(p.n*minutesCase, 60), href: d.c.URL("operation", "cases"),
			text: d.c.T(key, "n", p.n, "system", d.name(id)),
			note: d.c.T("overview.task.due", "when", d.c.Relative(p.due))}
		if p.due.Before(d.c.Now) {
			t.mark = &ui.Mark{Kind: ui.Stop, Word: d.c.T("overview.task.late")}
		}
		out = append(out, t)
	}
	return out
}

func (d desk) name(id string) string {
	for _, s := range d.systems {
		if s.ID == id {
			return s.Doc.Name
		}
	}
	return id
}

// unclear is a classification that waits for this person by name.
func (d desk) unclear(s system) (task, bool) {
	c, ok := d.open[s.ID]
	if !ok || c.OpenWho != d.me {
		return task{}, false
	}
	t := task{urgency: urgentUnclear, due: c.OpenDue, minutes: minutesClassify, href: d.c.URL("systems", s.ID, "classify"),
		text: d.c.T("overview.task.unclear", "system", s.Doc.Name), note: d.c.T("overview.task.due", "when", d.c.Date(c.OpenDue))}
	if c.OpenDue.Before(d.c.Now) {
		t.mark = &ui.Mark{Kind: ui.Warn, Word: d.c.T("overview.task.late")}
	}
	return t, true
}

// permitTask is what this person can do so that a system may run: lift what
// suspended its permit, sign, or finish what is missing. Only the first reason
// that is the person's counts; of a system that still is an idea nothing is
// urgent.
func (d desk) permitTask(s system) (task, bool) {
	i := slices.IndexFunc(s.permit.Lapses, func(l permit.Lapse) bool { return d.has(l.LiftBy...) && l.Code != permit.LapseOwner })
	if i < 0 || s.permit.State == permit.Valid {
		return task{}, false
	}
	l := s.permit.Lapses[i]
	t := task{due: l.Since, note: show.Reason(d.c, l.Code), href: lapseHref(d.c, s.ID, l.Code)}
	signing := strings.HasPrefix(l.Code, "approval.")
	switch {
	case signing && (s.CreatedBy == d.me || !onlySigning(s.permit)):
		return task{}, false // somebody else signs, or there is more to do before
	case signing && s.permit.State == permit.None:
		t.urgency, t.minutes, t.text = urgentApprove, minutesApprove, d.c.T("overview.task.approve", "system", s.Doc.Name)
	case s.permit.State == permit.Suspended:
		t.urgency, t.minutes, t.text = urgentLift, minutesLift, d.c.T("overview.task.lift", "system", s.Doc.Name)
		t.mark = &ui.Mark{Kind: ui.Stop, Word: d.c.T("overview.task.off")}
	case l.Code == permit.LapseIdea:
		return task{}, false // an idea waits for nobody
	default:
		t.urgency, t.minutes, t.text = urgentDraft, minutesDraft, d.c.T("overview.task.draft", "system", s.Doc.Name)
	}
	return t, true
}

// onlySigning reports whether nothing but approvals is missing.
func onlySigning(p permit.Permit) bool {
	return !slices.ContainsFunc(p.Lapses, func(l permit.Lapse) bool { return !strings.HasPrefix(l.Code, "approval.") })
}

// lapseHref is where a lapse is lifted.
func lapseHref(c ui.Ctx, system, code string) string {
	area, _, _ := strings.Cut(code, ".")
	switch area {
	case "approval":
		return c.URL("systems", system, "approve")
	case "class":
		return c.URL("systems", system, "classify")
	case "verdict", "assessment":
		return c.URL("systems", system, "identify")
	case "purpose", "decider", "limit", "review", "oversight":
		return c.URL("systems", system, "edit")
	case "system":
		return c.URL("systems", system) + "?tab=runs"
	}
	return c.URL("systems", system) + "?tab=may"
}

// owner asks for the risk owners that are missing.
func (d desk) owner(n int, one system) task {
	t := task{urgency: urgentOwner, minutes: n * minutesOwner, text: d.c.T("overview.task.owners", "n", n), href: d.c.URL("systems") + "?owner=none"}
	if n == 1 {
		t.text, t.href = d.c.T("overview.task.owner", "system", one.Doc.Name), d.c.URL("systems", one.ID, "edit")
	}
	return t
}

// views writes the tasks for the page.
func views(c ui.Ctx, tasks []task) []ui.Task {
	out := make([]ui.Task, len(tasks))
	for i, t := range tasks {
		note := t.note
		if t.mark != nil {
			note = " " + note // the mark stands right before it
		}
		out[i] = ui.Task{Text: t.text, Href: t.href, Note: note, Time: c.T("overview.minutes", "n", t.minutes), Mark: t.mark}
	}
	return out
}

func minutes(tasks []task) int {
	n := 0
	for _, t := range tasks {
		n += t.minutes
	}
	return n
}
