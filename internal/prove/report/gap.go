package report

import (
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Gap is the gap list of a framework: by area, by requirement, and, with a plan,
// the roadmap backwards from the target date. plan may be nil.
func Gap(f Frame, g control.GapView, plan *control.Roadmap) (Document, error) {
	d, err := newDocument(f, "gap-"+g.Framework.ID, "report.gap")
	if err != nil {
		return Document{}, err
	}
	d.Title += ": " + g.Framework.Title.In(f.Lang)
	d.say(d.share(g.Tally), d.t("report.apart"))
	d.say(d.t("report.days.note"))
	d.areas(f.Lang, g)
	if plan != nil {
		d.roadmap(f, *plan)
	}
	for _, a := range g.Areas {
		title := a.Title.In(f.Lang)
		d.head(title)
		d.say(d.share(a.Tally))
		t := Table{Title: title, Columns: []Column{
			{d.t("report.col.requirement"), 12, true}, {d.t("report.col.title"), 20, true}, {d.t("report.col.status"), 22, false},
			{d.t("report.col.evidence"), 28, false}, {d.t("report.col.missing"), 22, false},
			{d.t("report.col.responsible"), 16, false}, {d.t("report.col.days"), 12, false}}}
		for _, v := range a.Items {
			t.Rows = append(t.Rows, cells(v.Ref, v.Title.In(f.Lang), d.judged(v), d.evidence(v.Cover.Closings), d.missing(v.Missing),
				d.responsible(f, v.Record.Responsible), d.t("report.days.left", "days", v.DaysLeft)))
		}
		d.table(t)
	}
	return d.finish(), nil
}

// share says n of m, the percent of it, and what nobody has decided.
func (d *Document) share(t control.Tally) string {
	n, m, percent, ok := t.Share()
	if !ok {
		return d.t("report.share.none")
	}
	say := []string{d.t("report.share", "n", n, "all", m, "percent", percent)}
	for _, more := range []struct {
		key string
		n   int
	}{{"report.share.undecided", t.Undecided}, {"report.share.excluded", t.NotApplicable}, {"report.share.said", t.SaidOnly}, {"report.share.lapsed", t.Lapsed}} {
		if more.n > 0 {
			say = append(say, d.t(more.key, "n", more.n))
		}
	}
	return strings.Join(say, " ")
}

// judged says what counts, and what was measured beside what was said.
func (d *Document) judged(v control.ItemView) string {
	say := d.status(v.Status, v.SaidOnly())
	if v.Measured == nil {
		return say
	}
	m, ok := v.Measured.Judged()
	if !ok {
		return say + " " + d.t("report.measured.none")
	}
	return say + " " + d.t("report.measured", "said", d.t("report.word."+string(v.Record.Status)), "measured", d.t("report.word."+string(m)),
		"passed", v.Measured.Passed, "seen", v.Measured.Seen)
}

func (d *Document) missing(types []string) string {
	if len(types) == 0 {
		return d.t("report.missing.none")
	}
	return d.t("report.missing", "types", d.types(types))
}

func (d *Document) types(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = d.t("report.type." + t)
	}
	return strings.Join(words, ", ")
}

func (d *Document) areas(l text.Lang, g control.GapView) {
	d.head(d.t("report.areas"))
	t := Table{Title: d.t("report.areas"), Columns: []Column{
		{d.t("report.col.area"), 16, true}, {d.t("report.col.phase"), 10, true}, {d.t("report.col.status"), 50, false}, {d.t("report.col.days"), 16, false}}}
	for _, a := range g.Areas {
		t.Rows = append(t.Rows, cells(a.Title.In(l), d.t("report.phase."+a.Phase), d.share(a.Tally), d.t("report.days.left", "days", a.Tally.DaysLeft)))
	}
	d.table(t)
}

// roadmap prints the plan: what must begin when, and what is late.
func (d *Document) roadmap(f Frame, r control.Roadmap) {
	d.head(d.t("report.plan"))
	if r.DaysRemaining >= 0 {
		d.say(d.t("report.plan.remaining", "n", r.DaysRemaining, "day", r.Date))
	} else {
		d.say(d.t("report.plan.over", "n", -r.DaysRemaining, "day", r.Date))
	}
	d.say(d.t("report.plan.work", "left", r.DaysLeft, "available", r.DaysAvailable))
	if r.DaysShort > 0 {
		d.say(d.t("report.plan.short", "short", r.DaysShort, "needed", r.DaysPerWeekNeeded, "done", r.Done))
	}
	if r.Late > 0 {
		d.say(d.t("report.plan.late", "n", r.Late))
	}
	t := Table{Title: d.t("report.plan"), Columns: []Column{{d.t("report.col.step"), 6, true}, {d.t("report.col.requirement"), 14, true},
		{d.t("report.col.title"), 30, true}, {d.t("report.col.start"), 30, false}, {d.t("report.col.end"), 26, false},
		{d.t("report.col.responsible"), 22, false}, {d.t("report.col.days"), 14, false}}}
	for i, s := range r.Steps {
		start := d.t("report.plan.start", "day", s.Start)
		if s.Late {
			start = d.t("report.plan.since", "day", s.LateSince)
		}
		t.Rows = append(t.Rows, cells(d.t("report.number", "n", i+1), s.Ref, s.Item.Title.In(f.Lang), start, d.t("report.plan.end", "day", s.End),
			d.responsible(f, s.Item.Record.Responsible), d.t("report.days.left", "days", s.Days)))
	}
	if len(t.Rows) == 0 {
		d.say(d.t("report.plan.none"))
		return
	}
	d.table(t)
}

// Checklist is a framework to go through with a pen: what to do in plain words,
// which evidence is wanted, and what a certifier would still ask for.
func Checklist(f Frame, g control.GapView) (Document, error) {
	d, err := newDocument(f, "checklist-"+g.Framework.ID, "report.checklist")
	if err != nil {
		return Document{}, err
	}
	d.Title += ": " + g.Framework.Title.In(f.Lang)
	ready, all := control.Ready(g)
	d.say(d.t("report.ready", "ready", ready, "all", all), d.t("report.apart"))
	for _, a := range g.Areas {
		title := a.Title.In(f.Lang)
		d.head(title)
		t := Table{Title: title, Columns: []Column{{d.t("report.col.done"), 5, true}, {d.t("report.col.requirement"), 12, true},
			{d.t("report.col.title"), 18, true}, {d.t("report.col.plain"), 40, false}, {d.t("report.col.wanted"), 22, false}, {d.t("report.col.needs"), 30, false}}}
		for _, v := range a.Items {
			t.Rows = append(t.Rows, cells("☐", v.Ref, v.Title.In(f.Lang), d.plain(v, f.Lang), d.t("report.wanted", "types", d.types(v.Item.Evidence)), d.needs(v)))
		}
		d.table(t)
	}
	return d.finish(), nil
}

func (d *Document) plain(v control.ItemView, l text.Lang) string {
	for _, t := range []text.Bi{v.Item.Plain, v.Say} {
		if s := t.In(l); s != "" {
			return s
		}
	}
	return d.t("report.none.plain")
}

func (d *Document) needs(v control.ItemView) string {
	var say []string
	for _, n := range v.Needs() {
		say = append(say, d.t("report.needs."+string(n)))
	}
	if len(say) == 0 {
		return d.t("report.needs.none")
	}
	return strings.Join(say, " ")
}

// Evidence is the list of evidence objects with their hashes, and for how many
// requirements each counts (requirement 000-50).
func Evidence(f Frame, evidence []store.Object[control.Evidence], covered control.Covered) (Document, error) {
	d, err := newDocument(f, "evidence", "report.evidence")
	if err != nil {
		return Document{}, err
	}
	rate, closings, objects, ok := covered.Reuse()
	if ok {
		d.say(d.t("report.reuse", "rate", rate, "closings", closings, "n", objects))
	}
	if covered.Expired > 0 {
		d.say(d.t("report.expired", "n", covered.Expired))
	}
	t := Table{Title: d.t("report.evidence"), Columns: []Column{{d.t("report.col.name"), 24, true}, {d.t("report.col.type"), 12, true},
		{d.t("report.col.date"), 10, true}, {d.t("report.col.valid"), 20, false}, {d.t("report.col.serves"), 30, false},
		{d.t("report.col.place"), 24, true}, {d.t("report.col.hash"), 34, true}}}
	for _, o := range evidence {
		e := o.Doc
		valid := d.t("report.valid.always")
		switch {
		case e.State(f.At) == control.Expired:
			valid = d.t("report.valid.expired", "day", e.Expires)
		case !e.Expires.IsZero():
			valid = d.t("report.valid.until", "day", e.Expires)
		}
		whole, partly := 0, 0
		for _, s := range covered.Serves(o.ID) {
			switch {
			case !s.Counts():
			case s.Whole:
				whole++
			default:
				partly++
			}
		}
		t.Rows = append(t.Rows, cells(e.Name, d.t("report.type."+string(e.Type)), text.Date(f.Lang, e.Date), valid,
			d.t("report.serves", "n", whole, "partly", partly), e.Link, e.Hash))
	}
	d.table(t)
	return d.finish(), nil
}
