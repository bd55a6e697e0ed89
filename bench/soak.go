package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"augenmass/internal/demo"
	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
)

// Bars of the soak: nothing grows but the record. Each compares the last sixth
// of the run with its second sixth, when caches are warm.
const (
	mostGrowth     = 1.10 // resident memory and goroutines
	mostSlowdown   = 1.20 // median latency of a decision
	soakShare      = 0.70 // of what the company can do, measured before
	soakCallers    = 16
	decideEvery    = 25 // escalated results that a person gets to
	pageEvery      = 50 // requests of which one is a page
	signalInterval = 2 * time.Second
)

// pages are what people look at meanwhile.
var pages = []string{"/overview", "/operation", "/systems", "/duties", "/proof/journal", "/people/roles"}

// strays is a line that runs evenly, so that the sixths of the run compare; one
// part in fifty is asked for from outside the permitted zone. Results below the
// permit's confidence, about one in forty, go to people.
var strays = mill.Timeline{Every: 50, Phases: []mill.Phase{{From: 49, Until: 50, Effect: mill.WrongZone}}}

// soak is the model company at 70 % of what it can do, for half an hour, with
// everything on: inferences from two places, review decisions, pages, live
// streams, plant signals, and an approval that is taken back and given again.
// Requests come at their times whether or not earlier ones were answered, and
// latency counts from the time at which a request was due.
func soak(ctx context.Context, s settings) (o outcome, err error) {
	long, calibrate := 30*time.Minute, 20*time.Second
	if s.quick {
		long, calibrate = 36*time.Second, 4*time.Second
	}
	srv, err := startChild(ctx, "soak", s.dir)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	l, err := newLoad(ctx, srv.url, s.seed)
	if err != nil {
		return o, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.follow(ctx)
	capacity, err := l.closed(ctx, calibrate)
	if err != nil {
		return o, err
	}
	l.reset()
	samples, err := l.open(ctx, soakShare*capacity, long)
	if err != nil {
		return o, err
	}
	if len(samples) < 6 {
		return o, fmt.Errorf("only %d samples", len(samples))
	}
	return l.report(capacity, samples), nil
}

// load sends requests to the company and counts what became of them.
type load struct {
	base  string
	tok   tokens
	bare  *http.Client
	desk  *http.Client // signed in as the shift lead
	parts struct {
		sync.Mutex
		line *mill.Line
		n    int64
	}
	n, escalated           atomic.Int64
	released, held, denied atomic.Int64
	decided, looked        atomic.Int64
	bad                    atomic.Int64
	firstBad               atomic.Pointer[string]
	lat                    struct {
		sync.Mutex
		us []float64 // of the present interval
	}
}

func newLoad(ctx context.Context, server string, seed uint64) (*load, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	wire := &http.Transport{MaxIdleConnsPerHost: 2 * soakCallers}
	l := &load{base: server + "/" + demo.Slug, bare: &http.Client{Transport: wire, Timeout: 30 * time.Second},
		desk: &http.Client{Transport: wire, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	l.parts.line = mill.NewLine(seed, strays)
	if err := l.get(ctx, server+tokensPath, &l.tok); err != nil {
		return nil, err
	}
	status, _, err := l.form(ctx, "/signin", url.Values{"name": {"schicht"}, "password": {demo.Password}})
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("sign in: status %d", status)
	}
	return l, err
}

func (l *load) get(ctx context.Context, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := l.bare.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	return json.NewDecoder(res.Body).Decode(into)
}

func (l *load) form(ctx context.Context, path string, form url.Values) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(l.desk, req)
}

func send(c *http.Client, req *http.Request) (int, []byte, error) {
	res, err := c.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}

// follow keeps live streams open and tells the plant's state until ctx ends.
func (l *load) follow(ctx context.Context) {
	for _, path := range []string{"/operation/stream", "/overview/stream"} {
		go func() {
			for ctx.Err() == nil {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+path, nil)
				if err == nil {
					if _, _, err = send(l.desk, req); err == nil {
						continue // the stream ended and is opened again, as browsers do
					}
				}
				if ctx.Err() == nil {
					l.failed("stream", err)
					return
				}
			}
		}()
	}
	go func() {
		tick := time.NewTicker(signalInterval)
		defer tick.Stop()
		for {
			body := fmt.Sprintf(`{"zone":%q,"state":"running","at":%q}`, demo.ZoneMill, time.Now().UTC().Format(time.RFC3339Nano))
			if status, raw, err := l.post(ctx, "/plant/signals", l.tok.Line, body); ctx.Err() == nil && (err != nil || status != http.StatusNoContent) {
				l.failed("plant signal", refusal(status, raw, err))
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

func (l *load) post(ctx context.Context, path, token, body string) (int, []byte, error) {
	req, err := l.request(ctx, path, token, body)
	if err != nil {
		return 0, nil, err
	}
	return send(l.bare, req)
}

func (l *load) request(ctx context.Context, path, token, body string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// refusal says why an answer is not the expected one.
func refusal(status int, raw []byte, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("status %d: %.200s", status, raw)
}

func (l *load) failed(what string, err error) {
	l.bad.Add(1)
	text := fmt.Sprintf("%s: %v", what, err)
	l.firstBad.CompareAndSwap(nil, &text)
}

// one is one request: a part, or now and then a page.
func (l *load) one(ctx context.Context, due time.Time) {
	n := l.n.Add(1)
	if n%pageEvery == 0 {
		l.look(ctx, pages[int(n/pageEvery)%len(pages)])
		return
	}
	l.parts.Lock()
	step, _ := l.parts.line.Next()
	l.parts.Unlock()
	token := l.tok.Line
	if step.Has(mill.WrongZone) {
		token = l.tok.Stray
	}
	body := model.EncodeRequest(fmt.Sprintf("teil-%d", step.N), []model.Reading{step.Row.Values()})
	status, raw, err := l.post(ctx, "/v2/models/"+l.tok.Model+"/infer", token, string(body))
	if ctx.Err() != nil {
		return
	}
	l.took(time.Since(due))
	l.count(ctx, status, raw, err)
}

func (l *load) took(d time.Duration) {
	l.lat.Lock()
	l.lat.us = append(l.lat.us, float64(d.Microseconds()))
	l.lat.Unlock()
}

func (l *load) count(ctx context.Context, status int, raw []byte, err error) {
	var a struct {
		Outcome, Case string
		Parameters    struct {
			Outcome string `json:"augenmass_outcome"`
			Case    string `json:"augenmass_case"`
		}
	}
	switch {
	case err != nil:
		l.failed("inference", err)
		return
	case status == http.StatusForbidden:
		l.denied.Add(1)
		return
	case status != http.StatusOK && status != http.StatusAccepted:
		l.failed("inference", refusal(status, raw, nil))
		return
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		l.failed("inference", err)
		return
	}
	id := a.Case + a.Parameters.Case
	if id == "" {
		l.released.Add(1)
		return
	}
	l.held.Add(1)
	if l.escalated.Add(1)%decideEvery == 0 {
		l.decide(ctx, id)
	}
}

// decide does what a person at the review desk does; a case without a result
// cannot be confirmed and is rejected.
func (l *load) decide(ctx context.Context, id string) {
	status, raw, err := l.form(ctx, "/operation/cases/"+id, url.Values{"verdict": {"confirm"}, "revealed": {"yes"}})
	if err == nil && status == http.StatusUnprocessableEntity {
		status, raw, err = l.form(ctx, "/operation/cases/"+id, url.Values{"verdict": {"reject"}, "revealed": {"no"}, "reason": {"Das Modell hat kein Ergebnis geliefert."}})
	}
	if ctx.Err() == nil && (err != nil || status != http.StatusSeeOther) {
		l.failed("review", refusal(status, raw, err))
		return
	}
	l.decided.Add(1)
}

func (l *load) look(ctx context.Context, path string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+path, nil)
	if err != nil {
		l.failed("page", err)
		return
	}
	status, raw, err := send(l.desk, req)
	if ctx.Err() == nil && (err != nil || status != http.StatusOK) {
		l.failed("page "+path, refusal(status, raw, err))
		return
	}
	l.looked.Add(1)
}

func (l *load) reset() {
	for _, n := range []*atomic.Int64{&l.released, &l.held, &l.denied, &l.decided, &l.looked} {
		n.Store(0)
	}
	l.lat.Lock()
	l.lat.us = nil
	l.lat.Unlock()
}

// closed is how many requests per second the company answers when each caller
// waits for its answer.
func (l *load) closed(ctx context.Context, d time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	began, first := time.Now(), l.n.Load()
	var callers sync.WaitGroup
	for range soakCallers {
		callers.Go(func() {
			for ctx.Err() == nil {
				l.one(ctx, time.Now())
			}
		})
	}
	callers.Wait()
	if said := l.firstBad.Load(); said != nil {
		return 0, errors.New(*said)
	}
	return float64(l.n.Load()-first) / time.Since(began).Seconds(), nil
}

// sample is one interval of the run.
type sample struct {
	vitals
	p50, p99, perSecond float64
}

// open sends requests at a rate for a while, and looks at the company once per
// sixtieth of it.
func (l *load) open(ctx context.Context, perSecond float64, long time.Duration) ([]sample, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	due := make(chan time.Time, 10*int(perSecond)+1) // ten seconds' backlog; beyond it, requests are dropped and counted as bad
	var callers sync.WaitGroup
	defer callers.Wait()
	defer close(due)
	for range 4 * soakCallers {
		callers.Go(func() {
			for t := range due {
				l.one(ctx, t)
			}
		})
	}
	began, every := time.Now(), long/60
	gap := time.Duration(float64(time.Second) / perSecond)
	var samples []sample
	next, look := began, began.Add(every)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < long {
		select {
		case <-ctx.Done():
			return samples, ctx.Err()
		case <-tick.C:
		}
		for now := time.Now(); next.Before(now); next = next.Add(gap) {
			select {
			case due <- next:
			default:
				l.failed("load", errors.New("the company fell more than ten seconds behind"))
			}
		}
		if time.Now().After(look) {
			one, err := l.sample(ctx, every)
			if err != nil {
				return samples, err
			}
			samples, look = append(samples, one), look.Add(every)
			fmt.Fprintf(os.Stderr, "K1 %d/60: %.0f/s, p50 %.2f ms, p99 %.1f ms, %.1f MB resident, %.0f goroutines, %.0f entries, %d failures\n",
				len(samples), one.perSecond, one.p50/1e3, one.p99/1e3, one.ResidentMB, one.Goroutines, one.Journal, l.bad.Load())
		}
	}
	return samples, nil
}

func (l *load) sample(ctx context.Context, every time.Duration) (sample, error) {
	var s sample
	l.lat.Lock()
	us := l.lat.us
	l.lat.us = nil
	l.lat.Unlock()
	if len(us) == 0 {
		return s, errors.New("no answer within an interval")
	}
	slices.Sort(us)
	s.p50, s.p99, s.perSecond = quantile(us, 0.5), quantile(us, 0.99), float64(len(us))/every.Seconds()
	return s, l.get(ctx, strings.TrimSuffix(l.base, "/"+demo.Slug)+vitalsPath, &s.vitals)
}

// report compares the last sixth with the second.
func (l *load) report(capacity float64, samples []sample) outcome {
	sixth := len(samples) / 6
	early, late := samples[sixth:2*sixth], samples[len(samples)-sixth:]
	mid := func(of []sample, value func(sample) float64) float64 {
		var all []float64
		for _, s := range of {
			all = append(all, value(s))
		}
		return median(all)
	}
	growth := func(value func(sample) float64) float64 { return mid(late, value) / mid(early, value) }
	rowOf := func(name string, of []sample) row {
		return row{name, map[string]float64{
			"p50_ms": mid(of, func(s sample) float64 { return s.p50 }) / 1e3, "p99_ms": mid(of, func(s sample) float64 { return s.p99 }) / 1e3,
			"decisions_per_s": mid(of, func(s sample) float64 { return s.perSecond }), "resident_mb": mid(of, func(s sample) float64 { return s.ResidentMB }),
			"heap_mb": mid(of, func(s sample) float64 { return s.HeapMB }), "goroutines": mid(of, func(s sample) float64 { return s.Goroutines }),
			"open_files": mid(of, func(s sample) float64 { return s.Files }), "journal_entries": mid(of, func(s sample) float64 { return s.Journal }),
		}}
	}
	note := ""
	if said := l.firstBad.Load(); said != nil {
		note = "First failure: " + *said
	}
	return outcome{
		rows: []row{
			{"what it can do, callers that wait", map[string]float64{"requests_per_s": capacity, "callers": soakCallers}},
			rowOf("second sixth", early), rowOf("last sixth", late),
			{"whole run", map[string]float64{"released": float64(l.released.Load()), "to_people": float64(l.held.Load()), "denied": float64(l.denied.Load()),
				"reviews": float64(l.decided.Load()), "pages": float64(l.looked.Load()), "permit_changes": 2 * samples[len(samples)-1].Changes, "failures": float64(l.bad.Load())}},
		},
		bars: []bar{
			atMost("resident memory, last sixth / second", growth(func(s sample) float64 { return s.ResidentMB }), mostGrowth),
			atMost("goroutines, last sixth / second", growth(func(s sample) float64 { return s.Goroutines }), mostGrowth),
			atMost("open files, last sixth / second", growth(func(s sample) float64 { return s.Files }), mostGrowth),
			atMost("p50, last sixth / second", growth(func(s sample) float64 { return s.p50 }), mostSlowdown),
			atMost("failed requests", float64(l.bad.Load()), 0),
		},
		note: note,
	}
}
