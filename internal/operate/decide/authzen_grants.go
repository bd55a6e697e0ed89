package decide

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"augenmass/internal/problem"
)

// Live accesses of foreign enforcement points, beside AuthZEN 1.0, which has no
// word for them:
//
//	POST   {Base}/access/v1/grants             an evaluation that stays: the body
//	       is that of an evaluation, the answer too, and for an access that is
//	       allowed its context has the grant's id
//	GET    {Base}/access/v1/grants/{id}        its state, now
//	GET    {Base}/access/v1/grants/{id}/events server-sent events: "live", then
//	       "ended" with the denial as data, and the stream ends
//	DELETE {Base}/access/v1/grants/{id}        the access is over
//
// A grant belongs to the enforcement point that asked for it. It has to be
// heard of every minute, by the state or by an open stream of events; else the
// access ends, because nobody would enforce its end.

// grantLease is how long a grant lives without a sign of its holder.
const grantLease = time.Minute

// eventsPulse is the time between two signs of life on a stream of events.
const eventsPulse = 15 * time.Second

func (h *authZEN) grantRoutes(mux *http.ServeMux) {
	mux.HandleFunc(h.o.Base+"/access/v1/grants", h.post(h.grant))
	mux.HandleFunc("GET "+h.o.Base+"/access/v1/grants/{id}", h.held(h.grantState))
	mux.HandleFunc("DELETE "+h.o.Base+"/access/v1/grants/{id}", h.held(h.grantRelease))
	mux.HandleFunc("GET "+h.o.Base+"/access/v1/grants/{id}/events", h.held(h.grantEvents))
}

// held checks who asks and finds the grant, which is nobody else's to see.
func (h *authZEN) held(next func(w http.ResponseWriter, r *http.Request, g *Grant)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		caller, err := h.caller(r)
		if err != nil {
			answerError(w, r, err)
			return
		}
		g, err := h.p.Grant(r.PathValue("id"), caller)
		if err != nil {
			answerError(w, r, err)
			return
		}
		g.Attend(h.p.o.Now())
		next(w, r, g)
	}
}

// grant decides, journals and then hands the access out.
func (h *authZEN) grant(w http.ResponseWriter, r *http.Request, caller string, body []byte) {
	req, err := parseEvaluation(body)
	if err != nil {
		answerError(w, r, err)
		return
	}
	terms := Terms{Holder: caller, Lease: grantLease}
	if h.o.Holding != nil {
		if terms.Uses, terms.Still, err = h.o.Holding(r); err != nil {
			answerError(w, r, err)
			return
		}
	}
	d, g, err := h.p.Hold(r.Context(), req, terms)
	if err != nil {
		answerError(w, r, err)
		return
	}
	a, err := h.record(r.Context(), d, req, caller)
	if err != nil {
		if g != nil {
			g.Release() // what is not in the journal was never allowed
		}
		answerError(w, r, err)
		return
	}
	if g != nil {
		a.Context.Grant = g.ID
	}
	answerJSON(w, http.StatusOK, "application/json", a)
}

func (h *authZEN) grantState(w http.ResponseWriter, _ *http.Request, g *Grant) {
	answerJSON(w, http.StatusOK, "application/json", stateOf(g))
}

func (h *authZEN) grantRelease(w http.ResponseWriter, _ *http.Request, g *Grant) {
	g.Release()
	w.WriteHeader(http.StatusNoContent)
}

// grantEvents tells the end of an access the moment it comes.
func (h *authZEN) grantEvents(w http.ResponseWriter, r *http.Request, g *Grant) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w).Flush
	say := func(text string) error {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		if err := flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		return nil
	}
	event := func(name string) error {
		raw, err := encodeJSON(stateOf(g))
		if err != nil {
			return err
		}
		return say("event: " + name + "\ndata: " + string(raw) + "\n") // the JSON ends its own line
	}
	if event("live") != nil {
		return // the holder left; its lease runs
	}
	beat := time.NewTicker(eventsPulse)
	defer beat.Stop()
	for {
		select {
		case <-g.Done():
			_ = event("ended") // a holder that left finds it under the state
			return
		case <-r.Context().Done():
			return
		case <-beat.C:
			if say(": live\n\n") != nil {
				return
			}
			g.Attend(h.p.o.Now())
		}
	}
}

// grantAnswer is the state of a live access.
type grantAnswer struct {
	ID      string        `json:"grant_id"`
	Live    bool          `json:"live"`
	Context *grantContext `json:"context,omitempty"` // of one that ended
}

type grantContext struct {
	ID       string         `json:"decision_id,omitempty"`
	Released bool           `json:"released,omitempty"`
	Reasons  []answerReason `json:"reasons"`
}

func stateOf(g *Grant) grantAnswer {
	e, over := g.Ended()
	if !over {
		return grantAnswer{ID: g.ID, Live: true}
	}
	return grantAnswer{ID: g.ID, Context: &grantContext{ID: e.Decision.ID, Released: e.Released, Reasons: answerReasons(e.Decision.Reasons)}}
}

// Holding tells what a grant of a caller rests on beside its request, and asks
// anew whether the caller may still hold it.
type Holding func(r *http.Request) (uses []Ref, still func(context.Context) []Reason, err error)

// Problem is a problem as reasons of a denial: its own, or one with the code.
func Problem(err error, code string, clauses ...string) []Reason {
	p := problem.From(err)
	var out []Reason
	for _, r := range p.Reasons {
		out = append(out, Reason{Code: r.Code, Say: r.Say, Clauses: r.Clauses})
	}
	if len(out) == 0 {
		out = []Reason{{Code: code, Say: p.Say, Clauses: clauses}}
	}
	return out
}
