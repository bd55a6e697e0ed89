package gateway

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/permit"
)

// Whatever goes wrong with the model server, a person decides, and the entry
// says what it was. Never a guess, never an output.
func TestModelServerFails(t *testing.T) {
	edit := func(from, to string) http.HandlerFunc {
		if !strings.Contains(good, from) {
			t.Fatalf("%q is not in the answer", from)
		}
		return answering(strings.Replace(good, from, to, 1))
	}
	for _, c := range []struct {
		name      string
		model     http.HandlerFunc
		code      string
		suggested bool
	}{
		{"down", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "model.unavailable", false},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = io.WriteString(w, good)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "model.broken", false},
		{"reports an error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"error":"x"}`, 500) }, "model.status", false},
		{"points elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/v2/models/other/infer", 307) }, "model.status", false},
		{"says nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "model.status", false},
		{"empty", answering(""), "model.broken", false},
		{"no JSON", answering("<html>"), "model.broken", false},
		{"a list", answering("[]"), "model.broken", false},
		{"a name twice", answering(`{"model_name":"tool","model_name":"tool"}`), "model.broken", false},
		{"no outputs", answering(`{"model_name":"tool","model_version":"1.2"}`), "model.broken", false},
		{"empty outputs", answering(`{"model_name":"tool","model_version":"1.2","outputs":[]}`), "model.broken", false},
		{"output without shape", edit(`"shape":[1],"data":[0]`, `"data":[0]`), "model.broken", false},
		{"output of another shape", edit(`"shape":[1,3]`, `"shape":[1,4]`), "model.broken", false},
		{"output twice", edit(`"name":"failure"`, `"name":"confidence"`), "model.broken", false},
		{"answers somebody else", edit(`"id":"part-7"`, `"id":"part-8"`), "model.broken", false},
		{"too large", answering(good + strings.Repeat(" ", 2<<20)), "model.too_large", false},
		{"another model", edit(`"model_name":"tool"`, `"model_name":"tool2"`), "model.wrong_name", false},
		{"no model", edit(`"model_name":"tool",`, ``), "model.wrong_name", false},
		{"another version", edit(`"1.2"`, `"1.3"`), "model.wrong_version", false},
		{"no version", edit(`"model_version":"1.2",`, ``), "model.wrong_version", false},
		{"another checksum", edit(`"sha256:model"`, `"sha256:forged"`), "model.wrong_hash", false},
		{"confidence missing", edit(`"name":"confidence"`, `"name":"probability"`), "confidence.missing", true},
		{"confidence for another number of rows", edit(`"name":"confidence","datatype":"FP64","shape":[1],"data":[0.97]`, `"name":"confidence","datatype":"FP64","shape":[2],"data":[0.97,0.98]`), "confidence.missing", true},
		{"confidence null", answering(saying("null")), "confidence.null", true},
		{"confidence NaN", answering(saying("NaN")), "confidence.nan", true},
		{"confidence infinite", answering(saying("Infinity")), "confidence.out_of_range", true},
		{"confidence minus infinite", answering(saying("-Infinity")), "confidence.out_of_range", true},
		{"confidence a text", answering(saying(`"0.97"`)), "confidence.not_a_number", true},
		{"confidence the text NaN", answering(saying(`"NaN"`)), "confidence.not_a_number", true},
		{"confidence true", answering(saying("true")), "confidence.not_a_number", true},
		{"confidence above one", answering(saying("1.0000001")), "confidence.out_of_range", true},
		{"confidence below nought", answering(saying("-0.1")), "confidence.out_of_range", true},
		{"confidence beyond numbers", answering(saying("1e400")), "confidence.out_of_range", true},
		{"confidence low", answering(saying("0.8499999")), "confidence.low", true},
		{"confidence nought", answering(saying("0")), "confidence.low", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.model = c.model
			a := h.infer(t, ask)
			e := h.last(t)
			if a.status != 202 || e.Outcome != entry.Escalated || codes(e.Reasons) != c.code || e.Case.Suggested != c.suggested {
				t.Errorf("status %d, reasons %q, case %+v; want %q", a.status, codes(e.Reasons), e.Case, c.code)
			}
			if (e.Confidence != nil) != (c.code == "confidence.low") {
				t.Errorf("confidence %v is in the entry", e.Confidence)
			}
			if len(e.Reasons[0].Clauses) == 0 {
				t.Error("the reason names no clause")
			}
			hideOutputs(t, a)
			if len(h.asked) != 1 {
				t.Errorf("the model was asked %d times", len(h.asked))
			}
		})
	}
}

func TestModelServerIsGone(t *testing.T) {
	h := newHouse(t)
	h.server.Close()
	if a := h.infer(t, ask); a.status != 202 || codes(h.last(t).Reasons) != "model.unavailable" {
		t.Errorf("status %d, %+v", a.status, h.last(t))
	}
	h.permit.Models[0].Endpoint = "file:///etc/passwd"
	if a := h.infer(t, ask); a.status != 202 || codes(h.last(t).Reasons) != "model.unavailable" {
		t.Errorf("status %d, %+v", a.status, h.last(t))
	}
}

// The model server answers only when the gateway has given up, once before the
// header and once within the body: no clock is measured here.
func TestModelServerIsLate(t *testing.T) {
	for name, model := range map[string]http.HandlerFunc{
		"before the answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"within the answer": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, good[:50])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for i, c := range h.permit.Conditions {
				if c.Kind == permit.CondTimeout {
					h.permit.Conditions[i].Amount = 30
				}
			}
			h.model = model
			a := h.infer(t, ask)
			e := h.last(t)
			if a.status != 202 || codes(e.Reasons) != "model.late" || !slices.Equal(e.Reasons[0].Clauses, []string{"clause.timeout"}) || e.Case.Suggested || e.DurationUS <= 0 {
				t.Errorf("status %d, entry %+v", a.status, e)
			}
			hideOutputs(t, a)
		})
	}
}

// Of several rows the least confident counts.
func TestLeastConfidenceCounts(t *testing.T) {
	two := `{"inputs":[{"name":"x","datatype":"FP64","shape":[2,2],"data":[[41.5,1500],[40,1400]]},{"name":"variant","datatype":"BYTES","shape":[2],"data":["M","Q"]}]}`
	reply := func(c string) string {
		return `{"model_name":"tool","model_version":"1.2","outputs":[{"name":"failure","datatype":"INT64","shape":[2],"data":[0,1]},{"name":"confidence","datatype":"FP32","shape":[2],"data":[` + c + `]}]}`
	}
	for confidence, code := range map[string]string{"0.99,0.9": "", "0.99,0.7": "confidence.low", "0.99,null": "confidence.null", "0.5,1.5": "confidence.out_of_range"} {
		h := newHouse(t)
		h.model = answering(reply(confidence))
		h.infer(t, two)
		if e := h.last(t); codes(e.Reasons) != code || e.Rows != 2 {
			t.Errorf("%s: %q", confidence, codes(e.Reasons))
		}
		if len(h.observed) != 2 || h.observed[1]["torque"] != 40 || h.observed[1]["variant"] != -1 {
			t.Errorf("observed %v", h.observed)
		}
	}
	h := newHouse(t)
	h.model = answering(`{"model_name":"tool","model_version":"1.2","parameters":{"confidence":0.91},"outputs":[{"name":"failure","datatype":"INT64","shape":[2],"data":[0,1]}]}`)
	if h.infer(t, two); *h.last(t).Confidence != 0.91 {
		t.Errorf("the parameter was not read: %+v", h.last(t))
	}
}

func TestNullableInputsAreDefects(t *testing.T) {
	h := newHouse(t)
	r := route()
	r.Inputs[0].Nullable = true
	if err := h.gateway.SetRoutes([]Route{r}); err != nil {
		t.Fatal(err)
	}
	h.infer(t, strings.Replace(ask, "41.5", "null", 1))
	if e := h.last(t); e.Outcome != entry.Released || e.Defects != 1 || !math.IsNaN(h.observed[0]["torque"]) {
		t.Errorf("entry %+v, observed %v", e, h.observed)
	}
}

func TestBiasLearnsFromResults(t *testing.T) {
	h := newHouse(t)
	r := route()
	r.Selection = &Selection{Group: "variant", Output: "failure", AtLeast: 1}
	if err := h.gateway.SetRoutes([]Route{r}); err != nil {
		t.Fatal(err)
	}
	h.state.Bias, h.state.BiasMargin, h.state.BiasReady = 0.4, 0.1, true
	h.infer(t, ask)
	if e := h.last(t); !slices.Equal(h.results, []string{"M false"}) || codes(e.Reasons) != "bias.high" || *e.Bias != 0.4 || *e.BiasMargin != 0.1 {
		t.Errorf("results %q, entry %+v", h.results, e)
	}
}

// The escalation matrix: each trigger under, at and over its limit, missing and
// broken, alone.
func TestGate(t *testing.T) {
	base := newHouse(t).permit
	sound := measures{confidence: 0.9, plant: "running", state: monitor.State{Drift: 0.05, DriftFloor: 0.03, DriftReady: true, Ready: true, Bias: 0.1, BiasMargin: 0.05, BiasReady: true}}
	drift := func(d, floor float64) func(*measures) {
		return func(m *measures) { m.state.Drift, m.state.DriftFloor = d, floor }
	}
	bias := func(b, margin float64) func(*measures) {
		return func(m *measures) { m.state.Bias, m.state.BiasMargin = b, margin }
	}
	confidence := func(c float64) func(*measures) { return func(m *measures) { m.confidence = c } }
	plant := func(s string) func(*measures) { return func(m *measures) { m.plant = s } }
	for _, c := range []struct {
		name string
		edit func(*measures)
		want string
	}{
		{"sound", func(*measures) {}, ""},
		{"confidence at the limit", confidence(0.85), ""},
		{"confidence just under", confidence(math.Nextafter(0.85, 0)), "confidence.low"},
		{"confidence no number", confidence(math.NaN()), "confidence.low"},
		{"confidence missing", func(m *measures) { m.confCode = entry.ConfidenceMissing }, "confidence.missing"},
		{"drift at the limit", drift(0.10, 0), ""},
		{"drift just over", drift(math.Nextafter(0.10, 1), 0), "drift.high"},
		{"drift over the limit, within chance", drift(0.15, 0.16), ""},
		{"drift over both", drift(0.17, 0.16), "drift.high"},
		{"drift NaN", drift(math.NaN(), 0), "drift.not_a_number"},
		{"drift infinite", drift(math.Inf(1), 0), "drift.not_a_number"},
		{"drift below nought", drift(-1, 0), "drift.not_a_number"},
		{"floor NaN", drift(0.05, math.NaN()), "drift.not_a_number"},
		{"drift not measured yet", func(m *measures) { m.state.DriftReady, m.state.Drift = false, 0.9 }, ""},
		{"bias at the limit", bias(0.20, 0), ""},
		{"bias over, not its margin", bias(0.25, 0.06), ""},
		{"bias over with its margin", bias(0.27, 0.06), "bias.high"},
		{"bias NaN", bias(math.NaN(), 0), "bias.not_a_number"},
		{"bias margin NaN", bias(0.1, math.NaN()), "bias.not_a_number"},
		{"bias not measured yet", func(m *measures) { m.state.BiasReady, m.state.Bias = false, 0.9 }, ""},
		{"plant in another allowed state", plant("setup"), ""},
		{"plant in a state not allowed", plant("stopped"), "plant.not_allowed"},
		{"plant unknown", plant(entry.PlantUnknown), "plant.unknown"},
		{"model late", func(m *measures) { m.model, m.confCode = entry.ModelLate, entry.ConfidenceMissing }, "model.late"},
		{"everything at once", func(m *measures) {
			m.model, m.plant, m.state.Drift, m.state.Bias = entry.ModelBroken, "stopped", 0.9, 0.9
		}, "model.broken drift.high bias.high plant.not_allowed"},
	} {
		m := sound
		c.edit(&m)
		if got := codes(judge(base, m)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The rule about oversight: in the loop and high, every result; every other
// pair only what a trigger names.
func TestOversightModes(t *testing.T) {
	sound := measures{confidence: 0.9, plant: "running"}
	for _, c := range []struct {
		mode  permit.Oversight
		class string
		want  string
	}{
		{permit.InTheLoop, "high", "oversight.every_result"}, {permit.InTheLoop, "limited", ""}, {permit.InTheLoop, "minimal", ""},
		{permit.OnTheLoop, "high", ""}, {permit.OnTheLoop, "minimal", ""}, {permit.Without, "minimal", ""},
	} {
		p := newHouse(t).permit
		p.Oversight, p.Class = c.mode, c.class
		if got := codes(judge(p, sound)); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.mode, c.class, got, c.want)
		}
	}
}

// A permit that sets no limit asks for no measure.
func TestGateWithoutConditions(t *testing.T) {
	m := measures{confCode: entry.ConfidenceMissing, plant: entry.PlantUnknown, state: monitor.State{Drift: 1, DriftReady: true, Bias: 1, BiasReady: true}}
	if got := judge(permit.Permit{Oversight: permit.OnTheLoop}, m); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := judge(permit.Permit{}, measures{model: entry.ModelLate}); codes(got) != "model.late" || got[0].Clauses == nil {
		t.Errorf("a failed model always needs a person: %v", got)
	}
}

// A measure that cannot be written as a share stays out of the entry, and the
// entry stays sound.
func TestBrokenMeasuresAreJournaledAsNotMeasured(t *testing.T) {
	h := newHouse(t)
	h.state.Drift, h.state.Bias, h.state.BiasReady = math.NaN(), math.Inf(1), true
	if a := h.infer(t, ask); a.status != 202 {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if e := h.last(t); e.Drift != nil || e.Bias != nil || codes(e.Reasons) != "drift.not_a_number bias.not_a_number" {
		t.Errorf("entry %+v", e)
	}
}

func TestNothingMeasuredYetIsRecordedAsSuch(t *testing.T) {
	h := newHouse(t)
	h.state = monitor.State{}
	if a := h.infer(t, ask); a.status != 200 || h.last(t).Drift != nil || h.last(t).DriftFeature != "" {
		t.Errorf("status %d, entry %+v", a.status, h.last(t))
	}
}

func FuzzReadReplyNeverPanics(f *testing.F) {
	for _, s := range []string{good, saying("NaN"), saying("null"), `{"model_name":"tool","model_version":"1.2","outputs":[{"name":"confidence","datatype":"FP64","shape":[],"data":0.9}]}`, `{`, ``} {
		f.Add([]byte(s))
	}
	m := permit.Model{Name: "tool", Version: "1.2"}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a := readReply(raw, m, request{rows: 1})
		if a.code != "" {
			return
		}
		if v, code := a.confidenceOf("confidence", 1); code == "" && !(v >= 0 && v <= 1) {
			t.Fatalf("confidence %v passes from %q", v, raw)
		}
	})
}

func FuzzReadRequest(f *testing.F) {
	f.Add([]byte(ask))
	f.Add([]byte(`{"inputs":[{"name":"x","datatype":"FP64","shape":[1,2],"data":[[1,2]]}]}`))
	f.Add([]byte(`{"id":1,"outputs":[{"name":"a"}]}`))
	r := route().ready()
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := readRequest(body, r)
		if err != nil {
			return
		}
		if q.rows < 1 || q.rows > r.MaxRows || len(q.inputs) != len(r.Inputs) {
			t.Fatalf("%d rows, %d inputs from %q", q.rows, len(q.inputs), body)
		}
		values := map[string]float64{}
		for row := range q.rows {
			q.features(r, row, values)
		}
		again, err := readRequest(q.forward(), r)
		if err != nil || again.rows != q.rows || again.id != q.id {
			t.Fatalf("what goes to the model does not read like what came: %q: %v", q.forward(), err)
		}
	})
}

func TestModelServerGetsWhatWasChecked(t *testing.T) {
	h := newHouse(t)
	h.infer(t, ask)
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = r; answering(good)(w, r) }))
	defer server.Close()
	h.permit.Models[0].Endpoint = server.URL + "/base/"
	if a := h.send(t, "POST", "/v2/models/tool/infer", ask, func(r *http.Request) { r.Header.Set("Authorization", "Bearer secret") }); a.status != 200 {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if seen.URL.Path != "/base/v2/models/tool/infer" || seen.Header.Get("Authorization") != "" || seen.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the model server saw %s with %v", seen.URL.Path, seen.Header)
	}
}
