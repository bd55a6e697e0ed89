package interview

import (
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/interview"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// impactConclude ends the round: results are drawn, the reminder is set.
func impactConclude(r *page.Request) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Update, "interview", nil); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	t, err := open(r, "")
	if err != nil {
		return err
	}
	if t.wave == nil {
		return problem.New(problem.NotFound, "Es gibt noch keine Runde.", "There is no round yet.")
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist nicht vollständig.", "The form is not complete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.")
	}
	months, err := strconv.Atoi(in.Get("months"))
	if err != nil {
		months = 0 // the room names it
	}
	out := interview.Input{Draw: in["draw"], Say: in.Get("say"), Conditions: in.Get("conditions"), Months: months, OpenWho: in.Get("open_who")}
	if day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(in.Get("open_due")), zone(r)); err == nil { // otherwise the room names it
		out.OpenDue = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	_, err = r.Org.Impact.Conclude(r.Context(), t.wave.ID, revision, t.subject, out)
	if problem.Is(err, problem.BadInput) {
		p := problem.From(err)
		return t.overview(ui.Status(p), in, "conclude", p)
	}
	if err != nil {
		return err
	}
	return r.Go(t.path(""), "impact.concluded")
}

// zone is the reader's time zone.
func zone(r *page.Request) *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}
