package people

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// deviceExtra shows on the page of a device what its last check counts now.
func deviceExtra(r *page.Request, o store.Record) (templ.Component, error) {
	var d identity.Device
	if err := json.Unmarshal(o.Doc, &d); err != nil {
		return nil, err
	}
	c := r.C
	var action *ui.Action
	if can(r, store.Update, identity.KindDevice) {
		action = &ui.Action{Text: c.T("people.posture.report"), Href: c.URL("people", "access", "devices", o.ID, "posture")}
	}
	return deviceNow(c, show.PostureMark(c, d.Posture.At(c.Now, postureValid)), checked(c, d.Posture), action), nil
}

// postureShow asks for the result of a check of a device.
func postureShow(r *page.Request) error { return askPosture(r, http.StatusOK, url.Values{}, nil) }

func askPosture(r *page.Request, status int, in url.Values, p *problem.Problem) error {
	if err := must(r, store.Update, identity.KindDevice); err != nil {
		return err
	}
	o, err := identity.Devices().Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	f := ui.Form{C: c, ID: "posture", Prefix: "kind.device.posture.", Action: c.URL("people", "access", "devices", o.ID, "posture"), Values: in, Problem: p,
		Submit: c.T("people.posture.save"), Cancel: c.URL("people", "access", "devices", o.ID)}
	crumbs := append(belowAccess(c), ui.LinkView{Text: o.Doc.Name, Href: c.URL("people", "access", "devices", o.ID)})
	return r.ShowAs(status, ui.PageView{Title: c.T("people.posture.report"), Narrow: true, Crumbs: crumbs}, postureBody(c, f))
}

// postureReport stores a check that was made just now.
func postureReport(r *page.Request) error {
	if err := must(r, store.Update, identity.KindDevice); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	var c problem.Checks
	state := identity.PostureState(in.Get("state"))
	c.Field(state == identity.PostureOK || state == identity.PostureDegraded, "state", "Bitte das Ergebnis wählen.", "Please choose the result.")
	days, ok := text.ParseDecimal(r.C.Lang, in.Get("patch_age_days"))
	c.Field(ok && days >= 0 && days <= 36_500 && days == float64(int(days)), "patch_age_days", "Hier gehört eine ganze Zahl von 0 bis 36.500 hin.", "This wants a whole number from 0 to 36,500.")
	err = c.Err()
	if err == nil {
		err = r.Org.Identity.ReportPosture(r.Context(), r.Who, r.Param("id"), identity.Posture{State: state, CheckedAt: r.C.Now.UTC(), PatchAgeDays: int(days), Managed: in.Get("managed") == "true"})
	}
	if p, ok := formError(err); ok {
		return askPosture(r, ui.Status(p), in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/people/access/devices/"+r.Param("id"), "people.posture.saved")
}
