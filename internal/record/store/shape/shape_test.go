package shape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

type colour string

func (colour) Values() []string { return []string{"red", "green"} }

type based struct {
	Inner string `json:"inner" store:"index"`
}

type part struct {
	Name  string   `json:"name" store:"required,search"`
	Kind  colour   `json:"kind"`
	Owner string   `json:"owner" store:"ref=person"`
	Tags  []string `json:"tags" store:"index,max=2"`
}

type doc struct {
	based
	Name   string     `json:"name" store:"index,search,required,min=2,max=5"`
	Say    text.Bi    `json:"say" store:"index,required"`
	Colour colour     `json:"colour"`
	Count  int        `json:"count" store:"required,min=1"`
	Small  int8       `json:"small"`
	Size   uint16     `json:"size"`
	Share  float64    `json:"share"`
	Single float32    `json:"single"`
	On     bool       `json:"on"`
	At     time.Time  `json:"at" store:"index"`
	Maybe  *time.Time `json:"maybe" store:"index"`
	Limit  *int       `json:"limit" store:"required"`
	Parts  []part     `json:"parts" store:"required,max=3"`
	Secret struct {
		Who string `json:"who"`
	} `json:"secret" store:"personal"`
	Mail   string      `json:"mail" store:"format=email"`
	Web    string      `json:"web" store:"format=uri"`
	Day    string      `json:"day" store:"format=date"`
	Times  []time.Time `json:"times"`
	Dash   string      `json:"-"`
	unseen string
}

func compiled(t testing.TB) *Shape {
	s, err := Of(reflect.TypeFor[doc]())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func found(err error) []string {
	var out []string
	for _, f := range problem.From(err).Fields {
		out = append(out, f.Path)
	}
	slices.Sort(out)
	return out
}

func TestDeclaration(t *testing.T) {
	_ = doc{}.unseen
	s := compiled(t)
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "inner name say colour count small size share single on at maybe limit parts secret mail web day times" {
		t.Errorf("fields: %s", got)
	}
	var ix []string
	for _, i := range s.Indexes() {
		ix = append(ix, fmt.Sprintf("%s %d %v %v %s", i.Name, i.Value, i.Words, i.Many, i.Ref))
	}
	want := []string{"inner 0 true false ", "name 0 true false ", "say.de 0 true false ", "say.en 0 true false ", "at 1 false false ", "maybe 1 false false ",
		"parts.owner 0 false true person", "parts.tags 0 false true "}
	if !slices.Equal(ix, want) {
		t.Errorf("indexes\n%q, want\n%q", ix, want)
	}
	who := s.Fields[14].Fields[0]
	if !who.Personal || who.Path != "secret.who" || !s.Personal() {
		t.Errorf("a field of something personal is personal: %+v", who)
	}
	if f := s.Fields[3]; f.Type != String || !slices.Equal(f.Enum, []string{"red", "green"}) {
		t.Errorf("enum: %+v", f)
	}
}

// TestIndexValues: what is absent is indexed as empty or zero.
func TestIndexValues(t *testing.T) {
	s := compiled(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 5000, time.UTC)
	d := doc{based: based{Inner: "i"}, Say: text.Bi{DE: "d", EN: "e"}, At: at}
	read := func() (out []any) {
		for _, ix := range s.Indexes() {
			if !ix.Many {
				out = append(out, ix.Of(reflect.ValueOf(d)))
			}
		}
		return out
	}
	if got, want := fmt.Sprint(read()), fmt.Sprint([]any{"i", "", "d", "e", at.UnixMicro(), 0}); got != want {
		t.Errorf("indexed %s, want %s", got, want)
	}
	d.Maybe = &at
	if got := read()[5]; got != at.UnixMicro() {
		t.Errorf("indexed %v", got)
	}
	if !FromMicros(Micros(at)).Equal(at) || !FromMicros(Micros(time.Time{})).IsZero() {
		t.Error("a time does not survive being stored")
	}
}

// TestRefused lists what a kind cannot hold; each is named with its path.
func TestRefused(t *testing.T) {
	type self struct {
		Next []*struct{} `json:"next"`
	}
	many := make([]reflect.StructField, MaxFields+1)
	for i := range many {
		many[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf(`json:"f%d"`, i))}
	}
	field := func(typ reflect.Type, tag string) reflect.Type {
		return reflect.StructOf([]reflect.StructField{{Name: "F", Type: typ, Tag: reflect.StructTag(tag)}})
	}
	str, num := reflect.TypeFor[string](), reflect.TypeFor[int]()
	for want, typ := range map[string]reflect.Type{
		"is not a struct":             str,
		"f: type map[string]string":   field(reflect.TypeFor[map[string]string](), `json:"f"`),
		"f: type interface":           field(reflect.TypeFor[any](), `json:"f"`),
		"f: type json.RawMessage":     field(reflect.TypeFor[json.RawMessage](), `json:"f"`),
		"f: type []uint8":             field(reflect.TypeFor[[]byte](), `json:"f"`),
		"f: type []string":            field(reflect.TypeFor[[][]string](), `json:"f"`),
		"F: needs a json name":        field(str, ``),
		"json name of lower-case":     field(str, `json:"camelCase"`),
		"single underscores":          field(str, `json:"a__b"`),
		"option string":               field(num, `json:"f,string"`),
		`store tag "indx" is unknown`: field(str, `json:"f" store:"indx"`),
		"format \"ip\" is unknown":    field(str, `json:"f" store:"format=ip"`),
		"format is for plain strings": field(num, `json:"f" store:"format=email"`),
		"max wants a number":          field(str, `json:"f" store:"max=many"`),
		"a reference is a string":     field(num, `json:"f" store:"ref=x"`),
		"search is for texts":         field(num, `json:"f" store:"search"`),
		"an object has no index":      field(reflect.TypeFor[part](), `json:"f" store:"index"`),
		"only strings are indexed":    field(reflect.TypeFor[[]int](), `json:"f" store:"index"`),
		"unique is for single":        field(reflect.TypeFor[[]string](), `json:"f" store:"unique"`),
		"41 fields; over 40":          reflect.StructOf(many),
		"next: type *struct":          reflect.TypeFor[self](),
	} {
		_, err := Of(typ)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", typ, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	s := compiled(t)
	limit := 1
	good := doc{Name: "ab", Say: text.Same("x"), Count: 1, Limit: &limit, Parts: []part{{Name: "p"}}}
	check := func(change func(*doc)) []string {
		d := good
		d.Parts = slices.Clone(good.Parts)
		change(&d)
		var c problem.Checks
		s.Check(reflect.ValueOf(d), &c)
		if c.Err() == nil {
			return nil
		}
		return found(c.Err())
	}
	for want, change := range map[string]func(*doc){
		"":             func(*doc) {},
		"name":         func(d *doc) { d.Name = " \t" },
		"say.en":       func(d *doc) { d.Say.EN = "" },
		"colour":       func(d *doc) { d.Colour = "blue" },
		"count":        func(d *doc) { d.Count = 0 },
		"size":         nil,
		"limit":        func(d *doc) { d.Limit = nil },
		"parts":        func(d *doc) { d.Parts = nil },
		"parts.1.name": func(d *doc) { d.Parts = append(d.Parts, part{}) },
		"parts.0.kind": func(d *doc) { d.Parts[0].Kind = "x" },
		"parts.0.tags": func(d *doc) { d.Parts[0].Tags = []string{"a", "b", "c"} },
		"mail":         func(d *doc) { d.Mail = "Ada <a@b.example>" },
		"web":          func(d *doc) { d.Web = "werk.example" },
		"day":          func(d *doc) { d.Day = "31.01.2026" },
		"at":           func(d *doc) { d.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"secret.who":   func(d *doc) { d.Secret.Who = "a\x7fb" },
	} {
		if change == nil {
			continue
		}
		if got := strings.Join(check(change), " "); got != want {
			t.Errorf("wrong fields %q, want %q", got, want)
		}
	}
	if got := check(func(d *doc) { d.Name = "\xff\xfe"; d.Count = 1 << 60 }); !slices.Equal(got, []string{"count", "name"}) {
		t.Errorf("wrong fields %v", got)
	}
	if got := check(func(d *doc) { d.Mail, d.Web, d.Day = "a@b.example", "https://werk.example/a", "2026-01-31" }); got != nil {
		t.Errorf("wrong fields %v", got)
	}
}

func TestCheckJSON(t *testing.T) {
	s := compiled(t)
	for raw, want := range map[string]string{
		`{"count":1}`:                             "",
		`{}`:                                      "count",
		`{"count":null}`:                          "count",
		`{"count":1e0}`:                           "count",
		`{"count":9223372036854775808}`:           "count",
		`{"count":1,"small":128}`:                 "small",
		`{"count":1,"size":-1}`:                   "size",
		`{"count":1,"single":1e39}`:               "single",
		`{"count":1,"share":1e999}`:               "share",
		`{"count":1,"at":"2026-02-30T00:00:00Z"}`: "at",
		`{"count":1,"at":""}`:                     "at",
		`{"count":1,"at":null,"maybe":null,"limit":null,"parts":null,"say":null}`: "limit",
		`{"count":1,"maybe":"x","limit":"1"}`:                                     "limit maybe",
		`{"count":1,"parts":[null,{"tags":[[]]}],"times":["x"]}`:                  "parts.1.tags.0 times.0",
		`{"count":1,"COUNT":2}`:                                                   "COUNT",
		`{"count":1,"secret":{"who":{"a":[1,{"b":2}]},"x":[{}]}}`:                 "secret.who secret.x",
		`{"count":1,"-":"x","dash":1}`:                                            "- dash",
	} {
		var c problem.Checks
		if err := s.CheckJSON([]byte(raw), &c); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		got := ""
		if c.Err() != nil {
			got = strings.Join(found(c.Err()), " ")
		}
		if got != want {
			t.Errorf("%s: wrong fields %q, want %q", raw, got, want)
		}
	}
}

// FuzzCheckJSON: whatever comes in, what CheckJSON lets through unmarshals
// without loss of a member, and what it finds can be cut out so that the rest
// unmarshals.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{"count":1,"name":"ab","parts":[{"name":"x","tags":["a"]}],"at":"2026-01-01T00:00:00Z","say":{"de":"a"}}`, `{"count":1,"parts":[1,{"name":2}]}`,
		`[]`, `{"a.b":1,"count":1}`, `{"parts":{"0":1}}`, `{"count":1,"count":2}`, "{\"\\u0000\":1}", `{"count":-0}`, `{"share":1e400}`, `{"secret":{"secret":{}}}`} {
		f.Add([]byte(seed))
	}
	s := compiled(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var c problem.Checks
		if err := s.CheckJSON(raw, &c); err != nil {
			if !problem.Is(err, problem.BadInput) && !problem.Is(err, problem.TooLarge) {
				t.Fatalf("%v", err)
			}
			return
		}
		if !json.Valid(raw) {
			t.Fatalf("let broken JSON through: %q", raw)
		}
		rest, err := Without(raw, fields(c.Err()))
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		var d doc
		if err := json.Unmarshal(rest, &d); err != nil {
			t.Fatalf("%q, without what is wrong %q: %v", raw, rest, err)
		}
		if c.Err() == nil {
			strict := json.NewDecoder(strings.NewReader(string(raw)))
			strict.DisallowUnknownFields()
			if err := strict.Decode(&d); err != nil {
				t.Fatalf("%q passed, but: %v", raw, err)
			}
		}
	})
}

// TestDiffsRoundTrip: replaying differences on the old lines gives the new
// ones, and equal documents have none.
func TestDiffs(t *testing.T) {
	s := compiled(t)
	limit := 3
	a := doc{Name: "ab", Parts: []part{{Name: "x", Tags: []string{"a", "b"}}, {Name: "y"}}}
	b := doc{Name: "ab", Limit: &limit, Parts: []part{{Name: "z", Tags: []string{"b"}}}, At: time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600))}
	b.Secret.Who = "Ada"
	if d := s.Diffs(reflect.ValueOf(a), reflect.ValueOf(a)); d != nil {
		t.Errorf("a document differs from itself: %v", d)
	}
	got := fmt.Sprint(s.Diffs(reflect.ValueOf(a), reflect.ValueOf(b)))
	want := "[{at  2026-01-01T00:00:00Z false} {limit  3 false} {parts.0.name x z false} {parts.0.tags a, b b false} {secret.who  Ada true} {parts.1.name y  false}]"
	if got != want {
		t.Errorf("differences\n%s, want\n%s", got, want)
	}
	if got := s.Changed(reflect.ValueOf(a), reflect.ValueOf(b)); !slices.Equal(got, []string{"at", "limit", "parts", "secret"}) {
		t.Errorf("changed %v", got)
	}
}

func TestBreaks(t *testing.T) {
	was := Declared{"a": {Type: "string"}, "b": {Type: "integer"}, "c": {Type: "string", Enum: []string{"x", "y"}}, "d": {Type: "string"}, "e": {Type: "string", Enum: []string{"x"}}}
	is := Declared{"b": {Type: "string"}, "c": {Type: "string", Enum: []string{"y", "z"}}, "d": {Type: "string", Enum: []string{"x"}}, "e": {Type: "string"}, "f": {Type: "time"}}
	want := []string{"a is gone", "b was integer and is string", "c lost the value x", "d took any text and now takes certain values"}
	if got := was.Breaks(is); !slices.Equal(got, want) {
		t.Errorf("breaks %q, want %q", got, want)
	}
	if got := was.Breaks(was); got != nil {
		t.Errorf("a declaration breaks itself: %v", got)
	}
}

// TestMerge holds the examples of RFC 7396 appendix A that are objects.
func TestMerge(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`}, {`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`}, {`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`}, {`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`}, {`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`}, {`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`}, {`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`}, {`{"n":9007199254740993}`, `{}`, `{"n":9007199254740993}`},
	} {
		got, err := Merge([]byte(c[0]), []byte(c[1]))
		if err != nil || string(got) != c[2] {
			t.Errorf("%s with %s gave %s, %v, want %s", c[0], c[1], got, err, c[2])
		}
	}
	for _, bad := range []string{`[]`, `null`, `1`, `{`, `{}{}`} {
		if _, err := Merge([]byte(`{}`), []byte(bad)); !problem.Is(err, problem.BadInput) {
			t.Errorf("patch %s: %v", bad, err)
		}
	}
}

func fields(err error) []problem.Field {
	if err == nil {
		return nil
	}
	return problem.From(err).Fields
}
