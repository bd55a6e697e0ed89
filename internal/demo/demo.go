package demo

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

// Config of a demonstration.
type Config struct {
	Listen string // address; for unattended runs a free port
	Dir    string // folder that stays; empty: a temporary one, removed at the end
	// Database is where the company lies instead of a folder, "postgres://…"; it
	// stays. Dir then holds the master key only. The failure model's server is this
	// process's own: a second demonstration on the same database takes it over.
	Database string
	Seed     uint64
	Rate     float64 // parts per second of the live line; 0: 2
	Lang     text.Lang
	Out      io.Writer
	Log      *slog.Logger
}

// running is a demonstration that serves.
type running struct {
	company *Company
	model   *modelServer
	base    string // of the organisation
	url     string // of the server
	http    *http.Server
	served  chan error
	dir     string
	remove  bool
}

// start opens the company in its folder and serves it.
func start(ctx context.Context, c Config, window int, plantAge time.Duration) (_ *running, err error) {
	r := &running{dir: c.Dir, served: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.stop())
		}
	}()
	if r.dir == "" {
		if r.dir, err = os.MkdirTemp("", "augenmass-demo-*"); err != nil {
			return r, problem.New(problem.Unavailable, "Es lässt sich kein vorläufiger Ordner anlegen.", "No temporary folder can be made.").Wrap(err)
		}
		r.remove = true
	}
	l, err := serve.Listen(ctx, c.Listen)
	if err != nil {
		return r, err
	}
	if r.model, err = startModel(); err != nil {
		return r, errors.Join(err, l.Close())
	}
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return r, errors.Join(err, l.Close())
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return r, errors.Join(err, l.Close())
	}
	if c.Database == "" {
		if err := r.clearHalfBuilt(); err != nil {
			return r, errors.Join(err, l.Close())
		}
	}
	g, err := org.Open(ctx, org.Options{Dir: filepath.Join(r.dir, Slug), Database: c.Database, MasterKey: c.masterKey(), Slug: Slug, Name: Name,
		Library: lib, Log: c.Log, PlantAge: plantAge})
	if err != nil {
		return r, errors.Join(err, l.Close())
	}
	r.company = &Company{Org: g}
	if err := r.build(ctx, window); err != nil {
		return r, errors.Join(err, l.Close())
	}
	if err := os.RemoveAll(r.building()); err != nil {
		return r, errors.Join(err, l.Close())
	}
	srv, err := serve.New(serve.Options{Log: c.Log})
	if err != nil {
		return r, errors.Join(err, l.Close())
	}
	srv.Mount(g)
	r.url = "http://" + l.Addr().String()
	r.base = r.url + "/" + Slug
	r.http = &http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}
	go func() { r.served <- r.http.Serve(l) }()
	return r, nil
}

// masterKey is the key of a company that stays in a database while no folder
// keeps one for it. Like the passwords of its people it is no secret: it stands
// here. AUGENMASS_MASTER_KEY or a folder make it one.
func (c Config) masterKey() []byte {
	if c.Database == "" || c.Dir != "" || os.Getenv("AUGENMASS_MASTER_KEY") != "" {
		return nil
	}
	key := sha256.Sum256([]byte("augenmass demonstration company, known to everybody"))
	return key[:]
}

// build sets the company up, or finds it. Of several nodes that start at once,
// one sets it up.
func (r *running) build(ctx context.Context, window int) error {
	g := r.company.Org
	unlock, err := g.DB.Lock(ctx, "demo build")
	if err != nil {
		return err
	}
	defer unlock()
	built, err := Build(ctx, g, Options{Endpoint: r.model.url, Window: window, Now: time.Now})
	if err != nil {
		return err
	}
	r.company = built
	return nil
}

// building is the file that says that the company is being set up.
func (r *running) building() string { return filepath.Join(r.dir, Slug+".building") }

// clearHalfBuilt marks the set-up of a new company, and removes one that was
// interrupted while it was set up: it is only a demonstration, and half a
// company shows nothing. A folder without the mark is never touched.
func (r *running) clearHalfBuilt() error {
	dir := filepath.Join(r.dir, Slug)
	_, half := os.Stat(r.building())
	_, there := os.Stat(dir)
	switch {
	case half == nil:
		return os.RemoveAll(dir)
	case there == nil:
		return nil
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(r.building(), nil, 0o600)
}

// stop ends serving, closes the organisation, and removes a temporary folder.
func (r *running) stop() error {
	var err error
	if r.http != nil {
		err = errors.Join(err, r.http.Close())
	}
	if r.model != nil {
		err = errors.Join(err, r.model.http.Close())
	}
	if r.company != nil && r.company.Org != nil {
		err = errors.Join(err, r.company.Org.Close())
	}
	if r.remove {
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	return err
}

// liveWindow is the drift window of the live line in rows: short enough that a
// visitor sees a change of material within a minute.
const liveWindow = 120

// Run serves the company with its line running until ctx ends.
func Run(ctx context.Context, c Config) (err error) {
	if c.Rate <= 0 {
		c.Rate = 2
	}
	r, err := start(ctx, c, liveWindow, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	if err := r.greet(c); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- r.play(ctx, c) }()
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.served:
		return err
	case err := <-stopped:
		return err
	}
}

// play runs the line: a part every so often, disturbed by the timeline.
func (r *running) play(ctx context.Context, c Config) error {
	l := newLine(r.base, r.company, r.model)
	parts := mill.NewLine(c.Seed, mill.Shopfloor(c.Rate))
	tick := time.NewTicker(time.Duration(float64(time.Second) / c.Rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := l.report(ctx, "running", 5*time.Second, time.Now()); err != nil && ctx.Err() == nil {
			c.Log.Warn("demo: plant signal", "err", err)
		}
		step, ok := parts.Next()
		if !ok {
			return nil
		}
		if _, err := l.ask(ctx, step); err != nil && ctx.Err() == nil {
			c.Log.Warn("demo: part", "err", err)
		}
	}
}

// greet prints where to look and who can sign in.
func (r *running) greet(c Config) error {
	say := func(de, en string) string { return text.Bi{DE: de, EN: en}.In(c.Lang) }
	out := fmt.Sprintf("\n%s  %s/\n%s  %s\n\n", say("Seite      ", "Page       "), r.url, say("Kennwort   ", "Password   "), Password)
	for _, p := range People {
		out += fmt.Sprintf("  %-12s %s\n", p.SignIn, p.Does.In(c.Lang))
	}
	end := say("Ende mit Strg-C.", "Stop with Ctrl-C.")
	if r.remove && c.Database == "" {
		end = say("Ende mit Strg-C. Der Ordner wird dann gelöscht.", "Stop with Ctrl-C; the folder is deleted then.")
	}
	out += "\n" + end + "\n"
	_, err := io.WriteString(c.Out, out)
	return err
}
