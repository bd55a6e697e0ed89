package decide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
)

// The fixture of the OpenID AuthZEN certification scenario for the
// Authorization API 1.0: users alice and bob, two records, eight decisions, of
// which the last four rest on properties that the caller sends.
const fixtureSchema = `
entity user { role?: String };
entity record { status?: String };
action read, write, delete appliesTo { principal: [user], resource: [record], context: { soft?: Bool } };
`

var fixturePolicies = annotated("read", `permit (principal is user, action == Action::"read", resource is record);`) +
	annotated("alice.write", `permit (principal == user::"alice", action == Action::"write", resource is record) unless { resource has status && resource.status == "archived" };`) +
	annotated("admin.write", `permit (principal is user, action == Action::"write", resource is record) when { principal has role && principal.role == "admin" && resource has status && resource.status == "archived" };`) +
	annotated("alice.delete", `permit (principal == user::"alice", action == Action::"delete", resource is record) when { context has soft && context.soft };`)

// journal records decisions as the real one would: an index each, in order.
type journal struct {
	entries []Decision
	callers []string
	fail    error
}

func (j *journal) record(_ context.Context, d Decision, r Request, caller string) (uint64, error) {
	if j.fail != nil {
		return 0, j.fail
	}
	j.entries, j.callers = append(j.entries, d), append(j.callers, caller)
	return uint64(len(j.entries) - 1), nil
}

func authenticate(r *http.Request) (string, error) {
	switch r.Header.Get("Authorization") {
	case "Bearer good":
		return "pep_1", nil
	case "Bearer weak":
		return "", problem.New(problem.Denied, "Nicht erlaubt.", "Not allowed.")
	case "Bearer later":
		return "", problem.New(problem.Unavailable, "Später.", "Later.")
	}
	return "", errors.New("who are you")
}

func fixture(t testing.TB) (http.Handler, *journal) {
	t.Helper()
	w := &world{subjects: map[string]map[string]any{"user/alice": {}, "user/bob": {}}, resources: map[string]map[string]any{"record/record-1": {}, "record/record-2": {}}}
	p, err := New(Options{Policies: []PolicyFile{{Name: "fixture.cedar", Text: fixturePolicies}}, Schema: fixtureSchema, Trusted: w,
		Now: func() time.Time { return noon }, Rand: zeros{}, TrustClaims: true})
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	return AuthZEN(p, AuthZENOptions{Base: "/werk", Authenticate: authenticate, Record: j.record}), j
}

type reply struct {
	status int
	header http.Header
	body   map[string]any
}

func call(t testing.TB, h http.Handler, method, path, body string, change ...func(*http.Request)) reply {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer good")
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil && w.Code != http.StatusNotFound {
		t.Fatalf("%s: %q is not JSON: %v", path, w.Body.String(), err)
	}
	return out
}

const (
	evaluation  = "/werk/access/v1/evaluation"
	evaluations = "/werk/access/v1/evaluations"
)

func decisions(r reply) string {
	if d, ok := r.body["decision"].(bool); ok {
		return fmt.Sprint(d)
	}
	var out []string
	list, _ := r.body["evaluations"].([]any)
	for _, e := range list {
		out = append(out, fmt.Sprint(e.(map[string]any)["decision"]))
	}
	return "[" + strings.Join(out, " ") + "]"
}

func TestCertificationScenario(t *testing.T) {
	h, _ := fixture(t)
	const alice, bob = `"subject":{"type":"user","id":"alice"}`, `"subject":{"type":"user","id":"bob"}`
	const admin = `"subject":{"type":"user","id":"bob","properties":{"role":"admin"}}`
	const one, two = `"resource":{"type":"record","id":"record-1"}`, `"resource":{"type":"record","id":"record-2"}`
	const archived = `"resource":{"type":"record","id":"record-2","properties":{"status":"archived"}}`
	action := func(n string) string { return `"action":{"name":"` + n + `"}` }
	cases := []struct{ name, path, body, want string }{
		{"rule 1", evaluation, alice + "," + action("read") + "," + one, "true"},
		{"rule 2", evaluation, alice + "," + action("write") + "," + one, "true"},
		{"rule 3", evaluation, bob + "," + action("read") + "," + one, "true"},
		{"rule 4", evaluation, bob + "," + action("write") + "," + one, "false"},
		{"rule 5", evaluation, alice + "," + action("write") + "," + archived, "false"},
		{"rule 6", evaluation, admin + "," + action("write") + "," + archived, "true"},
		{"rule 7", evaluation, alice + `,"action":{"name":"delete","properties":{"soft":true}},` + one, "true"},
		{"rule 8", evaluation, alice + `,"action":{"name":"delete","properties":{"soft":false}},` + one, "false"},
		{"with context", evaluation, alice + "," + action("read") + "," + one + `,"context":{"time":"2025-06-27T18:03-07:00","ip":"192.168.1.1"}`, "true"},
		{"additional properties", evaluation, `"subject":{"type":"user","id":"alice","properties":{"department":"Sales","role":"manager"}},"action":{"name":"read","properties":{"method":"GET"}},"resource":{"type":"record","id":"record-1","properties":{"status":"active","owner":"bob"}}`, "true"},
		{"unknown fields", evaluation, alice + "," + action("read") + "," + one + `,"foo":"bar","futureField":{"nested":true}`, "true"},
		{"batch, subject and action as defaults", evaluations, alice + "," + action("read") + `,"evaluations":[{` + one + `},{` + two + `}]`, "[true true]"},
		{"batch, in order", evaluations, bob + "," + one + `,"evaluations":[{` + action("read") + `},{` + action("write") + `}]`, "[true false]"},
		{"batch, properties per item", evaluations, alice + "," + action("write") + `,"evaluations":[{"resource":{"type":"record","id":"record-1","properties":{"status":"active"}}},{` + archived + `}]`, "[true false]"},
		{"batch, subject per item", evaluations, action("write") + "," + archived + `,"evaluations":[{` + alice + `},{` + admin + `}]`, "[false true]"},
		{"batch without defaults", evaluations, `"evaluations":[{` + alice + "," + action("read") + "," + one + `},{` + bob + "," + action("write") + "," + one + `}]`, "[true false]"},
		{"batch with context", evaluations, alice + "," + action("read") + `,"context":{"time":"x"},"evaluations":[{` + one + `},{` + two + `,"context":{"source":"override"}}]`, "[true true]"},
		{"a broken item", evaluations, alice + "," + action("read") + `,"evaluations":[{` + one + `},{}]`, "[true false]"},
		{"no evaluations", evaluations, alice + "," + action("read") + "," + one, "true"},
		{"empty evaluations", evaluations, alice + "," + action("read") + "," + one + `,"evaluations":[]`, "true"},
		// A default is replaced as a whole: an item with an id but no type is broken,
		// and properties of the default do not shine through.
		{"no merging of parts", evaluations, alice + "," + action("write") + `,"resource":{"type":"record"},"evaluations":[{"resource":{"id":"record-1"}}]`, "[false]"},
		{"no merging of properties", evaluations, admin + "," + action("write") + `,"resource":{"type":"record","id":"record-2","properties":{"status":"archived"}},"evaluations":[{"resource":{"type":"record","id":"record-2"}}]`, "[false]"},
		{"deny_on_first_deny", evaluations, bob + "," + one + `,"options":{"evaluations_semantic":"deny_on_first_deny"},"evaluations":[{` + action("read") + `},{` + action("write") + `},{` + action("read") + `}]`, "[true false]"},
		{"permit_on_first_permit", evaluations, bob + "," + one + `,"options":{"evaluations_semantic":"permit_on_first_permit"},"evaluations":[{` + action("write") + `},{` + action("read") + `},{` + action("write") + `}]`, "[false true]"},
		{"execute_all", evaluations, bob + "," + one + `,"options":{"evaluations_semantic":"execute_all","other":1},"evaluations":[{` + action("write") + `},{` + action("read") + `}]`, "[false true]"},
	}
	for _, c := range cases {
		for range 2 { // the same request gets the same decision
			r := call(t, h, "POST", c.path, "{"+c.body+"}")
			if r.status != http.StatusOK || decisions(r) != c.want {
				t.Errorf("%s: %d %s, want %s (%v)", c.name, r.status, decisions(r), c.want, r.body)
			}
		}
	}
}

func TestWhatIsNotWellFormedIs400(t *testing.T) {
	h, j := fixture(t)
	const ok = `{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}`
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	cases := map[string]string{
		"no subject": `{"action":{"name":"read"},"resource":{"type":"record","id":"r"}}`, "no action": `{"subject":{"type":"user","id":"a"},"resource":{"type":"record","id":"r"}}`,
		"no resource": `{"subject":{"type":"user","id":"a"},"action":{"name":"read"}}`, "no subject type": strings.Replace(ok, `"type":"user",`, "", 1) + "}",
		"no subject id": strings.Replace(ok, `,"id":"alice"`, "", 1) + "}", "no action name": strings.Replace(ok, `"name":"read"`, "", 1) + "}",
		"no resource type": strings.Replace(ok, `"type":"record",`, "", 1) + "}", "no resource id": strings.Replace(ok, `,"id":"record-1"`, "", 1) + "}",
		"subject is a text": strings.Replace(ok, `{"type":"user","id":"alice"}`, `"alice"`, 1) + "}", "name is a number": strings.Replace(ok, `"read"`, "123", 1) + "}",
		"empty id": strings.Replace(ok, `"alice"`, `""`, 1) + "}", "long id": strings.Replace(ok, "alice", strings.Repeat("a", 257), 1) + "}",
		"properties are a list": strings.Replace(ok, `"id":"alice"`, `"id":"alice","properties":[]`, 1) + "}", "context is a text": ok + `,"context":"x"}`,
		"other case": strings.Replace(ok, `"subject"`, `"Subject"`, 1) + "}", "doubled name": ok + `,"action":{"name":"write"}}`, "something behind": ok + "} {}",
		"broken": `{"subject":`, "empty": "", "a list": "[]", "null": "null", "deep": ok + `,"context":` + deep + "}",
	}
	for name, body := range cases {
		for _, path := range []string{evaluation, evaluations} {
			r := call(t, h, "POST", path, body)
			if r.status != http.StatusBadRequest || r.header.Get("Content-Type") != "application/problem+json" || r.body["detail"] == "" {
				t.Errorf("%s at %s: %d %v", name, path, r.status, r.body)
			}
		}
	}
	for name, body := range map[string]string{
		"evaluations are an object": `,"evaluations":{}}`, "unknown semantic": `,"evaluations":[{}],"options":{"evaluations_semantic":"whatever"}}`,
		"a default is a text": `,"context":"x","evaluations":[{}]}`, "too many": `,"evaluations":[` + strings.Repeat("{},", 100) + "{}]}",
	} {
		if r := call(t, h, "POST", evaluations, ok+body); r.status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, r.status, r.body)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/xml", ";"} {
		if r := call(t, h, "POST", evaluation, ok+"}", func(r *http.Request) { r.Header.Set("Content-Type", kind) }); r.status != http.StatusBadRequest {
			t.Errorf("Content-Type %q: %d", kind, r.status)
		}
	}
	if r := call(t, h, "POST", evaluation, ok+"}", func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }); r.status != http.StatusOK {
		t.Errorf("with a charset: %d", r.status)
	}
	if len(j.entries) != 1 {
		t.Errorf("%d decisions were recorded for requests that are none", len(j.entries)-1)
	}
}

func TestHTTPEdges(t *testing.T) {
	h, j := fixture(t)
	const ok = `{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}`
	id := func(r *http.Request) { r.Header.Set("X-Request-ID", "bfe9eb29-ab87") }
	as := func(who string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", who) }
	}
	if r := call(t, h, "POST", evaluation, ok, id); r.header.Get("X-Request-ID") != "bfe9eb29-ab87" {
		t.Error("X-Request-ID is lost")
	}
	if r := call(t, h, "POST", evaluation, "{", id, as("")); r.status != 401 || r.header.Get("X-Request-ID") == "" || r.header.Get("WWW-Authenticate") == "" || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("nobody: %d %v", r.status, r.header)
	}
	if r := call(t, h, "POST", evaluation, ok, as("Bearer weak")); r.status != 403 {
		t.Errorf("an enforcement point without the right: %d", r.status)
	}
	if r := call(t, h, "POST", evaluation, ok, as("Bearer later")); r.status != 503 {
		t.Errorf("no answer about the caller: %d", r.status)
	}
	if r := call(t, h, "POST", evaluation, `{"a":"`+strings.Repeat("x", 65<<10)+`"}`); r.status != 413 {
		t.Errorf("65 kB: %d", r.status)
	}
	if r := call(t, h, "GET", evaluation, ""); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", r.status)
	}
	if r := call(t, h, "POST", "/other/access/v1/evaluation", ok); r.status != 404 {
		t.Errorf("another organisation: %d", r.status)
	}
	if r := call(t, h, "POST", evaluation, "{", func(r *http.Request) { r.Header.Set("Accept-Language", "de-DE,de;q=0.9") }); !strings.Contains(fmt.Sprint(r.body["detail"]), "Die Anfrage") {
		t.Errorf("German is asked for: %v", r.body["detail"])
	}
	if len(j.entries) != 1 {
		t.Errorf("%d entries for one decision", len(j.entries))
	}
}

func TestNoJournalNoAnswer(t *testing.T) {
	h, j := fixture(t)
	const ok = `{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}`
	j.fail = errors.New("disk full")
	for _, path := range []string{evaluation, evaluations} {
		r := call(t, h, "POST", path, ok)
		if _, leaked := r.body["decision"]; r.status != 503 || leaked {
			t.Errorf("%s: %d %v", path, r.status, r.body)
		}
	}
	p := house(t, newWorld())
	for _, o := range []AuthZENOptions{{Authenticate: authenticate}, {Record: j.record}} {
		if r := call(t, AuthZEN(p, o), "POST", "/access/v1/evaluation", ok); r.status != 503 && r.status != 401 {
			t.Errorf("without its parts: %d", r.status)
		}
	}
}

func TestAnswersExplainThemselves(t *testing.T) {
	w := newWorld()
	p := house(t, w)
	j := &journal{}
	h := AuthZEN(p, AuthZENOptions{Authenticate: authenticate, Record: j.record})
	body := `{"subject":{"type":"workload","id":"wl_line"},"action":{"name":"infer"},"resource":{"type":"system","id":"sys_1"}}`
	w.subjects["workload/wl_line"][KeyZone] = "Büro"
	call(t, h, "POST", "/access/v1/evaluation", body)
	r := call(t, h, "POST", "/access/v1/evaluation", body)
	c := r.body["context"].(map[string]any)
	reason := c["reasons"].([]any)[0].(map[string]any)
	if r.body["decision"] != false || c["decision_id"] != j.entries[1].ID || c["journal_index"] != 1.0 || c["policy_version"] != p.Version() ||
		c["permit"].(map[string]any)["number"] != "BE-2026-0001" || reason["code"] != CodeZone || len(reason["clauses"].([]any)) == 0 ||
		!strings.Contains(reason["de"].(string), "Fertigung") || reason["en"] == "" {
		t.Errorf("%v", r.body)
	}
	if j.callers[0] != "pep_1" || j.entries[0].Allow {
		t.Errorf("journal: %v %+v", j.callers, j.entries)
	}
	r = call(t, h, "POST", "/access/v1/evaluations", `{"subject":{"type":"workload","id":"wl_line"},"evaluations":[{"action":{"name":7}},"x"]}`)
	for i, e := range r.body["evaluations"].([]any) {
		c := e.(map[string]any)["context"].(map[string]any)
		if c["reasons"].([]any)[0].(map[string]any)["code"] != CodeMalformed || len(c["fields"].([]any)) == 0 || c["journal_index"] != float64(2+i) {
			t.Errorf("item %d: %v", i, e)
		}
	}
}

func TestDiscovery(t *testing.T) {
	h, _ := fixture(t)
	for _, path := range []string{"/werk/.well-known/authzen-configuration", "/.well-known/authzen-configuration/werk"} {
		r := call(t, h, "GET", path, "", func(r *http.Request) { r.Header.Del("Authorization"); r.Host = "ki.example.org" })
		at := "http://ki.example.org/werk"
		if r.status != 200 || r.body["policy_decision_point"] != at || r.body["access_evaluation_endpoint"] != at+"/access/v1/evaluation" ||
			r.body["access_evaluations_endpoint"] != at+"/access/v1/evaluations" || len(r.body) != 3 || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %v", path, r.status, r.body)
		}
	}
	p := house(t, newWorld())
	h = AuthZEN(p, AuthZENOptions{URL: "https://pdp.example.org/"})
	if r := call(t, h, "GET", "/.well-known/authzen-configuration", ""); r.body["policy_decision_point"] != "https://pdp.example.org" {
		t.Errorf("%v", r.body)
	}
	if r := call(t, h, "POST", "/.well-known/authzen-configuration", ""); r.status != 405 {
		t.Errorf("POST: %d", r.status)
	}
}

// FuzzRequests: no body makes the parser panic, what it accepts can be decided,
// and accepted bodies mean the same when they are written again.
func FuzzRequests(f *testing.F) {
	f.Add([]byte(`{"subject":{"type":"user","id":"alice","properties":{"a":[1,null,{"b":1e9}]}},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"},"context":{}}`))
	f.Add([]byte(`{"subject":{"type":"user","id":"alice"},"evaluations":[{"action":{"name":"read"}},{},7],"options":{"evaluations_semantic":"deny_on_first_deny"}}`))
	f.Add([]byte(`{"a":{"a":{"a":[[[[]]]]}}}`))
	f.Add([]byte("\"\\ud800\""))
	h, _ := fixture(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := parseEvaluation(body); err == nil {
			if err := r.Check(); err != nil {
				t.Fatalf("accepted but not well-formed: %v", err)
			}
			again, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := parseEvaluation(again); err != nil || s.Subject.ID != r.Subject.ID || s.Resource.ID != r.Resource.ID || s.Action.Name != r.Action.Name {
				t.Fatalf("%s reads differently the second time: %v", again, err)
			}
		}
		for _, path := range []string{evaluation, evaluations} {
			if r := call(t, h, "POST", path, string(body)); r.status != 200 && r.status != 400 && r.status != 413 {
				t.Fatalf("%s: %d", path, r.status)
			}
		}
	})
}
