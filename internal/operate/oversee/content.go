package oversee

import (
	"encoding/json"

	"augenmass/internal/text"
)

// Content is what the person who decides gets to see of a case. It lies in the
// vault, encrypted under a key of the case's own, and nowhere else: erasing the
// subject ContentSubject(case) makes it unreadable for good.
type Content struct {
	V           int               `json:"v"`
	Features    []Feature         `json:"features"`    // names of the columns of Rows
	Rows        [][]Value         `json:"rows"`        // what the model was given
	Suggestion  []Tensor          `json:"suggestion"`  // what the model said; empty when it said nothing usable
	Explained   []Feature         `json:"explained"`   // names of the columns of Explanation
	Explanation [][]float64       `json:"explanation"` // share of each feature in the result, per row; may be empty
	Hints       map[string]string `json:"hints"`       // further texts of the model about this result
	Input       []byte            `json:"input"`       // the request as it came
	Output      []byte            `json:"output"`      // the model's answer as it came
	Answer      json.RawMessage   `json:"answer"`      // what the caller gets when the suggestion is confirmed; null without one
}

// ContentVersion is the version of Content that is written.
const ContentVersion = 1

// Feature is how one measured value reads.
type Feature struct {
	Name  string  `json:"name"`
	Label text.Bi `json:"label"`
	Unit  string  `json:"unit"`
}

// Value is one value as it came: digits, a text, true, false, or empty for
// missing.
type Value string

// Tensor is one output of the model, flattened row by row.
type Tensor struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
	Data     []Value `json:"data"`
}

// ContentSubject is the vault's subject for everything about one case.
func ContentSubject(id string) string { return "case:" + id }

// hidden returns the content without anything that gives the suggestion away.
func (c Content) hidden() Content {
	c.Suggestion, c.Explained, c.Explanation, c.Hints, c.Output, c.Answer = nil, nil, nil, nil, nil, nil
	return c
}
