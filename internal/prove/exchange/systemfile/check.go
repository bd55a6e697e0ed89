package systemfile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Codes of findings.
const (
	FindMissing      = "missing"      // the register still wants to know something
	FindHash         = "hash"         // the bytes of a model are not those that the file names
	FindOverdue      = "overdue"      // the review is overdue
	FindUnregistered = "unregistered" // the file was not applied yet
	FindDiffers      = "differs"      // register and file say different things
	FindPermit       = "permit"       // the system has no valid permit
	FindModel        = "model"        // the permit does not cover this model
)

// Finding is one problem of a file, on its own or against the register.
type Finding struct {
	Line  int     `json:"line"`
	Field string  `json:"field"`
	Code  string  `json:"code"`
	Say   text.Bi `json:"say"`
	Hint  text.Bi `json:"hint,omitzero"`
}

// Check lists the problems of a file, for a build pipeline: entries that are
// missing, a model whose bytes are not those that the file names, a review that is
// overdue; and with a house: a register that says otherwise, a permit that does
// not hold or does not cover the model as it is. None is a good answer. h is nil
// where there is no organisation.
func Check(ctx context.Context, h *House, f File, now time.Time) ([]Finding, error) {
	out := f.alone(now)
	if h == nil {
		return out, nil
	}
	more, err := f.against(ctx, *h)
	return append(out, more...), err
}

func (f *File) finding(field, code, de, en string, args ...any) Finding {
	return Finding{Line: f.line(field), Field: field, Code: code, Say: text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}}
}

// alone is what shows in the file without a register.
func (f *File) alone(now time.Time) []Finding {
	var out []Finding
	s := f.onto(inventory.System{})
	s.RiskOwner = f.doc.Owner.S
	for _, path := range s.Missing() {
		field := fileField(path)
		x := f.finding(field, FindMissing, "%s fehlt.", "%s is missing.", field)
		x.Line = f.doc.At.Line
		out = append(out, x)
	}
	if f.doc.People.S == "" {
		x := f.finding("people", FindMissing, "people fehlt: Betrifft oder bewertet das System Menschen?", "people is missing: does the system affect or rate people?")
		x.Line = f.doc.At.Line
		out = append(out, x)
	}
	if !s.ReviewBy.IsZero() && !now.Before(s.ReviewBy.AddDate(0, 0, 1)) {
		out = append(out, f.finding("review_by", FindOverdue, "Die Überprüfung war bis %s fällig.", "The review was due by %s.", day(s.ReviewBy)))
	}
	for i, m := range f.doc.Models {
		sum := f.sums[i]
		switch {
		case sum.hash() == "":
			out = append(out, f.finding(fmt.Sprintf("models.%d.name", i), FindMissing, "Das Modell „%s“ hat weder hash noch hash_of.", "The model '%s' has neither hash nor hash_of.", m.Name.S))
		case sum.said != "" && sum.computed != "" && sum.said != sum.computed:
			out = append(out, f.finding(fmt.Sprintf("models.%d.hash", i), FindHash, "Die Datei „%s“ hat die Prüfsumme %s, nicht %s.", "The file '%s' has the hash %s, not %s.", m.HashOf.S, sum.computed, sum.said))
		}
	}
	return out
}

// against holds the file against register and permit.
func (f *File) against(ctx context.Context, h House) ([]Finding, error) {
	d, err := plan(ctx, h, h.DB, *f)
	var p *problem.Problem
	if problem.Is(err, problem.BadInput) {
		p = problem.From(err)
		var out []Finding
		for _, x := range p.Fields {
			line := 1
			if _, err := fmt.Sscanf(strings.TrimPrefix(x.Path, f.Name+":"), "%d", &line); err != nil {
				line = 1
			}
			out = append(out, Finding{Line: line, Code: FindDiffers, Say: x.Say})
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if d.New {
		x := f.finding("key", FindUnregistered, "„%s“ ist noch nicht im Register.", "'%s' is not in the register yet.", f.Key)
		x.Hint = text.Bi{DE: "Bitte die Datei mit „augenmass apply“ übernehmen und die Erlaubnis einholen.", EN: "Please apply the file with 'augenmass apply' and obtain the permit."}
		return []Finding{x}, nil
	}
	var out []Finding
	for _, c := range d.Changes {
		out = append(out, f.finding(c.Field, FindDiffers, "%s: Im Register steht „%s“, in der Datei „%s“.", "%s: the register says '%s', the file '%s'.", c.Field, c.Old, c.New))
	}
	for i, m := range d.Models {
		for _, c := range m.Changes {
			field := fmt.Sprintf("models.%d.%s", i, c.Field)
			if m.New && c.Field != "version" {
				continue
			}
			out = append(out, f.finding(field, FindDiffers, "%s: Im Register steht „%s“, in der Datei „%s“.", "%s: the register says '%s', the file '%s'.", m.Name+" "+c.Field, c.Old, c.New))
		}
	}
	more, err := f.permitted(ctx, h, d)
	return append(out, more...), err
}

// permitted holds the models of the file against the permit.
func (f *File) permitted(ctx context.Context, h House, d draft) ([]Finding, error) {
	p, err := h.Permit(ctx, h.DB, d.System)
	if problem.Is(err, problem.NotFound) {
		return []Finding{f.finding("key", FindPermit, "Das System hat keine Betriebserlaubnis.", "The system has no operating permit.")}, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Finding
	switch {
	case p.State != permit.Valid && len(p.Lapses) > 0:
		l := p.Lapses[0]
		x := f.finding("key", FindPermit, "Die Betriebserlaubnis gilt nicht: %s", "The operating permit does not hold: %s", "")
		x.Say = text.Bi{DE: x.Say.DE + l.Say.DE, EN: x.Say.EN + l.Say.EN}
		out = append(out, x)
	case p.State != permit.Valid:
		out = append(out, f.finding("key", FindPermit, "Die Betriebserlaubnis gilt nicht.", "The operating permit does not hold."))
	case !p.ValidUntil.IsZero() && !h.Now().Before(p.ValidUntil):
		out = append(out, f.finding("key", FindPermit, "Die Betriebserlaubnis ist am %s abgelaufen.", "The operating permit expired on %s.", day(p.ValidUntil)))
	}
	for i, m := range f.doc.Models {
		covered, ok := p.Model(m.Name.S)
		if ok && covered.Version == m.Version.S && (f.sums[i].hash() == "" || covered.Hash == f.sums[i].hash()) {
			continue
		}
		field := fmt.Sprintf("models.%d.version", i)
		if !ok {
			out = append(out, f.finding(field, FindModel, "Die Betriebserlaubnis gilt nicht für das Modell „%s“.", "The operating permit does not cover the model '%s'.", m.Name.S))
			continue
		}
		out = append(out, f.finding(field, FindModel, "Die Betriebserlaubnis gilt für „%s“ %s (%s), nicht für %s.", "The operating permit covers '%s' %s (%s), not %s.",
			m.Name.S, covered.Version, short(covered.Hash), m.Version.S+" ("+short(f.sums[i].hash())+")"))
	}
	return out, nil
}

// short is the beginning of a checksum.
func short(hash string) string {
	hash = strings.TrimPrefix(hash, "sha256:")
	return hash[:min(12, len(hash))]
}
