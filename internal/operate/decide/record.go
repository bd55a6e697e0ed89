package decide

import (
	"context"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
)

// Recorder journals access decisions (augenmass.access.decided) in a book; it is
// what AuthZENOptions.Record wants. The entry's id is that of the decision with
// another prefix: both name the same event.
func Recorder(book interface {
	Append(ctx context.Context, entry []byte) (ledger.Receipt, error)
}, source string) func(context.Context, Decision, Request, string) (uint64, error) {
	return func(ctx context.Context, d Decision, r Request, _ string) (uint64, error) {
		e := ledger.Event{ID: "evt_" + d.ID[len("dec_"):], Source: source, Type: entry.TypeAccess, Subject: r.Resource.ID, Time: d.At.UTC()}
		raw, err := e.EncodeWith(512, func(out []byte) []byte { return d.appendData(out, r) })
		if err != nil {
			return 0, err
		}
		receipt, err := book.Append(ctx, raw)
		return receipt.Index, err
	}
}

// appendData appends Entry as canonical JSON. It is written by hand because it
// is written for every decision; a test holds it against Entry.
func (d Decision) appendData(out []byte, r Request) []byte {
	out = appendText(append(out, `{"action":`...), r.Action.Name)
	out = strconv.AppendBool(append(out, `,"allow":`...), d.Allow)
	out = appendText(append(out, `,"decision":`...), d.ID)
	out = strconv.AppendInt(append(out, `,"errors":`...), int64(len(d.Errors)), 10)
	out = appendText(append(out, `,"permit":{"facts_hash":"","number":`...), d.Permit.Number)
	out = strconv.AppendInt(append(out, `,"version":`...), int64(d.Permit.Version), 10)
	out = appendText(append(out, `},"policy_version":`...), d.PolicyVersion)
	out = append(out, `,"reasons":[`...)
	for i, x := range d.Reasons[:min(len(d.Reasons), maxEntryReasons)] {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendTexts(append(out, `{"clauses":`...), x.Clauses)
		out = appendText(append(out, `,"code":`...), x.Code)
		out = append(appendText(append(out, `,"policy":`...), x.Policy), '}')
	}
	out = appendEntity(append(out, `],"resource":`...), r.Resource)
	out = appendEntity(append(out, `,"subject":`...), r.Subject)
	out = strconv.AppendInt(append(out, `,"v":`...), entry.Version, 10)
	return append(out, '}')
}

func appendEntity(out []byte, e Entity) []byte {
	out = appendText(append(out, `{"id":`...), e.ID)
	return append(appendText(append(out, `,"type":`...), e.Type), '}')
}

func appendTexts(out []byte, texts []string) []byte {
	if texts == nil {
		return append(out, "null"...)
	}
	out = append(out, '[')
	for i, s := range texts {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(out, s)
	}
	return append(out, ']')
}

// appendText appends a JSON string in canonical form. What needs escaping is left
// to encoding/json and the journal.
func appendText(out []byte, s string) []byte {
	if plain, ascii := look(s); plain && (ascii || utf8.ValidString(s)) {
		return append(append(append(out, '"'), s...), '"')
	}
	raw, err := json.Marshal(s)
	if err == nil {
		raw, err = ledger.Canonical(raw)
	}
	if err != nil {
		panic(err) // a string is always JSON
	}
	return append(out, raw...)
}

// look reports whether nothing in s needs escaping and whether all of it is
// ASCII, eight bytes at a time: some thousand bytes of sentences and clauses go
// through it for every decision. A byte b is below n if b-n borrows, and equal
// to n if b^n is below 1; the highest bit of each byte shows it.
func look(s string) (plain, ascii bool) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	below := func(x uint64, n byte) uint64 { return (x - ones*uint64(n)) &^ x }
	var found, all uint64
	for len(s) >= 8 {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		found |= below(x, ' ') | below(x^ones*'"', 1) | below(x^ones*'\\', 1)
		all |= x
		s = s[8:]
	}
	plain = found&high == 0
	for i := range len(s) {
		plain = plain && s[i] >= ' ' && s[i] != '"' && s[i] != '\\'
		all |= uint64(s[i])
	}
	return plain, all&high == 0
}
