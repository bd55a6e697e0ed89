// Package page is what all pages share: who asks, in which language, where the
// answer goes when something is wrong. A page's handler reads in one order:
// who, parameter, object, rule, answer; it returns a problem and never writes
// one itself.
//
// It holds no business rule and no wording of a single page.
package page

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Site is one organisation as its pages are served.
type Site struct {
	Org   *org.Org
	Base  string // "/metallwerk"
	Texts *text.Catalogue
	Zone  *time.Location
	Now   func() time.Time
	Log   *slog.Logger
	Law   time.Time // state of the legal data, for the foot of every page
	TLS   bool      // a proxy in front ends TLS
}

// Request is one request to a page.
type Request struct {
	*Site
	W   http.ResponseWriter
	R   *http.Request
	C   ui.Ctx
	Who identity.Principal // empty on open pages that nobody signed in for
}

// Handler answers one request, or returns why not.
type Handler func(r *Request) error

// Route is one address of the product. All routes together, printed by a test,
// are its table of contents.
type Route struct {
	Method string // GET or POST
	Path   string // below the organisation, with wildcards of net/http
	Name   string // object_action, the file that holds it
	Area   string // one of ui.Areas, or empty
	Open   bool   // answers without sign-in
	Handle Handler
}

// Mount puts routes on a mux, below the site's base.
func (s *Site) Mount(mux *http.ServeMux, routes ...[]Route) {
	for _, group := range routes {
		for _, rt := range group {
			mux.Handle(rt.Method+" "+s.Base+rt.Path, s.handler(rt))
		}
	}
}

// maxForm is how much of a form is read.
const maxForm = 256 << 10

// maxUpload is how much of a form with a file is read.
const maxUpload = 8 << 20

func (s *Site) handler(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r := &Request{Site: s, W: w, R: hr}
		limit := int64(maxForm)
		if strings.HasPrefix(hr.Header.Get("Content-Type"), "multipart/") {
			limit = maxUpload
		}
		hr.Body = http.MaxBytesReader(w, hr.Body, limit)
		err := r.sign(rt)
		if err == nil && r.Who.MustChange && !rt.Open && !strings.HasPrefix(rt.Path, "/account") {
			// Somebody else knows this password; nothing is done with it.
			err = r.Go("/account", "")
		} else if err == nil {
			err = rt.Handle(r)
		}
		if err != nil {
			r.fail(err)
		}
	})
}

// sign finds out who asks and fills the page's context.
func (r *Request) sign(rt Route) error {
	s := r.Site
	who, err := r.session()
	r.Who = who
	r.C = ui.Ctx{Lang: r.language(who), Texts: s.Texts, Zone: s.Zone, Now: s.Now(), OrgName: s.Org.Name, OrgPath: s.Base,
		Area: rt.Area, Path: r.R.URL.RequestURI(), LawAsOf: s.Law, Notice: r.notice()}
	r.C.Clause = func(id string) ui.ClauseRef { return show.Clauses(r.C, s.Org.Library(), []string{id})[0] }
	if err != nil && !problem.Is(err, problem.Unsigned) {
		return err
	}
	if err != nil {
		if rt.Open {
			return nil
		}
		return err
	}
	r.C.Person = who.Name
	r.C.Roles = nil
	for _, role := range who.Roles {
		r.C.Roles = append(r.C.Roles, r.C.In(roles.Role(role).Info().Title))
	}
	ctx := store.WithActor(r.R.Context(), who.Actor())
	r.R = r.R.WithContext(ctx)
	if rt.Method == http.MethodGet {
		mine, err := s.Org.Oversee.Mine(ctx, r.Principal())
		if err != nil {
			return err
		}
		r.C.Counts = map[string]int{"operation": mine}
	}
	return nil
}

// session is who the request's cookie belongs to.
func (r *Request) session() (identity.Principal, error) {
	token, ok := identity.CookieToken(r.R, r.Base, r.Secure())
	if !ok {
		return identity.Principal{}, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	return r.Org.Identity.Authenticate(r.R.Context(), token)
}

// Secure reports whether the request came over TLS, here or at the proxy in
// front, as Site.TLS says.
func (r *Request) Secure() bool { return r.R.TLS != nil || r.TLS }

// Context is the context of the request with its actor.
func (r *Request) Context() context.Context { return r.R.Context() }

// Principal is who asks, as the review queue knows it.
func (r *Request) Principal() oversee.Principal {
	return oversee.Principal{ID: r.Who.ID, Roles: r.Who.Roles}
}

// Has reports whether the person who asks holds a role.
func (r *Request) Has(roles ...string) bool {
	for _, want := range roles {
		for _, have := range r.Who.Roles {
			if want == have {
				return true
			}
		}
	}
	return false
}

// Param is a wildcard of the route.
func (r *Request) Param(name string) string { return r.R.PathValue(name) }

// Query is a query parameter.
func (r *Request) Query(name string) string { return r.R.URL.Query().Get(name) }

// Form reads the posted form. One that is too large or broken is a problem.
func (r *Request) Form() (url.Values, error) {
	if err := r.R.ParseForm(); err != nil {
		return nil, problem.New(problem.TooLarge, "Das Formular ist zu groß oder beschädigt.", "The form is too large or broken.").
			WithHint("Bitte kürzer fassen und noch einmal senden.", "Please shorten it and send it again.").Wrap(err)
	}
	return r.R.PostForm, nil
}

// Show answers with a page.
func (r *Request) Show(v ui.PageView, body templ.Component) error {
	return r.ShowAs(http.StatusOK, v, body)
}

// ShowAs answers with a page and a status, 422 for a form with errors.
func (r *Request) ShowAs(status int, v ui.PageView, body templ.Component) error {
	ctx := templ.WithChildren(r.R.Context(), body)
	return ui.Render(r.W, r.R.WithContext(ctx), status, ui.Page(r.C, v))
}

// Go sends the reader to another page of the organisation after a change. said
// is a catalogue key below "notice." that the next page shows once, or empty.
func (r *Request) Go(path, said string) error {
	to := r.Base + path
	if said != "" {
		sep := "?"
		if strings.Contains(to, "?") {
			sep = "&"
		}
		to += sep + "said=" + url.QueryEscape(said)
	}
	http.Redirect(r.W, r.R, to, http.StatusSeeOther)
	return nil
}

// notice is what the page before wanted said. Only known sentences are.
func (r *Request) notice() *ui.NoticeView {
	said := r.Query("said")
	if said == "" || !r.Texts.Has("notice."+said) {
		return nil
	}
	return &ui.NoticeView{Kind: ui.OK, Text: r.Texts.T(r.language(r.Who), "notice."+said)}
}

// languageCookie holds the reader's choice of language.
const languageCookie = "augenmass_language"

// language is the reader's: what was chosen, what the person set, what the
// browser asks for, German.
func (r *Request) language(who identity.Principal) text.Lang {
	if c, err := r.R.Cookie(languageCookie); err == nil {
		if l, ok := text.ParseLang(c.Value); ok {
			return l
		}
	}
	if l, ok := text.ParseLang(who.Language); ok && who.Language != "" {
		return l
	}
	for want := range strings.SplitSeq(r.R.Header.Get("Accept-Language"), ",") {
		if l, ok := text.ParseLang(strings.TrimSpace(want)); ok {
			return l
		}
	}
	return text.DE
}

// SetLanguage remembers the reader's choice.
func (r *Request) SetLanguage(l text.Lang) {
	http.SetCookie(r.W, &http.Cookie{Name: languageCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.Secure()})
}

// fail answers with a problem: who is not signed in is sent to sign in and
// comes back afterwards.
func (r *Request) fail(err error) {
	p := problem.From(err)
	if p.Kind == problem.Unsigned && r.R.Method == http.MethodGet && !ui.Partial(r.R) {
		http.Redirect(r.W, r.R, r.Base+"/signin?next="+url.QueryEscape(r.R.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	if p.Kind == problem.Internal || p.Kind == problem.Corrupt || p.Kind == problem.Unavailable {
		r.Log.Error("page", "path", r.R.URL.Path, "kind", p.Kind, "err", err)
	}
	var out templ.Component
	if ui.Partial(r.R) {
		out = ui.Problem(r.C, p)
	} else {
		out = ui.ProblemPage(r.C, p, "")
	}
	if err := ui.Render(r.W, r.R, ui.Status(p), out); err != nil {
		r.Log.Error("page: render a problem", "path", r.R.URL.Path, "err", err)
	}
}
