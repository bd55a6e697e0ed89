package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"augenmass/internal/record/store/layout"
	"augenmass/internal/record/store/shape"
)

// kind is a declared kind without its Go type: its shape, and how that is laid
// out as columns. It is immutable.
type kind struct {
	name, prefix string
	goType       reflect.Type
	version      int
	upgrade      func(version int, raw json.RawMessage) (json.RawMessage, error)
	guard        func(ctx context.Context, tx *Tx, id string, before, after any) error // nil: none

	// Compiled when first needed, because rooms declare kinds more often than
	// they open them.
	once  sync.Once
	shape *shape.Shape
	err   error // what is wrong with the declaration

	*layout.Layout // set by compiled
}

var kindName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func newKind[T any](name, prefix string, opts []KindOption) *kind {
	k := &kind{name: name, prefix: prefix, goType: reflect.TypeFor[T](), version: 1, Layout: &layout.Layout{}}
	for _, o := range opts {
		o(k)
	}
	return k
}

// compiled returns k with its shape and layout.
func (k *kind) compiled() *kind {
	k.once.Do(func() {
		s, err := shape.Of(k.goType)
		switch {
		case err != nil:
			k.shape, k.err = &shape.Shape{}, err
			return
		case !kindName.MatchString(k.name) || !kindName.MatchString(k.prefix) || strings.Contains(k.prefix, "_"):
			k.err = fmt.Errorf("name %q or prefix %q is not a lower-case word", k.name, k.prefix)
		case k.version < 1 || k.version > 1 && k.upgrade == nil:
			k.err = fmt.Errorf("shape version %d has no upgrade from the ones before", k.version)
		}
		k.shape = s
		lay, err := layout.Of(k.name, s)
		if k.Layout = lay; err != nil {
			k.err = err
		}
	})
	return k
}

// titled is implemented by documents that name themselves in lists and links.
type titled interface{ Title() string }

func titleOf(doc any) string {
	if t, ok := doc.(titled); ok {
		return t.Title()
	}
	return ""
}
