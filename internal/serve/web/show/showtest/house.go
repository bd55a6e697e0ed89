// Package showtest gives tests of pages a real organisation in a temporary
// folder, one person a role, signed-in clients, parsed pages and a register with
// some life in it. Nothing of it is linked into the program.
//
// It mounts whatever routes the test brings, behind the same protection as the
// server; what the pages do is the test's to say.
package showtest

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

// Start is the instant at which every house begins.
var Start = time.Date(2026, 11, 21, 13, 2, 11, 0, time.UTC)

// Password is everybody's.
const Password = "drei-blaue-Schraubstoecke"

// Clock is a clock that tests set. It is safe for many goroutines.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

// Add moves the clock forward.
func (c *Clock) Add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// House is an open organisation with its pages.
type House struct {
	T     testing.TB
	Org   *org.Org
	Site  *page.Site
	Clock *Clock
	// Pages answers as the server does, with the base path /werk.
	Pages  http.Handler
	People map[string]Person // by role
	models int
}

// Person is somebody who can sign in.
type Person struct{ ID, Name, SignIn string }

// names are the people of the model company, one a role.
var names = map[roles.Role]string{
	roles.Director: "Jonas Brandt", roles.AIOfficer: "Sabine Keller", roles.Safety: "Miriam Vogt", roles.ShiftLead: "Deniz Kaya",
	roles.Council: "Rolf Peters", roles.Auditor: "Eva Lindner", roles.Admin: "Tom Arndt", roles.Worker: "Ana Kovac",
}

var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// catalogues are the texts that were read, by the trees they came from: a
// catalogue does not change, and reading it takes longer than many a test.
var catalogues sync.Map

// read is ui.Texts, once for the same embedded trees.
func read(trees []fs.FS) (*text.Catalogue, error) {
	var key [16]embed.FS
	for i, tree := range trees {
		embedded, ok := tree.(embed.FS)
		if !ok || i == len(key) {
			return ui.Texts(trees...)
		}
		key[i] = embedded
	}
	if all, ok := catalogues.Load(key); ok {
		return all.(*text.Catalogue), nil
	}
	all, err := ui.Texts(trees...)
	if err == nil {
		catalogues.Store(key, all)
	}
	return all, err
}

// Empty opens an organisation without people.
func Empty(t testing.TB, texts []fs.FS, routes ...[]page.Route) *House {
	t.Helper()
	return openIn(t, t.TempDir(), texts, routes...)
}

func openIn(t testing.TB, dir string, texts []fs.FS, routes ...[]page.Route) *House {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	h := &House{T: t, Clock: &Clock{t: Start}, People: map[string]Person{}}
	if h.Org, err = org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Name: "Metallbau Muster", Library: lib,
		Now: h.Clock.Now, Window: 100, Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Org.Close(); err != nil {
			t.Error(err)
		}
	})
	all, err := read(append([]fs.FS{show.Texts}, texts...))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zones: %v", err)
	}
	h.Site = &page.Site{Org: h.Org, Base: "/werk", Texts: all, Zone: zone, Now: h.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Law: Start}
	mux := http.NewServeMux()
	h.Site.Mount(mux, routes...)
	top := http.NewServeMux()
	top.Handle(ui.AssetPath, ui.Secure(ui.Assets()))
	top.Handle("/werk/", ui.Secure(http.NewCrossOriginProtection().Handler(mux)))
	h.Pages = top
	return h
}

// peopled is an organisation with one person a role as it lies in its folder:
// every further house of the process begins with a copy, because making the
// tables takes longer than many a test.
var peopled struct {
	sync.Mutex
	houses int
	files  map[string][]byte // nil before the second house
	people map[string]Person
}

// Open opens an organisation with one person a role.
func Open(t testing.TB, texts []fs.FS, routes ...[]page.Route) *House {
	t.Helper()
	dir, people := t.TempDir(), copied(t)
	if people != nil {
		for name, raw := range peopled.files {
			file := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, raw, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := openIn(t, dir, texts, routes...)
	if people != nil {
		h.People = people
		return h
	}
	h.settleIn()
	return h
}

// copied returns the people of the folder to begin with, or nil for the first
// house of a process, which is made from nothing.
func copied(t testing.TB) map[string]Person {
	t.Helper()
	peopled.Lock()
	defer peopled.Unlock()
	peopled.houses++
	if peopled.houses == 1 {
		return nil
	}
	if peopled.files == nil {
		dir := t.TempDir()
		h := openIn(t, dir, nil)
		h.settleIn()
		h.Settle()
		h.Must(h.Org.Close())
		files := map[string][]byte{}
		h.Must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			files[name], err = os.ReadFile(path)
			return err
		}))
		peopled.files, peopled.people = files, h.People
	}
	return maps.Clone(peopled.people)
}

// settleIn gives the house one person a role.
func (h *House) settleIn() {
	h.T.Helper()
	ctx := h.As("")
	for _, info := range roles.All() {
		p := identity.Person{SignIn: string(info.Role), Name: names[info.Role], Roles: []roles.Role{info.Role}, Active: true}
		made, err := h.Org.Identity.AddPerson(ctx, p, Password, false)
		if err != nil {
			h.T.Fatal(err)
		}
		h.People[string(info.Role)] = Person{ID: made.ID, Name: made.Doc.Name, SignIn: made.Doc.SignIn}
	}
}

// As is a context in which the person of a role acts, or the house itself for
// an empty one.
func (h *House) As(role string) context.Context {
	a := store.Actor{Kind: store.System}
	if role != "" {
		a = store.Actor{ID: h.People[role].ID, Kind: identity.KindPerson, Roles: []string{role}}
	}
	return store.WithActor(context.Background(), a)
}

// Settle brings the journal and the read models up to date.
func (h *House) Settle() {
	h.T.Helper()
	ctx := context.Background()
	h.Must(h.Org.DB.Flush(ctx, h.Org.Journal))
	h.Must(h.Org.DB.CatchUp(ctx, h.Org.Journal, h.Org.Trail.Projection()))
	h.Must(h.Org.DB.CatchUp(ctx, h.Org.Journal, h.Org.Oversee.Projection()))
}

// Must ends the test with an error.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Serve starts a real server, for browsers and streams, and returns its address.
func (h *House) Serve() string {
	srv := httptest.NewServer(h.Pages)
	h.T.Cleanup(func() {
		srv.CloseClientConnections() // an open stream would keep Close waiting
		srv.Close()
	})
	return srv.URL
}

// Langs are the languages a test runs in.
var Langs = text.Langs
