// Package objects makes pages from a declaration: a list with filter, search,
// sorting, paging and a table to take away, a form with every type of field, the
// object with its history and with what refers to it, and its end. A kind costs
// its struct and its words; a page that people deserve better replaces one of
// these.
//
//	objects.Routes("/benefit", "benefit", value.UseCases())
//
// Labels come from the catalogue: kinds.<kind> names many, kind.<kind> one,
// kind.<kind>.<path> a field, with .help, .plain, .expert, .source and .unit
// behind it, kind.<kind>.<path>.<value> a value of a list of values. Where a
// label is missing, the field's name is made readable.
//
// It decides nothing: who may read or write is the store's access check, which
// these pages also ask before they show a button; what a document must be is the
// kind's. It shows no number that the object does not hold.
package objects

import (
	"embed"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this package and of the kinds that have pages, for
// ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of the pages of one kind below base ("/benefit"),
// in one of ui.Areas.
func Routes(base, area string, kind store.AnyKind, more ...Option) []page.Route {
	return nil
}

// Option changes the pages of a kind.
type Option func(*Pages)

// Pages are the pages of one kind.
type Pages struct{}
