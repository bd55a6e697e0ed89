package account

import (
	"net/url"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/text"
)

// languageSet remembers the language in this browser and, for who is signed in,
// with the person, and goes back to where it was asked.
func languageSet(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	l, ok := text.ParseLang(in.Get("lang"))
	if !ok {
		return problem.New(problem.BadInput, "Diese Sprache gibt es hier nicht.", "This language does not exist here.").
			WithField("lang", "Möglich sind Deutsch und Englisch.", "Possible are German and English.")
	}
	r.SetLanguage(l)
	if r.Who.ID != "" && r.Who.Language != string(l) {
		if err := r.Org.Identity.SetLanguage(r.Context(), r.Who, identity.Language(l)); err != nil {
			return err
		}
	}
	return r.Go(back(r.Base, in.Get("back")), "")
}

// back is the page that the switch was on, without the sentence that it showed
// once. Pages before sign-in are fine here.
func back(base, to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return inside(base, to)
	}
	q := u.Query()
	q.Del("said")
	u.RawQuery = q.Encode()
	for _, open := range []string{"/signin", "/setup"} {
		if u.Scheme == "" && u.Host == "" && u.Path == base+open {
			return strings.TrimPrefix(u.String(), base)
		}
	}
	return inside(base, u.String())
}
