package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// plain turns a value back into what encoding/json would have read.
func plain(v Value) any {
	switch v.Kind {
	case Bool:
		return v.Yes
	case Number:
		return json.Number(v.Text)
	case Text:
		return v.Text
	case List:
		out := []any{}
		for _, x := range v.List {
			out = append(out, plain(x))
		}
		return out
	case Object:
		out := map[string]any{}
		for _, f := range v.Fields {
			out[f.Name] = plain(f.Value)
		}
		return out
	}
	return nil
}

// names is an object with n different names.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"n%d":1`, i)
	}
	return "{" + b.String()[1:] + "}"
}

func TestLargestObject(t *testing.T) {
	if v, err := Read([]byte(names(64))); err != nil || len(v.Fields) != 64 {
		t.Errorf("64 names: %v", err)
	}
}

func TestRefusedJSON(t *testing.T) {
	for name, in := range map[string]string{
		"empty":               "",
		"broken":              `{"a":`,
		"two values":          `{} {}`,
		"a name twice":        `{"a":1,"a":2}`,
		"twice, by an escape": `{"a":1,"\u0061":2}`,
		"deeper than allowed": strings.Repeat("[", 20) + strings.Repeat("]", 20),
		"no UTF-8":            "{\"a\":\"\xff\"}",
		"bare NaN":            `{"a":NaN}`,
		"too many names":      names(65),
		"comment":             `{/* no */}`,
		"leading zero":        `[01]`,
	} {
		if v, err := Read([]byte(in)); err == nil {
			t.Errorf("%s was read as %+v", name, v)
		}
	}
}

func FuzzReadAgreesWithEncodingJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,-0],"b":{"c":null,"d":true},"e":"\u00fc"}`, `[]`, `"x"`, `[[[]]]`, `{"a":1,"a":1}`, ` 1 `, `1 2`, `{"":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := Read(in)
		var want any
		d := json.NewDecoder(bytes.NewReader(in))
		d.UseNumber()
		if err != nil {
			return // stricter is allowed
		}
		if e := d.Decode(&want); e != nil {
			t.Fatalf("read %q, which encoding/json refuses: %v", in, e)
		}
		if got := plain(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q read as %#v, want %#v", in, got, want)
		}
		if v.Kind >= List {
			if again, err := Read(v.Raw); err != nil || !reflect.DeepEqual(plain(again), want) {
				t.Fatalf("raw bytes %q are not the value of %q", v.Raw, in)
			}
		}
	})
}
