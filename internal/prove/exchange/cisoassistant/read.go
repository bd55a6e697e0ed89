package cisoassistant

import (
	"math"
	"strings"

	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"

	"github.com/goccy/go-yaml/ast"
)

// Looks reports whether a parsed file is meant to be such a library: it says so
// by its objects and its URN.
func Looks(f *sound.File) bool {
	has := map[string]bool{}
	for _, kv := range f.Root.Values {
		if name, ok := sound.Scalar(kv.Key); ok {
			has[name] = true
		}
	}
	return has["urn"] && has["objects"]
}

// Read takes a file apart. name is for messages.
//
// Errors: BadInput with every defect ("file:line"), TooLarge. What is cited is
// checked by Resolve.
func Read(name string, data []byte) (*Library, error) {
	f, err := sound.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return Of(f)
}

// Of is Read for a file that is parsed already.
func Of(f *sound.File) (*Library, error) {
	r := &reader{f: f}
	l := r.library()
	if r.stop != nil {
		return nil, r.stop
	}
	if err := failed(&r.bad, f.Name); err != nil {
		return nil, err
	}
	return l, nil
}

// mostShown is the most defects that one answer lists.
const mostShown = 200

// failed is nil without defects, else one problem with them in order.
func failed(bad *form.Defects, name string) error {
	err := bad.Err()
	if err == nil {
		return nil
	}
	found := problem.From(err)
	n := len(found.Fields)
	p := problem.Newf(problem.BadInput, "Die Datei „%s“ lässt sich nicht einlesen: %d Stellen passen nicht.", "The file '%s' cannot be imported: %d places do not fit.", name, n).
		WithHint("Es wurde nichts übernommen. Bitte die genannten Zeilen berichtigen.", "Nothing was taken over. Please correct the lines named.")
	p.Fields = found.Fields[:min(n, mostShown)]
	return p
}

// Both spellings of the kinds of objects, the older one second.
var (
	frameworkKinds = []string{"frameworks", "framework"}
	matrixKinds    = []string{"risk_matrices", "risk_matrix"}
	setKinds       = []string{"requirement_mapping_sets", "requirement_mapping_set"}
	controlKinds   = []string{"reference_controls", "reference_control"}
	threatKinds    = []string{"threats", "threat"}
	metricKinds    = []string{"metric_definitions", "metric_definition"}
	catalogKinds   = []string{"ttp_catalogs", "ttp_catalog"}
	tacticKinds    = []string{"tactics", "tactic"}
	techniqueKinds = []string{"techniques", "technique"}
	presetKinds    = []string{"preset", "presets"}
	workflowKinds  = []string{"workflows", "workflow"}
)

func (r *reader) library() *Library {
	o, ok := r.object(r.f.Root, 1, "die Datei")
	if !ok {
		return nil
	}
	l := &Library{File: r.f.Name, Named: o.named("urn", "ref_id")}
	l.Locale = language(o.need("locale"))
	if l.Version = o.number("version", 0, 0, math.MaxInt32); l.Version == 0 && r.stop == nil {
		r.wrong(o.line, "das Feld %q fehlt oder ist keine Zahl ab 1", "field %q is missing or no number from 1", "version")
	}
	l.Copyright, l.Provider, l.Packager = o.text("copyright"), o.text("provider"), o.text("packager")
	l.Published = o.day("publication_date")
	l.Dependencies, l.Labels = o.urns("dependencies"), o.words("labels")
	o.skip("convert_library_version")
	n, line, ok := o.take("objects")
	if !ok {
		if r.stop == nil {
			r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "objects")
		}
		o.done()
		return l
	}
	if in, ok := r.object(n, line, "objects"); ok {
		r.objects(l, in)
		in.done()
	}
	o.done()
	return l
}

// objects reads everything that the file holds.
func (r *reader) objects(l *Library, in *object) {
	r.each(in, frameworkKinds, func(o *object) { l.Frameworks = append(l.Frameworks, r.framework(o)) })
	r.each(in, matrixKinds, func(o *object) { l.Matrices = append(l.Matrices, r.matrix(o)) })
	r.each(in, setKinds, func(o *object) { l.Sets = append(l.Sets, r.mappingSet(o)) })
	r.each(in, controlKinds, func(o *object) {
		l.Controls = append(l.Controls, Control{Named: o.named("urn", "ref_id"), Category: o.one("category", categories), Function: o.one("csf_function", functions)})
		o.done()
	})
	r.each(in, threatKinds, func(o *object) {
		l.Threats = append(l.Threats, o.named("urn", "ref_id"))
		o.done()
	})
	r.each(in, metricKinds, func(o *object) { l.Metrics = append(l.Metrics, r.metric(o)) })
	r.each(in, catalogKinds, func(o *object) {
		l.Catalogs = append(l.Catalogs, o.named("urn"))
		o.rest()
	})
	r.each(in, tacticKinds, func(o *object) { l.Tactics = append(l.Tactics, r.technique(o)) })
	r.each(in, techniqueKinds, func(o *object) { l.Techniques = append(l.Techniques, r.technique(o)) })
	r.each(in, presetKinds, func(o *object) { l.Presets = append(l.Presets, r.preset(o)) })
	r.each(in, workflowKinds, func(o *object) {
		l.Workflows++
		o.rest()
	})
}

// each reads one kind of objects: one or a list of them, under one of two names
// but never both.
func (r *reader) each(in *object, names []string, read func(o *object)) {
	if in.has(names[0]) && in.has(names[1]) {
		r.wrong(in.lines[names[1]], "%q und %q stehen beide da; nur eines von beiden ist möglich", "%q and %q are both here; only one of them can be", names[0], names[1])
	}
	for _, name := range names {
		all, line := in.some(name)
		for _, n := range all {
			if o, ok := r.object(n, max(line, sound.Line(n)), name); ok {
				read(o)
			}
		}
	}
}

var (
	categories = []string{"policy", "process", "technical", "physical", "procedure"}
	functions  = []string{"govern", "identify", "protect", "detect", "respond", "recover"}
	relations  = []string{"equal", "subset", "superset", "intersect"}
)

func (r *reader) mappingSet(o *object) MappingSet {
	s := MappingSet{Named: o.named("urn", "name"), Source: o.cite("source_framework_urn"), Target: o.cite("target_framework_urn")}
	rows := o.list("requirement_mappings")
	if len(rows) == 0 && r.stop == nil {
		r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "requirement_mappings")
	}
	for _, n := range rows {
		m, ok := r.object(n, sound.Line(n), "requirement_mappings")
		if !ok {
			continue
		}
		row := Mapping{Line: m.line, Source: m.cite("source_requirement_urn"), Target: m.cite("target_requirement_urn")}
		if !m.has("relationship") {
			r.wrong(m.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "relationship")
		}
		row.Relation = m.one("relationship", relations)
		row.Rationale, row.Annotation = m.text("rationale"), m.text("annotation")
		row.Strength = m.number("strength_of_relationship", -1, 0, 10)
		m.skip("translations")
		m.done()
		s.Rows = append(s.Rows, row)
	}
	o.done()
	return s
}

// cite takes a URN that must be there.
func (o *object) cite(name string) Cited {
	c := o.urn(name)
	if c.URN == "" && o.r.stop == nil {
		o.r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", name)
	}
	return c
}

func (r *reader) matrix(o *object) Matrix {
	m := Matrix{Named: o.named(), Probability: r.levels(o, "probability"), Impact: r.levels(o, "impact"), Risk: r.levels(o, "risk"),
		Strength: r.levels(o, "strength_of_knowledge")}
	o.truth("is_enabled", true)
	line := o.lines["grid"]
	for _, n := range o.list("grid") {
		cells, ok := r.at(n).(*ast.SequenceNode)
		if !ok {
			if r.stop == nil {
				r.wrong(sound.Line(n), "%q muss aus Listen bestehen", "%q must consist of lists", "grid")
			}
			continue
		}
		row := make([]int, 0, len(cells.Values))
		for _, c := range cells.Values {
			s, _ := sound.Scalar(r.at(c))
			id, ok := whole(s)
			if !ok || !hasLevel(m.Risk, id) {
				r.wrong(sound.Line(c), "%q: die Risikostufe %q gibt es in dieser Matrix nicht", "%q: this matrix has no risk level %q", "grid", s)
			}
			row = append(row, id)
		}
		if len(row) != len(m.Impact) {
			r.wrong(sound.Line(n), "die Zeile der Matrix hat %d Felder bei %d Stufen der Auswirkung", "the row of the matrix has %d cells for %d levels of impact", len(row), len(m.Impact))
		}
		m.Grid = append(m.Grid, row)
	}
	if len(m.Grid) != len(m.Probability) && r.stop == nil {
		r.wrong(max(line, o.line), "die Matrix hat %d Zeilen bei %d Stufen der Wahrscheinlichkeit", "the matrix has %d rows for %d levels of probability", len(m.Grid), len(m.Probability))
	}
	o.done()
	return m
}

func hasLevel(all []Level, id int) bool {
	for _, l := range all {
		if l.ID == id {
			return true
		}
	}
	return false
}

// levels reads the steps of an axis; where a step gives no id, its position is
// the id.
func (r *reader) levels(o *object, name string) []Level {
	var out []Level
	for i, n := range o.list(name) {
		in, ok := r.object(n, sound.Line(n), name)
		if !ok {
			continue
		}
		l := Level{ID: in.number("id", i, 0, 1000), Abbreviation: in.text("abbreviation"), Named: in.named()}
		in.skip("hexcolor")
		in.done()
		out = append(out, l)
	}
	return out
}

func (r *reader) metric(o *object) Metric {
	m := Metric{Named: o.named("urn", "ref_id"), Unit: o.text("unit")}
	m.Qualitative = o.one("category", []string{"quantitative", "qualitative"}) == "qualitative"
	choices, line := o.some("choices_definition")
	if m.Choices = len(choices); m.Qualitative && m.Choices == 0 && r.stop == nil {
		r.wrong(max(line, o.line), "eine qualitative Kennzahl braucht %q", "a qualitative metric needs %q", "choices_definition")
	}
	m.HigherIsGood = o.truth("higher_is_better", true)
	o.skip("default_target")
	o.done()
	return m
}

// technique reads a technique or tactic; the format leaves further fields open.
func (r *reader) technique(o *object) Technique {
	t := Technique{Named: o.named("urn"), Catalog: o.urn("catalog_urn"), Parent: o.urn("parent_urn"),
		Tactics: o.urns("tactics"), Controls: o.urns("reference_controls")}
	o.truth("is_deprecated", false)
	o.rest()
	return t
}

var scaffolds = []string{"organisation_issue", "organisation_objective", "risk_assessment", "compliance_assessment",
	"metric_instance", "task_template", "findings_assessment"}

// preset reads a prepared start; what its objects hold beside name and type is
// left open by the format.
func (r *reader) preset(o *object) Preset {
	p := Preset{Named: o.named()}
	if p.URN != "" && !strings.Contains(p.URN, ":preset:") {
		r.wrong(o.lines["urn"], "%q: %q ist keine Voreinstellung (:preset:)", "%q: %q is no preset (:preset:)", "urn", p.URN)
	}
	for _, n := range o.list("scaffolded_objects") {
		in, ok := r.object(n, sound.Line(n), "scaffolded_objects")
		if !ok {
			continue
		}
		if !in.has("type") {
			r.wrong(in.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", "type")
		}
		in.one("type", scaffolds)
		p.Objects++
	}
	if n, line, ok := o.take("journey"); ok {
		if in, ok := r.object(n, line, "journey"); ok {
			for _, s := range in.list("steps") {
				if step, ok := r.object(s, sound.Line(s), "steps"); ok {
					step.need("key")
					p.Steps++
				}
			}
		}
	}
	o.skip("profile", "feature_flags", "locale", "version")
	o.done()
	return p
}
