package data_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// house is the room over a database of its own.
type house struct {
	*testing.T
	room *data.Room
	inv  *inventory.Room
	db   *store.DB
	ctx  context.Context
	who  string
	now  time.Time
	sys  store.Object[inventory.System]
	seal note.Signer
	vkey string
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, now: governtest.Start}
	skey, vkey, err := note.GenerateKey(rand.Reader, "augenmass/werk/seal")
	h.must(err)
	h.vkey = vkey
	h.seal, err = note.NewSigner(skey)
	h.must(err)
	now := func() time.Time { return h.now }
	h.inv = inventory.New(now)
	h.room = data.New(h.inv, func() (note.Signer, string) { return h.seal, h.vkey }, now)
	persons := store.NewKind[governtest.Person]("person", "usr")
	kinds := append([]store.AnyKind{persons, control.EvidenceKind()}, h.inv.Kinds()...)
	h.db, err = store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: append(kinds, h.room.Kinds()...),
		Access: store.AllowAll, Source: "/werk/store", Now: now, Rand: rand.Reader})
	h.must(err)
	t.Cleanup(func() { h.must(h.db.Close()) })
	h.inv.Open(h.db)
	h.room.Open(h.db, nil)
	h.ctx = store.WithActor(t.Context(), store.Actor{ID: "house", Kind: store.System})
	p := create(h, persons, governtest.Person{Name: "Sabine"})
	h.who = p.ID
	h.ctx = store.WithActor(t.Context(), store.Actor{ID: p.ID, Kind: "person"})
	h.sys = create(h, h.inv.Systems, inventory.System{Name: "Fräse", People: true})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func create[T any](h *house, k *store.Kind[T], doc T) store.Object[T] {
	h.Helper()
	var made store.Object[T]
	h.must(h.db.Write(h.ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(h.ctx, tx, doc)
		return err
	}))
	return made
}

func change[T any](h *house, k *store.Kind[T], id string, f func(*T)) store.Object[T] {
	h.Helper()
	var saved store.Object[T]
	h.must(h.db.Write(h.ctx, func(tx *store.Tx) error {
		o, err := k.Get(h.ctx, tx, id)
		if err != nil {
			return err
		}
		f(&o.Doc)
		saved, err = k.Update(h.ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
	return saved
}

// hash is a checksum of one letter.
func hash(s string) string { return strings.Repeat(s, 64/len(s)) }

func (h *house) set(steps ...data.Act) store.Object[data.Dataset] {
	h.Helper()
	o := create(h, h.room.Datasets, data.Dataset{Name: "Sensordaten 2025", Systems: []string{h.sys.ID}, Source: "Steuerung"})
	for i, act := range steps {
		var err error
		o, err = h.room.AddStep(h.ctx, o.ID, o.Revision, data.Entry{Act: act, At: h.now.AddDate(0, 0, i-len(steps)), Note: "Schritt " + string(act), Hash: hash(fmt.Sprintf("%02x", i))})
		h.must(err)
	}
	return o
}

var four = []data.Act{data.Acquire, data.Clean, data.Protect, data.Delete}

// 000-32: a data set has the four steps; the last names its proof by hash.
func TestFourSteps(t *testing.T) {
	h := open(t)
	o := h.set(four...)
	if n := o.Doc.Done(); n != 4 || len(o.Doc.Steps) != 4 {
		t.Errorf("%d kinds of steps", n)
	}
	d := o.Doc.Deleted()
	if d == nil || d.Hash != hash("03") || d.By != h.who || !d.Recorded.Equal(h.now.Truncate(time.Second)) {
		t.Errorf("%+v", d)
	}
	r, err := h.room.Verify(h.ctx, o.ID)
	if err != nil || r.Break != nil || r.Steps != 4 {
		t.Errorf("%+v %v", r, err)
	}
}

// 000-32: past the day of deletion without proof is overdue; the day itself is not.
func TestDayOfDeletion(t *testing.T) {
	d := data.Dataset{Name: "x", DeleteBy: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	for at, want := range map[string]bool{"2026-11-20T23:59:59Z": false, "2026-11-21T23:59:59Z": false, "2026-11-22T00:00:00Z": true} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if d.Overdue(when) != want {
			t.Errorf("%s: overdue %v", at, !want)
		}
	}
	d.Steps = []data.Step{{Act: data.Delete}}
	if d.Overdue(d.DeleteBy.AddDate(1, 0, 0)) {
		t.Error("deleted data are overdue")
	}
}

// What makes no sense is refused before anything is signed.
func TestStepsThatAreRefused(t *testing.T) {
	h := open(t)
	ok := data.Entry{Act: data.Acquire, At: h.now, Hash: hash("a")}
	for name, c := range map[string]struct {
		steps []data.Act
		e     func(*data.Entry)
		path  string
	}{
		"cleaning first":          {nil, func(e *data.Entry) { e.Act = data.Clean }, "act"},
		"after deletion":          {four, func(e *data.Entry) { e.Act = data.Clean }, "act"},
		"no hash":                 {nil, func(e *data.Entry) { e.Hash = "" }, "hash"},
		"half a hash":             {nil, func(e *data.Entry) { e.Hash = hash("a")[:63] }, "hash"},
		"no day":                  {nil, func(e *data.Entry) { e.At = time.Time{} }, "at"},
		"the day after tomorrow":  {nil, func(e *data.Entry) { e.At = h.now.Add(48 * time.Hour) }, "at"},
		"deletion without record": {four[:3], func(e *data.Entry) { e.Act = data.Delete }, "note"},
	} {
		o, e := h.set(c.steps...), ok
		c.e(&e)
		_, err := h.room.AddStep(h.ctx, o.ID, o.Revision, e)
		p := problem.From(err)
		if p.Kind != problem.BadInput || !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Path == c.path && f.Say.Complete() }) {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
	}
	o := h.set()
	e := ok
	e.Hash = " SHA256:" + strings.ToUpper(hash("a"))
	if saved, err := h.room.AddStep(h.ctx, o.ID, o.Revision, e); err != nil || saved.Doc.Steps[0].Hash != hash("a") {
		t.Errorf("a pasted hash: %v", err)
	}
	if _, err := h.room.AddStep(h.ctx, o.ID, o.Revision, ok); !problem.Is(err, problem.Conflict) {
		t.Errorf("over somebody's change: %v", err)
	}
	if _, err := h.room.AddStep(t.Context(), o.ID, 2, ok); !problem.Is(err, problem.Unsigned) {
		t.Errorf("by nobody: %v", err)
	}
}

// 001-23: whatever is changed in a chain, the verification names the first step
// that does not hold any more.
func TestFirstBreak(t *testing.T) {
	h := open(t)
	whole := h.set(data.Acquire, data.Clean, data.Protect)
	other := h.set(data.Acquire)
	_, foreign, err := note.GenerateKey(rand.Reader, "augenmass/werk/seal")
	h.must(err)
	at := func(i int, f func(*data.Step)) func([]data.Step) []data.Step {
		return func(s []data.Step) []data.Step { f(&s[i]); return s }
	}
	for name, c := range map[string]struct {
		change func([]data.Step) []data.Step
		vkey   string
		step   int
		say    string
	}{
		"nothing":              {func(s []data.Step) []data.Step { return s }, h.vkey, 0, ""},
		"hash of the data":     {at(1, func(s *data.Step) { s.Hash = hash("f") }), h.vkey, 2, "checksum of the data"},
		"day":                  {at(2, func(s *data.Step) { s.At = s.At.Add(time.Hour) }), h.vkey, 3, "day"},
		"person":               {at(0, func(s *data.Step) { s.By = "" }), h.vkey, 1, "person"},
		"note":                 {at(0, func(s *data.Step) { s.Note += "!" }), h.vkey, 1, "note"},
		"kind":                 {at(1, func(s *data.Step) { s.Act = data.Protect }), h.vkey, 2, "kind of step"},
		"evidence":             {at(1, func(s *data.Step) { s.Evidence = "evd_1" }), h.vkey, 2, "evidence"},
		"time of recording":    {at(1, func(s *data.Step) { s.Recorded = s.Recorded.Add(time.Second) }), h.vkey, 2, "time of recording"},
		"predecessor":          {at(1, func(s *data.Step) { s.Previous = hash("0") }), h.vkey, 2, "predecessor"},
		"no signature":         {at(2, func(s *data.Step) { s.Envelope = "" }), h.vkey, 3, "not signed"},
		"a changed signature":  {at(1, func(s *data.Step) { s.Envelope = strings.Replace(s.Envelope, `"sig":"`, `"sig":"AA`, 1) }), h.vkey, 2, "seal"},
		"another seal":         {func(s []data.Step) []data.Step { return s }, foreign, 1, "seal"},
		"a step left out":      {func(s []data.Step) []data.Step { return slices.Delete(s, 1, 2) }, h.vkey, 2, "step 3"},
		"the first left out":   {func(s []data.Step) []data.Step { return s[1:] }, h.vkey, 1, "acquisition"},
		"two changed places":   {func(s []data.Step) []data.Step { s[1], s[2] = s[2], s[1]; return s }, h.vkey, 2, "step 3"},
		"of another data set":  {func([]data.Step) []data.Step { return other.Doc.Steps }, h.vkey, 1, "another data set"},
		"a step after the end": {func(s []data.Step) []data.Step { return append(s, s[2]) }, h.vkey, 4, "step 3"},
	} {
		v, err := note.NewVerifier(c.vkey)
		h.must(err)
		b := data.Check(h.ctx, v, whole.ID, c.change(slices.Clone(whole.Doc.Steps)))
		switch {
		case c.step == 0 && b != nil:
			t.Errorf("%s: %v", name, b)
		case c.step > 0 && (b == nil || b.Step != c.step || !strings.Contains(b.Error(), c.say) || !b.Say.Complete()):
			t.Errorf("%s: %v, want step %d, %s", name, b, c.step, c.say)
		}
	}
}

// 001-23: steps that were taken off the end show in the history.
func TestStepsTakenOff(t *testing.T) {
	h := open(t)
	o := h.set(data.Acquire, data.Clean, data.Protect)
	change(h, h.room.Datasets, o.ID, func(d *data.Dataset) { d.Steps = d.Steps[:1] })
	r, err := h.room.Verify(h.ctx, o.ID)
	if err != nil || r.Break == nil || r.Break.Step != 2 || !strings.Contains(r.Break.Say.DE, "3") {
		t.Errorf("%+v %v", r.Break, err)
	}
	if _, err := h.room.Verify(h.ctx, "dts_none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

// A chain that is broken is not continued over the break.
func TestABrokenChainIsNotContinued(t *testing.T) {
	h := open(t)
	o := h.set(data.Acquire, data.Clean)
	o = change(h, h.room.Datasets, o.ID, func(d *data.Dataset) { d.Steps[0].Note = "anders" })
	_, err := h.room.AddStep(h.ctx, o.ID, o.Revision, data.Entry{Act: data.Protect, At: h.now, Hash: hash("a")})
	if p := problem.From(err); p.Kind != problem.BadInput || !strings.Contains(p.Say.DE, "Schritt 1") {
		t.Errorf("%v", err)
	}
}

// 002-64: the list of data for each job; what names no job stands last.
func TestDataListPerJob(t *testing.T) {
	set := func(name string, jobs ...string) store.Object[data.Dataset] {
		return store.Object[data.Dataset]{Doc: data.Dataset{Name: name, Jobs: jobs}}
	}
	jobs := data.Jobs(text.DE, []store.Object[data.Dataset]{set("a"), set("b", "Zerspanung", "Ätzen"), set("c", "ätzen", "Ätzen "), set("d", "Bohren")})
	var got []string
	for _, j := range jobs {
		names := []string{}
		for _, s := range j.Sets {
			names = append(names, s.Doc.Name)
		}
		got = append(got, j.Name+":"+strings.Join(names, ""))
	}
	if strings.Join(got, " ") != "Ätzen:bc Bohren:d Zerspanung:b :a" {
		t.Errorf("%v", got)
	}
}

// 003-57: what is not known about a flow may stay open, and is counted.
func TestUnknownIsCounted(t *testing.T) {
	h := open(t)
	full := create(h, h.room.Flows, data.Flow{From: "Fräse", To: "Cloud", What: "Messwerte", Place: "Rechenzentrum", Country: "Irland", Access: "Anbieter"})
	part := create(h, h.room.Flows, data.Flow{From: "Cloud", To: "Anbieter", What: "Protokolle", Place: " "})
	if n, of := data.OpenAnswers([]store.Object[data.Flow]{full, part}); n != 3 || of != 6 {
		t.Errorf("%d of %d", n, of)
	}
	if u := part.Doc.Unknown(); len(u) != 3 || len(full.Doc.Unknown()) != 0 {
		t.Errorf("%v", u)
	}
	err := h.db.Write(h.ctx, func(tx *store.Tx) error {
		_, err := h.room.Flows.Create(h.ctx, tx, data.Flow{From: "Cloud", To: " cloud", What: "x"})
		return err
	})
	if !problem.Is(err, problem.BadInput) {
		t.Errorf("a flow to itself: %v", err)
	}
}

func num(v float64) *float64 { return &v }

// 000-30: each item is held against its acceptance value.
func TestAcceptance(t *testing.T) {
	for name, c := range map[string]struct {
		i    data.Item
		want data.Verdict
	}{
		"at least, above":     {data.Item{Op: data.AtLeast, Accept: num(90), Measured: num(90.1)}, data.Met},
		"at least, equal":     {data.Item{Op: data.AtLeast, Accept: num(90), Measured: num(90)}, data.Met},
		"at least, below":     {data.Item{Op: data.AtLeast, Accept: num(90), Measured: num(89.9)}, data.Missed},
		"at most, equal":      {data.Item{Op: data.AtMost, Accept: num(5), Measured: num(5)}, data.Met},
		"at most, above":      {data.Item{Op: data.AtMost, Accept: num(5), Measured: num(5.1)}, data.Missed},
		"at most zero":        {data.Item{Op: data.AtMost, Accept: num(0), Measured: num(0)}, data.Met},
		"not measured":        {data.Item{Op: data.AtLeast, Accept: num(90)}, data.Open},
		"no acceptance value": {data.Item{Op: data.AtLeast, Measured: num(90)}, data.Open},
		"done":                {data.Item{Op: data.IsDone, Measured: num(1)}, data.Met},
		"not done":            {data.Item{Op: data.IsDone, Measured: num(0)}, data.Missed},
		"nobody said":         {data.Item{Op: data.IsDone}, data.Open},
		"an unknown op":       {data.Item{Op: "about", Accept: num(1), Measured: num(1)}, data.Missed},
	} {
		if got := c.i.Verdict(); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// 000-30: the list is data, in both languages, with clauses that exist.
func TestTemplate(t *testing.T) {
	items, err := data.Template()
	if err != nil {
		t.Fatal(err)
	}
	lib, phases := governtest.Library(t), map[data.Phase]int{}
	for _, i := range items {
		phases[i.Phase]++
		if !i.Say.Complete() || !slices.Contains(data.Op("").Values(), string(i.Op)) || i.Accept != nil || len(i.Clauses) == 0 {
			t.Errorf("%+v", i)
		}
		for _, id := range i.Clauses {
			if _, _, _, ok := lib.Cited(id); !ok {
				t.Errorf("%s: no pack has %s", i.Key, id)
			}
		}
	}
	if phases[data.Training] < 3 || phases[data.Validation] < 3 || len(phases) != 2 {
		t.Errorf("%v", phases)
	}
	check := data.ModelCheck{Items: items}
	if err := check.Validate(); err != nil || check.Passed() {
		t.Errorf("a fresh list: %v", err)
	}
	for i := range check.Items {
		check.Items[i].Measured = num(1)
		if check.Items[i].Op != data.IsDone {
			check.Items[i].Accept = num(1)
		}
	}
	if !check.Passed() {
		t.Error("everything met is not passed")
	}
	check.Items = slices.DeleteFunc(check.Items, func(i data.Item) bool { return i.Phase == data.Training })
	if check.Passed() {
		t.Error("passed without looking at training")
	}
}

// says is what the room says of the system, with one model.
func (h *house) says(people bool, models ...store.Object[inventory.Model]) stand.Said {
	h.Helper()
	s := h.sys
	s.Doc.People = people
	ctx, n := store.CountQueries(h.ctx)
	said, err := h.room.Says(ctx, h.db, stand.Subject{System: s, Models: models, Now: h.now})
	h.must(err)
	if *n > 2 {
		h.Errorf("%d queries", *n)
	}
	for _, p := range said.Parts {
		for _, l := range append(p.Lines, p.Title) {
			if !l.Complete() || strings.Contains(l.DE, "%!") {
				h.Errorf("%q", l)
			}
		}
	}
	return said
}

// unmet are the codes that do not hold at an instant.
func unmet(said stand.Said, at time.Time) string {
	var out []string
	for _, d := range said.Demands {
		if !d.Met || !d.Until.IsZero() && !at.Before(d.Until) {
			out = append(out, d.Code)
		}
	}
	return strings.Join(out, " ")
}

// What is demanded follows from what depends on the system and from what was
// found wrong; where nothing is recorded the short path stays short (001-41).
func TestDemands(t *testing.T) {
	h := open(t)
	model := create(h, h.inv.Models, inventory.Model{System: h.sys.ID, Name: "ausfall", Version: "1"})
	if said := h.says(false, model); len(said.Demands) != 0 || said.Seen != nil || len(said.Parts) != 0 {
		t.Errorf("of nothing: %+v", said)
	}
	if said := h.says(true, model); unmet(said, h.now) != permit.DemandModelCheck || said.Seen != nil {
		t.Errorf("a model without acceptance: %+v", said)
	}
	o := h.set()
	if said := h.says(false, model); len(said.Demands) != 0 || said.Seen != nil {
		t.Errorf("a data set without steps: %+v", said)
	}
	if said := h.says(true, model); unmet(said, h.now) != permit.DemandProvenance+" "+permit.DemandModelCheck || said.Seen == nil {
		t.Errorf("where much depends on it: %+v", said)
	}
	o, err := h.room.AddStep(h.ctx, o.ID, o.Revision, data.Entry{Act: data.Acquire, At: h.now, Hash: hash("a")})
	h.must(err)
	if got := unmet(h.says(true, model), h.now); got != permit.DemandModelCheck {
		t.Errorf("with a chain: %s", got)
	}
	change(h, h.room.Datasets, o.ID, func(d *data.Dataset) { d.DeleteBy = h.now.AddDate(0, 0, 3).Truncate(24 * time.Hour) })
	said := h.says(false, model)
	if unmet(said, h.now.AddDate(0, 0, 3)) != "" || unmet(said, h.now.AddDate(0, 0, 4)) != permit.DemandDeletion {
		t.Errorf("the day of deletion: %+v", said.Demands)
	}
	change(h, h.room.Datasets, o.ID, func(d *data.Dataset) { d.Steps[0].Note, d.DeleteBy = "anders", time.Time{} })
	if got := unmet(h.says(false, model), h.now); got != permit.DemandProvenance {
		t.Errorf("a broken chain: %s", got)
	}
}

// 000-30: an acceptance counts for the version and the bytes that were checked.
func TestAcceptanceDemand(t *testing.T) {
	h := open(t)
	model := create(h, h.inv.Models, inventory.Model{System: h.sys.ID, Name: "ausfall", Version: "1", Hash: "sha256:" + hash("a")})
	check, err := data.NewCheck(model)
	h.must(err)
	for i := range check.Items {
		check.Items[i].Measured = num(1)
		if check.Items[i].Op != data.IsDone {
			check.Items[i].Accept = num(1)
		}
	}
	made := create(h, h.room.Checks, check)
	if got := unmet(h.says(true, model), h.now); got != "" {
		t.Errorf("accepted: %s", got)
	}
	next := model
	next.Doc.Version = "2"
	if got := unmet(h.says(true, next), h.now); got != permit.DemandModelCheck {
		t.Errorf("the next version: %s", got)
	}
	next = model
	next.Doc.Hash = "sha256:" + hash("b")
	if got := unmet(h.says(true, next), h.now); got != permit.DemandModelCheck {
		t.Errorf("other bytes: %s", got)
	}
	change(h, h.room.Checks, made.ID, func(m *data.ModelCheck) { m.Items[0].Measured = nil })
	if got := unmet(h.says(false, model), h.now); got != "" {
		t.Errorf("half filled in, where little depends on it: %s", got)
	}
	change(h, h.room.Checks, made.ID, func(m *data.ModelCheck) { m.Items[0].Measured = num(0) })
	if got := unmet(h.says(false, model), h.now); got != permit.DemandModelCheck {
		t.Errorf("failed: %s", got)
	}
}

// A change of a data set may touch every system, one of an acceptance its own.
func TestSystemOf(t *testing.T) {
	h := open(t)
	o := h.set()
	model := create(h, h.inv.Models, inventory.Model{System: h.sys.ID, Name: "ausfall", Version: "1"})
	check, err := data.NewCheck(model)
	h.must(err)
	made := create(h, h.room.Checks, check)
	if s, err := h.room.SystemOf(h.ctx, h.db, "dataset", o.ID); err != nil || s != "" {
		t.Errorf("%q %v", s, err)
	}
	if s, err := h.room.SystemOf(h.ctx, h.db, "model_check", made.ID); err != nil || s != h.sys.ID {
		t.Errorf("%q %v", s, err)
	}
	if _, err := h.room.SystemOf(h.ctx, h.db, "model_check", "mck_none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

// Without a readable seal nothing is signed and nothing verifies.
func TestWithoutASeal(t *testing.T) {
	h := open(t)
	o := h.set(data.Acquire)
	h.vkey = ""
	if _, err := h.room.AddStep(h.ctx, o.ID, o.Revision, data.Entry{Act: data.Clean, At: h.now, Hash: hash("a")}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
	if _, err := h.room.Verify(h.ctx, o.ID); !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
	var b *data.Break
	if !errors.As(error(&data.Break{Step: 2, Say: text.Same("x")}), &b) || b.Error() != "step 2: x" {
		t.Errorf("%v", b)
	}
}
