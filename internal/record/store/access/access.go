// Package access is who acts and what an actor may be asked about: the words that
// record/store and whoever decides about access share. It decides nothing.
package access

import (
	"context"
	"errors"
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

// With returns a context in which a acts.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// From returns who acts in ctx.
func From(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok && (a.ID != "" || a.Kind == System)
}

// Called is how history and journal name the actor.
func (a Actor) Called() string {
	if a.ID == "" {
		return System
	}
	return a.ID
}

// Actions that a Func is asked about.
const (
	Read   = "read"
	Create = "create"
	Update = "update"
	Delete = "delete"
)

// Func decides whether a may do action on an object of kind. It returns nil for
// yes and a problem (Denied, with reasons) for no; any error denies.
//
// doc is a *T: of a read and a deletion the stored document, of a creation the
// new one; an update is asked twice, for the stored document and for the new
// one. For lists and counts doc is nil, and the answer counts for the whole
// kind; a function that cannot say without the document returns AskDoc and is
// then asked row by row, at the price of reading every row.
type Func func(ctx context.Context, a Actor, action string, kind string, doc any) error

// AskDoc is the answer of a Func that needs to see each document.
var AskDoc = errors.New("store: access depends on the document")
