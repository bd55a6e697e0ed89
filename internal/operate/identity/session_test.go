package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func TestASessionEndsAfterRestAndAtTheLatest(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	rest, _ := h.signIn("hannelore")
	h.clock.add(8*time.Hour - time.Second)
	h.accepted(rest.Token)
	h.clock.add(8*time.Hour - time.Second)
	h.accepted(rest.Token)
	h.clock.add(8 * time.Hour)
	h.refused(rest.Token)

	busy, _ := h.signIn("hannelore")
	for range 23 {
		h.clock.add(time.Hour)
		h.accepted(busy.Token)
	}
	h.clock.add(time.Hour - time.Microsecond)
	h.accepted(busy.Token)
	h.clock.add(time.Microsecond)
	h.refused(busy.Token)
	if err := h.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := sessionRows().Count(context.Background(), h.db); n != 0 || err != nil {
		t.Errorf("%d rows are left, %v", n, err)
	}
	if ev := entries[SessionRevoked](h, TypeSessionRevoked); len(ev) != 0 {
		t.Errorf("running out is not a revocation: %+v", ev)
	}
}

func TestAClockThatGoesBackExtendsNothing(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	s, _ := h.signIn("hannelore")
	h.clock.add(6 * time.Hour)
	if n, err := sessionRows().Count(context.Background(), h.db); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	_, _ = h.Authenticate(context.Background(), "look at the clock")
	h.clock.add(-5 * time.Hour)
	_, _ = h.Authenticate(context.Background(), "look at the clock")
	h.clock.add(2*time.Hour - time.Second)
	h.accepted(s.Token) // 7:59:59 of real time after sign-in: noted as used
	h.clock.add(-48 * time.Hour)
	_, _ = h.Authenticate(context.Background(), "look at the clock")
	for range 15 {
		h.clock.add(time.Hour)
		h.accepted(s.Token)
	}
	h.clock.add(time.Hour)
	h.accepted(s.Token)
	h.clock.add(2 * time.Second)
	h.refused(s.Token)

	// Over a restart nobody remembers the jump, but the session lies in the
	// future: it ends and says why.
	s, p := h.signIn("hannelore")
	h.clock.add(-24 * time.Hour)
	h.restart()
	h.refused(s.Token)
	ev := entries[SessionRevoked](h, TypeSessionRevoked)
	if len(ev) != 1 || ev[0].Reason != EndedClock || ev[0].Session != p.Session {
		t.Errorf("journal: %+v", ev)
	}
}

func TestRevokedIsRefusedAtOnce(t *testing.T) {
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	h.person("bernd", roles.Worker)
	chief := h.person("chief", roles.Admin)
	ctxOf := func(name string) (Session, context.Context) {
		s, p := h.signIn(name)
		return s, as(p)
	}
	one, ctx := ctxOf("hannelore")
	two, _ := h.signIn("hannelore")
	three, _ := h.signIn("hannelore")
	bernd, berndCtx := ctxOf("bernd")
	_, chiefCtx := ctxOf("chief")
	for _, s := range []Session{one, two, three, bernd} {
		h.accepted(s.Token) // it is in memory now
	}
	if err := h.RevokeSession(ctx, two.ID); err != nil {
		t.Fatal(err)
	}
	h.refused(two.Token)
	wantKind(t, h.RevokeSession(ctx, two.ID), problem.NotFound)
	wantKind(t, h.RevokeSession(berndCtx, one.ID), problem.NotFound)
	wantKind(t, h.RevokeAll(berndCtx, o.ID, ""), problem.Denied)
	wantKind(t, h.RevokeAll(context.Background(), o.ID, ""), problem.Unsigned)
	h.accepted(one.Token)
	if err := h.RevokeAll(ctx, o.ID, one.ID); err != nil {
		t.Fatal(err)
	}
	h.refused(three.Token)
	h.accepted(one.Token)
	if err := h.RevokeAll(chiefCtx, o.ID, ""); err != nil {
		t.Fatal(err)
	}
	h.refused(one.Token)
	if err := h.SignOut(context.Background(), bernd.Token); err != nil {
		t.Fatal(err)
	}
	h.refused(bernd.Token)
	if err := h.SignOut(context.Background(), bernd.Token); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	var got []string
	for _, e := range entries[SessionRevoked](h, TypeSessionRevoked) {
		got = append(got, e.Reason+" by "+map[string]string{o.ID: "self", chief.ID: "chief", bernd.Person: "bernd"}[e.By])
	}
	if want := "revoked by self, revoked by self, revoked by chief, signed_out by bernd"; strings.Join(got, ", ") != want {
		t.Errorf("journal: %v", got)
	}
}

// A reader that was slow must not put back what was revoked meanwhile.
func TestASlowReaderDoesNotBringARevokedSessionBack(t *testing.T) {
	c := newCache[string]()
	_, gen, ok := c.get("k", monday)
	if ok {
		t.Fatal("found something in an empty cache")
	}
	c.clear() // revoked while the reader was at the database
	c.put("k", "stale", monday, gen)
	if _, _, ok := c.get("k", monday); ok {
		t.Error("the stale answer is served")
	}
	_, gen, _ = c.get("k", monday)
	c.put("k", "good", monday, gen)
	for after, want := range map[time.Duration]bool{0: true, fresh - 1: true, fresh: false, -1: false} {
		if _, _, ok := c.get("k", monday.Add(after)); ok != want {
			t.Errorf("%v after: %v", after, ok)
		}
	}
}

// What was revoked by the database alone, as another process would, is refused
// within a second.
func TestAnotherProcessRevokes(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	s, _ := h.signIn("hannelore")
	h.accepted(s.Token)
	if err := h.db.Write(ctx, func(tx *store.Tx) error { return sessionRows().Delete(ctx, tx, hashToken(s.Token)) }); err != nil {
		t.Fatal(err)
	}
	h.accepted(s.Token)
	h.clock.add(fresh)
	h.refused(s.Token)
}

func TestAChangeOfThePersonEndsSessions(t *testing.T) {
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	change := func(f func(*Person)) {
		t.Helper()
		cur, err := Persons().Get(inHouse(context.Background()), h.db, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		f(&cur.Doc)
		if _, err := h.UpdatePersonAs(t, cur); err != nil {
			t.Fatal(err)
		}
	}
	s, p := h.signIn("hannelore")
	h.accepted(s.Token)
	change(func(p *Person) { p.Name = "Frau Voss-Brandt"; p.Language = "en" })
	if got := h.accepted(s.Token); got.Name != "Frau Voss-Brandt" || got.Language != "en" {
		t.Errorf("the change is not seen at once: %+v", got)
	}
	if err := h.SetLanguage(context.Background(), p, "de"); err != nil {
		t.Fatal(err)
	}
	if got := h.accepted(s.Token); got.Language != "de" {
		t.Errorf("the own language: %+v", got)
	}
	wantKind(t, h.SetLanguage(context.Background(), p, "fr"), problem.BadInput)

	for name, f := range map[string]func(*Person){
		"more roles": func(p *Person) { p.Roles = append(p.Roles, roles.ShiftLead) },
		"fewer":      func(p *Person) { p.Roles = []roles.Role{roles.Worker} },
		"deputy":     func(p *Person) { p.DeputyOf = o.ID },
		"name":       func(p *Person) { p.SignIn = "hannelore.voss" },
		"back":       func(p *Person) { p.SignIn = "hannelore" },
		"inactive":   func(p *Person) { p.Active = false },
	} {
		cur, err := Persons().Get(inHouse(context.Background()), h.db, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if name == "back" || name == "name" || name == "inactive" {
			continue // in order, below
		}
		s, _ := h.signIn(cur.Doc.SignIn)
		h.accepted(s.Token)
		change(f)
		h.refused(s.Token)
		if n, err := sessionRows().Count(context.Background(), h.db); n != 0 || err != nil {
			t.Errorf("%s: %d sessions are still listed, %v", name, n, err)
		}
	}
	s, _ = h.signIn("hannelore")
	change(func(p *Person) { p.SignIn = "hannelore.voss" })
	h.refused(s.Token)
	s, _ = h.signIn("hannelore.voss")
	change(func(p *Person) { p.Active = false })
	h.refused(s.Token)
	for _, e := range entries[SessionRevoked](h, TypeSessionRevoked) {
		if e.Reason != EndedPerson || e.By != "usr_other" {
			t.Errorf("journal: %+v", e)
		}
	}
}

// Even if nobody listened to the change, a session that was granted on other
// roles is worth nothing.
func TestASessionIsBoundToTheRolesItWasGrantedOn(t *testing.T) {
	ctx := inHouse(context.Background())
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	s, _ := h.signIn("hannelore")
	deaf, err := store.Open(ctx, store.Options{Path: h.path, Kinds: append(Kinds(), systems), Tables: Tables(), Now: h.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	o.Doc.Roles = []roles.Role{roles.Worker}
	err = deaf.Write(ctx, func(tx *store.Tx) error { _, err := Persons().Update(ctx, tx, o.ID, o.Revision, o.Doc); return err })
	if err != nil {
		t.Fatal(err)
	}
	if err := deaf.Close(); err != nil {
		t.Fatal(err)
	}
	h.clock.add(fresh)
	h.refused(s.Token)
}

func TestSignInAlwaysMakesANewSession(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	h.person("mallory", roles.Worker)
	// Fixation: what an attacker planted before the sign-in is worth nothing after.
	planted := strings.Repeat("A", 43)
	s, _, err := h.SignIn(ctx, Attempt{Name: "hannelore", Password: password, Previous: planted})
	if err != nil || s.Token == planted {
		t.Fatal(err)
	}
	h.refused(planted)
	// The attacker's own living session in the victim's browser ends as well.
	evil, _ := h.signIn("mallory")
	h.accepted(evil.Token)
	s2, p2, err := h.SignIn(ctx, Attempt{Name: "hannelore", Password: password, Previous: evil.Token})
	if err != nil || s2.Token == s.Token || p2.Name != "Frau hannelore" {
		t.Fatal(err)
	}
	h.refused(evil.Token)
	// A second factor proves more: the session from before it ends.
	before, p := h.signIn("hannelore")
	e, err := h.EnrolTOTP(ctx, p, password)
	if err != nil || e.URI == "" {
		t.Fatal(err)
	}
	c, err := credentials().Get(ctx, h.db, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := h.unseal(p.ID, c.Pending)
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := h.ConfirmTOTP(ctx, p, h.code(raw), "")
	if err != nil || after.Token == before.Token {
		t.Fatal(err)
	}
	h.refused(before.Token)
	h.refused(s2.Token)
	h.accepted(after.Token)
}

func TestSessionsAreListedToTheirOwner(t *testing.T) {
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	h.person("bernd", roles.Worker)
	h.person("chief", roles.Admin)
	_, p := h.signIn("hannelore")
	h.clock.add(time.Hour)
	newer, _ := h.signIn("hannelore")
	list, err := h.Sessions(as(p), o.ID)
	if err != nil || len(list) != 2 || list[0].ID != newer.ID || list[1].ID != p.Session || list[0].Agent != "Firefox, Windows" {
		t.Fatalf("%+v, %v", list, err)
	}
	h.clock.add(7*time.Hour + time.Minute)
	if list, err := h.Sessions(as(p), o.ID); err != nil || len(list) != 1 {
		t.Errorf("what ran out is listed: %+v, %v", list, err)
	}
	_, b := h.signIn("bernd")
	_, err = h.Sessions(as(b), o.ID)
	wantKind(t, err, problem.Denied)
	_, err = h.Sessions(context.Background(), o.ID)
	wantKind(t, err, problem.Unsigned)
	_, chief := h.signIn("chief")
	if list, err := h.Sessions(as(chief), o.ID); err != nil || len(list) != 1 {
		t.Errorf("to who manages persons: %+v, %v", list, err)
	}
	// A person's reading token is not the person.
	reader := Principal{Kind: KindPerson, ID: o.ID, Roles: []string{"safety"}, Token: "tok_1", Scopes: []string{ScopeRead}}
	_, err = h.Sessions(as(reader), o.ID)
	wantKind(t, err, problem.Denied)
}

func TestTheCachedPathAsksNoDatabase(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	s, _ := h.signIn("hannelore")
	count := func() int64 {
		ctx, n := store.CountQueries(context.Background())
		if _, err := h.Authenticate(ctx, s.Token); err != nil {
			t.Fatal(err)
		}
		return *n
	}
	if first, second := count(), count(); first == 0 || first > 3 || second != 0 {
		t.Errorf("%d queries, then %d", first, second)
	}
	p := h.accepted(s.Token)
	p.Roles[0] = "director"
	if h.accepted(s.Token).Roles[0] != "safety" {
		t.Error("a caller can change what others are told")
	}
}

func TestSweepRemovesWhatRanOut(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	h.signIn("hannelore")
	h.clock.add(7 * time.Hour)
	kept, _ := h.signIn("hannelore")
	h.clock.add(time.Hour)
	if err := h.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := sessionRows().Count(ctx, h.db); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	h.accepted(kept.Token)
}

func TestBrokenTokensAreRefused(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	s, _ := h.signIn("hannelore")
	for _, bad := range []string{"", "x", s.Token[1:], s.Token + "A", strings.ToLower(s.Token), hashToken(s.Token), strings.Repeat("x", 1<<20)} {
		h.refused(bad)
	}
	rows, err := sessionRows().List(context.Background(), h.db, store.Query{})
	if err != nil || len(rows.Items) != 1 || strings.Contains(rows.Items[0].Hash, s.Token) {
		t.Errorf("the token is stored: %v, %v", rows, err)
	}
}

func TestTheCookieOfASession(t *testing.T) {
	s := Session{Token: "tok", CreatedAt: monday, ExpiresAt: monday.Add(24 * time.Hour)}
	for _, c := range []struct {
		base   string
		secure bool
		want   string
	}{
		{"/", true, "__Host-augenmass=tok; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"},
		{"", true, "__Host-augenmass=tok; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"},
		{"/werk", true, "__Secure-augenmass=tok; Path=/werk; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"},
		{"/werk/", false, "augenmass=tok; Path=/werk; Max-Age=86400; HttpOnly; SameSite=Lax"},
	} {
		if got := s.Cookie(c.base, c.secure).String(); got != c.want {
			t.Errorf("%q: %s", c.base, got)
		}
		clear := ClearCookie(c.base, c.secure)
		if clear.Name != s.Cookie(c.base, c.secure).Name || clear.Path != s.Cookie(c.base, c.secure).Path || clear.MaxAge >= 0 {
			t.Errorf("%q is not cleared by %s", c.base, clear)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/werk/", nil)
	r.Header.Set("Cookie", "a=b; augenmass=tok; __Secure-augenmass=other")
	if got, ok := CookieToken(r, "/werk", false); got != "tok" || !ok {
		t.Errorf("%q %v", got, ok)
	}
	if got, ok := CookieToken(r, "/werk", true); got != "other" || !ok {
		t.Errorf("%q %v", got, ok)
	}
	r.Header.Set("Cookie", "augenmass=planted; augenmass=tok")
	if got, ok := CookieToken(r, "/werk", false); ok {
		t.Errorf("one of two is believed: %q", got)
	}
	if _, ok := CookieToken(httptest.NewRequest(http.MethodGet, "/", nil), "/", true); ok {
		t.Error("a token out of nowhere")
	}
}

func TestAgentClassTellsLittle(t *testing.T) {
	for ua, want := range map[string]string{
		"": "Browser",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                          "Chrome, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":  "Edge, Windows",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari, iPadOS",
		"Mozilla/5.0 (Linux; Android 15; SM-X510) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                 "Chrome, Android",
		"curl/8.9.1": "Browser",
	} {
		if got := AgentClass(ua); got != want {
			t.Errorf("%s: %q, want %q", ua, got, want)
		}
	}
}
