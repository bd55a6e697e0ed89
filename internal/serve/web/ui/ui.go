// Package ui is the design system of the pages: one style sheet, one small
// script, the embedded typeface, and templ components that turn plain view
// structs into HTML.
//
// It knows nothing of the house but text and problem: pages fetch objects,
// decide what a reader may see, put words and numbers into the view structs
// below, and call components. Every component works without script; htmx only
// adds partial updates. The content security policy (Secure) forbids inline
// script and style, so lengths in meters and charts are SVG attributes.
//
// A page handler reads like this:
//
//	c := ui.Ctx{…}                                  // filled once per request by the face
//	ui.Render(w, r, http.StatusOK, page(c, view))   // page is the caller's templ component
//
//	templ page(c ui.Ctx, v view) {
//		@ui.Page(c, ui.PageView{Title: c.T("systems.title")}) {
//			@ui.Sheet(c, ui.SheetView{Title: c.T("systems.all")}) { … }
//		}
//	}
//
// Wording lies in texts/*.yaml beside the pages and is loaded by Texts. A
// refused form is answered with Status(p) and the same form, its Values and
// Problem filled. An accepted one is answered with a redirect and a Notice.
// htmx swaps answers of 4xx and 5xx too, so those are fragments as well when
// Partial(r) holds. Links to the side sheet carry hx-get, hx-target="#side" and
// an id (the focus returns to it), and an href to the whole page.
//
// Lint (lint_test.go) forbids inline style and script, hx-on, js:, filters in
// hx-trigger, templ.Raw and templ.SafeURL in everything under serve.
package ui

import (
	"strings"
	"time"

	"augenmass/internal/text"
)

// Ctx is what every component needs to know about reader and request. It is a
// value: copy it to change the language or the active area.
type Ctx struct {
	Lang    text.Lang
	Texts   *text.Catalogue           // from Texts
	Zone    *time.Location            // of the reader; nil: UTC
	Now     time.Time                 // of the request
	OrgName string                    // as people call the organisation
	OrgPath string                    // base path of its pages, no slash at the end: "/metallbau"
	Person  string                    // name of who is signed in; empty: nobody
	Roles   []string                  // in words, reader's language
	Area    string                    // active area, one of Areas
	Counts  map[string]int            // open work per area, shown in the rail
	Path    string                    // path and query of this page; the language switch comes back to it
	LawAsOf time.Time                 // state of the legal data, shown in the foot
	Notice  *NoticeView               // said once after POST-redirect-GET
	Clause  func(id string) ClauseRef // how a clause id of the packs is shown; nil: the id itself
	Links   map[string]string         // overrides of Link names, e.g. "help"
}

// Areas are the seven areas of the rail, in their order. Names are
// "area.<id>" in the catalogue, addresses OrgPath + "/" + id.
var Areas = []string{"overview", "systems", "duties", "operation", "people", "benefit", "proof"}

// T returns a text of the catalogue in the reader's language.
func (c Ctx) T(key string, args ...any) string { return c.Texts.T(c.Lang, key, args...) }

// Has reports whether the catalogue has the key.
func (c Ctx) Has(key string) bool { return c.Texts.Has(key) }

// In returns the reader's side of a text.
func (c Ctx) In(b text.Bi) string { return b.In(c.Lang) }

// Int writes a whole number.
func (c Ctx) Int(n int) string { return text.Int(c.Lang, int64(n)) }

// Decimal writes a number with the given decimals.
func (c Ctx) Decimal(v float64, places int) string { return text.Decimal(c.Lang, v, places) }

// Percent writes a share of 1.
func (c Ctx) Percent(share float64, places int) string { return text.Percent(c.Lang, share, places) }

// Duration writes a span in words.
func (c Ctx) Duration(d time.Duration) string { return text.Duration(c.Lang, d) }

// Date, DateTime, Clock and Relative write a time in the reader's zone.
func (c Ctx) Date(t time.Time) string { return text.Date(c.Lang, c.local(t)) }

// DateTime writes day and time.
func (c Ctx) DateTime(t time.Time) string { return text.DateTime(c.Lang, c.local(t)) }

// Clock writes hours and minutes.
func (c Ctx) Clock(t time.Time) string { return text.Clock(c.local(t)) }

// Millis writes a time of day to the millisecond.
func (c Ctx) Millis(t time.Time) string { return text.Millis(c.local(t)) }

// Relative writes a time as seen from Now.
func (c Ctx) Relative(t time.Time) string { return text.Relative(c.Lang, c.local(t), c.local(c.Now)) }

// local keeps the zero time zero, so that it is written as a dash.
func (c Ctx) local(t time.Time) time.Time {
	if t.IsZero() || c.Zone == nil {
		return t
	}
	return t.In(c.Zone)
}

// URL joins parts under the organisation's path: c.URL("systems", id).
func (c Ctx) URL(parts ...string) string {
	return c.OrgPath + "/" + strings.Join(parts, "/")
}

// Link returns the address of a page that the shell links to ("help",
// "settings", "language", "sign-out"): an override in Links, or the
// organisation's path and the name.
func (c Ctx) Link(name string) string {
	if to, ok := c.Links[name]; ok {
		return to
	}
	return c.URL(name)
}

// ClauseRefs turns clause ids of the packs ("aia.art14.1") into what readers see.
func (c Ctx) ClauseRefs(ids []string) []ClauseRef {
	refs := make([]ClauseRef, len(ids))
	for i, id := range ids {
		refs[i] = ClauseRef{Ref: id}
		if c.Clause != nil {
			refs[i] = c.Clause(id)
		}
	}
	return refs
}

// Asset returns the address of an embedded file, with its content hash.
func (c Ctx) Asset(name string) string { return Asset(name) }
