package approve_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/text"
)

// free are the fields of a dossier that may change without anybody approving
// again, with the reason. Every other field, also one that is added later,
// costs the approvals.
var free = map[string]string{
	"System.Stop":               "pressing stop must not cost the approvals; a stopped system falls by itself",
	"System.LifeCycle":          "a step of life; an idea and a retired system fall by themselves",
	"System.Number":             "the permit's number follows from the permit",
	"System.Code":               "of the public card",
	"Models.System":             "it says where the model is, which the dossier shows by having it",
	"Models.Endpoint":           "the permit covers the bytes, not the address",
	"Classification.System":     "as with models",
	"Classification.Draft":      "not a result yet",
	"Classification.Version":    "the trace says what changed",
	"Classification.OpenWho":    "who settles what is open",
	"Classification.OpenDue":    "by when",
	"Classification.OpenTo":     "whom they ask",
	"Classification.Basis":      "what the system was like; the system itself is approved",
	"Classification.AsOf":       "classifying again with the same result is no change",
	"Classification.ValidUntil": "the permit falls by itself when it is over",
	"Assessments.System":        "as with models",
	"Assessments.Version":       "the trace says what changed",
	"Assessments.Draft":         "not a verdict yet",
	"Assessments.OpenWho":       "who settles what is open",
	"Assessments.OpenDue":       "by when",
	"Assessments.AsOf":          "answering again with the same verdict is no change",
	"Assessments.ValidUntil":    "the permit falls by itself when it is over",
	"Agreements.Systems":        "as with models",
	"Agreements.SignedAt":       "the permit falls by itself when the signature is missing",
	"Agreements.ValidUntil":     "the permit falls by itself when it is over",
}

func isFree(path string) bool {
	for f := range free {
		if path == f || strings.HasPrefix(path, f+".") || strings.HasPrefix(path, f+"[") {
			return true
		}
	}
	return false
}

// mutants calls f with every single change of a value: each number, text, time
// and switch changed by itself, each list with one element less and one more.
func mutants(v reflect.Value, path string, f func(path string)) {
	set := func(to reflect.Value) {
		was := reflect.New(v.Type()).Elem()
		was.Set(v)
		v.Set(to)
		f(path)
		v.Set(was)
	}
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			set(reflect.ValueOf(at.Add(time.Hour)))
			return
		}
		for i := range v.NumField() {
			mutants(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			mutants(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
		more := reflect.New(v.Type().Elem()).Elem()
		if v.Len() > 0 {
			set(v.Slice(0, v.Len()-1))
		}
		set(reflect.Append(reflect.MakeSlice(v.Type(), 0, v.Len()+1), append(elements(v), more)...))
	case reflect.String:
		set(reflect.ValueOf(v.String() + "x").Convert(v.Type()))
	case reflect.Bool:
		set(reflect.ValueOf(!v.Bool()))
	case reflect.Int, reflect.Int64:
		set(reflect.ValueOf(v.Int() + 1).Convert(v.Type()))
	case reflect.Float64:
		set(reflect.ValueOf(v.Float() + 0.01).Convert(v.Type()))
	default:
		panic("a dossier holds a " + v.Kind().String() + " at " + path)
	}
}

func elements(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	for i := range v.Len() {
		out = append(out, v.Index(i))
	}
	return out
}

// The permit falls for every single fact of the dossier that changes, and for
// none of those that are free.
func TestEveryFactOfTheDossierCounts(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Fräse")
	governtest.Create(h, "director", h.Agreements, voice.Agreement{Name: "BV 3", Systems: []string{s.ID}, SignedAt: h.Now().Add(-time.Hour),
		ValidUntil: h.Now().AddDate(2, 0, 0), Excluded: []text.Bi{{DE: "Leistung", EN: "performance"}}})
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	d, _ := h.Dossier(s.ID)
	state := func() permit.State {
		p, err := h.Approve.Preview(h.As(""), d)
		h.Must(err)
		return p.State
	}
	if got := state(); got != permit.Valid {
		t.Fatalf("before any change: %q", got)
	}
	tried, freed := 0, map[string]bool{}
	try := func(path string) {
		tried++
		plain := strings.ReplaceAll(strings.ReplaceAll(path, "[0]", ""), ".Doc", "")
		hash, err := d.Hash()
		h.Must(err)
		if isFree(plain) {
			for f := range free {
				if strings.HasPrefix(plain, f) {
					freed[f] = true
				}
			}
			if hash != d.Approvals[0].Doc.ContentHash {
				t.Errorf("%s costs the approvals, though it is free", path)
			}
			return
		}
		if got := state(); got == permit.Valid {
			t.Errorf("%s changed and the permit is still valid", path)
		}
		if hash == d.Approvals[0].Doc.ContentHash {
			t.Errorf("%s changed and the approvals still fit", path)
		}
	}
	mutants(reflect.ValueOf(&d.System.Doc).Elem(), "System", try)
	mutants(reflect.ValueOf(&d.Models[0].Doc).Elem(), "Models", try)
	mutants(reflect.ValueOf(&d.Classification.Doc).Elem(), "Classification", try)
	mutants(reflect.ValueOf(&d.Assessments[0].Doc).Elem(), "Assessments", try)
	mutants(reflect.ValueOf(&d.Agreements[0].Doc).Elem(), "Agreements", try)
	if tried < 150 {
		t.Errorf("only %d changes tried", tried)
	}
	for f := range free {
		if !freed[f] {
			t.Errorf("%s is declared free but no such field was tried", f)
		}
	}
	if got := state(); got != permit.Valid {
		t.Fatalf("after taking every change back: %q", got)
	}
	for name, drop := range map[string]func(d *approve.Dossier){
		"models":         func(d *approve.Dossier) { d.Models = nil },
		"classification": func(d *approve.Dossier) { d.Classification = nil },
		"assessments":    func(d *approve.Dossier) { d.Assessments = nil },
		"agreements":     func(d *approve.Dossier) { d.Agreements = nil },
		"approvals":      func(d *approve.Dossier) { d.Approvals = nil },
		"one approval":   func(d *approve.Dossier) { d.Approvals = d.Approvals[1:] },
	} {
		less := d
		drop(&less)
		p, err := h.Approve.Preview(h.As(""), less)
		h.Must(err)
		if p.State == permit.Valid {
			t.Errorf("valid without %s", name)
		}
	}
}

// The order in which objects come does not change the hash.
func TestHashDoesNotDependOnOrder(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, hash := h.Dossier(s.ID)
	d.Models = append(d.Models, d.Models[0])
	d.Models[1].Doc.Name = "zweites"
	one, err := d.Hash()
	h.Must(err)
	d.Models[0], d.Models[1] = d.Models[1], d.Models[0]
	two, err := d.Hash()
	h.Must(err)
	if one != two || one == hash {
		t.Errorf("%s, %s, before %s", one, two, hash)
	}
}

// A draft of a new assessment or classification leaves the permit alone.
func TestDraftLeavesThePermitAlone(t *testing.T) {
	h := governtest.Open(t)
	s := h.Permitted("Fräse")
	d, _ := h.Dossier(s.ID)
	version := h.Told(s.ID).Version
	ctx := h.As("ai_officer")
	answers := governtest.Clear()
	answers[0].Value = "unknown"
	a, err := h.Assess.Keep(ctx, s.ID, "identification", d.Assessments[0].Revision, answers)
	h.Must(err)
	c, err := h.Classify.Keep(ctx, s.ID, d.Classification.Revision, governtest.Minimal()[:2])
	h.Must(err)
	if p := h.Told(s.ID); p.State != permit.Valid || p.Version != version {
		t.Fatalf("a draft made it %q version %d: %v", p.State, p.Version, p.Lapses)
	}
	if len(a.Doc.Draft) != 6 || a.Doc.Verdict != "ai_system" || len(c.Doc.Draft) != 2 || c.Doc.Class != "minimal" {
		t.Errorf("drafts %v %v", a.Doc.Draft, c.Doc.Draft)
	}
	// Only drafts: nothing is identified or classified yet.
	doc := d.System.Doc
	doc.Code = "" // of the other system's public card
	fresh := governtest.Create(h, "ai_officer", h.Inventory.Systems, doc)
	_, err = h.Classify.Keep(ctx, fresh.ID, 0, governtest.Minimal()[:1])
	h.Must(err)
	_, err = h.Assess.Keep(ctx, fresh.ID, "identification", 0, answers[:1])
	h.Must(err)
	e, _ := h.Dossier(fresh.ID)
	if e.Classification != nil || e.Identification() != nil {
		t.Error("a draft counts as a result")
	}
}
