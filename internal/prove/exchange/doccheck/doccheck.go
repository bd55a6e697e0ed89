// Package doccheck looks over a document before somebody approves it: versions
// that contradict each other, placeholder dates, remarks of a conversation that
// were left in, table cells that are no sentences (requirements 001-20, 001-73).
//
// It reads Markdown and plain text. Each finding names line and sentence. It
// does not judge what the document says.
package doccheck

import "augenmass/internal/text"

// Kind says what is odd.
type Kind string

// The kinds of findings.
const (
	Versions     Kind = "versions"     // one document, several versions
	Placeholder  Kind = "placeholder"  // a date or field that nobody filled
	Conversation Kind = "conversation" // remarks between people or with an assistant
	Fragment     Kind = "fragment"     // a table cell that is no sentence
)

// Finding is one odd place.
type Finding struct {
	Kind     Kind    `json:"kind"`
	Line     int     `json:"line"` // from 1
	Sentence string  `json:"sentence"`
	Say      text.Bi `json:"say"`
	Against  *Place  `json:"against,omitempty"` // of a contradiction: the other place
}

// Place is a sentence and where it stands.
type Place struct {
	Line     int    `json:"line"`
	Sentence string `json:"sentence"`
}
