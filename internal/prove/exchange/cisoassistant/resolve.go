package cisoassistant

import (
	"fmt"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/record/packs/form"
)

// Shipped begins the URNs with which a file may cite what Augenmass ships:
// urn:augenmass:risk:req_node:<any word>:<id>, such as
// urn:augenmass:risk:req_node:iso-42001:iso42001.A.6.2.5. Our own convention.
const Shipped = "urn:augenmass:risk:req_node:"

// Known is what a file may cite besides itself.
type Known struct {
	Libraries []*Library     // those it depends on, as they were imported
	Packs     *packs.Library // for citations that begin with Shipped; may be nil
	// Unseen says that nobody knows which libraries are imported: a preview
	// without an organisation. What a file with dependencies cites outside itself
	// is then no defect.
	Unseen bool
}

// Missing are the dependencies that are not known.
func (l *Library) Missing(k Known) []Cited {
	var out []Cited
	for _, d := range l.Dependencies {
		there := d.URN == l.URN
		for _, lib := range k.Libraries {
			there = there || lib.URN == d.URN
		}
		if !there {
			out = append(out, d)
		}
	}
	return out
}

// Resolve holds everything that the file cites against itself and what is
// known. The error is BadInput with every defect ("file:line").
func (l *Library) Resolve(k Known) error {
	c := &check{file: l.File, lenient: k.Unseen && len(l.Dependencies) > 0, kind: map[string]string{}, line: map[string]int{}, rows: map[[2]string]mapped{}, shipped: shippedIDs(k.Packs)}
	for _, lib := range k.Libraries {
		c.learn(lib)
	}
	c.own(l)
	for _, d := range l.Missing(k) {
		if c.lenient {
			break
		}
		c.wrong(d.Line, "die Bibliothek %q ist nicht eingelesen; sie kommt zuerst", "the library %q is not imported; it comes first", d.URN)
	}
	for _, f := range l.Frameworks {
		c.framework(f)
	}
	for _, s := range l.Sets {
		c.set(s)
	}
	for _, t := range append(append([]Technique{}, l.Tactics...), l.Techniques...) {
		for _, u := range t.Controls {
			c.cites(u, control)
		}
	}
	return failed(&c.bad, l.File)
}

// The kinds of what can be cited.
const (
	frameworkKind = "framework"
	node          = "requirement"
	control       = "control"
	threat        = "threat"
)

// names of what can be cited, for sentences.
var citedAs = map[string][2]string{
	frameworkKind: {"das Rahmenwerk", "framework"},
	node:          {"die Anforderung", "requirement"},
	control:       {"die Maßnahme", "reference control"},
	threat:        {"die Bedrohung", "threat"},
}

type check struct {
	file    string
	lenient bool // what is not known here may be known elsewhere
	bad     form.Defects
	kind    map[string]string // URN → what it is
	line    map[string]int    // URN → where it stands in this file
	shipped map[string]string // lower-case id → id
	rows    map[[2]string]mapped
}

// mapped is the first mapping of a pair, from the smaller URN to the larger.
type mapped struct {
	line     int
	relation packs.Relation
}

func (c *check) wrong(line int, de, en string, args ...any) {
	c.bad.Add(form.Place{File: c.file, Line: line}, de, en, args...)
}

// learn takes in what a library that is imported holds.
func (c *check) learn(l *Library) {
	for _, f := range l.Frameworks {
		c.kind[f.URN] = frameworkKind
		for _, n := range f.Nodes {
			c.kind[n.URN] = node
		}
	}
	for _, x := range l.Controls {
		c.kind[x.URN] = control
	}
	for _, x := range l.Threats {
		c.kind[x.URN] = threat
	}
}

// own takes in what the file itself holds, each URN once.
func (c *check) own(l *Library) {
	c.learn(l)
	once := func(n Named) {
		if n.URN == "" {
			return
		}
		if first, ok := c.line[n.URN]; ok {
			c.wrong(n.Line, "die URN %q gibt es schon in Zeile %d", "URN %q exists already on line %d", n.URN, first)
			return
		}
		c.line[n.URN] = n.Line
	}
	ids := map[string]string{}
	apart := func(n Named) { // what is cited needs an id of ours that nothing else has
		once(n)
		if other, ok := ids[ID(n.URN)]; ok && other != n.URN {
			c.wrong(n.Line, "die URNs %q und %q unterscheiden sich für uns nicht", "the URNs %q and %q do not differ for us", n.URN, other)
		}
		ids[ID(n.URN)] = n.URN
	}
	for _, f := range l.Frameworks {
		once(f.Named)
		for _, n := range f.Nodes {
			apart(n.Named)
			for _, q := range n.Questions {
				once(q.Named)
				for _, a := range q.Choices {
					once(a.Named)
				}
			}
		}
	}
	for _, x := range l.Controls {
		apart(x.Named)
	}
	for _, x := range l.Threats {
		once(x)
	}
	for _, x := range l.Sets {
		once(x.Named)
	}
	for _, x := range l.Metrics {
		once(x.Named)
	}
}

// cites checks one citation.
func (c *check) cites(u Cited, kind string) {
	if u.URN == "" || c.kind[u.URN] == kind {
		return
	}
	if kind == node && strings.HasPrefix(u.URN, Shipped) {
		if _, ok := c.clause(u.URN); ok || c.shipped == nil {
			return
		}
	}
	if c.lenient && c.kind[u.URN] == "" {
		return
	}
	say := citedAs[kind]
	c.wrong(u.Line, fmt.Sprintf("%s %%q gibt es weder in dieser Datei noch in dem, was sie voraussetzt", say[0]),
		fmt.Sprintf("there is no %s %%q in this file nor in what it depends on", say[1]), u.URN)
}

// clause is the shipped clause that a URN names.
func (c *check) clause(urn string) (string, bool) { return clauseOf(c.shipped, urn) }

func clauseOf(shipped map[string]string, urn string) (string, bool) {
	rest, ok := strings.CutPrefix(urn, Shipped)
	if !ok {
		return "", false
	}
	_, id, _ := strings.Cut(rest, ":")
	id, ok = shipped[id]
	return id, ok
}

// shippedIDs finds ids by their lower-case form, as URNs write them.
func shippedIDs(lib *packs.Library) map[string]string {
	if lib == nil {
		return nil
	}
	out := map[string]string{}
	for _, p := range lib.Packs() {
		for _, c := range lib.Clauses(p.ID) {
			out[strings.ToLower(c.ID)] = c.ID
		}
	}
	return out
}

// framework checks the tree and the questions of a framework.
func (c *check) framework(f Framework) {
	nodes := make(map[string]*Node, len(f.Nodes))
	questions := map[string]map[string]bool{} // question → its choices
	for i := range f.Nodes {
		n := &f.Nodes[i]
		nodes[n.URN] = n
		for _, q := range n.Questions {
			questions[q.URN] = map[string]bool{}
			for _, a := range q.Choices {
				questions[q.URN][a.URN] = true
			}
		}
	}
	depth := map[string]int{"": 0}
	for i := range f.Nodes {
		n := &f.Nodes[i]
		if n.Parent != "" && nodes[n.Parent] == nil {
			c.wrong(n.Line, "die übergeordnete Anforderung %q gibt es in diesem Rahmenwerk nicht", "this framework has no parent requirement %q", n.Parent)
		}
		c.top(n, nodes, depth)
		for _, u := range n.Threats {
			c.cites(u, threat)
		}
		for _, u := range n.Controls {
			c.cites(u, control)
		}
		for _, q := range n.Questions {
			c.depends(q, questions)
		}
	}
}

// mostLevels is how deep requirements may stand below each other.
const mostLevels = 20

// top walks from a node to the top and learns how deep each one stands; every
// node is walked once in all.
func (c *check) top(n *Node, nodes map[string]*Node, depth map[string]int) {
	var path []*Node
	on := map[string]bool{}
	at := n
	for ; at != nil; at = nodes[at.Parent] {
		if _, known := depth[at.URN]; known {
			break
		}
		if on[at.URN] {
			c.wrong(at.Line, "%q ist sich selbst übergeordnet", "%q is its own parent", at.URN)
			break
		}
		on[at.URN] = true
		path = append(path, at)
	}
	level := 0
	if at != nil {
		level = depth[at.URN]
	}
	for i := len(path) - 1; i >= 0; i-- {
		level++
		depth[path[i].URN] = level
		if level == mostLevels+1 {
			c.wrong(path[i].Line, "%q steht tiefer als %d Ebenen", "%q stands deeper than %d levels", path[i].URN, mostLevels)
		}
	}
}

func (c *check) depends(q Question, questions map[string]map[string]bool) {
	if q.Depends == nil || q.Depends.Question.URN == "" {
		return
	}
	choices, ok := questions[q.Depends.Question.URN]
	if !ok {
		c.wrong(q.Depends.Question.Line, "die Frage %q gibt es in diesem Rahmenwerk nicht", "this framework has no question %q", q.Depends.Question.URN)
		return
	}
	for _, a := range q.Depends.Answers {
		if !choices[a.URN] {
			c.wrong(a.Line, "die Antwort %q gehört nicht zur Frage %q", "answer %q is none of question %q", a.URN, q.Depends.Question.URN)
		}
	}
}

// set checks the rows of a mapping set: both ends exist, and two requirements
// stand to each other in one way only.
func (c *check) set(s MappingSet) {
	for _, f := range []Cited{s.Source, s.Target} {
		if f.URN != "" && c.kind[f.URN] != frameworkKind && !strings.HasPrefix(f.URN, "urn:augenmass:risk:framework:") {
			c.cites(f, frameworkKind)
		}
	}
	for _, m := range s.Rows {
		c.cites(m.Source, node)
		c.cites(m.Target, node)
		if m.Source.URN == "" || m.Target.URN == "" || m.Relation == "" {
			continue // a defect already
		}
		if m.Source.URN == m.Target.URN {
			c.wrong(m.Line, "%q wird auf sich selbst abgebildet", "%q is mapped to itself", m.Source.URN)
			continue
		}
		from, to, relation := m.Source.URN, m.Target.URN, ours(m.Relation)
		if from > to {
			from, to, relation = to, from, relation.Reverse()
		}
		first, ok := c.rows[[2]string{from, to}]
		if ok && first.relation != relation {
			c.wrong(m.Line, "die Zuordnung widerspricht der in Zeile %d", "the mapping contradicts the one on line %d", first.line)
		}
		if !ok {
			c.rows[[2]string{from, to}] = mapped{m.Line, relation}
		}
	}
}
