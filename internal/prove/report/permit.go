package report

import (
	"io"
	"strings"
	"time"

	"rsc.io/qr"
)

// Paper is an operating permit for the notice board and the folder: what its
// page shows, in one language, with a block for the signatures (requirement
// 001-02). Whoever fills it has put everything into words.
type Paper struct {
	System     string // name of the AI system
	State      string // in words: "gültig"
	Meaning    string // one sentence for the state
	Number     string // BE-2026-0007 · Version 3; empty before the first
	Facts      [][2]string
	Conditions []Clausal
	Lapses     []Clausal // why it is off; empty when it is valid
	Slots      []PaperSlot
	CardURL    string // absolute address of the public card; empty: no code
	FactsHash  string // sha256:… over the facts it was compiled from
	Content    string // sha256:… of the dossier that the signatures cover
}

// Clausal is a sentence with the clauses that it rests on. More stands below it.
type Clausal struct {
	Text    string
	More    string
	Clauses []string
}

// PaperSlot is one of the three slots of the block of signatures.
type PaperSlot struct {
	Title string
	Note  string // what is said of an empty slot
	Signs []PaperSign
}

// PaperSign is one place in a slot; without a person it is a line to sign on.
type PaperSign struct {
	Place  string
	Person string
	At     string
	Method string
	State  string // counts, for an earlier state, withdrawn, waiting
	Hash   string // of the content that was signed
	Remark string
}

// PDF writes the permit on A4, portrait: state, number and code on top, then
// facts, what stands against it, conditions with their clauses, signatures. The
// same paper of the same day gives the same bytes.
func (v Paper) PDF(f Frame, w io.Writer) error {
	f.At = f.At.UTC().Truncate(24 * time.Hour)
	d, err := newDocument(f, "permit", "report.permit")
	if err != nil {
		return err
	}
	d.Title += ": " + v.System
	s := d.begin("P")
	s.head(v)
	s.facts(v.Facts)
	if len(v.Lapses) > 0 {
		s.section(d.t("report.permit.lapses"))
		s.clausal(v.Lapses)
	}
	s.section(d.t("report.permit.conditions"))
	s.clausal(v.Conditions)
	s.signatures(v)
	s.Ln(2)
	s.mono(d.t("report.permit.facts"), v.FactsHash)
	return s.Output(w)
}

// side is the edge of the code in millimetres: it is read from an arm's length.
const side = 30.0

// head is what one sees from afar: name, state in words, number, and the code
// that leads to the public card.
func (s sheet) head(v Paper) {
	wide, _ := s.GetPageSize()
	top, right := s.GetY(), margin
	if v.CardURL != "" && s.code(v.CardURL, wide-margin-side, top) {
		right += side + 6
	}
	s.SetRightMargin(right)
	s.line("", textSize, s.d.Organisation)
	s.Ln(1)
	s.line("B", titleSize+3, s.d.t("report.permit"))
	s.line("B", headSize+1, v.System)
	s.Ln(1)
	if v.Number != "" {
		s.line("", headSize, v.Number)
	}
	s.Ln(1)
	s.SetFont(font, "B", headSize)
	word := readable(strings.ToUpper(v.State))
	s.CellFormat(s.GetStringWidth(word)+8, 8, word, "1", 1, "C", false, 0, "")
	s.Ln(1)
	s.line("", textSize, v.Meaning)
	s.line("", textSize, s.d.t("report.of", "organisation", s.d.Organisation, "day", s.d.At))
	s.SetRightMargin(margin)
	if right > margin {
		s.SetY(max(s.GetY(), top+side+2))
		s.SetFont(font, "", footSize)
		s.CellFormat(0, rowLine, readable(s.d.t("report.permit.card", "url", v.CardURL)), "", 1, "R", false, 0, v.CardURL)
	}
	s.Ln(2)
}

// code draws an address as squares, run by run, and reports whether it could.
func (s sheet) code(url string, x, y float64) bool {
	c, err := qr.Encode(url, qr.M)
	if err != nil {
		return false // an address too long for a code is printed as text alone
	}
	const quiet = 4 // modules of white around it
	unit := side / float64(c.Size+2*quiet)
	s.SetFillColor(0, 0, 0)
	for row := range c.Size {
		for col := 0; col < c.Size; {
			run := 0
			for col+run < c.Size && c.Black(col+run, row) {
				run++
			}
			if run == 0 {
				col++
				continue
			}
			s.Rect(x+float64(quiet+col)*unit, y+float64(quiet+row)*unit, float64(run)*unit, unit, "F")
			col += run
		}
	}
	return true
}

func (s sheet) section(title string) {
	s.Ln(3)
	s.keep(25)
	s.line("B", headSize, title)
	s.Ln(1)
}

// facts are terms and values, a line each.
func (s sheet) facts(all [][2]string) {
	t := Table{Columns: []Column{{s.d.t("report.permit.term"), 30, true}, {s.d.t("report.permit.value"), 70, true}}}
	for _, f := range all {
		t.Rows = append(t.Rows, cells(f[0], f[1]))
	}
	s.table(&t)
}

// clausal are numbered sentences with their clauses.
func (s sheet) clausal(all []Clausal) {
	t := Table{Columns: []Column{{s.d.t("report.permit.no"), 6, true}, {s.d.t("report.permit.says"), 64, true}, {s.d.t("report.permit.clauses"), 30, true}}}
	for i, c := range all {
		says := c.Text
		if c.More != "" {
			says += "\n" + c.More
		}
		t.Rows = append(t.Rows, cells(s.d.t("report.number", "n", i+1), says, strings.Join(c.Clauses, "\n")))
	}
	s.table(&t)
}

// signatures is the block of three slots: who signed when, by which method, for
// which content; and a line where a signature is still missing.
func (s sheet) signatures(v Paper) {
	s.section(s.d.t("report.permit.signatures"))
	s.line("", textSize, s.d.t("report.permit.block"))
	s.mono(s.d.t("report.permit.content"), v.Content)
	s.Ln(1)
	t := Table{Columns: []Column{{s.d.t("report.permit.place"), 30, true}, {s.d.t("report.permit.who"), 34, true}, {s.d.t("report.permit.hash"), 36, true}}}
	for _, slot := range v.Slots {
		if len(slot.Signs) == 0 {
			t.Rows = append(t.Rows, cells(slot.Title, slot.Note, ""))
		}
		for _, x := range slot.Signs {
			who := []string{x.State}
			if x.Person != "" {
				who = []string{x.Person, x.At, x.Method, x.State}
			} else {
				who = append(who, "", s.d.t("report.permit.line"))
			}
			if x.Remark != "" {
				who = append(who, s.d.t("report.permit.remark", "text", x.Remark))
			}
			t.Rows = append(t.Rows, cells(slot.Title+"\n"+x.Place, strings.Join(filled(who), "\n"), halves(x.Hash)))
		}
	}
	s.table(&t)
}

// filled leaves out what is missing at the end of a line of facts, but keeps
// the room above a line to sign on.
func filled(lines []string) []string {
	out := []string{}
	for i, l := range lines {
		if l != "" || i == 1 {
			out = append(out, l)
		}
	}
	return out
}

// halves breaks a hash in two lines, so that it fits a column.
func halves(hash string) string {
	if algorithm, digits, ok := strings.Cut(hash, ":"); ok && len(digits) > 32 {
		return algorithm + "\n" + digits[:len(digits)/2] + "\n" + digits[len(digits)/2:]
	}
	return hash
}

// mono is a fingerprint behind its name.
func (s sheet) mono(name, value string) {
	if value != "" {
		s.line("", footSize, name+": "+value)
	}
}
