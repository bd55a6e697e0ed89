package public

import (
	"cmp"

	"augenmass/internal/serve/web/ui"
)

// or is a text, or what the page says when nobody wrote one.
func or(text, none string) string { return cmp.Or(text, none) }

func numbers(c ui.Ctx, v card) []ui.Fact {
	var facts []ui.Fact
	if v.Number != "" {
		facts = append(facts, ui.Fact{Term: c.T("public.card.number"), Text: v.Number})
	}
	if v.Until != "" {
		facts = append(facts, ui.Fact{Term: c.T("public.card.until"), Text: v.Until})
	}
	return facts
}
