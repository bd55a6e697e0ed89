// Package door is what pages without an account share beside the card: the
// reader's language from the address, one answer to links that are wrong, ended
// or another organisation's, and a walking pace for guessing. It sets no cookie
// and keeps no address.
package door

import (
	"embed"
	"net/http"
	"strconv"
	"time"

	"augenmass/internal/serve/public/pace"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of this package, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Enter looks whether a link opens. Where it does not, or where too many wrong
// ones came in, it has answered and returns false.
func Enter(r *page.Request, gate *pace.Gate, token string, opens func() (bool, error)) (bool, error) {
	if l, ok := text.ParseLang(r.Query("lang")); ok {
		r.C.Lang = l
	}
	r.C.Notice = nil // the page says nothing that its address tells it to say
	r.W.Header().Set("Cache-Control", "no-store")
	r.W.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	wait, ok := gate.Take(token, r.C.Now)
	if !ok {
		return false, Wait(r, wait)
	}
	ok, err := opens()
	if err != nil {
		return false, err
	}
	if !ok {
		gate.Gone(token)
		return false, closed(r, http.StatusNotFound, "none")
	}
	gate.Hit(token)
	return true, nil
}

// Wait asks the reader to come back a moment later.
func Wait(r *page.Request, wait time.Duration) error {
	r.W.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return closed(r, http.StatusTooManyRequests, "wait")
}

func closed(r *page.Request, status int, key string) error {
	return ui.Render(r.W, r.R, status, closedPage(r.C, key, Other(r)))
}

// Other is the address of this page in the other language.
func Other(r *page.Request) string {
	l := text.EN
	if r.C.Lang == text.EN {
		l = text.DE
	}
	return r.R.URL.EscapedPath() + "?lang=" + string(l)
}

// Here is the address of this page in its language, for forms.
func Here(r *page.Request) string { return r.R.URL.EscapedPath() + "?lang=" + string(r.C.Lang) }
