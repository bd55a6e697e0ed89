package ui

import (
	"strings"

	"augenmass/internal/text"
)

func pageTitle(c Ctx, title string) string {
	parts := []string{title}
	if c.OrgName != "" {
		parts = append(parts, c.OrgName)
	}
	return strings.Join(append(parts, "Augenmaß"), " · ")
}

func bodyClass(v PageView) string {
	if v.Touch {
		return "touch"
	}
	return ""
}

func current(is bool) string {
	if is {
		return "page"
	}
	return ""
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

func join(words []string) string { return strings.Join(words, ", ") }

func other(l text.Lang) text.Lang {
	if l == text.EN {
		return text.DE
	}
	return text.EN
}

func languageName(l text.Lang) string {
	if l == text.EN {
		return "English"
	}
	return "Deutsch"
}
