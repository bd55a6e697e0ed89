package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
)

// modelServer is the failure model behind its own HTTP port, as a supplier's
// server would be.
type modelServer struct {
	*model.Server
	url  string
	http *http.Server

	mu     sync.Mutex
	faults map[string]model.Fault // by request id
}

// late is how long a slow answer takes: longer than any permit waits.
const late = 5 * time.Second

func startModel() (*modelServer, error) {
	ensemble, _, err := model.Embedded()
	if err != nil {
		return nil, err
	}
	m := &modelServer{faults: map[string]model.Fault{}}
	m.Server = model.NewServer(model.ServerOptions{Model: ensemble, FaultFor: m.fault})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("model server: %w", err)
	}
	m.url = "http://" + l.Addr().String()
	m.http = &http.Server{Handler: m.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		// Serve returns when the server is closed; a broken listener shows as
		// escalated results, which is what the gateway is for.
		_ = m.http.Serve(l)
	}()
	return m, nil
}

func (m *modelServer) fault(id string) model.Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults[id]
}

// plan lets the answer to one request go wrong the way a step of the timeline
// says.
func (m *modelServer) plan(id string, s mill.Step) {
	kinds := map[mill.Effect]model.FaultKind{mill.ConfidenceMissing: model.ConfidenceMissing, mill.ConfidenceNaN: model.ConfidenceNaN,
		mill.ConfidenceOutOfRange: model.ConfidenceOutOfRange, mill.ModelSlow: model.Slow, mill.ModelDown: model.Down}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.faults)
	for effect, kind := range kinds {
		if s.Has(effect) {
			m.faults[id] = model.Fault{Kind: kind, Delay: late}
		}
	}
}

// line is the control of the milling line: it reports the plant's state and
// asks the model once per part, through the gateway.
type line struct {
	base   string // of the organisation, "http://…/metallwerk"
	tokens struct{ line, stray string }
	model  *modelServer
	client *http.Client
	said   time.Time // of the last plant signal
}

func newLine(base string, c *Company, m *modelServer) *line {
	l := &line{base: base, model: m, client: &http.Client{Timeout: 30 * time.Second}}
	l.tokens.line, l.tokens.stray = c.Line, c.Stray
	return l
}

// outcome of one part, as the answer names it.
type outcome struct {
	Outcome  string
	Decision string
	Index    uint64
	Case     string // when a person has to decide
}

// ask sends one part through the gateway.
func (l *line) ask(ctx context.Context, s mill.Step) (outcome, error) {
	id := fmt.Sprintf("teil-%d", s.N)
	l.model.plan(id, s)
	token := l.tokens.line
	if s.Has(mill.WrongZone) {
		token = l.tokens.stray
	}
	body := model.EncodeRequest(id, []model.Reading{s.Row.Values()})
	res, err := l.post(ctx, "/v2/models/"+l.model.Name+"/infer", token, body)
	if err != nil {
		return outcome{}, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return outcome{}, fmt.Errorf("part %d: read the answer: %w", s.N, err)
	}
	index, err := strconv.ParseUint(res.Header.Get("Augenmass-Index"), 10, 64)
	if err != nil {
		return outcome{}, fmt.Errorf("part %d: status %d without a journal index: %s", s.N, res.StatusCode, raw)
	}
	o := outcome{Decision: res.Header.Get("Augenmass-Decision"), Index: index}
	switch res.StatusCode {
	case http.StatusForbidden:
		o.Outcome = "denied"
	case http.StatusAccepted, http.StatusOK:
		var a struct {
			Outcome    string `json:"outcome"`
			Case       string `json:"case"`
			Parameters struct {
				Outcome string `json:"augenmass_outcome"`
				Case    string `json:"augenmass_case"`
			} `json:"parameters"`
		}
		if err := json.Unmarshal(raw, &a); err != nil {
			return outcome{}, fmt.Errorf("part %d: %w", s.N, err)
		}
		o.Outcome, o.Case = cmp.Or(a.Outcome, a.Parameters.Outcome), cmp.Or(a.Case, a.Parameters.Case)
	default:
		return outcome{}, fmt.Errorf("part %d: status %d: %s", s.N, res.StatusCode, raw)
	}
	return o, nil
}

// report tells the plant's state, at most once in a while.
func (l *line) report(ctx context.Context, state string, every time.Duration, now time.Time) error {
	if now.Sub(l.said) < every {
		return nil
	}
	body, err := json.Marshal(map[string]any{"zone": ZoneMill, "state": state, "at": now.UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return err
	}
	res, err := l.post(ctx, "/plant/signals", l.tokens.line, body)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // nothing of it is needed
	if res.StatusCode != http.StatusNoContent {
		raw, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10)) // the status is the error; the body only explains it
		return fmt.Errorf("plant signal: status %d: %s", res.StatusCode, raw)
	}
	l.said = now
	return nil
}

func (l *line) post(ctx context.Context, path, token string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return l.client.Do(req)
}
