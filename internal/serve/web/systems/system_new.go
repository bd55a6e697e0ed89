package systems

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// systemNew is the short form.
func systemNew(r *page.Request) error {
	if err := mustAccess(r, store.Create); err != nil {
		return err
	}
	start := url.Values{"risk_owner": {r.Who.ID}, "review_by": {r.C.Now.UTC().AddDate(1, 0, 0).Format("2006-01-02")}}
	return showNew(r, start, nil)
}

func systemCreate(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	f := reader{c: r.C, in: in}
	var doc inventory.System
	f.entry(&doc)
	if err = f.err(&doc); err == nil {
		doc.Code = cardCode()
		var made store.Object[inventory.System]
		err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			made, err = r.Org.Inventory.Systems.Create(r.Context(), tx, doc)
			return err
		})
		if err == nil {
			return r.Go("/systems/"+made.ID, "systems.created")
		}
	}
	if problem.Is(err, problem.BadInput) {
		return showNew(r, in, problem.From(err))
	}
	return err
}

func showNew(r *page.Request, in url.Values, p *problem.Problem) error {
	people, err := owners(r)
	if err != nil {
		return err
	}
	f := ui.Form{C: r.C, ID: "system", Prefix: "systems.form.", Action: r.C.URL("systems", "new"), Values: in, Problem: p,
		Submit: r.C.T("systems.new.submit"), Cancel: r.C.URL("systems")}
	return r.ShowAs(status(p), ui.PageView{Title: r.C.T("systems.new.title"), Narrow: true,
		Crumbs: []ui.LinkView{{Text: r.C.T("systems.title"), Href: r.C.URL("systems")}}}, newBody(r.C, f, people))
}

func status(p *problem.Problem) int {
	if p == nil {
		return 200
	}
	return ui.Status(p)
}

// mustAccess refuses a page whose form the reader may not post.
func mustAccess(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, "system", nil)
}

// owners are the people who can own a risk: everybody active.
func owners(r *page.Request) ([]ui.Option, error) {
	p, err := identity.Persons().List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("active", "=", true)}, Sort: "title", Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, nil
}

// cardAlphabet has no signs that are easily mixed up on paper.
var cardAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

// cardCode is the code of a system's public card: 80 random bits, so that it
// cannot be guessed (criterion 24 asks as much of objections).
func cardCode() string {
	raw := make([]byte, 10)
	rand.Read(raw) // never fails (crypto/rand)
	return strings.ToLower(cardAlphabet.EncodeToString(raw))
}
