package record

import (
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// ZoneLevel is the security level of one zone (IEC 62443-3-2, -3-3): what is
// aimed at (SL-T), what its components can do (SL-C) and what is achieved in
// operation (SL-A). It stands for itself: no risk class follows from it, and it
// from none.
type ZoneLevel struct {
	Zone     string                 `json:"zone" store:"index,search,required,unique,max=120"` // as systems name it
	Target   classify.SecurityLevel `json:"target" store:"index,required"`
	Capable  classify.SecurityLevel `json:"capable" store:"index"`  // empty: not known
	Achieved classify.SecurityLevel `json:"achieved" store:"index"` // empty: not assessed
	Reason   string                 `json:"reason" store:"long,max=2000"`
	Owner    string                 `json:"owner" store:"ref=person,index"`
	Date     time.Time              `json:"date" store:"index"`      // of the assessment
	ReviewBy time.Time              `json:"review_by" store:"index"` // of the next one
}

// Title names the zone in lists and links.
func (z *ZoneLevel) Title() string { return z.Zone }

// Validate: what was achieved was assessed on a day, and nothing achieves more
// than its components can do.
func (z *ZoneLevel) Validate() error {
	var c problem.Checks
	c.Field(z.Achieved == "" || !z.Date.IsZero(), "date", "Wann wurde das erreichte Niveau beurteilt?", "When was the achieved level assessed?")
	c.Field(z.Achieved == "" || z.Capable == "" || steps(z.Achieved) <= steps(z.Capable), "achieved",
		"Erreicht ist höchstens, was die Bauteile können.", "At most what the components can do is achieved.")
	return c.Err()
}

// Gap is how many levels the achieved one lies below the target; known is false
// while nobody assessed it.
func (z *ZoneLevel) Gap() (levels int, known bool) {
	if z.Achieved == "" {
		return 0, false
	}
	return max(0, steps(z.Target)-steps(z.Achieved)), true
}

func steps(l classify.SecurityLevel) int {
	return slices.Index(classify.SecurityLevel("").Values(), string(l))
}

// Zones is the kind of security levels of zones.
func Zones() *store.Kind[ZoneLevel] { return store.NewKind[ZoneLevel]("zone_level", "znl") }
