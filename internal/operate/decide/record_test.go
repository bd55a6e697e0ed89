package decide

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
)

type book struct{ last []byte }

func (b *book) Append(_ context.Context, e []byte) (ledger.Receipt, error) {
	b.last = e
	return ledger.Receipt{Index: 7}, nil
}

// What is written by hand is what the struct says, byte by byte, whatever texts
// it holds; and what is answered by hand reads as the answer.
func TestHandwrittenIsTheSame(t *testing.T) {
	var b book
	record := Recorder(&b, "/nord/decide")
	rapid.Check(t, func(t *rapid.T) {
		s := func(label string) string { return rapid.String().Draw(t, label) }
		d := Decision{ID: "dec_" + rapid.StringMatching(`[0-9a-f]{32}`).Draw(t, "id"), Allow: rapid.Bool().Draw(t, "allow"), PolicyVersion: s("version"), At: noon,
			Permit: PermitRef{Number: s("number"), Version: rapid.IntRange(0, 1<<31).Draw(t, "v")}, Errors: rapid.SliceOfN(rapid.String(), 0, 2).Draw(t, "errors")}
		for range rapid.IntRange(0, 60).Draw(t, "reasons") {
			d.Reasons = append(d.Reasons, Reason{Code: s("code"), Policy: s("policy"), Clauses: rapid.SliceOfN(rapid.String(), 0, 2).Draw(t, "clauses")})
		}
		r := Request{Subject: Entity{Type: s("type"), ID: s("id")}, Action: Action{Name: s("action")}, Resource: Entity{Type: s("type"), ID: s("id")}}
		want, err := ledger.NewEvent("evt_"+d.ID[4:], "/nord/decide", entry.TypeAccess, r.Resource.ID, d.At, d.Entry(r))
		if err != nil {
			t.Skip("the journal does not take such names")
		}
		if index, err := record(context.Background(), d, r, ""); err != nil || index != 7 {
			t.Fatal(index, err)
		}
		if a, err := want.Encode(); err != nil || !bytes.Equal(a, b.last) {
			t.Fatalf("%s %v\n%s", a, err, b.last)
		}
		x := answer{Decision: d.Allow, Context: answerContext{ID: d.ID, Index: 9, Grant: s("grant"), PolicyVersion: d.PolicyVersion, Reasons: answerReasons(d.Reasons)}}
		if rapid.Bool().Draw(t, "permit") {
			x.Context.Permit = &d.Permit
		}
		if rapid.Bool().Draw(t, "fields") {
			x.Context.Fields = []answerField{{Path: s("path"), DE: s("de"), EN: s("en")}}
		}
		raw, err := encodeJSON(x)
		if err != nil {
			t.Fatal(err)
		}
		var byHand, byStruct any
		if err := json.Unmarshal(x.appendTo(nil), &byHand); err != nil {
			t.Fatalf("%s: %v", x.appendTo(nil), err)
		}
		if err := json.Unmarshal(raw, &byStruct); err != nil {
			t.Fatal(err)
		}
		one, _ := json.Marshal(byHand)
		two, _ := json.Marshal(byStruct)
		if !bytes.Equal(one, two) {
			t.Fatalf("%s\n%s", one, two)
		}
	})
}

// Every byte at every place of a text is seen as it is.
func TestLook(t *testing.T) {
	for b := range 256 {
		for at := range 19 {
			s := bytes.Repeat([]byte{'a'}, 19)
			s[at] = byte(b)
			for _, n := range []int{at + 1, 19} {
				plain, ascii := look(string(s[:n]))
				if plain != (b >= ' ' && b != '"' && b != '\\') || ascii != (b < 0x80) {
					t.Fatalf("byte %#x at %d of %d: plain %v, ascii %v", b, at, n, plain, ascii)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOf(rapid.Byte()).Draw(t, "s")
		plain, ascii := look(string(s))
		if plain == bytes.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) || ascii == slices.ContainsFunc(s, func(b byte) bool { return b >= 0x80 }) {
			t.Fatalf("%q: plain %v, ascii %v", s, plain, ascii)
		}
	})
}
