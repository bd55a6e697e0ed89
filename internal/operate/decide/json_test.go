package decide

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"
)

// FuzzObject holds the reader of requests against the tokens of encoding/json,
// which it replaced: the same texts are refused, the others read the same.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"subject":{"type":"u","id":"1"},"n":-1.5e+10,"l":[1,true,null,"x"]}`, `{"a":1,"a":2}`, `{"a":"\u00e4\"","\u0061":1,"b":"ä"}`,
		`{"a":1}}`, ` { "a" : [ ] , "b" : { } } `, `[]`, `1`, ``, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":"`, `{"a":tru}`, `{"a":[1,]}`, `{"a":1,}`, `{,}`,
		"{\"a\":\"\xff\"}", "{\"a\":\"\x01\"}", `{"a":"\ud800"}`, `{"a":"\x"}`, `{"a":-}`, `{"a":1e}`, `{"a" 1}`, `{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, err1 := tokenObject(body)
		got, err2 := object(body)
		if (err1 == nil) != (err2 == nil) || err1 == nil && !reflect.DeepEqual(want, got) {
			t.Fatalf("%q: %v %v, by tokens %v %v", body, got, err2, want, err1)
		}
	})
}

// FuzzUsual holds the short way of reading a request against the long one: what
// it reads is what that reads.
func FuzzUsual(f *testing.F) {
	for _, s := range []string{`{"subject":{"type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"}}`,
		` { "resource" : {"id":"2","type":"r"} , "action" : { "name" : "read" } , "subject" : { "type":"u" , "id":"1" } } `,
		`{"subject":{"type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"}} x`,
		`{"subject":{"type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"},"subject":{"type":"u","id":"1"}}`,
		`{"subject":{"type":"","type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"}}`,
		`{"subject":{"type":"u","id":"1","properties":{}},"action":{"name":"read","name":"read"},"resource":{"type":"r","id":"ä"}}`,
		`{"subject":{"type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"},"context":{}}`,
		"{\"subject\":{\"type\":\"u\",\"id\":\"1\x00\"},\"action\":{\"name\":\"read\"},\"resource\":{\"type\":\"r\",\"id\":\"2\"}}\x00", `{}`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := usual(body)
		if !ok {
			return
		}
		obj, err := object(body)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if want, err := toRequest(obj); err != nil || !reflect.DeepEqual(want, got) {
			t.Fatalf("%q: %+v, the long way %+v %v", body, got, want, err)
		}
	})
}

// The form that callers send is read the short way.
func TestUsualIsUsual(t *testing.T) {
	for _, body := range []string{`{"subject":{"type":"u","id":"1"},"action":{"name":"read"},"resource":{"type":"r","id":"2"}}`,
		` { "resource" : {"id":"2","type":"r"} , "action" : { "name" : "read" } , "subject" : { "type":"u" , "id":"1" } } `} {
		want := Request{Subject: Entity{Type: "u", ID: "1"}, Action: Action{Name: "read"}, Resource: Entity{Type: "r", ID: "2"}}
		if got, ok := usual([]byte(body)); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", body, got, ok)
		}
	}
}

// tokenObject reads one JSON object, strictly: no doubled names (two readers would
// see two requests), nothing behind it, no deeper than maxDepth. Names are
// compared as they are written.
func tokenObject(body []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := anyValue(dec, 0)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
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

func anyValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		out := map[string]any{}
		for dec.More() {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, ok := k.(string)
			if !ok {
				return nil, fmt.Errorf("%v is not a name", k)
			}
			if _, twice := out[name]; twice {
				return nil, fmt.Errorf("%q is there twice", name)
			}
			if out[name], err = anyValue(dec, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for dec.More() {
			v, err := anyValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err := dec.Token()
		return out, err
	}
	return t, nil
}
