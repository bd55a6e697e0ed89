package systemfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// onto puts what the file says over what the register says. The owner is for
// whoever knows the people.
func (f File) onto(s inventory.System) inventory.System {
	d := f.doc
	s.Name = d.Name.S
	bilingual(&s.Purpose, d.Purpose)
	bilingual(&s.Use, d.Use)
	if f.given["excluded"] {
		s.Excluded = nil
		for _, e := range d.Excluded {
			s.Excluded = append(s.Excluded, text.Bi{DE: e.DE, EN: e.EN})
		}
	}
	word(&s.Origin, d.Origin)
	if f.given["scope"] {
		s.Scope = nil
		for _, w := range d.Scope {
			s.Scope = append(s.Scope, inventory.Scope(w.S))
		}
	}
	word(&s.RoleOfAI, d.RoleOfAI)
	if f.given["technology"] {
		s.Technology = d.Technology
	}
	if d.People.S != "" {
		s.People = d.People.S == "true" || d.People.S == "yes"
	}
	for _, l := range []struct {
		name string
		to   *[]string
		from []string
	}{{"data_sources", &s.DataSources, d.DataSources}, {"data_classes", &s.DataClasses, d.DataClasses}, {"zones", &s.Zones, d.Zones},
		{"markets", &s.Markets, d.Markets}, {"sectors", &s.Sectors, d.Sectors}, {"plant_states", &s.PlantStates, d.PlantStates}} {
		if f.given[l.name] {
			*l.to = l.from
		}
	}
	f.oversee(&s.Oversee)
	word(&s.Retain, d.Retain)
	if f.given["retain_days"] {
		s.RetainDays = d.RetainDays
	}
	if f.given["review_by"] {
		s.ReviewBy = d.ReviewBy
	}
	if f.given["in_service"] {
		s.InService = d.InService
	}
	return s
}

func (f File) oversee(o *inventory.Oversee) {
	d := f.doc.Oversight
	word(&o.Mode, d.Mode)
	word(&o.OnHold, d.OnHold)
	bilingual(&o.Decider, d.Decider)
	bilingual(&o.Fallback, d.Fallback)
	if d.DeciderRole.S != "" {
		o.DeciderRole = d.DeciderRole.S
	}
	said := func(name string) bool { _, ok := f.lines["oversight.limits."+name]; return ok }
	for name, v := range map[string]struct {
		to   *float64
		from float64
	}{"confidence": {&o.Limits.Confidence, d.Limits.Confidence}, "drift": {&o.Limits.Drift, d.Limits.Drift}, "bias": {&o.Limits.Bias, d.Limits.Bias}} {
		if said(name) {
			*v.to = v.from
		}
	}
	if said("timeout_ms") {
		o.Limits.TimeoutMS = int64(d.Limits.TimeoutMS)
	}
	if said("review_min") {
		o.Limits.ReviewMin = int64(d.Limits.ReviewMin)
	}
}

// model puts what the file says about one model over what the register says.
func (f File) model(i int, m inventory.Model) inventory.Model {
	d := f.doc.Models[i]
	m.Name, m.Version = d.Name.S, d.Version.S
	if h := f.sums[i].hash(); h != "" {
		m.Hash = h
	}
	if d.Endpoint.S != "" {
		m.Endpoint = d.Endpoint.S
	}
	bilingual(&m.Card.Purpose, d.Card.Purpose)
	bilingual(&m.Card.Data, d.Card.Data)
	bilingual(&m.Card.Limits, d.Card.Limits)
	bilingual(&m.Card.Confidence, d.Card.Confidence)
	if len(d.Card.Metrics) > 0 {
		m.Card.Metrics = nil
		for _, x := range d.Card.Metrics {
			m.Card.Metrics = append(m.Card.Metrics, inventory.Metric{Name: x.Name, Value: x.Value, On: x.On})
		}
	}
	return m
}

// bilingual takes a text over; one that reads alike on both sides, because the
// file gave one only, leaves a translation that the register has already.
func bilingual(to *text.Bi, from text.Bi) {
	switch {
	case from.IsZero():
	case from.DE == from.EN && (from.DE == to.DE || from.EN == to.EN):
	default:
		*to = from
	}
}

func word[T ~string](to *T, from form.Word) {
	if from.S != "" {
		*to = T(from.S)
	}
}

// fileNames are the fields of the register that the file calls otherwise.
var fileNames = strings.NewReplacer("oversee", "oversight", "risk_owner", "owner")

// fileField is how the file calls a field of the register.
func fileField(path string) string { return fileNames.Replace(path) }

// located gives what the register says about a field the line in the file.
func (f *File) located(err error) error { return f.locate(err, fileField) }

func (f *File) locatedModel(i int, err error) error {
	return f.locate(err, func(path string) string { return fmt.Sprintf("models.%d.%s", i, path) })
}

func (f *File) locate(err error, name func(string) string) error {
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput || len(p.Fields) == 0 {
		return err
	}
	out := problem.Newf(problem.BadInput, "Die Datei „%s“ hat Fehler: %d.", "The file '%s' has errors: %d.", f.Name, len(p.Fields)).
		WithHint("Es wurde nichts übernommen. Bitte die genannten Zeilen berichtigen.", "Nothing was taken over. Please correct the lines named.")
	for _, x := range p.Fields {
		field := name(x.Path)
		out.Fields = append(out.Fields, problem.Field{Path: form.Place{File: f.Name, Line: f.line(field)}.String(),
			Say: text.Bi{DE: field + ": " + x.Say.DE, EN: field + ": " + x.Say.EN}})
	}
	return out
}

// refuse is what is wrong with one field of the file.
func (f *File) refuse(field, de, en string, args ...any) error {
	var c problem.Checks
	c.Field(false, field, fmt.Sprintf(de, args...), fmt.Sprintf(en, args...))
	return f.locate(c.Err(), func(p string) string { return p })
}

// pair is one field with its value in words, for a difference.
type pair struct{ field, value string }

// pairs are the fields of a system that a file can set.
func pairs(s inventory.System, owner string) []pair {
	l := s.Oversee.Limits
	var excluded, scope []string
	for _, e := range s.Excluded {
		excluded = append(excluded, sides(e))
	}
	for _, x := range s.Scope {
		scope = append(scope, string(x))
	}
	return []pair{
		{"name", s.Name}, {"purpose", sides(s.Purpose)}, {"use", sides(s.Use)}, {"excluded", list(excluded)}, {"origin", string(s.Origin)},
		{"scope", list(scope)}, {"role_of_ai", string(s.RoleOfAI)}, {"technology", s.Technology}, {"people", strconv.FormatBool(s.People)},
		{"data_sources", list(s.DataSources)}, {"data_classes", list(s.DataClasses)}, {"zones", list(s.Zones)}, {"markets", list(s.Markets)},
		{"sectors", list(s.Sectors)}, {"owner", owner}, {"oversight.mode", string(s.Oversee.Mode)}, {"oversight.decider", sides(s.Oversee.Decider)},
		{"oversight.decider_role", s.Oversee.DeciderRole}, {"oversight.on_hold", string(s.Oversee.OnHold)}, {"oversight.fallback", sides(s.Oversee.Fallback)},
		{"oversight.limits.confidence", number(l.Confidence)}, {"oversight.limits.drift", number(l.Drift)}, {"oversight.limits.bias", number(l.Bias)},
		{"oversight.limits.timeout_ms", number(float64(l.TimeoutMS))}, {"oversight.limits.review_min", number(float64(l.ReviewMin))},
		{"plant_states", list(s.PlantStates)}, {"retain", string(s.Retain)}, {"retain_days", number(float64(s.RetainDays))},
		{"review_by", day(s.ReviewBy)}, {"in_service", day(s.InService)},
	}
}

// modelPairs are the fields of a model that a file can set.
func modelPairs(m inventory.Model) []pair {
	var metrics []string
	for _, x := range m.Card.Metrics {
		metrics = append(metrics, strings.TrimSpace(fmt.Sprintf("%s %s %s", x.Name, number(x.Value), x.On)))
	}
	return []pair{{"version", m.Version}, {"hash", m.Hash}, {"endpoint", m.Endpoint}, {"card.purpose", sides(m.Card.Purpose)}, {"card.data", sides(m.Card.Data)},
		{"card.limits", sides(m.Card.Limits)}, {"card.confidence", sides(m.Card.Confidence)}, {"card.metrics", list(metrics)}}
}

// Change is one field that the file would change, with its values as the file
// writes them.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// changes are the pairs that differ.
func changes(before, after []pair) []Change {
	var out []Change
	for i, b := range before {
		if a := after[i]; a.value != b.value {
			out = append(out, Change{Field: b.field, Old: b.value, New: a.value})
		}
	}
	return out
}

func sides(b text.Bi) string {
	if b.DE == b.EN {
		return b.DE
	}
	return b.DE + " / " + b.EN
}

func list(all []string) string { return strings.Join(all, ", ") }

func number(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
