package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/risk"
	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/identity"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// world is one system of the model company with a valid permit, whose next
// inference can be asked for.
type world struct {
	*testing.T
	c      *Company
	b      *builder
	base   string // of the gateway
	system string
	model  string // id of the model that is asked
	name   string // what clients call it
	token  string
	signs  []string // sign-in names of those who approve
}

// settled are facts that nobody changes by a decision about the system.
var settled = map[string]string{
	"System":               "the identity of the system itself",
	"Number":               "given once, by the house",
	"Organisation":         "the name of the whole house",
	"LifeCycle":            "moves through the gates of govern/life alone; package permit tries an idea and a retired system",
	"Issued":               "history",
	"StoppedAt":            "goes with Stopped",
	"Models.Endpoint":      "the permit covers the bytes, not the address",
	"Approvals.ID":         "the identity of the record",
	"Assessments.ID":       "the identity of the record",
	"Assessments.Kind":     "the identity of the record",
	"Assessments.Clauses":  "follow from the kind",
	"Agreement.ID":         "the identity of the record",
	"Agreement.Needed":     "follows from People",
	"Agreement.Signed":     "rests on a system that touches people; govern/approve and permit try it",
	"Agreement.ValidUntil": "rests on a system that touches people; govern/approve and permit try it",
	"Findings.ID":          "no room of findings has a say in permits yet; package permit tries them",
	"Findings.Major":       "no room of findings has a say in permits yet; package permit tries them",
	"Findings.Clauses":     "no room of findings has a say in permits yet; package permit tries them",
	"Demands.Code":         "the room's; which ones are met is what changes",
	"Demands.Since":        "goes with Met",
	"Demands.Object":       "the identity of the record",
	"Demands.Detail":       "goes with Met",
	"Demands.Clauses":      "follow from the code",
	"Further.Say":          "only where much depends on the system; the tests of govern/approve change it with a room of their own",
	"Further.Kind":         "the room's; what it says is what changes",
	"Further.Clauses":      "follow from the kind",
	"Further.Limit":        "no room sets one yet; package permit tries them",
	"Further.Amount":       "no room sets one yet; package permit tries them",
	"Further.Allowed":      "no room sets one yet; package permit tries them",
}

// leaves are the facts of a permit by their paths, found by reflection: a new
// field of permit.Facts is a new path, which has to be settled or changed.
func leaves(t reflect.Type, path string) []string {
	switch {
	case t == reflect.TypeFor[text.Bi](), t == reflect.TypeFor[time.Time]():
		return []string{path}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && t.Elem() != reflect.TypeFor[text.Bi]():
		return leaves(t.Elem(), path)
	case t.Kind() != reflect.Struct:
		return []string{path}
	}
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		out = append(out, leaves(f.Type, strings.TrimPrefix(path+"."+f.Name, "."))...)
	}
	return out
}

// change makes one fact false through the register, and gives back what takes it
// back. nil: the system has no such fact.
type change func(w *world) (undo func())

// changes are the ways to touch each fact.
var changes = map[string]change{
	"Name":        ofSystem(func(s *inventory.System) { s.Name += " 2" }),
	"Purpose":     ofSystem(func(s *inventory.System) { s.Purpose.DE, s.Purpose.EN = "Etwas anderes", "something else" }),
	"Excluded":    ofSystem(func(s *inventory.System) { s.Excluded = nil }),
	"Owner":       ofSystem(func(s *inventory.System) { s.RiskOwner = "" }),
	"Decider":     ofSystem(func(s *inventory.System) { s.Oversee.Decider = text.Same("Niemand") }),
	"DeciderRole": ofSystem(func(s *inventory.System) { s.Oversee.DeciderRole = "council" }),
	"Zones":       ofSystem(func(s *inventory.System) { s.Zones = append(slices.Clone(s.Zones), "lager") }),
	"DataClasses": ofSystem(func(s *inventory.System) { s.DataClasses = append(slices.Clone(s.DataClasses), "Personaldaten") }),
	"People":      ofSystem(func(s *inventory.System) { s.People = !s.People }),
	"Oversight":   ofSystem(func(s *inventory.System) { s.Oversee.Mode = "none" }),
	"OnHold": ofSystem(func(s *inventory.System) {
		s.Oversee.OnHold = map[bool]inventory.OnHold{true: "fallback", false: "hold"}[s.Oversee.OnHold == "hold"]
	}),
	"FallbackSay":       ofSystem(func(s *inventory.System) { s.Oversee.Fallback = text.Same("Anders") }),
	"Limits.Confidence": ofSystem(func(s *inventory.System) { s.Oversee.Limits.Confidence = 0.5 }),
	"Limits.Drift":      ofSystem(func(s *inventory.System) { s.Oversee.Limits.Drift = 0.9 }),
	"Limits.Bias":       ofSystem(func(s *inventory.System) { s.Oversee.Limits.Bias = 0.3 }),
	"Limits.TimeoutMS":  ofSystem(func(s *inventory.System) { s.Oversee.Limits.TimeoutMS = 9000 }),
	"Limits.ReviewMin":  ofSystem(func(s *inventory.System) { s.Oversee.Limits.ReviewMin = 999 }),
	"RetainDays":        ofSystem(func(s *inventory.System) { s.RetainDays += 100 }),
	"Retain":            ofSystem(func(s *inventory.System) { s.Retain = "sample" }),
	"PlantStates":       ofSystem(func(s *inventory.System) { s.PlantStates = append(slices.Clone(s.PlantStates), "fault") }),
	"ReviewBy":          ofSystem(func(s *inventory.System) { s.ReviewBy = time.Now().UTC().AddDate(0, 0, -1) }),
	"NeedsRoles":        ofSystem(func(s *inventory.System) { s.Scope = append(slices.Clone(s.Scope), "supply_chain", "quality_control") }),
	"PlantMust":         ofSystem(func(s *inventory.System) { s.Scope = append(slices.Clone(s.Scope), "safety_critical_ot") }),
	"ContentHash":       ofSystem(func(s *inventory.System) { s.Use = text.Same("Jeder nutzt es, wie er mag.") }),
	"Stopped":           stopped,
	"Verdict":           ofAssessment(func(a *assess.Assessment) { a.Verdict, a.Done = "unclear", false }),
	"Class":             ofClass(func(c *classify.Classification) { c.Class, c.Reason = permit.ClassHigh, "Es wird nun anders benutzt." }),
	"Role":              ofClass(func(c *classify.Classification) { c.Role = "provider" }),
	"ClassUntil":        ofClass(func(c *classify.Classification) { c.ValidUntil = time.Now().UTC().Add(-time.Minute) }),
	"ClassClauses":      ofClass(func(c *classify.Classification) { c.Trace[0].Clauses = []string{"aia.art6.2"} }),
	"SLTarget":          ofClass(func(c *classify.Classification) { c.Level = (c.Level + 1) % 5 }),
	"Models.Name":       renamed,
	"Models.Version":    ofModel(func(m *inventory.Model) { m.Version = "99.0.0" }),
	"Models.Hash":       ofModel(func(m *inventory.Model) { m.Hash = vendorHash("another file") }),
	"Models.HasCard":    ofModel(func(m *inventory.Model) { m.Card.Limits = text.Bi{} }),

	"Approvals.WithdrawnAt": withdrawn,
	"Approvals.Role":        ofApproval(func(a *approve.Approval) { a.Role = "council" }),
	"Approvals.Person":      onePerson,
	"Approvals.ContentHash": ofApproval(func(a *approve.Approval) { a.ContentHash = "sha256:00" }),
	"Approvals.GivenAt":     ofApproval(func(a *approve.Approval) { a.GivenAt = time.Now().UTC().AddDate(0, 0, 2) }),
	"Approvals.ValidUntil":  ofApproval(func(a *approve.Approval) { a.ValidUntil = time.Now().UTC().Add(-time.Minute) }),

	"Assessments.Done":       ofAssessment(func(a *assess.Assessment) { a.Done = false }),
	"Assessments.RedFlag":    ofAssessment(func(a *assess.Assessment) { a.RedFlag = true }),
	"Assessments.ValidUntil": ofAssessment(func(a *assess.Assessment) { a.ValidUntil = time.Now().UTC().Add(-time.Minute) }),

	"Agreement.Purposes": agreed,

	"Demands.Met":   graveRisk,
	"Demands.Until": overdueRisk,
}

// write stores as the house does: the rooms' rules hold, their roles do not.
func (w *world) write(f func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	ctx := inventory.TakeOver(store.WithActor(context.Background(), approve.House))
	if err := w.c.Org.DB.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx) }); err != nil {
		w.Fatal(err)
	}
}

// swap changes an object; taking it back stores what was there before.
func swap[T any](w *world, k *store.Kind[T], id string, change func(*T)) func() {
	w.Helper()
	var before []byte
	put := func(set func(*T)) {
		w.Helper()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			o, err := k.Get(ctx, tx, id)
			if err != nil {
				return err
			}
			if before == nil {
				if before, err = json.Marshal(o.Doc); err != nil {
					return err
				}
			}
			set(&o.Doc)
			_, err = k.Update(ctx, tx, id, o.Revision, o.Doc)
			return err
		})
	}
	put(change)
	return func() {
		w.Helper()
		put(func(doc *T) {
			var was T
			if err := json.Unmarshal(before, &was); err != nil {
				w.Fatal(err)
			}
			*doc = was
		})
	}
}

// add creates an object; taking it back deletes it.
func add[T any](w *world, k *store.Kind[T], doc T) func() {
	w.Helper()
	var made store.Object[T]
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		made, err = k.Create(ctx, tx, doc)
		return err
	})
	return func() {
		w.Helper()
		w.write(func(ctx context.Context, tx *store.Tx) error { return k.Delete(ctx, tx, made.ID, made.Revision) })
	}
}

func (w *world) read() store.Object[inventory.System] {
	w.Helper()
	o, err := w.c.Org.Inventory.Systems.Get(w.b.as("ki"), w.c.Org.DB, w.system)
	if err != nil {
		w.Fatal(err)
	}
	return o
}

func (w *world) dossier() approve.Dossier {
	w.Helper()
	d, err := w.c.Org.Approve.Read(store.WithActor(context.Background(), approve.House), w.c.Org.DB, w.system)
	if err != nil {
		w.Fatal(err)
	}
	return d
}

func ofSystem(f func(*inventory.System)) change {
	return func(w *world) func() { return swap(w, w.c.Org.Inventory.Systems, w.system, f) }
}

func ofModel(f func(*inventory.Model)) change {
	return func(w *world) func() { return swap(w, w.c.Org.Inventory.Models, w.model, f) }
}

// renamed gives the model another name, by which clients then call it.
func renamed(w *world) func() {
	undo, was := ofModel(func(m *inventory.Model) { m.Name += "-neu" })(w), w.name
	w.name += "-neu"
	return func() { undo(); w.name = was }
}

func ofClass(f func(*classify.Classification)) change {
	return func(w *world) func() {
		return swap(w, w.c.Org.Classify.Classifications, w.dossier().Classification.ID, f)
	}
}

func ofAssessment(f func(*assess.Assessment)) change {
	return func(w *world) func() {
		return swap(w, w.c.Org.Assess.Assessments, w.dossier().Identification().ID, f)
	}
}

func ofApproval(f func(*approve.Approval)) change {
	return func(w *world) func() {
		return swap(w, w.c.Org.Approve.Approvals, w.dossier().Approvals[0].ID, f)
	}
}

func stopped(w *world) func() {
	ctx := store.WithActor(context.Background(), approve.House)
	set := func(on bool) {
		w.Helper()
		if err := w.c.Org.Inventory.SetStop(ctx, w.system, on, "Bitte erst ansehen, was da geschieht."); err != nil {
			w.Fatal(err)
		}
	}
	set(true)
	return func() { set(false) }
}

// withdrawn takes an approval back; giving it again heals it.
func withdrawn(w *world) func() {
	a := w.dossier().Approvals[0]
	by := w.signer(a.Doc.Person)
	if _, err := w.c.Org.Approve.Withdraw(w.b.as(by), a.ID, a.Revision, "Die Unterlagen werden neu geprüft."); err != nil {
		w.Fatal(err)
	}
	return func() {
		if err := w.b.approve(w.system, by); err != nil {
			w.Fatal(err)
		}
	}
}

// onePerson lets one person stand behind two needed approvals.
func onePerson(w *world) func() {
	all := w.dossier().Approvals
	if len(w.signs) < 2 {
		return nil
	}
	other := ""
	for _, a := range all {
		if a.Doc.Role != all[0].Doc.Role {
			other = a.Doc.Person
		}
	}
	return swap(w, w.c.Org.Approve.Approvals, all[0].ID, func(a *approve.Approval) { a.Person = other })
}

func (w *world) signer(id string) string {
	for signIn, a := range w.c.People {
		if a.ID == id {
			return signIn
		}
	}
	w.Fatalf("nobody is %s", id)
	return ""
}

// agreed adds a works agreement that names the system and rules a purpose out.
func agreed(w *world) func() {
	return add(w, w.c.Org.Agreements, voice.Agreement{Name: "BV neu", Systems: []string{w.system}, SignedAt: time.Now().UTC().Add(-time.Hour),
		ValidUntil: time.Now().UTC().AddDate(1, 0, 0), Excluded: []text.Bi{text.Same("Leistung messen")}})
}

// graveRisk adds a risk that nobody accepted.
func graveRisk(w *world) func() {
	return add(w, w.c.Org.Risk.Risks, risk.Risk{Name: "Quetschgefahr", System: w.system, Impacts: []risk.Impact{risk.Safety}, Owner: w.c.People["leitung"].ID,
		Before: []risk.Rating{{Impact: risk.Safety, Likelihood: 5, LikelihoodReason: "Es geschah im letzten Jahr schon zwei Mal.", Severity: 5, SeverityReason: "Eine Hand kann dabei verloren gehen."}}})
}

// overdueRisk lets the review of a risk of the system fall due.
func overdueRisk(w *world) func() {
	of, err := w.c.Org.Risk.Risks.All(w.b.as("ki"), w.c.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", w.system)}})
	if err != nil {
		w.Fatal(err)
	}
	if len(of) == 0 {
		return nil
	}
	return swap(w, w.c.Org.Risk.Risks, of[0].ID, func(r *risk.Risk) { r.ReviewBy = time.Now().UTC().Add(-time.Minute) })
}

// valid takes a system of the model company as it stands, adds what its permit
// still misses, and gives it a client of its own in its zone.
func valid(t *testing.T, c *Company, base, endpoint, short string) *world {
	t.Helper()
	ctx := store.WithActor(context.Background(), approve.House)
	w := &world{T: t, c: c, base: base, system: c.Systems[short], b: &builder{ctx: ctx, c: c, o: Options{Now: time.Now}}}
	models, err := c.Org.Inventory.Models.All(ctx, c.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", w.system)}})
	if err != nil || len(models) == 0 {
		t.Fatalf("%d models: %v", len(models), err)
	}
	w.model, w.name = models[0].ID, models[0].Doc.Name
	if short != "mill" { // bought as a service; here it answers like the model of the line
		like, err := millModel(w.system, endpoint, 200)
		if err != nil {
			t.Fatal(err)
		}
		swap(w, c.Org.Inventory.Models, w.model, func(m *inventory.Model) {
			m.Endpoint, m.Reading = endpoint, like.Reading
		})
	}
	for _, signIn := range []string{"leitung", "sicherheit"} {
		mine := w.dossier().Mine(c.People[signIn])
		if len(mine) == 0 {
			continue
		}
		w.signs = append(w.signs, signIn)
		if err := w.b.approve(w.system, signIn); err != nil && !problem.Is(err, problem.Conflict) {
			t.Fatal(err)
		}
	}
	if p, _ := c.Org.Point.Permit(w.system); p.State != permit.Valid {
		t.Fatalf("the permit is %q: %+v", p.State, p.Lapses)
	}
	w.client(ctx, short)
	if status, said := w.ask(); status == http.StatusForbidden {
		t.Fatalf("before any change: %+v", said)
	}
	return w
}

// client registers a program in the zone of the system, with a token.
func (w *world) client(ctx context.Context, short string) {
	w.Helper()
	zone := w.read().Doc.Zones[0]
	w.write(func(ctx context.Context, tx *store.Tx) error {
		dev, err := identity.Devices().Create(ctx, tx, identity.Device{Name: "Rechner " + short, Zone: zone,
			Posture: identity.Posture{State: identity.PostureOK, CheckedAt: time.Now().UTC(), PatchAgeDays: 1, Managed: true}})
		if err != nil {
			return err
		}
		p, err := identity.Workloads().Create(ctx, tx, identity.Workload{Name: "Programm " + short, Zone: zone, Device: dev.ID, Systems: []string{w.system}, Active: true})
		w.token = p.ID
		return err
	})
	var err error
	if w.token, _, err = w.c.Org.Identity.CreateToken(ctx, identity.Token{Name: short, Workload: w.token, Scopes: []string{identity.ScopeInfer + w.system}}); err != nil {
		w.Fatal(err)
	}
}

// refusal is what the gateway answers.
type refusal struct {
	Reasons []struct {
		Code    string   `json:"code"`
		Clauses []string `json:"clauses"`
	} `json:"reasons"`
}

// ask sends one inference through the gateway, as a client does.
func (w *world) ask() (status int, said refusal) {
	w.Helper()
	body := model.EncodeRequest("teil-1", []model.Reading{mill.Generate(3, 1)[0].Values()})
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.base+"/v2/models/"+w.name+"/infer", bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	if res.StatusCode == http.StatusForbidden {
		if err := json.Unmarshal(raw, &said); err != nil {
			w.Fatalf("%v: %s", err, raw)
		}
	}
	return res.StatusCode, said
}

// Changing any single fact that a condition or a lapse rests on suspends the
// permit, and the very next inference through the gateway is refused with the
// clause; taking the change back, or approving again, makes it run (issue: any
// single fact). The facts come from permit.Facts itself.
func TestAnySingleFactStopsTheNextInference(t *testing.T) {
	m, err := startModel()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.http.Close() }) //nolint:errcheck // end of the test
	c := buildAt(t, m.url)
	base := served(t, c)
	paths := leaves(reflect.TypeFor[permit.Facts](), "")
	every := map[string]bool{}
	for _, p := range paths {
		every[p] = true
		_, changed := changes[p]
		if _, still := settled[p]; changed == still {
			t.Errorf("the fact %s is neither settled nor changed, or both", p)
		}
	}
	for p := range changes {
		if !every[p] {
			t.Errorf("%s is no fact", p)
		}
	}
	slowest := time.Duration(0)
	touched := map[string]int{}
	for _, short := range []string{"mill", "camera", "office"} {
		t.Run(short, func(t *testing.T) {
			w := valid(t, c, base, m.url, short)
			try := func(path string, f change) {
				w.Helper()
				undo := f(w)
				if undo == nil {
					return
				}
				began := time.Now()
				status, said := w.ask()
				slowest = max(slowest, time.Since(began))
				touched[path]++
				if status != http.StatusForbidden || len(said.Reasons) == 0 || len(said.Reasons[0].Clauses) == 0 {
					p, _ := c.Org.Point.Permit(w.system)
					w.Errorf("%s changed and the next inference is answered %d %+v; the permit is %s", path, status, said, p.State)
				}
				undo()
				if status, said := w.ask(); status == http.StatusForbidden {
					p, _ := c.Org.Point.Permit(w.system)
					w.Fatalf("%s is as before and inferences are still refused: %+v; %s %+v", path, said, p.State, p.Lapses)
				}
			}
			for _, path := range paths {
				if f := changes[path]; f != nil {
					try(path, f)
				}
			}
		})
	}
	for p := range changes {
		if touched[p] == 0 {
			t.Errorf("no system let %s be tried", p)
		}
	}
	t.Logf("%d facts in %d tries; from the acknowledged change to the refusal %s at most", len(touched), total(touched), slowest)
}

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
