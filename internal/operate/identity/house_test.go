package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

var monday = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time      { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// aSystem stands for the register's kind, which this room only refers to.
type aSystem struct {
	Name string `json:"name"`
}

// house is one organisation with a service, a database and a journal.
type house struct {
	*Service
	t     testing.TB
	clock *clock
	db    *store.DB
	j     *ledger.Journal
	path  string
	key   []byte
}

var systems = store.NewKind[aSystem]("system", "sys")

func newHouse(t testing.TB, name string) *house {
	t.Helper()
	dir := t.TempDir()
	key := sha256.Sum256([]byte(name))
	h := &house{t: t, clock: &clock{t: monday}, path: filepath.Join(dir, "objects.db"), key: key[:]}
	h.open()
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "example.com/" + name, PublishEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	h.j = j
	t.Cleanup(func() {
		if err := errors.Join(h.db.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// open opens database and service, as at the start of the program.
func (h *house) open() {
	h.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: h.path, Kinds: append(Kinds(), systems),
		Tables: Tables(), Access: Access, Now: h.clock.now})
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := New(Options{DB: db, Key: h.key, Source: "/werk/identity", Issuer: "Werk", Now: h.clock.now,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.Service, h.db = s, db
}

// restart closes and opens again.
func (h *house) restart() {
	h.t.Helper()
	if err := h.db.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

const password = "drei blaue Fräser"

// person adds somebody with the test's password.
func (h *house) person(name string, rs ...roles.Role) store.Object[Person] {
	h.t.Helper()
	o, err := h.AddPerson(inHouse(context.Background()), Person{SignIn: name, Name: "Frau " + name, Roles: rs, Active: true}, password, false)
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

func (h *house) try(name, pw, code string) (Session, Principal, error) {
	return h.SignIn(context.Background(), Attempt{Name: name, Password: pw, Code: code, Address: "10.0.0.7",
		UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"})
}

func (h *house) signIn(name string) (Session, Principal) {
	h.t.Helper()
	s, p, err := h.try(name, password, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return s, p
}

// as is a context in which the principal acts.
func as(p Principal) context.Context { return store.WithActor(context.Background(), p.Actor()) }

// entries returns the data of the journal entries of one type.
func entries[T any](h *house, typ string) []T {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.Flush(ctx, h.j); err != nil {
		h.t.Fatal(err)
	}
	var out []T
	for rec, err := range h.j.Entries(ctx, 0, h.j.Size()) {
		if err != nil {
			h.t.Fatal(err)
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, private := range []string{"Frau ", password, "10.0.0.7", "Firefox", "hannelore", "agm_"} {
			if bytes.Contains(rec.Entry, []byte(private)) {
				h.t.Errorf("the journal holds %q: %s", private, rec.Entry)
			}
		}
		if e.Type != typ {
			continue
		}
		var v T
		if err := json.Unmarshal(e.Data, &v); err != nil {
			h.t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func wantKind(t testing.TB, err error, k problem.Kind) {
	t.Helper()
	if problem.KindOf(err) != k {
		t.Fatalf("got %v (%s), want kind %s", err, problem.KindOf(err), k)
	}
	var p *problem.Problem
	if errors.As(err, &p) && !p.Say.Complete() {
		t.Errorf("the problem does not speak both languages: %v", p.Say)
	}
}

func (h *house) refused(token string) {
	h.t.Helper()
	if _, err := h.Authenticate(context.Background(), token); !problem.Is(err, problem.Unsigned) {
		h.t.Fatalf("the session is not refused: %v", err)
	}
}

func (h *house) accepted(token string) Principal {
	h.t.Helper()
	p, err := h.Authenticate(context.Background(), token)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}
