package oversee

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Bounds of what a person writes.
const (
	leastReason = 10
	mostReason  = 4000
	mostValue   = 64 << 10
)

// Decide records what a person decided about a case. BadInput names what is
// missing; Denied says why this person may not; Conflict carries the case as it
// stands if somebody decided before. After the deadline the decision is
// recorded as late and the returned case stays expired.
func (q *Queue) Decide(ctx context.Context, p Principal, d Ruling) (Case, error) {
	if err := d.check(); err != nil {
		return Case{}, err
	}
	unlock, err := q.lock(ctx, d.Case)
	if err != nil {
		return Case{}, err
	}
	defer unlock()
	if q.o.Current != nil {
		if err := q.o.Current(ctx); err != nil {
			return Case{}, err
		}
	}
	r, err := q.row(ctx, d.Case)
	if err != nil {
		return Case{}, err
	}
	if r.State.Waiting() && q.o.Now().After(r.Due) {
		if err := q.expire(ctx, r); err != nil {
			return Case{}, err
		}
		if r, err = q.row(ctx, d.Case); err != nil {
			return Case{}, err
		}
	}
	role, err := r.may(p, d.Verdict)
	if err != nil {
		return Case{}, err
	}
	data := entry.CaseDecision{
		V: entry.Version, Case: r.ID, Decision: r.Decision, System: r.System, Verdict: d.Verdict, By: p.ID, Role: role,
		Revealed: d.Revealed, Late: r.State == Expired, Second: r.State == SecondNeeded,
	}
	if strings.TrimSpace(d.Reason) != "" {
		if data.Reason, err = q.seal(ctx, ContentSubject(r.ID), []byte(d.Reason)); err != nil {
			return Case{}, err
		}
	}
	if d.Verdict == entry.Change {
		if data.Value, err = q.seal(ctx, ContentSubject(r.ID), d.Value); err != nil {
			return Case{}, err
		}
	}
	if err := q.append(ctx, entry.TypeDecided, r.ID, &data); err != nil {
		return Case{}, err
	}
	return q.Case(ctx, r.ID)
}

func (d Ruling) check() error {
	var c problem.Checks
	c.Field(d.Case != "", "case", "Der Prüffall fehlt.", "The review case is missing.")
	switch d.Verdict {
	case entry.Confirm, entry.Second:
	case entry.Change, entry.Reject:
		n := utf8.RuneCountInString(strings.TrimSpace(d.Reason))
		c.Field(n >= leastReason && strings.Contains(strings.TrimSpace(d.Reason), " "), "reason",
			"Bitte in mindestens einem Satz begründen.", "Please give the reason in at least one sentence.")
	default:
		c.Field(false, "verdict", "Erlaubt sind bestätigen, ändern, ablehnen und zweite Person.", "Allowed are confirm, change, reject and second person.")
	}
	c.Field(utf8.RuneCountInString(d.Reason) <= mostReason, "reason", "Höchstens 4.000 Zeichen.", "At most 4,000 characters.")
	if d.Verdict == entry.Change {
		v := strings.TrimSpace(string(d.Value))
		c.Field(v != "" && v != "null" && v != `""`, "value", "Bitte den eigenen Wert angeben.", "Please give your own value.")
		c.Field(v == "" || json.Valid(d.Value), "value", "Der Wert ist kein gültiges JSON.", "The value is not valid JSON.")
		c.Field(len(d.Value) <= mostValue, "value", "Der Wert ist zu groß.", "The value is too large.")
	} else {
		c.Field(len(d.Value) == 0, "value", "Ein eigener Wert gehört nur zu einer Änderung.", "A value of your own belongs to a change only.")
	}
	return c.Err()
}

// may says in which role a person may decide this way, or why not.
func (r row) may(p Principal, v entry.Verdict) (role string, err error) {
	role, ok := r.role(p)
	if !ok || p.ID == "" {
		return "", notDecider(r)
	}
	switch {
	case r.State == Expired && r.Late > 0, r.State == Released, r.State == Changed, r.State == Rejected:
		pr := problem.New(problem.Conflict, "Über diesen Prüffall ist schon entschieden.", "This review case is decided already.").
			WithHint("Bitte die Liste neu laden; Ihre Eingabe wurde nicht übernommen.", "Please reload the list; your entry was not taken.")
		pr.Have = r.shown()
		return "", pr
	case r.State == SecondNeeded && r.First == p.ID:
		return "", problem.New(problem.Denied, "Hier entscheidet eine zweite Person.", "A second person decides here.").
			WithReason("oversight.same_person", "Sie haben den Fall weitergegeben; entscheiden muss jemand anderes.",
				"You handed the case on; somebody else has to decide.", "aia.art14.1", "aia.art26.2")
	case r.State == SecondNeeded && v == entry.Second:
		return "", problem.New(problem.Conflict, "Der Fall liegt schon bei der zweiten Person.", "The case is with the second person already.").
			WithHint("Bitte bestätigen, ändern oder ablehnen.", "Please confirm, change or reject.")
	case v == entry.Confirm && !r.Suggested:
		return "", problem.New(problem.BadInput, "Es gibt kein Ergebnis, das bestätigt werden könnte.", "There is no result that could be confirmed.").
			WithHint("Bitte einen eigenen Wert angeben oder ablehnen.", "Please give your own value or reject.").
			WithField("verdict", "Bestätigen ist hier nicht möglich.", "Confirming is not possible here.")
	case r.State == Expired && v == entry.Second:
		return "", problem.New(problem.Conflict, "Die Frist ist abgelaufen; weitergeben ist nicht mehr möglich.", "The deadline has passed; the case cannot be handed on.")
	}
	return role, nil
}

func notDecider(r row) *problem.Problem {
	return problem.New(problem.Denied, "Über diesen Prüffall entscheiden andere.", "Others decide on this review case.").
		WithReason("oversight.not_decider",
			"Die Betriebserlaubnis nennt dafür andere Rollen: "+strings.Join(r.roles(), ", ")+".",
			"The operating permit names other roles for it: "+strings.Join(r.roles(), ", ")+".", "aia.art26.2")
}

func (q *Queue) seal(ctx context.Context, subject string, data []byte) (entry.Sealed, error) {
	ref, err := q.o.Vault.Put(ctx, subject, data)
	return sealed(ref), err
}

func sealed(r vault.Ref) entry.Sealed { return entry.Sealed{Commitment: r.Commitment, Ref: r.ID} }

// ExpireDue ends every case whose deadline has passed and returns how many it
// ended. Whoever serves calls it every few seconds; a call that comes late
// changes nothing but the time of the entry, because nothing is released after
// the deadline anyway.
func (q *Queue) ExpireDue(ctx context.Context) (int, error) {
	if err := q.catchUp(ctx); err != nil {
		return 0, err
	}
	n := 0
	for {
		page, err := q.cases.List(ctx, q.o.DB, store.Query{Sort: "until", Limit: 100, Uncounted: true,
			Filters: []store.Filter{waits, store.Where("until", "<", q.o.Now().UTC())}})
		if err != nil || len(page.Items) == 0 {
			return n, err
		}
		for _, r := range page.Items {
			ended, err := q.expireOne(ctx, r.ID)
			if err != nil {
				return n, err
			}
			n += ended
		}
		if err := q.catchUp(ctx); err != nil {
			return n, err
		}
	}
}

func (q *Queue) expireOne(ctx context.Context, id string) (int, error) {
	unlock, err := q.lock(ctx, id)
	if err != nil {
		return 0, err
	}
	defer unlock()
	r, err := q.row(ctx, id)
	if err != nil || !r.State.Waiting() || !q.o.Now().After(r.Due) {
		return 0, err
	}
	return 1, q.expire(ctx, r)
}

func (q *Queue) expire(ctx context.Context, r row) error {
	return q.append(ctx, entry.TypeExpired, r.ID, &entry.CaseExpired{
		V: entry.Version, Case: r.ID, Decision: r.Decision, System: r.System, Due: r.Due.UTC()})
}
