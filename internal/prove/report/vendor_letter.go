package report

import (
	"augenmass/internal/govern/discover"
	"augenmass/internal/text"
)

// VendorLetter is a letter to a vendor with its questions (requirement 003-47),
// in the language of the frame. Without answers there is room to write; with
// them it is the record of what came back, when, and whether the vendor refused.
func VendorLetter(f Frame, q discover.Inquiry) (Document, error) {
	d, err := newDocument(f, "vendor-letter", "report.vendor")
	if err != nil {
		return Document{}, err
	}
	d.Title = d.t("report.vendor.title", "subject", q.Subject)
	if q.Recipient != "" {
		d.say(d.t("report.vendor.to", "to", q.Recipient))
	}
	d.say(d.t("report.vendor.why"), d.t("report.vendor.due", "day", q.Due))
	d.say(d.t("report.vendor.unknown"))
	d.head(d.t("report.vendor.questions"))
	t := Table{Title: d.t("report.vendor.questions"), Columns: []Column{{d.t("report.col.question"), 60, true}, {d.t("report.col.answer"), 40, true}}}
	for _, x := range q.Questions {
		t.Rows = append(t.Rows, cells(sideOf(f.Lang, x.Text), d.vendorAnswer(q, x)))
	}
	d.table(t)
	switch q.Status {
	case discover.InquiryAnswered:
		d.say(d.t("report.vendor.answered", "day", q.AnsweredAt, "n", q.Answered(), "of", len(q.Questions)))
	case discover.InquiryRefused:
		d.say(d.t("report.vendor.refused", "day", q.AnsweredAt, "reason", q.Refusal))
	}
	if len(q.Reminders) > 0 {
		d.say(d.t("report.vendor.reminded", "n", len(q.Reminders), "day", q.Reminders[len(q.Reminders)-1]))
	}
	return d.finish(), nil
}

// vendorAnswer is what came back on a question, or room for it.
func (d *Document) vendorAnswer(q discover.Inquiry, x discover.Question) string {
	a, ok := q.Reply(x.ID)
	switch {
	case !ok && q.Status == discover.InquiryAnswered:
		return d.t("report.vendor.none")
	case !ok && x.Closed:
		return d.t("report.answer.room")
	case !ok:
		return "…"
	case a.Choice == "":
		return a.Text
	case a.Text == "":
		return d.t("report.vendor.choice." + string(a.Choice))
	}
	return d.t("report.vendor.choice."+string(a.Choice)) + " " + a.Text
}

// sideOf is a text in a language, or in the other where it exists in one only.
func sideOf(l text.Lang, b text.Bi) string {
	for _, s := range []string{b.In(l), b.DE, b.EN} {
		if s != "" {
			return s
		}
	}
	return ""
}
