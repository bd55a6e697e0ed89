package permit

import (
	"strings"

	"augenmass/internal/text"
)

// sides is the same text with a gap filled from the other language, so that a
// sentence is never half empty when people wrote one side only.
func sides(b text.Bi) text.Bi {
	b.DE, b.EN = strings.TrimSpace(b.DE), strings.TrimSpace(b.EN)
	switch {
	case b.DE == "":
		b.DE = b.EN
	case b.EN == "":
		b.EN = b.DE
	}
	return b
}

// ended drops the full stop of a text that goes into a sentence.
func ended(b text.Bi) text.Bi {
	b = sides(b)
	return text.Bi{DE: strings.TrimRight(b.DE, ". "), EN: strings.TrimRight(b.EN, ". ")}
}

// share writes a share of 0..1 as people read it: 0,85 and 0.85. Two decimals
// at least, so that 0.1 reads like the 0.10 of the requirement.
func share(v float64) text.Bi {
	places := 2
	for p := 3; p <= 6; p++ {
		if text.Decimal(text.EN, v, p) != text.Decimal(text.EN, v, p-1)+"0" {
			places = p
		}
	}
	return text.Bi{DE: text.Decimal(text.DE, v, places), EN: text.Decimal(text.EN, v, places)}
}

func whole(n int64) text.Bi {
	return text.Bi{DE: text.Int(text.DE, n), EN: text.Int(text.EN, n)}
}

// words are the names of codes in both languages; a code without a name is
// shown as it stands.
var words = map[string]text.Bi{
	// roles of persons
	"director":   {DE: "Geschäftsführung", EN: "director"},
	"ai_officer": {DE: "KI-Beauftragte", EN: "AI officer"},
	"safety":     {DE: "Arbeitssicherheit", EN: "safety specialist"},
	"shift_lead": {DE: "Schichtleitung", EN: "shift lead"},
	"council":    {DE: "Betriebsrat", EN: "works council"},
	"auditor":    {DE: "Prüfung", EN: "auditor"},
	"admin":      {DE: "Verwaltung", EN: "administrator"},
	"worker":     {DE: "Beschäftigte", EN: "worker"},
	// other places of signatures
	SignOwner:      {DE: "Risikoverantwortung", EN: "AI risk owner"},
	SignProtection: {DE: "Datenschutz", EN: "data protection"},
	SignEthics:     {DE: "Ethik", EN: "ethics"},
	SignSecurity:   {DE: "Informationssicherheit", EN: "information security"},
	// plant states
	"running":     {DE: "läuft", EN: "running"},
	"setup":       {DE: "Einrichten", EN: "setting up"},
	"idle":        {DE: "wartet", EN: "idle"},
	"stopped":     {DE: "steht", EN: "stopped"},
	"maintenance": {DE: "Wartung", EN: "maintenance"},
	"fault":       {DE: "Störung", EN: "fault"},
	// data classes
	"public":       {DE: "öffentlich", EN: "public"},
	"internal":     {DE: "intern", EN: "internal"},
	"confidential": {DE: "vertraulich", EN: "confidential"},
	"machine":      {DE: "Maschinendaten", EN: "machine data"},
	"personal":     {DE: "personenbezogen", EN: "personal"},
	"special":      {DE: "besondere Kategorien", EN: "special categories"},
	// assessments
	"identification": {DE: "Identifikation", EN: "identification"},
	"aiia":           {DE: "KI-Folgenabschätzung", EN: "AI impact assessment"},
	"fria":           {DE: "Grundrechte-Folgenabschätzung", EN: "fundamental rights impact assessment"},
	"dpia":           {DE: "Datenschutz-Folgenabschätzung", EN: "data protection impact assessment"},
}

func word(code string) text.Bi {
	if w, ok := words[code]; ok {
		return w
	}
	return text.Same(code)
}

// list joins codes by their names: „läuft“, „Einrichten“.
func list(codes []string) text.Bi {
	var de, en []string
	for _, c := range codes {
		w := word(c)
		de, en = append(de, "„"+w.DE+"“"), append(en, "“"+w.EN+"”")
	}
	return text.Bi{DE: strings.Join(de, ", "), EN: strings.Join(en, ", ")}
}

// fill puts each value into both sentences at %s, in order.
func fill(de, en string, values ...text.Bi) text.Bi {
	for _, v := range values {
		de = strings.Replace(de, "%s", v.DE, 1)
		en = strings.Replace(en, "%s", v.EN, 1)
	}
	return text.Bi{DE: de, EN: en}
}
