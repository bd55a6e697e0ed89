package permit

import (
	"time"

	"augenmass/internal/text"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return noon.AddDate(0, 0, -days) }
func in(days int) time.Time  { return noon.AddDate(0, 0, days) }

func approval(id, role, person string) Approval {
	return Approval{ID: id, Role: role, Person: person, ContentHash: "sha256:d0", GivenAt: ago(10), ValidUntil: in(365)}
}

// milling is a deployer's minimal-risk system in the plant, in order.
func milling() Facts {
	return Facts{
		System: "sys_milling", Name: "Fräslinie: Ausfallvorhersage", Number: "BE-2026-0007", Organisation: "metallwerk",
		Purpose:   text.Bi{DE: "Wartung planen", EN: "Plan maintenance"},
		Excluded:  []text.Bi{{DE: "Beurteilung von Personen", EN: "Rating people"}},
		LifeCycle: "operation", Owner: "per_owner",
		Decider: text.Bi{DE: "Schichtleitung Fräserei", EN: "Shift lead, milling"}, DeciderRole: "shift_lead",
		Verdict: "ai_system", Role: "deployer", Class: ClassMinimal, ClassUntil: in(300), ClassClauses: []string{"aia.art6.1a"},
		SLTarget: 2, Zones: []string{"Fertigung"}, DataClasses: []string{"machine"},
		Oversight: InTheLoop, OnHold: Fallback,
		FallbackSay: text.Bi{DE: "Wartungsplan von Hand, die Maschine läuft weiter.", EN: "Maintenance plan by hand, the machine keeps running."},
		Limits:      Limits{TimeoutMS: 2000, ReviewMin: 15},
		Retain:      "all", RetainDays: 180, PlantStates: []string{"running", "setup"},
		ReviewBy: in(221), ContentHash: "sha256:d0",
		Models:     []Model{{Name: "ausfall", Version: "1.4.0", Hash: "sha256:aa", Endpoint: "http://127.0.0.1:9001", HasCard: true}},
		NeedsRoles: []string{"director", "safety"},
		Approvals:  []Approval{approval("apr_1", "director", "per_a"), approval("apr_2", "safety", "per_b")},
		Assessments: []Assessment{
			{ID: "asm_1", Kind: "identification", Done: true},
			{ID: "asm_2", Kind: "aiia", Done: true, ValidUntil: in(250), Clauses: []string{"iso42001.8.4"}},
		},
	}
}

// camera is a system the company builds itself, with limits people set.
func camera() Facts {
	f := milling()
	f.System, f.Name, f.Number = "sys_camera", "Kameraprüfung Endkontrolle", "BE-2026-0009"
	f.Purpose = text.Bi{DE: "Oberflächenfehler an Teilen finden", EN: "Find surface defects on parts"}
	f.Excluded = []text.Bi{{DE: "Aufnahmen von Personen", EN: "Pictures of people"}}
	f.Decider, f.DeciderRole = text.Bi{DE: "Qualitätsprüfung", EN: "Quality inspection"}, "worker"
	f.Role, f.SLTarget, f.Zones = "provider", 1, []string{"Prüfstand", "Fertigung"}
	f.Oversight, f.OnHold, f.FallbackSay = OnTheLoop, Hold, text.Bi{}
	f.Limits = Limits{Confidence: 0.9, Drift: 0.15, TimeoutMS: 800, ReviewMin: 30}
	f.Retain, f.RetainDays = "sample", 30
	f.Models = []Model{{Name: "kamera", Version: "0.9", Hash: "sha256:bb", HasCard: true}}
	return f
}

// shifts proposes shift plans: it touches people and is high risk
// (Annex III no. 4(b)), with a works agreement.
func shifts() Facts {
	f := milling()
	f.System, f.Name, f.Number = "sys_shifts", "Schichtplan-Vorschlag", "BE-2026-0011"
	f.Purpose = text.Bi{DE: "Einen Schichtplan vorschlagen", EN: "Propose a shift plan"}
	f.Excluded = []text.Bi{{DE: "Leistung messen", EN: "Measure performance"}}
	f.Class, f.ClassClauses, f.People = ClassHigh, []string{"aia.annex3.4.b"}, true
	f.DataClasses, f.SLTarget, f.Zones, f.PlantStates = []string{"personal"}, 0, []string{"Büro"}, nil
	f.OnHold = Hold
	f.Limits = Limits{Confidence: 0.9, Bias: 0.05, ReviewMin: 480}
	f.Retain, f.RetainDays = "commitment", 0
	f.NeedsRoles = []string{"director", "safety", "council"}
	f.Approvals = append(f.Approvals, approval("apr_3", "council", "per_c"))
	f.Assessments = append(f.Assessments, Assessment{ID: "asm_3", Kind: "dpia", Done: true, ValidUntil: in(365)})
	f.Agreement = Agreement{ID: "agr_1", Needed: true, Signed: true, ValidUntil: in(700), Purposes: []string{"Verhaltenskontrolle"}}
	f.Models = []Model{{Name: "schicht", Version: "2", Hash: "sha256:cc", HasCard: true}}
	return f
}

// office is a bought assistant whose safety approval was taken back.
func office() Facts {
	f := milling()
	f.System, f.Name, f.Number = "sys_office", "Büro-Assistent", "BE-2026-0013"
	f.Purpose = text.Bi{DE: "Texte entwerfen", EN: "Draft texts"}
	f.Class, f.ClassClauses = ClassLimited, []string{"aia.art50.1"}
	f.SLTarget, f.Zones, f.PlantStates, f.DataClasses = 0, []string{"Büro"}, nil, []string{"internal"}
	f.Oversight, f.OnHold = Without, Hold
	f.Retain, f.RetainDays = "nothing", 0
	f.Models = []Model{{Name: "assistent", Version: "2026-10"}}
	f.Approvals[1].WithdrawnAt = ago(1)
	return f
}
