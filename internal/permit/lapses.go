package permit

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/text"
)

// Codes of lapses. Their weights order them: what forbids outright comes before
// what somebody withdrew, and that before what is merely missing.
const (
	LapseStopped       = "system.stopped"
	LapseProhibited    = "class.prohibited"
	LapseRetired       = "lifecycle.retired"
	LapseVerdict       = "verdict.unclear"
	LapseClassUnclear  = "class.unclear"
	LapseClassExpired  = "class.expired"
	LapseWithdrawn     = "approval.withdrawn"
	LapseSamePerson    = "approval.same_person"
	LapseStale         = "approval.stale"
	LapseApprovalEnd   = "approval.expired"
	LapseApproval      = "approval.missing"
	LapseAgreement     = "agreement.missing"
	LapseAgreementEnd  = "agreement.expired"
	LapseRedFlag       = "assessment.red_flag"
	LapseAssessment    = "assessment.missing"
	LapseAssessmentEnd = "assessment.expired"
	LapseFinding       = "finding.major"
	LapseOversight     = "oversight.missing"
	LapsePurpose       = "purpose.missing"
	LapseOwner         = "owner.missing"
	LapseDecider       = "decider.missing"
	LapseModel         = "model.missing"
	LapseModelCard     = "model.nocard"
	LapseLimit         = "limit.invalid"
	LapseReviewMissing = "review.missing"
	LapseReviewOverdue = "review.overdue"
	LapseIdea          = "lifecycle.idea"
	LapsePermitEnd     = "permit.expired" // from At only
)

// Weights go down in steps from the heaviest; the end of a permit between two
// compilations always stands alone.
const (
	weightHeaviest  = 1000
	weightStep      = 10
	weightPermitEnd = 400
)

// byWeight lists the codes from the heaviest to the lightest.
var byWeight = []string{
	LapseStopped, LapseProhibited, LapseRetired, DemandRedLine, LapseVerdict, LapseClassUnclear, LapseClassExpired,
	DemandUnknown, DemandReclassify, DemandException, DemandExternal,
	LapseWithdrawn, LapseSamePerson, LapseStale, LapseApprovalEnd, LapseApproval,
	LapseAgreement, LapseAgreementEnd, LapseRedFlag, LapseAssessment, LapseAssessmentEnd, LapseFinding,
	DemandAutomated, DemandAccepted, DemandBias, DemandReviewed, DemandProvenance, DemandDeletion, DemandModelCheck, DemandMeasurement,
	DemandPersons, DemandValues, DemandIntent, DemandAutonomy, DemandMode, DemandNotice, DemandCopyright, DemandPilot,
	LapseOversight, LapsePurpose, LapseOwner, LapseDecider, LapseModel, LapseModelCard, LapseLimit,
	LapseReviewMissing, LapseReviewOverdue, LapseIdea,
}

// who can lift a lapse, as role names.
var (
	liftOfficer   = []string{"ai_officer"}
	liftDirector  = []string{"director"}
	liftBoth      = []string{"ai_officer", "director"}
	liftAgreement = []string{"council", "director"}
)

// findings of one compilation: lapses collected for one instant.
type lapses struct {
	law law
	at  time.Time
	out []Lapse
}

func (c *lapses) add(code string, say text.Bi, b basis, lift []string, opts ...func(*Lapse)) {
	l := Lapse{Code: code, Say: say, Clauses: c.law.clauses(b), LiftBy: lift,
		Weight: weightHeaviest - weightStep*slices.Index(byWeight, code)}
	for _, o := range opts {
		o(&l)
	}
	c.out = append(c.out, l)
}

func since(t time.Time) func(*Lapse) { return func(l *Lapse) { l.Since = t } }
func object(id string) func(*Lapse)  { return func(l *Lapse) { l.Object = id } }

// also adds the clauses that a record brings along, in front: they are closer
// to the case than the general ones.
func also(ids []string) func(*Lapse) {
	return func(l *Lapse) {
		if len(ids) > 0 {
			l.Clauses = law{}.clauses(basis{always: ids}, l.Clauses...)
		}
	}
}

// only replaces the clauses by those of the record, if it has any.
func only(ids []string) func(*Lapse) {
	return func(l *Lapse) {
		if len(ids) > 0 {
			l.Clauses = law{}.clauses(basis{always: ids})
		}
	}
}

// over reports whether an end has come. A zero time has no end; the end itself
// is outside.
func over(end, at time.Time) bool { return !end.IsZero() && !at.Before(end) }

// lapsesAt lists why the facts do not carry a permit at an instant, heaviest
// first. No lapse means valid.
func lapsesAt(f Facts, at time.Time) []Lapse {
	c := &lapses{law: lawOf(f), at: at, out: []Lapse{}}
	c.system(f)
	c.class(f)
	c.approvals(f)
	c.agreement(f)
	c.assessments(f)
	c.findings(f)
	c.demands(f)
	c.dossier(f)
	c.models(f)
	c.limits(f)
	c.review(f)
	slices.SortFunc(c.out, func(a, b Lapse) int {
		if a.Weight != b.Weight {
			return b.Weight - a.Weight
		}
		if d := strings.Compare(a.Object, b.Object); d != 0 {
			return d
		}
		return strings.Compare(a.Say.EN, b.Say.EN)
	})
	return c.out
}

func (c *lapses) system(f Facts) {
	if f.Stopped {
		lift := liftDirector
		if f.DeciderRole != "" && f.DeciderRole != "director" {
			lift = []string{f.DeciderRole, "director"}
		}
		c.add(LapseStopped, text.Bi{DE: "Das System ist angehalten.", EN: "The system has been stopped."}, basisStopped, lift, since(f.StoppedAt))
	}
	switch f.LifeCycle {
	case "retired":
		c.add(LapseRetired, text.Bi{DE: "Das System ist außer Betrieb genommen.", EN: "The system has been retired."}, basisRetired, liftBoth)
	case "idea", "":
		c.add(LapseIdea, text.Bi{DE: "Das System ist eine Idee und noch nicht zur Erprobung oder zum Betrieb freigegeben.",
			EN: "The system is an idea, not yet released for trial or operation."}, basisIdea, liftOfficer)
	}
}

func (c *lapses) class(f Facts) {
	switch f.Verdict {
	case "ai_system", "not_ai", "not_ai_but_people":
	default:
		c.add(LapseVerdict, text.Bi{DE: "Es ist ungeklärt, ob es sich um ein KI-System handelt.", EN: "It is unclear whether this is an AI system."},
			basisVerdict, liftOfficer)
	}
	// Software that is not AI has no risk class; it may still rate people, and
	// then it has a permit all the same.
	class := f.Class
	if class == ClassNone && (f.Verdict == "not_ai" || f.Verdict == "not_ai_but_people") {
		class = ClassMinimal
	}
	switch class {
	case ClassHigh, ClassLimited, ClassMinimal:
		if over(f.ClassUntil, c.at) {
			c.add(LapseClassExpired, fill("Die Einstufung galt bis %s.", "The classification held until %s.", day(f.ClassUntil)),
				basisClassEnd, liftOfficer, since(f.ClassUntil))
		}
	case ClassProhibited:
		c.add(LapseProhibited, text.Bi{DE: "Diese Anwendung ist verboten.", EN: "This use is prohibited."},
			basisProhibited, liftBoth, only(f.ClassClauses))
	default:
		c.add(LapseClassUnclear, text.Bi{DE: "Die Risikoklasse ist ungeklärt.", EN: "The risk class is unclear."},
			basisClass, liftOfficer, also(f.ClassClauses))
	}
}

func (c *lapses) agreement(f Facts) {
	a := f.Agreement
	switch {
	case !a.Needed:
	case !a.Signed:
		c.add(LapseAgreement, text.Bi{DE: "Die Betriebsvereinbarung ist nicht unterschrieben.", EN: "The works agreement has not been signed."},
			basisAgreement, liftAgreement, object(a.ID))
	case over(a.ValidUntil, c.at):
		c.add(LapseAgreementEnd, fill("Die Betriebsvereinbarung galt bis %s.", "The works agreement held until %s.", day(a.ValidUntil)),
			basisAgreement, liftAgreement, object(a.ID), since(a.ValidUntil))
	}
}

func (c *lapses) assessments(f Facts) {
	impact := false
	for _, a := range f.Assessments {
		name := word(a.Kind)
		if strings.TrimSpace(a.Kind) == "" {
			name = text.Bi{DE: "Bewertung", EN: "assessment"}
		}
		b := basisAssessment
		switch a.Kind {
		case "aiia":
			b, impact = basisAIIA, true
		case "dpia":
			b, impact = basisDPIA, true
		case "fria":
			b, impact = basisFRIA, true
		case "identification":
			b = basisVerdict
		}
		if a.RedFlag {
			c.add(LapseRedFlag, fill("%s: Eine rote Flagge steht offen.", "%s: a red flag is open.", name), b, liftBoth, only(a.Clauses), object(a.ID))
		}
		switch {
		case !a.Done:
			c.add(LapseAssessment, fill("%s: noch nicht abgeschlossen.", "%s: not yet finished.", name), b, liftOfficer, only(a.Clauses), object(a.ID))
		case over(a.ValidUntil, c.at):
			c.add(LapseAssessmentEnd, fill("%s: galt bis %s.", "%s: held until %s.", name, day(a.ValidUntil)), b, liftOfficer,
				only(a.Clauses), object(a.ID), since(a.ValidUntil))
		}
	}
	// A high-risk system without any impact assessment on record was not
	// assessed at all (ISO/IEC 42001, 6.1.4).
	if c.law.high && !impact {
		c.add(LapseAssessment, text.Bi{DE: "Es gibt keine Folgenabschätzung.", EN: "There is no impact assessment."}, basisAIIA, liftOfficer)
	}
}

func (c *lapses) findings(f Facts) {
	for _, n := range f.Findings {
		if n.Major {
			c.add(LapseFinding, text.Bi{DE: "Eine wesentliche Nichtkonformität steht offen.", EN: "A major nonconformity is open."},
				basisFinding, liftBoth, only(n.Clauses), object(n.ID))
		}
	}
}

func (c *lapses) dossier(f Facts) {
	if c.law.high && f.Oversight == Without {
		c.add(LapseOversight, text.Bi{DE: "Ein Hochrisiko-System braucht menschliche Aufsicht.", EN: "A high-risk system needs human oversight."},
			basisOversee, liftBoth)
	}
	if sides(f.Purpose).IsZero() {
		c.add(LapsePurpose, text.Bi{DE: "Es ist kein Zweck festgelegt.", EN: "No purpose has been set."}, basisPurpose, liftOfficer)
	}
	if strings.TrimSpace(f.Owner) == "" {
		c.add(LapseOwner, text.Bi{DE: "Niemand ist als Risikoverantwortung benannt.", EN: "Nobody is named as risk owner."}, basisOwner, liftDirector)
	}
	if sides(f.Decider).IsZero() || strings.TrimSpace(f.DeciderRole) == "" {
		c.add(LapseDecider, text.Bi{DE: "Es ist nicht festgelegt, wer über Prüffälle entscheidet.", EN: "It has not been set who decides review cases."},
			basisDecider, liftBoth)
	}
}

func (c *lapses) models(f Facts) {
	named := 0
	for _, m := range f.Models {
		if m.Name == "" {
			continue
		}
		named++
		if !m.HasCard && (c.law.high || f.People) {
			c.add(LapseModelCard, fill("Für das Modell %s fehlt die Modellkarte.", "The model %s has no model card.", list([]string{m.Name})),
				basisCard, liftOfficer, object(m.Name))
		}
	}
	if named == 0 {
		c.add(LapseModel, text.Bi{DE: "Es ist kein Modell eingetragen.", EN: "No model has been entered."}, basisModel, liftOfficer)
	}
}

func (c *lapses) limits(f Facts) {
	l := f.Limits
	ok := func(v float64) bool { return v >= 0 && v <= 1 } // false for NaN too
	if !ok(l.Confidence) || !ok(l.Drift) || !ok(l.Bias) || l.TimeoutMS < 0 || l.ReviewMin < 0 || f.RetainDays < 0 {
		c.add(LapseLimit, text.Bi{DE: "Ein Grenzwert liegt außerhalb seines Bereichs.", EN: "A limit lies outside its range."},
			basisConvention, liftOfficer)
	}
}

func (c *lapses) review(f Facts) {
	switch {
	case f.ReviewBy.IsZero():
		c.add(LapseReviewMissing, text.Bi{DE: "Es ist kein Tag für die nächste Überprüfung festgelegt.", EN: "No day has been set for the next review."},
			basisReviewDay, liftOfficer)
	case over(f.ReviewBy, c.at):
		c.add(LapseReviewOverdue, fill("Die Überprüfung war bis %s fällig.", "The review was due by %s.", day(f.ReviewBy)),
			basisReviewDay, liftOfficer, since(f.ReviewBy))
	}
}

func day(t time.Time) text.Bi {
	return text.Bi{DE: text.Date(text.DE, t.UTC()), EN: text.Date(text.EN, t.UTC())}
}
