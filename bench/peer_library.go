package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Bars of D1.
const (
	leastOverOPA   = 5  // CPU, at each size
	leastOverCedar = 20 // CPU, at 1,000 policies
	mostGrowthD1   = 2  // CPU at 10,000 policies, in units of that at 100
	mostAllocs     = 24 // per decision, at each size
)

// contestants of D1, by the name they have in a command line.
var contestantsD1 = map[string]func(ctx context.Context, w *decideWork) (decider, error){
	"augenmass": func(_ context.Context, w *decideWork) (decider, error) { return newPointDecider(w) },
	// asked each time in a moment that policies can tell from all before, which
	// is the worst case of what the point remembers
	"augenmass-new-moments": func(_ context.Context, w *decideWork) (decider, error) {
		return pointDecider(w, "augenmass, new moments", true)
	},
	"cedar": cedarShipped, "opa-rules": opaLibrary("rules"), "opa-data": opaLibrary("data"),
	"casbin-eval": casbinLibrary("eval"), "casbin-function": casbinLibrary("function"),
}

// linear are contestants that ask every policy; at 10,000 policies they are
// held to fewer requests, because each takes them milliseconds.
var linear = []string{"cedar", "casbin-eval", "casbin-function"}

// lap is what a contestant did in one cell of D1.
type lap struct {
	Decisions float64 `json:"decisions"`
	CPUNs     float64 `json:"cpu_ns"`
	WallNs    float64 `json:"wall_ns"`
	Allocs    float64 `json:"allocs"`
}

// loaded is what it cost a contestant to take the policies.
type loaded struct {
	CPUSeconds float64 `json:"cpu_s"`
	HeapMB     float64 `json:"heap_mb"`
}

// libraryChild is a contestant in a process of its own: its garbage and its
// caches are its own. It refuses to start when it does not give the answers of
// the reference. Arguments: contestant, policies, requests, of which so many are
// checked, seed.
func libraryChild(ctx context.Context, args []string) (http.Handler, io.Closer, error) {
	if len(args) != 5 {
		return nil, nil, errors.New("arguments: contestant, policies, requests, checked, seed")
	}
	build, ok := contestantsD1[args[0]]
	n, err1 := strconv.Atoi(args[1])
	requests, err2 := strconv.Atoi(args[2])
	checked, err3 := strconv.Atoi(args[3])
	seed, err4 := strconv.ParseUint(args[4], 10, 64)
	if err := errors.Join(err1, err2, err3, err4); err != nil || !ok || checked > requests {
		return nil, nil, fmt.Errorf("arguments %q: %w", args, err)
	}
	w := newDecideWork(n, requests, seed)
	before := liveHeap()
	var d decider
	c, err := costOf(func() (err error) {
		d, err = build(ctx, w)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	about := loaded{CPUSeconds: c.cpu.Seconds(), HeapMB: (float64(liveHeap()) - float64(before)) / 1e6}
	held := *w
	held.want = w.want[:checked]
	if err := d.agrees(&held); err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /loaded", func(rw http.ResponseWriter, _ *http.Request) { answerJSON(rw, about, nil) })
	next := 0
	mux.HandleFunc("GET /lap", func(rw http.ResponseWriter, r *http.Request) {
		took, err := time.ParseDuration(r.URL.Query().Get("for"))
		if err != nil {
			answerJSON(rw, nil, err)
			return
		}
		l, err := runLap(d, w, took, &next)
		answerJSON(rw, l, err)
	})
	return mux, io.NopCloser(nil), nil
}

// runLap decides one request after another for a while, and looks at every
// answer.
func runLap(d decider, w *decideWork, long time.Duration, next *int) (lap, error) {
	done := 0
	c, err := costOf(func() error {
		for begin := time.Now(); time.Since(begin) < long; done++ {
			i := *next % len(w.requests)
			allow, err := d.ask(i)
			if err != nil {
				return fmt.Errorf("request %d: %w", i, err)
			}
			if allow != w.want[i].allow {
				return fmt.Errorf("%s answers request %d with %v", d.name, i, allow)
			}
			*next++
		}
		return nil
	})
	return lap{Decisions: float64(done), CPUNs: float64(c.cpu), WallNs: float64(c.wall), Allocs: float64(c.allocs)}, err
}

func answerJSON(rw http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	if _, err := rw.Write(raw); err != nil {
		panic(http.ErrAbortHandler) // nobody listens any more
	}
}

// askJSON gets a JSON answer from a server of the benchmark.
func askJSON(ctx context.Context, url string, v any) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", res.StatusCode, raw)
	}
	return json.Unmarshal(raw, v)
}

// decideInProcess (D1) is one decision in process, with 100, 1,000 and 10,000
// policies: this program's whole decision point (trusted attributes, policies,
// reasons, id) beside the bare evaluation of OPA with a prepared query, Casbin,
// and cedar-go as it comes. OPA and Casbin are measured in two forms and judged
// by the better one of each round.
func decideInProcess(ctx context.Context, s settings) (o outcome, err error) {
	n, cell := 11, 250*time.Millisecond
	requests, checked, few := map[int]int{100: 4096, 1000: 4096, 10000: 1000}, 4096, 200
	if s.quick {
		n, cell = 3, 60*time.Millisecond
		requests, checked, few = map[int]int{100: 500, 1000: 300, 10000: 100}, 500, 30
	}
	running := map[string]*child{}
	defer func() {
		for _, c := range running {
			err = errors.Join(err, c.stop())
		}
	}()
	var cells []string
	at := func(who string, size int) string { return fmt.Sprintf("%s, %d policies", who, size) }
	r := newRounds()
	for _, size := range []int{100, 1000, 10000} {
		for _, who := range []string{"augenmass", "augenmass-new-moments", "opa-rules", "opa-data", "casbin-eval", "casbin-function", "cedar"} {
			check := min(checked, requests[size])
			if size == 10000 && slices.Contains(linear, who) {
				check = few
			}
			c, err := startChild(ctx, "library", who, strconv.Itoa(size), strconv.Itoa(requests[size]), strconv.Itoa(check), strconv.FormatUint(s.seed, 10))
			if err != nil {
				return o, fmt.Errorf("%s: %w", at(who, size), err)
			}
			running[at(who, size)] = c
			cells = append(cells, at(who, size))
		}
	}
	for round := range n {
		for _, who := range shuffled(s.seed, round, cells) {
			var l lap
			if err := askJSON(ctx, running[who].url+"/lap?for="+cell.String(), &l); err != nil {
				return o, fmt.Errorf("%s: %w", who, err)
			}
			r.add(who, "cpu_us", l.CPUNs/l.Decisions/1e3)
			r.add(who, "wall_us", l.WallNs/l.Decisions/1e3)
			r.add(who, "allocs", l.Allocs/l.Decisions)
		}
	}
	for _, who := range cells {
		var l loaded
		if err := askJSON(ctx, running[who].url+"/loaded", &l); err != nil {
			return o, err
		}
		one := r.row(who, who)
		one.Values["load_cpu_s"], one.Values["heap_mb"] = l.CPUSeconds, l.HeapMB
		o.rows = append(o.rows, one)
	}
	barsD1(&o, r, at)
	return o, nil
}

func barsD1(o *outcome, r *rounds, at func(who string, size int) string) {
	o.ratios = map[string]ratio{}
	for _, size := range []int{100, 1000, 10000} {
		us := at("augenmass", size)
		r.best("cpu_us", at("OPA", size), at("opa-rules", size), at("opa-data", size))
		r.best("cpu_us", at("Casbin", size), at("casbin-eval", size), at("casbin-function", size))
		for _, peer := range []string{"OPA", "Casbin", "cedar"} {
			o.ratios["CPU: "+peer+" / augenmass, "+strconv.Itoa(size)] = r.ratio("cpu_us", at(peer, size), us)
		}
		name := fmt.Sprintf("CPU: OPA / augenmass, %d", size)
		o.bars = append(o.bars, atLeast(name, o.ratios[name].Median, leastOverOPA),
			atMost(fmt.Sprintf("allocations per decision, %d", size), r.row("", us).Values["allocs"], mostAllocs))
	}
	o.ratios["CPU: OPA / augenmass in new moments, 1000"] = r.ratio("cpu_us", at("OPA", 1000), at("augenmass-new-moments", 1000))
	growth := r.ratio("cpu_us", at("augenmass", 10000), at("augenmass", 100))
	o.ratios["CPU: augenmass, 10000 / 100"] = growth
	o.bars = append(o.bars, atLeast("CPU: cedar / augenmass, 1000", o.ratios["CPU: cedar / augenmass, 1000"].Median, leastOverCedar),
		atMost("CPU: augenmass, 10000 / 100", growth.Median, mostGrowthD1))
	o.note = "One goroutine. augenmass is the whole decision point with trusted attributes, reasons and id; the peers evaluate policies only. " +
		"Its requests repeat after some thousands, as those of a line do; new moments are the worst case, in which nothing remembered of the surroundings fits. " +
		"Each contestant has a process of its own; heap_mb is what it holds after loading, beyond the work itself. OPA and Casbin are judged by their better form of each round."
}
