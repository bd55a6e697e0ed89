package identity

import (
	"net/http"
	"strings"
	"time"
)

// CookieName is the name of the session cookie of an organisation that is
// served under base ("" or "/" for the root, "/metallwerk"). Over TLS it has
// the prefix that browsers enforce: __Host- where the path is the root (no
// other host or path can plant it), else __Secure- (RFC 6265bis 4.1.3).
func CookieName(base string, secure bool) string {
	switch {
	case !secure:
		return "augenmass"
	case cookiePath(base) == "/":
		return "__Host-augenmass"
	}
	return "__Secure-augenmass"
}

func cookiePath(base string) string { return "/" + strings.Trim(base, "/") }

// Cookie carries the session: not for scripts, not with requests that other
// sites send (but with links), not to other organisations of the server.
func (s Session) Cookie(base string, secure bool) *http.Cookie {
	return &http.Cookie{Name: CookieName(base, secure), Value: s.Token, Path: cookiePath(base),
		MaxAge:   int(s.ExpiresAt.Sub(s.CreatedAt) / time.Second),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
}

// ClearCookie takes the cookie away.
func ClearCookie(base string, secure bool) *http.Cookie {
	return &http.Cookie{Name: CookieName(base, secure), Path: cookiePath(base), MaxAge: -1,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
}

// CookieToken returns the session token of a request. Two cookies of the name
// with different values mean that somebody planted one: neither counts.
func CookieToken(r *http.Request, base string, secure bool) (token string, ok bool) {
	for _, c := range r.CookiesNamed(CookieName(base, secure)) {
		if ok && c.Value != token {
			return "", false
		}
		token, ok = c.Value, c.Value != ""
	}
	return token, ok
}

// BearerToken returns the API token of a request (RFC 6750 section 2.1).
func BearerToken(r *http.Request) (token string, ok bool) {
	h := r.Header.Values("Authorization")
	if len(h) != 1 {
		return "", false
	}
	scheme, token, found := strings.Cut(h[0], " ")
	token = strings.TrimSpace(token)
	return token, found && strings.EqualFold(scheme, "Bearer") && token != ""
}

// AgentClass reduces a User-Agent header to browser family and system, enough
// to recognise one's own session in a list.
func AgentClass(userAgent string) string {
	find := func(list [][2]string, other string) string {
		for _, e := range list {
			if strings.Contains(userAgent, e[0]) {
				return e[1]
			}
		}
		return other
	}
	// The order matters: Edge calls itself Chrome too, and Chrome Safari.
	browser := find([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS", "Chrome"}, {"Safari/", "Safari"}}, "Browser")
	system := find([][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iPadOS"},
		{"CrOS", "ChromeOS"}, {"Macintosh", "macOS"}, {"Linux", "Linux"}}, "")
	if system == "" {
		return browser
	}
	return browser + ", " + system
}
