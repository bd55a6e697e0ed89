package duty_test

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/problem"
)

const oldPack = `id: p
kind: law
version: 1.0.0
as_of: 2026-01-01
title: {de: Paket, en: Pack}
notice: {de: Alt, en: Old}
groups:
  - id: g
    title: {de: Gruppe, en: Group}
    items:
      - id: p.1
        ref: Art. 1
        title: {de: Eins, en: One}
        from: 2026-01-01
        items:
          - {id: p.1.a, ref: Art. 1(a), title: {de: Eins a, en: One a}}
      - {id: p.2, ref: Art. 2, title: {de: Zwei, en: Two}, duty: [provider]}
      - {id: p.3, ref: Art. 3, title: {de: Drei, en: Three}}
items:
  - {from: p.1, to: q.1, relation: equal, reason: {de: Gleich, en: Same}}
facts:
  - {name: ai, type: tri, question: {de: Ist es KI?, en: Is it AI?}, options: [{id: a, text: {de: A, en: A}}]}
`

// 000-38: new, removed and changed items are told apart, each with both texts;
// what did not change is not named.
func TestCompare(t *testing.T) {
	now := oldPack
	for _, r := range [][2]string{
		{"version: 1.0.0", "version: 1.1.0"}, {"as_of: 2026-01-01", "as_of: 2026-06-01"}, {"notice: {de: Alt, en: Old}", "notice: {de: Neu, en: New}"},
		{"from: 2026-01-01\n        items", "from: 2027-01-01\n        items"}, {"en: One a}", "en: One A}"}, {"duty: [provider]", "duty: [provider, deployer]"},
		{"- {id: p.3, ref: Art. 3, title: {de: Drei, en: Three}}", "- {id: p.4, ref: Art. 4, title: {de: Vier, en: Four}}"}, {"relation: equal", "relation: subset"},
		{"options: [{id: a, text: {de: A, en: A}}]", "options: [{id: a, text: {de: A, en: A}}, {id: b, text: {de: B, en: B}}]"},
	} {
		if !strings.Contains(now, r[0]) {
			t.Fatalf("%q is not in the text", r[0])
		}
		now = strings.Replace(now, r[0], r[1], 1)
	}
	got, err := duty.Compare([]byte(oldPack), []byte(now))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]duty.How{"": duty.Changed, "p.1": duty.Changed, "p.1.a": duty.Changed, "p.2": duty.Changed, "p.3": duty.Removed, "p.4": duty.Added, "p.1 → q.1": duty.Changed, "ai": duty.Changed}
	for _, d := range got {
		if want[d.Item] != d.How {
			t.Errorf("%q is %q", d.Item, d.How)
		}
		delete(want, d.Item)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	one := func(item string) duty.Difference {
		return got[slices.IndexFunc(got, func(d duty.Difference) bool { return d.Item == item })]
	}
	if f := one("p.1").Fields; len(f) != 1 || f[0].Field != "from" || f[0].Old.DE != "2026-01-01" || f[0].New.DE != "2027-01-01" {
		t.Errorf("p.1: %+v", f)
	}
	if f := one("p.1.a").Fields; len(f) != 1 || f[0].Old.DE != f[0].New.DE || f[0].New.EN != "One A" {
		t.Errorf("p.1.a: %+v", f)
	}
	if f := one("p.2").Fields; len(f) != 1 || f[0].New.EN != "provider, deployer" {
		t.Errorf("p.2: %+v", f)
	}
	if f := one("").Fields; len(f) != 1 || f[0].Field != "notice" {
		t.Errorf("head: %+v", f)
	}
	if d := one("p.3"); d.Title.DE != "Drei" {
		t.Errorf("a removed item is called %q", d.Title.DE)
	}
}

// Every shipped pack compares equal to itself, and to nothing it is all new.
func TestCompareShipped(t *testing.T) {
	lib := governtest.Library(t)
	for _, p := range lib.Packs() {
		raw, ok := lib.Raw(p.ID)
		if !ok {
			t.Errorf("%s has no text", p.ID)
			continue
		}
		if d, err := duty.Compare(raw, raw); err != nil || len(d) != 0 {
			t.Errorf("%s differs from itself: %v %v", p.ID, d, err)
		}
	}
	raw, _ := lib.Raw("eu-ai-act")
	d, err := duty.Compare([]byte("id: eu-ai-act\n"), raw)
	if err != nil {
		t.Fatal(err)
	}
	fresh := map[string]bool{}
	for _, x := range d {
		fresh[x.Item] = x.How == duty.Added
	}
	for _, c := range lib.Clauses("eu-ai-act") {
		if !fresh[c.ID] {
			t.Errorf("%s is not new against nothing", c.ID)
		}
	}
}

func TestCompareRefusesWhatIsNoPack(t *testing.T) {
	if _, err := duty.Compare([]byte("a: [b"), []byte("id: p")); !problem.Is(err, problem.Corrupt) {
		t.Errorf("%v", err)
	}
}
