package systems

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// 001-41: a low-risk system needs the twelve fields of the short form and one
// approval, its risk owner's own, if the owner may sign and did not register it:
// nobody else's, no works agreement and no further assessment.
func TestLowRiskPathHasOneGate(t *testing.T) {
	h := house(t)
	in := fill(h)
	in.Set("risk_owner", h.People["director"].ID)
	if len(in) > 12 {
		t.Fatalf("%d fields", len(in))
	}
	id := idOf(t, h.Client("ai_officer").PostForm("/systems/new", in))
	h.Assess(id, "ai_system", "minimal")
	gates := func() (out []string) {
		d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id)
		h.Must(err)
		if needed := d.Needed(); !slices.Equal(needed, []string{permit.SignOwner}) {
			t.Errorf("needed: %v", needed)
		}
		p, err := h.Org.Approve.Preview(h.As(""), d)
		h.Must(err)
		for _, l := range p.Lapses {
			if kind, _, _ := strings.Cut(l.Code, "."); kind == "approval" || kind == "agreement" || kind == "assessment" {
				out = append(out, l.Code+" "+l.Object)
			}
		}
		return out
	}
	if got := gates(); !slices.Equal(got, []string{"approval.missing " + permit.SignOwner}) {
		t.Errorf("gates: %v", got)
	}
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id)
	h.Must(err)
	hash, err := d.Hash()
	h.Must(err)
	if _, err = h.Org.Approve.Give(h.As("safety"), id, permit.SignOwner, hash, "", "password"); err == nil {
		t.Error("somebody else signs for the owner")
	}
	_, err = h.Org.Approve.Give(h.As("director"), id, permit.SignOwner, hash, "", "password")
	h.Must(err)
	if got := gates(); len(got) != 0 {
		t.Errorf("after the owner approved: %v", got)
	}
}

// 000-20: market, sector and the day of service are asked where the system comes
// into operation, come back as they were typed, and what is no market is named.
func TestMarketsAndSectors(t *testing.T) {
	h := house(t)
	s := h.System("Presse", nil)
	c := h.Client("ai_officer")
	form := c.Get("/systems/" + s.ID + "/edit").Doc
	if !form.Has("input[name=markets][value=ch]") || !form.Has("input[name=sectors][value=machinery]") {
		t.Fatal("markets and sectors are not asked")
	}
	o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	in := values(ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}, o.Doc)
	in.Set("revision", strconv.FormatInt(o.Revision, 10))
	in["markets"], in["sectors"] = []string{"eu", "ch"}, []string{"machinery"}
	in.Set("in_service", "2026-01-15")
	if p := c.PostForm("/systems/"+s.ID+"/edit", in); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	o, err = h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	if !slices.Equal(o.Doc.Markets, []string{"eu", "ch"}) || !slices.Equal(o.Doc.Sectors, []string{"machinery"}) || o.Doc.InService.Format(time.DateOnly) != "2026-01-15" {
		t.Errorf("%+v", o.Doc)
	}
	form = c.Get("/systems/" + s.ID + "/edit").Doc
	if !form.Has("input[name=markets][value=ch][checked]") || !form.Has("input[name=in_service][value=2026-01-15]") {
		t.Error("what was typed is not shown again")
	}
	in.Set("revision", strconv.FormatInt(o.Revision, 10))
	in["markets"] = []string{"Über See!"}
	if p := c.PostForm("/systems/"+s.ID+"/edit", in); p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#system-markets-error") {
		t.Errorf("no market: %d", p.Status)
	}
}
