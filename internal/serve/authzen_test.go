package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// A foreign enforcement point asks under /{org}/access/v1: it needs a token
// with the scope, a denial is an answer, and each answer is journaled before it
// leaves. A token of one organisation is nothing to another.
func TestAuthZENUnderEachOrganisation(t *testing.T) {
	s, orgs := served(t)
	g := orgs["nord"]
	ctx := store.WithActor(context.Background(), approve.House)
	var workload string
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := identity.Workloads().Create(ctx, tx, identity.Workload{Name: "Proxy", Zone: "buero", Active: true})
		workload = o.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.Identity.CreateToken(ctx, identity.Token{Name: "Proxy", Workload: workload, Scopes: []string{identity.ScopeEvaluate}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(org, token string) (int, map[string]any) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, s.URL+"/"+org+"/access/v1/evaluation", strings.NewReader(
			`{"subject":{"type":"workload","id":"`+workload+`"},"action":{"name":"infer"},"resource":{"type":"system","id":"sys_nothing"}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // decoded below
		var body map[string]any
		if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, body
	}
	if status, _ := ask("nord", ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if status, _ := ask("sued", token); status != http.StatusUnauthorized {
		t.Errorf("with the token of another organisation: %d", status)
	}
	before := g.Journal.Size()
	status, body := ask("nord", token)
	if status != http.StatusOK || body["decision"] != false {
		t.Fatalf("a system that nobody registered: %d %v", status, body)
	}
	found := false
	for rec, err := range g.Journal.Entries(ctx, before, g.Journal.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			t.Fatal(err)
		}
		found = found || e.Type == entry.TypeAccess && e.Subject == "sys_nothing"
	}
	if !found {
		t.Error("the decision is not in the journal")
	}
}
