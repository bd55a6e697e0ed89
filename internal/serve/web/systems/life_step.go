package systems

import (
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// lifeStep moves a system to another stage. Which steps there are is the
// room's.
func lifeStep(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	to := inventory.LifeCycle(in.Get("to"))
	if to == inventory.Retired {
		return r.Go("/systems/"+r.Param("id")+"/retire", "")
	}
	if err := setLife(r, in, to); err != nil {
		return err
	}
	return r.Go("/systems/"+r.Param("id"), "systems.step")
}

func setLife(r *page.Request, in url.Values, to inventory.LifeCycle) error {
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	_, err = r.Org.Inventory.SetLifeCycle(r.Context(), r.Param("id"), revision, to)
	return err
}

// lifeRetire asks before the one step that cannot be taken back.
func lifeRetire(r *page.Request) error { return showRetire(r, url.Values{}, nil) }

func lifeRetireDo(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	if in.Get("sure") == "yes" {
		if err := setLife(r, in, inventory.Retired); err != nil {
			return err
		}
		return r.Go("/systems/"+r.Param("id"), "systems.retired")
	}
	var c problem.Checks
	c.Field(false, "sure", "Bitte bestätigen, dass das System stillgelegt bleibt.", "Please confirm that the system stays retired.")
	return showRetire(r, in, problem.From(c.Err()))
}

func showRetire(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := mustAccess(r, store.Update); err != nil {
		return err
	}
	o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	f := ui.Form{C: r.C, ID: "retire", Prefix: "systems.retire.", Action: r.C.URL("systems", o.ID, "retire"), Values: in, Problem: p,
		Submit: r.C.T("systems.retire.submit"), Cancel: r.C.URL("systems", o.ID), Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}}
	return r.ShowAs(status(p), ui.PageView{Title: r.C.T("systems.retire.title"), Narrow: true, Crumbs: crumbs(r.C, o)}, retireBody(r.C, f))
}

// stages are the stages of a system's life, for the lifeline.
func stages(c ui.Ctx, o store.Object[inventory.System]) []ui.Stage {
	var out []ui.Stage
	all := inventory.LifeCycle("").Values()
	now := slices.Index(all, string(o.Doc.LifeCycle))
	for i, name := range all {
		s := ui.Stage{Name: c.T("systems.stage." + name), State: "next"}
		switch {
		case i == now:
			s.State = "now"
		case i < now:
			s.State = "done"
		}
		if i == 0 {
			s.When = c.T("systems.since", "date", c.Date(o.CreatedAt))
		}
		out = append(out, s)
	}
	return out
}

// steps are the buttons of the lifeline: one stage forward, one back, and the
// end.
func steps(c ui.Ctx, o store.Object[inventory.System]) []ui.Action {
	all := inventory.LifeCycle("").Values()
	now := slices.Index(all, string(o.Doc.LifeCycle))
	if now < 0 || o.Doc.LifeCycle == inventory.Retired {
		return nil
	}
	step := func(to int, kind string) ui.Action {
		return ui.Action{Text: c.T("systems.step." + all[to]), Href: c.URL("systems", o.ID, "life"), Post: true, Kind: kind,
			Hidden: map[string]string{"to": all[to], "revision": strconv.FormatInt(o.Revision, 10)}}
	}
	var out []ui.Action
	if all[now+1] != string(inventory.Retired) {
		out = append(out, step(now+1, ""))
	}
	if now > 0 {
		back := step(now-1, "quiet")
		back.Text = c.T("systems.step.back." + all[now-1])
		out = append(out, back)
	}
	return append(out, ui.Action{Text: c.T("systems.step.retired"), Href: c.URL("systems", o.ID, "retire"), Kind: "quiet"})
}
