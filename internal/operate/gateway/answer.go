package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
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
	for _, f := range x.reply.params.fields {
		if strings.HasPrefix(f.name, paramPrefix) {
			continue // only the gateway speaks for itself
		}
		switch f.kind {
		case isBool:
			a.Parameters[f.name] = f.yes
		case isNumber:
			a.Parameters[f.name] = json.Number(f.value.text)
		case isText:
			a.Parameters[f.name] = f.value.text
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
	raw, err := json.Marshal(body)
	if err != nil {
		g.o.Log.Error("gateway: answer", "decision", s.decision, "err", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	s.put(h)
	w.WriteHeader(status)
	if _, err := w.Write(raw); err != nil {
		g.o.Log.Info("gateway: the caller left", "decision", s.decision, "err", err)
	}
}

// wire is a problem as RFC 9457 writes it, with both languages beside it.
type wire struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Say      text.Bi      `json:"say"`
	Hint     *text.Bi     `json:"hint,omitempty"`
	Fields   []wireField  `json:"fields,omitempty"`
	Reasons  []wireReason `json:"reasons,omitempty"`
	Decision string       `json:"decision,omitempty"`
	Index    *uint64      `json:"index,omitempty"`
}

type wireField struct {
	Path string  `json:"path"`
	Say  text.Bi `json:"say"`
}

type wireReason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
	Say     text.Bi  `json:"say"`
}

// fail answers an error with the status of its kind.
func (g *Gateway) fail(w http.ResponseWriter, r *http.Request, err error, s stamp) {
	p := problem.From(err)
	status, ok := map[problem.Kind]int{
		problem.NotFound: http.StatusNotFound, problem.Conflict: http.StatusConflict, problem.BadInput: http.StatusBadRequest,
		problem.Denied: http.StatusForbidden, problem.Unsigned: http.StatusUnauthorized, problem.TooLarge: http.StatusRequestEntityTooLarge,
		problem.Unavailable: http.StatusServiceUnavailable,
	}[p.Kind]
	if !ok {
		status = http.StatusInternalServerError
		g.o.Log.Error("gateway", "decision", s.decision, "err", err)
	}
	g.problem(w, r, status, p, s)
}

func (g *Gateway) problem(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem, s stamp) {
	lang, _ := text.ParseLang(r.Header.Get("Accept-Language"))
	body := wire{Type: "urn:augenmass:problem:" + string(p.Kind), Title: http.StatusText(status), Status: status,
		Detail: p.Say.In(lang), Say: p.Say, Decision: s.decision}
	if !p.Hint.IsZero() {
		body.Hint = &p.Hint
	}
	for _, f := range p.Fields {
		body.Fields = append(body.Fields, wireField{f.Path, f.Say})
	}
	for _, r := range p.Reasons {
		body.Reasons = append(body.Reasons, wireReason{r.Code, clauses(r.Clauses), r.Say})
	}
	if s.journaled {
		body.Index = &s.index
	}
	raw, err := json.Marshal(body)
	if err != nil {
		g.o.Log.Error("gateway: problem", "err", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", string(lang))
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="augenmass"`)
	}
	s.put(h)
	w.WriteHeader(status)
	if _, err := w.Write(raw); err != nil {
		g.o.Log.Info("gateway: the caller left", "decision", s.decision, "err", err)
	}
}
