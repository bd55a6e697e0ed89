package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The work of D1 and D2: a plant that grew zone by zone. n policies are four
// forbids for everything, then ten per zone and nine of them permits, in every
// form of scope that Cedar has (==, in, is, is in, one action, a set, a group).
// Zones grow with n, so a request always meets about ten policies of its zone.
// What everybody has to answer comes from answer, which asks every policy in
// turn in plain Go.
type decideWork struct {
	policies []workPolicy
	subjects []workEntity // 1,000 persons and agents
	assets   []workEntity // 1,000 machines
	requests []workRequest
	want     []workAnswer // to each request
}

// workRef names an entity.
type workRef struct{ typ, id string }

// workEntity is a party with its attributes and all its ancestors: roles of a
// subject; zone and site of an asset.
type workEntity struct {
	workRef
	level    int64 // of a subject, 1..4
	managed  bool  // of a subject
	critical bool  // of an asset
	in       []workRef
}

// workScope is a condition on one party. The operators are those of Cedar; for
// an action, "in" names actions or one group of workGroups.
type workScope struct {
	op  string    // "" (any), "==", "in", "is", "is in"
	typ string    // of "is" and "is in"
	ref []workRef // one; several only for an action's "in"
}

// workTest is one condition of a policy; all of them must hold.
type workTest struct {
	kind string // one of the constants below
	n, m int64
	s    string
}

// Kinds of tests and what they mean.
const (
	testLevel    = "level_at_least"       // subject.level >= n
	testManaged  = "managed"              // subject.managed
	testRiskMax  = "risk_at_most"         // context.risk <= n
	testRiskMin  = "risk_at_least"        // context.risk >= n
	testHours    = "hours"                // n <= context.hour < m
	testPlant    = "plant_is"             // context.plant state == s
	testPosture  = "posture_not_ok"       // context.posture != "ok"
	testUnknown  = "plant_unknown"        // not context.plant known
	testCritical = "critical_without_mfa" // resource.critical and not context.mfa
)

// workPolicy is one policy, in no engine's language.
type workPolicy struct {
	id                          string
	forbid                      bool
	principal, action, resource workScope
	when                        []workTest
}

// workRequest is one question. Parties are indexes into subjects and assets.
type workRequest struct {
	subject, asset int
	action         string
	hour, risk     int64 // 0..23, 0..100
	posture        string
	mfa            bool
	plant          string // state of the plant; "" when it is not known
	plantKnown     bool
}

// workAnswer is what a request has to get: forbid overrides permit, the default
// is no, and reasons are the ids of all policies that decided, sorted.
type workAnswer struct {
	allow   bool
	reasons []string
}

// workGroups are the actions by group.
var workGroups = map[string][]string{
	"look":     {"read", "list", "watch"},
	"operate":  {"start", "stop", "set", "ack"},
	"maintain": {"configure", "update", "calibrate"},
}

// workActions are all actions, in order.
var workActions = []string{"read", "list", "watch", "start", "stop", "set", "ack", "configure", "update", "calibrate"}

const workParties = 1000

// newDecideWork makes the work of n policies and a number of requests. The same
// numbers make the same work.
func newDecideWork(n, requests int, seed uint64) *decideWork {
	rnd := rand.New(rand.NewPCG(seed, uint64(n)))
	w := &decideWork{}
	zones := max(n/10, 1)
	for i := range workParties {
		typ := "person"
		if i%4 == 3 {
			typ = "agent"
		}
		w.subjects = append(w.subjects, workEntity{workRef: workRef{typ, fmt.Sprintf("s%d", i)}, level: 1 + int64(rnd.IntN(4)), managed: rnd.IntN(10) > 0,
			in: []workRef{{"role", fmt.Sprintf("r%d", i%10)}}})
		z := i % zones
		w.assets = append(w.assets, workEntity{workRef: workRef{"machine", fmt.Sprintf("m%d", i)}, critical: rnd.IntN(5) == 0,
			in: []workRef{{"zone", fmt.Sprintf("z%d", z)}, {"site", fmt.Sprintf("site%d", z%7)}}})
	}
	w.policies = []workPolicy{
		{id: "g.posture", forbid: true, when: []workTest{{kind: testPosture}}},
		{id: "g.risk", forbid: true, when: []workTest{{kind: testRiskMin, n: 90}}},
		{id: "g.plant", forbid: true, when: []workTest{{kind: testUnknown}}},
		{id: "g.mfa", forbid: true, when: []workTest{{kind: testCritical}}},
	}
	for i := range n - len(w.policies) {
		w.policies = append(w.policies, workZonePolicy(i, zones, rnd))
	}
	for range requests {
		w.requests = append(w.requests, w.draw(rnd))
	}
	for _, r := range w.requests {
		w.want = append(w.want, w.answer(r))
	}
	return w
}

// workZonePolicy is policy i of the zones.
func workZonePolicy(i, zones int, rnd *rand.Rand) workPolicy {
	z := i / 10 % zones
	zone := workRef{"zone", fmt.Sprintf("z%d", z)}
	action := workRef{"Action", workActions[rnd.IntN(len(workActions))]}
	p := workPolicy{id: fmt.Sprintf("p%05d", i),
		principal: workScope{op: "in", ref: []workRef{{"role", fmt.Sprintf("r%d", rnd.IntN(10))}}},
		action:    workScope{op: "==", ref: []workRef{action}},
		resource:  workScope{op: "in", ref: []workRef{zone}},
		when:      []workTest{{kind: testLevel, n: 1 + int64(rnd.IntN(3))}, {kind: testManaged}, {kind: testRiskMax, n: 60 + int64(rnd.IntN(30))}}}
	if rnd.IntN(2) == 0 {
		p.when = append(p.when, workTest{kind: testHours, n: 4, m: 22})
	}
	if rnd.IntN(2) == 0 {
		p.when = append(p.when, workTest{kind: testPlant, s: "running"})
	}
	switch i % 10 {
	case 1: // one person, several actions
		p.principal = workScope{op: "==", ref: []workRef{{"person", fmt.Sprintf("s%d", rnd.IntN(250)*4)}}}
		p.action = workScope{op: "in", ref: []workRef{{"Action", "start"}, {"Action", "stop"}, action}}
	case 2: // agents of a role, a group of actions
		p.principal.op, p.principal.typ = "is in", "agent"
		p.action = workScope{op: "in", ref: []workRef{{"Action", "operate"}}}
	case 3: // one machine; it lies in another zone now and then
		p.resource = workScope{op: "==", ref: []workRef{{"machine", fmt.Sprintf("m%d", (z+rnd.IntN(3)*zones)%workParties)}}}
	case 4: // persons, machines of the zone
		p.principal = workScope{op: "is", typ: "person"}
		p.resource.op, p.resource.typ = "is in", "machine"
		p.action = workScope{op: "in", ref: []workRef{{"Action", "look"}}}
	case 5: // a role, whatever it does in the zone
		p.action = workScope{}
		p.when = append(p.when, workTest{kind: testLevel, n: 3})
	case 9:
		p.forbid, p.principal, p.when = true, workScope{}, []workTest{{kind: testPlant, s: "estop"}}
	}
	return p
}

// draw makes a request: half of them aim at a policy, so that about a quarter
// is allowed.
func (w *decideWork) draw(rnd *rand.Rand) workRequest {
	r := workRequest{subject: rnd.IntN(workParties), asset: rnd.IntN(workParties), action: workActions[rnd.IntN(len(workActions))],
		hour: int64(rnd.IntN(24)), risk: int64(rnd.IntN(100)), posture: "ok", mfa: rnd.IntN(4) > 0, plant: "running", plantKnown: true}
	switch rnd.IntN(20) {
	case 0:
		r.posture = "degraded"
	case 1:
		r.plant, r.plantKnown = "", false
	case 2, 3:
		r.plant = "estop"
	case 4, 5:
		r.plant = "setup"
	}
	if rnd.IntN(4) == 0 {
		return r
	}
	p := w.policies[rnd.IntN(len(w.policies))]
	for range 4 * workParties {
		if w.policyScope(p, r) {
			break
		}
		if !p.principal.holds(w.subjects[r.subject]) {
			r.subject = rnd.IntN(workParties)
		}
		if !p.resource.holds(w.assets[r.asset]) {
			r.asset = rnd.IntN(workParties)
		}
		if !p.action.holds(actionEntity(r.action)) {
			r.action = workActions[rnd.IntN(len(workActions))]
		}
	}
	return r
}

// actionEntity is an action with its group.
func actionEntity(name string) workEntity {
	e := workEntity{workRef: workRef{"Action", name}}
	for g, members := range workGroups {
		if slices.Contains(members, name) {
			e.in = []workRef{{"Action", g}}
		}
	}
	return e
}

func (s workScope) holds(e workEntity) bool {
	in := func() bool {
		return slices.ContainsFunc(s.ref, func(r workRef) bool { return r == e.workRef || slices.Contains(e.in, r) })
	}
	switch s.op {
	case "==":
		return e.workRef == s.ref[0]
	case "in":
		return in()
	case "is":
		return e.typ == s.typ
	case "is in":
		return e.typ == s.typ && in()
	}
	return true
}

func (w *decideWork) policyScope(p workPolicy, r workRequest) bool {
	return p.principal.holds(w.subjects[r.subject]) && p.resource.holds(w.assets[r.asset]) && p.action.holds(actionEntity(r.action))
}

func (w *decideWork) holds(t workTest, r workRequest) bool {
	s, a := w.subjects[r.subject], w.assets[r.asset]
	switch t.kind {
	case testLevel:
		return s.level >= t.n
	case testManaged:
		return s.managed
	case testRiskMax:
		return r.risk <= t.n
	case testRiskMin:
		return r.risk >= t.n
	case testHours:
		return r.hour >= t.n && r.hour < t.m
	case testPlant:
		return r.plant == t.s
	case testPosture:
		return r.posture != "ok"
	case testUnknown:
		return !r.plantKnown
	case testCritical:
		return a.critical && !r.mfa
	}
	panic("no test " + t.kind)
}

// answer asks every policy in turn.
func (w *decideWork) answer(r workRequest) workAnswer {
	var permits, forbids []string
	for _, p := range w.policies {
		if !w.policyScope(p, r) || slices.ContainsFunc(p.when, func(t workTest) bool { return !w.holds(t, r) }) {
			continue
		}
		if p.forbid {
			forbids = append(forbids, p.id)
		} else {
			permits = append(permits, p.id)
		}
	}
	out := workAnswer{allow: len(permits) > 0 && len(forbids) == 0, reasons: forbids}
	if len(forbids) == 0 {
		out.reasons = permits
	}
	slices.Sort(out.reasons)
	return out
}

// workDay is the Monday on which every request is made, at its hour (UTC).
var workDay = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// workSchema is the Cedar schema of the work. The context is the one that the
// decision point builds itself.
const workSchema = `
entity role; entity site; entity zone;
entity person, agent in [role] { level: Long, managed: Bool };
entity machine in [zone, site] { critical: Bool };
action look, operate, maintain;
action read, list, watch in [look] appliesTo { principal: [person, agent], resource: [machine], context: Around };
action start, stop, set, ack in [operate] appliesTo { principal: [person, agent], resource: [machine], context: Around };
action configure, update, calibrate in [maintain] appliesTo { principal: [person, agent], resource: [machine], context: Around };
type Around = { hour: Long, posture: String, mfa: Bool, risk?: Long, plant: { state: String, known: Bool, age: Long } };
`

// cedar writes a policy in Cedar, with the annotations that admission demands.
func (p workPolicy) cedar() string {
	effect := "permit"
	if p.forbid {
		effect = "forbid"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@id(%q) @clause(\"zta.01\") @de(\"Satz zu %s.\") @en(\"Sentence of %s.\")\n%s (%s, %s, %s)", p.id, p.id, p.id, effect,
		p.principal.cedar("principal"), p.action.cedar("action"), p.resource.cedar("resource"))
	var tests []string
	for _, t := range p.when {
		tests = append(tests, t.cedar())
	}
	if len(tests) > 0 {
		fmt.Fprintf(&b, " when { %s }", strings.Join(tests, " && "))
	}
	return b.String() + ";\n"
}

func (s workScope) cedar(v string) string {
	var refs []string
	for _, r := range s.ref {
		refs = append(refs, fmt.Sprintf("%s::%q", r.typ, r.id))
	}
	target := strings.Join(refs, ", ")
	if len(refs) > 1 {
		target = "[" + target + "]"
	}
	switch s.op {
	case "":
		return v
	case "is":
		return v + " is " + s.typ
	case "is in":
		return v + " is " + s.typ + " in " + target
	}
	return v + " " + s.op + " " + target
}

func (t workTest) cedar() string {
	switch t.kind {
	case testLevel:
		return fmt.Sprintf("principal.level >= %d", t.n)
	case testManaged:
		return "principal.managed"
	case testRiskMax:
		return fmt.Sprintf("context has risk && context.risk <= %d", t.n)
	case testRiskMin:
		return fmt.Sprintf("context has risk && context.risk >= %d", t.n)
	case testHours:
		return fmt.Sprintf("context.hour >= %d && context.hour < %d", t.n, t.m)
	case testPlant:
		return fmt.Sprintf("context.plant.state == %q", t.s)
	case testPosture:
		return `context.posture != "ok"`
	case testUnknown:
		return "!context.plant.known"
	case testCritical:
		return "resource.critical && !context.mfa"
	}
	panic("no test " + t.kind)
}

// cedarText is the whole set in one file.
func (w *decideWork) cedarText() string {
	var b strings.Builder
	for _, p := range w.policies {
		b.WriteString(p.cedar())
	}
	return b.String()
}
