package register_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/exchangetest"
	"augenmass/internal/prove/exchange/register"
	"augenmass/internal/record/store"
)

// fifty is a register of n systems as a firm keeps it.
func fifty(n int) []byte {
	var b strings.Builder
	b.WriteString("Name;Zweck;Nutzung;Datenquellen;Technik;Herkunft;Einsatzfeld;Verantwortlich;Betrifft Menschen;Lieferant;Überprüfung;Kostenstelle\n")
	for i := range n {
		fmt.Fprintf(&b, "System %d;Wartung planen;Schichtleitung sieht es;Steuerung, Sensoren;Bäume;beschafft;Instandhaltung;Sabine Keller;nein;Lieferant %d;30.06.2027;47%02d\n", i+1, i%3, i)
	}
	return []byte(b.String())
}

func house(h *exchangetest.House) register.House {
	return register.House{DB: h.DB, Inventory: h.Inventory, Rand: rand.Reader}
}

func count(h *exchangetest.House) int {
	h.T.Helper()
	n, err := h.Inventory.Systems.Count(h.Ctx, h.DB)
	h.Must(err)
	return n
}

// 000-25: 50 systems of a table are in the register with use, data sources and
// technology; a column that means nothing here is named.
func TestFiftySystems(t *testing.T) {
	h := exchangetest.Open(t)
	owner := h.Person("sabine.keller", "Sabine Keller", true)
	l, err := register.Read("register.csv", fifty(50))
	h.Must(err)
	if !l.OK() || len(l.Rows) != 50 || len(l.Notes) != 1 || !strings.Contains(l.Notes[0].DE, "Kostenstelle") {
		t.Fatalf("%d rows, %v, %v", len(l.Rows), l.Errors, l.Notes)
	}
	plan, err := register.Compare(h.Ctx, house(h), l)
	if err != nil || plan.New != 50 || plan.Have != 0 || plan.Vendors != 3 || count(h) != 0 {
		t.Fatalf("%+v %v, %d stored", plan, err, count(h))
	}
	began := time.Now()
	if plan, err = register.Apply(h.Ctx, house(h), l); err != nil || plan.New != 50 || count(h) != 50 {
		t.Fatalf("%+v %v", plan, err)
	}
	t.Logf("50 systems stored in %s", time.Since(began))
	p, err := h.Inventory.Systems.List(h.Ctx, h.DB, store.Query{Filters: []store.Filter{store.Where("name", "=", "System 7")}})
	h.Must(err)
	s := p.Items[0].Doc
	if s.Use.DE != "Schichtleitung sieht es" || !slices.Equal(s.DataSources, []string{"Steuerung", "Sensoren"}) || s.Technology != "Bäume" || s.Origin != "procured" ||
		s.Scope[0] != "predictive_maintenance" || s.RiskOwner != owner || s.People || s.Vendor == "" || s.LifeCycle != inventory.Idea || s.Code == "" ||
		!s.ReviewBy.Equal(time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", s)
	}
}

// Systems of the same name are recognised, whatever case and marks; they stay as
// they are.
func TestDuplicates(t *testing.T) {
	h := exchangetest.Open(t)
	have := h.System("SYSTEM-2")
	l, err := register.Read("register.csv", fifty(3))
	h.Must(err)
	plan, err := register.Apply(h.Ctx, house(h), l)
	if err != nil || plan.New != 2 || plan.Have != 1 || plan.Lines[1].Have != have.ID || plan.Lines[1].New || count(h) != 3 {
		t.Fatalf("%+v %v", plan, err)
	}
	if plan.Lines[0].Said != "Sabine Keller" || len(plan.Notes) != 2 {
		t.Errorf("nobody of that name is there: %+v", plan)
	}
	if plan, err = register.Apply(h.Ctx, house(h), l); err != nil || plan.New != 0 || plan.Have != 3 || count(h) != 3 {
		t.Errorf("again: %+v %v", plan, err)
	}
	o, err := h.Inventory.Systems.Get(h.Ctx, h.DB, have.ID)
	if err != nil || o.Revision != have.Revision {
		t.Errorf("the one that was there changed: %v", err)
	}
}

// One wrong row keeps the whole table out, and each wrong cell has its place and
// both languages.
func TestErrorsByPosition(t *testing.T) {
	table := "KI-Register 2026\n\nName,Purpose,Origin,Scope,People,Review by,Role\n" +
		"A,p,bought,production,yes,2027-06-30,service\n" +
		"A ,p,bought,production,yes,2027-06-30,service\n" +
		",p,bought,production,yes,2027-06-30,service\n" +
		"C,p,found,\"production, moon\",maybe,31.02.2027,judge\n" +
		"D,p,bought,,,06/01/2027,\n"
	l, err := register.Read("r.csv", []byte(table))
	if err != nil || l.OK() {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, e := range l.Errors {
		got = append(got, fmt.Sprintf("%d/%s", e.Line, e.Cell))
		if !e.Say.Complete() || strings.Contains(e.Say.DE+e.Say.EN, "%!") || strings.Contains(e.Say.DE, "{") {
			t.Errorf("%q", e.Say)
		}
	}
	slices.Sort(got)
	want := []string{"5/1", "6/1", "7/3", "7/4", "7/5", "7/6", "7/7", "8/6"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Workbook and Markdown are read alike; a workbook's own form of a day is one.
func TestFormats(t *testing.T) {
	f := excelize.NewFile()
	for i, row := range [][]any{{"Systemname", "Purpose", "Owner", "Review by"}, {"Camera", "find scratches", "x", time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)}} {
		for k, v := range row {
			cell, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"r.xlsx": b.Bytes(),
		"r.md": []byte("# R\n\n| **Systemname** | Purpose | Owner | Review by |\n|---|---|---|---|\n| Camera | find scratches | x | 30.06.2027 |\n")} {
		l, err := register.Read(name, raw)
		if err != nil || !l.OK() || len(l.Rows) != 1 || l.Rows[0].Doc.Name != "Camera" || l.Rows[0].Owner != "x" || l.Rows[0].Doc.ReviewBy.Format(time.DateOnly)[:10] != "2027-06-30" {
			t.Errorf("%s: %v %+v %v", name, err, l.Rows, l.Errors)
		}
	}
}

// What is no register is refused with what to do; nobody without the right stores
// anything.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, data string }{
		"no name":  {"r.csv", "Zweck;Herkunft\nx;beschafft\n"},
		"one head": {"r.csv", "Name\nx\n"},
		"no rows":  {"r.csv", "Name;Zweck\n"},
		"prose":    {"r.md", "Nothing here.\n"},
	} {
		l, err := register.Read(c.file, []byte(c.data))
		if err != nil || l.OK() || len(l.Errors) == 0 {
			t.Errorf("%s: %v %+v", name, err, l)
		}
	}
	if _, err := register.Read("r.pdf", []byte("%PDF-1.7")); !problem.Is(err, problem.BadInput) {
		t.Errorf("PDF: %v", err)
	}
	h := exchangetest.Open(t)
	l, err := register.Read("r.csv", fifty(2))
	h.Must(err)
	if _, err := register.Apply(h.As("worker"), house(h), l); err == nil || count(h) != 0 {
		t.Errorf("a worker imports: %v", err)
	}
	if _, err := register.Apply(h.As("ai_officer"), house(h), l); err != nil {
		t.Errorf("the AI officer: %v", err)
	}
}

// A name that two people share finds neither.
func TestTwoOfOneName(t *testing.T) {
	h := exchangetest.Open(t)
	h.Person("aa", "Sabine Keller", true)
	h.Person("bb", "Sabine Keller", true)
	h.Person("cc", "Sabine  keller", false)
	l, err := register.Read("r.csv", fifty(1))
	h.Must(err)
	plan, err := register.Compare(h.Ctx, house(h), l)
	if err != nil || plan.Lines[0].Owner != "" || plan.Lines[0].Said == "" {
		t.Errorf("%+v %v", plan, err)
	}
}

// Whatever comes in is refused with a sentence or gives entries that the register
// takes.
func FuzzRead(f *testing.F) {
	f.Add("r.csv", fifty(2))
	f.Add("r.md", []byte("| Name | Zweck |\n|---|---|\n| a | b |\n"))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		l, err := register.Read(name, raw)
		if err != nil {
			if k := problem.From(err).Kind; k != problem.BadInput && k != problem.TooLarge {
				t.Fatal(err)
			}
			return
		}
		for _, r := range l.Rows {
			if err := r.Doc.Validate(); err != nil || r.Doc.Name == "" {
				t.Fatalf("%+v: %v", r.Doc, err)
			}
		}
	})
}
