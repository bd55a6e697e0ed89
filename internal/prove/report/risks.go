package report

import (
	"slices"
	"strings"

	"augenmass/internal/govern/risk"
	"augenmass/internal/record/packs/hazard"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Risks is the risk register: every risk with its ratings and their reasons before
// and after treatment, what is done, who accepted what is left, and the measures
// with their effect (requirements 001-60, 001-61, 000-19). name gives the name of
// a person or system by id; the words of the matrix come from the packs.
func Risks(f Frame, all risk.Register, scale hazard.Scale, name func(id string) string) (Document, error) {
	d, err := newDocument(f, "risk-register", "report.risks")
	if err != nil {
		return Document{}, err
	}
	w := riskWords{d: d, scale: scale, name: name}
	risks := slices.Clone(all.Risks)
	slices.SortStableFunc(risks, risk.ByWeight)
	d.say(d.t("report.risks.highest"))
	d.head(d.t("report.risks.register"))
	t := Table{Title: d.t("report.risks.register"), Columns: []Column{{d.t("report.risks.risk"), 16, true}, {d.t("report.risks.system"), 10, true},
		{d.t("report.risks.cause"), 20, false}, {d.t("report.risks.before"), 10, true}, {d.t("report.risks.treatment"), 20, true}, {d.t("report.risks.after"), 10, true},
		{d.t("report.risks.accepted"), 16, false}, {d.t("report.risks.review"), 10, true}}}
	for _, o := range risks {
		t.Rows = append(t.Rows, cells(o.Doc.Name, w.system(o.Doc.System), strings.TrimSpace(o.Doc.Cause+"\n"+o.Doc.Effect), w.level(o.Doc.Initial()), w.treatment(o.Doc, all.Measures),
			w.level(o.Doc.Residual()), w.acceptance(o, all), text.Date(f.Lang, risk.Due(o))))
	}
	d.table(t)
	d.head(d.t("report.risks.ratings"))
	t = Table{Title: d.t("report.risks.ratings"), Columns: []Column{{d.t("report.risks.risk"), 16, true}, {d.t("report.risks.impact"), 12, true}, {d.t("report.risks.state"), 10, true},
		{d.t("report.risks.likelihood"), 10, true}, {d.t("report.risks.likelihood_reason"), 22, false}, {d.t("report.risks.severity"), 10, true}, {d.t("report.risks.severity_reason"), 22, false}, {d.t("report.risks.level"), 8, true}}}
	for _, o := range risks {
		for _, when := range []struct {
			key string
			all []risk.Rating
		}{{"report.risks.before", o.Doc.Before}, {"report.risks.after", o.Doc.After}} {
			for _, x := range when.all {
				t.Rows = append(t.Rows, cells(o.Doc.Name, d.t("report.risks.impact."+string(x.Impact)), d.t(when.key), w.step(scale.Likelihood, x.Likelihood), w.reason(x.LikelihoodReason),
					w.step(scale.Severity, x.Severity), w.reason(x.SeverityReason), w.level(x.Level())))
			}
		}
	}
	d.table(t)
	d.head(d.t("report.risks.measures"))
	t = Table{Title: d.t("report.risks.measures"), Columns: []Column{{d.t("report.risks.measure"), 20, true}, {d.t("report.risks.control"), 10, true}, {d.t("report.risks.what"), 26, false},
		{d.t("report.risks.effect"), 12, true}, {d.t("report.risks.effect_reason"), 22, false}, {d.t("report.risks.owner"), 12, true}}}
	for _, id := range sortedKeys(all.Measures) {
		m := all.Measures[id].Doc
		t.Rows = append(t.Rows, cells(m.Name, m.Control, m.What, d.t("report.risks.effect."+string(m.Effect)), w.reason(m.EffectReason), name(m.Owner)))
	}
	d.table(t)
	return d.finish(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// riskWords are the words of the register in one language.
type riskWords struct {
	d     *Document
	scale hazard.Scale
	name  func(string) string
}

func (w riskWords) system(id string) string {
	if id == "" {
		return w.d.t("report.risks.whole")
	}
	return w.name(id)
}

func (w riskWords) level(l risk.Level) string {
	for _, x := range w.scale.Results {
		if x.ID == string(l) {
			return x.Word.In(w.d.Lang)
		}
	}
	return w.d.t("report.risks.unrated")
}

func (w riskWords) step(all []hazard.Step, n int) string {
	if n < 1 || n > len(all) {
		return w.d.t("report.risks.unrated")
	}
	return all[n-1].Word.In(w.d.Lang)
}

func (w riskWords) reason(s string) string {
	if strings.TrimSpace(s) == "" {
		return w.d.t("report.risks.no_reason")
	}
	return s
}

func (w riskWords) treatment(r risk.Risk, measures map[string]store.Object[risk.Measure]) string {
	if r.Treatment == "" {
		return w.d.t("report.risks.untreated")
	}
	out := []string{w.d.t("report.risks.treatment." + string(r.Treatment))}
	for _, id := range r.Measures {
		if m, ok := measures[id]; ok {
			out = append(out, m.Doc.Name)
		}
	}
	return strings.Join(out, "\n")
}

func (w riskWords) acceptance(o store.Object[risk.Risk], all risk.Register) string {
	a, ok := risk.Holding(all.Of(o.ID), o, w.d.At)
	switch {
	case ok:
		return w.d.t("report.risks.accepted_by", "name", w.name(a.Doc.Signer), "until", a.Doc.Until)
	case o.Doc.Residual().Grave():
		return w.d.t("report.risks.not_accepted")
	}
	return w.d.t("report.risks.no_need")
}
