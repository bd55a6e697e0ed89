package permit

import (
	"strings"

	"augenmass/internal/text"
)

// Defaults of the house where people set no limit. None of these numbers
// stands in a standard; ZTA-05 is the house's own convention, and the sentence
// of a condition says so.
const (
	DefaultConfidence = 0.85
	DefaultDrift      = 0.10
	DefaultTimeoutMS  = 2000
	DefaultReviewMin  = 60
)

// conditions lists the rules under which the system may run, in a fixed order.
// They hold for a suspended permit too: they are what a valid one would say.
func conditions(f Facts) []Condition {
	l := lawOf(f)
	out := []Condition{purpose(f, l), confidence(f, l), drift(f, l)}
	if f.Limits.Bias > 0 {
		n := share(f.Limits.Bias)
		out = append(out, Condition{Kind: CondBias, Limit: f.Limits.Bias, Clauses: l.clauses(basisBias),
			Say: fill("Bei einem Verzerrungswert über %s entscheidet ein Mensch.", "Above a bias indicator of %s, a person decides.", n)})
	}
	out = append(out, zone(f, l), Condition{Kind: CondPosture, Clauses: l.clauses(basisPosture), Say: text.Bi{
		DE: "Nur Geräte und Dienste, deren Zustand geprüft und gültig ist.",
		EN: "Only devices and services whose posture has been checked and is valid."}})
	out = append(out, plant(f, l)...)
	out = append(out, timeout(f, l), oversight(f, l), review(f, l), fallback(f, l), retention(f, l))
	if len(f.DataClasses) > 0 || f.People {
		out = append(out, subjects(f, l))
	}
	out = append(out, reviewBy(f, l))
	return append(out, f.Further...)
}

// reviewBy names the day of the next review; without one the permit is off.
func reviewBy(f Facts, l law) Condition {
	c := Condition{Kind: CondReviewBy, Clauses: l.clauses(basisReviewDay)}
	if f.ReviewBy.IsZero() {
		c.Say = text.Bi{DE: "Es ist kein Tag für die nächste Überprüfung festgelegt.", EN: "No day has been set for the next review."}
		return c
	}
	c.Say = fill("Der Einsatz wird bis %s überprüft; danach ruht die Erlaubnis.",
		"The use is reviewed by %s; after that the permit is suspended.", day(f.ReviewBy))
	return c
}

func purpose(f Facts, l law) Condition {
	c := Condition{Kind: CondPurpose}
	if f.Purpose.IsZero() {
		c.Say = text.Bi{DE: "Es ist kein Zweck festgelegt.", EN: "No purpose has been set."}
	} else {
		c.Say = fill("Nur zum Zweck: %s.", "Only for the purpose: %s.", ended(f.Purpose))
	}
	var out []text.Bi
	for _, e := range f.Excluded {
		out = append(out, ended(e))
	}
	var more []string
	for _, p := range f.Agreement.Purposes {
		out = append(out, ended(text.Same(p)))
		more = []string{"betrvg.87.1.6"}
	}
	if len(out) > 0 {
		var de, en []string
		for _, e := range out {
			de, en = append(de, e.DE), append(en, e.EN)
		}
		c.Say.DE += " Ausgeschlossen: " + strings.Join(de, "; ") + "."
		c.Say.EN += " Excluded: " + strings.Join(en, "; ") + "."
	}
	c.Clauses = l.clauses(basisPurpose, more...)
	return c
}

// byDefault adds to a sentence that the number is the house's, not a norm's.
func byDefault(b text.Bi) text.Bi {
	return text.Bi{DE: b.DE + " Der Wert ist die Vorgabe des Hauses, keine Norm.", EN: b.EN + " The value is the default of the house, not of a standard."}
}

func confidence(f Facts, l law) Condition {
	v, b, own := f.Limits.Confidence, basisConfidence, true
	if v == 0 {
		v, b, own = DefaultConfidence, basisConvention, false
	}
	c := Condition{Kind: CondConfidence, Limit: v, Clauses: l.clauses(b),
		Say: fill("Unter %s Sicherheit entscheidet ein Mensch.", "Below a confidence of %s, a person decides.", share(v))}
	if !own {
		c.Say = byDefault(c.Say)
	}
	return c
}

func drift(f Facts, l law) Condition {
	v, b, own := f.Limits.Drift, basisDrift, true
	if v == 0 {
		v, b, own = DefaultDrift, basisConvention, false
	}
	c := Condition{Kind: CondDrift, Limit: v, Clauses: l.clauses(b),
		Say: fill("Bei einer Kontextabweichung über %s entscheidet ein Mensch.", "Above a context drift of %s, a person decides.", share(v))}
	if !own {
		c.Say = byDefault(c.Say)
	}
	return c
}

// zone without any zone lets nobody in: where a system may be used from has to
// be said.
func zone(f Facts, l law) Condition {
	c := Condition{Kind: CondZone, Allowed: f.Zones, Clauses: l.clauses(basisZone)}
	switch len(f.Zones) {
	case 0:
		c.Say = text.Bi{DE: "Es ist keine Zone freigegeben; bis eine eingetragen ist, wird jeder Zugriff abgelehnt.",
			EN: "No zone is released; until one is entered, every access is denied."}
	case 1:
		c.Say = fill("Nur aus der Zone %s.", "Only from the zone %s.", list(f.Zones))
	default:
		c.Say = fill("Nur aus den Zonen %s.", "Only from the zones %s.", list(f.Zones))
	}
	return c
}

func plant(f Facts, l law) []Condition {
	var out []Condition
	if len(f.PlantStates) > 0 {
		out = append(out, Condition{Kind: CondPlant, Allowed: f.PlantStates, Clauses: l.clauses(basisPlant),
			Say: fill("Ergebnisse gelten nur, wenn die Anlage meldet: %s. In jedem anderen Zustand und ohne frische Meldung entscheidet ein Mensch.",
				"Results count only while the plant reports: %s. In any other state, and without a fresh report, a person decides.", list(f.PlantStates))})
	}
	if f.PlantMust {
		out = append(out, Condition{Kind: CondPlantMust, Clauses: l.clauses(basisPlant), Say: text.Bi{
			DE: "Ohne bekannten Zustand der Anlage läuft nichts.", EN: "Without a known plant state nothing runs."}})
	}
	return out
}

func timeout(f Facts, l law) Condition {
	v := f.Limits.TimeoutMS
	if v == 0 {
		v = DefaultTimeoutMS
	}
	return Condition{Kind: CondTimeout, Amount: v, Clauses: l.clauses(basisTimeout),
		Say: fill("Antwortet das Modell nicht binnen %s Millisekunden, entscheidet ein Mensch.",
			"If the model does not answer within %s milliseconds, a person decides.", whole(v))}
}

func oversight(f Facts, l law) Condition {
	c := Condition{Kind: CondOversight, Allowed: []string{string(f.Oversight)}, Clauses: l.clauses(basisOversight)}
	switch f.Oversight {
	case OnTheLoop:
		c.Say = text.Bi{DE: "Ein Mensch begleitet den Betrieb und kann jederzeit anhalten.",
			EN: "A person accompanies the operation and can stop it at any time."}
	case Without:
		c.Say = text.Bi{DE: "Eine laufende Aufsicht ist nicht verlangt; anhalten kann jede Person mit einer Rolle.",
			EN: "Constant oversight is not demanded; any person with a role can stop it."}
	default:
		c.Say = text.Bi{DE: "Ein Mensch prüft vor der Freigabe, was an ihn gegeben wird, und kann jederzeit anhalten.",
			EN: "A person checks, before release, what is handed over, and can stop it at any time."}
	}
	if !f.Decider.IsZero() {
		d := ended(f.Decider)
		c.Say.DE += " Es entscheidet: " + d.DE + "."
		c.Say.EN += " Who decides: " + d.EN + "."
	}
	return c
}

func review(f Facts, l law) Condition {
	v := f.Limits.ReviewMin
	if v == 0 {
		v = DefaultReviewMin
	}
	return Condition{Kind: CondReview, Amount: v, Clauses: l.clauses(basisReview),
		Say: fill("Ein Prüffall ist nach %s Minuten fällig.", "A review case is due after %s minutes.", whole(v))}
}

// fallback needs words for the safe state; without them the result is held.
func fallback(f Facts, l law) Condition {
	c := Condition{Kind: CondFallback, Allowed: []string{string(Hold)}, Clauses: l.clauses(basisFallback),
		Say: text.Bi{DE: "Solange ein Mensch prüft, bleibt das Ergebnis zurückgehalten.", EN: "While a person checks, the result is held back."}}
	if f.OnHold == Fallback && !f.FallbackSay.IsZero() {
		c.Allowed = []string{string(Fallback)}
		c.Say = fill("Solange ein Mensch prüft, gilt: %s.", "While a person checks, this holds: %s.", ended(f.FallbackSay))
	}
	return c
}

func retention(f Facts, l law) Condition {
	c := Condition{Kind: CondRetention, Allowed: []string{f.Retain}, Amount: int64(f.RetainDays), Clauses: l.clauses(basisRetention)}
	days := whole(int64(f.RetainDays))
	switch f.Retain {
	case "all":
		c.Say = fill("Eingaben und Ergebnisse werden %s Tage verschlüsselt aufbewahrt und danach gelöscht.",
			"Inputs and results are kept encrypted for %s days and then erased.", days)
	case "sample":
		c.Say = fill("Eine Stichprobe der Eingaben und Ergebnisse wird %s Tage verschlüsselt aufbewahrt und danach gelöscht.",
			"A sample of inputs and results is kept encrypted for %s days and then erased.", days)
	case "nothing":
		c.Say = text.Bi{DE: "Von Eingaben und Ergebnissen wird nichts aufbewahrt.", EN: "Nothing of inputs and results is kept."}
	default:
		c.Say = text.Bi{DE: "Von Eingaben und Ergebnissen bleibt nur ein Prüfwert im Journal, kein Inhalt.",
			EN: "Of inputs and results only a check value stays in the journal, no content."}
	}
	return c
}

func subjects(f Facts, l law) Condition {
	c := Condition{Kind: CondSubjects, Allowed: f.DataClasses, Clauses: l.clauses(basisSubjects)}
	if len(f.DataClasses) == 0 {
		c.Say = text.Bi{DE: "Es ist keine Datenklasse freigegeben.", EN: "No data class is released."}
	} else {
		c.Say = fill("Nur Daten der Klassen %s.", "Only data of the classes %s.", list(f.DataClasses))
	}
	if f.People {
		c.Say.DE += " Angaben über Personen nur für den genannten Zweck."
		c.Say.EN += " Data about people only for the purpose named."
	}
	return c
}
