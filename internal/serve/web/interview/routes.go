// Package interview is the impact assessment of one system in the browser: which
// of the three assessments is owed and why, the questions section by section, the
// answers of several people with their dissent, the conclusion, two rounds side by
// side, and each result on paper (requirements 001-47, 002-64, 002-67, 000-34,
// 003-74).
//
// One page is one section; every form works without script. A person answers for
// themselves: their own answers are in the fields, what stands and what others
// said is shown beside them. What counts, what is hidden and what follows is for
// govern/interview and the pack to say.
package interview

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/interview"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const area, base = "systems", "/systems/{id}/impact"
	return []page.Route{
		{Method: http.MethodGet, Path: base, Name: "impact_show", Area: area, Handle: impactShow},
		{Method: http.MethodPost, Path: base, Name: "impact_begin", Area: area, Handle: impactBegin},
		{Method: http.MethodGet, Path: base + "/section/{section}", Name: "impact_section", Area: area, Handle: impactSection},
		{Method: http.MethodPost, Path: base + "/section/{section}", Name: "impact_answer", Area: area, Handle: impactAnswer},
		{Method: http.MethodPost, Path: base + "/conclude", Name: "impact_conclude", Area: area, Handle: impactConclude},
		{Method: http.MethodGet, Path: base + "/compare", Name: "impact_compare", Area: area, Handle: impactCompare},
		{Method: http.MethodGet, Path: base + "/report/{result}", Name: "impact_report", Area: area, Handle: impactReport},
	}
}

// talk is one system with its rounds, as a page needs it.
type talk struct {
	r       *page.Request
	c       ui.Ctx
	sys     store.Object[inventory.System]
	subject interview.Subject
	waves   []store.Object[interview.Interview] // newest first
	wave    *store.Object[interview.Interview]  // the one that is shown; nil: none yet
	st      interview.State
	people  show.People
	persons []ui.Option // for choices; whoever may begin a round
}

// open reads everything: at most five queries. which is the number of a round;
// empty: the newest.
func open(r *page.Request, which string) (*talk, error) {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Read, "interview", nil); err != nil {
		return nil, err
	}
	ctx, db := r.Context(), r.Org.DB
	sys, err := r.Org.Inventory.Systems.Get(ctx, db, r.Param("id"))
	if err != nil {
		return nil, err
	}
	t := &talk{r: r, c: r.C, sys: sys}
	cls, err := r.Org.Classify.Of(ctx, db, sys.ID)
	switch {
	case err == nil:
		t.subject.Classification = &cls
	case !problem.Is(err, problem.NotFound):
		return nil, err
	}
	t.subject.Grave = stand.Subject{System: sys, Classification: t.subject.Classification}.Grave()
	if t.waves, err = r.Org.Impact.Of(ctx, db, sys.ID); err != nil {
		return nil, err
	}
	if err := t.choose(which); err != nil {
		return nil, err
	}
	return t, t.names()
}

func (t *talk) choose(which string) (err error) {
	for i := range t.waves {
		if which == "" || strconv.Itoa(t.waves[i].Doc.Wave) == which {
			t.wave = &t.waves[i]
			break
		}
	}
	if t.wave == nil && which != "" {
		return problem.New(problem.NotFound, "Diese Runde gibt es nicht.", "There is no such round.")
	}
	v, err := t.r.Org.Impact.Questions(interview.Impact)
	if err != nil {
		return err
	}
	if t.wave != nil {
		t.st, err = t.r.Org.Impact.Read(t.r.Context(), t.r.Org.DB, *t.wave, t.subject)
		return err
	}
	t.st = interview.State{Questions: v}
	t.st.Owed, err = interview.Owings(t.r.Org.Library(), v, t.subject.Grave, t.subject.Classification, nil, t.c.Now)
	return err
}

// names reads the people in one query: everybody active for choices, whose names
// are at hand then, too.
func (t *talk) names() error {
	ids := []string{}
	if t.wave != nil {
		for _, p := range t.wave.Doc.Participants {
			ids = append(ids, p.Person)
		}
		ids = append(ids, t.wave.Doc.ConcludedBy, t.wave.Doc.OpenWho)
	}
	if !t.mayLead() {
		var err error
		slices.Sort(ids)
		t.people, err = show.Names(asHouse(t.r), t.r.Org.DB, slices.Compact(ids)...)
		return err
	}
	all, err := identity.Persons().List(t.r.Context(), t.r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	t.people = show.People{}
	for _, p := range all.Items {
		t.people[p.ID] = p.Doc.Name
		if p.Doc.Active {
			t.persons = append(t.persons, ui.Option{Value: p.ID, Text: p.Doc.Name})
		}
	}
	slices.SortFunc(t.persons, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	return nil
}

// asHouse reads names for the page: whoever may read an interview sees who takes
// part in it, because every answer stands with its name.
func asHouse(r *page.Request) context.Context {
	return store.WithActor(r.Context(), store.Actor{Kind: store.System})
}

// mayLead reports whether the reader may begin and conclude rounds.
func (t *talk) mayLead() bool { return roles.Allowed(t.r.Who.Roles, store.Update, "interview") }

// takesPart reports whether the reader may answer.
func (t *talk) takesPart() bool {
	return t.wave != nil && t.wave.Doc.Open() && roles.Allowed(t.r.Who.Roles, store.Create, "interview_entry") &&
		slices.ContainsFunc(t.wave.Doc.Participants, func(p interview.Participant) bool { return p.Person == t.r.Who.ID })
}

// path is an address of these pages below the organisation.
func (t *talk) path(more string) string { return "/systems/" + t.sys.ID + "/impact" + more }

func (t *talk) href(more string) string { return t.r.Base + t.path(more) }

// frame is the page around a body.
func (t *talk) frame(title string, further ...ui.LinkView) ui.PageView {
	crumbs := []ui.LinkView{{Text: t.c.T("area.systems"), Href: t.c.URL("systems")}, {Text: t.sys.Doc.Name, Href: t.c.URL("systems", t.sys.ID)}}
	return ui.PageView{Title: title, Crumbs: append(crumbs, further...)}
}

// back is the crumb to the overview.
func (t *talk) back() ui.LinkView {
	return ui.LinkView{Text: t.c.T("impact.title"), Href: t.href("")}
}

// clauses are references as shown.
func (t *talk) clauses(ids []string) []ui.ClauseRef { return t.c.ClauseRefs(ids) }

// word is the text of an option of an item, or of a value that all share.
func (t *talk) word(it ask.Item, value string) string {
	for i, o := range it.Options {
		if o.ID == value {
			return t.c.In(o.Text)
		}
		if it.Type == ask.Scale && strconv.Itoa(i+1) == value {
			return value + " – " + t.c.In(o.Text)
		}
	}
	switch value {
	case ask.Yes, ask.No, ask.Unknown, ask.None:
		return t.c.T("impact.value." + value)
	}
	return value
}

// said writes an answer in words.
func (t *talk) said(it ask.Item, a interview.Answer) string {
	var parts []string
	if it.Type == ask.Right {
		parts = append(parts, t.judged(a.Right))
	}
	for _, v := range a.Values {
		parts = append(parts, t.word(it, v))
	}
	out := strings.Join(parts, ", ")
	if a.Text != "" {
		if out != "" {
			out += ". "
		}
		out += a.Text
	}
	return out
}

// judged writes a judgement: what was before the measures, what remains.
func (t *talk) judged(j interview.Judgement) string {
	if j.Touched != ask.Yes {
		return t.c.T("impact.touched." + j.Touched)
	}
	rights := t.st.Questions.Rights
	return t.c.T("impact.judged", "risk", t.level(rights.Risk(ask.Judgement(j))), "left", t.level(rights.Left(ask.Judgement(j))))
}

// level is the word for a level; none: no right is touched.
func (t *talk) level(n int) string {
	words := t.st.Questions.Rights.Levels
	if n < 1 || n > len(words) {
		return t.c.T("impact.level.none")
	}
	return t.c.In(words[n-1])
}

// levelMark is a level as a state.
func (t *talk) levelMark(n int) ui.Mark {
	kind := ui.OK
	switch {
	case n >= 4:
		kind = ui.Stop
	case n == 3:
		kind = ui.Warn
	case n == 0:
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: t.level(n)}
}

// classes says that the classification is missing or unclear, so that a duty
// cannot be decided by answers here.
func classified(c *store.Object[classify.Classification]) bool {
	return c != nil && c.Doc.Concluded() && c.Doc.Class != packs.Unclear
}
