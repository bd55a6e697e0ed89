package identity

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

var chiefCtx = store.WithActor(context.Background(), store.Actor{ID: "usr_chief", Kind: KindPerson, Roles: []string{"admin"}})

// line makes a system, a device and a workload on it.
func (h *house) line() (system string, device store.Object[Device], w store.Object[Workload]) {
	h.t.Helper()
	house := inHouse(context.Background())
	err := h.db.Write(house, func(tx *store.Tx) error {
		s, err := systems.Create(house, tx, aSystem{Name: "Fräslinie"})
		if err != nil {
			return err
		}
		system = s.ID
		if device, err = Devices().Create(chiefCtx, tx, Device{Name: "Edge 3", Zone: "line-1",
			Posture: Posture{State: PostureOK, CheckedAt: h.clock.now(), Managed: true}}); err != nil {
			return err
		}
		w, err = Workloads().Create(chiefCtx, tx, Workload{Name: "Steuerung 3", Zone: "line-1", Systems: []string{s.ID}, Device: device.ID, Active: true})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return system, device, w
}

func (h *house) token(t Token) (string, store.Object[Token]) {
	h.t.Helper()
	secret, o, err := h.CreateToken(chiefCtx, t)
	if err != nil {
		h.t.Fatal(err)
	}
	return secret, o
}

func (h *house) tokenRefused(secret string) {
	h.t.Helper()
	if _, err := h.AuthenticateToken(context.Background(), secret); !problem.Is(err, problem.Unsigned) {
		h.t.Fatalf("the token is not refused: %v", err)
	}
}

func (h *house) tokenAccepted(secret string) Principal {
	h.t.Helper()
	p, err := h.AuthenticateToken(context.Background(), secret)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func TestATokenStandsForItsWorkload(t *testing.T) {
	h := newHouse(t, "werk")
	system, device, w := h.line()
	secret, o := h.token(Token{Name: "Linie 1", Workload: w.ID, Scopes: []string{ScopeInfer + system, ScopeInfer + "sys_other", ScopePlant + "line-1", ScopeEvaluate}})
	p := h.tokenAccepted(secret)
	want := Principal{Kind: "workload", ID: w.ID, Name: "Steuerung 3", Scopes: []string{ScopeInfer + system, ScopePlant + "line-1", ScopeEvaluate},
		Token: o.ID, Zone: "line-1", Device: device.ID, expires: monday.Add(90 * 24 * time.Hour)}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	if !p.MayInfer(system) || p.MayInfer("sys_other") || p.MayInfer("") || p.Has(ScopeRead) || !p.Has(ScopePlant+"line-1") {
		t.Error("the scopes do not hold what they say")
	}
	if a := p.Actor(); Allowed(a.Roles, store.Read, "system") || p.Method() != "token" {
		t.Errorf("a workload acts with the roles %v", a.Roles)
	}
	if !strings.HasPrefix(secret, "agm_") || len(secret) != 62 {
		t.Errorf("%q", secret)
	}
	rows, err := secretRows().List(context.Background(), h.db, store.Query{})
	if err != nil || len(rows.Items) != 1 || strings.Contains(fmt.Sprint(rows.Items), secret[4:20]) {
		t.Errorf("the secret is stored: %v, %v", rows, err)
	}
	ev := entries[TokenCreated](h, TypeTokenCreated)
	if len(ev) != 1 || ev[0].Token != o.ID || ev[0].Holder != w.ID || ev[0].By != "usr_chief" || len(ev[0].Scopes) != 4 {
		t.Errorf("journal: %+v", ev)
	}
}

func TestARevokedTokenIsRefusedAtOnce(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, w := h.line()
	secret, o := h.token(Token{Name: "Linie 1", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	other, _ := h.token(Token{Name: "Linie 2", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	h.tokenAccepted(secret)
	if err := h.RevokeToken(chiefCtx, o.ID); err != nil {
		t.Fatal(err)
	}
	h.tokenRefused(secret)
	h.tokenAccepted(other)
	if err := h.RevokeToken(chiefCtx, o.ID); err != nil {
		t.Errorf("revoking twice: %v", err)
	}
	wantKind(t, h.RevokeToken(chiefCtx, "tok_none"), problem.NotFound)
	if ev := entries[TokenRevoked](h, TypeTokenRevoked); len(ev) != 1 || ev[0].Token != o.ID || ev[0].By != "usr_chief" {
		t.Errorf("journal: %+v", ev)
	}
	h.restart()
	h.tokenRefused(secret)
	h.tokenAccepted(other)
}

// A change of whom the token stands for counts at once as well.
func TestATokenFollowsItsHolder(t *testing.T) {
	h := newHouse(t, "werk")
	system, _, w := h.line()
	secret, _ := h.token(Token{Name: "Linie 1", Workload: w.ID, Scopes: []string{ScopeInfer + system}})
	change := func(f func(*Workload)) {
		t.Helper()
		err := h.db.Write(chiefCtx, func(tx *store.Tx) error {
			cur, err := Workloads().Get(chiefCtx, tx, w.ID)
			if err != nil {
				return err
			}
			f(&cur.Doc)
			_, err = Workloads().Update(chiefCtx, tx, w.ID, cur.Revision, cur.Doc)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := h.tokenAccepted(secret); !p.MayInfer(system) {
		t.Fatal("not at all")
	}
	change(func(w *Workload) { w.Zone = "line-2"; w.Systems = nil })
	if p := h.tokenAccepted(secret); p.MayInfer(system) || p.Zone != "line-2" {
		t.Errorf("%+v", p)
	}
	change(func(w *Workload) { w.Active = false })
	h.tokenRefused(secret)
	change(func(w *Workload) { w.Active = true })
	h.tokenAccepted(secret)
}

func TestATokenEnds(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, w := h.line()
	secret, _ := h.token(Token{Name: "kurz", Workload: w.ID, Scopes: []string{ScopeEvaluate}, ExpiresAt: monday.Add(time.Hour)})
	h.clock.add(time.Hour - time.Microsecond)
	h.tokenAccepted(secret)
	h.clock.add(time.Microsecond)
	h.tokenRefused(secret) // although it is still in memory
	h.clock.add(-30 * time.Minute)
	h.tokenRefused(secret)
	if err := h.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := secretRows().Count(context.Background(), h.db); n != 0 || err != nil {
		t.Errorf("%d hashes are left, %v", n, err)
	}
}

func TestATokenOfOneOrganisationIsRefusedInAnother(t *testing.T) {
	a, b := newHouse(t, "werk-a"), newHouse(t, "werk-b")
	_, _, w := a.line()
	b.line()
	secret, _ := a.token(Token{Name: "Linie", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	a.tokenAccepted(secret)
	ctx, n := store.CountQueries(context.Background())
	if _, err := b.AuthenticateToken(ctx, secret); !problem.Is(err, problem.Unsigned) || *n != 0 {
		t.Errorf("%v after %d queries", err, *n)
	}
	a.person("hannelore", roles.Safety)
	b.person("hannelore", roles.Safety)
	s, _ := a.signIn("hannelore")
	a.accepted(s.Token)
	b.refused(s.Token)
	// Even with one key for both (a copied configuration) the hash is unknown there.
	b.key = a.key
	b.restart()
	b.tokenRefused(secret)
	b.refused(s.Token)
}

func TestForgedTokensCostNoQuery(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, w := h.line()
	secret, _ := h.token(Token{Name: "Linie", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	ctx, n := store.CountQueries(context.Background())
	forged := []string{"", "agm_", "agm_" + strings.Repeat("0", 58), strings.ToUpper(secret), secret + "0", secret[:61], "xyz_" + secret[4:], strings.Repeat("agm_", 1<<18)}
	for i := 4; i < len(secret)-1; i++ {
		c := byte('0')
		if secret[i] == c {
			c = '1'
		}
		forged = append(forged, secret[:i]+string(c)+secret[i+1:])
	}
	for _, f := range forged {
		if _, err := h.AuthenticateToken(ctx, f); !problem.Is(err, problem.Unsigned) {
			t.Fatalf("%.70q: %v", f, err)
		}
	}
	if *n != 0 {
		t.Errorf("%d queries for forged tokens", *n)
	}
	if _, err := h.AuthenticateToken(ctx, secret); err != nil || *n == 0 || *n > 3 {
		t.Errorf("%d queries for the first use, %v", *n, err)
	}
	*n = 0
	for range 100 {
		if _, err := h.AuthenticateToken(ctx, secret); err != nil {
			t.Fatal(err)
		}
	}
	if *n != 0 {
		t.Errorf("%d queries for 100 requests within a second", *n)
	}
}

func TestWhatATokenMayNotBe(t *testing.T) {
	h := newHouse(t, "werk")
	system, d, w := h.line()
	o := h.person("hannelore", roles.Safety)
	for name, tok := range map[string]Token{
		"no holder":          {Name: "x", Scopes: []string{ScopeEvaluate}},
		"two holders":        {Name: "x", Workload: w.ID, Device: d.ID, Scopes: []string{ScopeEvaluate}},
		"unknown holder":     {Name: "x", Workload: "wkl_none", Scopes: []string{ScopeEvaluate}},
		"no scope":           {Name: "x", Workload: w.ID},
		"unknown scope":      {Name: "x", Workload: w.ID, Scopes: []string{"admin"}},
		"all systems":        {Name: "x", Workload: w.ID, Scopes: []string{ScopeInfer + "*"}},
		"no system":          {Name: "x", Workload: w.ID, Scopes: []string{ScopeInfer}},
		"twice":              {Name: "x", Workload: w.ID, Scopes: []string{ScopeEvaluate, ScopeEvaluate}},
		"workload reads":     {Name: "x", Workload: w.ID, Scopes: []string{ScopeRead}},
		"person infers":      {Name: "x", Person: o.ID, Scopes: []string{ScopeInfer + system}},
		"workload posture":   {Name: "x", Workload: w.ID, Scopes: []string{ScopePosture}},
		"no name":            {Workload: w.ID, Scopes: []string{ScopeEvaluate}},
		"ended":              {Name: "x", Workload: w.ID, Scopes: []string{ScopeEvaluate}, ExpiresAt: monday},
		"too long":           {Name: "x", Workload: w.ID, Scopes: []string{ScopeEvaluate}, ExpiresAt: monday.Add(maxTokenLife + time.Second)},
		"revoked from birth": {Name: "x", Workload: w.ID, Scopes: []string{ScopeEvaluate}, RevokedAt: monday},
	} {
		if _, _, err := h.CreateToken(chiefCtx, tok); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := secretRows().Count(context.Background(), h.db); n != 0 || err != nil {
		t.Errorf("%d secrets were stored all the same", n)
	}
}

// Who may make and revoke tokens, who may not, and nobody.
func TestWhoMayMakeTokens(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, w := h.line()
	o := h.person("hannelore", roles.Safety)
	h.person("bernd", roles.ShiftLead)
	_, p := h.signIn("hannelore")
	_, b := h.signIn("bernd")
	foreign := Token{Name: "x", Workload: w.ID, Scopes: []string{ScopeEvaluate}}
	_, _, err := h.CreateToken(as(p), foreign)
	wantKind(t, err, problem.Denied)
	_, _, err = h.CreateToken(context.Background(), foreign)
	wantKind(t, err, problem.Unsigned)
	own := Token{Name: "Auswertung", Person: o.ID, Scopes: []string{ScopeRead}}
	_, _, err = h.CreateToken(as(b), own)
	wantKind(t, err, problem.Denied)
	secret, made, err := h.CreateToken(as(p), own)
	if err != nil {
		t.Fatal(err)
	}
	reader := h.tokenAccepted(secret)
	a := reader.Actor()
	if !Allowed(a.Roles, store.Read, "permit") || Allowed(a.Roles, roles.Stop, "system") || Allowed(a.Roles, store.Create, "approval") {
		t.Errorf("a reading token acts with %v", a.Roles)
	}
	// It makes no further token, and revokes none.
	_, _, err = h.CreateToken(as(reader), own)
	wantKind(t, err, problem.Denied)
	wantKind(t, h.RevokeToken(as(reader), made.ID), problem.Denied)
	wantKind(t, h.RevokeToken(as(b), made.ID), problem.Denied)
	if err := h.RevokeToken(as(p), made.ID); err != nil {
		t.Fatal(err)
	}
	h.tokenRefused(secret)
	// Past the room's own rules nobody writes tokens or persons.
	err = h.db.Write(chiefCtx, func(tx *store.Tx) error {
		made.Doc.RevokedAt = time.Time{}
		_, err := Tokens().Update(chiefCtx, tx, made.ID, made.Revision+1, made.Doc)
		return err
	})
	wantKind(t, err, problem.Denied)
}

func TestRevokeAgainstManyRequests(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, w := h.line()
	secret, o := h.token(Token{Name: "Linie", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	var mu sync.RWMutex
	revoked := false
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				mu.RLock()
				before := revoked
				mu.RUnlock()
				if _, err := h.AuthenticateToken(context.Background(), secret); err == nil && before {
					t.Error("a request that began after the revocation passed")
					return
				}
			}
		})
	}
	if err := h.RevokeToken(chiefCtx, o.ID); err != nil {
		t.Error(err)
	}
	mu.Lock()
	revoked = true
	mu.Unlock()
	for range 200 {
		h.tokenRefused(secret)
	}
	close(stop)
	wg.Wait()
}

func TestBearerToken(t *testing.T) {
	for header, want := range map[string]string{"Bearer agm_x": "agm_x", "bearer  agm_x ": "agm_x", "Basic agm_x": "", "Bearer": "", "Bearer ": "", "": ""} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if got, ok := BearerToken(r); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q %v", header, got, ok)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Add("Authorization", "Bearer a")
	r.Header.Add("Authorization", "Bearer b")
	if _, ok := BearerToken(r); ok {
		t.Error("one of two is believed")
	}
}

func BenchmarkAuthenticateToken(b *testing.B) {
	h := newHouse(b, "werk")
	_, _, w := h.line()
	secret, _ := h.token(Token{Name: "Linie", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.AuthenticateToken(context.Background(), secret); err != nil {
				b.Fatal(err)
			}
		}
	})
}
