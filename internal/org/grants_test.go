package org_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// A foreign enforcement point holds a program's access to the mill. Whatever it
// rests on changes, it is over when the change is answered, and the journal
// says why.
func TestLiveAccessEndsWithItsFacts(t *testing.T) {
	w := newWorks(t, "nord")
	device := create(w, "admin", identity.Devices(), identity.Device{Name: "IPC", Zone: "halle",
		Posture: identity.Posture{State: identity.PostureOK, CheckedAt: w.clock.now(), Managed: true}})
	program := create(w, "admin", identity.Workloads(), identity.Workload{Name: "Presse", Zone: "halle", Device: device.ID, Systems: []string{w.mill}, Active: true})
	proxy := create(w, "admin", identity.Workloads(), identity.Workload{Name: "Proxy", Zone: "halle", Active: true})
	secret, token, err := w.g.Identity.CreateToken(w.as("admin"), identity.Token{Name: "Proxy", Workload: proxy.ID, Scopes: []string{identity.ScopeEvaluate}})
	w.must(err)
	posture := func(p identity.PostureState) {
		amend(w, identity.Devices(), device.ID, func(d *identity.Device) { d.Posture.State = p })
	}
	active := func(id string, on bool) {
		amend(w, identity.Workloads(), id, func(d *identity.Workload) { d.Active = on })
	}
	for _, c := range []struct {
		fact, code string
		change     func()
		back       func()
	}{
		{"posture of its device", decide.CodePosture, func() { posture(identity.PostureDegraded) }, func() { posture(identity.PostureOK) }},
		{"the program is switched off", decide.CodeNone, func() { active(program.ID, false) }, func() { active(program.ID, true) }},
		{"the proxy is switched off", "token.refused", func() { active(proxy.ID, false) }, func() { active(proxy.ID, true) }},
		{"a stop", "stop.pressed", func() {
			w.must(w.g.Oversee.Stop(t.Context(), w.principal("shift_lead"), w.mill, "Es riecht verbrannt."))
		}, func() {
			w.must(w.g.Oversee.Resume(t.Context(), w.principal("director"), w.mill, "Es war der Nachbar."))
		}},
		{"the proxy's token is revoked", "token.refused", func() { w.must(w.g.Identity.RevokeToken(w.as("admin"), token.ID)) }, nil},
	} {
		g := w.hold(secret, program.ID, proxy.ID)
		c.change()
		e, over := g.Ended()
		if !over {
			t.Errorf("%s: the access goes on", c.fact)
			continue
		}
		code := e.Decision.Reasons[0].Code
		if have := w.journaledEnd(g.ID); len(have) == 0 || have[0].Code != code || c.code != "stop.pressed" && code != c.code {
			t.Errorf("%s: ended by %s, journaled %v", c.fact, code, have)
		}
		if c.back != nil {
			c.back()
		}
	}
	if n := w.g.Point.Live(); n != 0 {
		t.Errorf("%d live", n)
	}
}

// hold asks for an access as a foreign enforcement point does.
func (w *works) hold(secret, program, holder string) *decide.Grant {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/nord/access/v1/grants", strings.NewReader(
		`{"subject":{"type":"workload","id":"`+program+`"},"action":{"name":"infer"},"resource":{"type":"system","id":"`+w.mill+`"}}`))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.g.AuthZEN("/nord").ServeHTTP(rec, r)
	var a struct {
		Context struct {
			Grant string `json:"grant_id"`
		}
	}
	w.must(json.Unmarshal(rec.Body.Bytes(), &a))
	g, err := w.g.Point.Grant(a.Context.Grant, holder)
	if err != nil {
		w.t.Fatalf("not held: %s", rec.Body)
	}
	return g
}

// journaledEnd waits for the entry of an access that ended.
func (w *works) journaledEnd(grant string) []entry.AccessReason {
	w.t.Helper()
	for from := uint64(0); ; {
		size := w.g.Journal.Size()
		for rec, err := range w.g.Journal.Entries(w.t.Context(), from, size) {
			w.must(err)
			e, err := ledger.Decode(rec.Entry)
			w.must(err)
			if e.Type != entry.TypeAccessEnded {
				continue
			}
			a, err := entry.ParseAccessEnded(e.Data)
			w.must(err)
			if a.Grant == grant {
				return a.Reasons
			}
		}
		from = size
		w.must(w.g.Journal.Wait(w.t.Context(), from))
	}
}

// amend changes an object as the administrator.
func amend[T any](w *works, k *store.Kind[T], id string, f func(*T)) {
	w.t.Helper()
	ctx := w.as("admin")
	w.must(w.g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := k.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		f(&o.Doc)
		_, err = k.Update(ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
}
