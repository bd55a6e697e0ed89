package conform

import (
	"maps"
	"slices"
)

// sortedKeys makes what comes out of a map the same in every run.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
