package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/wire"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// sampleOne keeps one payload in so many when the permit says "sample".
const sampleOne = 100

// deny journals the refusal and then answers it.
func (x *exchange) deny(status int, p *problem.Problem) {
	x.e.Outcome, x.e.Case = entry.Denied, nil
	x.e.Reasons = []entry.Reason{}
	for _, r := range p.Reasons {
		x.e.Reasons = append(x.e.Reasons, entry.Reason{Code: r.Code, Clauses: clauses(r.Clauses)})
	}
	if len(x.e.Reasons) == 0 {
		x.e.Reasons = append(x.e.Reasons, entry.Reason{Code: entry.DecideFailed, Clauses: []string{}})
	}
	if p.Err != nil {
		x.g.o.Log.InfoContext(x.ctx, "gateway: denied", "decision", x.e.Decision, "reason", x.e.Reasons[0].Code, "err", p.Err)
	}
	x.commit()
	s, err := x.record(x.g.o.Now().UTC())
	if err != nil {
		x.refused(err, s)
		return
	}
	x.g.problem(x.w, x.r, status, p, s)
}

// refused answers when the journal did not take the entry: 503, nothing else.
func (x *exchange) refused(err error, s stamp) {
	x.g.o.Log.ErrorContext(x.ctx, "gateway: journal", "decision", x.e.Decision, "err", err)
	x.g.problem(x.w, x.r, http.StatusServiceUnavailable, problem.New(problem.Unavailable,
		"Das Journal nimmt gerade nichts an; deshalb wurde nichts freigegeben.",
		"The journal takes nothing at the moment, so nothing was released.").
		WithHint("Bitte später noch einmal versuchen.", "Please try again later.").Wrap(err), s)
}

// conclude releases or escalates, keeps what the permit says, journals, answers.
func (x *exchange) conclude(reasons []entry.Reason) {
	now := x.g.o.Now().UTC()
	x.e.Outcome, x.e.Reasons = entry.Released, []entry.Reason{}
	if len(reasons) > 0 {
		x.e.Outcome, x.e.Reasons = entry.Escalated, reasons
	}
	if err := x.keep(now); err != nil {
		x.e.Input, x.e.Output, x.e.Case = entry.Sealed{}, entry.Sealed{}, nil
		x.deny(http.StatusServiceUnavailable, refusal(problem.Unavailable, entry.VaultFailed).Wrap(err))
		return
	}
	s, err := x.record(now)
	if err != nil {
		x.refused(err, s)
		return
	}
	switch {
	case x.e.Outcome == entry.Released:
		// An entry may take seconds while the database is away or this process
		// stands still. Who has heard of nothing meanwhile does not hand the result
		// out, although the journal says that it would have.
		if p := x.permitStands(); p != nil {
			x.g.problem(x.w, x.r, http.StatusForbidden, p, s)
			return
		}
		x.g.answer(x.w, http.StatusOK, x.released(s), s)
	case x.e.Case.OnHold == string(permit.Fallback):
		x.g.answer(x.w, http.StatusOK, x.fallback(s), s)
	default:
		x.g.answer(x.w, http.StatusAccepted, held{
			Decision: s.decision, Index: s.index, Outcome: string(entry.Escalated), Case: x.e.Case.ID, Due: x.e.Case.Due,
			Say: text.Bi{DE: "Ein Mensch entscheidet über dieses Ergebnis.", EN: "A person decides on this result."},
		}, s)
	}
}

// keep puts into the vault what the permit says, and for an escalated inference
// what the person needs to see; of everything else a commitment remains.
func (x *exchange) keep(now time.Time) error {
	x.commit()
	if c, _ := x.permit.Condition(permit.CondRetention); contains(c.Allowed, "all") || contains(c.Allowed, "sample") && x.g.sampled(x.e.Decision) {
		subject := PayloadSubject(x.e.System, now)
		var err error
		if x.e.Input, err = x.put(subject, x.body); err != nil {
			return err
		}
		if len(x.reply.raw) > 0 {
			if x.e.Output, err = x.put(subject, x.reply.raw); err != nil {
				return err
			}
		}
	}
	if x.e.Outcome != entry.Escalated {
		return nil
	}
	id := store.NewID("case", now, x.g.o.Rand)
	content, suggested := x.content()
	raw, err := json.Marshal(content)
	if err != nil {
		return err
	}
	ref, err := x.put(oversee.ContentSubject(id), raw)
	if err != nil {
		return err
	}
	due := x.g.o.Due
	if c, ok := x.permit.Condition(permit.CondReview); ok && c.Amount > 0 {
		due = time.Duration(c.Amount) * time.Minute
	}
	// To the microsecond, as the queue's table keeps it.
	x.e.Case = &entry.Case{ID: id, Due: now.Add(due).Truncate(time.Microsecond), OnHold: x.onHold(), Deciders: x.deciders(), Content: ref, Suggested: suggested}
	return nil
}

func (x *exchange) put(subject string, data []byte) (entry.Sealed, error) {
	ref, err := x.g.o.Sealer.Put(x.ctx, subject, data)
	return entry.Sealed{Commitment: ref.Commitment, Ref: ref.ID}, err
}

// PayloadSubject is the vault's subject for the payloads of one system and day
// (UTC), so that they are erased together when their days are over.
func PayloadSubject(system string, at time.Time) string {
	return "payload:" + system + ":" + at.UTC().Format(time.DateOnly)
}

func (x *exchange) onHold() string {
	if c, _ := x.permit.Condition(permit.CondFallback); contains(c.Allowed, string(permit.Fallback)) {
		return string(permit.Fallback)
	}
	return string(permit.Hold)
}

// commit binds the entry to the payloads without showing them, unless the
// permit says that nothing is kept at all.
func (x *exchange) commit() {
	if c, _ := x.permit.Condition(permit.CondRetention); contains(c.Allowed, "nothing") {
		return
	}
	if len(x.body) > 0 && x.e.Input.IsZero() {
		x.e.Input.Commitment = ledger.Commitment(x.g.Salt(x.e.Decision, "input"), x.body)
	}
	if len(x.reply.raw) > 0 && x.e.Output.IsZero() {
		x.e.Output.Commitment = ledger.Commitment(x.g.Salt(x.e.Decision, "output"), x.reply.raw)
	}
}

// Salt returns the salt of a commitment to a payload that the vault does not
// keep; part is "input" or "output". Whoever holds the payload and is given the
// salt can show that the entry stands for it. Commitments to sealed payloads
// have a salt of their own in the vault.
func (g *Gateway) Salt(decision, part string) []byte {
	m := hmac.New(sha256.New, g.o.SaltKey)
	m.Write([]byte("augenmass payload salt v1\x00" + decision + "\x00" + part))
	return m.Sum(nil)
}

// sampled chooses by a keyed hash, so that neither caller nor operator can tell
// beforehand which payload is kept, and a second run keeps the same.
func (g *Gateway) sampled(decision string) bool {
	return binary.BigEndian.Uint64(g.Salt(decision, "sample"))%sampleOne == 0
}

// content is what the person who decides will see, and whether there is a
// result that they can confirm.
func (x *exchange) content() (oversee.Content, bool) {
	c := oversee.Content{V: oversee.ContentVersion, Input: x.body, Output: x.reply.raw,
		Features: readable(x.route.Features), Rows: make([][]oversee.Value, x.req.rows), Hints: map[string]string{}}
	for row := range c.Rows {
		for _, f := range x.route.Features {
			v, _ := x.req.at(f.input(), row, f.Column)
			c.Rows[row] = append(c.Rows[row], plain(v))
		}
	}
	if x.reply.code != "" {
		return c, false
	}
	for _, t := range x.reply.outputs {
		if t.name == x.route.Explanation {
			c.Explained, c.Explanation = x.explained(t)
			continue
		}
		out := oversee.Tensor{Name: t.name, Datatype: t.datatype, Shape: t.shape}
		for _, v := range t.data {
			out.Data = append(out.Data, plain(v))
		}
		c.Suggestion = append(c.Suggestion, out)
	}
	for _, f := range x.reply.params.Fields {
		c.Hints[f.Name] = string(plain(f.Value))
	}
	answer, err := json.Marshal(x.modelAnswer())
	if err != nil {
		return c, false // what cannot be written cannot be confirmed either
	}
	c.Answer = answer
	return c, true
}

func (x *exchange) explained(t tensor) ([]oversee.Feature, [][]float64) {
	names := x.route.Explained
	if len(names) == 0 {
		names = x.route.Features
	}
	if t.rows() != x.req.rows || t.columns() != len(names) {
		return nil, nil
	}
	rows := make([][]float64, t.rows())
	for i, v := range t.data {
		n := number(v)
		if n != n { // NaN cannot be kept as JSON, and explains nothing
			return nil, nil
		}
		rows[i/len(names)] = append(rows[i/len(names)], n)
	}
	return readable(names), rows
}

func readable(features []Feature) []oversee.Feature {
	out := make([]oversee.Feature, len(features))
	for i, f := range features {
		label := f.Label
		if label.IsZero() {
			label = text.Same(f.Name)
		}
		out[i] = oversee.Feature{Name: f.Name, Label: label, Unit: f.Unit}
	}
	return out
}

// plain writes a scalar as it came.
func plain(v wire.Value) oversee.Value {
	switch v.Kind {
	case wire.Bool:
		if v.Yes {
			return "true"
		}
		return "false"
	case wire.Number, wire.Text:
		return oversee.Value(v.Text)
	}
	return ""
}
