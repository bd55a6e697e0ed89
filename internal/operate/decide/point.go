// Package decide is the policy decision point of the house. It answers one
// question: may this subject do this to that resource now? The operating
// permit comes first, then the policies (Cedar, default deny, forbid wins),
// over attributes that the house knows itself. What it cannot prove, it denies,
// and every denial names a rule, a sentence in German and English, and the
// clauses that demand it.
//
// It holds permits, policies, their index and their version as one immutable
// snapshot behind an atomic pointer: writers swap it, readers never wait.
//
// It leaves to others: what a permit says (permit), where trusted attributes
// come from (identity, inventory, plant, through Trusted), enforcing the answer
// and judging a model's result (gateway, oversee), and the journal: Evaluate
// writes nothing; whoever asks records the decision before acting on it. The
// AuthZEN handler does so through its Record function.
package decide

import (
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"augenmass/internal/operate/decide/policy"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
)

// PolicyFile is one file of Cedar policies; Warning is a policy that was
// admitted but deserves a look.
type (
	PolicyFile = policy.File
	Warning    = policy.Warning
)

// Options configure a Point.
type Options struct {
	Policies []PolicyFile
	Schema   string // Cedar schema, human-readable form
	Trusted  Trusted
	Now      func() time.Time // required
	Rand     io.Reader        // required; for decision ids
	Location *time.Location   // for context.hour and context.weekday; nil: UTC
	// TrustClaims lets properties of the request fill attributes that the house
	// does not know. For certification fixtures and closed labs only: it gives
	// the caller the last word about itself.
	TrustClaims bool
	// Unscoped is how many policies may apply to every request; 0: 200.
	Unscoped int
	// KnownClause reports whether a clause id exists; nil: ids are checked by
	// their form only.
	KnownClause func(id string) bool
	// Grants is how many accesses may be live at once; 0: 10,000.
	Grants int
	// Ended hears of grants that were ended by a denial, after they ended and
	// from whoever changed the fact; it must not block for long. Released ones
	// are not told.
	Ended func([]Ended)
}

// Point decides. It is safe for many callers.
type Point struct {
	o     Options
	admit sync.Mutex // one admission at a time, so that the last call has the last word
	write sync.Mutex // one writer at a time, for the moment of the swap; readers take the snapshot
	snap  atomic.Pointer[snapshot]
	rand  supply

	grants *grants
}

// snapshot is everything a decision rests on, immutable: permits, policies,
// their index and their version.
type snapshot struct {
	permits  map[string]*permit.Permit
	engine   policy.Engine
	warnings []Warning
}

// New admits the policies and returns a point without any permit. Defects of
// schema or policies are BadInput and name every place.
func New(o Options) (*Point, error) {
	if o.Trusted == nil || o.Now == nil || o.Rand == nil {
		return nil, problem.New(problem.Internal, "Der Entscheidungsstelle fehlen Uhr, Zufall oder vertrauenswürdige Angaben.",
			"The decision point lacks its clock, randomness or trusted attributes.")
	}
	p := &Point{o: o, rand: supply{r: o.Rand}, grants: newGrants(o.Grants)}
	engine, warnings, err := admit(o)
	if err != nil {
		return nil, err
	}
	p.o.Policies = nil
	p.snap.Store(&snapshot{permits: map[string]*permit.Permit{}, engine: engine, warnings: warnings})
	return p, nil
}

func admit(o Options) (policy.Engine, []Warning, error) {
	return policy.Admit(policy.Options{Files: o.Policies, Schema: o.Schema, Unscoped: o.Unscoped, KnownClause: o.KnownClause})
}

// change replaces the snapshot by a changed copy.
func (p *Point) change(f func(*snapshot)) {
	p.write.Lock()
	defer p.write.Unlock()
	next := *p.snap.Load()
	f(&next)
	p.snap.Store(&next)
}

// Swap replaces all permits at once; the key is the system's id. Live grants are
// decided anew before it returns, as after every change of permit or policies.
func (p *Point) Swap(permits map[string]permit.Permit) {
	m := make(map[string]*permit.Permit, len(permits))
	for id, pm := range permits {
		m[id] = &pm
	}
	p.change(func(s *snapshot) { s.permits = m })
	p.FactsChanged()
}

// SetPermit puts or replaces one permit. A request that is being decided keeps
// the snapshot it started with; the next one sees the new permit.
func (p *Point) SetPermit(pm permit.Permit) {
	p.change(func(s *snapshot) {
		m := make(map[string]*permit.Permit, len(s.permits)+1)
		maps.Copy(m, s.permits)
		m[pm.System] = &pm
		s.permits = m
	})
	p.FactsChanged(Ref{Type: TypeSystem, ID: pm.System})
}

// Permit returns the permit of a system as the point holds it; callers apply
// expiry with At. Its slices belong to the point and must not be changed.
func (p *Point) Permit(system string) (permit.Permit, bool) {
	pm, ok := p.snap.Load().permits[system]
	if !ok {
		return permit.Permit{}, false
	}
	return *pm, true
}

// SetPolicies admits the files and replaces all policies at once; on error
// (BadInput, naming every place) the policies in force stay. Ten thousand
// policies take a second to admit and index; meanwhile decisions are made under
// the old ones, and permits change.
func (p *Point) SetPolicies(files []PolicyFile) error {
	p.admit.Lock()
	defer p.admit.Unlock()
	o := p.o
	o.Policies = files
	engine, warnings, err := admit(o)
	if err != nil {
		return err
	}
	p.change(func(s *snapshot) { s.engine, s.warnings = engine, warnings })
	p.FactsChanged()
	return nil
}

// Version is the version of the policies in force: sha256:… over schema and
// policies.
func (p *Point) Version() string { return p.snap.Load().engine.Version() }

// Policies counts the policies in force.
func (p *Point) Policies() int { return p.snap.Load().engine.Len() }

// Warnings lists policies in force that deserve a look.
func (p *Point) Warnings() []Warning { return p.snap.Load().warnings }

// newID returns the id of a decision: dec_ and a UUIDv7 (RFC 9562 section 5.7),
// in the form of the house. Deciding needs no store, so the store's own function
// is not borrowed for it.
func (p *Point) newID(at time.Time) (string, error) {
	var u [16]byte
	r, err := p.rand.next()
	if err != nil {
		return "", problem.New(problem.Unavailable, "Es gibt keinen Zufall; ohne ihn wird nicht entschieden.",
			"There is no randomness; nothing is decided without it.").Wrap(err)
	}
	copy(u[6:], r[:])
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	id := [36]byte{'d', 'e', 'c', '_'}
	hex.Encode(id[4:], u[:])
	return string(id[:]), nil
}

// supply makes any source of randomness safe for many callers and asks it for
// many ids at once. Nothing in it is secret: ids only have to differ.
type supply struct {
	mu   sync.Mutex
	r    io.Reader
	buf  [640]byte
	left int
}

// next returns the randomness of one id.
func (s *supply) next() (out [10]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left < len(out) {
		if _, err := io.ReadFull(s.r, s.buf[:]); err != nil {
			return out, err
		}
		s.left = len(s.buf)
	}
	copy(out[:], s.buf[len(s.buf)-s.left:])
	s.left -= len(out)
	return out, nil
}

// LoadPolicies reads the policies (*.cedar) and the schema (*.cedarschema) of a
// folder, such as packs/policies of the knowledge that ships with the program.
func LoadPolicies(tree fs.FS) (files []PolicyFile, schema string, err error) {
	return policy.Load(tree)
}
