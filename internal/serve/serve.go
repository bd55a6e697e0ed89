// Package serve is the faces of the house behind one handler: pages, public
// cards, REST, AuthZEN, inference and plant signals, each organisation under
// its own path. Nothing leads from one organisation to another.
//
// It mounts and protects; what is shown and answered lies in web, api, public
// and the rooms.
package serve

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/api"
	"augenmass/internal/serve/tiles"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Options of a server. The zero value is sound.
type Options struct {
	Now  func() time.Time
	Zone *time.Location // of the readers; default Europe/Berlin where known, else local
	Log  *slog.Logger
	TLS  bool // a proxy in front ends TLS
}

// Server serves organisations. They may be mounted while it serves.
type Server struct {
	o     Options
	texts *text.Catalogue

	mu   sync.RWMutex
	orgs map[string]mounted
}

type mounted struct {
	name    string
	handler http.Handler
}

// New returns a server without organisations. It fails when a page's wording
// is incomplete.
func New(o Options) (*Server, error) {
	Headroom()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.Local
		if berlin, err := time.LoadLocation("Europe/Berlin"); err == nil {
			o.Zone = berlin
		}
	}
	texts, err := ui.Texts(wordings()...)
	if err != nil {
		return nil, err
	}
	return &Server{o: o, texts: texts, orgs: map[string]mounted{}}, nil
}

// Mount serves an organisation under /<slug>.
func (s *Server) Mount(g *org.Org) {
	base := "/" + g.Slug
	site := &page.Site{Org: g, Base: base, Texts: s.texts, Zone: s.o.Zone, Now: s.o.Now, Log: s.o.Log, Law: lawAsOf(g.Packs), TLS: s.o.TLS}
	mux := http.NewServeMux()
	mux.Handle(base+"/v2/", http.StripPrefix(base, g.Gateway))
	mux.Handle(base+"/plant/signals", http.StripPrefix(base, g.Signals()))
	authzen := g.AuthZEN(base)
	mux.Handle(base+"/access/v1/", authzen)
	mux.Handle(base+"/.well-known/authzen-configuration", authzen)
	mux.Handle("/.well-known/authzen-configuration"+base, authzen)
	mux.Handle(base+"/journal/", tiles.Handler(tiles.Options{Book: g.Journal, Identity: g.Identity, Base: base, TLS: s.o.TLS, Log: s.o.Log}))
	mux.Handle(base+"/api/", api.Handler(g, base, s.o.TLS, s.o.Log))

	pages := http.NewServeMux()
	site.Mount(pages, routes()...)
	pages.HandleFunc("GET "+base+"/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, base+"/overview", http.StatusSeeOther)
	})
	site.Mount(pages, []page.Route{{Method: http.MethodGet, Path: "/", Open: true, Handle: nowhere}})
	mux.Handle(base+"/", ui.Secure(http.NewCrossOriginProtection().Handler(pages)))

	s.mu.Lock()
	defer s.mu.Unlock()
	s.orgs[g.Slug] = mounted{name: g.Name, handler: mux}
}

func nowhere(*page.Request) error {
	return problem.New(problem.NotFound, "Diese Seite gibt es nicht.", "This page does not exist.").
		WithHint("Die Leiste links führt zu allem, was es gibt.", "The rail on the left leads to everything there is.")
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case strings.HasPrefix(r.URL.Path, ui.AssetPath):
		ui.Secure(ui.Assets()).ServeHTTP(w, r)
		return
	case first == "healthz":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // nobody to tell when the prober left
		return
	case first == ".well-known":
		rest := strings.TrimPrefix(r.URL.Path, "/.well-known/authzen-configuration/")
		first, _, _ = strings.Cut(rest, "/")
	}
	s.mu.RLock()
	m, ok := s.orgs[first]
	s.mu.RUnlock()
	if ok {
		m.handler.ServeHTTP(w, r)
		return
	}
	ui.Secure(http.HandlerFunc(s.door)).ServeHTTP(w, r)
}

// door is the page without an organisation: the only one there is, or a list
// of names to choose from.
func (s *Server) door(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	var slugs []string
	for slug := range s.orgs {
		slugs = append(slugs, slug)
	}
	s.mu.RUnlock()
	slices.Sort(slugs)
	if r.URL.Path == "/" && len(slugs) == 1 {
		http.Redirect(w, r, "/"+slugs[0]+"/overview", http.StatusSeeOther)
		return
	}
	c := ui.Ctx{Lang: text.DE, Texts: s.texts, Now: s.o.Now()}
	p := problem.New(problem.NotFound, "Hier ist keine Organisation.", "There is no organisation here.").
		WithHint("Die Adresse beginnt mit dem Kurznamen der Organisation.", "The address starts with the short name of the organisation.")
	if err := ui.Render(w, r, http.StatusNotFound, ui.ProblemPage(c, p, "")); err != nil {
		s.o.Log.Error("serve: render", "err", err)
	}
}

// lawAsOf is the newest date of the law packs.
func lawAsOf(lib *packs.Library) time.Time {
	var newest time.Time
	for _, p := range lib.Packs() {
		if p.Kind == packs.Law && p.AsOf.After(newest) {
			newest = p.AsOf
		}
	}
	return newest
}
