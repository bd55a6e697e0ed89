package packs

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// CitationRule is what is known about citing one place: where it is right, where
// it is meant otherwise, and what to cite instead (001-64). What follows from
// the references of a requirement alone needs no rule.
type CitationRule struct {
	ID    string
	Pack  string
	About string // requirement in which it is cited; empty: anywhere
	// Cites are places in the spelling of clause ids; they need not exist, as a
	// wrong one often does not. A range is "iec.sr.5.1..iec.sr.5.7", several at
	// once "csf.DE+csf.RS".
	Cites   []string
	Said    []string // the rule speaks where one of these words stands beside it; empty: always
	Verdict string   // one of CitationVerdicts
	Why     text.Bi
	Correct text.Bi  // what to cite instead, in words
	Clauses []string // ids of the correct clauses
	IfHigh  []string // ids of those that count for high-risk systems only
}

// CitationVerdicts are the verdicts that a rule may give.
var CitationVerdicts = []string{"right", "imprecise", "wrong", "unverifiable"}

// CitationRules returns all rules in the order of the packs.
func (l *Library) CitationRules() []CitationRule { return slices.Clone(l.citations) }

// Complete returns the beginnings of clause ids below which the packs hold every
// place that the source has, such as "iec.sr". What is not held there does not
// exist; elsewhere it may.
func (l *Library) Complete() []string { return slices.Clone(l.complete) }

// citationsDoc is a pack of kind citations.
type citationsDoc struct {
	head
	Complete []form.Word   `pack:"complete"`
	Items    []citationDoc `pack:"items,required"`
}

type citationDoc struct {
	ID      form.Word   `pack:"id,required"`
	About   form.Word   `pack:"about"`
	Cites   []form.Word `pack:"cites,required"`
	Said    []form.Word `pack:"said"`
	Verdict form.Word   `pack:"verdict,required"`
	Why     text.Bi     `pack:"why,required"`
	Correct text.Bi     `pack:"correct,same"`
	Clauses []form.Word `pack:"clauses"`
	IfHigh  []form.Word `pack:"if_high"`
}

// citationRules takes over what is known about citing.
func (l *loading) citationRules(doc citationsDoc) {
	for _, c := range doc.Items {
		if !l.claim(c.ID) {
			continue
		}
		if c.Verdict.S != "" && !slices.Contains(CitationVerdicts, c.Verdict.S) {
			l.bad.Add(c.Verdict.At, "unbekanntes Urteil %q", "unknown verdict %q", c.Verdict.S)
		}
		if len(c.Cites) == 0 {
			l.bad.Add(c.ID.At, "%q nennt keine Fundstelle", "%q names no place", c.ID.S)
		}
		if c.About.S != "" {
			l.Clauses(c.About)
		}
		l.lib.citations = append(l.lib.citations, CitationRule{
			ID: c.ID.S, Pack: doc.ID.S, About: c.About.S, Cites: form.Words(c.Cites), Said: form.Words(c.Said), Verdict: c.Verdict.S,
			Why: c.Why, Correct: c.Correct, Clauses: l.Clauses(c.Clauses...), IfHigh: l.Clauses(c.IfHigh...),
		})
	}
	l.lib.complete = append(l.lib.complete, form.Words(doc.Complete)...)
	l.info(doc.head, len(doc.Items))
}
