// Package paper holds what people take away from packs: templates of documents
// with places to fill in (Template), and sources to read (Reference).
//
// It reads both from packs of kind templates and references and names every
// defect of their own: a place that is used but not declared, or declared but
// not used in one of the languages, an address that is none. That every clause
// cited exists is for package packs; documents that an organisation makes of a
// template are for govern/document.
package paper

import (
	"regexp"
	"slices"
	"strings"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Template is a document to fill in, in our own words.
type Template struct {
	ID           string
	Pack         string
	Title        text.Bi
	Purpose      text.Bi // when it is needed and what it proves
	Version      string  // of this template, not of its pack
	Clauses      []string
	Body         text.Bi // Markdown with {{name}} at places to fill in
	Placeholders []Placeholder
}

// Placeholder is one place to fill in.
type Placeholder struct {
	Name string  // lower-case letters, digits and _
	Say  text.Bi // what belongs there
}

// opening finds the start of a place, placeholder a well-formed one.
var (
	opening     = regexp.MustCompile(`\{\{`)
	placeholder = regexp.MustCompile(`\{\{ ?([a-z][a-z0-9_]*) ?\}\}`)
)

// Fill puts values (name → text, as it is) into the template and returns the
// document in Markdown. A place without a value, or with blanks only, shows in
// square brackets what belongs there and is named in missing, in the order in
// which the template declares them. A value is never searched for places.
// Names that the template does not declare are ignored.
func (t Template) Fill(lang text.Lang, values map[string]string) (doc string, missing []string) {
	say := map[string]text.Bi{}
	for _, p := range t.Placeholders {
		say[p.Name] = p.Say
		if strings.TrimSpace(values[p.Name]) == "" {
			missing = append(missing, p.Name)
		}
	}
	doc = placeholder.ReplaceAllStringFunc(t.Body.In(lang), func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		if v := strings.TrimSpace(values[name]); v != "" {
			return v
		}
		return "[" + say[name].In(lang) + "]"
	})
	return doc, missing
}

// Shelf is what reading needs to know of everything else that lies in packs.
type Shelf interface {
	// Add records a defect; both sentences take the same arguments.
	Add(at form.Place, de, en string, args ...any)
	// Claim takes an id that must be unique among all packs; false if it is not.
	Claim(id form.Word) bool
	// Clauses returns the ids and records them as clauses that must exist.
	Clauses(ids ...form.Word) []string
	// Status records a status that does not exist.
	Status(at form.Place, status string)
}

// TemplatesDoc is a pack of kind templates, without the head that every pack has.
type TemplatesDoc struct {
	Items []TemplateDoc `pack:"items,required"`
}

// TemplateDoc is a template as an author writes it.
type TemplateDoc struct {
	At           form.Place       `pack:"@"`
	ID           form.Word        `pack:"id,required"`
	Title        text.Bi          `pack:"title,required"`
	Purpose      text.Bi          `pack:"purpose,required"`
	Version      string           `pack:"version,required"`
	Clauses      []form.Word      `pack:"clauses,required"`
	Body         text.Bi          `pack:"body,required"`
	Placeholders []PlaceholderDoc `pack:"placeholders"`
}

// PlaceholderDoc is a place to fill in as an author writes it.
type PlaceholderDoc struct {
	Name form.Word `pack:"name,required"`
	Say  text.Bi   `pack:"say,required"`
}

// ReadTemplates makes templates of what an author wrote.
func ReadTemplates(pack string, doc TemplatesDoc, s Shelf) []Template {
	var all []Template
	for _, d := range doc.Items {
		if !s.Claim(d.ID) {
			continue
		}
		t := Template{
			ID: d.ID.S, Pack: pack, Title: d.Title, Purpose: d.Purpose, Version: d.Version,
			Clauses: s.Clauses(d.Clauses...), Body: d.Body,
		}
		for _, p := range d.Placeholders {
			if slices.ContainsFunc(t.Placeholders, func(x Placeholder) bool { return x.Name == p.Name.S }) {
				s.Add(p.Name.At, "den Platzhalter %q gibt es zweimal", "placeholder %q exists twice", p.Name.S)
				continue
			}
			t.Placeholders = append(t.Placeholders, Placeholder{Name: p.Name.S, Say: p.Say})
		}
		used(d, s)
		all = append(all, t)
	}
	return all
}

// used checks that each language fills in exactly the declared places.
func used(d TemplateDoc, s Shelf) {
	for _, lang := range text.Langs {
		body := d.Body.In(lang)
		if body == "" {
			continue // the missing language is a defect already
		}
		var names []string
		for _, m := range placeholder.FindAllStringSubmatch(body, -1) {
			names = append(names, m[1])
		}
		if n := len(opening.FindAllString(body, -1)); n != len(names) {
			s.Add(d.At, "%q (%s): %d von %d Platzhaltern sind nicht lesbar; sie heißen {{name}}, klein und ohne Umlaute",
				"%q (%s): %d of %d placeholders cannot be read; write {{name}} in lower case", d.ID.S, lang, n-len(names), n)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if !slices.ContainsFunc(d.Placeholders, func(p PlaceholderDoc) bool { return p.Name.S == name }) {
				s.Add(d.At, "%q (%s): der Platzhalter %q ist nicht erklärt", "%q (%s): placeholder %q is not declared", d.ID.S, lang, name)
			}
		}
		for _, p := range d.Placeholders {
			if p.Name.S != "" && !slices.Contains(names, p.Name.S) {
				s.Add(p.Name.At, "der Platzhalter %q kommt im Text (%s) nicht vor", "placeholder %q does not occur in the text (%s)", p.Name.S, lang)
			}
		}
	}
}
