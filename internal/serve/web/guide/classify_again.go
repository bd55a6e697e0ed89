package guide

import (
	"augenmass/internal/govern/classify"
	"augenmass/internal/permit"
	"augenmass/internal/serve/web/ui"
)

// again says why a saved result has to be looked at once more, as the permit knows
// it, and lets the reader confirm it as it is: what it rests on is noted anew, and
// its year begins again. Where the rules read the answers otherwise by now, or
// something is open, the answers have to be gone through instead.
func (s *classifying) again(v *outcomeView) {
	c, d := s.r.C, s.have.Doc
	if p, ok := s.r.Org.Point.Permit(s.sys.ID); ok && v.Stale == "" {
		for _, l := range p.At(c.Now).Lapses {
			if l.Code == permit.DemandReclassify || l.Code == permit.LapseClassExpired {
				v.Stale = c.In(l.Say)
				break
			}
		}
	}
	if d.Unclear() || s.res.Unclear() || s.res.Next != nil || s.res.Class != d.ByRules || d.Verdict != "" && d.Verdict != s.verdict || d.ByRules == classify.ClassNone {
		return
	}
	f := ui.Form{C: c, ID: "again", Prefix: "guide.form.", Action: s.r.Base + s.path("/save"), Hidden: s.hidden(), Submit: c.T("guide.again.submit")}
	if d.Class != d.ByRules {
		f.Hidden["class"], f.Hidden["confirmed"], f.Hidden["reason"] = d.Class, d.Class, d.Reason
	}
	v.Again = &f
}
