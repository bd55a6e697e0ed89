package shape

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/text"
)

// Value is the storage class of an index.
type Value int

// Storage classes: texts, whole numbers (also times in microseconds since
// 1970 and truth values as 0 and 1), and floating-point numbers.
const (
	Text Value = iota
	Int
	Real
)

// Index is one thing that lists can filter by. A bilingual field has two, one
// a language.
type Index struct {
	Name   string // as filters and sorts name it: "name", "oversee.mode", "purpose.de"
	Value  Value
	Words  bool   // free text: sorts as readers look for it, not by code point
	Many   bool   // values in a list: filtered with "has", not sorted
	Ref    string // kind, if the value is a reference
	Unique bool
	Field  Field

	side string // de or en of a bilingual field
	path [][]int
}

// Indexes lists what can be filtered by, in order of declaration.
func (s *Shape) Indexes() []Index { return s.indexes }

func indexes(fields []Field, above [][]int) []Index {
	var out []Index
	for _, f := range fields {
		path := append(slices.Clone(above), f.at)
		if f.Type == Object && !f.Bilingual {
			out = append(out, indexes(f.Fields, path)...)
			continue
		}
		if !f.Index {
			continue
		}
		ix := Index{Name: f.Path, Many: f.many, Ref: f.Ref, Unique: f.Unique, Field: f, path: path}
		switch {
		case f.Bilingual:
			for _, l := range []string{"de", "en"} {
				side := ix
				side.Name, side.side, side.Words = f.Path+"."+l, l, true
				out = append(out, side)
			}
			continue
		case f.Type == Integer, f.Type == Boolean, f.Format == "date-time":
			ix.Value = Int
		case f.Type == Number:
			ix.Value = Real
		default:
			ix.Words = f.Ref == "" && f.Enum == nil && !f.many
		}
		out = append(out, ix)
	}
	return out
}

// Of returns the value of a single index in document v (a struct value):
// string, int64 or float64. What is absent counts as empty or zero.
func (ix *Index) Of(v reflect.Value) any {
	for _, at := range ix.path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ix.zero()
			}
			v = v.Elem()
		}
		v = v.FieldByIndex(at)
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ix.zero()
		}
		v = v.Elem()
	}
	if ix.side != "" {
		return v.Interface().(text.Bi).In(text.Lang(ix.side))
	}
	return Scalar(v)
}

func (ix *Index) zero() any {
	switch ix.Value {
	case Int:
		return int64(0)
	case Real:
		return float64(0)
	}
	return ""
}

// Scalar returns what a database stores for one value: string, int64 or
// float64. Times are microseconds since 1970 in UTC, the zero time is 0.
func Scalar(v reflect.Value) any {
	if t, ok := v.Interface().(time.Time); ok {
		return Micros(t)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		if v.Bool() {
			return int64(1)
		}
		return int64(0)
	case reflect.Float64, reflect.Float32:
		return v.Float()
	}
	return whole(v)
}

// whole returns a whole number of either sign.
func whole(v reflect.Value) int64 {
	if v.CanUint() {
		return int64(v.Uint()) // beyond 2^53 nothing passes Check
	}
	return v.Int()
}

// Micros is the stored form of a time: microseconds since 1970, 0 for the zero
// time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// ParseValue turns a filter's value into what a column of class to stores.
// Faces hand in strings; Go callers hand in the field's own type.
func ParseValue(to Value, format string, val any) (any, error) {
	if t, ok := val.(time.Time); ok && format == "date-time" {
		return Micros(t), nil
	}
	v := reflect.ValueOf(val)
	switch {
	case !v.IsValid():
		return nil, fmt.Errorf("a value is missing")
	case v.Kind() == reflect.String && to == Text:
		return v.String(), nil
	case v.Kind() == reflect.String:
		return parseString(to, format, strings.TrimSpace(v.String()))
	case v.Kind() == reflect.Bool && to == Int:
		return Scalar(v), nil
	case v.CanInt() && to == Int:
		return v.Int(), nil
	case v.CanUint() && to == Int && v.Uint() <= math.MaxInt64:
		return whole(v), nil
	case v.CanInt() && to == Real:
		return float64(v.Int()), nil
	case v.CanFloat() && to == Real && !math.IsNaN(v.Float()):
		return v.Float(), nil
	case v.CanFloat() && to == Int && v.Float() == math.Trunc(v.Float()) && math.Abs(v.Float()) <= maxSafe:
		return int64(v.Float()), nil
	}
	return nil, fmt.Errorf("%T does not fit", val)
}

func parseString(to Value, format, s string) (any, error) {
	if format == "date-time" {
		for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
			if t, err := time.Parse(layout, s); err == nil {
				return Micros(t), nil
			}
		}
		return nil, fmt.Errorf("%q is not a time in RFC 3339", s)
	}
	if to == Real {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(f) {
			return nil, fmt.Errorf("%q is not a number", s)
		}
		return f, nil
	}
	switch s {
	case "true":
		return int64(1), nil
	case "false":
		return int64(0), nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a whole number", s)
	}
	return n, nil
}

// Leaf is one value of a document with its place. Path carries list positions
// ("models.2.name"); Field.Path does not.
type Leaf struct {
	Field *Field
	Path  string
	Value reflect.Value
}

// Each calls fn for every single value of document v, in order of declaration,
// stepping into objects and lists. Absent optional values are left out.
func (s *Shape) Each(v reflect.Value, fn func(Leaf)) { each(s.Fields, v, "", fn) }

func each(fields []Field, v reflect.Value, path string, fn func(Leaf)) {
	for i := range fields {
		f := &fields[i]
		p := join(path, f.Name)
		fv := v.FieldByIndex(f.at)
		if f.List {
			for k := range fv.Len() {
				one(f, fv.Index(k), p+"."+strconv.Itoa(k), fn)
			}
			continue
		}
		one(f, fv, p, fn)
	}
}

func one(f *Field, v reflect.Value, path string, fn func(Leaf)) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if f.Type == Object && !f.Bilingual {
		each(f.Fields, v, path, fn)
		return
	}
	fn(Leaf{f, path, v})
}

// UTC moves every time of document v (addressable) to UTC.
func (s *Shape) UTC(v reflect.Value) {
	s.Each(v, func(l Leaf) {
		if t, ok := l.Value.Interface().(time.Time); ok && t.Location() != time.UTC {
			l.Value.Set(reflect.ValueOf(t.UTC()))
		}
	})
}

// HasTimes reports whether the document holds times.
func (s *Shape) HasTimes() bool { return hasTimes(s.Fields) }

func hasTimes(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Format == "date-time" || hasTimes(f.Fields) })
}

// Words returns the searchable texts of document v.
func (s *Shape) Words(v reflect.Value) []string {
	var out []string
	s.Each(v, func(l Leaf) {
		if !l.Field.Search {
			return
		}
		if b, ok := l.Value.Interface().(text.Bi); ok {
			out = append(out, b.DE, b.EN)
			return
		}
		out = append(out, l.Value.String())
	})
	return out
}

// Later keeps the times of an object in order when the clock goes backwards.
func Later(now, before time.Time) time.Time {
	if now.Before(before) {
		return before
	}
	return now
}
