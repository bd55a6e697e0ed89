// Package benefit is the area "Nutzen": use cases with the effect that was
// expected before the start and the effect measured so far, in hours and euros
// (requirement 002-11; criterion 41). A missing value is visible, and nothing is
// extrapolated: measured is what somebody measured.
//
// The use cases are value's; their forms and pages are the default ones
// (objects). Business cases and trials are not here yet.
package benefit

import (
	"embed"

	"augenmass/internal/govern/value"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route {
	return objects.Routes("/benefit", "benefit", value.UseCases(), objects.List(usecaseList))
}
