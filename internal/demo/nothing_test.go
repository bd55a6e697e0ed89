package demo

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"augenmass/internal/serve/web/webtest"
)

// TestFromNothing takes the four example systems of the model company from
// nothing to a valid permit, by the pages alone: the AI officer registers,
// identifies, classifies and moves on, others sign. Nothing is written past the
// forms, so whatever a permit needs and no page offers fails here.
func TestFromNothing(t *testing.T) {
	s := begin(t)
	people := map[string]*visitor{}
	for _, name := range []string{"ki", "leitung", "sicherheit", "betriebsrat"} {
		people[name] = s.visitor(name)
	}
	for _, n := range newcomers {
		t.Run(n.short, func(t *testing.T) {
			defer s.in(t)()
			for _, v := range people {
				was := v.T
				v.T = t
				defer func() { v.T = was }()
			}
			w := &way{visitor: people["ki"], people: people}
			w.take(n)
			t.Logf("%s: %d forms, beside %d questions of the two wizards, %d words in their forms until it is classified", n.short, w.forms, w.questions, w.classified)
			if n.grave {
				tryGrave(t, s.run.company, strings.TrimPrefix(w.at, "/systems/"))
			}
		})
	}
}

// fields are what somebody enters, by the names of the controls. Several boxes to
// tick are separated by "|"; a choice from a list goes by its value or its words.
type fields map[string]string

// newcomer is one example system as people enter it.
type newcomer struct {
	short       string
	entry, edit fields // the short form, the long form
	identify    fields // answers by question, beside those of every trained model
	classify    fields
	model       fields
	grave       bool // people are affected: the long way
	approvers   []string
}

// way is the walk of one system, with the forms that were sent.
type way struct {
	*visitor
	people    map[string]*visitor // who is signed in, by name
	at        string              // the system's address below the organisation
	forms     int
	questions int // of the wizards, each a form of its own
	words     int // in the forms that were sent

	classified int // words, until the classification was saved
}

// take walks from the short form to the permit.
func (w *way) take(n newcomer) {
	w.s.Helper()
	w.go_("/systems")
	w.Follow(`a[href$="/systems/new"]`)
	w.send("form#system", n.entry)
	w.at, _, _ = strings.Cut(strings.TrimPrefix(w.URL(), w.s.base), "?")
	if !strings.HasPrefix(w.at, "/systems/sys_") {
		w.s.Fatalf("the new entry is at %s: %s", w.at, w.Text("main"))
	}
	w.follow(w.at, "#way-identify a")
	w.answer("identification", n.identify, identified)
	w.follow(w.at, "#way-classify a")
	w.answer("classification", n.classify, nil)
	w.classified = w.words
	w.follow(w.at, `#models a[href$="/models/new"]`)
	w.send("form#model", n.model)
	w.follow(w.at, `#entry a[href$="/edit"], main a[href$="/edit"]`)
	w.send("form#system", n.edit)
	w.go_(w.at)
	w.Check()
	if n.grave {
		w.grave()
	}
	for _, stage := range []string{"trial", "operation"} {
		w.follow(w.at, "#way-operation a")
		w.press(fmt.Sprintf("form:has(input[name=to][value=%s]) button", stage))
	}
	w.go_(w.at + "/approve")
	w.Check()
	if stamp := w.stamp(); strings.EqualFold(stamp, "gültig") {
		w.s.Fatal("the permit is valid before anybody has approved")
	}
	for _, who := range n.approvers {
		v := w.as(who)
		v.follow(w.at, `a[href$="/approve"]`)
		v.send("#decision form", fields{"password": Password})
		w.forms += v.forms
	}
	w.valid()
}

// as is the same walk in the eyes of somebody else.
func (w *way) as(signIn string) *way { return &way{visitor: w.people[signIn], at: w.at} }

// valid fails with every reason unless the permit card says that it holds.
func (w *way) valid() {
	w.s.Helper()
	w.go_(w.at)
	if stamp := w.stamp(); !strings.EqualFold(stamp, "gültig") {
		w.s.Fatalf("after %d forms the permit says %q: %s", w.forms, stamp, strings.Join(w.lapses(), " / "))
	}
}

func (w *way) stamp() string {
	w.s.Helper()
	return w.Text(".permit .stamp")
}

// lapses are the reasons on the permit card of the page that is open.
func (w *way) lapses() []string {
	w.s.Helper()
	return webtest.Eval[[]string](w.Tab, `[...document.querySelectorAll('.permit .lapse h3')].map(e => e.textContent.trim())`)
}

// follow opens a page and goes where its link leads; a page without it is a dead end.
func (w *way) follow(path, css string) {
	w.s.Helper()
	w.go_(path)
	if !w.Has(css) {
		w.s.Fatalf("nothing on %s leads on by %q: %s", path, css, w.Text("main"))
	}
	w.Follow(css)
}

// press sends a form that is only a button.
func (w *way) press(button string) {
	w.s.Helper()
	if !w.Has(button) {
		w.s.Fatalf("%s has no button %q: %s", w.URL(), button, w.Text("main"))
	}
	w.Follow(button)
	w.forms++
	w.fine()
}

// send fills in a form and sends it by its own button; a form that comes back
// with something wrong fails with what it says.
func (w *way) send(form string, in fields) {
	w.s.Helper()
	w.words += len(strings.Fields(w.Text(form)))
	w.fill(form, in)
	w.press(form + " button[type=submit].main")
}

func (w *way) fine() {
	w.s.Helper()
	if w.Has(".summary") {
		w.s.Fatalf("%s refuses: %s", w.URL(), w.Text(".summary"))
	}
	if w.Has("#life") && w.Has(".notice.warn") {
		w.s.Fatalf("%s refuses: %s %s", w.URL(), w.Text(".notice.warn"), w.Text("#gate"))
	}
}

// fill puts values into the controls of a form as hands do: ticking, choosing,
// typing. A control or a choice that the form lacks fails.
func (w *way) fill(form string, in fields) {
	w.s.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		w.s.Fatal(err)
	}
	lost := webtest.Eval[[]string](w.Tab, fmt.Sprintf(`((css, want) => {
		const form = document.querySelector(css), lost = [];
		if (!form) return ['the form ' + css];
		for (const [name, value] of Object.entries(want)) {
			const all = [...form.elements].filter(e => e.name === name), e = all[0];
			if (!e) { lost.push(name); continue }
			if (e.type === 'radio' || e.type === 'checkbox') {
				const wanted = value.split('|').filter(v => v);
				for (const v of wanted) if (!all.some(x => x.value === v)) lost.push(name + '=' + v);
				for (const x of all) if (wanted.includes(x.value) ? !x.checked : x.checked && x.type === 'checkbox') x.click();
				continue;
			}
			if (e.tagName === 'SELECT') {
				const o = [...e.options].find(o => o.value === value || o.text.trim() === value);
				if (!o) { lost.push(name + '=' + value); continue }
				e.value = o.value;
			} else e.value = value;
			e.dispatchEvent(new Event('input', {bubbles: true}));
			e.dispatchEvent(new Event('change', {bubbles: true}));
		}
		return lost;
	})(%q, %s)`, form, raw))
	if len(lost) > 0 {
		w.s.Fatalf("%s lacks %s", w.URL(), strings.Join(lost, ", "))
	}
}

// answer walks a wizard, question by question, and saves what follows. A
// question that nobody foresaw fails.
func (w *way) answer(what string, said ...fields) {
	w.s.Helper()
	for w.Has("form#step") {
		q := w.Value("form#step input[name=q]")
		value, ok := "", false
		for _, m := range said {
			if value, ok = m[q]; ok {
				break
			}
		}
		if !ok {
			w.s.Fatalf("the %s asks %q: %s", what, q, w.Text("form#step"))
		}
		w.send("form#step", fields{"answer": value})
		w.forms, w.questions = w.forms-1, w.questions+1
	}
	if !w.Has("form#save") {
		w.s.Fatalf("the %s comes to no end: %s", what, w.Text("main"))
	}
	w.send("form#save", fields{})
}

// grave is what a system needs beyond the short path: what the list of what is to
// be done leads to, station by station.
func (w *way) grave() {
	w.s.Helper()
	w.profile()
	w.missing("#way-impact", "noch nicht abgeschlossen", "/impact")
	w.impact()
	w.risks()
	w.accept()
	w.agree()
	w.missing("#way-classify", "Seit der Einstufung geändert", "/classify") // the model came after the class
	w.follow(w.at, "#way-classify a")
	w.send("form#again", fields{})
}

// missing demands that the system says what is missing, in words, and leads there.
func (w *way) missing(row, word, path string) {
	w.s.Helper()
	w.go_(w.at)
	if got := w.Text(row); !strings.Contains(got, word) {
		w.s.Errorf("before it is done %s says %q", row, got)
	}
	if !w.Has(fmt.Sprintf("%s a[href$=%q]", row, w.at+path)) {
		w.s.Errorf("%s leads nowhere", row)
	}
}

// profile takes the steps that the profile says a permit needs.
func (w *way) profile() {
	w.s.Helper()
	today := time.Now().UTC().Format(time.DateOnly)
	steps := map[string]fields{
		"intent": {"intent.aim": "assist", "intent.statement": "Der Plan ist ein Vorschlag. Er ersetzt niemanden und beurteilt niemanden.", "intent.hopes": "Weniger kurzfristige Wechsel",
			"intent.wants": "Weniger Planungszeit", "intent.by": "Marion Albrecht", "intent.on": today},
		"autonomy": {"autonomy.degree": "proposes", "autonomy.reason": "Wer Menschen einplant, kennt sie; die Maschine kennt sie nicht.", "autonomy.limits": "Gibt nie einen Plan frei"},
		"decisions": {"decisions.0.name": "Schichtplan veröffentlichen", "decisions.0.people": "yes", "decisions.0.mode": "in_the_loop", "decisions.0.reason": "Ein Mensch gibt den Plan frei.",
			"decisions.0.person": "Tomasz Nowak"},
		"automated": {"automated.applies": "no"},
		"persons":   {"persons.decides": "Marion Albrecht", "persons.checks": "Aylin Demir", "persons.liable": "Marion Albrecht"},
		"values": {"values.fair.say": "Nächte und Wochenenden verteilen sich gleich.", "values.fair.by": "Marion Albrecht", "values.fair.on": today,
			"values.open.say": "Zu jedem Vorschlag steht, worauf er beruht.", "values.open.by": "Marion Albrecht", "values.open.on": today,
			"values.held.say": "Gesundheit geht vor Auslastung.", "values.held.by": "Marion Albrecht", "values.held.on": today},
		"copyright": {"copyright.input.cleared": "yes", "copyright.input.say": "Eigene Daten der Zeiterfassung.", "copyright.input.by": "Jonas Petersen", "copyright.input.on": today,
			"copyright.output.cleared": "yes", "copyright.output.say": "Der Plan gehört dem Betrieb.", "copyright.output.by": "Jonas Petersen", "copyright.output.on": today},
	}
	w.follow(w.at, "#way-profile a")
	w.Check()
	for range 2 * len(steps) {
		open := webtest.Eval[string](w.Tab, `(r => r ? r.id.replace('step-', '') : '')([...document.querySelectorAll('#needed tbody tr')].find(r => r.querySelector('.state.warn')))`)
		if open == "" {
			return
		}
		w.Follow("#step-" + open + " a")
		w.send("form#profile", steps[open])
		if open == "decisions" { // what comes after it answers who decides, too
			w.send("form#profile", steps["automated"])
		}
		w.go_(w.at + "/profile")
	}
	w.s.Fatalf("the profile comes to no end: %s", w.Text("#needed"))
}

// impact begins a round with the works council, answers until no section is open,
// and concludes.
func (w *way) impact() {
	w.s.Helper()
	w.follow(w.at, "#way-impact a")
	w.Check()
	w.send("form#begin", fields{"who.br": "Sabine Krüger"})
	for range 40 {
		w.go_(w.at + "/impact")
		open := webtest.Eval[string](w.Tab, `(t => t ? t.querySelector('a').getAttribute('href') : '')([...document.querySelectorAll('#sections .tasks li')].find(t => !t.querySelector('.state.ok') && t.textContent.includes(' von ')))`)
		if open == "" {
			w.send("form#conclude", fields{"say": "Der Einsatz ist vertretbar.", "months": "6"})
			return
		}
		w.Open(strings.TrimSuffix(w.s.base, "/"+Slug) + open)
		w.send("form#answers", w.mild())
	}
	w.s.Fatalf("the interview comes to no end: %s", w.Text("#sections"))
}

// assessed are answers of the interview that are not the mildest: "*" is the first
// that is offered.
var assessed = fields{"imp-personal": "yes", "imp-criteria": "w7", "imp-in-use": "no", "imp-data-kinds": "staff", "imp-data-rights": "yes", "fria-a3": "suggest", "fria-a5": "yes",
	"fria-e2": "yes", "fria-h1": "4", "dpia-basis": "*", "dpia-officer": "yes"}

// mild answers every question of the section that is open: no right touched,
// nothing else that applies, one sentence where words are asked for.
func (w *way) mild() fields {
	w.s.Helper()
	raw, err := json.Marshal(assessed)
	if err != nil {
		w.s.Fatal(err)
	}
	return webtest.Eval[fields](w.Tab, fmt.Sprintf(`(own => {
		const form = document.querySelector('form#answers'), out = {};
		for (const e of form ? form.elements : []) {
			const [head, item, part] = e.name.split('.');
			if (head !== 'answers' || e.name in out) continue;
			const offered = [...form.elements].filter(x => x.name === e.name).map(x => x.value);
			if (e.type === 'radio' || e.type === 'checkbox') {
				if (part) continue;
				const want = own[item] === '*' ? offered[0] : own[item];
				out[e.name] = want ?? ['no', 'none', offered[0]].find(v => offered.includes(v));
			} else if (e.tagName === 'TEXTAREA' && e.required) out[e.name] = 'Geklärt und mit dem Betriebsrat besprochen.';
			else if (e.type === 'text') out[e.name] = own[item] ?? '4';
		}
		return out;
	})(%s)`, raw))
}

// risks enters a risk, rates it, and records the check for bias.
func (w *way) risks() {
	w.s.Helper()
	today := time.Now().UTC().Format(time.DateOnly)
	w.follow(w.at, "#way-risks a")
	w.Check()
	w.Follow(`#register a[href*="/risks/new"]`)
	w.send("form#f", fields{"name": "Ungleich verteilte Nachtschichten", "impacts": "fundamental_rights", "cause": "Der Vorschlag lernt aus alten Plänen.", "effect": "Einzelne werden öfter nachts eingeplant."})
	w.Follow(`a.btn.main[href$="/assess"]`)
	w.send("form#assess", fields{"likelihood.fundamental_rights": "2", "likelihood_reason.fundamental_rights": "Die alten Pläne waren ausgeglichen.",
		"severity.fundamental_rights": "2", "severity_reason.fundamental_rights": "Ein Mensch sieht jeden Plan vorher."})
	w.follow(w.at+"/risks", `#checked a[href*="/checks/new"]`)
	w.send("form#f", fields{"subject": "bias", "date": today, "how": "Vorschläge von acht Wochen nach Geschlecht und Alter verglichen.", "found": "nothing", "result": "Nächte gleich verteilt: 12 von 24 je Gruppe."})
}

// accept takes the model's version after its checks.
func (w *way) accept() {
	w.s.Helper()
	w.follow(w.at, "#way-data a")
	w.Check()
	w.Follow(`#models a[href*="/checks/new"], main a[href*="/checks/new"]`)
	w.send("form#check", fields{})
	w.send("form#check", webtest.Eval[fields](w.Tab, `Object.fromEntries([...document.querySelectorAll('form#check [name^=items]')].map(e => [e.name, e.type === 'radio' ? '1' : '50']))`))
}

// agree lets the works council sign the agreement.
func (w *way) agree() {
	w.s.Helper()
	v := w.as("betriebsrat")
	v.follow(w.at+"?tab=people", `#agreements a[href*="/agreements/new"]`)
	v.send("form#f", fields{"name": "Betriebsvereinbarung Schichtplan", "excluded.de": "Leistungskontrolle", "signed_at": time.Now().UTC().Format(time.DateOnly)})
	w.forms += v.forms
}

// identified answers the identification for a trained model that is not changed
// in operation.
var identified = fields(trained)

// classified are the answers about class that the four share, and what differs.
func classified(more fields) fields {
	out := fields{"practices": "none", "areas": "none", "product": "none", "activities": "uses", "changes": "none",
		"consequence": "disturbance", "reach": "plant", "targeted": "no", "outputs": "none"}
	maps.Copy(out, more)
	return out
}

// newcomers are the four, with the facts of the model company under other names.
var newcomers = []newcomer{{
	short: "office",
	entry: fields{"name": "Schreibhilfe Einkauf", "purpose": "Texte entwerfen und zusammenfassen", "use": "Zwölf Personen im Büro, nur für eigene Entwürfe.",
		"technology": "Sprachmodell des Anbieters", "origin": "used", "scope": "office", "role_of_ai": "sparring_partner", "data_sources": "Eingaben der Nutzenden",
		"people": "no", "risk_owner": "Jonas Petersen", "oversee.decider_role": "shift_lead"},
	edit: fields{"excluded": "Personaldaten", "data_classes": "internal", "zones": ZoneOffice, "oversee.decider": "Wer den Text verwendet",
		"oversee.mode": "on_the_loop", "oversee.on_hold": "hold", "oversee.fallback": "Ohne Hilfe schreiben.", "retain": "nothing"},
	classify: classified(fields{"reach": "office", "outputs": "chat|synthetic", "editing_only": "no", "obvious": "yes"}),
	model: fields{"name": "schreibhilfe", "version": "2026-10", "hash": vendorHash("Schreibhilfe 2026-10"), "card.purpose": "Entwürfe und Zusammenfassungen.",
		"card.data": "Nach Angabe des Anbieters; nicht nachgeprüft.", "card.limits": "Erfindet Quellen; Zahlen prüfen.", "card.metrics": "Stichprobe ohne Fehler; 0,91; 60 eigene Texte"},
	approvers: []string{"leitung"},
}, {
	short: "mill",
	entry: fields{"name": "Bohrwerk: Ausfallvorhersage", "purpose": "Wartung planen: ein Ausfall von Werkzeug oder Maschine wird vorhergesagt",
		"use":        "Die Steuerung fragt je Teil; die Schichtleitung sieht den Vorschlag am Tablet.",
		"technology": "Gradient Boosting, Modell 1.0.0 des Maschinenlieferanten", "origin": "procured", "scope": "production|predictive_maintenance", "role_of_ai": "idea_source",
		"data_sources": "Sensoren der Fräse\nWerkzeugverwaltung", "people": "no", "risk_owner": "Marion Albrecht", "oversee.decider_role": "shift_lead"},
	edit: fields{"excluded": "Beurteilung von Personen\nSicherheitsfunktionen der Maschine", "data_classes": "machine", "zones": ZoneMill, "plant_states": "running|setup",
		"oversee.decider": "Schichtleitung Fräserei", "oversee.mode": "on_the_loop", "oversee.on_hold": "fallback", "oversee.fallback": "Wartungsplan von Hand, die Maschine läuft weiter.",
		"oversee.limits.confidence": "0,85", "oversee.limits.drift": "0,1", "oversee.limits.timeout_ms": "2000", "oversee.limits.review_min": "60", "retain": "commitment", "retain_days": "180"},
	classify: classified(nil),
	model: fields{"name": "bohrwerk-ausfall", "version": "1.0.0", "hash": vendorHash("Bohrwerk 1.0.0"), "card.purpose": "Ausfall von Werkzeug oder Maschine.",
		"card.data": "Messwerte je Teil, 10.000 Zeilen.", "card.limits": "Nicht für andere Maschinen geprüft.", "card.metrics": "Recall; 0,8; Testteil"},
	approvers: []string{"leitung", "sicherheit"},
}, {
	short: "camera",
	entry: fields{"name": "Kameraprüfung Griffleisten", "purpose": "Kratzer und Dellen auf Griffleisten finden und zur Nacharbeit vorschlagen",
		"use": "Eine Kamera am Prüfplatz schlägt vor, ein Mensch entscheidet.", "technology": "Bildklassifikation des Anbieters, Fassung 2.3", "origin": "procured",
		"scope": "production|quality_control", "role_of_ai": "amplifier", "data_sources": "Kamera Prüfplatz 2", "people": "no", "risk_owner": "Marion Albrecht", "oversee.decider_role": "shift_lead"},
	edit: fields{"excluded": "Beurteilung von Personen", "zones": ZoneMill, "oversee.decider": "Prüfplatz Endmontage", "oversee.mode": "in_the_loop", "oversee.on_hold": "hold",
		"oversee.fallback": "Sichtprüfung von Hand wie bisher.", "retain": "commitment", "retain_days": "30"},
	classify: classified(nil),
	model: fields{"name": "griffleisten", "version": "2.3", "hash": vendorHash("Kameraprüfung Griffleisten 2.3"), "card.purpose": "Oberflächenfehler auf Leisten bis 40 cm.",
		"card.data": "12.400 Bilder des Anbieters und 800 eigene.", "card.limits": "Nicht für matte Oberflächen geprüft.", "card.metrics": "Recall; 0,94; 800 eigene Bilder"},
	approvers: []string{"leitung", "sicherheit"},
}, {
	short: "shift", grave: true,
	entry: fields{"name": "Dienstplanvorschlag Montage", "purpose": "Einen Schichtplan vorschlagen", "use": "Die Personalplanung bekommt einen Vorschlag und ändert ihn.",
		"technology": "Optimierung mit gelerntem Bedarf", "origin": "procured", "scope": "personnel", "role_of_ai": "idea_source", "data_sources": "Zeiterfassung", "people": "yes",
		"risk_owner": "Jonas Petersen", "oversee.decider_role": "shift_lead"},
	edit: fields{"excluded": "Beurteilung von Personen", "data_classes": "personal", "zones": ZoneOffice, "oversee.decider": "Personalplanung", "oversee.mode": "in_the_loop", "oversee.on_hold": "hold",
		"oversee.fallback": "Plan von Hand.", "retain": "commitment", "retain_days": "30"},
	identify: fields{"kid-e2": "yes"},
	classify: classified(fields{"areas": "workers", "worker_basis": "planning", "reach": "office"}),
	model: fields{"name": "dienstplan", "version": "4.1", "hash": vendorHash("Dienstplan 4.1"), "card.purpose": "Schichten nach Verfügbarkeit, Qualifikation und Bedarf.",
		"card.data": "Eigene Zeiterfassung von zwei Jahren.", "card.limits": "Kennt keine privaten Gründe.", "card.metrics": "Pläne ohne Änderung; 0,7; 40 Wochen"},
	approvers: []string{"leitung", "sicherheit"},
}}
