package entry

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

// The examples of RFC 8785, §3.2.2, §3.2.3 and Appendix B, and inputs at the
// edges of the grammar. An empty want means that the input is refused.
var canonicalCases = []struct{ name, in, want string }{
	{"RFC 8785 §3.2.2", `{
		"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
		"literals": [null, true, false]
	}`, `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
	{"RFC 8785 §3.2.3 sorting", `{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
		"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"},
	{"minus zero", "-0", "0"},
	{"minus zero with a fraction", "-0.0e5", "0"},
	{"smallest", "5e-324", "5e-324"},
	{"largest", "1.7976931348623157e308", "1.7976931348623157e+308"},
	{"2⁵³", "9007199254740992", "9007199254740992"},
	{"2⁶⁸", "295147905179352830000", "295147905179352830000"},
	{"rounds to even", "9007199254740993.0", "9007199254740992"},
	{"exponent begins", "1e21", "1e+21"},
	{"exponent not yet", "1e20", "100000000000000000000"},
	{"small exponent begins", "0.0000001", "1e-7"},
	{"small exponent not yet", "0.000001", "0.000001"},
	{"empty object", " { } ", "{}"},
	{"empty array", "[ ]", "[]"},
	{"empty name", `{"a":1,"":2}`, `{"":2,"a":1}`},
	{"prefix first", `{"aa":1,"a":2}`, `{"a":2,"aa":1}`},
	{"nested order", `{"b":[{"d":1,"c":{"f":2,"e":3}}],"a":0}`, `{"a":0,"b":[{"c":{"e":3,"f":2},"d":1}]}`},
	{"escaped name sorts by its content", `{"b":1,"\u0061":2}`, `{"a":2,"b":1}`},
	{"delete is not escaped", "\"\u007f\"", "\"\u007f\""},

	{"integer beyond a double", "9007199254740993", ""},
	{"large integer beyond a double", "-9223372036854775807", ""},
	{"number beyond a double", "1e309", ""},
	{"same name twice", `{"a":1,"b":2,"a":3}`, ""},
	{"same name in two spellings", `{"a":1,"\u0061":3}`, ""},
	{"lone high surrogate", `"\ud800"`, ""},
	{"lone low surrogate", `"\udc00"`, ""},
	{"two high surrogates", `"\ud800\ud800"`, ""},
	{"invalid UTF-8", "\"\xff\"", ""},
	{"invalid UTF-8 beside an escape", "\"\\n\xff\"", ""},
	{"surrogate in UTF-8", "\"\xed\xa0\x80\"", ""},
	{"control character", "\"a\nb\"", ""},
	{"leading zero", "01", ""},
	{"bare fraction", ".5", ""},
	{"open fraction", "5.", ""},
	{"plus", "+5", ""},
	{"NaN", "NaN", ""},
	{"hexadecimal", "0x10", ""},
	{"two values", "1 2", ""},
	{"nothing", "", ""},
	{"open object", `{"a":1`, ""},
	{"open string", `"abc`, ""},
	{"trailing comma", "[1,]", ""},
	{"trailing comma in an object", `{"a":1,}`, ""},
	{"name without value", `{"a"}`, ""},
	{"name that is no string", `{1:2}`, ""},
	{"unknown escape", `"\x41"`, ""},
	{"too deep", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), ""},
}

func TestCanonical(t *testing.T) {
	for _, c := range canonicalCases {
		got, err := Canonical([]byte(c.in))
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: accepted as %s", c.name, got)
			}
			continue
		}
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\n got %s\nwant %s (%v)", c.name, got, c.want, err)
		}
	}
}

// TestNumbers compares with the table of RFC 8785, Appendix B.
func TestNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		if got := string(appendNumber(nil, math.Float64frombits(bits))); got != want {
			t.Errorf("%016x: %s, want %s", bits, got, want)
		}
	}
}

// agree compares with gowebpki/jcs. Ours refuses more: integers that a double
// cannot hold and texts deeper than maxDepth.
func agree(t interface{ Fatalf(string, ...any) }, in []byte) {
	got, err := Canonical(in)
	want, wantErr := jcs.Transform(in)
	if err == nil && wantErr != nil {
		t.Fatalf("%q: accepted as %q, jcs refuses: %v", in, got, wantErr)
	}
	if err != nil {
		if wantErr == nil && !strings.Contains(err.Error(), "double") && !strings.Contains(err.Error(), "nested") {
			t.Fatalf("%q: refused (%v), jcs accepts as %q", in, err, want)
		}
		return
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%q:\n got %q\nwant %q", in, got, want)
	}
	again, err := Canonical(got)
	if err != nil || !bytes.Equal(again, got) {
		t.Fatalf("%q: canonical form changes: %q (%v)", got, again, err)
	}
}

func TestCanonicalAgreesWithJCS(t *testing.T) {
	for _, c := range canonicalCases {
		agree(t, []byte(c.in))
	}
	var value func(depth int) *rapid.Generator[any]
	text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\"\\/\b\f\n\r\t\x01\x1f€ö\ue000\uffff😀𝄞"))))
	value = func(depth int) *rapid.Generator[any] {
		leaves := []*rapid.Generator[any]{
			rapid.Just[any](nil), rapid.Bool().AsAny(), text.AsAny(),
			rapid.Float64().AsAny(), rapid.Int64().AsAny(), rapid.IntRange(-10, 10).AsAny(),
		}
		if depth > 0 {
			leaves = append(leaves,
				rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 4).AsAny(),
				rapid.MapOfN(text, rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 20).AsAny())
		}
		return rapid.OneOf(leaves...)
	}
	rapid.Check(t, func(t *rapid.T) {
		in, err := json.Marshal(value(3).Draw(t, "value"))
		if err != nil {
			t.Skip("not JSON")
		}
		agree(t, in)
	})
}

func FuzzCanonical(f *testing.F) {
	for _, c := range canonicalCases {
		f.Add([]byte(c.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		agree(t, in)
	})
}

func sample() Event {
	return Event{ID: "dec_1", Source: "/works/gateway", Type: "augenmass.inference.decided", Subject: "sys_1",
		Time: time.Date(2026, 11, 21, 12, 0, 0, 120, time.UTC), Data: json.RawMessage(`{"outcome":"released","confidence":0.93}`)}
}

func TestEventRoundTrip(t *testing.T) {
	const want = `{"data":{"confidence":0.93,"outcome":"released"},"datacontenttype":"application/json","id":"dec_1",` +
		`"source":"/works/gateway","specversion":"1.0","subject":"sys_1","time":"2026-11-21T12:00:00.00000012Z","type":"augenmass.inference.decided"}`
	b, err := sample().Encode()
	if err != nil || string(b) != want {
		t.Fatalf("%s (%v)", b, err)
	}
	e, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if e.ID != "dec_1" || e.Source != "/works/gateway" || e.Type != "augenmass.inference.decided" || e.Subject != "sys_1" ||
		!e.Time.Equal(sample().Time) || string(e.Data) != `{"confidence":0.93,"outcome":"released"}` {
		t.Fatalf("%+v", e)
	}
	bare := Event{ID: "1", Source: "/s", Type: "t", Time: time.Date(2026, 1, 1, 13, 0, 0, 0, time.FixedZone("CET", 3600))}
	if b, err = bare.Encode(); err != nil || string(b) != `{"id":"1","source":"/s","specversion":"1.0","time":"2026-01-01T12:00:00Z","type":"t"}` {
		t.Fatalf("%s (%v)", b, err)
	}
	if e, err = Decode(b); err != nil || e.Data != nil || e.Subject != "" {
		t.Fatalf("%+v (%v)", e, err)
	}
}

func TestEventsRoundTripAndAreCanonical(t *testing.T) {
	attribute := rapid.StringMatching(`[a-zA-Z0-9äöü€"\\/ 😀-]{1,20}`)
	rapid.Check(t, func(t *rapid.T) {
		e := Event{
			ID: attribute.Draw(t, "id"), Source: attribute.Draw(t, "source"), Type: attribute.Draw(t, "type"),
			Subject: rapid.OneOf(rapid.Just(""), attribute).Draw(t, "subject"),
			Time:    time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")),
		}
		if rapid.Bool().Draw(t, "with data") {
			e.Data, _ = json.Marshal(rapid.MapOfN(attribute, rapid.Float64(), 0, 5).Draw(t, "data"))
		}
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if want, err := jcs.Transform(b); err != nil || !bytes.Equal(want, b) {
			t.Fatalf("not canonical: %s (%v)", b, err)
		}
		back, err := Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if back.ID != e.ID || back.Source != e.Source || back.Type != e.Type || back.Subject != e.Subject || !back.Time.Equal(e.Time) {
			t.Fatalf("%+v became %+v", e, back)
		}
	})
}

func TestDecodeRejectsWhatIsNotCanonical(t *testing.T) {
	good, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	s := string(good)
	for name, in := range map[string]string{
		"white space":           strings.Replace(s, `,"id"`, `, "id"`, 1),
		"end of line":           s + "\n",
		"other order":           `{"type":"t","id":"1","source":"/s","specversion":"1.0","time":"2026-01-01T12:00:00Z"}`,
		"unordered data":        strings.Replace(s, `{"confidence":0.93,"outcome":"released"}`, `{"outcome":"released","confidence":0.93}`, 1),
		"spelled number":        strings.Replace(s, "0.93", "0.930", 1),
		"spelled string":        strings.Replace(s, "released", `r\u0065leased`, 1),
		"spelled time":          strings.Replace(s, ".00000012Z", ".000000120Z", 1),
		"other zone":            strings.Replace(s, "00000012Z", "00000012+00:00", 1),
		"extension attribute":   strings.Replace(s, `,"id"`, `,"extra":1,"id"`, 1),
		"other case":            strings.Replace(s, `"id"`, `"ID"`, 1),
		"other version":         strings.Replace(s, `"1.0"`, `"1.1"`, 1),
		"other content type":    strings.Replace(s, "application/json", "text/plain", 1),
		"no id":                 strings.Replace(s, `"id":"dec_1",`, "", 1),
		"no time":               strings.Replace(s, `"time":"2026-11-21T12:00:00.00000012Z",`, "", 1),
		"member twice":          strings.Replace(s, `,"id"`, `,"id":"x","id"`, 1),
		"data null":             `{"data":null,"id":"1","source":"/s","specversion":"1.0","time":"2026-01-01T12:00:00Z","type":"t"}`,
		"content type, no data": `{"datacontenttype":"application/json","id":"1","source":"/s","specversion":"1.0","time":"2026-01-01T12:00:00Z","type":"t"}`,
		"not an object":         "[]",
		"not JSON":              "augenmass",
		"nothing":               "",
	} {
		if e, err := Decode([]byte(in)); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %+v %v", name, e, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"id":"1","source":"/s","specversion":"1.0","time":"2026-01-01T12:00:00Z","type":"t"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := Decode(in)
		if err != nil {
			if k := problem.KindOf(err); k != problem.BadInput && k != problem.TooLarge {
				t.Fatalf("%q: kind %q", in, k)
			}
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(again, in) {
			t.Fatalf("%q became %q (%v)", in, again, err)
		}
		if want, err := jcs.Transform(in); err != nil || !bytes.Equal(want, in) {
			t.Fatalf("accepted but not canonical: %q (%v)", in, err)
		}
	})
}

func TestEncodeNamesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(e *Event){
		"id":      func(e *Event) { e.ID = "" },
		"source":  func(e *Event) { e.Source = "a\nb" },
		"type":    func(e *Event) { e.Type = "\xff" },
		"subject": func(e *Event) { e.Subject = "\u0085" },
		"time":    func(e *Event) { e.Time = time.Time{} },
		"data":    func(e *Event) { e.Data = json.RawMessage(`{"a":`) },
	} {
		e := sample()
		change(&e)
		_, err := e.Encode()
		p := problem.From(err)
		if p.Kind != problem.BadInput || len(p.Fields) != 1 || p.Fields[0].Path != want || !p.Fields[0].Say.Complete() {
			t.Errorf("%s: %v", want, err)
		}
	}
	e := sample()
	e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := e.Encode(); !problem.Is(err, problem.BadInput) {
		t.Errorf("year 10000: %v", err)
	}
}

func TestLengthLimit(t *testing.T) {
	e := sample()
	size := func(n int) ([]byte, error) {
		e.Data = json.RawMessage(strconv.Quote(strings.Repeat("x", n)))
		return e.Encode()
	}
	b, err := size(10)
	if err != nil {
		t.Fatal(err)
	}
	room := MaxSize - len(b) + 10
	if b, err = size(room); err != nil || len(b) != MaxSize {
		t.Fatalf("%d bytes: %v", len(b), err)
	}
	if _, err = Decode(b); err != nil {
		t.Fatal(err)
	}
	if _, err = size(room + 1); !problem.Is(err, problem.TooLarge) {
		t.Fatal(err)
	}
	if _, err = Decode(append(b, ' ')); !problem.Is(err, problem.TooLarge) {
		t.Fatal(err)
	}
}

func TestNewEvent(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.FixedZone("CET", 3600))
	e, err := NewEvent("1", "/s", "t", "", at, struct {
		Z string  `json:"z"`
		A float64 `json:"a"`
	}{"<&>", 1e21})
	if err != nil || string(e.Data) != `{"a":1e+21,"z":"<&>"}` || e.Time.Location() != time.UTC {
		t.Fatalf("%+v %v", e, err)
	}
	for name, v := range map[string]any{"function": func() {}, "not a number": math.NaN(), "inexact integer": int64(1<<53 + 1)} {
		if _, err := NewEvent("1", "/s", "t", "", at, v); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCommitment uses test case 2 of RFC 4231 (key "Jefe").
func TestCommitment(t *testing.T) {
	const want = "hmac-sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := Commitment([]byte("Jefe"), []byte("what do ya want for nothing?")); got != want {
		t.Fatal(got)
	}
}

func BenchmarkEncode(b *testing.B) {
	e := sample()
	e.Data = json.RawMessage(`{"system":"sys_0192","model":"milling","version":"3","inputs":"hmac-sha256:` + strings.Repeat("ab", 32) +
		`","outcome":"released","confidence":0.93,"reasons":["inside","calm"],"permit":{"number":"BE-7","version":4},"features":[1.5,2.25,300.1,0.001,42]}`)
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.Encode(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("jcs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jcs.Transform(e.Data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
