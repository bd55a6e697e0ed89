package interview

import (
	"slices"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/logic"
	"augenmass/internal/text"
)

// Doc is a pack of kind interview, without the head that every pack has.
type Doc struct {
	Purpose  text.Bi      `pack:"purpose,required"`
	Method   []text.Bi    `pack:"method,required"`
	Months   int          `pack:"valid_months,required"`
	Results  []ResultDoc  `pack:"results,required"`
	Who      []WordDoc    `pack:"who,required"`
	Depths   []DepthDoc   `pack:"depths,required"`
	Rights   RightsDoc    `pack:"rights,required"`
	Sections []SectionDoc `pack:"sections,required"`
	Flags    []FlagDoc    `pack:"flags"`
	Reviews  []text.Bi    `pack:"reviews,required"`
}

// ResultDoc is a result as an author writes it.
type ResultDoc struct {
	ID      form.Word   `pack:"id,required"`
	Title   text.Bi     `pack:"title,required"`
	Say     text.Bi     `pack:"say,required"`
	Clauses []form.Word `pack:"clauses,required"`
	Rules   form.Word   `pack:"rules"`
}

// WordDoc is an option as an author writes it.
type WordDoc struct {
	ID   form.Word `pack:"id,required"`
	Text text.Bi   `pack:"text,required"`
}

// DepthDoc is a depth as an author writes it.
type DepthDoc struct {
	ID      form.Word `pack:"id,required"`
	Title   text.Bi   `pack:"title,required"`
	For     text.Bi   `pack:"for,required"`
	Minutes int       `pack:"max_minutes,required"`
}

// RightsDoc says how rights are judged.
type RightsDoc struct {
	At         form.Place     `pack:"@"`
	Note       text.Bi        `pack:"note,required"`
	Dimensions []DimensionDoc `pack:"dimensions,required"`
	Matrix     [][]int        `pack:"matrix,required"`
	Levels     []text.Bi      `pack:"levels,required"`
	Outcomes   []text.Bi      `pack:"outcomes,required"`
	Widespread int            `pack:"widespread,required"`
}

// DimensionDoc is a dimension as an author writes it.
type DimensionDoc struct {
	ID     form.Word `pack:"id,required"`
	Title  text.Bi   `pack:"title,required"`
	Points []text.Bi `pack:"points,required"`
}

// SectionDoc is a section as an author writes it.
type SectionDoc struct {
	ID    form.Word `pack:"id,required"`
	Title text.Bi   `pack:"title,required"`
	Lead  text.Bi   `pack:"lead"`
	Items []ItemDoc `pack:"items,required"`
}

// ItemDoc is an item as an author writes it.
type ItemDoc struct {
	At      form.Place  `pack:"@"`
	ID      form.Word   `pack:"id,required"`
	Text    text.Bi     `pack:"text,required"`
	Help    text.Bi     `pack:"help"`
	Type    form.Word   `pack:"type,required"`
	Options []WordDoc   `pack:"options"`
	Core    bool        `pack:"core"`
	Who     form.Word   `pack:"who,required"`
	Shown   form.Word   `pack:"shown"`
	Clauses []form.Word `pack:"clauses,required"`
	Results []form.Word `pack:"results,required"`
	Fact    form.Word   `pack:"fact"`
	Source  text.Bi     `pack:"source,same"`
}

// FlagDoc is a red flag as an author writes it.
type FlagDoc struct {
	At      form.Place  `pack:"@"`
	ID      form.Word   `pack:"id,required"`
	Say     text.Bi     `pack:"say,required"`
	When    form.Word   `pack:"when,required"`
	Clauses []form.Word `pack:"clauses,required"`
	Results []form.Word `pack:"results,required"`
}

// Shelf is what reading needs to know of everything else that lies in packs.
type Shelf interface {
	// Add records a defect; both sentences take the same arguments.
	Add(at form.Place, de, en string, args ...any)
	// Claim takes an id that must be unique among all packs; false if it is not.
	Claim(id form.Word) bool
	// Clauses returns the ids and records them as clauses that must exist.
	Clauses(ids ...form.Word) []string
}

// Head is what the pack says about itself.
type Head struct {
	At          form.Place
	ID, Version string
	AsOf        time.Time
	Title       text.Bi
	Notice      text.Bi
}

// reading is one pack being read.
type reading struct {
	Shelf
	v *Interview
}

// Read makes an interview of what an author wrote and records every defect.
func Read(h Head, doc Doc, s Shelf) *Interview {
	v := &Interview{ID: h.ID, Version: h.Version, AsOf: h.AsOf, Title: h.Title, Notice: h.Notice, at: h.At,
		Purpose: doc.Purpose, Method: doc.Method, Months: doc.Months, Reviews: doc.Reviews, items: map[string]*Item{}}
	r := &reading{s, v}
	if doc.Months < 1 || doc.Months > 60 {
		s.Add(h.At, "valid_months liegt zwischen 1 und 60", "valid_months lies between 1 and 60")
	}
	r.results(doc.Results)
	v.Who = r.wordsOf(doc.Who)
	for _, d := range doc.Depths {
		if d.ID.S != Quick && d.ID.S != Full {
			s.Add(d.ID.At, "unbekannte Tiefe %q", "unknown depth %q", d.ID.S)
		}
		v.Depths = append(v.Depths, Depth{d.ID.S, d.Title, d.For, d.Minutes})
	}
	if len(v.Depths) != 2 || v.Depths[0].ID == v.Depths[1].ID {
		s.Add(h.At, "es braucht genau die Tiefen quick und full", "exactly the depths quick and full are needed")
	}
	r.rights(doc.Rights)
	r.sections(doc.Sections)
	r.flags(doc.Flags)
	r.conditions(doc)
	return v
}

func (r *reading) results(docs []ResultDoc) {
	for _, d := range docs {
		if _, twice := r.v.Result(d.ID.S); twice {
			r.Add(d.ID.At, "das Ergebnis %q gibt es zweimal", "result %q exists twice", d.ID.S)
		}
		r.v.Results = append(r.v.Results, Result{d.ID.S, d.Title, d.Say, r.Clauses(d.Clauses...), d.Rules.S})
	}
}

func (r *reading) wordsOf(docs []WordDoc) []Word {
	var out []Word
	for _, d := range docs {
		if d.ID.S == Unknown || d.ID.S == None || slices.ContainsFunc(out, func(w Word) bool { return w.ID == d.ID.S }) {
			r.Add(d.ID.At, "die Möglichkeit %q gibt es zweimal oder sie ist vorbehalten", "option %q exists twice or is reserved", d.ID.S)
		}
		out = append(out, Word{d.ID.S, d.Text})
	}
	return out
}

// dimensions are the four that a judgement has, in this order.
var dimensions = []string{"gravity", "scope", "reversibility", "likelihood"}

func (r *reading) rights(d RightsDoc) {
	out := Rights{Note: d.Note, Levels: d.Levels, Outcomes: d.Outcomes, Widespread: d.Widespread}
	var ids []string
	for _, x := range d.Dimensions {
		ids = append(ids, x.ID.S)
		if len(x.Points) != Levels {
			r.Add(x.ID.At, "%q braucht vier Stufen", "%q needs four points", x.ID.S)
		}
		out.Dimensions = append(out.Dimensions, Dimension{x.ID.S, x.Title, x.Points})
	}
	if !slices.Equal(ids, dimensions) {
		r.Add(d.At, "die Dimensionen heißen %v, in dieser Reihenfolge", "the dimensions are %v, in this order", dimensions)
	}
	square := len(d.Matrix) == Levels
	for i := range d.Matrix {
		square = square && len(d.Matrix[i]) == Levels
		for k := range d.Matrix[i] {
			n := d.Matrix[i][k]
			if n < 1 || n > Levels {
				r.Add(d.At, "die Matrix enthält %d statt 1 bis 4", "the matrix has %d instead of 1 to 4", n)
			}
			if k > 0 && n < d.Matrix[i][k-1] || i > 0 && k < len(d.Matrix[i-1]) && n < d.Matrix[i-1][k] {
				r.Add(d.At, "die Matrix fällt in Zeile %d, Spalte %d", "the matrix falls in row %d, column %d", i+1, k+1)
			}
			if i < Levels && k < Levels {
				out.Matrix[i][k] = n
			}
		}
	}
	if !square || len(d.Levels) != Levels || len(d.Outcomes) != Levels {
		r.Add(d.At, "Matrix, Stufen und Folgen haben je vier Werte", "matrix, levels and outcomes have four values each")
	}
	r.v.Rights = out
}

func (r *reading) sections(docs []SectionDoc) {
	v := r.v
	for _, d := range docs {
		if _, twice := v.Section(d.ID.S); twice {
			r.Add(d.ID.At, "den Abschnitt %q gibt es zweimal", "section %q exists twice", d.ID.S)
		}
		s := Section{ID: d.ID.S, Title: d.Title, Lead: d.Lead}
		for _, x := range d.Items {
			if r.Claim(x.ID) {
				s.Items = append(s.Items, r.item(d.ID.S, x))
			}
		}
		v.Sections = append(v.Sections, s)
	}
}

func (r *reading) item(section string, d ItemDoc) Item {
	it := Item{ID: d.ID.S, Section: section, Text: d.Text, Help: d.Help, Type: Type(d.Type.S), Options: r.wordsOf(d.Options), Core: d.Core,
		Who: d.Who.S, Clauses: r.Clauses(d.Clauses...), Results: r.known(d.Results), Fact: d.Fact.S, Source: d.Source, When: d.Shown.S, at: d.At}
	if !slices.Contains(Types, it.Type) {
		r.Add(d.Type.At, "unbekannte Art von Frage: %q", "unknown type of question: %q", d.Type.S)
	}
	n, ok := len(it.Options), false
	switch it.Type {
	case Choice:
		ok = n >= 2
	case Choices:
		ok = n >= 1
	case Scale:
		ok = n == Points
	default:
		ok = n == 0
	}
	if !ok {
		r.Add(d.At, "%q: die Möglichkeiten passen nicht zur Art %s", "%q: its options do not fit type %s", it.ID, it.Type)
	}
	if !slices.ContainsFunc(r.v.Who, func(w Word) bool { return w.ID == it.Who }) {
		r.Add(d.Who.At, "%q antwortet hier niemand", "nobody here is %q", it.Who)
	}
	return it
}

func (r *reading) known(ids []form.Word) []string {
	for _, w := range ids {
		if _, ok := r.v.Result(w.S); !ok {
			r.Add(w.At, "das Ergebnis %q gibt es nicht", "there is no result %q", w.S)
		}
	}
	return form.Words(ids)
}

func (r *reading) flags(docs []FlagDoc) {
	for _, d := range docs {
		if slices.ContainsFunc(r.v.Flags, func(f Flag) bool { return f.ID == d.ID.S }) {
			r.Add(d.ID.At, "die rote Flagge %q gibt es zweimal", "red flag %q exists twice", d.ID.S)
		}
		r.v.Flags = append(r.v.Flags, Flag{ID: d.ID.S, Say: d.Say, When: d.When.S, Clauses: r.Clauses(d.Clauses...), Results: r.known(d.Results), at: d.At})
	}
}

// conditions parses and resolves every condition. One over an item that comes
// later would hide a question because of an answer nobody was asked for yet.
func (r *reading) conditions(doc Doc) {
	v := r.v
	var facts []logic.Fact
	for i := range v.Sections {
		for k := range v.Sections[i].Items {
			it := &v.Sections[i].Items[k]
			v.items[it.ID] = it
			v.order = append(v.order, it.ID)
			if f, ok := reasoned(*it); ok {
				facts = append(facts, f)
			}
		}
	}
	parse := func(w form.Word) logic.Condition {
		c, err := logic.Parse(w.S)
		if err != nil {
			r.Add(w.At, "die Bedingung ist nicht lesbar: %s", "the condition cannot be read: %s", err)
		}
		return c
	}
	shown, flags := map[string]logic.Condition{}, make([]logic.Condition, len(doc.Flags))
	var all []logic.Condition
	words := map[string]form.Word{}
	for _, s := range doc.Sections {
		for _, d := range s.Items {
			if d.Shown.S != "" {
				shown[d.ID.S], words[d.ID.S] = parse(d.Shown), d.Shown
				all = append(all, shown[d.ID.S])
			}
		}
	}
	for i, d := range doc.Flags {
		flags[i] = parse(d.When)
		all = append(all, flags[i])
	}
	v.words, v.trees = logic.NewVocabulary(facts, all), logic.NewForest()
	place := map[int]int{} // fact → position of its item
	for i, id := range v.order {
		if f, ok := v.words.Index(id); ok {
			place[f] = i
		}
	}
	for i, id := range v.order {
		c, ok := shown[id]
		if !ok {
			continue
		}
		tree, err := v.words.Diagram(v.trees, c, nil)
		if err != nil {
			r.Add(words[id].At, "die Bedingung stimmt nicht: %s", "the condition is wrong: %s", err)
		}
		for _, x := range v.trees.Support(tree) {
			if place[v.words.FactOf(x)] >= i {
				r.Add(words[id].At, "die Bedingung fragt nach einer Antwort, die erst später kommt", "the condition asks for an answer that comes later")
			}
		}
		v.items[id].shown = tree
	}
	for i, d := range doc.Flags {
		tree, err := v.words.Diagram(v.trees, flags[i], nil)
		if err != nil {
			r.Add(d.When.At, "die Bedingung stimmt nicht: %s", "the condition is wrong: %s", err)
		}
		v.Flags[i].tree = tree
	}
}

// reasoned is an item as conditions know it; words of a person are none.
func reasoned(it Item) (logic.Fact, bool) {
	f := logic.Fact{Name: it.ID}
	for _, o := range it.Options {
		f.Options = append(f.Options, o.ID)
	}
	switch it.Type {
	case YesNoUnknown:
		f.Type = logic.Tri
	case Choice:
		f.Type = logic.Enum
	case Choices:
		f.Type = logic.Set
	case Number:
		f.Type, f.Max, f.Options = logic.Int, MostNumber, nil
	case Scale:
		f.Type, f.Min, f.Max, f.Options = logic.Int, 1, Points, nil
	case Right:
		f.Type, f.Max, f.Options = logic.Int, Levels, nil
	default:
		return f, false
	}
	return f, true
}
