package account

import "augenmass/internal/serve/web/page"

// sessionRevoke ends one of the person's own sessions. Whose it is, identity
// checks.
func sessionRevoke(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	if err := r.Org.Identity.RevokeSession(r.Context(), in.Get("session")); err != nil {
		return err
	}
	return r.Go("/account", "account.session")
}

// sessionRevokeOthers ends all of them but this one.
func sessionRevokeOthers(r *page.Request) error {
	if err := r.Org.Identity.RevokeAll(r.Context(), r.Who.ID, r.Who.Session); err != nil {
		return err
	}
	return r.Go("/account", "account.sessions")
}
