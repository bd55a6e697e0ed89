package gateway

import (
	"context"
	"math"
	"net/http"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/wire"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// exchange is one inference on its way through the gateway.
type exchange struct {
	g      *Gateway
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context // outlives the client: what began is journaled
	caller Caller
	route  Route
	body   []byte
	req    request
	permit permit.Permit
	model  permit.Model
	reply  reply
	e      entry.Inference
}

// infer answers POST /v2/models/{name}/infer.
func (g *Gateway) infer(w http.ResponseWriter, r *http.Request) {
	caller, err := g.o.Authenticate(r)
	if err != nil {
		g.fail(w, r, err, stamp{})
		return
	}
	x := &exchange{g: g, w: w, r: r, ctx: context.WithoutCancel(r.Context()), caller: caller}
	now := g.o.Now().UTC()
	x.e = entry.Inference{
		V: entry.Version, Decision: store.NewID("dec", now, g.o.Rand), Reasons: []entry.Reason{}, DecidedAt: now,
		Caller: entry.Caller{ID: caller.ID, Kind: caller.Kind, Zone: caller.Zone, Device: caller.Device},
	}
	var ok bool
	if x.route, ok = g.route(r.PathValue("name")); !ok {
		// The name is the caller's own text and does not go into the journal.
		x.deny(http.StatusNotFound, refusal(problem.NotFound, entry.ModelUnknown))
		return
	}
	x.e.System, x.e.Model.Name = x.route.System, x.route.Model
	if status, p := x.read(); p != nil {
		x.deny(status, p)
		return
	}
	if status, p := x.decide(); p != nil {
		x.deny(status, p)
		return
	}
	measured := x.run()
	release := x.g.o.Steady()
	defer release()
	if p := x.permitNow(); p != nil {
		x.deny(http.StatusForbidden, p)
		return
	}
	x.conclude(judge(x.permit, measured))
}

// refusal is a problem with one reason of this package.
func refusal(kind problem.Kind, code string, clauses ...string) *problem.Problem {
	say, _ := entry.Say(code)
	return problem.New(kind, say.DE, say.EN).WithReason(code, say.DE, say.EN, clauses...)
}

// read takes the body and holds it against the route.
func (x *exchange) read() (int, *problem.Problem) {
	body, status, p := wire.Body(x.w, x.r, x.g.o.MaxBody)
	if p != nil {
		code := map[int]string{http.StatusUnsupportedMediaType: entry.InputMediaType, http.StatusRequestEntityTooLarge: entry.InputTooLarge}[status]
		if code == "" {
			code = entry.InputInvalid
		}
		return status, p.WithReason(code, p.Say.DE, p.Say.EN)
	}
	var err error
	x.body = body
	if x.req, err = readRequest(body, x.route); err != nil {
		p := refusal(problem.BadInput, entry.InputInvalid).Wrap(err)
		p.Fields, p.Hint = problem.From(err).Fields, problem.From(err).Hint
		return http.StatusBadRequest, p
	}
	x.e.Rows = x.req.rows
	return 0, nil
}

// decide asks the decision point and takes the permit that it decided by.
func (x *exchange) decide() (int, *problem.Problem) {
	d, err := x.g.o.Decider.Evaluate(x.ctx, decide.Request{
		Subject:  decide.Entity{Type: x.caller.Kind, ID: x.caller.ID},
		Action:   decide.Action{Name: "infer"},
		Resource: decide.Entity{Type: "system", ID: x.route.System},
		Context:  map[string]any{"model": x.route.Model, "zone": x.caller.Zone, "device": x.caller.Device},
	})
	if err != nil {
		return http.StatusServiceUnavailable, refusal(problem.Unavailable, entry.DecideFailed).Wrap(err)
	}
	if d.ID != "" {
		x.e.Decision = d.ID
	}
	if !d.At.IsZero() {
		x.e.DecidedAt = d.At.UTC()
	}
	x.e.Policy = d.PolicyVersion
	x.e.Permit = entry.Permit{Number: d.Permit.Number, Version: d.Permit.Version}
	p, known := x.g.o.Decider.Permit(x.route.System)
	x.permit = p.At(x.g.o.Now())
	if known && p.Number == d.Permit.Number && p.Version == d.Permit.Version {
		x.e.Permit.FactsHash = p.FactsHash
	}
	if !d.Allow {
		pr := problem.New(problem.Denied, "Das ist hier nicht erlaubt.", "This is not allowed here.")
		for _, r := range d.Reasons {
			pr = pr.WithReason(r.Code, r.Say.DE, r.Say.EN, r.Clauses...)
		}
		return http.StatusForbidden, pr
	}
	x.setLimits()
	if pr := x.permitNow(); pr != nil {
		return http.StatusForbidden, pr
	}
	oversight, _ := x.permit.Condition(permit.CondOversight)
	if x.model, known = x.permit.Model(x.route.Model); !known {
		return http.StatusForbidden, refusal(problem.Denied, entry.ModelForbidden, oversight.Clauses...)
	}
	x.e.Model = entry.Model{Name: x.model.Name, Version: x.model.Version, Hash: x.model.Hash}
	if len(x.deciders()) == 0 {
		return http.StatusForbidden, refusal(problem.Denied, entry.NoDecider, oversight.Clauses...)
	}
	return 0, nil
}

// deciders are the roles that may decide a case of this inference.
func (x *exchange) deciders() []string {
	var out []string
	for _, role := range append([]string{x.permit.DeciderRole}, x.route.StandIns...) {
		if role != "" && !contains(out, role) {
			out = append(out, role)
		}
	}
	return out
}

func (x *exchange) setLimits() {
	limit := func(kind string) float64 { c, _ := x.permit.Condition(kind); return c.Limit }
	c, _ := x.permit.Condition(permit.CondTimeout)
	x.e.Limits = entry.Limits{Confidence: limit(permit.CondConfidence), Drift: limit(permit.CondDrift),
		Bias: limit(permit.CondBias), TimeoutMS: c.Amount}
}

// permitNow reads the snapshot again. It is asked after the decision and once
// more before anything is released: a permit that fell or changed meanwhile, or
// a stop button pressed meanwhile, denies, whatever the model said.
func (x *exchange) permitNow() *problem.Problem {
	if x.g.o.Cases.Stopped(x.route.System) {
		return refusal(problem.Denied, entry.SystemStopped, "aia.art14.4.e")
	}
	return x.permitStands()
}

// permitStands denies when the permit is not the one that was decided by, or
// when it cannot be proven any more.
func (x *exchange) permitStands() *problem.Problem {
	p, ok := x.g.o.Decider.Permit(x.route.System)
	p = p.At(x.g.o.Now())
	if !ok || p.State != permit.Valid {
		return permitOff(p)
	}
	if p.Number != x.e.Permit.Number || p.Version != x.e.Permit.Version || p.FactsHash != x.e.Permit.FactsHash {
		return refusal(problem.Denied, entry.PermitChanged)
	}
	return nil
}

// run observes the inputs, asks the model and collects what the gate judges by.
func (x *exchange) run() measures {
	m := measures{plant: entry.PlantUnknown}
	values := make(map[string]float64, len(x.route.Features))
	for row := range x.req.rows {
		x.req.features(x.route, row, values)
		for _, v := range values {
			if math.IsNaN(v) {
				x.e.Defects++
			}
		}
		m.state = x.g.o.Monitor.Observe(x.route.System, values)
	}
	timeout := x.g.o.Timeout
	if x.e.Limits.TimeoutMS > 0 {
		timeout = time.Duration(x.e.Limits.TimeoutMS) * time.Millisecond
	}
	x.reply = x.g.ask(x.ctx, x.model, x.req, timeout)
	x.e.DurationUS = x.reply.took.Microseconds()
	m.model = x.reply.code
	if m.model != "" {
		x.g.o.Log.WarnContext(x.ctx, "gateway: model", "decision", x.e.Decision, "reason", m.model, "err", x.reply.err)
	} else {
		if m.confidence, m.confCode = x.reply.confidenceOf(x.route.Confidence, x.req.rows); m.confCode == "" {
			x.e.Confidence = &m.confidence
		}
		if s, ok := x.favours(); ok {
			m.state = s
		}
	}
	if _, counts := x.permit.Condition(permit.CondPlant); counts {
		zone := x.route.Zone
		if zone == "" {
			zone = x.caller.Zone
		}
		if state, _, known := x.g.o.Plant.State(zone); known && state != "" {
			m.plant = state
		}
		x.e.Plant = &entry.Plant{Zone: zone, State: m.plant}
	}
	x.measured(m.state)
	return m
}

// measured writes the monitor's word into the entry; what is not ready, or no
// share at all, stays null.
func (x *exchange) measured(s monitor.State) {
	if s.DriftReady && measured(s.Drift, s.DriftFloor) {
		x.e.Drift, x.e.DriftFloor, x.e.DriftFeature = &s.Drift, &s.DriftFloor, s.Feature
	}
	if s.BiasReady && measured(s.Bias, s.BiasMargin) {
		x.e.Bias, x.e.BiasMargin = &s.Bias, &s.BiasMargin
	}
}

// favours tells the monitor which results were favourable to which group.
func (x *exchange) favours() (s monitor.State, ok bool) {
	sel := x.route.Selection
	if sel == nil {
		return s, false
	}
	out, found := x.reply.output(sel.Output)
	if !found || len(out.data) != x.req.rows {
		return s, false
	}
	for row := range x.req.rows {
		group, have := x.req.at(sel.Group, row, 0)
		if v := number(out.data[row]); have && !math.IsNaN(v) {
			s, ok = x.g.o.Monitor.Result(x.route.System, group.Text, v >= sel.AtLeast), true
		}
	}
	return s, ok
}

// record makes the entry durable; nothing is answered before.
func (x *exchange) record(now time.Time) (stamp, error) {
	subject := x.e.System
	if subject == "" {
		subject = entry.UnknownSubject
	}
	s := stamp{decision: x.e.Decision}
	if err := x.e.Validate(); err != nil {
		return s, err
	}
	ev, err := ledger.NewEvent(x.e.Decision, x.g.o.Source, entry.TypeInference, subject, now, &x.e)
	if err != nil {
		return s, err
	}
	at, err := x.g.o.Recorder.AppendEvent(x.ctx, ev)
	if err != nil {
		return s, err
	}
	s.index, s.journaled = at.Index, true
	if x.e.Outcome == entry.Escalated {
		if err := x.g.o.Cases.Apply(x.ctx, at.Index, ev); err != nil {
			// The case is in the journal; the queue shows it as soon as it can.
			x.g.o.Log.ErrorContext(x.ctx, "gateway: the queue cannot show a case yet", "case", x.e.Case.ID, "err", err)
		}
	}
	return s, nil
}
