package passkey_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/operate/identity/passkey/assert"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/operate/identity/passkey/passkeytest"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

type aSystem struct {
	Name string `json:"name"`
}

// house is an organisation with two persons who are signed in.
type house struct {
	t    testing.TB
	mu   sync.Mutex
	time time.Time
	db   *store.DB
	j    *ledger.Journal
	room *passkey.Room
	who  map[string]identity.Principal
}

const password = "drei-blaue-Schraubstoecke"

var site = passkey.Site{RPID: "ki.werk.example", Origin: "https://ki.werk.example:8443"}

func (h *house) now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.time }

func (h *house) add(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.time = h.time.Add(d) }

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, time: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), who: map[string]identity.Principal{}}
	dir := t.TempDir()
	var err error
	kinds := append(append(identity.Kinds(), passkey.Kinds()...), store.NewKind[aSystem]("system", "sys"))
	h.db, err = store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "o.db"), Kinds: kinds,
		Tables: append(identity.Tables(), passkey.Tables()...), Access: identity.Access, Now: h.now})
	h.must(err)
	h.j, err = ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "example.com/werk", PublishEvery: -1})
	h.must(err)
	t.Cleanup(func() {
		if err := errors.Join(h.db.Close(), h.j.Close()); err != nil {
			t.Error(err)
		}
	})
	s, err := identity.New(identity.Options{DB: h.db, Key: []byte(strings.Repeat("k", 32)), Source: "/werk/identity", Now: h.now,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	h.must(err)
	h.room = passkey.New(passkey.Options{DB: h.db, Source: "/werk/passkey", Name: "Werk", Now: h.now})
	ctx := store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
	for name, role := range map[string]roles.Role{"jonas": roles.Director, "miriam": roles.Safety, "tom": roles.Admin} {
		_, err := s.AddPerson(ctx, identity.Person{SignIn: name, Name: "Frau oder Herr " + name, Roles: []roles.Role{role}, Active: true}, password, false)
		h.must(err)
		_, p, err := s.SignIn(context.Background(), identity.Attempt{Name: name, Password: password, Address: "192.0.2.1"})
		h.must(err)
		h.who[name] = p
	}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) as(name string) context.Context {
	return store.WithActor(context.Background(), h.who[name].Actor())
}

// device registers a new device for a person.
func (h *house) device(name string) (*passkeytest.Device, store.Object[passkey.Passkey]) {
	h.t.Helper()
	d := passkeytest.New(h.t, site.RPID, site.Origin)
	b, err := h.room.BeginAdd(h.as(name), h.who[name], site)
	h.must(err)
	o, err := h.room.Add(h.as(name), h.who[name], b.Ceremony, " Telefon ", d.Create(b.Options))
	h.must(err)
	return d, o
}

// use signs a challenge as a person and has it checked.
func (h *house) use(name, nonce string, challenge []byte, g passkey.Given) error {
	return h.db.Write(h.as(name), func(tx *store.Tx) error {
		return h.room.Use(h.as(name), tx, h.who[name].ID, h.who[name].Session, nonce, challenge, g)
	})
}

var content = []byte("the hash of what is signed, 32 by")

// begin begins a signature and returns nonce and options.
func (h *house) begin(name string) (string, map[string]any) {
	h.t.Helper()
	nonce, err := h.room.Nonce()
	h.must(err)
	b, err := h.room.BeginSign(h.as(name), h.who[name], site, nonce, content)
	h.must(err)
	return nonce, b.Options
}

func (h *house) given(d *passkeytest.Device, options map[string]any) passkey.Given {
	h.t.Helper()
	g, err := passkey.Read(d.Get(options), site)
	h.must(err)
	return g
}

func code(err error) string {
	if p := problem.From(err); p != nil && len(p.Reasons) == 1 {
		return p.Reasons[0].Code
	}
	return ""
}

// A person adds a passkey and signs with it (001-02). What the device is asked
// for is a key that it finds by itself and that verifies the person, and nothing
// about its maker; the journal holds the public key and not the name.
func TestAddAndSign(t *testing.T) {
	h := newHouse(t)
	b, err := h.room.BeginAdd(h.as("jonas"), h.who["jonas"], site)
	h.must(err)
	raw, err := json.Marshal(b.Options)
	h.must(err)
	for _, want := range []string{`"residentKey":"required"`, `"userVerification":"required"`, `"attestation":"none"`, `"alg":-7`, `"alg":-8`, `"alg":-257`, `"id":"ki.werk.example"`, `"excludeCredentials":[]`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the device is not asked for %s: %s", want, raw)
		}
	}
	d, o := h.device("jonas")
	if o.Doc.Name != "Telefon" || o.Doc.Person != h.who["jonas"].ID || o.Doc.Algorithm != assert.ES256 || o.Doc.Credential != d.Credential() || !o.Doc.Stands() {
		t.Errorf("%+v", o.Doc)
	}
	h.add(time.Minute)
	nonce, options := h.begin("jonas")
	if raw, err := json.Marshal(options["allowCredentials"]); err != nil || !strings.Contains(string(raw), d.Credential()) {
		t.Errorf("%s %v", raw, err)
	}
	h.must(h.use("jonas", nonce, content, h.given(d, options)))
	all, err := h.room.Of(h.as("jonas"), h.db, h.who["jonas"].ID)
	if err != nil || len(all) != 1 || all[0].Doc.SignCount != 1 || !all[0].Doc.LastUsed.Equal(h.now()) {
		t.Errorf("%+v %v", all, err)
	}
	// The next registration excludes what is known.
	if b, err = h.room.BeginAdd(h.as("jonas"), h.who["jonas"], site); err != nil {
		t.Fatal(err)
	}
	if raw, err := json.Marshal(b.Options["excludeCredentials"]); err != nil || !strings.Contains(string(raw), d.Credential()) {
		t.Errorf("%s %v", raw, err)
	}
	h.must(h.db.Flush(context.Background(), h.j))
	added := false
	for rec, err := range h.j.Entries(context.Background(), 0, h.j.Size()) {
		h.must(err)
		if strings.Contains(string(rec.Entry), "Telefon") {
			t.Errorf("the journal holds the name: %s", rec.Entry)
		}
		e, err := ledger.Decode(rec.Entry)
		h.must(err)
		var a event.Added
		if e.Type == event.TypeAdded && json.Unmarshal(e.Data, &a) == nil {
			added = a == o.Doc.Added(o.ID) && e.Subject == h.who["jonas"].ID
		}
	}
	if !added {
		t.Error("the journal does not announce the passkey")
	}
}

// What is refused when a person signs, each for its reason, and nothing is used
// up or counted by it (001-02).
func TestWhatIsRefusedWhenSigning(t *testing.T) {
	for name, c := range map[string]struct {
		change func(h *house, d *passkeytest.Device)
		given  func(h *house, g *passkey.Given)
		as     string
		other  []byte
		want   string
	}{
		"sound":                  {want: ""},
		"another page":           {change: func(_ *house, d *passkeytest.Device) { d.Origin = "https://evil.example" }, want: assert.BadOrigin},
		"another site":           {change: func(_ *house, d *passkeytest.Device) { d.RPID = "evil.example" }, want: assert.BadRelyingParty},
		"a frame":                {change: func(_ *house, d *passkeytest.Device) { d.Cross = true }, want: assert.BadFrame},
		"nobody verified":        {change: func(_ *house, d *passkeytest.Device) { d.Flags = 0x01 }, want: assert.NotVerified},
		"nobody present":         {change: func(_ *house, d *passkeytest.Device) { d.Flags = 0x04 }, want: assert.NotPresent},
		"another content":        {other: []byte("another hash"), want: assert.BadChallenge},
		"somebody else's":        {as: "miriam", want: passkey.Over},
		"a key nobody knows":     {given: func(_ *house, g *passkey.Given) { g.Credential = "AAAA" }, want: passkey.Foreign},
		"another ceremony page":  {given: func(_ *house, g *passkey.Given) { g.Origin = "https://ki.werk.example" }, want: assert.BadOrigin},
		"a counter that went":    {change: func(_ *house, d *passkeytest.Device) { d.Count = 3 }, want: passkey.Copied},
		"a counter that stood":   {change: func(_ *house, d *passkeytest.Device) { d.Count = 9 }, want: passkey.Copied},
		"too late":               {given: func(h *house, _ *passkey.Given) { h.add(passkey.Life) }, want: passkey.Over},
		"a clock that went back": {given: func(h *house, _ *passkey.Given) { h.add(-time.Hour) }, want: passkey.Over},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			d, o := h.device("jonas")
			d.Count = 9
			nonce, options := h.begin("jonas")
			h.must(h.use("jonas", nonce, content, h.given(d, options))) // counter 10
			nonce, options = h.begin("jonas")
			if c.change != nil {
				c.change(h, d)
			}
			g := h.given(d, options)
			if c.given != nil {
				c.given(h, &g)
			}
			who, challenge := "jonas", content
			if c.as != "" {
				who = c.as
			}
			if c.other != nil {
				challenge = c.other
			}
			if err := h.use(who, nonce, challenge, g); code(err) != c.want || (err == nil) != (c.want == "") {
				t.Errorf("%q (%v), want %q", code(err), err, c.want)
			}
			now, err := passkey.Passkeys().Get(store.WithActor(context.Background(), store.Actor{Kind: store.System}), h.db, o.ID)
			want := int64(10)
			if c.want == "" {
				want = 11
			}
			if err != nil || now.Doc.SignCount != want {
				t.Errorf("counter %d, want %d; %v", now.Doc.SignCount, want, err)
			}
		})
	}
}

// A signature counts once: the same answer again is refused, also for another
// ceremony; and a revoked key signs nothing more.
func TestReplayAndRevocation(t *testing.T) {
	h := newHouse(t)
	d, o := h.device("jonas")
	nonce, options := h.begin("jonas")
	g := h.given(d, options)
	h.must(h.use("jonas", nonce, content, g))
	if err := h.use("jonas", nonce, content, g); code(err) != passkey.Over {
		t.Errorf("a second use: %v", err)
	}
	again, options := h.begin("jonas")
	if err := h.use("jonas", again, content, g); code(err) != passkey.Copied { // same challenge, another ceremony
		t.Errorf("a replay in another ceremony: %v", err)
	}
	g = h.given(d, options)
	// Nobody else may revoke, and nobody learns that it exists; who manages
	// access may.
	if err := h.room.Revoke(h.as("miriam"), o.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("somebody else revoked: %v", err)
	}
	h.must(h.room.Revoke(h.as("tom"), o.ID))
	h.must(h.room.Revoke(h.as("jonas"), o.ID)) // twice is no error
	if err := h.use("jonas", again, content, g); code(err) != passkey.Foreign {
		t.Errorf("a revoked key signed: %v", err)
	}
	if all, err := h.room.Of(h.as("jonas"), h.db, h.who["jonas"].ID); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
	if _, err := h.room.BeginSign(h.as("jonas"), h.who["jonas"], site, "n", content); !problem.Is(err, problem.BadInput) {
		t.Errorf("a signature was begun without a passkey: %v", err)
	}
	h.add(48 * time.Hour)
	h.must(h.room.Sweep(context.Background()))
}

// What is refused when a passkey is added.
func TestWhatIsRefusedWhenAdding(t *testing.T) {
	h := newHouse(t)
	d := passkeytest.New(t, site.RPID, site.Origin)
	try := func(who string, change func(id, name, answer *string)) error {
		b, err := h.room.BeginAdd(h.as("jonas"), h.who["jonas"], site)
		h.must(err)
		id, name, answer := b.Ceremony, "Telefon", d.Create(b.Options)
		change(&id, &name, &answer)
		_, err = h.room.Add(h.as(who), h.who[who], id, name, answer)
		return err
	}
	none := func(_, _, _ *string) {}
	d.Flags = 0x01
	if err := try("jonas", none); assert.Code(err) != assert.NotVerified {
		t.Errorf("without verification: %v", err)
	}
	d.Flags, d.Origin = 0x05, "https://evil.example"
	if err := try("jonas", none); assert.Code(err) != assert.BadOrigin {
		t.Errorf("from another page: %v", err)
	}
	d.Origin = site.Origin
	if err := try("miriam", none); code(err) != passkey.Over {
		t.Errorf("by somebody else: %v", err)
	}
	if err := try("jonas", func(id, _, _ *string) { *id = "unknown" }); code(err) != passkey.Over {
		t.Errorf("without a beginning: %v", err)
	}
	if err := try("jonas", func(_, name, _ *string) { *name = " " }); !problem.Is(err, problem.BadInput) {
		t.Errorf("without a name: %v", err)
	}
	for _, broken := range []string{"", "{}", `{"type":"public-key","response":{"clientDataJSON":"!","attestationObject":""}}`} {
		if err := try("jonas", func(_, _, a *string) { *a = broken }); !problem.Is(err, problem.BadInput) {
			t.Errorf("%q: %v", broken, err)
		}
	}
	h.must(try("jonas", none))
	if err := try("jonas", none); !problem.Is(err, problem.Conflict) {
		t.Errorf("the same key twice: %v", err)
	}
	// A program adds none.
	if _, err := h.room.BeginAdd(h.as("jonas"), identity.Principal{Kind: identity.KindPerson, ID: h.who["jonas"].ID, Token: "tok_1", Session: ""}, site); !problem.Is(err, problem.Unsigned) {
		t.Errorf("a token began: %v", err)
	}
}

// An address of numbers cannot have passkeys, and the reader learns why; a name
// can, and so can this machine itself.
func TestSiteOf(t *testing.T) {
	for _, c := range []struct {
		host   string
		secure bool
		want   passkey.Site
	}{
		{"KI.Werk.example:8443", true, site}, {"localhost:8080", false, passkey.Site{RPID: "localhost", Origin: "http://localhost:8080"}},
		{"127.0.0.1:8080", false, passkey.Site{}}, {"[::1]:8080", true, passkey.Site{}}, {"192.0.2.7", true, passkey.Site{}}, {"ki.werk.example", false, passkey.Site{}},
	} {
		got, err := passkey.SiteOf(c.host, c.secure)
		if c.want == (passkey.Site{}) {
			if p := problem.From(err); !problem.Is(err, problem.BadInput) || !p.Say.Complete() || !p.Hint.Complete() {
				t.Errorf("%s: %v", c.host, err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v %v", c.host, got, err)
		}
	}
}
