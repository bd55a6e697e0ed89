package plant

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// clock is a wall clock that tests set forwards and backwards.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestAStateCountsWhileItIsFresh(t *testing.T) {
	c := &clock{start}
	p := New(Options{Now: c.now})
	if _, _, known := p.State("mill"); known {
		t.Fatal("a zone that never reported is known")
	}
	if err := p.Signal(context.Background(), "mill", "running", start); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		known bool
	}{{0, true}, {30 * time.Second, true}, {30*time.Second + 1, false}, {time.Hour, false}} {
		c.at = start.Add(step.after)
		state, at, known := p.State("mill")
		if known != step.known {
			t.Errorf("after %v known is %v", step.after, known)
		}
		if known && (state != "running" || !at.Equal(start)) || !known && (state != "" || !at.IsZero()) {
			t.Errorf("after %v: %q at %v", step.after, state, at)
		}
	}
	if _, _, known := p.State("other"); known {
		t.Error("another zone is known")
	}
	if z := p.Zones(); len(z) != 1 || z[0].Known || z[0].State != "running" {
		t.Errorf("zones %+v", z)
	}
}

func TestSignalsThatAreRefused(t *testing.T) {
	for name, s := range map[string]struct {
		zone, state string
		at          time.Time
		field       string
	}{
		"from the future":    {"mill", "running", start.Add(3 * time.Second), "at"},
		"older than its age": {"mill", "running", start.Add(-31 * time.Second), "at"},
		"without an instant": {"mill", "running", time.Time{}, "at"},
		"unknown state":      {"mill", "dancing", start, "state"},
		"malformed state":    {"mill", "Running!", start, "state"},
		"malformed zone":     {"../mill", "running", start, "zone"},
		"no zone":            {"", "running", start, "zone"},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(Options{Now: (&clock{start}).now, States: []string{"running", "stopped"}})
			err := p.Signal(context.Background(), s.zone, s.state, s.at)
			pr := problem.From(err)
			if err == nil || pr.Kind != problem.BadInput || !slices.ContainsFunc(pr.Fields, func(f problem.Field) bool { return f.Path == s.field && f.Say.Complete() }) {
				t.Errorf("got %v", err)
			}
			if len(p.Zones()) != 0 {
				t.Error("a refused signal left something behind")
			}
		})
	}
}

// A device's clock that goes backwards never brings an old state back.
func TestDeviceClockGoingBackwardsIsRefused(t *testing.T) {
	p := New(Options{Now: (&clock{start}).now})
	ctx := context.Background()
	if err := p.Signal(ctx, "mill", "stopped", start); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(ctx, "mill", "running", start.Add(-time.Second)); !problem.Is(err, problem.Conflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	if state, _, known := p.State("mill"); !known || state != "stopped" {
		t.Errorf("state %q known %v", state, known)
	}
}

// Our own clock that goes backwards makes the state unknown, and the next
// signal by the corrected time is taken.
func TestOwnClockGoingBackwardsMakesUnknown(t *testing.T) {
	c := &clock{start}
	p := New(Options{Now: c.now})
	ctx := context.Background()
	if err := p.Signal(ctx, "mill", "running", start); err != nil {
		t.Fatal(err)
	}
	c.at = start.Add(-time.Hour)
	if _, _, known := p.State("mill"); known {
		t.Fatal("a state from the future is known")
	}
	if err := p.Signal(ctx, "mill", "setup", c.at); err != nil {
		t.Fatalf("after the clock was set back, a fresh signal is refused: %v", err)
	}
	if state, _, known := p.State("mill"); !known || state != "setup" {
		t.Errorf("state %q known %v", state, known)
	}
}

// Whatever clocks and signals do, a known state is never older than its age and
// never the state of an older signal than one taken before by the same clock.
func TestKnownStatesAreFresh(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{start}
		p := New(Options{Now: c.now, MaxAge: 30 * time.Second, Ahead: 2 * time.Second})
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			c.at = c.at.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "clock")) * time.Second)
			at := c.at.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "device")) * time.Second)
			before, beforeAt, was := p.State("z")
			err := p.Signal(context.Background(), "z", rapid.SampledFrom([]string{"running", "stopped"}).Draw(t, "state"), at)
			state, when, known := p.State("z")
			if err != nil && (state != before || known != was || !when.Equal(beforeAt)) {
				t.Fatalf("a refused signal changed the state: %v", err)
			}
			if known && (c.at.Sub(when) > 30*time.Second || when.Sub(c.at) > 2*time.Second) {
				t.Fatalf("known, but %v old", c.at.Sub(when))
			}
			if was && known && when.Before(beforeAt) {
				t.Fatalf("went back from %v to %v", beforeAt, when)
			}
		}
	})
}

func TestHandler(t *testing.T) {
	device := Caller{ID: "dev_1", Kind: "device", Zone: "mill"}
	good := `{"zone":"mill","state":"running","at":"2026-11-21T10:00:00Z"}`
	for _, c := range []struct {
		name, method, media, body string
		caller                    Caller
		status                    int
		fields                    []string
	}{
		{"taken", "POST", "application/json", good, device, 204, nil},
		{"a workload of the zone", "POST", "application/json", good, Caller{ID: "w", Kind: "workload", Zone: "mill"}, 204, nil},
		{"another zone", "POST", "application/json", good, Caller{ID: "dev_2", Kind: "device", Zone: "paint"}, 403, nil},
		{"no zone", "POST", "application/json", good, Caller{ID: "dev_2", Kind: "device"}, 403, nil},
		{"a person", "POST", "application/json", good, Caller{ID: "per_1", Kind: "person", Zone: "mill"}, 403, nil},
		{"nobody", "POST", "application/json", good, Caller{}, 401, nil},
		{"read instead of write", "GET", "", "", device, 405, nil},
		{"not JSON", "POST", "application/json", `{"zone":`, device, 400, []string{""}},
		{"two values", "POST", "application/json", good + good, device, 400, []string{""}},
		{"a name twice", "POST", "application/json", `{"zone":"mill","zone":"paint"}`, device, 400, []string{""}},
		{"a list", "POST", "application/json", `[]`, device, 400, []string{""}},
		{"unknown fields", "POST", "application/json", `{"zone":"mill","state":"running","at":"2026-11-21T10:00:00Z","speed":1,"who":"x"}`, device, 400, []string{"speed", "who"}},
		{"wrong types", "POST", "application/json", `{"zone":1,"state":null,"at":true}`, device, 400, []string{"zone", "state", "at"}},
		{"nothing in it", "POST", "application/json", `{}`, device, 400, []string{"zone", "state", "at"}},
		{"no instant", "POST", "application/json", `{"zone":"mill","state":"running","at":"today"}`, device, 400, []string{"at"}},
		{"from the future", "POST", "application/json", strings.Replace(good, "10:00", "11:00", 1), device, 400, []string{"at"}},
		{"oversized", "POST", "application/json", `{"zone":"` + strings.Repeat("m", 5000) + `"}`, device, 413, nil},
		{"another media type", "POST", "text/plain", good, device, 415, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := New(Options{Now: (&clock{start}).now})
			h := p.Handler(func(*http.Request) (Caller, error) {
				if c.caller.ID == "" {
					return Caller{}, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
				}
				return c.caller, nil
			})
			r := httptest.NewRequest(c.method, "/plant/signals", strings.NewReader(c.body))
			if c.media != "" {
				r.Header.Set("Content-Type", c.media)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			_, _, known := p.State("mill")
			if known != (c.status == 204) {
				t.Errorf("known is %v after status %d", known, c.status)
			}
			if c.status == 204 {
				return
			}
			var got struct {
				Status int
				Say    struct{ DE, EN string }
				Fields []struct{ Path string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("no problem details: %v %s", err, w.Body)
			}
			var paths []string
			for _, f := range got.Fields {
				paths = append(paths, f.Path)
			}
			if got.Status != c.status || got.Say.DE == "" || got.Say.EN == "" || !slices.Equal(paths, c.fields) {
				t.Errorf("problem %s, want fields %q", w.Body, c.fields)
			}
		})
	}
}
