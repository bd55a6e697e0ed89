package evidence

import (
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// cited finds clauses and requirements as people write them: by id
// ("iso42001.A.6.2.4"), by the short citation in either language ("42001
// A.6.2.4", "KI-VO Art. 14(1)", "AI Act Art. 14(1)"), or by the place in the
// source ("ZTA-05"). A citation that fits two of them finds neither.
type cited map[string]string

func citations(lib *packs.Library) cited {
	out := cited{}
	put := func(words, id string) {
		words = folded(words)
		if have, ok := out[words]; ok && have != id {
			id = "" // two places are cited alike
		}
		out[words] = id
	}
	for _, p := range lib.Packs() {
		for _, cl := range lib.Clauses(p.ID) {
			for _, words := range slices.Compact([]string{cl.Short(text.DE), cl.Short(text.EN), cl.Ref}) {
				put(words, cl.ID)
			}
		}
	}
	return out
}

// folded makes citations comparable: case and spaces do not matter.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// read reads one citation a line. What no pack has is a fault that names it.
func (f cited) read(lib *packs.Library, field, lines string, c *problem.Checks) []string {
	var out []string
	for line := range strings.Lines(strings.ReplaceAll(lines, ";", "\n")) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		id := line
		if _, _, _, ok := lib.Cited(line); !ok {
			id = f[folded(line)]
		}
		if id == "" {
			c.Field(false, field, "Diese Fundstelle steht in keinem Paket: „"+line+"“. So steht sie im Wissensbestand: „42001 A.6.2.4“ oder „KI-VO Art. 14(1)“.",
				"No pack has this clause: '"+line+"'. In the packs it reads '42001 A.6.2.4' or 'AI Act Art. 14(1)'.")
			continue
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// write writes clauses one a line, so that read finds the same ones again.
func (f cited) write(c ui.Ctx, lib *packs.Library, ids []string) string {
	lines := make([]string, len(ids))
	for i, id := range ids {
		lines[i] = id
		if cl, ok := lib.Clause(id); ok && f[folded(cl.Short(c.Lang))] == id {
			lines[i] = cl.Short(c.Lang)
		}
	}
	return strings.Join(lines, "\n")
}
