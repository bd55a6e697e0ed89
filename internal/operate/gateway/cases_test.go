package gateway

import (
	"encoding/json"
	"testing"

	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
)

func heldCase(state oversee.State) oversee.Result {
	r := oversee.Result{Case: oversee.Case{ID: "case_1", State: state, Decision: "dec_1", Index: 41, System: "sys_mill",
		Model: "tool", ModelHash: "sha256:model", Due: now}}
	switch state {
	case oversee.Released:
		r.Answer = json.RawMessage(`{"model_name":"tool","model_version":"1.2","parameters":{"hint_de":"x"},"outputs":[{"name":"failure","datatype":"INT64","shape":[1],"data":[0]}]}`)
	case oversee.Changed:
		r.Value = json.RawMessage(`{"failure":1}`)
	}
	return r
}

func TestHeldResultIsFetched(t *testing.T) {
	for state, want := range map[oversee.State]string{oversee.Open: "pending", oversee.SecondNeeded: "pending", oversee.Rejected: "rejected", oversee.Expired: "expired", oversee.Changed: "changed"} {
		h := newHouse(t)
		h.cases["wl_line case_1"] = heldCase(state)
		a := h.send(t, "GET", "/v2/cases/case_1", "", nil)
		if a.status != 200 || a.json["outcome"] != want || a.json["case"] != "case_1" || a.json["decision"] != "dec_1" || a.json["say"].(map[string]any)["de"] == "" {
			t.Errorf("%s: status %d: %s", state, a.status, a.body)
		}
		hideOutputs(t, a)
		if value, _ := json.Marshal(a.json["value"]); (string(value) == `{"failure":1}`) != (state == oversee.Changed) {
			t.Errorf("%s: value %s", state, value)
		}
		if state == oversee.Expired && a.json["say"].(map[string]any)["de"] != "Sicher: fallback" {
			t.Errorf("the safe state is not named: %s", a.body)
		}
	}
	h := newHouse(t)
	h.cases["wl_line case_1"] = heldCase(oversee.Released)
	a := h.send(t, "GET", "/v2/cases/case_1", "", nil)
	if a.status != 200 || !a.hasOutputs() || a.param("augenmass_outcome") != "released" || a.param("augenmass_case") != "case_1" || a.param("hint_de") != "x" || a.header.Get(HeaderDecision) != "dec_1" {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

// For another caller the case does not exist.
func TestCaseOfAnother(t *testing.T) {
	h := newHouse(t)
	h.cases["wl_other case_1"] = heldCase(oversee.Released)
	if a := h.send(t, "GET", "/v2/cases/case_1", "", nil); a.status != 404 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

// A person's yes does not outlive the permit it rested on.
func TestConfirmedResultNeedsAValidPermit(t *testing.T) {
	for _, state := range []oversee.State{oversee.Released, oversee.Changed} {
		for name, edit := range map[string]func(*house){
			"permit.suspended": func(h *house) { h.permit.State, h.permit.Lapses = permit.Suspended, lapses() },
			"system.stopped":   func(h *house) { h.stopped = true },
			// The permit covers another model by now: the yes was not to it.
			"model.not_permitted": func(h *house) { h.permit.Models[0].Hash = "sha256:newer" },
		} {
			h := newHouse(t)
			h.cases["wl_line case_1"] = heldCase(state)
			edit(h)
			a := h.send(t, "GET", "/v2/cases/case_1", "", nil)
			reasons, _ := a.json["reasons"].([]any)
			if a.status != 403 || len(reasons) == 0 || len(reasons[0].(map[string]any)["clauses"].([]any)) == 0 || reasons[0].(map[string]any)["code"] != name || a.json["value"] != nil {
				t.Errorf("%s: status %d: %s", name, a.status, a.body)
			}
			hideOutputs(t, a)
		}
	}
}

func TestAboutTheServerAndItsModels(t *testing.T) {
	h := newHouse(t)
	if a := h.send(t, "GET", "/v2/health/live", "", nil); a.status != 200 || a.json["live"] != true {
		t.Errorf("live: %d %s", a.status, a.body)
	}
	if a := h.send(t, "GET", "/v2/health/ready", "", nil); a.status != 200 || a.json["ready"] != true {
		t.Errorf("ready: %d %s", a.status, a.body)
	}
	if a := h.send(t, "GET", "/v2", "", nil); a.status != 200 || a.json["name"] != "augenmass" {
		t.Errorf("server: %d %s", a.status, a.body)
	}
	a := h.send(t, "GET", "/v2/models/tool", "", nil)
	if v, _ := json.Marshal(a.json["versions"]); a.status != 200 || string(v) != `["1.2"]` || len(a.json["inputs"].([]any)) != 2 {
		t.Errorf("metadata: %d %s", a.status, a.body)
	}
	if a := h.send(t, "GET", "/v2/models/tool/ready", "", nil); a.status != 200 || a.json["ready"] != true {
		t.Errorf("model ready: %d %s", a.status, a.body)
	}
	if a := h.send(t, "GET", "/v2/models/none/ready", "", nil); a.status != 404 {
		t.Errorf("unknown model: %d", a.status)
	}
	if a := h.send(t, "GET", "/v2/models/tool/infer", "", nil); a.status != 405 || a.header.Get("Allow") != "POST" {
		t.Errorf("wrong method: %d", a.status)
	}
	if a := h.send(t, "GET", "/v2/nothing", "", nil); a.status != 404 {
		t.Errorf("nowhere: %d", a.status)
	}
	for name, edit := range map[string]func(*house){
		"suspended": func(h *house) { h.permit.State = permit.Suspended },
		"stopped":   func(h *house) { h.stopped = true },
		"down":      func(h *house) { h.server.Close() },
	} {
		h := newHouse(t)
		edit(h)
		if a := h.send(t, "GET", "/v2/models/tool/ready", "", nil); a.status != 503 || a.json["ready"] != false {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if err := h.gateway.SetRoutes(nil); err != nil {
		t.Fatal(err)
	}
	if a := h.send(t, "GET", "/v2/health/ready", "", nil); a.status != 503 {
		t.Errorf("without a route the gateway is ready: %d", a.status)
	}
}

func TestRoutesThatCannotWorkAreRefused(t *testing.T) {
	h := newHouse(t)
	for name, edit := range map[string]func(*Route){
		"no system":             func(r *Route) { r.System = "" },
		"a name with a slash":   func(r *Route) { r.Model = "a/b" },
		"no inputs":             func(r *Route) { r.Inputs = nil },
		"unknown type":          func(r *Route) { r.Inputs[0].Datatype = "FLOAT" },
		"feature of no input":   func(r *Route) { r.Features[0].Input = "y" },
		"column beyond the row": func(r *Route) { r.Features[0].Column = 2 },
		"texts without values":  func(r *Route) { r.Features[2].Values = nil },
		"group that is no text": func(r *Route) { r.Selection = &Selection{Group: "x", Output: "failure"} },
	} {
		r := route()
		edit(&r)
		if err := h.gateway.SetRoutes([]Route{r}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := h.gateway.SetRoutes([]Route{route(), route()}); err == nil {
		t.Error("two routes for one model are accepted")
	}
	if a := h.infer(t, ask); a.status != 200 {
		t.Error("the routes in force did not stay")
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a gateway of nothing was made")
	}
}
