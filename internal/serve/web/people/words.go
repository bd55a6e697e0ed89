package people

import (
	"strings"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// joined and titles go between a list of role names and their titles, in the form
// of differences.
func joined(names []string) string { return strings.Join(names, ", ") }

func titles(c ui.Ctx, names string) string {
	if names == "" {
		return ""
	}
	all := strings.Split(names, ", ")
	for i, n := range all {
		all[i] = c.In(roles.Role(n).Info().Title)
	}
	return strings.Join(all, ", ")
}

// in is the context in another language.
func in(c ui.Ctx, l text.Lang) ui.Ctx {
	c.Lang = l
	return c
}
