package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// sessionRow is one session. The token is stored as its SHA-256: it is 256
// random bits, so no slower hash is needed.
type sessionRow struct {
	Hash       string    `json:"hash" store:"key"`
	ID         string    `json:"id" store:"index"`
	Person     string    `json:"person" store:"index"`
	Created    time.Time `json:"created" store:"index"`
	Seen       time.Time `json:"seen" store:"index"` // last use, to the minute
	MFA        bool      `json:"mfa"`
	MustChange bool      `json:"must_change"`
	Agent      string    `json:"agent"`    // class only, e.g. "Firefox, Windows"
	Standing   string    `json:"standing"` // what it was granted on
}

func sessionRows() *store.Table[sessionRow] { return store.NewTable[sessionRow]("identity_session") }

// Session is a session as its owner gets it, once: Token goes into the cookie
// and is stored nowhere.
type Session struct {
	Token      string
	ID         string
	Person     string
	CreatedAt  time.Time
	ExpiresAt  time.Time // at the latest
	MFA        bool
	MustChange bool // the password was set by somebody else
}

// SessionInfo is a session as lists show it.
type SessionInfo struct {
	ID        string
	CreatedAt time.Time
	SeenAt    time.Time
	Agent     string
	MFA       bool
}

// liveSession is what the cache holds of a session.
type liveSession struct {
	p   Principal
	row sessionRow
}

// touchEvery is how exactly the last use is stored: a write for every request
// would cost more than it tells.
const touchEvery = time.Minute

// skew is how far a stored time may lie in the future before it is taken for a
// clock that was set back.
const skew = time.Minute

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (s *Service) startSession(ctx context.Context, tx *store.Tx, person store.Object[Person], c credential, mfa bool, userAgent string) (Session, error) {
	raw, err := s.random(32)
	if err != nil {
		return Session{}, err
	}
	now := s.clock.now()
	made := Session{Token: base64.RawURLEncoding.EncodeToString(raw), ID: s.id("ses"), Person: person.ID,
		CreatedAt: now, ExpiresAt: now.Add(s.o.Absolute), MFA: mfa, MustChange: c.MustChange}
	return made, sessionRows().Put(ctx, tx, sessionRow{Hash: hashToken(made.Token), ID: made.ID, Person: person.ID,
		Created: now, Seen: now, MFA: mfa, MustChange: c.MustChange, Agent: AgentClass(userAgent), Standing: person.Doc.standing()})
}

func principalOf(o store.Object[Person], row sessionRow) Principal {
	return Principal{Kind: KindPerson, ID: o.ID, Name: o.Doc.Name, Roles: o.Doc.Held(),
		Language: string(o.Doc.Language), MFA: row.MFA, Session: row.ID, MustChange: row.MustChange}
}

// over reports why a session has ended by itself, "" if it has not.
func (s *Service) over(row sessionRow, now time.Time) string {
	switch {
	case row.Seen.After(now.Add(skew)) || row.Created.After(now.Add(skew)):
		return EndedClock
	case now.Sub(row.Created) >= s.o.Absolute, now.Sub(row.Seen) >= s.o.Idle:
		return endedTime
	}
	return ""
}

// endedTime is no reason of the journal: a session that ran out was not revoked.
const endedTime = "time"

// Authenticate returns who a session token belongs to. Every token that does
// not belong to a living session is Unsigned, without saying why.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	if token == "" || len(token) > 128 {
		return Principal{}, errUnsigned()
	}
	hash, now := hashToken(token), s.clock.now()
	live, gen, ok := s.sessions.get(hash, now)
	if !ok {
		var err error
		if live, err = s.loadSession(ctx, hash, now); err != nil {
			return Principal{}, err
		}
		s.sessions.put(hash, live, now, gen)
	}
	if s.over(live.row, now) != "" {
		return Principal{}, errUnsigned()
	}
	p := live.p
	p.Roles = slices.Clone(p.Roles)
	return p, nil
}

// loadSession reads a session and its person, ends it if it must not live, and
// notes its use once a minute.
func (s *Service) loadSession(ctx context.Context, hash string, now time.Time) (liveSession, error) {
	ctx = inHouse(ctx)
	row, err := sessionRows().Get(ctx, s.db, hash)
	if problem.Is(err, problem.NotFound) {
		return liveSession{}, errUnsigned()
	}
	if err != nil {
		return liveSession{}, err
	}
	person, err := Persons().Get(ctx, s.db, row.Person)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return liveSession{}, err
	}
	reason := s.over(row, now)
	if reason == "" && (err != nil || !person.Doc.Active || person.Doc.standing() != row.Standing) {
		reason = EndedPerson
	}
	if reason != "" {
		err := s.db.Write(ctx, func(tx *store.Tx) error { return s.end(ctx, tx, row, "", reason) })
		s.tellEnded()
		if err != nil {
			return liveSession{}, err
		}
		return liveSession{}, errUnsigned()
	}
	if now.Sub(row.Seen) >= touchEvery {
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			// Read again: what was revoked meanwhile must not come back.
			if row, err = sessionRows().Get(ctx, tx, hash); err != nil {
				return err
			}
			row.Seen = now
			return sessionRows().Put(ctx, tx, row)
		})
		if problem.Is(err, problem.NotFound) {
			return liveSession{}, errUnsigned()
		}
		if err != nil {
			return liveSession{}, err
		}
	}
	return liveSession{p: principalOf(person, row), row: row}, nil
}

// Living returns who a session belongs to while it lives, by its id. Unlike
// Authenticate it does not count as use: an unattended screen is not kept signed
// in by what it still shows. A session that is over is Unsigned.
func (s *Service) Living(ctx context.Context, id string) (Principal, error) {
	ctx = inHouse(ctx)
	rows, err := sessionRows().List(ctx, s.db, store.Query{Filters: []store.Filter{store.Where("id", "=", id)}, Limit: 1})
	if err != nil {
		return Principal{}, err
	}
	if len(rows.Items) == 0 || s.over(rows.Items[0], s.clock.now()) != "" {
		return Principal{}, errUnsigned()
	}
	row := rows.Items[0]
	person, err := Persons().Get(ctx, s.db, row.Person)
	if problem.Is(err, problem.NotFound) {
		return Principal{}, errUnsigned()
	}
	if err != nil {
		return Principal{}, err
	}
	if !person.Doc.Active || person.Doc.standing() != row.Standing {
		return Principal{}, errUnsigned()
	}
	return principalOf(person, row), nil
}

// SignOut ends the session of a token. A token without a session is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	defer s.forgetSessions()
	return s.db.Write(inHouse(ctx), func(tx *store.Tx) error { return s.endToken(inHouse(ctx), tx, token, EndedSignOut) })
}

// Sessions lists the living sessions of a person, the one used last first: to
// that person, and to who manages persons.
func (s *Service) Sessions(ctx context.Context, person string) ([]SessionInfo, error) {
	if _, err := ownOrManage(ctx, person); err != nil {
		return nil, err
	}
	rows, err := sessionRows().List(ctx, s.db, store.Query{Filters: []store.Filter{store.Where("person", "=", person)},
		Sort: "-seen", Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	now := s.clock.now()
	var out []SessionInfo
	for _, r := range rows.Items {
		if s.over(r, now) == "" {
			out = append(out, SessionInfo{ID: r.ID, CreatedAt: r.Created, SeenAt: r.Seen, Agent: r.Agent, MFA: r.MFA})
		}
	}
	return out, nil
}

// RevokeSession ends one session: one's own, or, with the action manage on
// persons, anybody's. It is refused from the next request on.
func (s *Service) RevokeSession(ctx context.Context, id string) error {
	rows, err := sessionRows().List(ctx, s.db, store.Query{Filters: []store.Filter{store.Where("id", "=", id)}, Limit: 1})
	if err != nil {
		return err
	}
	none := problem.New(problem.NotFound, "Diese Sitzung gibt es nicht mehr.", "This session no longer exists.")
	if len(rows.Items) == 0 {
		return none
	}
	a, err := ownOrManage(ctx, rows.Items[0].Person)
	if problem.Is(err, problem.Denied) {
		return none // that it exists is nobody else's business
	}
	if err != nil {
		return err
	}
	defer s.forgetSessions()
	return s.db.Write(ctx, func(tx *store.Tx) error { return s.end(ctx, tx, rows.Items[0], a.ID, EndedRevoked) })
}

// RevokeAll ends the sessions of a person, except the one with the id keep (may
// be empty). Who may is as with RevokeSession.
func (s *Service) RevokeAll(ctx context.Context, person, keep string) error {
	a, err := ownOrManage(ctx, person)
	if err != nil {
		return err
	}
	defer s.forgetSessions()
	return s.db.Write(ctx, func(tx *store.Tx) error { return s.endSessions(ctx, tx, person, keep, a.ID, EndedRevoked) })
}

func ownOrManage(ctx context.Context, person string) (store.Actor, error) {
	a, ok := store.ActorFrom(ctx)
	if ok && a.Kind == KindPerson && a.ID == person && !slices.Contains(a.Roles, roles.ReadOnly) {
		return a, nil
	}
	return may(ctx, roles.Manage, KindPerson)
}

// end removes one session and journals it, unless it ran out by itself.
func (s *Service) end(ctx context.Context, tx *store.Tx, row sessionRow, by, reason string) error {
	if _, err := sessionRows().Get(ctx, tx, row.Hash); err != nil {
		if problem.Is(err, problem.NotFound) {
			return nil // somebody else just did
		}
		return err
	}
	s.endedMu.Lock()
	s.ended = append(s.ended, row.ID)
	s.endedMu.Unlock()
	if err := sessionRows().Delete(ctx, tx, row.Hash); err != nil || reason == endedTime {
		return err
	}
	return s.emit(tx, TypeSessionRevoked, row.ID, SessionRevoked{V: 1, Session: row.ID, Person: row.Person, By: by, Reason: reason})
}

func (s *Service) endToken(ctx context.Context, tx *store.Tx, token, reason string) error {
	row, err := sessionRows().Get(ctx, tx, hashToken(token))
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, tx, row, row.Person, reason)
}

// endSessions ends all sessions of a person but keep.
func (s *Service) endSessions(ctx context.Context, tx *store.Tx, person, keep, by, reason string) error {
	for {
		page, err := sessionRows().List(ctx, tx, store.Query{Filters: []store.Filter{
			store.Where("person", "=", person), store.Where("id", "!=", keep)}, Limit: store.MaxLimit})
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			if err := s.end(ctx, tx, row, by, reason); err != nil {
				return err
			}
		}
		if len(page.Items) < store.MaxLimit {
			return nil
		}
	}
}

// endStale ends the sessions of a person that were granted on another standing.
func (s *Service) endStale(ctx context.Context, person string) error {
	n, err := sessionRows().Count(ctx, s.db, store.Where("person", "=", person))
	if err != nil || n == 0 {
		return err
	}
	a, _ := store.ActorFrom(ctx)
	defer s.forgetSessions()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		o, err := Persons().Get(ctx, tx, person)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
		page, lerr := sessionRows().List(ctx, tx, store.Query{Filters: []store.Filter{store.Where("person", "=", person)}, Limit: store.MaxLimit})
		if lerr != nil {
			return lerr
		}
		for _, row := range page.Items {
			if err == nil && o.Doc.Active && o.Doc.standing() == row.Standing {
				continue
			}
			if err := s.end(ctx, tx, row, a.ID, EndedPerson); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle notes that the person of a session has changed the password.
func (s *Service) settle(ctx context.Context, tx *store.Tx, id string) error {
	page, err := sessionRows().List(ctx, tx, store.Query{Filters: []store.Filter{store.Where("id", "=", id)}, Limit: 1})
	if err != nil {
		return err
	}
	for _, row := range page.Items {
		row.MustChange = false
		if err := sessionRows().Put(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes sessions that ran out, attempts that no longer count and the
// hashes of tokens that expired. The organisation calls it every few minutes.
func (s *Service) Sweep(ctx context.Context) error {
	ctx = inHouse(ctx)
	now := s.clock.now()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, f := range []store.Filter{store.Where("created", "<=", now.Add(-s.o.Absolute)), store.Where("seen", "<=", now.Add(-s.o.Idle))} {
			if _, err := sessionRows().DeleteWhere(ctx, tx, f); err != nil {
				return err
			}
		}
		if _, err := throttle.Table().DeleteWhere(ctx, tx, store.Where("last", "<", now.Add(-throttle.Memory))); err != nil {
			return err
		}
		_, err := secretRows().DeleteWhere(ctx, tx, store.Where("expires", "<=", now))
		return err
	})
}
