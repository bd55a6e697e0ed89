package show

import (
	"fmt"
	"strings"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/trail"
	"augenmass/internal/record/ledger"
	"augenmass/internal/serve/web/ui"
)

// StreamRow is one decision as a row of the stream; system is the name of its
// AI system, which the row does not hold.
func StreamRow(c ui.Ctx, d trail.Decision, system string) ui.StreamRow {
	index := uint64(d.Index)
	r := ui.StreamRow{ID: fmt.Sprintf("entry-%d", d.Index), At: d.At, System: brief(system), Mark: OutcomeMark(c, d.Outcome),
		Text: Why(c, d), Index: Index(c, index), Proof: EntryHref(c, index)}
	if d.System != "" {
		r.Href = c.URL("systems", d.System)
	}
	if system == "" {
		r.System = c.T("show.unknown")
	}
	return r
}

// brief is the part of a system's name before a colon: rows are narrow, and
// "Fräslinie: Ausfallvorhersage" is the milling line to everybody.
func brief(name string) string {
	short, _, _ := strings.Cut(name, ": ")
	return short
}

// StreamEntry is a journal entry as a row of the stream, and false for an entry
// that is no inference.
func StreamEntry(c ui.Ctx, index uint64, e ledger.Event, names People) (ui.StreamRow, bool) {
	if e.Type != entry.TypeInference {
		return ui.StreamRow{}, false
	}
	i, err := entry.ParseInference(e.Data)
	if err != nil {
		return ui.StreamRow{}, false // the journal explorer shows it; a strip of decisions has nothing to say
	}
	return StreamRow(c, trail.Row(index, e, i), names[i.System]), true
}

// Why says in a few words why a decision came out as it did: the figure with
// its limit where there is one, else the words for its first reason.
func Why(c ui.Ctx, d trail.Decision) string {
	switch {
	case d.Code == "" && d.Confidence != nil:
		return c.T("show.confidence", "value", c.Decimal(*d.Confidence, 2))
	case d.Code == "":
		return ""
	case d.Code == entry.ConfidenceLow && d.Confidence != nil:
		return c.T("show.confidence.low", "value", c.Decimal(*d.Confidence, 2), "limit", c.Decimal(d.Least, 2))
	case d.Code == entry.DriftHigh && d.Drift != nil:
		return c.T("show.drift.high", "value", c.Decimal(*d.Drift, 2), "limit", c.Decimal(d.Most, 2))
	}
	return Reason(c, d.Code)
}

// Reason is the words for a reason's code, of the gateway, the decision point
// or the permit.
func Reason(c ui.Ctx, code string) string {
	if key := "show.why." + code; c.Has(key) {
		return c.T(key)
	}
	if say, ok := entry.Say(code); ok {
		return c.In(say)
	}
	return code
}
