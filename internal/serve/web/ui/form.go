package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
)

// Form carries what the fields of one form share: wording, the values to show
// again, and what was wrong with them. Input is never lost: after a refused
// POST, build the same form with Values from the request and the Problem.
//
// Field(name) takes its wording from the catalogue: Prefix+name is the label,
// Prefix+name+".help" one sentence, ".plain" the plain explanation, ".expert"
// the one for experts and ".source" its source (criterion 17). Only the label
// must exist.
type Form struct {
	C       Ctx
	ID      string
	Prefix  string // catalogue prefix, ends with a dot: "systems.form."
	Action  string
	Values  url.Values
	Problem *problem.Problem
	Submit  string // word on the button
	Cancel  string // address; empty: no cancel link
	Touch   bool
	Upload  bool     // multipart, for files
	More    []Action // further buttons of the form, by Name and Value
	Hidden  map[string]string
	Partial string            // id of an element whose content htmx replaces with the answer; empty: whole page
	Names   map[string]string // what fields are called in the summary of errors, where the catalogue has no label
	Draft   string            // address that keeps what was typed so far and answers with Saved; empty: no drafts
}

// Option is one choice of a select, radio or check group.
type Option struct {
	Value string
	Text  string
	Note  string
}

// FieldView is one field. Form.Field fills it; callers add type and choices.
type FieldView struct {
	ID       string
	Name     string
	Label    string
	Value    string
	Values   []string // chosen values of a check group
	Help     string   // one sentence, always visible
	Plain    string   // plain explanation, one tap away
	Expert   string   // explanation for experts, one tap away
	Source   string   // source of the expert text
	Error    string
	Required bool
	Unit     string // behind numbers
	Type     string // text (default), email, password, url, search, tel
	Auto     string // autocomplete value
	Rows     int    // of a text area
	MaxLen   int
	Min, Max string // of dates
	Options  []Option
	Inline   bool // choices side by side
	Blank    string
	Once     bool // numeric one-time code
	Focus    bool // gets the focus when the page opens
}

// Field returns the view of one field.
func (f Form) Field(name string) FieldView {
	v := FieldView{ID: f.fieldID(name), Name: name, Label: f.C.T(f.Prefix + name), Value: f.Values.Get(name), Values: f.Values[name]}
	for part, to := range map[string]*string{".help": &v.Help, ".plain": &v.Plain, ".expert": &v.Expert, ".source": &v.Source} {
		if key := f.Prefix + name + part; f.C.Has(key) {
			*to = f.C.T(key)
		}
	}
	v.Error = f.FieldError(name)
	return v
}

// FieldError returns what is wrong with a field, in the reader's language.
func (f Form) FieldError(name string) string {
	if f.Problem == nil {
		return ""
	}
	for _, bad := range f.Problem.Fields {
		if bad.Path == name {
			return f.C.In(bad.Say)
		}
	}
	return ""
}

func (f Form) fieldID(name string) string {
	id := f.ID
	if id == "" {
		id = "f"
	}
	return id + "-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

// Req marks the field as required.
func (v FieldView) Req() FieldView { v.Required = true; return v }

// Of sets the choices.
func (v FieldView) Of(options ...Option) FieldView { v.Options = options; return v }

// In sets the unit.
func (v FieldView) In(unit string) FieldView { v.Unit = unit; return v }

// Or sets the value unless the form already has one.
func (v FieldView) Or(value string) FieldView {
	if v.Value == "" {
		v.Value = value
	}
	return v
}

func (v FieldView) chosen(value string) bool {
	return v.Value == value || slices.Contains(v.Values, value)
}

// describedBy names the elements that explain the field.
func (v FieldView) describedBy() string {
	var ids []string
	if v.Help != "" {
		ids = append(ids, v.ID+"-help")
	}
	if v.Error != "" {
		ids = append(ids, v.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// fieldName is the label of a field for the summary; a path that has no label
// in the catalogue (an element of a list) shows as it is.
func (f Form) fieldName(path string) string {
	if name, ok := f.Names[path]; ok {
		return name
	}
	if key := f.Prefix + path; f.C.Has(key) {
		return f.C.T(key)
	}
	return path
}

func inputType(v FieldView) string {
	if v.Type == "" {
		return "text"
	}
	return v.Type
}

func rows(v FieldView) string {
	if v.Rows > 0 {
		return strconv.Itoa(v.Rows)
	}
	return "4"
}
