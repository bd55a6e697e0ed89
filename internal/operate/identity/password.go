package identity

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Limits of a password in characters. Length is what counts (NIST SP 800-63B
// 3.1.1.2): no rules about kinds of characters, no change by the calendar, and
// pasting is welcome.
const (
	minPassword = 12
	maxPassword = 256
)

// HashParams are the cost of a password hash. They are stored with every hash;
// when they change, each hash is renewed at the person's next sign-in.
type HashParams struct {
	MemoryKiB uint32
	Time      uint32
	Threads   uint8
}

// DefaultHash is the OWASP recommendation for argon2id: 19 MiB, two passes, one
// lane (RFC 9106).
var DefaultHash = HashParams{MemoryKiB: 19 * 1024, Time: 2, Threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// encode is the PHC string form of a hash.
func (p HashParams) encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Time, p.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(hash))
}

var errHashForm = errors.New("not an argon2id hash of this form")

// parseHash reads the PHC string form. Costs beyond any that this product would
// write are refused, so that a changed database cannot exhaust memory.
func parseHash(s string) (p HashParams, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHashForm
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Time, &p.Threads); err != nil || n != 3 {
		return p, nil, nil, errHashForm
	}
	if p.MemoryKiB < 8 || p.MemoryKiB > 256*1024 || p.Time < 1 || p.Time > 16 || p.Threads < 1 || p.Threads > 16 {
		return p, nil, nil, errHashForm
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, errHashForm
	}
	if hash, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(hash) != hashSize {
		return p, nil, nil, errHashForm
	}
	return p, salt, hash, nil
}

// hasher bounds how many hashes run and wait: each needs 19 MiB and a core for
// a moment, and a crowd of sign-ins must not take the plant's cores.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	derive  func(password, salt []byte, p HashParams) []byte
}

// Limits of the hasher.
const (
	parallelHashes = 2
	waitingHashes  = 64
)

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, parallelHashes),
		derive: func(password, salt []byte, p HashParams) []byte {
			return argon2.IDKey(password, salt, p.Time, p.MemoryKiB, p.Threads, hashSize)
		}}
}

func (h *hasher) run(ctx context.Context, password, salt []byte, p HashParams) ([]byte, error) {
	if h.waiting.Add(1) > waitingHashes {
		h.waiting.Add(-1)
		return nil, problem.New(problem.Unavailable,
			"Gerade melden sich zu viele auf einmal an.", "Too many are signing in at once right now.").
			WithHint("Bitte in einer Minute noch einmal versuchen.", "Please try again in a minute.")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return h.derive(password, salt, p), nil
}

// prepare brings a password into the one form in which it is hashed, so that
// keyboards that compose umlauts differently give the same password.
func prepare(password string) []byte { return []byte(norm.NFC.String(password)) }

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt, err := s.random(saltSize)
	if err != nil {
		return "", err
	}
	h, err := s.hasher.run(ctx, prepare(password), salt, s.o.Hash)
	if err != nil {
		return "", err
	}
	return s.o.Hash.encode(salt, h), nil
}

// verify compares a password with a stored hash: one derivation, always.
// outdated says that the hash was made with other parameters than today's.
func (s *Service) verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	p, salt, want, err := parseHash(stored)
	if err != nil {
		return false, false, problem.New(problem.Corrupt,
			"Ein gespeicherter Anmeldenachweis ist beschädigt.", "A stored credential is damaged.").Wrap(err)
	}
	pw := prepare(password)
	if utf8.RuneCountInString(password) > maxPassword {
		pw = nil // no password is that long; hashing it all would be work for the attacker's sake
	}
	got, err := s.hasher.run(ctx, pw, salt, p)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && pw != nil
	return ok, p != s.o.Hash || len(salt) != saltSize, nil
}

//go:embed common_passwords.txt
var commonPasswords string

// checkPassword applies the rules for new passwords.
func checkPassword(password, signIn string) error {
	var c problem.Checks
	n := utf8.RuneCountInString(password)
	c.Field(n >= minPassword, "password", "Ein Passwort hat mindestens 12 Zeichen.", "A password has at least 12 characters.")
	c.Field(n <= maxPassword, "password", "Ein Passwort hat höchstens 256 Zeichen.", "A password has at most 256 characters.")
	c.Field(utf8.ValidString(password) && !strings.ContainsFunc(password, unicode.IsControl), "password",
		"Das Passwort enthält Zeichen, die sich nicht tippen lassen.", "The password holds characters that cannot be typed.")
	core := letters(password)
	name := letters(signIn)
	c.Field(foldName(password) != foldName(signIn) && (name == "" || core != name), "password",
		"Das Passwort darf nicht der Anmeldename sein.", "The password must not be the sign-in name.")
	if n >= minPassword {
		c.Field(!common(password), "password",
			"Dieses Passwort steht auf der Liste der häufigen Passwörter. Mehrere zufällige Wörter sind leichter zu merken und sicherer.",
			"This password is on the list of common passwords. Several random words are easier to remember and safer.")
	}
	return c.Err()
}

// letters keeps the letters, folded: what remains of "Hannelore2026!" is the name.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}

// common reports whether a long password is an obvious one: on the list, the
// list's word with digits around it, or made of four different characters or
// fewer.
func common(password string) bool {
	kinds := map[rune]bool{}
	for _, r := range password {
		kinds[r] = true
	}
	if len(kinds) < 5 {
		return true
	}
	whole, core := strings.ToLower(password), letters(password)
	for line := range strings.Lines(commonPasswords) {
		word := strings.TrimSpace(line)
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if whole == word || core == word || core != "" && strings.ReplaceAll(core, word, "") == "" {
			return true
		}
	}
	return false
}

// credential is what a person proves themselves with.
type credential struct {
	Person     string    `json:"person" store:"key"`
	Hash       string    `json:"hash"`
	ChangedAt  time.Time `json:"changed_at"`
	MustChange bool      `json:"must_change"`
	TOTP       string    `json:"totp"`         // sealed secret in force; empty: none
	Pending    string    `json:"totp_pending"` // sealed secret that waits for its first code
	Step       int64     `json:"totp_step"`    // last time step used
	Recovery   []string  `json:"recovery"`     // keyed hashes of unused codes
}

func credentials() *store.Table[credential] {
	return store.NewTable[credential]("identity_credential")
}

// SetPassword changes one's own password and ends all other sessions.
func (s *Service) SetPassword(ctx context.Context, p Principal, old, new string) error {
	name, err := s.prove(ctx, p, old)
	if err != nil {
		return err
	}
	if old == new {
		return problem.New(problem.BadInput, "Das neue Passwort ist das alte.", "The new password is the old one.").
			WithField("password", "Bitte ein anderes wählen.", "Please choose another.")
	}
	if err := checkPassword(new, name); err != nil {
		return err
	}
	hash, err := s.hash(ctx, new)
	if err != nil {
		return err
	}
	return s.changeCredential(ctx, p.ID, p.ID, "password", p.Session, func(c *credential) error {
		c.Hash, c.ChangedAt, c.MustChange = hash, s.clock.now(), false
		return nil
	})
}

// ResetPassword sets somebody else's password, which has to be changed at the
// next sign-in, and ends all sessions of that person. It needs the action
// manage on persons, and it is journaled with who did it.
func (s *Service) ResetPassword(ctx context.Context, person, new string) error {
	return s.reset(ctx, person, "password_reset", func(p Person) (func(*credential) error, error) {
		if err := checkPassword(new, p.SignIn); err != nil {
			return nil, err
		}
		hash, err := s.hash(ctx, new)
		return func(c *credential) error {
			c.Hash, c.ChangedAt, c.MustChange = hash, s.clock.now(), true
			return nil
		}, err
	})
}

// reset changes another person's credential.
func (s *Service) reset(ctx context.Context, person, what string, prepare func(Person) (func(*credential) error, error)) error {
	a, err := may(ctx, Manage, KindPerson)
	if err != nil {
		return err
	}
	if a.ID == person {
		return problem.New(problem.Denied,
			"Den eigenen Zugang setzt jemand anderes zurück.", "Your own access is reset by somebody else.").
			WithReason("person.own_access", "Niemand umgeht die eigene Anmeldung.", "Nobody bypasses their own sign-in.")
	}
	p, err := Persons().Get(onBehalf(ctx), s.db, person)
	if err != nil {
		return err
	}
	change, err := prepare(p.Doc)
	if err != nil {
		return err
	}
	return s.changeCredential(ctx, person, a.ID, what, "", change)
}

// changeCredential changes a credential, journals it, and ends the person's
// sessions but keep.
func (s *Service) changeCredential(ctx context.Context, person, by, what, keep string, change func(*credential) error) error {
	defer s.sessions.clear()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := credentials().Get(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		if err := credentials().Put(ctx, tx, c); err != nil {
			return err
		}
		if err := s.emit(tx, TypeCredentialChanged, person, CredentialChanged{V: 1, Person: person, By: by, What: what}); err != nil {
			return err
		}
		if keep != "" && !c.MustChange {
			if err := s.settle(ctx, tx, keep); err != nil {
				return err
			}
		}
		return s.endSessions(ctx, tx, person, keep, by, EndedSecret)
	})
}

// prove checks the password of who is signed in, before something that a
// borrowed screen must not do. It counts as an attempt.
func (s *Service) prove(ctx context.Context, p Principal, password string) (signIn string, err error) {
	if p.Kind != KindPerson || p.Session == "" {
		return "", errUnsigned()
	}
	person, err := Persons().Get(inHouse(ctx), s.db, p.ID)
	if err != nil {
		return "", err
	}
	keys := []string{s.nameKey(person.Doc.SignIn)}
	now := s.clock.now()
	if err := s.gate.admit(ctx, keys, now); err != nil {
		return "", err
	}
	c, err := credentials().Get(ctx, s.db, p.ID)
	if err != nil {
		return "", err
	}
	ok, _, err := s.verify(ctx, c.Hash, password)
	if err != nil {
		s.gate.release(keys)
		return "", err
	}
	if !ok {
		return "", s.failed(ctx, keys, p.ID, FailedCredentials)
	}
	s.gate.release(keys)
	return person.Doc.SignIn, nil
}
