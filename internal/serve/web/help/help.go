// Package help is the page behind the word "help" at the foot of every page:
// where to begin in one's own role, what the words of the product mean, what AI
// does in four plain words, and a glossary without promises (requirements 003-01,
// 003-02, 003-03, 003-11).
//
// It is wording only. What a single field asks explains itself beside the
// field.
package help

import (
	"embed"
	"net/http"

	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this page, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	return []page.Route{
		{Method: http.MethodGet, Path: "/help", Name: "help_show", Handle: helpShow},
		{Method: http.MethodGet, Path: "/help/ai", Name: "help_ai", Handle: helpAI},
		{Method: http.MethodGet, Path: "/help/words", Name: "help_words", Handle: helpWords},
	}
}

// begins are the roles that the page gives a first step, with where it leads.
var begins = []struct{ role, to string }{
	{"director", "/overview"}, {"ai_officer", "/systems/discover"}, {"safety", "/systems"},
	{"shift_lead", "/operation"}, {"council", "/systems"}, {"auditor", "/duties/catalogue"}, {"admin", "/people"},
}

// words are explained in this order, the way a newcomer meets them.
var words = []string{"permit", "condition", "lapse", "decision", "inference", "case", "oversight", "fallback",
	"journal", "checkpoint", "class", "level", "identification", "evidence", "casefile"}

func helpShow(r *page.Request) error {
	c := r.C
	var steps []ui.Task
	for _, b := range begins {
		if r.Has(b.role) {
			steps = append(steps, ui.Task{Text: c.T("help.begin." + b.role), Href: r.Base + b.to})
		}
	}
	var facts []ui.Fact
	for _, w := range words {
		facts = append(facts, ui.Fact{Term: c.T("help.word." + w), Text: c.T("help.means." + w)})
	}
	return r.Show(ui.PageView{Title: c.T("help.title"), Narrow: true}, body(c, steps, facts))
}
