// Package selfcheck is the self-assessment of the area "Pflichten": a questionnaire
// of the packs on one page, read by its rules at once, with points of a known
// maximum and what helps next; on paper, empty or filled in; and filed as evidence
// where somebody wants to keep it (requirement 000-59).
//
// Answers are nobody's score and are not stored before somebody files them. Which
// answer counts is govern/assess and the pack's to say.
package selfcheck

import (
	"embed"
	"net/http"

	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this page, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this page.
func Routes() []page.Route {
	return []page.Route{
		{Method: http.MethodGet, Path: "/duties/checklist", Name: "checklist_show", Area: "duties", Handle: checklistShow},
		{Method: http.MethodPost, Path: "/duties/checklist", Name: "checklist_answer", Area: "duties", Handle: checklistAnswer},
	}
}
