package life

import (
	"strings"

	"augenmass/internal/permit"
	"augenmass/internal/text"
)

// settled are the demands of permits as what is the case when they are met; what is
// missing otherwise, the permit says.
var settled = map[string]text.Bi{
	permit.DemandRedLine:     {DE: "Keine Nutzung ist eingeschaltet, die das Haus ausschließt.", EN: "No use is switched on that the house rules out."},
	permit.DemandAutomated:   {DE: "Die Fragen zu Entscheidungen ohne Menschen sind beantwortet.", EN: "The questions about decisions without a human are answered."},
	permit.DemandValues:      {DE: "Es ist festgelegt, was fair ist, wie durchschaubar das System ist und welche Werte gelten.", EN: "It is settled what is fair, how transparent the system is and which values hold."},
	permit.DemandPersons:     {DE: "Benannt ist, wer entscheidet, wer die Wirkung prüft und wer haftet.", EN: "It is named who decides, who checks the effects and who is liable."},
	permit.DemandIntent:      {DE: "Es ist erklärt, ob das System unterstützt oder ersetzt.", EN: "It is declared whether the system assists or replaces."},
	permit.DemandAutonomy:    {DE: "Der Grad der Selbständigkeit ist begründet.", EN: "The degree of autonomy has its reason."},
	permit.DemandMode:        {DE: "Für jede Entscheidung ist die Aufsicht mit Grund festgelegt.", EN: "For every decision the oversight is set with its reason."},
	permit.DemandNotice:      {DE: "Der Hinweis auf KI ist nachweislich angebracht.", EN: "The notice about AI is shown to be displayed."},
	permit.DemandCopyright:   {DE: "Urheberrechte an Eingaben und Ergebnissen sind geprüft.", EN: "Copyright in inputs and results has been checked."},
	permit.DemandBias:        {DE: "Das System wurde auf Verzerrung geprüft.", EN: "The system has been checked for bias."},
	permit.DemandAccepted:    {DE: "Ein hohes Restrisiko ist angenommen.", EN: "A high residual risk has been accepted."},
	permit.DemandReviewed:    {DE: "Ein Risiko ist bewertet und zur Zeit überprüft.", EN: "A risk is rated and was reviewed in time."},
	permit.DemandProvenance:  {DE: "Die Herkunft eines Datensatzes ist lückenlos belegt.", EN: "The provenance of a data set is proven without a gap."},
	permit.DemandDeletion:    {DE: "Der Löschtag eines Datensatzes ist noch nicht vorbei.", EN: "The day of deletion of a data set has not passed."},
	permit.DemandModelCheck:  {DE: "Eine Modellversion hat ihre Abnahme bestanden.", EN: "A model version has passed its acceptance."},
	permit.DemandExternal:    {DE: "Die geschuldete Konformitätsbewertung liegt vor.", EN: "The conformity assessment that is owed is there."},
	permit.DemandException:   {DE: "Die Ausnahme von Anhang III ist begründet.", EN: "The exception from Annex III has its record."},
	permit.DemandReclassify:  {DE: "Worauf die Einstufung beruht, hat sich nicht geändert.", EN: "What the classification rests on has not changed."},
	permit.DemandMeasurement: {DE: "Ein Messwert liegt vor und in seiner Grenze.", EN: "A measurement is there and within its limit."},
	permit.DemandPilot:       {DE: "Das System wird nur in seinem Erprobungsbereich eingesetzt.", EN: "The system is used within the area of its pilot only."},
}

// rooms are the pages of a system on which the demands of a family are settled.
var rooms = map[string]string{"profile": "/profile", "risk": "/risks", "metric": "/risks", "data": "/data", "model": "/data", "class": "/classify", "life": "/life"}

// pageOf is where a demand is settled: the page of its room, or the file.
func pageOf(code, system string) string {
	family, _, _ := strings.Cut(code, ".")
	return system + rooms[family]
}
