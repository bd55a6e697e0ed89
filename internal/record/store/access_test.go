package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

// byRole lets readers read and admins do everything.
func byRole(_ context.Context, a Actor, action, kind string, _ any) error {
	if slices.Contains(a.Roles, "admin") || slices.Contains(a.Roles, "reader") && action == Read {
		return nil
	}
	if slices.Contains(a.Roles, "planner") && kind == "plant" {
		return nil
	}
	return errors.New("not in your role")
}

// every lists each way into an object, with the action that it needs.
func every(db *DB, o Object[machine]) map[string]func(ctx context.Context) error {
	w := func(fn func(ctx context.Context, tx *Tx) error) func(context.Context) error {
		return func(ctx context.Context) error {
			undone := errors.New("undone")
			err := db.Write(ctx, func(tx *Tx) error {
				if err := fn(ctx, tx); err != nil {
					return err
				}
				return undone
			})
			if errors.Is(err, undone) {
				return nil
			}
			return err
		}
	}
	return map[string]func(context.Context) error{
		"read get":     func(ctx context.Context) error { _, err := machines.Get(ctx, db, o.ID); return err },
		"read getjson": func(ctx context.Context) error { _, err := machines.GetJSON(ctx, db, o.ID); return err },
		"read many":    func(ctx context.Context) error { _, err := machines.GetMany(ctx, db, []string{o.ID}); return err },
		"read list":    func(ctx context.Context) error { _, err := machines.List(ctx, db, Query{}); return err },
		"read json":    func(ctx context.Context) error { _, err := machines.ListJSON(ctx, db, Query{}); return err },
		"read count":   func(ctx context.Context) error { _, err := machines.Count(ctx, db); return err },
		"read as of":   func(ctx context.Context) error { _, err := machines.AsOf(ctx, db, o.ID, o.UpdatedAt); return err },
		"read history": func(ctx context.Context) error { _, err := db.History(ctx, "machine", o.ID); return err },
		"create": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.Create(ctx, tx, machine{Name: "x"})
			return err
		}),
		"create as": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.CreateAs(ctx, tx, "mac_x", machine{Name: "x"})
			return err
		}),
		"create many": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.CreateMany(ctx, tx, []machine{{Name: "x"}})
			return err
		}),
		"create json": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.CreateJSON(ctx, tx, json.RawMessage(`{"name":"x"}`))
			return err
		}),
		"update": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.Update(ctx, tx, o.ID, o.Revision, machine{Name: "x"})
			return err
		}),
		"update json": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.UpdateJSON(ctx, tx, o.ID, o.Revision, json.RawMessage(`{"name":"x"}`))
			return err
		}),
		"update patch": w(func(ctx context.Context, tx *Tx) error {
			_, err := machines.PatchJSON(ctx, tx, o.ID, o.Revision, json.RawMessage(`{"name":"x"}`))
			return err
		}),
		"delete":      w(func(ctx context.Context, tx *Tx) error { return machines.Delete(ctx, tx, o.ID, o.Revision) }),
		"delete json": w(func(ctx context.Context, tx *Tx) error { return machines.DeleteJSON(ctx, tx, o.ID, o.Revision) }),
	}
}

func contractAccess(t *testing.T, open opener) {
	o := suite()
	o.Access = byRole
	db := open(t, "db", o)
	system := WithActor(t.Context(), Actor{Kind: System})
	var m Object[machine]
	write(t, db, func(tx *Tx) (err error) {
		m, err = machines.Create(system, tx, machine{Name: "A"})
		return err
	})
	if m.CreatedBy != System {
		t.Errorf("created by %q", m.CreatedBy)
	}
	for name, do := range every(db, m) {
		action, _, _ := strings.Cut(name, " ")
		for who, ctx := range map[string]context.Context{
			"nobody": t.Context(), "no id": WithActor(t.Context(), Actor{Kind: "person", Roles: []string{"admin"}}),
			"worker": person(t.Context(), "usr_w", "worker"), "planner": person(t.Context(), "usr_p", "planner"),
		} {
			p := wants(t, do(ctx), problem.Denied)
			if len(p.Reasons) == 0 {
				t.Errorf("%s by %s is denied without a reason", name, who)
			}
		}
		if err := do(person(t.Context(), "usr_r", "reader")); (err == nil) != (action == Read) || err != nil && !problem.Is(err, problem.Denied) {
			t.Errorf("%s by a reader: %v", name, err)
		}
		for who, ctx := range map[string]context.Context{"admin": person(t.Context(), "usr_a", "admin"), "system": system} {
			if err := do(ctx); err != nil {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	// Links, titles and search leave out what may not be read; a conflict does
	// not show it.
	plant1 := Object[plant]{}
	write(t, db, func(tx *Tx) (err error) {
		if plant1, err = plants.Create(system, tx, plant{Name: "Nord"}); err != nil {
			return err
		}
		_, err = machines.Update(system, tx, m.ID, 1, machine{Name: "Geheim", Plant: plant1.ID})
		return err
	})
	planner := person(t.Context(), "usr_p", "planner")
	links, err := db.LinksTo(planner, plant1.ID)
	must(t, err)
	titles, err := db.Titles(planner, db, plant1.ID, m.ID)
	must(t, err)
	hits, err := db.Search(planner, db, "e", 10)
	must(t, err)
	if len(links) != 0 || len(titles) != 1 || len(hits) != 0 {
		t.Errorf("a planner sees %v %v %v", links, titles, hits)
	}
	err = db.Write(planner, func(tx *Tx) error { return plants.Delete(planner, tx, plant1.ID, 1) })
	if p := wants(t, err, problem.Conflict); strings.Contains(p.Error(), "Geheim") || !strings.Contains(p.Say.EN, "+1") || len(p.Have.([]Link)) != 0 {
		t.Errorf("the conflict tells %v with %v", p, p.Have)
	}
	// Without an access function, only the system acts.
	o.Access = nil
	closed := open(t, "closed", o)
	_, err = machines.List(person(t.Context(), "usr_a", "admin"), closed, Query{})
	wants(t, err, problem.Denied)
	_, err = machines.List(system, closed, Query{})
	must(t, err)
}

// ownOnly lets people see and change machines that carry their name, and only
// as long as they do.
func ownOnly(_ context.Context, a Actor, action, kind string, doc any) error {
	m, ok := doc.(*machine)
	switch {
	case kind != "machine" || ok && m.Operator == a.ID:
		return nil
	case !ok:
		return AskDoc
	}
	return problem.New(problem.Denied, "Das ist nicht Ihre Maschine.", "This is not your machine.")
}

func contractAskDoc(t *testing.T, open opener) {
	o := suite()
	o.Access = ownOnly
	db := open(t, "db", o)
	var mine, theirs Object[machine]
	own := func(i int) string {
		if i%3 == 0 {
			return "usr_ada"
		}
		return "usr_bob"
	}
	write(t, db, func(tx *Tx) (err error) {
		for i := range 30 {
			ctx := person(t.Context(), own(i))
			m, err := machines.Create(ctx, tx, machine{Name: fmt.Sprintf("%02d", i), Operator: own(i)})
			if err != nil {
				return err
			}
			if i%3 == 0 {
				mine = m
			} else {
				theirs = m
			}
		}
		return nil
	})
	ctx := ada(t)
	var got []string
	for q := (Query{Sort: "-name", Limit: 3}); ; {
		p, err := machines.List(ctx, db, q)
		must(t, err)
		if len(p.Items) > 3 {
			t.Fatalf("a page of 3 has %d items", len(p.Items))
		}
		if p.Total != 10 {
			t.Fatalf("total %d, want the 10 that Ada may see", p.Total)
		}
		got = append(got, names(p.Items)...)
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	if s := strings.Join(got, " "); s != "27 24 21 18 15 12 09 06 03 00" {
		t.Errorf("pages gave %s", s)
	}
	n, err := machines.Count(ctx, db, Where("name", "<", "10"))
	must(t, err)
	if n != 4 {
		t.Errorf("counted %d, want 4", n)
	}
	_, err = machines.Get(ctx, db, theirs.ID)
	wants(t, err, problem.Denied)
	many, err := machines.GetMany(ctx, db, []string{mine.ID, theirs.ID})
	must(t, err)
	titles, err := db.Titles(ctx, db, mine.ID, theirs.ID)
	must(t, err)
	if len(many) != 1 || len(titles) != 1 {
		t.Errorf("got %d objects and titles %v", len(many), titles)
	}
	change := func(m Object[machine], operator string) error {
		return db.Write(ctx, func(tx *Tx) error {
			m.Doc.Operator = operator
			_, err := machines.Update(ctx, tx, m.ID, m.Revision, m.Doc)
			return err
		})
	}
	wants(t, change(theirs, "usr_ada"), problem.Denied) // the stored document is not hers
	wants(t, change(mine, "usr_bob"), problem.Denied)   // the new one would not be
	must(t, change(mine, "usr_ada"))
	// Who may not read is not shown the stored document by a conflict.
	stale := theirs
	stale.Revision = 9
	if p := wants(t, change(stale, "usr_ada"), problem.Denied); p.Have != nil {
		t.Errorf("a denial carries %v", p.Have)
	}
}
