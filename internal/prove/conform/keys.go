package conform

import (
	"cmp"
	"maps"
	"slices"
)

// sortedKeys makes what comes out of a map the same in every run.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
