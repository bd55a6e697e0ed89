package text

import (
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Compare returns a function that orders names as readers of l look for them
// (Apfel, Ärger, Ofen, Öl), digits by value (Halle 2 before Halle 10). The
// function is for one goroutine.
func Compare(l Lang) func(a, b string) int {
	tag := language.German
	if l == EN {
		tag = language.BritishEnglish
	}
	return collate.New(tag, collate.Numeric).CompareString
}

// SortBy sorts items by a name of theirs, as readers of l look for it.
func SortBy[T any](l Lang, items []T, name func(T) string) {
	cmp := Compare(l)
	slices.SortStableFunc(items, func(a, b T) int { return cmp(name(a), name(b)) })
}
