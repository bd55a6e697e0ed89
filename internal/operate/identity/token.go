package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Scopes of tokens. Those with a colon at the end name one system or zone after
// it; there is no scope for all of them.
const (
	ScopeRead     = "api:read"        // read what the token's person may read
	ScopeEvaluate = "access:evaluate" // ask the decision point (AuthZEN)
	ScopeJournal  = "journal:read"    // read the journal's published files: a witness, a monitor, a copy elsewhere
	ScopePosture  = "posture:report"  // report the posture of the token's own device
	ScopeInfer    = "infer:"          // call the models of one system: infer:sys_…
	ScopePlant    = "plant:"          // report the state of one zone of the plant: plant:line-1
)

// Token is what people see of an API token. Exactly one holder is set. The
// secret itself is shown once and kept only as a hash.
type Token struct {
	Name      string    `json:"name" store:"search,required,max=120"`
	Person    string    `json:"person" store:"ref=person"`
	Workload  string    `json:"workload" store:"ref=workload"`
	Device    string    `json:"device" store:"ref=device"`
	Scopes    []string  `json:"scopes" store:"index,required,max=50"`
	ExpiresAt time.Time `json:"expires_at" store:"index,required"`
	RevokedAt time.Time `json:"revoked_at" store:"index"`
	RevokedBy string    `json:"revoked_by"`
}

// Tokens is the kind of API tokens.
func Tokens() *store.Kind[Token] { return store.NewKind[Token]("token", "tok") }

// Title names the token in lists and links.
func (t *Token) Title() string { return t.Name }

// Holder is the id of who the token stands for.
func (t *Token) Holder() string { return t.Person + t.Workload + t.Device }

// Validate checks that there is one holder and that the scopes suit it.
func (t *Token) Validate() error {
	var c problem.Checks
	n := 0
	for _, h := range []string{t.Person, t.Workload, t.Device} {
		if h != "" {
			n++
		}
	}
	c.Field(n == 1, "workload", "Ein Zugangsschlüssel gehört genau einer Person, einem Programm oder einem Gerät.",
		"A token belongs to exactly one person, workload or device.")
	for i, s := range t.Scopes {
		path := fmt.Sprintf("scopes.%d", i)
		fits := false
		switch {
		case s == ScopeRead:
			fits = t.Person != ""
		case s == ScopeJournal:
			fits = t.Device == ""
		case s == ScopePosture:
			fits = t.Device != ""
		case s == ScopeEvaluate:
			fits = t.Person == ""
		default:
			for _, p := range []string{ScopeInfer, ScopePlant} {
				rest, ok := strings.CutPrefix(s, p)
				fits = fits || ok && t.Person == "" && scopeName(rest)
			}
		}
		c.Field(fits, path, "Dieses Recht gibt es nicht, oder es passt nicht zum Inhaber.",
			"This scope does not exist, or it does not suit the holder.")
		c.Field(!slices.Contains(t.Scopes[:i], s), path, "Dieses Recht steht schon da.", "This scope is already there.")
	}
	return c.Err()
}

// scopeName accepts what systems and zones are called; a star is no name.
func scopeName(s string) bool {
	return s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '*' || r == ',' || r == '"' || r == 0x7f
	})
}

// secretRow finds a token by the hash of its secret.
type secretRow struct {
	Hash    string    `json:"hash" store:"key"`
	Token   string    `json:"token" store:"index"`
	Expires time.Time `json:"expires" store:"index"`
}

func secretRows() *store.Table[secretRow] { return store.NewTable[secretRow]("identity_token") }

// Life of a token (catalogue ZTA-10: access ends by itself).
const (
	maxTokenLife = 366 * 24 * time.Hour
	tokenLife    = 90 * 24 * time.Hour // when none is named
)

// tokenPrefix makes leaked tokens easy to find.
const tokenPrefix = "agm_"

var tokenEncoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// tokenCheck is a short keyed checksum: a token that this organisation did not
// issue is refused without a query.
func (s *Service) tokenCheck(raw []byte) []byte {
	m := hmac.New(sha256.New, s.pepper)
	m.Write([]byte("token check\x00"))
	m.Write(raw)
	return m.Sum(nil)[:4]
}

func (s *Service) genuine(secret string) bool {
	rest, ok := strings.CutPrefix(secret, tokenPrefix)
	if !ok || len(rest) != tokenEncoding.EncodedLen(36) || strings.ToLower(rest) != rest {
		return false
	}
	raw, err := tokenEncoding.DecodeString(strings.ToUpper(rest))
	return err == nil && hmac.Equal(s.tokenCheck(raw[:32]), raw[32:])
}

// CreateToken makes an API token and returns its secret, which nobody can show
// again. It needs the action manage on tokens, except for a person's own
// reading token. Without an end it lives 90 days; 366 days are the most.
func (s *Service) CreateToken(ctx context.Context, t Token) (secret string, made store.Object[Token], err error) {
	a, ok := store.ActorFrom(ctx)
	own := ok && a.Kind == KindPerson && t.Person == a.ID && !slices.Contains(a.Roles, roles.ReadOnly) &&
		slices.Equal(t.Scopes, []string{ScopeRead})
	if !own {
		if a, err = may(ctx, roles.Manage, "token"); err != nil {
			return "", made, err
		}
	}
	now := s.clock.now()
	if t.ExpiresAt.IsZero() {
		t.ExpiresAt = now.Add(tokenLife)
	}
	var c problem.Checks
	c.Field(t.ExpiresAt.After(now) && !t.ExpiresAt.After(now.Add(maxTokenLife)), "expires_at",
		"Ein Zugangsschlüssel gilt höchstens 366 Tage und endet in der Zukunft.",
		"A token is valid for at most 366 days and ends in the future.")
	c.Field(t.RevokedAt.IsZero() && t.RevokedBy == "", "revoked_at",
		"Ein neuer Zugangsschlüssel ist nicht widerrufen.", "A new token is not revoked.")
	if err := c.Err(); err != nil {
		return "", made, err
	}
	raw, err := s.random(32)
	if err != nil {
		return "", made, err
	}
	secret = tokenPrefix + strings.ToLower(tokenEncoding.EncodeToString(append(raw, s.tokenCheck(raw)...)))
	ctx = onBehalf(ctx)
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if made, err = Tokens().Create(ctx, tx, t); err != nil {
			return err
		}
		if err := secretRows().Put(ctx, tx, secretRow{Hash: hashToken(secret), Token: made.ID, Expires: t.ExpiresAt}); err != nil {
			return err
		}
		return s.emit(tx, TypeTokenCreated, made.ID, TokenCreated{V: 1, Token: made.ID, Holder: t.Holder(), Scopes: t.Scopes,
			ExpiresAt: t.ExpiresAt.UTC(), By: a.ID})
	})
	if err != nil {
		return "", store.Object[Token]{}, err
	}
	return secret, made, nil
}

// RevokeToken ends a token at once: when it returns, no request with it passes.
// It needs the action manage on tokens, or to be the token's own person.
// Revoking twice is no error.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	t, err := Tokens().Get(onBehalf(ctx), s.db, id)
	if err != nil {
		return err
	}
	a, ok := store.ActorFrom(ctx)
	own := ok && a.Kind == KindPerson && a.ID == t.Doc.Person && !slices.Contains(a.Roles, roles.ReadOnly)
	if !own {
		if a, err = may(ctx, roles.Manage, "token"); err != nil {
			return err
		}
	}
	ctx = onBehalf(ctx)
	defer s.tokens.clear()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		t, err := Tokens().Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := secretRows().DeleteWhere(ctx, tx, store.Where("token", "=", id)); err != nil {
			return err
		}
		if !t.Doc.RevokedAt.IsZero() {
			return nil
		}
		t.Doc.RevokedAt, t.Doc.RevokedBy = s.clock.now(), a.ID
		if _, err := Tokens().Update(ctx, tx, id, t.Revision, t.Doc); err != nil {
			return err
		}
		return s.emit(tx, TypeTokenRevoked, id, TokenRevoked{V: 1, Token: id, Holder: t.Doc.Holder(), By: a.ID})
	})
}

// AuthenticateToken returns who an API token stands for. It is made for every
// inference: within a second, the same token costs one hash and no query, while
// a revocation, a change of the holder and the end date count at once.
func (s *Service) AuthenticateToken(ctx context.Context, secret string) (Principal, error) {
	if !s.genuine(secret) {
		return Principal{}, errToken()
	}
	hash, now := hashToken(secret), s.clock.now()
	p, gen, ok := s.tokens.get(hash, now)
	if !ok {
		var err error
		if p, err = s.loadToken(inHouse(ctx), hash, now); err != nil {
			return Principal{}, err
		}
		s.tokens.put(hash, p, now, gen)
	}
	if !now.Before(p.expires) {
		return Principal{}, errToken()
	}
	return p, nil
}

func (s *Service) loadToken(ctx context.Context, hash string, now time.Time) (Principal, error) {
	row, err := secretRows().Get(ctx, s.db, hash)
	if err != nil {
		return Principal{}, hidden(err)
	}
	t, err := Tokens().Get(ctx, s.db, row.Token)
	if err != nil {
		return Principal{}, hidden(err)
	}
	if !t.Doc.RevokedAt.IsZero() || !now.Before(t.Doc.ExpiresAt) {
		return Principal{}, errToken()
	}
	p := Principal{Token: t.ID, Scopes: slices.Clip(t.Doc.Scopes), expires: t.Doc.ExpiresAt}
	switch {
	case t.Doc.Person != "":
		o, err := Persons().Get(ctx, s.db, t.Doc.Person)
		if err != nil || !o.Doc.Active {
			return Principal{}, hidden(err)
		}
		p.Kind, p.ID, p.Name, p.Roles, p.Language = KindPerson, o.ID, o.Doc.Name, slices.Clip(o.Doc.Held()), string(o.Doc.Language)
	case t.Doc.Workload != "":
		o, err := Workloads().Get(ctx, s.db, t.Doc.Workload)
		if err != nil || !o.Doc.Active {
			return Principal{}, hidden(err)
		}
		p.Kind, p.ID, p.Name, p.Zone, p.Device = KindWorkload, o.ID, o.Doc.Name, o.Doc.Zone, o.Doc.Device
		p.Scopes = slices.DeleteFunc(slices.Clone(p.Scopes), func(scope string) bool {
			system, infer := strings.CutPrefix(scope, ScopeInfer)
			return infer && !slices.Contains(o.Doc.Systems, system)
		})
	default:
		o, err := Devices().Get(ctx, s.db, t.Doc.Device)
		if err != nil {
			return Principal{}, hidden(err)
		}
		p.Kind, p.ID, p.Name, p.Zone, p.Device = KindDevice, o.ID, o.Doc.Name, o.Doc.Zone, o.ID
	}
	return p, nil
}

// Has reports whether the principal's token has a scope, e.g. "plant:line-1".
// A session has no scopes.
func (p Principal) Has(scope string) bool { return p.Token != "" && slices.Contains(p.Scopes, scope) }

// MayInfer reports whether the token may call the models of a system: it has
// the scope, and the workload is registered for that system.
func (p Principal) MayInfer(system string) bool { return p.Has(ScopeInfer + system) }

// hidden keeps from the caller why a token is refused; a failing database is
// said.
func hidden(err error) error {
	if err == nil || problem.Is(err, problem.NotFound) {
		return errToken()
	}
	return err
}

func errToken() error {
	return problem.New(problem.Unsigned,
		"Der Zugangsschlüssel fehlt, ist abgelaufen oder widerrufen.", "The token is missing, expired or revoked.").
		WithHint("Die Verwaltung kann einen neuen ausstellen.", "An administrator can issue a new one.")
}
