package account

import (
	"net/url"

	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// signinShow is the page that everybody without a session comes to.
func signinShow(r *page.Request) error {
	if r.Who.ID != "" {
		return r.Go(inside(r.Base, r.Query("next")), "")
	}
	first, err := r.Org.Identity.NeedsFirst(r.Context())
	if err != nil {
		return err
	}
	if first {
		return r.Go("/setup", "")
	}
	f := form(r, "signin", "/signin", url.Values{}, nil)
	f.Hidden = map[string]string{"next": r.Query("next")}
	return ui.Render(r.W, r.R, 200, signinPage(r.C, f))
}
