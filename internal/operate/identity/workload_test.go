package identity

import (
	"context"
	"reflect"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

func TestPostureCountsOnlyWhileItIsFresh(t *testing.T) {
	p := Posture{State: PostureOK, CheckedAt: monday}
	for after, want := range map[time.Duration]PostureState{
		0: PostureOK, 24*time.Hour - 1: PostureOK, 24 * time.Hour: PostureUnknown, -skew: PostureOK, -skew - 1: PostureUnknown,
	} {
		if got := p.At(monday.Add(after), 24*time.Hour); got != want {
			t.Errorf("%v after: %s, want %s", after, got, want)
		}
	}
	for _, p := range []Posture{{}, {State: PostureOK}, {CheckedAt: monday}} {
		if got := p.At(monday, time.Hour); got != PostureUnknown {
			t.Errorf("%+v: %s", p, got)
		}
	}
	if got := (Posture{State: PostureDegraded, CheckedAt: monday}).At(monday, time.Hour); got != PostureDegraded {
		t.Errorf("degraded is %s", got)
	}
}

func TestSubjectSaysWhatTheHouseKnows(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	system, d, w := h.line()
	get := func(typ, id string) map[string]any {
		t.Helper()
		m, err := h.Subject(ctx, typ, id)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	same := func(got, want map[string]any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}
	onLine := map[string]any{"zone": "line-1", "active": true, "roles": []string{}, "systems": []string{system},
		"device": d.ID, "posture": "ok", "managed": true}
	same(get(KindWorkload, w.ID), onLine)
	same(get(KindDevice, d.ID), map[string]any{"zone": "line-1", "roles": []string{}, "device": d.ID, "posture": "ok", "managed": true})
	get(KindWorkload, w.ID)["zone"] = "office"
	same(get(KindWorkload, w.ID), onLine) // callers cannot change what others are told

	// The posture runs out by itself, even within what is in memory.
	h.clock.add(24*time.Hour - time.Millisecond)
	same(get(KindWorkload, w.ID), onLine)
	h.clock.add(time.Millisecond)
	onLine["posture"] = "unknown"
	same(get(KindWorkload, w.ID), onLine)
	// A bad report counts at once.
	if err := h.ReportPosture(ctx, Principal{Kind: KindPerson, ID: "usr_chief", Roles: []string{"admin"}, Session: "ses_1"}, d.ID,
		Posture{State: PostureDegraded, CheckedAt: h.clock.now(), PatchAgeDays: 90}); err != nil {
		t.Fatal(err)
	}
	onLine["posture"], onLine["managed"] = "degraded", false
	same(get(KindWorkload, w.ID), onLine)

	err := h.db.Write(chiefCtx, func(tx *store.Tx) error {
		w.Doc.Active = false
		_, err := Workloads().Update(chiefCtx, tx, w.ID, w.Revision, w.Doc)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	onLine["active"], onLine["systems"] = false, []string{}
	same(get(KindWorkload, w.ID), onLine)

	for _, c := range [][2]string{{KindWorkload, "wkl_none"}, {KindDevice, w.ID}, {"robot", w.ID}, {KindPerson, ""}} {
		if _, err := h.Subject(ctx, c[0], c[1]); !problem.Is(err, problem.NotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	cctx, n := store.CountQueries(ctx)
	if _, err := h.Subject(cctx, KindDevice, d.ID); err != nil {
		t.Fatal(err)
	}
	*n = 0
	if _, err := h.Subject(cctx, KindDevice, d.ID); err != nil || *n != 0 {
		t.Errorf("%d queries for what was just read, %v", *n, err)
	}
}

func TestSubjectOfAPerson(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	o := h.person("hannelore", roles.Director)
	check := func(what string, want map[string]any) {
		t.Helper()
		got, err := h.Subject(ctx, KindPerson, o.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	h.signIn("hannelore")
	check("without a second factor", map[string]any{"roles": []string{"director"}, "active": true, "mfa": false})
	h.clock.add(time.Minute)
	_, s, _ := h.enrol("hannelore")
	check("with", map[string]any{"roles": []string{"director"}, "active": true, "mfa": true})
	if err := h.SignOut(ctx, s.Token); err != nil {
		t.Fatal(err)
	}
	check("signed out", map[string]any{"roles": []string{"director"}, "active": true, "mfa": false})
	o.Doc.Active = false
	if _, err := h.UpdatePersonAs(t, o); err != nil {
		t.Fatal(err)
	}
	check("inactive", map[string]any{"roles": []string{}, "active": false, "mfa": false})
}

// The device itself, who may change devices, others, and nobody.
func TestWhoReportsAPosture(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t, "werk")
	_, d, w := h.line()
	ok := Posture{State: PostureOK, CheckedAt: monday.Add(time.Minute), Managed: true}
	h.clock.add(2 * time.Minute)
	secret, _ := h.token(Token{Name: "Agent", Device: d.ID, Scopes: []string{ScopePosture}})
	mute, _ := h.token(Token{Name: "Linie", Workload: w.ID, Scopes: []string{ScopeEvaluate}})
	self := h.tokenAccepted(secret)
	if err := h.ReportPosture(ctx, self, d.ID, ok); err != nil {
		t.Fatal(err)
	}
	got, err := Devices().Get(inHouse(ctx), h.db, d.ID)
	if err != nil || got.Doc.Posture != ok || got.UpdatedBy != d.ID {
		t.Errorf("%+v by %s, %v", got.Doc.Posture, got.UpdatedBy, err)
	}
	other, err := newDevice(h, "Edge 4")
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, h.ReportPosture(ctx, self, other.ID, ok), problem.Denied)
	wantKind(t, h.ReportPosture(ctx, h.tokenAccepted(mute), d.ID, ok), problem.Denied)
	wantKind(t, h.ReportPosture(ctx, Principal{Kind: KindPerson, ID: "usr_1", Roles: []string{"director"}, Session: "s"}, d.ID, ok), problem.Denied)
	wantKind(t, h.ReportPosture(ctx, Principal{}, d.ID, ok), problem.Unsigned)
	// A delayed report hides nothing, and one from the future proves nothing.
	late := ok
	late.CheckedAt = monday
	wantKind(t, h.ReportPosture(ctx, self, d.ID, late), problem.Conflict)
	late.CheckedAt = h.clock.now().Add(time.Hour)
	wantKind(t, h.ReportPosture(ctx, self, d.ID, late), problem.BadInput)
	wantKind(t, h.ReportPosture(ctx, self, d.ID, Posture{State: "fine", CheckedAt: h.clock.now()}), problem.BadInput)
}

func newDevice(h *house, name string) (o store.Object[Device], err error) {
	err = h.db.Write(chiefCtx, func(tx *store.Tx) error {
		o, err = Devices().Create(chiefCtx, tx, Device{Name: name, Zone: "line-1"})
		return err
	})
	return o, err
}

func TestANewDeviceIsUnknown(t *testing.T) {
	h := newHouse(t, "werk")
	o, err := newDevice(h, "Edge 5")
	if err != nil || o.Doc.Posture.State != PostureUnknown {
		t.Fatalf("%+v, %v", o.Doc, err)
	}
	for name, d := range map[string]Device{
		"no zone":       {Name: "x"},
		"zone of stars": {Name: "x", Zone: "*"},
		"ok unchecked":  {Name: "x", Zone: "a", Posture: Posture{State: PostureOK}},
	} {
		err := h.db.Write(chiefCtx, func(tx *store.Tx) error { _, err := Devices().Create(chiefCtx, tx, d); return err })
		if !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
