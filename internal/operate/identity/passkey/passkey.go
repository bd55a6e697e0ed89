// Package passkey keeps the passkeys of persons and has them sign. A passkey is
// a key pair on a person's device; the server holds the public key. When the
// person signs, the device checks finger, face or PIN itself and signs a
// challenge; nothing biometric ever leaves it, so none is stored or asked for
// here (W3C Web Authentication Level 3).
//
// # Adding one
//
// BeginAdd starts a ceremony: a fresh challenge, kept here for five minutes,
// bound to the session and the person, used once. Add checks what came back
// (assert.Register) and journals the new key with its public part, so that a
// case file can be checked without this server. The person proves the password
// first (identity.Reprove); that is the page's to ask for.
//
// # Signing
//
// BeginSign keeps the challenge of what is to be signed, again for five
// minutes, for this session, this person, this page. Use checks the assertion
// inside the transaction that stores what was signed: the ceremony is there and
// unused, the key belongs to the person and stands, the assertion verifies
// (assert.Check), and the device's counter did not go back, which would mean
// that the key was copied. Then the ceremony is used up.
//
// # What it leaves to whom
//
// What the challenge means is the caller's (govern/approve: the SHA-256 of the
// statement that is signed). Passkeys need a name as address: with a number
// they do not work, and SiteOf says so. Signing in with a passkey is not built.
package passkey

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey/assert"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Passkey is one key of a person. It holds nothing biometric.
type Passkey struct {
	Person     string    `json:"person" store:"ref=person,index,required"`
	Name       string    `json:"name" store:"personal,required,max=80"` // given by the person: "Telefon", "Schlüssel am Bund"
	Credential string    `json:"credential" store:"unique,required"`    // id of the key, base64url
	PublicKey  string    `json:"public_key" store:"required"`           // COSE_Key, base64url
	Algorithm  int64     `json:"algorithm"`                             // COSE: -7 ES256, -8 EdDSA, -257 RS256
	RPID       string    `json:"rp_id" store:"required"`                // the name of the host that it works for
	FirstCount int64     `json:"first_count"`                           // the device's counter when the key was added
	SignCount  int64     `json:"sign_count"`                            // the same at the last use; 0 where it keeps none
	BackedUp   bool      `json:"backed_up"`                             // kept in more than one place, as the device says
	LastUsed   time.Time `json:"last_used"`
	RevokedAt  time.Time `json:"revoked_at" store:"index"`
	RevokedBy  string    `json:"revoked_by"`
}

// Passkeys is the kind of passkeys.
func Passkeys() *store.Kind[Passkey] { return store.NewKind[Passkey]("passkey", "pky") }

// Title names the passkey in lists.
func (p *Passkey) Title() string { return p.Name }

// Added is the journal entry of the passkey with an id: its public part.
func (p *Passkey) Added(id string) event.Added {
	return event.Added{V: 1, Passkey: id, Person: p.Person, Credential: p.Credential, PublicKey: p.PublicKey,
		Algorithm: int(p.Algorithm), RPID: p.RPID, SignCount: p.FirstCount}
}

// Stands reports whether the passkey may be used.
func (p *Passkey) Stands() bool { return p.RevokedAt.IsZero() }

// ceremony is one registration or signature that was begun.
type ceremony struct {
	ID        string    `json:"id" store:"key"` // 256 random bits, base64url
	Use       string    `json:"use"`            // add or sign
	Person    string    `json:"person"`
	Session   string    `json:"session"`
	Challenge string    `json:"challenge"` // base64url
	RPID      string    `json:"rp_id"`
	Origin    string    `json:"origin"`
	Until     time.Time `json:"until" store:"index"`
	Used      bool      `json:"used"`
}

const (
	useAdd  = "add"
	useSign = "sign"
)

// Life is how long a ceremony can be finished.
const Life = 5 * time.Minute

// keep is how long a ceremony is remembered, so that a second use is told from
// one that never was.
const keep = 24 * time.Hour

func ceremonies() *store.Table[ceremony] { return store.NewTable[ceremony]("passkey_ceremony") }

// Kinds lists what the room stores.
func Kinds() []store.AnyKind { return []store.AnyKind{Passkeys()} }

// Tables lists the plain tables of the room.
func Tables() []store.AnyTable { return []store.AnyTable{ceremonies()} }

// Options wire the room.
type Options struct {
	DB     *store.DB
	Source string // of journal entries, "/<org>/passkey"
	Name   string // of the organisation, as the device shows it
	Now    func() time.Time
	Rand   io.Reader // nil: crypto/rand
}

// Room is the passkeys of one organisation. It is safe for many goroutines.
type Room struct {
	o  Options
	mu sync.Mutex // of the randomness
}

// New opens the room.
func New(o Options) *Room {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return &Room{o: o}
}

// Site is where a person's browser is.
type Site struct {
	RPID   string // name of the host
	Origin string // scheme, host and port
}

// SiteOf is the site of a request by its host ("ki.metallwerk.example:8443")
// and whether it came over TLS. Where passkeys cannot work it is BadInput and
// says why: by a number, or unencrypted from another machine.
func SiteOf(host string, secure bool) (Site, error) {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	scheme := "http"
	if secure {
		scheme = "https"
	}
	s := Site{RPID: name, Origin: scheme + "://" + strings.ToLower(host)}
	err := assert.Site(s.RPID, s.Origin)
	switch assert.Code(err) {
	case "":
		return s, err
	case assert.BadRelyingParty:
		return s, problem.New(problem.BadInput, "Passkeys brauchen einen Namen als Adresse; diese Seite ist über eine Nummer aufgerufen.",
			"Passkeys need a name as address; this page was opened by a number.").
			WithHint("Bis der Server einen Namen hat, gelten Passwort und Code.", "Until the server has a name, password and code serve.").Wrap(err)
	}
	return s, problem.New(problem.BadInput, "Passkeys brauchen eine verschlüsselte Verbindung (https).", "Passkeys need an encrypted connection (https).").
		WithHint("Bis die Verbindung verschlüsselt ist, gelten Passwort und Code.", "Until the connection is encrypted, password and code serve.").Wrap(err)
}

// Of lists the standing passkeys of a person, the oldest first.
func (r *Room) Of(ctx context.Context, rd store.Reader, person string) ([]store.Object[Passkey], error) {
	all, err := Passkeys().All(inHouse(ctx), rd, store.Query{Filters: []store.Filter{store.Where("person", "=", person)}, Sort: "created_at", Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	standing := all[:0]
	for _, o := range all {
		if o.Doc.Stands() {
			standing = append(standing, o)
		}
	}
	return standing, nil
}

// For lists those of a person's standing passkeys that work on a site.
func (r *Room) For(ctx context.Context, rd store.Reader, person string, s Site) ([]store.Object[Passkey], error) {
	all, err := r.Of(ctx, rd, person)
	if err != nil {
		return nil, err
	}
	fit := all[:0]
	for _, o := range all {
		if o.Doc.RPID == s.RPID {
			fit = append(fit, o)
		}
	}
	return fit, nil
}

// Sweep forgets ceremonies that are long over.
func (r *Room) Sweep(ctx context.Context) error {
	return r.o.DB.Write(inHouse(ctx), func(tx *store.Tx) error {
		_, err := ceremonies().DeleteWhere(inHouse(ctx), tx, store.Where("until", "<", r.now().Add(-keep)))
		return err
	})
}

func (r *Room) now() time.Time { return r.o.Now().UTC().Truncate(time.Microsecond) }

// Nonce is 256 random bits, base64url.
func (r *Room) Nonce() (string, error) {
	b := make([]byte, 32)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := io.ReadFull(r.o.Rand, b); err != nil {
		return "", problem.New(problem.Unavailable, "Es steht kein Zufall für neue Schlüssel bereit.", "There is no randomness for new keys.").Wrap(err)
	}
	return encode(b), nil
}

func (r *Room) emit(tx *store.Tx, typ, subject string, data any) error {
	now := r.now()
	r.mu.Lock()
	id := store.NewID("evt", now, r.o.Rand)
	r.mu.Unlock()
	e, err := ledger.NewEvent(id, r.o.Source, typ, subject, now, data)
	if err != nil {
		return err
	}
	return tx.Emit(e)
}

// inHouse is the context of what the room does by itself, after it checked who
// asked: the table of roles lets nobody write passkeys directly.
func inHouse(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{ID: "passkey", Kind: store.System})
}

// onBehalf is inHouse in the name of who asked.
func onBehalf(ctx context.Context, id string) context.Context {
	return store.WithActor(ctx, store.Actor{ID: id, Kind: store.System})
}

// signedIn refuses whoever is not a person with a session.
func signedIn(p identity.Principal) error {
	if p.Kind != identity.KindPerson || p.Session == "" || p.Token != "" {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	return nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }
