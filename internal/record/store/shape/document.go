package shape

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"augenmass/internal/problem"
)

// defaulted is implemented by documents that fill in what a new one starts
// with.
type defaulted interface{ Default() }

// validated is implemented by documents with rules beyond their declaration.
type validated interface{ Validate() error }

// Faults are wrong fields, the first finding of each path.
type Faults []problem.Field

// Add takes the fields of a BadInput problem. Any other error it returns.
func (f *Faults) Add(err error) error {
	if err == nil {
		return nil
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput || len(p.Fields) == 0 {
		return err
	}
	for _, n := range p.Fields {
		if !slices.ContainsFunc(*f, func(o problem.Field) bool { return o.Path == n.Path }) {
			*f = append(*f, n)
		}
	}
	return nil
}

// Err is one problem with all faults, or nil.
func (f Faults) Err() error {
	var c problem.Checks
	for _, n := range f {
		c.Field(false, n.Path, n.Say.DE, n.Say.EN)
	}
	return c.Err()
}

// Read decodes a document from outside strictly. It returns what could be read
// of it (*T) together with its faults, so that other rules can add theirs.
func (s *Shape) Read(raw []byte) (doc any, f Faults, err error) {
	var c problem.Checks
	if err := s.CheckJSON(raw, &c); err != nil {
		return nil, nil, err
	}
	if err := f.Add(c.Err()); err != nil {
		return nil, nil, err
	}
	if len(f) > 0 {
		if raw, err = Without(raw, f); err != nil {
			return nil, nil, err
		}
	}
	doc = reflect.New(s.Type).Interface()
	if err := json.Unmarshal(raw, doc); err != nil {
		return nil, nil, broken(err)
	}
	return doc, f, nil
}

// Rules applies defaults to a new document (*T) and adds what the declaration
// and its Validate find.
func (s *Shape) Rules(doc any, fresh bool, f *Faults) error {
	if d, ok := doc.(defaulted); ok && fresh {
		d.Default()
	}
	var c problem.Checks
	s.Check(reflect.ValueOf(doc).Elem(), &c)
	if err := f.Add(c.Err()); err != nil {
		return err
	}
	if v, ok := doc.(validated); ok {
		return f.Add(v.Validate())
	}
	return nil
}

// Verify is Read and Rules for a new document: everything that can be said
// without the database.
func (s *Shape) Verify(raw []byte) error {
	doc, f, err := s.Read(raw)
	if err != nil {
		return err
	}
	if err := s.Rules(doc, true, &f); err != nil {
		return err
	}
	return f.Err()
}
