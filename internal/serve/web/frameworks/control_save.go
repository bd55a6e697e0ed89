package frameworks

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// controlSave keeps what is said about one requirement. From the statement of
// applicability it leads on to the next undecided row.
func (a *area) controlSave(r *page.Request) error {
	if err := must(r, store.Update, kind); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	rec, err := recordOf(r, in)
	if err == nil {
		revision, bad := strconv.ParseInt(in.Get("revision"), 10, 64)
		if bad != nil {
			revision = 0 // nobody can have seen it: a conflict
		}
		_, err = r.Org.Controls.Put(r.Context(), revision, rec)
	}
	switch problem.KindOf(err) {
	case problem.BadInput:
		p := problem.From(err)
		return a.showControl(r, ui.Status(p), in, p, ui.TableView{})
	case problem.Conflict:
		p := problem.From(err)
		return a.showControl(r, ui.Status(p), in, p, differs(r, p, rec))
	}
	if err != nil {
		return err
	}
	if in.Get("next") == "soa" {
		return r.Go("/duties/soa/next?after="+url.QueryEscape(control.KeyOf(rec.Framework, rec.Clause)), "control.saved")
	}
	return r.Go("/duties/frameworks/"+rec.Framework+"/"+rec.Clause, "control.saved")
}

// recordOf reads a form into a record. A requirement that the statement of
// applicability does not hold has no decision of its own: it follows the status.
func recordOf(r *page.Request, in url.Values) (control.Record, error) {
	rec := control.Record{Framework: r.Param("fw"), Clause: r.Param("clause"), Status: control.Status(in.Get("status")), Applicable: control.Applicability(in.Get("applicable")),
		Reason: in.Get("reason"), Implementation: in.Get("implementation"), Responsible: in.Get("responsible")}
	var c problem.Checks
	if s := strings.TrimSpace(in.Get("days")); s != "" {
		v, ok := text.ParseDecimal(r.C.Lang, s)
		c.Field(ok && v >= 0, "days", "Bitte eine Zahl angeben, zum Beispiel 1,5.", "Please give a number, for example 1.5.")
		rec.Days = v
	}
	if s := strings.TrimSpace(in.Get("due")); s != "" {
		t, err := time.Parse(time.DateOnly, s)
		c.Field(err == nil, "due", "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
		rec.Due = t
	}
	if !in.Has("applicable") {
		rec.Applicable = control.Yes
		switch rec.Status {
		case control.NotApplicable:
			rec.Applicable = control.No
		case control.Open:
			rec.Applicable = control.Undecided
		}
	}
	return rec, c.Err()
}

// differs puts what somebody else stored meanwhile beside what was typed. Who
// saves then has seen both: the page carries the stored revision.
func differs(r *page.Request, p *problem.Problem, typed control.Record) ui.TableView {
	c := r.C
	have, ok := p.Have.(store.Object[control.Record])
	if !ok {
		return ui.TableView{}
	}
	t := ui.TableView{ID: "differs", Caption: c.T("objects.conflict"), ShowTitle: true, Cols: []ui.Col{{Head: c.T("objects.field")}, {Head: c.T("objects.stored")}, {Head: c.T("objects.typed")}}}
	was, now := recordWords(c, have.Doc), recordWords(c, typed)
	for _, name := range []string{"status", "applicable", "reason", "implementation", "responsible", "days", "due"} {
		if was[name] != now[name] {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("kind.control." + name)}, {Text: dash(was[name])}, {Text: dash(now[name])}}})
		}
	}
	return t
}

// recordWords is a record as people read it.
func recordWords(c ui.Ctx, rec control.Record) map[string]string {
	out := map[string]string{"status": statusMark(c, rec.Status).Word, "applicable": objects.Value(c, "control", "applicable", string(rec.Applicable)), "reason": rec.Reason,
		"implementation": rec.Implementation, "due": dayField(rec.Due)}
	if rec.Responsible != "" {
		out["responsible"] = c.In(roles.Role(rec.Responsible).Info().Title)
	}
	if rec.Days > 0 {
		out["days"] = text.Float(c.Lang, rec.Days)
	}
	return out
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// dayField is a day as a date field holds it; days are days in UTC.
func dayField(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
