package gallery

import (
	"math"
	"time"

	"augenmass/internal/serve/web/ui"
)

var conditions = [][3]string{
	{"Nur zum Zweck: Wartung planen. Nicht zur Beurteilung von Personen.", "Only for this purpose: planning maintenance. Not for rating people.", "BV 2026-03 Nr. 2"},
	{"Unter 0,85 Sicherheit entscheidet ein Mensch, bevor etwas geschieht.", "Below 0.85 confidence a person decides before anything happens.", "KI-VO Art. 14|ZTA-05"},
	{"Bei Kontextabweichung über 0,10 entscheidet ein Mensch.", "Above 0.10 context drift a person decides.", "ZTA-05|42001 A.6.2.6"},
	{"Nur aus Zone „Fertigung“, nur von einem Gerät mit gültigem Zustand.", "Only from zone “production”, only from a device with a valid posture.", "IEC 62443 SR 5.2|ZTA-01|ZTA-02"},
	{"Bei Ausfall: Wartungsplan von Hand, die Maschine läuft weiter.", "On failure: maintenance plan by hand, the machine keeps running.", "IEC 62443 Cl. 4.2"},
	{"Eingaben 180 Tage, verschlüsselt, danach gelöscht.", "Inputs for 180 days, encrypted, then deleted.", "DSGVO Art. 5(1)(e)"},
}

func clauseRefs(list string) []ui.ClauseRef {
	var refs []ui.ClauseRef
	for len(list) > 0 {
		cut := len(list)
		for i := range list {
			if list[i] == '|' {
				cut = i
				break
			}
		}
		refs = append(refs, ui.ClauseRef{Ref: list[:cut], Href: Path + "side"})
		list = list[min(cut+1, len(list)):]
	}
	return refs
}

func permit(c ui.Ctx, state string) ui.PermitView {
	v := ui.PermitView{
		ID: "permit-" + state, State: state, Number: "BE-2026-0007", Version: 4,
		CardURL: "https://augenmass.muster.example/w/7KQ4-M2XP", CardHref: Path + "open",
		FactsHash: "sha256:4be1c7d5a90f2e6b83d1740c5f9a2e8b6d3c1f0a7e5b4d2c9f8a1b3e6d7090c2",
		Facts: []ui.Fact{
			{Term: "System", Text: b(c, "Fräslinie: Ausfallvorhersage", "Milling line: failure prediction")},
			{Term: b(c, "Rolle", "Role"), Text: b(c, "Betreiber", "deployer")},
			{Term: b(c, "Klasse", "Class"), Text: "minimal", Note: b(c, "KI-VO, Stand 21.11.2026", "AI Act, as of 21 Nov 2026")},
			{Term: b(c, "Aufsicht", "Oversight"), Text: b(c, "vor der Freigabe", "before release")},
			{Term: b(c, "Gültig bis", "Valid until"), Text: b(c, "30.06.2027", "30 Jun 2027"), Mono: true},
			{Term: b(c, "Entscheidet", "Decides"), Text: b(c, "Schichtleitung Fräserei", "Shift lead, milling")},
		},
	}
	for _, row := range conditions {
		v.Conditions = append(v.Conditions, ui.ConditionView{Text: b(c, row[0], row[1]), Clauses: clauseRefs(row[2])})
	}
	switch state {
	case "suspended":
		v.Number, v.Version = "BE-2026-0009", 2
		v.Lapses = []ui.LapseView{{
			Title: b(c, "Freigabe der Sicherheitsfachkraft zurückgezogen", "Approval of the safety officer withdrawn"),
			Since: "14:01", Clauses: clauseRefs("42001 A.6.2.5|BV 2026-03 Nr. 4"),
			LiftBy: b(c, "Leitung Fertigung und Sicherheitsfachkraft gemeinsam", "Head of production and safety officer together"),
			Object: ui.LinkView{Text: b(c, "Freigabe 3", "Approval 3"), Href: Path + "side"},
		}}
		v.Next = []ui.Action{{Text: b(c, "Freigabe neu geben", "Give approval again"), Href: Path + "form", Kind: "main"}}
	case "none":
		v.Number, v.Version, v.Conditions, v.CardURL, v.FactsHash = "", 0, nil, "", ""
		v.Lapses = []ui.LapseView{{
			Title: b(c, "Einstufung fehlt", "Classification missing"), Clauses: clauseRefs("KI-VO Art. 6"),
			LiftBy: b(c, "KI-Beauftragte", "AI officer"),
		}}
		v.Facts = v.Facts[:2]
	}
	return v
}

func streamRows(c ui.Ctx) []ui.StreamRow {
	row := func(ms int, system string, kind ui.Kind, word, why, index string) ui.StreamRow {
		return ui.StreamRow{
			ID: "row-" + index, At: sampleNow.Add(-time.Duration(ms) * time.Millisecond), System: system, Href: Path,
			Mark: ui.Mark{Kind: kind, Word: word}, Text: why, Index: "#1.204.37" + index, Proof: Path + "side",
		}
	}
	released, person, denied := b(c, "freigegeben", "released"), b(c, "an Menschen", "to a person"), b(c, "verweigert", "denied")
	confidence := b(c, "Sicherheit ", "Confidence ")
	mill, camera := b(c, "Fräslinie", "Milling line"), b(c, "Kameraprüfung", "Camera")
	return []ui.StreamRow{
		row(0, mill, ui.OK, released, confidence+c.Decimal(.97, 2), "7"),
		row(355, mill, ui.Warn, person, confidence+c.Decimal(.81, 2)+" < "+c.Decimal(.85, 2), "6"),
		row(579, camera, ui.OK, released, confidence+c.Decimal(.93, 2), "5"),
		row(1242, b(c, "Schichtplan", "Shift plan"), ui.Stop, denied, b(c, "Betriebserlaubnis ruht", "Permit suspended"), "4"),
	}
}

func systems(c ui.Ctx) ui.TableView {
	valid, trial, off := ui.Mark{Kind: ui.OK, Word: b(c, "gültig", "valid")}, ui.Mark{Kind: ui.Warn, Word: b(c, "Erprobung", "trial")}, ui.Mark{Kind: ui.Stop, Word: b(c, "ruht", "suspended")}
	none := ui.Mark{Kind: ui.None, Word: b(c, "keine", "none")}
	row := func(name string, m ui.Mark, class string, n, people int) ui.Row {
		return ui.Row{Cells: []ui.Cell{{Text: name, Href: Path}, {Mark: &m}, {Text: class}, {Text: c.Int(n)}, {Text: c.Int(people)}}}
	}
	return ui.TableView{
		ID: "systems", Caption: b(c, "KI-Systeme und ihre Betriebserlaubnis", "AI systems and their operating permits"),
		Cols: []ui.Col{
			{Head: "System", Sort: Path + "?sort=name", Order: "ascending"}, {Head: b(c, "Betriebserlaubnis", "Operating permit")}, {Head: b(c, "Klasse", "Class")},
			{Head: b(c, "Entscheidungen heute", "Decisions today"), Right: true, Mono: true}, {Head: b(c, "an Menschen", "to people"), Right: true, Mono: true},
		},
		Rows: []ui.Row{
			row(b(c, "Fräslinie: Ausfallvorhersage", "Milling line: failure prediction"), valid, "minimal", 4812, 71),
			row(b(c, "Kameraprüfung Zierblenden", "Camera inspection, trim panels"), trial, "minimal", 12304, 408),
			row(b(c, "Schichtplanvorschlag", "Shift planning proposal"), off, b(c, "ungeklärt", "unclear"), 0, 0),
			row(b(c, "Büroassistent", "Office assistant"), none, b(c, "begrenzt", "limited"), 236, 4),
		},
	}
}

func oversight(c ui.Ctx) ui.TableView {
	row := func(name, value string) ui.Row {
		return ui.Row{Cells: []ui.Cell{{Text: name}, {Text: value, Href: Path}}}
	}
	return ui.TableView{
		Caption: b(c, "Aufsicht der letzten 30 Tage", "Oversight of the last 30 days"),
		Cols:    []ui.Col{{Head: b(c, "Größe", "Measure")}, {Head: b(c, "30 Tage", "30 days"), Right: true, Mono: true}},
		Rows: []ui.Row{
			row(b(c, "Entscheidungen", "Decisions"), c.Int(91402)), row(b(c, "an Menschen gegeben", "given to people"), c.Int(1377)),
			row(b(c, "davon geändert", "changed of these"), c.Int(214)),
			row(b(c, "freigegeben ohne Pflichtprüfung", "released without a required review"), c.Int(0)),
			row(b(c, "mittlere Zeit bis zur Antwort", "median time to answer"), c.Duration(160*time.Second)),
		},
	}
}

func tasks(c ui.Ctx) []ui.Task {
	return []ui.Task{
		{Text: b(c, "3 Prüffälle an der Fräslinie", "3 review cases at the milling line"), Href: Path + "review", Note: b(c, "Frist heute, 15:30", "Due today, 15:30"), Time: "6 min"},
		{Text: b(c, "Schichtplan: Anbieter hat geantwortet", "Shift plan: the vendor has answered"), Href: Path, Note: b(c, "Einstufung kann fortgesetzt werden", "Classification can go on"), Time: "10 min"},
		{Text: b(c, "Betriebsrat fragt nach Speicherdauer", "Works council asks about retention"), Href: Path, Note: b(c, "Antwort bis Dienstag", "Answer by Tuesday"), Time: "5 min"},
		{Text: b(c, "Risiko „falsches Werkzeug“ neu bewerten", "Assess risk “wrong tool” again"), Href: Path, Note: b(c, "nach Werkstoffwechsel", "after a change of material"), Time: "10 min"},
	}
}

func drift(c ui.Ctx) ui.DriftView {
	v := ui.DriftView{
		Label: b(c, "Kontextabweichung heute: steigt von 0,03 auf 0,12, Grenze 0,10 seit zwei Fenstern überschritten",
			"Context drift today: rises from 0.03 to 0.12, limit 0.10 exceeded for two windows"),
		Limit: .10, Reference: .04,
	}
	for i := range 17 {
		at := sampleNow.Truncate(time.Hour).Add(time.Duration(i-16) * 30 * time.Minute)
		value := .03 + .092*math.Pow(float64(i)/16, 2.2) + .006*math.Sin(float64(i)*1.9)
		v.Points = append(v.Points, ui.Point{At: c.Clock(at), Value: value})
	}
	return v
}

func wheel(c ui.Ctx) []ui.WheelPart {
	return []ui.WheelPart{
		{Name: b(c, "Planen", "Plan"), Done: 7, Of: 9}, {Name: b(c, "Tun", "Do"), Done: 11, Of: 12},
		{Name: b(c, "Prüfen", "Check"), Done: 4, Of: 9}, {Name: b(c, "Handeln", "Act"), Done: 2, Of: 3},
	}
}

func matrix(c ui.Ctx) ui.RiskMatrixView {
	return ui.RiskMatrixView{
		Label: b(c, "Risiken nach Eintritt und Schaden", "Risks by likelihood and impact"),
		XName: b(c, "Eintritt", "Likelihood"), YName: b(c, "Schaden", "Impact"), Size: 5, WarnAt: 6, StopAt: 15,
		XWords: []string{b(c, "selten", "rare"), b(c, "unwahrscheinlich", "unlikely"), b(c, "möglich", "possible"), b(c, "wahrscheinlich", "likely"), b(c, "häufig", "frequent")},
		YWords: []string{b(c, "gering", "minor"), b(c, "spürbar", "noticeable"), b(c, "mittel", "moderate"), b(c, "groß", "major"), b(c, "sehr groß", "severe")},
		Points: []ui.RiskPoint{
			{No: "R1", Name: b(c, "Falsches Werkzeug", "Wrong tool"), X: 3, Y: 4, Href: Path},
			{No: "R2", Name: b(c, "Sensor fällt aus", "Sensor fails"), X: 4, Y: 2, Href: Path},
			{No: "R3", Name: b(c, "Werkstoff gewechselt", "Material changed"), X: 4, Y: 2, Href: Path},
			{No: "R4", Name: b(c, "Vorschlag wird blind übernommen", "Proposal taken over blindly"), X: 4, Y: 5, Href: Path},
			{No: "R5", Name: b(c, "Netz getrennt", "Network cut"), X: 2, Y: 1, Href: Path},
		},
	}
}

func bars(c ui.Ctx) ui.BarsView {
	return ui.BarsView{
		Caption: b(c, "Was den Vorschlag bestimmt", "What drives the proposal"),
		Name:    b(c, "Größe", "Measure"), Value: b(c, "Wert", "Value"), Bar: b(c, "Einfluss auf den Vorschlag", "Influence on the proposal"),
		Rows: []ui.BarRow{
			{Name: b(c, "Werkzeugverschleiß", "Tool wear"), Value: "198 min", Share: .62},
			{Name: b(c, "Drehmoment", "Torque"), Value: c.Decimal(61.4, 1) + " Nm", Share: .48},
			{Name: b(c, "Drehzahl", "Rotational speed"), Value: c.Int(1312) + " 1/min", Share: .21},
			{Name: b(c, "Lufttemperatur", "Air temperature"), Value: c.Decimal(301.2, 1) + " K", Share: .09},
		},
	}
}

func stages(c ui.Ctx) []ui.Stage {
	return []ui.Stage{
		{Name: b(c, "Idee", "Idea"), When: b(c, "März 2026", "March 2026"), State: "done", Href: Path},
		{Name: b(c, "Erprobung", "Trial"), When: b(c, "Mai bis Juli", "May to July"), State: "done"},
		{Name: b(c, "Betrieb", "Operation"), When: b(c, "seit 03.08.2026", "since 3 Aug 2026"), State: "now"},
		{Name: b(c, "Stilllegung", "Retired"), State: "next"},
	}
}

func versions(c ui.Ctx) []ui.VersionView {
	return []ui.VersionView{
		{Number: 4, At: sampleNow.Add(-26 * time.Hour), Who: "S. Keller", What: b(c, "geändert", "changed"), Journal: ui.LinkView{Text: "#1.203.118", Href: Path + "side"},
			Rows: []ui.DiffRow{{Field: b(c, "Mindestsicherheit", "Least confidence"), Old: c.Decimal(.80, 2), New: c.Decimal(.85, 2)}, {Field: b(c, "Vertretung", "Deputy"), New: b(c, "Meister Montage", "Foreman, assembly")}}},
		{Number: 1, At: sampleNow.AddDate(0, -3, 0), Who: "J. Brandt", What: b(c, "angelegt", "created"), Journal: ui.LinkView{Text: "#12", Href: Path + "side"}},
	}
}

func progress(c ui.Ctx, done int) ui.ProgressView {
	return ui.ProgressView{
		ID: "progress", Label: b(c, "Prüfakte wird gebaut", "Building the case file"), Done: done, Total: 4000,
		Words: b(c, c.Int(done)+" von 4.000 Einträgen", c.Int(done)+" of 4,000 entries"), URL: Path + "progress?lang=" + string(c.Lang),
		Finished: done == 4000, Link: ui.LinkView{Text: b(c, "Prüfakte laden", "Download the case file"), Href: Path},
		Cancel: &ui.Action{Text: b(c, "Abbrechen", "Cancel"), Href: Path + "problem", Post: true},
	}
}

func result(c ui.Ctx) ui.ResultView {
	return ui.ResultView{
		Mark:  ui.Mark{Kind: ui.OK, Word: b(c, "minimales Risiko", "minimal risk")},
		Title: b(c, "Die Fräslinie darf ohne besondere Pflichten der KI-Verordnung laufen.", "The milling line may run without special duties under the AI Act."),
		Why: []ui.Reason{
			{Text: b(c, "Es ist ein KI-System: Das Modell leitet aus Messwerten ab.", "It is an AI system: the model infers from readings."), Clauses: clauseRefs("KI-VO Art. 3 Nr. 1")},
			{Text: b(c, "Kein Fall aus Anhang III: Es geht um Maschinen, nicht um Menschen.", "No case of Annex III: it is about machines, not people."), Clauses: clauseRefs("KI-VO Art. 6|KI-VO Anhang III")},
		},
		Next: []ui.Task{{Text: b(c, "Zwei Freigaben einholen", "Get two approvals"), Href: Path, Time: "10 min"}, {Text: b(c, "Betriebsrat unterrichten", "Inform the works council"), Href: Path, Time: "5 min"}},
		Who:  b(c, "Sabine Keller, KI-Beauftragte", "Sabine Keller, AI officer"),
		Note: b(c, "Rechtsstand 21.11.2026. Ändert sich der Zweck, wird neu eingestuft.", "Law as of 21 Nov 2026. A new purpose means a new classification."),
	}
}
