package mill

import (
	"slices"
	"testing"
)

func TestAVisitorSeesADisturbanceWithinThirtySeconds(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 5, 20} {
		line := NewLine(7, Shopfloor(rate))
		seen := map[Effect]bool{}
		for n := range int64(storyLength * rate) {
			s, _ := line.Next()
			for _, p := range s.Phases {
				if !p.Say.Complete() {
					t.Errorf("%s has no sentence", p.Effect)
				}
				if !seen[p.Effect] && p.Effect == ConfidenceMissing && float64(n)/rate > 30 {
					t.Errorf("rate %g: first disturbance after %g s", rate, float64(n)/rate)
				}
				seen[p.Effect] = true
			}
		}
		for _, e := range []Effect{MaterialChange, SensorOffset, ConfidenceMissing, ConfidenceNaN, ConfidenceOutOfRange, ModelSlow, ModelDown, WrongZone} {
			if !seen[e] {
				t.Errorf("rate %g: %s does not happen within one story", rate, e)
			}
		}
	}
}

func TestATimelineRepeats(t *testing.T) {
	tl := Timeline{Every: 10, Phases: []Phase{{From: 2, Until: 4, Effect: ModelDown}}}
	var on []int64
	for n := range int64(25) {
		if len(tl.At(n)) > 0 {
			on = append(on, n)
		}
	}
	if want := []int64{2, 3, 12, 13, 22, 23}; !slices.Equal(on, want) {
		t.Errorf("disturbed rows %v, want %v", on, want)
	}
	tl.Every = 0
	if len(tl.At(12)) != 0 {
		t.Error("a timeline without a period repeats")
	}
}

func TestARateThatIsNoneCountsAsOne(t *testing.T) {
	if got := Shopfloor(-3).Every; got != storyLength {
		t.Errorf("period %d", got)
	}
}

func TestACondensedStoryFitsIntoItsRows(t *testing.T) {
	for _, n := range []int64{0, 1, 5, 100, 10_000} {
		slow := int64(0)
		for _, p := range Condensed(n).Phases {
			if p.From >= p.Until || p.Until > n {
				t.Errorf("%d rows: phase %+v", n, p)
			}
			if p.Effect == ModelSlow {
				slow += p.Until - p.From
			}
		}
		if slow > slowRows {
			t.Errorf("%d rows: %d late answers", n, slow)
		}
	}
	if got := len(Condensed(10_000).Phases); got != len(story) {
		t.Errorf("%d phases in 10,000 rows", got)
	}
}

// Harder material is real: torque up, speed down, failures judged anew.
func TestMaterialChangesWhatHappens(t *testing.T) {
	before := row(func(r *Row) { r.ToolWear, r.Type = 230, Low })
	after := Phase{Effect: MaterialChange, Amount: 12}.applied(before)
	if after.Torque != 52 || after.RotationalSpeed != 1500-1500+1385 {
		t.Errorf("torque %g, speed %g", after.Torque, after.RotationalSpeed)
	}
	if before.OSF || !after.OSF || !after.Failure {
		t.Errorf("overstrain before %v, after %v", before.OSF, after.OSF)
	}
	if got := (Phase{Effect: MaterialChange, Amount: -60}).applied(before).Torque; got != 0 {
		t.Errorf("torque %g, never negative", got)
	}
}

// A sensor that reads wrongly changes the reading, not the product.
func TestASensorOffsetChangesOnlyTheReading(t *testing.T) {
	before := row(func(r *Row) { r.RotationalSpeed, r.Torque = 1300, 45 })
	after := Phase{Effect: SensorOffset, Amount: -2.2}.applied(before)
	if after.ProcessTemperature != 307.8 {
		t.Errorf("process temperature %g", after.ProcessTemperature)
	}
	if after.HDF || after.Failure {
		t.Error("a wrong reading made the product fail")
	}
}

func TestAReplayEndsAndStaysTheSame(t *testing.T) {
	rows := Generate(5, 50)
	tl := Condensed(50)
	play := func() []Row {
		line := NewReplay(rows, tl)
		var out []Row
		for {
			s, ok := line.Next()
			if !ok {
				return out
			}
			if s.N != int64(len(out)) {
				t.Fatalf("step %d is numbered %d", len(out), s.N)
			}
			out = append(out, s.Row)
		}
	}
	first := play()
	if len(first) != 50 || !slices.Equal(first, play()) {
		t.Error("two replays of the same rows differ")
	}
	if slices.Equal(first, rows) {
		t.Error("the timeline changed nothing")
	}
}

func TestFeaturesAndMapAgree(t *testing.T) {
	r := row(nil)
	m := r.Map()
	for _, f := range r.Features() {
		if m[f.Name] != f.Value {
			t.Errorf("%s: %g and %g", f.Name, m[f.Name], f.Value)
		}
	}
	if len(m) != 8 || m[FeatureType] != 1 || m[FeatureTemperatureDifference] != 10 {
		t.Errorf("map %v", m)
	}
}
