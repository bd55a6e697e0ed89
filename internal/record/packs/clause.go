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
	Until  time.Time
	Source string // the act or edition
	Status string // why it is uncertain: uncertain, secondary_source, unconfirmed …; empty: certain
	// Change is the effect of a later act on it: changed, new, deleted, extended,
	// date_changed, data_reduced, grace_period; empty: unchanged.
	Change   string
	Duty     []string // operator roles that owe it
	Risk     string   // risk class that triggers it: high, transparency, all
	Fine     string   // clause id of the fine
	Levels   []int    // IEC 62443 security levels that demand it
	Keep     int      // months to keep what it demands
	Deadline int      // days

	short text.Bi
}

// Short is the way to cite the clause on a page: "KI-VO Art. 14(1)",
// "42001 A.6.2.5", "ZTA-05", "IEC 62443 SR 5.2", "BetrVG § 87(1) Nr. 6".
func (c Clause) Short(lang text.Lang) string { return c.short.In(lang) }

// InForce reports whether the clause is valid at the given time.
func (c Clause) InForce(at time.Time) bool { return within(at, c.From, c.Until) }

// within reports whether at lies in the half-open span; zero bounds are open.
func within(at, from, until time.Time) bool {
	return (from.IsZero() || !at.Before(from)) && (until.IsZero() || at.Before(until))
}
