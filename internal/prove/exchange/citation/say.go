package citation

import (
	"fmt"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// The sentences of the general rules. Packs of kind citations bring their own.

func both(de, en string, deArgs, enArgs []any) text.Bi {
	return text.Bi{DE: fmt.Sprintf(de, deArgs...), EN: fmt.Sprintf(en, enArgs...)}
}

// with puts the citation, in either language, into a sentence.
func with(c Citation, de, en string) text.Bi {
	cited := c.Cited()
	return both(de, en, []any{cited.DE}, []any{cited.EN})
}

func sayUnknown(c Citation) text.Bi {
	return with(c, "Kein Paket kennt eine Quelle oder Stelle mit dem Namen „%s“.", "No pack knows a source or place named '%s'.")
}

func sayName() text.Bi {
	return text.Bi{DE: "Titel, Fassung und Datum der Quelle nennen oder den Verweis streichen.", EN: "Name title, edition and date of the source, or remove the reference."}
}

func sayWhole(c Citation) text.Bi {
	return with(c, "„%s“ nennt das Werk, aber keine Stelle darin.", "'%s' names the work but no place in it.")
}

func sayNotHeld(c Citation) text.Bi {
	return with(c, "Kein Paket hält „%s“; ob es die Stelle gibt, wurde nicht geprüft.", "No pack holds '%s'; whether the place exists was not checked.")
}

func (j *Judge) sayMissing(c Citation) text.Bi {
	if last := j.last(c.Places[0].From); last != "" {
		cited := c.Cited()
		return both("„%s“ gibt es nicht. Der letzte Punkt ist dort %s.", "'%s' does not exist. The last item there is %s.",
			[]any{cited.DE, last}, []any{cited.EN, last})
	}
	return with(c, "„%s“ gibt es nicht.", "'%s' does not exist.")
}

func (j *Judge) sayBeyond(c Citation) text.Bi {
	for _, p := range c.Places {
		if last := j.last(p.To); p.To != "" && last != "" {
			cited := c.Cited()
			return both("„%s“ reicht über das Ende hinaus: Der letzte Punkt ist dort %s.", "'%s' runs beyond the end: the last item there is %s.",
				[]any{cited.DE, last}, []any{cited.EN, last})
		}
	}
	return with(c, "Das Ende von „%s“ gibt es nicht.", "The end of '%s' does not exist.")
}

// last is the last place beside key, such as "SR 5.4" beside iec.sr.5.7; empty
// where nothing lies beside it or key is not behind it.
func (j *Judge) last(key string) string {
	family, v := steps(key)
	if len(v) == 0 {
		return ""
	}
	best := ""
	for _, e := range j.families[family] {
		if len(e.v) == len(v) && compare(e.v[:len(v)-1], v[:len(v)-1]) == 0 && compare(e.v, v) < 0 {
			best = e.id
		}
	}
	c, ok := j.lib.Clause(best)
	if !ok {
		return ""
	}
	for _, e := range j.families[family] {
		if len(e.v) == len(v) && compare(e.v[:len(v)-1], v[:len(v)-1]) == 0 && compare(e.v, v) > 0 {
			return "" // something lies behind it: it is a gap, not the end
		}
	}
	return c.Ref
}

// title is what one clause, or the first of several, is about.
func (j *Judge) title(ids []string) (t text.Bi, ok bool) {
	if len(ids) != 1 {
		return text.Bi{}, false
	}
	c, ok := j.lib.Clause(ids[0])
	return c.Title, ok && c.Title.Complete()
}

func (j *Judge) sayExists(c Citation, r reach) text.Bi {
	if t, ok := j.title(r.ids); ok {
		return both("Die Stelle gibt es; ihr Titel: %s. Ob sie hier passt, wurde nicht geprüft.", "The place exists; its title: %s. Whether it fits here was not checked.",
			[]any{t.DE}, []any{t.EN})
	}
	return with(c, "„%s“ gibt es. Ob die Stelle hier passt, wurde nicht geprüft.", "'%s' exists. Whether the place fits here was not checked.")
}

func (j *Judge) sayHeading(c Citation, r reach) text.Bi {
	if len(r.heading) > 0 {
		return with(c, "„%s“ nennt eine Überschrift; eigene Punkte sind nur die darunter.", "'%s' names a heading; only what lies below it are items of their own.")
	}
	names := places(r.missing)
	cited := c.Cited()
	return both("„%s“ nennt eine Stelle, die es nicht gibt: %s.", "'%s' names a place that does not exist: %s.",
		[]any{cited.DE, names}, []any{cited.EN, names})
}

// places are keys as they read without their source: "A.7.1", "5.7".
func places(keys []string) string {
	var all []string
	for _, k := range keys {
		_, rest, ok := strings.Cut(k, ".")
		if !ok {
			rest = k
		}
		all = append(all, strings.ToUpper(rest[:1])+rest[1:])
	}
	return strings.ReplaceAll(strings.Join(all, ", "), "Sr.", "SR ")
}

func (j *Judge) sayElsewhere(c Citation, r reach, req packs.Requirement, other bool) text.Bi {
	de, en := "Diese Stelle gehört nicht zu „%s“.", "This place does not belong to '%s'."
	if t, ok := j.title(r.ids); ok {
		de, en = "Diese Stelle handelt von etwas anderem als „%s“; ihr Titel: "+escape(t.DE)+".", "This place is about something other than '%s'; its title: "+escape(t.EN)+"."
	}
	if !other {
		de += " In dieser Quelle steht dazu nichts, worauf sich der Katalog stützt."
		en += " Nothing in this source is what the catalogue rests on here."
	}
	return both(de, en, []any{req.Title.DE}, []any{req.Title.EN})
}

func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }

func (j *Judge) sayRange(c Citation, r reach, hit, high []string) text.Bi {
	fit, n := len(hit)+len(high), len(r.ids)
	cited := c.Cited()
	de, en := "Von %d Stellen in „%s“ gehören %d hierher.", "Of %d places in '%s', %d belong here."
	if len(r.missing) > 0 {
		names := escape(places(r.missing))
		de, en = de+" Nicht vorhanden: "+names+".", en+" Not there: "+names+"."
	}
	if len(r.heading) > 0 {
		names := escape(places(r.heading))
		de, en = de+" Nur eine Überschrift: "+names+".", en+" A heading only: "+names+"."
	}
	return both(de, en, []any{n, cited.DE, min(fit, n)}, []any{n, cited.EN, min(fit, n)})
}

func (j *Judge) sayIfHigh(high []string) text.Bi {
	if t, ok := j.title(high); ok {
		return both("Das zählt nur, wenn das KI-System hochriskant ist, und nur dieser Teil: %s.", "This counts only if the AI system is high-risk, and only this part: %s.",
			[]any{t.DE}, []any{t.EN})
	}
	return text.Bi{DE: "Das zählt nur, wenn das KI-System hochriskant ist.", EN: "This counts only if the AI system is high-risk."}
}

func (j *Judge) sayRight(c Citation, r reach, req packs.Requirement) text.Bi {
	return both("Der Verweis gehört zu „%s“.", "The reference belongs to '%s'.", []any{req.Title.DE}, []any{req.Title.EN})
}
