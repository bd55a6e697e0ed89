package entry

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"augenmass/internal/problem"
)

var (
	hex64  = strings.Repeat("0a", 32)
	sealed = Sealed{Commitment: "hmac-sha256:" + hex64, Ref: "sha256:" + hex64}
	at     = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
)

func number(v float64) *float64 { return &v }

func escalated() Inference {
	return Inference{
		V: 1, Decision: "dec_1", System: "sys_1", Model: Model{Name: "m", Version: "1", Hash: "sha256:00"},
		Caller: Caller{ID: "wl_1", Kind: "workload", Zone: "mill", Device: "dev_1"}, Outcome: Escalated,
		Reasons: []Reason{{Code: ConfidenceLow, Clauses: []string{"aia.art14.4.d"}}}, Rows: 1,
		Confidence: number(0.7), Drift: number(0.05), DriftFloor: number(0.08), DriftFeature: "torque", Bias: number(0), BiasMargin: number(0.1),
		Plant: &Plant{Zone: "mill", State: "running"}, Limits: Limits{Confidence: 0.85, Drift: 0.1, TimeoutMS: 500},
		Permit: Permit{Number: "BE-2026-0007", Version: 3, FactsHash: "sha256:" + hex64}, Policy: "sha256:" + hex64,
		Input: Sealed{Commitment: sealed.Commitment}, Output: sealed,
		Case:       &Case{ID: "case_1", Due: at, OnHold: "hold", Deciders: []string{"shift_lead"}, Content: sealed, Suggested: true},
		DurationUS: 1200, DecidedAt: at,
	}
}

func released() Inference {
	i := escalated()
	i.Outcome, i.Reasons, i.Case = Released, []Reason{}, nil
	return i
}

// The golden files are what stands in journals for good: a change here that is
// not a new version breaks every journal that was ever written.
func TestShapesAreStable(t *testing.T) {
	values := map[string]any{
		"inference": escalated(),
		"decision":  CaseDecision{V: 1, Case: "case_1", Decision: "dec_1", System: "sys_1", Verdict: Change, By: "per_1", Role: "shift_lead", Reason: sealed, Value: sealed, Revealed: true},
		"expired":   CaseExpired{V: 1, Case: "case_1", Decision: "dec_1", System: "sys_1", Due: at},
		"stop":      Stop{V: 1, System: "sys_1", By: "per_1", Role: "shift_lead", Reason: sealed},
		"access": Access{V: 1, Decision: "dec_1", Who: Entity{"person", "per_1"}, Action: "read", Resource: Entity{"system", "sys_1"},
			Reasons: []AccessReason{{Code: "role.missing", Clauses: []string{"iec.sr.2.1"}, Policy: "p1"}}, Permit: Permit{Number: "BE-2026-0007", Version: 3}, Policy: "sha256:" + hex64},
	}
	values["access-ended"] = AccessEnded{V: 1, Grant: "gra_1", Decision: "dec_1", Denial: "dec_2", Who: Entity{"person", "per_1"}, Action: "read", Resource: Entity{"journal", "nord"},
		Reasons: []AccessReason{{Code: "session.ended", Clauses: []string{"zta.10"}}}, Permit: Permit{Number: "BE-2026-0007", Version: 3}, Policy: "sha256:" + hex64}
	parse := map[string]func(json.RawMessage) (any, error){
		"inference": func(b json.RawMessage) (any, error) { return ParseInference(b) },
		"decision":  func(b json.RawMessage) (any, error) { return ParseCaseDecision(b) },
		"expired":   func(b json.RawMessage) (any, error) { return ParseCaseExpired(b) },
		"stop":      func(b json.RawMessage) (any, error) { return ParseStop(b) },
		"access":    func(b json.RawMessage) (any, error) { return ParseAccess(b) },

		"access-ended": func(b json.RawMessage) (any, error) { return ParseAccessEnded(b) },
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".v1.json")
			got, err := json.MarshalIndent(v, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; it would hold\n%s", err, got)
			}
			if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
				t.Error(d)
			}
			back, err := parse[name](want)
			if err != nil || !reflect.DeepEqual(back, v) {
				t.Errorf("read back %+v, %v", back, err)
			}
		})
	}
}

func TestInferencesThatContradictThemselves(t *testing.T) {
	for name, c := range map[string]struct {
		from Inference
		edit func(*Inference)
		path string
	}{
		"released with a reason":      {released(), func(i *Inference) { i.Reasons = escalated().Reasons }, "reasons"},
		"released with a case":        {released(), func(i *Inference) { i.Case = escalated().Case }, "case"},
		"released without a permit":   {released(), func(i *Inference) { i.Permit.Number = "" }, "permit.number"},
		"released without a model":    {released(), func(i *Inference) { i.Model.Name = "" }, "model.name"},
		"released without a system":   {released(), func(i *Inference) { i.System = "" }, "system"},
		"escalated without a reason":  {escalated(), func(i *Inference) { i.Reasons = []Reason{} }, "reasons"},
		"escalated without a case":    {escalated(), func(i *Inference) { i.Case = nil }, "case"},
		"case without content":        {escalated(), func(i *Inference) { i.Case.Content = Sealed{} }, "case.content.ref"},
		"case without a deadline":     {escalated(), func(i *Inference) { i.Case.Due = time.Time{} }, "case.due"},
		"case with another on_hold":   {escalated(), func(i *Inference) { i.Case.OnHold = "wait" }, "case.on_hold"},
		"unknown outcome":             {released(), func(i *Inference) { i.Outcome = "guessed" }, "outcome"},
		"unknown version":             {released(), func(i *Inference) { i.V = 2 }, "v"},
		"decision without its prefix": {released(), func(i *Inference) { i.Decision = "dec_" }, "decision"},
		"nobody asked":                {released(), func(i *Inference) { i.Caller.ID = "" }, "caller.id"},
		"confidence above one":        {released(), func(i *Inference) { i.Confidence = number(1.01) }, "confidence"},
		"drift below nought":          {released(), func(i *Inference) { i.Drift = number(-0.01) }, "drift"},
		"bias that is no number":      {released(), func(i *Inference) { i.Bias = number(math.NaN()) }, "bias"},
		"clear text for a commitment": {released(), func(i *Inference) { i.Input.Commitment = "torque 42" }, "input.commitment"},
		"reference without binding":   {released(), func(i *Inference) { i.Output.Commitment = "" }, "output.commitment"},
		"a sentence for a code":       {escalated(), func(i *Inference) { i.Reasons[0].Code = "Meier was tired" }, "reasons.code"},
		"a sentence for a clause":     {escalated(), func(i *Inference) { i.Reasons[0].Clauses = []string{"Art. 14"} }, "reasons.clauses"},
	} {
		t.Run(name, func(t *testing.T) {
			i := c.from
			if err := i.Validate(); err != nil {
				t.Fatalf("before the edit: %v", err)
			}
			c.edit(&i)
			wants(t, i.Validate(), c.path)
		})
	}
}

func wants(t *testing.T, err error, path string) {
	t.Helper()
	if !problem.Is(err, problem.BadInput) {
		t.Fatalf("got %v", err)
	}
	for _, f := range problem.From(err).Fields {
		if f.Path == path {
			return
		}
	}
	t.Errorf("%v does not name %s", err, path)
}

func TestDecisionsThatContradictThemselves(t *testing.T) {
	good := CaseDecision{V: 1, Case: "case_1", Decision: "dec_1", System: "sys_1", Verdict: Confirm, By: "per_1", Role: "shift_lead"}
	for name, c := range map[string]struct {
		edit func(*CaseDecision)
		path string
	}{
		"change without a value":   {func(d *CaseDecision) { d.Verdict, d.Reason = Change, sealed }, "value"},
		"change without a reason":  {func(d *CaseDecision) { d.Verdict, d.Value = Change, sealed }, "reason"},
		"reject without a reason":  {func(d *CaseDecision) { d.Verdict = Reject }, "reason"},
		"confirm with a value":     {func(d *CaseDecision) { d.Value = sealed }, "value"},
		"unknown verdict":          {func(d *CaseDecision) { d.Verdict = "maybe" }, "verdict"},
		"nobody":                   {func(d *CaseDecision) { d.By = "" }, "by"},
		"in no role":               {func(d *CaseDecision) { d.Role = "" }, "role"},
		"of a case without prefix": {func(d *CaseDecision) { d.Case = "1" }, "case"},
	} {
		t.Run(name, func(t *testing.T) {
			d := good
			if err := d.Validate(); err != nil {
				t.Fatal(err)
			}
			c.edit(&d)
			wants(t, d.Validate(), c.path)
		})
	}
	a := Access{V: 1, Decision: "dec_1", Who: Entity{"person", "p"}, Action: "read", Resource: Entity{"system", "s"}}
	wants(t, a.Validate(), "reasons")
	x := CaseExpired{V: 1, Case: "case_1", Decision: "dec_1", System: "sys_1"}
	wants(t, x.Validate(), "due")
	s := Stop{V: 1, System: "sys_1", By: "per_1", Role: "safety"}
	wants(t, s.Validate(), "reason")
}

func TestParseIsStrict(t *testing.T) {
	good, err := json.Marshal(escalated())
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"unknown field":  strings.Replace(string(good), `{"v":1`, `{"v":1,"name":"Meier"`, 1),
		"wrong type":     strings.Replace(string(good), `"rows":1`, `"rows":"1"`, 1),
		"a second value": string(good) + "{}",
		"broken":         string(good)[:40],
		"null":           "null",
	} {
		if name != "null" && in == string(good) {
			t.Fatalf("%s changes nothing", name)
		}
		if i, err := ParseInference([]byte(in)); err == nil {
			t.Errorf("%s was read as %+v", name, i)
		}
	}
}

func TestEveryCodeHasASentence(t *testing.T) {
	for code, s := range sentences {
		if !codePattern.MatchString(code) || !s.Complete() || !strings.HasSuffix(s.DE, ".") || !strings.HasSuffix(s.EN, ".") {
			t.Errorf("%s: %+v", code, s)
		}
		if got, ok := Say(code); !ok || got != s {
			t.Errorf("Say(%q) = %v", code, got)
		}
	}
	if _, ok := Say("no.such"); ok {
		t.Error("an unknown code has a sentence")
	}
}
