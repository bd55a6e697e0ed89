package decide

import (
	"context"
	"errors"
	"slices"

	"augenmass/internal/operate/decide/policy"
	"augenmass/internal/permit"
	"augenmass/internal/text"
)

// Codes of reasons that the point itself gives. A permit that is off denies
// with the codes of its lapses (approval.withdrawn, class.prohibited, …).
const (
	CodePermitMissing  = "permit.missing"   // the system has no operating permit
	CodeSubjectUnknown = "subject.unknown"  // the house does not know the subject
	CodeResource       = "resource.unknown" // the house does not know the resource
	CodeTrusted        = "trusted.failed"   // attributes could not be read
	CodeZone           = "zone.not_allowed" // permit condition zone
	CodePosture        = "posture.not_ok"   // permit condition posture
	CodePlant          = "plant.unknown"    // permit condition plant_must
	CodeForbid         = "policy.forbid"    // a forbid decided
	CodePermit         = "policy.permit"    // a permit decided
	CodeNone           = "policy.none"      // no policy permits it
	CodeForbidError    = "policy.evaluation_error"
	CodeEngine         = "policy.engine_failed"
	CodeMalformed      = "request.malformed" // an item of a batch
)

// Evaluate decides one request, in this order: is it well-formed; is there a
// valid permit (use of an AI system); does the house know subject and resource,
// and could it read what it knows; do the permit's conditions on access hold
// (zone, posture, plant); do the policies permit it and none forbid it.
//
// It returns an error only for a request that is not well-formed (BadInput) or
// when there is no randomness for an id (Unavailable); everything else is a
// decision, and what is not proven is a denial with at least one reason. It writes nothing: the caller records the decision before
// it acts on it. Cancelling ctx denies as far as the trusted side obeys it.
func (p *Point) Evaluate(ctx context.Context, r Request) (Decision, error) {
	d, _, err := p.evaluate(ctx, r)
	return d, err
}

// evaluate also returns what it looked at, as far as it came.
func (p *Point) evaluate(ctx context.Context, r Request) (d Decision, looked policy.Query, err error) {
	if err := r.Check(); err != nil {
		return Decision{}, looked, err
	}
	snap := p.snap.Load()
	now := p.o.Now().UTC()
	id, err := p.newID(now)
	if err != nil {
		return Decision{}, looked, err
	}
	d = Decision{ID: id, PolicyVersion: snap.engine.Version(), At: now}

	var pm *permit.Permit
	if r.Resource.Type == TypeSystem {
		if have, ok := snap.permits[r.Resource.ID]; ok {
			at := have.At(now)
			pm = &at
			d.Permit = PermitRef{Number: pm.Number, Version: pm.Version}
		}
		if r.Action.Name == ActionInfer {
			if d.Reasons = permitOff(pm); d.Reasons != nil {
				return d, looked, nil
			}
		}
	}
	g := p.gather(ctx, r, pm, now)
	looked = g.query
	switch {
	case g.err != nil:
		d.Errors = []string{g.err.Error()}
		d.Reasons = own(CodeTrusted)
		return d, looked, nil
	case g.unknown == "subject":
		d.Reasons = own(CodeSubjectUnknown)
		return d, looked, nil
	case g.unknown == "resource":
		d.Reasons = own(CodeResource)
		return d, looked, nil
	}
	if pm != nil && r.Action.Name == ActionInfer {
		if d.Reasons = access(*pm, g.query.Env); d.Reasons != nil {
			return d, looked, nil
		}
	}
	out, err := snap.engine.Decide(g.query)
	d.conclude(snap.engine, out, err)
	return d, looked, nil
}

// permitOff returns why a system may not be used at all, or nil.
func permitOff(pm *permit.Permit) []Reason {
	if pm == nil {
		return own(CodePermitMissing)
	}
	if pm.State == permit.Valid {
		return nil
	}
	var out []Reason
	for _, l := range pm.Lapses {
		out = append(out, Reason{Code: l.Code, Say: l.Say, Clauses: l.Clauses})
	}
	if len(out) == 0 {
		// A permit that is off without saying why still is off.
		out = own(CodePermitMissing)
	}
	return out
}

// access holds the permit's conditions on access against the trusted
// environment and returns all that fail, or nil. A permit without a condition
// on zones names none, so no zone fits.
func access(pm permit.Permit, e policy.Env) []Reason {
	var out []Reason
	fail := func(code string, c permit.Condition) {
		r := own(code)[0]
		if c.Say.Complete() {
			r.Say = text.Bi{DE: r.Say.DE + " " + c.Say.DE, EN: r.Say.EN + " " + c.Say.EN}
		}
		if len(c.Clauses) > 0 {
			r.Clauses = c.Clauses
		}
		out = append(out, r)
	}
	if c, _ := pm.Condition(permit.CondZone); !slices.Contains(c.Allowed, e.Zone) || e.Zone == "" {
		fail(CodeZone, c)
	}
	if c, ok := pm.Condition(permit.CondPosture); ok && e.Posture != PostureOK {
		fail(CodePosture, c)
	}
	if c, ok := pm.Condition(permit.CondPlantMust); ok && !e.PlantKnown {
		fail(CodePlant, c)
	}
	return out
}

// conclude turns the engine's outcome into the decision, failing closed: an
// error in a forbid denies, because a forbid that nobody could check might have
// held; an error in a permit grants nothing and is only noted.
func (d *Decision) conclude(e policy.Engine, out policy.Outcome, err error) {
	if err != nil {
		d.Errors = append(d.Errors, err.Error())
		code := CodeEngine
		var m *policy.Misfit
		if errors.As(err, &m) {
			code = m.Code
		}
		d.Reasons = own(code)
		return
	}
	code := CodeForbid
	if out.Allow {
		code = CodePermit
	}
	var failed []Reason
	for _, x := range out.Errors {
		d.Errors = append(d.Errors, x.Policy+": "+x.Message)
		if x.Forbid {
			r := own(CodeForbidError)[0]
			if pol, ok := e.Policy(x.Policy); ok {
				r.Policy, r.Clauses = pol.ID, pol.Clauses
			}
			failed = append(failed, r)
		}
	}
	d.Allow = out.Allow && len(failed) == 0
	if (d.Allow || !out.Allow) && len(out.Reasons) > 0 {
		d.Reasons = make([]Reason, 0, len(out.Reasons)+len(failed))
		for _, p := range out.Reasons {
			d.Reasons = append(d.Reasons, Reason{Code: code, Say: p.Say, Clauses: p.Clauses, Policy: p.ID})
		}
	}
	d.Reasons = append(d.Reasons, failed...)
	if !d.Allow && len(d.Reasons) == 0 {
		d.Reasons = own(CodeNone)
	}
}

// own is a reason of the point itself.
func own(code string) []Reason {
	r, ok := ownReasons[code]
	if !ok {
		r = ownReasons[CodeEngine]
	}
	r.Code = code
	return []Reason{r}
}

// ownReasons rest on the requirement ZTA-01 (what is not proven is denied
// before access) and on the NIST SP 800-207 tenet behind each.
var ownReasons = map[string]Reason{
	CodePermitMissing: {Clauses: []string{"zta.01", "iso42001.A.6.2.5"}, Say: text.Bi{
		DE: "Für dieses System gibt es keine Betriebserlaubnis.", EN: "There is no operating permit for this system."}},
	CodeSubjectUnknown: {Clauses: []string{"zta.02", "zt.tenet.6"}, Say: text.Bi{
		DE: "Wer anfragt, ist hier nicht bekannt.", EN: "Who asks is not known here."}},
	CodeResource: {Clauses: []string{"zta.01", "zt.tenet.1"}, Say: text.Bi{
		DE: "Wonach gefragt wird, ist hier nicht bekannt.", EN: "What is asked for is not known here."}},
	CodeTrusted: {Clauses: []string{"zta.01", "zt.tenet.4"}, Say: text.Bi{
		DE: "Die eigenen Angaben ließen sich nicht lesen; was nicht belegt ist, wird abgelehnt.",
		EN: "Our own records could not be read; what is not proven is denied."}},
	CodeZone: {Clauses: []string{"zta.06", "zt.tenet.3"}, Say: text.Bi{
		DE: "Die Zone, aus der angefragt wird, ist nicht freigegeben.", EN: "The zone the request comes from is not released."}},
	CodePosture: {Clauses: []string{"zta.11", "zt.tenet.5"}, Say: text.Bi{
		DE: "Der Zustand des Geräts ist nicht als gültig nachgewiesen.", EN: "The posture of the device is not proven to be valid."}},
	CodePlant: {Clauses: []string{"zta.01", "zt.tenet.4"}, Say: text.Bi{
		DE: "Der Zustand der Anlage ist nicht bekannt.", EN: "The state of the plant is not known."}},
	CodeNone: {Clauses: []string{"zta.01", "zt.tenet.3"}, Say: text.Bi{
		DE: "Keine Regel erlaubt dies.", EN: "No rule permits this."}},
	CodeForbidError: {Clauses: []string{"zta.01"}, Say: text.Bi{
		DE: "Ein Verbot ließ sich nicht prüfen; deshalb ist es abgelehnt.", EN: "A forbid could not be checked, so it is denied."}},
	CodeEngine: {Clauses: []string{"zta.01", "zt.comp.pe"}, Say: text.Bi{
		DE: "Die Regeln ließen sich nicht auswerten; deshalb ist es abgelehnt.", EN: "The rules could not be evaluated, so it is denied."}},
	CodeUnattended: {Clauses: []string{"zta.10", "zt.tenet.3"}, Say: text.Bi{
		DE: "Von der Stelle, die diesen Zugriff durchsetzt, war zu lange nichts zu hören.",
		EN: "Nothing was heard for too long of the enforcement point that holds this access."}},
	CodeMalformed: {Clauses: []string{"zta.01"}, Say: text.Bi{
		DE: "Die Anfrage ist unvollständig.", EN: "The request is incomplete."}},
	policy.TypeUnknown: {Clauses: []string{"zta.01", "zt.tenet.1"}, Say: text.Bi{
		DE: "Diese Art von Subjekt oder Ressource ist für diese Handlung nicht vorgesehen.",
		EN: "This type of subject or resource is not provided for this action."}},
	policy.ActionUnknown: {Clauses: []string{"zta.01", "zt.tenet.3"}, Say: text.Bi{
		DE: "Diese Handlung ist nicht vorgesehen.", EN: "This action is not provided for."}},
	policy.AttributeInvalid: {Clauses: []string{"zta.01", "zt.tenet.4"}, Say: text.Bi{
		DE: "Eine eigene Angabe fehlt oder passt nicht; was nicht belegt ist, wird abgelehnt.",
		EN: "One of our own records is missing or does not fit; what is not proven is denied."}},
	policy.ClaimInvalid: {Clauses: []string{"zta.01", "zt.tenet.4"}, Say: text.Bi{
		DE: "Eine Angabe der Anfrage hat nicht den vereinbarten Typ.", EN: "A statement of the request does not have the agreed type."}},
}
