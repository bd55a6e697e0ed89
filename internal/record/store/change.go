package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/shape"
)

// draft is a document that is ready to be stored.
type draft struct {
	doc   any // *T, decoded from raw: it shares nothing with the caller
	value reflect.Value
	raw   []byte
	title string
	hash  string
	salt  string
}

// ready takes a document (doc, or raw from outside) through every check and
// brings it to the form in which it is stored: canonical JSON, times in UTC.
func (tx *Tx) ready(ctx context.Context, k *kind, id string, doc any, raw json.RawMessage, fresh bool) (d draft, err error) {
	var f shape.Faults
	if doc == nil {
		if doc, f, err = k.shape.Read(raw); err != nil {
			return d, err
		}
	}
	if err := k.shape.Rules(doc, fresh, &f); err != nil {
		return d, err
	}
	if err := tx.references(ctx, k, id, reflect.ValueOf(doc).Elem(), &f); err != nil {
		return d, err
	}
	if err := f.Err(); err != nil {
		return d, err
	}
	return tx.draft(k, doc)
}

func (tx *Tx) draft(k *kind, doc any) (d draft, err error) {
	if d.raw, err = encode(doc); err != nil {
		return d, err
	}
	d.doc = reflect.New(k.shape.Type).Interface()
	d.value = reflect.ValueOf(d.doc).Elem()
	if err := json.Unmarshal(d.raw, d.doc); err != nil {
		return d, fmt.Errorf("store: document of kind %s does not survive JSON: %w", k.name, err)
	}
	if k.shape.HasTimes() {
		k.shape.UTC(d.value)
		if d.raw, err = encode(d.doc); err != nil {
			return d, err
		}
	}
	if len(d.raw) > shape.MaxDocument {
		return d, problem.New(problem.TooLarge, "Das Dokument ist größer als 1 MiB.", "The document is larger than 1 MiB.")
	}
	d.title = titleOf(d.doc)
	if !k.shape.Personal() {
		sum := sha256.Sum256(d.raw)
		d.hash = "sha256:" + hex.EncodeToString(sum[:])
		return d, nil
	}
	// A bare hash of few personal data could be guessed from the journal.
	salt := make([]byte, 16)
	if _, err := io.ReadFull(tx.db.opts.Rand, salt); err != nil {
		return d, fmt.Errorf("store: no randomness: %w", err)
	}
	d.hash, d.salt = ledger.Commitment(salt, d.raw), hex.EncodeToString(salt)
	return d, nil
}

func encode(doc any) ([]byte, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("store: write document: %w", err)
	}
	return ledger.Canonical(raw)
}

// references adds references to what does not exist, and unique values that
// another object has.
func (tx *Tx) references(ctx context.Context, k *kind, id string, v reflect.Value, f *shape.Faults) error {
	want := map[string][]string{}
	var leaves []shape.Leaf
	k.shape.Each(v, func(l shape.Leaf) {
		if l.Field.Ref != "" && l.Value.String() != "" {
			leaves = append(leaves, l)
			want[l.Field.Ref] = append(want[l.Field.Ref], l.Value.String())
		}
	})
	s := tx.session()
	have := map[string]string{} // titles, by id; an id belongs to one kind
	for name, ids := range want {
		if err := s.titlesOf(ctx, tx.db.kinds[name], ids, have); err != nil {
			return err
		}
	}
	var c problem.Checks
	for _, l := range leaves {
		to := l.Value.String()
		_, exists := have[to]
		c.Field(exists && strings.HasPrefix(to, tx.db.kinds[l.Field.Ref].prefix+"_"), l.Path, "Das gibt es nicht: "+l.Field.Ref+" "+strconv.Quote(to)+".",
			"There is no "+l.Field.Ref+" "+strconv.Quote(to)+".")
	}
	for _, ix := range k.shape.Indexes() {
		if !ix.Unique || ix.Of(v) == "" {
			continue
		}
		var other string
		taken, err := s.One(ctx, "SELECT id FROM "+k.Table+" WHERE "+k.Rel.Fields[ix.Name].Column+" = $1 AND id <> $2",
			[]any{ix.Of(v), id}, &other)
		if err != nil {
			return err
		}
		c.Field(!taken, ix.Name, "Diesen Wert hat schon ein anderes Objekt.", "Another object has this value already.")
	}
	return f.Add(c.Err())
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]*_[A-Za-z0-9_-]{1,80}$`)

func (tx *Tx) create(ctx context.Context, k *kind, id string, doc any, raw json.RawMessage) (row, error) {
	s := tx.session()
	k, err := s.known(k)
	if err != nil {
		return row{}, err
	}
	if _, ok := ActorFrom(ctx); !ok {
		return row{}, refusal.Nobody()
	}
	if id != "" {
		if len(id) <= len(k.prefix) || id[:len(k.prefix)+1] != k.prefix+"_" || !idForm.MatchString(id) {
			return row{}, problem.New(problem.BadInput, "Die Kennung passt nicht zur Art „"+k.name+"“.", "The id does not suit kind "+k.name+".").
				WithField("id", "Sie beginnt mit „"+k.prefix+"_“ und hat nur Buchstaben, Ziffern und Striche.", "It starts with "+k.prefix+"_ and has only letters, digits and dashes.")
		}
		if have, taken, err := s.fetch(ctx, k, id); err != nil || taken {
			return row{}, cmp.Or(err, tx.conflict(ctx, k, have,
				"Unter dieser Kennung gibt es schon etwas.", "Something exists under this id already."))
		}
	}
	d, err := tx.ready(ctx, k, id, doc, raw, true)
	if err != nil {
		return row{}, err
	}
	actor, err := tx.db.allow(ctx, Create, k, d.doc)
	if err != nil {
		return row{}, err
	}
	at := tx.db.now()
	revision := int64(1)
	if id == "" {
		id = NewID(k.prefix, at, tx.db.opts.Rand)
	} else if revision, err = tx.reborn(ctx, id); err != nil {
		return row{}, err
	}
	if err := tx.guarded(ctx, k, id, nil, d.doc); err != nil {
		return row{}, err
	}
	r := row{Meta: Meta{ID: id, Revision: revision, Title: d.title, CreatedAt: at, CreatedBy: actor.Called(), UpdatedAt: at, UpdatedBy: actor.Called()}, raw: d.raw, doc: d.doc}
	if _, err := s.Exec(ctx, k.InsertSQL, tx.arguments(k, r, d)...); err != nil {
		return row{}, err
	}
	return r, tx.record(ctx, k, r, d, Created, actor, reflect.Value{})
}

// reborn is the first revision of an object that may have existed before: its
// history goes on, so that no revision number ever means two things.
func (tx *Tx) reborn(ctx context.Context, id string) (revision int64, err error) {
	_, err = tx.session().One(ctx, "SELECT COALESCE(MAX(revision), 0) FROM history WHERE id = $1", []any{id}, &revision)
	return revision + 1, err
}

func (tx *Tx) createMany(ctx context.Context, k *kind, docs []any, raws []json.RawMessage) ([]row, error) {
	var f shape.Faults
	out := make([]row, 0, max(len(docs), len(raws)))
	for i := range cap(out) {
		var doc any
		var raw json.RawMessage
		if docs != nil {
			doc = docs[i]
		} else {
			raw = raws[i]
		}
		r, err := tx.create(ctx, k, "", doc, raw)
		var p *problem.Problem
		switch {
		case err == nil:
			out = append(out, r)
		case errors.As(err, &p) && p.Kind == problem.BadInput:
			at := strconv.Itoa(i)
			if len(p.Fields) == 0 {
				f = append(f, problem.Field{Path: at, Say: p.Say})
			}
			for _, n := range p.Fields {
				f = append(f, problem.Field{Path: at + "." + n.Path, Say: n.Say})
			}
		default:
			return nil, err
		}
	}
	if err := f.Err(); err != nil {
		tx.s.Doom(err) // rows before the wrong one are written already
		return nil, err
	}
	return out, nil
}

func (tx *Tx) update(ctx context.Context, k *kind, id string, revision int64, doc any, raw json.RawMessage) (row, error) {
	k, was, actor, err := tx.stored(ctx, k, id, revision, Update)
	if err != nil {
		return row{}, err
	}
	d, err := tx.ready(ctx, k, id, doc, raw, false)
	if err != nil {
		return row{}, err
	}
	if _, err := tx.db.allow(ctx, Update, k, d.doc); err != nil {
		return row{}, err
	}
	if string(d.raw) == string(was.raw) {
		return was, nil
	}
	if err := tx.guarded(ctx, k, id, was.doc, d.doc); err != nil {
		return row{}, err
	}
	r := row{Meta: was.Meta, raw: d.raw, doc: d.doc}
	r.Revision, r.Title, r.UpdatedAt, r.UpdatedBy = was.Revision+1, d.title, shape.Later(tx.db.now(), was.UpdatedAt), actor.Called()
	n, err := tx.session().Exec(ctx, k.UpdateSQL, append(tx.arguments(k, r, d), was.Revision)...)
	if err != nil {
		return row{}, err
	}
	if n != 1 { // another node got there first
		return row{}, tx.conflict(ctx, k, was, changedDE, changedEN)
	}
	return r, tx.record(ctx, k, r, d, Updated, actor, reflect.ValueOf(was.doc).Elem())
}

const changedDE, changedEN = "Das wurde inzwischen geändert.", "This was changed meanwhile."

// stored returns the object that is about to change, if the actor may change
// it and means the stored revision.
func (tx *Tx) stored(ctx context.Context, k *kind, id string, revision int64, action string) (*kind, row, Actor, error) {
	s := tx.session()
	k, err := s.known(k)
	if err != nil {
		return nil, row{}, Actor{}, err
	}
	if _, ok := ActorFrom(ctx); !ok {
		return nil, row{}, Actor{}, refusal.Nobody()
	}
	was, found, err := s.fetch(ctx, k, id)
	if err != nil {
		return nil, row{}, Actor{}, err
	}
	if !found {
		return nil, row{}, Actor{}, refusal.Missing(k.name, id)
	}
	actor, err := tx.db.allow(ctx, action, k, was.doc)
	if err != nil {
		return nil, row{}, Actor{}, err
	}
	if was.Revision != revision {
		return nil, row{}, Actor{}, tx.conflict(ctx, k, was, changedDE, changedEN)
	}
	return k, was, actor, nil
}

// conflict shows what is stored, to those who may read it.
func (tx *Tx) conflict(ctx context.Context, k *kind, have row, de, en string) error {
	p := problem.New(problem.Conflict, de, en).
		WithHint("Bitte beide Fassungen vergleichen und dann noch einmal speichern.", "Please compare both versions and then save again.")
	if _, err := tx.db.allow(ctx, Read, k, have.doc); err == nil {
		p.Have = have
	}
	return p
}

func (tx *Tx) patch(ctx context.Context, k *kind, id string, revision int64, patch json.RawMessage) (row, error) {
	k, was, _, err := tx.stored(ctx, k, id, revision, Update)
	if err != nil {
		return row{}, err
	}
	if len(patch) > shape.MaxDocument {
		return row{}, problem.New(problem.TooLarge, "Die Änderung ist größer als 1 MiB.", "The patch is larger than 1 MiB.")
	}
	merged, err := shape.Merge(was.raw, patch)
	if err != nil {
		return row{}, err
	}
	return tx.update(ctx, k, id, revision, nil, merged)
}

func (tx *Tx) delete(ctx context.Context, k *kind, id string, revision int64) error {
	k, was, actor, err := tx.stored(ctx, k, id, revision, Delete)
	if err != nil {
		return err
	}
	if err := tx.needed(ctx, was); err != nil {
		return err
	}
	s := tx.session()
	n, err := s.Exec(ctx, "DELETE FROM "+k.Table+" WHERE id = $1 AND revision = $2", id, was.Revision)
	if err != nil {
		return err
	}
	if n != 1 {
		return tx.conflict(ctx, k, was, changedDE, changedEN)
	}
	r := row{Meta: was.Meta}
	r.Revision, r.UpdatedAt, r.UpdatedBy = was.Revision+1, shape.Later(tx.db.now(), was.UpdatedAt), actor.Called()
	return tx.record(ctx, k, r, draft{title: was.Title}, Deleted, actor, reflect.ValueOf(was.doc).Elem())
}

// arguments are those of the kind's insert and update.
func (tx *Tx) arguments(k *kind, r row, d draft) []any {
	return append([]any{r.ID, r.Revision, r.Title, query.Key(r.Title), shape.Micros(r.CreatedAt), r.CreatedBy,
		shape.Micros(r.UpdatedAt), r.UpdatedBy, string(d.raw)}, k.Values(d.value)...)
}

// objectEvent is the data of an object's journal entry. It never holds values:
// the hash binds the entry to the document, Changed names top-level fields.
type objectEvent struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
	Revision int64    `json:"revision"`
	Actor    string   `json:"actor"`
	Hash     string   `json:"hash,omitempty"` // of the canonical document, or a commitment to it; not of a deletion
	Changed  []string `json:"changed"`
}

// record writes everything that goes with a change: list values, links, words,
// history, journal entry.
func (tx *Tx) record(ctx context.Context, k *kind, r row, d draft, op string, actor Actor, before reflect.Value) error {
	if err := tx.index(ctx, k, r.ID, d.value); err != nil {
		return err
	}
	s := tx.session()
	e, err := ledger.NewEvent(NewID("evt", r.UpdatedAt, tx.db.opts.Rand), tx.db.opts.Source, "augenmass.object."+op, r.ID, r.UpdatedAt,
		objectEvent{k.name, r.ID, r.Revision, actor.Called(), d.hash, k.shape.Changed(before, d.value)})
	if err != nil {
		return err
	}
	_, err = s.Exec(ctx, historyInsert, r.ID, r.Revision, k.name, op, shape.Micros(r.UpdatedAt), actor.Called(), int64(k.version), d.title,
		string(d.raw), d.hash, d.salt, shape.Micros(r.CreatedAt), r.CreatedBy, int64(-1))
	if err != nil {
		return err
	}
	tx.changes = append(tx.changes, Change{Kind: k.name, ID: r.ID, Revision: r.Revision, Op: op, Actor: actor})
	return tx.emit(ctx, e, r.ID, r.Revision)
}

// index rewrites what is found by: list values, links and words. An invalid
// document removes them.
func (tx *Tx) index(ctx context.Context, k *kind, id string, v reflect.Value) error {
	s := tx.session()
	if _, err := s.Exec(ctx, "DELETE FROM list_values WHERE id = $1", id); err != nil {
		return err
	}
	if _, err := s.Exec(ctx, "DELETE FROM links WHERE from_id = $1", id); err != nil {
		return err
	}
	if !v.IsValid() {
		if k.Rel.Words != "" {
			return s.DropWords(ctx, id)
		}
		return nil
	}
	var err error
	done := map[[2]string]bool{}
	k.shape.Each(v, func(l shape.Leaf) {
		f := l.Field
		many := f.Index && k.Rel.Fields[f.Path].Many != ""
		if err != nil || f.Ref == "" && !many || l.Value.String() == "" || done[[2]string{f.Path, l.Value.String()}] {
			return
		}
		done[[2]string{f.Path, l.Value.String()}] = true
		if f.Ref != "" {
			_, err = s.Exec(ctx, "INSERT INTO links (from_kind, from_id, field, to_kind, to_id) VALUES ($1, $2, $3, $4, $5)",
				k.name, id, f.Path, f.Ref, l.Value.String())
			return
		}
		_, err = s.Exec(ctx, "INSERT INTO list_values (id, field, value) VALUES ($1, $2, $3)", id, f.Path, query.Value(l.Value.String()))
	})
	if err != nil || k.Rel.Words == "" {
		return err
	}
	return s.PutWords(ctx, k.name, id, query.Searchable(k.shape.Words(v)))
}
