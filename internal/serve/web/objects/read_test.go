package objects

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// everything is a kind with every type of field that a declaration may have.
type everything struct {
	Name   string    `json:"name"`
	Text   text.Bi   `json:"text"`
	Texts  []text.Bi `json:"texts"`
	Words  []string  `json:"words"`
	Choice colour    `json:"choice"`
	Many   []colour  `json:"many"`
	Ref    string    `json:"ref" store:"ref=everything"`
	Refs   []string  `json:"refs" store:"ref=everything"`
	Day    time.Time `json:"day"`
	Count  int64     `json:"count"`
	Share  float64   `json:"share"`
	On     bool      `json:"on"`
	Maybe  *bool     `json:"maybe"`
	Few    *int      `json:"few"`
	Part   part      `json:"part"`
	Parts  []part    `json:"parts"`
}

type colour string

// Values lists the colours.
func (colour) Values() []string { return []string{"red", "green"} }

type part struct {
	Label text.Bi  `json:"label"`
	Size  float64  `json:"size"`
	Tags  []string `json:"tags"`
	Deep  deep     `json:"deep"`
}

type deep struct {
	Note string `json:"note"`
}

var kind = store.NewKind[everything]("everything", "evy")

// drawn makes a document as it could be stored: texts as a form sends them, times
// at any instant.
func drawn(t *rapid.T, fields []store.Field, depth int) tree {
	doc := tree{}
	line := rapid.StringMatching(`[a-zäöüß][a-zäöüß ,.:=+]{0,12}[a-zäöüß]`)
	for _, f := range fields {
		one := func() any {
			switch {
			case f.Bilingual:
				return map[string]any{"de": line.Draw(t, f.Path+".de"), "en": line.Draw(t, f.Path+".en")}
			case f.Type == "object":
				return map[string]any(drawn(t, f.Fields, depth+1))
			case f.Enum != nil:
				return rapid.SampledFrom(f.Enum).Draw(t, f.Path)
			case f.Ref != "":
				return "evy_" + rapid.StringMatching(`[0-9a-f]{32}`).Draw(t, f.Path)
			case f.Format == "date-time":
				return time.UnixMicro(rapid.Int64Range(0, 4_000_000_000_000_000).Draw(t, f.Path)).UTC().Format(time.RFC3339Nano)
			case f.Type == "integer":
				return json.Number(strconv.FormatInt(rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, f.Path), 10))
			case f.Type == "number":
				return json.Number(strconv.FormatFloat(float64(rapid.IntRange(-1_000_000, 1_000_000).Draw(t, f.Path))/1000, 'f', -1, 64))
			case f.Type == "boolean":
				return rapid.Bool().Draw(t, f.Path)
			}
			return line.Draw(t, f.Path)
		}
		switch {
		case f.Optional && rapid.Bool().Draw(t, f.Path+" absent"):
			doc[f.Name] = nil
		case f.List:
			var all []any
			for range rapid.IntRange(0, 3).Draw(t, f.Path+" size") {
				all = append(all, one())
			}
			doc[f.Name] = nil
			if all != nil {
				doc[f.Name] = all
			}
		default:
			doc[f.Name] = one()
		}
	}
	return doc
}

// A form that is filled from a document and sent back untouched is that document,
// in every language and zone.
func TestRoundTrip(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("east", 5*3600+1800), time.FixedZone("west", -11*3600)}
	rapid.Check(t, func(t *rapid.T) {
		doc := drawn(t, kind.Fields(), 0)
		w := zoned{lang: rapid.SampledFrom(text.Langs).Draw(t, "lang"), zone: rapid.SampledFrom(zones).Draw(t, "zone")}
		vals := url.Values{}
		w.fill(vals, kind.Fields(), doc, "")
		sent := url.Values{} // browsers send what is ticked, and line ends as CR LF
		for name, v := range vals {
			for _, one := range v {
				if one != "false" {
					sent.Add(name, strings.ReplaceAll(one, "\n", "\r\n"))
				} else if f, ok := byPath(kind.Fields(), name); ok && f.Optional {
					sent.Add(name, one)
				}
			}
		}
		compact(sent, kind.Fields(), "")
		got := reading{zoned: w, vals: sent}.document(kind.Fields(), "", doc)
		if diff := cmp.Diff(norm(doc), norm(got)); diff != "" {
			t.Fatalf("(-stored +read)\n%s", diff)
		}
	})
}

// norm brings documents to one form: whatever is empty is absent.
func norm(v any) any {
	switch v := v.(type) {
	case tree:
		return norm(map[string]any(v))
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if n := norm(x); n != nil {
				out[k] = n
			}
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = norm(x)
		}
		return out
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	}
	return v
}

// Whatever is posted becomes JSON that the kind can judge, and every place it
// names has an input.
func FuzzPosted(f *testing.F) {
	f.Add("name=x&parts.0.size=1,5&parts.7.label.de=a&many=red&texts.de=a%0D%0A%0D%0Ab&texts.en=%0D%0Ac")
	f.Add("parts.99999999999999999999.size=1&count=1e400&day=2026-02-31&maybe=vielleicht&few=")
	f.Add("parts.-1.size=1&parts..size=2&parts=3&part.deep=4")
	f.Fuzz(func(t *testing.T, query string) {
		vals, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		compact(vals, kind.Fields(), "")
		w := zoned{lang: text.DE, zone: time.UTC}
		raw, err := json.Marshal(reading{zoned: w, vals: vals}.document(kind.Fields(), "", nil))
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		var doc map[string]any
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		for i := range 3 {
			name, _ := place(kind.Fields(), "parts."+strconv.Itoa(i)+".label.de")
			if name != "parts."+strconv.Itoa(i)+".label.de" {
				t.Errorf("place is %q", name)
			}
		}
	})
}

func TestPlace(t *testing.T) {
	for path, want := range map[string]struct {
		name string
		line int
	}{
		"name": {"name", 0}, "words.2": {"words", 3}, "texts.1.en": {"texts.en", 2}, "text": {"text.de", 0}, "text.en": {"text.en", 0}, "many.1": {"many", 0},
		"refs.0": {"refs", 0}, "part.tags.0": {"part.tags", 1}, "parts.2.deep.note": {"parts.2.deep.note", 0}, "parts.1.tags.4": {"parts.1.tags", 5}, "parts": {"parts", 0},
		"unknown.3": {"unknown.3", 0},
	} {
		if name, line := place(kind.Fields(), path); name != want.name || line != want.line {
			t.Errorf("%s is placed at %s line %d, want %s line %d", path, name, line, want.name, want.line)
		}
	}
}
