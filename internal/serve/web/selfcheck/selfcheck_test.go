package selfcheck_test

import (
	"io/fs"
	"strings"
	"testing"

	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/selfcheck"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{duties.Texts, evidence.Texts, objects.Texts, proof.Texts, selfcheck.Texts}, duties.Routes(), evidence.Routes(), proof.Routes(), selfcheck.Routes())
}

func TestWording(t *testing.T) {
	showtest.Wording(t, selfcheck.Texts, duties.Texts, evidence.Texts, objects.Texts)
}

// 000-59: the self-assessment counts points of a known maximum, says what helps
// next, leaves as PDF, empty or filled in, and can be kept as evidence.
func TestChecklist(t *testing.T) {
	h := house(t)
	q, err := h.Org.Assess.Questionnaire("readiness")
	h.Must(err)
	c := h.Client("ai_officer")
	p := c.Get("/duties/checklist")
	p.Shows(t, q.Title.DE, "Dauert etwa 15 Minuten.")
	if p.Doc.Has("#result") {
		t.Error("there is a result before any answer")
	}
	c.Post("/duties/checklist", q.Sections[0].Items[0].ID, "yes").Shows(t, "Für ein Ergebnis fehlen noch Antworten.", nOf(1, questionsOf(q)))
	var pairs []string
	questions, points := 0, 0
	for i, s := range q.Sections {
		for _, it := range s.Items {
			questions++
			answer := "no"
			if i == 0 {
				answer = "yes"
				points += q.Score.PointsYes[it.ID]
			}
			pairs = append(pairs, it.ID, answer)
		}
	}
	p = c.Post("/duties/checklist", pairs...)
	p.Shows(t, "Ergebnis", nOf(points, q.Score.Max), nOf(questions, questions), "Was als Nächstes hilft", "Register vollständig machen")
	if n := len(p.Doc.All("input[checked]")); n != questions {
		t.Errorf("%d of %d answers are kept", n, questions)
	}
	if p := c.Post("/duties/checklist", append(pairs, "go", "pdf")...); p.Status != 200 || !strings.HasPrefix(p.Body, "%PDF-") {
		t.Errorf("PDF: %d", p.Status)
	}
	if p := h.Client("worker").Get("/duties/checklist?form=pdf"); p.Status != 200 || !strings.HasPrefix(p.Body, "%PDF-") {
		t.Errorf("empty PDF: %d", p.Status)
	}
	p = c.Post("/duties/checklist", append(pairs, "go", "file")...)
	if p.Status != 303 || !strings.HasPrefix(p.Location, "/werk/proof/objects/evd_") {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(p.Location, "/werk"), "?")
	if p := c.Get(id + "/file"); !strings.HasPrefix(p.Body, "%PDF-") {
		t.Errorf("the file: %d", p.Status)
	}
	if p := c.Post("/duties/checklist", q.Sections[0].Items[0].ID, "vielleicht"); p.Status != 422 {
		t.Errorf("an answer that does not exist: %d", p.Status)
	}
	if p := h.Client("worker").Post("/duties/checklist", append(pairs, "go", "file")...); p.Status != 403 {
		t.Errorf("a worker files evidence: %d", p.Status)
	}
}

// nOf writes "n von of".
func nOf(n, of int) string {
	return text.Int(text.DE, int64(n)) + " von " + text.Int(text.DE, int64(of))
}

// questionsOf counts the questions.
func questionsOf(q *packs.Questionnaire) (n int) {
	for _, s := range q.Sections {
		n += len(s.Items)
	}
	return n
}
