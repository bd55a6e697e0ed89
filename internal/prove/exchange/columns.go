package exchange

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"augenmass/internal/prove/exchange/table"
)

// headWords are the beginnings of words by which the head of a column names its
// field, tried in this order; "=" asks for the whole word. The number comes
// first, because "Anforderungs-ID" is one; the method of proof before the
// evidence, because "Nachweismethode" is one; the description last, because
// "Anforderung" stands in many heads.
var headWords = []struct {
	field Field
	words []string
}{
	{FieldID, []string{"=id", "=ids", "kennung", "=nr", "=nummer", "=no", "=number", "kürzel", "kennzeichen", "=code", "=lfd", "=ref"}},
	{FieldStatus, []string{"status", "bewertungsstatus", "umsetzungsstatus", "umsetzungsstand", "umsetzungsgrad", "erfüllungs", "=stand", "=state", "bewertung", "=result", "=compliance"}},
	{FieldProof, []string{"nachweismethode", "nachweisverfahren", "prüf", "konformitätsprüf", "verifikation", "verification", "verify", "proof", "method", "=test", "=tests", "testing", "testfall", "testverfahren"}},
	{FieldEvidence, []string{"evidenz", "evidence", "nachweis", "=artefakte", "artifact", "artefact", "unterlagen", "belege", "=beleg"}},
	{FieldReferences, []string{"referenz", "reference", "verweis", "fundstelle", "norm", "standard", "quelle", "source", "clause", "klausel", "rechtsgrundlage", "mapping"}},
	{FieldDescription, []string{"beschreibung", "description", "anforderung", "requirement", "statement", "text", "=inhalt", "wortlaut", "=control", "maßnahme", "=titel", "=title", "=name"}},
}

// fieldOf returns the field that the head of a column names, or "".
func fieldOf(head string) Field {
	all := strings.FieldsFunc(strings.ToLower(norm.NFC.String(head)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if strings.TrimSpace(head) == "#" {
		return FieldID
	}
	for _, h := range headWords {
		for _, w := range h.words {
			whole, exact := strings.CutPrefix(w, "=")
			if slices.ContainsFunc(all, func(s string) bool { return exact && s == whole || !exact && strings.HasPrefix(s, w) }) {
				return h.field
			}
		}
	}
	// "Anforderungsbeschreibung" and the like: one long word.
	for _, h := range headWords {
		for _, w := range h.words {
			if !strings.HasPrefix(w, "=") && len(w) > 5 && slices.ContainsFunc(all, func(s string) bool { return strings.HasSuffix(s, w) }) {
				return h.field
			}
		}
	}
	return ""
}

// columns are the fields of a table by column; "" is a column that is not read.
type columns []Field

// columnsOf reads a head. It is one of requirements if it has a column for the
// number and one for the description.
func columnsOf(head []table.Cell) (columns, bool) {
	cols := make(columns, len(head))
	for i, c := range head {
		cols[i] = fieldOf(c.Text)
	}
	return cols, slices.Contains(cols, FieldID) && slices.Contains(cols, FieldDescription)
}

// lookedAt is how many rows are looked at for a head: above it there may stand a
// title and remarks.
const lookedAt = 20

// headOf finds the head of a table of requirements and returns its row.
func headOf(t table.Table) (row int, cols columns, ok bool) {
	for i := range min(len(t.Rows), lookedAt) {
		if cols, ok := columnsOf(t.Rows[i]); ok {
			return i, cols, true
		}
		if t.Headed {
			break
		}
	}
	return 0, nil, false
}

// missing are the fields that no column names.
func (c columns) missing() []Field {
	var out []Field
	for _, f := range Fields {
		if !slices.Contains(c, f) {
			out = append(out, f)
		}
	}
	return out
}
