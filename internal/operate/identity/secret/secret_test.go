package secret

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"augenmass/internal/problem"
)

var cheap = Params{MemoryKiB: 64, Time: 1, Threads: 1}

func random(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}

func hasher(t testing.TB, p Params) *Hasher {
	t.Helper()
	h, err := NewHasher(p, random)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAPasswordVerifiesAgainstItsOwnHashOnly(t *testing.T) {
	ctx := context.Background()
	h := hasher(t, cheap)
	a, err := h.Hash(ctx, "drei blaue Fräser")
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Hash(ctx, "drei blaue Fräser")
	if err != nil {
		t.Fatal(err)
	}
	if a == b {
		t.Error("two hashes of one password are equal: no salt")
	}
	for pw, want := range map[string]bool{
		"drei blaue Fräser":                    true,
		"drei blaue Fra\u0308ser":              true, // the same, composed by another keyboard
		"drei blaue Fräser ":                   false,
		"Drei blaue Fräser":                    false,
		"":                                     false,
		strings.Repeat("x", 10_000):            false,
		"drei blaue Fräser\x00und ein viertes": false,
	} {
		ok, outdated, err := h.Verify(ctx, a, pw)
		if err != nil || ok != want || outdated {
			t.Errorf("%.30q: ok=%v outdated=%v %v", pw, ok, outdated, err)
		}
	}
	for _, pw := range []string{"", "x", strings.Repeat("x", 10_000)} {
		if ok, _, err := h.Verify(ctx, h.Dummy(), pw); ok || err != nil {
			t.Errorf("the dummy has a password: %q, %v", pw, err)
		}
	}
}

// The vector comes from the tests of libargon2, the reference implementation:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
func TestTheHashIsArgon2idInItsStandardForm(t *testing.T) {
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, outdated, err := hasher(t, cheap).Verify(context.Background(), known, "password")
	if err != nil || !ok || !outdated {
		t.Errorf("ok=%v outdated=%v %v", ok, outdated, err)
	}
	if Default != (Params{MemoryKiB: 19456, Time: 2, Threads: 1}) {
		t.Errorf("the default cost is %+v", Default)
	}
}

func TestAHashOfAnotherCostIsOutdated(t *testing.T) {
	ctx := context.Background()
	old, err := hasher(t, cheap).Hash(ctx, "ein altes Passwort")
	if err != nil {
		t.Fatal(err)
	}
	ok, outdated, err := hasher(t, Params{MemoryKiB: 128, Time: 1, Threads: 1}).Verify(ctx, old, "ein altes Passwort")
	if err != nil || !ok || !outdated {
		t.Errorf("ok=%v outdated=%v %v", ok, outdated, err)
	}
}

func TestWhatIsNoHashIsCorrupt(t *testing.T) {
	h := hasher(t, cheap)
	good := h.Dummy()
	for _, bad := range []string{"", "x", good[:len(good)-1], good + "$", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=64", "m=4294967295", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=200", 1), strings.Replace(good, "m=64", "m=-1", 1)} {
		if _, _, err := h.Verify(context.Background(), bad, "x"); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if n := h.Runs(); n != 0 {
		t.Errorf("%d hashes were computed for it", n)
	}
	if _, err := NewHasher(Params{MemoryKiB: 1}, random); !problem.Is(err, problem.BadInput) {
		t.Errorf("an impossible cost: %v", err)
	}
}

func TestOnlySoManyHashesRunAndWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hasher(t, cheap)
		for range parallel {
			h.slots <- struct{}{} // both slots are taken
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for range waiting {
			wg.Go(func() {
				if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
					t.Errorf("a caller that gave up: %v", err)
				}
			})
		}
		synctest.Wait()
		if _, err := h.Hash(ctx, "x"); !problem.Is(err, problem.Unavailable) {
			t.Errorf("one too many: %v", err)
		}
		cancel()
		wg.Wait()
		if h.Runs() != 0 {
			t.Error("a hash ran without a slot")
		}
		<-h.slots
		if _, err := h.Hash(context.Background(), "x"); err != nil || h.Runs() != 1 {
			t.Errorf("a slot is free: %v", err)
		}
	})
}

func TestRulesForNewPasswords(t *testing.T) {
	for pw, ok := range map[string]bool{
		"drei blaue Fräser":            true,
		"correct horse battery staple": true,
		"ZwölfZeichen":                 true,
		"🔧🪛🔩⚙️🛠🪚🔨🗜️🧰🪜🔧🪛": true,
		"elf Zeichen":              false,
		"":                         false,
		"hannelore.voss":           false,
		"Hannelore.Voss":           false,
		"hannelore.voss2026":       false,
		"2026!hannelore-VOSS":      false,
		"Passwort1234":             false,
		"passwortpasswort":         false,
		"!!Sommer2026!!":           false,
		"123456789012":             false,
		"aaaaaaaaaaaaaaaa":         false,
		"abababababab":             false,
		"QwertzuiopAsdf":           false,
		"mit\x00Nullzeichen darin": false,
		"mit Zeile\ndarin":         false,
		string([]byte{0xff, 0xfe}) + "abcdefghijkl": false,
		strings.Repeat("wörter ", 30):               true,
		strings.Repeat("wörter ", 40):               false,
	} {
		err := Check(pw, "hannelore.voss")
		if (err == nil) != ok {
			t.Errorf("%q: %v", pw, err)
		}
		if err != nil && !problem.Is(err, problem.BadInput) {
			t.Errorf("%q: kind %s", pw, problem.KindOf(err))
		}
	}
	if err := Check("0123-4567-89+42", "1234"); err != nil {
		t.Errorf("a name without letters forbids nothing by its letters: %v", err)
	}
}

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
func TestTOTPVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := TOTPCode(secret, Step(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestACodeCountsOnceAndForAMinuteAndAHalf(t *testing.T) {
	secret := []byte("12345678901234567890")
	at := time.Unix(1_800_000_000, 0) // begins a step
	step := Step(at)
	code := TOTPCode(secret, step)
	for after, ok := range map[time.Duration]bool{
		-31 * time.Second: false, -30 * time.Second: true, 0: true, 59 * time.Second: true, 60 * time.Second: false,
	} {
		got, right := CheckTOTP(secret, code, at.Add(after), 0)
		if right != ok || ok && got != step {
			t.Errorf("%v after: %v (step %d)", after, right, got-step)
		}
	}
	for last, ok := range map[int64]bool{step - 1: true, step: false, step + 1: false} {
		if _, right := CheckTOTP(secret, code, at, last); right != ok {
			t.Errorf("after step %d was used: %v", last-step, right)
		}
	}
	for _, typed := range []string{" " + code[:3] + " " + code[3:] + "\n"} {
		if _, ok := CheckTOTP(secret, typed, at, 0); !ok {
			t.Errorf("%q is not understood", typed)
		}
	}
	for _, wrong := range []string{"", "0", code + "0", code[:5], "abcdef"} {
		if _, ok := CheckTOTP(secret, wrong, at, 0); ok {
			t.Errorf("%q is right", wrong)
		}
	}
}

func TestTheURIIsWhatAuthenticatorAppsRead(t *testing.T) {
	raw := TOTPURI("Metallwerk Brückner & Söhne", "hannelore@werk", []byte("12345678901234567890"))
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Metallwerk Brückner & Söhne:hannelore@werk" ||
		q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || q.Get("issuer") != "Metallwerk Brückner & Söhne" ||
		q.Get("digits") != "6" || q.Get("period") != "30" || strings.Contains(raw, "+") {
		t.Error(raw)
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, hash, err := parseHash(s)
		if err != nil {
			return
		}
		p2, salt2, hash2, err := parseHash(p.encode(salt, hash))
		if err != nil || p2 != p || string(salt2) != string(salt) || string(hash2) != string(hash) || p.MemoryKiB > 256*1024 {
			t.Errorf("%q: %+v, %v", s, p, err)
		}
	})
}
