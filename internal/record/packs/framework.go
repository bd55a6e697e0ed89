package packs

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/framework"
	"augenmass/internal/text"
)

// What is assessed, and how demands stand to each other; see package framework.
type (
	Framework = framework.Framework
	Area      = framework.Area
	Item      = framework.Item
	Mapping   = framework.Mapping
	Relation  = framework.Relation
)

// The relations of a mapping, read as "From is … To": Subset asks for less.
const (
	Equal      = framework.Equal
	Subset     = framework.Subset
	Superset   = framework.Superset
	Intersects = framework.Intersects
)

// Frameworks returns every framework in the order of the files; those of an
// organisation come last. What they hold is shared and not to be changed.
func (l *Library) Frameworks() []Framework { return slices.Clone(l.frameworks) }

// Framework returns a framework by its short name, such as "iso-42001".
func (l *Library) Framework(id string) (Framework, bool) {
	i := slices.IndexFunc(l.frameworks, func(f Framework) bool { return f.ID == id })
	if i < 0 {
		return Framework{}, false
	}
	return l.frameworks[i], true
}

// Mappings returns every mapping that touches the clause or requirement id,
// turned so that From is id; nil where there is none.
func (l *Library) Mappings(id string) []Mapping { return l.mappings.Of(id) }

// AllMappings returns every mapping as its author wrote it.
func (l *Library) AllMappings() []Mapping { return l.mappings.All() }

// Cited returns what can be said of a clause or a requirement by its id: the
// place in its source ("ISO/IEC 42001:2023, 4.1", "ZTA-05"), its title, and its
// text, which may be empty: then the title says it all.
func (l *Library) Cited(id string) (ref string, title, say text.Bi, ok bool) {
	c, ok := l.clauses[id] // a requirement is also a clause
	if !ok {
		return "", text.Bi{}, text.Bi{}, false
	}
	return c.Ref, c.Title, c.Text, true
}

// frameworkDoc is a pack of kind framework.
type frameworkDoc struct {
	head
	framework.Doc
}

// mappingDoc is a pack of kind mapping.
type mappingDoc struct {
	head
	framework.MappingsDoc
}

// framework takes over what of a text is assessed.
func (l *loading) framework(doc frameworkDoc) {
	f := framework.Read(doc.Doc, l)
	f.Pack, f.Title, f.Notice, f.Uncertainty = doc.ID.S, doc.Title, doc.Notice, doc.Uncertainty
	f.Version, f.AsOf = doc.Version, doc.AsOf
	if old, ok := l.lib.Framework(f.ID); ok {
		l.Add(doc.Framework.At, "das Rahmenwerk %q gibt es schon im Paket %q", "framework %q exists already in pack %q", f.ID, old.Pack)
	} else {
		l.lib.frameworks = append(l.lib.frameworks, f)
	}
	l.info(doc.head, len(f.Items()))
}

// mapping takes over how demands stand to each other.
func (l *loading) mapping(doc mappingDoc) {
	l.lib.mappings.Add(doc.ID.S, doc.MappingsDoc, l)
	l.info(doc.head, len(doc.MappingsDoc.Items))
}

// Add records a defect.
func (l *loading) Add(at form.Place, de, en string, args ...any) { l.bad.Add(at, de, en, args...) }

// Clauses records ids that must be clauses, which is narrower than what cite
// asks: a question or a template has an id, too, but demands nothing.
func (l *loading) Clauses(ids ...form.Word) []string {
	l.demands = append(l.demands, ids...)
	return form.Words(ids)
}

// Evidence records types of evidence that do not exist.
func (l *loading) Evidence(types []form.Word) []string {
	for _, w := range types {
		if !slices.Contains(EvidenceTypes, w.S) {
			l.bad.Add(w.At, "unbekannte Art von Nachweis: %q", "unknown type of evidence: %q", w.S)
		}
	}
	return form.Words(types)
}

// Status records a status that does not exist; none is one.
func (l *loading) Status(at form.Place, status string) {
	if status != "" && !slices.Contains(Statuses, status) {
		l.bad.Add(at, "unbekannter Status %q", "unknown status %q", status)
	}
}
