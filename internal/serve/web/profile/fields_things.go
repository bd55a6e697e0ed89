package profile

import (
	"slices"
	"strconv"

	"augenmass/internal/govern/profile"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

type clause = packs.Clause

// showLines asks about each red line (requirement 003-46).
func showLines(v *view, f *former) {
	for _, line := range v.lists.ActiveLines(v.doc) {
		f.warn(v.c.T("profile.lines.active", "line", v.c.In(line.Title)), append([]string{line.ID}, line.Related...)...)
	}
	var items []profile.Item
	for _, l := range v.doc.Lines {
		items = append(items, profile.Item{Item: l.Line, Answer: l.State, Say: l.Say})
	}
	for _, q := range v.lists.Lines {
		f.question("lines", q, items, profile.Tri("").Values())
	}
}

func readLines(in *reader, p *profile.Profile) {
	var was []profile.Item
	for _, l := range p.Lines {
		was = append(was, profile.Item{Item: l.Line, Answer: l.State, Say: l.Say})
	}
	p.Lines = nil
	for _, x := range in.items("lines", in.lists.Lines, was) {
		p.Lines = append(p.Lines, profile.Line{Line: x.Item, State: x.Answer, Say: x.Say})
	}
}

// showData asks one question that decides which others count (requirement
// 002-67): with "no", questions of privacy are hidden and kept; those of trade
// secrets stay.
func showData(v *view, f *former) {
	f.tri("data.personal", v.doc.Data.Personal)
	if v.doc.Data.Personal == "" {
		f.note(v.c.T("profile.data.first"))
		return
	}
	if v.doc.Data.Personal == profile.No {
		f.note(v.c.T("profile.data.hidden", "n", len(v.lists.Privacy)))
	} else {
		f.heading(v.c.T("profile.data.privacy"))
		for _, q := range v.lists.Privacy {
			f.question("data", q, v.doc.Data.Items, profile.Tri("").Values())
		}
	}
	f.heading(v.c.T("profile.data.secrets"))
	for _, q := range v.lists.Secrets {
		f.question("data", q, v.doc.Data.Items, profile.Tri("").Values())
	}
}

func readData(in *reader, p *profile.Profile) {
	p.Data.Personal = in.tri("data.personal")
	asked := slices.DeleteFunc(slices.Concat(in.lists.Privacy, in.lists.Secrets), func(q clause) bool { return !in.in.Has("data/" + q.ID + "/say") })
	p.Data.Items = in.items("data", asked, p.Data.Items)
}

// showInferred asks what the system concludes that nobody told it, and warns
// about specially protected data (requirement 003-09).
func showInferred(v *view, f *former) {
	for _, x := range v.doc.Inferred {
		if v.lists.Sensitive(x.Kind) {
			c, _ := profile.Find(v.lists.Inferred, x.Kind)
			f.warn(v.c.T("profile.inferred.sensitive", "kind", v.c.In(c.Title)), c.Related...)
		}
	}
	var kinds []ui.Option
	for _, c := range v.lists.Inferred {
		o := ui.Option{Value: c.ID, Text: v.c.In(c.Title)}
		if v.lists.Sensitive(c.ID) {
			o.Text = v.c.T("profile.inferred.mark", "kind", o.Text)
		}
		kinds = append(kinds, o)
	}
	for i := range f.rows("inferred", len(v.doc.Inferred), 20) {
		var x profile.Inference
		if i < len(v.doc.Inferred) {
			x = v.doc.Inferred[i]
		}
		at := "inferred." + strconv.Itoa(i) + "."
		f.heading(v.c.T("profile.inference", "n", i+1))
		f.set(at+"kind", x.Kind)
		k := f.field(at + "kind")
		k.Blank, k.Options = v.c.T("profile.none"), kinds
		f.add("select", k)
		f.line(at+"from", show.Say(v.c, x.From))
		f.line(at+"use", show.Say(v.c, x.Use))
	}
}

func readInferred(in *reader, p *profile.Profile) {
	was := p.Inferred
	p.Inferred = nil
	in.rows("inferred", []string{"kind", "from", "use"}, func(at string) {
		var x profile.Inference
		if i := len(p.Inferred); i < len(was) {
			x = was[i]
		}
		x.Kind = in.line(at + "kind")
		_, known := profile.Find(in.lists.Inferred, x.Kind)
		in.checks.Field(x.Kind == "" || known, at+"kind", "Diese Auswahl gibt es nicht.", "There is no such choice.")
		in.say(at+"from", &x.From)
		in.say(at+"use", &x.Use)
		p.Inferred = append(p.Inferred, x)
	})
}

// showCopyright asks for the check of inputs and results (requirement 002-61).
func showCopyright(v *view, f *former) {
	for _, x := range []struct {
		name string
		c    profile.Clearance
	}{{"copyright.input", v.doc.Copyright.Input}, {"copyright.output", v.doc.Copyright.Output}} {
		f.heading(v.c.T("profile." + x.name))
		f.tri(x.name+".cleared", x.c.Cleared)
		f.say(x.name+".say", x.c.Say)
		f.person(x.name+".by", x.c.By)
		f.date(x.name+".on", x.c.On)
	}
}

func readCopyright(in *reader, p *profile.Profile) {
	for name, x := range map[string]*profile.Clearance{"copyright.input": &p.Copyright.Input, "copyright.output": &p.Copyright.Output} {
		x.Cleared = in.tri(name + ".cleared")
		in.say(name+".say", &x.Say)
		x.By, x.On = in.line(name+".by"), in.date(name+".on")
	}
}

// showNotices writes the text of a notice and asks where it hangs and what
// proves it (requirement 001-45).
func showNotices(v *view, f *former) {
	for _, kind := range v.doc.Unproven(v.checked.Owed) {
		c, _ := profile.Find(v.lists.Notices, kind)
		f.warn(v.c.T("profile.notices.owed", "kind", v.c.In(c.Title)), c.Related...)
	}
	var kinds []ui.Option
	for _, c := range v.lists.Notices {
		kinds = append(kinds, ui.Option{Value: c.ID, Text: v.c.In(c.Title)})
	}
	for i := range f.rows("notices", len(v.doc.Notices), 20) {
		var n profile.Notice
		if i < len(v.doc.Notices) {
			n = v.doc.Notices[i]
		}
		at := "notices." + strconv.Itoa(i) + "."
		f.heading(v.c.T("profile.notice", "n", i+1))
		f.set(at+"kind", n.Kind)
		k := f.field(at + "kind")
		k.Blank, k.Options = v.c.T("profile.none"), kinds
		f.add("select", k)
		if c, ok := profile.Find(v.lists.Notices, f.form.Values.Get(at+"kind")); ok {
			f.note(v.c.In(c.Note))
			f.say(at+"text", n.Text)
		}
		f.line(at+"place", show.Say(v.c, n.Place))
		f.date(at+"shown", n.Shown)
		f.set(at+"evidence", n.Evidence)
		e := f.field(at + "evidence")
		e.Blank, e.Options = v.c.T("profile.notices.noproof"), f.proofs
		f.add("select", e)
	}
	f.link(v.c.T("profile.notices.proof"), v.c.URL("proof", "objects", "new")+"?back=/systems/"+v.sys.ID+"/profile/notices")
}

func readNotices(in *reader, p *profile.Profile) {
	was := p.Notices
	p.Notices = nil
	in.rows("notices", []string{"kind", "text", "place", "evidence", "shown"}, func(at string) {
		var n profile.Notice
		if i := len(p.Notices); i < len(was) && was[i].Kind == in.line(at+"kind") {
			n = was[i]
		}
		n.Kind = in.line(at + "kind")
		_, known := profile.Find(in.lists.Notices, n.Kind)
		in.checks.Field(n.Kind == "" || known, at+"kind", "Diese Auswahl gibt es nicht.", "There is no such choice.")
		if in.in.Has(at + "text") {
			in.say(at+"text", &n.Text)
		}
		if n.Text.IsZero() && known { // the generator writes; people change it
			n.Text = in.write(n.Kind)
		}
		in.say(at+"place", &n.Place)
		before := n.Shown
		n.Shown, n.Evidence = in.date(at+"shown"), in.line(at+"evidence")
		if n.Shown.IsZero() {
			n.By = ""
		} else if n.By == "" || !before.Equal(n.Shown) {
			n.By = in.who
		}
		p.Notices = append(p.Notices, n)
	})
}

// generate writes a notice in both languages with the names put in.
func (v *view) generate(kind string) text.Bi {
	c, ok := profile.Find(v.lists.Notices, kind)
	if !ok {
		return text.Bi{}
	}
	contact := v.sys.Doc.Oversee.Decider
	if contact.IsZero() {
		contact = text.Bi{DE: v.r.Texts.T(text.DE, "profile.contact"), EN: v.r.Texts.T(text.EN, "profile.contact")}
	}
	return profile.Write(c, v.sys.Doc.Name, v.r.Org.Name, contact)
}

// showClaims sets forecast and measured value side by side (requirement 003-20).
func showClaims(v *view, f *former) {
	f.note(v.c.T("profile.claims.note"))
	for i := range f.rows("claims", len(v.doc.Claims), 20) {
		var k profile.Claim
		if i < len(v.doc.Claims) {
			k = v.doc.Claims[i]
		}
		at := "claims." + strconv.Itoa(i) + "."
		f.heading(v.c.T("profile.claim", "n", i+1))
		f.line(at+"what", show.Say(v.c, k.What))
		f.line(at+"unit", k.Unit)
		forecast, actual := "", ""
		if i < len(v.doc.Claims) {
			forecast = text.Float(v.c.Lang, k.Forecast)
		}
		if k.Actual != nil {
			actual = text.Float(v.c.Lang, *k.Actual)
		}
		f.number(at+"forecast", forecast, k.Unit)
		f.line(at+"source", k.Source)
		f.date(at+"on", k.On)
		f.number(at+"actual", actual, k.Unit)
		f.date(at+"measured", k.Measured)
		f.line(at+"how", k.How)
	}
}

func readClaims(in *reader, p *profile.Profile) {
	was := p.Claims
	p.Claims = nil
	in.rows("claims", []string{"what", "forecast", "source", "actual"}, func(at string) {
		var k profile.Claim
		if i := len(p.Claims); i < len(was) {
			k = was[i]
		}
		in.say(at+"what", &k.What)
		k.Unit, k.Source, k.How = in.line(at+"unit"), in.line(at+"source"), in.line(at+"how")
		forecast := in.number(at + "forecast")
		in.checks.Field(forecast != nil, at+"forecast", "Wie hoch ist die Vorhersage?", "How high is the forecast?")
		if k.Forecast = 0; forecast != nil {
			k.Forecast = *forecast
		}
		k.Actual, k.On, k.Measured = in.number(at+"actual"), in.date(at+"on"), in.date(at+"measured")
		p.Claims = append(p.Claims, k)
	})
}

// showPractices lists voluntary good practice. Nothing here is ever missing
// (requirement 001-46).
func showPractices(v *view, f *former) {
	f.note(v.c.T("profile.practices.note"))
	kept := make([]string, len(v.doc.Practices))
	for i, x := range v.doc.Practices {
		kept[i] = x.Practice
	}
	f.set("practices", kept...)
	field := f.field("practices")
	for _, c := range v.lists.Practices {
		note := v.c.In(c.Text)
		if !c.Note.IsZero() {
			note += " " + v.c.In(c.Note)
		}
		field.Options = append(field.Options, ui.Option{Value: c.ID, Text: v.c.In(c.Title), Note: note})
	}
	f.add("check", field)
}

func readPractices(in *reader, p *profile.Profile) {
	was := p.Practices
	p.Practices = slices.DeleteFunc(slices.Clone(was), func(x profile.Practice) bool {
		_, shown := profile.Find(in.lists.Practices, x.Practice)
		return shown
	})
	for _, id := range in.in["practices"] {
		if _, ok := profile.Find(in.lists.Practices, id); !ok {
			in.checks.Field(false, "practices", "Diese Auswahl gibt es nicht.", "There is no such choice.")
			continue
		}
		x := profile.Practice{Practice: id, Since: today(in.now)}
		if i := slices.IndexFunc(was, func(w profile.Practice) bool { return w.Practice == id }); i >= 0 {
			x = was[i]
		}
		p.Practices = append(p.Practices, x)
	}
}
