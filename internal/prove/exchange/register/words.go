package register

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Field is a column of a register.
type Field string

// The columns that are read.
const (
	Name        Field = "name"
	Purpose     Field = "purpose"
	Use         Field = "use"
	DataSources Field = "data_sources"
	Technology  Field = "technology"
	Origin      Field = "origin"
	Scope       Field = "scope"
	Role        Field = "role_of_ai"
	Owner       Field = "owner"
	People      Field = "people"
	Vendor      Field = "vendor"
	ReviewBy    Field = "review_by"
	DataClasses Field = "data_classes"
	Zones       Field = "zones"
)

// Fields are the columns in the order in which they are shown.
var Fields = []Field{Name, Purpose, Use, DataSources, Technology, Origin, Scope, Role, Owner, People, Vendor, ReviewBy, DataClasses, Zones}

// heads are words by which the head of a column names its field, tried in this
// order: the narrow before the wide, the name last, since "System" stands in many
// heads.
var heads = []struct {
	field Field
	words []string
}{
	{DataClasses, []string{"datenklasse", "datenklassen", "data class", "data classes", "schutzklasse", "datenart", "datenarten"}},
	{DataSources, []string{"datenquelle", "datenquellen", "data source", "data sources", "daten", "data", "datenbasis", "data basis"}},
	{ReviewBy, []string{"überprüfung", "nächste überprüfung", "überprüfen bis", "prüftermin", "review", "review by", "review date", "next review"}},
	{Owner, []string{"verantwortlich", "verantwortliche person", "risikoverantwortung", "risikoverantwortlich", "risk owner", "owner", "eigentümer", "zuständig", "ansprechperson"}},
	{People, []string{"betrifft menschen", "personenbezug", "bewertet menschen", "menschen", "people", "affects people", "personenbezogen"}},
	{Vendor, []string{"lieferant", "anbieter", "hersteller", "vendor", "supplier", "provider", "manufacturer"}},
	{Role, []string{"rolle der ki", "rolle", "role of the ai", "role of ai", "role"}},
	{Scope, []string{"einsatzfeld", "einsatzfelder", "einsatzbereich", "bereich", "abteilung", "scope", "field of use", "fields of use", "department", "area"}},
	{Origin, []string{"herkunft", "bezug", "origin", "source of the system", "beschaffung", "sourcing"}},
	{Technology, []string{"technik", "technologie", "verfahren", "methode", "modell", "technology", "technique", "method", "model"}},
	{Zones, []string{"zone", "zonen", "zones", "netzzone"}},
	{Use, []string{"nutzung", "verwendung", "anwendung", "use", "usage", "how it is used", "einsatz"}},
	{Purpose, []string{"zweck", "ziel", "purpose", "beschreibung", "description", "aufgabe", "goal"}},
	{Name, []string{"name", "bezeichnung", "system", "ki system", "ai system", "systemname", "name des systems", "name of the system", "tool", "werkzeug", "produkt", "product", "anwendungsname"}},
}

// simple is a head or a word in lower case, with single spaces between letters and
// digits.
func simple(s string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

// fieldOf is the field that a head names, or "".
func fieldOf(head string) Field {
	h := simple(head)
	if h == "" {
		return ""
	}
	for _, x := range heads {
		if slices.Contains(x.words, h) {
			return x.field
		}
	}
	// "Zweck des Systems", "Name (Kurzform)": the first word counts.
	first, _, _ := strings.Cut(h, " ")
	for _, x := range heads {
		if slices.Contains(x.words, first) {
			return x.field
		}
	}
	return ""
}

// meaning is a word of the register with what people write for it.
type meaning struct {
	value string
	words []string
}

var origins = []meaning{
	{"developed", []string{"developed", "entwickelt", "selbst entwickelt", "eigenentwicklung", "own development", "in house", "inhouse"}},
	{"procured", []string{"procured", "beschafft", "gekauft", "eingekauft", "zugekauft", "bought", "purchased", "licensed", "lizenziert"}},
	{"operated", []string{"operated", "betrieben", "selbst betrieben", "hosted", "self hosted"}},
	{"used", []string{"used", "genutzt", "verwendet", "von beschäftigten genutzt", "cloud", "saas", "online dienst"}},
}

var scopes = []meaning{
	{"production", []string{"production", "produktion", "fertigung", "manufacturing"}},
	{"supply_chain", []string{"supply chain", "lieferkette", "logistik", "logistics", "einkauf", "procurement"}},
	{"predictive_maintenance", []string{"predictive maintenance", "vorausschauende wartung", "wartung", "instandhaltung", "maintenance"}},
	{"quality_control", []string{"quality control", "qualitätskontrolle", "qualitätsprüfung", "qualität", "quality", "qs"}},
	{"safety_critical_ot", []string{"safety critical ot", "sicherheitskritische ot", "sicherheitskritische anlage", "safety"}},
	{"office", []string{"office", "büro", "verwaltung", "administration", "it"}},
	{"personnel", []string{"personnel", "personal", "personalwesen", "hr", "human resources"}},
	{"customers", []string{"customers", "kunden", "vertrieb", "sales", "kundendienst", "customer service", "marketing"}},
}

var rolesOfAI = []meaning{
	{"idea_source", []string{"idea source", "ideengeber", "ideengeberin"}},
	{"sparring_partner", []string{"sparring partner", "sparringspartner"}},
	{"service", []string{"service", "dienst", "dienstleister", "dienstleistung"}},
	{"dialogue", []string{"dialogue", "dialog", "gesprächspartner", "chat"}},
	{"supervisor", []string{"supervisor", "aufpasser", "überwachung", "aufsicht"}},
	{"amplifier", []string{"amplifier", "verstärker", "verstärkung"}},
}

var answers = []meaning{
	{"true", []string{"ja", "yes", "true", "wahr", "x", "1", "j", "y"}},
	{"false", []string{"nein", "no", "false", "falsch", "0", "n"}},
}

var dataClasses = []meaning{
	{"machine", []string{"machine", "maschinendaten", "machine data", "maschine"}},
	{"public", []string{"public", "öffentlich"}},
	{"internal", []string{"internal", "intern"}},
	{"confidential", []string{"confidential", "vertraulich"}},
	{"personal", []string{"personal", "personenbezogen", "personal data", "personendaten"}},
	{"special", []string{"special", "besondere kategorien", "special categories"}},
}

// meant finds what a written word means.
func meant(all []meaning, written string) (string, bool) {
	w := simple(written)
	for _, m := range all {
		if w == simple(m.value) || slices.Contains(m.words, w) {
			return m.value, true
		}
	}
	return "", false
}

// offered are words that would have been understood, one a value, for messages.
func offered(all []meaning) (de, en string) {
	var d, e []string
	for _, m := range all {
		e = append(e, m.words[0])
		d = append(d, m.words[min(1, len(m.words)-1)])
	}
	return strings.Join(d, ", "), strings.Join(e, ", ")
}
