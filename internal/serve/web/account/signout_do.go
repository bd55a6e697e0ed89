package account

import (
	"net/http"

	"augenmass/internal/operate/identity"
	"augenmass/internal/serve/web/page"
)

// signoutDo ends the session of this browser. Without one it only takes the
// cookie away.
func signoutDo(r *page.Request) error {
	if token, ok := identity.CookieToken(r.R, r.Base, r.Secure()); ok {
		if err := r.Org.Identity.SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	http.SetCookie(r.W, identity.ClearCookie(r.Base, r.Secure()))
	return r.Go("/signin", "account.signedout")
}
