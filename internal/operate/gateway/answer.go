package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/wire"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Headers that every answer to an inference carries.
const (
	HeaderDecision = "Augenmass-Decision"
	HeaderIndex    = "Augenmass-Index" // absent when the journal took no entry
)

// stamp names the decision and its journal entry in an answer.
type stamp struct {
	decision  string
	index     uint64
	journaled bool
}

func (s stamp) put(h http.Header) {
	if s.decision != "" {
		h.Set(HeaderDecision, s.decision)
	}
	if s.journaled {
		h.Set(HeaderIndex, strconv.FormatUint(s.index, 10))
	}
}

// oip is an answer of the Open Inference Protocol. Outputs are the model
// server's own bytes.
type oip struct {
	ModelName    string            `json:"model_name"`
	ModelVersion string            `json:"model_version"`
	ID           string            `json:"id,omitempty"`
	Parameters   map[string]any    `json:"parameters"`
	Outputs      []json.RawMessage `json:"outputs,omitempty"`
}

// Names of the parameters that the gateway adds.
const (
	paramPrefix   = "augenmass_"
	paramDecision = "augenmass_decision"
	paramIndex    = "augenmass_index"
	paramOutcome  = "augenmass_outcome"
	paramCase     = "augenmass_case"
	paramDue      = "augenmass_due"
	paramSayDE    = "augenmass_fallback_de"
	paramSayEN    = "augenmass_fallback_en"
)

// held is the answer while a person decides.
type held struct {
	Decision string          `json:"decision"`
	Index    uint64          `json:"index"`
	Outcome  string          `json:"outcome"`
	Case     string          `json:"case"`
	Due      time.Time       `json:"due"`
	Say      text.Bi         `json:"say"`
	Value    json.RawMessage `json:"value,omitempty"` // the person's own, when changed
}

// modelAnswer is the model's answer with the outputs that the caller asked for.
func (x *exchange) modelAnswer() oip {
	a := oip{ModelName: x.model.Name, ModelVersion: x.model.Version, ID: x.req.id, Parameters: map[string]any{}}
	for _, f := range x.reply.params.Fields {
		if strings.HasPrefix(f.Name, paramPrefix) {
			continue // only the gateway speaks for itself
		}
		switch f.Kind {
		case wire.Bool:
			a.Parameters[f.Name] = f.Yes
		case wire.Number:
			a.Parameters[f.Name] = json.Number(f.Text)
		case wire.Text:
			a.Parameters[f.Name] = f.Text
		}
	}
	for _, t := range x.reply.outputs {
		if len(x.req.outputs) == 0 || contains(x.req.outputs, t.name) {
			a.Outputs = append(a.Outputs, t.raw)
		}
	}
	return a
}

func (a oip) stamped(s stamp, outcome string) oip {
	if a.Parameters == nil {
		a.Parameters = map[string]any{}
	}
	a.Parameters[paramDecision], a.Parameters[paramIndex], a.Parameters[paramOutcome] = s.decision, s.index, outcome
	return a
}

func (x *exchange) released(s stamp) oip { return x.modelAnswer().stamped(s, string(entry.Released)) }

// fallback is the safe state that the permit names, without any output.
func (x *exchange) fallback(s stamp) oip {
	a := oip{ModelName: x.model.Name, ModelVersion: x.model.Version, ID: x.req.id}.stamped(s, string(entry.Escalated))
	c, _ := x.permit.Condition(permit.CondFallback)
	a.Parameters[paramCase], a.Parameters[paramDue] = x.e.Case.ID, x.e.Case.Due.Format(time.RFC3339Nano)
	a.Parameters[paramSayDE], a.Parameters[paramSayEN] = c.Say.DE, c.Say.EN
	return a
}

func (g *Gateway) answer(w http.ResponseWriter, status int, body any, s stamp) {
	s.put(w.Header())
	if err := wire.Answer(w, status, body); err != nil {
		g.o.Log.Info("gateway: the caller left", "decision", s.decision, "err", err)
	}
}

// fail answers an error with the status of its kind.
func (g *Gateway) fail(w http.ResponseWriter, r *http.Request, err error, s stamp) {
	p := problem.From(err)
	if p.Kind == problem.Internal || p.Kind == problem.Corrupt {
		g.o.Log.Error("gateway", "decision", s.decision, "err", err)
	}
	g.problem(w, r, wire.Status(p.Kind), p, s)
}

func (g *Gateway) problem(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem, s stamp) {
	s.put(w.Header())
	extra := map[string]any{}
	if s.decision != "" {
		extra["decision"] = s.decision
	}
	if s.journaled {
		extra["index"] = s.index
	}
	if err := wire.Problem(w, r, status, p, extra); err != nil {
		g.o.Log.Info("gateway: the caller left", "decision", s.decision, "err", err)
	}
}
