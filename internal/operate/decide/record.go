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
	plain, ascii := true, true
	for i := range len(s) {
		c := s[i]
		plain = plain && c >= 0x20 && c != '"' && c != '\\'
		ascii = ascii && c < 0x80
	}
	if plain && (ascii || utf8.ValidString(s)) {
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
