package approval

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// permitPrint gives the permit as it stands now as a PDF in the reader's
// language, with the block of signatures.
func permitPrint(r *page.Request) error {
	s, err := read(r)
	if err != nil {
		return err
	}
	p := s.permit
	if s.d.Issued != nil {
		p = s.d.Issued.Doc.Permit // as issued and signed
	}
	c := r.C
	frame := report.Frame{Organisation: r.Org.Name, Lang: c.Lang, At: c.Now,
		Role: func(role string) text.Bi { return roles.Role(role).Info().Title }}
	var b bytes.Buffer
	if err := s.paper(p.At(c.Now.UTC())).PDF(frame, &b); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", fileName(p)))
	_, err = r.W.Write(b.Bytes())
	return err
}

// fileName is the permit's number, or a plain name before there is one.
func fileName(p permit.Permit) string {
	if p.Number == "" {
		return "permit.pdf"
	}
	return p.Number + ".pdf"
}

// paper puts a permit into words for the printer: the very words of its card.
func (s *reading) paper(p permit.Permit) report.Paper {
	c, sys := s.r.C, s.d.System.Doc
	o := show.PermitOptions{LifeCycle: string(sys.LifeCycle)}
	if s.d.Classification != nil {
		o.ClassAsOf = s.d.Classification.Doc.AsOf
	}
	card := show.Permit(c, s.r.Org.Packs, p, o)
	v := report.Paper{System: sys.Name, State: show.PermitMark(c, p.State, string(sys.LifeCycle)).Word, Meaning: s.state().Text,
		FactsHash: p.FactsHash, Content: s.hash}
	if p.Number != "" {
		v.Number = p.Number + " · " + c.T("ui.version", "v", p.Version)
	}
	for _, f := range card.Facts {
		v.Facts = append(v.Facts, [2]string{f.Term, strings.TrimSpace(f.Text + " " + f.Note)})
	}
	v.Facts = append(v.Facts, [2]string{c.T("approval.fact.owner"), s.names.Name(c, sys.RiskOwner)})
	for _, m := range p.Models {
		v.Facts = append(v.Facts, [2]string{c.T("approval.part.models"), strings.TrimSpace(m.Name + " " + m.Version + "\n" + m.Hash)})
	}
	for _, l := range card.Lapses {
		more := c.T("approval.print.lift", "roles", l.LiftBy)
		if l.Since != "" {
			more += " " + c.T("approval.print.since", "since", l.Since)
		}
		v.Lapses = append(v.Lapses, report.Clausal{Text: l.Title, More: more, Clauses: refs(l.Clauses)})
	}
	for _, x := range card.Conditions {
		v.Conditions = append(v.Conditions, report.Clausal{Text: x.Text, Clauses: refs(x.Clauses)})
	}
	for i, places := range s.d.Slots() {
		slot := report.PaperSlot{Title: c.T("approval.slot." + strconv.Itoa(i+1)), Note: c.T("approval.slot.none")}
		for _, place := range places {
			slot.Signs = append(slot.Signs, s.signed(place))
		}
		v.Slots = append(v.Slots, slot)
	}
	if sys.Code != "" {
		v.CardURL = origin(s.r) + c.URL("card", sys.Code)
	}
	return v
}

func refs(all []ui.ClauseRef) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = x.Ref
	}
	return out
}

// signed is one place of the block: the newest signature in it, whatever became
// of it.
func (s *reading) signed(p approve.Place) report.PaperSign {
	c := s.r.C
	v := report.PaperSign{Place: show.Role(c, p.Code), State: c.T("approval.waiting")}
	if !p.Needed {
		v.State = c.T("approval.optional")
	}
	var newest *store.Object[approve.Approval]
	for i, a := range s.d.Approvals {
		if a.Doc.Role == p.Code && (newest == nil || a.Doc.GivenAt.After(newest.Doc.GivenAt)) {
			newest = &s.d.Approvals[i]
		}
	}
	if newest == nil {
		return v
	}
	d := newest.Doc
	v.Person, v.At, v.Method, v.Hash, v.Remark = s.names.Name(c, d.Person), c.DateTime(d.GivenAt), s.method(d.Method), d.ContentHash, d.Remark
	v.State = s.given(*newest).Mark.Word
	return v
}

// method is how somebody was known who signed.
func (s *reading) method(code string) string {
	key := "approval.method." + strings.ReplaceAll(code, "+", "_")
	if code != "" && s.r.C.Has(key) {
		return s.r.C.T(key)
	}
	return code
}

// origin is scheme and host under which the reader reached the page.
func origin(r *page.Request) string {
	if r.Secure() {
		return "https://" + r.R.Host
	}
	return "http://" + r.R.Host
}
