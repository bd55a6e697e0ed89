package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/permit"
)

// TestNoOutputLeavesWithoutItsEntry is the promise of the house, over random
// combinations of everything that can go wrong: an answer with outputs leaves
// only after a durable entry "released" for that decision; an escalation is
// told only after its content is sealed and its entry is durable; a refusing
// journal lets nothing out at all.
func TestNoOutputLeavesWithoutItsEntry(t *testing.T) {
	h := newHouse(t)
	sound := h.permit
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		odds := func(name string) bool { return rapid.IntRange(0, 5).Draw(t, name) == 0 }
		confidence := pick("confidence", "0.97", "0.97", "0.97", "0.85", "0.84", "null", "NaN", `"x"`, "2")
		falls, stops := odds("permit falls"), odds("stopped")
		h.with(func() {
			h.log, h.entries, h.events = nil, nil, nil
			h.permit = sound
			h.permit.Conditions = slices.Clone(sound.Conditions)
			h.permit.Oversight = permit.Oversight(pick("mode", "in_the_loop", "on_the_loop", "none"))
			h.permit.Class = pick("class", "high", "limited")
			for i := range h.permit.Conditions {
				switch h.permit.Conditions[i].Kind {
				case permit.CondFallback:
					h.permit.Conditions[i].Allowed = []string{pick("hold", "hold", "fallback")}
				case permit.CondRetention:
					h.permit.Conditions[i].Allowed = []string{pick("retain", "nothing", "commitment", "sample", "all")}
				}
			}
			h.decision.Allow = !odds("denied")
			h.full, h.locked, h.blind, h.stopped = odds("journal full"), odds("vault full"), odds("queue blind"), false
			h.plant = pick("plant", "running", "running", "running", "stopped", "")
			h.state = monitor.State{DriftReady: rapid.Bool().Draw(t, "ready"), Drift: rapid.SampledFrom([]float64{0, 0.05, 0.5}).Draw(t, "drift")}
			body := saying(confidence)
			broken := odds("model broken")
			h.model = func(w http.ResponseWriter, r *http.Request) {
				h.with(func() {
					if falls {
						h.permit.State = permit.Suspended
					}
					h.stopped = stops
				})
				if broken {
					body = body[:len(body)/2]
				}
				answering(body)(w, r)
			}
		})
		request := pick("request", ask, ask, ask, ask, `{"inputs":`, strings.Replace(ask, "41.5", `"x"`, 1))
		r := httptest.NewRequest("POST", "/v2/models/"+pick("model", "tool", "tool", "tool", "tool", "other")+"/infer", strings.NewReader(request))
		w := recorder{httptest.NewRecorder(), h}
		h.gateway.ServeHTTP(w, r)

		answered := slices.IndexFunc(h.log, func(s string) bool { return strings.HasPrefix(s, "answer") })
		before := h.log[:answered]
		outputs := strings.Contains(w.Body.String(), `"outputs":[{`)
		if h.full && (len(h.entries) != 0 || w.Code != 503) {
			t.Fatalf("the journal refused, but status %d", w.Code)
		}
		if !h.full && (len(h.entries) != 1 || h.entries[0].Decision != w.Header().Get(HeaderDecision)) {
			t.Fatalf("%d entries for one answer", len(h.entries))
		}
		if outputs != slices.Contains(before, "append released") {
			t.Fatalf("outputs %v after %q: %s", outputs, before, w.Body)
		}
		if outputs && (h.entries[0].Outcome != entry.Released || w.Code != 200) {
			t.Fatalf("outputs with %+v", h.entries[0])
		}
		if told := w.Code == 202 || strings.Contains(w.Body.String(), `"augenmass_case"`); told {
			put, app := slices.Index(before, "put"), slices.Index(before, "append escalated")
			if put < 0 || app < put || h.entries[0].Case == nil {
				t.Fatalf("an escalation was told after %q", before)
			}
		}
		if falls || stops || !h.decision.Allow || h.permit.Oversight == permit.InTheLoop && h.permit.Class == "high" {
			if outputs {
				t.Fatal("released what must not be")
			}
		}
	})
}

// Many callers at once over real connections: each gets its own answer, each
// answer has its own entry.
func TestManyCallers(t *testing.T) {
	h := newHouse(t)
	h.model = func(w http.ResponseWriter, r *http.Request) {
		answering(strings.Replace(good, `"id":"part-7",`, "", 1))(w, r)
	}
	server := httptest.NewServer(h.gateway)
	defer server.Close()
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 25 {
				id := fmt.Sprintf("part-%d-%d", n, i)
				res, err := server.Client().Post(server.URL+"/v2/models/tool/infer", "application/json", strings.NewReader(strings.Replace(ask, "part-7", id, 1)))
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || res.Body.Close() != nil || res.StatusCode != 200 || !strings.Contains(string(body), `"id":"`+id+`"`) {
					t.Errorf("%s: %d %s", id, res.StatusCode, body)
				}
			}
		})
	}
	wg.Wait()
	if len(h.entries) != 200 {
		t.Errorf("%d entries, want 200", len(h.entries))
	}
}

// A caller that hangs up does not keep the inference from being journaled.
func TestCallerHangsUp(t *testing.T) {
	h := newHouse(t)
	server := httptest.NewServer(h.gateway)
	defer server.Close()
	asked, gone := make(chan struct{}), make(chan struct{})
	h.model = func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-gone
		answering(good)(w, r)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequest("POST", server.URL+"/v2/models/tool/infer", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextThatEndsWith(asked)
	defer cancel()
	if _, err := client.Do(req.WithContext(ctx)); err == nil {
		t.Fatal("the call was to be given up")
	}
	close(gone)    // the model answers when the caller has gone
	server.Close() // waits for the exchange to end
	if e := h.last(t); e.Outcome != entry.Released {
		t.Errorf("entry %+v", e)
	}
}
