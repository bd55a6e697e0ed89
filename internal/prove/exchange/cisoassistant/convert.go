package cisoassistant

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Draft turns a resolved library into packs of ours. original is the file as it
// was given, today counts where the file names no date.
func (l *Library) Draft(original []byte, k Known, today time.Time) catalogue.Draft {
	c := &conversion{l: l, shipped: shippedIDs(k.Packs), today: today, pairs: map[[2]string]bool{}, packs: map[string]int{}}
	for _, f := range l.Frameworks {
		c.standard(f)
		c.framework(f)
	}
	c.controls()
	for _, s := range l.Sets {
		c.mapping(s)
	}
	d := catalogue.Draft{Name: l.bi("name", l.first(l.Name, l.RefID)), Format: catalogue.Library, URN: l.URN, Version: strconv.Itoa(l.Version),
		Copyright: l.Copyright, Source: l.File, Original: original, Packs: c.out, Kept: l.kept(), Notes: c.notes}
	if only := l.onlyIn(); only != "" {
		d.Notes = append(d.Notes, onlyIn(only))
	}
	return d
}

// ID is our id for something that a file names by URN. It depends on nothing
// else, so that what one file cites of another is found again.
func ID(urn string) string {
	parts := append(strings.SplitN(urn, ":", 5), "", "", "", "", "")
	packager, kind, rest := plain(parts[1]), parts[3], parts[4]
	head, tail, ok := strings.Cut(rest, ":")
	if kind != "req_node" {
		return catalogue.Prefix + packager + "." + safe(kind) + "." + safe(rest)
	}
	if !ok {
		return catalogue.Prefix + packager + "." + safe(head)
	}
	return catalogue.Prefix + packager + "-" + plain(head) + "." + safe(tail)
}

// safe is a word that may stand in an id and in an address: what is neither a
// small letter, a digit nor one of - _ . becomes a tilde and its number.
func safe(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("-_.", r):
			b.WriteRune(r)
		case r == ':':
			b.WriteByte('.')
		default:
			fmt.Fprintf(&b, "~%x", r)
		}
	}
	return b.String()
}

// plain is safe without dots, for the part of an id before its first dot.
func plain(s string) string { return strings.ReplaceAll(safe(s), ".", "-") }

// conversion makes the packs of one library.
type conversion struct {
	l       *Library
	shipped map[string]string
	today   time.Time
	out     []catalogue.Draftpack
	notes   []text.Bi
	packs   map[string]int     // ids given out
	pairs   map[[2]string]bool // mapped requirements, the smaller id first
}

// id is a pack id that no other pack of the file has.
func (c *conversion) id(want string) string {
	c.packs[want]++
	if n := c.packs[want]; n > 1 {
		return want + "-" + strconv.Itoa(n)
	}
	return want
}

// of is the id of what a URN cites: ours, or a shipped one.
func (c *conversion) of(urn string) string {
	if id, ok := clauseOf(c.shipped, urn); ok {
		return id
	}
	return ID(urn)
}

// packID is the id of the pack of a framework or another object with a URN.
func packID(urn string) string {
	parts := append(strings.SplitN(urn, ":", 5), "", "", "", "", "")
	return catalogue.Prefix + plain(parts[1]) + "-" + plain(parts[4])
}

// head opens a pack.
func (c *conversion) head(w *writer, id string, kind packs.Kind, title text.Bi, notice text.Bi) {
	w.word("id", id)
	w.raw("kind", string(kind))
	w.word("version", strconv.Itoa(c.l.Version))
	at := c.l.Published
	if at.IsZero() {
		at = c.today
	}
	w.raw("as_of", at.UTC().Format(time.DateOnly))
	w.bi("title", title)
	var source []string
	for _, s := range []string{c.l.Provider, c.l.Name, c.l.URN} {
		if s != "" && !slices.Contains(source, s) {
			source = append(source, s)
		}
	}
	w.words("source", source)
	if c.l.Copyright != "" {
		w.bi("licence", text.Same(c.l.Copyright))
	}
	w.bi("notice", notice)
	doubts := []text.Bi{{DE: "Der Inhalt stammt aus einer eingelesenen Datei und wurde hier nicht geprüft.", EN: "The content comes from an imported file and was not checked here."}}
	if only := c.l.onlyIn(); only != "" {
		doubts = append(doubts, onlyIn(only))
	}
	w.list("uncertainty", len(doubts), func(i int) {
		w.word("de", doubts[i].DE)
		w.word("en", doubts[i].EN)
	})
}

func (c *conversion) add(id string, kind packs.Kind, items int, w *writer) {
	c.out = append(c.out, catalogue.Draftpack{ID: id, Kind: kind, Items: items, YAML: slices.Clone(w.Bytes())})
}

// standard makes the clauses of a framework.
func (c *conversion) standard(f Framework) {
	var w writer
	id := c.id(packID(f.URN))
	title := c.l.text(f.Named, "name", c.l.first(f.Name, f.RefID))
	c.head(&w, id, packs.Standard, title, text.Bi{
		DE: "Eingelesen aus einer Bibliotheksdatei. Die Texte sind die der Datei, ihre Rechte ebenfalls.",
		EN: "Imported from a library file. The texts are those of the file, and so are the rights in them."})
	cites := map[string]bool{}
	for _, n := range f.Nodes {
		first, _, _ := strings.Cut(ID(n.URN), ".")
		cites[first] = true
	}
	w.fields("cite", func() {
		for _, first := range sorted(cites) {
			w.bi(first, text.Same(f.RefID))
		}
	})
	below := map[string][]*Node{}
	for i := range f.Nodes {
		below[f.Nodes[i].Parent] = append(below[f.Nodes[i].Parent], &f.Nodes[i])
	}
	w.list("groups", 1, func(int) {
		w.word("id", "requirements")
		w.bi("title", text.Bi{DE: "Anforderungen", EN: "Requirements"})
		c.nodes(&w, below, "")
	})
	c.add(id, packs.Standard, len(f.Nodes), &w)
}

// nodes writes the requirements below a parent, and those below them.
func (c *conversion) nodes(w *writer, below map[string][]*Node, parent string) {
	all := below[parent]
	w.list("items", len(all), func(i int) {
		n := all[i]
		w.word("id", ID(n.URN))
		w.word("ref", c.l.first(n.RefID, tail(n.URN)))
		title, whole := c.title(*n)
		w.bi("title", title)
		if !whole {
			w.bi("text", c.l.text(n.Named, "description", n.Description))
		}
		w.bi("note", c.note(*n))
		var related []string
		for _, u := range n.Controls {
			if id := ID(u.URN); !slices.Contains(related, id) {
				related = append(related, id)
			}
		}
		w.words("related", related)
		c.nodes(w, below, n.URN)
	})
}

// titleLength is how much of a description may stand as a title.
const titleLength = 120

// title is the name of a node; without one the beginning of its description, and
// without that its reference. whole reports that the title says all that the
// description says.
func (c *conversion) title(n Node) (title text.Bi, whole bool) {
	name, description := c.l.text(n.Named, "name", n.Name), c.l.text(n.Named, "description", n.Description)
	if !name.IsZero() {
		return name, name == description
	}
	if description.IsZero() {
		return text.Same(c.l.first(n.RefID, tail(n.URN))), true
	}
	return text.Bi{DE: begin(description.DE), EN: begin(description.EN)}, begin(description.DE) == description.DE && begin(description.EN) == description.EN
}

// begin is the first line of a text, cut between words where it is long.
func begin(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if utf8.RuneCountInString(s) <= titleLength {
		return strings.TrimSpace(s)
	}
	cut := string([]rune(s)[:titleLength])
	if at := strings.LastIndexByte(cut, ' '); at > 0 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;:") + " …"
}

// note joins what a node says beside its text.
func (c *conversion) note(n Node) text.Bi {
	b := c.l.text(n.Named, "annotation", n.Annotation)
	if e := c.l.text(n.Named, "typical_evidence", n.TypicalEvidence); !e.IsZero() {
		b = joined(b, text.Bi{DE: "Üblicher Nachweis: " + e.DE, EN: "Typical evidence: " + e.EN})
	}
	return b
}

func joined(a, b text.Bi) text.Bi {
	if a.IsZero() {
		return b
	}
	return text.Bi{DE: a.DE + "\n\n" + b.DE, EN: a.EN + "\n\n" + b.EN}
}

// framework makes what of the requirements is assessed: those that are
// assessable, in areas by their top headings.
func (c *conversion) framework(f Framework) {
	type area struct {
		top   *Node
		items []*Node
	}
	var areas []*area
	by := map[string]*area{}
	parents := map[string]*Node{}
	for i := range f.Nodes {
		parents[f.Nodes[i].URN] = &f.Nodes[i]
	}
	total := 0
	for i := range f.Nodes {
		n := &f.Nodes[i]
		if !n.Assessable {
			continue
		}
		top := n
		for top.Parent != "" && parents[top.Parent] != nil {
			top = parents[top.Parent]
		}
		key := top.URN
		if top == n { // assessed itself: it heads no area
			key, top = "", nil
		}
		a := by[key]
		if a == nil {
			a = &area{top: top}
			by[key], areas = a, append(areas, a)
		}
		a.items = append(a.items, n)
		total++
	}
	if total == 0 {
		c.notes = append(c.notes, text.Bi{DE: "Im Rahmenwerk „" + f.RefID + "“ ist nichts zu bewerten; es lässt sich nur nachschlagen.",
			EN: "Nothing in the framework '" + f.RefID + "' is to be assessed; it can be looked up only."})
		return
	}
	var w writer
	name := packID(f.URN)
	id := c.id(name + "-fw")
	c.head(&w, id, packs.Frameworks, c.l.text(f.Named, "name", c.l.first(f.Name, f.RefID)), text.Bi{
		DE: "Aufwände und Arten von Nachweisen nennt die Datei nicht: Der Aufwand steht auf 0 Tagen, verlangt wird ein Dokument. Die Phase ist bei allen Bereichen „do“.",
		EN: "The file names neither effort nor types of evidence: effort is 0 days, and a document is wanted. The phase of all areas is 'do'."})
	w.word("framework", name)
	keys := map[string]int{}
	w.list("areas", len(areas), func(i int) {
		a := areas[i]
		title := text.Bi{DE: "Ohne Überschrift", EN: "Without a heading"}
		key := "own-area"
		if a.top != nil {
			title, _ = c.title(*a.top)
			_, key, _ = strings.Cut(ID(a.top.URN), ".")
		}
		if keys[key]++; keys[key] > 1 {
			key += "-" + strconv.Itoa(keys[key])
		}
		w.word("id", key)
		w.bi("title", title)
		w.raw("phase", "do")
		w.list("items", len(a.items), func(i int) {
			w.word("clause", ID(a.items[i].URN))
			w.raw("days", "0")
			w.words("evidence", []string{"document"})
			w.bi("plain", c.plain(*a.items[i]))
		})
	})
	c.add(id, packs.Frameworks, total, &w)
}

// plain is the second depth of help that a file offers: what evidence is usual,
// else its annotation, else that it says nothing.
func (c *conversion) plain(n Node) text.Bi {
	if b := c.note(n); !b.IsZero() {
		return b
	}
	return text.Bi{DE: "Die eingelesene Datei erklärt diese Anforderung nicht weiter.", EN: "The imported file does not explain this requirement further."}
}

// controls makes clauses of the reference controls.
func (c *conversion) controls() {
	if len(c.l.Controls) == 0 {
		return
	}
	var w writer
	id := c.id(packID(c.l.URN) + "-controls")
	name := c.l.bi("name", c.l.first(c.l.Name, c.l.RefID))
	c.head(&w, id, packs.Standard, text.Bi{DE: name.DE + ": Maßnahmen", EN: name.EN + ": controls"}, text.Bi{
		DE: "Maßnahmen, auf die Anforderungen der Datei verweisen.", EN: "Controls to which requirements of the file refer."})
	w.list("groups", 1, func(int) {
		w.word("id", "controls")
		w.bi("title", text.Bi{DE: "Maßnahmen", EN: "Controls"})
		w.list("items", len(c.l.Controls), func(i int) {
			x := c.l.Controls[i]
			w.word("id", ID(x.URN))
			w.word("ref", x.RefID)
			w.word("short", x.RefID)
			w.bi("title", c.l.text(x.Named, "name", c.l.first(x.Name, x.RefID)))
			w.bi("text", c.l.text(x.Named, "description", x.Description))
			w.bi("note", c.about(x))
		})
	})
	c.add(id, packs.Standard, len(c.l.Controls), &w)
}

// Words for the categories and functions of controls.
var sorts = map[string]text.Bi{
	"policy": {DE: "Richtlinie", EN: "policy"}, "process": {DE: "Prozess", EN: "process"}, "technical": {DE: "technisch", EN: "technical"},
	"physical": {DE: "baulich", EN: "physical"}, "procedure": {DE: "Verfahren", EN: "procedure"},
	"govern": {DE: "steuern", EN: "govern"}, "identify": {DE: "erkennen, was da ist", EN: "identify"}, "protect": {DE: "schützen", EN: "protect"},
	"detect": {DE: "entdecken", EN: "detect"}, "respond": {DE: "reagieren", EN: "respond"}, "recover": {DE: "wiederherstellen", EN: "recover"},
}

func (c *conversion) about(x Control) text.Bi {
	b := c.note(Node{Named: x.Named})
	for _, s := range []struct {
		de, en, word string
	}{{"Art: ", "Category: ", x.Category}, {"Funktion nach NIST CSF: ", "Function of NIST CSF: ", x.Function}} {
		if w, ok := sorts[s.word]; ok {
			b = joined(b, text.Bi{DE: s.de + w.DE, EN: s.en + w.EN})
		}
	}
	return b
}

// mapping makes a mapping of a set. A pair that stands already, as in the
// reverse set that the converter of that format writes, is left out.
func (c *conversion) mapping(s MappingSet) {
	var rows []Mapping
	again := 0
	for _, m := range s.Rows {
		from, to := c.of(m.Source.URN), c.of(m.Target.URN)
		pair := [2]string{min(from, to), max(from, to)}
		if c.pairs[pair] { // in the same sense: Resolve saw to that
			again++
			continue
		}
		c.pairs[pair] = true
		rows = append(rows, m)
	}
	if again > 0 {
		c.notes = append(c.notes, text.Bi{DE: fmt.Sprintf("„%s“: %d Zuordnungen standen schon da, auch umgekehrt; sie zählen einmal.", s.Name, again),
			EN: fmt.Sprintf("'%s': %d mappings stood there already, also reversed; they count once.", s.Name, again)})
	}
	if len(rows) == 0 {
		return
	}
	var w writer
	id := c.id(packID(s.URN) + "-map")
	c.head(&w, id, packs.Mappings, c.l.text(s.Named, "name", s.Name), text.Bi{
		DE: "Zuordnungen sind eine Auslegung dessen, der sie schrieb.", EN: "Mappings are an interpretation of whoever wrote them."})
	w.list("items", len(rows), func(i int) {
		m := rows[i]
		w.word("from", c.of(m.Source.URN))
		w.word("to", c.of(m.Target.URN))
		w.raw("relation", string(ours(m.Relation)))
		w.bi("reason", reason(m))
		w.raw("status", packs.Interpretation)
	})
	c.add(id, packs.Mappings, len(rows), &w)
}

// ours is a relation in our words.
func ours(relation string) packs.Relation {
	if relation == "intersect" {
		return packs.Intersects
	}
	return packs.Relation(relation)
}

// reason is why two requirements are mapped, as far as the file says.
func reason(m Mapping) text.Bi {
	var parts []string
	for _, s := range []string{m.Rationale, m.Annotation} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	b := text.Same(strings.Join(parts, "; "))
	if b.IsZero() {
		b = text.Bi{DE: "Die eingelesene Datei nennt keinen Grund.", EN: "The imported file gives no reason."}
	}
	if m.Strength >= 0 {
		b.DE += fmt.Sprintf(" (Stärke %d von 10)", m.Strength)
		b.EN += fmt.Sprintf(" (strength %d of 10)", m.Strength)
	}
	return b
}
