package cisoassistant

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/record/packs/form"

	"github.com/goccy/go-yaml/ast"
)

// reader reads one file and collects every defect. After stop nothing is read
// any more.
type reader struct {
	f    *sound.File
	bad  form.Defects
	stop error
}

// wrong records a defect; both sentences take the same arguments.
func (r *reader) wrong(line int, de, en string, args ...any) {
	r.bad.Add(form.Place{File: r.f.Name, Line: line}, de, en, args...)
}

// at is what a node stands for; nil when reading has stopped.
func (r *reader) at(n ast.Node) ast.Node {
	if r.stop != nil || n == nil {
		return nil
	}
	to, err := r.f.At(n)
	if err != nil {
		r.stop = err
		return nil
	}
	return to
}

// object is one mapping of the file while it is read. Its methods take a field
// each; done names those that nobody took.
type object struct {
	r      *reader
	line   int
	names  []string
	fields map[string]ast.Node
	lines  map[string]int
}

// object reads the fields of a mapping; what is the thing that it should be.
func (r *reader) object(n ast.Node, line int, what string) (*object, bool) {
	n = r.at(n)
	if n == nil {
		if r.stop == nil {
			r.wrong(line, "%s ist leer", "%s is empty", what)
		}
		return nil, false
	}
	m, ok := sound.Mapping(n)
	if !ok {
		r.wrong(sound.Line(n), "%s braucht benannte Felder", "%s needs named fields", what)
		return nil, false
	}
	o := &object{r: r, line: sound.Line(m), fields: make(map[string]ast.Node, len(m.Values)), lines: make(map[string]int, len(m.Values))}
	for _, kv := range m.Values {
		key := r.at(kv.Key)
		name, ok := sound.Scalar(key)
		if !ok || name == "" {
			if r.stop == nil {
				r.wrong(sound.Line(kv), "ein Feld ohne Namen", "a field without a name")
			}
			continue
		}
		if _, twice := o.fields[name]; twice {
			r.wrong(sound.Line(kv), "das Feld %q steht zweimal da", "field %q stands here twice", name)
			continue
		}
		o.names = append(o.names, name)
		o.fields[name], o.lines[name] = kv.Value, sound.Line(kv.Key)
	}
	return o, true
}

// take removes a field; ok is false for one that is missing or empty.
func (o *object) take(name string) (n ast.Node, line int, ok bool) {
	n, ok = o.fields[name]
	if !ok {
		return nil, o.line, false
	}
	delete(o.fields, name)
	n = o.r.at(n)
	return n, o.lines[name], !sound.Null(n) && o.r.stop == nil
}

// has reports whether a field is there and not taken yet, even if it is empty.
func (o *object) has(name string) bool { _, ok := o.fields[name]; return ok }

// done records the fields that nobody took.
func (o *object) done() {
	for _, name := range o.names {
		if _, left := o.fields[name]; left {
			o.r.wrong(o.lines[name], "unbekanntes Feld %q", "unknown field %q", name)
		}
	}
}

// text takes a text; numbers and truth values count as written.
func (o *object) text(name string) string {
	n, line, ok := o.take(name)
	if !ok {
		return ""
	}
	s, ok := sound.Scalar(n)
	if !ok {
		o.r.wrong(line, "%q muss ein Text sein", "%q must be a text", name)
	}
	return strings.TrimSpace(s)
}

// need is text for a field that must be there.
func (o *object) need(name string) string {
	s := o.text(name)
	if s == "" && o.r.stop == nil {
		o.r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", name)
	}
	return s
}

// one takes a text that is one of a few; "" is allowed.
func (o *object) one(name string, of []string) string {
	line := o.lines[name]
	s := strings.ToLower(o.text(name))
	if s != "" && !slices.Contains(of, s) {
		o.r.wrong(line, "%q: %q gehört nicht zu %s", "%q: %q is none of %s", name, s, strings.Join(of, ", "))
		return ""
	}
	return s
}

// number takes a whole number between least and most.
func (o *object) number(name string, otherwise, least, most int) int {
	n, line, ok := o.take(name)
	if !ok {
		return otherwise
	}
	s, _ := sound.Scalar(n)
	i, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || i < least || i > most {
		o.r.wrong(line, "%q: %q ist keine ganze Zahl von %d bis %d", "%q: %q is no whole number from %d to %d", name, s, least, most)
		return otherwise
	}
	return i
}

// truth takes yes or no.
func (o *object) truth(name string, otherwise bool) bool {
	n, line, ok := o.take(name)
	if !ok {
		return otherwise
	}
	s, _ := sound.Scalar(n)
	b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(s)))
	if err != nil {
		o.r.wrong(line, "%q: %q ist weder true noch false", "%q: %q is neither true nor false", name, s)
	}
	return b
}

// day takes a date; the time of day behind it is left out.
func (o *object) day(name string) time.Time {
	line := o.lines[name]
	s := o.text(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s[:min(len(s), len(time.DateOnly))])
	if err != nil {
		o.r.wrong(line, "%q: %q ist kein Datum (JJJJ-MM-TT)", "%q: %q is no date (YYYY-MM-DD)", name, s)
	}
	return t
}

// list takes a list; what is missing or null is an empty one.
func (o *object) list(name string) []ast.Node {
	n, line, ok := o.take(name)
	if !ok {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		o.r.wrong(line, "%q muss eine Liste sein", "%q must be a list", name)
		return nil
	}
	return seq.Values
}

// some takes several objects as a list, or one as it is.
func (o *object) some(name string) (all []ast.Node, line int) {
	n, line, ok := o.take(name)
	if !ok {
		return nil, line
	}
	if seq, ok := n.(*ast.SequenceNode); ok {
		return seq.Values, line
	}
	return []ast.Node{n}, line
}

// words takes a list of words.
func (o *object) words(name string) []string {
	var out []string
	for _, c := range o.cited(name) {
		out = append(out, c.URN)
	}
	return out
}

// cited takes a list of words with their lines, as they are written.
func (o *object) cited(name string) []Cited {
	var out []Cited
	for _, n := range o.list(name) {
		to := o.r.at(n)
		s, ok := sound.Scalar(to)
		if s = strings.TrimSpace(s); !ok || s == "" {
			if o.r.stop == nil {
				o.r.wrong(sound.Line(n), "%q enthält etwas, das kein Wort ist", "%q holds something that is no word", name)
			}
			continue
		}
		out = append(out, Cited{URN: s, Line: sound.Line(n)})
	}
	return out
}

// urnForm is urn:<packager>:risk:<kind of object>:<reference id and what follows>.
var urnForm = regexp.MustCompile(`^urn:[^:\s]+:risk:[a-z0-9_-]+:[^\s].*$`)

// fold is a URN as it counts: in lower case.
func fold(urn string) string { return strings.ToLower(strings.TrimSpace(urn)) }

// urn takes a URN; "" where it is missing.
func (o *object) urn(name string) Cited {
	line, there := o.lines[name]
	if !there {
		line = o.line
	}
	c := Cited{URN: fold(o.text(name)), Line: line}
	if c.URN != "" && !urnForm.MatchString(c.URN) {
		o.r.wrong(line, "%q: %q ist keine URN der Form urn:herausgeber:risk:art:kennung", "%q: %q is no URN of the form urn:packager:risk:kind:id", name, c.URN)
	}
	return c
}

// urns takes a list of URNs.
func (o *object) urns(name string) []Cited {
	all := o.cited(name)
	for i := range all {
		all[i].URN = fold(all[i].URN)
		if !urnForm.MatchString(all[i].URN) {
			o.r.wrong(all[i].Line, "%q: %q ist keine URN der Form urn:herausgeber:risk:art:kennung", "%q: %q is no URN of the form urn:packager:risk:kind:id", name, all[i].URN)
		}
	}
	return all
}

// skip takes fields that are kept in the original only, whatever they hold.
func (o *object) skip(names ...string) {
	for _, name := range names {
		delete(o.fields, name)
	}
}

// rest takes all fields that are left: of kinds of objects whose fields the
// format leaves open.
func (o *object) rest() { o.skip(o.names...) }

// named takes the fields that most objects have. need says which of urn and
// ref_id must be there.
func (o *object) named(need ...string) Named {
	n := Named{Line: o.line, URN: o.urn("urn").URN, RefID: o.text("ref_id"), Name: o.text("name"), Description: o.text("description"),
		Annotation: o.text("annotation"), TypicalEvidence: o.text("typical_evidence")}
	have := map[string]string{"urn": n.URN, "ref_id": n.RefID, "name": n.Name}
	for _, field := range need {
		if have[field] == "" && o.r.stop == nil {
			o.r.wrong(o.line, "das Feld %q fehlt oder ist leer", "field %q is missing or empty", field)
		}
	}
	n.Translations = o.translations()
	return n
}

// translations takes language → field → text. Null is no translation; fields
// that hold more than a text (questions) stay in the original.
func (o *object) translations() map[string]map[string]string {
	n, line, ok := o.take("translations")
	if !ok {
		return nil
	}
	langs, ok := o.r.object(n, line, "translations")
	if !ok {
		return nil
	}
	out := map[string]map[string]string{}
	for _, lang := range langs.names {
		n, line, ok := langs.take(lang)
		if !ok {
			continue
		}
		fields, ok := o.r.object(n, line, "translations."+lang)
		if !ok {
			continue
		}
		texts := map[string]string{}
		for _, name := range fields.names {
			if n, _, ok := fields.take(name); ok {
				if s, ok := sound.Scalar(n); ok {
					texts[name] = strings.TrimSpace(s)
				}
			}
		}
		out[language(lang)] = texts
	}
	return out
}

// language is the two letters of a locale such as "de", "DE", "de-AT" or "en_GB".
func language(locale string) string {
	l, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(locale)), "_", "-"), "-")
	return l
}
