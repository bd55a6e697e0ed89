// Package exchange reads what others wrote down as requirements and shows it
// before anything is kept: catalogues as tables (Markdown, XLSX, CSV), with their
// encoding repaired, their cited clauses judged against the content packs, and
// the document around them looked over (requirements 001-18, 001-20, 001-64,
// 001-73).
//
// Read gives a Result, and only that: rows with six fields, errors by position,
// notes, a verdict on every cited clause. Result.Pack turns a result without
// errors into the text of an own pack. Nothing is stored here and nothing is
// half-imported: storing is for govern/catalogue, the preview for
// serve/web/exchange.
//
// The sub-packages read one thing each: encoding (bytes), table (rows and
// columns), citation (clauses in prose), doccheck (the document). Other importers
// (cisoassistant, ownpack) lie beside them and give the same Result.
package exchange

import (
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/prove/exchange/doccheck"
	"augenmass/internal/text"
)

// The kinds of files that are imported, as Result.Kind names them.
const (
	Table         = "table"          // requirements in a Markdown, XLSX or CSV table
	CISOAssistant = "ciso-assistant" // a library file in the format of CISO Assistant
	OwnPack       = "own-pack"       // a content pack of the organisation's own
)

// Limits of one import. What exceeds them is refused whole, with the number.
const (
	MaxBytes = 4 << 20 // of the file as uploaded
	MaxRows  = 20_000  // requirements, nodes or items
)

// Result is what an importer found in one file. With Errors nothing of it can be
// kept; Pack refuses.
type Result struct {
	Kind         string             `json:"kind"`
	Title        string             `json:"title"`
	Rows         int                `json:"rows"` // requirements, nodes or items that were read
	Errors       []RowError         `json:"errors"`
	Notes        []text.Bi          `json:"notes"` // what was repaired or left out, for the reader
	Requirements []Row              `json:"requirements,omitempty"`
	Cited        []citation.Verdict `json:"cited,omitempty"`
	Document     []doccheck.Finding `json:"document,omitempty"`
}

// RowError is one place of the file that cannot be taken as it is.
type RowError struct {
	Line int     `json:"line,omitempty"` // from 1, of the text; 0: unknown
	Cell string  `json:"cell,omitempty"` // "Sheet1!C7" of a workbook, "column 3" of a text; may be empty
	Say  text.Bi `json:"say"`
}

// Row is one requirement as its author wrote it (001-18).
type Row struct {
	Line        int    `json:"line"`           // of the text, or row of the sheet; from 1
	Cell        string `json:"cell,omitempty"` // first cell of the row in a workbook
	ID          string `json:"id"`
	Description string `json:"description"`
	Proof       string `json:"proof"`
	Status      Status `json:"status"`
	StatusSaid  string `json:"status_said,omitempty"` // the word that was written
	References  string `json:"references"`
	Evidence    string `json:"evidence"`
	// About is the requirement of the packs that asks for the same, by which the
	// citations are judged; empty: none is alike.
	About string `json:"about,omitempty"`
	// Fragments are the fields that are no full sentence (001-20).
	Fragments []Field `json:"fragments,omitempty"`
}

// Field is one of the six columns of a requirement table.
type Field string

// The six fields of a requirement (001-18).
const (
	FieldID          Field = "id"
	FieldDescription Field = "description"
	FieldProof       Field = "proof"
	FieldStatus      Field = "status"
	FieldReferences  Field = "references"
	FieldEvidence    Field = "evidence"
)

// Fields are the six fields in the order in which they are shown.
var Fields = []Field{FieldID, FieldDescription, FieldProof, FieldStatus, FieldReferences, FieldEvidence}

// Of returns what the row says in a field, the status as it was written.
func (r Row) Of(f Field) string {
	switch f {
	case FieldID:
		return r.ID
	case FieldDescription:
		return r.Description
	case FieldProof:
		return r.Proof
	case FieldStatus:
		return r.StatusSaid
	case FieldReferences:
		return r.References
	case FieldEvidence:
		return r.Evidence
	}
	return ""
}

// OK reports whether the result can be kept.
func (r Result) OK() bool { return len(r.Errors) == 0 && r.Rows > 0 }
