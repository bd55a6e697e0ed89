package risk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
)

// Watch is what is measured and checked of the systems of one organisation:
// metrics with their readings, and checks for bias and for wrong decisions.
type Watch struct {
	Metrics  *store.Kind[Metric]
	Readings *store.Kind[Reading]
	Checks   *store.Kind[Check]
	now      func() time.Time
	db       *store.DB
}

// NewWatch declares the kinds; Open gives the database.
func NewWatch(now func() time.Time) *Watch {
	return &Watch{Metrics: Metrics(), Readings: Readings(), Checks: SystemChecks(), now: now}
}

// Kinds lists what the room stores. They refer to the kinds system, person and
// evidence.
func (w *Watch) Kinds() []store.AnyKind { return []store.AnyKind{w.Metrics, w.Readings, w.Checks} }

// Open gives the room its database; it keeps nothing in the vault.
func (w *Watch) Open(db *store.DB, _ *vault.Vault) { w.db = db }

// Standing is one metric with its last reading, as of an instant.
type Standing struct {
	Metric store.Object[Metric]
	Last   *store.Object[Reading] // nil: never measured
	Due    time.Time              // the next reading
	Missed bool                   // it is overdue
	Beyond bool                   // the last value is on the wrong side of the limit
}

// Wrong reports whether something is to be done.
func (s Standing) Wrong() bool { return s.Missed || s.Beyond }

// StandingOf computes how a metric stands: the interval runs from its last
// reading, or from its beginning.
func StandingOf(m store.Object[Metric], last *store.Object[Reading], at time.Time) Standing {
	from := m.Doc.From
	if last != nil && last.Doc.At.After(from) {
		from = last.Doc.At
	}
	s := Standing{Metric: m, Last: last, Due: from.AddDate(0, 0, m.Doc.Days)}
	if over := !m.Doc.Ended.IsZero() && !at.Before(m.Doc.Ended); over {
		return s
	}
	s.Missed = !at.Before(s.Due)
	s.Beyond = last != nil && m.Doc.Beyond(last.Doc.Value)
	return s
}

// Standings reads how the metrics of a system, or without one of all, stand: two
// queries, and one more for each metric whose last reading lies behind 500 newer
// ones of others.
func (w *Watch) Standings(ctx context.Context, rd store.Reader, system string, at time.Time) ([]Standing, error) {
	var of []store.Filter
	if system != "" {
		of = []store.Filter{store.Where("system", "=", system)}
	}
	metrics, err := w.Metrics.All(ctx, rd, store.Query{Filters: of})
	if err != nil || len(metrics) == 0 {
		return nil, err
	}
	newest, err := w.Readings.List(ctx, rd, store.Query{Filters: of, Sort: "-at", Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return nil, err
	}
	last := map[string]*store.Object[Reading]{}
	for i, o := range newest.Items {
		if last[o.Doc.Metric] == nil {
			last[o.Doc.Metric] = &newest.Items[i]
		}
	}
	out := make([]Standing, 0, len(metrics))
	for _, m := range metrics {
		if last[m.ID] == nil && newest.Next != "" {
			p, err := w.Readings.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("metric", "=", m.ID)}, Sort: "-at", Limit: 1, Uncounted: true})
			if err != nil {
				return nil, err
			}
			if len(p.Items) > 0 {
				last[m.ID] = &p.Items[0]
			}
		}
		out = append(out, StandingOf(m, last[m.ID], at))
	}
	return out, nil
}

// File puts a reading to a metric, with the metric's system.
func (w *Watch) File(ctx context.Context, metric string, rd Reading) (store.Object[Reading], error) {
	var saved store.Object[Reading]
	var c problem.Checks
	c.Field(!rd.At.After(w.now().UTC().Add(time.Minute)), "at", "Gemessen wird heute oder früher.", "A value is measured today or before.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	err := w.db.Write(ctx, func(tx *store.Tx) error {
		m, err := w.Metrics.Get(ctx, tx, metric)
		if err != nil {
			return err
		}
		rd.Metric, rd.System = m.ID, m.Doc.System
		saved, err = w.Readings.Create(ctx, tx, rd)
		return err
	})
	return saved, err
}

// Last is the newest check of each subject that counts, by system and subject.
type Last map[string]map[Subject]store.Object[Check]

// LastChecks reads the checks of a system, or without one of all: one query.
func (w *Watch) LastChecks(ctx context.Context, rd store.Reader, system string) (Last, error) {
	var of []store.Filter
	if system != "" {
		of = []store.Filter{store.Where("system", "=", system)}
	}
	all, err := w.Checks.All(ctx, rd, store.Query{Filters: of})
	if err != nil {
		return nil, err
	}
	out := Last{}
	for _, o := range all {
		if !o.Doc.Counts() {
			continue
		}
		if out[o.Doc.System] == nil {
			out[o.Doc.System] = map[Subject]store.Object[Check]{}
		}
		if have, ok := out[o.Doc.System][o.Doc.Subject]; !ok || o.Doc.Date.After(have.Doc.Date) {
			out[o.Doc.System][o.Doc.Subject] = o
		}
	}
	return out, nil
}

// Rates reports whether people are rated by a system: it affects people and serves
// personnel matters, or it was registered for that reason without being AI. There
// a check for bias is demanded (requirement 004-03).
func Rates(s inventory.System, verdict string) bool {
	return s.People && (slices.Contains(s.Scope, inventory.Scope("personnel")) || verdict == "not_ai_but_people")
}

// Name implements stand.Source.
func (w *Watch) Name() string { return "watch" }

// Touches implements stand.Source.
func (w *Watch) Touches() []string { return []string{"metric", "reading", "system_check"} }

// SystemOf implements stand.Source.
func (w *Watch) SystemOf(ctx context.Context, rd store.Reader, kind, id string) (string, error) {
	switch kind {
	case "metric":
		o, err := w.Metrics.Get(ctx, rd, id)
		return o.Doc.System, err
	case "reading":
		o, err := w.Readings.Get(ctx, rd, id)
		return o.Doc.System, err
	}
	o, err := w.Checks.Get(ctx, rd, id)
	return o.Doc.System, err
}

// limit is what an approver approves of one metric: what is measured, how often,
// and which value is still good.
type limit struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Unit      string    `json:"unit"`
	Direction Direction `json:"direction"`
	Limit     float64   `json:"limit"`
	Days      int       `json:"days"`
}

// Says implements stand.Source. Readings and checks are not approved, they are
// demanded: bias where people are rated, measurements where much depends on the
// system.
func (w *Watch) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	var out stand.Said
	metrics, err := w.Standings(ctx, rd, s.System.ID, s.Now)
	if err != nil {
		return out, err
	}
	verdict := ""
	if s.Identification != nil {
		verdict = s.Identification.Doc.Verdict
	}
	if rates := Rates(s.System.Doc, verdict); rates {
		last, err := w.LastChecks(ctx, rd, s.System.ID)
		if err != nil {
			return out, err
		}
		w.bias(&out, last[s.System.ID], s)
	}
	w.measured(&out, metrics, s)
	return out, nil
}

// bias demands a check for bias that is not too old.
func (w *Watch) bias(out *stand.Said, last map[Subject]store.Object[Check], s stand.Subject) {
	part := stand.Part{Title: text.Bi{DE: "Prüfung auf Verzerrung", EN: "Check for bias"}, Path: "/systems/" + s.System.ID + "/risks"}
	d := permit.Demand{Code: permit.DemandBias}
	k, ok := last[Bias]
	switch {
	case !ok:
		part.Open = true
		part.Lines = []text.Bi{{DE: "Eine Prüfung auf Verzerrung gab es noch nicht.", EN: "There has been no check for bias yet."}}
	default:
		due := k.Doc.Due()
		d.Object, d.Met, d.Until = k.ID, s.Now.Before(due), due
		if !d.Met {
			d.Since, d.Until, part.Open = due, time.Time{}, true
		}
		day := k.Doc.Date.UTC().Format(time.DateOnly)
		part.Lines = []text.Bi{{DE: "Zuletzt geprüft am " + day + ". " + k.Doc.Result, EN: "Last checked on " + day + ". " + k.Doc.Result}}
		out.Objects = append(out.Objects, k.ID)
	}
	out.Demands, out.Parts = append(out.Demands, d), append(out.Parts, part)
}

// measured says how the metrics stand.
func (w *Watch) measured(out *stand.Said, metrics []Standing, s stand.Subject) {
	if len(metrics) == 0 {
		return
	}
	slices.SortFunc(metrics, func(a, b Standing) int { return strings.Compare(a.Metric.ID, b.Metric.ID) })
	part := stand.Part{Title: text.Bi{DE: "Messgrößen", EN: "Metrics"}, Path: "/systems/" + s.System.ID + "/risks"}
	var all []limit
	for _, m := range metrics {
		doc := m.Metric.Doc
		if over := !doc.Ended.IsZero() && !s.Now.Before(doc.Ended); over {
			continue
		}
		all = append(all, limit{ID: m.Metric.ID, Name: doc.Name, Unit: doc.Unit, Direction: doc.Direction, Limit: doc.Limit, Days: doc.Days})
		out.Objects = append(out.Objects, m.Metric.ID)
		line := metricLine(doc)
		part.Open = part.Open || m.Wrong()
		d := permit.Demand{Code: permit.DemandMeasurement, Met: !m.Wrong(), Object: m.Metric.ID, Until: m.Due}
		switch {
		case m.Missed:
			d.Since, d.Until = m.Due, time.Time{}
			d.Detail = text.Bi{DE: "„" + doc.Name + "“ wurde nicht rechtzeitig gemessen.", EN: "'" + doc.Name + "' was not measured in time."}
		case m.Beyond:
			d.Since, d.Until = m.Last.Doc.At, time.Time{}
			d.Detail = text.Bi{DE: "„" + doc.Name + "“ liegt außerhalb der Grenze.", EN: "'" + doc.Name + "' is beyond its limit."}
		}
		if m.Wrong() {
			line = text.Bi{DE: line.DE + " " + d.Detail.DE, EN: line.EN + " " + d.Detail.EN}
		}
		if s.Grave() {
			out.Demands = append(out.Demands, d)
		}
		part.Lines = append(part.Lines, line)
	}
	if len(all) > 0 {
		out.Seen, out.Parts = all, append(out.Parts, part)
	}
}

func metricLine(m Metric) text.Bi {
	de, en := "höchstens", "at most"
	if m.Direction == AtLeast {
		de, en = "mindestens", "at least"
	}
	v := strconv.FormatFloat(m.Limit, 'f', -1, 64)
	unit := m.Unit
	if unit != "" {
		unit = " " + unit
	}
	days := itoa(m.Days)
	return text.Bi{DE: m.Name + ": " + de + " " + strings.ReplaceAll(v, ".", ",") + unit + ", alle " + days + " Tage.", EN: m.Name + ": " + en + " " + v + unit + ", every " + days + " days."}
}
