package law

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// clockView is what the clock shows.
type clockView struct {
	Head    headView
	Action  string
	Day     ui.FieldView
	System  ui.FieldView
	Dates   []ui.LinkView // the law's own dates
	Title   string        // of the day
	Summary []string
	Systems ui.TableView
	Changes ui.TableView // what begins and ends by then
	Duties  ui.TableView // of the chosen system on that day
	Stale   ui.TableView
	Basis   []ui.Fact // under which texts this was computed
	Quiet   string    // markets and sectors that no pack speaks of
	Moved   bool      // another day than the present one
	Chosen  bool      // one system
}

// shownSystems bounds how many systems one page reads under two laws.
const shownSystems = 200

// lawShow is the clock: date and system in the address, no script.
func lawShow(r *page.Request) error {
	if err := mustSee(r); err != nil {
		return err
	}
	c, system := r.C, r.Query("system")
	at, bad := dayOf(r, "at")
	register, err := r.Org.Duty.Register(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	if err := known(register, system); err != nil {
		return err
	}
	only := narrowed(system)
	if all := register.Systems(); system == "" && len(all) > shownSystems {
		for _, o := range all[:shownSystems] {
			only = append(only, o.ID)
		}
	}
	before, err := register.At(today(c), only...)
	if err != nil {
		return err
	}
	after, err := register.At(at, only...)
	if err != nil {
		return err
	}
	stale, err := r.Org.Duty.Stale(r.Context(), r.Org.DB, today(c), at)
	if err != nil {
		return err
	}
	v := clockView{Head: head(c, "clock"), Action: c.URL("duties", "law"), System: choose(c, register, system), Moved: !at.Equal(today(c)), Chosen: system != "",
		Title: c.T("law.on", "day", text.LongDate(c.Lang, at))}
	v.Day = ui.FieldView{ID: "law-at", Name: "at", Label: c.T("law.at"), Value: at.Format(time.DateOnly), Required: true, Error: bad}
	lib := r.Org.Library()
	v.Dates = dates(c, lib, at, system)
	moves := pair(duty.Read(lib), before, after, today(c), at)
	v.Systems = systemTable(c, moves, at)
	v.Summary = summary(c, moves, len(register.Systems()))
	if v.Moved {
		v.Changes = moveTable(c, moves)
		v.Stale = staleTable(c, r, moves, stale, at)
	}
	if v.Chosen {
		v.Duties = dutyTable(c, lib, moves[0])
		if quiet := r.Org.Duty.Unheard(after[0].Markets, after[0].Sectors); len(quiet) > 0 {
			v.Quiet = c.T("law.quiet", "list", show.List(c, placeWords(c, quiet)))
		}
	}
	for _, p := range lawPacks(lib) {
		v.Basis = append(v.Basis, ui.Fact{Term: c.In(p.Title), Text: c.T("law.version", "version", p.Version, "day", dateText(c, p.AsOf)), Href: c.URL("duties", "packs", p.ID)})
	}
	status := http.StatusOK
	if bad != "" {
		status = http.StatusUnprocessableEntity
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("law.title"), Over: c.T("law.over")}, clockBody(c, v))
}

// placeWords are the words of markets and sectors, which share one list here.
func placeWords(c ui.Ctx, codes []string) []string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = show.Word(c, "market", code)
		if out[i] == code {
			out[i] = show.Word(c, "sector", code)
		}
	}
	return out
}

// move is one system on two days.
type move struct {
	Before, After duty.Standing
	Was, Is       []duty.Duty
	Changes       []duty.Change
}

func pair(law duty.Law, before, after []duty.Standing, from, to time.Time) []move {
	out := make([]move, len(after))
	for i := range after {
		m := move{Before: before[i], After: after[i]}
		m.Was, m.Is = law.On(before[i].Subject, from), law.On(after[i].Subject, to)
		m.Changes = duty.Changes(m.Was, m.Is)
		out[i] = m
	}
	return out
}

// count is how many changes of a move are of one kind.
func (m move) count(what duty.What) int {
	n := 0
	for _, ch := range m.Changes {
		if ch.What == what {
			n++
		}
	}
	return n
}

// dates are the days that the law itself names: the entries of the timelines of
// the packs of law.
func dates(c ui.Ctx, lib *packs.Library, at time.Time, system string) []ui.LinkView {
	var out []ui.LinkView
	for _, p := range lawPacks(lib) {
		for _, cl := range lib.Clauses(p.ID) {
			if !timeline(cl) {
				continue
			}
			v := url.Values{"at": {cl.From.Format(time.DateOnly)}}
			if system != "" {
				v.Set("system", system)
			}
			out = append(out, ui.LinkView{Text: dateText(c, cl.From) + " " + c.In(cl.Title), Href: c.URL("duties", "law?"+v.Encode()), Current: cl.From.Equal(at)})
		}
	}
	return out
}

// timeline reports whether a clause is a date of the law: an entry of a group
// called timeline.
func timeline(cl packs.Clause) bool { return cl.Group == "timeline" && !cl.From.IsZero() }

func summary(c ui.Ctx, all []move, of int) []string {
	run, start, end, class := 0, 0, 0, 0
	for _, m := range all {
		run += len(duty.Binding(m.Is))
		start, end = start+m.count(duty.Starts), end+m.count(duty.Ends)
		if m.Before.Class != m.After.Class {
			class++
		}
	}
	out := []string{c.T("law.sum.run", "n", run, "systems", len(all)), c.T("law.sum.move", "start", start, "end", end), c.T("law.sum.class", "n", class)}
	if len(all) < of && of > shownSystems {
		out = append(out, c.T("law.sum.cut", "n", len(all), "of", of))
	}
	return out
}

// systemTable is one row a system: as what, in which class, with how many duties
// on the day, and what the saved result was made under.
func systemTable(c ui.Ctx, all []move, at time.Time) ui.TableView {
	t := ui.TableView{ID: "systems", Caption: c.T("law.systems"), Cols: []ui.Col{{Head: c.T("law.system")}, {Head: c.T("law.role")}, {Head: c.T("law.class")},
		{Head: c.T("law.saved")}, {Head: c.T("law.run"), Right: true, Mono: true}, {Head: c.T("law.starts"), Right: true, Mono: true}, {Head: c.T("law.ends"), Right: true, Mono: true}},
		Empty: ui.EmptyView{Title: c.T("law.nosystem"), Text: c.T("law.nosystem.text"), Action: &ui.Action{Text: c.T("law.nosystem.do"), Href: c.URL("systems")}}}
	for _, m := range all {
		s := m.After
		v := url.Values{"at": {at.Format(time.DateOnly)}, "system": {s.System}}
		mark := show.ClassMark(c, s.Class)
		class := ui.Cell{Mark: &mark}
		switch {
		case s.Kept:
			class.Note = c.T("law.kept")
		case m.Before.Class != s.Class:
			class.Note = c.T("law.otherclass", "class", show.Word(c, "class", m.Before.Class))
		}
		saved := ui.Cell{Text: c.T("law.unsaved"), Href: c.URL("systems", s.System, "classify")}
		if s.Known {
			saved = ui.Cell{Text: c.T("law.savedas", "class", show.Word(c, "class", s.Saved), "day", c.Date(s.AsOf)), Note: s.Version}
			if s.Differs() && !s.Kept {
				saved.Mark = &ui.Mark{Kind: ui.Warn, Word: c.T("law.differs")}
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Name, Href: c.URL("duties", "law?"+v.Encode())}, {Text: show.Word(c, "operator", s.Role)}, class, saved,
			{Text: c.Int(len(duty.Binding(m.Is)))}, {Text: signed(c, m.count(duty.Starts), "+")}, {Text: signed(c, m.count(duty.Ends), "−")}}})
	}
	return t
}

func signed(c ui.Ctx, n int, sign string) string {
	if n == 0 {
		return "0"
	}
	return sign + c.Int(n)
}

// moveTable is one row a clause that begins, ends or differs, with the systems it
// concerns, in the order in which it begins.
func moveTable(c ui.Ctx, all []move) ui.TableView {
	t := ui.TableView{ID: "moves", Caption: c.T("law.moves"), Cols: []ui.Col{{Head: c.T("law.duty")}, {Head: c.T("law.what")}, {Head: c.T("law.from")}, {Head: c.T("law.why")}, {Head: c.T("law.systems")}},
		Empty: ui.EmptyView{Title: c.T("law.nomove"), Text: c.T("law.nomove.text")}}
	type line struct {
		change duty.Change
		names  []string
	}
	var order []*line
	by := map[string]*line{}
	for _, m := range all {
		for _, ch := range m.Changes {
			key := string(ch.What) + " " + ch.Duty.Clause.ID + " " + ch.Duty.From.String()
			if by[key] == nil {
				by[key] = &line{change: ch}
				order = append(order, by[key])
			}
			by[key].names = append(by[key].names, m.After.Name)
		}
	}
	slices.SortStableFunc(order, func(a, b *line) int { return a.change.Duty.From.Compare(b.change.Duty.From) })
	for _, l := range order {
		d := l.change.Duty
		on := d.From
		if l.change.What == duty.Ends {
			on = d.Until
		}
		mark := ui.Mark{Kind: map[duty.What]ui.Kind{duty.Starts: ui.Warn, duty.Ends: ui.None, duty.Differs: ui.Warn}[l.change.What], Word: c.T("law.what." + string(l.change.What))}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{clauseCell(c, d.Clause), {Mark: &mark}, {Text: dateText(c, on)}, {Text: c.In(d.Why)}, {Text: strings.Join(l.names, ", ")}}})
	}
	return t
}

// dutyTable is every duty of one system on the day.
func dutyTable(c ui.Ctx, lib *packs.Library, m move) ui.TableView {
	t := ui.TableView{ID: "duties", Caption: c.T("law.duties", "system", m.After.Name), Cols: []ui.Col{{Head: c.T("law.duty")}, {Head: c.T("law.state")}, {Head: c.T("law.from")}, {Head: c.T("law.until")}, {Head: c.T("law.why")}},
		Empty: ui.EmptyView{Title: c.T("law.noduty"), Text: c.T("law.noduty.text")}}
	for _, d := range m.Is {
		mark := stateMark(c, d)
		state := ui.Cell{Mark: &mark}
		if relief, ok := lib.Clause(d.Relief); ok {
			state.Note = c.T("law.relief", "clause", relief.Short(c.Lang))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{clauseCell(c, d.Clause), state, {Text: dateText(c, d.From)}, {Text: dateText(c, d.Until)}, {Text: c.In(d.Why)}}})
	}
	return t
}

// staleTable is what stops counting by the day: evidence, results, agreements,
// classifications, and the permits of the systems shown.
func staleTable(c ui.Ctx, r *page.Request, all []move, stale []duty.Rest, at time.Time) ui.TableView {
	t := ui.TableView{ID: "stale", Caption: c.T("law.stale"), Cols: []ui.Col{{Head: c.T("law.thing")}, {Head: c.T("law.thing.kind")}, {Head: c.T("law.ends.on")}, {Head: c.T("law.system")}},
		Empty: ui.EmptyView{Title: c.T("law.nostale"), Text: c.T("law.nostale.text")}}
	names := map[string]string{}
	for _, m := range all {
		s := m.After
		names[s.System] = s.Name
		ends := func(kind string, until time.Time) {
			if !until.IsZero() && until.After(c.Now) && !until.After(at) {
				stale = append(stale, duty.Rest{Kind: kind, Object: s.System, Name: c.T("law.kind." + kind), System: s.System, Until: until})
			}
		}
		ends("classification", s.Until)
		if p, ok := r.Org.Point.Permit(s.System); ok {
			ends("permit", p.ValidUntil)
		}
	}
	slices.SortStableFunc(stale, func(a, b duty.Rest) int { return a.Until.Compare(b.Until) })
	for _, x := range stale {
		if x.System != "" && names[x.System] == "" {
			continue // of a system that is not shown
		}
		system := ui.Cell{Text: "–"}
		if x.System != "" {
			system = ui.Cell{Text: names[x.System], Href: c.URL("systems", x.System)}
		}
		thing := x.Name
		if thing == "" {
			thing = c.T("law.kind." + x.Kind)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: thing, Href: restHref(c, x)}, {Text: c.T("law.kind." + x.Kind)}, {Text: c.Date(x.Until)}, system}})
	}
	return t
}

// restHref is the page of what rests on something.
func restHref(c ui.Ctx, x duty.Rest) string {
	switch x.Kind {
	case "evidence":
		return c.URL("proof", "objects", x.Object)
	case "document":
		return c.URL("duties", "documents", x.Object)
	case "duty", "classification", "assessment", "permit":
		if x.System != "" {
			return c.URL("systems", x.System)
		}
	}
	return ""
}
