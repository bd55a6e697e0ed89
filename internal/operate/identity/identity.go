// Package identity knows who acts: persons, the workloads and devices of the
// plant, and how each of them proves it. It answers two questions for
// everybody above: who is this request from (Principal), and what may these
// roles do (Allowed, Access).
//
// # Persons
//
// A person signs in with a name, a password (argon2id) and, once enrolled, a
// time-based code (RFC 6238) that works exactly once, or one of eight recovery
// codes. Unknown names cost the same work and get the same answer as wrong
// passwords. Failed attempts slow down the name and the address they came
// from. A sign-in always makes a new session; sessions live in a table of
// their own, are listed to their owner, end after 8 hours of rest and after 24
// hours at the latest, and end at once when the person's roles change.
//
// # Workloads and devices
//
// Programs sign in with API tokens: shown once, stored hashed, with narrow
// scopes and an end date. A workload may run on a device, whose posture counts
// only while its last check is fresh (catalogue ZTA-02, ZTA-10, ZTA-11;
// requirements 001-22, 001-30, 001-31).
//
// # Roles
//
// Eight roles with one table of what each may do; what the table does not say
// is denied. Who manages accounts approves and decides nothing (separation of
// duties), and who audits writes nothing.
//
// # What it keeps, and what not
//
// No address and no user agent is stored: addresses count attempts under a
// keyed hash, agents as a class ("Firefox, Windows"). Journal entries name
// persons by id only. Sessions and tokens are stored as SHA-256 of 256 random
// bits, second factors sealed under a key of the organisation.
//
// # What it leaves to whom
//
// Revocation is immediate in this process. In other nodes that share the
// database people, programs and tokens are looked up anew as soon as the change
// is heard, a session that somebody ended within one second. Transport security,
// the cookie's coming and going and the sign-in page are serve's; which decision
// a role's approval means is govern's; whether a call is let through is
// decide's, which asks Subject.
package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"sync"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Options wire the room for one organisation. DB, Key and Source are required.
type Options struct {
	DB     *store.DB
	Key    []byte // at least 32 bytes, secret, the same at every start: the organisation's master key
	Source string // of journal entries, "/<org>/identity"
	Issuer string // the name that authenticator apps show; default "Augenmass"

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger // never sees names, passwords or addresses; default: discard

	Idle         time.Duration // a session ends after that much rest; default 8 h
	Absolute     time.Duration // a session ends at the latest; default 24 h
	PostureValid time.Duration // how long a posture check counts; default 24 h
	Hash         secret.Params // zero: secret.Default
}

// Service is identity for one organisation. It is safe for many goroutines.
type Service struct {
	o      Options
	db     *store.DB
	clock  *steady
	aead   cipher.AEAD // seals second factors
	pepper []byte      // keys every keyed hash

	randMu sync.Mutex
	hasher *secret.Hasher
	gate   *throttle.Gate

	sessions *cache[liveSession]
	tokens   *cache[Principal]
	subjects *cache[subject]

	endedMu sync.Mutex
	ended   []string       // sessions whose end nobody was told of yet
	onEnded func([]string) // see OnEnded
}

// Principal is who a request is from, as far as the house itself knows it.
type Principal struct {
	Kind       string // person, workload or device
	ID         string // usr_…, wkl_… or dev_…
	Name       string // for pages; never for the journal
	Roles      []string
	Scopes     []string // of a token; what a session may do follows from roles alone
	Language   string   // de or en; of a person
	MFA        bool     // signed in with a second factor
	Session    string   // id of the session, ses_…
	Token      string   // id of the token, tok_…
	MustChange bool     // the password was set by somebody else and has to be changed first
	Zone       string   // network zone of a workload or device
	Device     string   // device that a workload runs on, or the device itself

	expires time.Time // of the token
}

// Kinds of principals, as in store.Actor.
const (
	KindPerson   = "person"
	KindWorkload = "workload"
	KindDevice   = "device"
)

// Actor is the principal as the store knows it. A person's token reads what
// the person may read and writes nothing, and only with the scope api:read.
func (p Principal) Actor() store.Actor {
	a := store.Actor{ID: p.ID, Kind: p.Kind, Roles: p.Roles}
	if p.Token != "" {
		a.Roles = []string{roles.ReadOnly}
		if p.Kind == KindPerson && p.Has(ScopeRead) {
			a.Roles = append(a.Roles, p.Roles...)
		}
	}
	return a
}

// Method says how the principal signed in, in the words of the journal.
func (p Principal) Method() string {
	switch {
	case p.Token != "":
		return "token"
	case p.MFA:
		return MethodTOTP
	}
	return MethodPassword
}

// Kinds lists the kinds of objects of this room, for store.Options. They refer
// to the kind "system" of the register.
func Kinds() []store.AnyKind { return []store.AnyKind{Persons(), Devices(), Workloads(), Tokens()} }

// Tables lists the plain tables of this room, for store.Options.
func Tables() []store.AnyTable {
	return []store.AnyTable{credentials(), sessionRows(), throttle.Table(), secretRows()}
}

// New opens the room. It listens to the database, so that a change of a person
// ends that person's sessions before the change is acknowledged.
func New(o Options) (*Service, error) {
	if len(o.Key) < 32 || o.DB == nil || o.Source == "" {
		return nil, problem.New(problem.BadInput,
			"Die Anmeldung braucht Datenbank, Herkunft und einen Schlüssel von mindestens 32 Byte.",
			"Sign-in needs a database, a source and a key of at least 32 bytes.")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Issuer == "" {
		o.Issuer = "Augenmass"
	}
	orDefault(&o.Idle, 8*time.Hour)
	orDefault(&o.Absolute, 24*time.Hour)
	orDefault(&o.PostureValid, 24*time.Hour)
	s := &Service{o: o, db: o.DB, clock: &steady{source: o.Now},
		sessions: newCache[liveSession](), tokens: newCache[Principal](), subjects: newCache[subject]()}
	s.gate = throttle.New(s.db)
	sealing, err := hkdf.Expand(sha256.New, o.Key, "augenmass identity v1 seal", 32)
	if err != nil {
		return nil, problem.From(err)
	}
	if s.pepper, err = hkdf.Expand(sha256.New, o.Key, "augenmass identity v1 pepper", 32); err != nil {
		return nil, problem.From(err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, problem.From(err)
	}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return nil, problem.From(err)
	}
	if s.hasher, err = secret.NewHasher(o.Hash, s.random); err != nil {
		return nil, err
	}
	s.db.OnCommit(s.committed)
	s.db.OnRemote(func(_ context.Context, changes []store.Change) { s.changed(changes) })
	return s, nil
}

func orDefault(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

// committed keeps what is in memory true. It runs before the write that caused
// it returns.
func (s *Service) committed(ctx context.Context, changes []store.Change) {
	s.changed(changes)
	for _, c := range changes {
		if c.Kind == KindPerson && c.Op != store.Created {
			// Authenticate refuses these sessions anyway; this also removes and
			// journals them.
			if err := s.endStale(onBehalf(ctx), c.ID); err != nil {
				s.o.Log.Error("sessions of a changed person stay listed until used", "person", c.ID, "err", err)
			}
		}
	}
}

// changed forgets what a change may have made untrue. A change that another node
// committed ends sessions there; here it is enough to ask the database again.
func (s *Service) changed(changes []store.Change) {
	for _, c := range changes {
		switch c.Kind {
		case KindPerson, KindWorkload, KindDevice, "token":
			s.forget()
			return
		}
	}
}

// forget empties the caches; every answer from now on comes from the database.
func (s *Service) forget() {
	s.sessions.clear()
	s.tokens.clear()
	s.subjects.clear()
}

// forgetSessions is forget after sessions came or went; programs are not
// affected by people signing in.
func (s *Service) forgetSessions() {
	s.sessions.clear()
	s.subjects.clear()
	s.tellEnded()
}

// OnEnded lets fn hear the ids of sessions that ended before their time in this
// process, before whoever ended them is answered. It is called once, before the
// service is used. An id may be told although the session lives on, when ending
// it failed: fn asks (Living).
func (s *Service) OnEnded(fn func(sessions []string)) { s.onEnded = fn }

func (s *Service) tellEnded() {
	s.endedMu.Lock()
	ids := s.ended
	s.ended = nil
	s.endedMu.Unlock()
	if len(ids) > 0 && s.onEnded != nil {
		s.onEnded(ids)
	}
}

// onBehalf lets the room write what the access table lets nobody write
// directly, in the name of who asked for it. Every caller checks first.
func onBehalf(ctx context.Context) context.Context {
	a, _ := store.ActorFrom(ctx)
	return store.WithActor(ctx, store.Actor{ID: a.ID, Kind: store.System, Roles: a.Roles})
}

// inHouse is the context of what the room does by itself.
func inHouse(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{ID: "identity", Kind: store.System})
}

// may checks that whoever acts may do action on kind.
func may(ctx context.Context, action, kind string) (store.Actor, error) {
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return a, errUnsigned()
	}
	if a.Kind == store.System {
		return a, nil
	}
	return a, roles.Access(ctx, a, action, kind, nil)
}

func (s *Service) random(n int) ([]byte, error) {
	b := make([]byte, n)
	s.randMu.Lock()
	defer s.randMu.Unlock()
	if _, err := io.ReadFull(s.o.Rand, b); err != nil {
		return nil, problem.New(problem.Unavailable,
			"Es steht kein Zufall für neue Schlüssel bereit.", "There is no randomness for new keys.").Wrap(err)
	}
	return b, nil
}

// id makes a new id.
func (s *Service) id(prefix string) string {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	return store.NewID(prefix, s.o.Now().UTC(), s.o.Rand)
}

// keyed is a hash that nobody can recompute without the organisation's key.
func (s *Service) keyed(purpose, text string) string {
	m := hmac.New(sha256.New, s.pepper)
	m.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(m.Sum(nil))
}

// emit adds a journal entry to the transaction.
func (s *Service) emit(tx *store.Tx, typ, subject string, data any) error {
	e, err := ledger.NewEvent(s.id("evt"), s.o.Source, typ, subject, s.o.Now().UTC(), data)
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

func errUnsigned() *problem.Problem {
	return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
}

// Allowed is roles.Allowed, for those who have only this room at hand.
func Allowed(names []string, action, kind string) bool { return roles.Allowed(names, action, kind) }

// Access is roles.Access, the store.AccessFunc of the house.
func Access(ctx context.Context, a store.Actor, action, kind string, doc any) error {
	return roles.Access(ctx, a, action, kind, doc)
}
