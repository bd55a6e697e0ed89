// Package gateway is the enforcement point in front of the model servers: a
// proxy that speaks the Open Inference Protocol v2 (KServe V2 REST) on both
// sides and lets a result out only when the operating permit allows it.
//
// # One inference
//
//	who is it → what is asked (strict) → may they (decide) → the model
//	→ result gate → is the permit still the same → journal → answer
//
// The order is the promise. The journal entry is durable before the answer
// leaves; an escalated result has its review case in journal and vault before
// anybody hears of it; when the journal or the vault refuses, the answer is 503
// and nothing is released. A client that hangs up changes nothing: the exchange
// runs to its end, bounded by the permit's timeout, and is journaled.
//
// # Result gate
//
// A result is released when no trigger fires (requirements 001-25, 001-57); a
// person decides when one does:
//
//   - the model server was down, late, answered with an error, something
//     unreadable, or as another model or version than the permit's;
//   - its calibrated confidence is missing, null, NaN, not a number, outside
//     0..1, or below the permit's (of several rows, the least counts);
//   - the context drift is above the permit's limit and above what chance alone
//     reaches; the bias indicator is above its limit by more than its margin.
//     Not measured yet is recorded as not measured and escalates nothing;
//   - the plant's state is unknown, stale, or not one that the permit lists;
//   - the permit says "in the loop" and its class is high: then every result
//     needs a person. With any other pair only the triggers above escalate.
//
// Limits are strict: exactly at the limit nothing fires.
//
// # Answers
//
//	released             200  the model's answer, with augenmass_* parameters
//	escalated, hold      202  decision, case, deadline
//	escalated, fallback  200  no outputs; the safe state in the parameters
//	denied               403  problem with reasons and clauses
//	bad input            400, 413, 415; unknown model 404; not signed in 401
//	journal or vault     503  nothing is released
//
// A held result is fetched later by the same caller at GET /v2/cases/{id}.
//
// It leaves to others: who the caller is (identity), whether it may (decide),
// what a person decides (oversee), drift and bias (monitor), the process
// (plant), durability (record/ledger), secrecy (record/vault).
package gateway

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/vault"
)

// Recorder appends to the journal and returns when the entry is durable.
type Recorder interface {
	AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error)
}

// Decider is the decision point and its snapshot of permits.
type Decider interface {
	Evaluate(ctx context.Context, r decide.Request) (decide.Decision, error)
	Permit(system string) (permit.Permit, bool)
}

// Sealer keeps payloads encrypted.
type Sealer interface {
	Put(ctx context.Context, subject string, data []byte) (vault.Ref, error)
}

// Cases is the review queue. Apply shows an entry in it; Result is what became
// of a case, for the caller whose inference opened it; Stopped says whether a
// person pressed the stop button.
type Cases interface {
	Apply(ctx context.Context, index uint64, e ledger.Event) error
	Result(ctx context.Context, caller, id string) (oversee.Result, error)
	Stopped(system string) bool
}

// Watcher measures drift and bias.
type Watcher interface {
	Observe(system string, features map[string]float64) monitor.State
	Result(system, group string, favourable bool) monitor.State
	State(system string) monitor.State
}

// Process knows the state of the plant's zones.
type Process interface {
	State(zone string) (state string, at time.Time, known bool)
}

// Caller is who asked: a workload or a device.
type Caller struct {
	ID     string // pseudonymous
	Kind   string // workload or device
	Zone   string
	Device string
}

// Options of a gateway. Everything without a stated default is required.
type Options struct {
	Source       string // of the journal entries, "/<org>/gateway"
	Recorder     Recorder
	Decider      Decider
	Sealer       Sealer
	Cases        Cases
	Monitor      Watcher
	Plant        Process
	Authenticate func(*http.Request) (Caller, error) // an error of kind Unsigned becomes 401
	SaltKey      []byte                              // at least 32 bytes; see Salt
	// Steady keeps permits from changing until release is called. It is held from
	// the last look at the permit to the durable entry, so that a withdrawal that
	// was acknowledged lets no result out that is still on its way. Default: none.
	Steady func() (release func())

	Client    *http.Client  // to the model servers; default: pooled, no redirects, no proxy
	MaxBody   int64         // bytes of a request; default 1 MiB
	MaxAnswer int64         // bytes of a model's answer; default 2 MiB
	Timeout   time.Duration // when the permit names none; default 2 s
	Due       time.Duration // deadline of a case when the permit names none; default 30 min
	Now       func() time.Time
	Rand      io.Reader
	Log       *slog.Logger // never sees payloads; default: discard
}

// Gateway is the proxy of one organisation. It is safe for many callers.
type Gateway struct {
	o      Options
	routes atomic.Pointer[map[string]Route]
	mux    *http.ServeMux
}

// New returns a gateway without routes. A missing part is BadInput.
func New(o Options) (*Gateway, error) {
	var c problem.Checks
	need := func(ok bool, path string) {
		c.Field(ok, path, "Dieser Teil fehlt.", "This part is missing.")
	}
	need(o.Source != "", "source")
	need(o.Recorder != nil, "recorder")
	need(o.Decider != nil, "decider")
	need(o.Sealer != nil, "sealer")
	need(o.Cases != nil, "cases")
	need(o.Monitor != nil, "monitor")
	need(o.Plant != nil, "plant")
	need(o.Authenticate != nil, "authenticate")
	need(len(o.SaltKey) >= 32, "salt_key")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if o.Steady == nil {
		o.Steady = func() func() { return func() {} }
	}
	if o.Client == nil {
		o.Client = newClient()
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	if o.MaxAnswer <= 0 {
		o.MaxAnswer = 2 << 20
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Due <= 0 {
		o.Due = 30 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{o: o, mux: http.NewServeMux()}
	g.routes.Store(&map[string]Route{})
	g.mux.HandleFunc("/v2/models/{name}/infer", g.only(http.MethodPost, g.infer))
	g.mux.HandleFunc("/v2/models/{name}", g.only(http.MethodGet, g.metadata))
	g.mux.HandleFunc("/v2/models/{name}/ready", g.only(http.MethodGet, g.modelReady))
	g.mux.HandleFunc("/v2/cases/{id}", g.only(http.MethodGet, g.caseResult))
	g.mux.HandleFunc("/v2/health/live", g.only(http.MethodGet, g.live))
	g.mux.HandleFunc("/v2/health/ready", g.only(http.MethodGet, g.ready))
	g.mux.HandleFunc("/v2", g.only(http.MethodGet, g.server))
	g.mux.HandleFunc("/", g.nowhere)
	return g, nil
}

// SetRoutes replaces all routes at once. A route that cannot work is BadInput,
// and the routes in force stay.
func (g *Gateway) SetRoutes(routes []Route) error {
	m := make(map[string]Route, len(routes))
	for _, r := range routes {
		if err := r.check(); err != nil {
			return err
		}
		if _, twice := m[r.Model]; twice {
			return problem.Newf(problem.BadInput, "Das Modell %q hat zwei Wege.", "The model %q has two routes.", r.Model)
		}
		m[r.Model] = r.ready()
	}
	g.routes.Store(&m)
	return nil
}

func (g *Gateway) route(model string) (Route, bool) {
	r, ok := (*g.routes.Load())[model]
	return r, ok
}

// ServeHTTP answers under /v2.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// only answers 405 to every other method; net/http would, but in plain text.
func (g *Gateway) only(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && !(method == http.MethodGet && r.Method == http.MethodHead) {
			w.Header().Set("Allow", method)
			g.problem(w, r, http.StatusMethodNotAllowed, problem.Newf(problem.BadInput,
				"Diese Adresse nimmt nur %s an.", "This address takes %s only.", method), stamp{})
			return
		}
		h(w, r)
	}
}

func (g *Gateway) nowhere(w http.ResponseWriter, r *http.Request) {
	g.problem(w, r, http.StatusNotFound, problem.New(problem.NotFound,
		"Diese Adresse gibt es hier nicht.", "This address does not exist here."), stamp{})
}
