package systems

import (
	"slices"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
)

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
// end; the page of the life says what each step asks for.
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
	return append(out, ui.Action{Text: c.T("systems.step.retired"), Href: c.URL("systems", o.ID, "retire"), Kind: "quiet"},
		ui.Action{Text: c.T("systems.step.more"), Href: c.URL("systems", o.ID, "life"), Kind: "quiet"})
}
