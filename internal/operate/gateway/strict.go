package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// kind of a JSON value.
type kind byte

const (
	isNull kind = iota
	isBool
	isNumber
	isText
	isList
	isObject
)

// value is one JSON value as it was written: fields keep their order, numbers
// their digits, lists and objects their bytes.
type value struct {
	kind   kind
	yes    bool
	text   string // of a text, or the digits of a number
	list   []value
	fields []field
	raw    []byte // of a list or an object
}

type field struct {
	name string
	value
}

// maxDepth bounds nesting and maxFields the names in one object; the protocol
// needs six of either, and servers add a few.
const (
	maxDepth  = 12
	maxFields = 64
)

// readJSON reads one JSON value strictly: valid UTF-8, no duplicate names, no
// data after it, bounded depth. Its error is a sentence for developers.
func readJSON(b []byte) (value, error) {
	if !utf8.Valid(b) {
		return value{}, errors.New("not valid UTF-8")
	}
	var probe json.RawMessage
	if err := json.Unmarshal(b, &probe); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return value{}, fmt.Errorf("byte %d: %w", syntax.Offset, err)
		}
		return value{}, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return read(d, b, 0)
}

func read(d *json.Decoder, b []byte, depth int) (value, error) {
	if depth > maxDepth {
		return value{}, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return value{}, err
	}
	switch t := t.(type) {
	case nil:
		return value{kind: isNull}, nil
	case bool:
		return value{kind: isBool, yes: t}, nil
	case json.Number:
		return value{kind: isNumber, text: t.String()}, nil
	case string:
		return value{kind: isText, text: t}, nil
	}
	start := d.InputOffset() - 1
	v := value{kind: isList}
	if t == json.Delim('{') {
		v.kind = isObject
	}
	for d.More() {
		var name string
		if v.kind == isObject {
			t, err := d.Token()
			if err != nil {
				return value{}, err
			}
			name, _ = t.(string)
			if len(v.fields) == maxFields {
				return value{}, fmt.Errorf("more than %d names in one object", maxFields)
			}
			if _, twice := v.get(name); twice {
				return value{}, fmt.Errorf("%q stands twice", name)
			}
		}
		inner, err := read(d, b, depth+1)
		if err != nil {
			return value{}, err
		}
		if v.kind == isObject {
			v.fields = append(v.fields, field{name: name, value: inner})
		} else {
			v.list = append(v.list, inner)
		}
	}
	if _, err := d.Token(); err != nil {
		return value{}, err
	}
	v.raw = b[start:d.InputOffset()]
	return v, nil
}

func (v value) get(name string) (value, bool) {
	for _, f := range v.fields {
		if f.name == name {
			return f.value, true
		}
	}
	return value{}, false
}
