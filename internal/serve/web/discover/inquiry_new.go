package discover

import (
	"net/url"
	"slices"
	"strings"
	"time"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// letterForm is the form of a new letter.
type letterForm struct {
	Form      ui.Form
	Questions []ui.Option
	Vendors   []ui.Option
	About     string
}

// inquiryNew asks what to ask a vendor. What the letter is about may come with
// the address: ?system=sys_…, ?software=sft_….
func inquiryNew(r *page.Request) error {
	if err := must(r, store.Create, "inquiry"); err != nil {
		return err
	}
	in := url.Values{"system": {r.Query("system")}, "software": {r.Query("software")}, "language": {string(r.C.Lang)}, "due": {day(r.C.Now.AddDate(0, 0, room.AnswerDays))}}
	return askLetter(r, in, nil, true)
}

// inquiryCreate keeps a letter that was not sent yet.
func inquiryCreate(r *page.Request) error {
	if err := must(r, store.Create, "inquiry"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	all, err := finder(r).Questions(r.Context(), r.Org.DB, room.Asking{System: in.Get("system"), Software: in.Get("software")})
	if err != nil {
		return err
	}
	lang, _ := text.ParseLang(in.Get("language"))
	q := room.Inquiry{Subject: strings.TrimSpace(in.Get("subject")), System: in.Get("system"), Software: in.Get("software"), Vendor: in.Get("vendor"),
		Recipient: strings.TrimSpace(in.Get("recipient")), Language: room.Language(in.Get("language"))}
	for _, x := range all {
		if slices.Contains(in["questions"], x.ID) {
			q.Questions = append(q.Questions, x)
		}
	}
	q.Questions = append(q.Questions, room.Own(in.Get("own"), lang)...)
	if t, err := time.Parse(time.DateOnly, strings.TrimSpace(in.Get("due"))); err == nil { // the room says what is wrong with none
		q.Due = t.AddDate(0, 0, 1).Add(-time.Second)
	}
	saved, err := finder(r).Compose(r.Context(), "", 0, q)
	if p, ok := formError(err); ok {
		return askLetter(r, in, p, false)
	}
	if err != nil {
		return err
	}
	return r.Go("/inquiries/"+saved.ID, "discover.composed")
}

// askLetter shows the form; fresh: with every question chosen and the names
// filled in from what the letter is about.
func askLetter(r *page.Request, in url.Values, p *problem.Problem, fresh bool) error {
	c := r.C
	all, err := finder(r).Questions(r.Context(), r.Org.DB, room.Asking{System: in.Get("system"), Software: in.Get("software")})
	if err != nil {
		return err
	}
	v := letterForm{}
	for _, q := range all {
		v.Questions = append(v.Questions, ui.Option{Value: q.ID, Text: c.In(q.Text)})
		if fresh {
			in.Add("questions", q.ID)
		}
	}
	if err := v.about(r, in, fresh); err != nil {
		return err
	}
	if v.Vendors, err = vendors(r); err != nil {
		return err
	}
	v.Form = ui.Form{C: c, ID: "letter", Prefix: "discover.letter.form.", Action: c.URL("inquiries", "new"), Values: in, Problem: p, Submit: c.T("discover.letter.save"),
		Cancel: c.URL("systems", "inquiries"), Hidden: map[string]string{"system": in.Get("system"), "software": in.Get("software")}}
	return r.ShowAs(status(p), ui.PageView{Title: c.T("discover.letter.new"), Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.inquiries"), Href: c.URL("systems", "inquiries")}), Narrow: true},
		letterPage(c, v))
}

// about fills in what the letter is about.
func (v *letterForm) about(r *page.Request, in url.Values, fresh bool) error {
	name, vendor := "", ""
	if id := in.Get("system"); id != "" {
		o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, id)
		if err != nil {
			return err
		}
		name, vendor = o.Doc.Name, o.Doc.Vendor
	}
	if id := in.Get("software"); id != "" {
		o, err := finder(r).Ticks.Get(r.Context(), r.Org.DB, id)
		if err != nil {
			return err
		}
		name, vendor = o.Doc.Name, firstOf(o.Doc.Vendor, vendor)
	}
	v.About = name
	if fresh {
		in.Set("subject", name)
		in.Set("vendor", vendor)
	}
	return nil
}
