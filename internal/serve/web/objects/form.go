package objects

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// input is one field of a form, or a group of them.
type input struct {
	Kind  string // text, area, number, date, select, radio, checks, group
	Field ui.FieldView
	Parts []input // of a group
}

// formView is a form with what was wrong with it.
type formView struct {
	Form      ui.Form
	Inputs    []input
	Say, Hint string
	Faults    []ui.LinkView
	Differs   ui.TableView // on a conflict: stored and typed side by side
}

// form makes inputs of a declaration.
type form struct {
	c       ui.Ctx
	kind    string
	fixed   []string
	vals    url.Values
	faults  map[string]string      // by name of input
	choices map[string][]ui.Option // by kind that is referred to
}

// fewChoices is up to how many values of an enumeration stand side by side.
const fewChoices = 5

// build makes the inputs of fields below a prefix ("card.metrics.0.").
func (b form) build(fields []store.Field, prefix string) []input {
	var out []input
	for _, f := range fields {
		if slices.Contains(b.fixed, f.Path) {
			continue
		}
		name := prefix + f.Name
		switch {
		case f.Type == "object" && !f.Bilingual && f.List:
			out = append(out, b.list(f, name))
		case f.Type == "object" && !f.Bilingual:
			out = append(out, input{Kind: "group", Field: b.view(f, name), Parts: b.build(f.Fields, name+".")})
		case f.Bilingual:
			for _, side := range []string{"de", "en"} {
				v := b.view(f, name+"."+side)
				if v.Rows = 2; f.Long || f.List {
					v.Rows = 4
				}
				if side == "en" {
					v.Help, v.Plain, v.Expert, v.Source = "", "", "", "" // the German side explains both
				}
				out = append(out, input{Kind: "area", Field: v})
			}
		default:
			out = append(out, b.single(f, name))
		}
	}
	return out
}

// list is a list of objects: a group for each, and an empty one for another.
func (b form) list(f store.Field, name string) input {
	all := input{Kind: "group", Field: b.view(f, name)}
	n := 0
	for _, i := range positions(b.vals, name) {
		n = max(n, i+1)
	}
	for i := range n + 1 {
		at := name + "." + strconv.Itoa(i)
		one := input{Kind: "group", Field: ui.FieldView{ID: fieldID(at), Label: Label(b.c, b.kind, at)}, Parts: b.build(f.Fields, at+".")}
		if i == n {
			one.Field.Label, one.Field.Help = b.c.T("objects.another"), b.c.T("objects.another.help")
			for k := range one.Parts {
				one.Parts[k].Field.Required = false
			}
		}
		all.Parts = append(all.Parts, one)
	}
	return all
}

func (b form) single(f store.Field, name string) input {
	v := b.view(f, name)
	switch {
	case f.Ref != "" || f.Enum != nil:
		return b.choice(f, v)
	case f.Type == "boolean" && f.Optional:
		v.Blank = b.c.T("objects.unset")
		return input{Kind: "select", Field: v.Of(b.yesNo()...)}
	case f.Type == "boolean":
		return input{Kind: "checks", Field: v.Of(ui.Option{Value: "true", Text: b.c.T("objects.yes")})}
	case f.List:
		v.Help = strings.TrimSpace(v.Help + " " + b.c.T("objects.lines"))
		return input{Kind: "area", Field: v}
	case f.Type == "integer" || f.Type == "number":
		v.Unit = unit(b.c, b.kind, f.Path)
		return input{Kind: "number", Field: v}
	case f.Format == "date-time" || f.Format == "date":
		return input{Kind: "date", Field: v}
	case f.Long:
		return input{Kind: "area", Field: v}
	}
	switch f.Format {
	case "email":
		v.Type = "email"
	case "uri":
		v.Type = "url"
	}
	if f.Max != nil {
		v.MaxLen = int(*f.Max)
	}
	return input{Kind: "text", Field: v}
}

func (b form) yesNo() []ui.Option {
	return []ui.Option{{Value: "true", Text: b.c.T("objects.yes")}, {Value: "false", Text: b.c.T("objects.no")}}
}

// choice is a reference or an enumeration. A chosen value that is not offered
// (anymore, or not to this reader) stays.
func (b form) choice(f store.Field, v ui.FieldView) input {
	if f.Ref != "" {
		v.Options = slices.Clone(b.choices[f.Ref])
	}
	for _, e := range f.Enum {
		note := or(b.c, "kind."+b.kind+"."+f.Path+"."+e+".note", "")
		v.Options = append(v.Options, ui.Option{Value: e, Text: Value(b.c, b.kind, f.Path, e), Note: note})
	}
	for _, have := range b.vals[v.Name] {
		if have != "" && !slices.ContainsFunc(v.Options, func(o ui.Option) bool { return o.Value == have }) {
			v.Options = append(v.Options, ui.Option{Value: have, Text: b.c.T("objects.hidden", "id", have)})
		}
	}
	switch {
	case f.List && len(v.Options) == 0:
		v.Help = strings.TrimSpace(v.Help + " " + b.c.T("objects.nochoice"))
		return input{Kind: "checks", Field: v}
	case f.List:
		return input{Kind: "checks", Field: v}
	case f.Enum != nil && f.Required && len(f.Enum) <= fewChoices:
		return input{Kind: "radio", Field: v}
	}
	v.Blank = b.c.T("objects.unset")
	return input{Kind: "select", Field: v}
}

// view is the wording and the value of one input.
func (b form) view(f store.Field, name string) ui.FieldView {
	v := ui.FieldView{ID: fieldID(name), Name: name, Label: Label(b.c, b.kind, name), Value: b.vals.Get(name), Values: b.vals[name],
		Required: f.Required, Error: b.faults[name]}
	key := "kind." + b.kind + "." + f.Path
	for part, to := range map[string]*string{".help": &v.Help, ".plain": &v.Plain, ".expert": &v.Expert, ".source": &v.Source} {
		*to = or(b.c, key+part, "")
	}
	return v
}

// fieldID is the id of an input; the same as ui.Form makes.
func fieldID(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

// positions lists which elements of a list of objects a form holds.
func positions(vals url.Values, name string) []int {
	var out []int
	for key := range vals {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(digits); err == nil && i >= 0 && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// place finds the input of a wrong place in a document. line counts from one
// inside an input of one value a line, else 0.
func place(fields []store.Field, path string) (name string, line int) {
	parts := strings.Split(path, ".")
	var out []string
	for i := 0; i < len(parts); {
		at := slices.IndexFunc(fields, func(f store.Field) bool { return f.Name == parts[i] })
		if at < 0 {
			return path, 0
		}
		f := fields[at]
		out = append(out, f.Name)
		i++
		n, position := -1, false
		if f.List && i < len(parts) {
			if k, err := strconv.Atoi(parts[i]); err == nil {
				n, position = k, true
				i++
			}
		}
		if f.Type == "object" && !f.Bilingual {
			if position {
				out = append(out, strconv.Itoa(n))
			}
			fields = f.Fields
			continue
		}
		if f.Bilingual {
			side := "de"
			if i < len(parts) {
				side = parts[i]
			}
			out = append(out, side)
		}
		if position && f.Ref == "" && f.Enum == nil {
			line = n + 1
		}
		return strings.Join(out, "."), line
	}
	return strings.Join(out, "."), 0
}

// faults sorts what is wrong by input, and links to each place.
func faults(c ui.Ctx, k store.AnyKind, p *problem.Problem) (byName map[string]string, links []ui.LinkView) {
	byName = map[string]string{}
	if p == nil {
		return byName, nil
	}
	for _, f := range p.Fields {
		name, line := place(k.Fields(), f.Path)
		say := c.In(f.Say)
		if line > 0 {
			say = c.T("objects.line", "n", line, "say", say)
		}
		byName[name] = strings.TrimSpace(byName[name] + " " + say)
		links = append(links, ui.LinkView{Text: Label(c, k.Name(), name) + ": " + say, Href: "#" + fieldID(name)})
	}
	return byName, links
}

// fill writes a document as the values of a form.
func (w zoned) fill(vals url.Values, fields []store.Field, doc tree, prefix string) {
	for _, f := range fields {
		name, v := prefix+f.Name, doc[f.Name]
		switch {
		case f.Type == "object" && !f.Bilingual && f.List:
			for i, sub := range objects(v) {
				w.fill(vals, f.Fields, sub, name+"."+strconv.Itoa(i)+".")
			}
		case f.Type == "object" && !f.Bilingual:
			for _, sub := range objects(v) {
				w.fill(vals, f.Fields, sub, name+".")
			}
		case f.Bilingual:
			var de, en []string
			for _, b := range objects(v) {
				de, en = append(de, bi(b).DE), append(en, bi(b).EN)
			}
			vals.Set(name+".de", strings.Join(de, "\n"))
			vals.Set(name+".en", strings.Join(en, "\n"))
		default:
			var all []string
			for _, one := range list(v) {
				all = append(all, w.typed(f, one))
			}
			if f.List && f.Ref == "" && f.Enum == nil {
				all = []string{strings.Join(all, "\n")}
			}
			vals[name] = all
		}
	}
}

// zoned is a reader's language and zone, for values that are typed.
type zoned struct {
	lang text.Lang
	zone *time.Location
}

// typed is a value as a person types it.
func (w zoned) typed(f store.Field, v any) string {
	switch v := v.(type) {
	case string:
		if f.Format == "date-time" {
			return w.day(v)
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case interface{ String() string }: // json.Number
		if s := v.String(); w.lang == text.DE {
			return strings.Replace(s, ".", ",", 1)
		} else {
			return s
		}
	}
	return ""
}

// day is the day of a stored time where the reader is, as a date field holds it.
func (w zoned) day(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.IsZero() {
		return ""
	}
	return t.In(w.zone).Format(time.DateOnly)
}
