package profile

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/profile"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// part is one piece of a step: a field, a sentence or a heading.
type part struct {
	sort    string // text, area, radio, select, check, date, number, heading, say, warn, link
	field   ui.FieldView
	text    string
	href    string
	clauses []ui.ClauseRef
}

// former puts a step together: it fills what the form does not have yet from the
// document, and names fields the same way as the reader does.
type former struct {
	v      *view
	form   ui.Form
	parts  []part
	people []ui.Option
	proofs []ui.Option
	filled bool // the form holds what was posted; nothing is taken from the document
	err    error
}

// set gives a field its value unless the form was posted.
func (f *former) set(name string, values ...string) {
	if f.filled {
		return
	}
	for _, v := range values {
		if v != "" {
			f.form.Values.Add(name, v)
		}
	}
}

// field is a field by its name; row fields ("decisions.0.name") take their words
// from the name without the number.
func (f *former) field(name string) ui.FieldView {
	v := f.form.Field(base(name))
	v.Name, v.Value, v.Values = name, f.form.Values.Get(name), f.form.Values[name]
	v.ID = f.form.ID + "-" + strings.ReplaceAll(name, ".", "-")
	v.Error = f.form.FieldError(name)
	return v
}

// base is a field's name without places in lists.
func base(name string) string {
	var out []string
	for p := range strings.SplitSeq(name, ".") {
		if strings.Trim(p, "0123456789") != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ".")
}

func (f *former) add(sort string, v ui.FieldView) {
	f.parts = append(f.parts, part{sort: sort, field: v})
}

func (f *former) line(name, value string) {
	f.set(name, value)
	f.add("text", f.field(name))
}

// say is a text that people write in their language.
func (f *former) say(name string, b text.Bi) {
	f.set(name, show.Say(f.v.c, b))
	v := f.field(name)
	v.Rows = 2
	f.add("area", v)
}

// list is a text area with one entry a line.
func (f *former) list(name string, all []text.Bi) {
	lines := make([]string, len(all))
	for i, b := range all {
		lines[i] = show.Say(f.v.c, b)
	}
	f.set(name, strings.Join(lines, "\n"))
	v := f.field(name)
	v.Rows = 4
	f.add("area", v)
}

// radio is a choice whose words are "profile.<family>.<code>".
func (f *former) radio(name, family, value string, codes []string) {
	f.set(name, value)
	v := f.field(name)
	for _, code := range codes {
		o := ui.Option{Value: code, Text: f.v.c.T("profile." + family + "." + code)}
		if note := "profile." + family + "." + code + ".note"; f.v.c.Has(note) {
			o.Note = f.v.c.T(note)
		}
		v.Options = append(v.Options, o)
	}
	f.add("radio", v)
}

// tri is yes, no, unknown side by side.
func (f *former) tri(name string, value profile.Tri) {
	f.radio(name, "tri", string(value), profile.Tri("").Values())
	f.parts[len(f.parts)-1].field.Inline = true
}

func (f *former) person(name, value string) {
	f.set(name, value)
	v := f.field(name)
	v.Blank, v.Options = f.v.c.T("profile.nobody"), f.people
	f.add("select", v)
}

func (f *former) date(name string, t time.Time) {
	f.set(name, day(t))
	f.add("date", f.field(name))
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func (f *former) check(name string, on bool, word string) {
	if on {
		f.set(name, "yes")
	}
	v := f.field(name)
	v.Options = []ui.Option{{Value: "yes", Text: word}}
	f.add("check", v)
}

func (f *former) number(name, value, unit string) {
	f.set(name, value)
	f.add("number", f.field(name).In(unit))
}

func (f *former) heading(s string) { f.parts = append(f.parts, part{sort: "heading", text: s}) }

func (f *former) note(s string) { f.parts = append(f.parts, part{sort: "say", text: s}) }

func (f *former) warn(s string, clauses ...string) {
	f.parts = append(f.parts, part{sort: "warn", text: s, clauses: f.v.c.ClauseRefs(clauses)})
}

func (f *former) link(s, href string) {
	f.parts = append(f.parts, part{sort: "link", text: s, href: href})
}

// question is one entry of a list with its answer and a remark.
func (f *former) question(group string, q packs.Clause, items []profile.Item, codes []string) {
	answer, remark := "", ""
	for _, x := range items {
		if x.Item == q.ID {
			answer, remark = string(x.Answer), x.Say
		}
	}
	name := group + "/" + q.ID
	f.set(name, answer)
	f.set(name+"/say", remark)
	c := f.v.c
	id := f.form.ID + "-" + strings.NewReplacer("/", "-", ".", "-").Replace(name)
	v := ui.FieldView{ID: id, Name: name, Label: c.In(q.Title), Value: f.form.Values.Get(name), Values: f.form.Values[name], Help: c.In(q.Text), Plain: c.In(q.Note), Inline: true,
		Source: refs(c, q.Related), Error: f.form.FieldError(name)}
	for _, code := range codes {
		v.Options = append(v.Options, ui.Option{Value: code, Text: c.T("profile.tri." + code)})
	}
	f.add("radio", v)
	f.add("text", ui.FieldView{ID: id + "-say", Name: name + "/say", Label: c.T("profile.remark", "about", c.In(q.Title)), Value: f.form.Values.Get(name + "/say")})
}

// refs are clauses as one line of text.
func refs(c ui.Ctx, ids []string) string {
	var out []string
	for _, r := range c.ClauseRefs(ids) {
		out = append(out, r.Ref)
	}
	return strings.Join(out, ", ")
}

// rows is how many rows a list shows: those that there are and an empty one.
func (f *former) rows(group string, have, most int) int {
	n := have + 1
	if f.filled {
		n = rowsOf(f.form.Values, group)
	}
	return min(max(n, 1), most)
}

// rowsOf counts the rows of a posted list.
func rowsOf(in url.Values, group string) int {
	n := 0
	for name := range in {
		rest, ok := strings.CutPrefix(name, group+".")
		if !ok {
			continue
		}
		at, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < 100 {
			n = max(n, i+1)
		}
	}
	return n
}
