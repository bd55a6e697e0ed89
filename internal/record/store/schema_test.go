package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
)

// The third shape of a kind whose first two are golden documents in testdata:
// shape 1 had hours as text and one owner; shape 2 had owners.
type pump struct {
	Name   string   `json:"name" store:"index,search"`
	Hours  int      `json:"hours" store:"index"`
	Owners []string `json:"owners" store:"index"`
	Loud   bool     `json:"loud" store:"index"`
}

func (p *pump) Title() string { return p.Name }

type pumpV1 struct {
	Name  string `json:"name"`
	Hours string `json:"hours" store:"index"`
	Owner string `json:"owner" store:"index"`
}

type pumpV2 struct {
	Name   string   `json:"name" store:"index"`
	Hours  string   `json:"hours"`
	Owners []string `json:"owners" store:"index"`
}

func upgradePump(version int, raw json.RawMessage) (json.RawMessage, error) {
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if version == 1 {
		m["owners"] = []any{m["owner"]}
		delete(m, "owner")
	}
	var hours int
	if _, err := fmt.Sscan(m["hours"].(string), &hours); err != nil {
		return nil, err
	}
	m["hours"] = hours
	return json.Marshal(m)
}

func of(kinds ...AnyKind) Options {
	o := suite()
	o.Kinds = kinds
	return o
}

func contractUpgrade(t *testing.T, open opener) {
	golden := func(name string) json.RawMessage {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		must(t, err)
		return raw
	}
	v1 := NewKind[pumpV1]("pump", "pmp")
	v2 := NewKind[pumpV2]("pump", "pmp", Upgrade(2, func(_ int, raw json.RawMessage) (json.RawMessage, error) {
		return []byte(strings.Replace(string(raw), `"owner":"Grete"`, `"owners":["Grete"]`, 1)), nil
	}))
	v3 := NewKind[pump]("pump", "pmp", Upgrade(3, upgradePump))
	for i, old := range []AnyKind{v1, v2} {
		name := fmt.Sprintf("pump_%d.json", i+1)
		db := open(t, name, of(old))
		var rec Record
		write(t, db, func(tx *Tx) (err error) {
			rec, err = old.CreateJSON(ada(t), tx, golden(name))
			return err
		})
		before, err := db.History(ada(t), "pump", rec.ID)
		must(t, err)
		must(t, db.Close())

		db = open(t, name, of(v3))
		o, err := v3.Get(ada(t), db, rec.ID)
		must(t, err)
		if o.Doc.Name != "Pumpe" || o.Doc.Hours != 120 || !slices.Equal(o.Doc.Owners, []string{"Grete"}) || o.Revision != 1 || o.Title != "Pumpe" || o.UpdatedAt != rec.UpdatedAt {
			t.Errorf("%s became %+v", name, o)
		}
		// Its indexes are those of the new shape.
		for _, f := range []Filter{Where("hours", ">", 100), Where("owners", "has", "Grete"), Where("name", "=", "Pumpe"), Where("loud", "=", false)} {
			if n, err := v3.Count(ada(t), db, f); err != nil || n != 1 {
				t.Errorf("%s: %v counted %d, %v", name, f, n, err)
			}
		}
		if p, err := v3.List(ada(t), db, Query{Search: "ump"}); err != nil || p.Total != 1 {
			t.Errorf("%s: search found %d, %v", name, p.Total, err)
		}
		// History keeps what was journaled and shows it in today's words.
		h, err := db.History(ada(t), "pump", rec.ID)
		must(t, err)
		if len(h) != 1 || h[0].Hash != before[0].Hash || !slices.ContainsFunc(h[0].Diffs, func(d Diff) bool { return d.Path == "owners" && d.New == "Grete" }) {
			t.Errorf("%s: history %+v", name, h)
		}
		was, err := v3.AsOf(ada(t), db, rec.ID, rec.UpdatedAt.Add(time.Hour))
		must(t, err)
		if was.Doc.Hours != 120 {
			t.Errorf("%s: as of then %+v", name, was)
		}
		o = update(t, db, v3, o, func(p *pump) { p.Hours++ })
		if o.Revision != 2 {
			t.Errorf("%s: revision %d", name, o.Revision)
		}
	}
}

type lampV1 struct {
	Name  string   `json:"name"`
	State severity `json:"state"`
}

type lampV2 struct {
	Name  string    `json:"name" store:"index,search,required"`
	State severity3 `json:"state" store:"index"`
	Since time.Time `json:"since" store:"index"`
	Rooms []string  `json:"rooms" store:"index"`
}

type severity3 string

func (severity3) Values() []string { return []string{"minor", "major", "fatal"} }

func contractAdditive(t *testing.T, open opener) {
	v1, v2 := NewKind[lampV1]("lamp", "lmp"), NewKind[lampV2]("lamp", "lmp")
	db := open(t, "db", of(v1))
	a := create(t, db, v1, lampV1{Name: "Ampel", State: "major"})
	must(t, db.Close())
	db = open(t, "db", of(v2))
	p, err := v2.List(ada(t), db, Query{Search: "mpe", Sort: "name", Filters: []Filter{Where("state", "=", "major"), Where("since", "=", time.Time{})}})
	must(t, err)
	if p.Total != 1 || p.Items[0].ID != a.ID || p.Items[0].Revision != 1 {
		t.Errorf("found %+v", p)
	}
	must(t, db.Close())
	db = open(t, "db", of(v2)) // nothing left to do
	must(t, db.Close())
	table := NewTable[pumpV1]("plain")
	if _, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "x.db"), Tables: []AnyTable{table}}); err == nil {
		t.Error("a table without a key was accepted")
	}
}

func contractIncompatible(t *testing.T, open opener) {
	v2 := NewKind[lampV2]("lamp", "lmp")
	db := open(t, "db", of(v2))
	o := create(t, db, v2, lampV2{Name: "Ampel", State: "fatal"})
	must(t, db.Close())
	_, err := Open(t.Context(), db.place(of(NewKind[lampV1]("lamp", "lmp"))))
	p := wants(t, err, problem.Unavailable)
	for _, want := range []string{"lamp", "rooms is gone", "since is gone", "state lost the value fatal"} {
		if !strings.Contains(p.Say.EN, want) {
			t.Errorf("%q does not say %q", p.Say.EN, want)
		}
	}
	db = open(t, "db", of(v2)) // and nothing was touched
	if _, err := v2.Get(ada(t), db, o.ID); err != nil {
		t.Error(err)
	}
	must(t, db.Close())
	type row struct {
		Key   string `json:"key" store:"key"`
		Value string `json:"value"`
	}
	type longer struct {
		Key   string   `json:"key" store:"key"`
		Value string   `json:"value"`
		More  []string `json:"more"`
		N     int      `json:"n" store:"index"`
	}
	type other struct {
		Key   string `json:"key" store:"key"`
		Value int    `json:"value"`
	}
	db = open(t, "rows", withTables(NewTable[row]("plain")))
	write(t, db, func(tx *Tx) error { return NewTable[row]("plain").Put(t.Context(), tx, row{"a", "b"}) })
	must(t, db.Close())
	grown := NewTable[longer]("plain")
	db = open(t, "rows", withTables(grown))
	got, err := grown.Get(t.Context(), db, "a")
	must(t, err)
	if got.Value != "b" || got.N != 0 || got.More != nil {
		t.Errorf("row %+v", got)
	}
	must(t, db.Close())
	_, err = Open(t.Context(), db.place(withTables(NewTable[other]("plain"))))
	wants(t, err, problem.Unavailable)
}

func contractNewer(t *testing.T, open opener) {
	db := open(t, "db", of(NewKind[pump]("pump", "pmp", Upgrade(3, upgradePump))))
	must(t, db.Close())
	_, err := Open(t.Context(), db.place(of(NewKind[pump]("pump", "pmp", Upgrade(2, upgradePump)))))
	wants(t, err, problem.Unavailable)
}

// TestDeclarations holds what a kind cannot be.
func TestDeclarations(t *testing.T) {
	type free struct {
		Any map[string]any `json:"any"`
	}
	type ref struct {
		To string `json:"to" store:"ref=nothing"`
	}
	type base struct {
		At time.Time `json:"created_at" store:"index"`
	}
	for want, kinds := range map[string][]AnyKind{
		"no field is free JSON":      {NewKind[free]("free", "fre")},
		"refers to kind \"nothing\"": {NewKind[ref]("ref", "ref")},
		"is taken":                   {NewKind[plant]("plant", "pla"), NewKind[pump]("pump", "pla")},
		"lower-case word":            {NewKind[plant]("Plant; DROP", "pla")},
		"belongs to every object":    {NewKind[base]("base", "bas")},
		"has no upgrade":             {NewKind[plant]("plant", "pla", Upgrade(2, nil))},
	} {
		_, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "x.db"), Kinds: kinds})
		if !problem.Is(err, problem.Internal) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
