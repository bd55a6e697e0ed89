package profile

import (
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Validate refuses what contradicts itself. A profile may be incomplete: the
// permit says what is missing.
func (p *Profile) Validate() error {
	var c problem.Checks
	p.Intent.check(&c)
	p.Autonomy.check(&c)
	p.Weighing.check(&c)
	list(&c, "sheet.can", p.Sheet.Can)
	list(&c, "sheet.cannot", p.Sheet.Cannot)
	list(&c, "sheet.errors", p.Sheet.Errors)
	for i, d := range p.Decisions {
		at := "decisions." + strconv.Itoa(i)
		c.Field(!d.Name.IsZero(), at+".name", "Worum geht es bei dieser Entscheidung?", "What is this decision about?")
	}
	unique(&c, "data.items", p.Data.Items)
	unique(&c, "automated.items", p.Automated.Items)
	seen := map[string]bool{}
	for i, l := range p.Lines {
		c.Field(l.Line != "" && !seen[l.Line], "lines."+strconv.Itoa(i)+".line", "Diese Linie steht schon da.", "This line is there already.")
		seen[l.Line] = true
	}
	for i, n := range p.Inferred {
		c.Field(n.Kind != "", "inferred."+strconv.Itoa(i)+".kind", "Was wird abgeleitet?", "What is inferred?")
	}
	for i, n := range p.Notices {
		at := "notices." + strconv.Itoa(i)
		c.Field(n.Kind != "", at+".kind", "Um welchen Hinweis geht es?", "Which notice is this?")
		c.Field(n.Shown.IsZero() || !n.Place.IsZero(), at+".place", "Wo hängt oder steht der Hinweis?", "Where does the notice hang or stand?")
	}
	for i, k := range p.Claims {
		k.check(&c, "claims."+strconv.Itoa(i))
	}
	return c.Err()
}

func (n Intent) check(c *problem.Checks) {
	c.Field(n.Aim == "" || n.Aim == Assist || !n.Follows.IsZero(), "intent.follows",
		"Wenn Arbeit wegfällt: Was geschieht mit den Menschen, die sie heute tun?", "Where work falls away: what happens to the people who do it today?")
}

// check keeps guard rails with a system that acts by itself (requirement 003-12).
func (a Autonomy) check(c *problem.Checks) {
	c.Field(a.Degree == "" || !a.Reason.IsZero(), "autonomy.reason",
		"Warum so weit und nicht weiter?", "Why this far and no further?")
	c.Field(!a.Degree.ByItself() || len(a.Limits) > 0, "autonomy.limits",
		"Ein System, das selbst handelt, braucht mindestens eine Grenze.", "A system that acts by itself needs at least one limit.")
	list(c, "autonomy.limits", a.Limits)
}

// check: what is called complete has as many dangers as chances (003-05).
func (w Weighing) check(c *problem.Checks) {
	list(c, "weighing.chances", w.Chances)
	list(c, "weighing.dangers", w.Dangers)
	c.Field(!w.Complete || len(w.Chances) > 0 && len(w.Chances) == len(w.Dangers), "weighing.complete",
		"Vollständig ist die Abwägung erst, wenn gleich viele Chancen und Gefahren dastehen, mindestens je eine.",
		"The weighing is complete only with as many chances as dangers, at least one of each.")
}

// check: a measured value has its day, a forecast its source.
func (k Claim) check(c *problem.Checks, at string) {
	c.Field(!k.What.IsZero(), at+".what", "Welche Wirkung ist gemeint?", "Which effect is meant?")
	c.Field(strings.TrimSpace(k.Source) != "", at+".source", "Wer sagt diese Wirkung voraus?", "Who forecasts this effect?")
	c.Field((k.Actual == nil) == k.Measured.IsZero(), at+".measured",
		"Ein gemessener Wert und sein Tag gehören zusammen.", "A measured value and its day belong together.")
}

func list(c *problem.Checks, at string, all []text.Bi) {
	for i, b := range all {
		c.Field(!b.IsZero(), at+"."+strconv.Itoa(i), "Diese Zeile ist leer.", "This line is empty.")
	}
}

func unique(c *problem.Checks, at string, items []Item) {
	seen := map[string]bool{}
	for i, x := range items {
		c.Field(x.Item != "" && !seen[x.Item], at+"."+strconv.Itoa(i)+".item", "Diese Frage steht schon da.", "This question is there already.")
		seen[x.Item] = true
	}
}
