package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/wire"
	"augenmass/internal/permit"
)

// reply is what came back from a model server. Code is empty when the answer
// can be read and comes from the permitted model; otherwise it is the reason
// why a person decides. Even then the bytes are kept, for that person to see.
type reply struct {
	code    string
	err     error // for the log; never shown
	took    time.Duration
	raw     []byte
	outputs []tensor
	nans    bool // the server wrote bare NaN or Infinity, which is no JSON
	params  wire.Value
}

// newClient returns the client for model servers. It follows no redirect (the
// permit names one endpoint, not where that one points to) and uses no proxy
// of the environment (payloads stay in the house).
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			MaxIdleConns:        256,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// address is where a permitted model answers: its endpoint, or the standard
// path below it.
func address(m permit.Model, leaf string) (string, error) {
	u, err := url.Parse(m.Endpoint)
	if err != nil {
		return "", err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("endpoint %q is no http address", m.Endpoint)
	}
	return u.JoinPath("v2", "models", m.Name, leaf).String(), nil
}

// ask sends one inference to the permitted model and reads its answer within
// the time allowed. It asks once: a second try would be a second decision.
func (g *Gateway) ask(ctx context.Context, m permit.Model, q request, timeout time.Duration) (a reply) {
	start := time.Now()
	defer func() { a.took = time.Since(start) }()
	to, err := address(m, "infer")
	if err != nil {
		return reply{code: entry.ModelUnavailable, err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(q.forward()))
	if err != nil {
		return reply{code: entry.ModelUnavailable, err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := g.o.Client.Do(req)
	if err != nil {
		return reply{code: failure(ctx, entry.ModelUnavailable), err: err}
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, g.o.MaxAnswer+1))
	err = errors.Join(err, res.Body.Close())
	switch {
	case err != nil:
		return reply{code: failure(ctx, entry.ModelBroken), err: err, raw: raw}
	case int64(len(raw)) > g.o.MaxAnswer:
		return reply{code: entry.ModelTooLarge}
	case res.StatusCode != http.StatusOK:
		return reply{code: entry.ModelStatus, err: fmt.Errorf("status %d", res.StatusCode), raw: raw}
	}
	return readReply(raw, m, q)
}

func failure(ctx context.Context, otherwise string) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return entry.ModelLate
	}
	return otherwise
}

// forward is the body for the model server: what was checked, without the
// caller's choice of outputs, because the gate needs to see all of them.
func (q request) forward() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if q.id != "" {
		id, err := json.Marshal(q.id)
		if err == nil { // a string always marshals
			b.WriteString(`"id":`)
			b.Write(id)
			b.WriteByte(',')
		}
	}
	if len(q.parameters) > 0 {
		b.WriteString(`"parameters":`)
		b.Write(q.parameters)
		b.WriteByte(',')
	}
	b.WriteString(`"inputs":`)
	b.Write(q.rawInputs)
	b.WriteByte('}')
	return b.Bytes()
}

// readReply reads an answer and holds it against the permitted model. Fields
// that the protocol does not have are allowed here: servers add their own.
func readReply(raw []byte, m permit.Model, q request) reply {
	a := reply{raw: raw}
	broken := func(format string, args ...any) reply {
		a.code, a.err = entry.ModelBroken, fmt.Errorf(format, args...)
		return a
	}
	v, err := wire.Read(raw)
	if err != nil {
		clean, found := quoteNonNumbers(raw)
		if !found {
			return broken("answer: %w", err)
		}
		if v, err = wire.Read(clean); err != nil {
			return broken("answer: %w", err)
		}
		a.nans = true
	}
	if v.Kind != wire.Object {
		return broken("answer is no object")
	}
	if name, _ := v.Get("model_name"); name.Kind != wire.Text || name.Text != m.Name {
		a.code, a.err = entry.ModelWrongName, fmt.Errorf("model_name %q", name.Text)
		return a
	}
	if version, _ := v.Get("model_version"); m.Version != "" && (version.Kind != wire.Text || version.Text != m.Version) {
		a.code, a.err = entry.ModelWrongVersion, fmt.Errorf("model_version %q", version.Text)
		return a
	}
	a.params, _ = v.Get("parameters")
	if hash, ok := a.params.Get("model_hash"); ok && m.Hash != "" && hash.Text != m.Hash {
		a.code, a.err = entry.ModelWrongHash, fmt.Errorf("model_hash %q", hash.Text)
		return a
	}
	if id, ok := v.Get("id"); ok && q.id != "" && id.Text != q.id {
		return broken("answer to another request")
	}
	outputs, _ := v.Get("outputs")
	if outputs.Kind != wire.List || len(outputs.List) == 0 {
		return broken("no outputs")
	}
	seen := map[string]bool{}
	for _, o := range outputs.List {
		t, err := readOutput(o)
		if err != nil {
			return broken("output %q: %w", t.name, err)
		}
		if seen[t.name] {
			return broken("output %q twice", t.name)
		}
		seen[t.name] = true
		a.outputs = append(a.outputs, t)
	}
	return a
}

func readOutput(o wire.Value) (tensor, error) {
	name, _ := o.Get("name")
	datatype, _ := o.Get("datatype")
	shape, _ := o.Get("shape")
	data, ok := o.Get("data")
	t := tensor{name: name.Text, datatype: datatype.Text, raw: o.Raw}
	if name.Text == "" || datatype.Text == "" || shape.Kind != wire.List || !ok {
		return t, errors.New("name, data type, shape or data are missing")
	}
	r := &reader{}
	t.shape = r.shape(shape, "shape")
	if err := r.Err(); err != nil {
		return t, err
	}
	if data.Kind != wire.List {
		data = wire.Value{Kind: wire.List, List: []wire.Value{data}}
	}
	if t.data, ok = flatten(data, t.shape); !ok {
		return t, errors.New("data do not fit the shape")
	}
	return t, nil
}

// quoteNonNumbers puts quotes around bare NaN, Infinity and -Infinity outside
// of texts. Python's json module writes them and other languages copy it; they
// are no JSON, but the person who decides should read the rest.
func quoteNonNumbers(b []byte) ([]byte, bool) {
	var out bytes.Buffer
	inText, found := false, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case inText && c == '\\' && i+1 < len(b):
			out.WriteByte(c)
			i++
			c = b[i]
		case c == '"':
			inText = !inText
		case !inText:
			if word := nonNumber(b[i:]); word != "" {
				found = true
				out.WriteString(`"` + word + `"`)
				i += len(word) - 1
				continue
			}
		}
		out.WriteByte(c)
	}
	return out.Bytes(), found
}

func nonNumber(b []byte) string {
	for _, w := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(b, []byte(w)) {
			return w
		}
	}
	return ""
}

// confidenceOf reads the calibrated confidence: the least value of the output
// tensor that the route names, or the answer's parameters.confidence. The code
// is empty exactly when the value counts.
func (a reply) confidenceOf(name string, rows int) (least float64, code string) {
	var data []wire.Value
	found := false
	for _, t := range a.outputs {
		if t.name == name {
			data, found = t.data, true
			if len(data) != 1 && len(data) != rows {
				return 0, entry.ConfidenceMissing // some row has none
			}
		}
	}
	if !found {
		if p, ok := a.params.Get("confidence"); ok {
			data, found = []wire.Value{p}, true
		}
	}
	if !found || len(data) == 0 {
		return 0, entry.ConfidenceMissing
	}
	least = math.Inf(1)
	for _, v := range data {
		switch {
		case v.Kind == wire.Null:
			return 0, entry.ConfidenceNull
		case v.Kind == wire.Text && a.nans && v.Text == "NaN":
			return 0, entry.ConfidenceNaN
		case v.Kind == wire.Text && a.nans && strings.HasSuffix(v.Text, "Infinity"):
			return 0, entry.ConfidenceRange
		case v.Kind != wire.Number:
			return 0, entry.ConfidenceType
		}
		f := number(v) // digits beyond float64's range read as NaN: far outside 0..1
		if !(f >= 0 && f <= 1) {
			return 0, entry.ConfidenceRange
		}
		least = min(least, f)
	}
	return least, ""
}

// output returns the tensor of that name.
func (a reply) output(name string) (tensor, bool) {
	for _, t := range a.outputs {
		if t.name == name {
			return t, true
		}
	}
	return tensor{}, false
}
