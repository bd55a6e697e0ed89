// Package intake takes any file that can be imported up to the point where it is
// kept or not: it recognises what the file is, has it read, converted and
// checked beside everything else, and says what came of it. Pages and command
// line show the same Result and hand the same Draft to govern/catalogue.
//
// It keeps nothing. A Result with errors has no Draft.
package intake

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/cisoassistant"
	"augenmass/internal/prove/exchange/ownpack"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Kinds are the kinds of files, as exchange names them, in the order in which
// help shows them.
var Kinds = []string{exchange.Table, exchange.CISOAssistant, exchange.OwnPack}

// Given is one file and what it is read beside.
type Given struct {
	Name string // of the file, without folders
	Data []byte
	As   string // one of Kinds; "": recognised

	Library *packs.Library // shipped and own packs, by which citations are judged
	Beside  Beside         // nil: there is no organisation
	Today   time.Time
	Choices exchange.Adoption // of a table: title, version, what becomes of its citations
}

// Beside is the organisation for which a file is read.
type Beside interface {
	// Original returns the file of the library with this URN, or NotFound.
	Original(ctx context.Context, urn string) (name string, data []byte, err error)
	// Check reports whether everything still loads with the draft.
	Check(ctx context.Context, d catalogue.Draft) error
}

// Taken is what came of a file.
type Taken struct {
	Result exchange.Result
	Draft  catalogue.Draft // what would be kept; empty with errors
}

// Recognise says what a file is, by its name and its first words.
func Recognise(name string, data []byte) (string, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml":
	default:
		return exchange.Table, nil
	}
	f, err := sound.Parse(name, data)
	if err != nil {
		return "", err
	}
	return kindOf(f)
}

func kindOf(f *sound.File) (string, error) {
	switch {
	case cisoassistant.Looks(f):
		return exchange.CISOAssistant, nil
	case ownpack.Looks(f):
		return exchange.OwnPack, nil
	}
	return "", problem.Newf(problem.BadInput, "„%s“ ist weder eine Bibliothek von CISO Assistant noch ein eigenes Paket.",
		"'%s' is neither a CISO Assistant library nor an own pack.", f.Name).
		WithHint("Eine Bibliothek hat oben „urn“ und „objects“, ein Paket „id“ und „kind“.", "A library has 'urn' and 'objects' at its top, a pack 'id' and 'kind'.")
}

// Take reads a file. What is wrong with the file is in Result.Errors; the error
// is for what keeps it from being read at all: an unknown kind, a database that
// is away.
func Take(ctx context.Context, g Given) (Taken, error) {
	kind := g.As
	if kind == "" {
		var err error
		if kind, err = Recognise(g.Name, g.Data); err != nil {
			return Taken{}, err
		}
	}
	var t Taken
	var err error
	switch kind {
	case exchange.CISOAssistant:
		t, err = g.library(ctx)
	case exchange.OwnPack:
		t, err = g.pack(ctx)
	case exchange.Table:
		t, err = g.table(ctx)
	default:
		return t, problem.Newf(problem.BadInput, "Eine Art „%s“ lässt sich nicht einlesen.", "A kind '%s' cannot be imported.", kind).
			WithHint("Möglich sind: "+strings.Join(Kinds, ", ")+".", "Possible are: "+strings.Join(Kinds, ", ")+".")
	}
	t.Result.Kind = kind
	if len(t.Result.Errors) > 0 {
		t.Draft = catalogue.Draft{}
	}
	return t, err
}

// library reads a library file.
func (g Given) library(ctx context.Context) (t Taken, err error) {
	l, err := cisoassistant.Read(g.Name, g.Data)
	if err != nil {
		return t, t.fails(err)
	}
	known := cisoassistant.Known{Packs: g.Library, Unseen: g.Beside == nil}
	for _, d := range l.Dependencies {
		if g.Beside == nil || d.URN == l.URN {
			continue
		}
		name, data, err := g.Beside.Original(ctx, d.URN)
		if problem.Is(err, problem.NotFound) {
			continue // Resolve names it with its line
		}
		if err != nil {
			return t, err
		}
		dep, err := cisoassistant.Read(name, data)
		if err != nil {
			return t, err
		}
		known.Libraries = append(known.Libraries, dep)
	}
	t.Result.Title = l.Name
	if err := l.Resolve(known); err != nil {
		return t, t.fails(err)
	}
	t.Draft = l.Draft(g.Data, known, g.Today)
	t.count(l)
	if len(t.Draft.Packs) == 0 {
		t.Result.Errors = append(t.Result.Errors, exchange.RowError{Line: 1, Say: text.Bi{
			DE: "Die Datei enthält kein Rahmenwerk, keine Maßnahmen und keine Zuordnungen; alles andere hat hier keinen Platz.",
			EN: "The file holds no framework, no controls and no mappings; everything else has no place here."}})
		return t, nil
	}
	if missing := l.Missing(known); g.Beside == nil && len(missing) > 0 {
		for _, d := range missing {
			t.note("Die Datei setzt die Bibliothek „"+d.URN+"“ voraus. Ob sie eingelesen ist, zeigt sich erst mit einer Organisation.",
				"The file depends on the library '"+d.URN+"'. Whether it is imported shows only with an organisation.")
		}
		return t, nil
	}
	return t, t.checked(ctx, g)
}

// count says how much of a library was read and where it goes.
func (t *Taken) count(l *cisoassistant.Library) {
	t.Result.Title = t.Draft.Name.DE
	t.Result.Rows = l.Nodes() + len(l.Controls)
	for _, s := range l.Sets {
		t.Result.Rows += len(s.Rows)
	}
	t.Result.Notes = append(t.Result.Notes, t.Draft.Notes...)
	if l.Copyright != "" {
		t.note("Urheberrecht laut Datei: "+l.Copyright, "Copyright according to the file: "+l.Copyright)
	}
	var de, en []string
	for _, k := range t.Draft.Kept {
		w := What(k.What)
		n := strconv.Itoa(k.N)
		de, en = append(de, w.DE+": "+n), append(en, w.EN+": "+n)
	}
	if len(de) > 0 {
		t.note("Nur in der Urschrift bleiben: "+strings.Join(de, ", ")+".", "Only the original keeps: "+strings.Join(en, ", ")+".")
	}
}

// pack reads an own pack.
func (g Given) pack(ctx context.Context) (t Taken, err error) {
	d, err := ownpack.Read(g.Name, g.Data)
	if err != nil {
		return t, t.fails(err)
	}
	t.Draft, t.Result.Title = d, d.Name.DE
	for _, p := range d.Packs {
		t.Result.Rows += p.Items
	}
	return t, t.checked(ctx, g)
}

// checked holds the draft beside everything else.
func (t *Taken) checked(ctx context.Context, g Given) error {
	var err error
	if g.Beside != nil {
		err = g.Beside.Check(ctx, t.Draft)
	} else {
		_, err = catalogue.Check(g.Library, t.Draft, nil)
	}
	return t.fails(err)
}

func (t *Taken) note(de, en string) {
	t.Result.Notes = append(t.Result.Notes, text.Bi{DE: de, EN: en})
}

// fails turns what is wrong with the file into errors of the result; everything
// else stays an error.
func (t *Taken) fails(err error) error {
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput && p.Kind != problem.TooLarge && p.Kind != problem.Conflict {
		return err
	}
	for _, f := range p.Fields {
		e := exchange.RowError{Say: f.Say}
		at := strings.LastIndexByte(f.Path, ':')
		if n, err := strconv.Atoi(f.Path[at+1:]); err == nil && at >= 0 {
			e.Line = n
		} else {
			e.Cell = f.Path
		}
		t.Result.Errors = append(t.Result.Errors, e)
	}
	if len(p.Fields) == 0 {
		say := p.Say
		if !p.Hint.IsZero() {
			say = text.Bi{DE: say.DE + " " + p.Hint.DE, EN: say.EN + " " + p.Hint.EN}
		}
		t.Result.Errors = append(t.Result.Errors, exchange.RowError{Say: say})
	}
	return nil
}

// What is a count of catalogue.Draft.Kept in words.
func What(what string) text.Bi {
	b, ok := map[string]text.Bi{
		cisoassistant.Matrices:   {DE: "Risikomatrizen", EN: "risk matrices"},
		cisoassistant.Threats:    {DE: "Bedrohungen", EN: "threats"},
		cisoassistant.Metrics:    {DE: "Kennzahlen", EN: "metrics"},
		cisoassistant.Catalogs:   {DE: "Kataloge von Angriffstechniken", EN: "catalogues of techniques"},
		cisoassistant.Tactics:    {DE: "Taktiken", EN: "tactics"},
		cisoassistant.Techniques: {DE: "Techniken", EN: "techniques"},
		cisoassistant.Presets:    {DE: "Voreinstellungen", EN: "presets"},
		cisoassistant.Workflows:  {DE: "Abläufe", EN: "workflows"},
		cisoassistant.Questions:  {DE: "Fragen", EN: "questions"},
		cisoassistant.Choices:    {DE: "Antworten zur Wahl", EN: "answers to choose"},
		cisoassistant.Groups:     {DE: "Umsetzungsgruppen", EN: "implementation groups"},
		cisoassistant.Scores:     {DE: "Stufen von Skalen", EN: "steps of scales"},
	}[what]
	if !ok {
		return text.Same(what)
	}
	return b
}
