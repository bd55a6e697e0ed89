// Package overview is the first page after sign-in: what runs, what needs the
// reader, what was decided just now, what is measured, what it brings.
//
// Everything on it leads to a record. It asks the rooms and decides nothing;
// numbers that cost a scan come from gauge and show when they were counted.
package overview

import (
	"embed"
	"net/http"

	"augenmass/internal/org"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route { return routesOf((*org.Org).Troubles) }

func routesOf(troubles troubleSource) []page.Route {
	a := &area{troubles: troubles}
	return []page.Route{
		{Method: http.MethodGet, Path: "/overview", Name: "overview_show", Area: "overview", Handle: a.overviewShow},
		{Method: http.MethodGet, Path: "/overview/stream", Name: "stream_follow", Area: "overview", Handle: a.streamFollow},
	}
}

// area holds what the pages of one server share.
type area struct {
	gauges   gauge.House
	troubles troubleSource
}

// troubleSource tells what is wrong with the record; tests say their own.
type troubleSource func(*org.Org) []org.Trouble
