package policy

import (
	"slices"

	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
)

// sight says which attributes of the environment the policies look at at all.
// What none of them can see makes no difference to any answer, so a context that
// was built once serves every moment that looks the same to them: the second of
// the day changes all the time, and few policies ask for it.
type sight struct{ hour, weekday, epoch, zone, posture, mfa, risk, state, known, age bool }

// everything is what a policy sees that takes the context as a whole.
var everything = sight{true, true, true, true, true, true, true, true, true, true}

func sightOf(policies []Policy) sight {
	var s sight
	for _, p := range policies {
		for _, c := range (*xast.Policy)(p.compiled.AST()).Conditions {
			xast.Inspect(xast.NewNode(c.Body), s.look)
		}
	}
	return s
}

// look notes what one node of a condition sees; it is xast.Inspect's function.
func (s *sight) look(n xast.IsNode) bool {
	var path []string
	for at := n; ; {
		switch t := at.(type) {
		case xast.NodeTypeAccess:
			path, at = append(path, string(t.Value)), t.Arg
			continue
		case xast.NodeTypeHas:
			path, at = append(path, string(t.Value)), t.Arg
			continue
		case xast.NodeTypeVariable:
			if t.Name != "context" {
				return true
			}
			slices.Reverse(path)
			s.note(path)
			return false
		}
		return true
	}
}

func (s *sight) note(path []string) {
	if len(path) == 0 {
		*s = everything
		return
	}
	switch path[0] {
	case "hour":
		s.hour = true
	case "weekday":
		s.weekday = true
	case "epoch":
		s.epoch = true
	case "zone":
		s.zone = true
	case "posture":
		s.posture = true
	case "mfa":
		s.mfa = true
	case "risk":
		s.risk = true
	case "plant":
		if len(path) == 1 {
			s.state, s.known, s.age = true, true, true
			return
		}
		s.state = s.state || path[1] == "state"
		s.known = s.known || path[1] == "known"
		s.age = s.age || path[1] == "age"
	}
}

// seen is the environment with everything unseen at one value of its type.
func (s sight) seen(v Env) Env {
	out := Env{Risk: -1, PlantAge: -1}
	only(s.hour, &out.Hour, v.Hour)
	only(s.weekday, &out.Weekday, v.Weekday)
	only(s.epoch, &out.Epoch, v.Epoch)
	only(s.zone, &out.Zone, v.Zone)
	only(s.posture, &out.Posture, v.Posture)
	only(s.mfa, &out.MFA, v.MFA)
	only(s.risk, &out.Risk, v.Risk)
	only(s.state, &out.Plant, v.Plant)
	only(s.known, &out.PlantKnown, v.PlantKnown)
	only(s.age, &out.PlantAge, v.PlantAge)
	return out
}

func only[T any](seen bool, into *T, v T) {
	if seen {
		*into = v
	}
}
