package permit

import (
	"maps"
	"math"
	"math/rand"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/text"
)

// anyFacts draws facts over small alphabets, so that good and bad values meet
// often. Roughly a third of the drawn facts carry a valid permit.
func anyFacts(t *rapid.T) Facts {
	base := rapid.SampledFrom([]func() Facts{milling, camera, shifts, office}).Draw(t, "base")()
	if rapid.IntRange(0, 2).Draw(t, "keep") == 0 {
		base.Approvals = slices.DeleteFunc(base.Approvals, func(a Approval) bool { return !a.WithdrawnAt.IsZero() })
		base.Approvals = append(base.Approvals, approval("apr_9", "safety", "per_z"))
		return base
	}
	f := base
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	date := func(label string) time.Time {
		return rapid.SampledFrom([]time.Time{{}, ago(30), ago(1), noon, in(1), in(30), in(200)}).Draw(t, label)
	}
	rarely := func(label string) bool { return rapid.IntRange(0, 9).Draw(t, label) == 0 }
	f.Stopped, f.Issued, f.People = rarely("stopped"), rarely("issued"), rapid.Bool().Draw(t, "people")
	f.LifeCycle = pick("life", "operation", "operation", "trial", "idea", "retired", "")
	f.Class = pick("class", ClassMinimal, ClassLimited, ClassHigh, ClassHigh, ClassProhibited, ClassUnclear, "")
	f.Role = pick("role", "provider", "deployer", "product_manufacturer", "")
	f.Verdict = pick("verdict", "ai_system", "ai_system", "not_ai", "unclear", "")
	f.ClassUntil, f.ReviewBy = date("class until"), date("review by")
	f.Oversight = Oversight(pick("oversight", "in_the_loop", "on_the_loop", "none", "?"))
	f.Limits.Confidence = rapid.SampledFrom([]float64{0, 0.5, 0.857, 1, 1.5, -1}).Draw(t, "confidence")
	f.PlantMust = rapid.Bool().Draw(t, "plant must")
	f.SLTarget = rapid.IntRange(0, 4).Draw(t, "sl")
	if rarely("no owner") {
		f.Owner = ""
	}
	if rarely("no purpose") {
		f.Purpose = text.Bi{}
	}
	if rarely("no model") {
		f.Models = nil
	}
	f.NeedsRoles = rapid.SliceOfN(rapid.SampledFrom([]string{"director", "safety", "council"}), 0, 3).Draw(t, "needs")
	f.Approvals = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Approval {
		a := approval(rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id"), rapid.SampledFrom([]string{"director", "safety", "council"}).Draw(t, "role"),
			rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "person"))
		a.GivenAt = rapid.SampledFrom([]time.Time{ago(30), ago(2), ago(1), in(1)}).Draw(t, "given")
		a.ValidUntil = rapid.SampledFrom([]time.Time{{}, {}, ago(1), in(5)}).Draw(t, "until")
		a.WithdrawnAt = rapid.SampledFrom([]time.Time{{}, {}, {}, ago(1)}).Draw(t, "withdrawn")
		a.ContentHash = rapid.SampledFrom([]string{"sha256:d0", "sha256:d0", "sha256:d0", ""}).Draw(t, "hash")
		return a
	}), 0, 8).Draw(t, "approvals")
	f.Assessments = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Assessment {
		return Assessment{ID: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id"), Kind: rapid.SampledFrom([]string{"aiia", "dpia", "fria", "identification", "other", ""}).Draw(t, "kind"),
			Done: rapid.IntRange(0, 5).Draw(t, "done") > 0, RedFlag: rapid.IntRange(0, 9).Draw(t, "flag") == 0,
			ValidUntil: rapid.SampledFrom([]time.Time{{}, ago(1), in(3)}).Draw(t, "until")}
	}), 0, 4).Draw(t, "assessments")
	if rarely("finding") {
		f.Findings = []Finding{{ID: "1", Major: rapid.Bool().Draw(t, "major")}, {ID: "2"}}
	}
	if rapid.IntRange(0, 2).Draw(t, "further") == 0 {
		furthered(t, &f)
	}
	f.Agreement = Agreement{ID: "agr", Needed: rapid.Bool().Draw(t, "agreement"), Signed: rapid.IntRange(0, 3).Draw(t, "signed") > 0, ValidUntil: date("agreement until")}
	return f
}

// furthered adds what other rooms may say, good and bad.
func furthered(t *rapid.T, f *Facts) {
	codes := append(slices.Sorted(maps.Keys(demands)), "new.code", "")
	f.Demands = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Demand {
		return Demand{Code: rapid.SampledFrom(codes).Draw(t, "code"), Met: rapid.IntRange(0, 4).Draw(t, "met") > 0,
			Since: rapid.SampledFrom([]time.Time{{}, ago(3)}).Draw(t, "since"), Until: rapid.SampledFrom([]time.Time{{}, {}, ago(1), noon, in(2)}).Draw(t, "until"),
			Object: rapid.SampledFrom([]string{"", " rsk_1 "}).Draw(t, "object"), Detail: text.Bi{DE: rapid.SampledFrom([]string{"", "Genauer."}).Draw(t, "detail")},
			Clauses: rapid.SliceOfN(rapid.SampledFrom([]string{"zta.05", "gdpr.22", ""}), 0, 2).Draw(t, "clauses")}
	}), 0, 4).Draw(t, "demands")
	f.Further = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Condition {
		return Condition{Kind: rapid.SampledFrom([]string{CondDecision, CondZone, "x"}).Draw(t, "kind"), Say: text.Bi{EN: rapid.SampledFrom([]string{"", "So."}).Draw(t, "say")},
			Clauses: rapid.SliceOfN(rapid.SampledFrom([]string{"zta.06", "agg"}), 0, 2).Draw(t, "clauses"),
			Limit:   rapid.SampledFrom([]float64{0, 0.5, math.NaN(), math.Inf(1)}).Draw(t, "limit"), Allowed: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 3).Draw(t, "allowed")}
	}), 0, 3).Draw(t, "conditions")
}

// TestValidMeansEveryFactHolds restates the rules independently of the code
// that compiles them.
func TestValidMeansEveryFactHolds(t *testing.T) {
	valid := 0
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		p := Compile(f, noon)
		if (p.State == Valid) != (len(p.Lapses) == 0) {
			t.Fatalf("state %s with lapses %v", p.State, p.Lapses)
		}
		if p.State != Valid {
			return
		}
		valid++
		ended := func(u time.Time) bool { return !u.IsZero() && !u.After(noon) }
		bad := f.Stopped || ended(f.ClassUntil) || f.ReviewBy.IsZero() || ended(f.ReviewBy) || f.Owner == "" || len(f.Models) == 0 ||
			f.Purpose.IsZero() || f.LifeCycle == "idea" || f.LifeCycle == "retired" || f.LifeCycle == "" ||
			!slices.Contains([]string{ClassHigh, ClassLimited, ClassMinimal}, f.Class) ||
			f.Agreement.Needed && (!f.Agreement.Signed || ended(f.Agreement.ValidUntil))
		for _, a := range f.Assessments {
			bad = bad || !a.Done || a.RedFlag || ended(a.ValidUntil)
		}
		for _, n := range f.Findings {
			bad = bad || n.Major
		}
		for _, d := range f.Demands {
			_, described := demands[d.Code]
			bad = bad || !d.Met || ended(d.Until) || !described || d.Code == DemandUnknown
		}
		people := map[string]bool{}
		for _, r := range f.NeedsRoles {
			good := false
			for _, a := range f.Approvals {
				if a.Role == r && a.WithdrawnAt.IsZero() && !ended(a.ValidUntil) && a.ContentHash == f.ContentHash && !a.GivenAt.After(noon) {
					good, people[a.Person] = true, true
				}
			}
			bad = bad || !good
		}
		roles := slices.Compact(slices.Sorted(slices.Values(f.NeedsRoles)))
		if bad || len(people) < len(roles) || len(roles) == 0 {
			t.Fatalf("valid with a fact that does not hold: %+v", f)
		}
		if p.ValidUntil.IsZero() || !p.ValidUntil.After(noon) || p.Ends == nil {
			t.Fatalf("a valid permit without an end: %v", p.ValidUntil)
		}
	})
	if valid == 0 {
		t.Error("no valid permit was drawn; the property says nothing")
	}
}

// TestMoreFactsNeverTakeAway satisfies one open fact after the other: a valid
// permit stays valid, and no new lapse appears.
func TestMoreFactsNeverTakeAway(t *testing.T) {
	heal := []func(*Facts){
		func(f *Facts) { f.Stopped = false },
		func(f *Facts) { f.Findings = nil },
		func(f *Facts) {
			f.Demands = slices.Clone(f.Demands)
			for i := range f.Demands {
				f.Demands[i] = Demand{Code: DemandMode, Met: true}
			}
		},
		func(f *Facts) { f.ReviewBy = in(400) },
		func(f *Facts) { f.ClassUntil = in(400) },
		func(f *Facts) { f.Owner = "per_owner" },
		func(f *Facts) { f.LifeCycle = "operation" },
		func(f *Facts) { f.Agreement.Signed, f.Agreement.ValidUntil = true, in(400) },
		func(f *Facts) {
			f.Assessments = slices.Clone(f.Assessments)
			for i := range f.Assessments {
				f.Assessments[i].Done, f.Assessments[i].RedFlag, f.Assessments[i].ValidUntil = true, false, in(400)
			}
		},
		func(f *Facts) {
			f.Assessments = append(slices.Clone(f.Assessments), Assessment{ID: "new", Kind: "aiia", Done: true})
		},
		func(f *Facts) {
			f.Approvals = slices.Clone(f.Approvals)
			for i, r := range f.NeedsRoles {
				f.Approvals = append(f.Approvals, Approval{ID: "new" + r, Role: r, Person: "new" + string(rune('a'+i)), ContentHash: f.ContentHash, GivenAt: noon})
			}
		},
	}
	codes := func(p Permit) map[string]bool {
		m := map[string]bool{}
		for _, l := range p.Lapses {
			m[l.Code] = true
		}
		return m
	}
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		before := Compile(f, noon)
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}).Draw(t, "order") {
			heal[i](&f)
			after := Compile(f, noon)
			if before.State == Valid && after.State != Valid {
				t.Fatalf("step %d took the permit away: %v", i, after.Lapses)
			}
			had := codes(before)
			for c := range codes(after) {
				// Once every role has approved, it may show that one person did.
				if !had[c] && c != LapseSamePerson {
					t.Fatalf("step %d brought %s", i, c)
				}
			}
			if before.State == Suspended && after.State == None {
				t.Fatalf("step %d turned suspended into none", i)
			}
			before = after
		}
	})
}

func TestOrderIsIrrelevantAndBytesAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		a := Compile(f, noon)
		g := f
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		shuffle(r, &g.Approvals)
		shuffle(r, &g.Assessments)
		shuffle(r, &g.Findings)
		shuffle(r, &g.Models)
		shuffle(r, &g.Zones)
		shuffle(r, &g.NeedsRoles)
		shuffle(r, &g.Excluded)
		shuffle(r, &g.PlantStates)
		shuffle(r, &g.Demands)
		shuffle(r, &g.Further)
		b := Compile(g, noon.In(time.FixedZone("x", 3600)))
		if x, y := string(a.Canonical()), string(b.Canonical()); x != y || x == "" {
			t.Fatalf("order changes the permit:\n%s\n%s", x, y)
		}
	})
}

func shuffle[T any](r *rand.Rand, s *[]T) {
	c := slices.Clone(*s)
	r.Shuffle(len(c), func(i, j int) { c[i], c[j] = c[j], c[i] })
	*s = c
}

func TestEverySentenceIsCompleteAndFounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Compile(anyFacts(t), noon)
		check := func(what string, say text.Bi, clauses []string) {
			if !say.Complete() || len(clauses) == 0 || slices.Contains(clauses, "") {
				t.Fatalf("%s: %+v %v", what, say, clauses)
			}
		}
		for _, c := range p.Conditions {
			check(c.Kind, c.Say, c.Clauses)
		}
		for _, l := range append(p.Lapses, p.At(in(4000)).Lapses...) {
			check(l.Code, l.Say, l.Clauses)
			if len(l.LiftBy) == 0 || slices.Contains(l.LiftBy, "") || l.Weight == 0 {
				t.Fatalf("%s: nobody can lift it, or no weight: %+v", l.Code, l)
			}
		}
		if !slices.IsSortedFunc(p.Lapses, func(a, b Lapse) int { return b.Weight - a.Weight }) {
			t.Fatalf("lapses out of order: %v", p.Lapses)
		}
	})
}

// TestExpiryAgreesWithCompiling: until it ends, a compiled permit says what a
// fresh compilation would say, and at its end both are off.
func TestExpiryAgreesWithCompiling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		p := Compile(f, noon)
		if p.State != Valid {
			return
		}
		if q := Compile(f, p.ValidUntil); q.State == Valid {
			t.Fatalf("still valid at its end")
		}
		before := p.ValidUntil.Add(-time.Duration(rapid.Int64Range(1, int64(p.ValidUntil.Sub(noon))).Draw(t, "back")))
		if q := Compile(f, before); q.State != Valid || p.At(before).State != Valid {
			t.Fatalf("off at %s, before its end %s: %v", before, p.ValidUntil, q.Lapses)
		}
	})
}
