// Package risk is the register of risks of AI systems: what could go wrong, whom
// or what it could harm (four kinds of impact, the availability of the plant among
// them, requirement 001-06), how likely and how grave that is before and after
// treatment, by which measures it is treated, who accepted what is left and until
// when, and when it is looked at again (requirements 001-60, 001-61, 000-34).
//
//	room.Assess(ctx, id, revision, ratings)   // how likely, how grave, and why
//	room.Treat(ctx, id, revision, treatment)  // what is done, and what is left
//	room.Propose(ctx, id, proposal)           // the owner asks for acceptance
//	room.Decide(ctx, acceptance, …)           // another person, a director, signs
//	room.Review(ctx, id, revision, …)         // once a year at the latest
//
// Rules that hold everywhere here: the highest impact decides, never a sum or a
// mean; a high rating has its reasons in sentences; a rating after treatment that
// is better than before names the measures it owes that to; who accepts is neither
// who proposed nor who owns the risk; what was accepted is bound to the ratings as
// they were, and ends after a year at the latest.
//
// Beside the register stands what is measured (Watch): metrics with limit and
// interval, their readings, and the checks for bias and for wrong decisions that a
// system had (requirements 000-18, 000-31, 004-03). Both are sources of stand: a
// grave residual risk that nobody accepted, an overdue review, a missing check for
// bias where people are rated, and a measurement that is overdue or beyond its
// limit keep a system from its permit.
//
// It leaves the words of the matrix and the library of risks to the packs
// (record/packs/hazard), questions about one system to govern/assess, and what
// follows for a permit to the permit.
package risk

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Impact is what a risk could harm.
type Impact string

// The four kinds of impact.
const (
	Safety       Impact = "operational_safety" // people and machines in operation
	Privacy      Impact = "privacy"            // personal data
	Rights       Impact = "fundamental_rights" // people's rights beyond their data
	Availability Impact = "ot_availability"    // that the plant runs and can be stopped
)

// Values lists the kinds of impact.
func (Impact) Values() []string {
	return []string{string(Safety), string(Privacy), string(Rights), string(Availability)}
}

// Treatment is what is done about a risk (ISO/IEC 42001 6.1.3; the four options
// of ISO 31000 in one word each).
type Treatment string

// The four treatments; empty while nobody decided.
const (
	Avoid  Treatment = "avoid"  // the use is given up
	Reduce Treatment = "reduce" // measures make it less likely or less grave
	Share  Treatment = "share"  // a contract or an insurance carries a part
	Accept Treatment = "accept" // nothing is done, for a reason
)

// Values lists the treatments.
func (Treatment) Values() []string {
	return []string{string(Avoid), string(Reduce), string(Share), string(Accept)}
}

// Risk is something that could go wrong.
type Risk struct {
	Name    string   `json:"name" store:"index,search,required,max=200"`
	System  string   `json:"system" store:"ref=system"` // empty: of the organisation as a whole
	Impacts []Impact `json:"impacts" store:"index,required,max=4"`
	Cause   string   `json:"cause" store:"search,long,max=4000"`
	Effect  string   `json:"effect" store:"search,long,max=4000"`
	Owner   string   `json:"owner" store:"ref=person"` // who looks after it

	Hazard          string    `json:"hazard" store:"index,max=80"` // entry of the library it came from; empty: own
	Before          []Rating  `json:"before"`                      // as it is without measures, one a kind of impact
	Treatment       Treatment `json:"treatment" store:"index"`
	TreatmentReason string    `json:"treatment_reason" store:"search,long,max=4000"`
	Measures        []string  `json:"measures" store:"ref=measure,max=40"`
	After           []Rating  `json:"after"` // what is left; where a kind of impact is missing, the rating before counts
	Basis           Basis     `json:"basis"` // of the system, when it was last looked at
	ReviewedAt      time.Time `json:"reviewed_at"`
	ReviewBy        time.Time `json:"review_by" store:"index"` // zero: a year after it was looked at
	ReviewNote      string    `json:"review_note" store:"search,long,max=4000"`
}

// Rating is how likely and how grave one kind of impact is, with the reason for
// each of the two cells (requirement 001-61).
type Rating struct {
	Impact           Impact `json:"impact" store:"required"`
	Likelihood       int    `json:"likelihood" store:"required,min=1,max=5"`
	LikelihoodReason string `json:"likelihood_reason" store:"long,max=2000"`
	Severity         int    `json:"severity" store:"required,min=1,max=5"`
	SeverityReason   string `json:"severity_reason" store:"long,max=2000"`
}

// Level is the field of the matrix that the rating lies in.
func (r Rating) Level() Level { return LevelOf(r.Likelihood, r.Severity) }

// Basis is what the ratings of a risk rest on, as check values: when one of them
// is another, the risk is to be looked at again (review triggers). Empty values
// are not compared.
type Basis struct {
	Purpose string `json:"purpose" store:"max=16"`
	Data    string `json:"data" store:"max=16"`
	Model   string `json:"model" store:"max=16"`
}

// Title names the risk in lists and links.
func (r *Risk) Title() string { return r.Name }

// Validate refuses kinds of impact and ratings that are named twice or do not
// belong to the risk, high ratings without their reasons (requirement 001-61),
// and a residual rating that is better than before for no reason.
func (r *Risk) Validate() error {
	var c problem.Checks
	seen := map[Impact]bool{}
	for _, i := range r.Impacts {
		c.Field(!seen[i], "impacts", "Eine Art von Auswirkung steht doppelt.", "A kind of impact is named twice.")
		seen[i] = true
	}
	r.checkRatings(&c, "before", r.Before)
	r.checkRatings(&c, "after", r.After)
	c.Field(r.Treatment == "" || sentence(r.TreatmentReason), "treatment_reason",
		"Warum wird das Risiko so behandelt? Bitte in einem Satz.", "Why is the risk treated like this? Please in one sentence.")
	c.Field(r.Treatment != Reduce || len(r.Measures) > 0, "measures",
		"„Vermindern“ nennt mindestens eine Maßnahme.", "'Reduce' names at least one measure.")
	c.Field(len(r.After) == 0 || r.Treatment != "", "treatment",
		"Ein Restrisiko gibt es erst, wenn die Behandlung feststeht.", "There is a residual risk only once the treatment is decided.")
	if r.Treatment == Accept {
		c.Field(!r.better(), "after", "Wer ein Risiko nur annimmt, lässt es, wie es ist.", "Who only accepts a risk leaves it as it is.")
	}
	c.Field(r.ReviewBy.IsZero() || r.ReviewedAt.IsZero() || !r.ReviewBy.After(r.ReviewedAt.AddDate(1, 0, 1)), "review_by",
		"Die nächste Überprüfung liegt höchstens ein Jahr nach der letzten.", "The next review is at most a year after the last.")
	return c.Err()
}

func (r *Risk) checkRatings(c *problem.Checks, name string, all []Rating) {
	seen := map[Impact]bool{}
	for i, x := range all {
		at := name + "." + itoa(i)
		c.Field(slices.Contains(r.Impacts, x.Impact) && !seen[x.Impact], at+".impact",
			"Diese Art von Auswirkung gehört nicht zum Risiko oder steht doppelt.", "This kind of impact does not belong to the risk or is there twice.")
		seen[x.Impact] = true
		if name == "after" {
			_, ok := of(r.Before, x.Impact)
			c.Field(ok, at+".impact", "Vor dem Restrisiko steht die Bewertung ohne Maßnahmen.", "Before the residual risk comes the rating without measures.")
		}
		grave := x.Level().Grave()
		c.Field(!grave && x.Likelihood < 4 || sentence(x.LikelihoodReason), at+".likelihood_reason",
			"Eine hohe Bewertung braucht eine Begründung der Wahrscheinlichkeit, in einem Satz.", "A high rating needs a reason for the likelihood, in one sentence.")
		c.Field(!grave && x.Severity < 4 || sentence(x.SeverityReason), at+".severity_reason",
			"Eine hohe Bewertung braucht eine Begründung der Schwere, in einem Satz.", "A high rating needs a reason for the severity, in one sentence.")
	}
}

// better reports whether some rating after treatment is lower than before.
func (r *Risk) better() bool {
	for _, a := range r.After {
		if b, ok := of(r.Before, a.Impact); ok && (a.Likelihood < b.Likelihood || a.Severity < b.Severity) {
			return true
		}
	}
	return false
}

// Rated reports whether every kind of impact has a rating.
func (r *Risk) Rated() bool {
	return len(r.Impacts) > 0 && !slices.ContainsFunc(r.Impacts, func(i Impact) bool { _, ok := of(r.Before, i); return !ok })
}

// Initial is the highest level before treatment; Unrated where a rating is missing
// and none of the others is higher than High.
func (r *Risk) Initial() Level { return highest(r.Impacts, r.Before, nil) }

// Residual is the highest level after treatment. Where a kind of impact was not
// rated again, its rating before counts.
func (r *Risk) Residual() Level { return highest(r.Impacts, r.After, r.Before) }

// Left is the residual rating of a kind of impact, or the one before.
func (r *Risk) Left(i Impact) (Rating, bool) {
	if x, ok := of(r.After, i); ok {
		return x, true
	}
	return of(r.Before, i)
}

// Due is when the risk is to be looked at again: ReviewBy, and a year after it was
// looked at last, or made, at the latest.
func Due(o store.Object[Risk]) time.Time {
	from := o.Doc.ReviewedAt
	if from.IsZero() {
		from = o.CreatedAt
	}
	latest := from.AddDate(1, 0, 0)
	if by := o.Doc.ReviewBy; !by.IsZero() && by.Before(latest) {
		return by
	}
	return latest
}

// Risks is the kind of risks.
func Risks() *store.Kind[Risk] { return store.NewKind[Risk]("risk", "rsk") }

func of(all []Rating, i Impact) (Rating, bool) {
	at := slices.IndexFunc(all, func(x Rating) bool { return x.Impact == i })
	if at < 0 {
		return Rating{}, false
	}
	return all[at], true
}

// sentence reports whether s is at least one short sentence.
func sentence(s string) bool {
	s = strings.TrimSpace(s)
	return len([]rune(s)) >= 15 && strings.Contains(s, " ")
}
