// Package hazard holds the risk library of packs: what can go wrong with AI in a
// firm, why and with what effect, how one looks whether it did, how often, and
// which controls stand against it (requirements 000-18, 001-60); and the words of
// the risk matrix: five levels of likelihood, five of severity for each kind of
// impact, four of the result, and the method in short (requirement 000-34).
//
// It reads them from packs of kind hazards and names every defect of their own.
// That every clause cited exists is for package packs; risks that an organisation
// makes of an entry are for govern/risk. Likelihood and severity of an entry are a
// proposal, never a rating.
package hazard

import (
	"slices"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Impacts are the four kinds of impact (requirement 001-06).
var Impacts = []string{"operational_safety", "privacy", "fundamental_rights", "ot_availability"}

// Topics sort the library, in this order. The first two come with checks.
var Topics = []string{"bias", "wrong_decision", "data", "security", "people", "operation", "law"}

// Results are the levels of the matrix, from low to high.
var Results = []string{"low", "medium", "high", "very_high"}

// Steps is how many levels likelihood and severity have.
const Steps = 5

// Hazard is one entry of the library.
type Hazard struct {
	ID                         string
	Pack                       string
	Topic                      string // one of Topics
	Title, Cause, Effect       text.Bi
	Impacts                    []string // of Impacts
	Likelihood, Severity       int      // a proposal, 1 to Steps
	LikelihoodWhy, SeverityWhy text.Bi
	Treatment                  text.Bi // what is usually done
	Checks                     []Check
	Controls                   []string // clauses of standards that stand against it
	Clauses                    []string // law and other clauses that it touches
	Note                       text.Bi  // where it comes from, what was corrected
	Sample                     bool     // delivered as an editable sample (requirement 001-62)
}

// Check is how one looks whether it went wrong, and how often.
type Check struct {
	How   text.Bi
	Every time.Duration // whole days, a year at most
}

// Days is the interval of the check in days.
func (c Check) Days() int { return int(c.Every / (24 * time.Hour)) }

// Scale is the words of the matrix.
type Scale struct {
	Likelihood []Step   // 1 to Steps
	Severity   []Step   // 1 to Steps
	Results    []Result // in the order of Results
	Method     []Method
}

// Step is one level of likelihood or severity.
type Step struct {
	Level int
	Word  text.Bi
	Means text.Bi            // of likelihood
	Of    map[string]text.Bi // of severity: what it means for each kind of impact
}

// Result is one level of the matrix and what follows from it.
type Result struct {
	ID    string
	Word  text.Bi
	Means text.Bi
}

// Method is one step of the method.
type Method struct {
	Title, Text text.Bi
	Clauses     []string
}

// Shelf is what reading needs to know of everything else that lies in packs.
type Shelf interface {
	// Add records a defect; both sentences take the same arguments.
	Add(at form.Place, de, en string, args ...any)
	// Claim takes an id that must be unique among all packs; false if it is not.
	Claim(id form.Word) bool
	// Clauses returns the ids and records them as clauses that must exist.
	Clauses(ids ...form.Word) []string
}

// Doc is a pack of kind hazards, without the head that every pack has.
type Doc struct {
	Scale ScaleDoc    `pack:"scale"`
	Items []HazardDoc `pack:"items,required"`
}

// ScaleDoc is the words of the matrix as an author writes them.
type ScaleDoc struct {
	At         form.Place  `pack:"@"`
	Likelihood []StepDoc   `pack:"likelihood,required"`
	Severity   []StepDoc   `pack:"severity,required"`
	Results    []ResultDoc `pack:"results,required"`
	Method     []MethodDoc `pack:"method,required"`
}

// StepDoc is one level as an author writes it.
type StepDoc struct {
	At    form.Place         `pack:"@"`
	Level int                `pack:"level,required"`
	Word  text.Bi            `pack:"word,required"`
	Means text.Bi            `pack:"means"`
	Of    map[string]text.Bi `pack:"of"`
}

// ResultDoc is one level of the matrix as an author writes it.
type ResultDoc struct {
	ID    form.Word `pack:"id,required"`
	Word  text.Bi   `pack:"word,required"`
	Means text.Bi   `pack:"means,required"`
}

// MethodDoc is one step of the method as an author writes it.
type MethodDoc struct {
	Title   text.Bi     `pack:"title,required"`
	Text    text.Bi     `pack:"text,required"`
	Clauses []form.Word `pack:"clauses"`
}

// HazardDoc is an entry as an author writes it.
type HazardDoc struct {
	At            form.Place  `pack:"@"`
	ID            form.Word   `pack:"id,required"`
	Topic         form.Word   `pack:"topic,required"`
	Title         text.Bi     `pack:"title,required"`
	Cause         text.Bi     `pack:"cause,required"`
	Effect        text.Bi     `pack:"effect,required"`
	Impacts       []form.Word `pack:"impacts,required"`
	Likelihood    int         `pack:"likelihood,required"`
	LikelihoodWhy text.Bi     `pack:"likelihood_why,required"`
	Severity      int         `pack:"severity,required"`
	SeverityWhy   text.Bi     `pack:"severity_why,required"`
	Treatment     text.Bi     `pack:"treatment,required"`
	Checks        []CheckDoc  `pack:"checks,required"`
	Controls      []form.Word `pack:"controls,required"`
	Clauses       []form.Word `pack:"clauses"`
	Note          text.Bi     `pack:"note"`
	Sample        bool        `pack:"sample"`
}

// CheckDoc is a check as an author writes it.
type CheckDoc struct {
	At    form.Place    `pack:"@"`
	How   text.Bi       `pack:"how,required"`
	Every time.Duration `pack:"every,required"`
}

// Read makes hazards of what an author wrote, and the words of the matrix if the
// pack has them.
func Read(pack string, doc Doc, s Shelf) ([]Hazard, *Scale) {
	var all []Hazard
	for _, d := range doc.Items {
		if s.Claim(d.ID) {
			all = append(all, read(pack, d, s))
		}
	}
	if doc.Scale.At.File == "" {
		return all, nil
	}
	scale := readScale(doc.Scale, s)
	return all, &scale
}

func read(pack string, d HazardDoc, s Shelf) Hazard {
	h := Hazard{ID: d.ID.S, Pack: pack, Topic: d.Topic.S, Title: d.Title, Cause: d.Cause, Effect: d.Effect,
		Likelihood: d.Likelihood, LikelihoodWhy: d.LikelihoodWhy, Severity: d.Severity, SeverityWhy: d.SeverityWhy,
		Treatment: d.Treatment, Controls: s.Clauses(d.Controls...), Clauses: s.Clauses(d.Clauses...), Note: d.Note, Sample: d.Sample}
	if !slices.Contains(Topics, d.Topic.S) {
		s.Add(d.Topic.At, "das Thema %q gibt es nicht", "there is no topic %q", d.Topic.S)
	}
	for _, i := range d.Impacts {
		switch {
		case !slices.Contains(Impacts, i.S):
			s.Add(i.At, "die Art von Auswirkung %q gibt es nicht", "there is no kind of impact %q", i.S)
		case slices.Contains(h.Impacts, i.S):
			s.Add(i.At, "die Art von Auswirkung %q steht doppelt", "the kind of impact %q is there twice", i.S)
		default:
			h.Impacts = append(h.Impacts, i.S)
		}
	}
	for _, n := range []int{d.Likelihood, d.Severity} {
		if n < 1 || n > Steps {
			s.Add(d.At, "%q: Wahrscheinlichkeit und Schwere liegen zwischen 1 und %d", "%q: likelihood and severity lie between 1 and %d", d.ID.S, Steps)
		}
	}
	for _, c := range d.Checks {
		const day = 24 * time.Hour
		if c.Every < day || c.Every > 366*day || c.Every%day != 0 {
			s.Add(c.At, "%q: geprüft wird alle 1 bis 366 Tage", "%q: a check happens every 1 to 366 days", d.ID.S)
		}
		h.Checks = append(h.Checks, Check{How: c.How, Every: c.Every})
	}
	return h
}

func readScale(d ScaleDoc, s Shelf) Scale {
	var out Scale
	for _, x := range []struct {
		from []StepDoc
		to   *[]Step
		of   bool
	}{{d.Likelihood, &out.Likelihood, false}, {d.Severity, &out.Severity, true}} {
		if len(x.from) != Steps {
			s.Add(d.At, "eine Skala hat %d Stufen, nicht %d", "a scale has %d levels, not %d", Steps, len(x.from))
		}
		for i, st := range x.from {
			if st.Level != i+1 {
				s.Add(st.At, "die Stufen stehen von 1 bis %d der Reihe nach", "levels stand from 1 to %d in order", Steps)
			}
			switch {
			case !x.of && st.Means.IsZero():
				s.Add(st.At, "was Stufe %d bedeutet, fehlt", "what level %d means is missing", st.Level)
			case x.of:
				for _, kind := range Impacts {
					if b, ok := st.Of[kind]; !ok || b.IsZero() {
						s.Add(st.At, "was Stufe %d für %q bedeutet, fehlt", "what level %d means for %q is missing", st.Level, kind)
					}
				}
				for kind := range st.Of {
					if !slices.Contains(Impacts, kind) {
						s.Add(st.At, "die Art von Auswirkung %q gibt es nicht", "there is no kind of impact %q", kind)
					}
				}
			}
			*x.to = append(*x.to, Step{Level: st.Level, Word: st.Word, Means: st.Means, Of: st.Of})
		}
	}
	for i, r := range d.Results {
		if i >= len(Results) || r.ID.S != Results[i] {
			s.Add(r.ID.At, "das Ergebnis %q steht nicht an seiner Stelle", "the result %q is not in its place", r.ID.S)
		}
		out.Results = append(out.Results, Result{ID: r.ID.S, Word: r.Word, Means: r.Means})
	}
	if len(d.Results) != len(Results) {
		s.Add(d.At, "die Matrix hat %d Ergebnisse, nicht %d", "the matrix has %d results, not %d", len(Results), len(d.Results))
	}
	for _, m := range d.Method {
		out.Method = append(out.Method, Method{Title: m.Title, Text: m.Text, Clauses: s.Clauses(m.Clauses...)})
	}
	return out
}

// Book is the entries of all packs in their order, and the words of the matrix.
type Book struct {
	All   []Hazard
	Scale Scale
}

// Clone returns a book that can be added to without touching this one.
func (b Book) Clone() Book { b.All = slices.Clip(b.All); return b }

// Add reads a pack into the book and returns how many entries it has. The words
// of the matrix are there once.
func (b *Book) Add(pack string, doc Doc, s Shelf) int {
	all, scale := Read(pack, doc, s)
	b.All = append(b.All, all...)
	switch {
	case scale == nil:
	case len(b.Scale.Likelihood) > 0:
		s.Add(doc.Scale.At, "die Stufen der Matrix gibt es schon", "the levels of the matrix exist already")
	default:
		b.Scale = *scale
	}
	return len(all)
}

// Hazard returns an entry by its id.
func (b Book) Hazard(id string) (Hazard, bool) {
	i := slices.IndexFunc(b.All, func(h Hazard) bool { return h.ID == id })
	if i < 0 {
		return Hazard{}, false
	}
	return b.All[i], true
}
