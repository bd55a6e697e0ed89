package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// live says that the program runs.
func (g *Gateway) live(w http.ResponseWriter, _ *http.Request) {
	g.answer(w, http.StatusOK, map[string]bool{"live": true}, stamp{})
}

// ready says that the gateway knows at least one model. Whether a model may be
// used is asked at the model.
func (g *Gateway) ready(w http.ResponseWriter, _ *http.Request) {
	ok := len(*g.routes.Load()) > 0
	status := http.StatusOK
	if !ok {
		status = http.StatusServiceUnavailable
	}
	g.answer(w, status, map[string]bool{"ready": ok}, stamp{})
}

// server names the server, as the protocol's GET /v2 does.
func (g *Gateway) server(w http.ResponseWriter, _ *http.Request) {
	g.answer(w, http.StatusOK, map[string]any{"name": "augenmass", "version": "2", "extensions": []string{"augenmass_cases"}}, stamp{})
}

// known signs the caller in and finds the route, or answers why not.
func (g *Gateway) known(w http.ResponseWriter, r *http.Request) (Route, permit.Permit, bool) {
	if _, err := g.o.Authenticate(r); err != nil {
		g.fail(w, r, err, stamp{})
		return Route{}, permit.Permit{}, false
	}
	route, ok := g.route(r.PathValue("name"))
	if !ok {
		g.fail(w, r, refusal(problem.NotFound, entry.ModelUnknown), stamp{})
		return Route{}, permit.Permit{}, false
	}
	p, _ := g.o.Decider.Permit(route.System)
	return route, p.At(g.o.Now()), true
}

// metadata answers GET /v2/models/{name}: what goes in and out, and the one
// version that the permit covers.
func (g *Gateway) metadata(w http.ResponseWriter, r *http.Request) {
	route, p, ok := g.known(w, r)
	if !ok {
		return
	}
	versions := []string{}
	if m, ok := p.Model(route.Model); ok && p.State == permit.Valid {
		versions = append(versions, m.Version)
	}
	outputs := route.Outputs
	if outputs == nil {
		outputs = []Tensor{}
	}
	g.answer(w, http.StatusOK, map[string]any{
		"name": route.Model, "versions": versions, "platform": "augenmass", "inputs": route.Inputs, "outputs": outputs,
		"parameters": map[string]any{"augenmass_system": route.System, "augenmass_permit": p.Number, "augenmass_permit_state": p.State},
	}, stamp{})
}

// modelReady answers GET /v2/models/{name}/ready: the permit is valid, nobody
// stopped the system, and its model server says that it is ready.
func (g *Gateway) modelReady(w http.ResponseWriter, r *http.Request) {
	route, p, ok := g.known(w, r)
	if !ok {
		return
	}
	m, covered := p.Model(route.Model)
	ok = covered && p.State == permit.Valid && !g.o.Cases.Stopped(route.System) && g.upstreamReady(r.Context(), m)
	status := http.StatusOK
	if !ok {
		status = http.StatusServiceUnavailable
	}
	g.answer(w, status, map[string]any{"name": route.Model, "ready": ok}, stamp{})
}

func (g *Gateway) upstreamReady(ctx context.Context, m permit.Model) bool {
	to, err := address(m, "ready")
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, g.o.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return false
	}
	res, err := g.o.Client.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// sayCase is what a caller reads about a case of theirs.
var sayCase = map[oversee.State]text.Bi{
	oversee.Open:         {DE: "Ein Mensch entscheidet noch über dieses Ergebnis.", EN: "A person is still deciding on this result."},
	oversee.SecondNeeded: {DE: "Eine zweite Person entscheidet noch über dieses Ergebnis.", EN: "A second person is still deciding on this result."},
	oversee.Released:     {DE: "Ein Mensch hat das Ergebnis bestätigt.", EN: "A person confirmed the result."},
	oversee.Changed:      {DE: "Ein Mensch hat einen anderen Wert festgelegt.", EN: "A person set another value."},
	oversee.Rejected:     {DE: "Ein Mensch hat das Ergebnis abgelehnt.", EN: "A person rejected the result."},
	oversee.Expired:      {DE: "Die Frist ist abgelaufen; es bleibt beim sicheren Zustand.", EN: "The deadline has passed; the safe state stays."},
}

// caseResult answers GET /v2/cases/{id} for the caller whose inference opened
// the case. Outputs and values go out only while the permit is valid and nobody
// stopped the system: a person's yes does not outlive the permit it rested on.
func (g *Gateway) caseResult(w http.ResponseWriter, r *http.Request) {
	caller, err := g.o.Authenticate(r)
	if err != nil {
		g.fail(w, r, err, stamp{})
		return
	}
	res, err := g.o.Cases.Result(r.Context(), caller.ID, r.PathValue("id"))
	if err != nil {
		g.fail(w, r, err, stamp{})
		return
	}
	c := res.Case
	s := stamp{decision: c.Decision, index: c.Index, journaled: true}
	h := held{Decision: c.Decision, Index: c.Index, Outcome: string(c.State), Case: c.ID, Due: c.Due, Say: sayCase[c.State]}
	p, ok := g.o.Decider.Permit(c.System)
	p = p.At(g.o.Now())
	switch c.State {
	case oversee.Released, oversee.Changed:
		if g.o.Cases.Stopped(c.System) {
			g.fail(w, r, refusal(problem.Denied, entry.SystemStopped, "aia.art14.4.e"), s)
			return
		}
		if !ok || p.State != permit.Valid {
			g.fail(w, r, permitOff(p), s)
			return
		}
		// A person's yes was to this model's result: when the permit covers
		// another one by now, it says nothing any more.
		if m, ok := p.Model(c.Model); !ok || m.Hash != c.ModelHash {
			g.fail(w, r, refusal(problem.Denied, entry.ModelForbidden, "iso42001.A.6.2.6"), s)
			return
		}
	case oversee.Expired:
		if f, ok := p.Condition(permit.CondFallback); ok && !f.Say.IsZero() {
			h.Say = f.Say
		}
	case oversee.Open, oversee.SecondNeeded:
		h.Outcome = "pending"
	}
	switch c.State {
	case oversee.Released:
		var a oip
		if err := json.Unmarshal(res.Answer, &a); err != nil {
			g.fail(w, r, problem.New(problem.Corrupt, "Der Inhalt des Prüffalls ist nicht lesbar.", "The case's content is not readable.").Wrap(err), s)
			return
		}
		a = a.stamped(s, string(entry.Released))
		a.Parameters[paramCase], a.Parameters[paramDue] = c.ID, c.Due.UTC().Format(time.RFC3339Nano)
		g.answer(w, http.StatusOK, a, s)
		return
	case oversee.Changed:
		h.Value = res.Value
	}
	g.answer(w, http.StatusOK, h, s)
}

// permitOff is the refusal of a permit that does not hold, with its lapses. The
// clauses of the heaviest one stand in front, so that every refusal names some.
func permitOff(p permit.Permit) *problem.Problem {
	var demanded []string
	if len(p.Lapses) > 0 {
		demanded = p.Lapses[0].Clauses
	}
	pr := refusal(problem.Denied, entry.PermitOff, demanded...)
	for _, l := range p.Lapses {
		pr = pr.WithReason(l.Code, l.Say.DE, l.Say.EN, l.Clauses...)
	}
	return pr
}
