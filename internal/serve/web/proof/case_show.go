package proof

import (
	"net/http"
	"net/url"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// caseView is the page from which a case file is taken.
type caseView struct {
	Tabs    []ui.LinkView
	May     bool
	WhoMay  string
	Form    ui.Form
	Size    int
	Journal string // key names to compare
	Seal    string
	Keys    []ui.Fact
}

// caseShow says what a case file is, who may take one, and how it is verified.
func caseShow(r *page.Request) error { return askCase(r, http.StatusOK, url.Values{}, nil) }

func askCase(r *page.Request, status int, in url.Values, p *problem.Problem) error {
	if err := must(r, store.Read, "casefile"); err != nil {
		return err
	}
	c := r.C
	v := caseView{Tabs: Tabs(r, "cases"), May: can(r, roles.Export, "casefile"), Size: int(r.Org.Journal.Size())}
	var who []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, roles.Export, "casefile") {
			who = append(who, c.In(info.Title))
		}
	}
	v.WhoMay = c.T("proof.case.who", "roles", show.List(c, who))
	v.Keys = []ui.Fact{{Term: c.T("proof.case.key.journal"), Text: r.Org.Journal.VerifierKey(), Mono: true}, {Term: c.T("proof.case.key.seal"), Text: r.Org.SealKey, Mono: true}}
	v.Form = ui.Form{C: c, ID: "case", Prefix: "proof.case.", Action: c.URL("proof", "cases"), Values: in, Problem: p, Submit: c.T("proof.case.submit")}
	return r.ShowAs(status, ui.PageView{Title: c.T("proof.case"), Over: c.T("proof.case.over")}, caseBody(c, v))
}
