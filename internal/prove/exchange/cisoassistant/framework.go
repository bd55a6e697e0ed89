package cisoassistant

import (
	"math"
	"strconv"
	"strings"

	"augenmass/internal/govern/catalogue/sound"

	"github.com/goccy/go-yaml/ast"
)

func (r *reader) framework(o *object) Framework {
	f := Framework{Named: o.named("urn", "ref_id"), MinScore: o.number("min_score", 0, 0, math.MaxInt32)}
	line := max(o.lines["max_score"], o.line)
	if f.MaxScore = o.number("max_score", 100, 0, math.MaxInt32); f.MaxScore <= f.MinScore && r.stop == nil {
		r.wrong(line, "%q liegt nicht über %q", "%q is not above %q", "max_score", "min_score")
	}
	r.scale(&f, o)
	for _, n := range o.list("implementation_groups_definition") {
		if g, ok := r.object(n, sound.Line(n), "implementation_groups_definition"); ok {
			f.Groups = append(f.Groups, g.named("ref_id"))
			g.truth("default_selected", false)
			g.done()
		}
	}
	o.skip("outcomes_definition", "field_visibility")
	nodes := o.list("requirement_nodes")
	if len(nodes) == 0 && r.stop == nil {
		r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "requirement_nodes")
	}
	if len(nodes) > MaxNodes {
		r.wrong(sound.Line(nodes[MaxNodes]), "mehr als %d Anforderungen in einem Rahmenwerk", "more than %d requirements in one framework", MaxNodes)
		nodes = nil
	}
	for _, n := range nodes {
		if in, ok := r.object(n, sound.Line(n), "requirement_nodes"); ok {
			f.Nodes = append(f.Nodes, r.node(in, f))
		}
	}
	o.done()
	return f
}

// scale reads scores_definition: a list, or an object with scale and
// alternatives.
func (r *reader) scale(f *Framework, o *object) {
	n, line, ok := o.take("scores_definition")
	if !ok {
		return
	}
	if seq, ok := n.(*ast.SequenceNode); ok {
		f.Scale = r.scores(seq.Values)
		return
	}
	in, ok := r.object(n, line, "scores_definition")
	if !ok {
		return
	}
	f.Scale = r.scores(in.list("scale"))
	if n, line, ok := in.take("alternatives"); ok {
		if alt, ok := r.object(n, line, "alternatives"); ok {
			f.Alternatives = map[string][]Score{}
			for _, name := range alt.names {
				f.Alternatives[name] = r.scores(alt.list(name))
			}
		}
	}
	in.done()
}

func (r *reader) scores(list []ast.Node) []Score {
	var out []Score
	for _, n := range list {
		in, ok := r.object(n, sound.Line(n), "scores_definition")
		if !ok {
			continue
		}
		if !in.has("score") {
			r.wrong(in.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "score")
		}
		out = append(out, Score{Score: in.number("score", 0, math.MinInt32, math.MaxInt32), Named: in.named()})
		in.skip("description_doc")
		in.done()
	}
	return out
}

// node reads a requirement. Its own scores lie within those of its framework f.
func (r *reader) node(o *object, f Framework) Node {
	n := Node{Named: o.named("urn"), Assessable: o.truth("assessable", false), Depth: o.number("depth", 0, 1, 100),
		Parent: o.urn("parent_urn").URN, Groups: o.words("implementation_groups"), Threats: o.urns("threats"),
		Controls: o.urns("reference_controls"), Weight: o.number("weight", 1, 1, math.MaxInt32)}
	least := o.number("min_score", f.MinScore, 0, math.MaxInt32)
	if most := o.number("max_score", max(f.MaxScore, least+1), 0, math.MaxInt32); most <= least {
		r.wrong(o.line, "%q liegt nicht über %q", "%q is not above %q", "max_score", "min_score")
	}
	line := o.lines["scores_definition_ref"]
	if ref := o.text("scores_definition_ref"); ref != "" && ref != "scale" {
		if _, ok := f.Alternatives[ref]; !ok {
			r.wrong(line, "die Skala %q gibt es in diesem Rahmenwerk nicht", "this framework has no scale %q", ref)
		}
	}
	o.text("display_mode")
	n.Questions = r.questions(o)
	o.done()
	return n
}

var questionTypes = []string{"unique_choice", "multiple_choice", "text", "date", "number", "boolean"}

// questions reads a map of questions by URN.
func (r *reader) questions(o *object) []Question {
	n, line, ok := o.take("questions")
	if !ok {
		return nil
	}
	all, ok := r.object(n, line, "questions")
	if !ok {
		return nil
	}
	var out []Question
	for _, urn := range all.names {
		n, line, ok := all.take(urn)
		if !ok {
			r.wrong(all.lines[urn], "die Frage %q ist leer", "question %q is empty", urn)
			continue
		}
		if !urnForm.MatchString(fold(urn)) {
			r.wrong(line, "%q: %q ist keine URN der Form urn:herausgeber:risk:art:kennung", "%q: %q is no URN of the form urn:packager:risk:kind:id", "questions", urn)
		}
		if in, ok := r.object(n, line, "questions"); ok {
			out = append(out, r.question(in, fold(urn)))
		}
	}
	return out
}

func (r *reader) question(o *object, urn string) Question {
	q := Question{Named: Named{URN: urn, Line: o.line, Name: o.need("text"), Translations: o.translations()}}
	if !o.has("type") {
		r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "type")
	}
	q.Type = o.one("type", questionTypes)
	for _, n := range o.list("choices") {
		if in, ok := r.object(n, sound.Line(n), "choices"); ok {
			q.Choices = append(q.Choices, r.choice(in))
		}
	}
	if strings.HasSuffix(q.Type, "_choice") && len(q.Choices) == 0 && r.stop == nil {
		r.wrong(o.line, "die Frage lässt wählen, nennt aber nichts zur Wahl (%q)", "the question lets choose but names nothing to choose (%q)", "choices")
	}
	if n, line, ok := o.take("depends_on"); ok {
		if in, ok := r.object(n, line, "depends_on"); ok {
			d := &Depends{Question: in.cite("question"), Answers: in.urns("answers"), All: in.one("condition", []string{"any", "all"}) == "all"}
			in.done()
			q.Depends = d
		}
	}
	o.done()
	return q
}

func (r *reader) choice(o *object) Choice {
	c := Choice{Named: Named{Line: o.line, URN: o.cite("urn").URN, Name: o.need("value"), Description: o.text("description"), Translations: o.translations()},
		Score: o.number("add_score", 0, math.MinInt32, math.MaxInt32), Groups: o.words("select_implementation_groups")}
	c.Result = o.result("compute_result")
	o.skip("color")
	o.done()
	return c
}

// result takes a result, also in its older form as a truth value.
func (o *object) result(name string) ComputeResult {
	line := o.lines[name]
	s := strings.ToLower(o.text(name))
	switch ComputeResult(s) {
	case "", Compliant, NonCompliant, Partial, NotApplicable:
		return ComputeResult(s)
	case "empty":
		return ""
	}
	if b, err := strconv.ParseBool(s); err == nil && len(s) > 1 {
		if b {
			return Compliant
		}
		return NonCompliant
	}
	o.r.wrong(line, "%q: %q ist kein Ergebnis", "%q: %q is no result", name, s)
	return ""
}

// whole reads a whole number.
func whole(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil
}
