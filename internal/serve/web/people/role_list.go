package people

import (
	"strconv"
	"strings"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// rolesView is what the page of roles shows.
type rolesView struct {
	Tabs   []ui.LinkView
	Roles  []ui.Fact
	Matrix []ui.TableView // four roles each, so that they fit
	Apart  []ui.Fact
}

// roleList shows the eight roles and the table of what each may do: the evidence
// of least privilege that ZTA-02 asks for.
func roleList(r *page.Request) error {
	c := r.C
	v := rolesView{Tabs: tabs(r, "roles"), Matrix: []ui.TableView{matrixTable(c, 0), matrixTable(c, 4)}, Apart: apart(c)}
	for _, info := range roles.All() {
		f := ui.Fact{Term: c.In(info.Title), Text: c.In(info.Does) + "."}
		if info.MFA {
			f.Note = c.T("people.role.mfa")
		}
		v.Roles = append(v.Roles, f)
	}
	head := ui.PageView{Title: c.T("people.roles.title"), Over: c.T("people.roles.over"), Actions: []ui.Action{{Text: c.T("people.roles.export"), Href: c.URL("people", "roles.csv")}}}
	return r.Show(head, rolesBody(c, v))
}

// apart says, by role, which roles the same person cannot hold with it.
func apart(c ui.Ctx) []ui.Fact {
	var out []ui.Fact
	others := map[roles.Role][]string{}
	for _, pair := range roles.Apart {
		others[pair[0]] = append(others[pair[0]], c.In(pair[1].Info().Title))
	}
	for _, info := range roles.All() {
		if with := others[info.Role]; len(with) > 0 {
			out = append(out, ui.Fact{Term: c.In(info.Title), Text: c.T("people.apart", "others", show.List(c, with))})
		}
	}
	return out
}

// words are the actions of one cell of the table.
func words(c ui.Ctx, actions []string) string {
	out := make([]string, len(actions))
	for i, a := range actions {
		out[i] = c.In(roles.ActionTitle(a))
	}
	return strings.Join(out, ", ")
}

// matrixTable is the table of four roles, from the one at an index on.
func matrixTable(c ui.Ctx, from int) ui.TableView {
	all := roles.All()[from:]
	all = all[:min(4, len(all))]
	var names []string
	for _, info := range all {
		names = append(names, c.In(info.Title))
	}
	t := ui.TableView{ID: "matrix-" + strconv.Itoa(from), Caption: c.T("people.matrix.of", "roles", show.List(c, names)), Cols: []ui.Col{{Head: c.T("people.matrix.kind")}}}
	for _, info := range all {
		t.Cols = append(t.Cols, ui.Col{Head: c.In(info.Title)})
	}
	for _, row := range roles.Matrix() {
		line := ui.Row{Cells: []ui.Cell{{Text: c.In(row.Title)}}}
		for _, cell := range row.Cells[from : from+len(all)] {
			if len(cell) == 0 {
				line.Cells = append(line.Cells, ui.Cell{Text: "–"})
				continue
			}
			line.Cells = append(line.Cells, ui.Cell{Note: words(c, cell)})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// roleTable is the table of roles to take away. Who may read persons gets, below
// it, who holds which role.
func roleTable(r *page.Request) error {
	c := r.C
	head := []string{c.T("people.matrix.kind")}
	for _, info := range roles.All() {
		head = append(head, c.In(info.Title))
	}
	rows := [][]string{head}
	for _, row := range roles.Matrix() {
		line := []string{c.In(row.Title)}
		for _, cell := range row.Cells {
			line = append(line, words(c, cell))
		}
		rows = append(rows, line)
	}
	if can(r, "read", "person") {
		all, err := everybody(r)
		if err != nil {
			return err
		}
		rows = append(rows, []string{}, []string{c.T("people.name"), c.T("people.roles"), c.T("people.access")})
		for _, o := range all {
			rows = append(rows, []string{o.Doc.Name, show.Roles(c, roleNames(o.Doc)), accessMark(c, o.Doc.Active).Word})
		}
	}
	return objects.WriteCSV(r.W, "roles.csv", rows)
}
