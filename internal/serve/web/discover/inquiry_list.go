package discover

import (
	room "augenmass/internal/govern/discover"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// inquiriesView is the list of letters.
type inquiriesView struct {
	Tabs  []ui.LinkView
	Warn  *ui.NoticeView
	Table ui.TableView
	Pager ui.Pager
}

// inquiryList lists letters to vendors, newest first.
func inquiryList(r *page.Request) error {
	if err := must(r, store.Read, "inquiry"); err != nil {
		return err
	}
	c := r.C
	found, err := finder(r).Inquiries.List(r.Context(), r.Org.DB, store.Query{Sort: "-created_at", Cursor: r.Query("from"), Limit: 50})
	if err != nil {
		return err
	}
	late, err := finder(r).Inquiries.Count(r.Context(), r.Org.DB, store.Where("status", "=", string(room.InquirySent)), store.Where("due", "<", c.Now))
	if err != nil {
		return err
	}
	v := inquiriesView{Tabs: tabs(r, "inquiries"), Pager: ui.Pager{Shown: len(found.Items), Total: found.Total}}
	if late > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Warn, Text: c.T("discover.letter.late", "n", late)}
	}
	if found.Next != "" {
		v.Pager.Next = c.URL("systems", "inquiries") + "?from=" + found.Next
	}
	if r.Query("from") != "" {
		v.Pager.First = c.URL("systems", "inquiries")
	}
	v.Table = ui.TableView{ID: "inquiries", Caption: c.T("discover.letters"), Cols: []ui.Col{{Head: c.T("discover.letter.subject")}, {Head: c.T("discover.letter.status")}, {Head: c.T("discover.letter.due")},
		{Head: c.T("discover.letter.answers")}, {Head: c.T("discover.letter.reminders"), Right: true}},
		Empty: ui.EmptyView{Title: c.T("discover.letters.none"), Text: c.T("discover.letters.none.text")}}
	for _, o := range found.Items {
		mark := letterMark(c, o.Doc)
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Subject, Href: c.URL("inquiries", o.ID)}, {Mark: &mark}, {Text: c.Date(o.Doc.Due)},
			{Text: c.T("discover.of", "n", o.Doc.Answered(), "of", len(o.Doc.Questions))}, {Text: c.Int(len(o.Doc.Reminders))}}})
	}
	head := ui.PageView{Title: c.T("discover.letters.title"), Crumbs: crumbs(c)}
	if may(r, store.Create, "inquiry") {
		head.Actions = []ui.Action{{Text: c.T("discover.letter.new"), Href: c.URL("inquiries", "new"), Kind: "main"}}
	}
	return r.Show(head, inquiriesPage(c, v))
}

// letterMark says where a letter stands; one that waits past its day says so.
func letterMark(c ui.Ctx, q room.Inquiry) ui.Mark {
	if q.Overdue(c.Now) {
		return ui.Mark{Kind: ui.Warn, Word: c.T("discover.letter.overdue")}
	}
	kind := map[room.InquiryStatus]ui.Kind{room.InquiryAnswered: ui.OK, room.InquiryRefused: ui.Stop}[q.Status]
	if kind == "" {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: c.T("discover.letter.status." + string(q.Status))}
}
