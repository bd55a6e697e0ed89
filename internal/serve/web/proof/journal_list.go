package proof

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"augenmass/internal/operate/trail"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// entriesShown is how many entries a page lists.
const entriesShown = 50

// kindsNamed is of how many kinds the list looks up titles: one query each.
const kindsNamed = 3

// journalView is what the explorer shows.
type journalView struct {
	Tabs     []ui.LinkView
	Filter   journalFilter
	Table    ui.TableView
	Pager    ui.Pager
	Figures  []ui.FigureView
	Subject  string // what the list is narrowed to, in words
	Unsigned uint64 // entries behind the last checkpoint
}

// journalFilter is the search above the list.
type journalFilter struct {
	Action   string
	Query    string
	Type     string
	From, To string
	Subject  string
	Types    []ui.Option
	Active   bool
}

// journalList lists journal entries, newest first.
func journalList(r *page.Request) error {
	if err := must(r, store.Read, "journal"); err != nil {
		return err
	}
	if to, ok := sought(r); ok {
		return r.Go(to, "")
	}
	c, ctx := r.C, r.Context()
	q, err := query(r)
	if err != nil {
		return err
	}
	q.Uncounted = len(q.Filters) == 0 // then the journal knows its size
	got, err := r.Org.Trail.Entries.List(ctx, r.Org.DB, q)
	if err != nil {
		return err
	}
	if q.Uncounted && (got.Next != "" || q.Cursor != "") {
		got.Total = int(r.Org.Journal.Size())
	}
	names, err := show.Names(ctx, r.Org.DB, namable(got.Items, r.Query("subject"))...)
	if err != nil {
		return err
	}
	v := journalView{Tabs: Tabs(r, "journal"), Filter: filter(r), Figures: journalFigures(r), Pager: ui.Pager{Shown: len(got.Items), Total: got.Total}}
	if s := r.Query("subject"); s != "" {
		v.Subject = c.T("proof.subject.only", "subject", names.Name(c, s))
		if names[s] == "" {
			v.Subject = c.T("proof.subject.only", "subject", s)
		}
	}
	if v.Table, err = entryTable(r, got.Items, names); err != nil {
		return err
	}
	if q.Cursor != "" {
		v.Pager.First = with(r, "")
	}
	if got.Next != "" {
		v.Pager.Next = with(r, got.Next)
	}
	return r.Show(ui.PageView{Title: c.T("proof.journal"), Over: c.T("proof.journal.over")}, journalBody(c, v))
}

// sought is where a search leads directly: to the entry of a number, or, with the
// id of an object, to its entries.
func sought(r *page.Request) (string, bool) {
	q := strings.TrimPrefix(strings.NewReplacer(".", "", " ", "", "\u00a0", "").Replace(r.Query("q")), "#")
	if n, ok := number(q); ok && n < r.Org.Journal.Size() {
		return "/proof/journal/" + q, true
	}
	return "", false
}

// query reads what the address asks for: type, subject, from, to, q, cursor.
func query(r *page.Request) (store.Query, error) {
	q := store.Query{Sort: "-index", Limit: entriesShown, Cursor: r.Query("cursor")}
	where := func(field, op string, v any) { q.Filters = append(q.Filters, store.Where(field, op, v)) }
	if t := r.Query("type"); t != "" {
		where("type", "=", t)
	}
	if s := r.Query("subject"); s != "" {
		where("subject", "=", s)
	}
	if t, ok := day(r, r.Query("from")); ok {
		where("at", ">=", t)
	}
	if t, ok := day(r, r.Query("to")); ok {
		where("at", "<", t.AddDate(0, 0, 1))
	}
	switch s := strings.TrimSpace(r.Query("q")); {
	case s == "":
	case strings.HasPrefix(s, "evt_"):
		where("id", "=", s)
	case strings.HasPrefix(s, "dec_"):
		d, err := r.Org.Trail.ByID(r.Context(), s)
		if err != nil {
			return q, err
		}
		where("index", "=", d.Index)
	default:
		where("subject", "=", s)
	}
	return q, nil
}

// day reads a day as a date field sends it, where the reader is.
func day(r *page.Request, s string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, s, r.Zone)
	return t, err == nil
}

// with is the address of this list at another cursor.
func with(r *page.Request, cursor string) string {
	q := r.R.URL.Query()
	q.Del("said")
	q.Del("cursor")
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	to := r.C.URL("proof", "journal")
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return to
}

func filter(r *page.Request) journalFilter {
	c := r.C
	f := journalFilter{Action: c.URL("proof", "journal"), Query: r.Query("q"), Type: r.Query("type"), From: r.Query("from"), To: r.Query("to"), Subject: r.Query("subject")}
	f.Active = f.Query != "" || f.Type != "" || f.From != "" || f.To != "" || f.Subject != ""
	all := types
	if f.Type != "" && !slices.Contains(all, f.Type) {
		all = append(slices.Clone(all), f.Type)
	}
	for _, t := range all {
		f.Types = append(f.Types, ui.Option{Value: t, Text: typeWord(c, t)})
	}
	return f
}

// journalFigures say how long the journal is and how far it is signed.
func journalFigures(r *page.Request) []ui.FigureView {
	c := r.C
	st := r.Org.Journal.Status()
	signed := ui.FigureView{Label: c.T("proof.figure.signed"), Value: c.Int(int(st.Published)), Unit: c.T("proof.entries"), Href: c.URL("proof", "checkpoint")}
	if !st.PublishedAt.IsZero() {
		signed.Note = c.T("proof.figure.signed.at", "at", c.DateTime(st.PublishedAt))
	}
	return []ui.FigureView{
		{Label: c.T("proof.figure.size"), Value: c.Int(int(st.Size)), Unit: c.T("proof.entries"), Note: c.T("proof.figure.size.note", "at", c.DateTime(c.Now))},
		signed,
		{Label: c.T("proof.figure.key"), Value: r.Org.Journal.Origin(), Note: c.T("proof.figure.key.note")},
	}
}

// namable picks the subjects whose titles the list looks up: of the kinds that
// occur most, and the one it is narrowed to.
func namable(items []trail.Entry, subject string) []string {
	byPrefix := map[string][]string{}
	for _, e := range items {
		if looksLikeID(e.Subject) {
			prefix, _, _ := strings.Cut(e.Subject, "_")
			byPrefix[prefix] = append(byPrefix[prefix], e.Subject)
		}
	}
	prefixes := make([]string, 0, len(byPrefix))
	for p := range byPrefix {
		if p != "ses" && p != "case" && p != "dec" { // no objects: nothing to look up
			prefixes = append(prefixes, p)
		}
	}
	slices.SortFunc(prefixes, func(a, b string) int {
		if d := len(byPrefix[b]) - len(byPrefix[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var out []string
	for _, p := range prefixes[:min(kindsNamed, len(prefixes))] {
		out = append(out, byPrefix[p]...)
	}
	if subject != "" && len(prefixes) == 0 {
		out = append(out, subject)
	}
	return out
}

// entryTable lists entries with what each says in a few words.
func entryTable(r *page.Request, items []trail.Entry, names show.People) (ui.TableView, error) {
	c := r.C
	t := ui.TableView{ID: "entries", Caption: c.T("proof.journal"), Empty: ui.EmptyView{Title: c.T("proof.nofit"), Text: c.T("proof.nofit.text")},
		Cols: []ui.Col{{Head: c.T("proof.index"), Mono: true}, {Head: c.T("proof.time")}, {Head: c.T("proof.type")}, {Head: c.T("proof.subject")}, {Head: c.T("proof.gist")}}}
	for _, row := range items {
		index := uint64(row.Index)
		raw, err := r.Org.Journal.Entry(r.Context(), index)
		if err != nil {
			return t, err
		}
		e, err := ledger.Decode(raw)
		if err != nil {
			return t, err
		}
		mark, words := gist(c, index, e)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: show.Index(c, index), Href: show.EntryHref(c, index)}, {Text: c.Date(row.At) + ", " + c.Millis(row.At)},
			{Text: typeWord(c, row.Type)}, subjectCell(c, names, row.Subject), {Mark: mark, Text: words}}})
	}
	return t, nil
}

// subjectCell names what an entry is about and leads to its record, or to its
// other entries where it has no page.
func subjectCell(c ui.Ctx, names show.People, subject string) ui.Cell {
	if subject == "" {
		return ui.Cell{Text: "–"}
	}
	cell := ui.Cell{Text: short(subject), Href: objects.Href(c, subject)}
	if name := names[subject]; name != "" {
		cell.Text = name
	}
	if cell.Href == "" {
		cell.Href = c.URL("proof", "journal") + "?subject=" + url.QueryEscape(subject)
	}
	return cell
}

// short cuts the middle out of a long id.
func short(id string) string {
	if !looksLikeID(id) {
		return id
	}
	prefix, rest, _ := strings.Cut(id, "_")
	return prefix + "_…" + rest[len(rest)-8:]
}
