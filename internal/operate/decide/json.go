package decide

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// object reads one JSON object, strictly: no doubled names (two readers would
// see two requests), nothing behind it, no deeper than maxDepth. Names are
// compared as they are written. Numbers stay as they are written (json.Number).
//
// It reads by itself because a request is read for every decision and
// encoding/json's tokens cost a third of all its allocations; a fuzz test holds
// it against them.
func object(body []byte) (map[string]any, error) {
	r := jsonReader{in: body}
	v, err := r.value(0)
	if err == nil {
		if r.space(); r.at != len(r.in) {
			err = errors.New("something follows the object")
		}
	}
	if err != nil {
		return nil, malformed("", "Die Anfrage ist kein gültiges JSON.", "The request is not valid JSON.").Wrap(err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("", "Hier steht ein Objekt.", "Here stands an object.")
	}
	return m, nil
}

// jsonReader reads one text from at on.
type jsonReader struct {
	in []byte
	at int
}

var errJSON = errors.New("not JSON")

func (r *jsonReader) space() {
	for r.at < len(r.in) {
		switch r.in[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// next skips space and returns the next byte, 0 at the end.
func (r *jsonReader) next() byte {
	r.space()
	if r.at < len(r.in) {
		return r.in[r.at]
	}
	return 0
}

func (r *jsonReader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	switch c := r.next(); c {
	case '{':
		return r.members(depth)
	case '[':
		return r.items(depth)
	case '"':
		return r.text()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number()
	}
}

func (r *jsonReader) members(depth int) (map[string]any, error) {
	out := map[string]any{}
	r.at++
	if r.next() == '}' {
		r.at++
		return out, nil
	}
	for {
		if r.next() != '"' {
			return nil, errJSON
		}
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		if r.next() != ':' {
			return nil, errJSON
		}
		r.at++
		if out[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
		c := r.next()
		r.at++
		switch c {
		case ',':
		case '}':
			return out, nil
		default:
			return nil, errJSON
		}
	}
}

func (r *jsonReader) items(depth int) ([]any, error) {
	out := []any{}
	r.at++
	if r.next() == ']' {
		r.at++
		return out, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		c := r.next()
		r.at++
		switch c {
		case ',':
		case ']':
			return out, nil
		default:
			return nil, errJSON
		}
	}
}

// text reads a string; one with escapes or broken UTF-8 as encoding/json does.
func (r *jsonReader) text() (string, error) {
	from := r.at + 1
	plain := true
	for i := from; i < len(r.in); i++ {
		switch c := r.in[i]; {
		case c == '"':
			r.at = i + 1
			if raw := r.in[from:i]; plain && utf8.Valid(raw) {
				return known(raw), nil
			}
			var s string
			err := json.Unmarshal(r.in[from-1:i+1], &s)
			return s, err
		case c == '\\':
			plain = false
			i++
		case c < 0x20:
			return "", errJSON
		}
	}
	return "", errJSON
}

// known returns a name of AuthZEN without copying it.
func known(raw []byte) string {
	switch string(raw) {
	case "subject":
		return "subject"
	case "action":
		return "action"
	case "resource":
		return "resource"
	case "context":
		return "context"
	case "properties":
		return "properties"
	case "type":
		return "type"
	case "id":
		return "id"
	case "name":
		return "name"
	}
	return string(raw)
}

func (r *jsonReader) word(w string) error {
	if len(r.in)-r.at < len(w) || string(r.in[r.at:r.at+len(w)]) != w {
		return errJSON
	}
	r.at += len(w)
	return nil
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (r *jsonReader) number() (json.Number, error) {
	from := r.at
	digits := func() bool {
		start := r.at
		for r.at < len(r.in) && r.in[r.at] >= '0' && r.in[r.at] <= '9' {
			r.at++
		}
		return r.at > start
	}
	is := func(set ...byte) bool {
		for _, c := range set {
			if r.at < len(r.in) && r.in[r.at] == c {
				r.at++
				return true
			}
		}
		return false
	}
	is('-')
	if !is('0') && !digits() {
		return "", errJSON
	}
	if is('.') && !digits() {
		return "", errJSON
	}
	if is('e', 'E') {
		is('+', '-')
		if !digits() {
			return "", errJSON
		}
	}
	return json.Number(r.in[from:r.at]), nil
}
