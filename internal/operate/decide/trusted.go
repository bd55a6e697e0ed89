package decide

import (
	"context"
	"time"
)

// Trusted is what the house knows itself about subjects, resources and the
// environment: from its own register, sessions, device posture and plant
// signals, never from the caller. A missing thing is a problem of kind
// NotFound; any other error denies the request (an attribute that cannot be
// read is not proven).
//
// Known keys. Others reach policies as attributes if the schema declares them,
// and are invisible if it does not.
//
//	Subject      roles, scopes []string; zone, posture ("ok", "bad", "unknown"),
//	             device string; mfa bool; risk int 0..100
//	Resource     owner, registered_by Ref or person id; in []Ref (parents)
//	Environment  plant (state), plant_known bool, plant_at time.Time;
//	             zone, posture, mfa, risk where the subject has none
type Trusted interface {
	Subject(ctx context.Context, typ, id string) (map[string]any, error)
	Resource(ctx context.Context, typ, id string) (map[string]any, error)
	Environment(ctx context.Context, system string) (map[string]any, error)
}

// Ref names another entity in an attribute, such as the person who registered
// a system.
type Ref struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Keys of trusted attributes with a meaning of their own.
const (
	KeyIn         = "in"          // []Ref: parents in the hierarchy
	KeyRoles      = "roles"       // []string: also parents of type role
	KeyZone       = "zone"        // string: network zone the request comes from
	KeyPosture    = "posture"     // string: PostureOK or anything else
	KeyMFA        = "mfa"         // bool: signed in with a second factor
	KeyRisk       = "risk"        // int 0..100
	KeyPlant      = "plant"       // string: state of the plant
	KeyPlantKnown = "plant_known" // bool: reported and fresh
	KeyPlantAt    = "plant_at"    // time.Time: when it was reported
)

// PostureOK is the only device posture that opens a door.
const PostureOK = "ok"

var _ = time.Time{}
