package assess_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

const ident = assess.Identification

func system(h *governtest.House) string {
	return governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "Werkzeug"}).ID
}

func answers(pairs ...string) []assess.Answer {
	var out []assess.Answer
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, assess.Answer{Item: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// In clear cases six questions are enough, and the verdict says which rule
// spoke, with its clause (acceptance 2, 18).
func TestQuickPath(t *testing.T) {
	h := governtest.Open(t)
	q, err := h.Assess.Questionnaire(ident)
	h.Must(err)
	for name, c := range map[string]struct {
		say     map[string]string
		verdict string
	}{
		"a trained model":    {map[string]string{"kid-b3": "yes", "kid-b4": "yes", "kid-c1": "yes", "kid-d3": "yes", "kid-e1": "no", "kid-e2": "no"}, "ai_system"},
		"a spreadsheet":      {map[string]string{"kid-b3": "no", "kid-b4": "yes", "kid-c1": "no", "kid-c2": "no", "kid-d3": "no", "kid-e1": "yes", "kid-e2": "no"}, "not_ai"},
		"rules about people": {map[string]string{"kid-b3": "no", "kid-b4": "yes", "kid-c1": "no", "kid-c2": "no", "kid-d3": "no", "kid-e1": "yes", "kid-e2": "yes"}, "not_ai_but_people"},
	} {
		var given []assess.Answer
		for {
			v, err := h.Assess.Read(q, h.Now(), given)
			h.Must(err)
			if v.Next == nil {
				if got := v.Outcome.Values["verdict"]; got != c.verdict || len(v.Outcome.Trace) == 0 || len(v.Outcome.Trace[0].Clauses) == 0 {
					t.Errorf("%s: %s, trace %v", name, got, v.Outcome.Trace)
				}
				break
			}
			say, ok := c.say[v.Next.ID]
			if !ok {
				t.Fatalf("%s: an unexpected question %s", name, v.Next.ID)
			}
			given = append(given, assess.Answer{Item: v.Next.ID, Value: say})
		}
		if len(given) > 6 {
			t.Errorf("%s: %d questions", name, len(given))
		}
	}
}

func TestConclude(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	ctx := h.As("ai_officer")
	o, err := h.Assess.Put(ctx, id, ident, 0, governtest.Clear())
	h.Must(err)
	d := o.Doc
	if d.Verdict != "ai_system" || !d.Done || d.MaxPoints != 11 || d.Points < 6 || len(d.Trace) == 0 || len(d.Trace[0].Clauses) == 0 ||
		!d.AsOf.Equal(h.Now()) || !d.ValidUntil.Equal(h.Now().Add(365*24*time.Hour)) || d.Version == "" || !d.Concluded() {
		t.Errorf("%+v", d)
	}
	// The wrong revision shows what is stored.
	_, err = h.Assess.Put(ctx, id, ident, 0, governtest.Clear())
	p := problem.From(err)
	have, ok := p.Have.(store.Object[assess.Assessment])
	if p.Kind != problem.Conflict || !ok || have.Revision != o.Revision {
		t.Errorf("%v, have %T", err, p.Have)
	}
	if _, err := h.Assess.Put(ctx, "sys_nothing", ident, 0, governtest.Clear()); !problem.Is(err, problem.BadInput) {
		t.Errorf("no such system: %v", err)
	}
	if _, err := h.Assess.Put(ctx, id, "nothing", 0, nil); !problem.Is(err, problem.NotFound) {
		t.Errorf("no such questionnaire: %v", err)
	}
	if _, err := h.Assess.Put(context.Background(), id, ident, o.Revision, governtest.Clear()); !problem.Is(err, problem.Denied) {
		t.Errorf("nobody: %v", err)
	}
}

// Every wrong answer is named, all at once.
func TestWrongAnswers(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	bad := append(answers("kid-b3", "perhaps", "kid-zz", "yes", "kid-b4", "yes", "kid-b4", "no"), assess.Answer{})
	for name, f := range map[string]func() error{
		"conclude": func() error { _, err := h.Assess.Put(h.As("ai_officer"), id, ident, 0, bad); return err },
		"keep":     func() error { _, err := h.Assess.Keep(h.As("ai_officer"), id, ident, 0, bad); return err },
	} {
		p := problem.From(f())
		var paths []string
		for _, f := range p.Fields {
			paths = append(paths, f.Path)
		}
		for _, want := range []string{"answers.kid-b3", "answers.kid-zz", "answers.kid-b4"} {
			if p.Kind != problem.BadInput || !slices.Contains(paths, want) {
				t.Errorf("%s: %s is not among %v", name, want, paths)
			}
		}
	}
	if _, err := h.Assess.One(h.As(""), h.DB, id, ident); !problem.Is(err, problem.NotFound) {
		t.Errorf("something was stored: %v", err)
	}
}

// Unclear is a verdict with an owner and a day in the future.
func TestUnclearNeedsOwnerAndDay(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	in := assess.Input{Answers: answers("kid-b3", "unknown", "kid-b4", "yes", "kid-c1", "unknown", "kid-d3", "unknown", "kid-e1", "unknown", "kid-e2", "no")}
	put := func() (store.Object[assess.Assessment], error) {
		return h.Assess.Conclude(h.As("ai_officer"), id, ident, 0, in)
	}
	_, err := put()
	if p := problem.From(err); p.Kind != problem.BadInput || len(p.Fields) != 2 {
		t.Fatalf("without owner and day: %v", err)
	}
	in.OpenWho, in.OpenDue = h.People["ai_officer"].ID, h.Now()
	if _, err = put(); !problem.Is(err, problem.BadInput) {
		t.Fatalf("a day that is over: %v", err)
	}
	in.OpenDue = h.Now().AddDate(0, 0, 14)
	o, err := put()
	h.Must(err)
	if o.Doc.Verdict != packs.Unclear || len(o.Doc.Open) == 0 || o.Doc.OpenWho == "" || o.Doc.OpenDue.IsZero() {
		t.Errorf("%+v", o.Doc)
	}
	// Cleared up, owner and day are gone.
	o, err = h.Assess.Put(h.As("ai_officer"), id, ident, o.Revision, governtest.Clear())
	h.Must(err)
	if o.Doc.OpenWho != "" || !o.Doc.OpenDue.IsZero() || len(o.Doc.Open) != 0 {
		t.Errorf("%+v", o.Doc)
	}
}

// Each step is kept; the verdict that stands goes on standing until a new one
// is saved, and the draft then ends.
func TestDraft(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	ctx := h.As("ai_officer")
	all := governtest.Clear()
	o, err := h.Assess.Keep(ctx, id, ident, 0, all[:1])
	h.Must(err)
	if o.Doc.Concluded() || o.Doc.Verdict != packs.Unclear || len(o.Doc.Current()) != 1 || o.Doc.Done {
		t.Fatalf("a first draft: %+v", o.Doc)
	}
	if _, err := h.Assess.Keep(ctx, id, ident, 0, all[:2]); !problem.Is(err, problem.Conflict) {
		t.Errorf("two people at once: %v", err)
	}
	o, err = h.Assess.Keep(ctx, id, ident, o.Revision, all)
	h.Must(err)
	o, err = h.Assess.Put(ctx, id, ident, o.Revision, all)
	h.Must(err)
	if len(o.Doc.Draft) != 0 || o.Doc.Verdict != "ai_system" {
		t.Fatalf("after the verdict: %+v", o.Doc)
	}
	changed := slices.Clone(all)
	changed[5].Value = "yes"
	o, err = h.Assess.Keep(ctx, id, ident, o.Revision, changed)
	h.Must(err)
	if o.Doc.Verdict != "ai_system" || !slices.Equal(o.Doc.Current(), changed) || !slices.Equal(o.Doc.Answers, all) {
		t.Errorf("looking at it again: %+v", o.Doc)
	}
	o, err = h.Assess.Keep(ctx, id, ident, o.Revision, all)
	h.Must(err)
	if len(o.Doc.Draft) != 0 {
		t.Errorf("the same answers are no draft: %+v", o.Doc.Draft)
	}
}

// Answers never decide more than they say: whatever is answered, a verdict that
// is not unclear stays the same when more is answered.
func TestVerdictIsNeverGuessed(t *testing.T) {
	h := governtest.Open(t)
	q, err := h.Assess.Questionnaire(ident)
	h.Must(err)
	var items []string
	for _, s := range q.Sections {
		for _, it := range s.Items {
			items = append(items, it.ID)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var some, all []assess.Answer
		for _, id := range items {
			a := assess.Answer{Item: id, Value: rapid.SampledFrom([]string{"yes", "no"}).Draw(t, id)}
			all = append(all, a)
			switch rapid.IntRange(0, 2).Draw(t, id+" known") {
			case 0:
				some = append(some, a)
			case 1:
				some = append(some, assess.Answer{Item: id, Value: "unknown"})
			}
		}
		early, err := h.Assess.Read(q, governtest.Start, some)
		if err != nil {
			t.Fatal(err)
		}
		late, err := h.Assess.Read(q, governtest.Start, all)
		if err != nil {
			t.Fatal(err)
		}
		// An implied answer is one that nobody gave; giving another one replaces it.
		if implied(q, some, all) {
			return
		}
		if v := early.Outcome.Values["verdict"]; v != packs.Unclear && v != late.Outcome.Values["verdict"] {
			t.Fatalf("%v says %s, %v says %s", some, v, all, late.Outcome.Values["verdict"])
		}
		if early.Score.Points > early.Score.Most || late.Score.Points > late.Score.Max {
			t.Fatalf("points %+v %+v", early.Score, late.Score)
		}
	})
}

// implied reports whether the questionnaire filled in an answer for some that
// all contradicts.
func implied(q *packs.Questionnaire, some, all []assess.Answer) bool {
	given := map[string]string{}
	for _, a := range some {
		given[a.Item] = a.Value
	}
	full := q.Fill(given)
	return slices.ContainsFunc(all, func(a assess.Answer) bool {
		v, filled := full[a.Item]
		return filled && v != "unknown" && v != a.Value
	})
}

func TestOrganisationsApart(t *testing.T) {
	a, b := governtest.Open(t), governtest.Open(t)
	id := system(a)
	if _, err := b.Assess.Put(b.As("ai_officer"), id, ident, 0, governtest.Clear()); !problem.Is(err, problem.BadInput) {
		t.Errorf("%v", err)
	}
	_, err := a.Assess.Put(a.As("ai_officer"), id, ident, 0, governtest.Clear())
	a.Must(err)
	list, err := b.Assess.Of(b.As(""), b.DB, id)
	b.Must(err)
	if len(list) != 0 {
		t.Errorf("%v", list)
	}
}
