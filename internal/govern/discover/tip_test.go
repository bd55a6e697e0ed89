package discover_test

import (
	"encoding/json"
	"strings"
	"testing"

	"augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

var told = discover.Tip{What: "Übersetzer im Netz", Where: "Einkauf", Purpose: "Angebote übersetzen", People: "unknown", Contact: "Ana, Tor 3"}

// Row 003-04: a colleague without an account reports through the one link; an
// old, a wrong and an empty link give the same answer.
func TestTipThroughTheLink(t *testing.T) {
	h := open(t)
	if _, ok, err := h.room.Link(h.ctx(), h.db); ok || err != nil {
		t.Fatal("there is a link before anybody made one", err)
	}
	first, err := h.room.RenewLink(h.ctx())
	h.must(err)
	link, err := h.room.RenewLink(h.ctx())
	h.must(err)
	if first.Doc.Code == link.Doc.Code || first.ID != link.ID {
		t.Fatal("renewing makes no new code, or a second link")
	}
	var says []string
	for _, wrong := range []string{first.Doc.Code, "wrong", "", strings.Repeat("x", 100)} {
		_, err := h.room.Tell(h.nobody(), wrong, told)
		h.refused(err, problem.NotFound, "")
		says = append(says, err.Error())
	}
	for _, s := range says {
		if s != says[0] {
			t.Errorf("links can be told apart: %q, %q", s, says[0])
		}
	}
	receipt, err := h.room.Tell(h.nobody(), link.Doc.Code, told)
	h.must(err)
	_, err = h.room.Tell(h.nobody(), link.Doc.Code, discover.Tip{What: " ", People: "perhaps"})
	h.refused(err, problem.BadInput, "what")
	h.refused(err, problem.BadInput, "people")

	all, err := h.room.Tips.All(h.ctx(), h.db, storeAll)
	h.must(err)
	if len(all) != 1 || all[0].Doc.Status != discover.TipNew || all[0].Doc.Contact != told.Contact || all[0].CreatedBy == "usr_x" {
		t.Fatalf("%+v", all)
	}
	raw, err := json.Marshal(all)
	if err != nil || strings.Contains(string(raw), receipt) {
		t.Error("the receipt code is kept in clear", err)
	}
	got, ok, err := h.room.Told(h.nobody(), link.Doc.Code, strings.ToUpper(receipt)+" ")
	if err != nil || !ok || got.What != told.What {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if _, ok, _ := h.room.Told(h.nobody(), first.Doc.Code, receipt); ok {
		t.Error("an old link tells what became of a tip")
	}
	if _, ok, _ := h.room.Told(h.nobody(), link.Doc.Code, "xxxx"); ok {
		t.Error("a wrong receipt tells something")
	}
}

// A tip becomes an entry once, in one step with its beginning, or is closed with
// a reason that the colleague reads.
func TestTipBecomesAnEntryOrIsClosed(t *testing.T) {
	h := open(t)
	link, err := h.room.RenewLink(h.ctx())
	h.must(err)
	receipt, err := h.room.Tell(h.nobody(), link.Doc.Code, told)
	h.must(err)
	other := told
	other.What = "Kaffeemaschine"
	second, err := h.room.Tell(h.nobody(), link.Doc.Code, other)
	h.must(err)
	all, err := h.room.Tips.All(h.ctx(), h.db, storeAll)
	h.must(err)

	made, err := h.room.Begin(h.ctx(), discover.Beginning{Tip: all[1].ID, Lang: text.DE, Owner: h.me})
	h.must(err)
	if s := made.Doc; s.Name != told.What || s.Purpose.DE != told.Purpose || s.Use.DE != told.Where || s.Origin != "used" || !s.People {
		t.Errorf("%+v: nobody knew whether people are rated, so the entry says yes", s)
	}
	if got, _, _ := h.room.Told(h.nobody(), link.Doc.Code, receipt); got.Status != discover.TipRegistered || got.System != made.ID {
		t.Errorf("%+v", got)
	}
	_, err = h.room.Begin(h.ctx(), discover.Beginning{Tip: all[1].ID, Draft: "drf.staff-tool", Lang: text.DE, Owner: h.me})
	h.refused(err, problem.Conflict, "")
	if n, _ := h.inv.Systems.Count(h.ctx(), h.db); n != 1 {
		t.Errorf("%d systems of one tip", n)
	}
	_, err = h.room.CloseTip(h.ctx(), all[0].ID, all[0].Revision, " ")
	h.refused(err, problem.BadInput, "reason")
	_, err = h.room.CloseTip(h.ctx(), all[0].ID, all[0].Revision, "Eine Zeitschaltuhr, keine KI.")
	h.must(err)
	if got, _, _ := h.room.Told(h.nobody(), link.Doc.Code, second); got.Status != discover.TipClosed || got.Reason != "Eine Zeitschaltuhr, keine KI." {
		t.Errorf("%+v", got)
	}
	_, err = h.room.CloseTip(h.ctx(), all[0].ID, all[0].Revision+1, "Noch einmal.")
	h.refused(err, problem.Conflict, "")
}
