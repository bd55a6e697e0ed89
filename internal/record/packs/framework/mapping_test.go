package framework

import "testing"

// Row 000-50 rests on this: what asks for less on one side asks for more on the
// other, and evidence carries over whole in at most the directions where it may.
func TestRelationsSeenFromBothSides(t *testing.T) {
	for r, want := range map[Relation]struct {
		reverse     Relation
		there, back bool
	}{
		Equal:      {Equal, true, true},
		Subset:     {Superset, false, true},
		Superset:   {Subset, true, false},
		Intersects: {Intersects, false, false},
	} {
		if r.Reverse() != want.reverse || r.Reverse().Reverse() != r || r.Whole() != want.there || r.Reverse().Whole() != want.back {
			t.Errorf("%s: reverse %s, carries over %v and back %v", r, r.Reverse(), r.Whole(), r.Reverse().Whole())
		}
	}
	m := Mapping{From: "a", To: "b", Relation: Subset}
	if x := m.Turned(); x.From != "b" || x.To != "a" || x.Relation != Superset || x.Turned().Relation != m.Relation {
		t.Errorf("%+v", x)
	}
	if len(Relations) != 4 {
		t.Errorf("relations %v", Relations)
	}
}

// A copy to which a mapping is added leaves the original as it was.
func TestCloneOfMappingsIsIndependent(t *testing.T) {
	m := &Mappings{}
	if m.Of("a") != nil || m.All() != nil {
		t.Error("nothing holds something")
	}
	c := m.Clone()
	c.all = append(c.all, Mapping{From: "a", To: "b"})
	c.by["a"] = append(c.by["a"], c.all[0])
	d := c.Clone()
	d.by["a"] = append(d.by["a"], Mapping{From: "a", To: "c"})
	e := c.Clone()
	e.by["a"] = append(e.by["a"], Mapping{From: "a", To: "e"})
	if len(m.Of("a")) != 0 || len(c.Of("a")) != 1 || d.Of("a")[1].To != "c" || e.Of("a")[1].To != "e" {
		t.Errorf("%v %v %v", c.Of("a"), d.Of("a"), e.Of("a"))
	}
}
