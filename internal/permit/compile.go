package permit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gowebpki/jcs"

	"augenmass/internal/text"
)

// Compile turns facts into the permit for the instant at.
//
// A permit is valid if no lapse stands against it. Otherwise it is suspended if
// a permit was issued before (Facts.Issued) or each needed role has approved at
// some time, even if the approval is since withdrawn, stale or over; and there
// is none yet if the approvals were never complete.
//
// ValidUntil is the first instant at which the same facts no longer carry the
// permit, and Ends the lapse that comes true then; both are empty for a permit
// that is not valid. Conditions are listed in every state.
//
// Limits that are not a number count as out of range; slices may come in any
// order and hold doubles.
func Compile(f Facts, at time.Time) Permit {
	f, at = tidy(f), instant(at)
	p := Permit{
		System: f.System, Name: f.Name, Number: f.Number, State: Valid, CompiledAt: at,
		Role: f.Role, Class: f.Class, SLTarget: f.SLTarget, Oversight: f.Oversight,
		Owner: f.Owner, Decider: f.Decider, DeciderRole: f.DeciderRole, ApproverRoles: f.NeedsRoles,
		Models: f.Models, Conditions: conditions(f), Lapses: lapsesAt(f, at), FactsHash: hash(f),
	}
	if len(p.Lapses) > 0 {
		p.State = None
		if f.Issued || everComplete(f, at) {
			p.State = Suspended
		}
		return p
	}
	for _, end := range ends(f, at) {
		if l := lapsesAt(f, end); len(l) > 0 {
			p.ValidUntil, p.Ends = end, &l[0]
			break
		}
	}
	return p
}

// ends lists the instants after at where some fact ends, in order.
func ends(f Facts, at time.Time) []time.Time {
	out := []time.Time{f.ClassUntil, f.ReviewBy, f.Agreement.ValidUntil}
	for _, a := range f.Approvals {
		out = append(out, a.ValidUntil)
	}
	for _, a := range f.Assessments {
		out = append(out, a.ValidUntil)
	}
	for _, d := range f.Demands {
		out = append(out, d.Until)
	}
	out = slices.DeleteFunc(out, func(t time.Time) bool { return !t.After(at) })
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// At returns the permit as it stands at now: a valid permit whose end has come
// is suspended, and its lapse names the fact that ended. Nothing else changes
// between two compilations. A clock that goes back does not revive or end it.
func (p Permit) At(now time.Time) Permit {
	if p.State != Valid || !over(p.ValidUntil, now) {
		return p
	}
	l := Lapse{Code: LapsePermitEnd, Weight: weightPermitEnd, Since: p.ValidUntil,
		Say:     fill("Die Betriebserlaubnis galt bis %s.", "The operating permit held until %s.", day(p.ValidUntil)),
		Clauses: slices.Clone(basisReviewDay.always), LiftBy: slices.Clone(liftOfficer)}
	if e := p.Ends; e != nil {
		l.Say = text.Bi{DE: l.Say.DE + " " + e.Say.DE, EN: l.Say.EN + " " + e.Say.EN}
		l.Clauses, l.LiftBy, l.Object = e.Clauses, e.LiftBy, e.Object
	}
	p.State, p.ValidUntil, p.Ends, p.Lapses = Suspended, time.Time{}, nil, []Lapse{l}
	return p
}

// Canonical returns the permit as canonical JSON (RFC 8785): the bytes to sign
// and to hash. It returns nil for a permit that JSON cannot hold (a limit that
// is not a number); Compile never makes one, and nobody may sign nil.
func (p Permit) Canonical() []byte {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil
	}
	out, err := jcs.Transform(raw)
	if err != nil {
		return nil
	}
	return out
}

// hash is the fingerprint of tidied facts. Whether a permit was issued before
// is history, not a fact somebody decided, and stays out of it.
func hash(f Facts) string {
	f.Issued = false
	raw, err := json.Marshal(f)
	if err == nil {
		raw, err = jcs.Transform(raw)
	}
	if err != nil { // tidy leaves nothing that JSON cannot hold
		return ""
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// tidy brings facts into one form: UTC without a monotonic part, sorted slices
// without doubles, known values for the enumerations. Unknown values fall to
// the strict side: a person looks before release, results are held, nothing
// but a check value is kept.
func tidy(f Facts) Facts {
	utc := func(t *time.Time) { *t = instant(*t) }
	utc(&f.StoppedAt)
	utc(&f.ClassUntil)
	utc(&f.ReviewBy)
	utc(&f.Agreement.ValidUntil)
	f.Excluded = sorted(f.Excluded)
	f.ClassClauses, f.Zones, f.DataClasses = names(f.ClassClauses), names(f.Zones), names(f.DataClasses)
	f.PlantStates, f.NeedsRoles, f.Agreement.Purposes = names(f.PlantStates), names(f.NeedsRoles), names(f.Agreement.Purposes)
	f.Models = sorted(f.Models)
	f.Approvals = slices.Clone(f.Approvals)
	for i := range f.Approvals {
		utc(&f.Approvals[i].GivenAt)
		utc(&f.Approvals[i].ValidUntil)
		utc(&f.Approvals[i].WithdrawnAt)
	}
	f.Approvals = sorted(f.Approvals)
	f.Assessments = slices.Clone(f.Assessments)
	for i := range f.Assessments {
		utc(&f.Assessments[i].ValidUntil)
		f.Assessments[i].Clauses = names(f.Assessments[i].Clauses)
	}
	f.Assessments = sorted(f.Assessments)
	f.Findings = slices.Clone(f.Findings)
	for i := range f.Findings {
		f.Findings[i].Clauses = names(f.Findings[i].Clauses)
	}
	f.Findings = sorted(f.Findings)
	f.Demands = slices.Clone(f.Demands)
	for i := range f.Demands {
		utc(&f.Demands[i].Since)
		utc(&f.Demands[i].Until)
		f.Demands[i].Clauses = names(f.Demands[i].Clauses)
	}
	f.Demands = sorted(f.Demands)
	f.Further = slices.Clone(f.Further)
	for i := range f.Further {
		f.Further[i] = tidied(f.Further[i])
	}
	f.Further = sorted(f.Further)
	f.Limits.Confidence, f.Limits.Drift, f.Limits.Bias = finite(f.Limits.Confidence), finite(f.Limits.Drift), finite(f.Limits.Bias)
	switch f.Oversight {
	case InTheLoop, OnTheLoop, Without:
	default:
		f.Oversight = InTheLoop
	}
	if f.OnHold != Fallback {
		f.OnHold = Hold
	}
	switch f.Retain {
	case "nothing", "all", "sample":
	default:
		f.Retain = "commitment"
	}
	if f.Retain == "nothing" || f.Retain == "commitment" {
		f.RetainDays = min(f.RetainDays, 0)
	} else if f.RetainDays == 0 {
		f.Retain = "commitment"
	}
	return f
}

// tidied brings a condition of another room into one form. What it leaves out
// is filled in: a rule that nobody founded is the house's own and says so by
// its clause, a sentence in one language stands for both, and a rule without
// words at least names its kind.
func tidied(c Condition) Condition {
	c.Clauses, c.Allowed, c.Limit, c.Say = names(c.Clauses), names(c.Allowed), finite(c.Limit), sides(c.Say)
	if len(c.Allowed) == 0 {
		c.Allowed = nil
	}
	if len(c.Clauses) == 0 {
		c.Clauses = slices.Clone(basisConvention.always)
	}
	if c.Say.IsZero() {
		c.Say = text.Same("(" + c.Kind + ")")
	}
	return c
}

// instant is a time in UTC, without a monotonic part, within the years that
// JSON can hold (RFC 3339): what lies outside becomes the nearest that fits.
func instant(t time.Time) time.Time {
	first, last := time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	switch t = t.UTC().Round(0); {
	case t.IsZero():
		return time.Time{}
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

// finite turns what is not a number into a value that is out of every range.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return -1
	}
	return v
}

func names(in []string) []string {
	out := []string{}
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sorted orders any records by their JSON form, without doubles: an order that
// depends on the content alone.
func sorted[T any](in []T) []T {
	type pair struct {
		v T
		k string
	}
	ps := make([]pair, 0, len(in))
	for _, v := range in {
		k, err := json.Marshal(v)
		if err != nil { // tidied records always have a JSON form
			k = nil
		}
		ps = append(ps, pair{v, string(k)})
	}
	slices.SortStableFunc(ps, func(a, b pair) int { return strings.Compare(a.k, b.k) })
	out := make([]T, 0, len(ps))
	for i, p := range ps {
		if i > 0 && p.k == ps[i-1].k && p.k != "" {
			continue
		}
		out = append(out, p.v)
	}
	return out
}
