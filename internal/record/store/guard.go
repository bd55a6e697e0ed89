package store

import "context"

// Guard declares a rule of the kind that depends on what is stored. It is asked
// inside the transaction, after access and the kind's own checks, before an
// object is created or replaced; before is nil for a new one. An error undoes the
// write. No way of writing passes it by: pages, REST, table import and the
// program itself go through it. It may read and write other objects through tx,
// and changes neither document.
//
// The rule counts where the kind is registered with Open. A second value of the
// same kind, declared elsewhere to read or write it, obeys the registered one.
func Guard[T any](rule func(ctx context.Context, tx *Tx, id string, before, after *T) error) KindOption {
	return func(k *kind) {
		k.guard = func(ctx context.Context, tx *Tx, id string, before, after any) error {
			was, _ := before.(*T) // nil for a new object
			return rule(ctx, tx, id, was, after.(*T))
		}
	}
}

// guarded asks the kind's rule, if it has one.
func (tx *Tx) guarded(ctx context.Context, k *kind, id string, before, after any) error {
	if k.guard == nil {
		return nil
	}
	return k.guard(ctx, tx, id, before, after)
}
