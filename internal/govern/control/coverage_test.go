package control_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// 000-23, 000-50: evidence counts whole across equal and superset, at most
// partly across subset and intersects, and one step only.
func TestEvidenceCarriesOverMappings(t *testing.T) {
	lib := book{}.with("iso.1", packs.Equal, "law.1").with("iso.1", packs.Superset, "law.2").with("iso.1", packs.Subset, "law.3").
		with("iso.1", packs.Intersects, "law.4").with("law.1", packs.Equal, "far.1")
	c := coverage(lib, shows("evd_1", "iso.1"))
	for clause, want := range map[string]control.Level{"iso.1": control.LevelWhole, "law.1": control.LevelWhole, "law.2": control.LevelWhole,
		"law.3": control.LevelPartly, "law.4": control.LevelPartly, "far.1": control.LevelNone} {
		if got := c.Of(clause).Level(); got != want {
			t.Errorf("%s is covered %s, want %s", clause, got, want)
		}
	}
	by := c.Of("law.2").Closings[0]
	if by.Evidence != "evd_1" || by.Via == nil || by.Via.From != "iso.1" || by.Via.Relation != packs.Superset {
		t.Errorf("it is not said how the evidence came to law.2: %+v", by)
	}
	if own := c.Of("iso.1").Closings[0]; own.Via != nil {
		t.Errorf("filed evidence came over %v", own.Via)
	}
	rate, closings, objects, ok := c.Reuse()
	if !ok || closings != 3 || objects != 1 || rate != 3 || c.Partial != 2 {
		t.Errorf("reuse is %v = %d/%d, %d in part", rate, closings, objects, c.Partial)
	}
	if got := len(c.Serves("evd_1")); got != 5 {
		t.Errorf("the evidence stands at %d requirements, want 5", got)
	}
	// From the other side the relation turns: what proves the lesser proves the
	// greater in part.
	if got := coverage(lib, shows("evd_2", "law.2")).Of("iso.1").Level(); got != control.LevelPartly {
		t.Errorf("evidence for less covers more %s", got)
	}
}

// Evidence that reaches a requirement in two ways counts once, by the stronger.
func TestEvidenceCountsOnceARequirement(t *testing.T) {
	lib := book{}.with("a.1", packs.Intersects, "z.1").with("a.2", packs.Equal, "z.1").with("a.2", packs.Equal, "a.1")
	c := coverage(lib, shows("evd_1", "a.1", "a.2"))
	if got := c.Of("z.1").Closings; len(got) != 1 || !got[0].Whole || got[0].Via.From != "a.2" {
		t.Errorf("z.1: %+v", got)
	}
	if got := c.Of("a.1").Closings; len(got) != 1 || got[0].Via != nil {
		t.Errorf("a.1 was filed for and came over %+v", got)
	}
	if c.Closings != 3 {
		t.Errorf("%d closings, want 3", c.Closings)
	}
}

// Expired evidence is named and does not count; the day before it does.
func TestExpiredEvidenceIsNamedAndDoesNotCount(t *testing.T) {
	c := coverage(book{}, until(shows("evd_1", "a.1"), today), until(shows("evd_2", "a.2"), days(1)))
	if got := c.Of("a.1"); got.Level() != control.LevelExpired || len(got.Closings) != 1 || got.Closings[0].Counts() || len(got.Types()) != 0 {
		t.Errorf("expired evidence: %s, %+v", got.Level(), got.Closings)
	}
	if got := c.Of("a.2"); got.Level() != control.LevelWhole || got.Closings[0].State != control.Expiring {
		t.Errorf("evidence that expires tomorrow: %s, %+v", got.Level(), got.Closings)
	}
	if c.Objects != 1 || c.Expired != 1 || c.Closings != 1 {
		t.Errorf("%d count, %d expired, %d closings", c.Objects, c.Expired, c.Closings)
	}
	if _, _, _, ok := coverage(book{}, until(shows("evd_1", "a.1"), today)).Reuse(); ok {
		t.Error("there is a reuse rate of nothing")
	}
}

// 001-36: a requirement shows the types of evidence that it still lacks; what
// shows it only in part fills no type.
func TestMissingTypesOfEvidence(t *testing.T) {
	log := shows("evd_1", "a.1")
	log.Doc.Type = "log"
	part := shows("evd_2", "b.1")
	part.Doc.Type = "screenshot"
	c := coverage(book{}.with("b.1", packs.Intersects, "a.1"), log, part).Of("a.1")
	if got := c.Missing([]string{"screenshot", "log", "diagram"}); !slices.Equal(got, []string{"screenshot", "diagram"}) {
		t.Errorf("missing are %v", got)
	}
}

// world draws mappings and evidence over a few clauses.
func world(t *rapid.T) (book, []store.Object[control.Evidence]) {
	clause := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("n.4.%d", rapid.IntRange(1, 6).Draw(t, "clause")) })
	lib := book{}
	for range rapid.IntRange(0, 8).Draw(t, "mappings") {
		from, to := clause.Draw(t, "from"), clause.Draw(t, "to")
		if from != to {
			lib.with(from, rapid.SampledFrom([]packs.Relation{packs.Equal, packs.Subset, packs.Superset, packs.Intersects}).Draw(t, "relation"), to)
		}
	}
	var all []store.Object[control.Evidence]
	for i := range rapid.IntRange(1, 6).Draw(t, "evidence") {
		o := shows(fmt.Sprintf("evd_%d", i), rapid.SliceOfNDistinct(clause, 0, 3, rapid.ID).Draw(t, "clauses")...)
		o.Doc.Type = control.EvidenceType(rapid.SampledFrom([]string{"log", "document"}).Draw(t, "type"))
		if n := rapid.IntRange(-3, 3).Draw(t, "expires"); n != 0 {
			o = until(o, days(n))
		}
		all = append(all, o)
	}
	return lib, all
}

var levels = []control.Level{control.LevelNone, control.LevelExpired, control.LevelPartly, control.LevelWhole}

// More evidence never covers less, closes less, or leaves more types missing;
// and the order in which evidence comes does not matter.
func TestCoverageIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, all := world(t)
		less, more := coverage(lib, all[:len(all)-1]...), coverage(lib, all...)
		if more.Closings < less.Closings || more.Objects < less.Objects {
			t.Fatalf("closings %d → %d, objects %d → %d", less.Closings, more.Closings, less.Objects, more.Objects)
		}
		turned := slices.Clone(all)
		slices.Reverse(turned)
		other := coverage(lib, turned...)
		for i := range 6 {
			id := fmt.Sprintf("n.4.%d", i+1)
			a, b := less.Of(id), more.Of(id)
			if slices.Index(levels, b.Level()) < slices.Index(levels, a.Level()) {
				t.Fatalf("%s: %s → %s", id, a.Level(), b.Level())
			}
			wanted := []string{"log", "document", "list"}
			if len(b.Missing(wanted)) > len(a.Missing(wanted)) {
				t.Fatalf("%s lacks more than before", id)
			}
			if !slices.EqualFunc(b.Closings, other.Of(id).Closings, func(x, y control.Closing) bool { return x.Evidence == y.Evidence && x.Whole == y.Whole }) {
				t.Fatalf("%s depends on the order of the evidence", id)
			}
		}
	})
}
