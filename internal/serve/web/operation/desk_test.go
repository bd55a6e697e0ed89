package operation_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// Before the reader asks, nothing on the page gives the suggestion away: no
// word, no number, no order, no hidden field (AI Act Art. 14(4)(b)).
func TestSuggestionIsHiddenUntilAsked(t *testing.T) {
	h := newHouse(t)
	fails, holds := content(), content()
	holds.Suggestion[0].Data[0], holds.Suggestion[1].Data[0] = "0", "0.1877"
	holds.Explanation = [][]float64{{-1.8, -0.9, 0.3, -0.1, -0.4}}
	holds.Hints = map[string]string{"flip_de": "Drehmoment 70 statt 61 Nm", "flip_en": "Torque 70 instead of 61 Nm"}
	a, _ := h.open(fails, nil)
	b, _ := h.open(holds, nil)
	lead := h.Client("shift_lead")

	one, two := lead.Get("/operation/cases/"+a), lead.Get("/operation/cases/"+b)
	one.Shows(t, "Ist ein Ausfall zu erwarten?", "Werkzeugverschleiß", "198 min", "61,4 Nm", "1.312 1/min", "Sicherheit 0,81", "liegt unter 0,85.", "ZTA-05", "noch 1 h", "Vorschlag zeigen")
	if one.Doc.Has("button[value=confirm]") || one.Doc.Has(".meter") || one.Doc.Has("#suggestion") {
		t.Error("the covered desk offers to confirm or draws influence")
	}
	if v := one.Doc.One("form[method=post] input[name=revealed]"); v == nil || v.Attrs["value"] != "no" {
		t.Errorf("the form does not say that nothing was shown: %v", v)
	}
	same := func(p showtest.Page, id string) string {
		body := strings.ReplaceAll(p.Body, id, "ID")
		body, _, _ = strings.Cut(body, `<a href="/werk/operation/decisions/`) // the ids of decision and entry
		return body
	}
	if x, y := same(one, a), same(two, b); x != y {
		t.Errorf("a suggestion of 1 and one of 0 look different before they are shown:\n%s\n\n%s", x, y)
	}

	shown := lead.Get("/operation/cases/" + a + "?reveal=yes")
	shown.Shows(t, "Ausfall zu erwarten", "Wahrscheinlichkeit", "0,8123", "Kleinste Änderung, die den Vorschlag dreht: Werkzeugverschleiß 181 statt 198 min.",
		"Bestätigen: Ausfall zu erwarten", "Ändern: kein Ausfall zu erwarten", "dafür, 51 %", "dagegen, 9 %", "Leistung", "berechnet")
	if v := shown.Doc.One("input[name=revealed]"); v.Attrs["value"] != "yes" {
		t.Error("the form does not say that the suggestion was shown")
	}
	if v := shown.Doc.One("input[name=value]"); v == nil || v.Attrs["type"] != "hidden" || v.Attrs["value"] != "0" {
		t.Errorf("changing a binary result is not a plain choice: %v", v)
	}
	lead.In(text.EN).Get("/operation/cases/"+a+"?reveal=yes").Shows(t, "Is a failure to be expected?", "Tool wear 181 instead of 198 min", "for it, 51%", "61.4 Nm")
}

func TestDecide(t *testing.T) {
	h := newHouse(t)
	next, _ := h.open(content(), func(i *entry.Inference) { i.Case.Due = i.Case.Due.Add(time.Hour) })
	const reason = "Was ich vor Ort sehe, spricht dagegen."
	for name, tc := range map[string]struct {
		form  []string
		state oversee.State
		said  string
		shown bool
	}{
		"the unattended form":  {[]string{"verdict", "confirm", "revealed", "yes"}, oversee.Released, "operation.confirmed", true},
		"confirmed unseen":     {[]string{"verdict", "confirm", "revealed", "no"}, oversee.Released, "operation.confirmed", false},
		"changed":              {[]string{"verdict", "change", "value", "0", "reason", reason, "revealed", "yes"}, oversee.Changed, "operation.changed", true},
		"own answer, the same": {[]string{"verdict", "change", "value", "1", "reason", reason, "revealed", "no"}, oversee.Released, "operation.agreed", false},
		"own answer, another":  {[]string{"verdict", "change", "value", "0", "reason", reason, "revealed", "no"}, oversee.Changed, "operation.changed", false},
		"rejected":             {[]string{"verdict", "reject", "value", "0", "reason", reason, "reason", "Und die Spindel ist neu.", "revealed", "yes"}, oversee.Rejected, "operation.rejected", true},
		"handed on":            {[]string{"verdict", "second", "revealed", "no"}, oversee.SecondNeeded, "operation.second", false},
	} {
		t.Run(name, func(t *testing.T) {
			id := h.case1()
			p := h.Client("shift_lead").Post("/operation/cases/"+id, tc.form...)
			if p.Status != http.StatusSeeOther || p.Location != "/werk/operation/cases/"+next+"?said="+tc.said {
				t.Fatalf("%d %s\n%s", p.Status, p.Location, p.Body)
			}
			k := h.state(id)
			if k.State != tc.state || k.Revealed != tc.shown {
				t.Errorf("state %s, revealed %v", k.State, k.Revealed)
			}
		})
	}
}

// After the last case the reader comes back to the list, which says what
// happened.
func TestLastCaseLeadsToTheList(t *testing.T) {
	h := newHouse(t)
	lead := h.Client("shift_lead")
	p := lead.Post("/operation/cases/"+h.case1(), "verdict", "confirm", "revealed", "yes")
	if p.Location != "/werk/operation?said=operation.confirmed" {
		t.Fatalf("led to %q", p.Location)
	}
	lead.Get("/operation?said=operation.confirmed").Shows(t, "Bestätigt. Das Ergebnis ist freigegeben.", "Auf Sie wartet nichts")
}

// A changed value reaches the caller under the name of the output.
func TestChangedValue(t *testing.T) {
	h := newHouse(t)
	lead := h.Client("shift_lead")
	amount := content()
	amount.Suggestion = []oversee.Tensor{{Name: "menge", Datatype: "FP64", Shape: []int64{1}, Data: []oversee.Value{"12.5"}}}
	many := content()
	many.Suggestion = append(many.Suggestion[1:], oversee.Tensor{Name: "klasse", Datatype: "BYTES", Data: []oversee.Value{"B"}})
	truth := content()
	truth.Suggestion = []oversee.Tensor{{Name: "gut", Datatype: "BOOL", Shape: []int64{1}, Data: []oversee.Value{"true"}}}
	for _, tc := range []struct {
		c           oversee.Content
		typed, want string
	}{
		{content(), "0", `{"failure":0}`}, {amount, "1.234,5", `{"menge":1234.5}`}, {amount, "viel", `{"menge":"viel"}`}, {many, "A", `"A"`}, {truth, "0", `{"gut":0}`},
	} {
		id, _ := h.open(tc.c, nil)
		p := lead.Post("/operation/cases/"+id, "verdict", "change", "value", tc.typed, "reason", "Die Messwerte stimmen nicht.", "revealed", "yes")
		if p.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", tc.typed, p.Status, p.Body)
		}
		got, err := h.Org.Oversee.Result(context.Background(), "wkl_1", id)
		h.Must(err)
		if string(got.Value) != tc.want {
			t.Errorf("%q became %s, want %s", tc.typed, got.Value, tc.want)
		}
	}
}

// What was typed stays when it was not enough; the field says what is missing.
func TestInputIsKept(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	lead := h.Client("shift_lead")
	for name, tc := range map[string]struct {
		form  []string
		field string
		kept  string
		says  string
	}{
		"reject without a reason":   {[]string{"verdict", "reject", "revealed", "yes"}, "#own-reason", "", "mindestens einem Satz"},
		"reject with half a reason": {[]string{"verdict", "reject", "revealed", "yes", "reason", "kaputt"}, "#own-reason", "kaputt", "mindestens einem Satz"},
		"change without a value":    {[]string{"verdict", "change", "revealed", "no", "reason", "Die Spindel wurde eben getauscht."}, "#own-reason", "Die Spindel wurde eben getauscht.", "eigenen Wert"},
		"a value that is none":      {[]string{"verdict", "change", "value", "vielleicht", "revealed", "no", "reason", "Ich bin nicht sicher."}, "#own-reason", "Ich bin nicht sicher.", "eine der beiden Antworten"},
		"no verdict":                {[]string{"revealed", "yes", "reason", "Ich weiß nicht recht."}, "#own-reason", "Ich weiß nicht recht.", "Erlaubt sind bestätigen"},
	} {
		t.Run(name, func(t *testing.T) {
			p := lead.Post("/operation/cases/"+id, tc.form...)
			if p.Status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d", p.Status)
			}
			p.Shows(t, tc.says)
			if got := p.Doc.One(tc.field).Text(); got != tc.kept {
				t.Errorf("kept %q, want %q", got, tc.kept)
			}
			want := "no"
			if strings.Contains(strings.Join(tc.form, " "), "revealed yes") {
				want = "yes"
			}
			if got := p.Doc.One("input[name=revealed]").Attrs["value"]; got != want {
				t.Errorf("revealed became %q, want %q", got, want)
			}
		})
	}
	p := lead.Post("/operation/cases/"+id, "verdict", "change", "reason", "Die Messwerte stimmen nicht.", "reason", "Sensor 4", "revealed", "no")
	if p.Doc.One("input[name=reason][checked]").Attrs["value"] != "Die Messwerte stimmen nicht." || p.Doc.One("#own-reason").Text() != "Sensor 4" {
		t.Error("the sentence that was tapped and the own words are not kept apart")
	}
	if k := h.state(id); k.State != oversee.Open {
		t.Errorf("state %s after wrong input", k.State)
	}
}

// Who may not decide is told who does, in words, and the page does not offer it
// (AI Act Art. 26(2)).
func TestWhoMayNotDecide(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	for _, role := range []string{"director", "ai_officer", "auditor"} {
		c := h.Client(role)
		p := c.Get("/operation/cases/" + id + "?reveal=yes")
		p.Shows(t, "Über diesen Fall entscheidet: Schichtleitung und Arbeitssicherheit.", "Den Inhalt sehen nur die, die entscheiden")
		p.Hides(t, "198 min", "Ausfall zu erwarten")
		if p.Doc.Has("button[name=verdict]") {
			t.Errorf("%s is offered to decide", role)
		}
	}
	for _, role := range []string{"director", "ai_officer", "council", "auditor", "admin", "worker"} {
		p := h.Client(role).Post("/operation/cases/"+id, "verdict", "change", "value", "0", "reason", "Die Messwerte stimmen nicht.", "revealed", "yes")
		if p.Status != http.StatusForbidden {
			t.Errorf("%s: status %d", role, p.Status)
		}
		p.Shows(t, "Über diesen Prüffall entscheiden andere.", "Schichtleitung, Arbeitssicherheit")
		p.Hides(t, "shift_lead")
	}
	for _, role := range []string{"council", "admin", "worker"} {
		if p := h.Client(role).Get("/operation/cases/" + id); p.Status != http.StatusForbidden {
			t.Errorf("%s reads a case: %d", role, p.Status)
		}
	}
	if p := h.Nobody().Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes"); p.Status != http.StatusUnauthorized {
		t.Errorf("somebody who is not signed in: %d", p.Status)
	}
	if k := h.state(id); k.State != oversee.Open {
		t.Errorf("state %s", k.State)
	}
}

// Who hands a case on does not decide it; a second, different person does.
func TestSecondPerson(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	lead, safety := h.Client("shift_lead"), h.Client("safety")
	lead.Post("/operation/cases/"+id, "verdict", "second", "revealed", "no")
	p := lead.Get("/operation/cases/" + id)
	p.Shows(t, "Sie haben den Fall weitergegeben.")
	if p.Doc.Has("button[name=verdict]") {
		t.Error("the first person is offered to decide again")
	}
	p = lead.Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes")
	if p.Status != http.StatusForbidden {
		t.Fatalf("status %d", p.Status)
	}
	p.Shows(t, "Hier entscheidet eine zweite Person.", "Art. 26")
	p = safety.Get("/operation/cases/" + id)
	p.Shows(t, "Weitergegeben von", "Deniz Kaya")
	if p.Doc.Has("button[value=second]") {
		t.Error("the second person is offered to hand on again")
	}
	if p := safety.Post("/operation/cases/"+id, "verdict", "second", "revealed", "no"); p.Status != http.StatusConflict {
		t.Errorf("handed on twice: %d", p.Status)
	}
	if p := safety.Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes"); p.Status != http.StatusSeeOther {
		t.Fatalf("status %d", p.Status)
	}
	if k := h.state(id); k.State != oversee.Released || k.DecidedBy != h.People["safety"].ID {
		t.Errorf("%+v", k)
	}
}

// Whoever comes second is told what the first one decided, and what they typed
// stays in sight.
func TestDecidedBefore(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	h.Client("shift_lead").Post("/operation/cases/"+id, "verdict", "reject", "reason", "Die Messwerte stimmen nicht.", "revealed", "yes")
	p := h.Client("safety").Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes")
	if p.Status != http.StatusConflict {
		t.Fatalf("status %d", p.Status)
	}
	p.Shows(t, "Über diesen Prüffall ist schon entschieden.", "Was entschieden wurde", "verworfen", "Deniz Kaya", "war vorher zu sehen")
	if p.Doc.Has("button[name=verdict]") {
		t.Error("a decided case offers to decide")
	}
}

// After the deadline a person's word is recorded, releases nothing, and the
// page says so before and after.
func TestLateDecision(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	h.Clock.Add(2 * time.Hour)
	lead := h.Client("shift_lead")
	p := lead.Get("/operation/cases/" + id + "?reveal=yes")
	p.Shows(t, "Frist verstrichen", "Freigegeben wird dadurch nichts mehr.")
	if p.Doc.Has("button[value=second]") {
		t.Error("a case can be handed on after its deadline")
	}
	p = lead.Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes")
	if p.Status != http.StatusSeeOther || !strings.HasSuffix(p.Location, "?said=operation.late") {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	if k := h.state(id); k.State != oversee.Expired || k.Late != 1 {
		t.Errorf("%+v", k)
	}
	lead.Get("/operation/cases/"+id).Shows(t, "Die Frist verstrich ohne Entscheidung. Freigegeben wurde nichts.", "1 Einschätzung festgehalten")
	if p := h.Client("safety").Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes"); p.Status != http.StatusConflict {
		t.Errorf("a second late decision: %d", p.Status)
	}
}

// A model that gave nothing usable leaves nothing to confirm.
func TestNothingSuggested(t *testing.T) {
	h := newHouse(t)
	c := content()
	c.Suggestion, c.Explained, c.Explanation, c.Hints, c.Answer = nil, nil, nil, nil, nil
	c.Rows[0][1] = ""
	id, _ := h.open(c, func(i *entry.Inference) {
		i.Confidence, i.Reasons = nil, []entry.Reason{{Code: entry.ModelLate, Clauses: []string{"zta.05"}}}
	})
	lead := h.Client("shift_lead")
	p := lead.Get("/operation/cases/" + id + "?reveal=yes")
	p.Shows(t, "Prüffall: "+system, "Modell zu spät", "Das Modell hat nicht rechtzeitig geantwortet.", "kein brauchbares Ergebnis", "fehlt")
	if p.Doc.Has("button[value=confirm]") || !p.Doc.Has("input[name=value][type=text]") {
		t.Error("the desk offers to confirm nothing, or no value of one's own")
	}
	if p := lead.Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("confirmed nothing: %d", p.Status)
	}
}

// A request of several rows is a table; an erased content says so.
func TestRowsAndErasedContent(t *testing.T) {
	h := newHouse(t)
	c := content()
	for range 60 {
		c.Rows = append(c.Rows, c.Rows[0])
	}
	c.Suggestion[0].Data = append(c.Suggestion[0].Data, "0")
	id, _ := h.open(c, nil)
	lead := h.Client("shift_lead")
	p := lead.Get("/operation/cases/" + id)
	if n := len(p.Doc.All("#rows tbody tr")); n != 50 {
		t.Errorf("%d rows", n)
	}
	p.Shows(t, "11 weitere Zeilen sind nicht gezeigt.", "Werkzeugverschleiß min")
	h.Must(h.Org.Vault.Erase(context.Background(), oversee.ContentSubject(id)))
	lead.Get("/operation/cases/"+id).Shows(t, "Der Inhalt dieses Falls ist gelöscht.")
	if p := lead.Get("/operation/cases/case_0"); p.Status != http.StatusNotFound {
		t.Errorf("a case that is not there: %d", p.Status)
	}
}

// What a person decided stands in the journal with what was shown, and nothing
// about how long they took.
func TestJournalOfADecision(t *testing.T) {
	h := newHouse(t)
	id := h.case1()
	h.Client("shift_lead").Post("/operation/cases/"+id, "verdict", "confirm", "revealed", "yes")
	var found entry.CaseDecision
	for rec, err := range h.Org.Journal.Entries(context.Background(), 0, h.Org.Journal.Size()) {
		h.Must(err)
		var e struct {
			Type, Subject string
			Data          json.RawMessage
		}
		h.Must(json.Unmarshal(rec.Entry, &e))
		if e.Type == entry.TypeDecided && e.Subject == id {
			var err error
			found, err = entry.ParseCaseDecision(e.Data)
			h.Must(err)
		}
	}
	if found.Verdict != entry.Confirm || !found.Revealed || found.By != h.People["shift_lead"].ID || found.Role != "shift_lead" {
		t.Errorf("%+v", found)
	}
}
