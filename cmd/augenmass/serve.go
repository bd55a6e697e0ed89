package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve"
	"augenmass/knowledge"
)

type serveCmd struct {
	Data      string `help:"${data_help}" type:"path"`
	Database  string `help:"${database_help}"`
	Listen    string `help:"${listen_help}" default:"127.0.0.1:8420"`
	Org       string `help:"${org_help}"`
	Name      string `help:"${name_help}"`
	MasterKey string `help:"${master_key_help}" type:"path"`
	BehindTLS bool   `name:"behind-tls" help:"${tls_help}"`
}

// Run serves every organisation folder below Data, or every organisation of
// Database as one of its nodes, until it is interrupted.
func (c serveCmd) Run(w *outside) (err error) {
	log := slog.New(slog.NewTextHandler(w.err, nil))
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return err
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return err
	}
	slugs, err := c.slugs(w.ctx)
	if err != nil {
		return err
	}
	l, err := serve.Listen(w.ctx, c.Listen)
	if err != nil {
		return err
	}
	srv, err := serve.New(serve.Options{Log: log, TLS: c.BehindTLS})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	var open []*org.Org
	defer func() {
		for _, g := range open {
			err = errors.Join(err, g.Close())
		}
	}()
	for _, slug := range slugs {
		o := org.Options{Slug: slug, Library: lib, Log: log, MasterKeyFile: c.MasterKey, Database: c.Database}
		if c.Data != "" {
			o.Dir = filepath.Join(c.Data, slug)
		}
		if slug == c.Org {
			o.Name = c.Name
		}
		g, err := org.Open(w.ctx, o)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", slug, err), l.Close())
		}
		open = append(open, g)
		srv.Mount(g)
	}
	if _, err := fmt.Fprintf(w.out, "http://%s/\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	return listen(w.ctx, &http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}, l)
}

// listen serves until ctx ends, then lets running requests finish.
func listen(ctx context.Context, s *http.Server, l net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(grace); err != nil {
		return errors.Join(err, s.Close()) // live streams do not end by themselves
	}
	return nil
}

// slugs lists the organisations of the folder or the database, and the one that
// is to be made.
func (c serveCmd) slugs(ctx context.Context) ([]string, error) {
	if c.Org != "" && !org.ValidSlug(c.Org) {
		return nil, problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", c.Org)
	}
	var slugs []string
	var err error
	switch {
	case c.Database != "":
		slugs, err = org.InDatabase(ctx, c.Database)
	case c.Data != "":
		if err = isFolder("--data", c.Data); err != nil {
			return nil, err
		}
		slugs, err = c.folders()
	default:
		err = problem.New(problem.BadInput, "Wo liegen die Organisationen?", "Where are the organisations?").
			WithHint("Bitte --data ORDNER oder --database postgres://… angeben.", "Please give --data FOLDER or --database postgres://….")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case c.Org != "" && !slices.Contains(slugs, c.Org):
		slugs = append(slugs, c.Org)
	case len(slugs) == 0:
		slugs = []string{"werk"}
	}
	return slugs, nil
}

// folders lists the organisations below Data.
func (c serveCmd) folders() ([]string, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, problem.Newf(problem.Unavailable, "Der Ordner „%s“ lässt sich nicht anlegen.", "The folder '%s' cannot be made.", c.Data).Wrap(err)
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return nil, problem.Newf(problem.Unavailable, "Der Ordner „%s“ ist nicht lesbar.", "The folder '%s' cannot be read.", c.Data).Wrap(err)
	}
	var slugs []string
	for _, e := range entries {
		if e.IsDir() && org.ValidSlug(e.Name()) {
			slugs = append(slugs, e.Name())
		}
	}
	return slugs, nil
}

// isFolder refuses an address where a folder is asked for, without showing the
// password that may stand in it.
func isFolder(flag, s string) error {
	if !addressLike.MatchString(s) {
		return nil
	}
	return problem.Newf(problem.BadInput, "%s nennt einen Ordner; angegeben ist eine Adresse.", "%s names a folder; an address was given.", flag)
}

// addressLike is an address with a scheme, also after its slashes were cleaned
// as those of a path.
var addressLike = regexp.MustCompile(`(^|[/\\])[A-Za-z]{2,}:[/\\]`)
