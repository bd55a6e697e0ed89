package control_test

import (
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

// today is the day of every test.
var today = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func days(n int) time.Time { return today.AddDate(0, 0, n) }

// book is a library that tests write by hand.
type book map[string][]packs.Mapping

func (b book) Mappings(id string) []packs.Mapping { return b[id] }

func (b book) Cited(id string) (string, text.Bi, text.Bi, bool) {
	return "Ref " + id, text.Same("Titel " + id), text.Bi{}, true
}

// with adds a mapping, found from both sides.
func (b book) with(from string, rel packs.Relation, to string) book {
	m := packs.Mapping{From: from, To: to, Relation: rel}
	b[from] = append(b[from], m)
	b[to] = append(b[to], m.Turned())
	return b
}

// small is a framework with one area of the management system and controls.
func small() packs.Framework {
	fw := packs.Framework{ID: "norm", Title: text.Same("Norm"), SoA: true, Version: "1.0.0"}
	for _, a := range []struct {
		id, phase string
		clauses   []string
	}{{"context", "plan", []string{"n.4.1", "n.4.2"}}, {"operation", "do", []string{"n.8.1"}}, {"evaluation", "check", []string{"n.9.1"}},
		{"improvement", "act", []string{"n.10.1"}}, {"controls", "do", []string{"n.A.2.2", "n.A.2.3", "n.A.3.2"}}} {
		area := packs.Area{ID: a.id, Title: text.Same(a.id), Phase: a.phase}
		for _, c := range a.clauses {
			area.Items = append(area.Items, packs.Item{Clause: c, Days: 2, Evidence: []string{"document"}})
		}
		fw.Areas = append(fw.Areas, area)
	}
	return fw
}

// sayings are records as Records gives them.
func sayings(recs ...control.Record) control.Sayings {
	out := control.Sayings{}
	for i, r := range recs {
		if r.Framework == "" {
			r.Framework = "norm"
		}
		r.Default()
		out[r.Key] = store.Object[control.Record]{Meta: store.Meta{ID: fmt.Sprintf("ctl_%d", i), Revision: 1}, Doc: r}
	}
	return out
}

func said(clause string, s control.Status) control.Record {
	return control.Record{Clause: clause, Status: s}
}

// shows is evidence filed for clauses.
func shows(id string, clauses ...string) store.Object[control.Evidence] {
	return store.Object[control.Evidence]{Meta: store.Meta{ID: id}, Doc: control.Evidence{Name: "Nachweis " + id, Type: "document",
		Date: days(-10), Link: "Ordner 3", Clauses: clauses}}
}

func until(o store.Object[control.Evidence], t time.Time) store.Object[control.Evidence] {
	o.Doc.Expires = t
	return o
}

func coverage(b book, all ...store.Object[control.Evidence]) control.Covered {
	return control.Coverage(b, all, today)
}

func item(t *testing.T, g control.GapView, clause string) control.ItemView {
	t.Helper()
	v, ok := g.Item(clause)
	if !ok {
		t.Fatalf("%s is not in the view", clause)
	}
	return v
}

// library is read once; it does not change.
var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// shipped are the packs of the program.
func shipped(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}
