// Package demo is a model company with a running plant: a metal works with 85
// people, a milling line whose AI predicts failures, a camera inspection on
// trial, a shift planning proposal that nobody classified yet, an office
// assistant. It uses the product as its users do: people register, classify,
// assess and approve through the rooms, the line calls the gateway over HTTP,
// a shift lead decides cases on the review page.
//
// Names and figures are invented; the failure model is real (see model).
package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"augenmass/internal/demo/model"
	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/org"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Slug and name of the company.
const (
	Slug = "metallwerk"
	Name = "Metallwerk Muster"
)

// Password is everybody's in the demonstration. It is printed at the start.
const Password = "Zahnrad-Quelle-77"

// Zones of the works.
const (
	ZoneMill   = "fraeserei"
	ZoneOffice = "buero"
)

// Person is one of the six who can sign in.
type Person struct {
	SignIn string
	Name   string
	Role   roles.Role
	Does   text.Bi
}

// People are the sign-in names that the demonstration prints.
var People = []Person{
	{"leitung", "Marion Albrecht", roles.Director, text.Bi{DE: "Geschäftsführung: gibt frei, hält an", EN: "managing director: approves, stops"}},
	{"ki", "Jonas Petersen", roles.AIOfficer, text.Bi{DE: "KI-Beauftragte: trägt ein, stuft ein", EN: "AI officer: registers, classifies"}},
	{"sicherheit", "Aylin Demir", roles.Safety, text.Bi{DE: "Arbeitssicherheit: gibt frei, zieht zurück", EN: "safety specialist: approves, withdraws"}},
	{"schicht", "Tomasz Nowak", roles.ShiftLead, text.Bi{DE: "Schichtleitung Fräserei: entscheidet Prüffälle", EN: "shift lead milling: decides review cases"}},
	{"betriebsrat", "Sabine Krüger", roles.Council, text.Bi{DE: "Betriebsrat: liest mit", EN: "works council: reads along"}},
	{"pruefung", "Dr. Felix Brandt", roles.Auditor, text.Bi{DE: "Prüfung von außen: liest alles, lädt die Prüfakte", EN: "external auditor: reads all, downloads the case file"}},
}

// Company is the company as it stands after Build.
type Company struct {
	Org     *org.Org
	People  map[string]store.Actor // by sign-in name
	Systems map[string]string      // by short name: mill, camera, shift, office
	Line    string                 // token of the milling line's control, may infer and report the plant's state
	Stray   string                 // token of an office computer that may ask but not from its zone
}

// Options of Build.
type Options struct {
	Endpoint string // address of the failure model's server
	Window   int    // rows of the drift window
	Now      func() time.Time
}

type builder struct {
	ctx context.Context
	o   Options
	c   *Company
}

// Build sets the company up, or finds it in a folder where it already stands.
// Tokens are new each time; nobody can show an old one again.
func Build(ctx context.Context, g *org.Org, o Options) (*Company, error) {
	b := &builder{ctx: store.WithActor(ctx, approve.House), o: o,
		c: &Company{Org: g, People: map[string]store.Actor{}, Systems: map[string]string{}}}
	first, err := g.Identity.NeedsFirst(b.ctx)
	if err != nil {
		return nil, err
	}
	steps := []func() error{b.find, b.endpoint, b.tokens}
	if first {
		steps = []func() error{b.people, b.devices, b.mill, b.camera, b.shift, b.office, b.useCases, b.tokens}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("build the model company: %w", err)
		}
	}
	return b.c, nil
}

// as is the context of one of the people.
func (b *builder) as(signIn string) context.Context {
	return store.WithActor(b.ctx, b.c.People[signIn])
}

func (b *builder) people() error {
	for _, p := range People {
		o, err := b.c.Org.Identity.AddPerson(b.ctx, identity.Person{SignIn: p.SignIn, Name: p.Name, Roles: []roles.Role{p.Role},
			Language: "de", Active: true}, Password, false)
		if err != nil {
			return err
		}
		b.c.People[p.SignIn] = store.Actor{ID: o.ID, Kind: identity.KindPerson, Roles: []string{string(p.Role)}}
	}
	return nil
}

// devices registers the edge computer of the line and an office computer.
func (b *builder) devices() error {
	return b.c.Org.DB.Write(b.ctx, func(tx *store.Tx) error {
		ok := identity.Posture{State: identity.PostureOK, CheckedAt: b.o.Now().UTC(), PatchAgeDays: 6, Managed: true}
		for _, d := range []identity.Device{{Name: "Leitrechner Fräslinie 4", Zone: ZoneMill, Posture: ok}, {Name: "Büro-PC 17", Zone: ZoneOffice, Posture: ok}} {
			if _, err := identity.Devices().Create(b.ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// find reads the company back from a folder.
func (b *builder) find() error {
	people, err := identity.Persons().List(b.ctx, b.c.Org.DB, store.Query{Limit: 100})
	if err != nil {
		return err
	}
	for _, o := range people.Items {
		a := store.Actor{ID: o.ID, Kind: identity.KindPerson}
		for _, r := range o.Doc.Roles {
			a.Roles = append(a.Roles, string(r))
		}
		b.c.People[o.Doc.SignIn] = a
	}
	systems, err := b.c.Org.Inventory.Systems.List(b.ctx, b.c.Org.DB, store.Query{Limit: 100})
	if err != nil {
		return err
	}
	for _, o := range systems.Items {
		for short, name := range systemNames {
			if o.Doc.Name == name {
				b.c.Systems[short] = o.ID
			}
		}
	}
	return nil
}

// endpoint tells the register where the model server listens this time. The
// address is not part of what people approved.
func (b *builder) endpoint() error {
	m, err := b.c.Org.Inventory.ModelByName(b.ctx, b.c.Org.DB, "fraese-ausfall")
	if err != nil {
		return err
	}
	m.Doc.Endpoint = b.o.Endpoint
	return b.c.Org.DB.Write(b.ctx, func(tx *store.Tx) error {
		_, err := b.c.Org.Inventory.Models.Update(b.ctx, tx, m.ID, m.Revision, m.Doc)
		return err
	})
}

// tokens gives the line's control and an office computer their access.
func (b *builder) tokens() error {
	mill := b.c.Systems["mill"]
	line, err := b.workload("Steuerung Fräslinie 4", ZoneMill, "Leitrechner Fräslinie 4")
	if err != nil {
		return err
	}
	stray, err := b.workload("Auswertung Büro", ZoneOffice, "Büro-PC 17")
	if err != nil {
		return err
	}
	scopes := []string{identity.ScopeInfer + mill}
	if b.c.Line, _, err = b.c.Org.Identity.CreateToken(b.ctx, identity.Token{Name: "Fräslinie 4", Workload: line,
		Scopes: append([]string{identity.ScopePlant + ZoneMill}, scopes...)}); err != nil {
		return err
	}
	b.c.Stray, _, err = b.c.Org.Identity.CreateToken(b.ctx, identity.Token{Name: "Auswertung Büro", Workload: stray, Scopes: scopes})
	return err
}

// workload finds or registers a program on a device. Its device's posture is
// checked anew, as a management agent would do.
func (b *builder) workload(name, zone, device string) (string, error) {
	db := b.c.Org.DB
	devices, err := identity.Devices().List(b.ctx, db, store.Query{Filters: []store.Filter{store.Where("name", "=", device)}, Limit: 1})
	if err != nil || len(devices.Items) == 0 {
		return "", fmt.Errorf("device %q: %d found: %w", device, len(devices.Items), err)
	}
	have, err := identity.Workloads().List(b.ctx, db, store.Query{Filters: []store.Filter{store.Where("name", "=", name)}, Limit: 1})
	if err != nil {
		return "", err
	}
	dev := devices.Items[0]
	var id string
	err = db.Write(b.ctx, func(tx *store.Tx) error {
		dev.Doc.Posture.CheckedAt = b.o.Now().UTC()
		if _, err := identity.Devices().Update(b.ctx, tx, dev.ID, dev.Revision, dev.Doc); err != nil {
			return err
		}
		if len(have.Items) > 0 {
			id = have.Items[0].ID
			return nil
		}
		o, err := identity.Workloads().Create(b.ctx, tx, identity.Workload{Name: name, Zone: zone, Device: dev.ID,
			Systems: []string{b.c.Systems["mill"]}, Active: true})
		id = o.ID
		return err
	})
	return id, err
}

// useCases says what the systems are hoped to bring.
func (b *builder) useCases() error {
	ctx := b.as("ki")
	return b.c.Org.DB.Write(ctx, func(tx *store.Tx) error {
		for _, u := range []value.UseCase{
			{Name: "Weniger ungeplante Stillstände", System: b.c.Systems["mill"], ExpectedHours: 410, ExpectedEuro: 24_000, MeasuredHours: 312, MeasuredEuro: 18_400,
				Problem:   text.Bi{DE: "Die Fräse steht im Monat zweimal ungeplant, weil Werkzeuge zu spät gewechselt werden.", EN: "The mill stops unplanned twice a month because tools are changed too late."},
				Who:       text.Bi{DE: "Schichtleitung, Einrichter, Termintreue", EN: "Shift lead, setters, delivery dates"},
				FreedTime: text.Bi{DE: "Einarbeitung und Rüsten", EN: "Induction and set-up"}, MeasureAt: b.o.Now().UTC().AddDate(0, 3, 0)},
			{Name: "Schneller zur fertigen Zierblende", System: b.c.Systems["camera"], ExpectedHours: 220, ExpectedEuro: 9_500,
				Problem: text.Bi{DE: "Die Sichtprüfung ermüdet und findet feine Kratzer ungleich.", EN: "Visual inspection tires people and finds fine scratches unevenly."},
				Who:     text.Bi{DE: "Prüfplatz Endmontage", EN: "Inspection at final assembly"}, MeasureAt: b.o.Now().UTC().AddDate(0, 3, 0)},
		} {
			if _, err := b.c.Org.UseCases.Create(ctx, tx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// vendorHash stands for the checksum that a vendor of the model company gave
// for a file that is not part of the demonstration.
func vendorHash(of string) string {
	sum := sha256.Sum256([]byte(of))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// millModel is the failure model as the register knows it: reading, baseline
// and card come from the model itself.
func millModel(system, endpoint string, window int) (inventory.Model, error) {
	ensemble, card, err := model.Embedded()
	if err != nil {
		return inventory.Model{}, err
	}
	m := inventory.Model{System: system, Name: ensemble.Name, Version: ensemble.Version, Hash: ensemble.Hash(), Endpoint: endpoint,
		Card: inventory.Card{Purpose: card.Purpose, Limits: joined(card.Limits),
			Data:       text.Same(card.Data.Attribution),
			Confidence: text.Bi{DE: "Platt-Kalibrierung auf eigenem Datenteil; Sicherheit ist die kalibrierte Wahrscheinlichkeit des Vorschlags.", EN: "Platt calibration on a part of its own; confidence is the calibrated probability of the suggestion."}},
		Reading: inventory.Reading{Confidence: "confidence", Explanation: "contribution", Zone: ZoneMill, StandIns: []string{string(roles.Safety)}}}
	for _, in := range model.Inputs {
		m.Reading.Inputs = append(m.Reading.Inputs, inventory.Tensor{Name: in.Name, Datatype: in.Datatype, Shape: []int64{-1}})
		f := inventory.Feature{Name: in.Name, Unit: in.Unit, Label: in.Title}
		if in.Datatype == "BYTES" {
			f.Values = []string{"L", "M", "H"}
		}
		m.Reading.Features = append(m.Reading.Features, f)
	}
	for _, name := range model.FeatureNames {
		title, unit := model.FeatureTitle(name)
		m.Reading.Explained = append(m.Reading.Explained, inventory.Explained{Name: name, Unit: unit, Label: title})
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"ROC-AUC", card.Metrics.ROCAUC}, {"PR-AUC", card.Metrics.PRAUC}, {"Brier", card.Metrics.Brier}, {"ECE", card.Metrics.ECE}} {
		m.Card.Metrics = append(m.Card.Metrics, inventory.Metric{Name: v.name, Value: v.value, On: "AI4I 2020, test part"})
	}
	m.Baseline = baseline(card, window)
	return m, nil
}

// joined makes one text of several sentences.
func joined(parts []text.Bi) text.Bi {
	var out text.Bi
	for i, p := range parts {
		if i > 0 {
			out.DE, out.EN = out.DE+" ", out.EN+" "
		}
		out.DE, out.EN = out.DE+p.DE, out.EN+p.EN
	}
	return out
}

// baselineRows is how many rows of the training distribution the monitor
// compares with.
const baselineRows = 2000

func baseline(card model.Card, window int) inventory.Baseline {
	names, rows := card.ReferenceRows()
	b := inventory.Baseline{ID: card.Name + " " + card.Version, Window: window}
	step := max(1, len(rows)/baselineRows)
	for k, name := range names {
		c := inventory.Column{Feature: name}
		for i := 0; i < len(rows); i += step {
			c.Values = append(c.Values, rows[i][k])
		}
		b.Columns = append(b.Columns, c)
	}
	return b
}
