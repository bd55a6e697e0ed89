package demo

import (
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// systemNames are the names of the four systems by their short names.
var systemNames = map[string]string{
	"mill":   "Fräslinie: Ausfallvorhersage",
	"camera": "Kameraprüfung Zierblenden",
	"shift":  "Schichtplanvorschlag",
	"office": "Büroassistent",
}

// register puts a system into the register as the AI officer does, with its
// models, and answers "Is this AI?".
func (b *builder) register(short string, s inventory.System, models []inventory.Model, identified map[string]string) (string, error) {
	ctx, g := b.as("ki"), b.c.Org
	s.Name, s.Code = systemNames[short], short
	var id string
	err := g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := g.Inventory.Systems.Create(ctx, tx, s)
		if err != nil {
			return err
		}
		id = o.ID
		for _, m := range models {
			m.System = id
			if _, err := g.Inventory.Models.Create(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	b.c.Systems[short] = id
	var answers []assess.Answer
	for item, v := range identified {
		answers = append(answers, assess.Answer{Item: item, Value: v})
	}
	_, err = g.Assess.Put(ctx, id, assess.Identification, 0, answers)
	return id, err
}

// trained answers the identification for a system with a trained model that is
// not changed in operation.
var trained = map[string]string{
	"kid-b1": "yes", "kid-b2": "yes", "kid-b3": "yes", "kid-b4": "yes", "kid-c1": "yes", "kid-c2": "no", "kid-c3": "no",
	"kid-d1": "yes", "kid-d2": "yes", "kid-d3": "yes", "kid-d4": "yes", "kid-d5": "yes", "kid-e1": "no", "kid-e2": "no",
}

// classify answers the class questions as the AI officer does.
func (b *builder) classify(system string, in classify.Input) error {
	_, err := b.c.Org.Classify.Put(b.as("ki"), system, 0, in)
	return err
}

// approve signs for a system in the role of one of the people, after reading
// the dossier.
func (b *builder) approve(system, signIn string) error {
	ctx, g := b.as(signIn), b.c.Org
	d, err := g.Approve.Read(ctx, g.DB, system)
	if err != nil {
		return err
	}
	hash, err := d.Hash()
	if err != nil {
		return err
	}
	_, err = g.Approve.Give(ctx, system, b.c.People[signIn].Roles[0], hash, "", "password")
	return err
}

// advance moves a system forward, stage by stage.
func (b *builder) advance(system string, to ...inventory.LifeCycle) error {
	ctx, g := b.as("ki"), b.c.Org
	for _, stage := range to {
		o, err := g.Inventory.Systems.Get(ctx, g.DB, system)
		if err != nil {
			return err
		}
		if _, err := g.Inventory.SetLifeCycle(ctx, system, o.Revision, stage); err != nil {
			return err
		}
	}
	return nil
}

// zone answers what the security level of a zone follows from.
func zone(consequence, reach string) []classify.Answer {
	return []classify.Answer{{Fact: "consequence", Values: []string{consequence}}, {Fact: "reach", Values: []string{reach}},
		{Fact: "targeted", Values: []string{"no"}}}
}

// noOutput says that the system talks to nobody and makes no content.
var noOutput = classify.Answer{Fact: "outputs", Values: []string{classify.None}}

// plain are the class answers of a bought system that touches no listed area.
func plain(more ...classify.Answer) []classify.Answer {
	return append([]classify.Answer{
		{Fact: "practices", Values: []string{classify.None}},
		{Fact: "areas", Values: []string{classify.None}},
		{Fact: "product", Values: []string{"none"}},
		{Fact: "activities", Values: []string{"uses"}},
		{Fact: "changes", Values: []string{classify.None}},
	}, more...)
}

func (b *builder) mill() error {
	m, err := millModel("", b.o.Endpoint, b.o.Window)
	if err != nil {
		return err
	}
	id, err := b.register("mill", inventory.System{
		Purpose: text.Bi{DE: "Wartung planen: ein Ausfall von Werkzeug oder Maschine wird vorhergesagt.", EN: "Planning maintenance: a failure of tool or machine is predicted."},
		Excluded: []text.Bi{{DE: "Beurteilung von Personen", EN: "judging people"},
			{DE: "Sicherheitsfunktionen der Maschine", EN: "safety functions of the machine"}},
		Use:         text.Bi{DE: "Die Steuerung fragt je Teil; die Schichtleitung sieht den Vorschlag am Tablet.", EN: "The control asks per part; the shift lead sees the suggestion on a tablet."},
		DataSources: []string{"Sensoren der Fräse", "Werkzeugverwaltung"}, Technology: "Gradient Boosting, Modell 1.0.0 des Maschinenlieferanten",
		Origin: "procured", Scope: []inventory.Scope{"production", "predictive_maintenance"}, RoleOfAI: "idea_source",
		RiskOwner: b.c.People["leitung"].ID, DataClasses: []string{"Maschinendaten"}, Zones: []string{ZoneMill},
		Oversee: inventory.Oversee{Mode: inventory.Oversight(permit.OnTheLoop), OnHold: inventory.OnHold(permit.Fallback),
			Decider: text.Bi{DE: "Schichtleitung Fräserei", EN: "Shift lead milling"}, DeciderRole: string(roles.ShiftLead),
			Fallback: text.Bi{DE: "Wartungsplan von Hand, die Maschine läuft weiter.", EN: "Maintenance plan by hand, the machine keeps running."},
			Limits:   inventory.Limits{Confidence: 0.85, Drift: 0.10, TimeoutMS: 2000, ReviewMin: 60}},
		Retain: "commitment", RetainDays: 180, PlantStates: []string{"running", "setup"}, ReviewBy: b.o.Now().UTC().AddDate(0, 7, 0),
	}, []inventory.Model{m}, trained)
	if err != nil {
		return err
	}
	if err := b.classify(id, classify.Input{Verdict: "ai_system", Answers: plain(append(zone("disturbance", "plant"), noOutput)...)}); err != nil {
		return err
	}
	if err := b.decided(id); err != nil {
		return err
	}
	if err := b.advance(id, inventory.Trial, inventory.Operation); err != nil {
		return err
	}
	if err := b.approve(id, "leitung"); err != nil {
		return err
	}
	return b.approve(id, "sicherheit")
}

// camera is on trial and waits for two approvals: the visitor gives them.
func (b *builder) camera() error {
	id, err := b.register("camera", inventory.System{
		Purpose:     text.Bi{DE: "Kratzer und Dellen auf Zierblenden finden und zur Nacharbeit vorschlagen.", EN: "Finding scratches and dents on trims and proposing rework."},
		Excluded:    []text.Bi{{DE: "Beurteilung von Personen", EN: "judging people"}},
		Use:         text.Bi{DE: "Eine Kamera am Prüfplatz schlägt vor, ein Mensch entscheidet.", EN: "A camera at the inspection place proposes, a person decides."},
		DataSources: []string{"Kamera Prüfplatz 2"}, Technology: "Bildklassifikation des Anbieters, Fassung 2.3",
		Origin: "procured", Scope: []inventory.Scope{"production", "quality_control"}, RoleOfAI: "amplifier",
		RiskOwner: b.c.People["leitung"].ID, DataClasses: []string{"Bilder von Teilen"}, Zones: []string{ZoneMill},
		Oversee: inventory.Oversee{Mode: inventory.Oversight(permit.InTheLoop), OnHold: inventory.OnHold(permit.Hold),
			Decider: text.Bi{DE: "Prüfplatz Endmontage", EN: "Inspection at final assembly"}, DeciderRole: string(roles.ShiftLead),
			Fallback: text.Bi{DE: "Sichtprüfung von Hand wie bisher.", EN: "Visual inspection by hand as before."}},
		Retain: "commitment", RetainDays: 30, ReviewBy: b.o.Now().UTC().AddDate(0, 6, 0),
	}, []inventory.Model{{Name: "zierblenden", Version: "2.3", Hash: vendorHash("Kameraprüfung Zierblenden 2.3"), Card: inventory.Card{
		Purpose: text.Bi{DE: "Oberflächenfehler auf Blenden bis 40 cm.", EN: "Surface defects on trims up to 40 cm."},
		Data:    text.Bi{DE: "12.400 Bilder des Anbieters und 800 eigene.", EN: "12,400 images of the vendor and 800 of our own."},
		Limits:  text.Bi{DE: "Nicht für matte Oberflächen geprüft.", EN: "Not tested on matt surfaces."},
		Metrics: []inventory.Metric{{Name: "Recall", Value: 0.94, On: "800 eigene Bilder"}}}}}, trained)
	if err != nil {
		return err
	}
	if err := b.classify(id, classify.Input{Verdict: "ai_system", Answers: plain(append(zone("disturbance", "plant"), noOutput)...)}); err != nil {
		return err
	}
	return b.advance(id, inventory.Trial)
}

// shift is unclear: nobody knows yet whether personal traits go in.
func (b *builder) shift() error {
	answers := map[string]string{}
	for k, v := range trained {
		answers[k] = v
	}
	answers["kid-e2"] = "yes"
	id, err := b.register("shift", inventory.System{
		Purpose: text.Bi{DE: "Einen Schichtplan vorschlagen.", EN: "Proposing a shift plan."},
		Use:     text.Bi{DE: "Die Personalplanung bekommt einen Vorschlag und ändert ihn.", EN: "Staff planning gets a proposal and changes it."},
		Origin:  "procured", Scope: []inventory.Scope{"personnel"}, RoleOfAI: "idea_source", RiskOwner: b.c.People["ki"].ID,
		People: true, DataClasses: []string{"Personaldaten"}, DataSources: []string{"Zeiterfassung"}, Zones: []string{ZoneOffice},
		Oversee: inventory.Oversee{Mode: inventory.Oversight(permit.InTheLoop), OnHold: inventory.OnHold(permit.Hold),
			Decider: text.Bi{DE: "Personalplanung", EN: "Staff planning"}, DeciderRole: string(roles.ShiftLead)},
	}, nil, answers)
	if err != nil {
		return err
	}
	return b.classify(id, classify.Input{Verdict: "ai_system", OpenWho: b.c.People["ki"].ID, OpenDue: b.o.Now().UTC().AddDate(0, 0, 14), OpenTo: "vendor",
		Answers: []classify.Answer{
			{Fact: "practices", Values: []string{classify.None}},
			{Fact: "areas", Values: []string{"workers"}},
			{Fact: "worker_basis", Values: []string{"unknown"}},
			{Fact: "activities", Values: []string{"uses"}},
			{Fact: "changes", Values: []string{classify.None}},
		}})
}

func (b *builder) office() error {
	id, err := b.register("office", inventory.System{
		Purpose:     text.Bi{DE: "Texte entwerfen und zusammenfassen.", EN: "Drafting and summarising texts."},
		Excluded:    []text.Bi{{DE: "Personaldaten", EN: "personnel data"}},
		Use:         text.Bi{DE: "Zwölf Personen im Büro, nur für eigene Entwürfe.", EN: "Twelve people in the office, for own drafts only."},
		DataSources: []string{"Eingaben der Nutzenden"}, Technology: "Sprachmodell des Anbieters",
		Origin: "used", Scope: []inventory.Scope{"office"}, RoleOfAI: "sparring_partner", RiskOwner: b.c.People["ki"].ID,
		DataClasses: []string{"Geschäftstexte"}, Zones: []string{ZoneOffice},
		Oversee: inventory.Oversee{Mode: inventory.Oversight(permit.OnTheLoop), OnHold: inventory.OnHold(permit.Hold),
			Decider: text.Bi{DE: "Wer den Text verwendet", EN: "Whoever uses the text"}, DeciderRole: string(roles.AIOfficer),
			Fallback: text.Bi{DE: "Ohne Assistenten schreiben.", EN: "Write without the assistant."}},
		Retain: "nothing", ReviewBy: b.o.Now().UTC().AddDate(0, 6, 0),
	}, []inventory.Model{{Name: "bueroassistent", Version: "2026-10", Hash: vendorHash("Büroassistent 2026-10"), Card: inventory.Card{
		Purpose: text.Bi{DE: "Entwürfe und Zusammenfassungen.", EN: "Drafts and summaries."},
		Data:    text.Bi{DE: "Nach Angabe des Anbieters; nicht nachgeprüft.", EN: "As stated by the vendor; not verified."},
		Limits:  text.Bi{DE: "Erfindet Quellen; Zahlen prüfen.", EN: "Invents sources; check figures."},
		Metrics: []inventory.Metric{{Name: "Stichprobe ohne Fehler", Value: 0.91, On: "60 eigene Texte"}}}}}, trained)
	if err != nil {
		return err
	}
	answers := plain(append(zone("disturbance", "office"), classify.Answer{Fact: "outputs", Values: []string{"chat", "synthetic"}},
		classify.Answer{Fact: "editing_only", Values: []string{"no"}}, classify.Answer{Fact: "obvious", Values: []string{"yes"}})...)
	if err := b.classify(id, classify.Input{Verdict: "ai_system", Answers: answers}); err != nil {
		return err
	}
	if err := b.advance(id, inventory.Trial, inventory.Operation); err != nil {
		return err
	}
	return b.approve(id, "leitung")
}
