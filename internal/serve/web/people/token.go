package people

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

func tokenTable(r *page.Request, items []store.Object[identity.Token], names show.People) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "tokens", Caption: c.T("people.tokens"), Empty: ui.EmptyView{Title: c.T("people.notokens")},
		Cols: []ui.Col{{Head: c.T("people.token.name")}, {Head: c.T("people.token.holder")}, {Head: c.T("people.token.scopes")}, {Head: c.T("people.token.state")}}}
	manage := can(r, roles.Manage, "token")
	if manage {
		t.Cols = append(t.Cols, ui.Col{Head: c.T("people.token.end")})
	}
	for _, o := range items {
		mark := tokenMark(c, o.Doc)
		row := ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: c.URL("people", "access", "tokens", o.ID)}, {Text: named(names, o.Doc.Holder()), Href: objects.Href(c, o.Doc.Holder())},
			{Text: strings.Join(scopeWords(c, o.Doc.Scopes, names), ", ")}, {Mark: &mark, Note: c.T("people.token.until", "at", c.DateTime(o.Doc.ExpiresAt))}}}
		if manage {
			cell := ui.Cell{Text: "–"}
			if mark.Kind == ui.OK {
				cell = ui.Cell{Body: ui.Button(revoke(c, o.ID))}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func revoke(c ui.Ctx, id string) ui.Action {
	return ui.Action{Text: c.T("people.token.revoke"), Href: c.URL("people", "access", "tokens", id, "revoke"), Post: true, Kind: "stop"}
}

// tokenMark is the state of a token now.
func tokenMark(c ui.Ctx, t identity.Token) ui.Mark {
	switch {
	case !t.RevokedAt.IsZero():
		return ui.Mark{Kind: ui.Stop, Word: c.T("people.token.revoked")}
	case !c.Now.Before(t.ExpiresAt):
		return ui.Mark{Kind: ui.None, Word: c.T("people.token.expired")}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("people.token.valid")}
}

// scopeWords says what a token may do.
func scopeWords(c ui.Ctx, scopes []string, names show.People) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		name, of, _ := strings.Cut(s, ":")
		switch {
		case name+":" == identity.ScopeInfer:
			out[i] = c.T("people.scope.infer", "system", named(names, of))
		case name+":" == identity.ScopePlant:
			out[i] = c.T("people.scope.plant", "zone", of)
		case s == identity.ScopeEvaluate:
			out[i] = c.T("people.scope.evaluate")
		case s == identity.ScopeJournal:
			out[i] = c.T("people.scope.journal")
		case s == identity.ScopePosture:
			out[i] = c.T("people.scope.posture")
		case s == identity.ScopeRead:
			out[i] = c.T("people.scope.read")
		default:
			out[i] = s
		}
	}
	return out
}

// tokenForm is the form of a new token.
type tokenForm struct {
	Form   ui.Form
	Holder ui.FieldView
	Scopes ui.FieldView
}

// tokenNew asks for a new API token of a program or a device.
func tokenNew(r *page.Request) error {
	return askToken(r, http.StatusOK, url.Values{"holder": {r.Query("holder")}}, nil)
}

func askToken(r *page.Request, status int, in url.Values, p *problem.Problem) error {
	if err := must(r, roles.Manage, "token"); err != nil {
		return err
	}
	c, ctx, db := r.C, r.Context(), r.Org.DB
	q := store.Query{Sort: "title", Limit: store.MaxLimit}
	workloads, err := identity.Workloads().List(ctx, db, q)
	if err != nil {
		return err
	}
	devices, err := identity.Devices().List(ctx, db, q)
	if err != nil {
		return err
	}
	systems, err := r.Org.Inventory.Systems.List(ctx, db, q)
	if err != nil {
		return err
	}
	f := tokenForm{Form: ui.Form{C: c, ID: "token", Prefix: "people.token.", Action: c.URL("people", "access", "tokens", "new"), Values: in, Problem: onToken(p),
		Submit: c.T("people.token.submit"), Cancel: c.URL("people", "access")}}
	f.Holder, f.Scopes = f.Form.Field("holder").Req(), f.Form.Field("scopes").Req()
	f.Holder.Blank = c.T("objects.unset")
	names, zones := show.People{}, []string{}
	for _, o := range workloads.Items {
		f.Holder.Options = append(f.Holder.Options, ui.Option{Value: o.ID, Text: c.T("people.holder.workload", "name", o.Doc.Name)})
		zones = append(zones, o.Doc.Zone)
	}
	for _, o := range devices.Items {
		f.Holder.Options = append(f.Holder.Options, ui.Option{Value: o.ID, Text: c.T("people.holder.device", "name", o.Doc.Name)})
		zones = append(zones, o.Doc.Zone)
	}
	var scopes []string
	for _, o := range systems.Items {
		names[o.ID] = o.Doc.Name
		scopes = append(scopes, identity.ScopeInfer+o.ID)
	}
	slices.Sort(zones)
	for _, z := range slices.Compact(zones) {
		scopes = append(scopes, identity.ScopePlant+z)
	}
	scopes = append(scopes, identity.ScopeEvaluate, identity.ScopeJournal, identity.ScopePosture)
	for i, w := range scopeWords(c, scopes, names) {
		f.Scopes.Options = append(f.Scopes.Options, ui.Option{Value: scopes[i], Text: w})
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("people.token.new"), Narrow: true, Crumbs: belowAccess(c)}, tokenFormBody(c, f))
}

// onToken brings the paths of a problem to the names of inputs.
func onToken(p *problem.Problem) *problem.Problem {
	q := onFields(p)
	if q == nil {
		return nil
	}
	for i := range q.Fields {
		switch q.Fields[i].Path {
		case "workload", "device", "person":
			q.Fields[i].Path = "holder"
		}
	}
	return q
}

// tokenCreate makes a token and shows its secret: on this one answer, which no
// cache keeps, and never again.
func tokenCreate(r *page.Request) error {
	if err := must(r, roles.Manage, "token"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	doc, err := tokenOf(r, in)
	if p, ok := formError(err); ok {
		return askToken(r, ui.Status(p), in, p)
	}
	secret, made, err := r.Org.Identity.CreateToken(r.Context(), doc)
	if p, ok := formError(err); ok {
		return askToken(r, ui.Status(p), in, p)
	}
	if err != nil {
		return err
	}
	r.W.Header().Set("Cache-Control", "no-store")
	c := r.C
	return r.Show(ui.PageView{Title: c.T("people.token.made"), Narrow: true, Crumbs: belowAccess(c)}, tokenSecretBody(c, made, secret))
}

// tokenOf reads a token from a form. Its last day is included.
func tokenOf(r *page.Request, in url.Values) (identity.Token, error) {
	t := identity.Token{Name: strings.TrimSpace(in.Get("name"))}
	for _, s := range in["scopes"] {
		if s != "" {
			t.Scopes = append(t.Scopes, s)
		}
	}
	switch holder := in.Get("holder"); {
	case strings.HasPrefix(holder, identity.Devices().Prefix()+"_"):
		t.Device = holder
	default:
		t.Workload = holder
	}
	var c problem.Checks
	if s := in.Get("expires_at"); s != "" {
		at, err := time.ParseInLocation(time.DateOnly, s, r.Zone)
		c.Field(err == nil, "expires_at", "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
		t.ExpiresAt = at.AddDate(0, 0, 1).UTC()
	}
	return t, c.Err()
}

// tokenShow is one token without its secret, which nobody can show again.
func tokenShow(r *page.Request) error {
	c, ctx := r.C, r.Context()
	o, err := identity.Tokens().Get(ctx, r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	ids := append(systemsIn(o.Doc.Scopes), o.Doc.Holder(), o.CreatedBy, o.Doc.RevokedBy)
	names, err := show.Names(ctx, r.Org.DB, ids...)
	if err != nil {
		return err
	}
	mark := tokenMark(c, o.Doc)
	facts := []ui.Fact{{Term: c.T("people.token.state"), Mark: &mark}, {Term: c.T("people.token.holder"), Text: named(names, o.Doc.Holder()), Href: objects.Href(c, o.Doc.Holder())},
		{Term: c.T("people.token.scopes"), Text: strings.Join(scopeWords(c, o.Doc.Scopes, names), ", ")}, {Term: c.T("people.token.ends"), Text: c.DateTime(o.Doc.ExpiresAt)},
		{Term: c.T("people.token.created"), Text: c.DateTime(o.CreatedAt), Note: names.Name(c, o.CreatedBy)}}
	if !o.Doc.RevokedAt.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("people.token.revoked.at"), Text: c.DateTime(o.Doc.RevokedAt), Note: names.Name(c, o.Doc.RevokedBy)})
	}
	head := ui.PageView{Title: o.Doc.Name, Crumbs: belowAccess(c), Narrow: true}
	if mark.Kind == ui.OK && can(r, roles.Manage, "token") {
		head.Actions = []ui.Action{revoke(c, o.ID)}
	}
	journal := ui.LinkView{Text: c.T("objects.journal")}
	if can(r, store.Read, "journal") {
		journal.Href = c.URL("proof", "journal") + "?subject=" + o.ID
	}
	return r.Show(head, tokenBody(c, facts, journal))
}

// tokenRevoke ends a token at once.
func tokenRevoke(r *page.Request) error {
	if err := must(r, roles.Manage, "token"); err != nil {
		return err
	}
	if err := r.Org.Identity.RevokeToken(r.Context(), r.Param("id")); err != nil {
		return err
	}
	return r.Go("/people/access", "people.token.ended")
}
