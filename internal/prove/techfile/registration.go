package techfile

import (
	"augenmass/internal/permit"
	"augenmass/internal/text"
)

// Section is a section of Annex VIII.
type Section string

// The three sections: high-risk systems of a provider, systems that a provider
// holds not to be high-risk under Art. 6(3), and deployers that are public bodies.
const (
	SectionA Section = "a"
	SectionB Section = "b"
	SectionC Section = "c"
)

// SectionOf is the section that fits the role: A for the provider of a high-risk
// system, B for a provider that claims the exception, C for everybody else.
func (k Known) SectionOf() Section {
	switch {
	case k.provider() && k.class() == permit.ClassHigh:
		return SectionA
	case k.provider():
		return SectionB
	}
	return SectionC
}

// Registration is the record for the EU database by AI Act Annex VIII, filled from
// what is known. Whether anything is to be registered says Art. 49; the note says
// what follows from role and class.
func Registration(k Known) (File, error) {
	w, err := newWords()
	if err != nil {
		return File{}, err
	}
	s := k.SectionOf()
	f := File{Name: "registration", Title: w.t("registration.title", "name", k.System.Doc.Name), Notes: []text.Bi{w.t("registration.note." + string(s)), w.t("registration.draft")}}
	points := map[Section]func(words) []Point{SectionA: k.sectionA, SectionB: k.sectionB, SectionC: k.sectionC}[s](w)
	f.Groups = []Group{{Title: w.t("registration.section." + string(s)), Points: points}}
	return f, nil
}

// optional turns a missing point into one that need not be there.
func optional(p Point) Point {
	if p.State == Missing {
		p.State, p.Where, p.Path = Optional, text.Bi{}, ""
	}
	return p
}

func (k Known) named(w words) *lines {
	l := &lines{w: w}
	l.say(k.System.Doc.Name != "", "say.trade", "name", k.System.Doc.Name)
	return l.say(k.System.Doc.Number != "", "say.number", "number", k.System.Doc.Number)
}

func (k Known) logic(w words) *lines {
	d := k.System.Doc
	l := (&lines{w: w}).say(len(d.DataSources) > 0, "say.sources", "list", join(d.DataSources)).say(d.Technology != "", "say.technology", "text", d.Technology)
	for _, m := range k.Models {
		l.both("say.card.purpose", "text", m.Doc.Card.Purpose)
	}
	return l
}

func (k Known) status(w words) *lines {
	return (&lines{w: w}).say(k.System.Doc.LifeCycle != "", "say.life."+string(k.System.Doc.LifeCycle))
}

func (k Known) sectionA(w words) []Point {
	d := k.System.Doc
	l := func() *lines { return &lines{w: w} }
	site := l()
	if k.Vendor != nil {
		site.say(k.Vendor.Website != "", "say.site", "url", k.Vendor.Website)
	}
	return []Point{
		k.point(w, "aia.annex8.a.1", "documents", false, l().say(k.Organisation != "", "say.provider", "name", k.Organisation)),
		optional(k.point(w, "aia.annex8.a.2", "documents", false, nil)),
		optional(k.point(w, "aia.annex8.a.3", "documents", false, nil)),
		k.point(w, "aia.annex8.a.4", "system", d.Number != "", k.named(w)),
		k.point(w, "aia.annex8.a.5", "system", !d.Purpose.IsZero() && !d.Use.IsZero(), l().both("say.purpose", "text", d.Purpose).both("say.use", "text", d.Use)),
		k.point(w, "aia.annex8.a.6", "models", len(d.DataSources) > 0 && len(k.Models) > 0, k.logic(w)),
		k.point(w, "aia.annex8.a.7", "system", d.LifeCycle != "", k.status(w)),
		k.point(w, "aia.annex8.a.8", "evidence", false, nil),
		k.point(w, "aia.annex8.a.9", "evidence", false, nil),
		k.point(w, "aia.annex8.a.10", "system", len(d.Markets) > 0, l().say(len(d.Markets) > 0, "say.markets", "list", join(d.Markets))),
		k.point(w, "aia.annex8.a.11", "evidence", false, nil),
		k.point(w, "aia.annex8.a.12", "documents", false, nil),
		optional(k.point(w, "aia.annex8.a.13", "vendor", true, site)),
	}
}

// sectionB leaves out what the law no longer asks for since the changes of 2026;
// the points stay, so that a reader sees that they are gone.
func (k Known) sectionB(w words) []Point {
	d := k.System.Doc
	l := func() *lines { return &lines{w: w} }
	gone := func(clause string) Point { return Point{Clause: clause, State: Deleted} }
	return []Point{
		k.point(w, "aia.annex8.b.1", "documents", false, l().say(k.Organisation != "", "say.provider", "name", k.Organisation)),
		optional(k.point(w, "aia.annex8.b.2", "documents", false, nil)),
		optional(k.point(w, "aia.annex8.b.3", "documents", false, nil)),
		k.point(w, "aia.annex8.b.4", "system", d.Number != "", k.named(w)),
		k.point(w, "aia.annex8.b.5", "system", !d.Purpose.IsZero(), l().both("say.purpose", "text", d.Purpose)),
		k.point(w, "aia.annex8.b.6", "class", false, nil),
		gone("aia.annex8.b.7"),
		k.point(w, "aia.annex8.b.8", "system", d.LifeCycle != "", k.status(w)),
		gone("aia.annex8.b.9"),
	}
}

func (k Known) sectionC(w words) []Point {
	l := func() *lines { return &lines{w: w} }
	return []Point{
		k.point(w, "aia.annex8.c.1", "documents", false, l().say(k.Organisation != "", "say.deployer", "name", k.Organisation)),
		k.point(w, "aia.annex8.c.2", "documents", false, nil),
		k.point(w, "aia.annex8.c.3", "vendor", false, nil),
		k.point(w, "aia.annex8.c.4", "impact", false, nil),
		k.point(w, "aia.annex8.c.5", "impact", false, nil),
	}
}
