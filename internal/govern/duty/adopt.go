package duty

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// reviewWithin is how long a review that an adoption brings may take; our own
// convention.
const reviewWithin = 30 * 24 * time.Hour

// Offer is one pack of the program beside what the organisation adopted of it.
type Offer struct {
	Info    packs.Info
	Hash    string                  // of the text that the program brings
	Adopted *store.Object[Adoption] // nil: none yet
}

// Current reports whether the organisation works with the text that the program
// brings.
func (o Offer) Current() bool { return o.Adopted != nil && o.Adopted.Doc.Hash == o.Hash }

// Offers lists the packs whose text the program brings, sorted by id, with what
// was adopted of each; one query. gone are adopted packs that the program no
// longer brings.
func (r *Room) Offers(ctx context.Context, rd store.Reader) (offers []Offer, gone []store.Object[Adoption], err error) {
	all, err := r.Adoptions.All(ctx, rd, store.Query{})
	if err != nil {
		return nil, nil, err
	}
	by := map[string]*store.Object[Adoption]{}
	for i := range all {
		by[all[i].Doc.Pack] = &all[i]
	}
	lib := r.lib()
	for _, info := range lib.Packs() {
		raw, ok := lib.Raw(info.ID)
		if !ok {
			continue
		}
		offers = append(offers, Offer{Info: info, Hash: Hash(raw), Adopted: by[info.ID]})
		delete(by, info.ID)
	}
	for _, a := range all {
		if by[a.Doc.Pack] != nil {
			gone = append(gone, a)
		}
	}
	return offers, gone, nil
}

// Difference compares the adopted text of a pack with the one that the program
// brings; empty when they are the same. A pack that was never adopted has no
// text to compare with: NotFound.
func (r *Room) Difference(ctx context.Context, rd store.Reader, o Offer) ([]Difference, error) {
	if o.Current() {
		return nil, nil
	}
	if o.Adopted == nil {
		return nil, problem.New(problem.NotFound, "Dieses Paket wurde noch nicht übernommen; es gibt keinen früheren Text.",
			"This pack was not adopted yet; there is no earlier text.").
			WithHint("Mit der Übernahme bewahrt das Programm den Text auf.", "With the adoption the program keeps the text.")
	}
	old, err := r.text(ctx, rd, o.Adopted.Doc.Hash)
	if err != nil {
		return nil, err
	}
	raw, ok := r.lib().Raw(o.Info.ID)
	if !ok {
		return nil, noPack(o.Info.ID)
	}
	return Compare([]byte(old), raw)
}

// text is a kept text, held against its hash.
func (r *Room) text(ctx context.Context, rd store.Reader, hash string) (string, error) {
	p, err := r.Texts.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("hash", "=", hash)}, Limit: 1, Uncounted: true})
	if err != nil {
		return "", err
	}
	if len(p.Items) == 0 || Hash([]byte(p.Items[0].Doc.Text)) != hash {
		return "", problem.New(problem.Corrupt, "Der aufbewahrte Text dieser Fassung fehlt oder wurde verändert.",
			"The kept text of this version is missing or was changed.").
			WithHint("Bitte die Sicherung zurückholen.", "Please restore the backup.")
	}
	return p.Items[0].Doc.Text, nil
}

func noPack(id string) error {
	return problem.Newf(problem.NotFound, "Das Wissenspaket „%s“ gibt es nicht.", "There is no content pack '%s'.", id)
}

// Adopt adopts the text of one pack that the program brings, keeps it, and makes
// a task for everything that differs and that something of this organisation
// rests on. hash is of the text that the person saw; if the program brings
// another by now, or somebody else adopted meanwhile, that is a Conflict.
// Adopting what is adopted changes nothing.
func (r *Room) Adopt(ctx context.Context, pack, hash string) (Adoption, []store.Object[Task], error) {
	var adopted Adoption
	var made []store.Object[Task]
	rests, err := r.Rests(ctx, r.db)
	if err != nil {
		return adopted, nil, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) (err error) {
		adopted, made, err = r.adopt(ctx, tx, pack, hash, rests)
		return err
	})
	return adopted, made, err
}

// AdoptAll adopts every pack that was never adopted, in one transaction: the
// first day with the program. It brings no tasks, because there is no earlier
// text that anything was made under. n is how many were adopted.
func (r *Room) AdoptAll(ctx context.Context) (n int, err error) {
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		offers, _, err := r.Offers(ctx, tx)
		if err != nil {
			return err
		}
		n = 0
		for _, o := range offers {
			if o.Adopted != nil {
				continue
			}
			if _, _, err := r.adopt(ctx, tx, o.Info.ID, o.Hash, nil); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func (r *Room) adopt(ctx context.Context, tx *store.Tx, pack, hash string, rests map[string][]Rest) (Adoption, []store.Object[Task], error) {
	offers, _, err := r.Offers(ctx, tx)
	if err != nil {
		return Adoption{}, nil, err
	}
	i := slices.IndexFunc(offers, func(o Offer) bool { return o.Info.ID == pack })
	if i < 0 {
		return Adoption{}, nil, noPack(pack)
	}
	o := offers[i]
	if o.Hash != hash {
		return Adoption{}, nil, problem.New(problem.Conflict, "Das Programm bringt inzwischen einen anderen Text dieses Pakets.",
			"By now the program brings another text of this pack.").
			WithHint("Bitte den Unterschied noch einmal ansehen.", "Please look at the difference again.")
	}
	if o.Current() {
		return o.Adopted.Doc, nil, nil
	}
	var diffs []Difference
	if o.Adopted != nil {
		if diffs, err = r.Difference(ctx, tx, o); err != nil {
			return Adoption{}, nil, err
		}
	}
	var made []store.Object[Task]
	for _, t := range r.reviews(o, diffs, rests) {
		m, err := r.Tasks.Create(ctx, tx, t)
		if err != nil {
			return Adoption{}, nil, err
		}
		made = append(made, m)
	}
	doc, err := r.put(ctx, tx, o, len(diffs), len(made))
	return doc, made, err
}

// put keeps the text and records the adoption.
func (r *Room) put(ctx context.Context, tx *store.Tx, o Offer, changed, tasks int) (Adoption, error) {
	raw, ok := r.lib().Raw(o.Info.ID)
	if !ok {
		return Adoption{}, noPack(o.Info.ID)
	}
	n, err := r.Texts.Count(ctx, tx, store.Where("hash", "=", o.Hash))
	if err != nil {
		return Adoption{}, err
	}
	if n == 0 {
		if _, err := r.Texts.Create(ctx, tx, Kept{Hash: o.Hash, Pack: o.Info.ID, Text: string(raw)}); err != nil {
			return Adoption{}, err
		}
	}
	who, _ := store.ActorFrom(ctx)
	doc := Adoption{Pack: o.Info.ID, Version: o.Info.Version, AsOf: o.Info.AsOf, Hash: o.Hash, At: r.now().UTC(), By: who.ID,
		Changed: changed, Tasks: tasks}
	if o.Adopted == nil {
		_, err = r.Adoptions.Create(ctx, tx, doc)
	} else {
		_, err = r.Adoptions.Update(ctx, tx, o.Adopted.ID, o.Adopted.Revision, doc)
	}
	return doc, err
}

// reviews are the tasks that a difference brings: one for each item that
// something rests on. Of a rule set, all changed rules together are one task:
// what they mean for a system shows when its answers are read again.
func (r *Room) reviews(o Offer, diffs []Difference, rests map[string][]Rest) []Task {
	var out []Task
	var rules *Task
	for _, d := range diffs {
		touched := Touches(d, o.Info.ID, rests)
		if len(touched) == 0 {
			continue
		}
		if o.Info.Kind == packs.Rules && len(rests[d.Item]) == 0 {
			if rules == nil {
				t := r.review(o, text.Bi{DE: "Einstufungen mit neuem Regelwerk nachprüfen: " + o.Info.Title.DE,
					EN: "Check classifications under the new rules: " + o.Info.Title.EN}, touched)
				rules = &t
			}
			rules.About = append(rules.About, d.Item)
			continue
		}
		t := r.review(o, r.named(d), touched)
		t.About = []string{d.Item}
		out = append(out, t)
	}
	if rules != nil {
		out = append(out, *rules)
	}
	return out
}

func (r *Room) review(o Offer, name text.Bi, touched []Rest) Task {
	var names []string
	t := Task{Name: cut(name.DE, 300), Called: name, Phase: Check, Cause: ByAdoption, Due: r.now().UTC().Add(reviewWithin), Pack: o.Info.ID, Version: o.Info.Version}
	for _, x := range touched {
		if x.System != "" && !slices.Contains(t.Systems, x.System) {
			t.Systems = append(t.Systems, x.System)
		}
		if x.Name != "" && !slices.Contains(names, x.Name) {
			names = append(names, x.Name)
		}
	}
	slices.Sort(t.Systems)
	t.Say = text.Bi{
		DE: fmt.Sprintf("%s. Darauf stützen sich: %s.", name.DE, strings.Join(names, ", ")),
		EN: fmt.Sprintf("%s. What rests on it: %s.", name.EN, strings.Join(names, ", ")),
	}
	return t
}

var howWords = map[How]text.Bi{
	Added:   {DE: "Neu", EN: "New"},
	Removed: {DE: "Entfallen", EN: "Removed"},
	Changed: {DE: "Geändert", EN: "Changed"},
}

// named calls a difference by the place and title of its clause.
func (r *Room) named(d Difference) text.Bi {
	place := text.Same(d.Item)
	if c, ok := r.lib().Clause(d.Item); ok {
		place = text.Bi{DE: c.Short(text.DE), EN: c.Short(text.EN)}
	}
	how := howWords[d.How]
	return text.Bi{DE: how.DE + ": " + place.DE + " " + d.Title.DE, EN: how.EN + ": " + place.EN + " " + d.Title.EN}
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if all := []rune(s); len(all) > n {
		return string(all[:n-1]) + "…"
	}
	return s
}
