package secret

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238: what authenticator apps speak
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30
// seconds, one step of tolerance to either side.
const (
	period = 30
	digits = 6
	skew   = 1
)

// TOTPSize is the length of a TOTP secret in bytes (RFC 4226 section 4).
const TOTPSize = 20

// TOTPCode is the code of a time step, of 30 seconds since 1970 (RFC 4226
// section 5.3).
func TOTPCode(secret []byte, step int64) string {
	m := hmac.New(sha1.New, secret)
	var msg [8]byte
	binary.BigEndian.PutUint64(msg[:], uint64(step))
	m.Write(msg[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// CheckTOTP returns the step for which code is right, if it comes after last:
// a step that was used, and any before it, is used up (RFC 6238 section 5.2).
func CheckTOTP(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "") // apps show "123 456"
	cur := Step(now)
	for s := cur - skew; s <= cur+skew; s++ {
		// All steps are computed and compared in full, whichever is right.
		if hmac.Equal([]byte(TOTPCode(secret, s)), []byte(code)) && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// Step is the time step of an instant.
func Step(at time.Time) int64 { return at.Unix() / period }

// TOTPText is a secret as people type it.
func TOTPText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPURI is the content of the QR code that authenticator apps read.
func TOTPURI(issuer, account string, secret []byte) string {
	q := url.Values{"secret": {TOTPText(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(digits)}, "period": {fmt.Sprint(period)}}
	// Apps do not read a plus as a space.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}
