package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Severity is an enum: a named string type that lists its values.
type Severity string

func (Severity) Values() []string { return []string{"minor", "major"} }

// Machine and Finding are two kinds; a finding refers to its machine.
type Machine struct {
	Name string `json:"name" store:"index,search,required"`
}

func (m *Machine) Title() string { return m.Name }

type Finding struct {
	Name     string    `json:"name" store:"index,search,required,max=200"`
	Machine  string    `json:"machine" store:"ref=machine,required"`
	Severity Severity  `json:"severity" store:"index"`
	Reporter string    `json:"reporter" store:"personal"`
	DueAt    time.Time `json:"due_at" store:"index"`
	Steps    []string  `json:"steps"`
}

// Title names the finding in lists, links and search results.
func (f *Finding) Title() string { return f.Name }

// Default fills what a new finding starts with.
func (f *Finding) Default() {
	if f.Severity == "" {
		f.Severity = "minor"
	}
}

// Validate checks what tags cannot say. It reports every wrong field, not
// the first.
func (f *Finding) Validate() error {
	var c problem.Checks
	c.Field(f.Severity != "major" || !f.DueAt.IsZero(), "due_at",
		"Eine schwere Feststellung braucht eine Frist.", "A major finding needs a due date.")
	return c.Err()
}

func Machines() *store.Kind[Machine] { return store.NewKind[Machine]("machine", "mac") }
func Findings() *store.Kind[Finding] { return store.NewKind[Finding]("finding", "fnd") }

// A kind from its declaration to its list: create, update, a conflict, the
// history, a filtered page, and a deletion that others prevent.
func Example() {
	dir, err := os.MkdirTemp("", "store")
	must(err)
	defer func() { must(os.RemoveAll(dir)) }()

	ctx := store.WithActor(context.Background(), store.Actor{ID: "per_1", Kind: "person", Roles: []string{"safety"}})
	machines, findings := Machines(), Findings()
	db, err := store.Open(ctx, store.Options{
		Path:   filepath.Join(dir, "store.db"),
		Kinds:  []store.AnyKind{machines, findings},
		Access: store.AllowAll, // the organisation hands in its own
		Source: "/werk/store",
	})
	must(err)
	defer func() { must(db.Close()) }()

	var mill store.Object[Machine]
	var f store.Object[Finding]
	must(db.Write(ctx, func(tx *store.Tx) error {
		if mill, err = machines.Create(ctx, tx, Machine{Name: "Fräse 3"}); err != nil {
			return err
		}
		f, err = findings.Create(ctx, tx, Finding{Name: "Schutzhaube fehlt", Machine: mill.ID, Reporter: "Ada"})
		return err
	}))
	fmt.Println("created:", f.Doc.Name, f.Doc.Severity, "revision", f.Revision)

	// Everything that is wrong comes back at once.
	err = db.Write(ctx, func(tx *store.Tx) error {
		doc := f.Doc
		doc.Severity, doc.Machine, doc.Name = "major", "mac_404", ""
		_, err := findings.Update(ctx, tx, f.ID, f.Revision, doc)
		return err
	})
	for _, field := range problem.From(err).Fields {
		fmt.Println("wrong:", field.Path)
	}

	must(db.Write(ctx, func(tx *store.Tx) error {
		doc := f.Doc
		doc.Severity, doc.DueAt = "major", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		_, err := findings.Update(ctx, tx, f.ID, f.Revision, doc)
		return err
	}))
	// A second writer still holds revision 1 and sees what is stored now.
	err = db.Write(ctx, func(tx *store.Tx) error {
		_, err := findings.Update(ctx, tx, f.ID, 1, f.Doc)
		return err
	})
	var p *problem.Problem
	if errors.As(err, &p) && p.Kind == problem.Conflict {
		fmt.Println("conflict: stored is revision", p.Have.(store.Object[Finding]).Revision)
	}

	versions, err := db.History(ctx, "finding", f.ID)
	must(err)
	for _, d := range versions[1].Diffs {
		fmt.Printf("changed: %s from %q to %q\n", d.Path, d.Old, d.New)
	}

	page, err := findings.List(ctx, db, store.Query{
		Filters: []store.Filter{store.Where("machine", "=", mill.ID), store.Where("severity", "in", "minor", "major")},
		Search:  "haube",
		Sort:    "-due_at",
	})
	must(err)
	fmt.Println("listed:", page.Total, page.Items[0].Title)

	err = db.Write(ctx, func(tx *store.Tx) error { return machines.Delete(ctx, tx, mill.ID, mill.Revision) })
	errors.As(err, &p)
	fmt.Println("needed by:", p.Have.([]store.Link)[0].FromTitle)

	// Output:
	// created: Schutzhaube fehlt minor revision 1
	// wrong: name
	// wrong: due_at
	// wrong: machine
	// conflict: stored is revision 2
	// changed: severity from "minor" to "major"
	// changed: due_at from "" to "2026-03-01T00:00:00Z"
	// listed: 1 Schutzhaube fehlt
	// needed by: Schutzhaube fehlt
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
