package operation_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

const system = "Fräslinie: Ausfallvorhersage"

// house is a real organisation with one permitted system.
type house struct {
	*showtest.House
	system string
}

func newHouse(t testing.TB) house {
	t.Helper()
	h := showtest.Open(t, []fs.FS{operation.Texts}, operation.Routes(), bare)
	return house{h, h.Permitted(system).ID}
}

// bare is a page that asks for nothing: what the frame around every page costs.
var bare = []page.Route{{Method: "GET", Path: "/bare", Handle: func(r *page.Request) error {
	return r.Show(ui.PageView{Title: "bare"}, ui.Stack())
}}}

// content is what the gateway seals for a case of the failure model that
// suggests a failure.
func content() oversee.Content {
	f := func(name, de, en, unit string) oversee.Feature {
		return oversee.Feature{Name: name, Label: text.Bi{DE: de, EN: en}, Unit: unit}
	}
	features := []oversee.Feature{f("tool_wear", "Werkzeugverschleiß", "Tool wear", "min"), f("torque", "Drehmoment", "Torque", "Nm"),
		f("rotational_speed", "Drehzahl", "Rotational speed", "1/min"), f("air_temperature", "Lufttemperatur", "Air temperature", "K")}
	return oversee.Content{V: oversee.ContentVersion, Features: features, Rows: [][]oversee.Value{{"198", "61.4", "1312", "301.2"}},
		Suggestion: []oversee.Tensor{{Name: "failure", Datatype: "INT64", Shape: []int64{1}, Data: []oversee.Value{"1"}},
			{Name: "probability", Datatype: "FP64", Shape: []int64{1}, Data: []oversee.Value{"0.8123"}},
			{Name: "confidence", Datatype: "FP64", Shape: []int64{1}, Data: []oversee.Value{"0.8123"}}},
		Explained:   append(features, f("power", "Leistung", "Power", "W")),
		Explanation: [][]float64{{1.8, 0.9, -0.3, 0.1, 0.4}},
		Hints:       map[string]string{"flip_de": "Werkzeugverschleiß 181 statt 198 min", "flip_en": "Tool wear 181 instead of 198 min", "model_version": "1.2.0"},
		Answer:      json.RawMessage(`{"outputs":[]}`)}
}

// open journals an escalated inference with its content, as the gateway does,
// and returns its case and its decision.
func (h house) open(c oversee.Content, change func(*entry.Inference)) (id, decision string) {
	h.T.Helper()
	now, ctx := h.Clock.Now(), context.Background()
	id = store.NewID("case", now, rand.Reader)
	raw, err := json.Marshal(c)
	h.Must(err)
	ref, err := h.Org.Vault.Put(ctx, oversee.ContentSubject(id), raw)
	h.Must(err)
	confidence, drift, floor := 0.8123, 0.0612, 0.0907
	seal := entry.Sealed{Commitment: ledger.Commitment([]byte("salt"), []byte("x"))}
	sum := sha256.Sum256([]byte("m"))
	i := entry.Inference{V: entry.Version, Decision: store.NewID("dec", now, rand.Reader), System: h.system, Outcome: entry.Escalated,
		Reasons: []entry.Reason{{Code: entry.ConfidenceLow, Clauses: []string{"zta.05"}}}, Rows: len(c.Rows),
		Model:      entry.Model{Name: "ausfall-1", Version: "1.2.0", Hash: "sha256:" + hex.EncodeToString(sum[:])},
		Caller:     entry.Caller{ID: "wkl_1", Kind: "workload", Zone: "fertigung"},
		Confidence: &confidence, Drift: &drift, DriftFloor: &floor, DriftFeature: "torque", Plant: &entry.Plant{Zone: "fertigung", State: "running"},
		Limits: entry.Limits{Confidence: 0.85, Drift: 0.10, TimeoutMS: 2000}, Permit: entry.Permit{Number: "BE-2026-0001", Version: 1, FactsHash: "sha256:00"},
		Policy: "sha256:11", Input: seal, Output: seal, DurationUS: 1840, DecidedAt: now,
		Case: &entry.Case{ID: id, Due: now.Add(time.Hour), OnHold: "hold", Deciders: []string{"shift_lead", "safety"},
			Content: entry.Sealed{Commitment: ref.Commitment, Ref: ref.ID}, Suggested: len(c.Suggestion) > 0}}
	if change != nil {
		change(&i)
	}
	h.Must(i.Validate())
	e, err := ledger.NewEvent(store.NewID("evt", now, rand.Reader), "/werk/gateway", entry.TypeInference, h.system, now, &i)
	h.Must(err)
	_, err = h.Org.Journal.AppendEvent(ctx, e)
	h.Must(err)
	h.Settle()
	return id, i.Decision
}

// case1 opens one ordinary case.
func (h house) case1() string {
	id, _ := h.open(content(), nil)
	return id
}

// state is what the queue says about a case.
func (h house) state(id string) oversee.Case {
	h.T.Helper()
	h.Settle()
	k, err := h.Org.Oversee.Case(context.Background(), id)
	h.Must(err)
	return k
}

// watch fills the monitor with rows that drift at the end.
func (h house) watch() {
	h.T.Helper()
	ref := monitor.Reference{ID: "ausfall-1 1.2.0", Features: []string{"torque", "tool_wear"}, Window: 100}
	for n := range 200 {
		ref.Rows = append(ref.Rows, []float64{float64(n % 40), float64(n % 200)})
	}
	h.Must(h.Org.Monitor.SetReference(h.system, ref))
	for n := range 260 {
		torque := float64((n * 7) % 40)
		if n > 180 {
			torque += 12
		}
		h.Org.Monitor.Observe(h.system, map[string]float64{"torque": torque, "tool_wear": float64((n * 13) % 200)})
		h.Clock.Add(time.Second)
	}
}
