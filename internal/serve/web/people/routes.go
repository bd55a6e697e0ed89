// Package people is one area of the pages; its manual follows with its pages.
package people

import (
	"embed"

	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route { return nil }
