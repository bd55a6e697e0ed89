package record

import (
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// RouteRules is the rule set that says by which route conformity is assessed.
const RouteRules = "conformity-route"

// Route is a way of assessing conformity (AI Act Art. 43).
type Route string

// The routes. NoRoute: none is owed by this organisation.
const (
	Internal     Route = "internal"      // Annex VI, no outside body
	Notified     Route = "notified_body" // Annex VII
	ByProduct    Route = "product"       // within the procedure of product law, Annex I Section A
	ByProductLaw Route = "product_law"   // product law alone, Annex I Section B
	NoRoute      Route = "none"
)

// Values lists the routes that an assessment can have taken.
func (Route) Values() []string {
	return []string{string(Internal), string(Notified), string(ByProduct), string(ByProductLaw)}
}

// Conformity is a conformity assessment of a high-risk system as it was done
// (requirement 001-44).
type Conformity struct {
	System      string    `json:"system" store:"ref=system,index,required"`
	Route       Route     `json:"route" store:"index,required"`
	Standards   bool      `json:"standards"`                   // harmonised standards or common specifications are applied in full
	Body        string    `json:"body" store:"search,max=200"` // notified body, with its number
	Certificate string    `json:"certificate" store:"search,max=200"`
	Date        time.Time `json:"date" store:"index,required"` // of the assessment
	Until       time.Time `json:"until" store:"index"`         // end of the certificate; zero: none
	Declared    time.Time `json:"declared"`                    // day of the EU declaration of conformity (Art. 47); zero: not yet
	Note        string    `json:"note" store:"long,max=2000"`
}

// Title names the assessment in lists and links.
func (c *Conformity) Title() string { return string(c.Route) }

// Validate: where an outside body assessed, its name and certificate are there.
func (c *Conformity) Validate() error {
	var ch problem.Checks
	outside := c.Route == Notified
	ch.Field(!outside || c.Body != "", "body", "Welche notifizierte Stelle hat geprüft?", "Which notified body assessed?")
	ch.Field(!outside || c.Certificate != "", "certificate", "Welche Nummer hat die Bescheinigung?", "Which number does the certificate have?")
	ch.Field(c.Until.IsZero() || c.Until.After(c.Date), "until", "Das Ende liegt nach der Bewertung.", "The end lies after the assessment.")
	return ch.Err()
}

// Conformities is the kind of conformity assessments.
func Conformities() *store.Kind[Conformity] {
	return store.NewKind[Conformity]("conformity", "cfa")
}

// Owed is what the law wants of this organisation for one system.
type Owed struct {
	Route    Route
	External bool      // an outside body has to assess; only then is an external audit required
	From     time.Time // first day; zero: not known
	Say      []classify.Step
}

// Route says which conformity assessment is owed for a system as it is
// classified. standards: harmonised standards are applied in full, "yes", "no" or
// packs.Unknown.
func (r *Room) Route(c classify.Classification, standards string, at time.Time) (Owed, error) {
	owed := Owed{Route: NoRoute}
	rs, ok := r.lib().Rules(RouteRules)
	if !ok {
		return owed, problem.Newf(problem.Corrupt, "Das Regelwerk „%s“ fehlt in den Wissenspaketen.", "The rule set '%s' is missing from the content packs.", RouteRules)
	}
	out, err := rs.Decide(at, routeFacts(c, standards))
	if err != nil {
		return owed, err
	}
	owed.Route, owed.External = Route(out.Values["route"]), out.Values["external"] == "yes"
	for _, s := range out.Trace {
		if !s.Possible {
			owed.Say = append(owed.Say, classify.Step{Say: s.Say, Clauses: s.Clauses})
		}
	}
	if owed.Route == NoRoute || len(c.Answers) == 0 {
		return owed, nil
	}
	res, err := r.cls.Judge(at, c.Verdict, c.Answers)
	if err != nil {
		return owed, err
	}
	if day, err := time.Parse(time.DateOnly, res.Values["duties_from"]); err == nil {
		owed.From = day
	}
	return owed, nil
}

// routeFacts are the answers of a classification as the rule set of the route
// asks for them. A verification one to one is no remote identification, and
// emotion recognition that a reason of safety permits stands in Annex III, too.
func routeFacts(c classify.Classification, standards string) map[string]any {
	facts := map[string]any{"class": c.Class, "role": c.Role, "standards": standards}
	switch c.Class {
	case packs.Unclear:
		facts["class"] = packs.Unknown
	case classify.ClassNone:
		facts["class"] = permit.ClassMinimal
	}
	if c.Role == packs.Unclear {
		facts["role"] = packs.Unknown
	}
	for _, name := range []string{"product", "third_party"} {
		if v := c.Answered(name); len(v) == 1 {
			facts[name] = v[0]
		}
	}
	areas := slices.Clone(c.Answered("areas"))
	switch {
	case len(areas) == 1 && areas[0] == packs.Unknown:
		facts["areas"] = packs.Unknown
		return facts
	case len(areas) == 1 && areas[0] == classify.None:
		areas = nil
	}
	if slices.Equal(c.Answered("one_to_one"), []string{"yes"}) {
		areas = slices.DeleteFunc(areas, func(a string) bool { return a == "biometric_id" })
	}
	if slices.Contains(c.Answered("practices"), "f") && !slices.Contains(areas, "emotion") {
		areas = append(areas, "emotion")
	}
	if areas == nil {
		areas = []string{}
	}
	facts["areas"] = areas
	return facts
}

// assessed is the demand that a conformity assessment by an outside body is
// there where the law owes one: the system is high-risk, this organisation
// provides it, and the route leads over such a body. Before the duties begin it
// is met, and ends on that day.
func (r *Room) assessed(s stand.Subject, have []store.Object[Conformity], saw *seen) (*permit.Demand, error) {
	c := s.Classification.Doc
	if c.Class != permit.ClassHigh {
		return nil, nil
	}
	standards := "no"
	if slices.ContainsFunc(have, func(o store.Object[Conformity]) bool { return o.Doc.Standards }) {
		standards = "yes"
	}
	owed, err := r.Route(c, standards, s.Now)
	if err != nil || owed.Route == NoRoute {
		return nil, err
	}
	d := &permit.Demand{Code: permit.DemandExternal, Since: owed.From, Clauses: clausesOf(owed.Say)}
	for _, o := range have { // newest first
		if o.Doc.Date.After(s.Now) || owed.External && o.Doc.Route == Internal {
			continue
		}
		saw.Conformity = &seenConformity{o.Doc.Route, o.Doc.Standards, o.Doc.Body, o.Doc.Certificate, o.Doc.Date}
		d.Met, d.Object, d.Until = true, o.ID, o.Doc.Until
		d.Detail = text.Bi{DE: "Bewertet am " + o.Doc.Date.UTC().Format("02.01.2006") + ".", EN: "Assessed on " + o.Doc.Date.UTC().Format(time.DateOnly) + "."}
		break
	}
	if !owed.External { // own control is the provider's work and shown, no demand of the permit
		return nil, nil
	}
	if !d.Met {
		d.Detail = text.Bi{DE: "Der Weg führt über eine notifizierte Stelle.", EN: "The route leads over a notified body."}
		if s.Now.Before(owed.From) {
			d.Met, d.Until = true, owed.From
		}
	}
	return d, nil
}

func clausesOf(steps []classify.Step) []string {
	var out []string
	for _, s := range steps {
		for _, c := range s.Clauses {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}
