package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// paths are the wrong places that an error names.
func paths(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput {
		t.Fatalf("%v, want bad input", err)
	}
	var out []string
	for _, f := range p.Fields {
		if !f.Say.Complete() {
			t.Errorf("%s is said in one language only", f.Path)
		}
		out = append(out, f.Path)
	}
	return out
}

func bi(s string) text.Bi { return text.Bi{DE: s, EN: s} }

// An idea may be incomplete; what is said must make sense.
func TestWhatASystemMaySay(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*inventory.System)
		want   []string
	}{
		"an idea with a name":  {func(*inventory.System) {}, nil},
		"200 umlauts":          {func(s *inventory.System) { s.Name = strings.Repeat("ö", 200) }, nil},
		"201 characters":       {func(s *inventory.System) { s.Name = strings.Repeat("a", 201) }, []string{"name"}},
		"shares at their ends": {func(s *inventory.System) { s.Oversee.Limits = inventory.Limits{Confidence: 1, Drift: 0, Bias: 1} }, nil},
		"shares beyond": {func(s *inventory.System) {
			s.Oversee.Limits = inventory.Limits{Confidence: 1.01, Drift: -0.1, Bias: 85}
		}, []string{"oversee.limits.confidence", "oversee.limits.drift", "oversee.limits.bias"}},
		"a minute to answer": {func(s *inventory.System) { s.Oversee.Limits.TimeoutMS = 60_000 }, nil},
		"longer":             {func(s *inventory.System) { s.Oversee.Limits.TimeoutMS = 60_001 }, []string{"oversee.limits.timeout_ms"}},
		"negative": {func(s *inventory.System) {
			s.Oversee.Limits.TimeoutMS, s.Oversee.Limits.ReviewMin, s.RetainDays = -1, -1, -1
		}, []string{"oversee.limits.timeout_ms", "oversee.limits.review_min", "retain_days"}},
		"a month to review":      {func(s *inventory.System) { s.Oversee.Limits.ReviewMin = 43_200 }, nil},
		"ten years to keep":      {func(s *inventory.System) { s.RetainDays = 3650 }, nil},
		"longer than that":       {func(s *inventory.System) { s.RetainDays = 3651 }, []string{"retain_days"}},
		"a zone without a name":  {func(s *inventory.System) { s.Zones = []string{"halle 1", " "} }, []string{"zones.1"}},
		"safety without a human": {func(s *inventory.System) { s.Scope, s.Oversee.Mode = []inventory.Scope{"safety_critical_ot"}, "none" }, []string{"oversee.mode"}},
		"safety with a human": {func(s *inventory.System) {
			s.Scope, s.Oversee.Mode = []inventory.Scope{"safety_critical_ot"}, "on_the_loop"
		}, nil},
		"an office without one": {func(s *inventory.System) { s.Scope, s.Oversee.Mode = []inventory.Scope{"office"}, "none" }, nil},
		"workers decide":        {func(s *inventory.System) { s.Oversee.DeciderRole = "worker" }, nil},
		"the auditor decides":   {func(s *inventory.System) { s.Oversee.DeciderRole = "auditor" }, []string{"oversee.decider_role"}},
		"the cleaner decides":   {func(s *inventory.System) { s.Oversee.DeciderRole = "cleaner" }, []string{"oversee.decider_role"}},
	} {
		s := inventory.System{Name: "Fräse"}
		s.Default()
		c.change(&s)
		if got := paths(t, s.Validate()); !slices.Equal(got, c.want) {
			t.Errorf("%s: wrong are %v, want %v", name, got, c.want)
		}
	}
}

// A new entry starts strict: a person looks first, results wait, and of
// payloads a check value remains.
func TestANewEntryStartsStrict(t *testing.T) {
	var s inventory.System
	s.Default()
	if s.LifeCycle != inventory.Idea || s.Oversee.Mode != "in_the_loop" || s.Oversee.OnHold != "hold" || s.Retain != "commitment" {
		t.Errorf("%+v", s)
	}
	s = inventory.System{LifeCycle: inventory.Trial, Retain: "all", Oversee: inventory.Oversee{Mode: "none", OnHold: "fallback"}}
	kept := s
	s.Default()
	if fmt.Sprint(s) != fmt.Sprint(kept) {
		t.Errorf("a default replaced what was said: %+v", s)
	}
}

// Every entry of the completeness meter can be missing by itself (000-25).
func TestMissing(t *testing.T) {
	full := func() inventory.System {
		return inventory.System{Name: "Fräse", Purpose: bi("p"), Use: bi("u"), DataSources: []string{"d"}, Technology: "t", Origin: "used",
			Scope: []inventory.Scope{"office"}, RoleOfAI: "service", RiskOwner: "per_1", Oversee: inventory.Oversee{Decider: bi("d")}, ReviewBy: time.Now()}
	}
	s := full()
	if m := s.Missing(); m != nil {
		t.Errorf("of a full entry: %v", m)
	}
	if m := (&inventory.System{}).Missing(); len(m) != inventory.Wanted {
		t.Errorf("%d entries are wanted, the meter counts to %d", len(m), inventory.Wanted)
	}
	for path, clear := range map[string]func(*inventory.System){
		"purpose": func(s *inventory.System) { s.Purpose = text.Bi{} }, "use": func(s *inventory.System) { s.Use = text.Bi{} },
		"data_sources": func(s *inventory.System) { s.DataSources = nil }, "technology": func(s *inventory.System) { s.Technology = "" },
		"origin": func(s *inventory.System) { s.Origin = "" }, "scope": func(s *inventory.System) { s.Scope = nil },
		"role_of_ai": func(s *inventory.System) { s.RoleOfAI = "" }, "risk_owner": func(s *inventory.System) { s.RiskOwner = "" },
		"oversee.decider": func(s *inventory.System) { s.Oversee.Decider = text.Bi{} }, "review_by": func(s *inventory.System) { s.ReviewBy = time.Time{} },
	} {
		s := full()
		clear(&s)
		if m := s.Missing(); !slices.Equal(m, []string{path}) {
			t.Errorf("without %s: %v", path, m)
		}
	}
}

func TestWhatAModelMaySay(t *testing.T) {
	hash := "sha256:" + strings.Repeat("0a", 32)
	rows := make([]float64, 20)
	sound := func() inventory.Model {
		return inventory.Model{Name: "wear-2", Version: "1", Hash: hash, Endpoint: "http://10.0.0.1:9000",
			Reading: inventory.Reading{Inputs: []inventory.Tensor{{Name: "x", Datatype: "FP64", Shape: []int64{-1, 2}}, {Name: "kind", Datatype: "BYTES", Shape: []int64{-1}}},
				Features: []inventory.Feature{{Name: "torque", Input: "x", Column: 1}, {Name: "kind", Values: []string{"L"}}}, StandIns: []string{"safety"}},
			Baseline: inventory.Baseline{Columns: []inventory.Column{{Feature: "torque", Values: rows}, {Feature: "kind", Category: true, Values: rows}}, Context: []string{"torque"}}}
	}
	for name, c := range map[string]struct {
		change func(*inventory.Model)
		want   []string
	}{
		"sound":                         {func(*inventory.Model) {}, nil},
		"a name alone":                  {func(m *inventory.Model) { *m = inventory.Model{Name: "a", Version: "1"} }, nil},
		"80 characters":                 {func(m *inventory.Model) { m.Name = strings.Repeat("a", 80) }, nil},
		"81 characters":                 {func(m *inventory.Model) { m.Name = strings.Repeat("a", 81) }, []string{"name"}},
		"capitals":                      {func(m *inventory.Model) { m.Name = "Wear" }, []string{"name"}},
		"a slash":                       {func(m *inventory.Model) { m.Name = "a/../b" }, []string{"name"}},
		"dots first":                    {func(m *inventory.Model) { m.Name = ".." }, []string{"name"}},
		"another hash":                  {func(m *inventory.Model) { m.Hash = "md5:00" }, []string{"hash"}},
		"a hash in capitals":            {func(m *inventory.Model) { m.Hash = strings.ToUpper(hash) }, []string{"hash"}},
		"a file as address":             {func(m *inventory.Model) { m.Endpoint = "file:///etc/passwd" }, []string{"endpoint"}},
		"a password in the address":     {func(m *inventory.Model) { m.Endpoint = "http://a:b@host/" }, []string{"endpoint"}},
		"no host":                       {func(m *inventory.Model) { m.Endpoint = "http:///x" }, []string{"endpoint"}},
		"an input twice":                {func(m *inventory.Model) { m.Reading.Inputs[1].Name = "x" }, []string{"reading.inputs.1.name", "reading.features.1.input"}},
		"a data type of its own":        {func(m *inventory.Model) { m.Reading.Inputs[0].Datatype = "FLOAT" }, []string{"reading.inputs.0.datatype"}},
		"no shape":                      {func(m *inventory.Model) { m.Reading.Inputs[1].Shape = nil }, []string{"reading.inputs.1.shape"}},
		"a feature without a name":      {func(m *inventory.Model) { m.Reading.Features[0].Name = "" }, []string{"reading.features.0.name"}},
		"a feature from nowhere":        {func(m *inventory.Model) { m.Reading.Features[0].Input = "y" }, []string{"reading.features.0.input"}},
		"a column too far":              {func(m *inventory.Model) { m.Reading.Features[0].Column = 2 }, []string{"reading.features.0.column"}},
		"a column before the first":     {func(m *inventory.Model) { m.Reading.Features[0].Column = -1 }, []string{"reading.features.0.column"}},
		"names without a list":          {func(m *inventory.Model) { m.Reading.Features[1].Values = nil }, []string{"reading.features.1.values"}},
		"fewer rows than none":          {func(m *inventory.Model) { m.Reading.MaxRows = -1 }, []string{"reading.max_rows"}},
		"the administrator stands in":   {func(m *inventory.Model) { m.Reading.StandIns[0] = "admin" }, []string{"reading.stand_ins.0"}},
		"19 rows":                       {func(m *inventory.Model) { m.Baseline.Columns[0].Values = rows[:19] }, []string{"baseline.columns.0.values", "baseline.columns.1.values"}},
		"columns of two lengths":        {func(m *inventory.Model) { m.Baseline.Columns[1].Values = make([]float64, 21) }, []string{"baseline.columns.1.values"}},
		"a column twice":                {func(m *inventory.Model) { m.Baseline.Columns[1].Feature = "torque" }, []string{"baseline.columns.1.feature"}},
		"watching what is not measured": {func(m *inventory.Model) { m.Baseline.Context = []string{"torque", "heat"} }, []string{"baseline.context.1"}},
		"a window before the first row": {func(m *inventory.Model) { m.Baseline.Window = -1 }, []string{"baseline.window"}},
	} {
		m := sound()
		c.change(&m)
		if got := paths(t, m.Validate()); !slices.Equal(got, c.want) {
			t.Errorf("%s: wrong are %v, want %v", name, got, c.want)
		}
	}
}

func TestACardIsOneWhenItSaysEnough(t *testing.T) {
	full := inventory.Card{Purpose: bi("p"), Data: bi("d"), Limits: bi("l"), Metrics: []inventory.Metric{{Name: "AUC", Value: 0.9}}}
	if !full.Complete() {
		t.Error("a full card is none")
	}
	for name, clear := range map[string]func(*inventory.Card){"purpose": func(c *inventory.Card) { c.Purpose = text.Bi{} },
		"data": func(c *inventory.Card) { c.Data = text.Bi{} }, "limits": func(c *inventory.Card) { c.Limits = text.Bi{} }, "metrics": func(c *inventory.Card) { c.Metrics = nil }} {
		c := full
		if clear(&c); c.Complete() {
			t.Errorf("a card without %s is one", name)
		}
	}
}

// Values outside the lists never reach the register, nor do names twice.
func TestTheRegisterRefuses(t *testing.T) {
	h := governtest.Open(t)
	ctx := h.As("ai_officer")
	for name, doc := range map[string]string{
		"a role that decides about people": `{"name":"x","role_of_ai":"decider"}`,
		"an origin":                        `{"name":"x","origin":"stolen"}`,
		"a scope":                          `{"name":"x","scope":["office","garden"]}`,
		"a stage":                          `{"name":"x","life_cycle":"production"}`,
		"an oversight mode":                `{"name":"x","oversee":{"mode":"sometimes"}}`,
		"an owner who is nobody":           `{"name":"x","risk_owner":"usr_0"}`,
		"no name":                          `{}`,
	} {
		err := h.DB.Write(ctx, func(tx *store.Tx) error { _, err := h.Inventory.Systems.CreateJSON(ctx, tx, []byte(doc)); return err })
		if len(paths(t, err)) == 0 {
			t.Errorf("%s was taken", name)
		}
	}
	one := h.System("Fräse")
	for name, err := range map[string]error{
		"model": h.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := h.Inventory.Models.Create(ctx, tx, inventory.Model{System: one.ID, Name: "ausfall-1", Version: "2"})
			return err
		}),
		"code": h.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := h.Inventory.Systems.Create(ctx, tx, inventory.System{Name: "Presse", Code: one.Doc.Code})
			return err
		}),
	} {
		if got := paths(t, err); len(got) != 1 {
			t.Errorf("a %s was given twice: %v", name, err)
		}
	}
}

func TestModelByName(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Fräse")
	m, err := h.Inventory.ModelByName(h.As(""), h.DB, "ausfall-1")
	if err != nil || m.Doc.System != s.ID || m.Doc.Title() != "ausfall-1 1.0.0" {
		t.Errorf("%+v %v", m.Doc, err)
	}
	if _, err := h.Inventory.ModelByName(h.As(""), h.DB, "ausfall"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a part of a name: %v", err)
	}
}

// No step forward is skipped; back and out is always possible (000-03).
func TestLifeCycle(t *testing.T) {
	const idea, trial, operation, retired = inventory.Idea, inventory.Trial, inventory.Operation, inventory.Retired
	h := governtest.Open(t)
	for _, c := range []struct {
		from, to inventory.LifeCycle
		ok       bool
	}{
		{idea, trial, true}, {idea, operation, false}, {idea, retired, true}, {trial, operation, true}, {trial, idea, true}, {trial, retired, true},
		{operation, trial, true}, {operation, idea, true}, {operation, retired, true}, {retired, operation, false}, {retired, idea, false},
		{idea, "production", false}, {idea, "", false},
	} {
		s := governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "x", LifeCycle: c.from})
		got, err := h.Inventory.SetLifeCycle(h.As("ai_officer"), s.ID, s.Revision, c.to)
		if c.ok && (err != nil || got.Doc.LifeCycle != c.to) {
			t.Errorf("%s to %q: %v", c.from, c.to, err)
		}
		if !c.ok && !slices.Contains(paths(t, err), "life_cycle") {
			t.Errorf("%s to %q: %v", c.from, c.to, err)
		}
	}
	s := governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "x"})
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Name = "y" })
	if _, err := h.Inventory.SetLifeCycle(h.As("ai_officer"), s.ID, s.Revision, trial); !problem.Is(err, problem.Conflict) {
		t.Errorf("over somebody's change: %v", err)
	}
	if _, err := h.Inventory.SetLifeCycle(h.As("ai_officer"), "sys_none", 1, trial); !problem.Is(err, problem.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

// Stopping is easy: who, when, and pressing twice is no error and no new
// version.
func TestStop(t *testing.T) {
	h := governtest.Open(t)
	s := governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "x"})
	read := func() store.Object[inventory.System] {
		t.Helper()
		o, err := h.Inventory.Systems.Get(h.As(""), h.DB, s.ID)
		h.Must(err)
		return o
	}
	if err := h.Inventory.SetStop(context.Background(), s.ID, true, ""); !problem.Is(err, problem.Unsigned) {
		t.Errorf("by nobody: %v", err)
	}
	h.Add(time.Hour)
	for range 2 {
		h.Must(h.Inventory.SetStop(h.As("shift_lead"), s.ID, true, "  Span im Lager "))
	}
	o := read()
	want := inventory.Stop{Stopped: true, At: governtest.Start.Add(time.Hour), By: h.People["shift_lead"].ID, Reason: "Span im Lager"}
	if o.Doc.Stop != want || o.Revision != s.Revision+1 {
		t.Errorf("%+v, revision %d", o.Doc.Stop, o.Revision)
	}
	h.Must(h.Inventory.SetStop(h.As("director"), s.ID, false, ""))
	if o = read(); o.Doc.Stop.Stopped || o.Doc.Stop.By != h.People["director"].ID {
		t.Errorf("%+v", o.Doc.Stop)
	}
	if err := h.Inventory.SetStop(h.As("director"), "sys_none", true, ""); !problem.Is(err, problem.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

// Where a vendor can be reached is personal and does not get into the journal.
func TestAVendorsContactIsPersonal(t *testing.T) {
	v := inventory.Vendors()
	for _, f := range v.Fields() {
		if f.Personal != (f.Name == "contact") {
			t.Errorf("%s: personal %v", f.Name, f.Personal)
		}
	}
	if (&inventory.Vendor{Name: "Muster"}).Title() != "Muster" || (&inventory.System{Name: "Fräse"}).Title() != "Fräse" {
		t.Error("titles")
	}
}
