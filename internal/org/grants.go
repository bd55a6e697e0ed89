package org

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Live accesses (decide.Grant) of an organisation: what foreign enforcement
// points hold, and what pages go on showing. Every change that this process or
// another node commits, every session that ends and every plant signal that
// changes a state decides those anew that rest on it, before whoever changed it
// is answered; time does so every second.
//
// An access ends first and is journaled then: its end must not wait for a disk.
// A process killed in between has no such entry, and no such access either. The
// change that ended it has an entry of its own.

// Types of entities that live accesses rest on beside subject and resource.
const (
	typeSession = "session"
	typeToken   = "token"
)

// Codes of reasons that end what a page goes on showing.
const (
	codeSession = "session.ended"
	codeRole    = "role.lost"
)

// endings are ended accesses that are not in the journal yet.
type endings struct {
	mu   sync.Mutex
	list []decide.Ended
	wake chan struct{}
}

// ended takes over accesses that were ended; the loop journals them.
func (g *Org) ended(list []decide.Ended) {
	g.endings.mu.Lock()
	g.endings.list = append(g.endings.list, list...)
	g.endings.mu.Unlock()
	select {
	case g.endings.wake <- struct{}{}:
	default: // it is awake
	}
}

// watchGrants decides live accesses anew every second and journals those that
// ended.
func (g *Org) watchGrants(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return g.journalEnded(last)
		case <-tick.C:
			g.Point.Sweep()
		case <-g.endings.wake:
		}
		if err := g.journalEnded(ctx); err != nil {
			return err
		}
	}
}

// endedOnce is the most ended accesses that are journaled at once: a node that
// hears nothing ends all it has, and a journal takes 8 MiB at a time.
const endedOnce = 200

// journalEnded writes what ended; what could not be written stays for the next
// time.
func (g *Org) journalEnded(ctx context.Context) error {
	for {
		g.endings.mu.Lock()
		list := g.endings.list[:min(endedOnce, len(g.endings.list))]
		g.endings.mu.Unlock()
		if len(list) == 0 {
			return nil
		}
		entries := make([][]byte, 0, len(list))
		for _, e := range list {
			raw, err := g.endedEntry(e)
			if err != nil {
				return err
			}
			entries = append(entries, raw)
		}
		if _, err := g.Journal.AppendAll(ctx, entries); err != nil {
			return err
		}
		g.endings.mu.Lock()
		g.endings.list = g.endings.list[len(list):]
		g.endings.mu.Unlock()
	}
}

func (g *Org) endedEntry(e decide.Ended) ([]byte, error) {
	d, r := e.Decision, e.Grant.Request
	a := d.Entry(r)
	event, err := ledger.NewEvent(store.NewID("evt", d.At, g.o.Rand), g.source("decide"), entry.TypeAccessEnded, r.Resource.ID, d.At,
		entry.AccessEnded{V: entry.Version, Grant: e.Grant.ID, Decision: e.Grant.Decision.ID, Denial: d.ID, Who: a.Who, Action: a.Action,
			Resource: a.Resource, Reasons: a.Reasons, Permit: a.Permit, Policy: a.Policy})
	if err != nil {
		return nil, err
	}
	return event.Encode()
}

// factsChanged decides the live accesses anew that rest on what was committed,
// here or on another node.
func (g *Org) factsChanged(changes []store.Change) {
	if g.Point == nil || g.Point.Live() == 0 {
		return
	}
	var of []decide.Ref
	for _, c := range changes {
		switch c.Kind {
		case "system", identity.KindPerson, identity.KindWorkload, identity.KindDevice, typeToken:
			of = append(of, decide.Ref{Type: c.Kind, ID: c.ID})
		case "model": // it says in which zone of the plant its system works
			of = append(of, g.facts.everySystem()...)
		}
	}
	if len(of) > 0 {
		g.Point.FactsChanged(of...)
	}
}

func (f *facts) everySystem() []decide.Ref {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var out []decide.Ref
	for id := range f.systems {
		out = append(out, decide.Ref{Type: decide.TypeSystem, ID: id})
	}
	return out
}

// sessionsEnded decides anew what rests on sessions that ended.
func (g *Org) sessionsEnded(ids []string) {
	var of []decide.Ref
	for _, id := range ids {
		of = append(of, decide.Ref{Type: typeSession, ID: id})
	}
	g.Point.FactsChanged(of...)
}

// plantChanged decides anew what rests on systems of a zone of the plant.
func (g *Org) plantChanged(zone string) {
	var of []decide.Ref
	g.facts.mu.RLock()
	for system, z := range g.facts.zones {
		if z == zone {
			of = append(of, decide.Ref{Type: decide.TypeSystem, ID: system})
		}
	}
	g.facts.mu.RUnlock()
	if len(of) > 0 {
		g.Point.FactsChanged(of...)
	}
}

// Follow keeps what a signed-in person goes on reading, such as a stream of a
// page, as a live access: it is done when the session ends or the roles read the
// kind no more. Its caller releases it.
func (g *Org) Follow(ctx context.Context, who identity.Principal, kind string) (*decide.Grant, error) {
	request := decide.Request{Subject: decide.Entity{Type: identity.KindPerson, ID: who.ID}, Action: decide.Action{Name: store.Read},
		Resource: decide.Entity{Type: kind, ID: g.Slug}}
	d, live, err := g.Point.Hold(ctx, request, decide.Terms{
		Uses:   []decide.Ref{{Type: typeSession, ID: who.Session}, {Type: identity.KindPerson, ID: who.ID}},
		Decide: func(ctx context.Context) (decide.Decision, error) { return g.reads(ctx, who, kind) },
	})
	if err != nil {
		return nil, err
	}
	if live == nil {
		p := problem.New(problem.Denied, "Dies lesen Sie nicht mehr.", "You do not read this any more.")
		for _, r := range d.Reasons {
			p = p.WithReason(r.Code, r.Say.DE, r.Say.EN, r.Clauses...)
		}
		return nil, p
	}
	return live, nil
}

// reads decides whether a person goes on reading a kind: by session and roles,
// as pages do.
func (g *Org) reads(ctx context.Context, who identity.Principal, kind string) (decide.Decision, error) {
	d := decide.Decision{PolicyVersion: g.Point.Version()}
	now, err := g.Identity.Living(ctx, who.Session)
	switch {
	case problem.Is(err, problem.Unsigned):
		d.Reasons = []decide.Reason{{Code: codeSession, Clauses: []string{"zta.10", "zt.tenet.6"}, Say: text.Bi{
			DE: "Die Sitzung ist zu Ende.", EN: "The session is over."}}}
	case err != nil:
		return d, err
	case now.ID != who.ID || !roles.Allowed(now.Roles, store.Read, kind):
		d.Reasons = []decide.Reason{{Code: codeRole, Clauses: []string{"zta.02", "zt.tenet.3"}, Say: text.Bi{
			DE: "Die Rolle dafür ist entzogen.", EN: "The role for it was taken away."}}}
	default:
		d.Allow = true
	}
	return d, nil
}

// holding is what a live access of an enforcement point rests on: its own token
// and its own registration.
func (g *Org) holding(r *http.Request) ([]decide.Ref, func(context.Context) []decide.Reason, error) {
	secret, ok := identity.BearerToken(r)
	if !ok {
		return nil, nil, errors.New("no token") // authenticated before
	}
	p, err := g.Identity.AuthenticateToken(r.Context(), secret)
	if err != nil {
		return nil, nil, err
	}
	still := func(ctx context.Context) []decide.Reason {
		now, err := g.Identity.AuthenticateToken(ctx, secret)
		switch {
		case err != nil:
			return decide.Problem(err, "token.refused", "zta.10", "zt.tenet.6")
		case now.ID != p.ID || !now.Has(identity.ScopeEvaluate):
			return []decide.Reason{{Code: "token.scope", Clauses: []string{"zta.10", "zt.tenet.3"}, Say: text.Bi{
				DE: "Der Zugangsschlüssel darf nicht mehr nach Entscheidungen fragen.", EN: "The access token may not ask for decisions any more."}}}
		}
		return nil
	}
	return []decide.Ref{{Type: typeToken, ID: p.Token}, {Type: p.Kind, ID: p.ID}}, still, nil
}
