package classify

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Addressee is whom the owner of open questions asks (requirement 001-13).
type Addressee string

// Values lists the addressees: the vendor, experts, the AI Office of the
// Commission, the national authority, and people in the own house.
func (Addressee) Values() []string {
	return []string{"vendor", "expert", "ai_office", "authority", "house"}
}

// Basis is what a system was like when it was classified, as far as a class may
// depend on it. It is compared with the system as it is now.
type Basis struct {
	Known   bool     `json:"known"` // classifications of before this was kept have none
	Purpose text.Bi  `json:"purpose"`
	Use     text.Bi  `json:"use"`
	People  bool     `json:"people"` // it affects or rates people
	Data    []string `json:"data"`   // sources and classes, in order
	Models  []string `json:"models"` // "name version hash", in order
	Places  []string `json:"places"` // markets and sectors, in order
}

// Trigger is what changed since a classification (Basis, rules of the packs).
type Trigger string

// The triggers. ByRules is a new version of the rule sets that says the same;
// ByLaw is one, or a day on which law began or ended, that says something else.
const (
	ByPurpose Trigger = "purpose"
	ByPeople  Trigger = "people"
	ByData    Trigger = "data"
	ByModel   Trigger = "model"
	ByPlace   Trigger = "place"
	ByLaw     Trigger = "law"
	ByVersion Trigger = "version"
)

// Values lists the triggers in the order in which they are told.
func (Trigger) Values() []string {
	return []string{string(ByPurpose), string(ByPeople), string(ByData), string(ByModel), string(ByPlace), string(ByLaw), string(ByVersion)}
}

// BasisOf is what a system is like now.
func BasisOf(s inventory.System, models []store.Object[inventory.Model]) Basis {
	b := Basis{Known: true, Purpose: s.Purpose, Use: s.Use, People: s.People,
		Data: sorted(s.DataSources, s.DataClasses), Places: sorted(s.Markets, s.Sectors)}
	for _, m := range models {
		b.Models = append(b.Models, m.Doc.Name+" "+m.Doc.Version+" "+m.Doc.Hash)
	}
	slices.Sort(b.Models)
	return b
}

func sorted(parts ...[]string) []string {
	all := slices.Concat(parts...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Differs says what of a system changed. Nothing does where one of the two is
// not known.
func (b Basis) Differs(now Basis) []Trigger {
	if !b.Known || !now.Known {
		return nil
	}
	var out []Trigger
	say := func(same bool, t Trigger) {
		if !same {
			out = append(out, t)
		}
	}
	say(b.Purpose == now.Purpose && b.Use == now.Use, ByPurpose)
	say(b.People == now.People, ByPeople)
	say(slices.Equal(b.Data, now.Data), ByData)
	say(slices.Equal(b.Models, now.Models), ByModel)
	say(slices.Equal(b.Places, now.Places), ByPlace)
	return out
}

// basis reads what a system is like; one that does not exist has no basis, and
// the store names it.
func (r *Room) basis(ctx context.Context, rd store.Reader, system string) (Basis, error) {
	s, err := inventory.Systems().Get(ctx, rd, system)
	if problem.Is(err, problem.NotFound) {
		return Basis{}, nil
	}
	if err != nil {
		return Basis{}, err
	}
	models, err := inventory.Models().List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Limit: store.MaxLimit, Uncounted: true})
	return BasisOf(s.Doc, models.Items), err
}

// Moved says whether law moved since a classification: ByLaw when the rules of an
// instant read the same answers otherwise than they were read then, in class,
// role, level or the clauses that they name; ByVersion when only the version of a
// rule set is another; empty when nothing is. Answers that nobody gave here, such
// as those of a class that was taken over, cannot be read again.
func (r *Room) Moved(c Classification, at time.Time) (Trigger, error) {
	if !c.Concluded() {
		return "", nil
	}
	same, days, err := r.unmoved(c, at)
	if err != nil || same && days {
		return "", err
	}
	if len(c.Answers) > 0 {
		res, err := r.Judge(at, c.Verdict, c.Answers)
		if err != nil {
			return "", err
		}
		if !reads(c, res) {
			return ByLaw, nil
		}
	}
	if same {
		return "", nil
	}
	return ByVersion, nil
}

// unmoved reports whether the rule sets are of the same versions, and whether no
// day of change lies between a classification and an instant.
func (r *Room) unmoved(c Classification, at time.Time) (versions, days bool, err error) {
	versions, days = true, true
	was := map[string]string{}
	for _, v := range strings.Split(c.Version, "; ") {
		id, version, _ := strings.Cut(v, " ")
		was[id] = version
	}
	for _, id := range sets {
		rs, err := r.rules(id)
		if err != nil {
			return false, false, err
		}
		if v := was[id]; v != "" { // the role of what is no AI system was not read
			versions = versions && v == rs.Version
			days = days && rs.Since(c.AsOf).Equal(rs.Since(at))
		}
	}
	return versions, days, nil
}

// reads reports whether a result says what was saved.
func reads(c Classification, res Result) bool {
	if c.ByRules != res.Class || c.Role != res.Role || c.LevelKnown != res.LevelKnown || c.Level != res.Level {
		return false
	}
	key := func(s Step) string { return s.Part + " " + strings.Join(s.Clauses, ",") }
	then, now := map[string]bool{}, map[string]bool{}
	for _, s := range c.Trace {
		then[key(s)] = true
	}
	for _, s := range res.Trace {
		now[key(s)] = true
	}
	if len(then) != len(now) {
		return false
	}
	for k := range then {
		if !now[k] {
			return false
		}
	}
	return true
}

// NextDay is the first day after an instant on which a rule begins or ends in one
// of the rule sets; zero: none is known.
func (r *Room) NextDay(at time.Time) (time.Time, error) {
	var next time.Time
	for _, id := range sets {
		rs, err := r.rules(id)
		if err != nil {
			return next, err
		}
		if day := rs.Until(at); !day.IsZero() && (next.IsZero() || day.Before(next)) {
			next = day
		}
	}
	return next, nil
}

// Answered are the values of an answer; nil when it was not given.
func (c *Classification) Answered(fact string) []string {
	for _, a := range c.Answers {
		if a.Fact == fact {
			return a.Values
		}
	}
	return nil
}

// Claims is the exception of Art. 6(3) that the result rests on: the answer to
// the question of the auxiliary task (narrow, improves, patterns, preparatory),
// empty where none is claimed. The rules cite Art. 6(4) only where one holds.
func (c *Classification) Claims() string {
	for _, s := range c.Trace {
		if slices.Contains(s.Clauses, "aia.art6.4") {
			if v := c.Answered("derogation"); len(v) == 1 && v[0] != None && v[0] != packs.Unknown {
				return v[0]
			}
		}
	}
	return ""
}
