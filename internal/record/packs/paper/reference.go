package paper

import (
	"net/url"
	"slices"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Reference is a source to read: a law, a standard, a guideline or a study. It
// is named and linked, never copied.
type Reference struct {
	ID        string
	Pack      string
	Title     text.Bi
	Publisher string
	URL       string    // https or http; empty where there is no public address
	Kind      string    // one of ReferenceKinds
	Checked   time.Time // day on which somebody last looked whether it holds
	Status    string    // why it is uncertain, or what a check found (Changed, Dead); empty: no doubt recorded
	Clauses   []string  // clauses to which it belongs
}

// What a check of a reference may have found; otherwise its status says why it
// is uncertain, as that of a clause.
const (
	Changed = "changed" // there is a newer edition
	Dead    = "dead"    // it is withdrawn, or its address answers no more
)

// checkedFor is how long a check of a reference counts; our own convention.
const checkedFor = 365 * 24 * time.Hour

// Old is the finding that nobody looked at a reference for more than a year.
const Old = "old"

// Review says why a reference has to be looked at again: Dead, Changed, Old, or
// "" if it need not be.
func (r Reference) Review(at time.Time) string {
	switch {
	case r.Status == Dead || r.Status == Changed:
		return r.Status
	case at.Sub(r.Checked) > checkedFor:
		return Old
	}
	return ""
}

// ReferenceKinds are the kinds of references.
var ReferenceKinds = []string{"law", "standard", "guideline", "study"}

// ReferencesDoc is a pack of kind references, without the head that every pack
// has.
type ReferencesDoc struct {
	Items []ReferenceDoc `pack:"items,required"`
}

// ReferenceDoc is a reference as an author writes it.
type ReferenceDoc struct {
	At        form.Place  `pack:"@"`
	ID        form.Word   `pack:"id,required"`
	Title     text.Bi     `pack:"title,required,same"`
	Publisher string      `pack:"publisher,required"`
	URL       form.Word   `pack:"url"`
	Kind      form.Word   `pack:"kind,required"`
	Checked   time.Time   `pack:"checked,required"`
	Status    string      `pack:"status"`
	Clauses   []form.Word `pack:"clauses"`
}

// ReadReferences makes references of what an author wrote.
func ReadReferences(pack string, doc ReferencesDoc, s Shelf) []Reference {
	var all []Reference
	for _, d := range doc.Items {
		if !s.Claim(d.ID) {
			continue
		}
		if d.Kind.S != "" && !slices.Contains(ReferenceKinds, d.Kind.S) {
			s.Add(d.Kind.At, "unbekannte Art von Quelle %q (law, standard, guideline, study)", "unknown kind of reference %q (law, standard, guideline, study)", d.Kind.S)
		}
		if u, err := url.Parse(d.URL.S); d.URL.S != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			s.Add(d.URL.At, "%q ist keine Adresse (https://…)", "%q is no address (https://…)", d.URL.S)
		}
		if d.Status != Changed && d.Status != Dead {
			s.Status(d.At, d.Status)
		}
		all = append(all, Reference{
			ID: d.ID.S, Pack: pack, Title: d.Title, Publisher: d.Publisher, URL: d.URL.S, Kind: d.Kind.S,
			Checked: d.Checked, Status: d.Status, Clauses: s.Clauses(d.Clauses...),
		})
	}
	return all
}
