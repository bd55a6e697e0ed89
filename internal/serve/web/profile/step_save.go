package profile

import (
	"net/url"
	"strconv"

	"augenmass/internal/govern/profile"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// stepSave saves one step and leads to the next. What is wrong is said beside the
// fields; nothing typed is lost, also when somebody else saved meanwhile.
func stepSave(r *page.Request) error {
	if err := must(r, store.Update); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, at, ok := stepOf(r.Param("step"))
	if !ok {
		return noStep()
	}
	v, err := open(r)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	rd := &reader{c: r.C, in: in, lists: v.lists, now: r.C.Now, who: r.Who.ID, write: v.generate}
	draft := v.doc
	s.read(rd, &draft)
	before := v.doc
	if err = rd.checks.Err(); err == nil {
		var saved store.Object[profile.Profile]
		saved, err = r.Org.Profile.Save(r.Context(), v.sys.ID, revision, func(p *profile.Profile) {
			again := &reader{c: rd.c, in: in, lists: rd.lists, now: rd.now, who: rd.who, write: rd.write}
			s.read(again, p)
		})
		if err == nil {
			err = v.take(saved)
		}
	}
	switch {
	case err == nil:
		to := in.Get("go")
		if to == "" && opened(v, before, s, in) {
			to = "stay"
		}
		return r.Go(next(v, s, at, to), "profile.saved")
	case problem.Is(err, problem.BadInput):
		return ask(v, s, at, in, problem.From(err))
	case problem.Is(err, problem.Conflict):
		p := problem.From(err).WithHint("Ihre Eingabe steht noch hier. Wenn Sie jetzt speichern, gilt sie für diesen Schritt.",
			"Your input still stands here. If you save now, it counts for this step.")
		return ask(v, s, at, in, p)
	}
	return err
}

// opened reports whether an answer made more questions appear on the same step,
// or a text that the reader has to see.
func opened(v *view, before profile.Profile, s step, in url.Values) bool {
	switch s.name {
	case "data":
		return v.doc.Data.Personal != before.Data.Personal
	case "automated":
		return v.checked.Alone && len(v.lists.Article22) > 0 && !in.Has("automated/"+v.lists.Article22[0].ID+"/say")
	case "notices":
		return len(v.doc.Notices) > len(before.Notices)
	}
	return false
}

// next is where the reader goes after a step.
func next(v *view, s step, at int, to string) string {
	base := "/systems/" + v.sys.ID + "/profile"
	switch {
	case to == "stay":
		return base + "/" + s.name
	case to == "list" || at+1 >= len(steps):
		return base
	}
	return base + "/" + steps[at+1].name
}
