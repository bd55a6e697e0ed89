// Package inquiry is the page on which a vendor answers a letter (requirement
// 003-47): each question with yes, no or not known and room for words, or a
// refusal with its reason. The link is the key; it needs no account, loads no
// script, sets no cookie and keeps no address.
//
// Room govern/discover checks the link and takes the answer once.
package inquiry

import (
	"embed"
	"net/http"
	"net/url"

	"augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/pace"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of this page, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the address of this page. Each call has a limit of its own.
func Routes() []page.Route {
	d := &desk{links: pace.New()}
	return []page.Route{
		{Method: http.MethodGet, Path: "/inquiry/{token}", Name: "inquiry_read", Open: true, Handle: d.show},
		{Method: http.MethodPost, Path: "/inquiry/{token}", Name: "inquiry_answer", Open: true, Handle: d.answer},
	}
}

type desk struct{ links *pace.Gate }

// view is what the page shows. Whatever is not a field here cannot get onto it.
type view struct {
	Subject   string
	Due       string
	Form      ui.Form
	Questions []questionView
	Refuse    ui.Form
	Done      string // what was recorded; empty: it can be answered
	When      string
}

// questionView is one question with its fields.
type questionView struct {
	Text   string
	Choice *ui.FieldView
	Words  ui.FieldView
}

// enter looks whether the link opens and returns its letter.
func (d *desk) enter(r *page.Request) (o store.Object[discover.Inquiry], ok bool, err error) {
	token := r.Param("token")
	ok, err = door.Enter(r, d.links, token, func() (found bool, err error) {
		o, found, err = r.Org.Discover.Read(r.Context(), token)
		return found, err
	})
	return o, ok, err
}

func (d *desk) show(r *page.Request) error {
	o, ok, err := d.enter(r)
	if err != nil || !ok {
		return err
	}
	return d.page(r, http.StatusOK, o.Doc, url.Values{}, nil)
}

// answer takes the answers or the refusal.
func (d *desk) answer(r *page.Request) error {
	o, ok, err := d.enter(r)
	if err != nil || !ok {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	who := in.Get("who")
	if in.Has("refusal") {
		o, err = r.Org.Discover.Decline(r.Context(), r.Param("token"), in.Get("refusal"), who)
	} else {
		var all []discover.Reply
		for _, q := range o.Doc.Questions {
			all = append(all, discover.Reply{Question: q.ID, Choice: discover.Choice(in.Get("choice." + q.ID)), Text: in.Get("answer." + q.ID)})
		}
		var saved store.Object[discover.Inquiry]
		if saved, err = r.Org.Discover.Answer(r.Context(), r.Param("token"), all, who); err == nil {
			o = saved
		}
	}
	if problem.Is(err, problem.BadInput) {
		have, found, again := r.Org.Discover.Read(r.Context(), r.Param("token"))
		if again != nil || !found {
			return err
		}
		return d.page(r, http.StatusUnprocessableEntity, have.Doc, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return d.page(r, http.StatusOK, o.Doc, url.Values{}, nil)
}

func (d *desk) page(r *page.Request, status int, q discover.Inquiry, in url.Values, p *problem.Problem) error {
	c := r.C
	v := view{Subject: q.Subject, Due: c.Date(q.Due)}
	if !q.Open(c.Now) {
		v.Done, v.When = c.T("inquiry.done."+string(q.Status)), c.DateTime(q.AnsweredAt)
		return ui.Render(r.W, r.R, status, answerPage(c, v, door.Other(r)))
	}
	var answers, refusal *problem.Problem
	if in.Has("refusal") {
		refusal = p
	} else {
		answers = p
	}
	here := door.Here(r)
	v.Form = ui.Form{C: c, ID: "answer", Prefix: "inquiry.form.", Action: here, Values: in, Problem: answers, Submit: c.T("inquiry.send"), Touch: true}
	v.Refuse = ui.Form{C: c, ID: "refuse", Prefix: "inquiry.form.", Action: here, Values: in, Problem: refusal, Submit: c.T("inquiry.refuse"), Touch: true}
	for i, x := range q.Questions {
		v.Questions = append(v.Questions, question(c, v.Form, i, x))
	}
	return ui.Render(r.W, r.R, status, answerPage(c, v, door.Other(r)))
}

// question makes the fields of one question. Their labels name it by its number.
func question(c ui.Ctx, form ui.Form, i int, x discover.Question) questionView {
	said := x.Text.In(c.Lang)
	for _, l := range text.Langs {
		if said == "" {
			said = x.Text.In(l)
		}
	}
	v := questionView{Text: said}
	n := i + 1
	path := "answer." + x.ID
	v.Words = ui.FieldView{ID: "q-" + c.Int(n), Name: path, Label: c.T("inquiry.words", "n", n), Value: form.Values.Get(path), Error: form.FieldError(path), Rows: 2, MaxLen: 4000}
	if x.Closed {
		name := "choice." + x.ID
		f := ui.FieldView{ID: "c-" + c.Int(n), Name: name, Label: c.T("inquiry.choice", "n", n), Value: form.Values.Get(name), Inline: true}
		for _, choice := range discover.Choice("").Values() {
			f.Options = append(f.Options, ui.Option{Value: choice, Text: c.T("inquiry.choice." + choice)})
		}
		v.Choice = &f
	}
	return v
}
