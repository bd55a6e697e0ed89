package model

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type reply struct {
	ModelName    string         `json:"model_name"`
	ModelVersion string         `json:"model_version"`
	ID           string         `json:"id"`
	Parameters   map[string]any `json:"parameters"`
	Outputs      []struct {
		Name     string    `json:"name"`
		Datatype string    `json:"datatype"`
		Shape    []int     `json:"shape"`
		Data     []float64 `json:"data"`
	} `json:"outputs"`
}

func (r reply) tensor(t testing.TB, name string) []float64 {
	t.Helper()
	for _, o := range r.Outputs {
		if o.Name == name {
			n := 1
			for _, d := range o.Shape {
				n *= d
			}
			if n != len(o.Data) {
				t.Errorf("%s has shape %v and %d values", name, o.Shape, len(o.Data))
			}
			return o.Data
		}
	}
	return nil
}

func decoded(t testing.TB, body []byte) reply {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(body))
	in.DisallowUnknownFields()
	var r reply
	if err := in.Decode(&r); err != nil {
		t.Fatalf("answer %s: %v", body, err)
	}
	return r
}

func serve(t *testing.T, o ServerOptions) (*Server, *httptest.Server) {
	t.Helper()
	o.Model, _ = embedded(t)
	s := NewServer(o)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(h.Close)
	return s, h
}

func call(t *testing.T, method, url, body string) (int, []byte) {
	t.Helper()
	status, answer, err := try(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return status, answer
}

func try(ctx context.Context, method, url, body string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

const inferPath = "/v2/models/" + Name + "/infer"

func TestHealthAndMetadata(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	for path, want := range map[string]string{
		"/v2/health/live":               `{"live":true}`,
		"/v2/health/ready":              `{"ready":true}`,
		"/v2/models/" + Name + "/ready": `{"name":"fraese-ausfall","ready":true}`,
		"/v2":                           `{"extensions":[],"name":"augenmass-demo-model","version":"1.0.0"}`,
	} {
		if status, body := call(t, "GET", h.URL+path, ""); status != 200 || strings.TrimSpace(string(body)) != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range []string{"/v2/models/" + Name, "/v2/models/" + Name + "/versions/" + Version} {
		status, body := call(t, "GET", h.URL+path, "")
		var m struct {
			Name, Platform  string
			Versions        []string
			Inputs, Outputs []struct {
				Name, Datatype string
				Shape          []int
			}
			Parameters map[string]string
		}
		if err := json.Unmarshal(body, &m); err != nil || status != 200 {
			t.Fatalf("%s: %d %v", path, status, err)
		}
		if m.Name != Name || !slices.Equal(m.Versions, []string{Version}) || m.Platform != Format ||
			len(m.Inputs) != 6 || len(m.Outputs) != 4 || m.Parameters["model_hash"] != s.Hash {
			t.Errorf("%s: %+v", path, m)
		}
		if !slices.Equal(m.Outputs[3].Shape, []int{-1, 8}) || m.Inputs[0].Datatype != "BYTES" {
			t.Errorf("%s: tensors %+v %+v", path, m.Inputs, m.Outputs)
		}
	}
}

func TestAnInferenceCarriesEverythingTheGateNeeds(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	status, body := call(t, "POST", h.URL+inferPath, goodBody)
	r := decoded(t, body)
	x := Reading{1, 300, 310, 1500, 40.5, 100}.Vector()
	p := s.o.Model.Predict(x)
	if status != 200 || r.ModelName != Name || r.ModelVersion != Version || r.ID != "row-1" ||
		r.Parameters["model_version"] != Version || r.Parameters["model_hash"] != s.Hash {
		t.Errorf("%d %s", status, body)
	}
	if c := r.tensor(t, "confidence"); len(c) != 1 || c[0] != p.Confidence {
		t.Errorf("confidence %v, want %g", c, p.Confidence)
	}
	if c := r.tensor(t, "probability"); len(c) != 1 || c[0] != p.Probability {
		t.Errorf("probability %v, want %g", c, p.Probability)
	}
	if c := r.tensor(t, "contribution"); !slices.Equal(c, s.o.Model.Contributions(x)) {
		t.Errorf("contribution %v", c)
	}
	if c := r.tensor(t, "failure"); !slices.Equal(c, []float64{0}) {
		t.Errorf("failure %v", c)
	}
	if _, there := r.Parameters["flip_feature"]; there {
		t.Error("a sure result was explained without being asked")
	}
}

func TestAResultThatSomebodyWillLookAtNamesTheSmallestChange(t *testing.T) {
	_, h := serve(t, ServerOptions{})
	overstrained := strings.NewReplacer(`"M"`, `"L"`, "40.5", "60", "[100]", "[215]", "[1500]", "[1380]").Replace(goodBody)
	asked := strings.Replace(goodBody, `"id"`, `"parameters":{"explain":true},"id"`, 1)
	for _, body := range []string{overstrained, asked} {
		_, answer := call(t, "POST", h.URL+inferPath, body)
		r := decoded(t, answer)
		for _, key := range []string{"flip_feature", "flip_from", "flip_to", "flip_de", "flip_en"} {
			if r.Parameters[key] == nil {
				t.Errorf("%s is missing in %s", key, answer)
			}
		}
	}
}

func TestOnlyTheOutputsAskedForAreSent(t *testing.T) {
	_, h := serve(t, ServerOptions{})
	body := strings.Replace(goodBody, `"id"`, `"outputs":[{"name":"confidence"},{"name":"failure"}],"id"`, 1)
	_, answer := call(t, "POST", h.URL+inferPath, body)
	r := decoded(t, answer)
	if len(r.Outputs) != 2 || r.tensor(t, "failure") == nil || r.tensor(t, "confidence") == nil {
		t.Errorf("%s", answer)
	}
}

func TestManyRowsInOneRequest(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	rows := sample()[:MaxRows/4]
	data, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	shape, err := json.Marshal([]int{len(rows), 6})
	if err != nil {
		t.Fatal(err)
	}
	_, answer := call(t, "POST", h.URL+inferPath,
		`{"inputs":[{"name":"features","datatype":"FP64","shape":`+string(shape)+`,"data":`+string(data)+`}]}`)
	r := decoded(t, answer)
	probability := r.tensor(t, "probability")
	for i, row := range rows {
		if want := s.o.Model.Predict(row.Vector()).Probability; probability[i] != want {
			t.Errorf("row %d: %g, want %g", i, probability[i], want)
		}
	}
	if n := len(r.tensor(t, "contribution")); n != len(rows)*len(FeatureNames) {
		t.Errorf("%d contributions", n)
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	_, h := serve(t, ServerOptions{})
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"unknown model", "POST", "/v2/models/other/infer", goodBody, 404},
		{"unknown version", "POST", "/v2/models/" + Name + "/versions/2.0.0/infer", goodBody, 404},
		{"unknown path", "GET", "/v2/models", "", 404},
		{"wrong method", "GET", inferPath, "", 405},
		{"bad body", "POST", inferPath, `{"inputs":1}`, 400},
		{"too large", "POST", inferPath, strings.Repeat(" ", MaxBody+1), 413},
		{"a fault cannot be asked for", "POST", inferPath, strings.Replace(goodBody, `{"id"`, `{"fault":"down","id"`, 1), 400},
	} {
		status, body := call(t, tt.method, h.URL+tt.path, tt.body)
		if status != tt.status {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		var e map[string]string
		if tt.status == 400 && (json.Unmarshal(body, &e) != nil || e["error"] == "") {
			t.Errorf("%s: no error sentence in %s", tt.name, body)
		}
	}
	status, body := call(t, "POST", h.URL+"/v2/models/"+Name+"/versions/"+Version+"/infer", goodBody)
	if status != 200 || decoded(t, body).ID != "row-1" {
		t.Errorf("the version it has: %d %s", status, body)
	}
}

func TestFaultsOfTheConfidence(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	s.SetFault(Fault{Kind: ConfidenceMissing})
	_, body := call(t, "POST", h.URL+inferPath, goodBody)
	if r := decoded(t, body); r.tensor(t, "confidence") != nil || r.tensor(t, "failure") == nil {
		t.Errorf("missing: %s", body)
	}
	s.SetFault(Fault{Kind: ConfidenceOutOfRange})
	_, body = call(t, "POST", h.URL+inferPath, goodBody)
	if c := decoded(t, body).tensor(t, "confidence"); !slices.Equal(c, []float64{1.7}) {
		t.Errorf("out of range: %v", c)
	}
	s.SetFault(Fault{Kind: ConfidenceNaN})
	_, body = call(t, "POST", h.URL+inferPath, goodBody)
	if json.Valid(body) || !bytes.Contains(body, []byte(`"data":[NaN]`)) {
		t.Errorf("NaN: %s", body)
	}
	s.SetFault(Fault{})
	_, body = call(t, "POST", h.URL+inferPath, goodBody)
	if c := decoded(t, body).tensor(t, "confidence"); len(c) != 1 || !(c[0] <= 1) {
		t.Errorf("after the fault: %v", c)
	}
}

func TestADeadServerBreaksTheConnection(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	h.Config.ErrorLog = nil
	s.SetFault(Fault{Kind: Down})
	for _, path := range []string{inferPath, "/v2/health/live", "/v2/health/ready", "/v2/models/" + Name} {
		method := "GET"
		if path == inferPath {
			method = "POST"
		}
		if status, body, err := try(t.Context(), method, h.URL+path, goodBody); err == nil {
			t.Errorf("%s answered %d %s", path, status, body)
		}
	}
}

func TestASlowServerWaitsAndThenAnswers(t *testing.T) {
	asked, release := make(chan time.Duration, 1), make(chan time.Time)
	s, h := serve(t, ServerOptions{After: func(d time.Duration) <-chan time.Time {
		asked <- d
		return release
	}})
	s.SetFault(Fault{Kind: Slow, Delay: 3 * time.Second})
	done := make(chan []byte)
	go func() {
		_, body, err := try(context.Background(), "POST", h.URL+inferPath, goodBody)
		if err != nil {
			t.Error(err)
		}
		done <- body
	}()
	if d := <-asked; d != 3*time.Second {
		t.Errorf("waits %v", d)
	}
	select {
	case <-done:
		t.Fatal("answered before its time")
	default:
	}
	release <- time.Time{}
	if r := decoded(t, <-done); r.tensor(t, "confidence") == nil {
		t.Error("the late answer lacks its confidence")
	}

	// A caller that gives up frees the server.
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, _, err := try(ctx, "POST", h.URL+inferPath, goodBody); err == nil {
		t.Error("answered a caller that had gone")
	}
}

func TestAFaultConcernsOnlyTheRowItIsMeantFor(t *testing.T) {
	_, h := serve(t, ServerOptions{FaultFor: func(id string) Fault {
		if id == "row-7" {
			return Fault{Kind: ConfidenceOutOfRange}
		}
		return Fault{}
	}})
	var wg sync.WaitGroup
	for _, id := range []string{"row-6", "row-7", "row-8", "row-9"} {
		wg.Go(func() {
			_, body, err := try(context.Background(), "POST", h.URL+inferPath, strings.Replace(goodBody, "row-1", id, 1))
			if err != nil {
				t.Error(err)
				return
			}
			if c := decoded(t, body).tensor(t, "confidence"); (c[0] > 1) != (id == "row-7") {
				t.Errorf("%s: confidence %v", id, c)
			}
		})
	}
	wg.Wait()
}

func TestCallersAndFaultsAtTheSameTime(t *testing.T) {
	s, h := serve(t, ServerOptions{})
	want := s.o.Model.Predict(Reading{1, 300, 310, 1500, 40.5, 100}.Vector())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				_, body, err := try(context.Background(), "POST", h.URL+inferPath, goodBody)
				if err != nil {
					t.Error(err)
					return
				}
				r := decoded(t, body)
				if p := r.tensor(t, "probability"); p[0] != want.Probability {
					t.Errorf("probability %v", p)
				}
				if c := r.tensor(t, "confidence"); c != nil && c[0] != want.Confidence {
					t.Errorf("confidence %v", c)
				}
			}
		})
	}
	for range 25 {
		s.SetFault(Fault{Kind: ConfidenceMissing})
		s.SetFault(Fault{})
	}
	wg.Wait()
}

func TestNumbersSurviveTheWire(t *testing.T) {
	for _, v := range []float64{0, 1, 0.1 + 0.2, 5e-324, math.MaxFloat64, -1.0 / 3} {
		var back []float64
		if err := json.Unmarshal(append(append([]byte("["), appendNumber(nil, v)...), ']'), &back); err != nil || back[0] != v {
			t.Errorf("%g comes back as %v, %v", v, back, err)
		}
	}
}
