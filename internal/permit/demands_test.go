package permit

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/text"
)

// Every code of a demand is described: words in both languages, clauses, a
// weight of its own and somebody who can lift it (requirements 000-11, 001-56).
func TestEveryDemandIsDescribed(t *testing.T) {
	seen := map[int]string{}
	for code, k := range demands {
		if !k.say.Complete() || !strings.HasSuffix(k.say.DE, ".") || !strings.HasSuffix(k.say.EN, ".") {
			t.Errorf("%s says %+v", code, k.say)
		}
		if len(k.basis.always) == 0 || len(k.lift) == 0 {
			t.Errorf("%s: clauses %v, lifted by %v", code, k.basis.always, k.lift)
		}
		for _, role := range k.lift {
			if _, ok := words[role]; !ok {
				t.Errorf("%s is lifted by %q, which is nobody", code, role)
			}
		}
		f := milling()
		f.Demands = []Demand{{Code: code}}
		l := Compile(f, noon).Lapses
		if len(l) != 1 || l[0].Code != code || l[0].Weight <= 0 || l[0].Weight > weightHeaviest {
			t.Fatalf("%s: %+v", code, l)
		}
		if other, taken := seen[l[0].Weight]; taken {
			t.Errorf("%s weighs as much as %s", code, other)
		}
		seen[l[0].Weight] = code
	}
	if len(byWeight) != len(slices.Compact(slices.Sorted(slices.Values(byWeight)))) {
		t.Error("a code is weighed twice")
	}
}

// A demand is off while it is not met and from its end on; what it rests on,
// since when, and its closer clauses stand in the lapse.
func TestDemandsSpeakForThemselves(t *testing.T) {
	f := milling()
	f.Demands = []Demand{{Code: DemandAccepted, Since: ago(3), Object: "rsk_1", Clauses: []string{"zta.05"},
		Detail: text.Bi{DE: "Quetschgefahr am Greifer.", EN: "Crushing hazard at the gripper."}}}
	p := Compile(f, noon)
	if p.State != Suspended || len(p.Lapses) != 1 {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	l := p.Lapses[0]
	if l.Object != "rsk_1" || !l.Since.Equal(ago(3)) || l.Clauses[0] != "zta.05" || !slices.Contains(l.Clauses, "iso42001.8.3") ||
		!strings.HasSuffix(l.Say.DE, "nicht angenommen. Quetschgefahr am Greifer.") || !strings.HasSuffix(l.Say.EN, "Crushing hazard at the gripper.") {
		t.Errorf("%+v", l)
	}
	f.Demands[0].Met, f.Demands[0].Until = true, in(5)
	if p = Compile(f, noon); p.State != Valid || !p.ValidUntil.Equal(in(5)) || p.Ends == nil || p.Ends.Code != DemandAccepted || !p.Ends.Since.Equal(in(5)) {
		t.Errorf("a demand met until a day: %s until %s, ends %+v", p.State, p.ValidUntil, p.Ends)
	}
	if q := p.At(in(5)); q.State != Suspended || q.Lapses[0].Object != "rsk_1" {
		t.Errorf("at its end: %+v", q.Lapses)
	}
}

// What nobody described is never met, whatever the room says.
func TestUnknownDemandFailsClosed(t *testing.T) {
	for _, code := range []string{"risk.new", "", DemandUnknown} {
		for _, met := range []bool{false, true} {
			f := milling()
			f.Demands = []Demand{{Code: code, Met: met}}
			p := Compile(f, noon)
			if p.State != Suspended || p.Lapses[0].Code != DemandUnknown || p.Lapses[0].Object != code {
				t.Errorf("%q, met %v: %s %+v", code, met, p.State, p.Lapses)
			}
		}
	}
}

// Facts without what further rooms add keep the hash they had before there were
// further rooms, so that no stored permit changes its fingerprint.
func TestHashesOfBefore(t *testing.T) {
	for want, f := range map[string]Facts{
		"34be372783703218efd8b5b27a16dcb62821911d54fa541e59fb08d23b49f68c": camera(),
		"4971e96ff69f017e068ee61a93d895e2a510bdd5d2f886179e51cbc036f22ea9": milling(),
		"53a244bab90e601d33bbdb415fef4818056dc48f5aa48a09111faef352bbc23a": office(),
		"b8a6fcd2afc33b0802b319da987177bdddc8b9805583cbd26b73b143f6abc5de": shifts(),
	} {
		if got := Compile(f, noon).FactsHash; got != "sha256:"+want {
			t.Errorf("%s: %s", f.Name, got)
		}
		f.Demands, f.Further = []Demand{}, []Condition{}
		if got := Compile(f, noon).FactsHash; got != "sha256:"+want {
			t.Errorf("%s with empty lists: %s", f.Name, got)
		}
		f.Demands = []Demand{{Code: DemandMode, Met: true}}
		if got := Compile(f, noon).FactsHash; got == "sha256:"+want {
			t.Errorf("%s: a demand leaves no trace in the hash", f.Name)
		}
	}
}

// A condition of another room stands behind the permit's own, founded and in
// words even if the room forgot, and never in place of one of the permit's.
func TestFurtherConditions(t *testing.T) {
	f := milling()
	f.Further = []Condition{
		{Kind: CondZone, Allowed: []string{"everywhere"}, Say: text.Bi{DE: "Überall.", EN: "Everywhere."}, Clauses: []string{"zta.06"}},
		{Kind: CondDecision, Say: text.Bi{DE: "Teil aussondern: Miriam Vogt entscheidet vor der Freigabe, weil ein Irrtum teuer ist."}, Clauses: []string{"aia.art26.2", "", "aia.art26.2"}, Limit: math.NaN()},
		{Kind: "bare"},
	}
	p := Compile(f, noon)
	if p.Canonical() == nil {
		t.Fatal("a limit that is no number leaves nothing to sign")
	}
	if c, _ := p.Condition(CondZone); !slices.Equal(c.Allowed, []string{"Fertigung"}) {
		t.Errorf("another room opened a zone: %v", c.Allowed)
	}
	c, ok := p.Condition(CondDecision) // 001-56: mode per decision with reason and name, shown in the permit
	if !ok || !strings.Contains(c.Say.EN, "Miriam Vogt") || !slices.Equal(c.Clauses, []string{"aia.art26.2"}) {
		t.Errorf("%+v", c)
	}
	if c, _ := p.Condition("bare"); !slices.Equal(c.Clauses, []string{"zta.05"}) || c.Say.DE != "(bare)" {
		t.Errorf("%+v", c)
	}
	again := f
	again.Further = slices.Clone(f.Further)
	slices.Reverse(again.Further)
	if string(Compile(again, noon).Canonical()) != string(p.Canonical()) {
		t.Error("their order changes the permit")
	}
	var back Permit
	if err := json.Unmarshal(p.Canonical(), &back); err != nil || string(back.Canonical()) != string(p.Canonical()) {
		t.Errorf("read back it has other bytes: %v", err)
	}
}

// Every condition that a permit has to state is there, in every state, with a
// clause each: purpose, data classes, subjects, zones, oversight mode,
// thresholds, retention, fallback, review date.
func TestConditionsAreComplete(t *testing.T) {
	bare := Facts{System: "sys_bare", DataClasses: []string{"machine"}}
	for _, f := range []Facts{milling(), camera(), shifts(), office(), bare} {
		p := Compile(f, noon)
		for _, kind := range []string{CondPurpose, CondSubjects, CondZone, CondOversight, CondConfidence, CondDrift, CondTimeout, CondReview,
			CondRetention, CondFallback, CondPosture, CondReviewBy} {
			if c, ok := p.Condition(kind); !ok || !c.Say.Complete() || len(c.Clauses) == 0 {
				t.Errorf("%s: condition %s is %+v", f.System, kind, c)
			}
		}
	}
	if c, _ := Compile(shifts(), noon).Condition(CondSubjects); !strings.Contains(c.Say.DE, "Personen") {
		t.Errorf("people are not named: %s", c.Say.DE)
	}
	if c, _ := Compile(milling(), noon).Condition(CondReviewBy); !strings.Contains(c.Say.DE, "30.06.2027") {
		t.Errorf("the day is not named: %s", c.Say.DE)
	}
}

// Whoever can lift the heaviest lapse is named first.
func TestLiftersInOrderOfWeight(t *testing.T) {
	f := milling()
	f.Demands = []Demand{{Code: DemandAccepted}}
	f.Stopped, f.Approvals[1].WithdrawnAt, f.Owner, f.ReviewBy = true, ago(1), "", ago(1)
	if got := Compile(f, noon).Lifters(); !slices.Equal(got, []string{"shift_lead", "director", "safety", "ai_officer"}) {
		t.Errorf("%v", got)
	}
	if got := Compile(milling(), noon).Lifters(); len(got) != 0 {
		t.Errorf("a valid permit is lifted by %v", got)
	}
}

// In the place of the risk owner only the owner's own signature counts; further
// places are named in words, with the clause that asks for them.
func TestPlacesOfSignatures(t *testing.T) {
	f := milling()
	f.NeedsRoles = []string{SignOwner}
	f.Approvals = []Approval{approval("1", SignOwner, "per_owner")}
	if p := Compile(f, noon); p.State != Valid {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	f.Owner = "per_other"
	if p := Compile(f, noon); p.State != Suspended || p.Lapses[0].Code != LapseStale {
		t.Errorf("another owner: %s %+v", p.State, p.Lapses)
	}
	f = shifts()
	f.NeedsRoles = append(f.NeedsRoles, SignProtection, SignEthics)
	p := Compile(f, noon)
	if p.State != None || len(p.Lapses) != 2 {
		t.Fatalf("%s %+v", p.State, p.Lapses)
	}
	for i, want := range []struct{ word, clause string }{{"Datenschutz", "gdpr.35.2"}, {"Ethik", "iso42001.A.5.4"}} {
		if l := p.Lapses[i]; l.Code != LapseApproval || !strings.Contains(l.Say.DE, want.word) || l.Clauses[0] != want.clause {
			t.Errorf("%+v", l)
		}
	}
}
