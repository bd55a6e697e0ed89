package showtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// System registers a system as the AI officer does: complete, in operation, on
// the shop floor. change may be nil.
func (h *House) System(name string, change func(*inventory.System)) store.Object[inventory.System] {
	h.T.Helper()
	doc := inventory.System{
		Name:        name,
		Purpose:     text.Bi{DE: "Wartung der Fräslinie planen", EN: "Plan maintenance of the milling line"},
		Excluded:    []text.Bi{{DE: "Beurteilung von Personen", EN: "rating of people"}},
		Use:         text.Bi{DE: "Schichtleitung sieht den Vorschlag am Leitstand.", EN: "The shift lead sees the proposal at the control station."},
		DataSources: []string{"Maschinensteuerung Fräse 4"}, Technology: "Baumensemble, kalibriert",
		Origin: "developed", Scope: []inventory.Scope{"predictive_maintenance"}, RoleOfAI: "service",
		RiskOwner: h.People["shift_lead"].ID, LifeCycle: inventory.Operation,
		DataClasses: []string{"machine"}, Zones: []string{"fertigung"}, PlantStates: []string{"running"},
		Oversee: inventory.Oversee{Mode: "in_the_loop", Decider: text.Bi{DE: "Schichtleitung Fräserei", EN: "Shift lead, milling"},
			DeciderRole: "shift_lead", OnHold: "hold", Limits: inventory.Limits{Confidence: 0.85, Drift: 0.10}},
		ReviewBy: h.Clock.Now().AddDate(0, 6, 0),
	}
	if change != nil {
		change(&doc)
	}
	var made store.Object[inventory.System]
	ctx := inventory.TakeOver(h.As("ai_officer"))
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = h.Org.Inventory.Systems.Create(ctx, tx, doc)
		return err
	}))
	return made
}

// Model gives a system a model with a card and returns its name.
func (h *House) Model(system string) string {
	h.T.Helper()
	h.models++
	name := fmt.Sprintf("ausfall-%d", h.models)
	sum := sha256.Sum256([]byte(name))
	doc := inventory.Model{System: system, Name: name, Version: "1.2.0", Hash: "sha256:" + hex.EncodeToString(sum[:]), Endpoint: "http://127.0.0.1:9000",
		Card: inventory.Card{Purpose: text.Bi{DE: "Ausfall vorhersagen", EN: "Predict failure"}, Data: text.Bi{DE: "AI4I 2020, CC BY 4.0", EN: "AI4I 2020, CC BY 4.0"},
			Limits:  text.Bi{DE: "Nur für diese Fräslinie", EN: "For this milling line only"},
			Metrics: []inventory.Metric{{Name: "AUC", Value: 0.97, On: "Testteil"}}}}
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Inventory.Models.Create(ctx, tx, doc)
		return err
	}))
	return name
}

// Assess records the identification and the classification of a system.
func (h *House) Assess(system, verdict, class string) {
	h.T.Helper()
	now := h.Clock.Now()
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Assess.Assessments.Create(ctx, tx, assess.Assessment{System: system, Questionnaire: assess.Identification, Done: true,
			Verdict: verdict, Practical: "complex", Points: 9, MaxPoints: 14, AsOf: now, ValidUntil: now.AddDate(1, 0, 0),
			Trace: []assess.Step{{Say: text.Bi{DE: "Das System leitet aus Daten ab, was zu tun ist.", EN: "The system infers from data what to do."}, Clauses: []string{"aia.def.1"}}}})
		if err != nil {
			return err
		}
		c := classify.Classification{System: system, Role: "deployer", Class: class, ByRules: class, Level: 2, LevelKnown: true, Version: "ai-act-class 1.0.0", AsOf: now, ValidUntil: now.AddDate(1, 0, 0),
			Trace: []classify.Step{{Say: text.Bi{DE: "Kein Anwendungsfall aus Anhang III trifft zu.", EN: "No use of Annex III applies."}, Clauses: []string{"aia.art6.2"}}}}
		if class == "unclear" {
			c.OpenWho, c.OpenDue = h.People["ai_officer"].ID, now.AddDate(0, 0, 14)
		}
		_, err = h.Org.Classify.Classifications.Create(ctx, tx, c)
		return err
	}))
}

// Approve signs a system's dossier in a role.
func (h *House) Approve(system, role string) {
	h.T.Helper()
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, system)
	h.Must(err)
	hash, err := d.Hash()
	h.Must(err)
	_, err = h.Org.Approve.Give(h.As(role), system, role, hash, "", "password")
	h.Must(err)
}

// Permitted registers a system with everything a valid permit needs.
func (h *House) Permitted(name string) store.Object[inventory.System] {
	h.T.Helper()
	s := h.System(name, nil)
	h.Model(s.ID)
	h.Assess(s.ID, "ai_system", "minimal")
	h.Approve(s.ID, "director")
	h.Approve(s.ID, "safety")
	if p, ok := h.Org.Point.Permit(s.ID); !ok || p.State != "valid" {
		h.T.Fatalf("the permit of %s is %q: %v", name, p.State, p.Lapses)
	}
	h.Settle()
	return s
}

// Decide journals one inference of a system as the gateway does, under its
// permit if it has one: released with a confidence of at least 0.85, else
// escalated with a case; denied below zero. It returns the journal index.
// Settle makes it searchable.
func (h *House) Decide(system string, confidence float64) uint64 {
	h.T.Helper()
	now := h.Clock.Now()
	id := func(prefix string) string { return store.NewID(prefix, now, rand.Reader) }
	seal := entry.Sealed{Commitment: ledger.Commitment([]byte("salt"), []byte("x"))}
	i := entry.Inference{V: entry.Version, Decision: id("dec"), System: system, Outcome: entry.Released, Reasons: []entry.Reason{}, Rows: 1,
		Model: entry.Model{Name: "ausfall-1", Version: "1.2.0", Hash: "sha256:" + hex.EncodeToString(make([]byte, 32))}, Caller: entry.Caller{ID: "wkl_1", Kind: "workload", Zone: "fertigung"}, Confidence: &confidence,
		Limits: entry.Limits{Confidence: 0.85, Drift: 0.10, TimeoutMS: 2000}, Permit: entry.Permit{Number: "BE-2026-0001", Version: 1},
		Policy: "sha256:" + hex.EncodeToString(make([]byte, 32)), Input: seal, Output: seal, DecidedAt: now}
	if p, ok := h.Org.Point.Permit(system); ok && p.Number != "" {
		i.Permit = entry.Permit{Number: p.Number, Version: p.Version, FactsHash: p.FactsHash}
		if len(p.Models) > 0 {
			i.Model = entry.Model{Name: p.Models[0].Name, Version: p.Models[0].Version, Hash: p.Models[0].Hash}
		}
		if c, asked := p.Condition(permit.CondPlant); asked {
			i.Plant = &entry.Plant{Zone: "fertigung", State: c.Allowed[0]}
		}
	}
	switch {
	case confidence < 0:
		i.Outcome, i.Confidence, i.Output = entry.Denied, nil, entry.Sealed{}
		i.Reasons = []entry.Reason{{Code: "approval.withdrawn", Clauses: []string{"iso42001.A.6.2.5"}}}
	case confidence < 0.85:
		content := seal
		content.Ref = "sha256:" + hex.EncodeToString(make([]byte, 32))
		i.Outcome, i.Reasons = entry.Escalated, []entry.Reason{{Code: entry.ConfidenceLow, Clauses: []string{"zta.05"}}}
		i.Case = &entry.Case{ID: id("case"), Due: now.Add(time.Hour), OnHold: "hold", Deciders: []string{"shift_lead", "safety"}, Content: content, Suggested: true}
	}
	h.Must(i.Validate())
	e, err := ledger.NewEvent(id("evt"), "/werk/gateway", entry.TypeInference, system, now, &i)
	h.Must(err)
	r, err := h.Org.Journal.AppendEvent(context.Background(), e)
	h.Must(err)
	return r.Index
}
