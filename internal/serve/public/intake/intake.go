// Package intake is the page behind the one link through which colleagues report
// a tool that may be AI: what, where, what for, and whether it rates people
// (requirement 003-04). It needs no account and no name, loads no script, sets no
// cookie and keeps no address.
//
// Whoever reports gets a code and can look later what became of it. What is done
// with a tip is the AI officer's; room govern/discover checks the link and
// writes.
package intake

import (
	"embed"
	"net/http"
	"net/url"
	"time"

	"augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/pace"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this page, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Who has the link may still not fill the list by a program: these many tips at
// once for the whole organisation, then one each while. Our own convention.
const (
	manyTips = 30
	nextTip  = 20 * time.Second
)

// Routes lists the address of this page. Each call has limits of its own.
func Routes() []page.Route {
	d := &desk{links: pace.New(), tips: pace.Of(manyTips, nextTip), codes: pace.New()}
	return []page.Route{
		{Method: http.MethodGet, Path: "/intake/{token}", Name: "intake_show", Open: true, Handle: d.show},
		{Method: http.MethodPost, Path: "/intake/{token}", Name: "intake_tell", Open: true, Handle: d.tell},
	}
}

// desk holds the limits of one organisation: on links, on tips, on codes.
type desk struct{ links, tips, codes *pace.Gate }

// view is what the page shows.
type view struct {
	Form    ui.Form
	People  []ui.Option
	Look    ui.Form // looks what became of a tip
	Receipt string  // shown once, after reporting
	Became  string  // what became of a tip
	Reason  string
	Here    string
}

func (d *desk) show(r *page.Request) error {
	ok, err := d.enter(r)
	if err != nil || !ok {
		return err
	}
	return d.page(r, http.StatusOK, view{}, url.Values{}, nil)
}

func (d *desk) enter(r *page.Request) (bool, error) {
	token := r.Param("token")
	return door.Enter(r, d.links, token, func() (bool, error) { return r.Org.Discover.Opens(r.Context(), token) })
}

// tell takes a tip, or looks what became of one.
func (d *desk) tell(r *page.Request) error {
	ok, err := d.enter(r)
	if err != nil || !ok {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	if in.Has("receipt") {
		return d.look(r, in)
	}
	if wait, ok := d.tips.Take("", r.C.Now); !ok {
		return door.Wait(r, wait)
	}
	receipt, err := r.Org.Discover.Tell(r.Context(), r.Param("token"), discover.Tip{What: in.Get("what"), Where: in.Get("where"), Purpose: in.Get("purpose"),
		People: discover.Guess(in.Get("people")), Contact: in.Get("contact")})
	if problem.Is(err, problem.BadInput) {
		return d.page(r, http.StatusUnprocessableEntity, view{}, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return d.page(r, http.StatusOK, view{Receipt: receipt}, url.Values{}, nil)
}

// look says what became of a tip to whoever has its code.
func (d *desk) look(r *page.Request, in url.Values) error {
	code := in.Get("receipt")
	if wait, ok := d.codes.Take(code, r.C.Now); !ok {
		return door.Wait(r, wait)
	}
	t, ok, err := r.Org.Discover.Told(r.Context(), r.Param("token"), code)
	if err != nil {
		return err
	}
	if !ok {
		return d.page(r, http.StatusOK, view{Became: r.C.T("intake.became.none")}, url.Values{}, nil)
	}
	d.codes.Hit(code)
	return d.page(r, http.StatusOK, view{Became: r.C.T("intake.became." + string(t.Status)), Reason: t.Reason}, url.Values{}, nil)
}

func (d *desk) page(r *page.Request, status int, v view, in url.Values, p *problem.Problem) error {
	c := r.C
	v.Here = door.Here(r)
	v.Form = ui.Form{C: c, ID: "tip", Prefix: "intake.form.", Action: v.Here, Values: in, Problem: p, Submit: c.T("intake.send"), Touch: true}
	v.Look = ui.Form{C: c, ID: "look", Prefix: "intake.form.", Action: v.Here, Values: url.Values{}, Submit: c.T("intake.look"), Touch: true}
	for _, g := range discover.Guess("").Values() {
		v.People = append(v.People, ui.Option{Value: g, Text: c.T("intake.people." + g)})
	}
	return ui.Render(r.W, r.R, status, tipPage(c, v, door.Other(r)))
}
