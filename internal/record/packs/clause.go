package packs

import (
	"time"

	"augenmass/internal/text"
)

// Clause is one citable place of a law, a standard or a catalogue, in our own
// words. Texts of protected standards are never held.
type Clause struct {
	ID     string
	Pack   string
	Group  string // section of the pack, such as "prohibited_practices"
	Parent string // id of the clause above it; empty at the top
	Ref    string // place in the source, such as "Art. 14(1)" or "SR 5.2 RE 1"
	Title  text.Bi
	Text   text.Bi // may be empty in both languages: then the title says it all
	Note   text.Bi // how to read it; may be empty
	From   time.Time
	// FromAnnex1 is the start for systems that are high-risk through product law
	// (AI Act Art. 6(1), Annex I), where it differs from From; zero otherwise.
	FromAnnex1 time.Time
	// FromLegacy is the start for systems that were in use before From (AI Act
	// Art. 111(4)), where the law gives them a later day; zero otherwise.
	FromLegacy time.Time
	Until      time.Time
	Source     string // the act or edition, where it is not the pack's
	Status     string // why it is uncertain (see Statuses); empty: no doubt recorded
	// Change is the effect of Regulation (EU) 2026/1744 on it: changed, new,
	// deleted, extended, date_changed, data_reduced, grace_period; empty: unchanged.
	Change  string
	Duty    []string // operator roles that owe it
	Risk    string   // what triggers it: high, transparency, all
	Fine    string   // clause id of the fine
	Related []string // clause ids that ask for much the same; our own mapping
	Levels  []int    // IEC 62443 security levels that demand it
	// LevelsStatus is Unconfirmed where Levels were not checked at the source.
	LevelsStatus string
	Relevance    string        // for an industrial SME, our assessment: high, check, low, none
	Right        string        // of the works council: codetermination, consent, consultation, information …
	Keep         int           // months to keep what it demands; 0: no span of its own
	Deadline     time.Duration // from knowledge of the event; 0: none
	// Markets and Sectors say where it counts, in lower-case words such as "eu",
	// "de" or "machinery"; empty: everywhere. A clause counts for a system if it
	// meets both.
	Markets, Sectors []string

	short text.Bi
}

// The reasons for which a clause may be uncertain. Pages show them.
const (
	Uncertain       = "uncertain"        // not confirmed at the day of the pack
	SecondarySource = "secondary_source" // not read at the source
	Interpretation  = "interpretation"   // a reading of ours that others may not share
	Unconfirmed     = "unconfirmed"      // from working knowledge, not checked
)

// Statuses are all reasons; a clause without one has no doubt recorded.
var Statuses = []string{Uncertain, SecondarySource, Interpretation, Unconfirmed}

// Short is the way to cite the clause on a page: "KI-VO Art. 14(1)",
// "42001 A.6.2.5", "ZTA-05", "IEC 62443 SR 5.2", "BetrVG § 87(1) Nr. 6".
func (c Clause) Short(lang text.Lang) string { return c.short.In(lang) }

// InForce reports whether the clause is valid at the given time.
func (c Clause) InForce(at time.Time) bool { return within(at, c.From, c.Until) }

// within reports whether at lies in the half-open span; zero bounds are open.
func within(at, from, until time.Time) bool {
	return (from.IsZero() || !at.Before(from)) && (until.IsZero() || at.Before(until))
}

// ordered reports whether a span ends after it begins.
func ordered(from, until time.Time) bool { return until.IsZero() || from.Before(until) }
