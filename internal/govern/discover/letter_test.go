package discover_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/discover"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

var storeAll = store.Query{Sort: "what"}

// system registers a system and ticks the software that it belongs to.
func (h *house) system() (sys store.Object[inventory.System], tick store.Object[discover.Software]) {
	h.t.Helper()
	sys, err := h.room.Begin(h.ctx(), discover.Beginning{Draft: "drf.decision", Lang: text.DE, Owner: h.me})
	h.must(err)
	tick, err = h.room.Tick(h.ctx(), "", 0, discover.Software{Product: "sw.crm", Name: "Kundenbuch 7", Team: "Vertrieb", Functions: []discover.FunctionUse{
		{Function: "sw.crm.lead", State: discover.On}, {Function: "sw.crm.sales", State: discover.Off}, {Function: "sw.crm.next", State: discover.Unknown}}})
	h.must(err)
	return sys, tick
}

func ids(all []discover.Question) (out []string) {
	for _, q := range all {
		out = append(out, q.ID)
	}
	return out
}

// Row 003-47: a letter asks what the packs' letter asks, what is open in the
// identification, and for each function that is on whether it is AI and marked
// as such.
func TestQuestionsOfALetter(t *testing.T) {
	h := open(t)
	sys, tick := h.system()
	all, err := h.room.Questions(h.ctx(), h.db, discover.Asking{System: sys.ID, Software: tick.ID})
	h.must(err)
	have := ids(all)
	for _, want := range []string{"kid-vendor-letter.1", "kid-vendor-letter.6", "kid-a1", "kid-c1", "ask.label/sw.crm.lead", "ask.data/sw.crm.lead", "ask.off/sw.crm.next"} {
		if !slices.Contains(have, want) {
			t.Errorf("no question %s in %v", want, have)
		}
	}
	if slices.Contains(have, "ask.label/sw.crm.sales") {
		t.Error("a function that is off is asked for")
	}
	for _, q := range all {
		if !q.Text.Complete() || strings.ContainsAny(q.Text.DE, "{}") || strings.Contains(q.Text.DE, "(1)") {
			t.Errorf("%s: %v", q.ID, q.Text)
		}
		if q.ID == "ask.label/sw.crm.lead" && (!strings.Contains(q.Text.DE, "Lead-Bewertung") || !strings.Contains(q.Text.EN, "Kundenbuch 7")) {
			t.Errorf("%v", q.Text)
		}
	}
	_, err = h.ass.Keep(h.ctx(), sys.ID, assess.Identification, 0, []assess.Answer{{Item: "kid-a1", Value: "yes"}, {Item: "kid-c1", Value: "unknown"}})
	h.must(err)
	all, err = h.room.Questions(h.ctx(), h.db, discover.Asking{System: sys.ID})
	h.must(err)
	if have = ids(all); slices.Contains(have, "kid-a1") || !slices.Contains(have, "kid-c1") {
		t.Errorf("%v: what is answered is not asked again, what is unknown is", have)
	}
}

// sent is a letter that is out.
func (h *house) sent(sys, tick string) (string, store.Object[discover.Inquiry]) {
	h.t.Helper()
	all, err := h.room.Questions(h.ctx(), h.db, discover.Asking{System: sys, Software: tick})
	h.must(err)
	all = append(all, discover.Own("Wer haftet?\n\n Wie lange gibt es Updates?", text.DE)...)
	o, err := h.room.Compose(h.ctx(), "", 0, discover.Inquiry{Subject: "Kundenbuch 7", System: sys, Software: tick, Recipient: "vertrieb@anbieter.example",
		Language: "de", Questions: all, Due: h.now.AddDate(0, 0, 30)})
	h.must(err)
	token, o, err := h.room.Send(h.ctx(), o.ID, o.Revision, 0)
	h.must(err)
	return token, o
}

// The link is shown once and kept as a hash; it ends by its day, by a new one
// and by an end, and every dead link is answered alike.
func TestLinkOfALetter(t *testing.T) {
	h := open(t)
	sys, tick := h.system()
	token, o := h.sent(sys.ID, tick.ID)
	if raw, err := json.Marshal(o); err != nil || strings.Contains(string(raw), token) || o.Doc.Status != discover.InquirySent {
		t.Fatalf("%s holds the token: %v", raw, err)
	}
	got, ok, err := h.room.Read(h.nobody(), token)
	if err != nil || !ok || got.ID != o.ID {
		t.Fatalf("%v, %v", ok, err)
	}
	second, o, err := h.room.Send(h.ctx(), o.ID, o.Revision, 10)
	h.must(err)
	if _, ok, _ = h.room.Read(h.nobody(), token); ok {
		t.Error("the old link still opens")
	}
	_, _, err = h.room.Send(h.ctx(), o.ID, o.Revision, 181)
	h.refused(err, problem.BadInput, "days")
	h.now = h.now.AddDate(0, 0, 10)
	if _, ok, _ = h.room.Read(h.nobody(), second); ok {
		t.Error("the link opens past its day")
	}
	_, err = h.room.Answer(h.nobody(), second, []discover.Reply{{Question: "kid-a1", Choice: "yes"}}, "")
	h.refused(err, problem.NotFound, "")
	third, o, err := h.room.Send(h.ctx(), o.ID, o.Revision, 0)
	h.must(err)
	o, err = h.room.Remind(h.ctx(), o.ID, o.Revision)
	h.must(err)
	if len(o.Doc.Reminders) != 1 || o.Doc.Overdue(h.now) || !o.Doc.Overdue(h.now.AddDate(0, 0, 21)) {
		t.Errorf("%+v", o.Doc)
	}
	_, err = h.room.Compose(h.ctx(), o.ID, o.Revision, o.Doc)
	h.refused(err, problem.Conflict, "")
	o, err = h.room.End(h.ctx(), o.ID, o.Revision)
	h.must(err)
	if _, ok, _ = h.room.Read(h.nobody(), third); ok || o.Doc.Status != discover.InquiryEnded {
		t.Error("an ended letter still opens")
	}
	_, err = h.room.Remind(h.ctx(), o.ID, o.Revision)
	h.refused(err, problem.Conflict, "")
}

// A vendor answers once, without an account; what it says goes into the draft of
// the identification where nobody answered yet, and decides nothing.
func TestAnswerOfAVendor(t *testing.T) {
	h := open(t)
	sys, tick := h.system()
	token, o := h.sent(sys.ID, tick.ID)
	_, err := h.ass.Keep(h.ctx(), sys.ID, assess.Identification, 0, []assess.Answer{{Item: "kid-a1", Value: "no"}, {Item: "kid-c1", Value: "unknown"}})
	h.must(err)
	for _, bad := range [][]discover.Reply{nil, {{Question: "kid-c1"}}, {{Question: "nothing", Text: "x"}}, {{Question: "kid-c1", Choice: "perhaps"}},
		{{Question: "own.1", Choice: "yes"}}, {{Question: "kid-c1", Text: strings.Repeat("x", 4001)}}, {{Question: "kid-c1", Choice: "yes"}, {Question: "kid-c1", Choice: "no"}}} {
		_, err := h.room.Answer(h.nobody(), token, bad, "")
		h.refused(err, problem.BadInput, "")
	}
	done, err := h.room.Answer(h.nobody(), token, []discover.Reply{{Question: "kid-c1", Choice: "yes", Text: "Mit Vertriebsdaten."}, {Question: "kid-a1", Choice: "yes"},
		{Question: "ask.label/sw.crm.lead", Choice: "yes"}, {Question: "own.1", Text: " Wir. "}, {Question: "own.2"}}, "Produktmanagement")
	h.must(err)
	if q := done.Doc; q.Status != discover.InquiryAnswered || q.Answered() != 4 || q.AnsweredAt != h.now.UTC() || q.Respondent != "Produktmanagement" {
		t.Fatalf("%+v", q)
	}
	if r, ok := done.Doc.Reply("own.1"); !ok || r.Text != "Wir." {
		t.Errorf("%+v", r)
	}
	_, err = h.room.Answer(h.nobody(), token, []discover.Reply{{Question: "own.2", Text: "Nachtrag"}}, "")
	h.refused(err, problem.Conflict, "")
	if _, ok, _ := h.room.Read(h.nobody(), token); !ok {
		t.Error("who answered cannot read the answers any more")
	}
	n, err := h.room.Adopt(h.ctx(), o.ID, done.Revision)
	h.must(err)
	a, err := h.ass.One(h.ctx(), h.db, sys.ID, assess.Identification)
	h.must(err)
	values := map[string]string{}
	for _, x := range a.Doc.Current() {
		values[x.Item] = x.Value
	}
	if n != 1 || values["kid-c1"] != "yes" || values["kid-a1"] != "no" || a.Doc.Concluded() {
		t.Errorf("%d adopted, %v: a person's answer stays, a verdict is a person's", n, values)
	}
}

// A refusal is recorded with its reason, by the vendor or by whoever heard it.
func TestRefusal(t *testing.T) {
	h := open(t)
	sys, tick := h.system()
	token, o := h.sent(sys.ID, tick.ID)
	_, err := h.room.Decline(h.nobody(), token, "  ", "")
	h.refused(err, problem.BadInput, "refusal")
	o, err = h.room.Decline(h.nobody(), token, "Geschäftsgeheimnis", "Rechtsabteilung")
	h.must(err)
	if o.Doc.Status != discover.InquiryRefused || o.Doc.Refusal != "Geschäftsgeheimnis" {
		t.Errorf("%+v", o.Doc)
	}
	_, other := h.sent(sys.ID, tick.ID)
	other, err = h.room.Refused(h.ctx(), other.ID, other.Revision, "Am Telefon: keine Auskunft")
	h.must(err)
	if other.Doc.Status != discover.InquiryRefused || other.Doc.Link != "" {
		t.Errorf("%+v", other.Doc)
	}
	_, err = h.room.Adopt(h.ctx(), other.ID, other.Revision)
	h.refused(err, problem.Conflict, "")
	_, err = h.room.Compose(h.ctx(), "", 0, discover.Inquiry{Subject: "x", Language: "de", Due: h.now.Add(-time.Hour), Questions: []discover.Question{{ID: "own.1", Text: text.Same("?")}}})
	h.refused(err, problem.BadInput, "due")
	_, err = h.room.Compose(h.ctx(), "", 0, discover.Inquiry{Subject: "x", Language: "de", Due: h.now.Add(time.Hour)})
	h.refused(err, problem.BadInput, "questions")
}
