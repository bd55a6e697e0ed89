package systems

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

func (a *area) tabHistory(f *file) (templ.Component, error) {
	all, err := f.r.Org.DB.History(f.r.Context(), "system", f.sys.ID)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	hidden := max(0, len(all)-mostVersions)
	all = all[:min(len(all), mostVersions)]
	var ids []string
	for _, v := range all {
		ids = append(ids, v.Actor)
		for _, d := range v.Diffs {
			if person(d.Path) {
				ids = append(ids, d.Old, d.New)
			}
		}
	}
	line, err := f.readTimeline()
	if err != nil {
		return nil, err
	}
	ids = append(ids, line.actors()...)
	slices.Sort(ids)
	names, err := show.Names(f.r.Context(), f.r.Org.DB, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	views := make([]ui.VersionView, len(all))
	for i, v := range all {
		views[i] = f.version(v, names)
	}
	return historyTab(f, line, f.timelineTable(line, names), views, hidden), nil
}

// person reports whether a path holds the id of somebody.
func person(path string) bool { return path == "risk_owner" || path == "stop.by" }

// version writes one revision for people: fields by their labels, codes and ids
// in words.
func (f *file) version(v store.Version, names show.People) ui.VersionView {
	out := ui.VersionView{Number: int(v.Revision), At: v.At, Who: names.Name(f.c, v.Actor), What: show.Word(f.c, "op", v.Op), Journal: f.entry(v.JournalIndex)}
	for _, d := range v.Diffs {
		if d.Path == "code" || d.Path == "stop.at" {
			continue // said by others: the card's address, the time of the version
		}
		if v.Op == store.Created && (d.New == "0" || d.New == "false" && d.Path != "people") {
			continue // what was not set yet
		}
		out.Rows = append(out.Rows, ui.DiffRow{Field: f.label(d.Path), Old: f.said(d.Path, d.Old, names), New: f.said(d.Path, d.New, names)})
	}
	return out
}

// label is the label of a field's path, with the language for one side of a
// text.
func (f *file) label(path string) string {
	base, lang := path, ""
	for _, l := range []string{"de", "en"} {
		if rest, ok := strings.CutSuffix(path, "."+l); ok {
			base, lang = rest, l
		}
	}
	parts := strings.Split(base, ".")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.Trim(p, "0123456789") == "" }) // places in lists
	key := "systems.form." + strings.Join(parts, ".")
	if other := "systems.field." + strings.Join(parts, "."); f.c.Has(other) {
		key = other
	}
	if !f.c.Has(key) {
		return path
	}
	if lang == "" {
		return f.c.T(key)
	}
	return f.c.T("systems.side", "field", f.c.T(key), "lang", f.c.T("systems.lang."+lang))
}

func (f *file) said(path, value string, names show.People) string {
	switch {
	case value == "":
		return ""
	case person(path):
		return names.Name(f.c, value)
	case path == "people" || path == "stop.stopped":
		return f.c.T("systems." + yes(value == "true"))
	case path == "life_cycle":
		return show.Word(f.c, "life", value)
	case path == "review_by":
		if t, err := time.Parse(time.RFC3339, value); err == nil {
			return f.c.Date(t)
		}
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil && (strings.HasPrefix(path, "oversee.limits.") || path == "retain_days") {
		return text.Float(f.c.Lang, n)
	}
	words := strings.Split(value, ", ")
	if family := families[path]; family != "" {
		return strings.Join(show.Words(f.c, family, words), ", ")
	}
	if path == "oversee.decider_role" {
		return show.Role(f.c, value)
	}
	return value
}
