package train

import (
	"math"

	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
	"augenmass/internal/text"
)

// card fills the model card with everything that was measured.
func card(e *model.Ensemble, rows []mill.Row, all sample, parts [3]sample, seed uint64) model.Card {
	c := model.Card{
		Format: model.CardFormat, Name: e.Name, Version: e.Version,
		Title: text.Bi{DE: "Ausfallvorhersage der Fräslinie", EN: "Failure prediction of the milling line"},
		Purpose: text.Bi{
			DE: "Schlägt je Teil vor, ob Werkzeug oder Maschine bei diesem Arbeitsgang ausfallen. Ein Mensch oder die Freigaberegel entscheidet, was daraus folgt.",
			EN: "Suggests per part whether tool or machine will fail in this operation. A person or the release rule decides what follows."},
		NotFor: notFor,
		Data: model.CardData{
			Name: "AI4I 2020 Predictive Maintenance Dataset", Author: "Stephan Matzka",
			Source: "UCI Machine Learning Repository, data set 601", DOI: "10.24432/C5HS5C", Licence: "CC BY 4.0",
			Attribution: "S. Matzka, AI4I 2020 Predictive Maintenance Dataset, UCI Machine Learning Repository, 2020, https://doi.org/10.24432/C5HS5C, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). A model was trained on the data; the card holds statistics of them and none of their rows.",
			Rows:        len(rows), Failures: count(all.y),
			Split: model.Split{Train: len(parts[0].y), Calibration: len(parts[1].y), Test: len(parts[2].y)},
			Notes: dataNotes,
		},
		Model: model.CardModel{
			Kind: text.Bi{
				DE: "Gradient Boosting mit Entscheidungsbäumen, logistischer Verlust, eigenes Training in Go",
				EN: "Gradient boosted decision trees, logistic loss, own training in Go"},
			SHA256: e.Hash(), Trees: len(e.Trees), Leaves: Settings.Leaves, LearningRate: Settings.LearningRate,
			Features: featureShares(e, parts[2]),
			Explanation: text.Bi{
				DE: "Beiträge sind exakte Shapley-Werte entlang der Baumpfade (Lundberg, Erion, Lee 2018), in Log-Chancen; positiv heißt: spricht für einen Ausfall. Sie erklären das Modell, nicht die Ursache an der Maschine.",
				EN: "Contributions are exact Shapley values along the tree paths (Lundberg, Erion, Lee 2018), in log-odds; positive speaks for a failure. They explain the model, not the cause at the machine."},
		},
		Metrics: measured(e, all, parts[2]),
		Calibration: model.CardCalib{Method: text.Bi{
			DE: "Platt-Skalierung der Summe der Bäume auf dem Kalibrierteil. Konfidenz ist die kalibrierte Wahrscheinlichkeit des Vorschlags, also der größere Wert von p und 1−p. Sie gilt, solange die Eingaben denen der Trainingsdaten gleichen; nach einer Driftmeldung ist sie nicht mehr verlässlich.",
			EN: "Platt scaling of the sum of the trees on the calibration part. Confidence is the calibrated probability of the suggestion, the larger of p and 1−p. It holds while the inputs resemble the training data; after a drift alarm it cannot be relied on."}},
		Limits:     limits,
		Monitoring: monitoring(all),
		Reproduce: model.Reproduce{Seed: seed,
			Command: "go run ./internal/demo/train/generate -data FOLDER/ai4i2020.csv -out internal/demo/model"},
	}
	p, y := probabilities(e, parts[2]), parts[2].y
	for i, b := range reliability(p, y) {
		r := model.Reliability{From: float64(i) / 10, To: float64(i+1) / 10, Rows: b.rows}
		if b.rows > 0 {
			r.Said, r.Happened = rounded(b.said/float64(b.rows)), rounded(float64(b.hits)/float64(b.rows))
		}
		c.Calibration.Bins = append(c.Calibration.Bins, r)
	}
	return c
}

var notFor = []text.Bi{
	{DE: "Beurteilung von Leistung oder Verhalten von Beschäftigten", EN: "Judging the performance or conduct of workers"},
	{DE: "Sicherheitsfunktionen der Maschine: Not-Halt und Schutzeinrichtungen bleiben unabhängig davon", EN: "Safety functions of the machine: emergency stop and guards stay independent of it"},
	{DE: "Andere Maschinen als die Fräslinie, mit deren Daten es gelernt hat", EN: "Machines other than the milling line on whose data it was trained"},
}

var dataNotes = text.Bi{
	DE: "Synthetische Daten einer Fräsmaschine. Die Spalten der Ausfallarten verraten die Antwort und sind nie Eingabe. 9 Ausfälle tragen keine Ausfallart, 18 zufällige Ausfälle sind nicht als Ausfall gezählt; beides lässt sich nicht lernen.",
	EN: "Synthetic data of a milling machine. The failure mode columns give the answer away and are never an input. 9 failures carry no mode and 18 random failures are not counted as failures; neither can be learned."}

var limits = []text.Bi{
	{DE: "Die Daten sind synthetisch; die Güte an einer echten Maschine muss dort gemessen werden.",
		EN: "The data are synthetic; quality on a real machine has to be measured there."},
	{DE: "Ausfälle sind selten. Wer immer „kein Ausfall“ sagt, hat schon in den meisten Fällen recht; aussagekräftig sind PR-AUC und die übersehenen Ausfälle.",
		EN: "Failures are rare. Always saying “no failure” is right most of the time already; PR-AUC and the missed failures are what counts."},
	{DE: "Werkzeugbruch zwischen 200 und 240 Minuten Verschleiß und zufällige Ausfälle sind in diesen Daten ausgewürfelt und kaum vorhersagbar.",
		EN: "Tool failure between 200 and 240 minutes of wear and random failures are drawn by lot in these data and hardly predictable."},
	{DE: "Die Schwelle der Konfidenz fängt nur einen Teil der falschen Vorschläge; die Prüfung auf Drift und der Anlagenzustand gehören dazu.",
		EN: "The confidence threshold catches only a part of the wrong suggestions; the check for drift and the state of the plant belong to it."},
	{DE: "Die Einstellungen des Trainings wurden an Zufallsteilungen derselben Datei verglichen, die sich mit dem Testteil überschneiden; die Kennzahlen können dadurch leicht zu gut sein.",
		EN: "The settings of the training were compared on random splits of the same file, which overlap with the test part; the figures may be slightly too good for that."},
}

func monitoring(all sample) model.Monitoring {
	m := model.Monitoring{Why: text.Bi{
		DE: "Überwacht werden Drehmoment, Drehzahl und Werkzeugverschleiß: Sie beschreiben den Prozess, und Fenster von 1.000 Zeilen der Referenz gleichen der ganzen Referenz (größter Abstand siehe window_js). Luft- und Prozesstemperatur und ihre Differenz sind Zufallswege: Jedes Fenster der Referenz selbst weicht weit über 0,10 vom Ganzen ab. Eine Überwachung würde ohne Anlass dauernd Drift melden und sagt für sich nichts über den Prozess. Ein falsch zeigender Temperaturfühler fällt deshalb weder an der Drift noch an der Konfidenz auf, nur daran, dass das Modell ungewöhnlich oft einen Ausfall vorschlägt: Mit 2,2 K zu wenig waren es auf der erzeugten Linie drei- bis fünfmal so viele Vorschläge, und etwa acht von hundert Ergebnissen waren falsch.",
		EN: "Torque, rotational speed and tool wear are monitored: they describe the process, and windows of 1,000 rows of the reference resemble the whole reference (largest distance in window_js). Air and process temperature and their difference are random walks: every window of the reference itself is far more than 0.10 away from the whole. Monitoring them would report drift all the time without a cause and says nothing about the process by itself. A temperature sensor that reads wrongly therefore shows neither in drift nor in confidence, only in the model suggesting failures unusually often: reading 2.2 K too low made three to five times as many suggestions on the generated line, and about eight in a hundred results were wrong."}}
	for i, name := range model.FeatureNames {
		column := make([]float64, len(all.x))
		for j := range all.x {
			column[j] = all.x[j][i]
		}
		switch name {
		case "torque", "rotational_speed", "tool_wear":
			m.Features = append(m.Features, reference(name, column))
		case "air_temperature", "process_temperature", "temperature_difference":
			m.Unmonitored = append(m.Unmonitored, reference(name, column))
		}
	}
	return m
}

func probabilities(e *model.Ensemble, s sample) []float64 {
	out := make([]float64, len(s.x))
	for i := range s.x {
		out[i] = e.Predict(s.x[i]).Probability
	}
	return out
}

// measured computes the metrics on the test part, and the share of all rows of
// the file whose confidence is below the threshold.
func measured(e *model.Ensemble, all, test sample) model.Metrics {
	p, y := probabilities(e, test), test.y
	raw := make([]float64, len(p))
	for i, s := range scores(e, test) {
		raw[i] = model.Sigmoid(s)
	}
	n := float64(len(p))
	m := model.Metrics{
		ROCAUC: rounded(rocAUC(p, y)), PRAUC: rounded(averagePrecision(p, y)), Brier: rounded(brier(p, y)),
		ECE: rounded(calibrationError(p, y)), ECERaw: rounded(calibrationError(raw, y)), Threshold: Threshold,
		AlwaysHealthy: rounded(1 - float64(count(y))/n),
	}
	var wrong, covered, coveredWrong float64
	for i, v := range p {
		says, sure := v >= 0.5, max(v, 1-v) >= Threshold
		switch {
		case says && y[i]:
			m.Confusion.TruePositive++
		case says:
			m.Confusion.FalsePositive++
		case y[i]:
			m.Confusion.FalseNegative++
		default:
			m.Confusion.TrueNegative++
		}
		if sure {
			covered++
		}
		if says != y[i] {
			wrong++
			if sure {
				coveredWrong++
			}
		}
	}
	m.Coverage, m.Accuracy = rounded(covered/n), rounded(1-wrong/n)
	m.CoveredRight = rounded(1 - coveredWrong/covered)
	m.ErrorsCaught = rounded((wrong - coveredWrong) / max(1, wrong))
	below := 0.0
	for _, v := range probabilities(e, all) {
		if max(v, 1-v) < Threshold {
			below++
		}
	}
	m.AllRowsBelow = rounded(below / float64(len(all.x)))
	return m
}

// featureShares is the mean absolute contribution per feature on the test
// rows, as a share of all.
func featureShares(e *model.Ensemble, test sample) []model.CardFeature {
	sums, total := make([]float64, len(model.FeatureNames)), 0.0
	for _, x := range test.x {
		for k, v := range e.Contributions(x) {
			sums[k] += math.Abs(v)
			total += math.Abs(v)
		}
	}
	var out []model.CardFeature
	for k, name := range model.FeatureNames {
		title, unit := model.FeatureTitle(name)
		out = append(out, model.CardFeature{Name: name, Title: title, Unit: unit, Share: rounded(sums[k] / total)})
	}
	return out
}
