package document

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// OwnTemplate is a template that the organisation brought in.
type OwnTemplate struct {
	Name    string   `json:"name" store:"index,search,required,max=200"`
	Purpose string   `json:"purpose" store:"search,long,max=2000"`
	Version string   `json:"version" store:"max=100"`
	Body    string   `json:"body" store:"required,long,max=200000"` // text with places {{like this}}
	Clauses []string `json:"clauses" store:"index,max=200"`
}

// Title names the template in lists and links.
func (t *OwnTemplate) Title() string { return t.Name }

// Validate checks that every opened place is closed and named.
func (t *OwnTemplate) Validate() error {
	_, broken := Places(t.Body)
	var c problem.Checks
	c.Field(len(broken) == 0, "body", "Eine Stelle zum Ausfüllen ist nicht geschlossen oder hat keinen Namen: "+strings.Join(broken, ", "),
		"A place to fill in is not closed or has no name: "+strings.Join(broken, ", "))
	return c.Err()
}

// OwnTemplates is the kind of an organisation's templates.
func OwnTemplates() *store.Kind[OwnTemplate] {
	return store.NewKind[OwnTemplate]("own_template", "tpl")
}

// place is a well-formed place; opening finds every start of one. The names of
// an organisation's own places are whatever people call them.
var (
	place   = regexp.MustCompile(`\{\{[ \t]*([^{}\r\n]{1,80}?)[ \t]*\}\}`)
	opening = regexp.MustCompile(`\{\{[^\r\n]{0,40}`)
)

// Places are the names of the places of a text, each once, in order; broken are
// the beginnings of places that are not closed on their line or have no name.
func Places(body string) (names, broken []string) {
	good := map[int]bool{}
	for _, at := range place.FindAllStringSubmatchIndex(body, -1) {
		name := strings.TrimSpace(body[at[2]:at[3]])
		if name == "" {
			continue
		}
		good[at[0]] = true
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, at := range opening.FindAllStringIndex(body, -1) {
		if !good[at[0]] {
			broken = append(broken, body[at[0]:at[1]])
		}
	}
	return names, broken
}

// Place is one place of a template to fill in.
type Place struct {
	Name string
	Say  string // what belongs there, in the reader's language; the name, where nothing more is known
}

// Sheet is a template ready to fill in, shipped or own.
type Sheet struct {
	ID      string // of the pack's template, or object id
	Own     bool
	Title   string
	Purpose string
	Version string
	Clauses []string
	Places  []Place
	fill    func(values map[string]string) (doc string, missing []string)
}

// Fill puts values (name of a place → text) into the template. A place without
// a value shows in square brackets what belongs there and is named in missing.
// A value is never searched for places.
func (s Sheet) Fill(values map[string]string) (doc string, missing []string) { return s.fill(values) }

// Sheet returns a template by its id: of a pack in the reader's language, or the
// organisation's own. NotFound if there is none.
func (r *Room) Sheet(ctx context.Context, rd store.Reader, l text.Lang, id string) (Sheet, error) {
	if t, ok := r.lib().Template(id); ok {
		s := Sheet{ID: t.ID, Title: t.Title.In(l), Purpose: t.Purpose.In(l), Version: t.Version, Clauses: t.Clauses,
			fill: func(v map[string]string) (string, []string) { return t.Fill(l, v) }}
		for _, p := range t.Placeholders {
			s.Places = append(s.Places, Place{Name: p.Name, Say: p.Say.In(l)})
		}
		return s, nil
	}
	o, err := r.Templates.Get(ctx, rd, id)
	if err != nil {
		return Sheet{}, err
	}
	return ownSheet(o), nil
}

func ownSheet(o store.Object[OwnTemplate]) Sheet {
	s := Sheet{ID: o.ID, Own: true, Title: o.Doc.Name, Purpose: o.Doc.Purpose, Version: o.Doc.Version, Clauses: o.Doc.Clauses,
		fill: func(v map[string]string) (string, []string) { return FillBody(o.Doc.Body, v) }}
	names, _ := Places(o.Doc.Body)
	for _, name := range names {
		s.Places = append(s.Places, Place{Name: name, Say: name})
	}
	return s
}

// FillBody fills the places of a text; see Sheet.Fill.
func FillBody(body string, values map[string]string) (doc string, missing []string) {
	names, _ := Places(body)
	for _, name := range names {
		if strings.TrimSpace(values[name]) == "" {
			missing = append(missing, name)
		}
	}
	doc = place.ReplaceAllStringFunc(body, func(found string) string {
		name := strings.TrimSpace(place.FindStringSubmatch(found)[1])
		if v := strings.TrimSpace(values[name]); v != "" {
			return v
		}
		return "[" + name + "]"
	})
	return doc, missing
}

// PutTemplate stores an own template: with an empty id a new one, else the given
// revision of an existing one.
func (r *Room) PutTemplate(ctx context.Context, id string, revision int64, t OwnTemplate) (store.Object[OwnTemplate], error) {
	var saved store.Object[OwnTemplate]
	var c problem.Checks
	c.Field(utf8.ValidString(t.Body), "body", "Der Text ist kein UTF-8. Bitte als Text in UTF-8 speichern.", "The text is not UTF-8. Please save it as text in UTF-8.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	t.Body = strings.ReplaceAll(t.Body, "\r\n", "\n")
	var err error
	if t.Clauses, err = r.Cited("clauses", t.Clauses); err != nil {
		return saved, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if id == "" {
			saved, err = r.Templates.Create(ctx, tx, t)
		} else {
			saved, err = r.Templates.Update(ctx, tx, id, revision, t)
		}
		return err
	})
	return saved, err
}

// RemoveTemplate deletes an own template; documents made from it are elsewhere.
func (r *Room) RemoveTemplate(ctx context.Context, id string, revision int64) error {
	return r.db.Write(ctx, func(tx *store.Tx) error { return r.Templates.Delete(ctx, tx, id, revision) })
}
