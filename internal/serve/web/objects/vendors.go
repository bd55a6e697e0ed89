package objects

import (
	"net/http"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/serve/web/page"
)

// Vendors lists the pages of vendors. They belong to the area of the systems but
// lie beside it: below /systems, an id stands in the second place of an address.
func Vendors() []page.Route {
	return append(Routes("/vendors", "systems", inventory.Vendors()), page.Route{Method: http.MethodGet, Path: "/systems/vendors",
		Name: "vendor_list", Area: "systems", Handle: func(r *page.Request) error { return r.Go("/vendors", "") }})
}
