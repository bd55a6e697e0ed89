package models

import (
	"net/url"
	"strings"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// fields of the form, in order.
var fields = []string{"name", "version", "hash", "endpoint", "card.purpose", "card.data", "card.metrics", "card.limits", "card.confidence"}

// values writes a model as a form shows it.
func values(c ui.Ctx, m inventory.Model) url.Values {
	v := url.Values{"name": {m.Name}, "version": {m.Version}, "hash": {m.Hash}, "endpoint": {m.Endpoint},
		"card.purpose": {show.Say(c, m.Card.Purpose)}, "card.data": {show.Say(c, m.Card.Data)}, "card.limits": {show.Say(c, m.Card.Limits)},
		"card.confidence": {show.Say(c, m.Card.Confidence)}, "card.metrics": {metrics(c, m.Card.Metrics)}}
	return v
}

// metrics writes figures one a line: name; value; data they were measured on.
func metrics(c ui.Ctx, all []inventory.Metric) string {
	lines := make([]string, len(all))
	for i, m := range all {
		lines[i] = m.Name + "; " + text.Float(c.Lang, m.Value)
		if m.On != "" {
			lines[i] += "; " + m.On
		}
	}
	return strings.Join(lines, "\n")
}

// read reads the form into a model; what it does not ask stays.
func read(c ui.Ctx, in url.Values, m *inventory.Model) error {
	var checks problem.Checks
	line := func(name string) string { return strings.TrimSpace(in.Get(name)) }
	m.Name, m.Version, m.Hash, m.Endpoint = line("name"), line("version"), strings.ToLower(line("hash")), line("endpoint")
	checks.Field(m.Version != "", "version", "Bitte die Fassung angeben.", "Please give the version.")
	show.Hear(c, line("card.purpose"), &m.Card.Purpose)
	show.Hear(c, line("card.data"), &m.Card.Data)
	show.Hear(c, line("card.limits"), &m.Card.Limits)
	show.Hear(c, line("card.confidence"), &m.Card.Confidence)
	was := m.Card.Metrics
	m.Card.Metrics = nil
	for l := range strings.Lines(strings.ReplaceAll(in.Get("card.metrics"), "\r", "")) {
		if strings.TrimSpace(l) == "" {
			continue
		}
		one, ok := metric(c, l)
		checks.Field(ok, "card.metrics", "Eine Zeile hat die Form Name; Zahl; Datensatz.", "A line reads name; number; data set.")
		m.Card.Metrics = append(m.Card.Metrics, one)
	}
	if metrics(c, was) == metrics(c, m.Card.Metrics) {
		m.Card.Metrics = was // the form shows three decimals; what was not changed keeps all of them
	}
	err := checks.Err()
	if err == nil {
		return nil // the room checks when it stores
	}
	p := problem.From(err)
	if more := m.Validate(); problem.Is(more, problem.BadInput) {
		p.Fields = append(p.Fields, problem.From(more).Fields...)
	}
	return p
}

func metric(c ui.Ctx, line string) (inventory.Metric, bool) {
	parts := strings.SplitN(line, ";", 3)
	if len(parts) < 2 || strings.TrimSpace(parts[0]) == "" {
		return inventory.Metric{}, false
	}
	v, ok := text.ParseDecimal(c.Lang, parts[1])
	m := inventory.Metric{Name: strings.TrimSpace(parts[0]), Value: v}
	if len(parts) == 3 {
		m.On = strings.TrimSpace(parts[2])
	}
	return m, ok
}

// differences lists what two forms say differently.
func differences(c ui.Ctx, stored, mine url.Values) []ui.DiffRow {
	var out []ui.DiffRow
	for _, name := range fields {
		a, b := strings.TrimSpace(stored.Get(name)), strings.TrimSpace(strings.ReplaceAll(mine.Get(name), "\r", ""))
		if a != b {
			out = append(out, ui.DiffRow{Field: c.T("models.form." + name), Old: a, New: b})
		}
	}
	return out
}
