package identity

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func TestSignInGivesASessionAndSaysWhoItIs(t *testing.T) {
	h := newHouse(t, "werk")
	o := h.person("hannelore.voss", roles.Safety, roles.ShiftLead)
	s, p := h.signIn("  Hannelore.VOSS ")
	want := Principal{Kind: "person", ID: o.ID, Name: "Frau hannelore.voss", Roles: []string{"safety", "shift_lead"},
		Language: "de", Session: s.ID}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	if got := h.accepted(s.Token); !reflect.DeepEqual(got, want) {
		t.Errorf("the next request: %+v", got)
	}
	if len(s.Token) != 43 || s.Person != o.ID || !s.ExpiresAt.Equal(monday.Add(24*time.Hour)) || s.MFA {
		t.Errorf("session %+v", s)
	}
	ev := entries[SignedIn](h, TypeSignedIn)
	if len(ev) != 1 || ev[0] != (SignedIn{V: 1, Person: o.ID, Session: s.ID, Method: "password"}) {
		t.Errorf("journal: %+v", ev)
	}
}

// The same answer and the same work, whether a name exists, the password is
// wrong, or the person may no longer sign in.
func TestUnknownNamesCostAndTellNothing(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("known", roles.Worker)
	gone := h.person("gone", roles.Worker)
	gone.Doc.Active = false
	if _, err := h.UpdatePersonAs(t, gone); err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		hashes, queries int64
		say             string
	}
	var all []outcome
	for i, name := range []string{"known", "gone", "nobody", strings.Repeat("x", 3000), ""} {
		before := h.hasher.Runs()
		ctx, n := store.CountQueries(context.Background())
		pw := "falsches Passwort"
		if name == "gone" {
			pw = password
		}
		_, _, err := h.SignIn(ctx, Attempt{Name: name, Password: pw, Address: fmt.Sprint("10.0.1.", i)})
		wantKind(t, err, problem.Unsigned)
		p := problem.From(err)
		all = append(all, outcome{h.hasher.Runs() - before, *n, p.Say.DE + p.Hint.EN + fmt.Sprint(p.Reasons, p.Fields)})
	}
	for _, o := range all[1:] {
		if o != all[0] {
			t.Errorf("a difference tells: %+v and %+v", all[0], o)
		}
	}
	if all[0].hashes != 1 {
		t.Errorf("%d hashes", all[0].hashes)
	}
	ev := entries[SignInFailed](h, TypeSignInFailed)
	if len(ev) != 5 || ev[1].Person != gone.ID || ev[2].Person != "" || ev[0].Reason != FailedCredentials {
		t.Errorf("journal: %+v", ev)
	}
}

// UpdatePersonAs changes a person as another administrator would.
func (h *house) UpdatePersonAs(t testing.TB, o store.Object[Person]) (store.Object[Person], error) {
	t.Helper()
	if _, known, err := h.byName(inHouse(context.Background()), h.db, "chief"); err != nil {
		t.Fatal(err)
	} else if !known {
		h.person("chief", roles.Admin)
	}
	ctx := store.WithActor(context.Background(), store.Actor{ID: "usr_other", Kind: KindPerson, Roles: []string{"admin"}})
	return h.UpdatePerson(ctx, o.ID, o.Revision, o.Doc)
}

func TestFailuresSlowDownNameAndAddress(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	fail := func(name, addr string) (time.Duration, error) {
		_, _, err := h.SignIn(context.Background(), Attempt{Name: name, Password: "falsch falsch", Address: addr})
		w, _ := RetryAfter(err)
		return w, err
	}
	for range 4 {
		if _, err := fail("hannelore", "10.0.0.1"); !problem.Is(err, problem.Unsigned) {
			t.Fatal(err)
		}
	}
	// From here on each failure doubles the wait, from any address, and being
	// early does not lengthen it. The right password does not help either.
	runs := h.hasher.Runs()
	for wait := time.Second; wait <= 256*time.Second; wait *= 2 {
		for range 3 {
			w, err := fail("HANNELORE", "10.9.9.9")
			wantKind(t, err, problem.Denied)
			if w != wait {
				t.Fatalf("waits %v, want %v", w, wait)
			}
		}
		if _, _, err := h.try("hannelore", password, ""); !problem.Is(err, problem.Denied) {
			t.Fatalf("the right password in between: %v", err)
		}
		h.clock.add(wait - time.Millisecond)
		if _, err := fail("hannelore", "10.0.0.2"); !problem.Is(err, problem.Denied) {
			t.Fatalf("a millisecond early: %v", err)
		}
		h.clock.add(time.Millisecond)
		if _, err := fail("hannelore", "10.0.0.3"); !problem.Is(err, problem.Unsigned) {
			t.Fatalf("after the wait: %v", err)
		}
	}
	if n := h.hasher.Runs() - runs; n != 9 {
		t.Errorf("%d hashes were computed for 9 admitted attempts", n)
	}
	if w, _ := fail("hannelore", "10.0.0.4"); w != 5*time.Minute {
		t.Errorf("the wait grows to %v, want five minutes", w)
	}
	// It outlives a restart.
	h.restart()
	if w, err := fail("hannelore", "10.0.0.5"); w != 5*time.Minute {
		t.Errorf("after a restart: %v, %v", w, err)
	}
	h.clock.add(5 * time.Minute)
	h.signIn("hannelore")
	if _, err := fail("hannelore", "10.0.0.6"); !problem.Is(err, problem.Unsigned) {
		t.Errorf("after success the count starts anew: %v", err)
	}
	if n := len(entries[SignInFailed](h, TypeSignInFailed)); n != 14 {
		t.Errorf("%d failures in the journal, want the 14 that were tried", n)
	}
}

func TestAnAddressThatTriesManyNamesWaits(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	for i := range 21 {
		_, _, err := h.SignIn(context.Background(), Attempt{Name: fmt.Sprint("name", i), Password: "falsch falsch", Address: "10.0.0.1"})
		wantKind(t, err, problem.Unsigned)
	}
	_, _, err := h.SignIn(context.Background(), Attempt{Name: "hannelore", Password: password, Address: "10.0.0.1"})
	wantKind(t, err, problem.Denied)
	if _, _, err := h.SignIn(context.Background(), Attempt{Name: "hannelore", Password: password, Address: "10.0.0.2"}); err != nil {
		t.Errorf("another address: %v", err)
	}
	// A good account of one's own does not buy attempts on others.
	h.clock.add(time.Second)
	if _, _, err := h.SignIn(context.Background(), Attempt{Name: "hannelore", Password: password, Address: "10.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.SignIn(context.Background(), Attempt{Name: "name99", Password: "falsch falsch", Address: "10.0.0.1"})
	wantKind(t, err, problem.Unsigned)
	_, _, err = h.SignIn(context.Background(), Attempt{Name: "name98", Password: "falsch falsch", Address: "10.0.0.1"})
	wantKind(t, err, problem.Denied)
	// Half a day later nobody remembers.
	h.clock.add(throttle.Memory + time.Hour)
	if err := h.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := throttle.Table().Count(context.Background(), h.db); n != 0 || err != nil {
		t.Errorf("%d counts are kept, %v", n, err)
	}
	_, _, err = h.SignIn(context.Background(), Attempt{Name: "name97", Password: "falsch falsch", Address: "10.0.0.1"})
	wantKind(t, err, problem.Unsigned)
}

func TestManyGuessesAtOnceGainNothing(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := map[problem.Kind]int{}
	for i := range 30 {
		wg.Go(func() {
			_, _, err := h.SignIn(context.Background(), Attempt{Name: "hannelore", Password: "falsch falsch", Address: fmt.Sprint(i)})
			mu.Lock()
			defer mu.Unlock()
			kinds[problem.KindOf(err)]++
		})
	}
	wg.Wait()
	if kinds[problem.Unsigned] != 4 || kinds[problem.Denied] != 26 {
		t.Errorf("of 30 at once: %v", kinds)
	}
}

func TestNothingTypedIsStored(t *testing.T) {
	h := newHouse(t, "werk")
	_, _, err := h.SignIn(context.Background(), Attempt{Name: "MeinPasswort123", Password: "x", Address: "192.168.17.4"})
	wantKind(t, err, problem.Unsigned)
	rows, err := throttle.Table().List(context.Background(), h.db, store.Query{})
	if err != nil || len(rows.Items) != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	for _, r := range rows.Items {
		if strings.Contains(strings.ToLower(r.Key), "passwort") || strings.Contains(r.Key, "192") {
			t.Errorf("the table shows %q", r.Key)
		}
	}
}

// enrol puts a second factor into force and returns its secret.
func (h *house) enrol(name string) (raw []byte, s Session, recovery []string) {
	h.t.Helper()
	_, p := h.signIn(name)
	e, err := h.EnrolTOTP(context.Background(), p, password)
	if err != nil {
		h.t.Fatal(err)
	}
	c, err := credentials().Get(context.Background(), h.db, p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	if raw, err = h.unseal(p.ID, c.Pending); err != nil || secret.TOTPText(raw) != e.Secret {
		h.t.Fatalf("%v", err)
	}
	s, recovery, err = h.ConfirmTOTP(context.Background(), p, h.code(raw), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return raw, s, recovery
}

func (h *house) code(raw []byte) string { return secret.TOTPCode(raw, secret.Step(h.clock.now())) }

func TestASecondFactorIsAskedForAndWorksOnce(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Director)
	raw, s, _ := h.enrol("hannelore")
	if p := h.accepted(s.Token); !p.MFA || p.Method() != MethodTOTP {
		t.Errorf("the new session does not know the second factor: %+v", p)
	}
	_, _, err := h.try("hannelore", password, "")
	wantKind(t, err, problem.Unsigned)
	if !NeedsCode(err) {
		t.Fatalf("the page cannot tell that a code is needed: %v", err)
	}
	if _, _, err := h.try("hannelore", "falsch falsch", ""); NeedsCode(err) {
		t.Error("a code is asked for before the password was right")
	}
	// The code of the enrolment is used up.
	if _, _, err := h.try("hannelore", password, h.code(raw)); !NeedsCode(err) {
		t.Fatalf("a replayed code: %v", err)
	}
	h.clock.add(30 * time.Second)
	code := h.code(raw)
	s, p, err := h.try("hannelore", password, code[:3]+" "+code[3:])
	if err != nil || !p.MFA || !s.MFA {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, _, err := h.try("hannelore", password, code); !NeedsCode(err) {
		t.Fatalf("a replayed code: %v", err)
	}
	h.restart()
	if _, _, err := h.try("hannelore", password, code); !NeedsCode(err) {
		t.Fatalf("a replayed code after a restart: %v", err)
	}
	reasons := map[string]int{}
	for _, e := range entries[SignInFailed](h, TypeSignInFailed) {
		reasons[e.Reason]++
	}
	if reasons[FailedCode] != 3 || reasons[FailedCredentials] != 1 {
		t.Errorf("journal: %v", reasons)
	}
}

func TestOneCodeForTwoAtOnceServesOne(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Director)
	raw, _, _ := h.enrol("hannelore")
	h.clock.add(time.Minute)
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 3 {
		wg.Go(func() {
			if _, _, err := h.try("hannelore", password, h.code(raw)); err == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d of 3 signed in with one code", in)
	}
}

func TestWrongCodesAreSlowedDownLikeWrongPasswords(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Director)
	h.enrol("hannelore")
	var last error
	for i := range 5 {
		// Asking without a code in between must not reset the count.
		if _, _, err := h.try("hannelore", password, ""); i < 4 && !NeedsCode(err) {
			t.Fatal(err)
		}
		_, _, last = h.try("hannelore", password, "000000")
	}
	wantKind(t, last, problem.Denied)
}

func TestRecoveryCodesWorkOnceEach(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Director)
	_, _, codes := h.enrol("hannelore")
	if len(codes) != 8 {
		t.Fatalf("%d codes", len(codes))
	}
	for i, c := range codes {
		h.clock.add(time.Hour)
		typed := c
		if i%2 == 1 {
			typed = strings.ToUpper(strings.ReplaceAll(c, "-", " "))
		}
		_, p, err := h.try("hannelore", password, typed)
		if err != nil || !p.MFA {
			t.Fatalf("code %d: %v", i, err)
		}
		if _, _, err := h.try("hannelore", password, c); !NeedsCode(err) {
			t.Fatalf("code %d again: %v", i, err)
		}
		if on, left, err := h.HasTOTP(context.Background(), p); !on || left != 7-i || err != nil {
			t.Errorf("%d left, %v", left, err)
		}
	}
	ev := entries[SignedIn](h, TypeSignedIn)
	if ev[len(ev)-1].Method != MethodRecovery {
		t.Errorf("journal: %+v", ev[len(ev)-1])
	}
}

func TestSecondFactorIsSealedAndTakenAwayOnlyWithProof(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Director)
	other := h.person("bernd", roles.Worker)
	raw, s, _ := h.enrol("hannelore")
	c, err := credentials().Get(ctx, h.db, o.ID)
	if err != nil || strings.Contains(c.TOTP, string(raw)) || strings.Contains(c.TOTP, secret.TOTPText(raw)) {
		t.Errorf("the secret lies open: %v", err)
	}
	if _, err := h.unseal(other.ID, c.TOTP); !problem.Is(err, problem.Corrupt) {
		t.Errorf("it opens for somebody else: %v", err)
	}
	p := h.accepted(s.Token)
	h.clock.add(time.Minute)
	wantKind(t, h.RemoveTOTP(ctx, p, "falsch falsch", h.code(raw)), problem.Unsigned)
	wantKind(t, h.RemoveTOTP(ctx, p, password, "000000"), problem.Unsigned)
	if _, err := h.EnrolTOTP(ctx, p, "falsch falsch"); !problem.Is(err, problem.Unsigned) {
		t.Errorf("a new factor without the password: %v", err)
	}
	if on, _, _ := h.HasTOTP(ctx, p); !on {
		t.Fatal("the factor is gone")
	}
	if err := h.RemoveTOTP(ctx, p, password, h.code(raw)); err != nil {
		t.Fatal(err)
	}
	h.signIn("hannelore")
	h.accepted(s.Token)
	what := []string{}
	for _, e := range entries[CredentialChanged](h, TypeCredentialChanged) {
		what = append(what, e.What)
	}
	if !reflect.DeepEqual(what, []string{"totp_on", "totp_off"}) {
		t.Errorf("journal: %v", what)
	}
}

func TestAnEnrolmentCountsOnlyWhenConfirmed(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Director)
	_, p := h.signIn("hannelore")
	if _, _, err := h.ConfirmTOTP(ctx, p, "123456", ""); !problem.Is(err, problem.Conflict) {
		t.Errorf("nothing to confirm: %v", err)
	}
	if _, err := h.EnrolTOTP(ctx, p, password); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.ConfirmTOTP(ctx, p, "000000", ""); !NeedsCode(err) {
		t.Errorf("a wrong first code: %v", err)
	}
	h.signIn("hannelore") // still without
	if _, err := h.EnrolTOTP(ctx, Principal{Kind: KindWorkload, ID: p.ID, Token: "tok_1"}, password); !problem.Is(err, problem.Unsigned) {
		t.Errorf("a token enrols: %v", err)
	}
}

func TestHashesAreRenewedWhenTheirCostChanges(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	dearer, err := New(Options{DB: h.db, Key: h.key, Source: "/werk/identity", Now: h.clock.now,
		Hash: secret.Params{MemoryKiB: 128, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	hash := func() string {
		c, err := credentials().Get(ctx, h.db, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Hash
	}
	before := hash()
	for want := range 2 {
		runs := dearer.hasher.Runs()
		if _, _, err := dearer.SignIn(ctx, Attempt{Name: "hannelore", Password: password}); err != nil {
			t.Fatal(err)
		}
		if n := dearer.hasher.Runs() - runs; n != int64(2-want) {
			t.Errorf("sign-in %d: %d hashes", want, n)
		}
	}
	if now := hash(); now == before || !strings.Contains(now, "m=128") {
		t.Errorf("the hash is still %s", now)
	}
}

func TestTheFirstPersonAndOnlyTheFirst(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	if first, err := h.NeedsFirst(ctx); !first || err != nil {
		t.Fatal(err)
	}
	_, err := h.CreateFirst(ctx, "chef", "Frau Chef", "kurz")
	wantKind(t, err, problem.BadInput)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.CreateFirst(ctx, fmt.Sprint("chef", i), "Frau Chef", password) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if !problem.Is(err, problem.Conflict) {
			t.Error(err)
		}
	}
	if first, err := h.NeedsFirst(ctx); made != 1 || first || err != nil {
		t.Errorf("%d first persons, %v", made, err)
	}
}

func TestADeadContextSignsNobodyIn(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("hannelore", roles.Safety)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := h.SignIn(ctx, Attempt{Name: "hannelore", Password: password}); !errors.Is(err, context.Canceled) && !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
	for range 5 {
		_, _, _ = h.SignIn(ctx, Attempt{Name: "hannelore", Password: password})
	}
	h.signIn("hannelore") // what did not run did not count
}

// Between checking a password and starting the session, the password may have
// been changed or the person sent home: then there is no session.
func TestAPasswordThatChangedMeanwhileOpensNothing(t *testing.T) {
	ctx := inHouse(context.Background())
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Safety)
	c, err := credentials().Get(ctx, h.db, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	start := func() error {
		_, _, err := h.signedIn(ctx, Attempt{}, []string{"n:x"}, c.Hash, "", o.ID)
		return err
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	if err := h.ResetPassword(chiefCtx, o.ID, "vier rote Bohrer"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, start(), problem.Unsigned)
	if n, err := sessionRows().Count(ctx, h.db); n != 0 || err != nil {
		t.Errorf("%d sessions, %v", n, err)
	}
}
