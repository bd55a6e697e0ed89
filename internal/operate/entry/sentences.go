package entry

import "augenmass/internal/text"

// Codes of the reasons that the gateway and its result gate give. Reasons of
// the decision point have codes of their own.
const (
	InputInvalid   = "input.invalid"
	InputTooLarge  = "input.too_large"
	InputMediaType = "input.media_type"
	ModelUnknown   = "model.unknown"
	ModelForbidden = "model.not_permitted"
	DecideFailed   = "decide.failed"
	SystemStopped  = "system.stopped"
	PermitChanged  = "permit.changed"
	PermitOff      = "permit.suspended"
	VaultFailed    = "vault.unavailable"

	ModelUnavailable  = "model.unavailable"
	ModelLate         = "model.late"
	ModelStatus       = "model.status"
	ModelBroken       = "model.broken"
	ModelTooLarge     = "model.too_large"
	ModelWrongName    = "model.wrong_name"
	ModelWrongVersion = "model.wrong_version"
	ModelWrongHash    = "model.wrong_hash"

	ConfidenceMissing = "confidence.missing"
	ConfidenceNull    = "confidence.null"
	ConfidenceNaN     = "confidence.nan"
	ConfidenceType    = "confidence.not_a_number"
	ConfidenceRange   = "confidence.out_of_range"
	ConfidenceLow     = "confidence.low"
	DriftHigh         = "drift.high"
	DriftBroken       = "drift.not_a_number"
	BiasHigh          = "bias.high"
	BiasBroken        = "bias.not_a_number"
	PlantUnknownState = "plant.unknown"
	PlantNotAllowed   = "plant.not_allowed"
	EveryResult       = "oversight.every_result"
	NoDecider         = "oversight.no_decider"
)

// sentences gives each code one sentence that a person on the shop floor
// understands.
var sentences = map[string]text.Bi{
	InputInvalid:   {DE: "Die Anfrage hat nicht die vereinbarte Form.", EN: "The request does not have the agreed shape."},
	InputTooLarge:  {DE: "Die Anfrage ist zu groß.", EN: "The request is too large."},
	InputMediaType: {DE: "Die Anfrage ist nicht als JSON gekennzeichnet.", EN: "The request is not marked as JSON."},
	ModelUnknown:   {DE: "Dieses Modell ist hier nicht bekannt.", EN: "This model is not known here."},
	ModelForbidden: {DE: "Die Betriebserlaubnis umfasst dieses Modell nicht.", EN: "The operating permit does not cover this model."},
	SystemStopped:  {DE: "Ein Mensch hat dieses KI-System gestoppt.", EN: "A person stopped this AI system."},
	DecideFailed:   {DE: "Die Entscheidungsstelle konnte nicht entscheiden; deshalb ist es nicht erlaubt.", EN: "The decision point could not decide, so it is not allowed."},
	PermitChanged:  {DE: "Die Betriebserlaubnis hat sich geändert, während das Modell rechnete.", EN: "The operating permit changed while the model was computing."},
	PermitOff:      {DE: "Die Betriebserlaubnis gilt nicht mehr.", EN: "The operating permit is no longer valid."},
	VaultFailed:    {DE: "Der Inhalt konnte nicht sicher abgelegt werden; deshalb wurde nichts freigegeben.", EN: "The content could not be stored safely, so nothing was released."},

	ModelUnavailable:  {DE: "Das Modell war nicht erreichbar.", EN: "The model could not be reached."},
	ModelLate:         {DE: "Das Modell hat nicht rechtzeitig geantwortet.", EN: "The model did not answer in time."},
	ModelStatus:       {DE: "Das Modell hat einen Fehler gemeldet.", EN: "The model reported an error."},
	ModelBroken:       {DE: "Die Antwort des Modells war nicht lesbar oder unvollständig.", EN: "The model's answer was unreadable or incomplete."},
	ModelTooLarge:     {DE: "Die Antwort des Modells war zu groß.", EN: "The model's answer was too large."},
	ModelWrongName:    {DE: "Es hat ein anderes Modell geantwortet als das erlaubte.", EN: "Another model answered than the permitted one."},
	ModelWrongVersion: {DE: "Das Modell hat eine andere oder keine Versionsangabe als die erlaubte.", EN: "The model states another version than the permitted one, or none."},
	ModelWrongHash:    {DE: "Das Modell nennt eine andere Prüfsumme als die erlaubte.", EN: "The model states another checksum than the permitted one."},

	ConfidenceMissing: {DE: "Das Modell hat keine Sicherheit angegeben.", EN: "The model gave no confidence."},
	ConfidenceNull:    {DE: "Die Angabe zur Sicherheit des Modells war leer.", EN: "The model's confidence was empty."},
	ConfidenceNaN:     {DE: "Die Sicherheit des Modells war keine bestimmte Zahl.", EN: "The model's confidence was not a defined number."},
	ConfidenceType:    {DE: "Die Sicherheit des Modells war keine Zahl.", EN: "The model's confidence was not a number."},
	ConfidenceRange:   {DE: "Die Sicherheit des Modells lag nicht zwischen 0 und 1.", EN: "The model's confidence was not between 0 and 1."},
	ConfidenceLow:     {DE: "Das Modell war sich nicht sicher genug.", EN: "The model was not confident enough."},
	DriftHigh:         {DE: "Die Werte weichen zu stark von denen ab, mit denen das Modell geprüft wurde.", EN: "The values differ too much from those with which the model was approved."},
	DriftBroken:       {DE: "Die Abweichung der Werte konnte nicht bestimmt werden.", EN: "The drift of the values could not be determined."},
	BiasHigh:          {DE: "Die Ergebnisse fallen zwischen den Gruppen zu ungleich aus.", EN: "The results differ too much between the groups."},
	BiasBroken:        {DE: "Die Ungleichheit zwischen den Gruppen konnte nicht bestimmt werden.", EN: "The difference between the groups could not be determined."},
	PlantUnknownState: {DE: "Der Zustand der Anlage war nicht bekannt.", EN: "The state of the plant was not known."},
	PlantNotAllowed:   {DE: "In diesem Zustand der Anlage entscheidet ein Mensch.", EN: "In this state of the plant a person decides."},
	EveryResult:       {DE: "Über jedes Ergebnis dieses KI-Systems entscheidet ein Mensch.", EN: "A person decides on every result of this AI system."},
	NoDecider:         {DE: "Die Betriebserlaubnis nennt niemanden, der entscheiden darf.", EN: "The operating permit names nobody who may decide."},
}

// Say returns the sentence for a reason code of this package, and false for a
// code that another room gives.
func Say(code string) (text.Bi, bool) {
	s, ok := sentences[code]
	return s, ok
}
