// Package secret holds the two proofs that a person carries in the head or in
// the pocket: passwords (rules for new ones, argon2id hashes in the PHC string
// form) and time-based codes (RFC 6238).
//
// It stores nothing and knows no persons; identity does both.
package secret

import (
	"context"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"augenmass/internal/problem"
)

// Limits of a password in characters. Length is what counts (NIST SP 800-63B
// 3.1.1.2): no rules about kinds of characters, no change by the calendar, and
// pasting is welcome.
const (
	Min = 12
	Max = 256
)

// Params are the cost of a password hash. They are stored with every hash;
// when they change, each hash is renewed at the person's next sign-in.
type Params struct {
	MemoryKiB uint32
	Time      uint32
	Threads   uint8
}

// Default is the OWASP recommendation for argon2id: 19 MiB, two passes, one
// lane (RFC 9106).
var Default = Params{MemoryKiB: 19 * 1024, Time: 2, Threads: 1}

const (
	saltSize = 16
	hashSize = 32
)

// encode is the PHC string form of a hash.
func (p Params) encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Time, p.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(hash))
}

var errHashForm = errors.New("not an argon2id hash of this form")

// parseHash reads the PHC string form. Costs beyond any that this product would
// write are refused, so that a changed database cannot exhaust memory.
func parseHash(s string) (p Params, salt, hash []byte, err error) {
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

// Hasher makes and checks hashes. It bounds how many run and wait: each needs
// 19 MiB and a core for a moment, and a crowd of sign-ins must not take the
// plant's cores. It is safe for many goroutines.
type Hasher struct {
	p       Params
	random  func(n int) ([]byte, error)
	slots   chan struct{}
	waiting atomic.Int64
	runs    atomic.Int64
	dummy   string
}

// Limits of a Hasher.
const (
	parallel = 2
	waiting  = 64
)

// NewHasher returns a Hasher that makes hashes of cost p; the zero Params are
// Default. random returns n random bytes.
func NewHasher(p Params, random func(n int) ([]byte, error)) (*Hasher, error) {
	if p == (Params{}) {
		p = Default
	}
	salt, err := random(saltSize)
	if err != nil {
		return nil, err
	}
	h := &Hasher{p: p, random: random, slots: make(chan struct{}, parallel), dummy: p.encode(salt, make([]byte, hashSize))}
	if _, _, _, err := parseHash(h.dummy); err != nil {
		return nil, problem.New(problem.BadInput, "Diese Kosten für Passwörter gehen nicht.", "These password costs do not work.").Wrap(err)
	}
	return h, nil
}

// Dummy is a hash that no password has, at the cost of a real one: for names
// that do not exist.
func (h *Hasher) Dummy() string { return h.dummy }

// Runs counts derivations since the start.
func (h *Hasher) Runs() int64 { return h.runs.Load() }

// Hash returns the hash of a password with a fresh salt.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt, err := h.random(saltSize)
	if err != nil {
		return "", err
	}
	sum, err := h.derive(ctx, prepare(password), salt, h.p)
	if err != nil {
		return "", err
	}
	return h.p.encode(salt, sum), nil
}

// Verify compares a password with a stored hash, by one derivation whatever
// the outcome. outdated says that the hash has another cost than today's. A
// stored text that is no hash is Corrupt.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	p, salt, want, err := parseHash(stored)
	if err != nil {
		return false, false, problem.New(problem.Corrupt,
			"Ein gespeicherter Anmeldenachweis ist beschädigt.", "A stored credential is damaged.").Wrap(err)
	}
	possible := len(password) <= Max*utf8.UTFMax
	if !possible {
		password = "" // no password is that long; hashing it would be work for an attacker's sake
	}
	got, err := h.derive(ctx, prepare(password), salt, p)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && possible, p != h.p, nil
}

func (h *Hasher) derive(ctx context.Context, password, salt []byte, p Params) ([]byte, error) {
	if h.waiting.Add(1) > waiting {
		h.waiting.Add(-1)
		return nil, problem.New(problem.Unavailable,
			"Gerade melden sich zu viele auf einmal an.", "Too many are signing in at once right now.").
			WithHint("Bitte in einer Minute noch einmal versuchen.", "Please try again in a minute.")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	h.runs.Add(1)
	return argon2.IDKey(password, salt, p.Time, p.MemoryKiB, p.Threads, hashSize), nil
}

// prepare brings a password into the one form in which it is hashed, so that
// keyboards that compose umlauts differently give the same password.
func prepare(password string) []byte { return []byte(norm.NFC.String(password)) }

//go:embed common_passwords.txt
var commonPasswords string

// Check applies the rules for new passwords: at least 12 characters, not the
// sign-in name, not a common password. Everything that is wrong is named.
func Check(password, signIn string) error {
	var c problem.Checks
	n := utf8.RuneCountInString(password)
	c.Field(n >= Min, "password", "Ein Passwort hat mindestens 12 Zeichen.", "A password has at least 12 characters.")
	c.Field(n <= Max, "password", "Ein Passwort hat höchstens 256 Zeichen.", "A password has at most 256 characters.")
	c.Field(utf8.ValidString(password) && !strings.ContainsFunc(password, unicode.IsControl), "password",
		"Das Passwort enthält Zeichen, die sich nicht tippen lassen.", "The password holds characters that cannot be typed.")
	name := letters(signIn)
	c.Field(!strings.EqualFold(password, signIn) && (name == "" || letters(password) != name), "password",
		"Das Passwort darf nicht der Anmeldename sein.", "The password must not be the sign-in name.")
	if n >= Min {
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
