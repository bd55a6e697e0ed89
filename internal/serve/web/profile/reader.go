package profile

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/profile"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// reader reads a posted step into a profile and collects what cannot be read.
type reader struct {
	c      ui.Ctx
	in     url.Values
	lists  profile.Lists
	checks problem.Checks
	now    time.Time
	who    string // id of the reader
	write  func(kind string) text.Bi
}

func (r *reader) line(name string) string { return strings.TrimSpace(r.in.Get(name)) }

// say reads a text in the reader's language; its translation stays.
func (r *reader) say(name string, b *text.Bi) { show.Hear(r.c, r.line(name), b) }

// list reads a text area with one entry a line; a line that was there keeps its
// translation.
func (r *reader) list(name string, was []text.Bi) []text.Bi {
	var out []text.Bi
	for line := range strings.SplitSeq(strings.ReplaceAll(r.in.Get(name), "\r", ""), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var b text.Bi
		show.Hear(r.c, line, &b)
		if i := slices.IndexFunc(was, func(w text.Bi) bool { return show.Say(r.c, w) == line }); i >= 0 {
			b = was[i]
		}
		out = append(out, b)
	}
	return out
}

// one reads a choice; nothing chosen is allowed.
func (r *reader) one(name string, of []string) string {
	v := r.line(name)
	r.checks.Field(v == "" || slices.Contains(of, v), name, "Diese Auswahl gibt es nicht.", "There is no such choice.")
	return v
}

func (r *reader) tri(name string) profile.Tri {
	return profile.Tri(r.one(name, profile.Tri("").Values()))
}

func (r *reader) date(name string) time.Time {
	v := r.line(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, v)
	r.checks.Field(err == nil, name, "Bitte einen Tag angeben, etwa 2027-06-30.", "Please give a day, such as 2027-06-30.")
	return t
}

// number reads a number as people write it; empty is nil.
func (r *reader) number(name string) *float64 {
	v := r.line(name)
	if v == "" {
		return nil
	}
	n, ok := text.ParseDecimal(r.c.Lang, v)
	r.checks.Field(ok, name, "Bitte eine Zahl angeben, etwa 70 oder 3,5.", "Please give a number, such as 70 or 3.5.")
	return &n
}

// items reads the answers to the questions of some lists. Answers to other
// questions stay as they are: what is hidden is kept (requirement 002-67).
func (r *reader) items(group string, asked []packs.Clause, was []profile.Item) []profile.Item {
	out := slices.DeleteFunc(slices.Clone(was), func(x profile.Item) bool {
		_, mine := profile.Find(asked, x.Item)
		return mine
	})
	for _, q := range asked {
		name := group + "/" + q.ID
		x := profile.Item{Item: q.ID, Answer: r.tri(name), Say: r.line(name + "/say")}
		if x.Answer != "" || x.Say != "" {
			out = append(out, x)
		}
	}
	return out
}

// rows calls read for every row that holds anything.
func (r *reader) rows(group string, fields []string, read func(at string)) {
	for i := range rowsOf(r.in, group) {
		at := group + "." + strconv.Itoa(i) + "."
		if slices.ContainsFunc(fields, func(f string) bool { return r.line(at+f) != "" }) {
			read(at)
		}
	}
}
