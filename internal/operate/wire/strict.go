// Package wire is how the HTTP faces of the runtime plane read and answer JSON:
// strictly on the way in (every wrong place named, nothing guessed), and as
// problem details with both languages on the way out (RFC 9457).
//
// It knows no resource and no rule; the rooms that serve do.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Kind of a JSON value.
type Kind byte

// The kinds; those up to Text are scalars.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Object
)

// Value is one JSON value as it was written: fields keep their order, numbers
// their digits, lists and objects their bytes.
type Value struct {
	Kind   Kind
	Yes    bool
	Text   string // of a text, or the digits of a number
	List   []Value
	Fields []Field
	Raw    []byte // of a list or an object
}

// Field is one name in an object with its value.
type Field struct {
	Name string
	Value
}

// maxDepth bounds nesting and maxFields the names in one object; the protocol
// needs six of either, and servers add a few.
const (
	maxDepth  = 12
	maxFields = 64
)

// Read reads one JSON value strictly: valid UTF-8, no duplicate names, no
// data after it, bounded depth. Its error is a sentence for developers.
func Read(b []byte) (Value, error) {
	if !utf8.Valid(b) {
		return Value{}, errors.New("not valid UTF-8")
	}
	var probe json.RawMessage
	if err := json.Unmarshal(b, &probe); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return Value{}, fmt.Errorf("byte %d: %w", syntax.Offset, err)
		}
		return Value{}, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return read(d, b, 0)
}

func read(d *json.Decoder, b []byte, depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := t.(type) {
	case nil:
		return Value{Kind: Null}, nil
	case bool:
		return Value{Kind: Bool, Yes: t}, nil
	case json.Number:
		return Value{Kind: Number, Text: t.String()}, nil
	case string:
		return Value{Kind: Text, Text: t}, nil
	}
	start := d.InputOffset() - 1
	v := Value{Kind: List}
	if t == json.Delim('{') {
		v.Kind = Object
	}
	for d.More() {
		var name string
		if v.Kind == Object {
			t, err := d.Token()
			if err != nil {
				return Value{}, err
			}
			name, _ = t.(string)
			if len(v.Fields) == maxFields {
				return Value{}, fmt.Errorf("more than %d names in one object", maxFields)
			}
			if _, twice := v.Get(name); twice {
				return Value{}, fmt.Errorf("%q stands twice", name)
			}
		}
		inner, err := read(d, b, depth+1)
		if err != nil {
			return Value{}, err
		}
		if v.Kind == Object {
			v.Fields = append(v.Fields, Field{Name: name, Value: inner})
		} else {
			v.List = append(v.List, inner)
		}
	}
	if _, err := d.Token(); err != nil {
		return Value{}, err
	}
	v.Raw = b[start:d.InputOffset()]
	return v, nil
}

// Get returns the field of that name of an object.
func (v Value) Get(name string) (Value, bool) {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}
