package citation

import (
	"slices"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Judge holds what the packs know about citing. It does not change and may be
// used by many.
type Judge struct {
	lib      *packs.Library
	families map[string][]entry // ids with numbers, in order
	complete []string
	rules    map[string][]packs.CitationRule // by key
	reqs     map[string]packs.Requirement
	topics   topics
}

// entry is one clause id with its numbers.
type entry struct {
	id string
	v  []step
}

// NewJudge indexes a library.
func NewJudge(lib *packs.Library) *Judge {
	j := &Judge{lib: lib, families: map[string][]entry{}, complete: lib.Complete(), rules: map[string][]packs.CitationRule{}, reqs: map[string]packs.Requirement{}}
	var all []packs.Requirement
	for _, p := range lib.Packs() {
		for _, c := range lib.Clauses(p.ID) {
			if family, v := steps(c.ID); len(v) > 0 {
				j.families[family] = append(j.families[family], entry{c.ID, v})
			}
		}
		for _, r := range lib.Requirements(p.ID) {
			j.reqs[r.ID] = r
			all = append(all, r)
		}
	}
	for _, list := range j.families {
		slices.SortFunc(list, func(a, b entry) int { return compare(a.v, b.v) })
	}
	for _, r := range lib.CitationRules() {
		for _, key := range r.Cites {
			j.rules[key] = append(j.rules[key], r)
		}
	}
	j.topics = topicsOf(all)
	return j
}

// List judges the references of a requirement. about is the requirement of the
// packs that asks for the same (see About), or empty.
func (j *Judge) List(cell, about string) []Verdict {
	var all []Verdict
	for _, c := range List(cell) {
		all = append(all, j.verdict(c, about, c.Claim))
	}
	return all
}

// Prose judges what a running text cites. Words of the sentence, or of the row
// of a table, tell what a citation is meant for. Row is -1.
func (j *Judge) Prose(s string) []Verdict {
	var all []Verdict
	for _, c := range Find(s) {
		v := j.verdict(c, "", sentence(s, c.Start, c.End))
		v.Row = -1
		all = append(all, v)
	}
	return all
}

// sentence is what stands around a place: its line, or its sentence where the
// line has several.
func sentence(s string, start, end int) string {
	from := strings.LastIndexByte(s[:start], '\n') + 1
	to := len(s)
	if i := strings.IndexByte(s[end:], '\n'); i >= 0 {
		to = end + i
	}
	line := s[from:to]
	if strings.Contains(line, "|") {
		return line
	}
	// A full stop ends a sentence where a capital follows and no short word precedes.
	a, b := 0, len(line)
	for i := 1; i+2 < len(line); i++ {
		if line[i] == '.' && line[i+1] == ' ' && i >= 4 && strings.LastIndexByte(line[:i], ' ') < i-4 {
			switch {
			case from+i < start:
				a = i + 2
			case from+i >= end:
				return line[a:i]
			}
		}
	}
	return line[a:b]
}

// reach is what a citation comes to in the packs.
type reach struct {
	ids     []string // clauses that exist: those named, a range opened out, else those below
	missing []string // places that no pack has
	heading []string // places that are no clause, but have some below them
	beyond  bool     // a range runs on behind the last place there is
	ranged  bool
	known   bool // whether all that is missing is known not to exist
}

func (j *Judge) reach(c Citation) reach {
	r := reach{known: true}
	for _, p := range c.Places {
		from := j.one(p.From, &r)
		if p.To == "" {
			r.ids = append(r.ids, from...)
			continue
		}
		r.ranged = true
		n := len(r.missing)
		j.one(p.To, &r)
		family, a := steps(p.From)
		_, b := steps(p.To)
		for _, e := range j.families[family] {
			if inside(e.v, a, b) && !slices.ContainsFunc(e.v, func(s step) bool { return strings.HasPrefix(s.s, "re") }) {
				r.ids = append(r.ids, e.id)
			}
		}
		r.beyond = r.beyond || len(r.missing) > n && j.whole(p.To)
	}
	return r
}

// one looks up one place and returns its clauses.
func (j *Judge) one(key string, r *reach) []string {
	if _, ok := j.lib.Clause(key); ok {
		return []string{key}
	}
	family, _ := steps(key)
	var below []string
	for _, e := range j.families[family] {
		if lies(e.id, key) {
			below = append(below, e.id)
		}
	}
	if len(below) == 0 {
		r.missing = append(r.missing, key)
		r.known = r.known && j.whole(key)
		return nil
	}
	if j.whole(key) {
		r.heading = append(r.heading, key)
	}
	return below
}

// whole reports whether the packs hold all places of this sort.
func (j *Judge) whole(key string) bool {
	return slices.ContainsFunc(j.complete, func(p string) bool {
		rest, ok := strings.CutPrefix(key, p)
		return ok && (rest == "" || rest[0] == '.' || rest[0] >= '0' && rest[0] <= '9')
	})
}

// covers reports whether a clause that was cited and one that is wanted are the
// same place, or one of them lies below the other.
func covers(cited, wanted string) bool {
	return cited == wanted || lies(wanted, cited) || lies(cited, wanted)
}

// met returns the wanted clauses that the cited ones cover.
func met(cited, wanted []string) []string {
	var out []string
	for _, w := range wanted {
		if slices.ContainsFunc(cited, func(c string) bool { return covers(c, w) }) {
			out = append(out, w)
		}
	}
	return out
}

// ofSource returns the ids of one source.
func ofSource(ids []string, prefix string) []string {
	var out []string
	for _, id := range ids {
		if strings.HasPrefix(id, prefix+".") {
			out = append(out, id)
		}
	}
	return out
}

// rule returns what the packs say about this citation: a rule for the
// requirement before one for all, one that its words call up before one that
// always speaks.
func (j *Judge) rule(key, about, said string) (packs.CitationRule, bool) {
	var best packs.CitationRule
	points := -1
	for _, r := range j.rules[key] {
		if r.About != "" && r.About != about || len(r.Said) > 0 && !anyWord(said, r.Said) {
			continue
		}
		p := 0
		if r.About != "" {
			p += 2
		}
		if len(r.Said) > 0 {
			p++
		}
		if p > points {
			best, points = r, p
		}
	}
	return best, points >= 0
}

func anyWord(said string, words []string) bool {
	said = strings.ToLower(said)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, strings.ToLower(w)) })
}

// verdict judges one citation. said is what the author says it is about.
func (j *Judge) verdict(c Citation, about, said string) Verdict {
	v := Verdict{Line: c.Line, Cited: c.Cited(), Key: c.Key(), About: about}
	if v.Key == "" {
		v.Verdict, v.Why, v.Correct = Unverifiable, sayUnknown(c), sayName()
		return v
	}
	r := j.reach(c)
	if v.Key != c.Source {
		v.Written = r.ids
	}
	j.general(&v, c, r)
	if rule, ok := j.rule(v.Key, about, said); ok {
		v.Verdict, v.Why = Judgement(rule.Verdict), rule.Why
		if len(rule.Clauses)+len(rule.IfHigh) > 0 {
			v.Clauses, v.IfHigh = rule.Clauses, rule.IfHigh
			v.Correct = j.names(v.Clauses, v.IfHigh)
		}
		if !rule.Correct.IsZero() {
			v.Correct = rule.Correct
		}
	}
	return v
}

// general judges by what the packs hold: the clauses, and the references of the
// requirement that asks for the same.
func (j *Judge) general(v *Verdict, c Citation, r reach) {
	req, judged := j.reqs[v.About]
	want, high := ofSource(req.Refs, c.Source), ofSource(req.RefsIfHigh, c.Source)
	hit, hitHigh := met(r.ids, want), met(r.ids, high)
	switch {
	case v.Key == c.Source:
		v.Verdict, v.Why = Imprecise, sayWhole(c)
		v.Clauses, v.IfHigh = want, high
	case r.beyond:
		v.Verdict, v.Why = Wrong, j.sayBeyond(c)
		v.Clauses, v.IfHigh = orAll(hit, want), orAll(hitHigh, high)
	case len(r.ids) == 0 && !r.known:
		v.Verdict, v.Why = Unverifiable, sayNotHeld(c)
		v.Clauses, v.IfHigh = want, high
	case len(r.ids) == 0:
		v.Verdict, v.Why = Wrong, j.sayMissing(c)
		v.Clauses, v.IfHigh = want, high
	case !judged && len(r.missing)+len(r.heading) > 0:
		v.Verdict, v.Why, v.Clauses = Imprecise, j.sayHeading(c, r), r.ids
	case !judged:
		v.Verdict, v.Why = Exists, j.sayExists(c, r)
	case len(hit)+len(hitHigh) == 0:
		v.Verdict, v.Why = Wrong, j.sayElsewhere(c, r, req, len(want)+len(high) > 0)
		v.Clauses, v.IfHigh = want, high
	case r.ranged && (len(r.missing)+len(r.heading) > 0 || !all(r.ids, want, high)):
		v.Verdict, v.Why = Imprecise, j.sayRange(c, r, hit, hitHigh)
		v.Clauses, v.IfHigh = want, high
	case len(r.missing)+len(r.heading) > 0:
		v.Verdict, v.Why = Imprecise, j.sayHeading(c, r)
		v.Clauses, v.IfHigh = hit, hitHigh
	case len(hit) == 0:
		v.Verdict, v.Why, v.IfHigh = Imprecise, j.sayIfHigh(hitHigh), hitHigh
	default:
		v.Verdict, v.Why, v.Clauses, v.IfHigh = Right, j.sayRight(c, r, req), hit, hitHigh
	}
	v.Correct = j.names(v.Clauses, v.IfHigh)
}

// orAll returns some, or all where there is none.
func orAll(some, all []string) []string {
	if len(some) > 0 {
		return some
	}
	return all
}

// all reports whether every cited clause is wanted.
func all(cited, want, high []string) bool {
	return !slices.ContainsFunc(cited, func(c string) bool {
		is := func(w string) bool { return covers(c, w) }
		return !slices.ContainsFunc(want, is) && !slices.ContainsFunc(high, is)
	})
}

// names lists clauses for readers; those for high-risk systems are marked.
func (j *Judge) names(ids, high []string) text.Bi {
	if len(ids)+len(high) == 0 {
		return text.Bi{}
	}
	return text.Bi{DE: j.list(ids, high, text.DE), EN: j.list(ids, high, text.EN)}
}

func (j *Judge) list(ids, high []string, lang text.Lang) string {
	out := strings.Join(j.short(ids, lang), ", ")
	if len(high) == 0 {
		return out
	}
	if out != "" {
		out += "; "
	}
	if lang == text.EN {
		return out + "for high-risk systems only: " + strings.Join(j.short(high, lang), ", ")
	}
	return out + "nur bei Hochrisiko-Systemen: " + strings.Join(j.short(high, lang), ", ")
}

func (j *Judge) short(ids []string, lang text.Lang) []string {
	var out []string
	for _, id := range ids {
		if c, ok := j.lib.Clause(id); ok {
			out = append(out, c.Short(lang))
		}
	}
	return out
}

// WithoutRules is the judge without what packs of kind citations say: what
// follows from clauses and references alone.
func (j *Judge) WithoutRules() *Judge {
	bare := *j
	bare.rules = nil
	return &bare
}
