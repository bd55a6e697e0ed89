package stock

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// DraftsDoc is a pack of kind drafts, without the head that every pack has.
type DraftsDoc struct {
	Items []DraftDoc `pack:"items,required"`
}

// DraftDoc is a draft as an author writes it.
type DraftDoc struct {
	At       form.Place    `pack:"@"`
	ID       form.Word     `pack:"id,required"`
	Title    text.Bi       `pack:"title,required"`
	Says     text.Bi       `pack:"says,required"`
	Entry    EntryDoc      `pack:"entry,required"`
	Operator form.Word     `pack:"operator,required"`
	Data     []DataUseDoc  `pack:"data"`
	Warnings []WarningDoc  `pack:"warnings"`
	Rights   []text.Bi     `pack:"rights"`
	Notice   text.Bi       `pack:"notice"`
	Handover text.Bi       `pack:"handover"`
	Forecast []ForecastDoc `pack:"forecast"`
	Duties   []form.Word   `pack:"duties"`
	Hints    []HintDoc     `pack:"hints"`
}

// EntryDoc is the entry of a draft as an author writes it.
type EntryDoc struct {
	Name        text.Bi     `pack:"name,required"`
	Purpose     text.Bi     `pack:"purpose,required"`
	Use         text.Bi     `pack:"use,required"`
	Technology  text.Bi     `pack:"technology,required"`
	DataSources []text.Bi   `pack:"data_sources,required"`
	Excluded    []text.Bi   `pack:"excluded,required"`
	Origin      form.Word   `pack:"origin,required"`
	Scope       []form.Word `pack:"scope,required"`
	RoleOfAI    form.Word   `pack:"role_of_ai,required"`
	DataClasses []form.Word `pack:"data_classes,required"`
	People      bool        `pack:"people,required"`
	Oversight   form.Word   `pack:"oversight,required"`
	Decider     text.Bi     `pack:"decider,required"`
	DeciderRole form.Word   `pack:"decider_role"`
	Fallback    text.Bi     `pack:"fallback,required"`
}

// DataUseDoc is a use of data as an author writes it.
type DataUseDoc struct {
	Kind  form.Word `pack:"kind,required"`
	Where text.Bi   `pack:"where,required"`
	Need  text.Bi   `pack:"need,required"`
}

// WarningDoc is a warning as an author writes it.
type WarningDoc struct {
	At      form.Place  `pack:"@"`
	Say     text.Bi     `pack:"say,required"`
	Clauses []form.Word `pack:"clauses,required"`
}

// ForecastDoc is a figure as an author writes it.
type ForecastDoc struct {
	ID     form.Word `pack:"id,required"`
	Name   text.Bi   `pack:"name,required"`
	Value  float64   `pack:"value,required"`
	Unit   text.Bi   `pack:"unit,required,same"`
	Grade  form.Word `pack:"grade,required"`
	Source text.Bi   `pack:"source,required"`
}

// HintDoc is a hint as an author writes it.
type HintDoc struct {
	Part string  `pack:"part,required"`
	Say  text.Bi `pack:"say,required"`
}

// AddDrafts takes over a pack of kind drafts and returns how many it holds.
func (s *Stock) AddDrafts(pack string, doc DraftsDoc, shelf Shelf) int {
	n := 0
	for _, d := range doc.Items {
		if !shelf.Claim(d.ID) {
			continue
		}
		n++
		out := Draft{ID: d.ID.S, Pack: pack, Title: d.Title, Says: d.Says, Entry: entry(d, shelf), Operator: word(shelf, d.Operator, OperatorRoles),
			Rights: d.Rights, Notice: d.Notice, Handover: d.Handover, Duties: shelf.Clauses(d.Duties...)}
		for _, u := range d.Data {
			s.want("kind", u.Kind)
			out.Data = append(out.Data, DataUse{Kind: u.Kind.S, Where: u.Where, Need: u.Need})
		}
		for _, w := range d.Warnings {
			if len(w.Clauses) == 0 {
				shelf.Add(w.At, "dieser Hinweis nennt keine Fundstelle", "this warning cites no clause")
			}
			out.Warnings = append(out.Warnings, Warning{Say: w.Say, Clauses: shelf.Clauses(w.Clauses...)})
		}
		out.Forecast = forecast(d, shelf)
		for _, h := range d.Hints {
			out.Hints = append(out.Hints, Hint{Part: h.Part, Say: h.Say})
		}
		if out.Operator == "provider" && len(out.Duties) == 0 {
			shelf.Add(d.At, "%q: wer Anbieter ist, hat Pflichten (duties)", "%q: a provider has duties", d.ID.S)
		}
		s.drafts = append(s.drafts, out)
	}
	return n
}

func entry(d DraftDoc, shelf Shelf) Entry {
	e := d.Entry
	out := Entry{Name: e.Name, Purpose: e.Purpose, Use: e.Use, Technology: e.Technology, DataSources: e.DataSources, Excluded: e.Excluded,
		Origin: word(shelf, e.Origin, Origins), Scope: words(shelf, e.Scope, Scopes), RoleOfAI: word(shelf, e.RoleOfAI, RolesOfAI),
		DataClasses: words(shelf, e.DataClasses, DataClasses), People: e.People, Oversight: word(shelf, e.Oversight, Oversights),
		Decider: e.Decider, DeciderRole: e.DeciderRole.S, Fallback: e.Fallback}
	for _, class := range []string{"personal", "special"} {
		if slices.Contains(out.DataClasses, class) && len(d.Data) == 0 {
			shelf.Add(d.At, "%q nennt personenbezogene Daten, aber nicht, welche (data)", "%q has personal data but does not say which (data)", d.ID.S)
			break
		}
	}
	if out.People && len(d.Warnings) == 0 {
		shelf.Add(d.At, "%q betrifft Menschen und warnt vor nichts", "%q affects people and warns of nothing", d.ID.S)
	}
	return out
}

// forecast reads figures. What nobody measured here cannot be called measured.
func forecast(d DraftDoc, shelf Shelf) []Forecast {
	var out []Forecast
	for _, f := range d.Forecast {
		if slices.ContainsFunc(out, func(x Forecast) bool { return x.ID == f.ID.S }) {
			shelf.Add(f.ID.At, "die Zahl %q gibt es zweimal", "figure %q exists twice", f.ID.S)
		}
		if word(shelf, f.Grade, Grades) == "measured" {
			shelf.Add(f.Grade.At, "eine Zahl im Entwurf ist nicht gemessen", "a figure of a draft is not measured")
		}
		out = append(out, Forecast{ID: f.ID.S, Name: f.Name, Value: f.Value, Unit: f.Unit, Grade: f.Grade.S, Source: f.Source})
	}
	return out
}
