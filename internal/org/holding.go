package org

import (
	"context"
	"slices"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// holding answers approve's questions about persons from the register of
// people.
type holding struct{}

// MayApprove implements approve.Holding. Somebody unknown may not.
func (holding) MayApprove(ctx context.Context, rd store.Reader, person string) (bool, error) {
	o, err := identity.Persons().Get(ctx, rd, person)
	if problem.Is(err, problem.NotFound) {
		return false, nil
	}
	if err != nil || !o.Doc.Active {
		return false, err
	}
	return roles.MayApprove(o.Doc.Held()), nil
}

// Functions implements approve.Holding.
func (holding) Functions(ctx context.Context, rd store.Reader) ([]string, error) {
	var known []any
	for _, f := range roles.Function("").Values() {
		known = append(known, f)
	}
	who, err := identity.Persons().All(ctx, rd, store.Query{Filters: []store.Filter{
		store.Where("functions", "in", known...), store.Where("active", "=", true)}})
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, o := range who {
		for _, f := range o.Doc.Functions {
			out = append(out, string(f))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
