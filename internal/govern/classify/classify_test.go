package classify_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

func system(h *governtest.House) string {
	return governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "Werkzeug"}).ID
}

func answers(pairs ...string) []classify.Answer {
	var out []classify.Answer
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, classify.Answer{Fact: pairs[i], Values: strings.Split(pairs[i+1], "+")})
	}
	return out
}

// the four systems of a metal works, as people answer the questions.
var works = map[string]struct {
	say   []classify.Answer
	class string
	most  int // questions about the class; 0: it stays unclear
	role  string
	level int
}{
	"predictive maintenance": {answers("practices", "none", "areas", "none", "product", "none", "outputs", "none",
		"activities", "uses", "consequence", "disturbance", "reach", "plant", "targeted", "no"), "minimal", 6, "deployer", 1},
	"office assistant": {answers("practices", "none", "areas", "none", "product", "none", "outputs", "chat+synthetic", "editing_only", "no", "obvious", "yes",
		"activities", "uses", "consequence", "disturbance", "reach", "office", "targeted", "no"), "limited", 6, "deployer", 1},
	"shift planning, traits unknown": {answers("practices", "none", "areas", "workers", "worker_basis", "unknown", "profiling", "unknown", "derogation", "unknown",
		"product", "none", "outputs", "none", "activities", "uses", "changes", "none", "consequence", "none", "reach", "office", "targeted", "no"), "unclear", 0, "deployer", 1},
	"shift planning by traits": {answers("practices", "none", "areas", "workers", "worker_basis", "traits", "profiling", "yes",
		"activities", "uses", "changes", "none", "consequence", "none", "reach", "office", "targeted", "no"), "high", 6, "deployer", 1},
	"shift planning by availability": {answers("practices", "none", "areas", "workers", "worker_basis", "planning", "product", "none", "outputs", "none",
		"activities", "uses", "consequence", "none", "reach", "office", "targeted", "no"), "minimal", 6, "deployer", 1},
	"emotions of workers": {answers("practices", "f", "emotion_reason", "no",
		"activities", "uses", "changes", "none", "consequence", "none", "reach", "office", "targeted", "no"), "prohibited", 6, "deployer", 1},
}

// In clear cases at most six questions lead to the class; what cannot matter is
// not asked (acceptance 2).
func TestQuestions(t *testing.T) {
	h := governtest.Open(t)
	for name, c := range works {
		var given []classify.Answer
		ofClass := 0
		for {
			res, err := h.Classify.Read(h.Now(), "ai_system", given)
			h.Must(err)
			if res.Next == nil {
				if res.Class != c.class || res.Role != c.role || res.Level != c.level || !res.LevelKnown {
					t.Errorf("%s: class %s role %s level %d %v", name, res.Class, res.Role, res.Level, res.LevelKnown)
				}
				for _, part := range []string{classify.PartClass, classify.PartRole, classify.PartLevel} {
					says := slices.ContainsFunc(res.Trace, func(s classify.Step) bool { return s.Part == part && len(s.Clauses) > 0 })
					if !says && (part != classify.PartClass || c.most > 0) {
						t.Errorf("%s: nothing says why the %s", name, part)
					}
				}
				if res.Unclear() != (c.most == 0) || (len(res.Open) > 0) != (c.most == 0) {
					t.Errorf("%s: unclear %v, open %v", name, res.Unclear(), res.Open)
				}
				break
			}
			i := slices.IndexFunc(c.say, func(a classify.Answer) bool { return a.Fact == res.Next.Name })
			if i < 0 {
				t.Fatalf("%s: an unexpected question %s after %v", name, res.Next.Name, given)
			}
			if res.NextSet == classify.ClassRules {
				ofClass++
			}
			given = append(given, c.say[i])
		}
		if c.most > 0 && ofClass > c.most {
			t.Errorf("%s: %d questions about the class", name, ofClass)
		}
		res, err := h.Classify.Read(h.Now(), "ai_system", given)
		h.Must(err)
		for _, step := range res.Trace {
			if c.most == 0 && step.Part == classify.PartClass && slices.Contains(step.Clauses, "aia.art4.1") {
				t.Errorf("%s: the class is unclear, and yet: %s", name, step.Say.EN)
			}
		}
		if want := map[bool]string{true: "high minimal", false: ""}[c.most == 0]; strings.Join(res.Possible, " ") != want {
			t.Errorf("%s: possible %v, want %s", name, res.Possible, want)
		}
		path, err := h.Classify.Path(h.Now(), "ai_system", given)
		h.Must(err)
		if len(path) != len(given) {
			t.Errorf("%s: path %v, asked %v", name, path, given)
		}
	}
}

// An answer that no longer matters is kept, is not on the path, and does not
// count.
func TestHiddenAnswersDoNotCount(t *testing.T) {
	h := governtest.Open(t)
	given := append(slices.Clone(works["shift planning by traits"].say), answers("product", "none", "outputs", "none")...)
	given[1] = classify.Answer{Fact: "areas", Values: []string{classify.None}}
	res, err := h.Classify.Read(h.Now(), "ai_system", given)
	h.Must(err)
	if res.Class != "minimal" {
		t.Errorf("class %s", res.Class)
	}
	path, err := h.Classify.Path(h.Now(), "ai_system", given)
	h.Must(err)
	if slices.Contains(path, "worker_basis") || slices.Contains(path, "profiling") || !slices.Contains(path, "product") {
		t.Errorf("path %v", path)
	}
}

// What is no AI system has no class and no role under the AI Act; a security
// level it has. What nobody identified stays unclear.
func TestVerdictOfTheIdentification(t *testing.T) {
	h := governtest.Open(t)
	for verdict, want := range map[string][2]string{
		"not_ai": {"none", "none"}, "not_ai_but_people": {"none", "none"}, "unclear": {"unclear", "deployer"}, "": {"unclear", "deployer"},
	} {
		res, err := h.Classify.Read(h.Now(), verdict, append(governtest.Minimal(), answers("changes", "none")...))
		h.Must(err)
		if got := [2]string{res.Class, res.Role}; got != want {
			t.Errorf("%q: %v, want %v", verdict, got, want)
		}
		if verdict == "unclear" && !slices.Contains(res.Open, classify.FactAI) {
			t.Errorf("open %v does not hold the identification", res.Open)
		}
	}
	res, err := h.Classify.Read(h.Now(), "not_ai", nil)
	h.Must(err)
	if res.Next == nil || res.NextSet != classify.LevelRules {
		t.Errorf("asked %v of %s, want the security level", res.Next, res.NextSet)
	}
	o, err := h.Classify.Put(h.As("ai_officer"), system(h), 0, classify.Input{Verdict: "not_ai", Answers: governtest.Minimal()})
	h.Must(err)
	if o.Doc.Class != classify.ClassNone || o.Doc.Unclear() {
		t.Errorf("%+v", o.Doc)
	}
	if _, err := h.Classify.Put(h.As("ai_officer"), system(h), 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal(),
		Class: classify.ClassNone, Reason: "Das ist doch keine KI."}); !problem.Is(err, problem.BadInput) {
		t.Errorf("the class none was chosen by hand: %v", err)
	}
}

func TestPut(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	ctx := h.As("ai_officer")
	o, err := h.Classify.Put(ctx, id, 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()})
	h.Must(err)
	d := o.Doc
	if d.Class != "minimal" || d.ByRules != "minimal" || d.Role != "deployer" || d.Level != 1 || !d.LevelKnown || len(d.Trace) == 0 ||
		d.Verdict != "ai_system" || !d.AsOf.Equal(h.Now()) || !d.ValidUntil.Equal(h.Now().Add(365*24*time.Hour)) ||
		!strings.Contains(d.Version, classify.ClassRules) {
		t.Errorf("%+v", d)
	}
	_, err = h.Classify.Put(ctx, id, o.Revision+1, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()})
	p := problem.From(err)
	if have, ok := p.Have.(store.Object[classify.Classification]); p.Kind != problem.Conflict || !ok || have.Revision != o.Revision {
		t.Errorf("%v, have %T", err, p.Have)
	}
	if _, err := h.Classify.Put(ctx, "sys_nothing", 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()}); !problem.Is(err, problem.BadInput) {
		t.Errorf("no such system: %v", err)
	}
	if _, err := h.Classify.Put(context.Background(), id, o.Revision, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()}); !problem.Is(err, problem.Denied) {
		t.Errorf("nobody: %v", err)
	}
}

// Upwards and downwards, a class that differs from the rules needs a sentence
// (acceptance 29); what is prohibited stays so.
func TestOverride(t *testing.T) {
	h := governtest.Open(t)
	high := works["shift planning by traits"].say
	const why = "Die Software wird nur zur Probe gezeigt."
	for name, c := range map[string]struct {
		say           []classify.Answer
		class, reason string
		field         string // empty: accepted
	}{
		"up without a reason":     {governtest.Minimal(), "high", "", "reason"},
		"up with one word":        {governtest.Minimal(), "high", "Vorsichtshalberhalber", "reason"},
		"up":                      {governtest.Minimal(), "high", why, ""},
		"down without a reason":   {high, "minimal", " ", "reason"},
		"down":                    {high, "minimal", why, ""},
		"as the rules say":        {high, "high", "", ""},
		"no such class":           {high, "harmless", why, "class"},
		"prohibited is not moved": {works["emotions of workers"].say, "minimal", why, "class"},
		"a reason without end":    {high, "minimal", strings.Repeat(why, 60), "reason"},
	} {
		o, err := h.Classify.Put(h.As("ai_officer"), system(h), 0, classify.Input{Verdict: "ai_system", Answers: c.say, Class: c.class, Reason: c.reason})
		if c.field == "" {
			h.Must(err)
			if o.Doc.Class != c.class || (o.Doc.Class != o.Doc.ByRules) != (o.Doc.Reason != "") {
				t.Errorf("%s: %+v", name, o.Doc)
			}
			continue
		}
		if p := problem.From(err); p == nil || p.Kind != problem.BadInput || p.Fields[0].Path != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Unclear needs an owner and a day, whichever of the three is open, and keeps
// the list of open questions.
func TestUnclear(t *testing.T) {
	h := governtest.Open(t)
	without := func(fact string) []classify.Answer {
		all := governtest.Minimal()
		for i := range all {
			if all[i].Fact == fact {
				all[i].Values = []string{packs.Unknown}
			}
		}
		return all
	}
	for open, say := range map[string][]classify.Answer{
		"worker_basis": works["shift planning, traits unknown"].say, "activities": without("activities"), "consequence": without("consequence"),
	} {
		in := classify.Input{Verdict: "ai_system", Answers: say}
		id := system(h)
		_, err := h.Classify.Put(h.As("ai_officer"), id, 0, in)
		if p := problem.From(err); p == nil || p.Kind != problem.BadInput || len(p.Fields) != 3 {
			t.Fatalf("%s: %v", open, err)
		}
		in.OpenWho, in.OpenDue, in.OpenTo = h.People["ai_officer"].ID, h.Now().AddDate(0, 0, 14), "vendor"
		o, err := h.Classify.Put(h.As("ai_officer"), id, 0, in)
		h.Must(err)
		if !o.Doc.Unclear() || !slices.Contains(o.Doc.Open, open) || slices.Contains(o.Doc.Open, classify.FactHighRisk) || o.Doc.OpenWho == "" {
			t.Errorf("%s: %+v", open, o.Doc)
		}
		for _, name := range o.Doc.Open {
			if f, ok := h.Classify.Fact(name); !ok || f.Question.IsZero() {
				t.Errorf("%s: nobody can be asked about %q", open, name)
			}
		}
	}
}

// Every answer that fits no question is named, all at once.
func TestWrongAnswers(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	bad := append(answers("practices", "none+f", "areas", "moon", "product", "none+machinery", "emotion_reason", "perhaps", "nothing", "yes",
		"reach", "plant", "reach", "plant"), classify.Answer{Fact: "outputs"}, classify.Answer{Fact: classify.FactAI, Values: []string{"no"}})
	for name, f := range map[string]func() error{
		"put": func() error {
			_, err := h.Classify.Put(h.As("ai_officer"), id, 0, classify.Input{Answers: bad})
			return err
		},
		"keep": func() error { _, err := h.Classify.Keep(h.As("ai_officer"), id, 0, bad); return err },
	} {
		p := problem.From(f())
		var paths []string
		for _, f := range p.Fields {
			paths = append(paths, strings.TrimPrefix(f.Path, "answers."))
		}
		for _, want := range []string{"practices", "areas", "product", "emotion_reason", "nothing", "reach", "outputs", "ai"} {
			if p.Kind != problem.BadInput || !slices.Contains(paths, want) {
				t.Errorf("%s: %s is not among %v", name, want, paths)
			}
		}
	}
	if _, err := h.Classify.Of(h.As(""), h.DB, id); !problem.Is(err, problem.NotFound) {
		t.Errorf("something was stored: %v", err)
	}
}

// Each step is kept beside the result that stands.
func TestDraft(t *testing.T) {
	h := governtest.Open(t)
	id := system(h)
	ctx := h.As("ai_officer")
	all := governtest.Minimal()
	o, err := h.Classify.Keep(ctx, id, 0, all[:1])
	h.Must(err)
	if o.Doc.Concluded() || o.Doc.Class != packs.Unclear || len(o.Doc.Current()) != 1 {
		t.Fatalf("%+v", o.Doc)
	}
	if _, err := h.Classify.Keep(ctx, id, 0, all[:2]); !problem.Is(err, problem.Conflict) {
		t.Errorf("two people at once: %v", err)
	}
	o, err = h.Classify.Put(ctx, id, o.Revision, classify.Input{Verdict: "ai_system", Answers: all})
	h.Must(err)
	if len(o.Doc.Draft) != 0 || o.Doc.Class != "minimal" {
		t.Fatalf("%+v", o.Doc)
	}
	o, err = h.Classify.Keep(ctx, id, o.Revision, all[:3])
	h.Must(err)
	if o.Doc.Class != "minimal" || len(o.Doc.Current()) != 3 || len(o.Doc.Answers) != len(all) {
		t.Errorf("%+v", o.Doc)
	}
	o, err = h.Classify.Keep(ctx, id, o.Revision, all)
	h.Must(err)
	if len(o.Doc.Draft) != 0 {
		t.Errorf("the same answers are no draft: %v", o.Doc.Draft)
	}
}

func TestOrganisationsApart(t *testing.T) {
	a, b := governtest.Open(t), governtest.Open(t)
	id := system(a)
	if _, err := b.Classify.Put(b.As("ai_officer"), id, 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()}); !problem.Is(err, problem.BadInput) {
		t.Errorf("%v", err)
	}
}

// What the next class would add is the packs' to say: transparency for limited,
// the deployer's article for high, nothing above it.
func TestDuties(t *testing.T) {
	h := governtest.Open(t)
	ids := func(role, class string) string {
		var out []string
		for _, c := range h.Classify.Duties(role, class) {
			out = append(out, c.ID)
		}
		return strings.Join(out, " ")
	}
	if got := ids("deployer", "limited"); !strings.Contains(got, "aia.art50.4a") || strings.Contains(got, "aia.art50.2") {
		t.Errorf("deployer, limited: %s", got)
	}
	if got := ids("deployer", "high"); !strings.Contains(got, "aia.art26.2") || strings.Contains(got, "aia.art50") {
		t.Errorf("deployer, high: %s", got)
	}
	for _, c := range [][2]string{{"deployer", "minimal"}, {"deployer", "prohibited"}, {"none", "high"}, {"unclear", "high"}, {"", ""}} {
		if got := ids(c[0], c[1]); got != "" {
			t.Errorf("%v: %s", c, got)
		}
	}
	for from, want := range map[string]string{"minimal": "limited", "limited": "high", "high": "", "prohibited": "", "unclear": "", "none": ""} {
		if got, ok := classify.Higher(from); got != want || ok != (want != "") {
			t.Errorf("above %s comes %q", from, got)
		}
	}
	if title, word := h.Classify.Words("transparency", "provider"); title.DE == "" || word.EN != "the provider" {
		t.Errorf("%q %q", title, word)
	}
	if title, word := h.Classify.Words("nothing", "x"); !title.IsZero() || !word.IsZero() {
		t.Errorf("%q %q", title, word)
	}
}
