package catalogue

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// attempts is how often an import is checked anew because another one came
// between; more than this many at once are people at cross purposes.
const attempts = 5

// Check reports whether the whole library would still load with the draft, and
// returns it. lib is the library without own packs, beside are those that stand
// already, without a former version of this one. Every defect is named by file
// and line.
func Check(lib *packs.Library, d Draft, beside Files) (*packs.Library, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	whole, err := lib.Extend(beside, d.Tree())
	if err != nil {
		return nil, err
	}
	return whole, foreign(whole, d)
}

// check holds a draft to what it says about itself.
func (d Draft) check() error {
	if len(d.Packs) == 0 || len(d.Original) == 0 || d.Source == "" || d.Name.IsZero() {
		return problem.New(problem.BadInput, "In dieser Datei ist nichts, was sich einlesen lässt.", "There is nothing in this file that can be imported.")
	}
	for _, p := range d.Packs {
		if !strings.HasPrefix(p.ID, Prefix) {
			return problem.Newf(problem.BadInput, "Das Paket „%s“ beginnt nicht mit „%s“.", "The pack '%s' does not begin with '%s'.", p.ID, Prefix).
				WithHint("So bleiben eigene Kennungen von den mitgelieferten getrennt; bitte in der Datei umbenennen.",
					"That keeps own ids apart from those that are shipped; please rename it in the file.")
		}
	}
	return nil
}

// foreign refuses ids inside the packs of a draft that do not begin with Prefix.
func foreign(lib *packs.Library, d Draft) error {
	var p *problem.Problem
	for _, pack := range d.Packs {
		for _, c := range lib.Clauses(pack.ID) {
			if strings.HasPrefix(c.ID, Prefix) {
				continue
			}
			if p == nil {
				p = problem.Newf(problem.BadInput, "Kennungen in eigenen Paketen beginnen mit „%s“.", "Ids in own packs begin with '%s'.", Prefix).
					WithHint("Bitte in der Datei umbenennen; dann stoßen sie mit keinem mitgelieferten Paket zusammen, auch später nicht.",
						"Please rename them in the file; then they collide with no shipped pack, later neither.")
			}
			p.WithField(c.ID, "Dieses beginnt anders.", "This one begins differently.")
		}
	}
	if p == nil {
		return nil
	}
	return p
}

// Add keeps all packs of a draft, in one transaction, or none. A draft whose URN
// is kept already replaces it when its version is higher; then nothing that
// others cite may be missing in it.
//
// Errors: BadInput with every defect by file and line; Conflict for a file or a
// version that is kept already, and when somebody else imports at the same time;
// Denied when the actor may not.
func (r *Room) Add(ctx context.Context, d Draft) (store.Object[OwnPack], error) {
	var none store.Object[OwnPack]
	if err := d.check(); err != nil {
		return none, err
	}
	for range attempts {
		o, again, err := r.add(ctx, d)
		if !again {
			return o, err
		}
	}
	return none, problem.New(problem.Conflict, "Andere lesen gerade ebenfalls Pakete ein.", "Others are importing packs as well just now.").
		WithHint("Bitte noch einmal versuchen.", "Please try again.")
}

// Check reports whether Add would keep the draft now. Its errors are those of
// Add.
func (r *Room) Check(ctx context.Context, d Draft) error {
	_, err := r.plan(ctx, d)
	return err
}

// plan is what an import stands on: it holds only while nothing else is imported.
type plan struct {
	stand []store.Object[OwnPack]
	was   *store.Object[OwnPack] // that the draft replaces; nil: none
}

// plan checks a draft against what stands.
func (r *Room) plan(ctx context.Context, d Draft) (p plan, err error) {
	if p.stand, err = r.List(ctx, r.db); err != nil {
		return p, err
	}
	var others []store.Object[OwnPack]
	p.was, others = former(p.stand, d.URN)
	if err := admitted(p.was, d); err != nil {
		return p, err
	}
	lib, err := r.with(ctx, others, d)
	if err != nil {
		return p, err
	}
	return p, r.loses(ctx, p.was, lib)
}

func (r *Room) add(ctx context.Context, d Draft) (o store.Object[OwnPack], again bool, err error) {
	p, err := r.plan(ctx, d)
	if err != nil {
		return o, false, err
	}
	was := p.was
	doc, id, err := r.seal(ctx, was, d)
	if err != nil {
		return o, false, err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		now, err := r.List(ctx, tx)
		if err != nil {
			return err
		}
		if again = moved(p.stand, now); again {
			return errMoved
		}
		if was != nil {
			o, err = r.Own.Update(ctx, tx, was.ID, was.Revision, doc)
		} else {
			o, err = r.Own.CreateAs(ctx, tx, id, doc)
		}
		return err
	})
	if again {
		err = nil
	}
	if err != nil || again {
		return o, again, errors.Join(err, r.forget(ctx, was, id))
	}
	return o, false, nil
}

// errMoved undoes the transaction of an import that another one overtook.
var errMoved = problem.New(problem.Conflict, "Inzwischen wurde etwas anderes eingelesen.", "Something else was imported meanwhile.")

// former is the object that the draft replaces, or nil, and all the others.
func former(stand []store.Object[OwnPack], urn string) (was *store.Object[OwnPack], others []store.Object[OwnPack]) {
	for _, o := range stand {
		if urn != "" && o.Doc.URN == urn {
			was = &o
			continue
		}
		others = append(others, o)
	}
	return was, others
}

// admitted reports whether a draft may take the place of what is kept.
func admitted(was *store.Object[OwnPack], d Draft) error {
	if was == nil {
		return nil
	}
	if was.Doc.Hash == Hash(d.Original) {
		return problem.Newf(problem.Conflict, "Diese Datei ist schon eingelesen, Version %s.", "This file is imported already, version %s.", was.Doc.Version)
	}
	if !Newer(d.Version, was.Doc.Version) {
		return problem.Newf(problem.Conflict, "„%s“ ist in Version %s eingelesen; diese Datei hat Version %s.", "'%s' is imported in version %s; this file has version %s.",
			was.Title, was.Doc.Version, d.Version).
			WithHint("Die höhere Version gilt. Bitte die Nummer in der Datei erhöhen, wenn diese gelten soll.",
				"The higher version counts. Please raise the number in the file if this one should.")
	}
	return nil
}

// Newer reports whether version a is higher than b: numbers between dots are
// compared as numbers, everything else as text; a missing one is the lowest.
func Newer(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y string
		if i < len(as) {
			x = as[i]
		}
		if i < len(bs) {
			y = bs[i]
		}
		n, errN := strconv.Atoi(x)
		m, errM := strconv.Atoi(y)
		switch {
		case x == y:
			continue
		case errN == nil && errM == nil && n != m:
			return n > m
		case errN == nil && errM == nil:
			continue // 01 and 1
		default:
			return x > y
		}
	}
	return false
}

// loses refuses a new version that lacks what others cite.
func (r *Room) loses(ctx context.Context, was *store.Object[OwnPack], lib *packs.Library) error {
	if was == nil {
		return nil
	}
	before, err := r.ids(ctx, was.Doc)
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(before, func(id string) bool { return known(lib, id) })
	return r.unused(ctx, gone, "In der neuen Version fehlt, worauf sich andere stützen.", "The new version lacks what others rest on.")
}

// known reports whether a library holds a clause, a framework, a template or a
// pack.
func known(lib *packs.Library, id string) bool {
	if _, ok := lib.Clause(id); ok {
		return true
	}
	if _, ok := lib.Framework(id); ok {
		return true
	}
	if _, ok := lib.Template(id); ok {
		return true
	}
	return slices.ContainsFunc(lib.Packs(), func(i packs.Info) bool { return i.ID == id })
}

// seal puts the texts of a draft into the vault and returns the document.
func (r *Room) seal(ctx context.Context, was *store.Object[OwnPack], d Draft) (doc OwnPack, id string, err error) {
	id = store.NewID(r.Own.Prefix(), r.now(), r.rand)
	if was != nil {
		id = was.ID
	}
	doc = OwnPack{Name: d.Name, Format: d.Format, URN: d.URN, Version: d.Version, Copyright: d.Copyright, Source: d.Source,
		Hash: Hash(d.Original), Kept: d.Kept, Notes: d.Notes}
	put := func(data []byte) string {
		if err != nil {
			return ""
		}
		ref, e := r.vault.Put(ctx, subject(id), data)
		err = e
		return ref.ID
	}
	doc.Original = put(d.Original)
	for _, p := range d.Packs {
		doc.Parts = append(doc.Parts, Part{ID: p.ID, Kind: string(p.Kind), Items: p.Items, Text: put(p.YAML), Hash: Hash(p.YAML)})
	}
	if err != nil {
		return doc, id, errors.Join(err, r.forget(ctx, was, id))
	}
	return doc, id, nil
}

// forget erases what was sealed for an object that did not come to be. The texts
// of one that stands share its key, so those of a failed update stay unreferred.
func (r *Room) forget(ctx context.Context, was *store.Object[OwnPack], id string) error {
	if was != nil {
		return nil
	}
	return r.vault.Erase(context.WithoutCancel(ctx), subject(id))
}

// subject is under what the vault can erase the texts of an object.
func subject(id string) string { return "own pack " + id }
