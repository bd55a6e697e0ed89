// Package public is what an organisation shows to people without an account:
// the card of an AI system, behind the QR code at the machine and on the
// operating permit (criteria 5, 15, 32, 33).
//
// A card says what the software does and what for, what it can and cannot do, who
// decides, whether its permit is valid now, what it must not be used for, whether
// it concerns people, which notice about AI belongs to it, and how to object. It
// says nothing else that the register knows: no figures, no reasons
// of a lapse, no names of people, no models. It loads no script, sets no cookie
// and keeps no address.
package public

import (
	"embed"
	"net/http"

	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area. Each call has a limit on guessing of
// its own.
func Routes() []page.Route {
	cards := newCards()
	return []page.Route{
		{Method: http.MethodGet, Path: "/card/{code}", Name: "card_show", Open: true, Handle: cards.show},
	}
}
