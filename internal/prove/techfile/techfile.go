// Package techfile fills documents about one AI system from what is known of it:
// the technical documentation of AI Act Annex IV, the registration record of Annex
// VIII, the card of a model and the sheet of a data set (requirements 001-43,
// 001-46). What is not known is listed as a gap, with the place where it is filled
// in; nothing is made up, and a point that only begins to be answered is "partly".
//
//	file, err := techfile.Technical(techfile.Known{System: s, Models: models, …})
//	doc, err := report.Filled(frame, file, cite)
//
// It computes and knows no store: who calls it reads. Other rooms hand in what
// they know by point (Known.More), as sentences. The points are those of the packs
// (aia.annex4.*, aia.annex8.*); their titles stand there.
package techfile

import (
	"embed"
	"strings"
	"sync"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/risk"
	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// State is how far a point is answered.
type State string

// The five states.
const (
	Full     State = "full"     // answered as far as the register can tell
	Partly   State = "partly"   // begun
	Missing  State = "missing"  // nothing is known
	Optional State = "optional" // nothing is known, and nothing need be
	Deleted  State = "deleted"  // the law no longer asks for it
)

// Point is one point of a document.
type Point struct {
	Clause string    // id in the packs; empty: Title stands for itself
	Title  text.Bi   // empty: that of the clause
	Lines  []text.Bi // what is known
	State  State
	Where  text.Bi // where to fill in what is missing, in words; empty when nothing is
	Path   string  // of the page, below the organisation
}

// Group is points that belong together.
type Group struct {
	Title  text.Bi
	Points []Point
}

// File is one filled document.
type File struct {
	Name   string // of its file, without ending
	Title  text.Bi
	Notes  []text.Bi // what a reader must know first
	Groups []Group
}

// Count counts the points that are answered, begun, and not answered, of all that
// are asked for.
func (f File) Count() (full, partly, missing, all int) {
	for _, g := range f.Groups {
		for _, p := range g.Points {
			switch p.State {
			case Full:
				full++
			case Partly:
				partly++
			case Missing:
				missing++
			default:
				continue
			}
			all++
		}
	}
	return full, partly, missing, all
}

// Gaps are the points that are not answered whole, in order.
func (f File) Gaps() []Point {
	var out []Point
	for _, g := range f.Groups {
		for _, p := range g.Points {
			if p.State == Partly || p.State == Missing {
				out = append(out, p)
			}
		}
	}
	return out
}

// Known is what is known of a system. Only System must be there.
type Known struct {
	Organisation   string
	System         store.Object[inventory.System]
	Vendor         *inventory.Vendor
	Models         []store.Object[inventory.Model]
	Classification *classify.Classification
	Risks          []store.Object[risk.Risk]
	Metrics        []risk.Standing
	// More is what other rooms know, by point of an annex, as sentences; a point
	// named in Settled is answered whole by it.
	More    map[string][]text.Bi
	Settled map[string]bool
}

// provider reports whether the organisation itself places the system on the
// market or puts it into service under its name.
func (k Known) provider() bool {
	return k.Classification != nil && (k.Classification.Role == "provider" || k.Classification.Role == "product_manufacturer")
}

func (k Known) class() string {
	if k.Classification == nil || k.Classification.Class == "" {
		return permit.ClassUnclear
	}
	return k.Classification.Class
}

//go:embed texts/*.yaml
var wordingFiles embed.FS

// wording is loaded once; it is part of the program and does not change.
var wording = sync.OnceValues(func() (*text.Catalogue, error) { return text.Load(wordingFiles) })

// words writes sentences in both languages.
type words struct{ all *text.Catalogue }

func newWords() (words, error) {
	all, err := wording()
	return words{all}, err
}

func (w words) t(key string, args ...any) text.Bi {
	return text.Bi{DE: w.all.T(text.DE, key, args...), EN: w.all.T(text.EN, key, args...)}
}

// both is t with an argument that has two languages.
func (w words) both(key, name string, b text.Bi) text.Bi {
	return text.Bi{DE: w.all.T(text.DE, key, name, side(b.DE, b.EN)), EN: w.all.T(text.EN, key, name, side(b.EN, b.DE))}
}

func side(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lines collects what is known of a point, leaving out what is empty.
type lines struct {
	w   words
	all []text.Bi
}

func (l *lines) say(ok bool, key string, args ...any) *lines {
	if ok {
		l.all = append(l.all, l.w.t(key, args...))
	}
	return l
}

func (l *lines) both(key, name string, b text.Bi) *lines {
	if !b.IsZero() {
		l.all = append(l.all, l.w.both(key, name, b))
	}
	return l
}

// point ends a point: whole when full holds, partly when something is known.
func (k Known) point(w words, clause, where string, full bool, l *lines) Point {
	p := Point{Clause: clause, State: Missing}
	if l != nil {
		p.Lines = l.all
	}
	p.Lines = append(p.Lines, k.More[clause]...)
	switch {
	case len(p.Lines) > 0 && full || k.Settled[clause]:
		p.State = Full
	case len(p.Lines) > 0:
		p.State = Partly
	}
	if p.State != Full {
		p.Where, p.Path = w.t("where."+where), k.path(where)
	}
	return p
}

// path is the page that a place in words means.
func (k Known) path(where string) string {
	id := k.System.ID
	switch where {
	case "models":
		return "/systems/" + id
	case "class":
		return "/systems/" + id + "/classify"
	case "risks":
		return "/systems/" + id + "/risks"
	case "data":
		return "/systems/" + id + "/data"
	case "impact":
		return "/systems/" + id + "/impact"
	case "evidence":
		return "/proof/objects"
	case "documents":
		return "/duties/documents"
	case "vendor":
		return "/vendors"
	case "frameworks":
		return "/duties"
	}
	return "/systems/" + id + "/edit"
}

// ModelCard is the card of one model version: purpose, data, measured values,
// limits and confidence, and which bytes it speaks of.
func ModelCard(system string, m store.Object[inventory.Model]) (File, error) {
	w, err := newWords()
	if err != nil {
		return File{}, err
	}
	d := m.Doc
	f := File{Name: "model-card", Title: w.t("card.title", "name", d.Name, "version", d.Version), Notes: []text.Bi{w.t("card.of", "system", system)}}
	g := Group{Title: w.t("card.group")}
	add := func(key string, all ...text.Bi) {
		p := Point{Title: w.t("card." + key), State: Missing}
		for _, b := range all {
			if !b.IsZero() {
				p.Lines = append(p.Lines, b)
			}
		}
		if p.State = Full; len(p.Lines) == 0 {
			p.State, p.Where, p.Path = Missing, w.t("where.models"), "/systems/"+d.System
		}
		g.Points = append(g.Points, p)
	}
	add("purpose", d.Card.Purpose)
	add("data", d.Card.Data)
	var measured []text.Bi
	for _, x := range d.Card.Metrics {
		measured = append(measured, text.Bi{DE: w.all.T(text.DE, "card.metric", "name", x.Name, "value", text.Decimal(text.DE, x.Value, 3), "on", x.On),
			EN: w.all.T(text.EN, "card.metric", "name", x.Name, "value", text.Decimal(text.EN, x.Value, 3), "on", x.On)})
	}
	add("metrics", measured...)
	add("limits", d.Card.Limits)
	add("confidence", d.Card.Confidence)
	var inputs []text.Bi
	for _, x := range d.Reading.Features {
		b := x.Label
		if b.IsZero() {
			b = text.Same(x.Name)
		}
		if x.Unit != "" {
			b = text.Bi{DE: side(b.DE, b.EN) + " (" + x.Unit + ")", EN: side(b.EN, b.DE) + " (" + x.Unit + ")"}
		}
		inputs = append(inputs, b)
	}
	add("inputs", inputs...)
	var hash []text.Bi
	if d.Hash != "" {
		hash = []text.Bi{text.Same(d.Hash)}
	}
	add("hash", hash...)
	f.Groups = []Group{g}
	return f, nil
}

// Field is one field of a sheet that another room fills.
type Field struct {
	Title text.Bi
	Text  string
}

// DataSheet is the sheet of one data set, from the fields of the room that keeps
// it. path is the page where gaps are filled in.
func DataSheet(name, path string, fields []Field) (File, error) {
	w, err := newWords()
	if err != nil {
		return File{}, err
	}
	f := File{Name: "data-sheet", Title: w.t("sheet.title", "name", name), Notes: []text.Bi{w.t("sheet.note")}}
	g := Group{Title: w.t("sheet.group")}
	for _, x := range fields {
		p := Point{Title: x.Title, State: Full, Lines: []text.Bi{text.Same(x.Text)}}
		if strings.TrimSpace(x.Text) == "" {
			p = Point{Title: x.Title, State: Missing, Where: w.t("where.data"), Path: path}
		}
		g.Points = append(g.Points, p)
	}
	f.Groups = []Group{g}
	return f, nil
}

// Untold are the points of an annex in the packs that a file says nothing of: a
// test holds that there are none.
func Untold(lib *packs.Library, prefix string, f File) []string {
	told := map[string]bool{}
	for _, g := range f.Groups {
		for _, p := range g.Points {
			told[p.Clause] = true
		}
	}
	var out []string
	for _, info := range lib.Packs() {
		for _, c := range lib.Clauses(info.ID) {
			if strings.HasPrefix(c.ID, prefix) && !told[c.ID] {
				out = append(out, c.ID)
			}
		}
	}
	return out
}
