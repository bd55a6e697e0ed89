package cisoassistant

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/problem"

	"github.com/google/go-cmp/cmp"
)

func file(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// read reads and resolves a text; fields is what is wrong with it.
func read(t testing.TB, name, data string, deps ...*Library) (*Library, []problem.Field) {
	t.Helper()
	l, err := Read(name, []byte(data))
	if err == nil {
		err = l.Resolve(Known{Libraries: deps})
	}
	if err == nil {
		return l, nil
	}
	p := problem.From(err)
	if p.Kind != problem.BadInput && p.Kind != problem.TooLarge || !p.Say.Complete() {
		t.Fatalf("%s: %v is no problem of the file", name, err)
	}
	return l, p.Fields
}

// Every kind of object and every field of the format is read (001-05, 001-18).
func TestAWholeFileIsReadWithEveryKindOfObject(t *testing.T) {
	l, bad := read(t, "full.yaml", file(t, "full.yaml"))
	if bad != nil {
		t.Fatal(bad)
	}
	if l.URN != "urn:musterwerk:risk:library:linie-2026" || l.Version != 3 || l.Locale != "de" || !strings.Contains(l.Copyright, "Zustimmung") ||
		l.Published.Format("2006-01-02") != "2026-05-04" || l.Translations["en"]["name"] != "Line catalogue 2026" {
		t.Errorf("head: %+v", l.Named)
	}
	f := l.Frameworks[0]
	if f.MaxScore != 4 || len(f.Scale) != 2 || len(f.Alternatives["kurz"]) != 2 || len(f.Groups) != 2 || len(f.Nodes) != 4 {
		t.Errorf("framework: %d %v %v %v %d", f.MaxScore, f.Scale, f.Alternatives, f.Groups, len(f.Nodes))
	}
	n := f.Nodes[1]
	if !n.Assessable || n.Depth != 2 || n.Parent != f.Nodes[0].URN || n.Weight != 2 || !slices.Equal(n.Groups, []string{"basis", "plus"}) ||
		len(n.Threats) != 1 || len(n.Controls) != 1 || n.TypicalEvidence == "" || n.Translations["en"]["typical_evidence"] == "" ||
		!strings.Contains(n.Description, "\n") || n.Line != 84 {
		t.Errorf("node: %+v", n)
	}
	var results []string
	for _, c := range n.Questions[0].Choices {
		results = append(results, string(c.Result))
	}
	if d := cmp.Diff([]string{"compliant", "partially_compliant", "non_compliant", "not_applicable", ""}, results); d != "" {
		t.Error(d)
	}
	if q := n.Questions[1]; q.Depends == nil || q.Depends.Question.URN != n.Questions[0].URN || q.Depends.All || len(q.Depends.Answers) != 1 {
		t.Errorf("question: %+v", q)
	}
	m := l.Matrices[0]
	if d := cmp.Diff([][]int{{0, 1}, {1, 1}}, m.Grid); d != "" || len(m.Strength) != 1 || m.Probability[1].Abbreviation != "o" {
		t.Errorf("matrix: %s %+v", d, m)
	}
	row := l.Sets[0].Rows[0]
	if row.Relation != "intersect" || row.Strength != 4 || row.Rationale != "semantic" || row.Annotation == "" || l.Sets[0].Rows[1].Strength != -1 {
		t.Errorf("mapping: %+v", l.Sets[0].Rows)
	}
	if c := l.Controls[0]; c.Category != "process" || c.Function != "govern" {
		t.Errorf("control: %+v", c)
	}
	if !l.Metrics[1].Qualitative || l.Metrics[0].HigherIsGood || l.Metrics[0].Unit != "Halte" {
		t.Errorf("metrics: %+v", l.Metrics)
	}
	if p := l.Presets[0]; p.Objects != 7 || p.Steps != 1 || l.Workflows != 1 || len(l.Threats) != 1 || len(l.Catalogs) != 1 || len(l.Tactics) != 1 || len(l.Techniques) != 1 {
		t.Errorf("the rest: %+v", l)
	}
}

// The older forms count as the newer ones do.
func TestOlderForms(t *testing.T) {
	l, bad := read(t, "legacy.yaml", file(t, "legacy.yaml"))
	if bad != nil {
		t.Fatal(bad)
	}
	f := l.Frameworks[0]
	if l.URN != "urn:werkstatt:risk:library:alt-2019" || l.Version != 1 || f.MinScore != 0 || f.MaxScore != 100 || len(f.Scale) != 2 {
		t.Errorf("head: %+v %+v", l.Named, f)
	}
	if f.Nodes[0].URN != "urn:werkstatt:risk:req_node:alt-2019:a" || f.Nodes[1].Parent != f.Nodes[0].URN || f.Nodes[1].Depth != 0 {
		t.Errorf("URNs are folded and depth may be missing: %+v", f.Nodes)
	}
	if c := f.Nodes[1].Questions[0].Choices; c[0].Result != Compliant || c[1].Result != NonCompliant || c[0].Score != 3 {
		t.Errorf("truth values: %+v", c)
	}
	if m := l.Matrices[0]; m.Probability[1].ID != 1 || m.Risk[1].ID != 1 {
		t.Errorf("levels without ids: %+v", m)
	}
	if len(l.Sets) != 1 || l.Sets[0].Rows[0].Target.URN != f.Nodes[2].URN {
		t.Errorf("sets: %+v", l.Sets)
	}
}

// The test files hold every kind of object, field and word that the format has,
// so that the tests above cannot forget one.
func TestTheTestFilesHoldTheWholeFormat(t *testing.T) {
	all := file(t, "full.yaml") + file(t, "legacy.yaml") + file(t, "dependent.yaml")
	for _, name := range strings.Fields(`urn locale ref_id name description copyright version publication_date provider packager
		translations dependencies labels annotation convert_library_version objects
		frameworks framework risk_matrices risk_matrix requirement_mapping_sets requirement_mapping_set reference_controls threats
		metric_definitions ttp_catalogs tactics techniques preset workflows
		min_score max_score scores_definition scale alternatives score description_doc implementation_groups_definition default_selected
		outcomes_definition field_visibility requirement_nodes
		assessable depth parent_urn typical_evidence implementation_groups weight scores_definition_ref display_mode questions
		type text choices depends_on value color add_score compute_result select_implementation_groups question answers condition
		category csf_function source_framework_urn target_framework_urn requirement_mappings source_requirement_urn target_requirement_urn
		relationship rationale strength_of_relationship
		probability impact risk grid abbreviation hexcolor id strength_of_knowledge is_enabled
		unit choices_definition higher_is_better default_target catalog_urn groups is_deprecated
		profile feature_flags scaffolded_objects journey steps key title target_model`) {
		if !strings.Contains(all, " "+name+":") && !strings.Contains(all, "\n"+name+":") && !strings.Contains(all, "{"+name+":") {
			t.Errorf("no test file holds %s", name)
		}
	}
	for _, word := range strings.Fields(`unique_choice multiple_choice text date number boolean compliant non_compliant partially_compliant not_applicable
		equal subset superset intersect quantitative qualitative process physical`) {
		if !strings.Contains(all, ": "+word) {
			t.Errorf("no test file says %s", word)
		}
	}
}

// A file that is wrong anywhere is refused with the line, and nothing of it is
// taken. Each case plants one defect in the whole file.
func TestWrongFilesAreRefusedWithTheirLine(t *testing.T) {
	full := file(t, "full.yaml")
	for name, c := range map[string]struct{ old, new, say string }{
		"unknown field at the top":    {"provider: Musterwerk\npackager", "provader: Musterwerk\npackager", `unknown field "provader"`},
		"unknown kind of object":      {"  threats:\n    - urn", "  thraets:\n    - urn", `unknown field "thraets"`},
		"unknown field of a node":     {"          weight: 2", "          wieght: 2", `unknown field "wieght"`},
		"no ref_id":                   {"ref_id: LINIE-2026\nname: Linienkatalog", "name: Linienkatalog", `"ref_id" is missing`},
		"no locale":                   {"locale: de\n", "", `"locale" is missing`},
		"no version":                  {"version: 3\n", "", `"version" is missing`},
		"version is no number":        {"version: 3\n", "version: 1.2.3\n", "is no whole number"},
		"no objects":                  {"objects:\n", "objects: null\nlabels2:\n", `"objects" is missing`},
		"objects is a word":           {"  workflows:\n", "  tactic: yes\n  workflows:\n", "both here"},
		"both spellings":              {"  threats:\n", "  framework: {}\n  threats:\n", "both here"},
		"no date":                     {"publication_date: 2026-05-04", "publication_date: gestern", "is no date"},
		"no URN":                      {"parent_urn: urn:musterwerk:risk:req_node:linie-2026:1\n          ref_id: \"1.1\"", "parent_urn: linie-2026:1\n          ref_id: \"1.1\"", "is no URN"},
		"node without URN":            {"        - urn: urn:musterwerk:risk:req_node:linie-2026:2\n          assessable", "        - assessable", `"urn" is missing`},
		"depth is no number":          {"depth: 2\n          parent_urn: urn:musterwerk:risk:req_node:linie-2026:1\n          ref_id: \"1.1\"", "depth: tief\n          parent_urn: urn:musterwerk:risk:req_node:linie-2026:1\n          ref_id: \"1.1\"", "is no whole number"},
		"weight below one":            {"weight: 2", "weight: 0", "is no whole number from 1"},
		"assessable is neither":       {"assessable: false\n          depth: 1", "assessable: vielleicht\n          depth: 1", "neither true nor false"},
		"threats is no list":          {"          threats:\n            - urn:musterwerk:risk:threat:t-01", "          threats: urn:musterwerk:risk:threat:t-01", "must be a list"},
		"unknown threat":              {"            - urn:musterwerk:risk:threat:t-01", "            - urn:musterwerk:risk:threat:t-09", `no threat "urn:musterwerk:risk:threat:t-09"`},
		"unknown control":             {"            - urn:musterwerk:risk:reference_control:rc-02", "            - urn:musterwerk:risk:reference_control:rc-09", "no reference control"},
		"control where a threat goes": {"            - urn:musterwerk:risk:threat:t-01", "            - urn:musterwerk:risk:reference_control:rc-01", "no threat"},
		"unknown parent":              {"parent_urn: urn:musterwerk:risk:req_node:linie-2026:1\n          ref_id: \"1.1\"", "parent_urn: urn:musterwerk:risk:req_node:linie-2026:7\n          ref_id: \"1.1\"", "no parent requirement"},
		"its own parent":              {"parent_urn: urn:musterwerk:risk:req_node:linie-2026:1\n          ref_id: \"1.1\"", "parent_urn: urn:musterwerk:risk:req_node:linie-2026:1.1\n          ref_id: \"1.1\"", "is its own parent"},
		"URN twice":                   {"urn: urn:musterwerk:risk:req_node:linie-2026:2\n          assessable", "urn: urn:musterwerk:risk:req_node:linie-2026:1\n          assessable", "exists already on line"},
		"max below min":               {"      max_score: 4", "      max_score: 0", "is not above"},
		"unknown scale":               {"scores_definition_ref: kurz", "scores_definition_ref: lang", `no scale "lang"`},
		"unknown type of question":    {"type: text\n              text: Wo", "type: essay\n              text: Wo", "is none of"},
		"question without text":       {"              text: Ist der Schalter erreichbar?\n", "", `"text" is missing`},
		"choice without value":        {"                  value: Teils\n", "", `"value" is missing`},
		"unknown result":              {"compute_result: partially_compliant", "compute_result: fast", "is no result"},
		"unknown question":            {"                question: urn:musterwerk:risk:req_node:linie-2026:1.1:question:1\n", "                question: urn:musterwerk:risk:req_node:linie-2026:1.1:question:9\n", "no question"},
		"answer of another question":  {"answers: [urn:musterwerk:risk:req_node:linie-2026:1.1:question:1:choice:1]", "answers: [urn:musterwerk:risk:req_node:linie-2026:1.1:question:1:choice:9]", "is none of question"},
		"unknown condition":           {"condition: any", "condition: most", "is none of"},
		"unknown category":            {"category: process", "category: magic", "is none of"},
		"unknown function":            {"csf_function: respond", "csf_function: hope", "is none of"},
		"cell without a level":        {"        - [1, 1]", "        - [1, 5]", "no risk level"},
		"row too short":               {"        - [1, 1]", "        - [1]", "1 cells for 2 levels"},
		"rows too few":                {"        - [0, 1]\n        - [1, 1]", "        - [0, 1]", "1 rows for 2 levels"},
		"qualitative without choices": {"      choices_definition:\n        - {name: hoch}\n        - {name: niedrig}\n", "", `needs "choices_definition"`},
		"unknown relation":            {"relationship: subset", "relationship: similar", "is none of"},
		"no relation":                 {"          relationship: subset\n", "", `"relationship" is missing`},
		"strength out of range":       {"strength_of_relationship: 4", "strength_of_relationship: 11", "is no whole number from 0 to 10"},
		"unknown requirement":         {"target_requirement_urn: urn:musterwerk:risk:req_node:linie-2026:2\n", "target_requirement_urn: urn:musterwerk:risk:req_node:linie-2026:9\n", "no requirement"},
		"unknown framework":           {"source_framework_urn: urn:musterwerk:risk:framework:linie-2026\n", "source_framework_urn: urn:musterwerk:risk:framework:andere\n", "no framework"},
		"mapped to itself":            {"target_requirement_urn: urn:musterwerk:risk:req_node:linie-2026:2\n", "target_requirement_urn: urn:musterwerk:risk:req_node:linie-2026:1.1\n", "mapped to itself"},
		"reverse set contradicts":     {"          relationship: superset", "          relationship: equal", "contradicts the one on line"},
		"unknown object of a preset":  {"{type: task_template,", "{type: wish,", "is none of"},
		"no preset":                   {"urn: urn:musterwerk:risk:preset:start", "urn: urn:musterwerk:risk:start:start", "is no preset"},
		"step without key":            {"{key: s1, title", "{title", `"key" is missing`},
		"unknown anchor":              {"labels: [linie, ki]", "labels: *nirgends", "no anchor"},
		"foreign tag":                 {"labels: [linie, ki]", "labels: !!python/object []", "is not provided for"},
		"merge key":                   {"provider: Musterwerk\npackager", "<<: {provider: X}\npackager", "unknown field"},
		"broken YAML":                 {"labels: [linie, ki]", "labels: [linie, ki", "not valid YAML"},
		"translations as a word":      {"translations: {en: {name: Poisoned measurements}}", "translations: Englisch", "needs named fields"},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(full, c.old, c.new, 1)
			if data == full {
				t.Fatal("nothing was planted")
			}
			_, bad := read(t, "wrong.yaml", data)
			for _, f := range bad {
				if strings.Contains(f.Say.EN, c.say) && f.Say.DE != "" {
					at := strings.TrimPrefix(f.Path, "wrong.yaml:")
					if n, err := strconv.Atoi(at); err != nil || n < 1 || n > strings.Count(data, "\n")+1 {
						t.Errorf("no line: %q", f.Path)
					}
					return
				}
			}
			t.Errorf("want %q, have %v", c.say, bad)
		})
	}
}

// The line that is named is the line of the defect.
func TestTheLineIsTheRightOne(t *testing.T) {
	full := file(t, "full.yaml")
	for _, c := range []struct{ old, new, mark string }{
		{"            - urn:musterwerk:risk:threat:t-01", "            - urn:musterwerk:risk:threat:t-09", "t-09"},
		{"relationship: subset", "relationship: similar", "similar"},
		{"weight: 2", "weight: 0", "weight: 0"},
		{"compute_result: partially_compliant", "compute_result: fast", "fast"},
	} {
		data := strings.Replace(full, c.old, c.new, 1)
		want := "x.yaml:" + strconv.Itoa(strings.Count(data[:strings.Index(data, c.mark)], "\n")+1)
		_, bad := read(t, "x.yaml", data)
		if len(bad) == 0 || bad[0].Path != want {
			t.Errorf("%s: want %s, have %v", c.mark, want, bad)
		}
	}
}

// A library that rests on another is refused until that one is there, and finds
// its threats and controls in it.
func TestDependencies(t *testing.T) {
	data := file(t, "dependent.yaml")
	_, bad := read(t, "dependent.yaml", data)
	if len(bad) == 0 || bad[0].Path != "dependent.yaml:10" || !strings.Contains(bad[0].Say.EN, "is not imported; it comes first") {
		t.Errorf("without it: %v", bad)
	}
	first, _ := read(t, "full.yaml", file(t, "full.yaml"))
	if _, bad := read(t, "dependent.yaml", data, first); bad != nil {
		t.Errorf("with it: %v", bad)
	}
	l, err := Read("dependent.yaml", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Resolve(Known{Unseen: true}); err != nil {
		t.Errorf("a preview without an organisation: %v", err)
	}
}

// readCounted is Read with the number of nodes that were visited.
func readCounted(name string, data []byte) (*Library, int, error) {
	f, err := sound.Parse(name, data)
	if err != nil {
		return nil, 0, err
	}
	l, err := Of(f)
	return l, f.Steps(), err
}
