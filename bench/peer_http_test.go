package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestServersOfD2AnswerAsTheReference: over the same work, with a token and a
// place in the journal that grows by one with each answer.
func TestServersOfD2AnswerAsTheReference(t *testing.T) {
	w := serverWork(7, 100)
	allowed := 0
	h, journal, err := authzenServer(t.Context(), []string{"7", t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(i int, token string) *httptest.ResponseRecorder {
		body, err := authzenBody(w, i)
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/access/v1/evaluation", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		res := httptest.NewRecorder()
		h.ServeHTTP(res, req)
		return res
	}
	for i, want := range w.want {
		res := ask(i, benchToken)
		have, err := authzenAnswered(res.Body.Bytes())
		if err != nil || !strings.Contains(res.Body.String(), fmt.Sprintf(`"journal_index":%d,`, i)) {
			t.Fatalf("request %d: %s %v", i, res.Body, err)
		}
		slices.Sort(have.reasons)
		if have.allow != want.allow || fmt.Sprint(have.reasons) != fmt.Sprint(want.reasons) {
			t.Fatalf("request %d: %v, want %v", i, have, want)
		}
		if have.allow {
			allowed++
		}
	}
	if allowed == 0 || allowed == len(w.want) {
		t.Errorf("%d of %d are allowed; the work says nothing", allowed, len(w.want))
	}
	if res := ask(0, "another"); res.Code != http.StatusUnauthorized {
		t.Errorf("another token: %d", res.Code)
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
}
