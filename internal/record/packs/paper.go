package packs

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/paper"
)

// Documents to fill in and sources to read; see package paper.
type (
	Template    = paper.Template
	Placeholder = paper.Placeholder
	Reference   = paper.Reference
)

// Templates returns every template in the order of the packs.
func (l *Library) Templates() []Template { return slices.Clone(l.templates) }

// Template returns a template by its id.
func (l *Library) Template(id string) (Template, bool) {
	i := slices.IndexFunc(l.templates, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, false
	}
	return l.templates[i], true
}

// References returns every reference in the order of the packs.
func (l *Library) References() []Reference { return slices.Clone(l.references) }

// templatesDoc is a pack of kind templates.
type templatesDoc struct {
	head
	paper.TemplatesDoc
}

// referencesDoc is a pack of kind references.
type referencesDoc struct {
	head
	paper.ReferencesDoc
}

func (l *loading) templateList(doc templatesDoc) {
	l.lib.templates = append(l.lib.templates, paper.ReadTemplates(doc.ID.S, doc.TemplatesDoc, l)...)
	l.info(doc.head, len(doc.TemplatesDoc.Items))
}

func (l *loading) referenceList(doc referencesDoc) {
	l.lib.references = append(l.lib.references, paper.ReadReferences(doc.ID.S, doc.ReferencesDoc, l)...)
	l.info(doc.head, len(doc.ReferencesDoc.Items))
}

// Claim takes an id that must be unique among all packs.
func (l *loading) Claim(id form.Word) bool { return l.claim(id) }
