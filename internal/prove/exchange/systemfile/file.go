// Package systemfile reads ai-system.yaml: what a code repository says about the
// AI system that is built in it. The file is applied to the register (Apply), or
// held against it in a build pipeline (Check). docs/ai-system.md describes the
// format.
//
// Reading is strict: an unknown field, an unknown word, a date that is none are
// errors with line and field. What the file does not name is left as the register
// has it. The key in the file is what a system is found by, whatever it is called;
// govern/data remembers it.
//
// Who may run it is the caller's to know; class, assessments and approvals never
// come from a file.
package systemfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Format is the first line of every file of this form.
const Format = "augenmass/ai-system/1"

// MaxBytes is the longest file that is read.
const MaxBytes = 1 << 20

// document is the file as it is written.
type document struct {
	At          form.Place  `pack:"@"`
	Format      form.Word   `pack:"format,required"`
	Key         form.Word   `pack:"key,required"`
	Name        form.Word   `pack:"name,required"`
	Purpose     text.Bi     `pack:"purpose,same"`
	Use         text.Bi     `pack:"use,same"`
	Excluded    []say       `pack:"excluded"`
	Origin      form.Word   `pack:"origin"`
	Scope       []form.Word `pack:"scope"`
	RoleOfAI    form.Word   `pack:"role_of_ai"`
	Technology  string      `pack:"technology"`
	People      form.Word   `pack:"people"`
	DataSources []string    `pack:"data_sources"`
	DataClasses []string    `pack:"data_classes"`
	Zones       []string    `pack:"zones"`
	Markets     []string    `pack:"markets"`
	Sectors     []string    `pack:"sectors"`
	Owner       form.Word   `pack:"owner"`
	Oversight   oversight   `pack:"oversight"`
	PlantStates []string    `pack:"plant_states"`
	Retain      form.Word   `pack:"retain"`
	RetainDays  int         `pack:"retain_days"`
	ReviewBy    time.Time   `pack:"review_by"`
	InService   time.Time   `pack:"in_service"`
	Models      []model     `pack:"models"`
}

// say is one purpose that is ruled out.
type say struct {
	DE string `pack:"de,required"`
	EN string `pack:"en,required"`
}

type oversight struct {
	Mode        form.Word `pack:"mode"`
	Decider     text.Bi   `pack:"decider,same"`
	DeciderRole form.Word `pack:"decider_role"`
	OnHold      form.Word `pack:"on_hold"`
	Fallback    text.Bi   `pack:"fallback,same"`
	Limits      limits    `pack:"limits"`
}

type limits struct {
	Confidence float64 `pack:"confidence"`
	Drift      float64 `pack:"drift"`
	Bias       float64 `pack:"bias"`
	TimeoutMS  int     `pack:"timeout_ms"`
	ReviewMin  int     `pack:"review_min"`
}

type model struct {
	At       form.Place `pack:"@"`
	Name     form.Word  `pack:"name,required"`
	Version  form.Word  `pack:"version,required"`
	Hash     form.Word  `pack:"hash"`
	HashOf   form.Word  `pack:"hash_of"`
	Endpoint form.Word  `pack:"endpoint"`
	Card     card       `pack:"card"`
}

type card struct {
	Purpose    text.Bi  `pack:"purpose,same"`
	Data       text.Bi  `pack:"data,same"`
	Limits     text.Bi  `pack:"limits,same"`
	Confidence text.Bi  `pack:"confidence,same"`
	Metrics    []metric `pack:"metrics"`
}

type metric struct {
	Name  string  `pack:"name,required"`
	Value float64 `pack:"value,required"`
	On    string  `pack:"on"`
}

// File is a file that was read. A file with problems is none.
type File struct {
	Name string // of the file, for messages
	Key  string
	Hash string // SHA-256 of the file in hex

	doc   document
	given map[string]bool // top fields that the file names
	lines map[string]int  // dotted path of a field → its line
	sums  []sum           // of the models, in their order
}

// sum is what is known about the bytes of a model.
type sum struct {
	said     string // sha256:… as the file says; may be empty
	computed string // sha256:… of the file behind hash_of; empty: none is named
}

// hash is what the register is to hold.
func (s sum) hash() string {
	if s.computed != "" {
		return s.computed
	}
	return s.said
}

var key = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,79}$`)

// Read reads a file. name is for messages, tree is the folder in which it lies,
// where files behind hash_of are looked for; nil: there is none, and hash_of is an
// error. Errors: BadInput whose fields say "file:line", TooLarge.
func Read(name string, data []byte, tree fs.FS) (File, error) {
	if len(data) > MaxBytes {
		return File{}, problem.Newf(problem.TooLarge, "Die Datei „%s“ ist größer als %d MiB.", "The file '%s' is larger than %d MiB.", name, MaxBytes>>20)
	}
	digest := sha256.Sum256(data)
	data = plain(data)
	parsed, err := sound.Parse(name, data)
	if err != nil {
		return File{}, err
	}
	f := File{Name: name, Hash: hex.EncodeToString(digest[:]), given: map[string]bool{}, lines: map[string]int{}}
	f.index(parsed.Root, "")
	for _, kv := range parsed.Root.Values {
		if word, ok := sound.Scalar(kv.Key); ok {
			f.given[word] = true
		}
	}
	var bad form.Defects
	if in := form.Parse(name, data, &bad); in != nil {
		in.Into(&f.doc, &bad)
		f.words(&bad)
		f.sums = make([]sum, len(f.doc.Models))
		for i, m := range f.doc.Models {
			f.sums[i] = sums(m, tree, &bad)
		}
	}
	if err := defects(name, &bad); err != nil {
		return File{}, err
	}
	f.Key = f.doc.Key.S
	s := f.onto(inventory.System{})
	s.Default()
	if err := f.located(s.Validate()); err != nil {
		return File{}, err
	}
	for i := range f.doc.Models {
		m := f.model(i, inventory.Model{})
		if err := f.locatedModel(i, m.Validate()); err != nil {
			return File{}, err
		}
	}
	return f, nil
}

// plain is the file without a mark at its beginning that some editors write.
func plain(data []byte) []byte {
	return []byte(strings.TrimPrefix(string(data), "\ufeff"))
}

// index remembers where the fields of the file stand.
func (f *File) index(m *ast.MappingNode, prefix string) {
	for _, kv := range m.Values {
		word, ok := sound.Scalar(kv.Key)
		if !ok {
			continue
		}
		path := prefix + word
		f.lines[path] = sound.Line(kv.Key)
		if inner, ok := sound.Mapping(kv.Value); ok {
			f.index(inner, path+".")
		}
		if list, ok := kv.Value.(*ast.SequenceNode); ok {
			for i, x := range list.Values {
				at := fmt.Sprintf("%s.%d", path, i)
				f.lines[at] = sound.Line(x)
				if inner, ok := sound.Mapping(x); ok {
					f.index(inner, at+".")
				}
			}
		}
	}
}

// line is where a field stands, or the nearest that holds it; 1 if none does.
func (f *File) line(path string) int {
	for path != "" {
		if n, ok := f.lines[path]; ok {
			return n
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < 0 {
			break
		}
		path = path[:cut]
	}
	return 1
}

// defects is what is wrong with a file, in its words.
func defects(name string, bad *form.Defects) error {
	err := bad.Err()
	if err == nil {
		return nil
	}
	p := problem.From(err)
	p.Say = text.Bi{DE: fmt.Sprintf("Die Datei „%s“ hat Fehler: %d.", name, len(p.Fields)), EN: fmt.Sprintf("The file '%s' has errors: %d.", name, len(p.Fields))}
	p.Hint = text.Bi{DE: "Es wurde nichts übernommen. Bitte die genannten Zeilen berichtigen.", EN: "Nothing was taken over. Please correct the lines named."}
	return p
}

// words checks every field that holds one of a few words.
func (f *File) words(bad *form.Defects) {
	one := func(w form.Word, field string, of []string) {
		if w.S != "" && !slices.Contains(of, w.S) {
			bad.Add(w.At, "%s: „%s“ gibt es nicht; möglich sind %s", "%s: there is no '%s'; possible are %s", field, w.S, strings.Join(of, ", "))
		}
	}
	d := f.doc
	one(d.Format, "format", []string{Format})
	if d.Key.S != "" && !key.MatchString(d.Key.S) {
		bad.Add(d.Key.At, "key: Kleinbuchstaben, Ziffern, Punkt und Strich, höchstens 80 Zeichen", "key: lower-case letters, digits, dot and dash, at most 80 characters")
	}
	one(d.Origin, "origin", inventory.Origin("").Values())
	for _, w := range d.Scope {
		one(w, "scope", inventory.Scope("").Values())
	}
	one(d.RoleOfAI, "role_of_ai", inventory.RoleOfAI("").Values())
	one(d.People, "people", []string{"true", "false", "yes", "no"})
	one(d.Retain, "retain", inventory.Retain("").Values())
	one(d.Oversight.Mode, "oversight.mode", inventory.Oversight("").Values())
	one(d.Oversight.OnHold, "oversight.on_hold", inventory.OnHold("").Values())
	one(d.Oversight.DeciderRole, "oversight.decider_role", inventory.Deciders)
	seen := map[string]bool{}
	for _, m := range d.Models {
		if m.Name.S != "" && seen[m.Name.S] {
			bad.Add(m.Name.At, "models: „%s“ steht doppelt", "models: '%s' is there twice", m.Name.S)
		}
		seen[m.Name.S] = true
	}
}

// sums reads what a model says about its bytes.
func sums(m model, tree fs.FS, bad *form.Defects) sum {
	s := sum{said: strings.ToLower(m.Hash.S)}
	if s.said != "" && !strings.HasPrefix(s.said, "sha256:") {
		s.said = "sha256:" + s.said
	}
	if m.HashOf.S == "" {
		return s
	}
	if tree == nil || !fs.ValidPath(m.HashOf.S) {
		bad.Add(m.HashOf.At, "hash_of: „%s“ ist kein Pfad unterhalb des Ordners dieser Datei", "hash_of: '%s' is no path below the folder of this file", m.HashOf.S)
		return s
	}
	sum, err := hashOf(tree, m.HashOf.S)
	if err != nil {
		bad.Add(m.HashOf.At, "hash_of: „%s“ lässt sich nicht lesen", "hash_of: '%s' cannot be read", m.HashOf.S)
		return s
	}
	s.computed = sum
	return s
}

func hashOf(tree fs.FS, path string) (sum string, err error) {
	in, err := tree.Open(path)
	if err != nil {
		return "", err
	}
	defer func() {
		if gone := in.Close(); err == nil {
			err = gone
		}
	}()
	h := sha256.New()
	if _, err = io.Copy(h, in); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
