package cisoassistant

import (
	"bytes"
	"encoding/json"
	"strings"

	"augenmass/internal/text"
)

// writer writes packs of ours: YAML in which every text is quoted, so that
// nothing that a text holds can be taken for YAML.
type writer struct {
	bytes.Buffer
	depth int
	item  bool // the next field begins an entry of a list
}

// lead writes what stands before a field.
func (w *writer) lead() {
	if w.item {
		w.WriteString(strings.Repeat("  ", w.depth-1))
		w.WriteString("- ")
		w.item = false
		return
	}
	w.WriteString(strings.Repeat("  ", w.depth))
}

// word writes a field with a text; "" is left out.
func (w *writer) word(name, s string) {
	if s == "" {
		return
	}
	w.lead()
	w.WriteString(name)
	w.WriteString(": ")
	w.WriteString(quote(s))
	w.WriteByte('\n')
}

// raw writes a field with a number, a date or a truth value.
func (w *writer) raw(name, s string) {
	w.lead()
	w.WriteString(name)
	w.WriteString(": ")
	w.WriteString(s)
	w.WriteByte('\n')
}

// bi writes a text in both languages; an empty one is left out.
func (w *writer) bi(name string, b text.Bi) {
	if b.IsZero() {
		return
	}
	w.lead()
	w.WriteString(name)
	w.WriteString(": ")
	w.pair(b)
}

func (w *writer) pair(b text.Bi) {
	w.WriteString("{de: ")
	w.WriteString(quote(b.DE))
	w.WriteString(", en: ")
	w.WriteString(quote(b.EN))
	w.WriteString("}\n")
}

// words writes a list of words; an empty one is left out.
func (w *writer) words(name string, all []string) {
	if len(all) == 0 {
		return
	}
	w.lead()
	w.WriteString(name)
	w.WriteString(": [")
	for i, s := range all {
		if i > 0 {
			w.WriteString(", ")
		}
		w.WriteString(quote(s))
	}
	w.WriteString("]\n")
}

// list writes a list of entries; each calls its own fields.
func (w *writer) list(name string, n int, entry func(i int)) {
	if n == 0 {
		return
	}
	w.lead()
	w.WriteString(name)
	w.WriteString(":\n")
	w.depth += 2
	for i := range n {
		w.item = true
		entry(i)
	}
	w.depth -= 2
	w.item = false
}

// fields writes named fields below a name.
func (w *writer) fields(name string, inner func()) {
	w.lead()
	w.WriteString(name)
	w.WriteString(":\n")
	w.depth++
	inner()
	w.depth--
}

// quote is a text as a double-quoted YAML scalar; JSON's form is one.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	out := strings.TrimSuffix(b.String(), "\n")
	// Brackets that a text leaves open (a title is cut) look like nesting to those
	// who count them before they parse.
	for open, shut := range map[string][2]string{"[": {"]", `\u005b`}, "{": {"}", `\u007b`}} {
		if strings.Count(out, open) > strings.Count(out, shut[0]) {
			out = strings.ReplaceAll(out, open, shut[1])
		}
	}
	return out
}
