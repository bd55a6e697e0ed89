package decide

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"augenmass/internal/operate/entry"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// AuthZENOptions configure the AuthZEN handler of one organisation.
type AuthZENOptions struct {
	// Base is the path under which the organisation is mounted, without a
	// slash at the end ("/metallwerk"); empty for the root. Requests arrive
	// with their full path.
	Base string
	// URL is the public address of the server without Base
	// ("https://ki.example.org"). Empty: taken from the request.
	URL string
	// Authenticate returns the id of the calling enforcement point. Its error
	// is answered with 401, or 403 and 503 if it is Denied or Unavailable.
	Authenticate func(*http.Request) (caller string, err error)
	// Record writes a decision into the journal and returns its index. It is
	// called before every answer; if it fails, the answer is 503 and no
	// decision.
	Record func(ctx context.Context, d Decision, r Request, caller string) (index uint64, err error)
	// Holding tells what a live access of this caller rests on; nil: nothing
	// beside its request.
	Holding Holding
}

type authZEN struct {
	p *Point
	o AuthZENOptions
}

// AuthZEN returns the handler of the AuthZEN Authorization API 1.0 for
//
//	POST {Base}/access/v1/evaluation
//	POST {Base}/access/v1/evaluations
//	GET  {Base}/.well-known/authzen-configuration
//	GET  /.well-known/authzen-configuration{Base}
//
// and of live accesses below {Base}/access/v1/grants (see Grant).
//
// A denial is 200 with decision false; 400 is for requests that are not
// well-formed, 401 and 403 for the caller's own credentials, 413 for bodies over
// 64 kB, 503 when a decision could not be journaled. X-Request-ID comes back.
// The context of an answer names the decision, its place in the journal, the
// reasons with clauses and sentences, and the policy version.
//
// The discovery document says nothing about search: the point does not offer
// it. Without Authenticate every caller is refused, without Record every answer.
func AuthZEN(p *Point, o AuthZENOptions) http.Handler {
	h := &authZEN{p: p, o: o}
	mux := http.NewServeMux()
	mux.HandleFunc(o.Base+"/access/v1/evaluation", h.post(h.evaluation))
	mux.HandleFunc(o.Base+"/access/v1/evaluations", h.post(h.evaluations))
	h.grantRoutes(mux)
	mux.HandleFunc(o.Base+"/.well-known/authzen-configuration", h.discovery)
	if o.Base != "" {
		mux.HandleFunc("/.well-known/authzen-configuration"+o.Base, h.discovery)
	}
	return echo(mux)
}

// echo gives the caller its X-Request-ID back, on every answer.
func echo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id := r.Header.Get("X-Request-ID"); id != "" {
			w.Header().Set("X-Request-ID", id)
		}
		w.Header()["Cache-Control"] = noStore
		next.ServeHTTP(w, r)
	})
}

// post checks method, caller, content type and size, in this order, and hands
// the body on.
func (h *authZEN) post(next func(w http.ResponseWriter, r *http.Request, caller string, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			answerProblem(w, r, http.StatusMethodNotAllowed, problem.New(problem.BadInput, "Hier wird mit POST gefragt.", "Please ask with POST."))
			return
		}
		caller, err := h.caller(r)
		if err != nil {
			answerError(w, r, err)
			return
		}
		if !isJSON(r.Header.Get("Content-Type")) {
			answerError(w, r, malformed("", "Erwartet wird Content-Type application/json.", "Content-Type application/json is expected."))
			return
		}
		buf := buffers.Get().(*bytes.Buffer)
		defer putBuffer(buf)
		_, err = buf.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
		body := buf.Bytes() // what is kept of it is copied when it is read
		if err != nil {
			if _, big := err.(*http.MaxBytesError); big {
				err = problem.New(problem.TooLarge, "Die Anfrage ist größer als 64 kB.", "The request is larger than 64 kB.").Wrap(err)
			} else {
				err = malformed("", "Die Anfrage ist nicht vollständig angekommen.", "The request did not arrive completely.").Wrap(err)
			}
			answerError(w, r, err)
			return
		}
		next(w, r, caller, body)
	}
}

func isJSON(header string) bool {
	if header == "application/json" {
		return true
	}
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && kind == "application/json"
}

// buffers hold bodies of requests and answers.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// putBuffer gives a buffer back, unless a large request made it large.
func putBuffer(b *bytes.Buffer) {
	if b.Cap() <= 16<<10 {
		b.Reset()
		buffers.Put(b)
	}
}

func (h *authZEN) caller(r *http.Request) (string, error) {
	unsigned := func() *problem.Problem {
		return problem.New(problem.Unsigned, "Die anfragende Stelle ist nicht angemeldet.", "The calling enforcement point is not signed in.")
	}
	if h.o.Authenticate == nil {
		return "", unsigned()
	}
	caller, err := h.o.Authenticate(r)
	switch {
	case err == nil && caller != "":
		return caller, nil
	case problem.Is(err, problem.Denied), problem.Is(err, problem.Unavailable):
		return "", err
	}
	return "", unsigned().Wrap(err)
}

func (h *authZEN) evaluation(w http.ResponseWriter, r *http.Request, caller string, body []byte) {
	req, err := parseEvaluation(body)
	if err != nil {
		answerError(w, r, err)
		return
	}
	out, err := h.decide(r.Context(), item{request: req}, caller)
	if err != nil {
		answerError(w, r, err)
		return
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buf)
	// Writing gives the room to write into; it cannot fail.
	_, _ = buf.Write(append(out.appendTo(buf.AvailableBuffer()), '\n'))
	writeJSON(w, http.StatusOK, jsonType, buf.Bytes())
}

func (h *authZEN) evaluations(w http.ResponseWriter, r *http.Request, caller string, body []byte) {
	b, err := parseEvaluations(body)
	if err != nil {
		answerError(w, r, err)
		return
	}
	out := []answer{}
	for _, it := range b.items {
		a, err := h.decide(r.Context(), it, caller)
		if err != nil {
			answerError(w, r, err)
			return
		}
		out = append(out, a)
		if b.semantic == denyFirst && !a.Decision || b.semantic == permitFirst && a.Decision {
			break
		}
	}
	if b.single {
		answerJSON(w, http.StatusOK, "application/json", out[0])
		return
	}
	answerJSON(w, http.StatusOK, "application/json", map[string]any{"evaluations": out})
}

// answer is one decision as AuthZEN writes it.
type answer struct {
	Decision bool          `json:"decision"`
	Context  answerContext `json:"context"`
}

type answerContext struct {
	ID            string         `json:"decision_id"`
	Index         uint64         `json:"journal_index"`
	Grant         string         `json:"grant_id,omitempty"`
	PolicyVersion string         `json:"policy_version"`
	Permit        *PermitRef     `json:"permit,omitempty"`
	Reasons       []answerReason `json:"reasons"`
	Fields        []answerField  `json:"fields,omitempty"` // what is wrong with an item
}

type answerReason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
	DE      string   `json:"de"`
	EN      string   `json:"en"`
	Policy  string   `json:"policy,omitempty"`
}

// decide evaluates one item and records the decision; only then it is an
// answer. A broken item is a denial like any other, and recorded.
func (h *authZEN) decide(ctx context.Context, it item, caller string) (answer, error) {
	var d Decision
	err := it.err
	if err == nil {
		d, err = h.p.Evaluate(ctx, it.request)
	}
	var fields []answerField
	if problem.Is(err, problem.BadInput) {
		fields = answerFields(problem.From(err).Fields)
		now := h.p.o.Now().UTC()
		var id string
		if id, err = h.p.newID(now); err == nil {
			d = Decision{ID: id, PolicyVersion: h.p.Version(), At: now, Reasons: own(CodeMalformed)}
		}
	}
	if err != nil {
		return answer{}, err
	}
	a, err := h.record(ctx, d, it.request, caller)
	a.Context.Fields = fields
	return a, err
}

// record journals a decision; only then it is an answer.
func (h *authZEN) record(ctx context.Context, d Decision, r Request, caller string) (answer, error) {
	unrecorded := func() *problem.Problem {
		return problem.New(problem.Unavailable, "Die Entscheidung ließ sich nicht im Journal festhalten und gilt deshalb nicht.",
			"The decision could not be recorded in the journal and therefore does not count.")
	}
	if h.o.Record == nil {
		return answer{}, unrecorded()
	}
	index, err := h.o.Record(ctx, d, r, caller)
	if err != nil {
		return answer{}, unrecorded().Wrap(err)
	}
	a := answer{Decision: d.Allow, Context: answerContext{ID: d.ID, Index: index, PolicyVersion: d.PolicyVersion, Reasons: answerReasons(d.Reasons)}}
	if d.Permit != (PermitRef{}) {
		permit := d.Permit // a pointer into d would put every decision on the heap
		a.Context.Permit = &permit
	}
	return a, nil
}

func answerReasons(in []Reason) []answerReason {
	out := make([]answerReason, 0, len(in))
	for _, r := range in {
		out = append(out, answerReason{Code: r.Code, Clauses: r.Clauses, DE: r.Say.DE, EN: r.Say.EN, Policy: r.Policy})
	}
	return out
}

// discovery answers with the metadata of this organisation's point
// (AuthZEN 1.0, section 9).
func (h *authZEN) discovery(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answerProblem(w, r, http.StatusMethodNotAllowed, problem.New(problem.BadInput, "Hier wird mit GET gelesen.", "Please read with GET."))
		return
	}
	at := h.o.URL
	if at == "" {
		at = "http://" + r.Host
		if r.TLS != nil {
			at = "https://" + r.Host
		}
	}
	at = strings.TrimRight(at, "/") + h.o.Base
	answerJSON(w, http.StatusOK, "application/json", map[string]any{
		"policy_decision_point":       at,
		"access_evaluation_endpoint":  at + "/access/v1/evaluation",
		"access_evaluations_endpoint": at + "/access/v1/evaluations",
	})
}

// Entry is a decision as the journal keeps it (augenmass.access.decided). The
// caller's claims stay out; parties appear by type and id only.
func (d Decision) Entry(r Request) entry.Access {
	a := entry.Access{V: entry.Version, Decision: d.ID, Who: entry.Entity{Type: r.Subject.Type, ID: r.Subject.ID}, Action: r.Action.Name,
		Resource: entry.Entity{Type: r.Resource.Type, ID: r.Resource.ID}, Allow: d.Allow, Errors: len(d.Errors),
		Permit: entry.Permit{Number: d.Permit.Number, Version: d.Permit.Version}, Policy: d.PolicyVersion, Reasons: []entry.AccessReason{}}
	for _, x := range d.Reasons {
		if len(a.Reasons) == maxEntryReasons {
			break
		}
		a.Reasons = append(a.Reasons, entry.AccessReason{Code: x.Code, Clauses: x.Clauses, Policy: x.Policy})
	}
	return a
}

// maxEntryReasons keeps an entry under its 65,535 bytes however many policies
// agreed.
const maxEntryReasons = 50

func answerJSON(w http.ResponseWriter, status int, kind string, v any) {
	body, err := encodeJSON(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writeJSON(w, status, []string{kind}, body)
}

// Values of headers that every answer has; nobody writes to them.
var jsonType, noSniff, noStore = []string{"application/json"}, []string{"nosniff"}, []string{"no-store"}

func writeJSON(w http.ResponseWriter, status int, kind []string, body []byte) {
	h := w.Header()
	h["Content-Type"], h["X-Content-Type-Options"] = kind, noSniff
	w.WriteHeader(status)
	// The client may be gone; the decision is journaled either way.
	_, _ = w.Write(body)
}

// appendTo is a single answer as JSON, by hand like its entry.
func (a answer) appendTo(out []byte) []byte {
	c := a.Context
	out = strconv.AppendBool(append(out, `{"decision":`...), a.Decision)
	out = appendText(append(out, `,"context":{"decision_id":`...), c.ID)
	out = strconv.AppendUint(append(out, `,"journal_index":`...), c.Index, 10)
	if c.Grant != "" {
		out = appendText(append(out, `,"grant_id":`...), c.Grant)
	}
	out = appendText(append(out, `,"policy_version":`...), c.PolicyVersion)
	if c.Permit != nil {
		out = appendText(append(out, `,"permit":{"number":`...), c.Permit.Number)
		out = append(strconv.AppendInt(append(out, `,"version":`...), int64(c.Permit.Version), 10), '}')
	}
	out = append(out, `,"reasons":[`...)
	for i, r := range c.Reasons {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(append(out, `{"code":`...), r.Code)
		out = appendTexts(append(out, `,"clauses":`...), r.Clauses)
		out = appendText(append(out, `,"de":`...), r.DE)
		out = appendText(append(out, `,"en":`...), r.EN)
		if r.Policy != "" {
			out = appendText(append(out, `,"policy":`...), r.Policy)
		}
		out = append(out, '}')
	}
	out = append(out, ']')
	if len(c.Fields) > 0 {
		out = append(out, `,"fields":[`...)
		for i, f := range c.Fields {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(append(out, `{"path":`...), f.Path)
			out = appendText(append(out, `,"de":`...), f.DE)
			out = append(appendText(append(out, `,"en":`...), f.EN), '}')
		}
		out = append(out, ']')
	}
	return append(out, "}}"...)
}

// encodeJSON is v in one line, with its end.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

type answerField struct {
	Path string `json:"path"`
	DE   string `json:"de"`
	EN   string `json:"en"`
}

func answerFields(in []problem.Field) []answerField {
	out := []answerField{}
	for _, f := range in {
		out = append(out, answerField{Path: f.Path, DE: f.Say.DE, EN: f.Say.EN})
	}
	return out
}

func answerError(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.From(err)
	status := http.StatusInternalServerError
	switch p.Kind {
	case problem.BadInput:
		status = http.StatusBadRequest
	case problem.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case problem.Unsigned:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer realm="authzen"`)
	case problem.Denied:
		status = http.StatusForbidden
	case problem.NotFound:
		status = http.StatusNotFound
	case problem.Unavailable:
		status = http.StatusServiceUnavailable
	}
	answerProblem(w, r, status, p)
}

// answerProblem writes problem details (RFC 9457) with the sentence in the
// caller's language and in both.
func answerProblem(w http.ResponseWriter, r *http.Request, status int, p *problem.Problem) {
	lang, ok := text.ParseLang(r.Header.Get("Accept-Language"))
	if !ok {
		lang = text.EN
	}
	out := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": p.Say.In(lang), "say": p.Say}
	if len(p.Fields) > 0 {
		out["errors"] = answerFields(p.Fields)
	}
	answerJSON(w, status, "application/problem+json", out)
}
