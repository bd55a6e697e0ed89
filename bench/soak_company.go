package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"augenmass/internal/demo"
	"augenmass/internal/demo/model"
	"augenmass/internal/govern/approve"
	"augenmass/internal/org"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve"
	"augenmass/knowledge"
)

// paths of the soaked server beside the product's own.
const (
	vitalsPath = "/soak/vitals"
	tokensPath = "/soak/tokens"
)

// vitals are what must not grow.
type vitals struct {
	ResidentMB float64 `json:"resident_mb"`
	HeapMB     float64 `json:"heap_mb"`
	Goroutines float64 `json:"goroutines"`
	Files      float64 `json:"files"`   // open file descriptors
	Journal    float64 `json:"journal"` // entries
	Changes    float64 `json:"changes"` // approvals withdrawn and given again
}

// tokens let the load call the company.
type tokens struct {
	Line  string `json:"line"`
	Stray string `json:"stray"`
	Model string `json:"model"`
}

// company is the model company as a server to be soaked: everything of the
// product is on, and people go on changing the permit of the line.
type company struct {
	c       *demo.Company
	model   *httptest.Server
	name    string // of the model
	stop    context.CancelFunc
	done    chan struct{}
	changes int64
	failed  error
}

// changeEvery is how often the safety specialist takes the approval of the
// milling line back and gives it again.
const changeEvery = 30 * time.Second

// soakCompany builds the company in a folder (args[0]), with its model beside
// it, and lets people change its permit.
func soakCompany(ctx context.Context, args []string) (http.Handler, io.Closer, error) {
	handler, name, err := millModel()
	if err != nil {
		return nil, nil, err
	}
	s := &company{model: httptest.NewServer(handler), name: name, done: make(chan struct{})}
	srv, err := s.open(ctx, org.Options{Dir: filepath.Join(args[0], demo.Slug)}, s.model.URL)
	if err != nil {
		s.model.Close()
		return nil, nil, err
	}
	ctx, s.stop = context.WithCancel(ctx)
	go s.people(ctx)
	return srv, s, nil
}

// millModel is the failure model of the milling line as a server.
func millModel() (http.Handler, string, error) {
	ensemble, _, err := model.Embedded()
	if err != nil {
		return nil, "", err
	}
	ms := model.NewServer(model.ServerOptions{Model: ensemble})
	return ms.Handler(), ms.Name, nil
}

// open opens the company; with an endpoint of its model it is built first.
func (s *company) open(ctx context.Context, o org.Options, endpoint string) (http.Handler, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	if o.Library, err = packs.Load(tree); err != nil {
		return nil, err
	}
	o.Slug, o.Name = demo.Slug, demo.Name
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	g, err := org.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	s.c = &demo.Company{Org: g}
	if endpoint != "" {
		if s.c, err = demo.Build(ctx, g, demo.Options{Endpoint: endpoint, Window: 1000, Now: time.Now}); err != nil {
			return nil, errors.Join(err, g.Close())
		}
	}
	srv, err := serve.New(serve.Options{Log: o.Log})
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	srv.Mount(g)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+vitalsPath, s.vitals)
	mux.HandleFunc("GET "+tokensPath, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, tokens{Line: s.c.Line, Stray: s.c.Stray, Model: s.name})
	})
	mux.Handle("/", srv)
	return mux, nil
}

func (s *company) Close() error {
	s.stop()
	<-s.done
	s.model.Close()
	return errors.Join(s.failed, s.c.Org.Close())
}

// people takes an approval back and gives it again, until ctx ends.
func (s *company) people(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(changeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.change(store.WithActor(ctx, s.c.People["sicherheit"])); err != nil {
			if ctx.Err() == nil {
				s.failed = err
			}
			return
		}
		s.changes++
	}
}

func (s *company) change(ctx context.Context) error {
	g := s.c.Org
	d, err := g.Approve.Read(ctx, g.DB, s.c.Systems["mill"])
	if err != nil {
		return err
	}
	var now *store.Object[approve.Approval]
	for i, a := range d.Approvals {
		if a.Doc.Role == "safety" && a.Doc.WithdrawnAt.IsZero() {
			now = &d.Approvals[i]
		}
	}
	if now == nil {
		return errors.New("the milling line has no approval to take back")
	}
	if _, err := g.Approve.Withdraw(ctx, now.ID, now.Revision, "Neue Schutzhaube, die Anordnung wird neu geprüft."); err != nil {
		return err
	}
	_, err = g.Approve.Give(ctx, now.Doc.System, now.Doc.Role, now.Doc.ContentHash, "", now.Doc.Method)
	return err
}

func (s *company) vitals(w http.ResponseWriter, _ *http.Request) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	resident, err := resident(os.Getpid())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, vitals{ResidentMB: resident, HeapMB: float64(m.HeapInuse) / 1e6, Goroutines: float64(runtime.NumGoroutine()),
		Files: float64(len(files)), Journal: float64(s.c.Org.Journal.Size()), Changes: float64(s.changes)})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
