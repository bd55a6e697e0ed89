package citation

import (
	"regexp"
	"slices"
	"strings"
)

var (
	reTo    = regexp.MustCompile(`^\s*(?:–|—|‑|-|\.\.\.?|…|(?i:bis(?:\s+zu)?|to|through)\s)\s*`)
	reAnd   = regexp.MustCompile(`^\s*(,|;|/|&|\+|(?i:und|and|sowie|oder|or)\s)\s*`)
	reClaim = regexp.MustCompile(`^\s*\(([^()]*\pL{3}[^()]*)\)`)
	reOf    = regexp.MustCompile(`^\s+(?i:(?:der|des|von|aus der|aus dem|in der|nach der|of the|of|from the|in the)\s+)?`)
	// what may follow a number that carries on a list without a label
	reStop = regexp.MustCompile(`^\s*(?:$|[,;.:)&/–\]|]|(?i:und|and|sowie|oder|or|bis|to|der|des|of)\s|[A-ZÄÖÜ]{2})`)
	reUnit = regexp.MustCompile(`^\s*(?:%|°|€|(?i:euro|prozent|percent|tage|days|minuten|minutes|stunden|hours|wochen|weeks|monate|months|jahre|years|mal|times)\b)`)
)

// Find returns the places that a text cites, in their order. The source may
// stand before or behind a place; one that was named before counts until another
// of its sort is named.
func Find(s string) []Citation {
	f := &finder{s: s, src: mentions(s), of: map[string]string{}}
	f.run()
	return f.out
}

// List returns what a cell of references cites. There every part between commas
// must cite something: a work without a place, or what is no known source, is a
// citation, too.
func List(s string) []Citation {
	f := &finder{s: s, src: mentions(s), of: map[string]string{}}
	f.run()
	all := f.out
	for _, p := range parts(s) {
		if slices.ContainsFunc(f.out, func(c Citation) bool { return c.Start < p[1] && c.End > p[0] }) {
			continue
		}
		said := strings.TrimSpace(s[p[0]:p[1]])
		if nothing(said) {
			continue
		}
		c := Citation{Said: said, Start: p[0], End: p[1], Line: 1 + strings.Count(s[:p[0]], "\n")}
		for _, m := range f.src {
			if m.start >= p[0] && m.end <= p[1] {
				c.Source, c.Places = m.prefix, []Span{{From: m.prefix}}
				if claim, _ := first(reClaim, s[m.end:p[1]]); claim != nil {
					c.Claim = claim[1]
				}
				break
			}
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Citation) int { return a.Start - b.Start })
	return all
}

// parts cuts a cell at commas, semicolons and line ends that stand in no
// parentheses.
func parts(s string) [][2]int {
	var all [][2]int
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		case ',', ';', '\n':
			if depth == 0 || s[i] == '\n' {
				all = append(all, [2]int{from, i})
				from, depth = i+1, 0
			}
		}
	}
	return append(all, [2]int{from, len(s)})
}

// nothing reports whether a part of a list says that there is none.
func nothing(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .-–—*_|")) {
	case "", "keine", "kein", "none", "n/a", "entfällt", "offen", "tbd":
		return true
	}
	return false
}

type finder struct {
	s    string
	src  []mention
	of   map[string]string // sort of place → source that counts for it
	out  []Citation
	pos  int
	line int // lines before seen
	seen int
	base string // the last system requirement, for enhancements that follow it
}

func (f *finder) run() {
	open := opening.FindAllStringIndex(f.s, -1)
	m := 0
	for _, o := range append(open, []int{len(f.s), len(f.s)}) {
		for ; m < len(f.src) && f.src[m].start <= o[0]; m++ {
			if f.src[m].start >= f.pos || f.src[m].end > f.pos {
				f.mention(f.src[m])
			}
		}
		if o[0] >= f.pos && o[0] < len(f.s) {
			f.place(o[0])
		}
	}
}

// mention makes a source count for what follows, and reads places that have no
// label of their own.
func (f *finder) mention(m mention) {
	f.note(m)
	f.pos = max(f.pos, m.end)
	switch m.prefix {
	case "csf":
		f.functions(m)
	case "iso42001", "iso27001", "iso9001":
		gap := len(f.s[m.end:]) - len(strings.TrimLeft(f.s[m.end:], " ,"))
		if _, n := clause(f.s[m.end+gap:]); n > 0 && gap > 0 && strings.Contains(f.s[m.end+gap:m.end+gap+n], ".") {
			f.read(kindOf("clause"), m.end+gap, m.end+gap)
		}
	}
}

func (f *finder) note(m mention) {
	for _, k := range kinds {
		if slices.Contains(k.of, m.prefix) {
			f.of[k.name] = m.prefix
		}
	}
}

func kindOf(name string) kind {
	return kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
}

// functions reads the names of functions behind the name of the framework; a
// slash joins them to one citation.
func (f *finder) functions(m mention) {
	at := m.end + len(f.s[m.end:]) - len(strings.TrimLeft(f.s[m.end:], " :("))
	for {
		key, n := named(f.s[at:])
		if n == 0 {
			return
		}
		c := Citation{Source: "csf", Start: at, Places: []Span{{From: "csf." + key}}}
		at += n
		for strings.HasPrefix(f.s[at:], "/") {
			key, n := named(f.s[at+1:])
			if n == 0 {
				break
			}
			c.Places = append(c.Places, Span{From: "csf." + key})
			at += 1 + n
		}
		c.End = at
		c.Said = f.s[c.Start:at]
		at = f.claim(&c, at)
		f.add(c)
		and, k := first(reAnd, f.s[at:])
		if and == nil {
			return
		}
		at += k
	}
}

// place reads what begins at i, if it is a place.
func (f *finder) place(i int) {
	for _, k := range kinds {
		_, n := first(k.label, f.s[i:])
		if n == 0 && k.name != "category" {
			continue
		}
		if k.name == "re" {
			f.enhancement(i)
			return
		}
		if _, size := k.place(f.s[i+n:]); size > 0 {
			f.read(k, i, i+n)
			return
		}
	}
}

// enhancement reads "RE 2" behind a system requirement that was named before.
func (f *finder) enhancement(i int) {
	m, n := first(reRE, f.s[i:])
	if m == nil || f.base == "" {
		return
	}
	f.add(Citation{Said: f.s[i : i+n], Start: i, End: i + n, Source: "iec", Places: []Span{{From: f.base + ".re" + m[1]}}})
}

// read reads a list of places of one kind: the label stands at i, the first
// place at at. The source behind the list counts for all of it.
func (f *finder) read(k kind, i, at int) {
	i0, label := i, f.s[i:at]
	if label != "" && !strings.HasSuffix(label, ".") && !strings.HasSuffix(label, " ") && label != "A." {
		label += " "
	}
	var list []Citation
	for {
		c := Citation{Start: i}
		from, n := k.place(f.s[at:])
		if n == 0 {
			break
		}
		c.Places = []Span{{From: from}}
		end := at + n
		if to, n := f.until(k, end, from); n > 0 {
			c.Places[0].To = to
			end += n
		}
		c.End, c.Said = end, label+strings.TrimSpace(f.s[at:end])
		next := f.claim(&c, end)
		list = append(list, c)
		at = next
		and, n := first(reAnd, f.s[at:])
		if and == nil {
			break
		}
		i = at + n
		carry, ok := f.carries(k, i, and[1])
		if !ok {
			break
		}
		at = carry
	}
	src := f.source(k, i0, at)
	if src == "" && k.beside {
		return // a chapter of the document itself
	}
	for _, c := range list {
		c.Source = src
		for j := range c.Places {
			c.Places[j] = Span{From: place(k, src, c.Places[j].From), To: place(k, src, c.Places[j].To)}
		}
		if src == "" {
			c.Places = nil
		}
		f.add(c)
	}
}

// until reads the end of a range that begins with from.
func (f *finder) until(k kind, at int, from string) (to string, n int) {
	_, gap := first(reTo, f.s[at:])
	if gap == 0 {
		return "", 0
	}
	rest := f.s[at+gap:]
	_, label := first(k.label, rest)
	to, size := k.place(rest[label:])
	if size == 0 || !less(from, to) {
		return "", 0
	}
	return to, gap + label + size
}

// carries reports whether the list goes on at i behind the connecting word, and
// where its next place begins.
func (f *finder) carries(k kind, i int, and string) (at int, ok bool) {
	rest := f.s[i:]
	if k.name == "category" {
		return 0, false // each has its own beginning
	}
	if _, n := first(k.label, rest); n > 0 {
		_, size := k.place(rest[n:])
		return i + n, size > 0
	}
	_, n := k.place(rest)
	if n == 0 || reUnit.MatchString(rest[n:]) {
		return 0, false
	}
	dotted := k.name == "control" || k.name == "sr" || k.name == "clause"
	if dotted && !strings.Contains(rest[:n], ".") {
		return 0, false
	}
	word := strings.TrimSpace(and)
	if (word == "," || word == ";") && !reStop.MatchString(rest[n:]) && !reTo.MatchString(rest[n:]) && !f.sourceAt(k, i+n) {
		return 0, false
	}
	return i, true
}

// claim reads what is said in parentheses about a place.
func (f *finder) claim(c *Citation, at int) int {
	m, n := first(reClaim, f.s[at:])
	if m == nil {
		return at
	}
	c.Claim = strings.TrimSpace(m[1])
	return at + n
}

// sourceAt reports whether a source for this kind of place stands at i.
func (f *finder) sourceAt(k kind, i int) bool {
	_, gap := first(reOf, f.s[i:])
	return gap > 0 && slices.ContainsFunc(f.src, func(m mention) bool { return m.start == i+gap && slices.Contains(k.of, m.prefix) })
}

// source is what a list from i0 to i belongs to.
func (f *finder) source(k kind, i0, i int) string {
	if k.fixed {
		return k.of[0]
	}
	if _, gap := first(reOf, f.s[i:]); gap > 0 {
		for _, m := range f.src {
			if m.start == i+gap && slices.Contains(k.of, m.prefix) {
				f.note(m)
				f.pos = max(f.pos, m.end)
				return m.prefix
			}
		}
	}
	if k.beside {
		for _, m := range f.src {
			if m.end <= i0 && strings.Trim(f.s[m.end:i0], " ,:(") == "" && slices.Contains(k.of, m.prefix) {
				return m.prefix
			}
		}
		return ""
	}
	if src := f.of[k.name]; src != "" {
		return src
	}
	if len(k.of) == 1 {
		return k.of[0]
	}
	return ""
}

// place puts the source before a place.
func place(k kind, src, key string) string {
	if key == "" || src == "" {
		return ""
	}
	switch {
	case k.name == "article" && src == "aia":
		return "aia.art" + key
	case k.name == "clause" && src == "iec":
		return "iec.ccsc." + key
	}
	return src + "." + key
}

// add keeps a citation with its line.
func (f *finder) add(c Citation) {
	if c.Start > f.seen {
		f.line += strings.Count(f.s[f.seen:c.Start], "\n")
		f.seen = c.Start
	}
	c.Line = 1 + f.line
	f.pos = max(f.pos, c.End)
	if len(c.Places) > 0 && strings.HasPrefix(c.Places[0].From, "iec.sr.") {
		f.base, _, _ = strings.Cut(c.Places[0].From, ".re")
	}
	f.out = append(f.out, c)
}
