package benefit_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/benefit"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{benefit.Texts, objects.Texts}, benefit.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func add(t *testing.T, h *showtest.House, u value.UseCase) store.Object[value.UseCase] {
	t.Helper()
	var made store.Object[value.UseCase]
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = h.Org.UseCases.Create(ctx, tx, u)
		return err
	}))
	return made
}

func TestWording(t *testing.T) { showtest.Wording(t, benefit.Texts, objects.Texts) }

// The sums are those of the rows, each with unit and source, and what was not
// measured is not zero but not measured (criterion 41).
func TestSums(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	now := h.Clock.Now()
	first := add(t, h, value.UseCase{Name: "Werkzeugbruch", Problem: text.Bi{DE: "Der Fräser bricht.", EN: "The cutter breaks."}, System: s.ID,
		ExpectedHours: 1200, ExpectedEuro: 23_000, MeasuredHours: 312, MeasuredEuro: 18_400, MeasureAt: now.AddDate(0, 0, -3)})
	add(t, h, value.UseCase{Name: "Rüstzeit", ExpectedHours: 400, ExpectedEuro: 5_000, MeasuredHours: -12, MeasuredEuro: -600, MeasureAt: now.AddDate(0, 3, 0)})
	add(t, h, value.UseCase{Name: "Angebote schreiben", ExpectedHours: 100})
	c := h.Client("director")
	c.Get("/benefit")
	base := c.Get("/frame").Queries
	p := c.Get("/benefit")
	if got := p.Queries - base; p.Status != 200 || got > 5 {
		t.Fatalf("%d, %d queries", p.Status, got)
	}
	p.Shows(t, "1.700 h", "28.000 €", "Summe aus 3 Anwendungsfällen", "300 h", "17.800 €", "gemessen bei 2 von 3 Anwendungsfällen", "18.11.2026", "1 überfällig", "−12 h",
		"noch offen", "Fräslinie", "312 von 1.200 h")
	rows := p.Doc.All("#usecases tbody tr")
	if len(rows) != 3 || strings.Count(rows[0].Text(), "nicht gemessen") != 2 || !strings.Contains(rows[0].Text(), "kein Tag") {
		t.Errorf("rows: %v", rows[0].Text())
	}
	if !p.Doc.Has("a[href=/werk/benefit/"+first.ID+"]") || !p.Doc.Has("a[href=/werk/systems/"+s.ID+"]") {
		t.Error("a figure does not lead to its record")
	}
	c.In(text.EN).Get("/benefit").Shows(t, "1,700 h", "€28,000", "measured for 2 of 3 use cases", "1 overdue", "−€600")
	c.In(text.DE).Get("/benefit?q=rüst").Shows(t, "Rüstzeit", "Summe aus 1 Anwendungsfall")
	if p = c.Get("/benefit?system=" + s.ID); len(p.Doc.All("#usecases tbody tr")) != 1 {
		t.Error("not narrowed to the system")
	}
	c.Get("/benefit?q=nichts+davon").Shows(t, "Nichts gefunden")
}

func TestEmpty(t *testing.T) {
	h := house(t)
	p := h.Client("ai_officer").Get("/benefit")
	p.Shows(t, "Noch kein Anwendungsfall", "Am Anfang steht das Problem")
	if p.Doc.Has(".figure") {
		t.Error("sums of nothing are shown")
	}
	if p := h.Client("auditor").Get("/benefit"); p.Doc.Has("a[href=/werk/benefit/new]") {
		t.Error("an auditor is offered to write")
	}
	if p := h.Client("worker").Get("/benefit"); p.Status != 403 {
		t.Errorf("worker: %d", p.Status)
	}
}

// From the list a person adds a use case and finds it in the sums.
func TestAdd(t *testing.T) {
	h := house(t)
	c := h.Client("shift_lead")
	p := c.Post("/benefit/new", "name", "Späne", "expected_hours", "1.000", "expected_euro", "0", "measured_hours", "0", "measured_euro", "0")
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	c.Get("/benefit").Shows(t, "Späne", "1.000 h")
	if p := c.Post(strings.TrimPrefix(strings.Split(p.Location, "?")[0], "/werk")+"/edit", "revision", "1", "name", "Anders"); p.Status != 403 {
		t.Errorf("a shift lead changes: %d", p.Status)
	}
}

// Five hundred use cases are summed up; with more the page says what it counts.
func TestManyAreSaid(t *testing.T) {
	h := house(t)
	docs := make([]value.UseCase, store.MaxLimit+1)
	for i := range docs {
		docs[i] = value.UseCase{Name: fmt.Sprintf("Fall %d", i), ExpectedHours: 1}
	}
	h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) error {
		_, err := h.Org.UseCases.CreateMany(h.As("ai_officer"), tx, docs)
		return err
	}))
	h.Client("director").Get("/benefit").Shows(t, "Die Summen zählen die ersten 500 von 501 Anwendungsfällen.", "500 h")
}
