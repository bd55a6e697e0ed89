package duty_test

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
)

// 000-49: a changed model or vendor of a system in use brings a review
// task for the one who owns its risks; what is nothing of the kind, or an entry that
// is still an idea, brings none.
func TestTechnologyBringsAReview(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Fräse")
	vendor := governtest.Create(h, "ai_officer", h.Inventory.Vendors, inventory.Vendor{Name: "Muster", Country: "DE"})
	tasks := func() []store.Object[duty.Task] {
		t.Helper()
		all, err := h.Duty.Tasks.All(h.As("ai_officer"), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", "technology")}})
		h.Must(err)
		return all
	}
	model, err := h.Inventory.Models.List(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", s.ID)}})
	h.Must(err)
	id := model.Items[0].ID
	if n := len(tasks()); n != 0 {
		t.Fatalf("%d tasks for a system that was just registered", n)
	}
	idea := func(l inventory.LifeCycle) {
		governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.LifeCycle = l })
	}
	for _, step := range []struct {
		name string
		do   func()
		want string // of the new task's sentence; empty: no task
	}{
		{"another version", func() {
			governtest.Change(h, h.Inventory.Models, id, func(m *inventory.Model) { m.Version = "2.0.0" })
		}, "2.0.0"},
		{"other bytes", func() {
			governtest.Change(h, h.Inventory.Models, id, func(m *inventory.Model) { m.Hash = "sha256:" + strings.Repeat("f", 64) })
		}, "model of 'Fräse' changed"},
		{"another address", func() {
			governtest.Change(h, h.Inventory.Models, id, func(m *inventory.Model) { m.Endpoint = "http://127.0.0.1:9001" })
		}, ""},
		{"a second model", func() {
			governtest.Create(h, "ai_officer", h.Inventory.Models, inventory.Model{System: s.ID, Name: "zweites", Version: "1"})
		}, "further model: zweites 1"},
		{"a vendor", func() {
			governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Vendor = vendor.ID })
		}, "vendor of 'Fräse' changed"},
		{"other words for the technology", func() {
			governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Technology = "Netz" })
		}, ""},
		{"another purpose", func() {
			governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Use.DE, s.Use.EN = "x", "x" })
		}, ""},
		{"a vendor in another country", func() {
			governtest.Change(h, h.Inventory.Vendors, vendor.ID, func(v *inventory.Vendor) { v.Country = "US" })
		}, "vendor 'Muster'"},
		{"a vendor's website", func() {
			governtest.Change(h, h.Inventory.Vendors, vendor.ID, func(v *inventory.Vendor) { v.Website = "https://muster.example" })
		}, ""},
		{"back to the idea", func() { idea(inventory.Idea) }, ""},
		{"a version of an idea", func() {
			governtest.Change(h, h.Inventory.Models, id, func(m *inventory.Model) { m.Version = "3.0.0" })
		}, ""},
		{"a vendor of an idea", func() {
			governtest.Change(h, h.Inventory.Vendors, vendor.ID, func(v *inventory.Vendor) { v.Country = "CH" })
		}, ""},
	} {
		before := tasks()
		step.do()
		after := tasks()
		switch {
		case step.want == "" && len(after) != len(before):
			t.Errorf("%s: brought %q", step.name, added(before, after).Say.EN)
		case step.want != "" && len(after) != len(before)+1:
			t.Errorf("%s: %d tasks, before %d", step.name, len(after), len(before))
		case step.want != "":
			d := added(before, after)
			if !strings.Contains(d.Say.EN, step.want) || !d.Say.Complete() || !d.Called.Complete() || d.Phase != duty.Check || d.Owner != h.People["shift_lead"].ID ||
				len(d.Systems) != 1 || d.Systems[0] != s.ID || !d.Due.After(h.Now()) {
				t.Errorf("%s: %+v", step.name, d)
			}
		}
	}
	if failed := h.Failed(); len(failed) != 0 {
		t.Errorf("%v", failed)
	}
}

// added is the task that was not there before.
func added(before, after []store.Object[duty.Task]) duty.Task {
	for _, o := range after {
		if !slices.ContainsFunc(before, func(b store.Object[duty.Task]) bool { return b.ID == o.ID }) {
			return o.Doc
		}
	}
	return duty.Task{}
}
