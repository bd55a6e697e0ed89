package store

import (
	"context"
	"errors"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/access"
	"augenmass/internal/record/store/refusal"
)

// Who acts, and who decides what they may; see package access.
type (
	Actor      = access.Actor
	AccessFunc = access.Func
)

// System is the kind of the actor that is the program itself; the others are the
// actions that an AccessFunc is asked about.
const (
	System = access.System
	Read   = access.Read
	Create = access.Create
	Update = access.Update
	Delete = access.Delete
)

// AskDoc is the answer of an AccessFunc that needs to see each document.
var AskDoc = access.AskDoc

// WithActor returns a context in which a acts.
func WithActor(ctx context.Context, a Actor) context.Context { return access.With(ctx, a) }

// ActorFrom returns who acts in ctx.
func ActorFrom(ctx context.Context) (Actor, bool) { return access.From(ctx) }

// AllowAll is an AccessFunc that lets every actor do everything. It still
// needs an actor.
func AllowAll(context.Context, Actor, string, string, any) error { return nil }

// allow asks for access. doc may be nil; the error may then be AskDoc.
func (db *DB) allow(ctx context.Context, action string, k *kind, doc any) (Actor, error) {
	a, ok := ActorFrom(ctx)
	if !ok {
		return a, refusal.Nobody()
	}
	if a.Kind == System {
		return a, nil
	}
	if db.opts.Access == nil {
		return a, refusal.Denied(action, k.name, nil)
	}
	err := db.opts.Access(ctx, a, action, k.name, doc)
	switch {
	case err == nil:
		return a, nil
	case errors.Is(err, AskDoc) && doc == nil && action == Read:
		return a, AskDoc
	}
	var p *problem.Problem
	if errors.As(err, &p) {
		return a, err
	}
	return a, refusal.Denied(action, k.name, err)
}
