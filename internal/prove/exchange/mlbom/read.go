// Package mlbom reads a bill of materials of CycloneDX (JSON, 1.5 to 1.7) and
// takes out what the register knows: machine-learning models with their cards,
// and data sets. They become models and data sets of one system that a person
// chose. Everything else of the file is counted and left.
//
// Read gives a Bill, or every place that cannot be taken with its path
// ("components.2.version"). Compare says what the register would get, Apply stores
// it: all of it or nothing. A data set that comes in has no steps: what was done
// to the data is for people to say (govern/data).
package mlbom

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Limits of one file.
const (
	MaxBytes      = 4 << 20
	MaxComponents = 20_000
	maxTaken      = 200 // models, and data sets
	maxText       = 2000
)

// Bill is what was read of a file.
type Bill struct {
	Name   string // of the file
	Spec   string // "1.6"
	Serial string
	Models []Model
	Sets   []Set
	Others int       // components of other kinds
	Notes  []text.Bi // what was changed or left out, for the reader
}

// Model is one model of the file.
type Model struct {
	Path string // "components.2"
	Said string // its name as the file writes it
	Doc  inventory.Model
}

// Set is one data set of the file.
type Set struct {
	Path string
	Doc  data.Dataset
}

// Looks reports whether a file is meant to be a bill of CycloneDX.
func Looks(raw []byte) bool {
	var head struct {
		Format string `json:"bomFormat"`
	}
	return json.Unmarshal(raw, &head) == nil && head.Format == cdx.BOMFormat
}

// Read reads a file. name is for messages. Errors: BadInput with the path of every
// wrong place, TooLarge.
func Read(name string, raw []byte) (Bill, error) {
	if len(raw) > MaxBytes {
		return Bill{}, problem.Newf(problem.TooLarge, "Die Datei „%s“ ist größer als %d MB.", "The file '%s' is larger than %d MB.", name, MaxBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	var bom cdx.BOM
	if err := json.Unmarshal(raw, &bom); err != nil {
		return Bill{}, unreadable(name, raw, err)
	}
	if bom.BOMFormat != cdx.BOMFormat {
		return Bill{}, refuse(name, "bomFormat", "Das ist keine Stückliste im Format CycloneDX (JSON).", "This is no bill of materials in the format CycloneDX (JSON).")
	}
	if bom.SpecVersion < cdx.SpecVersion1_5 || bom.SpecVersion > cdx.SpecVersion1_7 {
		return Bill{}, refuse(name, "specVersion", "Gelesen werden die Fassungen 1.5 bis 1.7, nicht "+bom.SpecVersion.String()+".", "Versions 1.5 to 1.7 are read, not "+bom.SpecVersion.String()+".")
	}
	r := reading{bill: Bill{Name: name, Spec: bom.SpecVersion.String(), Serial: bom.SerialNumber}, sets: map[string]int{}, names: map[string]string{}}
	if bom.Metadata != nil && bom.Metadata.Component != nil {
		r.components([]cdx.Component{*bom.Metadata.Component}, func(int) string { return "metadata.component" })
	}
	r.components(all(bom.Components), func(i int) string { return "components." + strconv.Itoa(i) })
	r.trained()
	if len(r.bill.Models)+len(r.bill.Sets) == 0 && r.bad.Err() == nil {
		r.bad.Field(false, "components", "Die Stückliste nennt weder ein Modell noch einen Datensatz.", "The bill names neither a model nor a data set.")
	}
	if err := r.bad.Err(); err != nil {
		return Bill{}, said(name, err)
	}
	return r.bill, nil
}

// said puts the file's name over its errors.
func said(name string, err error) error {
	p := problem.From(err)
	p.Say = text.Bi{DE: fmt.Sprintf("Die Stückliste „%s“ hat Fehler: %d.", name, len(p.Fields)), EN: fmt.Sprintf("The bill '%s' has errors: %d.", name, len(p.Fields))}
	p.Hint = text.Bi{DE: "Es wurde nichts übernommen.", EN: "Nothing was taken over."}
	return p
}

func refuse(name, path, de, en string) error {
	var c problem.Checks
	c.Field(false, path, de, en)
	return said(name, c.Err())
}

// unreadable says where a file is no JSON of the format.
func unreadable(name string, raw []byte, err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n"))
		return refuse(name, "line "+strconv.Itoa(line), "Hier ist die Datei kein gültiges JSON.", "The file is no valid JSON here.")
	case errors.As(err, &typ):
		return refuse(name, typ.Field, "Hier steht eine andere Art von Wert, als CycloneDX vorsieht.", "Another kind of value stands here than CycloneDX provides for.")
	case errors.Is(err, cdx.ErrInvalidSpecVersion):
		return refuse(name, "specVersion", "Diese Fassung von CycloneDX gibt es nicht; gelesen werden 1.5 bis 1.7.", "There is no such version of CycloneDX; 1.5 to 1.7 are read.")
	}
	return problem.From(refuse(name, "", "Die Datei lässt sich nicht lesen.", "The file cannot be read.")).Wrap(err)
}

// reading collects models and data sets of one file.
type reading struct {
	bill  Bill
	bad   problem.Checks
	count int
	sets  map[string]int    // bom-ref → position in bill.Sets
	names map[string]string // name of a model as the register writes it → its path
	cards []trained
}

// trained is a model's list of data sets, resolved when all are known.
type trained struct {
	model int
	path  string
	sets  []cdx.MLDatasetChoice
}

func (r *reading) note(de, en string, args ...any) {
	if len(r.bill.Notes) < 100 {
		r.bill.Notes = append(r.bill.Notes, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)})
	}
}

// components walks over components and those within them.
func (r *reading) components(list []cdx.Component, path func(int) string) {
	for i, c := range list {
		if r.count++; r.count > MaxComponents {
			if r.count == MaxComponents+1 {
				r.bad.Field(false, path(i), fmt.Sprintf("Mehr als %d Bestandteile.", MaxComponents), fmt.Sprintf("More than %d components.", MaxComponents))
			}
			return
		}
		at := path(i)
		switch c.Type {
		case cdx.ComponentTypeMachineLearningModel:
			r.model(c, at)
		case cdx.ComponentTypeData:
			r.data(c, at)
		default:
			r.bill.Others++
		}
		r.components(all(c.Components), func(j int) string { return at + ".components." + strconv.Itoa(j) })
	}
}

// model takes one model.
func (r *reading) model(c cdx.Component, at string) {
	name := slug(c.Name)
	r.bad.Field(name != "", at+".name", "Das Modell hat keinen Namen.", "The model has no name.")
	r.bad.Field(strings.TrimSpace(c.Version) != "", at+".version", "Das Modell „"+cut(c.Name, 80)+"“ hat keine Fassung.", "The model '"+cut(c.Name, 80)+"' has no version.")
	if first, twice := r.names[name]; twice && name != "" {
		r.bad.Field(false, at+".name", "Das Modell „"+name+"“ steht schon unter "+first+".", "The model '"+name+"' stands at "+first+" already.")
	}
	r.names[name] = at
	if len(r.bill.Models) == maxTaken {
		r.bad.Field(false, at, fmt.Sprintf("Mehr als %d Modelle.", maxTaken), fmt.Sprintf("More than %d models.", maxTaken))
		return
	}
	m := Model{Path: at, Said: c.Name, Doc: inventory.Model{Name: name, Version: cut(c.Version, 100), Hash: r.hash(c, at), Card: card(c)}}
	if c.ModelCard != nil {
		r.metrics(c.ModelCard, at, &m.Doc.Card)
		if p := c.ModelCard.ModelParameters; p != nil && p.Datasets != nil {
			r.cards = append(r.cards, trained{len(r.bill.Models), at + ".modelCard.modelParameters.datasets", *p.Datasets})
		}
	}
	if name != c.Name && name != "" {
		r.note("Das Modell „%s“ heißt hier „%s“.", "The model '%s' is called '%s' here.", cut(c.Name, 80), name)
	}
	r.bill.Models = append(r.bill.Models, m)
}

// hash is the SHA-256 of a component as the register writes it.
func (r *reading) hash(c cdx.Component, at string) string {
	for i, h := range all(c.Hashes) {
		if h.Algorithm != cdx.HashAlgoSHA256 {
			continue
		}
		v := strings.ToLower(strings.TrimSpace(h.Value))
		if len(v) != 64 || strings.IndexFunc(v, func(x rune) bool { return (x < '0' || x > '9') && (x < 'a' || x > 'f') }) >= 0 {
			r.bad.Field(false, fmt.Sprintf("%s.hashes.%d", at, i), "Die Prüfsumme ist kein SHA-256.", "The hash is no SHA-256.")
			return ""
		}
		return "sha256:" + v
	}
	r.note("„%s“ hat keine Prüfsumme (SHA-256).", "'%s' has no hash (SHA-256).", cut(c.Name, 80))
	return ""
}

// card is a model card as far as the file has one.
func card(c cdx.Component) inventory.Card {
	var out inventory.Card
	out.Purpose = same(c.Description)
	if c.ModelCard == nil {
		return out
	}
	if x := c.ModelCard.Considerations; x != nil {
		if out.Purpose.IsZero() {
			out.Purpose = same(strings.Join(all(x.UseCases), "; "))
		}
		out.Limits = same(strings.Join(all(x.TechnicalLimitations), "; "))
	}
	return out
}

// metrics takes the measurements of a card that are numbers.
func (r *reading) metrics(c *cdx.MLModelCard, at string, out *inventory.Card) {
	if c.QuantitativeAnalysis == nil {
		return
	}
	for i, x := range all(c.QuantitativeAnalysis.PerformanceMetrics) {
		v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(x.Value), "%")), 64)
		if err != nil || v != v || v > 1e300 || v < -1e300 {
			r.note("%s: „%s“ ist keine Zahl und bleibt draußen.", "%s: '%s' is no number and stays out.",
				fmt.Sprintf("%s.modelCard.quantitativeAnalysis.performanceMetrics.%d", at, i), cut(x.Value, 40))
			continue
		}
		name := strings.TrimSpace(x.Type)
		if strings.HasSuffix(strings.TrimSpace(x.Value), "%") {
			name = strings.TrimSpace(name + " (%)")
		}
		out.Metrics = append(out.Metrics, inventory.Metric{Name: cut(name, 200), Value: v, On: cut(x.Slice, 200)})
	}
}

// data takes the data sets of a component: each entry of its own, or the component
// itself where it has none.
func (r *reading) data(c cdx.Component, at string) {
	entries := all(c.Data)
	if len(entries) == 0 {
		entries = []cdx.ComponentData{{Type: cdx.ComponentDataTypeDataset, Name: c.Name, Description: c.Description}}
	}
	component := c.BOMRef // it stands for its first data set
	for i, d := range entries {
		path := at
		if c.Data != nil {
			path = fmt.Sprintf("%s.data.%d", at, i)
		}
		if d.Type != cdx.ComponentDataTypeDataset && d.Type != "" {
			r.bill.Others++
			continue
		}
		if d.Name == "" {
			d.Name = c.Name
		}
		set := r.set(d, path)
		if set.Source == "" && c.Supplier != nil {
			set.Source = cut(c.Supplier.Name, maxText)
		}
		set.Licence = licence(c)
		r.add(set, path, d.BOMRef, component)
		component = ""
	}
}

// set makes a data set of an entry.
func (r *reading) set(d cdx.ComponentData, at string) data.Dataset {
	out := data.Dataset{Name: cut(d.Name, 200), Class: cut(d.Classification, 100), Personal: data.Unknown}
	r.bad.Field(out.Name != "", at+".name", "Der Datensatz hat keinen Namen.", "The data set has no name.")
	out.Sheet.Contents = cut(d.Description, maxText)
	if d.Contents != nil {
		out.Source = cut(d.Contents.URL, maxText)
	}
	sensitive := all(d.SensitiveData)
	for _, s := range sensitive {
		if personal(s) {
			out.Personal = data.Yes
		}
	}
	if len(sensitive) > 0 {
		out.Sheet.Quality = cut("sensitiveData: "+strings.Join(sensitive, "; "), maxText)
	}
	return out
}

// personal reports whether a word about sensitive data speaks of people. Other
// words leave the question open.
func personal(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{"personal", "personen", "pii", "gdpr", "dsgvo", "employee", "beschäftigt", "customer data", "health", "gesundheit", "biometr"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// add keeps a data set; refs are how the file refers to it, some perhaps empty.
func (r *reading) add(d data.Dataset, at string, refs ...string) {
	if len(r.bill.Sets) == maxTaken {
		r.bad.Field(false, at, fmt.Sprintf("Mehr als %d Datensätze.", maxTaken), fmt.Sprintf("More than %d data sets.", maxTaken))
		return
	}
	where := ""
	for _, ref := range refs {
		if ref != "" {
			where = cmp.Or(where, ref)
			r.sets[ref] = len(r.bill.Sets)
		}
	}
	where = cmp.Or(where, at)
	d.Origin = cut(strings.TrimPrefix(r.bill.Serial+"#"+where, "#"), 1000)
	r.bill.Sets = append(r.bill.Sets, Set{Path: at, Doc: d})
}

// trained says in each model card on which data the model was trained, and takes
// the data sets that stand inside a card.
func (r *reading) trained() {
	for _, t := range r.cards {
		var names []string
		for i, choice := range t.sets {
			at := fmt.Sprintf("%s.%d", t.path, i)
			switch {
			case choice.ComponentData != nil:
				r.add(r.set(*choice.ComponentData, at), at, choice.ComponentData.BOMRef)
				names = append(names, cut(choice.ComponentData.Name, 200))
			case choice.Ref != "":
				k, ok := r.sets[choice.Ref]
				if !ok {
					r.bad.Field(false, at+".ref", "Auf „"+cut(choice.Ref, 80)+"“ wird verwiesen, aber der Datensatz fehlt.", "'"+cut(choice.Ref, 80)+"' is referred to, but the data set is missing.")
					continue
				}
				names = append(names, r.bill.Sets[k].Doc.Name)
			}
		}
		r.bill.Models[t.model].Doc.Card.Data = same(strings.Join(names, "; "))
	}
}

// licence is the licence of a component in words.
func licence(c cdx.Component) string {
	if c.Licenses == nil {
		return ""
	}
	var out []string
	for _, l := range *c.Licenses {
		switch {
		case l.Expression != "":
			out = append(out, l.Expression)
		case l.License != nil && l.License.ID != "":
			out = append(out, l.License.ID)
		case l.License != nil && l.License.Name != "":
			out = append(out, l.License.Name)
		}
	}
	return cut(strings.Join(out, ", "), 1000)
}

// slug is a name as the register wants it of models: lower-case letters, digits,
// dot and dash.
func slug(s string) string {
	var b strings.Builder
	for _, x := range strings.ToLower(s) {
		switch {
		case x >= 'a' && x <= 'z' || x >= '0' && x <= '9':
			b.WriteRune(x)
		case x == '.' || x == '_' || x == '-' || unicode.IsSpace(x) || x == '/' || x == ':':
			if n := b.Len(); n > 0 && b.String()[n-1] != '-' {
				if x == '.' || x == '_' {
					b.WriteRune(x)
				} else {
					b.WriteByte('-')
				}
			}
		}
	}
	out := b.String()
	return strings.TrimRight(out[:min(80, len(out))], "-._")
}

func same(s string) text.Bi { return text.Same(cut(s, maxText)) }

// cut is a text without spaces at its ends and at most n characters long.
func cut(s string, n int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// all is what a list holds that may not be there.
func all[T any](p *[]T) []T {
	if p == nil {
		return nil
	}
	return *p
}
