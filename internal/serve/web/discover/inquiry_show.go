package discover

import (
	"net/url"
	"strconv"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// inquiryView is one letter with its answers and steps.
type inquiryView struct {
	Mark      ui.Mark
	Facts     []ui.Fact
	Link      string // shown once, right after sending
	Mail      string // a text to send with it
	Questions ui.TableView
	Steps     []ui.Action
	Send      *ui.Form
	Refuse    *ui.Form
	Letter    ui.LinkView
}

// inquiryShow is one letter.
func inquiryShow(r *page.Request) error { return showInquiry(r, "", url.Values{}, nil) }

// showInquiry shows a letter; token is the link that was just made.
func showInquiry(r *page.Request, token string, in url.Values, p *problem.Problem) error {
	if err := must(r, store.Read, "inquiry"); err != nil {
		return err
	}
	o, err := finder(r).Inquiries.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c, q := r.C, o.Doc
	v := inquiryView{Mark: letterMark(c, q), Facts: letterFacts(c, q), Questions: answers(c, q), Letter: ui.LinkView{Text: c.T("discover.letter.pdf"), Href: c.URL("inquiries", o.ID, "letter.pdf")}}
	if token != "" {
		v.Link = address(r, c.URL("inquiry", token)+"?lang="+string(q.Language))
		v.Mail = r.Texts.T(text.Lang(q.Language), "discover.letter.mail", "subject", q.Subject, "organisation", r.Org.Name, "link", v.Link, "day", text.Date(text.Lang(q.Language), q.Due))
	}
	rev := map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}
	step := func(name, kind string) ui.Action {
		return ui.Action{Text: c.T("discover.letter.step." + name), Href: c.URL("inquiries", o.ID, "step"), Post: true, Kind: kind,
			Hidden: map[string]string{"revision": rev["revision"], "step": name}}
	}
	if may(r, store.Update, "inquiry") {
		switch q.Status {
		case room.InquiryDraft, room.InquirySent:
			word := "discover.letter.send"
			if q.Status == room.InquirySent {
				word = "discover.letter.again"
				v.Steps = append(v.Steps, step("remind", ""))
				v.Refuse = &ui.Form{C: c, ID: "refuse", Prefix: "discover.letter.form.", Action: c.URL("inquiries", o.ID, "step"), Values: in, Problem: p, Submit: c.T("discover.letter.step.refuse"),
					Hidden: map[string]string{"revision": rev["revision"], "step": "refuse"}}
			}
			v.Send = &ui.Form{C: c, ID: "send", Prefix: "discover.letter.form.", Action: c.URL("inquiries", o.ID, "send"), Values: url.Values{"days": {strconv.Itoa(room.LinkDays)}}, Hidden: rev, Submit: c.T(word)}
			v.Steps = append(v.Steps, step("end", "quiet"))
		case room.InquiryAnswered:
			if q.System != "" && q.AdoptedAt.IsZero() && may(r, store.Update, "assessment") {
				v.Steps = append(v.Steps, step("adopt", "main"))
			}
		}
	}
	if token != "" {
		r.W.Header().Set("Cache-Control", "no-store")
	}
	return r.ShowAs(status(p), ui.PageView{Title: q.Subject, Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.inquiries"), Href: c.URL("systems", "inquiries")})}, inquiryPage(c, v))
}

func letterFacts(c ui.Ctx, q room.Inquiry) []ui.Fact {
	facts := []ui.Fact{{Term: c.T("discover.letter.form.recipient"), Text: firstOf(q.Recipient, "–")}, {Term: c.T("discover.letter.due"), Text: c.Date(q.Due)}}
	if !q.SentAt.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.sent"), Text: c.DateTime(q.SentAt)})
	}
	if q.Link != "" {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.until"), Text: c.Date(q.LinkUntil)})
	}
	for _, t := range q.Reminders {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.reminded"), Text: c.DateTime(t)})
	}
	if !q.AnsweredAt.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.came"), Text: c.DateTime(q.AnsweredAt), Note: q.Respondent})
	}
	if q.Refusal != "" {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.refusal"), Text: q.Refusal})
	}
	if !q.AdoptedAt.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.adopted"), Text: c.DateTime(q.AdoptedAt)})
	}
	if q.System != "" {
		facts = append(facts, ui.Fact{Term: c.T("discover.letter.system"), Text: c.T("discover.entry.open"), Href: c.URL("systems", q.System)})
	}
	if q.Software != "" {
		facts = append(facts, ui.Fact{Term: c.T("discover.from.software"), Text: c.T("discover.from.software.open"), Href: c.URL("software", q.Software)})
	}
	return facts
}

// answers are the questions with what came back.
func answers(c ui.Ctx, q room.Inquiry) ui.TableView {
	t := ui.TableView{ID: "questions", Caption: c.T("discover.letter.questions"), Plain: true, Cols: []ui.Col{{Head: c.T("discover.letter.question")}, {Head: c.T("discover.letter.answer")}}}
	for _, x := range q.Questions {
		cell := ui.Cell{Text: c.T("discover.letter.noanswer")}
		if a, ok := q.Reply(x.ID); ok {
			cell = ui.Cell{Text: a.Text}
			if a.Choice != "" {
				cell = ui.Cell{Text: c.T("discover.guess." + string(a.Choice)), Note: a.Text}
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: side(text.Lang(q.Language), x.Text)}, cell}})
	}
	return t
}

// side is a text in a language, or in the other one where there is none.
func side(l text.Lang, b text.Bi) string { return firstOf(b.In(l), b.DE, b.EN) }

// inquirySend makes a new link and shows it once, on this very answer.
func inquirySend(r *page.Request) error {
	if err := must(r, store.Update, "inquiry"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(in.Get("days"))
	if err != nil {
		days = -1 // the room says what is possible
	}
	token, _, err := finder(r).Send(r.Context(), r.Param("id"), revision(in.Get("revision")), days)
	if err != nil {
		return err
	}
	return showInquiry(r, token, url.Values{}, nil)
}

// inquiryStep records a reminder, a refusal, an end, or takes answers over into
// the identification of the system.
func inquiryStep(r *page.Request) error {
	if err := must(r, store.Update, "inquiry"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	id, rev := r.Param("id"), revision(in.Get("revision"))
	switch in.Get("step") {
	case "remind":
		_, err = finder(r).Remind(r.Context(), id, rev)
	case "refuse":
		_, err = finder(r).Refused(r.Context(), id, rev, in.Get("refusal"))
		if p, ok := formError(err); ok && p.Kind == problem.BadInput {
			return showInquiry(r, "", in, p)
		}
	case "end":
		_, err = finder(r).End(r.Context(), id, rev)
	case "adopt":
		if err := must(r, store.Update, "assessment"); err != nil {
			return err
		}
		_, err = finder(r).Adopt(r.Context(), id, rev)
	default:
		err = problem.New(problem.BadInput, "Diesen Schritt gibt es nicht.", "There is no such step.")
	}
	if err != nil {
		return err
	}
	return r.Go("/inquiries/"+id, "discover.recorded")
}

// inquiryLetter is the letter on paper, with what came back.
func inquiryLetter(r *page.Request) error {
	if err := must(r, store.Read, "inquiry"); err != nil {
		return err
	}
	o, err := finder(r).Inquiries.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	frame := paper.Frame(r)
	frame.Lang = text.Lang(o.Doc.Language)
	doc, err := report.VendorLetter(frame, o.Doc)
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, paper.PDF)
}
