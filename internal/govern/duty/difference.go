package duty

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// How an item of a pack differs between two versions.
type How string

// New, removed, or changed.
const (
	Added   How = "new"
	Removed How = "removed"
	Changed How = "changed"
)

// Difference is one item of a pack that is not the same in two versions.
type Difference struct {
	How    How
	Item   string  // its id; of a mapping "from → to"
	Title  text.Bi // as it is now; of a removed item, as it was
	Fields []FieldChange
}

// FieldChange is one field of a changed item with both texts; a field that one
// of them does not have is empty there. Words that are the same in both
// languages stand in both.
type FieldChange struct {
	Field    string // title, text, from, from_annex_1, until, fine, when …
	Old, New text.Bi
}

// Hash is the hash by which the text of a pack version is known: sha-256, hex.
func Hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Compare says what differs between two texts of one pack, item by item, in the
// order of the new text, removed items last. What counts as an item is whatever
// has an id of its own: clauses, requirements, rules, questions, templates;
// mappings are known by their two ends. The head of the pack (version, sources,
// notice) is the item "" when it differs, without the version and day that
// always do.
//
// It needs the two texts and nothing else. A text that is no YAML is a problem
// of kind Corrupt.
func Compare(old, new []byte) ([]Difference, error) {
	was, err := itemsOf(old)
	if err != nil {
		return nil, err
	}
	is, err := itemsOf(new)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, id := range is.order {
		now := is.items[id]
		before, ok := was.items[id]
		if !ok {
			out = append(out, Difference{How: Added, Item: id, Title: now.title(), Fields: fields(nil, now)})
			continue
		}
		if f := fields(before, now); len(f) > 0 {
			out = append(out, Difference{How: Changed, Item: id, Title: now.title(), Fields: f})
		}
	}
	for _, id := range was.order {
		if _, ok := is.items[id]; !ok {
			before := was.items[id]
			out = append(out, Difference{How: Removed, Item: id, Title: before.title(), Fields: fields(before, nil)})
		}
	}
	return out, nil
}

// item is the own fields of one item, without the items inside it.
type item map[string]any

type listing struct {
	items map[string]item
	order []string
}

// silent are head fields that differ between any two versions.
var silent = []string{"version", "as_of"}

func itemsOf(raw []byte) (listing, error) {
	l := listing{items: map[string]item{}}
	var doc map[string]any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return l, problem.New(problem.Corrupt, "Der aufbewahrte Text eines Wissenspakets ist nicht lesbar.",
			"The kept text of a content pack cannot be read.").
			WithHint("Bitte die Sicherung zurückholen.", "Please restore the backup.").Wrap(err)
	}
	head := l.own(doc)
	for _, f := range silent {
		delete(head, f)
	}
	delete(head, "id") // a pack's own id is the same on both sides
	l.items[""] = head
	l.order = append([]string{""}, l.order...)
	return l, nil
}

// own lists the items inside a mapping and returns what is left of it.
func (l *listing) own(m map[string]any) item {
	rest := item{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list, ok := m[key].([]any)
		if !ok {
			rest[key] = m[key]
			continue
		}
		var left []any
		for _, x := range list {
			child, isMap := x.(map[string]any)
			id := idOf(child)
			if !isMap || id == "" {
				left = append(left, x)
				continue
			}
			if _, twice := l.items[id]; twice {
				left = append(left, x) // the same word in another list, such as an option of two questions
				continue
			}
			l.items[id] = nil // keeps its place before the items inside it
			l.order = append(l.order, id)
			l.items[id] = l.own(child)
		}
		if len(left) > 0 {
			rest[key] = left
		}
	}
	return rest
}

// idOf is what an item is known by: its id, the name of a fact, the clause of a
// framework's item, or the two ends of a mapping. Options of a question have
// ids, too, but no meaning without it: they have a text and no title, and stay
// with the question.
func idOf(m map[string]any) string {
	word := func(key string) string { s, _ := m[key].(string); return s }
	switch {
	case word("id") != "" && !option(m):
		return word("id")
	case word("from") != "" && word("to") != "" && word("relation") != "":
		return word("from") + " → " + word("to")
	case word("clause") != "":
		return word("clause")
	case word("name") != "" && m["question"] != nil:
		return word("name")
	}
	return ""
}

// option reports whether a mapping is a choice: id, text and perhaps clauses.
func option(m map[string]any) bool {
	for key := range m {
		if !slices.Contains([]string{"id", "text", "clauses"}, key) {
			return false
		}
	}
	return true
}

// title is how an item is called on a page.
func (it item) title() text.Bi {
	for _, key := range []string{"title", "say", "question", "text", "plain", "reason", "name"} {
		if v, ok := it[key]; ok {
			return say(v)
		}
	}
	return text.Bi{}
}

// fields lists what two versions of an item say differently.
func fields(before, now item) []FieldChange {
	keys := map[string]bool{}
	for k := range before {
		keys[k] = true
	}
	for k := range now {
		keys[k] = true
	}
	var out []FieldChange
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if k == "id" {
			continue
		}
		a, b := text.Bi{}, text.Bi{}
		if v, ok := before[k]; ok {
			a = say(v)
		}
		if v, ok := now[k]; ok {
			b = say(v)
		}
		if a != b {
			out = append(out, FieldChange{Field: k, Old: a, New: b})
		}
	}
	return out
}

// say writes a value of a pack for people: a text in both languages, a list with
// commas, anything else as it is.
func say(v any) text.Bi {
	switch v := v.(type) {
	case nil:
		return text.Bi{}
	case map[string]any:
		de, okDE := v["de"].(string)
		en, okEN := v["en"].(string)
		if okDE && okEN && len(v) == 2 {
			return text.Bi{DE: strings.TrimSpace(de), EN: strings.TrimSpace(en)}
		}
		var b text.Bi
		for i, k := range slices.Sorted(maps.Keys(v)) {
			one := say(v[k])
			if i > 0 {
				b.DE, b.EN = b.DE+"; ", b.EN+"; "
			}
			b.DE, b.EN = b.DE+k+": "+one.DE, b.EN+k+": "+one.EN
		}
		return b
	case []any:
		var b text.Bi
		for i, x := range v {
			one := say(x)
			if i > 0 {
				b.DE, b.EN = b.DE+", ", b.EN+", "
			}
			b.DE, b.EN = b.DE+one.DE, b.EN+one.EN
		}
		return b
	}
	return text.Same(fmt.Sprint(v))
}
