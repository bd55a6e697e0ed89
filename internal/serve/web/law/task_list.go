package law

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// tasksView is what the page of tasks shows.
type tasksView struct {
	Head  headView
	Table ui.TableView
	Phase []ui.FieldView
	Form  *ui.Form
	Done  bool
}

// taskList is the open tasks by due day, each with its phase of the cycle
// (requirement 000-02).
func taskList(r *page.Request) error { return showTasks(r, url.Values{}, nil) }

func showTasks(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := mustAccess(r, store.Read, "task"); err != nil {
		return err
	}
	c := r.C
	q := store.Query{Sort: "due", Limit: store.MaxLimit, Uncounted: true}
	phase := r.Query("phase")
	if phase != "" {
		q.Filters = append(q.Filters, store.Where("phase", "=", phase))
	}
	got, err := r.Org.Duty.Tasks.List(r.Context(), r.Org.DB, q)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range got.Items {
		ids = append(append(ids, o.Doc.Systems...), o.Doc.Owner)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	v := tasksView{Head: head(c, "tasks"), Table: taskTable(c, got.Items, names)}
	v.Phase = []ui.FieldView{{Name: "phase", Label: c.T("law.task.phase"), Value: phase, Options: phases(c)}}
	if may(r, store.Create, "task") {
		v.Form = &ui.Form{C: c, ID: "task", Prefix: "law.task.form.", Action: c.URL("duties", "law", "tasks"), Values: in, Problem: p, Submit: c.T("law.task.new")}
	}
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("law.tasks"), Over: c.T("law.over")}, tasksBody(c, v))
}

func phases(c ui.Ctx) []ui.Option {
	var out []ui.Option
	for _, p := range duty.Phase("").Values() {
		out = append(out, ui.Option{Value: p, Text: c.T("law.phase." + p)})
	}
	return out
}

// taskTable lists tasks, the open ones first.
func taskTable(c ui.Ctx, all []store.Object[duty.Task], names show.People) ui.TableView {
	t := ui.TableView{ID: "tasks", Caption: c.T("law.tasks"), Cols: []ui.Col{{Head: c.T("law.task")}, {Head: c.T("law.task.phase")}, {Head: c.T("law.task.due")}, {Head: c.T("law.systems")}, {Head: c.T("law.task.cause")}, {Head: c.T("law.task.state")}},
		Empty: ui.EmptyView{Title: c.T("law.task.none"), Text: c.T("law.task.none.text")}}
	var done []ui.Row
	for _, o := range all {
		d := o.Doc
		var systems []string
		for _, id := range d.Systems {
			if n := names[id]; n != "" {
				systems = append(systems, n)
			}
		}
		mark := taskMark(c, d)
		row := ui.Row{Cells: []ui.Cell{{Text: taskName(c, d), Href: c.URL("duties", "law", "tasks", o.ID)}, {Text: c.T("law.phase." + string(d.Phase))}, {Text: dateOr(c, d.Due)},
			{Text: strings.Join(systems, ", ")}, {Text: c.T("law.cause." + string(d.Cause))}, {Mark: &mark}}}
		if d.Open() {
			t.Rows = append(t.Rows, row)
		} else {
			done = append(done, row)
		}
	}
	t.Rows = append(t.Rows, done...)
	return t
}

// taskName is the task in the reader's language where the house wrote it, else
// as a person called it.
func taskName(c ui.Ctx, t duty.Task) string {
	if called := c.In(t.Called); called != "" {
		return called
	}
	return t.Name
}

func taskMark(c ui.Ctx, t duty.Task) ui.Mark {
	switch {
	case !t.Open():
		return ui.Mark{Kind: ui.OK, Word: c.T("law.task.done")}
	case !t.Due.IsZero() && t.Due.Before(c.Now):
		return ui.Mark{Kind: ui.Warn, Word: c.T("law.task.late")}
	}
	return ui.Mark{Kind: ui.None, Word: c.T("law.task.open")}
}

func dateOr(c ui.Ctx, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return c.Date(t)
}

// taskCreate writes down a task of a person.
func taskCreate(r *page.Request) error {
	if err := mustAccess(r, store.Create, "task"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	t := duty.Task{Name: strings.TrimSpace(in.Get("name")), Phase: duty.Phase(in.Get("phase")), Cause: duty.ByPerson}
	show.Hear(r.C, strings.TrimSpace(in.Get("say")), &t.Say)
	var checks problem.Checks
	checks.Field(t.Name != "", "name", "Bitte einen Namen angeben.", "Please give a name.")
	checks.Field(t.Phase != "", "phase", "Bitte eine Phase wählen.", "Please choose a phase.")
	if v := in.Get("due"); v != "" {
		t.Due, err = time.Parse(time.DateOnly, v)
		checks.Field(err == nil, "due", "Bitte einen Tag angeben, etwa 2027-06-30.", "Please give a day, such as 2027-06-30.")
	}
	if err = checks.Err(); err == nil {
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
			_, err := r.Org.Duty.Tasks.Create(r.Context(), tx, t)
			return err
		})
	}
	if problem.Is(err, problem.BadInput) {
		return showTasks(r, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/law/tasks", "law.task.created")
}

// taskView is what the page of one task shows.
type taskView struct {
	Say     string
	Facts   []ui.Fact
	Clauses []ui.ClauseRef
	Form    *ui.Form
}

// taskShow is one task with what it is about, and the form that ends it.
func taskShow(r *page.Request) error { return showTask(r, url.Values{}, nil) }

func showTask(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := mustAccess(r, store.Read, "task"); err != nil {
		return err
	}
	c := r.C
	o, err := r.Org.Duty.Tasks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	d := o.Doc
	names, err := show.Names(r.Context(), r.Org.DB, append([]string{d.Owner, d.DoneBy}, d.Systems...)...)
	if err != nil {
		return err
	}
	mark := taskMark(c, d)
	v := taskView{Say: show.Say(c, d.Say), Clauses: show.Clauses(c, r.Org.Library(), d.About)}
	v.Facts = []ui.Fact{{Term: c.T("law.task.state"), Mark: &mark}, {Term: c.T("law.task.phase"), Text: c.T("law.phase." + string(d.Phase))}, {Term: c.T("law.task.due"), Text: dateOr(c, d.Due)}, {Term: c.T("law.task.cause"), Text: c.T("law.cause." + string(d.Cause))}}
	for _, id := range d.Systems {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("law.system"), Text: names.Name(c, id), Href: c.URL("systems", id)})
	}
	if d.Pack != "" {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("law.pack"), Text: d.Pack + " " + d.Version, Href: c.URL("duties", "packs", d.Pack)})
	}
	if !d.Open() {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("law.task.done"), Text: c.DateTime(d.Done), Note: names.Name(c, d.DoneBy)}, ui.Fact{Term: c.T("law.task.form.result"), Text: d.Result})
	} else if may(r, store.Update, "task") {
		v.Form = &ui.Form{C: c, ID: "task", Prefix: "law.task.form.", Action: c.URL("duties", "law", "tasks", o.ID), Values: in, Problem: p, Submit: c.T("law.task.finish"),
			Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}}
	}
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	return r.ShowAs(status, ui.PageView{Title: taskName(c, d), Narrow: true, Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("law.tasks"), Href: c.URL("duties", "law", "tasks")}}}, taskBody(c, v))
}

// taskFinish ends a task with what came out.
func taskFinish(r *page.Request) error {
	if err := mustAccess(r, store.Update, "task"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	if _, err = r.Org.Duty.Finish(r.Context(), r.Param("id"), revision, in.Get("result")); problem.Is(err, problem.BadInput) {
		return showTask(r, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/law/tasks", "law.task.finished")
}
