package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/classify"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text/longtest"
)

// Three facts, each changed while a browser looks on: an approval is withdrawn,
// the risk owner is removed, the class is another. After each the very next
// inference is refused with the clause, and the permit card says why.
func TestThreeFactsInBrowser(t *testing.T) {
	longtest.Skip(t, webtest.Walk)
	r, err := start(context.Background(), Config{Listen: "127.0.0.1:0", Seed: 7, Rate: 4, Log: slog.New(slog.DiscardHandler), Out: io.Discard}, liveWindow, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	s := &story{T: t, run: r, base: r.base}
	if err := newLine(r.base, r.company, r.model).report(context.Background(), "running", 0, time.Now()); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, c: r.company, base: r.base, system: r.company.Systems["mill"], name: "fraese-ausfall", token: r.company.Line,
		b: &builder{ctx: store.WithActor(context.Background(), approve.House), c: r.company, o: Options{Now: time.Now}}}
	path := "/systems/" + w.system
	officer, safety := s.visitor("ki"), s.visitor("sicherheit")
	runs := func(when string) {
		t.Helper()
		if status, said := w.ask(); status == http.StatusForbidden {
			t.Fatalf("%s: refused, %+v", when, said)
		}
	}
	refused := func(what, shown string) {
		t.Helper()
		status, said := w.ask()
		if status != http.StatusForbidden || len(said.Reasons) == 0 || len(said.Reasons[0].Clauses) == 0 {
			t.Fatalf("%s: answered %d %+v", what, status, said)
		}
		officer.go_(path)
		if got := officer.Text(".permit.off"); !strings.Contains(got, shown) {
			t.Errorf("%s: the card does not say %q: %s", what, shown, got)
		}
	}
	runs("at first")

	safety.go_(path + "/approve")
	safety.Follow(`a[href*="/withdraw"]`)
	safety.Fill("textarea[name=why]", "Neue Schutzhaube, die Anordnung wird neu geprüft.")
	safety.Submit("form#withdraw button[type=submit]")
	safety.Submit("form#withdraw button[type=submit]")
	refused("an approval was withdrawn", "zurückgezogen")
	officer.Check()
	safety.go_(path + "/approve")
	safety.Check()
	safety.Fill("input[name=password]", Password)
	safety.Submit(`form[action$="/approve"] button[type=submit]`)
	runs("approved again")

	owner := func(id string) {
		t.Helper()
		officer.go_(path + "/edit")
		webtest.Eval[string](officer.Tab, fmt.Sprintf(`document.querySelector('select[name=risk_owner]').value = %q`, id))
		officer.Submit("#system button[type=submit]")
	}
	owner("")
	refused("the risk owner was removed", "Niemand ist als Risikoverantwortung benannt")
	owner(r.company.People["leitung"].ID)
	runs("with the owner again")

	undo := ofClass(func(c *classify.Classification) { c.Class, c.Reason = permit.ClassHigh, "Es wird nun anders benutzt." })(w)
	refused("the class is another", "früheren Stand der Unterlagen")
	officer.go_(path)
	if got := officer.Text(".permit.off"); !strings.Contains(got, "hoch") {
		t.Errorf("the card does not say the class: %s", got)
	}
	undo()
	runs("classified as before")
}
