package approve

import (
	"context"
	"fmt"
	"slices"
	"time"

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
func (r *Room) Preview(ctx context.Context, d Dossier) (permit.Permit, error) {
	have, err := r.Of(ctx, r.db, d.System.ID)
	issued := err == nil
	if err != nil && !problem.Is(err, problem.NotFound) {
		return permit.Permit{}, err
	}
	f, err := r.factsOf(d, issued)
	if err != nil {
		return permit.Permit{}, err
	}
	if issued {
		f.Number = have.Doc.Number
	}
	p := permit.Compile(f, r.o.Now().UTC())
	p.Version = have.Doc.Permit.Version
	return p, nil
}

// Recompile compiles the permit of a system from its facts as they are now,
// and issues, suspends or restores it if that changed anything. The runtime is
// told before it returns. Whatever goes wrong takes the permit off.
func (r *Room) Recompile(ctx context.Context, system string) error {
	ctx = store.WithActor(ctx, House)
	r.issuing.Lock()
	defer r.issuing.Unlock()
	p, err := r.recompile(ctx, system)
	if err != nil {
		r.o.Changed(unreadable(system, r.o.Now().UTC()))
		return fmt.Errorf("recompile permit of %s: %w", system, err)
	}
	r.o.Changed(p)
	return nil
}

func (r *Room) recompile(ctx context.Context, system string) (permit.Permit, error) {
	now := r.o.Now().UTC()
	var p permit.Permit
	d, err := r.Read(ctx, r.db, system)
	if err != nil {
		return p, err
	}
	have, err := r.Of(ctx, r.db, system)
	first := problem.Is(err, problem.NotFound)
	if err != nil && !first {
		return p, err
	}
	f, err := r.factsOf(d, !first)
	if err != nil {
		return p, err
	}
	f.Number = have.Doc.Number
	if first {
		if p = permit.Compile(f, now); p.State == permit.None {
			return p, nil
		}
		if f.Number, err = r.number(ctx, now); err != nil {
			return p, err
		}
	}
	p = permit.Compile(f, now)
	p.Version = have.Doc.Permit.Version
	if !first && same(have.Doc.Permit, p) {
		return have.Doc.Permit, nil
	}
	p.Version++
	return p, r.issue(ctx, have, first, p)
}

// issue stores the new version, signed, with its journal entry in one
// transaction.
func (r *Room) issue(ctx context.Context, have store.Object[Issued], first bool, p permit.Permit) error {
	signature, err := r.sign(p.Canonical())
	if err != nil {
		return err
	}
	doc := Issued{System: p.System, Number: p.Number, State: string(p.State), ValidUntil: p.ValidUntil,
		Permit: p, Key: r.o.Signer.Name(), Signature: signature}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if first {
			_, err = r.Permits.Create(ctx, tx, doc)
		} else {
			_, err = r.Permits.Update(ctx, tx, have.ID, have.Revision, doc)
		}
		if err != nil {
			return err
		}
		return r.emit(tx, eventType(have.Doc.Permit.State, p.State), p.System,
			permit.Entry{V: 1, Permit: p, Key: doc.Key, Signature: signature})
	})
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
func (r *Room) number(ctx context.Context, now time.Time) (string, error) {
	prefix := fmt.Sprintf("BE-%d-", now.Year())
	n, err := r.Permits.Count(ctx, r.db, store.Filter{Field: "number", Op: "prefix", Values: []any{prefix}})
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

// Affected names the systems whose permits a change may touch. All is set when
// it cannot be told apart.
func (r *Room) Affected(ctx context.Context, changes []store.Change) (systems []string, all bool) {
	ctx = store.WithActor(ctx, House)
	add := func(id string, err error) {
		if err != nil || id == "" {
			all = true
			return
		}
		systems = append(systems, id)
	}
	for _, c := range changes {
		switch c.Kind {
		case "system":
			if c.Op != "delete" && c.Op != "deleted" {
				add(c.ID, nil)
			}
		case "model":
			o, err := r.inv.Models.Get(ctx, r.db, c.ID)
			add(o.Doc.System, err)
		case "classification":
			o, err := r.cls.Classifications.Get(ctx, r.db, c.ID)
			add(o.Doc.System, err)
		case "assessment":
			o, err := r.asm.Assessments.Get(ctx, r.db, c.ID)
			add(o.Doc.System, err)
		case "approval":
			o, err := r.Approvals.Get(ctx, r.db, c.ID)
			add(o.Doc.System, err)
		case "agreement":
			all = true
		}
	}
	slices.Sort(systems)
	return slices.Compact(systems), all
}

// OnCommit recompiles what a committed change touches. It is the binding of the
// two planes: register it with the database.
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
// touch any of them.
func (r *Room) RecompileAll(ctx context.Context) error {
	return r.each(ctx, nil, func(id string) error { return r.Recompile(ctx, id) })
}

// Sweep recompiles the permits whose validity ended before now, so that the
// journal says when and why, not only the next refused request.
func (r *Room) Sweep(ctx context.Context) error {
	ctx = store.WithActor(ctx, House)
	q := store.Query{Limit: 200, Filters: []store.Filter{
		{Field: "state", Op: "=", Values: []any{string(permit.Valid)}},
		{Field: "valid_until", Op: "<=", Values: []any{r.o.Now().UTC()}},
	}}
	p, err := r.Permits.List(ctx, r.db, q)
	if err != nil {
		return err
	}
	for _, o := range p.Items {
		if o.Doc.ValidUntil.IsZero() {
			continue
		}
		if err := r.Recompile(ctx, o.Doc.System); err != nil {
			return err
		}
	}
	return nil
}

// each visits every registered system.
func (r *Room) each(ctx context.Context, filters []store.Filter, do func(id string) error) error {
	ctx = store.WithActor(ctx, House)
	cursor := ""
	for {
		p, err := r.inv.Systems.List(ctx, r.db, store.Query{Filters: filters, Limit: 200, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, o := range p.Items {
			if err := do(o.ID); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		cursor = p.Next
	}
}
