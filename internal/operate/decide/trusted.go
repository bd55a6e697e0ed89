package decide

import (
	"context"
	"math"
	"slices"
	"time"

	"augenmass/internal/operate/decide/policy"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
)

// Trusted is what the house knows itself about subjects, resources and the
// environment: from its own register, sessions, device posture and plant
// signals, never from the caller. A missing thing is a problem of kind
// NotFound; any other error denies the request, because an attribute that
// cannot be read is not proven.
//
// Known keys are listed below. Other keys reach policies as attributes if the
// schema declares them, and are invisible if it does not. Maps are not kept and
// may be reused; a known key of the wrong type denies.
type Trusted interface {
	// Subject: KeyRoles, KeyZone, KeyPosture, KeyMFA, KeyRisk, KeyIn; scopes
	// and systems ([]string) of a workload or device.
	Subject(ctx context.Context, typ, id string) (map[string]any, error)
	// Resource: registered_by (person id or Ref), KeyIn. What the operating
	// permit says of a system the point knows itself.
	Resource(ctx context.Context, typ, id string) (map[string]any, error)
	// Environment: KeyPlant, KeyPlantKnown, KeyPlantAt; KeyZone, KeyPosture,
	// KeyMFA and KeyRisk count where the subject has none. The system is empty
	// for other resources.
	Environment(ctx context.Context, system string) (map[string]any, error)
}

// Ref names another entity in an attribute, such as the person who registered
// a system.
type Ref = policy.Ref

// Keys of trusted attributes with a meaning of their own.
const (
	KeyIn         = "in"          // []Ref: all ancestors in the hierarchy
	KeyRoles      = "roles"       // []string: an attribute, and parents of type role
	KeyScopes     = "scopes"      // []string: what a token may be used for
	KeySystems    = "systems"     // []string: AI systems that the register names for it
	KeyZone       = "zone"        // string: network zone the request comes from
	KeyPosture    = "posture"     // string: PostureOK or anything else
	KeyMFA        = "mfa"         // bool: signed in with a second factor
	KeyRisk       = "risk"        // int 0..100
	KeyPlant      = "plant"       // string: state of the plant
	KeyPlantKnown = "plant_known" // bool: reported and fresh
	KeyPlantAt    = "plant_at"    // time.Time: when it was reported
)

// PostureOK is the only device posture that opens a door; postureUnknown is
// what counts when nobody said anything.
const (
	PostureOK      = "ok"
	postureUnknown = "unknown"
)

// TypeSystem is the entity type of AI systems.
const TypeSystem = "system"

// ActionInfer is the use of an AI system: the action that its permit governs.
const ActionInfer = "infer"

// gathered is everything trusted about one request.
type gathered struct {
	query   policy.Query
	unknown string // "subject" or "resource": the house does not know it
	err     error  // something could not be read
}

// gather asks the trusted side. It never looks at claims, except that a point
// that trusts claims fills gaps with them.
func (p *Point) gather(ctx context.Context, r Request, pm *permit.Permit, now time.Time) gathered {
	g := gathered{query: policy.Query{
		Principal: policy.Known{Ref: Ref{Type: r.Subject.Type, ID: r.Subject.ID}},
		Resource:  policy.Known{Ref: Ref{Type: r.Resource.Type, ID: r.Resource.ID}},
		Action:    r.Action.Name,
	}}
	subject, err := p.o.Trusted.Subject(ctx, r.Subject.Type, r.Subject.ID)
	if g.missing("subject", err, p.o.TrustClaims) {
		return g
	}
	resource, err := p.o.Trusted.Resource(ctx, r.Resource.Type, r.Resource.ID)
	if g.missing("resource", err, p.o.TrustClaims || pm != nil) {
		return g
	}
	system := ""
	if r.Resource.Type == TypeSystem {
		system = r.Resource.ID
	}
	around, err := p.o.Trusted.Environment(ctx, system)
	if err != nil {
		g.err = err
		return g
	}
	g.party(&g.query.Principal, subject)
	g.party(&g.query.Resource, resource)
	if system != "" {
		g.query.Resource.Attributes = permitAttributes(g.query.Resource.Attributes, system, pm)
	}
	g.environment(subject, around, now, p.o.Location)
	p.claims(&g.query, r)
	return g
}

// missing notes what the house does not know, or could not read; it reports
// whether that ends the matter.
func (g *gathered) missing(what string, err error, mayMiss bool) bool {
	switch {
	case err == nil:
		return false
	case !problem.Is(err, problem.NotFound):
		g.err = err
		return true
	case mayMiss:
		return false
	}
	g.unknown = what
	return true
}

// party takes over attributes and derives parents: roles are parents of type
// role, and KeyIn lists further ancestors.
func (g *gathered) party(k *policy.Known, have map[string]any) {
	k.Attributes = have
	if v, ok := have[KeyRoles]; ok {
		roles, ok := v.([]string)
		if !ok {
			g.err = wrongType(KeyRoles)
			return
		}
		for _, r := range roles {
			k.Parents = append(k.Parents, Ref{Type: "role", ID: r})
		}
	}
	if v, ok := have[KeyIn]; ok {
		refs, ok := v.([]Ref)
		if !ok {
			g.err = wrongType(KeyIn)
			return
		}
		if k.Parents == nil {
			k.Parents = slices.Clip(refs) // no copy: nobody writes to it
			return
		}
		k.Parents = append(k.Parents, refs...)
	}
}

func wrongType(key string) error {
	return problem.Newf(problem.Internal, "Die Angabe %s hat den falschen Typ.", "The attribute %s has the wrong type.", key)
}

// permitAttributes adds what the permit says of its system; without a permit,
// nothing is valid and nobody decides. The permit has the last word: nothing
// that the register says under the same names counts.
func permitAttributes(have map[string]any, id string, pm *permit.Permit) map[string]any {
	if pm == nil {
		pm = &permit.Permit{}
	}
	out := make(map[string]any, len(have)+7)
	for k, v := range have {
		out[k] = v
	}
	zones, _ := pm.Condition(permit.CondZone)
	_, must := pm.Condition(permit.CondPlantMust)
	out["id"] = id
	out["valid"] = pm.State == permit.Valid
	out["class"] = pm.Class
	out["zones"] = zones.Allowed
	out["plant_must"] = must
	out["decider_role"] = pm.DeciderRole
	out["approver_roles"] = pm.ApproverRoles
	return out
}

// environment reads the trusted context. What nobody said is unknown, and
// unknown never opens a door.
func (g *gathered) environment(subject, around map[string]any, now time.Time, loc *time.Location) {
	local := now
	if loc != nil {
		local = now.In(loc)
	}
	e := policy.Env{Hour: int64(local.Hour()), Weekday: int64((local.Weekday()+6)%7) + 1, Epoch: now.Unix(), Posture: postureUnknown, Risk: -1, PlantAge: -1}
	read(g, &e.Zone, KeyZone, around, subject)
	read(g, &e.Posture, KeyPosture, around, subject)
	read(g, &e.MFA, KeyMFA, around, subject)
	var risk any
	read(g, &risk, KeyRisk, around, subject)
	if risk != nil {
		n, ok := risk.(int)
		if !ok || n < 0 || n > 100 {
			g.err = wrongType(KeyRisk)
			return
		}
		e.Risk = int64(n)
	}
	read(g, &e.Plant, KeyPlant, around)
	read(g, &e.PlantKnown, KeyPlantKnown, around)
	var at time.Time
	read(g, &at, KeyPlantAt, around)
	if !at.IsZero() {
		// A report from the future is no report: the clock went back.
		if age := now.Sub(at); age >= 0 {
			e.PlantAge = int64(math.Ceil(age.Seconds()))
		} else {
			e.PlantKnown = false
		}
	}
	if !e.PlantKnown {
		e.Plant = ""
	}
	g.query.Env = e
}

// read reads one known key; later maps win over earlier ones.
func read[T any](g *gathered, into *T, key string, from ...map[string]any) {
	for _, m := range from {
		v, ok := m[key]
		if !ok {
			continue
		}
		t, ok := v.(T)
		if !ok {
			g.err = wrongType(key)
			return
		}
		*into = t
	}
}

// claims puts what the caller said where policies may see it. A point that
// trusts claims also lets them fill attributes that the house does not know.
func (p *Point) claims(q *policy.Query, r Request) {
	if len(r.Subject.Properties)+len(r.Action.Properties)+len(r.Resource.Properties)+len(r.Context) == 0 {
		return
	}
	q.Claims = &policy.Claims{Subject: r.Subject.Properties, Action: r.Action.Properties, Resource: r.Resource.Properties, Context: r.Context}
	if !p.o.TrustClaims {
		return
	}
	q.Principal.Attributes = filled(q.Principal.Attributes, r.Subject.Properties)
	q.Resource.Attributes = filled(q.Resource.Attributes, r.Resource.Properties)
	q.Extra = filled(filled(nil, r.Action.Properties), r.Context)
}

// filled adds claims under names that the house does not know.
func filled(known, claimed map[string]any) map[string]any {
	out := make(map[string]any, len(known)+len(claimed))
	for k, v := range claimed {
		out[k] = v
	}
	for k, v := range known {
		out[k] = v
	}
	return out
}
