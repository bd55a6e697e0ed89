package permit

import (
	"slices"
	"time"

	"augenmass/internal/text"
)

// standing is what the approvals of one role amount to at an instant.
type standing struct {
	persons []string // who counts, sorted; empty: nobody
	code    string   // why nobody counts
	which   Approval // the approval that explains it
	given   bool     // somebody approved in this role at some time
}

// stand weighs the approvals of one role. An approval counts if it was given,
// fits the dossier as it is now, has not ended, and was not withdrawn; in the
// place of the risk owner only the owner's own counts. The
// latest word of a role stands: a withdrawal outweighs every approval of the
// same role that was given before it, so that a second approver cannot paper
// over a first who took the approval back; a fresh approval heals it.
func stand(f Facts, role string, at time.Time) standing {
	var s standing
	var lastNo time.Time
	for _, a := range f.Approvals {
		if a.Role == role && !a.WithdrawnAt.IsZero() && a.WithdrawnAt.After(lastNo) {
			lastNo = a.WithdrawnAt
		}
	}
	weight := func(code string) int { return slices.Index(byWeight, code) }
	for _, a := range f.Approvals {
		if a.Role != role || a.GivenAt.IsZero() || a.GivenAt.After(at) || a.Person == "" {
			continue
		}
		s.given = true
		code := ""
		switch {
		case !a.WithdrawnAt.IsZero(), !lastNo.IsZero() && !a.GivenAt.After(lastNo):
			code = LapseWithdrawn
		case a.ContentHash == "" || a.ContentHash != f.ContentHash, role == SignOwner && a.Person != f.Owner:
			code = LapseStale
		case over(a.ValidUntil, at):
			code = LapseApprovalEnd
		default:
			s.persons = append(s.persons, a.Person)
			continue
		}
		// The newest approval explains best; of two as new, the heavier reason.
		newer := a.GivenAt.After(s.which.GivenAt)
		same := a.GivenAt.Equal(s.which.GivenAt)
		if s.code == "" || newer || same && weight(code) < weight(s.code) {
			s.code, s.which = code, a
		}
	}
	if s.code == LapseWithdrawn {
		s.which.WithdrawnAt = lastNo
	}
	slices.Sort(s.persons)
	s.persons = slices.Compact(s.persons)
	return s
}

// approvals demands one approval for each needed role, by different persons
// (four eyes; ISO/IEC 42001 A.3.2).
func (c *lapses) approvals(f Facts) {
	if len(f.NeedsRoles) == 0 {
		c.add(LapseApproval, text.Bi{DE: "Es ist nicht festgelegt, wessen Freigabe nötig ist.", EN: "It has not been set whose approval is needed."},
			basisApproval, liftDirector)
		return
	}
	var full [][]string
	for _, role := range f.NeedsRoles {
		s := stand(f, role, c.at)
		if len(s.persons) > 0 {
			full = append(full, s.persons)
			continue
		}
		c.role(role, s)
	}
	if len(full) == len(f.NeedsRoles) && !distinct(full) {
		c.add(LapseSamePerson, text.Bi{DE: "Eine Person hat in mehreren Rollen freigegeben; nötig sind verschiedene Personen.",
			EN: "One person approved in several roles; different persons are needed."}, basisFourEyes, f.NeedsRoles)
	}
}

func (c *lapses) role(role string, s standing) {
	name := list([]string{role})
	var opts []func(*Lapse)
	switch role {
	case "council":
		opts = append(opts, also(basisAgreement.always))
	case SignProtection:
		opts = append(opts, also(basisProtection.always))
	case SignEthics:
		opts = append(opts, also(basisEthics.always))
	}
	lift := []string{role}
	switch s.code {
	case LapseWithdrawn:
		c.add(s.code, fill("Die Freigabe der Rolle %s ist zurückgezogen.", "The approval of the role %s has been withdrawn.", name),
			basisApproval, lift, append(opts, object(s.which.ID), since(s.which.WithdrawnAt))...)
	case LapseStale:
		c.add(s.code, fill("Die Freigabe der Rolle %s gilt einem früheren Stand der Unterlagen.", "The approval of the role %s was given for an earlier state of the dossier.", name),
			basisApproval, lift, append(opts, object(s.which.ID))...)
	case LapseApprovalEnd:
		c.add(s.code, fill("Die Freigabe der Rolle %s galt bis %s.", "The approval of the role %s held until %s.", name, day(s.which.ValidUntil)),
			basisApproval, lift, append(opts, object(s.which.ID), since(s.which.ValidUntil))...)
	default:
		c.add(LapseApproval, fill("Es fehlt die Freigabe der Rolle %s.", "The approval of the role %s is missing.", name),
			basisApproval, lift, append(opts, object(role))...)
	}
}

// distinct reports whether every role can be given a person of its own
// (a matching; augmenting paths).
func distinct(roles [][]string) bool {
	holds := map[string]int{}
	var place func(i int, seen map[string]bool) bool
	place = func(i int, seen map[string]bool) bool {
		for _, p := range roles[i] {
			if seen[p] {
				continue
			}
			seen[p] = true
			j, taken := holds[p]
			if !taken || place(j, seen) {
				holds[p] = i
				return true
			}
		}
		return false
	}
	for i := range roles {
		if !place(i, map[string]bool{}) {
			return false
		}
	}
	return true
}

// everComplete reports whether each needed role has approved at some time: then
// there was a permit, and what is off now is suspended.
func everComplete(f Facts, at time.Time) bool {
	for _, role := range f.NeedsRoles {
		if !stand(f, role, at).given {
			return false
		}
	}
	return len(f.NeedsRoles) > 0
}
