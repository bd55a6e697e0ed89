package risk

import (
	"strings"
	"time"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// levelWord is the word of a level of the matrix, from the packs.
func levelWord(r *page.Request, l register.Level) string {
	for _, x := range library(r).RiskScale().Results {
		if x.ID == string(l) {
			return r.C.In(x.Word)
		}
	}
	return r.C.T("risks.level.unrated")
}

// levelKind is the shape and colour that stand beside the word.
func levelKind(l register.Level) ui.Kind {
	switch l {
	case register.Low:
		return ui.OK
	case register.Medium, register.High:
		return ui.Warn
	case register.VeryHigh:
		return ui.Stop
	}
	return ui.None
}

func levelMark(r *page.Request, l register.Level) ui.Mark {
	return ui.Mark{Kind: levelKind(l), Word: levelWord(r, l)}
}

// likelihoodWord and severityWord are the words of a level of a scale.
func likelihoodWord(r *page.Request, n int) string {
	if all := library(r).RiskScale().Likelihood; n >= 1 && n <= len(all) {
		return r.C.In(all[n-1].Word)
	}
	return r.C.T("risks.level.unrated")
}

func severityWord(r *page.Request, n int) string {
	if all := library(r).RiskScale().Severity; n >= 1 && n <= len(all) {
		return r.C.In(all[n-1].Word)
	}
	return r.C.T("risks.level.unrated")
}

func impactWord(c ui.Ctx, i string) string { return objects.Value(c, "risk", "impacts", i) }

func impactWords(c ui.Ctx, all []register.Impact) string {
	var out []string
	for _, i := range all {
		out = append(out, impactWord(c, string(i)))
	}
	return strings.Join(out, ", ")
}

// effectMark is how well a measure works, in words.
func effectMark(c ui.Ctx, m register.Measure) ui.Mark {
	kind := map[register.Effect]ui.Kind{register.Proven: ui.OK, register.Partly: ui.Warn, register.NoEffect: ui.Stop, register.Unproven: ui.None}[m.Effect]
	return ui.Mark{Kind: kind, Word: objects.Value(c, "measure", "effect", string(m.Effect))}
}

// stands says how a metric stands.
func stands(c ui.Ctx, s register.Standing) ui.Mark {
	switch {
	case !s.Metric.Doc.Ended.IsZero() && !c.Now.Before(s.Metric.Doc.Ended):
		return ui.Mark{Kind: ui.None, Word: c.T("risks.metric.ended")}
	case s.Missed:
		return ui.Mark{Kind: ui.Stop, Word: c.T("risks.metric.missed")}
	case s.Beyond:
		return ui.Mark{Kind: ui.Stop, Word: c.T("risks.metric.beyond")}
	case s.Last == nil:
		return ui.Mark{Kind: ui.None, Word: c.T("risks.metric.none")}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("risks.metric.within")}
}

// limitWords is the limit of a metric in words.
func limitWords(c ui.Ctx, m register.Metric) string {
	return c.T("risks.limit."+string(m.Direction), "value", number(c, m.Limit), "unit", m.Unit)
}

// number is a value with as many decimals as it needs, four at most.
func number(c ui.Ctx, v float64) string {
	for places := range 4 {
		if s := c.Decimal(v, places); same(v, places) {
			return s
		}
	}
	return c.Decimal(v, 4)
}

func same(v float64, places int) bool {
	for range places {
		v *= 10
	}
	d := v - float64(int64(v))
	return d > -1e-9 && d < 1e-9
}

// lapsed are the lapses of a system's permit that rest on its risks, metrics and
// checks, by the id of the record; those that rest on none under "".
func lapsed(r *page.Request, systems ...string) map[string][]permit.Lapse {
	out := map[string][]permit.Lapse{}
	for _, id := range systems {
		p, ok := r.Org.Point.Permit(id)
		if !ok {
			continue
		}
		for _, l := range p.At(r.C.Now).Lapses {
			if strings.HasPrefix(l.Code, "risk.") || strings.HasPrefix(l.Code, "metric.") {
				out[l.Object] = append(out[l.Object], l)
			}
		}
	}
	return out
}

// todo says in words what is to be done about a risk.
func todo(c ui.Ctx, o store.Object[register.Risk], given []store.Object[register.Acceptance], lapses []permit.Lapse) []string {
	codes := register.Stop(o, given, c.Now)
	var out []string
	late := false
	for _, code := range codes {
		late = late || code == "overdue"
		out = append(out, c.T("risks.todo."+code))
	}
	for _, l := range lapses {
		if l.Code == permit.DemandReviewed && !late && o.Doc.Rated() {
			out = append(out, c.T("risks.todo.changed"))
		}
	}
	return out
}

// day is a day as a date field holds it; days are days in UTC.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
