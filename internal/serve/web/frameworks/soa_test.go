package frameworks_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/document"
	"augenmass/internal/govern/duty"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// 001-38, 001-63: the statement holds every control, the undecided ones first,
// with all columns; whoever decides is led from one row to the next.
func TestStatementOfApplicability(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Get("/duties/soa")
	want := map[string]int{"iso-42001": 38, "iso-27001": 93, "iec-62443-3-3": 100}
	for fw, n := range want {
		if got := len(p.Doc.All("#rows-" + fw + " tbody tr")); got != n {
			t.Errorf("%s: %d rows, want %d", fw, got, n)
		}
	}
	p.Shows(t, "231 Zeilen sind noch nicht entschieden.", "0 von 38", "0 von 93", "0 von 100", "Die nächste unentschiedene")
	heads := p.Doc.One("#rows-iso-42001 thead").Text()
	for _, col := range []string{"Maßnahme", "Anwendbar", "Begründung", "Umsetzung", "Stand", "Verantwortliche Rolle", "Nachweise"} {
		if !strings.Contains(heads, col) {
			t.Errorf("the column %s is missing: %s", col, heads)
		}
	}
	// From row to row.
	p = c.Get("/duties/soa/next")
	if p.Status != 303 || p.Location != "/werk/duties/frameworks/iso-42001/iso42001.A.2.2?next=soa" {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	c.Get("/duties/frameworks/iso-42001/iso42001.A.2.2?next=soa").Shows(t, "Speichern und zur nächsten")
	p = c.Post("/duties/frameworks/iso-42001/iso42001.A.2.2", "revision", "0", "next", "soa", "status", "met", "applicable", "yes", "reason", "Die Leitlinie gilt für alle.", "responsible", "director")
	if p.Status != 303 || !strings.HasPrefix(p.Location, "/werk/duties/soa/next?after=") {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	p = c.Get(strings.TrimPrefix(p.Location, "/werk"))
	if !strings.HasPrefix(p.Location, "/werk/duties/frameworks/iso-42001/iso42001.A.2.3?next=soa") {
		t.Errorf("the next row is %s", p.Location)
	}
	p = c.Get("/duties/soa?show=yes")
	if rows := p.Doc.All("#rows-iso-42001 tbody tr"); len(rows) != 1 || !strings.Contains(rows[0].Text(), "Die Leitlinie gilt für alle.") || !strings.Contains(rows[0].Text(), "Geschäftsführung") {
		t.Errorf("%d applicable rows", len(rows))
	}
	if n := len(c.Get("/duties/soa?show=all&framework=iso-27001").Doc.All("tbody tr")); n != 93 {
		t.Errorf("%d rows of one framework", n)
	}
}

// A statement in which everything is decided says so, and there is no next row.
func TestStatementComplete(t *testing.T) {
	h := house(t)
	for _, fw := range []string{"iso-42001", "iso-27001", "iec-62443-3-3"} {
		statedAll(t, h, fw)
	}
	c := h.Client("ai_officer")
	p := c.Get("/duties/soa")
	p.Shows(t, "38 von 38", "93 von 93", "100 von 100")
	p.Hides(t, "noch nicht entschieden.")
	if p = c.Get("/duties/soa/next"); !strings.HasPrefix(p.Location, "/werk/duties/soa?show=all") {
		t.Errorf("the next row is %s", p.Location)
	}
	c.Get("/duties/soa?show=undecided").Shows(t, "Alles entschieden")
}

// 001-38: the whole statement leaves as XLSX and PDF, whatever the page shows.
func TestStatementExport(t *testing.T) {
	h := house(t)
	statedAll(t, h, "iso-42001")
	c := h.Client("auditor")
	p := c.Get("/duties/soa.xlsx?show=no")
	if p.Status != 200 || !strings.Contains(p.Header.Get("Content-Disposition"), "werk-statement-of-applicability.xlsx") {
		t.Fatalf("%d %s", p.Status, p.Header.Get("Content-Disposition"))
	}
	book, err := excelize.OpenReader(strings.NewReader(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { h.Must(book.Close()) }()
	rows := 0
	for _, sheet := range book.GetSheetList() {
		all, err := book.GetRows(sheet)
		h.Must(err)
		for _, row := range all {
			if len(row) > 7 && strings.Contains(strings.Join(row, "|"), "A.6.2.4") {
				rows++
				if !strings.Contains(strings.Join(row, "|"), "Wir setzen KI in der Fertigung ein.") {
					t.Errorf("row: %q", row)
				}
			}
		}
	}
	if rows != 1 {
		t.Errorf("A.6.2.4 stands %d times in the table", rows)
	}
	if p = c.In(text.EN).Get("/duties/soa.pdf"); p.Status != 200 || !strings.HasPrefix(p.Body, "%PDF-") || p.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %.20q", p.Status, p.Body)
	}
}

// The gap leaves as table and paper, and as a list to tick off.
func TestGapExport(t *testing.T) {
	h := house(t)
	statedAll(t, h, "iso-42001")
	c := h.Client("auditor")
	for path, begins := range map[string]string{"/duties/gap.xlsx": "PK", "/duties/gap.pdf?framework=eu-ai-act": "%PDF-", "/duties/gap-list.pdf?framework=zta": "%PDF-"} {
		if p := c.Get(path); p.Status != 200 || !strings.HasPrefix(p.Body, begins) {
			t.Errorf("%s: %d %.10q", path, p.Status, p.Body)
		}
	}
	if p := h.Client("worker").Get("/duties/gap.pdf"); p.Status != 403 {
		t.Errorf("a worker takes the gap: %d", p.Status)
	}
}

// 000-58: a target date makes a plan backwards, with the remaining days and what
// is late; a day that is not ahead is refused.
func TestPlan(t *testing.T) {
	h := house(t)
	c := h.Client("director")
	c.Get("/duties/plan").Shows(t, "Noch kein Zieltermin", "ISO/IEC 42001")
	p := c.Post("/duties/plan", "framework", "iso-42001", "revision", "0", "date", "2026-11-01", "days_per_week", "2")
	p.Shows(t, "Der Zieltermin liegt in der Zukunft.")
	if p.Status != 422 {
		t.Errorf("a past day: %d", p.Status)
	}
	if p = c.Post("/duties/plan", "framework", "iso-42001", "revision", "0", "date", "", "days_per_week", "keine"); p.Status != 422 {
		t.Errorf("no day: %d", p.Status)
	}
	if p = c.Post("/duties/plan", "framework", "iso-42001", "revision", "0", "date", "2027-11-21", "days_per_week", "2,5", "scope", "Werk 1"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	p = c.Get("/duties/plan")
	p.Shows(t, "365", "Zieltermin 21.11.2027", "Die Arbeit passt in die Zeit bis zum Ziel.", "bei 2,5 je Woche")
	rows := p.Doc.All("#steps tbody tr")
	if len(rows) != 70 || !strings.Contains(rows[0].Text(), "42001 4.1") || !strings.Contains(rows[69].Text(), "21.11.2027") {
		t.Errorf("%d steps, the first is %s", len(rows), rows[0].Text())
	}
	// Two months later with little time a week some of it is late.
	if p = c.Post("/duties/plan", "framework", "iso-42001", "revision", "1", "date", "2027-01-20", "days_per_week", "1"); p.Status != 303 {
		t.Fatal(p.Status)
	}
	p = c.Get("/duties/plan")
	p.Shows(t, "60", "Es fehlen", "Personentagen je Woche würde es reichen", "war am")
	if p = c.Post("/duties/plan", "framework", "iso-42001", "revision", "1", "date", "2027-02-20", "days_per_week", "1"); p.Status != 409 {
		t.Errorf("a stale revision: %d", p.Status)
	}
	c.Get("/duties/plan?framework=eu-ai-act").Shows(t, "Noch kein Zieltermin")
}

// 000-46: per clause and control what a certifier would still ask for, and the
// package to hand over.
func TestReadiness(t *testing.T) {
	h := house(t)
	it := framework(t, h, "iso-42001").Items()[0]
	said(t, h, control.Record{Framework: "iso-42001", Clause: it.Clause, Status: control.Met, Applicable: control.Yes, Responsible: "ai_officer", Reason: "Gilt für alle."})
	for _, typ := range it.Evidence {
		filed(t, h, "Umfeld "+typ, control.EvidenceType(typ), showtest.Start.AddDate(1, 0, 0), it.Clause)
	}
	c := h.Client("auditor")
	p := c.Get("/duties/readiness")
	p.Shows(t, "1 von 70", "Das würde eine Prüfstelle nach unserer Lesart noch verlangen.")
	if row := p.Doc.One("#ready-context tbody tr").Text(); !strings.Contains(row, "bereit") || strings.Contains(row, "verantwortliche Rolle") {
		t.Errorf("the first row: %s", row)
	}
	if row := p.Doc.All("#ready-controls tbody tr")[0].Text(); !strings.Contains(row, "Entscheidung mit Begründung") || !strings.Contains(row, "fehlende Arten von Nachweisen") {
		t.Errorf("a control: %s", row)
	}
	p = c.Get("/duties/readiness.zip?framework=iso-42001")
	z, err := zip.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	if err != nil {
		t.Fatalf("%d %v", p.Status, err)
	}
	f, err := z.Open(report.ManifestName)
	if err != nil {
		t.Fatal(err)
	}
	var m report.Manifest
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw.Bytes(), &m); err != nil || m.Framework != "iso-42001" || len(m.Files) < 5 {
		t.Errorf("manifest %+v %v", m, err)
	}
	if p := h.Client("council").Get("/duties/readiness.zip"); p.Status != 403 {
		t.Errorf("the council takes the package: %d", p.Status)
	}
}

// 000-02: every work item has one phase, and the cycle shows what is open in
// each: requirements, evidence to renew, review tasks.
func TestCycle(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/duties/cycle").Shows(t, "Planen", "Tun", "Prüfen", "Handeln", "Gezählt werden ISO/IEC 42001")
	before := c.Get("/duties/cycle").Doc.All("#turns tbody tr")
	filed(t, h, "Schulung", "protocol", showtest.Start.AddDate(0, 0, 5), "iso42001.7.2")
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Duty.Tasks.Create(ctx, tx, duty.Task{Name: "Verträge prüfen", Say: text.Bi{DE: "Verträge prüfen", EN: "Check the contracts"}, Phase: duty.Act, Due: showtest.Start.AddDate(0, 0, -2)})
		return err
	}))
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.4.1", Status: control.Met, Applicable: control.Yes})
	filed(t, h, "Umfeld", "document", showtest.Start.AddDate(2, 0, 0), "iso42001.4.1")
	p := c.Get("/duties/cycle")
	p.Shows(t, "Schulung", "Verträge prüfen", "überfällig", "Prüfaufgabe", "Nachweis erneuern")
	if !strings.Contains(p.Doc.One("#phase-act").Text(), "Verträge prüfen") || !strings.Contains(p.Doc.One("#phase-check").Text(), "Schulung") {
		t.Error("work stands in the wrong phase")
	}
	after := p.Doc.All("#turns tbody tr")
	if len(before) != 4 || len(after) != 4 || before[0].Text() == after[0].Text() || !p.Doc.Has("svg.wheel") {
		t.Errorf("the plan phase stays as it was: %s", after[0].Text())
	}
}

// 000-04: the shared clauses of the management standards, with an existing
// document that serves several of them.
func TestSharedClauses(t *testing.T) {
	h := house(t)
	ctx := h.As("ai_officer")
	doc, err := h.Org.Documents.Put(ctx, "", 0, document.Document{Name: "Handbuch", Sort: document.Manual, Place: "Ordner 1", Relevant: document.Yes, Schemes: []document.Scheme{"quality", "environment", "ai"}, Clauses: []string{"hs.4.1", "hs.7.5"}})
	h.Must(err)
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.4.1", Status: control.Partly, Applicable: control.Yes})
	c := h.Client("ai_officer")
	p := c.Get("/duties/shared")
	p.Shows(t, "9001: 4.1, 14001: 4.1", "teilweise erfüllt", "dienen mehr als einem Managementsystem", "1 von 1")
	if n := len(p.Doc.All("#clauses tbody tr")); n != 21 {
		t.Errorf("%d shared clauses", n)
	}
	if n := len(p.Doc.All("#clauses a[href=/werk/duties/documents/" + doc.ID + "]")); n != 2 {
		t.Errorf("the handbook serves %d clauses", n)
	}
	if !strings.Contains(p.Doc.One("#serving").Text(), "Handbuch") {
		t.Error("a document for three standards is not listed")
	}
	if p := h.Client("worker").Get("/duties/shared"); strings.Contains(p.Doc.Text(), "Handbuch") || strings.Contains(p.Doc.Text(), "teilweise erfüllt") {
		t.Error("a worker sees documents or a status")
	}
}

// The cross-map shows every mapping between two frameworks with its reason, and
// what has no counterpart.
func TestMap(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/map")
	want := 0
	act := framework(t, h, "eu-ai-act")
	for _, it := range framework(t, h, "iso-42001").Items() {
		for _, m := range h.Org.Library().Mappings(it.Clause) {
			if _, _, ok := act.Item(m.To); ok {
				want++
			}
		}
	}
	if got := len(p.Doc.All("#map tbody tr")); want == 0 || got < want {
		t.Errorf("%d rows, at least %d mappings", got, want)
	}
	p.Shows(t, "ohne Gegenstück", "Warum")
	if p := c.Get("/duties/map?from=nie"); p.Status != 404 {
		t.Errorf("an unknown framework: %d", p.Status)
	}
}
