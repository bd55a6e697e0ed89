package systemfile_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/exchangetest"
	"augenmass/internal/prove/exchange/systemfile"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

const full = `# What this repository says about its AI system.
format: augenmass/ai-system/1
key: fraese-ausfall
name: Ausfall der Fräse
purpose: {de: Wartung planen, en: Plan maintenance}
use: Die Schichtleitung sieht den Vorschlag.
excluded:
  - {de: Beurteilung von Personen, en: rating people}
origin: developed
scope: [production, predictive_maintenance]
role_of_ai: idea_source
technology: Gradient Boosting
people: false
data_sources: [Sensoren der Fräse]
data_classes: [machine]
zones: [halle-1]
owner: sabine.keller
oversight:
  mode: on_the_loop
  decider: {de: Schichtleitung, en: Shift lead}
  decider_role: shift_lead
  on_hold: fallback
  fallback: {de: Von Hand, en: By hand}
  limits: {confidence: 0.9, drift: 0.1, timeout_ms: 2000, review_min: 60}
retain: commitment
retain_days: 180
review_by: 2027-06-30
models:
  - name: fraese-ausfall
    version: 1.0.0
    hash_of: models/fraese.json
    card:
      purpose: Ausfall vorhersagen
      data: {de: Eigene Messwerte, en: Own measurements}
      limits: Nur diese Maschine
      metrics: [{name: AUC, value: 0.97, on: Testteil}]
`

var tree = fstest.MapFS{"models/fraese.json": {Data: []byte("model")}}

func sum(s string) string {
	d := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(d[:])
}

func read(t *testing.T, data string) systemfile.File {
	t.Helper()
	f, err := systemfile.Read("ai-system.yaml", []byte(data), tree)
	if err != nil {
		t.Fatalf("%v %+v", err, problem.From(err).Fields)
	}
	return f
}

// permits is what the runtime holds, by system.
type permits map[string]permit.Permit

func (p permits) of(_ context.Context, _ store.Reader, system string) (permit.Permit, error) {
	if x, ok := p[system]; ok {
		return x, nil
	}
	return permit.Permit{}, problem.New(problem.NotFound, "Keine.", "None.")
}

func house(h *exchangetest.House, p permits) systemfile.House {
	return systemfile.House{DB: h.DB, Inventory: h.Inventory, Data: h.Data, Permit: p.of, Now: func() time.Time { return h.Now }, Rand: rand.Reader}
}

// A file becomes an entry; the second time nothing changes, and a changed file
// changes what it says, found by its key.
func TestApply(t *testing.T) {
	h := exchangetest.Open(t)
	owner := h.Person("sabine.keller", "Sabine Keller", true)
	at := house(h, nil)
	plan, err := systemfile.Apply(h.Ctx, at, read(t, full))
	if err != nil || !plan.New || plan.Unchanged() || len(plan.Models) != 1 || !plan.Models[0].New || plan.System == "" {
		t.Fatalf("%+v %v", plan, err)
	}
	s, err := h.Inventory.Systems.Get(h.Ctx, h.DB, plan.System)
	h.Must(err)
	d := s.Doc
	if d.RiskOwner != owner || d.LifeCycle != inventory.Idea || len(d.Missing()) != 0 || d.Oversee.Limits.Confidence != 0.9 || d.Use != text.Same("Die Schichtleitung sieht den Vorschlag.") || d.Code == "" {
		t.Errorf("%+v, missing %v", d, d.Missing())
	}
	m, err := h.Inventory.ModelByName(h.Ctx, h.DB, "fraese-ausfall")
	if err != nil || m.Doc.Hash != sum("model") || m.Doc.System != s.ID || !m.Doc.Card.Complete() {
		t.Errorf("%+v %v", m.Doc, err)
	}
	for range 2 {
		again, err := systemfile.Apply(h.Ctx, at, read(t, full))
		if err != nil || !again.Unchanged() || again.System != s.ID {
			t.Fatalf("again: %+v %v", again, err)
		}
	}
	if now, err := h.Inventory.Systems.Get(h.Ctx, h.DB, s.ID); err != nil || now.Revision != s.Revision {
		t.Errorf("unchanged is revision %d, %v", now.Revision, err)
	}
	next := strings.NewReplacer("name: Ausfall der Fräse", "name: Fräse 4", "version: 1.0.0", "version: 1.1.0", "zones: [halle-1]\n", "").Replace(full)
	shown, err := systemfile.Compare(h.Ctx, at, read(t, next))
	if err != nil || fmt.Sprint(shown.Changes) != "[{name Ausfall der Fräse Fräse 4}]" || fmt.Sprint(shown.Models[0].Changes) != "[{version 1.0.0 1.1.0}]" {
		t.Errorf("%+v %v", shown, err)
	}
	if done, err := systemfile.Apply(h.Ctx, at, read(t, next)); err != nil || done.System != s.ID || done.New {
		t.Errorf("%+v %v", done, err)
	}
	now, err := h.Inventory.Systems.Get(h.Ctx, h.DB, s.ID)
	if err != nil || now.Doc.Name != "Fräse 4" || !slices.Equal(now.Doc.Zones, []string{"halle-1"}) || now.Doc.Code != d.Code {
		t.Errorf("what the file leaves out is not left alone: %+v %v", now.Doc, err)
	}
}

// What is wrong has its line and field, in both languages, and nothing is stored.
func TestErrorsByLine(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		line     int
		say      string
	}{
		"no format":             {"format: augenmass/ai-system/1\n", "", 2, "format"},
		"another format":        {"ai-system/1", "ai-system/9", 2, "augenmass/ai-system/1"},
		"a key with spaces":     {"key: fraese-ausfall", "key: Fräse Ausfall", 3, "key"},
		"no name":               {"name: Ausfall der Fräse\n", "", 2, "name"},
		"an unknown field":      {"zones:", "zonen:", 16, "zonen"},
		"an unknown origin":     {"origin: developed", "origin: found", 9, "developed, procured"},
		"an unknown scope":      {"production, pred", "moon, pred", 10, "moon"},
		"an unknown mode":       {"on_the_loop", "above", 19, "oversight.mode"},
		"an unknown role":       {"decider_role: shift_lead", "decider_role: cleaner", 21, "decider_role"},
		"people maybe":          {"people: false", "people: maybe", 13, "maybe"},
		"a day that is none":    {"2027-06-30", "2027-02-31", 27, "2027-02-31"},
		"a share beyond":        {"confidence: 0.9", "confidence: 90", 24, "oversight.limits.confidence"},
		"a number that is none": {"retain_days: 180", "retain_days: long", 26, "retain_days"},
		"too long":              {"retain_days: 180", "retain_days: 99999", 26, "retain_days"},
		"one language":          {"{de: Wartung planen, en: Plan maintenance}", "{de: Wartung planen}", 5, "purpose"},
		"a model's name":        {"  - name: fraese-ausfall", "  - name: Fräse!", 29, "models.0.name"},
		"no version":            {"    version: 1.0.0\n", "", 29, "version"},
		"a hash that is none":   {"hash_of: models/fraese.json", "hash: sha256:00", 31, "hash"},
		"a file that is gone":   {"models/fraese.json", "models/none.json", 31, "models/none.json"},
		"a file outside":        {"models/fraese.json", "../secret", 31, "../secret"},
		"an absolute file":      {"models/fraese.json", "/etc/passwd", 31, "/etc/passwd"},
		"broken YAML":           {"zones: [halle-1]", "zones: [halle-1", 17, "YAML"},
	} {
		data := strings.Replace(full, c.old, c.new, 1)
		if data == full {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := systemfile.Read("ai-system.yaml", []byte(data), tree)
		p := problem.From(err)
		ok := slices.ContainsFunc(p.Fields, func(f problem.Field) bool {
			return f.Path == fmt.Sprintf("ai-system.yaml:%d", c.line) && strings.Contains(f.Say.DE, c.say) && strings.Contains(f.Say.EN, c.say)
		})
		if p.Kind != problem.BadInput || !ok {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
	}
	if _, err := systemfile.Read("x", make([]byte, systemfile.MaxBytes+1), tree); !problem.Is(err, problem.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := systemfile.Read("x", []byte(full), nil); !problem.Is(err, problem.BadInput) {
		t.Errorf("hash_of without a folder: %v", err)
	}
}

// What only the register knows is named with its line, too; nothing is half
// stored.
func TestAgainstTheRegister(t *testing.T) {
	h := exchangetest.Open(t)
	at := house(h, nil)
	_, err := systemfile.Apply(h.Ctx, at, read(t, full))
	if p := problem.From(err); p.Kind != problem.BadInput || p.Fields[0].Path != "ai-system.yaml:17" {
		t.Errorf("an unknown owner: %v %+v", err, p.Fields)
	}
	h.Person("sabine.keller", "Sabine Keller", true)
	other := h.System("Anderes")
	exchangetest.Create(h, h.Inventory.Models, inventory.Model{System: other.ID, Name: "fraese-ausfall", Version: "9"})
	_, err = systemfile.Apply(h.Ctx, at, read(t, full))
	if p := problem.From(err); p.Kind != problem.BadInput || p.Fields[0].Path != "ai-system.yaml:29" {
		t.Errorf("a model of another system: %v %+v", err, p.Fields)
	}
	if n, err := h.Inventory.Systems.Count(h.Ctx, h.DB); err != nil || n != 1 {
		t.Errorf("%d systems, %v", n, err)
	}
	if _, err := systemfile.Apply(h.As("worker"), at, read(t, strings.Replace(full, "fraese-ausfall\n    v", "x\n    v", 1))); err == nil {
		t.Error("a worker applies a file")
	}
}

// codes are the findings as "line code field".
func codes(t *testing.T, all []systemfile.Finding) string {
	t.Helper()
	var out []string
	for _, f := range all {
		if !f.Say.Complete() || strings.Contains(f.Say.DE+f.Say.EN, "%!") {
			t.Errorf("%+v", f)
		}
		out = append(out, fmt.Sprintf("%d %s %s", f.Line, f.Code, f.Field))
	}
	return strings.Join(out, "; ")
}

// Alone, a file shows missing entries, other bytes and a review that is overdue.
func TestCheckAlone(t *testing.T) {
	now := exchangetest.Start
	for name, c := range map[string]struct{ old, new, want string }{
		"whole":           {"", "", ""},
		"no owner":        {"owner: sabine.keller\n", "", "2 missing owner"},
		"nobody said":     {"people: false\n", "", "2 missing people"},
		"overdue":         {"2027-06-30", "2026-11-20", "27 overdue review_by"},
		"due today":       {"2027-06-30", "2026-11-21", ""},
		"the same bytes":  {"hash_of: models/fraese.json", "hash_of: models/fraese.json\n    hash: " + sum("model"), ""},
		"other bytes":     {"hash_of: models/fraese.json", "hash_of: models/fraese.json\n    hash: " + sum("other"), "32 hash models.0.hash"},
		"no bytes":        {"    hash_of: models/fraese.json\n", "", "29 missing models.0.name"},
		"no data sources": {"data_sources: [Sensoren der Fräse]\n", "", "2 missing data_sources"},
		"nobody decides":  {"  decider: {de: Schichtleitung, en: Shift lead}\n", "", "2 missing oversight.decider"},
	} {
		found, err := systemfile.Check(t.Context(), nil, read(t, strings.Replace(full, c.old, c.new, 1)), now)
		if got := codes(t, found); err != nil || got != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
}

// Against an organisation: registered, the same as in the register, and a permit
// that holds for exactly this model.
func TestCheckAgainstPermit(t *testing.T) {
	h := exchangetest.Open(t)
	h.Person("sabine.keller", "Sabine Keller", true)
	held := permits{}
	at := house(h, held)
	check := func(data string) string {
		t.Helper()
		found, err := systemfile.Check(h.Ctx, &at, read(t, data), h.Now)
		h.Must(err)
		return codes(t, found)
	}
	if got := check(full); got != "3 unregistered key" {
		t.Errorf("not applied: %s", got)
	}
	plan, err := systemfile.Apply(h.Ctx, at, read(t, full))
	h.Must(err)
	if got := check(full); got != "3 permit key" {
		t.Errorf("without a permit: %s", got)
	}
	good := permit.Permit{State: permit.Valid, ValidUntil: h.Now.AddDate(0, 1, 0), Models: []permit.Model{{Name: "fraese-ausfall", Version: "1.0.0", Hash: sum("model")}}}
	held[plan.System] = good
	if got := check(full); got != "" {
		t.Errorf("with a permit: %s", got)
	}
	if got := check(strings.Replace(full, "version: 1.0.0", "version: 1.1.0", 1)); got != "30 differs models.0.version; 30 model models.0.version" {
		t.Errorf("another version: %s", got)
	}
	tree["models/fraese.json"].Data = []byte("other")
	if got := check(full); got != "29 differs models.0.hash; 30 model models.0.version" {
		t.Errorf("other bytes: %s", got)
	}
	tree["models/fraese.json"].Data = []byte("model")
	if got := check(strings.Replace(full, "technology: Gradient Boosting", "technology: Netz", 1)); got != "12 differs technology" {
		t.Errorf("another technology: %s", got)
	}
	if got := check(strings.Replace(full, "owner: sabine.keller", "owner: niemand", 1)); got != "17 differs " {
		t.Errorf("an unknown owner: %s", got)
	}
	expired := good
	expired.ValidUntil = h.Now
	held[plan.System] = expired
	if got := check(full); got != "3 permit key" {
		t.Errorf("expired: %s", got)
	}
	held[plan.System] = permit.Permit{State: permit.Suspended, Models: good.Models, Lapses: []permit.Lapse{{Code: "x", Say: text.Bi{DE: "Es fehlt.", EN: "It is missing."}}}}
	if got := check(full); got != "3 permit key" {
		t.Errorf("suspended: %s", got)
	}
	held[plan.System] = permit.Permit{State: permit.Valid}
	if got := check(full); got != "30 model models.0.version" {
		t.Errorf("no model covered: %s", got)
	}
}

// Whatever comes in is refused with a sentence or becomes a file that can be
// checked.
func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("format: augenmass/ai-system/1\nkey: a\nname: b\noversight: {limits: {drift: 2}}\n"))
	f.Add([]byte("\xef\xbb\xbfformat: &a augenmass/ai-system/1\nkey: *a\nname: b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := systemfile.Read("f", raw, tree)
		if err != nil {
			if k := problem.From(err).Kind; k != problem.BadInput && k != problem.TooLarge {
				t.Fatal(err)
			}
			return
		}
		if _, err := systemfile.Check(t.Context(), nil, file, exchangetest.Start); err != nil {
			t.Fatal(err)
		}
	})
}
