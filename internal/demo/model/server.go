package model

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"augenmass/internal/problem"
)

// Output is one tensor that the model answers with.
type Output struct {
	Name     string
	Datatype string
	Width    int // values per row; 1 gives shape [n], more [n, Width]
}

// Outputs lists the tensors of an answer. "failure" is the suggestion at
// probability 0.5, "probability" the calibrated probability of a failure,
// "confidence" the calibrated probability of the suggestion, "contribution"
// the Shapley values in log-odds in the order of FeatureNames.
var Outputs = []Output{
	{"failure", "INT64", 1},
	{"probability", "FP64", 1},
	{"confidence", "FP64", 1},
	{"contribution", "FP64", len(FeatureNames)},
}

// FaultKind is a way in which a model server goes wrong.
type FaultKind string

// What the demo can let go wrong.
const (
	NoFault              FaultKind = ""
	Slow                 FaultKind = "slow"                    // answers after Delay
	Down                 FaultKind = "down"                    // breaks the connection, as a dead process would
	ConfidenceMissing    FaultKind = "confidence_missing"      // no tensor "confidence"
	ConfidenceNaN        FaultKind = "confidence_nan"          // writes NaN, as Python's json module does; that is no JSON
	ConfidenceOutOfRange FaultKind = "confidence_out_of_range" // 1.7
)

// Fault is what goes wrong now.
type Fault struct {
	Kind  FaultKind
	Delay time.Duration // of Slow
}

// ServerOptions of a Server.
type ServerOptions struct {
	Model *Ensemble
	// FaultFor gives the fault for the request with this id; nil: none. It is
	// the process that decides, never the caller: there is no way to ask for a
	// fault over HTTP. It must be safe for concurrent use.
	FaultFor func(id string) Fault
	// After waits, as time.After does; nil: time.After.
	After func(time.Duration) <-chan time.Time
}

// Server serves one model over the Open Inference Protocol v2. It is safe for
// concurrent use.
type Server struct {
	Name    string
	Version string
	Hash    string // "sha256:…" of the model file

	o     ServerOptions
	fault atomic.Pointer[Fault]
}

// NewServer returns a server for o.Model, which must not be nil.
func NewServer(o ServerOptions) *Server {
	if o.After == nil {
		o.After = time.After
	}
	s := &Server{Name: o.Model.Name, Version: o.Model.Version, Hash: o.Model.Hash(), o: o}
	s.fault.Store(&Fault{})
	return s
}

// SetFault lets the server go wrong in this way until it is set again. A fault
// of FaultFor goes before it.
func (s *Server) SetFault(f Fault) { s.fault.Store(&f) }

// faultFor is the fault for a request; id is empty for health and metadata.
func (s *Server) faultFor(id string) Fault {
	if s.o.FaultFor != nil && id != "" {
		if f := s.o.FaultFor(id); f.Kind != NoFault {
			return f
		}
	}
	return *s.fault.Load()
}

// Handler serves the protocol's REST paths: health, metadata, inference, the
// latter two also with /versions/{version}. Errors are {"error": sentence}, as
// the protocol says.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2", s.about)
	mux.HandleFunc("GET /v2/health/live", s.live)
	mux.HandleFunc("GET /v2/health/ready", s.ready)
	for _, path := range []string{"/v2/models/{name}", "/v2/models/{name}/versions/{version}"} {
		mux.HandleFunc("GET "+path, s.known(s.metadata))
		mux.HandleFunc("GET "+path+"/ready", s.known(s.modelReady))
		mux.HandleFunc("POST "+path+"/infer", s.known(s.infer))
	}
	return mux
}

// known passes on only what concerns this model and, if named, this version.
func (s *Server) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if v := r.PathValue("version"); r.PathValue("name") != s.Name || v != "" && v != s.Version {
			fail(w, http.StatusNotFound, "unknown model or version")
			return
		}
		next(w, r)
	}
}

func (s *Server) about(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"name": "augenmass-demo-model", "version": s.Version, "extensions": []string{}})
}

func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	s.dieIfDown("")
	answer(w, map[string]bool{"live": true})
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	s.dieIfDown("")
	answer(w, map[string]bool{"ready": true})
}

func (s *Server) modelReady(w http.ResponseWriter, r *http.Request) {
	s.dieIfDown("")
	answer(w, map[string]any{"name": s.Name, "ready": true})
}

// dieIfDown breaks the connection without an answer.
func (s *Server) dieIfDown(id string) {
	if s.faultFor(id).Kind == Down {
		panic(http.ErrAbortHandler)
	}
}

type tensorMetadata struct {
	Name       string         `json:"name"`
	Datatype   string         `json:"datatype"`
	Shape      []int          `json:"shape"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

func (s *Server) metadata(w http.ResponseWriter, r *http.Request) {
	s.dieIfDown("")
	var in, out []tensorMetadata
	for _, i := range Inputs {
		in = append(in, tensorMetadata{i.Name, i.Datatype, []int{-1},
			map[string]any{"unit": i.Unit, "title_de": i.Title.DE, "title_en": i.Title.EN}})
	}
	for _, o := range Outputs {
		shape := []int{-1}
		if o.Width > 1 {
			shape = append(shape, o.Width)
		}
		m := tensorMetadata{Name: o.Name, Datatype: o.Datatype, Shape: shape}
		if o.Width > 1 {
			m.Parameters = map[string]any{"features": FeatureNames, "unit": "log-odds"}
		}
		out = append(out, m)
	}
	answer(w, map[string]any{
		"name": s.Name, "versions": []string{s.Version}, "platform": Format,
		"inputs": in, "outputs": out,
		"parameters": map[string]any{"model_version": s.Version, "model_hash": s.Hash},
	})
}

func (s *Server) infer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			fail(w, http.StatusRequestEntityTooLarge, "the request is larger than "+strconv.Itoa(MaxBody)+" bytes")
			return
		}
		fail(w, http.StatusBadRequest, "the request could not be read")
		return
	}
	req, err := ParseRequest(body)
	if err != nil {
		status := http.StatusBadRequest
		if problem.Is(err, problem.TooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		fail(w, status, err.Error())
		return
	}
	f := s.faultFor(req.ID)
	switch f.Kind {
	case Down:
		panic(http.ErrAbortHandler)
	case Slow:
		select {
		case <-s.o.After(f.Delay):
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	// A client that is gone by now has nobody left to tell.
	_, _ = w.Write(s.respond(req, f.Kind))
}

// flipBelow: under this confidence a person will look at the result, so the
// smallest change that turns it round is worked out (a few milliseconds).
const flipBelow = 0.9

// respond writes the answer by hand, because encoding/json cannot write what a
// broken server writes.
func (s *Server) respond(req Request, fault FaultKind) []byte {
	m := s.o.Model
	wants := func(name string) bool {
		return (len(req.Outputs) == 0 || slices.Contains(req.Outputs, name)) &&
			(name != "confidence" || fault != ConfidenceMissing)
	}
	data := map[string][]byte{}
	add := func(name string, v float64) {
		if wants(name) {
			data[name] = appendNumber(data[name], v)
		}
	}
	change, turned := Change{}, false
	for _, row := range req.Rows {
		x := row.Vector()
		p := m.Predict(x)
		suggestion := 0.0
		if p.Failure {
			suggestion = 1
		}
		confidence := p.Confidence
		switch fault {
		case ConfidenceNaN:
			confidence = math.NaN()
		case ConfidenceOutOfRange:
			confidence = 1.7
		}
		add("failure", suggestion)
		add("probability", p.Probability)
		add("confidence", confidence)
		if wants("contribution") {
			for _, c := range m.Contributions(x) {
				add("contribution", c)
			}
		}
		if len(req.Rows) == 1 && (req.Explain || p.Failure || p.Confidence < flipBelow) {
			change, turned = m.Flip(row)
		}
	}
	return s.assemble(req, data, change, turned)
}

func (s *Server) assemble(req Request, data map[string][]byte, change Change, turned bool) []byte {
	n := strconv.Itoa(len(req.Rows))
	b := append([]byte(`{"model_name":`), quoted(s.Name)...)
	b = append(append(b, `,"model_version":`...), quoted(s.Version)...)
	if req.ID != "" {
		b = append(append(b, `,"id":`...), quoted(req.ID)...)
	}
	b = append(append(b, `,"parameters":{"model_version":`...), quoted(s.Version)...)
	b = append(append(b, `,"model_hash":`...), quoted(s.Hash)...)
	if turned {
		b = append(append(b, `,"flip_feature":`...), quoted(change.Feature)...)
		b = strconv.AppendFloat(append(b, `,"flip_from":`...), change.From, 'g', -1, 64)
		b = strconv.AppendFloat(append(b, `,"flip_to":`...), change.To, 'g', -1, 64)
		say := change.Say()
		b = append(append(b, `,"flip_de":`...), quoted(say.DE)...)
		b = append(append(b, `,"flip_en":`...), quoted(say.EN)...)
	}
	b = append(b, `},"outputs":[`...)
	first := true
	for _, o := range Outputs {
		values, ok := data[o.Name]
		if !ok {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(b, `{"name":`...), quoted(o.Name)...)
		b = append(append(b, `,"datatype":`...), quoted(o.Datatype)...)
		b = append(append(b, `,"shape":[`...), n...)
		if o.Width > 1 {
			b = strconv.AppendInt(append(b, ','), int64(o.Width), 10)
		}
		b = append(append(append(b, `],"data":[`...), values...), "]}"...)
	}
	return append(b, "]}\n"...)
}

func appendNumber(list []byte, v float64) []byte {
	if len(list) > 0 {
		list = append(list, ',')
	}
	return strconv.AppendFloat(list, v, 'g', -1, 64) // NaN reads NaN
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return b
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// A client that is gone by now has nobody left to tell.
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence})
}
