package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/serve/api"
)

// One object through its life: create, read, replace, merge, history, delete.
func TestTheLifeOfAnObject(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	made := h.must(h.send("POST", "/usecases", `{"name":"Stillstände","problem":{"de":"Zu oft","en":"Too often"},"expected_hours":400}`, ai), 201)
	at := "/usecases/" + made.body.ID
	if made.header.Get("Location") != "/werk/api/v1"+at || made.header.Get("ETag") != `"1"` || made.body.Doc["name"] != "Stillstände" {
		t.Errorf("made: %v %+v", made.header, made.body)
	}
	got := h.must(h.send("GET", at, "", ai), 200)
	if got.header.Get("ETag") != `"1"` || got.body.Doc["expected_hours"] != 400.0 {
		t.Errorf("read: %s", got.raw)
	}
	if head := h.send("HEAD", at, "", ai); head.status != 200 || head.header.Get("ETag") != `"1"` {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	put := h.must(h.send("PUT", at, `{"name":"Weniger Stillstände"}`, ai, match(`"1"`)), 200)
	if put.header.Get("ETag") != `"2"` || put.body.Doc["expected_hours"] != 0.0 {
		t.Errorf("replaced: %s", put.raw)
	}
	patch := h.must(h.send("PATCH", at, `{"expected_hours":12,"problem":{"en":"Often"}}`, ai, match("2"), header("Content-Type", "application/merge-patch+json; charset=utf-8")), 200)
	if patch.body.Doc["name"] != "Weniger Stillstände" || patch.body.Doc["expected_hours"] != 12.0 || patch.body.Revision != 3 {
		t.Errorf("merged: %s", patch.raw)
	}
	patch = h.must(h.send("PATCH", at, `{"expected_hours":null}`, ai, match("3")), 200)
	if patch.body.Doc["expected_hours"] != 0.0 {
		t.Errorf("null takes a member away: %s", patch.raw)
	}
	if n := len(h.must(h.send("GET", at+"/history", "", ai), 200).body.Items); n != 4 {
		t.Errorf("%d versions, want 4", n)
	}
	h.must(h.send("DELETE", at, "", ai, match("4")), 204)
	h.must(h.send("GET", at, "", ai), 404)
	h.must(h.send("DELETE", at, "", ai, match("5")), 404)
	if n := len(h.must(h.send("GET", at+"/history", "", ai), 200).body.Items); n != 5 {
		t.Errorf("%d versions after deleting, want 5", n)
	}
}

// A change needs the revision that was read; a conflict carries what is stored.
func TestIfMatch(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	made := h.must(h.send("POST", "/usecases", `{"name":"x"}`, ai), 201)
	at := "/usecases/" + made.body.ID
	h.must(h.send("PUT", at, `{"name":"y"}`, ai, match(`"1"`)), 200)
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		if a := h.send(method, at, `{"name":"z"}`, ai); a.status != 428 || a.fields() != "If-Match" {
			t.Errorf("%s without If-Match: %d %s", method, a.status, a.raw)
		}
		for _, tag := range []string{"*", `W/"2"`, "", "0", "-1", `"`, `""`, "2.0", "x", `"2","3"`, "99999999999999999999"} {
			if a := h.send(method, at, `{"name":"z"}`, ai, match(tag)); a.status != 400 || a.fields() != "If-Match" {
				t.Errorf("%s with If-Match %q: %d %s", method, tag, a.status, a.raw)
			}
		}
		a := h.send(method, at, `{"name":"z"}`, ai, match(`"1"`))
		var have struct {
			ID       string         `json:"id"`
			Revision int64          `json:"revision"`
			Doc      map[string]any `json:"doc"`
		}
		if err := json.Unmarshal(a.body.Have, &have); err != nil || a.status != 409 || have.Revision != 2 || have.ID != made.body.ID || have.Doc["name"] != "y" {
			t.Errorf("%s of an old revision: %d %s", method, a.status, a.raw)
		}
		if a := h.send(method, "/usecases/use_none", `{"name":"z"}`, ai, match("1")); a.status != 404 {
			t.Errorf("%s of nothing: %d", method, a.status)
		}
	}
}

// Bad input: each is named with its place, and nothing of it is stored.
func TestBadInput(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	for name, c := range map[string]struct {
		body   string
		status int
		fields string
	}{
		"unknown field":            {`{"name":"x","nmae":"y"}`, 400, "nmae"},
		"unknown field inside":     {`{"name":"x","problem":{"fr":"z"}}`, 400, "problem.fr"},
		"another case":             {`{"Name":"x"}`, 400, "Name name"},
		"wrong types":              {`{"name":7,"expected_hours":"many","problem":"x"}`, 400, "name expected_hours problem"},
		"a fraction":               {`{"name":"x","expected_hours":1.5}`, 400, "expected_hours"},
		"a field twice":            {`{"name":"x","name":"y"}`, 400, "name"},
		"nothing required":         {`{}`, 400, "name"},
		"rule of the kind":         {`{"name":"x","expected_euro":-1}`, 400, "expected_euro"},
		"a reference to nothing":   {`{"name":"x","system":"sys_none"}`, 400, "system"},
		"a reference to something": {`{"name":"x","system":"` + h.People["director"].ID + `"}`, 400, "system"},
		"broken":                   {`{"name":`, 400, ""},
		"two documents":            {`{"name":"x"}{"name":"y"}`, 400, ""},
		"a list":                   {`[{"name":"x"}]`, 400, ""},
		"null":                     {`null`, 400, ""},
		"nothing":                  {``, 400, ""},
		"not UTF-8":                {"{\"name\":\"\xff\"}", 400, ""},
		"deep":                     {strings.Repeat(`{"name":`, 5000) + strings.Repeat(`}`, 5000), 400, ""},
		"too large":                {`{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, ""},
	} {
		a := h.send("POST", "/usecases", c.body, ai)
		if a.status != c.status || c.fields != "" && a.fields() != c.fields {
			t.Errorf("%s: %d, wrong are %q, want %d %q: %.300s", name, a.status, a.fields(), c.status, c.fields, a.raw)
		}
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/merge-patch+json", "application/jsonx", ";"} {
		if a := h.send("POST", "/usecases", `{"name":"x"}`, ai, header("Content-Type", media)); a.status != 415 {
			t.Errorf("as %s: %d %s", media, a.status, a.raw)
		}
	}
	if a := h.send("POST", "/usecases", `{"name":"x"}`, ai, header("Content-Encoding", "gzip")); a.status != 415 {
		t.Errorf("compressed: %d", a.status)
	}
	if n := h.must(h.send("GET", "/usecases", "", ai), 200).body.Total; n != 0 {
		t.Errorf("%d of the bad documents were stored", n)
	}
}

func TestLists(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	for _, n := range []string{"anton", "berta", "cäsar", "dora", "emil"} {
		h.must(h.send("POST", "/vendors", fmt.Sprintf(`{"name":%q,"country":"DE"}`, n), ai), 201)
	}
	for _, c := range []struct{ query, names string }{
		{"?sort=name", "anton berta cäsar dora emil"}, {"?sort=-name&limit=2", "emil dora"}, {"?name=dora", "dora"}, {"?sort=name&name=dora&name=anton", "anton dora"},
		{"?sort=name&name[ne]=dora", "anton berta cäsar emil"}, {"?sort=name&name[!%3D]=dora", "anton berta cäsar emil"}, {"?sort=name&name[ge]=cäsar&name[lt]=emil", "cäsar dora"}, {"?name[prefix]=cä", "cäsar"}, {"?q=berta", "berta"}, {"?q=nichts", ""},
		{"?sort=name&name[in]=anton&name[in]=emil", "anton emil"},
	} {
		if a := h.send("GET", "/vendors"+c.query, "", ai); a.status != 200 || a.names(t) != c.names {
			t.Errorf("%s: %d %q, want %q: %.200s", c.query, a.status, a.names(t), c.names, a.raw)
		}
	}
	// Pages follow each other without gap or repetition.
	var all []string
	cursor := ""
	for pages := 0; ; pages++ {
		a := h.must(h.send("GET", "/vendors?sort=name&limit=2&cursor="+cursor, "", ai), 200)
		if a.body.Total != 5 || pages > 3 {
			t.Fatalf("page %d: %s", pages, a.raw)
		}
		all = append(all, a.names(t))
		if cursor = a.body.Next; cursor == "" {
			break
		}
	}
	if got := strings.Join(all, " "); got != "anton berta cäsar dora emil" {
		t.Errorf("page by page: %s", got)
	}
	for _, c := range []struct{ query, field string }{
		{"?limit=0", "limit"}, {"?limit=501", "limit"}, {"?limit=x", "limit"}, {"?country=DE", "country"}, {"?secret=1", "secret"},
		{"?name[like]=x", ""}, {"?sort=country", ""}, {"?cursor=%00", ""}, {"?name[]=x", ""}, {"?name[!=]=x", ""},
	} {
		if a := h.send("GET", "/vendors"+c.query, "", ai); a.status != 400 || c.field != "" && a.fields() != c.field {
			t.Errorf("%s: %d, wrong are %q: %.300s", c.query, a.status, a.fields(), a.raw)
		}
	}
	if a := h.send("GET", "/vendors?limit=500", "", ai); a.status != 200 || a.body.Total != 5 {
		t.Errorf("the largest page: %d", a.status)
	}
}

// Nothing is deleted that others need; the answer says who.
func TestDeletingWhatOthersNeed(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräse")
	ai := h.as("ai_officer")
	a := h.send("DELETE", "/systems/"+s.ID, "", ai, match("1"))
	var needed []struct{ FromKind string }
	if err := json.Unmarshal(a.body.Have, &needed); err != nil || a.status != 409 || len(needed) == 0 {
		t.Fatalf("%d %s: %v", a.status, a.raw, err)
	}
	h.must(h.send("GET", "/systems/"+s.ID, "", ai), 200)
	if p, _ := h.Org.Point.Permit(s.ID); p.State != "valid" {
		t.Errorf("the attempt cost the permit: %s", p.State)
	}
}

// Who is not signed in, or with something that does not count, gets nothing.
func TestWhoIsNotSignedIn(t *testing.T) {
	h := open(t)
	wkl := h.must(h.send("POST", "/workloads", `{"name":"Steuerung","zone":"halle","active":true}`, h.as("admin")), 201)
	secret, _, err := h.Org.Identity.CreateToken(h.As(""), identity.Token{Name: "x", Workload: wkl.body.ID, Scopes: []string{identity.ScopeEvaluate}})
	h.Must(err)
	for name, c := range map[string]struct {
		edit   edit
		status int
	}{
		"nobody":                 {func(*http.Request) {}, 401},
		"no token":               {header("Authorization", "Bearer agm_nonsense"), 401},
		"basic":                  {header("Authorization", "Basic eDp4"), 401},
		"no session":             {header("Cookie", "augenmass=nonsense"), 401},
		"a workload":             {header("Authorization", "Bearer "+secret), 403},
		"a token beside another": {func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer a", "Bearer b"} }, 401},
	} {
		for _, path := range []string{"/systems", "/systems/sys_1", "/openapi.json", "/nowhere", "/tokens"} {
			a := h.send("GET", path, "", c.edit)
			if a.status != c.status || c.status == 401 && a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s, %s: %d %v", name, path, a.status, a.header)
			}
		}
	}
}

// The auditor reads everything and writes nothing; the AI officer keeps the
// register but cannot approve, permit or classify past the pages; a worker
// reads little (ZTA-02, 001-22).
func TestRoles(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräse")
	plurals := map[string]bool{}
	for _, k := range h.Org.DB.Kinds() {
		plurals[api.Plural(k.Name())] = true
	}
	for plural := range plurals {
		if a := h.send("GET", "/"+plural, "", h.as("auditor")); a.status != 200 {
			t.Errorf("the auditor reads no %s: %d", plural, a.status)
		}
		for _, signed := range []edit{h.as("auditor"), h.token("auditor"), h.token("ai_officer")} {
			for _, m := range []string{"POST /" + plural, "PUT /" + plural + "/x_1", "PATCH /" + plural + "/x_1", "DELETE /" + plural + "/x_1"} {
				method, path, _ := strings.Cut(m, " ")
				if a := h.send(method, path, `{}`, signed, match("1")); a.status < 400 || a.status >= 500 {
					t.Errorf("%s: %d %s", m, a.status, a.raw)
				}
			}
		}
	}
	ai := h.as("ai_officer")
	for _, plural := range []string{"approvals", "permits", "classifications", "assessments", "persons", "tokens"} {
		a := h.send("POST", "/"+plural, `{}`, ai)
		if a.status != 405 || a.header.Get("Allow") != "GET" {
			t.Errorf("POST %s: %d, Allow %q", plural, a.status, a.header.Get("Allow"))
		}
		for _, method := range []string{"PUT", "PATCH", "DELETE"} {
			if a := h.send(method, "/"+plural+"/x_1", `{}`, ai, match("1")); a.status != 405 {
				t.Errorf("%s %s: %d", method, plural, a.status)
			}
		}
	}
	for role, want := range map[string]int{"director": 403, "shift_lead": 403, "worker": 403, "admin": 403, "auditor": 403, "ai_officer": 200} {
		if a := h.send("PATCH", "/systems/"+s.ID, `{"technology":"neu"}`, h.as(role), match("1")); a.status != want {
			t.Errorf("%s changes a system: %d %s", role, a.status, a.raw)
		}
	}
	if a := h.send("GET", "/usecases", "", h.as("worker")); a.status != 403 {
		t.Errorf("a worker reads use cases: %d", a.status)
	}
	if a := h.send("PATCH", "/agreements/agr_1", `{}`, ai, match("1")); a.status != 403 && a.status != 404 {
		t.Errorf("the AI officer edits the council's agreement: %d", a.status)
	}
	if a := h.send("POST", "/agreements", `{"name":"KI"}`, ai); a.status != 403 || a.body.Reasons[0].Code != "role.create" {
		t.Errorf("the AI officer concludes an agreement: %d %s", a.status, a.raw)
	}
}

// Stop button, life cycle, number and code of a system have actions of their
// own; a document cannot change them on the way (001-56, 000-03).
func TestGuardedFields(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	for body, field := range map[string]string{
		`{"name":"x","life_cycle":"operation"}`:              "life_cycle",
		`{"name":"x","stop":{"stopped":true}}`:               "stop",
		`{"name":"x","stop":{"by":"per_1"}}`:                 "stop",
		`{"name":"x","number":"BE-2026-0001"}`:               "number",
		`{"name":"x","code":"abc"}`:                          "code",
		`{"name":"x","code":"abc","number":"1","stop":true}`: "stop number code",
		`{"name":"x","Stop":{"stopped":true}}`:               "Stop",
		`{"name":"x","stop":{},"stop":{"stopped":true}}`:     "stop",
	} {
		if a := h.send("POST", "/systems", body, ai); a.status != 400 || a.fields() != field {
			t.Errorf("%s: %d, wrong are %q, want %q", body, a.status, a.fields(), field)
		}
	}
	for _, body := range []string{`{"name":"a"}`, `{"name":"b","life_cycle":"idea","stop":{"stopped":false,"at":"0001-01-01T00:00:00Z","by":"","reason":""},"number":"","code":""}`} {
		h.must(h.send("POST", "/systems", body, ai), 201)
	}

	s := h.Permitted("Fräse")
	h.Must(h.Org.Inventory.SetStop(h.As(""), s.ID, true, ""))
	at := "/systems/" + s.ID
	got := h.must(h.send("GET", at, "", ai), 200)
	rev := fmt.Sprint(got.body.Revision)
	put := func(change func(map[string]any)) answer {
		t.Helper()
		doc := map[string]any{}
		for k, v := range got.body.Doc {
			doc[k] = v
		}
		change(doc)
		raw, err := json.Marshal(doc)
		h.Must(err)
		return h.send("PUT", at, string(raw), ai, match(rev))
	}
	for name, c := range map[string]struct {
		change func(map[string]any)
		field  string
	}{
		"lifting the stop":   {func(d map[string]any) { d["stop"] = map[string]any{"stopped": false} }, "stop"},
		"leaving it out":     {func(d map[string]any) { delete(d, "stop") }, "stop"},
		"null":               {func(d map[string]any) { d["stop"] = nil }, "stop"},
		"another stage":      {func(d map[string]any) { d["life_cycle"] = "retired" }, "life_cycle"},
		"no stage":           {func(d map[string]any) { delete(d, "life_cycle") }, "life_cycle"},
		"a number":           {func(d map[string]any) { d["number"] = "BE-1" }, "number"},
		"the code of a card": {func(d map[string]any) { d["code"] = "leak" }, "code"},
	} {
		if a := put(c.change); a.status != 400 || a.fields() != c.field {
			t.Errorf("%s: %d, wrong are %q: %s", name, a.status, a.fields(), a.raw)
		}
	}
	for _, patch := range []string{`{"stop":{"stopped":false}}`, `{"stop":null}`, `{"life_cycle":"idea"}`, `{"number":null}`, `{"code":"x"}`} {
		if a := h.send("PATCH", at, patch, ai, match(rev)); a.status != 400 {
			t.Errorf("PATCH %s: %d", patch, a.status)
		}
	}
	if p, _ := h.Org.Point.Permit(s.ID); p.State == "valid" {
		t.Fatal("the stop was lifted")
	}
	h.must(put(func(d map[string]any) { d["technology"] = "neu" }), 200)
}

// A session's cookie counts only for requests of our own pages; a token beside
// a foreign page's mark does not either.
func TestAnotherSiteCausesNothing(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	for name, c := range map[string]struct {
		edit   edit
		status int
	}{
		"our page":                   {header("Sec-Fetch-Site", "same-origin"), 201},
		"typed by hand":              {header("Sec-Fetch-Site", "none"), 201},
		"a program":                  {func(*http.Request) {}, 201},
		"our page, by origin":        {header("Origin", "http://example.com"), 201}, // httptest's host
		"another site":               {header("Sec-Fetch-Site", "cross-site"), 403},
		"a neighbour":                {header("Sec-Fetch-Site", "same-site"), 403},
		"another site, by origin":    {header("Origin", "https://evil.example"), 403},
		"a page without an origin":   {header("Origin", "null"), 403},
		"our host on another scheme": {header("Origin", "http://example.com:8080"), 403},
	} {
		if a := h.send("POST", "/usecases", `{"name":"x"}`, ai, c.edit); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	if a := h.send("GET", "/usecases", "", ai, header("Sec-Fetch-Site", "cross-site")); a.status != 200 {
		t.Errorf("reading changes nothing and is the browser's to hide: %d", a.status)
	}
}

// What a stranger writes into Host and the like comes back in no answer.
func TestHostIsNotEchoed(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	spoof := func(r *http.Request) {
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("Forwarded", "host=evil.example")
	}
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/openapi.json", ""}, {"GET", "/systems", ""}, {"POST", "/usecases", `{"name":"x"}`}, {"GET", "/nowhere", ""},
		{"GET", "/systems/../openapi.json", ""}, {"POST", "/permits", "{}"},
	} {
		a := h.send(c.method, c.path, c.body, ai, spoof)
		if strings.Contains(a.raw+fmt.Sprint(a.header), "evil.example") {
			t.Errorf("%s %s: %v %s", c.method, c.path, a.header, a.raw)
		}
	}
}

// Token and session of one organisation are nothing in another, even of the
// same process with the same people.
func TestAnotherOrganisation(t *testing.T) {
	one, two := open(t), open(t)
	two.face = api.Handler(two.Org, "/werk", false, slog.New(slog.DiscardHandler))
	for name, signed := range map[string]edit{"token": one.token("director"), "session": one.as("director")} {
		if a := one.send("GET", "/systems", "", signed); a.status != 200 {
			t.Fatalf("%s at home: %d", name, a.status)
		}
		if a := two.send("GET", "/systems", "", signed); a.status != 401 {
			t.Errorf("%s abroad: %d %s", name, a.status, a.raw)
		}
	}
}

// Personal values are for who may read the kind, and never in its history's
// journal entry; what a problem says never holds the stored value of another.
func TestAUniqueValueTellsNothingMore(t *testing.T) {
	h := open(t)
	ai := h.as("ai_officer")
	h.Model(h.System("Fräse", func(s *inventory.System) { s.LifeCycle = "" }).ID)
	a := h.send("POST", "/models", `{"system":"`+h.System("Presse", nil).ID+`","name":"ausfall-1","version":"1"}`, ai)
	if a.status != 400 || a.fields() != "name" || strings.Contains(a.raw, "sys_") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}
