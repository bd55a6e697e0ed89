package packs

import (
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"
	talk "augenmass/internal/record/packs/interview"
	"augenmass/internal/text"
)

// loading holds what is read before everything is checked against everything.
type loading struct {
	bad     *form.Defects
	lib     *Library
	base    *Library              // what was there before; it is not changed
	ids     map[string]form.Place // every citable id
	sets    map[string]form.Place // every pack id
	refs    []form.Word           // ids that must exist
	demands []form.Word           // ids that must be clauses
	cases   []casesDoc
	talks   []talk.CasesDoc
}

// load reads the trees into the library of l and records every defect. The
// error says only that a tree cannot be read.
func (l *loading) load(trees []fs.FS) error {
	var sources []source
	for _, tree := range trees {
		found, err := l.collect(tree)
		if err != nil {
			return problem.New(problem.Unavailable,
				"Die Wissenspakete lassen sich nicht lesen.", "The content packs cannot be read.").Wrap(err)
		}
		sources = append(sources, found...)
	}
	for i, f := range l.parse(sources) {
		if f != nil {
			l.file(f)
			l.keep(f, sources[i].data)
		}
	}
	for _, c := range l.cases {
		l.attach(c)
	}
	l.finish()
	sort.Slice(l.lib.infos, func(i, j int) bool { return l.lib.infos[i].ID < l.lib.infos[j].ID })
	sort.Slice(l.lib.policies, func(i, j int) bool { return l.lib.policies[i].Name < l.lib.policies[j].Name })
	return nil
}

// source is one YAML file before it is parsed.
type source struct {
	name string
	data []byte
}

// collect reads the pack files of a tree; policies are checked at once.
func (l *loading) collect(tree fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ext := path.Ext(name)
		if ext != ".yaml" && ext != ".cedar" {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		if ext == ".yaml" {
			sources = append(sources, source{name, data})
			return nil
		}
		l.policy(name, string(data))
		return nil
	})
	return sources, err
}

// parse parses the files side by side, as that is most of the work of Load. A
// file that cannot be parsed is nil.
func (l *loading) parse(sources []source) []*form.File {
	files := make([]*form.File, len(sources))
	bad := make([]form.Defects, len(sources))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(4, len(sources)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(sources); i = int(next.Add(1)) - 1 {
				files[i] = form.Parse(sources[i].name, sources[i].data, &bad[i])
			}
		})
	}
	wg.Wait()
	for i := range bad {
		l.bad.Join(&bad[i])
	}
	return files
}

// file hands a file to the reader of its kind.
func (l *loading) file(f *form.File) {
	kind, _ := f.Peek("kind")
	if _, ok := f.Peek("cases_of"); ok && Kind(kind) == InterviewKind {
		var doc talk.CasesDoc
		f.Into(&doc, l.bad)
		l.talks = append(l.talks, doc)
		return
	} else if ok {
		var doc casesDoc
		f.Into(&doc, l.bad)
		l.cases = append(l.cases, doc)
		return
	}
	switch Kind(kind) {
	case InterviewKind:
		var doc interviewDoc
		f.Into(&doc, l.bad)
		l.interview(doc)
	case Law, Standard:
		var doc lawDoc
		f.Into(&doc, l.bad)
		l.law(doc)
	case Requirements:
		var doc requirementsDoc
		f.Into(&doc, l.bad)
		l.catalogue(doc)
	case Rules:
		var doc rulesDoc
		f.Into(&doc, l.bad)
		l.ruleSet(doc)
	case Questionnaires:
		var doc questionnaireDoc
		f.Into(&doc, l.bad)
		l.questionnaire(doc)
	case Frameworks:
		var doc frameworkDoc
		f.Into(&doc, l.bad)
		l.framework(doc)
	case Mappings:
		var doc mappingDoc
		f.Into(&doc, l.bad)
		l.mapping(doc)
	case Templates:
		var doc templatesDoc
		f.Into(&doc, l.bad)
		l.templateList(doc)
	case References:
		var doc referencesDoc
		f.Into(&doc, l.bad)
		l.referenceList(doc)
	case HazardLists:
		var doc hazardsDoc
		f.Into(&doc, l.bad)
		l.hazardList(doc)
	case Citations:
		var doc citationsDoc
		f.Into(&doc, l.bad)
		l.citationRules(doc)
	case Software:
		var doc softwareDoc
		f.Into(&doc, l.bad)
		l.software(doc)
	case Drafts:
		var doc draftsDoc
		f.Into(&doc, l.bad)
		l.drafts(doc)
	case Policies:
		var doc struct{ head }
		f.Into(&doc, l.bad)
		l.info(doc.head, len(l.lib.policies)-len(l.base.policies))
	default:
		l.bad.Add(form.Place{File: f.Name(), Line: 1}, "unbekannte Art von Paket: %q", "unknown kind of pack: %q", kind)
	}
}

// info records a pack and its head.
func (l *loading) info(h head, items int) {
	if h.ID.S == "" {
		return // that it is missing is a defect already
	}
	if first, ok := l.sets[h.ID.S]; ok {
		l.bad.Add(h.ID.At, "das Paket %q gibt es schon (%s:%d)", "pack %q exists already (%s:%d)", h.ID.S, first.File, first.Line)
		return
	}
	l.sets[h.ID.S] = h.ID.At
	l.lib.infos = append(l.lib.infos, Info{
		ID: h.ID.S, Kind: Kind(h.Kind.S), Version: h.Version, AsOf: h.AsOf, Title: h.Title,
		Sources: h.Source, Licence: h.Licence, Notice: h.Notice, Uncertainty: h.Uncertainty,
		Items: items, Languages: []string{string(text.DE), string(text.EN)},
	})
}

// claim records an id that must be unique among all packs.
func (l *loading) claim(id form.Word) bool {
	if id.S == "" {
		return false
	}
	if first, ok := l.ids[id.S]; ok {
		l.bad.Add(id.At, "die Kennung %q gibt es schon (%s:%d)", "id %q exists already (%s:%d)", id.S, first.File, first.Line)
		return false
	}
	l.ids[id.S] = id.At
	return true
}

// cite records references and returns them as ids.
func (l *loading) cite(refs []form.Word) []string {
	l.refs = append(l.refs, refs...)
	return form.Words(refs)
}

// law takes over the clauses of a law or standard.
func (l *loading) law(doc lawDoc) {
	n := 0
	for _, g := range doc.Groups {
		for _, c := range g.Items {
			n += l.clause(doc, g, "", c)
		}
	}
	l.info(doc.head, n)
}

func (l *loading) clause(doc lawDoc, g groupDoc, parent string, c clauseDoc) int {
	if !l.claim(c.ID) {
		return 0
	}
	l.span(c.At, c.ID.S, ordered(c.From, c.Until))
	if c.Fine.S != "" {
		l.refs = append(l.refs, c.Fine)
	}
	l.Status(c.At, c.Status)
	where := c.Place
	if where.IsZero() {
		where = text.Same(c.Ref)
	}
	first, _, _ := strings.Cut(c.ID.S, ".")
	if name, ok := doc.Cite[first]; ok {
		where = text.Bi{DE: name.DE + " " + where.DE, EN: name.EN + " " + where.EN}
	}
	if !c.Short.IsZero() {
		where = c.Short
	}
	id := c.ID.S
	l.lib.clauses[id] = &Clause{
		ID: id, Pack: doc.ID.S, Group: g.ID.S, Parent: parent, Ref: c.Ref, Title: c.Title, Text: c.Text, Note: c.Note,
		From: c.From, FromAnnex1: c.FromAnnex, FromLegacy: c.FromUsed, Until: c.Until, Source: c.Source, Status: c.Status, Change: c.Change,
		Duty: c.Duty, Risk: c.Risk, Fine: c.Fine.S, Related: l.cite(c.Related), Levels: c.Levels, Keep: c.Keep,
		Deadline: c.Deadline, Relevance: c.Relevance, Right: c.Right, short: where,
		Markets: l.scope(c.Markets, g.Markets), Sectors: l.scope(c.Sectors, g.Sectors),
	}
	if len(c.Levels) > 0 {
		l.lib.clauses[id].LevelsStatus = g.LevelsStatus
	}
	l.lib.byPack[doc.ID.S] = append(l.lib.byPack[doc.ID.S], id)
	n := 1
	for _, sub := range c.Items {
		n += l.clause(doc, g, id, sub)
	}
	return n
}

// scope returns words for markets or sectors, those of the group where a clause
// has none. They are compared letter by letter with those of a system, so they
// have one spelling.
func (l *loading) scope(words, ofGroup []form.Word) []string {
	if len(words) == 0 {
		words = ofGroup
	}
	for _, w := range words {
		if strings.Trim(w.S, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			l.bad.Add(w.At, "Märkte und Branchen sind Wörter aus a-z, 0-9, - und _, nicht %q", "markets and sectors are words of a-z, 0-9, - and _, not %q", w.S)
		}
	}
	return form.Words(words)
}

// span records a validity that ends before it begins.
func (l *loading) span(at form.Place, id string, ok bool) {
	if !ok {
		l.bad.Add(at, "%q endet, bevor es beginnt", "%q ends before it begins", id)
	}
}

// catalogue takes over requirements; each is also a clause that can be cited.
func (l *loading) catalogue(doc requirementsDoc) {
	for _, r := range doc.Items {
		if !l.claim(r.ID) {
			continue
		}
		req := Requirement{
			ID: r.ID.S, Framework: doc.ID.S, Ref: r.Ref, Title: r.Title, Text: r.Text, Proof: r.Proof,
			Steps: r.Steps, Refs: l.cite(r.Refs), RefsIfHigh: l.cite(r.RefsIfHigh), Said: r.Said, Status: r.Status,
		}
		for _, e := range r.Evidence {
			l.Evidence([]form.Word{e.Type})
			req.Evidence = append(req.Evidence, Evidence{Type: e.Type.S, Say: e.Say})
		}
		for _, c := range r.Checks {
			if c.Min < 0 || c.Min > 1 || c.Max < 0 {
				l.bad.Add(c.Name.At, "Prüfung %q: min liegt in 0..1, max nicht unter 0", "check %q: min lies in 0..1, max not below 0", c.Name.S)
			}
			req.Checks = append(req.Checks, CheckSpec{Name: c.Name.S, Min: c.Min, Max: c.Max, Window: c.Window, Say: c.Say})
		}
		for _, t := range r.Thresholds {
			req.Thresholds = append(req.Thresholds, Threshold{Name: t.Name, Default: t.Default, Own: t.Own, Say: t.Say})
		}
		l.lib.requirements[doc.ID.S] = append(l.lib.requirements[doc.ID.S], req)
		l.lib.clauses[r.ID.S] = &Clause{ID: r.ID.S, Pack: doc.ID.S, Group: "requirements", Ref: r.Ref,
			Title: r.Title, Text: r.Text, Related: req.Refs, short: text.Same(r.Ref)}
		l.lib.byPack[doc.ID.S] = append(l.lib.byPack[doc.ID.S], r.ID.S)
	}
	l.info(doc.head, len(doc.Items))
}

// finish checks every reference against every id.
func (l *loading) finish() {
	l.asked()
	l.lib.stock.Finish(l)
	for _, r := range l.refs {
		if _, ok := l.ids[r.S]; !ok {
			l.bad.Add(r.At, "die Fundstelle %q gibt es in keinem Paket", "no pack has the clause %q", r.S)
		}
	}
	for _, r := range l.demands {
		if _, ok := l.lib.clauses[r.S]; !ok && r.S != "" {
			l.bad.Add(r.At, "die Fundstelle %q gibt es in keinem Paket", "no pack has the clause %q", r.S)
		}
	}
	for id, rs := range l.lib.rules {
		if _, old := l.base.rules[id]; !old {
			l.covered(rs)
		}
	}
	for id, q := range l.lib.questionnaires {
		if _, old := l.base.questionnaires[id]; !old {
			l.covered(q.rules)
		}
	}
	for i, info := range l.lib.infos {
		if rs, ok := l.lib.rules[info.ID]; ok {
			l.lib.infos[i].Cases = len(rs.cases)
		}
		if q, ok := l.lib.questionnaires[info.ID]; ok {
			l.lib.infos[i].Cases = len(q.rules.cases)
		}
	}
}
