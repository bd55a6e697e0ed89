package techfile

import (
	"strconv"
	"strings"

	"augenmass/internal/permit"
	"augenmass/internal/text"
)

// Technical is the technical documentation of a system by AI Act Annex IV, filled
// from what is known. The provider of a high-risk system owes it (Art. 11); for
// every other system it is a way to see what nobody wrote down yet.
func Technical(k Known) (File, error) {
	w, err := newWords()
	if err != nil {
		return File{}, err
	}
	f := File{Name: "technical-documentation", Title: w.t("technical.title", "name", k.System.Doc.Name)}
	if k.class() == permit.ClassHigh && k.provider() {
		f.Notes = append(f.Notes, w.t("technical.owed"))
	} else {
		f.Notes = append(f.Notes, w.t("technical.not_owed"))
	}
	f.Groups = []Group{k.general(w), k.elements(w), k.running(w)}
	return f, nil
}

func join(all []string) string { return strings.Join(all, ", ") }

// versions names the models with version and bytes.
func (k Known) versions(l *lines) *lines {
	for _, m := range k.Models {
		l.say(true, "say.model", "name", m.Doc.Name, "version", m.Doc.Version)
		l.say(m.Doc.Hash != "", "say.hash", "hash", m.Doc.Hash)
	}
	return l
}

// general is point 1: what the system is.
func (k Known) general(w words) Group {
	d := k.System.Doc
	l := func() *lines { return &lines{w: w} }
	purpose := l().both("say.purpose", "text", d.Purpose).say(k.provider() && k.Organisation != "", "say.provider", "name", k.Organisation)
	vendor := k.Vendor != nil && !k.provider()
	if vendor {
		purpose.say(true, "say.provider", "name", k.Vendor.Name)
	}
	k.versions(purpose)
	named := !d.Purpose.IsZero() && len(k.Models) > 0 && (k.provider() || vendor)
	provided := l().say(d.Origin != "", "say.origin."+string(d.Origin))
	for _, m := range k.Models {
		provided.say(m.Doc.Endpoint != "", "say.endpoint", "name", m.Doc.Name)
	}
	use := l().both("say.use", "text", d.Use)
	instructions := l()
	for _, e := range d.Excluded {
		instructions.both("say.excluded", "text", e)
	}
	return Group{Title: w.t("technical.1"), Points: []Point{
		k.point(w, "aia.annex4.1", "system", !d.Purpose.IsZero() && d.Technology != "", l().both("say.purpose", "text", d.Purpose).say(d.Technology != "", "say.technology", "text", d.Technology)),
		k.point(w, "aia.annex4.1.a", "models", named, purpose),
		k.point(w, "aia.annex4.1.b", "system", false, l().say(len(d.Zones) > 0, "say.zones", "list", join(d.Zones)).say(len(d.DataSources) > 0, "say.sources", "list", join(d.DataSources))),
		k.point(w, "aia.annex4.1.c", "models", len(k.Models) > 0, k.versions(l())),
		k.point(w, "aia.annex4.1.d", "system", d.Origin != "", provided),
		k.point(w, "aia.annex4.1.e", "documents", false, nil),
		k.point(w, "aia.annex4.1.f", "evidence", false, nil),
		k.point(w, "aia.annex4.1.g", "system", false, use),
		k.point(w, "aia.annex4.1.h", "documents", false, instructions),
	}}
}

// elements is point 2: what it is made of and how it came about.
func (k Known) elements(w words) Group {
	d := k.System.Doc
	l := func() *lines { return &lines{w: w} }
	made := l().say(d.Technology != "", "say.technology", "text", d.Technology)
	if k.Vendor != nil {
		made.say(true, "say.third", "name", k.Vendor.Name)
	}
	design, data, tests := l(), l(), l()
	carded := len(k.Models) > 0
	data.say(len(d.DataSources) > 0, "say.sources", "list", join(d.DataSources)).say(len(d.DataClasses) > 0, "say.classes", "list", join(d.DataClasses))
	for _, m := range k.Models {
		design.both("say.card.purpose", "text", m.Doc.Card.Purpose).both("say.card.limits", "text", m.Doc.Card.Limits)
		data.both("say.card.data", "text", m.Doc.Card.Data)
		carded = carded && !m.Doc.Card.Data.IsZero()
		for _, x := range m.Doc.Card.Metrics {
			tests.all = append(tests.all, text.Bi{DE: w.all.T(text.DE, "card.metric", "name", x.Name, "value", text.Decimal(text.DE, x.Value, 3), "on", x.On),
				EN: w.all.T(text.EN, "card.metric", "name", x.Name, "value", text.Decimal(text.EN, x.Value, 3), "on", x.On)})
		}
	}
	o := d.Oversee
	oversight := l().say(o.Mode != "", "say.oversight."+string(o.Mode)).both("say.decider", "text", o.Decider).both("say.fallback", "text", o.Fallback)
	cyber := l()
	if c := k.Classification; c != nil && c.LevelKnown {
		cyber.say(true, "say.level", "n", strconv.Itoa(c.Level))
	}
	cyber.say(len(d.Zones) > 0, "say.zones", "list", join(d.Zones))
	return Group{Title: w.t("technical.2"), Points: []Point{
		k.point(w, "aia.annex4.2", "models", false, l().say(d.Technology != "", "say.technology", "text", d.Technology)),
		k.point(w, "aia.annex4.2.a", "documents", false, made),
		k.point(w, "aia.annex4.2.b", "models", false, design),
		k.point(w, "aia.annex4.2.c", "documents", false, l().say(d.Technology != "", "say.technology", "text", d.Technology)),
		k.point(w, "aia.annex4.2.d", "data", carded && len(d.DataSources) > 0, data),
		k.point(w, "aia.annex4.2.e", "system", o.Mode != "" && !o.Decider.IsZero(), oversight),
		k.point(w, "aia.annex4.2.f", "documents", false, nil),
		k.point(w, "aia.annex4.2.g", "evidence", false, tests),
		k.point(w, "aia.annex4.2.h", "class", false, cyber),
	}}
}

// running is points 3 to 9: how it is watched, its risks, and what is signed.
func (k Known) running(w words) Group {
	d := k.System.Doc
	l := func() *lines { return &lines{w: w} }
	watched, fitting, after := l(), l(), l()
	for _, m := range k.Metrics {
		doc := m.Metric.Doc
		limit := text.Bi{DE: text.Decimal(text.DE, doc.Limit, places(doc.Limit)), EN: text.Decimal(text.EN, doc.Limit, places(doc.Limit))}
		line := func(lang text.Lang, v string) string {
			return w.all.T(lang, "say.metric."+string(doc.Direction), "name", doc.Name, "value", strings.TrimSpace(v+" "+doc.Unit), "days", doc.Days)
		}
		watched.all = append(watched.all, text.Bi{DE: line(text.DE, limit.DE), EN: line(text.EN, limit.EN)})
		fitting.say(doc.What != "", "say.measured", "name", doc.Name, "text", doc.What)
		after.say(doc.Act != "", "say.act", "name", doc.Name, "text", doc.Act)
	}
	risks := l()
	for _, o := range k.Risks {
		risks.say(true, "say.risk."+string(o.Doc.Residual()), "name", o.Doc.Name)
	}
	assessed := len(k.Risks) > 0
	for _, o := range k.Risks {
		assessed = assessed && o.Doc.Rated() && o.Doc.Treatment != ""
	}
	changes := l().say(d.LifeCycle != "", "say.life."+string(d.LifeCycle)).say(!d.InService.IsZero(), "say.in_service", "day", d.InService)
	k.versions(changes)
	return Group{Title: w.t("technical.3"), Points: []Point{
		k.point(w, "aia.annex4.3", "risks", len(k.Metrics) > 0, watched),
		k.point(w, "aia.annex4.4", "risks", len(k.Metrics) > 0 && len(fitting.all) == len(k.Metrics), fitting),
		k.point(w, "aia.annex4.5", "risks", assessed, risks),
		k.point(w, "aia.annex4.6", "documents", false, changes),
		k.point(w, "aia.annex4.7", "frameworks", false, nil),
		k.point(w, "aia.annex4.8", "evidence", false, nil),
		k.point(w, "aia.annex4.9", "documents", false, after),
	}}
}

// places is how many decimals a value needs, four at most.
func places(v float64) int {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return min(4, len(s)-i-1)
	}
	return 0
}
