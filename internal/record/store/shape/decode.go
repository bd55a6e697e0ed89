package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
)

// MaxDocument is the size in bytes up to which a document is read or stored.
const MaxDocument = 1 << 20

// maxUnknown bounds how many unknown names one answer lists.
const maxUnknown = 50

// CheckJSON reads raw against the declaration and records every unknown or
// doubled name, every value of the wrong type, every required number or truth
// value that is absent, and anything after the document. It returns a problem
// when raw is not JSON at all or too large; a document without findings
// unmarshals into the type without loss.
func (s *Shape) CheckJSON(raw []byte, c *problem.Checks) error {
	if len(raw) > MaxDocument {
		return problem.New(problem.TooLarge, "Das Dokument ist größer als 1 MiB.", "The document is larger than 1 MiB.")
	}
	if !utf8.Valid(raw) {
		return broken(errors.New("not UTF-8"))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	r := reader{d: d, c: c}
	tok, err := d.Token()
	if err != nil {
		return broken(err)
	}
	if tok != json.Delim('{') {
		return broken(errors.New("not an object"))
	}
	if err := r.object(s.Fields, ""); err != nil {
		return broken(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return broken(errors.New("data after the document"))
	}
	return nil
}

func broken(err error) error {
	return problem.New(problem.BadInput, "Das ist kein JSON-Objekt dieser Art: "+err.Error()+".", "This is not a JSON object of this kind: "+err.Error()+".").
		WithHint("Bitte ein einzelnes JSON-Objekt in UTF-8 senden.", "Please send a single JSON object in UTF-8.").Wrap(err)
}

type reader struct {
	d       *json.Decoder
	c       *problem.Checks
	unknown int
}

// object reads members up to the closing brace; the opening one is consumed.
func (r *reader) object(fields []Field, path string) error {
	seen := map[string]bool{}
	for r.d.More() {
		tok, err := r.d.Token()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		f := find(fields, name)
		p := join(path, name)
		if f == nil || seen[name] {
			r.odd(f == nil, p)
			if err := r.skipNext(); err != nil {
				return err
			}
			continue
		}
		seen[name] = true
		if err := r.value(f, p, f.List); err != nil {
			return err
		}
	}
	for i := range fields {
		f := &fields[i]
		if f.Required && !f.List && !f.Optional && (f.Type == Boolean || f.Type == Integer || f.Type == Number) && !seen[f.Name] {
			missing(join(path, f.Name), r.c)
		}
	}
	_, err := r.d.Token()
	return err
}

func (r *reader) odd(unknown bool, path string) {
	if !unknown {
		r.c.Field(false, path, "Dieses Feld steht doppelt da.", "This field appears twice.")
		return
	}
	if r.unknown++; r.unknown <= maxUnknown {
		r.c.Field(false, path, "Dieses Feld gibt es nicht.", "There is no such field.")
	}
}

func find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

func (r *reader) value(f *Field, path string, list bool) error {
	tok, err := r.d.Token()
	if err != nil {
		return err
	}
	if tok == nil { // null: the same as absent
		if f.Required && !list && (f.Type == Boolean || f.Type == Integer || f.Type == Number) {
			missing(path, r.c)
		}
		return nil
	}
	if list {
		if tok != json.Delim('[') {
			return r.mistyped(tok, path, "Hier gehört eine Liste hin.", "This wants a list.")
		}
		for i := 0; r.d.More(); i++ {
			if err := r.value(f, path+"."+strconv.Itoa(i), false); err != nil {
				return err
			}
		}
		_, err := r.d.Token()
		return err
	}
	switch {
	case f.Bilingual:
		if tok == json.Delim('{') {
			return r.object(sides, path)
		}
		return r.mistyped(tok, path, "Hier gehört ein Text in zwei Sprachen hin (de, en).", "This wants a text in two languages (de, en).")
	case f.Type == Object:
		if tok == json.Delim('{') {
			return r.object(f.Fields, path)
		}
		return r.mistyped(tok, path, "Hier gehört ein Objekt hin.", "This wants an object.")
	}
	return r.scalar(f, tok, path)
}

// sides are the members of a bilingual text.
var sides = []Field{{Name: "de", Type: String}, {Name: "en", Type: String}}

func (r *reader) scalar(f *Field, tok json.Token, path string) error {
	switch f.Type {
	case String:
		s, ok := tok.(string)
		if !ok {
			return r.mistyped(tok, path, "Hier gehört ein Text hin.", "This wants a text.")
		}
		if f.Format == "date-time" {
			_, err := time.Parse(time.RFC3339Nano, s)
			r.c.Field(err == nil, path, "Das ist kein Zeitpunkt nach RFC 3339 (2026-01-31T14:00:00Z).", "This is not a time in RFC 3339 (2026-01-31T14:00:00Z).")
		}
	case Boolean:
		if _, ok := tok.(bool); !ok {
			return r.mistyped(tok, path, "Hier gehört wahr oder falsch hin.", "This wants true or false.")
		}
	case Integer:
		n, ok := tok.(json.Number)
		if !ok || !r.fits(f, n) {
			return r.mistyped(tok, path, "Hier gehört eine ganze Zahl hin.", "This wants a whole number.")
		}
	case Number:
		n, ok := tok.(json.Number)
		if ok {
			v, err := n.Float64()
			ok = err == nil && !math.IsInf(v, 0) && (f.goType.Bits() == 64 || math.Abs(v) <= math.MaxFloat32)
		}
		if !ok {
			return r.mistyped(tok, path, "Hier gehört eine Zahl hin.", "This wants a number.")
		}
	}
	return nil
}

func (r *reader) fits(f *Field, n json.Number) bool {
	var err error
	if reflect.Zero(f.goType).CanUint() {
		_, err = strconv.ParseUint(n.String(), 10, f.goType.Bits())
	} else {
		_, err = strconv.ParseInt(n.String(), 10, f.goType.Bits())
	}
	return err == nil
}

// mistyped records the place and steps over the rest of the value.
func (r *reader) mistyped(tok json.Token, path, de, en string) error {
	r.c.Field(false, path, de, en)
	return r.skip(tok)
}

func (r *reader) skipNext() error {
	tok, err := r.d.Token()
	if err != nil {
		return err
	}
	return r.skip(tok)
}

func (r *reader) skip(tok json.Token) error {
	depth := 0
	for {
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if tok, err = r.d.Token(); err != nil {
			return err
		}
	}
}
