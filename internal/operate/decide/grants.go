package decide

import (
	"context"
	"slices"
	"sync"
	"time"

	"augenmass/internal/problem"
)

// A grant is an access that was allowed and goes on: a stream, a session at a
// foreign enforcement point, a long connection. Zero trust asks again for every
// request; an access without further requests would live on what was true when
// it began. So the point keeps live grants, by the entities and the permit they
// rest on, decides them anew when one of those changes (FactsChanged; permits
// and policies by themselves) and ends at once what it would not allow now.
// Time changes facts too (a signal grows old, a permit runs out): Sweep decides
// all of them anew and belongs into a loop of a second.
//
// A grant never comes back: who was ended asks again.

// KeyDevice is the trusted attribute that names the device a subject runs on
// (string, its id); a grant of that subject also rests on that device.
const KeyDevice = "device"

// TypeDevice is the entity type of devices.
const TypeDevice = "device"

// Codes of reasons that end a grant and no decision.
const (
	CodeUnattended = "grant.unattended" // its holder was not heard for the lease
)

// Terms are what a live access rests on beside its request. The zero value is
// an access of this process that ends with its facts or by Release.
type Terms struct {
	Holder string // id of who enforces it
	Uses   []Ref  // further entities it rests on: a session, a token
	// Still returns why the access must end although policies would allow it,
	// such as a session that is over, or nil. It is asked before the policies,
	// at the start and each time anew; it must not call the point.
	Still func(ctx context.Context) []Reason
	// Decide replaces Evaluate, for accesses that other rules than the policies
	// decide. Uses then names all entities it rests on.
	Decide func(ctx context.Context) (Decision, error)
	// Lease is how long the access lives without a sign of its holder (Attend);
	// 0: until it is released.
	Lease time.Duration
}

// Grant is a live access. It is safe for many callers.
type Grant struct {
	ID       string // gra_…
	Request  Request
	Decision Decision // that allowed it

	terms Terms
	of    *grants
	done  chan struct{}
	// Under of.mu:
	uses  []Ref
	heard time.Time // last sign of the holder
	end   *Ended
}

// Ended is a grant that is over. Decision is the denial that ended it; Released
// says that its holder gave it back and nothing was denied.
type Ended struct {
	Grant    *Grant
	Decision Decision
	Released bool
}

// grants are the live grants of a point.
type grants struct {
	most int
	mu   sync.Mutex
	gen  uint64 // of facts: raised by every FactsChanged
	byID map[string]*Grant
	by   map[Ref]map[*Grant]struct{}
	live int
}

// mostGrants bounds the live grants of a point: Sweep decides each of them once
// a second, at about 10 µs.
const mostGrants = 10_000

func newGrants(most int) *grants {
	if most <= 0 {
		most = mostGrants
	}
	return &grants{most: most, byID: map[string]*Grant{}, by: map[Ref]map[*Grant]struct{}{}}
}

// Hold decides a request and, if it is allowed, keeps the access as a live
// grant. It returns no grant for a denial. Errors are those of Evaluate;
// Unavailable also when there are too many live grants. A fact that changes
// between decision and return ends the grant like any later one.
func (p *Point) Hold(ctx context.Context, r Request, t Terms) (Decision, *Grant, error) {
	gen := p.grants.facts()
	g := &Grant{Request: r, terms: t, of: p.grants, done: make(chan struct{}), heard: p.o.Now()}
	d, uses, err := p.look(ctx, g)
	if err != nil || !d.Allow {
		return d, nil, err
	}
	g.Decision, g.ID = d, "gra_"+d.ID[len("dec_"):]
	moved, err := p.grants.put(g, uses, gen)
	if err != nil {
		return Decision{}, nil, err
	}
	if moved {
		p.decideAnew([]*Grant{g})
		if e, over := g.Ended(); over {
			return e.Decision, nil, nil
		}
	}
	return d, g, nil
}

// look decides a grant's access, now. An error is one of Evaluate.
func (p *Point) look(ctx context.Context, g *Grant) (d Decision, uses []Ref, err error) {
	if g.terms.Still != nil {
		if why := g.terms.Still(ctx); len(why) > 0 {
			d, err = p.denial(why)
			return d, nil, err
		}
	}
	if g.terms.Decide != nil {
		d, err = g.terms.Decide(ctx)
		if err == nil && d.ID == "" {
			d.At = p.o.Now().UTC()
			d.ID, err = p.newID(d.At)
		}
		return d, g.terms.Uses, err
	}
	d, q, err := p.evaluate(ctx, g.Request)
	uses = append(slices.Clip(g.terms.Uses), q.Principal.Ref, q.Resource.Ref)
	uses = append(append(uses, q.Principal.Parents...), q.Resource.Parents...)
	if device, ok := q.Principal.Attributes[KeyDevice].(string); ok && device != "" {
		uses = append(uses, Ref{Type: TypeDevice, ID: device})
	}
	return d, uses, err
}

// denial is a decision of the point itself.
func (p *Point) denial(why []Reason) (Decision, error) {
	now := p.o.Now().UTC()
	id, err := p.newID(now)
	return Decision{ID: id, PolicyVersion: p.Version(), At: now, Reasons: why}, err
}

// FactsChanged decides every live grant anew that rests on one of the entities,
// and all of them if none is named; it returns when those that are not allowed
// any more have ended. Whoever changes a fact that Trusted reads calls it after
// the change can be read. It is cheap where no grant rests on the entity.
func (p *Point) FactsChanged(of ...Ref) { p.decideAnew(p.grants.touched(of)) }

// Sweep decides all live grants anew and ends those whose holder was not heard
// for their lease.
func (p *Point) Sweep() {
	var over []Ended
	now := p.o.Now()
	for _, g := range p.grants.unattended(now) {
		d, err := p.denial(own(CodeUnattended))
		if err != nil {
			d.Errors = []string{err.Error()}
		}
		if e, ended := p.grants.finish(g, Ended{Grant: g, Decision: d}); ended {
			over = append(over, e)
		}
	}
	p.tell(over)
	p.FactsChanged()
	p.grants.bury(now)
}

// Live counts the live grants.
func (p *Point) Live() int {
	p.grants.mu.Lock()
	defer p.grants.mu.Unlock()
	return p.grants.live
}

// Grant returns a grant by its id, of the holder that it was given to. One that
// ended is found until its lease is over, so that its holder learns why.
func (p *Point) Grant(id, holder string) (*Grant, error) {
	p.grants.mu.Lock()
	defer p.grants.mu.Unlock()
	g, ok := p.grants.byID[id]
	if !ok || g.terms.Holder != holder {
		return nil, problem.New(problem.NotFound, "Diesen laufenden Zugriff gibt es nicht oder nicht mehr.", "There is no such live access, or it is over.").
			WithHint("Bitte neu anfragen.", "Please ask again.")
	}
	return g, nil
}

// decideAnew ends the grants of a list that would not be allowed now. What
// cannot be decided is not allowed.
func (p *Point) decideAnew(list []*Grant) {
	var over []Ended
	for _, g := range list {
		if _, ended := g.Ended(); ended {
			continue
		}
		d, err := p.lookAgain(g)
		if err == nil && d.Allow {
			continue
		}
		if err != nil {
			d.Allow, d.Errors, d.Reasons = false, append(d.Errors, err.Error()), own(CodeTrusted)
		}
		if e, ended := p.grants.finish(g, Ended{Grant: g, Decision: d}); ended {
			over = append(over, e)
		}
	}
	p.tell(over)
}

// lookAgain decides a live grant anew and notes what it rests on now. When that
// changed, and facts changed since they were read, it was not heard of them: it
// looks once more.
func (p *Point) lookAgain(g *Grant) (Decision, error) {
	for {
		gen := p.grants.facts()
		d, uses, err := p.look(context.Background(), g)
		if err != nil || !d.Allow || p.grants.move(g, uses, gen) {
			return d, err
		}
	}
}

func (p *Point) tell(over []Ended) {
	if len(over) > 0 && p.o.Ended != nil {
		p.o.Ended(over)
	}
}

// Done is closed when the access has ended; Ended then says why.
func (g *Grant) Done() <-chan struct{} { return g.done }

// Ended returns why the access ended, and false while it lives.
func (g *Grant) Ended() (Ended, bool) {
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	if g.end == nil {
		return Ended{}, false
	}
	return *g.end, true
}

// Context is a context of the parent that also ends with the access. Its caller
// calls cancel, as with any context.
func (g *Grant) Context(parent context.Context) (ctx context.Context, cancel context.CancelFunc) {
	ctx, cancel = context.WithCancel(parent)
	go func() {
		select {
		case <-g.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// Release gives the access back. It may be called more than once.
func (g *Grant) Release() { g.of.finish(g, Ended{Grant: g, Released: true}) }

// Attend is a sign of the holder at an instant: its lease begins anew.
func (g *Grant) Attend(now time.Time) {
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	if now.After(g.heard) {
		g.heard = now
	}
}

// put registers a grant; moved reports that facts changed since gen, so that
// the grant may rest on what is no longer true.
func (s *grants) put(g *Grant, uses []Ref, gen uint64) (moved bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live >= s.most {
		return false, problem.Newf(problem.Unavailable, "Es laufen schon %d Zugriffe; mehr nimmt die Entscheidungsstelle nicht an.",
			"There are %d live accesses already; the decision point takes no more.", s.most).
			WithHint("Bitte nicht mehr gebrauchte Zugriffe beenden.", "Please release accesses that are no longer needed.")
	}
	s.byID[g.ID] = g
	s.live++
	s.index(g, uses)
	return s.gen != gen, nil
}

func (s *grants) index(g *Grant, uses []Ref) {
	g.uses = uses
	for _, u := range uses {
		if s.by[u] == nil {
			s.by[u] = map[*Grant]struct{}{}
		}
		s.by[u][g] = struct{}{}
	}
}

func (s *grants) unindex(g *Grant) {
	for _, u := range g.uses {
		if delete(s.by[u], g); len(s.by[u]) == 0 {
			delete(s.by, u)
		}
	}
	g.uses = nil
}

// facts is the generation of facts.
func (s *grants) facts() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gen
}

// move notes what a grant rests on now; false if that changed and facts have
// changed since gen.
func (s *grants) move(g *Grant, uses []Ref, gen uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.end != nil || slices.Equal(g.uses, uses) {
		return true
	}
	s.unindex(g)
	s.index(g, uses)
	return s.gen == gen
}

// touched raises the generation and lists the live grants that rest on one of
// the entities, each once.
func (s *grants) touched(of []Ref) []*Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gen++
	var out []*Grant
	if len(of) == 0 {
		for _, g := range s.byID {
			if g.end == nil {
				out = append(out, g)
			}
		}
		return out
	}
	if len(of) == 1 {
		for g := range s.by[of[0]] {
			out = append(out, g)
		}
		return out
	}
	seen := map[*Grant]bool{}
	for _, u := range of {
		for g := range s.by[u] {
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// finish ends a grant; false if it had ended already.
func (s *grants) finish(g *Grant, e Ended) (Ended, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.end != nil {
		return Ended{}, false
	}
	g.end = &e
	s.live--
	s.unindex(g)
	if g.terms.Lease == 0 || e.Released {
		delete(s.byID, g.ID)
	}
	close(g.done)
	return e, true
}

// unattended lists the live grants whose lease is over.
func (s *grants) unattended(now time.Time) []*Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*Grant
	for _, g := range s.byID {
		if g.end == nil && g.lapsed(now) {
			out = append(out, g)
		}
	}
	return out
}

// bury forgets grants that ended longer ago than their lease.
func (s *grants) bury(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, g := range s.byID {
		if g.end != nil && now.Sub(g.end.Decision.At) > g.terms.Lease {
			delete(s.byID, id)
		}
	}
}

func (g *Grant) lapsed(now time.Time) bool {
	return g.terms.Lease > 0 && now.Sub(g.heard) > g.terms.Lease
}
