package shape

import (
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// maxSafe is the largest whole number that JSON carries between programs
// without loss (RFC 8259 section 6).
const maxSafe = 1<<53 - 1

// Check records every value of document v (a struct value) that the
// declaration does not allow: missing, not in the list of values, out of
// bounds, badly formed. References are checked by whoever has the objects.
func (s *Shape) Check(v reflect.Value, c *problem.Checks) { checkFields(s.Fields, v, "", c) }

func checkFields(fields []Field, v reflect.Value, path string, c *problem.Checks) {
	for i := range fields {
		f := &fields[i]
		fv := v.FieldByIndex(f.at)
		p := join(path, f.Name)
		switch {
		case f.List:
			checkList(f, fv, p, c)
		case f.Optional && fv.IsNil():
			if f.Required {
				missing(p, c)
			}
		case f.Optional:
			checkOne(f, fv.Elem(), p, f.Required, c)
		default:
			checkOne(f, fv, p, f.Required, c)
		}
	}
}

func missing(path string, c *problem.Checks) {
	c.Field(false, path, "Diese Angabe fehlt.", "This entry is missing.")
}

func checkList(f *Field, v reflect.Value, path string, c *problem.Checks) {
	if f.Required && v.Len() == 0 {
		missing(path, c)
	}
	n := float64(v.Len())
	if f.Min != nil && n < *f.Min {
		wrong(c, path, "Hier braucht es mindestens %s Einträge.", "This needs at least %s entries.", number(*f.Min))
	}
	if f.Max != nil && n > *f.Max {
		wrong(c, path, "Hier sind höchstens %s Einträge möglich.", "This takes at most %s entries.", number(*f.Max))
	}
	bare := *f
	bare.Min, bare.Max = nil, nil
	for i := range v.Len() {
		need := f.Required || f.Ref != "" || f.Enum != nil
		checkOne(&bare, v.Index(i), path+"."+strconv.Itoa(i), need, c)
	}
}

func checkOne(f *Field, v reflect.Value, path string, need bool, c *problem.Checks) {
	switch {
	case f.Bilingual:
		b := v.Interface().(text.Bi)
		for _, l := range text.Langs {
			checkText(f, b.In(l), path+"."+string(l), need, c)
		}
	case f.Type == Object:
		checkFields(f.Fields, v, path, c)
	case f.Format == "date-time":
		t := v.Interface().(time.Time)
		if need && t.IsZero() {
			missing(path, c)
		}
		c.Field(t.Year() >= 0 && t.Year() <= 9999, path, "Das Jahr liegt nicht zwischen 0 und 9999.", "The year is not between 0 and 9999.")
	case f.Type == String:
		checkText(f, v.String(), path, need, c)
	case f.Type == Integer:
		n := whole(v)
		if n > maxSafe || n < -maxSafe || v.CanUint() && n < 0 {
			c.Field(false, path, "Die Zahl ist zu groß.", "The number is too large.")
		}
		checkBounds(f, float64(n), path, c)
	case f.Type == Number:
		n := v.Float()
		if math.IsNaN(n) || math.IsInf(n, 0) {
			c.Field(false, path, "Das ist keine Zahl.", "This is not a number.")
			return
		}
		checkBounds(f, n, path, c)
	}
}

func checkBounds(f *Field, n float64, path string, c *problem.Checks) {
	if f.Min != nil && n < *f.Min {
		wrong(c, path, "Der Wert liegt unter %s.", "The value is below %s.", number(*f.Min))
	}
	if f.Max != nil && n > *f.Max {
		wrong(c, path, "Der Wert liegt über %s.", "The value is above %s.", number(*f.Max))
	}
}

func checkText(f *Field, s, path string, need bool, c *problem.Checks) {
	if strings.TrimSpace(s) == "" {
		if need {
			missing(path, c)
		}
		if s == "" {
			return
		}
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, control) {
		c.Field(false, path, "Der Text enthält Zeichen, die kein Text sind.", "The text holds characters that are not text.")
		return
	}
	if f.Enum != nil && !slices.Contains(f.Enum, s) {
		all := strings.Join(f.Enum, ", ")
		wrong(c, path, "Dieser Wert ist nicht vorgesehen; möglich sind: %s.", "This value is not provided for; possible are: %s.", all)
		return
	}
	n := float64(utf8.RuneCountInString(s))
	if f.Min != nil && n < *f.Min {
		wrong(c, path, "Der Text braucht mindestens %s Zeichen.", "The text needs at least %s characters.", number(*f.Min))
	}
	if f.Max != nil && n > *f.Max {
		wrong(c, path, "Der Text hat höchstens %s Zeichen.", "The text has at most %s characters.", number(*f.Max))
	}
	switch f.Format {
	case "email":
		a, err := mail.ParseAddress(s)
		c.Field(err == nil && a.Address == s, path, "Das ist keine E-Mail-Adresse.", "This is not an email address.")
	case "uri":
		u, err := url.Parse(s)
		c.Field(err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != ""), path,
			"Das ist keine vollständige Internetadresse.", "This is not a complete web address.")
	case "date":
		_, err := time.Parse(time.DateOnly, s)
		c.Field(err == nil, path, "Das ist kein Datum der Form 2026-01-31.", "This is not a date of the form 2026-01-31.")
	}
}

func control(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }

func wrong(c *problem.Checks, path, de, en, arg string) {
	c.Field(false, path, fmt.Sprintf(de, arg), fmt.Sprintf(en, arg))
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
