package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"augenmass/internal/demo/model"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/profile"
	"augenmass/internal/govern/risk"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// decided is what the company settled about the milling line before it was
// approved: its profile, a risk, and where its data come from.
func (b *builder) decided(system string) error {
	for _, step := range []func(string) error{b.millProfile, b.millRisk, b.millData} {
		if err := step(system); err != nil {
			return err
		}
	}
	_, err := b.c.Org.Risk.Samples(b.as("ki"), b.c.People["leitung"].ID, text.DE)
	return err
}

func bi(de, en string) text.Bi { return text.Bi{DE: de, EN: en} }

func (b *builder) millProfile(system string) error {
	today := b.o.Now().UTC()
	head, safety, lead := b.c.People["leitung"].ID, b.c.People["sicherheit"].ID, b.c.People["schicht"].ID
	stance := func(de, en string) profile.Stance { return profile.Stance{Say: bi(de, en), By: head, On: today} }
	_, err := b.c.Org.Profile.Save(b.as("ki"), system, 0, func(p *profile.Profile) {
		p.Intent = profile.Intent{Aim: profile.Assist, By: head, On: today,
			Statement: bi("Die Vorhersage hilft, Werkzeuge rechtzeitig zu wechseln. Sie ersetzt niemanden und beurteilt niemanden.", "The forecast helps to change tools in time. It replaces nobody and judges nobody."),
			Hopes:     bi("Weniger Hektik bei Stillständen", "Less rush at standstills"), Wants: bi("Weniger ungeplante Stillstände", "Fewer unplanned standstills")}
		p.Autonomy = profile.Autonomy{Degree: profile.Proposes, Reason: bi("Ein Wechsel zur falschen Zeit kostet mehr als ein kurzer Blick.", "A change at the wrong time costs more than a short look."),
			Limits: []text.Bi{bi("Greift nie in die Steuerung ein", "Never acts on the control")}}
		p.Decisions = []profile.Decision{{Name: bi("Wartung vorziehen", "Bring maintenance forward"), Mode: "on_the_loop", Person: lead,
			Reason: bi("Die Schichtleitung kennt Werkzeug und Auftrag.", "The shift lead knows tool and order.")}}
		p.Persons = profile.Persons{Decides: head, Checks: safety, Liable: head}
		p.Values = profile.Values{
			Fair: stance("Kein Vorschlag wird einer Person zugerechnet.", "No proposal is put down to a person."),
			Open: stance("Zu jedem Vorschlag stehen die wichtigsten Messwerte.", "With each proposal stand the measurements that count most."),
			Held: stance("Sicherheit geht vor Ausbringung.", "Safety comes before output.")}
		p.Weighing = profile.Weighing{Complete: true,
			Chances: []text.Bi{bi("Weniger ungeplante Stillstände", "Fewer unplanned standstills"), bi("Werkzeuge werden ausgenutzt", "Tools are used to their end")},
			Dangers: []text.Bi{bi("Verlass auf den Vorschlag statt auf das Ohr", "Trust in the proposal instead of the ear"), bi("Unnötiger Wechsel bei neuem Material", "Needless change with a new material")}}
		p.Sheet = profile.Sheet{
			Can:    []text.Bi{bi("Verschleiß, Hitze und Überlast vorhersagen", "Forecast wear, heat and overload")},
			Cannot: []text.Bi{bi("Werkzeugbruch durch Materialfehler erkennen", "See breakage from flaws in the material")},
			Errors: []text.Bi{bi("Bei neuen Werkstoffen schlägt es zu früh an.", "With new materials it raises the alarm too early.")}}
		p.Data = profile.Data{Personal: profile.No}
		p.Automated = profile.Automated{Applies: profile.No}
		p.Estimate = profile.Estimate{Bias: profile.Low, Privacy: profile.Low, Security: profile.Some, On: today}
		p.Claims = []profile.Claim{{What: bi("Ungeplante Stillstände im Jahr", "Unplanned standstills a year"), Unit: "h", Forecast: -410, Source: "Maschinenlieferant", On: today.AddDate(0, -6, 0)}}
	})
	return err
}

// millRisk is one entry of the library, judged and treated.
func (b *builder) millRisk(system string) error {
	ctx, g := b.as("ki"), b.c.Org
	o, err := g.Risk.Take(ctx, "hz.wrong-maintenance", system, b.c.People["leitung"].ID, text.DE)
	if err != nil {
		return err
	}
	ratings := func(likelihood, severity int) []risk.Rating {
		var out []risk.Rating
		for _, i := range o.Doc.Impacts {
			out = append(out, risk.Rating{Impact: i, Likelihood: likelihood, Severity: severity,
				LikelihoodReason: "Im Probelauf gab es zwei Fehlalarme in vier Wochen.", SeverityReason: "Ein Wechsel dauert zwanzig Minuten; die Maschine bleibt im Takt."})
		}
		return out
	}
	if o, err = g.Risk.Assess(ctx, o.ID, o.Revision, ratings(3, 3)); err != nil {
		return err
	}
	var measure string
	err = g.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := g.Risk.Measures.Create(ctx, tx, risk.Measure{Name: "Vorschläge unter 85 % Sicherheit sieht die Schichtleitung zuerst", What: "Unsichere Vorschläge gehen als Prüffall an die Schichtleitung, bevor jemand danach handelt.", Owner: b.c.People["schicht"].ID})
		measure = m.ID
		return err
	})
	if err != nil {
		return err
	}
	_, err = g.Risk.Treat(ctx, o.ID, o.Revision, risk.Treated{Treatment: risk.Reduce, Measures: []string{measure}, After: ratings(2, 2),
		Reason: "Wer die Maschine kennt, prüft jeden unsicheren Vorschlag."})
	return err
}

// millData says where the data of the failure model come from and where the
// machine's values flow.
func (b *builder) millData(system string) error {
	ctx, g := b.as("ki"), b.c.Org
	ensemble, card, err := model.Embedded()
	if err != nil {
		return err
	}
	var id string
	var revision int64
	err = g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := g.Data.Datasets.Create(ctx, tx, data.Dataset{Name: "Sensorwerte Fräse, Trainingsdaten", Systems: []string{system}, Jobs: []string{"Wartung planen"},
			Purpose: "Ausfälle von Werkzeug und Maschine vorhersagen", Source: card.Data.Attribution, Licence: "CC BY 4.0", Personal: data.No, Class: "Maschinendaten",
			Location: "Rechner der Arbeitsvorbereitung", Owner: b.c.People["ki"].ID, DeleteBy: b.o.Now().UTC().AddDate(3, 0, 0), Keep: "Bis das Modell ersetzt ist."})
		if err != nil {
			return err
		}
		id, revision = o.ID, o.Revision
		for _, f := range []data.Flow{
			{From: "Steuerung Fräslinie 4", To: "Leitrechner Fräslinie 4", What: "Messwerte je Teil", Place: "Arbeitsspeicher", Country: "Deutschland", Access: "niemand", System: system},
			{From: "Leitrechner Fräslinie 4", To: "Maschinenlieferant", What: "Zählerstände für die Fernwartung", Country: "Deutschland", System: system},
		} {
			if _, err := g.Data.Flows.Create(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, s := range []struct {
		act  data.Act
		note string
	}{{data.Acquire, "Veröffentlichten Datensatz übernommen."}, {data.Clean, "Zeilen ohne Messwert entfernt."}, {data.Protect, "Nur für die Arbeitsvorbereitung lesbar."}} {
		sum := sha256.Sum256([]byte(ensemble.Hash() + string(s.act)))
		o, err := g.Data.AddStep(ctx, id, revision, data.Entry{Act: s.act, At: b.o.Now().UTC().Add(-time.Duration(30-i) * 24 * time.Hour),
			Note: s.note, Hash: hex.EncodeToString(sum[:])})
		if err != nil {
			return err
		}
		revision = o.Revision
	}
	return nil
}
