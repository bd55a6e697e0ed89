package approve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// House is the actor for what the program does by itself, such as compiling a
// permit after somebody changed a fact.
var House = store.Actor{ID: "house", Kind: "system"}

// Preview compiles the permit as it would be now, without issuing it: for the
// system's file and the approver's page.
func (r *Room) Preview(_ context.Context, d Dossier) (permit.Permit, error) {
	f, err := r.factsOf(d)
	if err != nil {
		return permit.Permit{}, err
	}
	p := permit.Compile(f, r.o.Now().UTC())
	if d.Issued != nil {
		p.Version = d.Issued.Doc.Permit.Version
	}
	return p, nil
}

// Recompile compiles the permit of a system from its facts as they are now,
// and issues, suspends or restores it if that changed anything. The runtime is
// told before it returns. Whatever goes wrong takes the permit off.
//
// It does not end with the context of whoever changed a fact: the change is
// committed, so the permit must follow.
func (r *Room) Recompile(ctx context.Context, system string) error {
	ctx = store.WithActor(context.WithoutCancel(ctx), House)
	r.issuing.Lock()
	defer r.issuing.Unlock()
	p, err := r.recompiled(ctx, system)
	if err != nil {
		r.tell(unreadable(system, r.o.Now().UTC()))
		return fmt.Errorf("recompile permit of %s: %w", system, err)
	}
	r.tell(p)
	return nil
}

// recompiled is recompile, with a defect of ours as an error: whatever stands in
// the way of a compilation must take the permit off, not leave the old one on.
func (r *Room) recompiled(ctx context.Context, system string) (p permit.Permit, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("defect while compiling: %v", v)
		}
	}()
	return r.recompile(ctx, system)
}

// tell tells the runtime and remembers of which systems it knows.
func (r *Room) tell(p permit.Permit) {
	r.known.Lock()
	r.told[p.System] = true
	r.known.Unlock()
	r.o.Changed(p)
}

// Heard tells the runtime of the permit of a system as it stands in the
// database, because another node issued it or because this one starts. It
// compiles nothing, but holds the permit against its signature: a database that
// somebody wrote into by hand opens nothing. A permit that cannot be read is off.
func (r *Room) Heard(ctx context.Context, system string) error {
	ctx = store.WithActor(context.WithoutCancel(ctx), House)
	r.issuing.Lock() // what this node itself is about to write is newer
	defer r.issuing.Unlock()
	o, err := r.Of(ctx, r.db, system)
	switch {
	case problem.Is(err, problem.NotFound):
		return nil
	case err == nil:
		err = r.signed(o.Doc)
	}
	if err != nil {
		r.tell(unreadable(system, r.o.Now().UTC()))
		return fmt.Errorf("read permit of %s: %w", system, err)
	}
	r.tell(o.Doc.Permit)
	return nil
}

// signed checks a stored permit. Ed25519 gives one signature for one text and
// key (RFC 8032), so signing again is checking.
func (r *Room) signed(i Issued) error {
	want, err := r.sign(i.Permit.Canonical())
	if err != nil {
		return err
	}
	if i.Key != r.o.Signer.Name() || i.Signature != want || i.Permit.System != i.System {
		return problem.New(problem.Corrupt, "Die gespeicherte Betriebserlaubnis trägt nicht die Unterschrift der Organisation.",
			"The stored operating permit does not carry the organisation's signature.")
	}
	return nil
}

// recompile compiles outside a transaction first, because most changes leave a
// permit as it is. What has to be written is compiled once more inside the
// transaction: several nodes may compile at once, and of two the one with older
// facts must not have the last word.
func (r *Room) recompile(ctx context.Context, system string) (permit.Permit, error) {
	p, _, changed, err := r.compile(ctx, r.db, system)
	if err != nil || !changed {
		return p, err
	}
	if p.State != permit.Valid {
		r.tell(p) // off first, written afterwards
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		var have store.Object[Issued]
		if p, have, changed, err = r.compile(ctx, tx, system); err != nil || !changed {
			return err
		}
		return r.issue(ctx, tx, have, p)
	})
	return p, err
}

// compile compiles the permit of a system from what rd shows. changed says that
// it differs from the one that stands, have; have without an id: there is none.
func (r *Room) compile(ctx context.Context, rd store.Reader, system string) (p permit.Permit, have store.Object[Issued], changed bool, err error) {
	now := r.o.Now().UTC()
	d, err := r.Read(ctx, rd, system)
	if err != nil {
		return p, have, false, err
	}
	r.remember(d)
	f, err := r.factsOf(d)
	if err != nil {
		return p, have, false, err
	}
	p = permit.Compile(f, now)
	if d.Issued == nil {
		if p.State == permit.None {
			return p, have, false, nil
		}
		if f.Number, err = r.number(ctx, rd, now); err != nil {
			return p, have, false, err
		}
		p = permit.Compile(f, now)
		p.Version = 1
		return p, have, true, nil
	}
	stands := d.Issued.Doc.Permit
	p.Version = stands.Version
	if same(stands, p) {
		return stands, *d.Issued, false, nil
	}
	p.Version++
	return p, *d.Issued, true, nil
}

// issue stores the new version, signed, with its journal entry. have without an
// id: it is the first version.
func (r *Room) issue(ctx context.Context, tx *store.Tx, have store.Object[Issued], p permit.Permit) error {
	signature, err := r.sign(p.Canonical())
	if err != nil {
		return err
	}
	doc := Issued{System: p.System, Number: p.Number, State: string(p.State), ValidUntil: p.ValidUntil,
		Permit: p, Key: r.o.Signer.Name(), Signature: signature}
	if have.ID == "" {
		_, err = r.Permits.Create(ctx, tx, doc)
	} else {
		_, err = r.Permits.Update(ctx, tx, have.ID, have.Revision, doc)
	}
	if err != nil {
		return err
	}
	return r.emit(tx, eventType(have.Doc.Permit.State, p.State), p.System,
		permit.Entry{V: 1, Permit: p, Key: doc.Key, Signature: signature})
}

func eventType(before, now permit.State) string {
	switch {
	case now == permit.Suspended:
		return permit.TypeSuspended
	case before == permit.Suspended:
		return permit.TypeRestored
	}
	return permit.TypeIssued
}

// same reports whether two compilations say the same, apart from the instant
// they were made at.
func same(a, b permit.Permit) bool {
	a.CompiledAt, b.CompiledAt, a.Version, b.Version = time.Time{}, time.Time{}, 0, 0
	return slices.Equal(a.Canonical(), b.Canonical())
}

// number gives the next permit number of the year, BE-2026-0001.
func (r *Room) number(ctx context.Context, rd store.Reader, now time.Time) (string, error) {
	prefix := fmt.Sprintf("BE-%d-", now.Year())
	n, err := r.Permits.Count(ctx, rd, store.Filter{Field: "number", Op: "prefix", Values: []any{prefix}})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s%04d", prefix, n+1), nil
}

// unreadable is the permit of a system whose facts cannot be read: off.
func unreadable(system string, at time.Time) permit.Permit {
	return permit.Permit{System: system, State: permit.Suspended, CompiledAt: at, Lapses: []permit.Lapse{{
		Code: "permit.unreadable", Weight: 1000, Since: at, LiftBy: []string{"admin"}, Clauses: []string{"iso42001.A.6.2.6"},
		Say: text.Bi{DE: "Ruht: Die Angaben zum System sind zurzeit nicht lesbar.", EN: "Suspended: the facts of the system cannot be read right now."},
	}}}
}

// Affected names the systems whose permits a change may touch: the one that an
// object belongs to and the one that it belonged to before. All is set when it
// cannot be told apart.
func (r *Room) Affected(ctx context.Context, changes []store.Change) (systems []string, all bool) {
	ctx = store.WithActor(context.WithoutCancel(ctx), House)
	for _, c := range changes {
		var now string
		var err error
		switch c.Kind {
		case "system":
			if c.Op != store.Deleted { // one that has a permit cannot be deleted
				systems = append(systems, c.ID)
			}
			continue
		case "agreement":
			all = true
			continue
		case "person":
			owned, every := r.ofPerson(ctx, c.ID)
			systems, all = append(systems, owned...), all || every
			continue
		case "model":
			var o store.Object[inventory.Model]
			o, err = r.inv.Models.Get(ctx, r.db, c.ID)
			now = o.Doc.System
		case "classification":
			var o store.Object[classify.Classification]
			o, err = r.cls.Classifications.Get(ctx, r.db, c.ID)
			now = o.Doc.System
		case "assessment":
			var o store.Object[assess.Assessment]
			o, err = r.asm.Assessments.Get(ctx, r.db, c.ID)
			now = o.Doc.System
		case "approval":
			var o store.Object[Approval]
			o, err = r.Approvals.Get(ctx, r.db, c.ID)
			now = o.Doc.System
		default:
			src := r.sourceOf(c.Kind)
			if src == nil {
				continue
			}
			if now, err = src.SystemOf(ctx, r.db, c.Kind, c.ID); err == nil && now == "" {
				all = true
				continue
			}
		}
		r.known.Lock()
		was, known := slices.Clone(r.where[c.ID]), len(r.where[c.ID]) > 0
		r.known.Unlock()
		gone := problem.Is(err, problem.NotFound)
		switch {
		case err != nil && !gone, !known && c.Op != store.Created:
			all = true
		case known:
			systems = append(systems, was...)
		}
		if err == nil {
			systems = append(systems, now)
		}
	}
	slices.Sort(systems)
	return slices.Compact(systems), all
}

// sourceOf is the further room that knows a kind, or nil.
func (r *Room) sourceOf(kind string) stand.Source {
	for _, src := range r.o.Sources {
		if slices.Contains(src.Touches(), kind) {
			return src
		}
	}
	return nil
}

// remember notes which objects a system's permit rests on, in place of those it
// rested on before.
func (r *Room) remember(d Dossier) {
	var ids []string
	for _, o := range d.Models {
		ids = append(ids, o.ID)
	}
	for _, o := range d.Assessments {
		ids = append(ids, o.ID)
	}
	for _, o := range d.Approvals {
		ids = append(ids, o.ID)
	}
	for _, said := range d.Said {
		ids = append(ids, said.Objects...)
	}
	if d.draft != "" {
		ids = append(ids, d.draft)
	}
	if d.Classification != nil {
		ids = append(ids, d.Classification.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	system := d.System.ID
	r.known.Lock()
	defer r.known.Unlock()
	for _, id := range r.rests[system] {
		r.where[id] = slices.DeleteFunc(r.where[id], func(s string) bool { return s == system })
		if len(r.where[id]) == 0 {
			delete(r.where, id)
		}
	}
	for _, id := range ids {
		r.where[id] = append(r.where[id], system)
	}
	r.rests[system] = ids
}

// OnCommit recompiles what a committed change touches. It is the binding of the
// two planes: register it with the database. failed hears of every permit that
// could not be compiled; it is off.
func (r *Room) OnCommit(ctx context.Context, changes []store.Change, failed func(error)) {
	systems, all := r.Affected(ctx, changes)
	if all {
		if err := r.RecompileAll(ctx); err != nil {
			failed(err)
		}
		return
	}
	for _, id := range systems {
		if err := r.Recompile(ctx, id); err != nil {
			failed(err)
		}
	}
}

// RecompileAll recompiles every permit, at start and after a change that may
// touch any of them. One that fails does not keep the others from falling: all
// are tried, and the error joins what went wrong.
func (r *Room) RecompileAll(ctx context.Context) error {
	ctx = store.WithActor(context.WithoutCancel(ctx), House)
	var failures []error
	seen := map[string]bool{}
	q := store.Query{Limit: store.MaxLimit}
	for {
		p, err := r.inv.Systems.List(ctx, r.db, q)
		if err != nil {
			return errors.Join(append(failures, err, r.off(seen))...)
		}
		for _, o := range p.Items {
			seen[o.ID] = true
			if err := r.Recompile(ctx, o.ID); err != nil {
				failures = append(failures, err)
			}
		}
		if p.Next == "" {
			return errors.Join(failures...)
		}
		q.Cursor = p.Next
	}
}

// off takes off every permit that the runtime knows, except those already
// compiled again: the register cannot be read, so nothing proves them.
func (r *Room) off(except map[string]bool) error {
	r.issuing.Lock()
	defer r.issuing.Unlock()
	r.known.Lock()
	all := maps.Clone(r.told)
	r.known.Unlock()
	n := 0
	for id := range all {
		if !except[id] {
			n++
			r.o.Changed(unreadable(id, r.o.Now().UTC()))
		}
	}
	return fmt.Errorf("the register cannot be read; %d permits are off", n)
}

// Sweep recompiles the permits whose validity ended by now, so that the journal
// says when and why, not only the next refused request.
func (r *Room) Sweep(ctx context.Context) error {
	ctx = store.WithActor(context.WithoutCancel(ctx), House)
	var failures []error
	q := store.Query{Limit: store.MaxLimit, Filters: []store.Filter{
		store.Where("state", "=", string(permit.Valid)),
		store.Where("valid_until", "<=", r.o.Now().UTC()),
	}}
	for {
		p, err := r.Permits.List(ctx, r.db, q)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, o := range p.Items {
			if o.Doc.ValidUntil.IsZero() {
				continue
			}
			if err := r.Recompile(ctx, o.Doc.System); err != nil {
				failures = append(failures, err)
			}
		}
		if p.Next == "" {
			return errors.Join(failures...)
		}
		q.Cursor = p.Next
	}
}
