package exchange

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Take says what becomes of one citation when a catalogue is adopted.
type Take string

// The choices for a citation.
const (
	Corrected Take = "corrected" // the clauses that the review names instead
	Written   Take = "written"   // the clauses as cited, as far as they exist
)

// Adoption is what a person decides when adopting a result.
type Adoption struct {
	File    string // name of the file
	Raw     []byte // the file as it was given
	Title   string // of the catalogue; empty: the result's
	Version string // of the catalogue; empty: "1"
	AsOf    time.Time
	All     Take         // for every citation that Each does not name; empty: Corrected
	Each    map[int]Take // by index in Result.Cited
}

// of is the choice for one citation.
func (a Adoption) of(i int) Take {
	if t, ok := a.Each[i]; ok {
		return t
	}
	if a.All == Written {
		return Written
	}
	return Corrected
}

// Draft makes packs of a result: the requirements, each with its six fields, and
// a framework by which they are assessed. A result with errors is refused, whole.
func (r Result) Draft(a Adoption) (catalogue.Draft, error) {
	if !r.OK() {
		p := problem.Newf(problem.BadInput, "Die Datei hat %d Fehler; nichts davon wird übernommen.", "The file has %d errors; nothing of it is adopted.", max(len(r.Errors), 1)).
			WithHint("Bitte die genannten Stellen in der Datei berichtigen und sie noch einmal hochladen.", "Please correct the places named in the file and upload it again.")
		for _, e := range r.Errors {
			p.Fields = append(p.Fields, problem.Field{Path: e.Place(), Say: e.Say})
		}
		return catalogue.Draft{}, p
	}
	title := cmp.Or(oneLine(a.Title), oneLine(r.Title), "Katalog")
	a.File = cmp.Or(oneLine(a.File), title)
	if a.Version = strings.TrimSpace(a.Version); a.Version == "" {
		a.Version = "1"
	}
	name := PackID(title)
	ids := r.ids(name)
	d := catalogue.Draft{Name: text.Same(title), Format: catalogue.Table, URN: name, Version: a.Version, Source: a.File, Original: a.Raw, Notes: r.Notes}
	d.Packs = []catalogue.Draftpack{
		{ID: name, Kind: packs.Requirements, Items: r.Rows, YAML: r.requirementsYAML(name, title, ids, a)},
		{ID: name + "-framework", Kind: packs.Frameworks, Items: r.Rows, YAML: r.frameworkYAML(name, title, ids, a)},
	}
	return d, nil
}

// oneLine is a text without line breaks and double spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// PackID is the id of the pack of a catalogue with this title.
func PackID(title string) string {
	if s := slug(title, 40); s != "" {
		return catalogue.Prefix + s
	}
	return catalogue.Prefix + "catalogue"
}

// Place is the position of an error in one word, for lists and fields.
func (e RowError) Place() string {
	switch {
	case e.Cell != "" && (e.Line == 0 || strings.Contains(e.Cell, "!")):
		return e.Cell
	case e.Cell != "":
		return fmt.Sprintf("%d:%s", e.Line, e.Cell)
	case e.Line > 0:
		return fmt.Sprint(e.Line)
	}
	return ""
}

// ids gives every requirement an id below the pack's name.
func (r Result) ids(name string) []string {
	out := make([]string, len(r.Requirements))
	used := map[string]bool{}
	for i, row := range r.Requirements {
		id := slug(row.ID, 60)
		if id == "" || used[id] {
			id = strings.Trim(fmt.Sprintf("%s-%d", id, i+1), "-")
		}
		used[id] = true
		out[i] = name + "." + id
	}
	return out
}

// umlauts are written out in ids, which are ASCII.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// slug is a text as a part of an id: at most n of a–z, 0–9 and single dashes.
func slug(s string, n int) string {
	var b strings.Builder
	dash := false
	for _, c := range norm.NFD.String(umlauts.Replace(norm.NFC.String(strings.ToLower(s)))) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(c)
			dash = false
		case unicode.Is(unicode.Mn, c): // an accent belongs to its letter
		default:
			dash = true
		}
	}
	out := strings.Trim(b.String(), "-")
	if len(out) <= n {
		return out
	}
	// The end of a word is a better end, unless the word is all there is.
	if at := strings.LastIndexByte(out[:n+1], '-'); at > n/2 {
		return out[:at]
	}
	return out[:n]
}

// refs are the clauses of one requirement after the choices that were made:
// always, and for high-risk systems only.
func (r Result) refs(row int, at map[int][]int, a Adoption) (always, high []string) {
	for _, i := range at[row] {
		v := r.Cited[i]
		if a.of(i) == Written || len(v.Clauses)+len(v.IfHigh) == 0 && v.Correct.IsZero() {
			always = append(always, v.Written...)
			continue
		}
		always, high = append(always, v.Clauses...), append(high, v.IfHigh...)
	}
	always = distinct(always)
	return always, slices.DeleteFunc(distinct(high), func(id string) bool { return slices.Contains(always, id) })
}

func distinct(ids []string) []string {
	var out []string
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// cited lists the citations of every row.
func (r Result) cited() map[int][]int {
	out := map[int][]int{}
	for i, v := range r.Cited {
		if v.Row >= 0 {
			out[v.Row] = append(out[v.Row], i)
		}
	}
	return out
}

// page writes YAML, in which every text is a quoted word, as in JSON.
type page struct{ bytes.Buffer }

func (p *page) line(indent int, format string, args ...any) {
	fmt.Fprintf(p, "%s"+format+"\n", append([]any{strings.Repeat(" ", indent)}, args...)...)
}

// quote is a text as YAML and JSON write it alike.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // not reached: every string can be encoded
	}
	return strings.TrimSpace(b.String())
}

// bi is a text that an author wrote in one language, in the place of both.
func bi(s string) string { return "{de: " + quote(s) + ", en: " + quote(s) + "}" }

func (p *page) head(id string, kind packs.Kind, title string, a Adoption) {
	p.line(0, "id: %s", id)
	p.line(0, "kind: %s", kind)
	p.line(0, "version: %s", quote(a.Version))
	p.line(0, "as_of: %s", a.AsOf.UTC().Format(time.DateOnly))
	p.line(0, "title: %s", bi(title))
	p.line(0, "source: [%s]", quote(a.File))
}

// requirementsYAML is the pack of the requirements.
func (r Result) requirementsYAML(name, title string, ids []string, a Adoption) []byte {
	var p page
	p.head(name, packs.Requirements, title, a)
	p.line(0, "notice:")
	p.line(2, "de: %s", quote("Aus einer Tabelle eingelesen; die Texte stehen nur in der Sprache des Verfassers da."))
	p.line(2, "en: %s", quote("Imported from a table; the texts are in the author's language only."))
	p.line(0, "items:")
	at := r.cited()
	for i, row := range r.Requirements {
		proof := row.Proof
		if proof == "" {
			proof = "–"
		}
		p.line(2, "- id: %s", ids[i])
		p.line(4, "ref: %s", quote(row.ID))
		p.line(4, "title: %s", bi(titleOf(row)))
		p.line(4, "text: %s", bi(row.Description))
		p.line(4, "proof: %s", bi(proof))
		p.line(4, "status: %s", row.Status)
		if row.References != "" {
			p.line(4, "references_said: %s", quote(row.References))
		}
		p.evidence(row.Evidence)
		p.line(4, "steps: []")
		always, high := r.refs(i, at, a)
		p.line(4, "refs: [%s]", strings.Join(always, ", "))
		if len(high) > 0 {
			p.line(4, "refs_if_high: [%s]", strings.Join(high, ", "))
		}
	}
	return p.Bytes()
}

func (p *page) evidence(said string) {
	all := evidenceOf(said)
	if len(all) == 0 {
		p.line(4, "evidence: []")
		return
	}
	p.line(4, "evidence:")
	for _, e := range all {
		p.line(6, "- type: %s", e.Type)
		p.line(8, "say: %s", bi(e.Say.DE))
	}
}

// frameworkYAML is the pack by which the requirements are assessed.
func (r Result) frameworkYAML(name, title string, ids []string, a Adoption) []byte {
	var p page
	p.head(name+"-framework", packs.Frameworks, title, a)
	p.line(0, "notice:")
	p.line(2, "de: %s", quote("Aus einer Tabelle eingelesen; der Aufwand ist nicht geschätzt und steht auf 0 Tagen."))
	p.line(2, "en: %s", quote("Imported from a table; the effort is not estimated and stands at 0 days."))
	p.line(0, "framework: %s", name)
	p.line(0, "areas:")
	p.line(2, "- id: catalogue")
	p.line(4, "title: %s", bi(title))
	p.line(4, "phase: do")
	p.line(4, "items:")
	for i, row := range r.Requirements {
		plain := row.Proof
		if plain == "" {
			plain = row.Description
		}
		p.line(6, "- clause: %s", ids[i])
		p.line(8, "days: 0")
		p.line(8, "evidence: [%s]", strings.Join(types(evidenceOf(row.Evidence)), ", "))
		p.line(8, "plain: %s", bi(plain))
	}
	return p.Bytes()
}

// titleOf is the beginning of the description, up to its first border.
func titleOf(r Row) string {
	s := oneLine(r.Description)
	for _, end := range []string{": ", ". ", ", ", "; "} {
		if head, _, ok := strings.Cut(s, end); ok && len(head) >= 8 {
			s = head
		}
	}
	return strings.TrimRight(cut(s, 90), ".")
}

// evidenceWords are words by which a type of evidence shows, tried in this
// order.
var evidenceWords = []struct {
	kind  string
	words []string
}{
	{"screenshot", []string{"screenshot", "bildschirm"}},
	{"diagram", []string{"diagram", "netzplan", "zeichnung", "schaubild"}},
	{"list", []string{"matrix", "liste", "list", "register", "verzeichnis", "inventar", "inventory"}},
	{"configuration", []string{"konfig", "config", "einstellung", "regeln", "rules", "setting"}},
	{"log", []string{"log", "journal"}},
	{"protocol", []string{"protokoll", "protocol", "test", "report", "bericht", "simulation", "analyse", "analysis", "minutes"}},
	{"record", []string{"nachweis", "record", "aufzeichnung", "zertifikat", "certificate"}},
}

// evidenceOf cuts a cell into the kinds of evidence that it asks for.
func evidenceOf(said string) []packs.Evidence {
	var out []packs.Evidence
	for part := range strings.FieldsFuncSeq(said, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		part = strings.TrimSpace(strings.Trim(strings.TrimSpace(part), "-•*"))
		if !strings.ContainsFunc(part, unicode.IsLetter) {
			continue
		}
		out = append(out, packs.Evidence{Type: evidenceType(part), Say: text.Same(part)})
	}
	return out
}

func evidenceType(part string) string {
	low := strings.ToLower(part)
	for _, e := range evidenceWords {
		if slices.ContainsFunc(e.words, func(w string) bool { return strings.Contains(low, w) }) {
			return e.kind
		}
	}
	return "document"
}

// types are the types of evidence, each once; a document where none is named.
func types(all []packs.Evidence) []string {
	var out []string
	for _, e := range all {
		out = append(out, e.Type)
	}
	if len(out) == 0 {
		return []string{"document"}
	}
	return distinct(out)
}
