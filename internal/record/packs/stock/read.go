package stock

import (
	"slices"
	"strings"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Shelf is where packs are read into: it knows every id and collects defects.
type Shelf interface {
	Add(at form.Place, de, en string, args ...any)
	// Claim takes an id that must be unique among all packs; false if it is not.
	Claim(id form.Word) bool
	// Clauses returns the ids and records them as clauses that must exist.
	Clauses(ids ...form.Word) []string
}

// SoftwareDoc is a pack of kind software, without the head that every pack has.
type SoftwareDoc struct {
	Data  []DataDoc    `pack:"data"`
	Asks  []AskDoc     `pack:"asks"`
	Items []ProductDoc `pack:"items"`
}

// DataDoc is a kind of data as an author writes it.
type DataDoc struct {
	ID    form.Word `pack:"id,required"`
	Name  text.Bi   `pack:"name,required"`
	Says  text.Bi   `pack:"says,required"`
	Class form.Word `pack:"class,required"`
}

// AskDoc is a question about a function as an author writes it.
type AskDoc struct {
	ID   form.Word `pack:"id,required"`
	Text text.Bi   `pack:"text,required"`
}

// ProductDoc is a product as an author writes it.
type ProductDoc struct {
	At        form.Place    `pack:"@"`
	ID        form.Word     `pack:"id,required"`
	Name      text.Bi       `pack:"name,required"`
	Known     text.Bi       `pack:"known,same"`
	Area      form.Word     `pack:"area,required"`
	Place     int           `pack:"place"`
	Deep      bool          `pack:"deep"`
	Look      text.Bi       `pack:"look,required"`
	Functions []FunctionDoc `pack:"functions,required"`
}

// FunctionDoc is a function as an author writes it.
type FunctionDoc struct {
	ID      form.Word   `pack:"id,required"`
	Name    text.Bi     `pack:"name,required"`
	Does    text.Bi     `pack:"does,required"`
	Label   form.Word   `pack:"label,required"`
	Sure    form.Word   `pack:"sure,required"`
	Role    form.Word   `pack:"role,required"`
	Affects form.Word   `pack:"affects,required"`
	Data    []form.Word `pack:"data,required"`
	Clauses []form.Word `pack:"clauses"`
	Draft   form.Word   `pack:"draft"`
}

// AddSoftware takes over a pack of kind software and returns how many products,
// kinds of data and questions it holds.
func (s *Stock) AddSoftware(pack string, doc SoftwareDoc, shelf Shelf) int {
	n := 0
	for _, d := range doc.Data {
		if shelf.Claim(d.ID) {
			n++
			s.kinds = append(s.kinds, DataKind{ID: d.ID.S, Pack: pack, Name: d.Name, Says: d.Says, Class: word(shelf, d.Class, DataClasses)})
		}
	}
	for _, a := range doc.Asks {
		if !shelf.Claim(a.ID) {
			continue
		}
		for _, l := range text.Langs {
			if t := a.Text.In(l); t != "" && !strings.Contains(t, "{function}") {
				shelf.Add(a.ID.At, "%q (%s): die Frage nennt die Funktion nicht ({function})", "%q (%s): the question does not name the function ({function})", a.ID.S, l)
			}
		}
		n++
		s.asks = append(s.asks, Ask{ID: a.ID.S, Pack: pack, Text: a.Text})
	}
	for _, d := range doc.Items {
		if !shelf.Claim(d.ID) {
			continue
		}
		n++
		p := Product{ID: d.ID.S, Pack: pack, Name: d.Name, Known: d.Known, Area: word(shelf, d.Area, Areas), Place: d.Place, Deep: d.Deep, Look: d.Look}
		if d.Place < 0 {
			shelf.Add(d.At, "%q: den Ort %d gibt es nicht", "%q: there is no place %d", d.ID.S, d.Place)
		}
		if len(d.Functions) == 0 {
			shelf.Add(d.At, "%q nennt keine Funktion", "%q names no function", d.ID.S)
		}
		for _, f := range d.Functions {
			if shelf.Claim(f.ID) {
				p.Functions = append(p.Functions, s.function(f, shelf))
			}
		}
		s.products = append(s.products, p)
	}
	return n
}

func (s *Stock) function(d FunctionDoc, shelf Shelf) Function {
	if len(d.Data) == 0 {
		shelf.Add(d.ID.At, "%q nennt keine Art von Daten", "%q names no kind of data", d.ID.S)
	}
	s.want("kind", d.Data...)
	if d.Draft.S != "" {
		s.want("draft", d.Draft)
	}
	return Function{ID: d.ID.S, Name: d.Name, Does: d.Does, Label: word(shelf, d.Label, Labels), Sure: word(shelf, d.Sure, Sures),
		Role: word(shelf, d.Role, RolesOfAI), Affects: word(shelf, d.Affects, Affects), Data: form.Words(d.Data),
		Clauses: shelf.Clauses(d.Clauses...), Draft: d.Draft.S}
}

func (s *Stock) want(what string, ids ...form.Word) {
	for _, id := range ids {
		s.wanted = append(s.wanted, wanted{what, id})
	}
}

// Finish checks what refers to other packs, after all of them were read.
func (s *Stock) Finish(shelf Shelf) {
	for _, w := range s.wanted {
		switch w.what {
		case "kind":
			if _, ok := s.DataKind(w.id.S); !ok {
				shelf.Add(w.id.At, "die Art von Daten %q gibt es in keinem Paket", "no pack has the kind of data %q", w.id.S)
			}
		case "draft":
			if _, ok := s.Draft(w.id.S); !ok {
				shelf.Add(w.id.At, "den Entwurf %q gibt es in keinem Paket", "no pack has the draft %q", w.id.S)
			}
		}
	}
	s.wanted = nil
}

// word records a word that a list does not have.
func word(shelf Shelf, w form.Word, known []string) string {
	if w.S != "" && !slices.Contains(known, w.S) {
		shelf.Add(w.At, "%q gibt es hier nicht (%s)", "%q is not one of %s", w.S, strings.Join(known, ", "))
	}
	return w.S
}

func words(shelf Shelf, all []form.Word, known []string) []string {
	for _, w := range all {
		word(shelf, w, known)
	}
	return form.Words(all)
}
