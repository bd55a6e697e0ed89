package cisoassistant

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
	"augenmass/knowledge"

	"github.com/google/go-cmp/cmp"
)

var today = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

var shipped = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

func shelf(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// taken converts a test file and loads it beside everything that is shipped.
func taken(t testing.TB, name string, deps ...string) (catalogue.Draft, *packs.Library) {
	t.Helper()
	k := Known{Packs: shelf(t)}
	beside := catalogue.Files{}
	for _, d := range deps {
		l, _ := read(t, d, file(t, d))
		k.Libraries = append(k.Libraries, l)
		for _, p := range l.Draft([]byte(file(t, d)), k, today).Packs {
			beside[p.ID+".yaml"] = p.YAML
		}
	}
	l, err := Read(name, []byte(file(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Resolve(k); err != nil {
		t.Fatal(err)
	}
	d := l.Draft([]byte(file(t, name)), k, today)
	lib, err := catalogue.Check(k.Packs, d, beside)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.Packs[0].YAML)
	}
	return d, lib
}

// A file becomes packs of ours that load beside all others: clauses with their
// tree, a framework that can be assessed, controls, mappings, each once
// (001-05). What has no home is counted.
func TestAFileBecomesPacks(t *testing.T) {
	d, lib := taken(t, "full.yaml")
	var got []string
	for _, p := range d.Packs {
		got = append(got, fmt.Sprintf("%s %s %d", p.ID, p.Kind, p.Items))
	}
	want := []string{"own-musterwerk-linie-2026 standard 4", "own-musterwerk-linie-2026-fw framework 3",
		"own-musterwerk-linie-2026-controls standard 2", "own-musterwerk-linie-selbst-map mapping 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range d.Packs {
		for _, info := range lib.Packs() {
			if info.ID == p.ID && (info.Items != p.Items || !info.Licence.Complete() || !strings.Contains(info.Licence.DE, "© 2026 Musterwerk")) {
				t.Errorf("%s: %+v", p.ID, info)
			}
		}
	}
	c, ok := lib.Clause("own-musterwerk-linie-2026.1.1")
	if !ok || c.Parent != "own-musterwerk-linie-2026.1" || c.Title != (text.Bi{DE: "Anhalten", EN: "Stopping"}) ||
		!strings.Contains(c.Text.DE, "Nachtschicht") || !strings.Contains(c.Text.EN, "Everybody") || !strings.Contains(c.Note.EN, "Photo") ||
		c.Short(text.DE) != "LINIE-2026 1.1" {
		t.Errorf("clause: %+v, %s", c, c.Short(text.DE))
	}
	if diff := cmp.Diff([]string{"own-musterwerk.reference_control.rc-02"}, c.Related); diff != "" {
		t.Error(diff)
	}
	c, _ = lib.Clause("own-musterwerk-linie-2026.1.2")
	if !strings.HasSuffix(c.Title.DE, " …") || !strings.HasPrefix(c.Text.DE, strings.TrimSuffix(c.Title.DE, " …")) || c.Title.EN != c.Title.DE {
		t.Errorf("without a name the description begins it, and the only language stands in: %+v", c.Title)
	}
	f, ok := lib.Framework("own-musterwerk-linie-2026")
	if !ok || len(f.Areas) != 2 || f.Areas[0].Title.EN != "Oversight" || len(f.Areas[0].Items) != 2 || f.SoA {
		t.Errorf("framework: %+v", f)
	}
	rc, ok := lib.Clause("own-musterwerk.reference_control.rc-01")
	if !ok || rc.Short(text.EN) != "RC-01" || !strings.Contains(rc.Note.DE, "Prozess") || !strings.Contains(rc.Note.EN, "govern") {
		t.Errorf("control: %+v", rc)
	}
	m := lib.Mappings("own-musterwerk-linie-2026.2")
	if len(m) != 1 || m[0].Relation != packs.Superset || m[0].To != "own-musterwerk-linie-2026.1.1" || m[0].Status != packs.Interpretation {
		t.Errorf("mappings: %+v", m)
	}
	kept := map[string]int{}
	for _, k := range d.Kept {
		kept[k.What] = k.N
	}
	if diff := cmp.Diff(map[string]int{Matrices: 1, Threats: 1, Metrics: 2, Catalogs: 1, Tactics: 1, Techniques: 1, Presets: 1, Workflows: 1,
		Questions: 6, Choices: 6, Groups: 2, Scores: 4}, kept); diff != "" {
		t.Error(diff)
	}
	if d.Copyright == "" || d.Version != "3" || d.Name.EN != "Line catalogue 2026" || len(d.Notes) != 1 {
		t.Errorf("draft: %q %q %v %v", d.Copyright, d.Version, d.Name, d.Notes)
	}
}

// A file in one language says so; the older forms become the same packs.
func TestAFileInOneLanguageSaysSo(t *testing.T) {
	d, lib := taken(t, "legacy.yaml")
	if len(d.Notes) != 1 || d.Notes[0].DE != "Die Texte gibt es nur auf Englisch." {
		t.Errorf("notes: %v", d.Notes)
	}
	c, ok := lib.Clause("own-werkstatt-alt-2019.a.1")
	if !ok || c.Title != text.Same("Tools are checked") || c.Parent != "own-werkstatt-alt-2019.a" {
		t.Errorf("clause: %+v", c)
	}
}

// A mapping leads from an own requirement to a shipped clause.
func TestAMappingToWhatIsShipped(t *testing.T) {
	_, lib := taken(t, "dependent.yaml", "full.yaml")
	m := lib.Mappings("iso42001.A.6.2.8")
	found := false
	for _, x := range m {
		found = found || x.To == "own-musterwerk-linie-2026.2" && x.Relation == packs.Superset
	}
	if !found {
		t.Errorf("%+v", m)
	}
	c, ok := lib.Clause("own-musterwerk-nacht.1")
	if !ok || len(c.Related) != 1 {
		t.Errorf("%+v", c)
	}
}

// Ids come of URNs alone, and different ones stay different.
func TestIDs(t *testing.T) {
	seen := map[string]string{}
	for urn, want := range map[string]string{
		"urn:acme:risk:req_node:plant:a.5.1":     "own-acme-plant.a.5.1",
		"urn:acme.de:risk:req_node:plant.v2:1":   "own-acme-de-plant-v2.1",
		"urn:acme:risk:req_node:plant:1:2":       "own-acme-plant.1.2",
		"urn:acme:risk:req_node:plant":           "own-acme.plant",
		"urn:acme:risk:req_node:plant:a b/ü":     "own-acme-plant.a~20b~2f~fc",
		"urn:acme:risk:function:mfa":             "own-acme.function.mfa",
		"urn:acme:risk:reference_control:x:mfa":  "own-acme.reference_control.x.mfa",
		"urn:acme:risk:req_node:plant:a~20b~2f":  "own-acme-plant.a~7e20b~7e2f",
		"urn:acme:risk:req_node:plant-two:a.5.1": "own-acme-plant-two.a.5.1",
	} {
		got := ID(urn)
		if got != want {
			t.Errorf("%s: %s, want %s", urn, got, want)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%s and %s share %s", urn, other, got)
		}
		seen[got] = urn
	}
}

// many is a library with n requirement nodes in ten areas, each with texts of
// usual length.
func many(n int) string {
	var b strings.Builder
	b.WriteString(`urn: urn:viel:risk:library:viel
locale: en
ref_id: VIEL
name: Many
version: 1
objects:
  reference_controls:
    - {urn: "urn:viel:risk:reference_control:rc", ref_id: RC, name: Control}
  frameworks:
    - urn: urn:viel:risk:framework:viel
      ref_id: VIEL
      name: Many
      requirement_nodes:
`)
	for i := range n {
		area := i % 10
		fmt.Fprintf(&b, "        - urn: urn:viel:risk:req_node:viel:%d\n          ref_id: \"%d\"\n          name: Requirement %d\n", i, i, i)
		if i < 10 {
			b.WriteString("          assessable: false\n          depth: 1\n")
			continue
		}
		fmt.Fprintf(&b, `          assessable: true
          depth: 2
          parent_urn: urn:viel:risk:req_node:viel:%d
          description: The organisation keeps what is asked for under number %d, looks at it in planned
            intervals, and says in writing what it found and what it does about it.
          annotation: Number %d is looked at together with its neighbours.
          typical_evidence: Record of the last look, signed.
          reference_controls:
            - urn:viel:risk:reference_control:rc
          translations:
            de: {name: Anforderung %d, description: Die Organisation führt, was unter Nummer %d verlangt ist.}
`, area, i, i, i, i)
	}
	return b.String()
}

// Texts with open brackets, of which a catalogue may have thousands, are no
// nesting, and come back as they were.
func TestOpenBracketsAreNoNesting(t *testing.T) {
	long := "It keeps [Assignment: the organisation says " + strings.Repeat("which one ", 20) + "{and why"
	data := strings.ReplaceAll(many(700), "The organisation keeps what is asked for", strings.ReplaceAll(long, ": ", " ")+" ]} The organisation keeps what is asked for")
	data = regexp.MustCompile(`(?m)^          name: Requirement .*\n`).ReplaceAllString(data, "")
	data = regexp.MustCompile(`de: \{name: Anforderung \d+, `).ReplaceAllString(data, "de: {")
	l, bad := read(t, "brackets.yaml", data)
	if bad != nil {
		t.Fatal(bad[:1])
	}
	lib, err := catalogue.Check(shelf(t), l.Draft([]byte(data), Known{}, today), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := lib.Clause("own-viel-viel.500")
	if !strings.HasPrefix(c.Title.EN, "It keeps [Assignment the organisation says") || strings.Contains(c.Title.EN, "]") || !strings.Contains(c.Text.EN, "{and why ]}") {
		t.Errorf("%q %q", c.Title.EN, c.Text.EN)
	}
}

// How much work an import is grows with the file and not with its square: the
// nodes that are visited and the bytes that are written per requirement stay
// the same (5,000 nodes in 2 seconds; the benchmark measures the time).
func TestTheWorkOfAnImportGrowsWithTheFile(t *testing.T) {
	work := func(n int) (visited, written int) {
		data := []byte(many(n))
		l, r, err := readCounted("many.yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Resolve(Known{}); err != nil {
			t.Fatal(err)
		}
		for _, p := range l.Draft(data, Known{}, today).Packs {
			written += len(p.YAML)
		}
		return r, written
	}
	small, smallBytes := work(100)
	large, largeBytes := work(1000)
	if large > 11*small || largeBytes > 11*smallBytes {
		t.Errorf("ten times the requirements: %d → %d nodes visited, %d → %d bytes written", small, large, smallBytes, largeBytes)
	}
	if per := large / 1000; per > 60 {
		t.Errorf("%d nodes are visited a requirement", per)
	}
}

// BenchmarkImport is reading, converting and loading 5,000 requirement nodes
// beside what is shipped; the bound is 2 s.
func BenchmarkImport(b *testing.B) {
	data := []byte(many(5000))
	lib := shelf(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		l, err := Read("many.yaml", data)
		if err != nil {
			b.Fatal(err)
		}
		k := Known{Packs: lib}
		if err := l.Resolve(k); err != nil {
			b.Fatal(err)
		}
		if _, err := catalogue.Check(lib, l.Draft(data, k, today), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the bytes are: no crash, no hang, a sentence in both languages, and
// what is accepted converts into packs that load or are refused by name.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"full.yaml", "legacy.yaml", "dependent.yaml"} {
		f.Add(file(f, name))
	}
	f.Add(many(3))
	f.Add("urn: urn:a:risk:library:a\nobjects: &a {framework: *a}\n")
	f.Add("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nobjects: {threats: *c}\nurn: u\n")
	lib := shelf(f)
	f.Fuzz(func(t *testing.T, data string) {
		l, bad := read(t, "fuzz.yaml", data)
		if bad != nil || l == nil {
			return
		}
		d := l.Draft([]byte(data), Known{Packs: lib}, today)
		if len(d.Packs) > 0 {
			if _, err := catalogue.Check(lib, d, nil); err != nil {
				t.Fatalf("%v\n%s", err, d.Packs[0].YAML)
			}
		}
	})
}
