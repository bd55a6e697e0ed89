package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

func contractLifecycle(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	o := create(t, db, machines, machine{Name: "Fräse"})
	if !strings.HasPrefix(o.ID, "mac_") || len(o.ID) != len("mac_")+32 || o.ID[16] != '7' {
		t.Errorf("id %q is not mac_ and a UUIDv7", o.ID)
	}
	if o.Revision != 1 || o.Title != "Fräse" || o.CreatedBy != "usr_ada" || o.UpdatedAt != o.CreatedAt || o.Doc.Severity != "minor" {
		t.Errorf("created %+v", o)
	}
	o2 := update(t, db, machines, o, func(m *machine) { m.Name = "Fräse 2" })
	if o2.Revision != 2 || o2.Title != "Fräse 2" || !o2.UpdatedAt.After(o.UpdatedAt) || o2.CreatedAt != o.CreatedAt {
		t.Errorf("updated %+v", o2)
	}
	got, err := machines.Get(ctx, db, o.ID)
	must(t, err)
	if d := cmp.Diff(o2, got); d != "" {
		t.Errorf("read differs from what Update returned:\n%s", d)
	}
	// A transaction sees its own writes.
	write(t, db, func(tx *Tx) error {
		must(t, machines.Delete(ctx, tx, o.ID, 2))
		_, err := machines.Get(ctx, tx, o.ID)
		wants(t, err, problem.NotFound)
		return nil
	})
	_, err = machines.Get(ctx, db, o.ID)
	wants(t, err, problem.NotFound)
	wants(t, db.Write(ctx, func(tx *Tx) error { return machines.Delete(ctx, tx, o.ID, 2) }), problem.NotFound)
	wants(t, db.Write(ctx, func(tx *Tx) error { _, err := machines.Update(ctx, tx, "mac_x", 1, machine{Name: "x"}); return err }), problem.NotFound)
	// A kind that was not declared at Open is a defect, not an empty list.
	_, err = NewKind[plant]("other", "oth").List(ctx, db, Query{})
	wants(t, err, problem.Internal)
}

func full(plantID string) machine {
	limit := 7
	checked := time.Date(2025, 5, 5, 5, 5, 5, 555555555, time.FixedZone("", 7200))
	return machine{Name: "Fräse <3> & \"Co\" 日本", Purpose: text.Bi{DE: "Fräsen", EN: "Milling"}, Plant: plantID, Severity: "major",
		Tags: []string{"alt", "laut"}, Count: -3 + 6, Share: 0.1, On: true, BuiltAt: time.Date(1969, 12, 31, 23, 59, 59, 999, time.UTC),
		Operator: "Grete", Code: "M-1", Mail: "grete@werk.example", Parts: []part{{Name: "Spindel", Plant: plantID, Hours: 1e-7}},
		Place: place{Hall: "Halle 2", Since: checked}, Limit: &limit, Checked: &checked}
}

func contractRoundTrip(t *testing.T, open opener) {
	db := open(t, "db", suite())
	p := create(t, db, plants, plant{Name: "Nord"})
	want := full(p.ID)
	o := create(t, db, machines, want)
	got, err := machines.Get(ada(t), db, o.ID)
	must(t, err)
	if d := cmp.Diff(want, got.Doc); d != "" { // cmp compares times by instant
		t.Errorf("document changed:\n%s", d)
	}
	if got.Doc.Place.Since.Location() != time.UTC {
		t.Errorf("a time came back in %v", got.Doc.Place.Since.Location())
	}
	// What comes back shares nothing with what was handed in.
	want.Tags[0], *want.Limit = "neu", 99
	if o.Doc.Tags[0] != "alt" || *o.Doc.Limit != 7 {
		t.Error("the object shares memory with the caller's document")
	}
	// The JSON of an object is stable and names its members.
	rec, err := machines.GetJSON(ada(t), db, o.ID)
	must(t, err)
	var m map[string]json.RawMessage
	must(t, json.Unmarshal([]byte(asJSON(t, rec)), &m))
	if got := strings.Join(slices.Sorted(maps.Keys(m)), " "); got != "created_at created_by doc id revision title updated_at updated_by" {
		t.Errorf("members: %s", got)
	}
	many, err := machines.GetMany(ada(t), db, []string{o.ID, "mac_404", o.ID})
	must(t, err)
	if len(many) != 1 || many[o.ID].Doc.Name != o.Doc.Name {
		t.Errorf("GetMany returned %v", many)
	}
}

func contractWrongFields(t *testing.T, open opener) {
	db := open(t, "db", suite())
	try := func(m machine) []string {
		t.Helper()
		err := db.Write(t.Context(), func(tx *Tx) error { _, err := machines.Create(ada(t), tx, m); return err })
		return paths(wants(t, err, problem.BadInput))
	}
	other := create(t, db, machines, machine{Name: "A"}) // no plant, though it exists
	bad := machine{Name: "  ", Purpose: text.Bi{DE: "a\x00"}, Plant: "pla_404", Peers: []string{"mac_404", "", other.ID}, Severity: "major",
		Share: 1.5, Mail: "keine", Parts: []part{{Hours: -1}, {Name: "ok", Plant: other.ID}}, BuiltAt: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}
	want := []string{"name", "purpose.de", "peers.1", "share", "built_at", "mail", "parts.0.name", "parts.0.hours", "count", "plant", "peers.0", "parts.1.plant"}
	if d := cmp.Diff(want, try(bad)); d != "" {
		t.Errorf("wrong fields:\n%s", d)
	}
	if got := try(machine{Name: strings.Repeat("ä", 121), Severity: "huge"}); fmt.Sprint(got) != "[name severity]" {
		t.Errorf("got %v", got)
	}
	n, err := machines.Count(ada(t), db)
	must(t, err)
	if n != 1 {
		t.Errorf("%d machines were stored besides one", n-1)
	}
}

func contractStrictJSON(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	try := func(raw string) *problem.Problem {
		t.Helper()
		return wants(t, db.Write(ctx, func(tx *Tx) error { _, err := machines.CreateJSON(ctx, tx, json.RawMessage(raw)); return err }), problem.BadInput)
	}
	p := try(`{"nmae":"x","name":5,"purpose":{"de":"a","fr":"b"},"peers":"mac_1","tags":["a",1],"count":1.5,"share":"viel","on":"ja",
		"built_at":"gestern","plant":"pla_404","parts":[{"name":"a","hours":"x","color":1},7],"place":[],"severity":"huge","severity":"minor","Name":"y","mail":"x"}`)
	want := []string{"Name", "built_at", "count", "mail", "name", "nmae", "on", "parts.0.color", "parts.0.hours", "parts.1", "parts.1.name",
		"peers", "place", "plant", "purpose.fr", "severity", "share", "tags.1"}
	got := paths(p)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("wrong fields:\n%s", d)
	}
	for _, raw := range []string{``, `[]`, `"a"`, `null`, `{`, `{"name":"a"}x`, `{"name":"a"}{}`, `{"name":}`, "{\"name\":\"\xff\"}", `{"name":"a",}`} {
		try(raw)
	}
	big := `{"name":"` + strings.Repeat("a", 1<<20) + `"}`
	wants(t, db.Write(ctx, func(tx *Tx) error { _, err := machines.CreateJSON(ctx, tx, json.RawMessage(big)); return err }), problem.TooLarge)
	if err := machines.CheckJSON(json.RawMessage(`{"name":"a","limit":null,"tags":null}`)); err != nil {
		t.Errorf("null for an optional field: %v", err)
	}
	wants(t, machines.CheckJSON(json.RawMessage(`{}`)), problem.BadInput)
	var rec Record
	write(t, db, func(tx *Tx) (err error) {
		rec, err = machines.CreateJSON(ctx, tx, json.RawMessage(` {"name" : "Presse", "count": 4} `))
		return err
	})
	write(t, db, func(tx *Tx) (err error) {
		rec, err = machines.UpdateJSON(ctx, tx, rec.ID, rec.Revision, json.RawMessage(`{"name":"Presse 2"}`))
		return err
	})
	o, err := machines.Get(ctx, db, rec.ID)
	must(t, err)
	if o.Doc.Name != "Presse 2" || o.Doc.Count != 0 || o.Revision != 2 {
		t.Errorf("UpdateJSON replaced into %+v", o)
	}
}

func contractPatch(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	o := create(t, db, machines, machine{Name: "A", Count: 4, Tags: []string{"x"}, Place: place{Hall: "1"}})
	patch := func(rev int64, p string) (rec Record, err error) {
		err = db.Write(ctx, func(tx *Tx) error { rec, err = machines.PatchJSON(ctx, tx, o.ID, rev, json.RawMessage(p)); return err })
		return rec, err
	}
	_, err := patch(1, `{"name":"B","tags":null,"place":{"hall":"2"}}`)
	must(t, err)
	got, err := machines.Get(ctx, db, o.ID)
	must(t, err)
	if got.Doc.Name != "B" || got.Doc.Count != 4 || got.Doc.Tags != nil || got.Doc.Place.Hall != "2" || got.Revision != 2 {
		t.Errorf("patched into %+v", got)
	}
	_, err = patch(2, `{"name":null,"colour":"red"}`)
	if p := wants(t, err, problem.BadInput); fmt.Sprint(paths(p)) != "[colour name]" {
		t.Errorf("wrong fields %v", paths(p))
	}
	_, err = patch(2, `[]`)
	wants(t, err, problem.BadInput)
	_, err = patch(1, `{"name":"C"}`)
	if p := wants(t, err, problem.Conflict); p.Have.(Record).Revision != 2 {
		t.Errorf("conflict has %v", p.Have)
	}
}

func contractConflict(t *testing.T, open opener) {
	db := open(t, "db", suite())
	o := create(t, db, machines, machine{Name: "A"})
	theirs := update(t, db, machines, o, func(m *machine) { m.Count = 9 })
	err := db.Write(t.Context(), func(tx *Tx) error {
		doc := o.Doc
		doc.Count = 1
		_, err := machines.Update(ada(t), tx, o.ID, o.Revision, doc)
		return err
	})
	p := wants(t, err, problem.Conflict)
	if d := cmp.Diff(theirs, p.Have); d != "" {
		t.Errorf("the conflict does not carry what is stored:\n%s", d)
	}
	wants(t, db.Write(t.Context(), func(tx *Tx) error { return machines.Delete(ada(t), tx, o.ID, 1) }), problem.Conflict)
	for _, rev := range []int64{0, -1, 3} {
		wants(t, db.Write(t.Context(), func(tx *Tx) error { return machines.Delete(ada(t), tx, o.ID, rev) }), problem.Conflict)
	}
}

func contractNoChange(t *testing.T, open opener) {
	db := open(t, "db", suite())
	heard := 0
	o := create(t, db, machines, full(create(t, db, plants, plant{Name: "Nord"}).ID))
	db.OnCommit(func(_ context.Context, changes []Change) { heard += len(changes) })
	same := update(t, db, machines, o, func(*machine) {})
	if d := cmp.Diff(o, same); d != "" || heard != 0 {
		t.Errorf("an update that changes nothing announced %d changes and made\n%s", heard, d)
	}
	h, err := db.History(ada(t), "machine", o.ID)
	must(t, err)
	if len(h) != 1 {
		t.Errorf("history has %d versions", len(h))
	}
}

func contractCreateAs(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	as := func(id string) (o Object[machine], err error) {
		err = db.Write(ctx, func(tx *Tx) error { o, err = machines.CreateAs(ctx, tx, id, machine{Name: id}); return err })
		return o, err
	}
	o, err := as("mac_fraese-1")
	must(t, err)
	_, err = as("mac_fraese-1")
	if p := wants(t, err, problem.Conflict); p.Have.(Object[machine]).ID != o.ID {
		t.Errorf("conflict has %v", p.Have)
	}
	for _, id := range []string{"mac_", "mac", "pla_1", "fraese", "mac_a b", "mac_'; --", "MAC_1", "mac_" + strings.Repeat("a", 81)} {
		_, err := as(id)
		wants(t, err, problem.BadInput)
	}
	// An id that lives again goes on counting.
	write(t, db, func(tx *Tx) error { return machines.Delete(ctx, tx, o.ID, 1) })
	o, err = as("mac_fraese-1")
	must(t, err)
	if o.Revision != 3 {
		t.Errorf("reborn with revision %d, want 3", o.Revision)
	}
	h, err := db.History(ctx, "machine", o.ID)
	must(t, err)
	if len(h) != 3 || h[1].Op != Deleted || h[2].Op != Created || len(h[2].Diffs) == 0 || h[1].Diffs != nil {
		t.Errorf("history %+v", h)
	}
}

func contractBulk(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := machines.CreateMany(ctx, tx, []machine{{Name: "A"}, {Share: 2}, {Name: "C", Plant: "pla_9"}})
		if p := wants(t, err, problem.BadInput); fmt.Sprint(paths(p)) != "[1.name 1.share 2.plant]" {
			t.Errorf("wrong fields %v", paths(p))
		}
		return nil // swallowed, and still nothing stays
	})
	wants(t, err, problem.BadInput)
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := machines.CreateManyJSON(ctx, tx, []json.RawMessage{[]byte(`{"name":"A"}`), []byte(`{"nmae":"B"}`), []byte(`[]`)})
		return err
	})
	if p := wants(t, err, problem.BadInput); fmt.Sprint(paths(p)) != "[1.nmae 1.name 2]" {
		t.Errorf("wrong fields %v", paths(p))
	}
	n, err := machines.Count(ctx, db)
	must(t, err)
	if n != 0 {
		t.Fatalf("%d rows of a failed import stayed", n)
	}
	write(t, db, func(tx *Tx) error {
		all, err := machines.CreateMany(ctx, tx, []machine{{Name: "A"}, {Name: "B"}})
		if len(all) != 2 || all[1].Doc.Name != "B" {
			t.Errorf("created %v", all)
		}
		return err
	})
}

func contractUnique(t *testing.T, open opener) {
	db := open(t, "db", suite())
	a := create(t, db, machines, machine{Name: "A", Code: "1"})
	create(t, db, machines, machine{Name: "B"})
	create(t, db, machines, machine{Name: "C"}) // empty does not count
	err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := machines.Create(ada(t), tx, machine{Name: "D", Code: "1"})
		return err
	})
	if p := wants(t, err, problem.BadInput); fmt.Sprint(paths(p)) != "[code]" {
		t.Errorf("wrong fields %v", paths(p))
	}
	update(t, db, machines, a, func(m *machine) { m.Count = 1 }) // its own value is no clash
}

func contractLinks(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	p := create(t, db, plants, plant{Name: "Nord"})
	a := create(t, db, machines, machine{Name: "A", Plant: p.ID, Parts: []part{{Name: "x", Plant: p.ID}, {Name: "y", Plant: p.ID}}})
	b := create(t, db, machines, machine{Name: "B", Peers: []string{a.ID, a.ID}})
	links, err := db.LinksTo(ctx, p.ID)
	must(t, err)
	want := []Link{{"machine", a.ID, "A", "parts.plant", "plant", p.ID}, {"machine", a.ID, "A", "plant", "plant", p.ID}}
	if d := cmp.Diff(want, links); d != "" {
		t.Errorf("links:\n%s", d)
	}
	remove := func(id string, rev int64) error {
		return db.Write(ctx, func(tx *Tx) error { return machines.Delete(ctx, tx, id, rev) })
	}
	err = remove(a.ID, a.Revision)
	pr := wants(t, err, problem.Conflict)
	if have := pr.Have.([]Link); len(have) != 1 || have[0].FromID != b.ID || !strings.Contains(pr.Say.DE, "B ("+b.ID+")") {
		t.Errorf("conflict says %q and has %v", pr.Say.DE, have)
	}
	// A reference to oneself prevents nothing, and a removed one no longer does.
	a = update(t, db, machines, a, func(m *machine) { m.Peers = []string{a.ID} })
	update(t, db, machines, b, func(m *machine) { m.Peers = nil })
	must(t, remove(a.ID, a.Revision))
	links, err = db.LinksTo(ctx, p.ID)
	must(t, err)
	if len(links) != 0 {
		t.Errorf("a deleted machine still links: %v", links)
	}
	titles, err := db.Titles(ctx, db, p.ID, b.ID, a.ID, "xyz_1", "mac_404")
	must(t, err)
	if d := cmp.Diff(map[string]string{p.ID: "Nord", b.ID: "B"}, titles); d != "" {
		t.Errorf("titles:\n%s", d)
	}
}

func contractHistory(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	o1 := create(t, db, machines, machine{Name: "A", Tags: []string{"x", "y"}, Operator: "Grete"})
	o2 := update(t, db, machines, o1, func(m *machine) {
		m.Name, m.Tags, m.Purpose.DE, m.On = "B", []string{"y"}, "Zweck", true
		m.Parts = []part{{Name: "Spindel", Hours: 2.5}}
		m.BuiltAt = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	h, err := db.History(ctx, "machine", o1.ID)
	must(t, err)
	if len(h) != 2 || h[0].Op != Created || h[1].Op != Updated || h[1].Actor != "usr_ada" || h[1].At != o2.UpdatedAt || h[1].JournalIndex != -1 {
		t.Fatalf("history %+v", h)
	}
	want := []Diff{{Path: "name", Old: "A", New: "B"}, {Path: "purpose.de", New: "Zweck"}, {Path: "tags", Old: "x, y", New: "y"}, {Path: "on", Old: "false", New: "true"},
		{Path: "built_at", New: "2020-01-01T00:00:00Z"}, {Path: "parts.0.name", New: "Spindel"}, {Path: "parts.0.hours", New: "2.5"}}
	if d := cmp.Diff(want, h[1].Diffs); d != "" {
		t.Errorf("differences:\n%s", d)
	}
	if i := slices.IndexFunc(h[0].Diffs, func(d Diff) bool { return d.Path == "operator" }); i < 0 || !h[0].Diffs[i].Personal || h[0].Diffs[i].New != "Grete" {
		t.Errorf("people who may read the object read its history: %+v", h[0].Diffs)
	}
	write(t, db, func(tx *Tx) error { return machines.Delete(ctx, tx, o1.ID, 2) })
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{o1.CreatedAt.Add(-time.Microsecond), ""}, {o1.CreatedAt, "A"}, {o2.UpdatedAt.Add(-time.Microsecond), "A"},
		{o2.UpdatedAt, "B"}, {o2.UpdatedAt.Add(time.Hour), ""},
	} {
		got, err := machines.AsOf(ctx, db, o1.ID, c.at)
		if c.want == "" {
			wants(t, err, problem.NotFound)
			continue
		}
		must(t, err)
		if got.Doc.Name != c.want || got.CreatedAt != o1.CreatedAt || got.Title != c.want {
			t.Errorf("as of %v: %+v, want %s", c.at, got, c.want)
		}
	}
	_, err = db.History(ctx, "nothing", "x")
	wants(t, err, problem.NotFound)
	_, err = db.History(ctx, "plant", o1.ID)
	wants(t, err, problem.NotFound)
}

func contractClock(t *testing.T, open opener) {
	o := suite()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	db := open(t, "db", o)
	m := create(t, db, machines, machine{Name: "A"})
	now = now.Add(-time.Hour)
	m = update(t, db, machines, m, func(m *machine) { m.Name = "B" })
	if m.UpdatedAt.Before(m.CreatedAt) {
		t.Errorf("updated %v, before it was created %v", m.UpdatedAt, m.CreatedAt)
	}
	got, err := machines.AsOf(ada(t), db, m.ID, m.CreatedAt)
	must(t, err)
	if got.Doc.Name != "B" {
		t.Errorf("as of the last instant: %s", got.Doc.Name)
	}
}

// contractFace: the untyped face says enough to build an API and a form, and
// reads what the typed one writes.
func contractFace(t *testing.T, open opener) {
	db := open(t, "db", suite())
	k := db.Kinds()[1]
	var got []string
	for _, f := range k.Fields() {
		flags := ""
		for name, on := range map[string]bool{"index": f.Index, "search": f.Search, "personal": f.Personal, "required": f.Required,
			"unique": f.Unique, "list": f.List, "bilingual": f.Bilingual, "optional": f.Optional} {
			if on {
				flags += " " + name
			}
		}
		words := strings.Fields(flags)
		slices.Sort(words)
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %v %d %s", f.Name, f.Type, f.Format, f.Ref, f.Enum, len(f.Fields), strings.Join(words, " "))))
	}
	want := []string{"name string   [] 0 index required search", "purpose object   [] 0 bilingual index search", "plant string  plant [] 0 index",
		"peers string  machine [] 0 index list", "severity string   [minor major] 0 index", "tags string   [] 0 index list", "count integer   [] 0 index",
		"share number   [] 0 index", "on boolean   [] 0 index", "built_at string date-time  [] 0 index", "operator string   [] 0 personal search",
		"code string   [] 0 index unique", "mail string email  [] 0 personal", "parts object   [] 3 list", "place object   [] 2", "limit integer   [] 0 optional",
		"checked string date-time  [] 0 optional"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields:\n%s", d)
	}
	if k.Name() != "machine" || k.Prefix() != "mac" || !slices.Contains(k.Indexes(), "place.hall") || slices.Contains(k.Indexes(), "mail") {
		t.Errorf("%s %s %v", k.Name(), k.Prefix(), k.Indexes())
	}
	o := create(t, db, machines, machine{Name: "A"})
	p, err := k.ListJSON(ada(t), db, Query{Sort: "place.hall"})
	must(t, err)
	was, err := k.AsOfJSON(ada(t), db, o.ID, o.CreatedAt)
	must(t, err)
	if len(p.Items) != 1 || string(p.Items[0].Doc) != string(was.Doc) || was.Meta != o.Meta {
		t.Errorf("list %v, as of %v, object %v", p, was, o)
	}
	var m machine
	must(t, json.Unmarshal(was.Doc, &m))
	if d := cmp.Diff(o.Doc, m); d != "" {
		t.Errorf("the JSON differs from the document:\n%s", d)
	}
}

// contractDamaged: a stored document that no longer reads is Corrupt, and is
// named, wherever it turns up.
func contractDamaged(t *testing.T, open opener) {
	db := open(t, "db", suite())
	o := create(t, db, machines, machine{Name: "A"})
	write(t, db, func(tx *Tx) error {
		_, err := tx.s.Exec(t.Context(), "UPDATE o_machine SET doc = $1", `{"name":5}`)
		return err
	})
	_, err := machines.Get(ada(t), db, o.ID)
	wants(t, err, problem.Corrupt)
	_, err = machines.List(ada(t), db, Query{})
	wants(t, err, problem.Corrupt)
	_, err = machines.AsOf(ada(t), db, o.ID, o.CreatedAt) // history still has it
	must(t, err)
}
