package objects

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// reading makes a document of what was typed. It judges nothing: what does not
// read as a number or a day goes on as it was typed, and the kind says so with
// the field's name, together with everything else that is wrong.
type reading struct {
	zoned
	fixed []string
	vals  url.Values
}

// document reads the fields below a prefix. stored is the document as it is, or
// nil: a day that was not changed keeps its time. What the form does not hold is
// left out; what was emptied is null.
func (d reading) document(fields []store.Field, prefix string, stored tree) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		name := prefix + f.Name
		if slices.Contains(d.fixed, f.Path) || !d.posted(f, name) {
			continue
		}
		switch {
		case f.Type == "object" && !f.Bilingual && f.List:
			all := []any{}
			was := objects(stored[f.Name])
			for _, i := range positions(d.vals, name) {
				var sub tree
				if i < len(was) {
					sub = was[i]
				}
				all = append(all, d.document(f.Fields, name+"."+strconv.Itoa(i)+".", sub))
			}
			out[f.Name] = as(stored, f, all)
		case f.Type == "object" && !f.Bilingual:
			sub, _ := stored[f.Name].(map[string]any)
			out[f.Name] = d.document(f.Fields, name+".", sub)
		case f.Bilingual && f.List:
			out[f.Name] = as(stored, f, pairs(lines(d.vals.Get(name+".de")), lines(d.vals.Get(name+".en"))))
		case f.Bilingual:
			out[f.Name] = map[string]any{"de": clean(d.vals.Get(name + ".de")), "en": clean(d.vals.Get(name + ".en"))}
		case f.List && (f.Ref != "" || f.Enum != nil):
			all := []any{}
			for _, v := range d.vals[name] {
				if v != "" {
					all = append(all, v)
				}
			}
			out[f.Name] = as(stored, f, all)
		case f.List:
			all := []any{}
			for _, line := range lines(d.vals.Get(name)) {
				if line != "" {
					all = append(all, d.value(f, line, ""))
				}
			}
			out[f.Name] = as(stored, f, all)
		default:
			was, _ := stored[f.Name].(string)
			out[f.Name] = d.value(f, clean(d.vals.Get(name)), was)
		}
	}
	return out
}

// as is a list as the document should hold it: an empty one stays absent where it
// was, so that a form that is sent back untouched changes nothing.
func as(stored tree, f store.Field, all []any) any {
	if len(all) == 0 && stored[f.Name] == nil {
		return nil
	}
	return all
}

// posted reports whether the form holds the field. Boxes that nobody ticked are
// not sent, so they count as held.
func (d reading) posted(f store.Field, name string) bool {
	if f.Type == "boolean" || f.List && (f.Ref != "" || f.Enum != nil) || f.Type == "object" && !f.Bilingual {
		return true
	}
	if f.Bilingual {
		return d.vals.Has(name+".de") || d.vals.Has(name+".en")
	}
	return d.vals.Has(name)
}

// value reads one value as JSON; was is the stored one of a time.
func (d reading) value(f store.Field, s, was string) any {
	switch {
	case f.Type == "boolean":
		if s == "" && f.Optional {
			return nil
		}
		return s == "true"
	case s == "" && (f.Type != "string" || f.Format == "date-time" || f.Optional):
		return nil
	case f.Type == "integer" || f.Type == "number":
		return d.number(s)
	case f.Format == "date-time":
		return d.time(s, was)
	}
	return s
}

func (d reading) number(s string) any {
	v, ok := text.ParseDecimal(d.lang, s)
	if !ok {
		return s
	}
	return json.Number(strconv.FormatFloat(v, 'f', -1, 64))
}

// time is the beginning of a day where the reader is.
func (d reading) time(s, was string) any {
	if was != "" && d.day(was) == s {
		return was
	}
	t, err := time.ParseInLocation(time.DateOnly, s, d.zone)
	if err != nil {
		return s
	}
	return t.UTC().Format(time.RFC3339)
}

func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// lines cuts a text into its lines, without empty ones at the end.
func lines(s string) []string {
	s = clean(s)
	if s == "" {
		return nil
	}
	out := strings.Split(s, "\n")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// pairs joins the lines of two languages; lines that are empty in both go.
func pairs(de, en []string) []any {
	out := []any{}
	for i := range max(len(de), len(en)) {
		p := map[string]any{"de": "", "en": ""}
		if i < len(de) {
			p["de"] = de[i]
		}
		if i < len(en) {
			p["en"] = en[i]
		}
		if p["de"] != "" || p["en"] != "" {
			out = append(out, p)
		}
	}
	return out
}

// compact drops the elements of lists of objects that nobody filled, so that the
// positions of the form are those of the document.
func compact(vals url.Values, fields []store.Field, prefix string) {
	for _, f := range fields {
		if f.Type != "object" || f.Bilingual {
			continue
		}
		name := prefix + f.Name
		if !f.List {
			compact(vals, f.Fields, name+".")
			continue
		}
		next := 0
		for _, i := range positions(vals, name) {
			at := name + "." + strconv.Itoa(i) + "."
			held := below(vals, at)
			if !slices.ContainsFunc(held, func(key string) bool { return strings.TrimSpace(strings.Join(vals[key], "")) != "" }) {
				for _, key := range held {
					vals.Del(key)
				}
				continue
			}
			to := name + "." + strconv.Itoa(next) + "."
			for _, key := range held {
				if v := vals[key]; to != at {
					vals.Del(key)
					vals[to+strings.TrimPrefix(key, at)] = v
				}
			}
			compact(vals, f.Fields, to)
			next++
		}
	}
}

func below(vals url.Values, prefix string) []string {
	var out []string
	for key := range vals {
		if strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
	}
	return out
}
