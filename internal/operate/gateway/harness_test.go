package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
)

var now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// house is everything around a gateway, as recording fakes with one common log
// of what happened in which order; the model server is a real HTTP server.
type house struct {
	steady, steadyAtAppend int // permits are held still
	gateway                *Gateway
	server                 *httptest.Server

	mu       sync.Mutex
	log      []string // "put", "append <outcome>", "apply", "asked", "answer <outcome>"
	entries  []entry.Inference
	events   []ledger.Event
	vault    map[string][]byte
	permit   permit.Permit
	decision decide.Decision
	decErr   error
	state    monitor.State
	plant    string
	stopped  bool
	full     bool // the journal takes nothing
	locked   bool // the vault takes nothing
	blind    bool // the queue's table takes nothing
	cases    map[string]oversee.Result
	observed []map[string]float64
	results  []string
	caller   Caller
	model    http.HandlerFunc
	asked    [][]byte
}

func (h *house) note(format string, args ...any) { h.log = append(h.log, fmt.Sprintf(format, args...)) }

// with runs fn under the house's lock.
func (h *house) with(fn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn()
}

func full() error {
	return problem.New(problem.Unavailable, "Die Platte ist voll.", "The disk is full.")
}

func (h *house) AppendEvent(_ context.Context, e ledger.Event) (ledger.Receipt, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.full {
		return ledger.Receipt{}, full()
	}
	if _, err := e.Encode(); err != nil {
		return ledger.Receipt{}, err
	}
	i, err := entry.ParseInference(e.Data)
	if err != nil {
		return ledger.Receipt{}, err
	}
	h.entries, h.events = append(h.entries, i), append(h.events, e)
	h.note("append %s", i.Outcome)
	h.steadyAtAppend = h.steady
	return ledger.Receipt{Index: uint64(len(h.entries) + 40)}, nil
}

func (h *house) Put(_ context.Context, subject string, data []byte) (vault.Ref, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.locked {
		return vault.Ref{}, full()
	}
	sum := sha256.Sum256(data)
	id := "sha256:" + hex.EncodeToString(sum[:])
	h.vault[subject+" "+id] = data
	h.note("put")
	return vault.Ref{ID: id, Commitment: ledger.Commitment([]byte("salt"), data)}, nil
}

func (h *house) Apply(_ context.Context, index uint64, e ledger.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.blind {
		return full()
	}
	h.note("apply")
	return nil
}

func (h *house) Result(_ context.Context, caller, id string) (oversee.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.cases[caller+" "+id]; ok {
		return r, nil
	}
	return oversee.Result{}, problem.New(problem.NotFound, "Diesen Prüffall gibt es nicht.", "There is no such review case.")
}

func (h *house) Stopped(string) bool { h.mu.Lock(); defer h.mu.Unlock(); return h.stopped }

func (h *house) Evaluate(_ context.Context, r decide.Request) (decide.Decision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Action.Name != "infer" || r.Resource.Type != "system" || r.Resource.ID != "sys_mill" || r.Subject.ID != h.caller.ID {
		return decide.Decision{}, fmt.Errorf("asked about %+v", r)
	}
	return h.decision, h.decErr
}

func (h *house) Permit(system string) (permit.Permit, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.permit, system == "sys_mill"
}

// watcher and process are the house's other two faces, whose method names
// would clash.
type (
	watcher struct{ h *house }
	process struct{ h *house }
)

func (w watcher) Observe(_ string, f map[string]float64) monitor.State {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	row := map[string]float64{}
	for k, v := range f {
		row[k] = v
	}
	w.h.observed = append(w.h.observed, row)
	return w.h.state
}

func (w watcher) Result(_, group string, favourable bool) monitor.State {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	w.h.results = append(w.h.results, fmt.Sprintf("%s %v", group, favourable))
	return w.h.state
}

func (w watcher) State(string) monitor.State {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	return w.h.state
}

func (p process) State(zone string) (string, time.Time, bool) {
	p.h.mu.Lock()
	defer p.h.mu.Unlock()
	return p.h.plant, now, p.h.plant != "" && zone == "mill"
}

func cond(kind string, limit float64, amount int64, allowed ...string) permit.Condition {
	return permit.Condition{Kind: kind, Limit: limit, Amount: amount, Allowed: allowed, Clauses: []string{"clause." + kind},
		Say: text.Bi{DE: "Sicher: " + kind, EN: "Safe: " + kind}}
}

func newHouse(t testing.TB) *house {
	h := &house{vault: map[string][]byte{}, cases: map[string]oversee.Result{}, plant: "running",
		caller: Caller{ID: "wl_line", Kind: "workload", Zone: "mill", Device: "dev_1"},
		state:  monitor.State{Drift: 0.04, DriftFloor: 0.02, Feature: "torque", DriftReady: true, Ready: true}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("model server: %v", err)
		}
		h.mu.Lock()
		h.note("asked")
		h.asked = append(h.asked, body)
		model := h.model
		h.mu.Unlock()
		model(w, r)
	}))
	t.Cleanup(server.Close)
	h.server = server
	h.model = answering(good)
	h.permit = permit.Permit{
		System: "sys_mill", Number: "BE-2026-0007", Version: 3, State: permit.Valid, Class: "high", Oversight: permit.OnTheLoop,
		DeciderRole: "shift_lead", FactsHash: "sha256:facts",
		Models: []permit.Model{{Name: "tool", Version: "1.2", Hash: "sha256:model", Endpoint: server.URL}},
		Conditions: []permit.Condition{
			cond(permit.CondConfidence, 0.85, 0), cond(permit.CondDrift, 0.10, 0), cond(permit.CondBias, 0.20, 0),
			cond(permit.CondPlant, 0, 0, "running", "setup"), cond(permit.CondTimeout, 0, 2000), cond(permit.CondOversight, 0, 0, "on_the_loop"),
			cond(permit.CondReview, 0, 15), cond(permit.CondFallback, 0, 0, "hold"), cond(permit.CondRetention, 0, 30, "commitment"),
		},
	}
	h.decision = decide.Decision{ID: "dec_1", Allow: true, Permit: decide.PermitRef{Number: "BE-2026-0007", Version: 3}, PolicyVersion: "sha256:policy", At: now}
	g, err := New(Options{Source: "/werk/gateway", Recorder: h, Decider: h, Sealer: h, Cases: h, Monitor: watcher{h}, Plant: process{h},
		Steady:  func() func() { h.steady++; return func() { h.steady-- } },
		SaltKey: bytes.Repeat([]byte{7}, 32), Now: func() time.Time { return now },
		Authenticate: func(*http.Request) (Caller, error) {
			if h.caller.ID == "" {
				return Caller{}, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
			}
			return h.caller, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	h.gateway = g
	if err := g.SetRoutes([]Route{route()}); err != nil {
		t.Fatal(err)
	}
	return h
}

func route() Route {
	return Route{
		System: "sys_mill", Model: "tool", StandIns: []string{"safety"},
		Inputs: []Tensor{{Name: "x", Datatype: "FP64", Shape: []int64{-1, 2}}, {Name: "variant", Datatype: "BYTES", Shape: []int64{-1}}},
		Features: []Feature{{Name: "torque", Input: "x", Column: 0, Unit: "Nm", Label: text.Bi{DE: "Drehmoment", EN: "Torque"}},
			{Name: "speed", Input: "x", Column: 1, Unit: "min⁻¹"}, {Name: "variant", Values: []string{"L", "M", "H"}}},
		Explanation: "share", Explained: []Feature{{Name: "torque"}, {Name: "speed"}, {Name: "variant"}},
	}
}

// One row, and what a sound model says about it.
const (
	ask  = `{"id":"part-7","inputs":[{"name":"x","datatype":"FP64","shape":[1,2],"data":[41.5,1500]},{"name":"variant","datatype":"BYTES","shape":[1],"data":["M"]}]}`
	good = `{"model_name":"tool","model_version":"1.2","id":"part-7","parameters":{"model_hash":"sha256:model","hint_de":"x","augenmass_outcome":"released"},"outputs":[` +
		`{"name":"failure","datatype":"INT64","shape":[1],"data":[0]},{"name":"confidence","datatype":"FP64","shape":[1],"data":[0.97]},` +
		`{"name":"share","datatype":"FP64","shape":[1,3],"data":[0.5,-0.25,0]}]}`
)

// saying is the good answer with its confidence tensor replaced.
func saying(confidence string) string {
	return strings.Replace(good, `"data":[0.97]`, `"data":[`+confidence+`]`, 1)
}

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// answer is what a caller got.
type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

// recorder is a response writer that notes in the house's log when an answer
// begins, so that the order is known.
type recorder struct {
	*httptest.ResponseRecorder
	h *house
}

func (r recorder) WriteHeader(status int) {
	r.h.with(func() { r.h.note("answer %d", status) })
	r.ResponseRecorder.WriteHeader(status)
}

func (h *house) send(t testing.TB, method, path, body string, edit func(*http.Request)) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if edit != nil {
		edit(r)
	}
	w := recorder{httptest.NewRecorder(), h}
	h.gateway.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.json); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, a.body)
	}
	return a
}

func (h *house) infer(t testing.TB, body string) answer {
	t.Helper()
	return h.send(t, "POST", "/v2/models/tool/infer", body, nil)
}

// last is the newest entry of the journal.
func (h *house) last(t testing.TB) entry.Inference {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.entries) == 0 {
		t.Fatal("the journal is empty")
	}
	return h.entries[len(h.entries)-1]
}

func codes(reasons []entry.Reason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}

func (a answer) param(name string) any {
	p, _ := a.json["parameters"].(map[string]any)
	return p[name]
}

func (a answer) hasOutputs() bool { return strings.Contains(a.body, `"outputs":[{`) }

// hideOutputs fails when anything of the model's result is in an answer.
func hideOutputs(t *testing.T, a answer) {
	t.Helper()
	if a.json["outputs"] != nil || strings.Contains(a.body, "confidence\",") {
		t.Errorf("an answer without release shows outputs: %s", a.body)
	}
}

// contextThatEndsWith ends when the channel is closed.
func contextThatEndsWith(c <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-c:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
