// Package show turns what the rooms know into what the components of ui draw:
// permits into cards, states into marks, decisions into rows of the stream, ids
// into names. Several areas use it, so that a thing looks the same everywhere.
//
// It decides nothing, and who may see something is the page's to ask. It reads
// nothing but names (Names: one query a kind), and everything it says comes
// from its own catalogue (Texts), from the packs or from the rooms' sentences.
package show

import (
	"context"
	"embed"
	"strconv"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of this package, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// or is the text of a key, or the fallback for a code that the catalogue does
// not know: a word of a pack or of a later version is shown as it stands.
func or(c ui.Ctx, key, fallback string) string {
	if c.Has(key) {
		return c.T(key)
	}
	return fallback
}

// Word is the word for a code of a family: Word(c, "class", "high") is "hoch".
// Families are class, operator, level, oversight, onhold, life, origin, scope,
// market, sector, roleofai, retain, data, verdict, practical, plant, op and why; an unknown code
// is shown as it stands, an empty one as a dash.
func Word(c ui.Ctx, family, code string) string {
	if code == "" {
		return "–"
	}
	return or(c, "show."+family+"."+code, code)
}

// Words are the words for several codes of a family.
func Words[S ~string](c ui.Ctx, family string, codes []S) []string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = Word(c, family, string(code))
	}
	return out
}

// Options are the choices of a field from the codes of a family.
func Options(c ui.Ctx, family string, codes []string) []ui.Option {
	out := make([]ui.Option, len(codes))
	for i, code := range codes {
		out[i] = ui.Option{Value: code, Text: Word(c, family, code)}
		if note := "show." + family + "." + code + ".note"; c.Has(note) {
			out[i].Note = c.T(note)
		}
	}
	return out
}

// Role is the title of one of the house's roles.
func Role(c ui.Ctx, role string) string { return c.In(roles.Role(role).Info().Title) }

// Roles are the titles of several roles, in words: "A, B und C".
func Roles(c ui.Ctx, all []string) string {
	titles := make([]string, len(all))
	for i, r := range all {
		titles[i] = Role(c, r)
	}
	return List(c, titles)
}

// List joins words: "A, B und C", "A, B and C".
func List(c ui.Ctx, words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
			out = w
		case i == len(words)-1:
			out = c.T("show.and", "before", out, "last", w)
		default:
			out += ", " + w
		}
	}
	return out
}

// Say is one side of a text that people wrote, or the other side where they
// wrote one only.
func Say(c ui.Ctx, b text.Bi) string {
	if s := c.In(b); s != "" {
		return s
	}
	if b.DE != "" {
		return b.DE
	}
	return b.EN
}

// Hear writes the reader's side of a text that a form asked for. The other side
// is a translation and stays. A text that exists in the other language only was
// shown as it is (Say), so it is new only if it was changed; an emptied text is
// gone in both languages.
func Hear(c ui.Ctx, v string, b *text.Bi) {
	mine, other := &b.DE, b.EN
	if c.Lang == text.EN {
		mine, other = &b.EN, b.DE
	}
	switch {
	case v == "":
		*b = text.Bi{}
	case *mine != "" || v != other:
		*mine = v
	}
}

// Clauses are clause ids as people cite them, with their titles. An id that no
// pack has is shown as it stands.
func Clauses(c ui.Ctx, lib *packs.Library, ids []string) []ui.ClauseRef {
	out := make([]ui.ClauseRef, 0, len(ids))
	for _, id := range ids {
		cl, ok := lib.Clause(id)
		if !ok {
			out = append(out, ui.ClauseRef{Ref: id})
			continue
		}
		out = append(out, ui.ClauseRef{Ref: cl.Short(c.Lang), Title: c.In(cl.Title), Href: c.URL("duties", "clauses", id)})
	}
	return out
}

// Since says since when, in the reader's zone: the time of day for today, else
// the day with it. The zero time is empty.
func Since(c ui.Ctx, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if c.Date(t) == c.Date(c.Now) {
		return c.Clock(t)
	}
	return c.DateTime(t)
}

// Until says until when something holds; the zero time is "ohne Ende".
func Until(c ui.Ctx, t time.Time) string {
	if t.IsZero() {
		return c.T("show.noend")
	}
	return c.Date(t)
}

// Index writes a journal index: #1.204.376.
func Index(c ui.Ctx, index uint64) string { return "#" + c.Int(int(index)) }

// EntryHref is the address of a journal entry.
func EntryHref(c ui.Ctx, index uint64) string {
	return c.URL("proof", "journal", strconv.FormatUint(index, 10))
}

// Entry links to a journal entry; a negative index is one that is not in the
// journal yet.
func Entry(c ui.Ctx, index int64) ui.LinkView {
	if index < 0 {
		return ui.LinkView{Text: c.T("show.unsequenced")}
	}
	return ui.LinkView{Text: Index(c, uint64(index)), Href: EntryHref(c, uint64(index))}
}

// People are names by id.
type People map[string]string

// Names returns the names of people, devices and programs by id, as far as the
// actor may read them, in one query a kind.
func Names(ctx context.Context, db *store.DB, ids ...string) (People, error) {
	var ask []string
	for _, id := range ids {
		if id != "" {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return People{}, nil
	}
	return db.Titles(ctx, db, ask...)
}

// Name is the name of an id: of a person, of the program itself, or the words
// for somebody whose name the reader does not see.
func (p People) Name(c ui.Ctx, id string) string {
	if name := p[id]; name != "" {
		return name
	}
	switch id {
	case "":
		return c.T("show.nobody")
	case store.System, "house", "identity":
		return c.T("show.house")
	}
	return c.T("show.somebody")
}
