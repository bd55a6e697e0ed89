package permit

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/text"
)

// Demand is something that a governance room found a permit to need: that a
// grave risk is accepted, that three people are named, that a data set's
// provenance holds. The room says whether it is met; what an unmet one means,
// with which weight and clause, and who can lift it, stands here.
type Demand struct {
	Code    string    `json:"code"` // one of the Demand constants; an unknown one is never met
	Met     bool      `json:"met"`
	Since   time.Time `json:"since"`   // since when it is not met; zero: from the beginning
	Until   time.Time `json:"until"`   // from when it is no longer met; zero: no end
	Object  string    `json:"object"`  // the record it rests on
	Detail  text.Bi   `json:"detail"`  // what exactly, as a sentence after the general one; may be empty
	Clauses []string  `json:"clauses"` // closer to the case than the general ones, in front
}

// Codes of demands; an unmet one is a lapse of the same code.
const (
	DemandRedLine     = "profile.red_line"     // a use that the house rules out is active (requirement 003-46)
	DemandAutomated   = "profile.automated"    // decides about people alone, GDPR Art. 22 unanswered (003-74)
	DemandValues      = "profile.values"       // what is fair, how transparent, which values (004-04)
	DemandPersons     = "profile.persons"      // who decides, who checks, who is liable (004-22)
	DemandIntent      = "profile.intent"       // assist or replace, said to the staff (002-40, 004-07)
	DemandAutonomy    = "profile.autonomy"     // degree of automation with reason and limits (003-12, 004-08)
	DemandMode        = "profile.mode"         // oversight mode per decision, named person (001-56)
	DemandNotice      = "profile.notice"       // transparency notice not displayed (001-45)
	DemandCopyright   = "profile.copyright"    // input and output not checked (002-61)
	DemandBias        = "risk.bias_check"      // no bias check where people are rated (004-03)
	DemandAccepted    = "risk.accepted"        // a grave residual risk nobody accepted, or whose acceptance ended (001-60)
	DemandReviewed    = "risk.reviewed"        // the risk review is overdue (000-34, 001-60)
	DemandProvenance  = "data.provenance"      // a data set's chain is broken (001-23)
	DemandDeletion    = "data.deletion"        // a data set is past its deletion date without proof (000-32)
	DemandModelCheck  = "model.checked"        // a model version without training and validation checks (000-30)
	DemandExternal    = "class.external_audit" // a conformity assessment that is owed is missing (001-44)
	DemandException   = "class.exception"      // an exception of Annex III without its record (001-12)
	DemandReclassify  = "class.reclassify"     // what the class rests on changed (issue of re-classification)
	DemandMeasurement = "metric.measured"      // a metric was not measured in its interval (000-31)
	DemandPilot       = "life.pilot"           // used beyond the area of its pilot (000-53, 000-57)
	DemandUnknown     = "demand.unknown"       // a code nobody described: fails closed
)

// demanding describes one code.
type demanding struct {
	say   text.Bi
	basis basis
	lift  []string
}

var demands = map[string]demanding{
	DemandRedLine: {text.Bi{DE: "Eine Nutzung ist eingeschaltet, die das Haus ausschließt.", EN: "A use is switched on that the house rules out."},
		basis{always: []string{"iso42001.A.9.4"}, people: []string{"gdpr.5.1.a", "betrvg.75.2"}, deployer: []string{"aia.art26.1"}}, liftBoth},
	DemandAutomated: {text.Bi{DE: "Das System entscheidet ohne Menschen über Personen, und die Fragen dazu sind nicht beantwortet.", EN: "The system decides about people without a human, and the questions about that are not answered."},
		basis{always: []string{"gdpr.22"}}, liftBoth},
	DemandValues: {text.Bi{DE: "Nicht festgelegt ist, was hier fair ist, wie durchschaubar das System sein soll und welche Werte gelten.", EN: "It has not been settled what is fair here, how transparent the system must be and which values hold."},
		basis{always: []string{"iso42001.A.9.3"}}, liftBoth},
	DemandPersons: {text.Bi{DE: "Es fehlt ein Name: wer entscheidet, wer die Wirkung prüft, wer haftet.", EN: "A name is missing: who decides, who checks the effects, who is liable."},
		basis{always: []string{"iso42001.A.3.2", "iso42001.5.3"}}, liftBoth},
	DemandIntent: {text.Bi{DE: "Es ist nicht erklärt, ob das System unterstützt oder ersetzt.", EN: "It has not been declared whether the system assists or replaces."},
		basis{always: []string{"iso42001.A.9.3"}, people: []string{"betrvg.90.1.3"}}, liftBoth},
	DemandAutonomy: {text.Bi{DE: "Der Grad der Selbständigkeit ist nicht begründet oder hat keine Grenzen.", EN: "The degree of autonomy has no reason or no limits."},
		basis{always: []string{"iso42001.A.9.2"}, provider: []string{"aia.art14.3"}}, liftOfficer},
	DemandMode: {text.Bi{DE: "Für eine Entscheidung ist die Aufsicht nicht mit Grund und Namen festgelegt.", EN: "For a decision the oversight is not set with reason and name."},
		basis{always: []string{"zta.05", "iso42001.A.9.2"}, deployer: []string{"aia.art26.2"}}, liftOfficer},
	DemandNotice: {text.Bi{DE: "Der Hinweis auf KI ist nicht nachweislich angebracht.", EN: "The notice about AI is not shown to be displayed."},
		basis{always: []string{"aia.art50.1"}}, liftOfficer},
	DemandCopyright: {text.Bi{DE: "Urheberrechte an Eingaben und Ergebnissen sind nicht geprüft.", EN: "Copyright in inputs and results has not been checked."},
		basis{always: []string{"iso42001.A.7.3"}}, liftOfficer},
	DemandBias: {text.Bi{DE: "Menschen werden bewertet, und eine Prüfung auf Verzerrung fehlt oder ist zu alt.", EN: "People are rated, and a check for bias is missing or too old."},
		basis{always: []string{"iso42001.A.5.4", "agg"}, provider: []string{"aia.art10.2.f"}}, liftOfficer},
	DemandAccepted: {text.Bi{DE: "Ein hohes Restrisiko ist nicht angenommen.", EN: "A high residual risk has not been accepted."},
		basis{always: []string{"iso42001.6.1.3", "iso42001.8.3"}}, liftDirector},
	DemandReviewed: {text.Bi{DE: "Die Überprüfung der Risiken ist überfällig.", EN: "The review of the risks is overdue."},
		basis{always: []string{"iso42001.8.2"}}, liftOfficer},
	DemandProvenance: {text.Bi{DE: "Die Herkunft eines Datensatzes ist nicht lückenlos belegt.", EN: "The provenance of a data set is not proven without a gap."},
		basis{always: []string{"zta.03", "iso42001.A.7.5"}}, liftOfficer},
	DemandDeletion: {text.Bi{DE: "Ein Datensatz ist über seinen Löschtag hinaus vorhanden oder die Löschung nicht belegt.", EN: "A data set exists beyond its day of deletion, or the deletion is not proven."},
		basis{always: []string{"gdpr.5.1.e"}}, liftOfficer},
	DemandModelCheck: {text.Bi{DE: "Eine Modellversion hat ihre Abnahme nicht bestanden oder nicht gehabt.", EN: "A model version has failed its acceptance or had none."},
		basis{always: []string{"iso42001.A.6.2.4"}, provider: []string{"aia.art15.1"}}, liftOfficer},
	DemandExternal: {text.Bi{DE: "Die geschuldete Konformitätsbewertung liegt nicht vor.", EN: "The conformity assessment that is owed is missing."},
		basis{always: []string{"aia.art43.1"}}, liftBoth},
	DemandException: {text.Bi{DE: "Eine Ausnahme von Anhang III ist ohne Begründung in Anspruch genommen.", EN: "An exception from Annex III is claimed without its record."},
		basis{always: []string{"aia.art6.3"}}, liftOfficer},
	DemandReclassify: {text.Bi{DE: "Worauf die Einstufung beruht, hat sich geändert.", EN: "What the classification rests on has changed."},
		basis{always: []string{"iso42001.8.2", "iso42001.6.1.2"}}, liftOfficer},
	DemandMeasurement: {text.Bi{DE: "Ein Messwert ist überfällig oder außerhalb seiner Grenze.", EN: "A measurement is overdue or outside its limit."},
		basis{always: []string{"iso42001.A.6.2.6", "iso42001.9.1"}, deployer: []string{"aia.art26.5"}}, liftOfficer},
	DemandPilot: {text.Bi{DE: "Das System wird außerhalb seines Erprobungsbereichs eingesetzt.", EN: "The system is used outside the area of its pilot."},
		basis{always: []string{"iso42001.A.6.2.5"}}, liftOfficer},
	DemandUnknown: {text.Bi{DE: "Eine Vorgabe ist nicht lesbar; was nicht belegt ist, gilt als nicht erfüllt.", EN: "A demand cannot be read; what is not proven counts as not met."},
		basis{always: []string{"zta.01"}}, liftBoth},
}

// Demanded says what an unmet demand of a code means, with the clauses that always
// stand behind it: for rooms that ask for demands before a permit does.
func Demanded(code string) (say text.Bi, clauses []string) {
	k, ok := demands[code]
	if !ok {
		k = demands[DemandUnknown]
	}
	return k.say, slices.Clone(k.basis.always)
}

// demands adds what the rooms found missing. A code that nobody described
// counts as not met whatever the room says.
func (c *lapses) demands(f Facts) {
	for _, d := range f.Demands {
		code, rests, ended := d.Code, strings.TrimSpace(d.Object), over(d.Until, c.at)
		k, ok := demands[code]
		if !ok || code == DemandUnknown {
			code, k, d.Met = DemandUnknown, demands[DemandUnknown], false
			if rests == "" {
				rests = strings.TrimSpace(d.Code) // what the room called it, for whoever looks for the reason
			}
		}
		if d.Met && !ended {
			continue
		}
		say := k.say
		if detail := sides(d.Detail); !detail.IsZero() {
			say = text.Bi{DE: say.DE + " " + detail.DE, EN: say.EN + " " + detail.EN}
		}
		from := d.Since
		if d.Met && ended {
			from = d.Until
		}
		c.add(code, say, k.basis, k.lift, also(d.Clauses), object(rests), since(from))
	}
}
