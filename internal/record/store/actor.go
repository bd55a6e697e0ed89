package store

import (
	"context"
	"errors"
	"fmt"

	"augenmass/internal/problem"
)

// Actor is who acts. Kind is person, workload, device or system.
type Actor struct {
	ID    string // never a name; "" only for the system
	Kind  string
	Roles []string
}

// System is the kind of the actor that is the program itself: seeds,
// projections, the sequencer. It is not asked for access.
const System = "system"

type actorKey struct{}

// WithActor returns a context in which a acts.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns who acts in ctx.
func ActorFrom(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok && (a.ID != "" || a.Kind == System)
}

// name is how history and journal name the actor.
func (a Actor) name() string {
	if a.ID == "" {
		return System
	}
	return a.ID
}

// Actions that AccessFunc is asked about.
const (
	Read   = "read"
	Create = "create"
	Update = "update"
	Delete = "delete"
)

// AccessFunc decides whether a may do action on an object of kind. It returns
// nil for yes and a problem (Denied, with reasons) for no; any error denies.
//
// doc is a *T: of a read and a deletion the stored document, of a creation the
// new one; an update is asked twice, for the stored document and for the new
// one. For lists and counts doc is nil, and the answer counts for the whole
// kind; a function that cannot say without the document returns AskDoc and is
// then asked row by row, at the price of reading every row.
type AccessFunc func(ctx context.Context, a Actor, action string, kind string, doc any) error

// AskDoc is the answer of an AccessFunc that needs to see each document.
var AskDoc = errors.New("store: access depends on the document")

// AllowAll is an AccessFunc that lets every actor do everything. It still
// needs an actor.
func AllowAll(context.Context, Actor, string, string, any) error { return nil }

// allow asks for access. doc may be nil; the error may then be AskDoc.
func (db *DB) allow(ctx context.Context, action string, k *kind, doc any) (Actor, error) {
	a, ok := ActorFrom(ctx)
	if !ok {
		return a, nobody()
	}
	if a.Kind == System {
		return a, nil
	}
	if db.opts.Access == nil {
		return a, denied(action, k, nil)
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
	return a, denied(action, k, err)
}

func denied(action string, k *kind, err error) error {
	de, en := map[string]string{Read: "lesen", Create: "anlegen", Update: "ändern", Delete: "löschen"}, "You may not %s this object (%s)."
	p := problem.New(problem.Denied, "Sie dürfen dieses Objekt nicht "+de[action]+" ("+k.name+").", fmt.Sprintf(en, action, k.name))
	if err != nil {
		p.Err = err
	}
	return p.WithReason("access."+action, "Ihre Rollen erlauben es nicht.", "Your roles do not allow it.")
}

func nobody() error {
	return problem.New(problem.Denied, "Dafür muss jemand angemeldet sein.", "Somebody has to be signed in for this.").
		WithReason("actor.missing", "Niemand ist angemeldet.", "Nobody is signed in.")
}
