package law

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// obligation is one duty of one system with what the organisation says about it.
type obligation struct {
	System duty.Standing
	Duty   duty.Duty
	Status string // of the record on the clause; empty: none
	Cover  control.Level
}

// obligationView is what the list shows.
type obligationView struct {
	Head    headView
	Action  string
	Filters []ui.FieldView
	Said    string
	Partial string
	Systems []systemDuties
	Empty   ui.EmptyView
	Take    string // address of the table as a file
	Narrow  bool
}

// systemDuties is the table of one system.
type systemDuties struct {
	Name, Href string
	Note       string
	Table      ui.TableView
}

// shownObligations is how many duties one page lists; the file has all.
const shownObligations = 400

// obligationList is the list of obligations per system with source, date and
// status (requirement 000-08); field of use, system and day narrow it
// (requirement 001-04).
func obligationList(r *page.Request) error {
	if err := mustSee(r); err != nil {
		return err
	}
	c := r.C
	at, bad := dayOf(r, "at")
	all, register, err := obligations(r, at)
	if err != nil {
		return err
	}
	v := obligationView{Head: head(c, "obligations"), Action: c.URL("duties", "law", "obligations"), Narrow: r.Query("scope") != "" || r.Query("system") != "" || r.Query("at") != "",
		Filters: filters(r, register, at, bad), Take: c.URL("duties", "law", "obligations.csv?"+r.R.URL.RawQuery)}
	infos := infosOf(r.Org.Library())
	for i, o := range all {
		if i == shownObligations {
			v.Partial = c.T("law.obligations.partial", "n", shownObligations, "of", len(all))
			break
		}
		if n := len(v.Systems); n == 0 || v.Systems[n-1].Href != c.URL("systems", o.System.System) {
			v.Systems = append(v.Systems, systemDuties{Name: o.System.Name, Href: c.URL("systems", o.System.System), Note: systemNote(c, o.System), Table: obligationTable(c, o.System.Name)})
		}
		t := &v.Systems[len(v.Systems)-1].Table
		t.Rows = append(t.Rows, ui.Row{Cells: obligationRow(c, infos, o)})
	}
	v.Said = c.T("law.obligations.said", "n", len(all), "day", dateText(c, at))
	v.Empty = ui.EmptyView{Title: c.T("law.obligations.none"), Text: c.T("law.obligations.none.text")}
	status := http.StatusOK
	if bad != "" {
		status = http.StatusUnprocessableEntity
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("law.obligations"), Over: c.T("law.over")}, obligationBody(c, v))
}

// systemNote says as what and in which class the duties come.
func systemNote(c ui.Ctx, s duty.Standing) string {
	words := []string{show.Word(c, "operator", s.Role), show.Word(c, "class", s.Class)}
	if scope := show.Words(c, "scope", s.Scope); len(scope) > 0 {
		words = append(words, strings.Join(scope, ", "))
	}
	return strings.Join(words, " · ")
}

func obligationTable(c ui.Ctx, name string) ui.TableView {
	return ui.TableView{Caption: c.T("law.duties", "system", name), Cols: []ui.Col{{Head: c.T("law.duty")}, {Head: c.T("law.source")}, {Head: c.T("law.from")},
		{Head: c.T("law.state")}, {Head: c.T("law.status")}, {Head: c.T("law.why")}}}
}

func obligationRow(c ui.Ctx, infos map[string]packs.Info, o obligation) []ui.Cell {
	state, status := stateMark(c, o.Duty), statusMark(c, o)
	return []ui.Cell{clauseCell(c, o.Duty.Clause), sourceOf(c, infos, o.Duty.Clause), {Text: dateText(c, o.Duty.From)}, {Mark: &state},
		{Mark: &status, Note: coverNote(c, o)}, {Text: c.In(o.Duty.Why)}}
}

// statusMark is what the organisation says about the clause; nothing said is
// said.
func statusMark(c ui.Ctx, o obligation) ui.Mark {
	kinds := map[string]ui.Kind{string(control.Met): ui.OK, string(control.Partly): ui.Warn, string(control.NotMet): ui.Stop, string(control.InProgress): ui.Warn}
	if o.Status == "" {
		return ui.Mark{Kind: ui.None, Word: c.T("law.status.none")}
	}
	kind, ok := kinds[o.Status]
	if !ok {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: c.T("law.status." + o.Status)}
}

func coverNote(c ui.Ctx, o obligation) string {
	if o.Cover == control.LevelNone {
		return ""
	}
	return c.T("law.cover." + string(o.Cover))
}

// filters are the choices above the list.
func filters(r *page.Request, g duty.Register, at time.Time, bad string) []ui.FieldView {
	c := r.C
	scope := ui.FieldView{ID: "law-scope", Name: "scope", Label: c.T("law.scope"), Value: r.Query("scope"), Values: r.R.URL.Query()["scope"], Blank: c.T("law.allscopes"), Required: true}
	scope.Options = show.Options(c, "scope", inventory.Scope("").Values())
	day := ui.FieldView{ID: "law-at", Name: "at", Label: c.T("law.at"), Value: at.Format(time.DateOnly), Required: true, Error: bad}
	return []ui.FieldView{scope, choose(c, g, r.Query("system")), day}
}

// obligations are the duties of all systems that the address lets through, by
// system, in the order in which they begin. Four queries.
func obligations(r *page.Request, at time.Time) ([]obligation, duty.Register, error) {
	register, err := r.Org.Duty.Register(r.Context(), r.Org.DB)
	if err != nil {
		return nil, register, err
	}
	scope := r.Query("scope")
	if scope != "" && !slices.Contains(inventory.Scope("").Values(), scope) {
		return nil, register, problem.New(problem.BadInput, "Dieses Einsatzfeld gibt es nicht.", "There is no such field of use.").
			WithHint("Die Auswahl über der Liste nennt alle.", "The choice above the list names them all.")
	}
	if err := known(register, r.Query("system")); err != nil {
		return nil, register, err
	}
	standing, err := register.At(at, narrowed(r.Query("system"))...)
	if err != nil {
		return nil, register, err
	}
	said, covered, err := says(r, at)
	if err != nil {
		return nil, register, err
	}
	law := duty.Read(r.Org.Library())
	var out []obligation
	for _, s := range standing {
		if scope != "" && !slices.Contains(s.Scope, inventory.Scope(scope)) {
			continue
		}
		mine := law.On(s.Subject, at)
		slices.SortStableFunc(mine, func(a, b duty.Duty) int { return a.From.Compare(b.From) })
		for _, d := range mine {
			out = append(out, obligation{System: s, Duty: d, Status: said[d.Clause.ID], Cover: covered.Of(d.Clause.ID).Level()})
		}
	}
	return out, register, nil
}

// says is what the records of all frameworks say about clauses, and what the
// evidence covers. Where two frameworks hold the same clause, the worse word
// counts.
func says(r *page.Request, at time.Time) (map[string]string, control.Covered, error) {
	records, err := r.Org.Controls.Records(r.Context(), r.Org.DB)
	if err != nil {
		return nil, control.Covered{}, err
	}
	order := []string{"", string(control.NotApplicable), string(control.Met), string(control.Partly), string(control.InProgress), string(control.Open), string(control.NotMet)}
	said := map[string]string{}
	for _, o := range records {
		if slices.Index(order, string(o.Doc.Status)) > slices.Index(order, said[o.Doc.Clause]) {
			said[o.Doc.Clause] = string(o.Doc.Status)
		}
	}
	evidence, err := r.Org.Controls.Evidence(r.Context(), r.Org.DB)
	if err != nil {
		return nil, control.Covered{}, err
	}
	return said, control.Coverage(r.Org.Library(), evidence, at), nil
}

// obligationTake is the whole list as a table file, with the same filters. The
// first lines say under which text and day it was made.
func obligationTake(r *page.Request) error {
	if err := mustSee(r); err != nil {
		return err
	}
	c := r.C
	at, bad := dayOf(r, "at")
	if bad != "" {
		return problem.New(problem.BadInput, "Dieser Tag ist nicht lesbar.", "This day cannot be read.").
			WithHint("Bitte einen Tag angeben, etwa 2027-12-02.", "Please give a day, such as 2027-12-02.")
	}
	all, _, err := obligations(r, at)
	if err != nil {
		return err
	}
	lib := r.Org.Library()
	infos := infosOf(lib)
	r.W.Header().Set("Content-Type", "text/csv; charset=utf-8")
	r.W.Header().Set("Content-Disposition", `attachment; filename="`+url.PathEscape(c.T("law.obligations.file"))+"-"+at.Format(time.DateOnly)+`.csv"`)
	w := csv.NewWriter(r.W)
	w.Comma = ';'
	rows := [][]string{{"\ufeff" + c.T("law.obligations"), dateText(c, at)}}
	for _, p := range lawPacks(lib) {
		rows = append(rows, []string{c.In(p.Title), c.T("law.version", "version", p.Version, "day", dateText(c, p.AsOf))})
	}
	rows = append(rows, []string{c.T("law.system"), c.T("law.role"), c.T("law.class"), c.T("law.place"), c.T("law.duty"), c.T("law.source"), c.T("law.from"), c.T("law.state"), c.T("law.status"), c.T("law.why"), c.T("law.doubt")})
	for _, o := range all {
		cl := o.Duty.Clause
		doubt := ""
		if cl.Status != "" {
			doubt = c.T("law.doubt." + cl.Status)
		}
		rows = append(rows, []string{o.System.Name, show.Word(c, "operator", o.System.Role), show.Word(c, "class", o.System.Class), cl.Short(c.Lang), c.In(cl.Title), sourceOf(c, infos, cl).Text,
			dateText(c, o.Duty.From), stateMark(c, o.Duty).Word, statusMark(c, o).Word, c.In(o.Duty.Why), doubt})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	return w.WriteAll(rows)
}

// harmless keeps a table program from reading a cell as a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
