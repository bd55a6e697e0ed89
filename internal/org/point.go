package org

import (
	"io/fs"
	"net/http"
	"strings"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/gateway"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/plant"
	"augenmass/internal/problem"
	"augenmass/knowledge"
)

// decisionPoint admits the policies that ship with the program.
func (g *Org) decisionPoint() (*decide.Point, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs/policies")
	if err != nil {
		return nil, err
	}
	files, schema, err := decide.LoadPolicies(tree)
	if err != nil {
		return nil, err
	}
	return decide.New(decide.Options{Policies: files, Schema: schema, Trusted: trusted{g}, Now: g.o.Now, Rand: g.o.Rand, Ended: g.ended,
		KnownClause: func(id string) bool { _, ok := g.Packs.Clause(id); return ok }})
}

// principal is who an API request comes from, by its bearer token.
func (g *Org) principal(r *http.Request) (identity.Principal, error) {
	token, ok := identity.BearerToken(r)
	if !ok {
		return identity.Principal{}, problem.New(problem.Unsigned, "Der Zugangsschlüssel fehlt.", "The access token is missing.").
			WithHint("Erwartet wird die Kopfzeile: Authorization: Bearer …", "Expected is the header: Authorization: Bearer …")
	}
	return g.Identity.AuthenticateToken(r.Context(), token)
}

// caller is the workload or device behind an inference. Its token names the
// systems it may call; a model that nobody knows is the gateway's to refuse.
func (g *Org) caller(r *http.Request) (gateway.Caller, error) {
	p, err := g.principal(r)
	if err != nil {
		return gateway.Caller{}, err
	}
	if p.Kind != identity.KindWorkload && p.Kind != identity.KindDevice {
		return gateway.Caller{}, problem.New(problem.Denied, "Modelle rufen nur angemeldete Programme und Geräte.", "Only registered programs and devices call models.").
			WithReason("caller.kind", "Personen fragen kein Modell über diese Schnittstelle.", "People do not ask models through this interface.", "zt.tenet.3")
	}
	if system, ok := g.facts.systemOf(modelIn(r.URL.Path)); ok && !p.Has(identity.ScopeInfer+system) {
		return gateway.Caller{}, problem.New(problem.Denied, "Der Zugangsschlüssel gilt nicht für dieses KI-System.", "The access token is not for this AI system.").
			WithReason("caller.scope", "Ein Schlüssel nennt jedes System, das er rufen darf.", "A token names every system it may call.", "zta.10", "zt.tenet.3")
	}
	return gateway.Caller{ID: p.ID, Kind: p.Kind, Zone: p.Zone, Device: p.Device}, nil
}

// modelIn is the model's name in a path of the Open Inference Protocol.
func modelIn(path string) string {
	_, rest, ok := strings.Cut(path, "/v2/models/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// Signals takes plant signals at /plant/signals.
func (g *Org) Signals() http.Handler {
	return g.Plant.Handler(func(r *http.Request) (plant.Caller, error) {
		p, err := g.principal(r)
		if err != nil {
			return plant.Caller{}, err
		}
		if !p.Has(identity.ScopePlant + p.Zone) {
			return plant.Caller{}, problem.New(problem.Denied, "Der Zugangsschlüssel gilt nicht für Signale dieser Zone.", "The access token is not for signals of this zone.")
		}
		return plant.Caller{ID: p.ID, Kind: p.Kind, Zone: p.Zone}, nil
	})
}

// AuthZEN answers decision requests of foreign enforcement points below base.
func (g *Org) AuthZEN(base string) http.Handler {
	return decide.AuthZEN(g.Point, decide.AuthZENOptions{Base: base,
		Authenticate: func(r *http.Request) (string, error) {
			p, err := g.principal(r)
			if err != nil {
				return "", err
			}
			if !p.Has(identity.ScopeEvaluate) {
				return "", problem.New(problem.Denied, "Der Zugangsschlüssel darf nicht nach Entscheidungen fragen.", "The access token may not ask for decisions.")
			}
			return p.ID, nil
		},
		Record:  decide.Recorder(g.Journal, g.source("decide")),
		Holding: g.holding,
	})
}
