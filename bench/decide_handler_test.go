package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkHandler is the AuthZEN handler without network and disk, for
// profiles; comparisons are D2's.
func BenchmarkHandler(b *testing.B) {
	w := serverWork(7, 1_000)
	h, closer, err := authzenServer(context.Background(), []string{"7", b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer closer.Close() //nolint:errcheck // of a temporary folder
	var bodies [][]byte
	for i := range w.requests {
		raw, err := authzenBody(w, i)
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, raw)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			r := httptest.NewRequest(http.MethodPost, "/access/v1/evaluation", bytes.NewReader(bodies[i%len(bodies)]))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+benchToken)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code != http.StatusOK {
				b.Fatal(rec.Code)
			}
		}
	})
}
