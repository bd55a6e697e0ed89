package decide

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/knowledge"
)

func live(g *Grant) bool {
	select {
	case <-g.Done():
		return false
	default:
		return true
	}
}

func hold(t testing.TB, p *Point, r Request, terms Terms) *Grant {
	t.Helper()
	d, g, err := p.Hold(context.Background(), r, terms)
	if err != nil || g == nil || !d.Allow {
		t.Fatalf("not held: %+v %v", d, err)
	}
	return g
}

// lineWorld has several programs on devices and several systems, all with facts
// that a test can change one by one.
func lineWorld() *world {
	w := newWorld()
	for i := range 4 {
		w.subjects[fmt.Sprintf("workload/wl_%d", i)] = map[string]any{KeyScopes: []string{"infer"}, KeySystems: []string{"sys_0", "sys_1", "sys_2"},
			KeyZone: "Fertigung", KeyPosture: PostureOK, KeyDevice: fmt.Sprintf("dev_%d", i%2)}
		w.resources[fmt.Sprintf("system/sys_%d", i)] = map[string]any{}
		w.subjects[fmt.Sprintf("person/per_%d", i)] = map[string]any{KeyRoles: []string{"auditor"}}
	}
	return w
}

// After any single fact change, no live grant survives that a fresh decision
// would deny, and none ends that it would allow.
func TestNoGrantOutlivesItsFacts(t *testing.T) {
	ended, survived := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := lineWorld()
		var told []Ended
		p := house(discard{t: t}, w, func(o *Options) { o.Ended = func(e []Ended) { told = append(told, e...) } })
		permits := map[string]permit.Permit{}
		for i := range 3 {
			f := facts()
			f.System = fmt.Sprintf("sys_%d", i)
			permits[f.System] = permit.Compile(f, noon)
		}
		p.Swap(permits)
		n := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		var held []*Grant
		for range 12 {
			r := Request{Subject: Entity{Type: "workload", ID: fmt.Sprintf("wl_%d", n(4))}, Action: Action{Name: "infer"}, Resource: Entity{Type: "system", ID: fmt.Sprintf("sys_%d", n(4))}}
			if n(3) == 0 {
				r.Subject, r.Action.Name = Entity{Type: "person", ID: fmt.Sprintf("per_%d", n(4))}, "read"
			}
			if _, g, err := p.Hold(context.Background(), r, Terms{}); err != nil {
				t.Fatal(err)
			} else if g != nil {
				held = append(held, g)
			}
		}
		for range 4 {
			change(p, w, n)
			for _, g := range held {
				d, err := p.Evaluate(context.Background(), g.Request)
				if err != nil {
					t.Fatal(err)
				}
				e, over := g.Ended()
				switch {
				case over == live(g):
					t.Fatal("Done and Ended disagree")
				case !over && !d.Allow:
					t.Fatalf("%+v lives on, and would be denied: %+v", g.Request, d.Reasons)
				case over && (e.Decision.Allow || len(e.Decision.Reasons) == 0 || e.Released):
					t.Fatalf("ended by %+v", e)
				}
			}
			held = slices.DeleteFunc(held, func(g *Grant) bool {
				if _, over := g.Ended(); over {
					ended++
					return true
				}
				survived++
				return false
			})
		}
		if p.Live() != len(held) {
			t.Fatalf("%d live, %d held", p.Live(), len(held))
		}
		for _, e := range told {
			if _, over := e.Grant.Ended(); !over {
				t.Fatal("told before it ended")
			}
		}
	})
	if ended == 0 || survived == 0 {
		t.Errorf("%d ended, %d survived; the property says nothing", ended, survived)
	}
}

// change changes one fact and says which, as the rooms do.
func change(p *Point, w *world, n func(int) int) {
	workload := Ref{Type: "workload", ID: fmt.Sprintf("wl_%d", n(4))}
	of := w.subjects["workload/"+workload.ID]
	system := fmt.Sprintf("sys_%d", n(3))
	switch n(9) {
	case 0:
		of[KeyZone] = []string{"Fertigung", "Gast"}[n(2)]
		p.FactsChanged(workload)
	case 1:
		of[KeySystems] = []string{system}
		p.FactsChanged(workload)
	case 2: // the posture of a device, heard of by the device only
		device, posture := fmt.Sprintf("dev_%d", n(2)), []string{PostureOK, "bad"}[n(2)]
		for _, s := range w.subjects {
			if s[KeyDevice] == device {
				s[KeyPosture] = posture
			}
		}
		p.FactsChanged(Ref{Type: TypeDevice, ID: device})
	case 3: // a program moves to another device
		of[KeyDevice] = fmt.Sprintf("dev_%d", n(2))
		p.FactsChanged(workload)
	case 4:
		pm, _ := p.Permit(system)
		pm.State = []permit.State{permit.Valid, permit.Suspended}[n(2)]
		p.SetPermit(pm)
	case 5:
		person := fmt.Sprintf("per_%d", n(4))
		w.subjects["person/"+person] = map[string]any{KeyRoles: [][]string{{}, {"auditor"}, {"shift_lead"}}[n(3)]}
		p.FactsChanged(Ref{Type: "person", ID: person})
	case 6: // the plant, heard of by its systems
		w.around[KeyPlantKnown] = n(2) == 0
		p.FactsChanged(Ref{Type: "system", ID: "sys_0"}, Ref{Type: "system", ID: "sys_1"}, Ref{Type: "system", ID: "sys_2"}, Ref{Type: "system", ID: "sys_3"})
	case 7:
		delete(w.subjects, "workload/"+workload.ID)
		p.FactsChanged(workload)
		w.subjects["workload/"+workload.ID] = of
	case 8:
		w.fail = "subject" // what cannot be read is not proven
		p.FactsChanged(workload)
		w.fail = ""
	}
}

func tree(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(knowledge.Packs, "packs/policies")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// discard lets helpers for tests serve inside a property.
type discard struct {
	testing.TB
	t *rapid.T
}

func (d discard) Helper()                   {}
func (d discard) Fatal(args ...any)         { d.t.Fatal(args...) }
func (d discard) Errorf(f string, a ...any) { d.t.Errorf(f, a...) }

// A change of the policies reaches what is live, and only what it denies.
func TestNewPoliciesReachLiveAccess(t *testing.T) {
	w := lineWorld()
	p := house(t, w)
	a, b := hold(t, p, infer(), Terms{}), hold(t, p, Request{Subject: Entity{Type: "person", ID: "per_1"}, Action: Action{Name: "read"}, Resource: Entity{Type: "system", ID: "sys_1"}}, Terms{})
	files, _, err := LoadPolicies(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, PolicyFile{Name: "own.cedar", Text: annotated("own.stop", `forbid (principal, action == Action::"infer", resource == system::"sys_1");`)})
	if err := p.SetPolicies(files); err != nil {
		t.Fatal(err)
	}
	if live(a) || !live(b) {
		t.Errorf("the forbidden lives %v, the other %v", live(a), live(b))
	}
	if e, _ := a.Ended(); e.Decision.Reasons[0].Policy != "own.stop" || e.Decision.PolicyVersion != p.Version() {
		t.Errorf("%+v", e.Decision)
	}
}

// A fact that changes between the decision and its registration is not lost.
func TestChangeWhileItIsBeingHeld(t *testing.T) {
	p := house(t, newWorld())
	asked := 0
	d, g, err := p.Hold(context.Background(), infer(), Terms{Decide: func(context.Context) (Decision, error) {
		if asked++; asked > 1 {
			return Decision{Reasons: own(CodeNone)}, nil
		}
		p.FactsChanged(Ref{Type: "workload", ID: "wl_line"}) // somebody else, meanwhile
		return Decision{Allow: true, Reasons: own(CodePermit)}, nil
	}})
	if err != nil || g != nil || d.Allow || asked != 2 || p.Live() != 0 {
		t.Errorf("%+v %v %v, asked %d times, %d live", d, g, err, asked, p.Live())
	}
}

// What an access rests on is followed when it moves.
func TestGrantMovesWithItsSubject(t *testing.T) {
	w := lineWorld()
	p := house(t, w)
	w.subjects["workload/wl_line"][KeyDevice] = "dev_0"
	g := hold(t, p, infer(), Terms{})
	w.subjects["workload/wl_line"][KeyDevice] = "dev_1"
	p.FactsChanged(Ref{Type: "workload", ID: "wl_line"})
	w.subjects["workload/wl_line"][KeyPosture] = "bad"
	p.FactsChanged(Ref{Type: TypeDevice, ID: "dev_0"})
	if !live(g) {
		t.Fatal("ended by a device that it left")
	}
	p.FactsChanged(Ref{Type: TypeDevice, ID: "dev_1"})
	if live(g) {
		t.Error("the device that it moved to does not reach it")
	}
}

// A holder that is not heard loses the access; it learns why for as long again.
func TestLease(t *testing.T) {
	now := noon
	p := house(t, newWorld(), func(o *Options) { o.Now = func() time.Time { return now } })
	g := hold(t, p, infer(), Terms{Holder: "pep", Lease: time.Minute})
	here := hold(t, p, infer(), Terms{})
	now = now.Add(50 * time.Second)
	p.o.Trusted.(*world).around[KeyPlantAt] = now
	g.Attend(now)
	now = now.Add(50 * time.Second)
	p.Sweep()
	if !live(g) || !live(here) {
		t.Fatal("ended although it was heard")
	}
	now = now.Add(11 * time.Second)
	p.Sweep()
	if e, over := g.Ended(); !over || e.Decision.Reasons[0].Code != CodeUnattended || !live(here) {
		t.Fatalf("%+v %v", e, over)
	}
	if _, err := p.Grant(g.ID, "pep"); err != nil {
		t.Errorf("its holder cannot learn why: %v", err)
	}
	if _, err := p.Grant(g.ID, "other"); !problem.Is(err, problem.NotFound) {
		t.Errorf("somebody else sees it: %v", err)
	}
	now = now.Add(61 * time.Second)
	p.Sweep()
	if _, err := p.Grant(g.ID, "pep"); !problem.Is(err, problem.NotFound) {
		t.Errorf("kept for ever: %v", err)
	}
}

// Time is a fact: a permit that runs out ends what is live at the next sweep.
func TestSweepSeesTime(t *testing.T) {
	now := noon
	p := house(t, newWorld(), func(o *Options) { o.Now = func() time.Time { return now } })
	g := hold(t, p, infer(), Terms{})
	now = noon.AddDate(1, 0, 1)
	p.Sweep()
	if live(g) {
		t.Error("lives on after its permit ran out")
	}
}

func TestGrantsAreBounded(t *testing.T) {
	p := house(t, newWorld(), func(o *Options) { o.Grants = 2 })
	a := hold(t, p, infer(), Terms{})
	hold(t, p, infer(), Terms{})
	if _, _, err := p.Hold(context.Background(), infer(), Terms{}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
	a.Release()
	a.Release()
	if e, over := a.Ended(); !over || !e.Released {
		t.Errorf("%+v", e)
	}
	hold(t, p, infer(), Terms{})
	if p.Live() != 2 || len(p.grants.byID) != 2 {
		t.Errorf("%d live, %d kept", p.Live(), len(p.grants.byID))
	}
}

// grantServer is AuthZEN over the house's policies.
func grantServer(t *testing.T, w *world) (*Point, *journal, func(method, path, token, body string) (*http.Response, map[string]any)) {
	p, j := house(t, w), &journal{}
	srv := httptest.NewServer(AuthZEN(p, AuthZENOptions{Base: "/nord", Record: j.record, Authenticate: func(r *http.Request) (string, error) {
		return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), nil
	}}))
	t.Cleanup(srv.Close)
	return p, j, func(method, path, token, body string) (*http.Response, map[string]any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/nord/access/v1/grants"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		var out map[string]any
		if strings.HasPrefix(res.Header.Get("Content-Type"), "application/") {
			if err := json.NewDecoder(res.Body).Decode(&out); err != nil && err != io.EOF {
				t.Fatal(err)
			}
		}
		return res, out
	}
}

const inferBody = `{"subject":{"type":"workload","id":"wl_line"},"action":{"name":"infer"},"resource":{"type":"system","id":"sys_1"}}`

// An enforcement point holds an access and learns over its stream the moment it
// ends, and why; nobody else sees it.
func TestGrantOverHTTP(t *testing.T) {
	w := newWorld()
	p, j, ask := grantServer(t, w)
	res, a := ask("POST", "", "pep_1", inferBody)
	id, _ := a["context"].(map[string]any)["grant_id"].(string)
	if res.StatusCode != 200 || a["decision"] != true || !strings.HasPrefix(id, "gra_") || len(j.entries) != 1 || !j.entries[0].Allow {
		t.Fatalf("%d %v, %d journaled", res.StatusCode, a, len(j.entries))
	}
	if res, _ := ask("GET", "/"+id, "pep_2", ""); res.StatusCode != 404 {
		t.Errorf("another enforcement point: %d", res.StatusCode)
	}
	if res, a := ask("GET", "/"+id, "pep_1", ""); res.StatusCode != 200 || a["live"] != true {
		t.Errorf("%d %v", res.StatusCode, a)
	}
	res, _ = ask("GET", "/"+id+"/events", "pep_1", "")
	lines := bufio.NewScanner(res.Body)
	next := func() (name, data string) {
		for lines.Scan() && lines.Text() != "" {
			if v, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = v
			}
			if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				data = v
			}
		}
		return name, data
	}
	if name, data := next(); name != "live" || !strings.Contains(data, id) {
		t.Fatalf("%s %s", name, data)
	}
	w.subjects["workload/wl_line"][KeyPosture] = "bad"
	p.FactsChanged(Ref{Type: "workload", ID: "wl_line"})
	if name, data := next(); name != "ended" || !strings.Contains(data, CodePosture) || !strings.Contains(data, `"live":false`) {
		t.Errorf("%s %s", name, data)
	}
	if lines.Scan() {
		t.Errorf("the stream goes on with %q", lines.Text())
	}
	if _, a := ask("GET", "/"+id, "pep_1", ""); a["live"] != false {
		t.Errorf("%v", a)
	}
}

// A denial has no grant; one that cannot be journaled neither; a release ends.
func TestGrantOverHTTPThatIsNone(t *testing.T) {
	w := newWorld()
	p, j, ask := grantServer(t, w)
	_, a := ask("POST", "", "pep_1", inferBody)
	id := a["context"].(map[string]any)["grant_id"].(string)
	if res, _ := ask("DELETE", "/"+id, "pep_2", ""); res.StatusCode != 404 || p.Live() != 1 {
		t.Errorf("somebody else releases: %d", res.StatusCode)
	}
	if res, _ := ask("DELETE", "/"+id, "pep_1", ""); res.StatusCode != 204 || p.Live() != 0 {
		t.Errorf("release: %d, %d live", res.StatusCode, p.Live())
	}
	if res, _ := ask("POST", "", "pep_1", `{"subject":{}}`); res.StatusCode != 400 {
		t.Errorf("malformed: %d", res.StatusCode)
	}
	if res, _ := ask("POST", "", "", inferBody); res.StatusCode != 401 {
		t.Errorf("nobody: %d", res.StatusCode)
	}
	j.fail = io.ErrClosedPipe
	if res, _ := ask("POST", "", "pep_1", inferBody); res.StatusCode != 503 || p.Live() != 0 {
		t.Errorf("without a journal: %d, %d live", res.StatusCode, p.Live())
	}
	j.fail = nil
	w.subjects["workload/wl_line"][KeyZone] = "Gast"
	res, a := ask("POST", "", "pep_1", inferBody)
	if _, has := a["context"].(map[string]any)["grant_id"]; res.StatusCode != 200 || a["decision"] != false || has || p.Live() != 0 {
		t.Errorf("a denial: %d %v", res.StatusCode, a)
	}
}
