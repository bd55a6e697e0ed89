package packs

import (
	"io/fs"
	"maps"
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/framework"
	"augenmass/internal/record/packs/stock"
)

// empty returns a library without packs.
func empty() *Library {
	return &Library{
		clauses:        map[string]*Clause{},
		byPack:         map[string][]string{},
		rules:          map[string]*RuleSet{},
		questionnaires: map[string]*Questionnaire{},
		requirements:   map[string][]Requirement{},
		interviews:     map[string]*Interview{},
		mappings:       &framework.Mappings{},
		stock:          &stock.Stock{},
		ids:            map[string]form.Place{},
		sets:           map[string]form.Place{},
	}
}

// Extend returns a library with the packs of this one and those of the trees,
// such as an organisation's own. This one stays as it is; its packs are shared,
// not read again, so that the cost is that of the new ones.
//
// New packs may cite everything and replace nothing: an id that exists, a
// second mapping between the same demands, or cases for a rule set of this
// library are defects. The error is that of Load.
func (l *Library) Extend(trees ...fs.FS) (*Library, error) {
	r := extending(l)
	if err := r.load(trees); err != nil {
		return nil, err
	}
	if err := r.bad.Err(); err != nil {
		return nil, err
	}
	return r.lib, nil
}

// extending begins to read into a copy of base.
func extending(base *Library) *loading {
	lib := base.clone()
	return &loading{bad: &form.Defects{}, base: base, lib: lib, ids: lib.ids, sets: lib.sets}
}

// clone returns a library that shares what this one holds and can be added to.
// Lists are clipped, so that adding copies them and never writes into ours.
func (l *Library) clone() *Library {
	c := &Library{
		infos:          slices.Clone(l.infos),
		clauses:        maps.Clone(l.clauses),
		byPack:         maps.Clone(l.byPack),
		rules:          maps.Clone(l.rules),
		questionnaires: maps.Clone(l.questionnaires),
		requirements:   maps.Clone(l.requirements),
		interviews:     maps.Clone(l.interviews),
		policies:       slices.Clone(l.policies),
		frameworks:     slices.Clip(l.frameworks),
		mappings:       l.mappings.Clone(),
		stock:          l.stock.Clone(),
		hazards:        l.hazards.Clone(),
		templates:      slices.Clip(l.templates),
		references:     slices.Clip(l.references),
		citations:      slices.Clip(l.citations),
		complete:       slices.Clip(l.complete),
		sources:        slices.Clip(l.sources),
		ids:            maps.Clone(l.ids),
		sets:           maps.Clone(l.sets),
	}
	for pack, ids := range c.byPack {
		c.byPack[pack] = slices.Clip(ids)
	}
	for pack, list := range c.requirements {
		c.requirements[pack] = slices.Clip(list)
	}
	return c
}

// Check reads the trees like Load and returns what packs there are even if some
// are wrong, sorted by id. When all of them can be read it also runs every case
// of every rule set and questionnaire; one that comes out otherwise is a defect.
// The error is that of Load.
func Check(trees ...fs.FS) ([]Info, error) { return empty().Check(trees...) }

// Check is what Extend would find; the packs of this library come with the
// answer.
func (l *Library) Check(trees ...fs.FS) ([]Info, error) {
	r := extending(l)
	if err := r.load(trees); err != nil {
		return nil, err
	}
	if err := r.bad.Err(); err != nil {
		return r.lib.Packs(), err
	}
	return r.lib.Packs(), r.lib.Prove()
}

// Prove runs every case of every rule set and questionnaire. The error is a
// problem of kind BadInput that names each case that comes out otherwise, with
// "file:line" as its path.
func (l *Library) Prove() error {
	var bad form.Defects
	sets := slices.Collect(maps.Values(l.rules))
	for _, q := range l.questionnaires {
		sets = append(sets, q.rules)
	}
	for _, rs := range sets {
		for _, c := range rs.cases {
			if err := rs.Prove(c); err != nil {
				bad.Add(c.at, "%q kommt anders heraus: %s", "%q comes out otherwise: %s", c.ID, err)
			}
		}
	}
	l.proveInterviews(&bad)
	return bad.Err()
}

// Source is one YAML file as it was read.
type Source struct {
	Pack  string // id of the pack; for cases, of the pack that they belong to
	Name  string // path inside its tree
	Cases bool   // the file holds cases, not the pack itself
	Data  []byte // not to be changed
}

// Sources returns the files from which the library was read, without policies
// (see Policies), in the order of reading. An organisation keeps them with what
// it adopts, so that a later version can be held against it.
func (l *Library) Sources() []Source { return slices.Clone(l.sources) }

// Raw returns the text of the pack's own file, without its cases. It is not to
// be changed.
func (l *Library) Raw(pack string) ([]byte, bool) {
	for _, s := range l.sources {
		if s.Pack == pack && !s.Cases {
			return s.Data, true
		}
	}
	return nil, false
}

// keep remembers the text of a file.
func (l *loading) keep(f *form.File, data []byte) {
	pack, cases := f.Peek("cases_of")
	if !cases {
		pack, _ = f.Peek("id")
	}
	l.lib.sources = append(l.lib.sources, Source{Pack: pack, Name: f.Name(), Cases: cases, Data: data})
}
