package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/query"
	"augenmass/internal/text"
)

// listNames lists the names of the first page.
func listNames(t *testing.T, db *DB, q Query) string {
	t.Helper()
	if q.Sort == "" {
		q.Sort = "name"
	}
	p, err := machines.List(ada(t), db, q)
	must(t, err)
	if p.Total != len(p.Items) {
		t.Errorf("total %d of %d items", p.Total, len(p.Items))
	}
	return strings.Join(names(p.Items), " ")
}

func contractSearch(t *testing.T, open opener) {
	db := open(t, "db", suite())
	create(t, db, machines, machine{Name: "Fräsmaschine", Purpose: text.Bi{DE: "Zähne fräsen", EN: "Cut gears"}})
	press := create(t, db, machines, machine{Name: "Presse Groß 3", Operator: "Ärmel"})
	create(t, db, plants, plant{Name: "Fräswerk"})
	for q, want := range map[string]string{
		"maschine": "Fräsmaschine", "FRÄS": "Fräsmaschine", "fraes": "Fräsmaschine", "fras": "Fräsmaschine", "zähne cut": "Fräsmaschine",
		"gross": "Presse Groß 3", "groß 3": "Presse Groß 3", "3": "Presse Groß 3", "ss": "Presse Groß 3", "aermel presse": "Presse Groß 3",
		"maschine presse": "", "x": "", " \t\n": "Fräsmaschine Presse Groß 3", "": "Fräsmaschine Presse Groß 3",
	} {
		if got := listNames(t, db, Query{Search: q}); got != want {
			t.Errorf("search %q found %q, want %q", q, got, want)
		}
	}
	press = update(t, db, machines, press, func(m *machine) { m.Name = "Stanze" })
	if got := listNames(t, db, Query{Search: "presse"}); got != "" {
		t.Errorf("the old name still finds %q", got)
	}
	write(t, db, func(tx *Tx) error { return machines.Delete(ada(t), tx, press.ID, press.Revision) })
	if got := listNames(t, db, Query{Search: "stanze"}); got != "" {
		t.Errorf("a deleted machine is found: %q", got)
	}
	hits, err := db.Search(ada(t), db, "fräs", 10)
	must(t, err)
	if len(hits) != 2 || hits[0].Title != "Fräswerk" || hits[1].Kind != "machine" {
		t.Errorf("found %v", hits)
	}
	_, err = machines.List(ada(t), db, Query{Search: strings.Repeat("wort ", 17)})
	wants(t, err, problem.BadInput)
}

func contractFilters(t *testing.T, open opener) {
	db := open(t, "db", suite())
	nord, sued := create(t, db, plants, plant{Name: "Nord"}), create(t, db, plants, plant{Name: "Süd"})
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	a := create(t, db, machines, machine{Name: "A", Plant: nord.ID, Tags: []string{"alt", "laut"}, Count: 1, Share: -0.5, BuiltAt: day(1), Place: place{Hall: "Halle 10"}})
	create(t, db, machines, machine{Name: "B", Plant: sued.ID, Tags: []string{"laut"}, Count: 2, Share: 0.25, On: true, BuiltAt: day(2), Severity: "major",
		Peers: []string{a.ID}, Place: place{Hall: "Halle 2"}, Purpose: text.Bi{DE: "bohren", EN: "drill"}})
	create(t, db, machines, machine{Name: "Ba", Count: 3, Share: 0.75, Parts: []part{{Name: "p", Plant: nord.ID}}, Place: place{Hall: "halle 3"}})
	for _, c := range []struct {
		want string
		f    []Filter
	}{
		{"A B Ba", nil},
		{"A", []Filter{Where("name", "=", "A")}},
		{"B Ba", []Filter{Where("name", "!=", "A")}},
		{"B Ba", []Filter{Where("name", "prefix", "B")}},
		{"A B Ba", []Filter{Where("name", "prefix", "")}},
		{"", []Filter{Where("name", "prefix", "b")}},
		{"A Ba", []Filter{Where("name", "in", "A", "Ba", "C")}},
		{"", []Filter{Where("name", "in")}},
		{"B Ba", []Filter{Where("name", ">", "A")}},
		{"A B Ba", []Filter{Where("name", ">", "a")}}, // as readers sort: a, A, b
		{"A", []Filter{Where("plant", "=", nord.ID)}},
		{"Ba", []Filter{Where("plant", "=", "")}},
		{"Ba", []Filter{Where("parts.plant", "has", nord.ID)}},
		{"B", []Filter{Where("peers", "has", a.ID)}},
		{"B", []Filter{Where("severity", "=", severity("major"))}},
		{"A B", []Filter{Where("tags", "has", "laut")}},
		{"A", []Filter{Where("tags", "has", "laut"), Where("tags", "has", "alt")}},
		{"A B", []Filter{Where("tags", "in", "alt", "laut")}},
		{"", []Filter{Where("tags", "has", "")}},
		{"A B", []Filter{Where("count", "<=", 2)}},
		{"Ba", []Filter{Where("count", ">", "2")}},
		{"B", []Filter{Where("count", "=", 2.0)}},
		{"A", []Filter{Where("share", "<", 0)}},
		{"B Ba", []Filter{Where("share", ">=", "0.25")}},
		{"B", []Filter{Where("on", "=", true)}},
		{"A Ba", []Filter{Where("on", "=", "false")}},
		{"B", []Filter{Where("built_at", ">", day(1))}},
		{"B", []Filter{Where("built_at", ">=", "2026-01-02")}},
		{"A", []Filter{Where("built_at", "=", "2026-01-01T01:00:00+01:00")}},
		{"Ba", []Filter{Where("built_at", "=", time.Time{})}},
		{"B Ba", []Filter{Where("place.hall", "<", "Halle 10")}},
		{"B", []Filter{Where("purpose", "=", "bohren")}},
		{"B", []Filter{Where("purpose.en", "=", "drill")}},
		{"A", []Filter{Where("id", "=", a.ID)}},
		{"A B Ba", []Filter{Where("created_by", "=", "usr_ada"), Where("updated_at", ">", day(1))}},
	} {
		if got := listNames(t, db, Query{Filters: c.f}); got != c.want {
			t.Errorf("%v let through %q, want %q", c.f, got, c.want)
		}
		n, err := machines.Count(ada(t), db, c.f...)
		must(t, err)
		if n != len(strings.Fields(c.want)) {
			t.Errorf("%v counted %d, want %q", c.f, n, c.want)
		}
	}
}

// contractAllowList: what is not declared, or does not fit, is BadInput and
// names its place.
func contractAllowList(t *testing.T, open opener) {
	db := open(t, "db", suite())
	inject := `name" OR 1=1; DROP TABLE o_machine; --`
	for _, c := range []struct {
		path string
		q    Query
	}{
		{"filter.mail", Query{Filters: []Filter{Where("mail", "=", "x")}}}, // not indexed
		{"filter." + inject, Query{Filters: []Filter{Where(inject, "=", "x")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "= 1 OR 1 =", "x")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "", "x")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "like", "x")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "=")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "=", "a", "b")}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "=", nil)}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "=", 5)}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "in", make([]any, 1001)...)}}},
		{"filter.name", Query{Filters: []Filter{Where("name", "has", "x")}}},
		{"filter.tags", Query{Filters: []Filter{Where("tags", "<", "x")}}},
		{"filter.count", Query{Filters: []Filter{Where("count", "=", "1 OR 1=1")}}},
		{"filter.count", Query{Filters: []Filter{Where("count", "prefix", "1")}}},
		{"filter.count", Query{Filters: []Filter{Where("count", "=", 1.5)}}},
		{"filter.built_at", Query{Filters: []Filter{Where("built_at", "=", "gestern")}}},
		{"filter.share", Query{Filters: []Filter{Where("share", "=", "NaN")}}},
		{"sort", Query{Sort: inject}}, {"sort", Query{Sort: "mail"}}, {"sort", Query{Sort: "-tags"}}, {"sort", Query{Sort: "--name"}}, {"sort", Query{Sort: "name desc"}},
		{"limit", Query{Limit: -1}}, {"limit", Query{Limit: 501}},
		{"cursor", Query{Cursor: "x"}}, {"cursor", Query{Cursor: "e30"}}, {"cursor", Query{Cursor: "bnVsbA"}},
	} {
		_, err := machines.List(ada(t), db, c.q)
		if p := wants(t, err, problem.BadInput); !slices.Contains(paths(p), c.path) {
			t.Errorf("%v: wrong fields %v, want %s", c.q, paths(p), c.path)
		}
	}
	_, err := machines.List(ada(t), db, Query{Sort: "nope", Limit: 1000, Filters: []Filter{Where("a", "=", 1), Where("b", "=", 1)}})
	if p := wants(t, err, problem.BadInput); fmt.Sprint(paths(p)) != "[limit filter.a filter.b sort]" {
		t.Errorf("not everything wrong was named: %v", paths(p))
	}
}

// contractHostile: nothing that people type breaks a search, a filter or a
// document.
func contractHostile(t *testing.T, open opener) {
	db := open(t, "db", suite())
	texts := []string{`"`, `'`, `""`, `"""`, `' OR 1=1 --`, `"a" OR "b"`, `a*`, `^a`, `name:abc`, `NEAR(a b)`, `NOT abc`, `abc AND`, `(abc`, `abc)`, `-abc`, `%`, `_`, `%%%`,
		`\`, `{abc}`, `a"b`, `日本語`, `🙂🙂🙂`, `i̇stanbul`, "abc\u0000def", "\u202eabc", `$1 $2`, `?1`, `;`, `abc;DROP TABLE words`, strings.Repeat("a", 5000), `a b c`, "ﬁne", "Straße"}
	stored := map[string]string{}
	for i, s := range texts {
		doc := machine{Name: fmt.Sprintf("M%d", i), Purpose: text.Bi{DE: strings.ReplaceAll(s, "\x00", " ")}}
		o := create(t, db, machines, doc)
		stored[o.ID] = query.Fold(doc.Name + "\n" + s)
	}
	for _, s := range texts {
		p, err := machines.List(ada(t), db, Query{Search: s, Limit: 500})
		if err != nil {
			t.Errorf("search %q: %v", s, err)
			continue
		}
		got := map[string]bool{}
		for _, o := range p.Items {
			got[o.ID] = true
		}
		for id, have := range stored {
			want := true
			for _, w := range strings.Fields(query.Fold(s)) {
				want = want && strings.Contains(have, w)
			}
			if got[id] != want {
				t.Errorf("search %q: found %v, want %v in %.60q", s, got[id], want, have)
			}
		}
		n, err := machines.Count(ada(t), db, Where("purpose", "=", s))
		if err != nil || !strings.Contains(s, "\x00") && n != 1 {
			t.Errorf("filter %.60q: %d found, %v", s, n, err)
		}
	}
}

// contractLong: an indexed text may be as long as a document. It is found by
// equality and in lists, and its place in a sort is that of its beginning.
func contractLong(t *testing.T, open opener) {
	db := open(t, "db", suite())
	noise := make([]byte, 60_000)
	if _, err := seeded(5).Read(noise); err != nil {
		t.Fatal(err)
	}
	long := hex.EncodeToString(noise) // nothing that an engine could press together
	a := create(t, db, machines, machine{Name: "A", Purpose: text.Bi{DE: long}, Code: long, Tags: []string{long, long + "x"}, Place: place{Hall: "b" + long}})
	create(t, db, machines, machine{Name: "B", Purpose: text.Bi{DE: long + "x"}, Code: long + "x", Tags: []string{long + "y"}, Place: place{Hall: "a" + long}})
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Filters: []Filter{Where("purpose", "=", long)}}, "A"},
		{Query{Filters: []Filter{Where("purpose", "prefix", long)}}, "A B"},
		{Query{Filters: []Filter{Where("tags", "has", long+"x")}}, "A"},
		{Query{Filters: []Filter{Where("tags", "in", long, long+"y")}}, "A B"},
		{Query{Filters: []Filter{Where("tags", "has", long[:500])}}, ""},
		{Query{Sort: "place.hall"}, "B A"},
	} {
		if got := listNames(t, db, c.q); got != c.want {
			t.Errorf("%.80v let through %q, want %q", c.q, got, c.want)
		}
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := machines.Create(ada(t), tx, machine{Name: "C", Code: a.Doc.Code})
		return err
	})
	if p := wants(t, err, problem.BadInput); !slices.Contains(paths(p), "code") {
		t.Errorf("wrong fields %v", paths(p))
	}
}

// contractNoText: U+0000 and bytes that are no UTF-8 are refused in documents;
// plain tables, which take what comes, store U+FFFD instead, and every filter
// looks for the same.
func contractNoText(t *testing.T, open opener) {
	type row struct {
		Key  string   `json:"key" store:"key"`
		Kind string   `json:"kind" store:"index"`
		List []string `json:"list"`
	}
	table := NewTable[row]("raw")
	db := open(t, "db", withTables(table))
	bad := "a\x00b\xffc"
	write(t, db, func(tx *Tx) error {
		return table.Put(t.Context(), tx, row{Key: bad, Kind: bad, List: []string{"a\x00b"}})
	})
	got, err := table.Get(t.Context(), db, bad)
	must(t, err)
	if got.Key != "a\uFFFDb\uFFFDc" || got.Kind != got.Key || got.List[0] != "a\x00b" {
		t.Errorf("read %q", got)
	}
	n, err := table.Count(t.Context(), db, Where("kind", "=", bad))
	must(t, err)
	if n != 1 {
		t.Errorf("%d rows found", n)
	}
}

// contractAlong: reading along the sort changes no row of a page.
func contractAlong(t *testing.T, open opener) {
	db := open(t, "db", suite())
	for i := range 40 {
		m := machine{Name: fmt.Sprintf("Maschine %02d", i), Count: 1 + i%7}
		if m.Severity = "minor"; m.Count > 3 {
			m.Severity = "major"
		}
		create(t, db, machines, m)
	}
	for _, filters := range [][]Filter{
		{Where("severity", "in", "minor", "major")}, {Where("severity", "!=", "minor"), Where("count", "<", 5)},
		{Where("severity", "in", "major"), Where("name", "!=", "Maschine 03")}, {Where("severity", "=", "minor"), Where("name", "prefix", "Maschine 1")},
	} {
		q := Query{Filters: filters, Sort: "-count", Limit: 3}
		plain := all(ada(t), t, db, q, func() {})
		q.Along = true
		if got := all(ada(t), t, db, q, func() {}); len(plain) == 0 || !slices.Equal(got, plain) {
			t.Errorf("%v: %v along the sort, %v without", filters, got, plain)
		}
	}
}

func contractSorting(t *testing.T, open opener) {
	db := open(t, "db", suite())
	sorted := []string{"", "Ärger", "Apfel", "apfel", "Halle 2", "Halle 10", "Ofen", "Öl", "Zug", "Äpfel"}
	for i, s := range sorted {
		create(t, db, machines, machine{Name: fmt.Sprint(i), Place: place{Hall: s}})
	}
	p, err := machines.List(ada(t), db, Query{Sort: "place.hall"})
	must(t, err)
	var got []string
	for _, o := range p.Items {
		got = append(got, o.Doc.Place.Hall)
	}
	cmp := text.Compare(text.DE)
	if !slices.IsSortedFunc(got, cmp) {
		t.Errorf("sorted %q, which text.Compare does not agree with", got)
	}
	p, err = machines.List(ada(t), db, Query{Sort: "-place.hall"})
	must(t, err)
	if p.Items[len(p.Items)-1].Doc.Place.Hall != "" {
		t.Errorf("downwards, the empty hall comes last; got %q", p.Items[len(p.Items)-1].Doc.Place.Hall)
	}
	if p.Items[0].Doc.Place.Hall != "Zug" {
		t.Errorf("downwards starts with %q", p.Items[0].Doc.Place.Hall)
	}
}

var sorts = []string{"", "-id", "name", "-name", "severity", "count", "-count", "share", "-share", "on", "built_at", "-built_at", "purpose.en", "place.hall", "title", "-created_at", "updated_at"}

// all pages through a query and returns the ids as they came.
func all(ctx context.Context, t require, db *DB, q Query, between func()) (ids []string) {
	for page := 0; ; page++ {
		p, err := machines.List(ctx, db, q)
		if err != nil {
			t.Fatalf("page %d of %+v: %v", page, q, err)
		}
		if len(p.Items) > q.Limit || p.Next != "" && len(p.Items) != q.Limit {
			t.Fatalf("page %d of %+v has %d items and next %q", page, q, len(p.Items), p.Next)
		}
		for _, o := range p.Items {
			ids = append(ids, o.ID)
		}
		if p.Next == "" {
			return ids
		}
		if page > 1000 {
			t.Fatalf("%+v does not end", q)
		}
		q.Cursor = p.Next
		between()
	}
}

type require interface{ Fatalf(string, ...any) }

// contractPaging: under every sort, filter and page size, the pages together
// are the list, without gaps or doubles, and Total is its length.
func contractPaging(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	word := rapid.SampledFrom([]string{"", "a", "A", "ä", "b", "Halle 2", "Halle 10", "z", "ß"})
	rapid.Check(t, func(rt *rapid.T) {
		docs := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) machine {
			return machine{Name: "n" + word.Draw(rt, "name"), Purpose: text.Bi{EN: word.Draw(rt, "purpose")}, Count: rapid.IntRange(-2, 2).Draw(rt, "count"),
				Share: rapid.SampledFrom([]float64{-1e300, -0.1, 0, 1e-300, 0.3, 1}).Draw(rt, "share"), On: rapid.Bool().Draw(rt, "on"),
				BuiltAt: time.Unix(rapid.Int64Range(-2, 2).Draw(rt, "built"), 0), Place: place{Hall: word.Draw(rt, "hall")}}
		}), 0, 25).Draw(rt, "docs")
		err := db.Write(ctx, func(tx *Tx) error {
			tx.session().Exec(ctx, "DELETE FROM o_machine")
			_, err := machines.CreateMany(ctx, tx, docs)
			return err
		})
		if err != nil {
			rt.Fatal(err)
		}
		q := Query{Sort: rapid.SampledFrom(sorts).Draw(rt, "sort"), Limit: MaxLimit}
		if rapid.Bool().Draw(rt, "filtered") {
			q.Filters = []Filter{Where("count", ">=", rapid.IntRange(-2, 2).Draw(rt, "least"))}
		}
		whole := all(ctx, rt, db, q, func() {})
		q.Limit = rapid.IntRange(1, 9).Draw(rt, "limit")
		first, err := machines.List(ctx, db, q)
		if err != nil {
			rt.Fatal(err)
		}
		if first.Total != len(whole) {
			rt.Fatalf("total %d, want %d", first.Total, len(whole))
		}
		pages := all(ctx, rt, db, q, func() {})
		if !slices.Equal(whole, pages) {
			rt.Fatalf("pages of %+v gave\n%v, the list is\n%v", q, pages, whole)
		}
		if len(q.Filters) == 0 && len(whole) != len(docs) {
			rt.Fatalf("%d of %d documents listed", len(whole), len(docs))
		}
	})
}

// contractPagingInserts: rows that come in while somebody pages neither push
// others out of the list nor show them twice.
func contractPagingInserts(t *testing.T, open opener) {
	db := open(t, "db", suite())
	ctx := ada(t)
	for _, sort := range []string{"", "name", "-name", "-count", "-created_at"} {
		write(t, db, func(tx *Tx) error { _, err := tx.session().Exec(ctx, "DELETE FROM o_machine"); return err })
		var before []string
		for i := range 12 {
			before = append(before, create(t, db, machines, machine{Name: fmt.Sprint(i % 5), Count: i % 3}).ID)
		}
		got := all(ctx, t, db, Query{Sort: sort, Limit: 3}, func() {
			create(t, db, machines, machine{Name: "0"})
			create(t, db, machines, machine{Name: "9", Count: 9})
		})
		seen := map[string]int{}
		for _, id := range got {
			seen[id]++
			if seen[id] > 1 {
				t.Fatalf("sort %q shows %s twice", sort, id)
			}
			if len(got) > 200 {
				t.Fatal("the list grows faster than it is read")
			}
		}
		for _, id := range before {
			if seen[id] != 1 {
				t.Errorf("sort %q lost %s", sort, id)
			}
		}
	}
	// A cursor belongs to its query.
	p, err := machines.List(ctx, db, Query{Sort: "name", Limit: 3})
	must(t, err)
	for _, q := range []Query{{Sort: "-name"}, {Sort: ""}, {Sort: "name", Search: "x"}, {Sort: "name", Filters: []Filter{Where("count", "=", 1)}}} {
		q.Cursor, q.Limit = p.Next, 3
		_, err := machines.List(ctx, db, q)
		wants(t, err, problem.BadInput)
	}
	_, err = plants.List(ctx, db, Query{Sort: "name", Limit: 3, Cursor: p.Next})
	wants(t, err, problem.BadInput)
}

// contractQueries holds reads to a fixed number of statements, however many
// rows there are.
func contractQueries(t *testing.T, open opener) {
	db := open(t, "db", suite())
	p := create(t, db, plants, plant{Name: "Nord"})
	var ids []string
	for i := range 60 {
		ids = append(ids, create(t, db, machines, machine{Name: fmt.Sprint(i), Plant: p.ID}).ID)
	}
	for name, c := range map[string]struct {
		most int64
		read func(ctx context.Context) error
	}{
		"get":      {1, func(ctx context.Context) error { _, err := machines.Get(ctx, db, ids[0]); return err }},
		"get many": {1, func(ctx context.Context) error { _, err := machines.GetMany(ctx, db, ids); return err }},
		"list": {2, func(ctx context.Context) error {
			_, err := machines.List(ctx, db, Query{Sort: "name", Search: "1"})
			return err
		}},
		"count":   {1, func(ctx context.Context) error { _, err := machines.Count(ctx, db); return err }},
		"history": {1, func(ctx context.Context) error { _, err := db.History(ctx, "machine", ids[0]); return err }},
		"links":   {2, func(ctx context.Context) error { _, err := db.LinksTo(ctx, p.ID); return err }},
		"titles":  {2, func(ctx context.Context) error { _, err := db.Titles(ctx, db, append(ids, p.ID)...); return err }},
	} {
		ctx, n := CountQueries(ada(t))
		must(t, c.read(ctx))
		if *n < 1 || *n > c.most {
			t.Errorf("%s took %d queries, want at most %d", name, *n, c.most)
		}
	}
}
