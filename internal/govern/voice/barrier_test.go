package voice_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"augenmass/internal/govern/voice"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// 003-06: counts by quarter; nothing of fewer than five, and between two states
// that can be seen lie five answers, so that no single one can be worked out.
func TestObstaclesAreCountedInFives(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b := voice.NewBarriers(func() time.Time { return now })
	db, err := store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Tables: b.Tables(), Access: store.AllowAll,
		Source: "/test", Now: func() time.Time { return now }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b.Open(db)
	as := func(n int) context.Context {
		return store.WithActor(context.Background(), store.Actor{ID: fmt.Sprintf("usr_%d", n), Kind: "person"})
	}
	for n := 1; n <= 12; n++ {
		if err := b.Give(as(n), []string{"skills"}); err != nil {
			t.Fatal(err)
		}
		trend, err := b.Trend(as(n))
		if err != nil || len(trend) != 1 || trend[0].Quarter != "2026-Q4" {
			t.Fatalf("%+v %v", trend, err)
		}
		want := int64(n / voice.Least * voice.Least)
		if s := trend[0]; s.Forms != want || (s.Named == nil) != (want == 0) || want > 0 && s.Named["skills"] != want {
			t.Errorf("after %d forms: %+v", n, s)
		}
	}
	if err := b.Give(as(3), nil); !problem.Is(err, problem.Conflict) {
		t.Errorf("a second form in a quarter: %v", err)
	}
	if err := b.Give(as(20), []string{"weather"}); !problem.Is(err, problem.BadInput) {
		t.Errorf("an obstacle that is not on offer: %v", err)
	}
	if err := b.Give(context.Background(), nil); !problem.Is(err, problem.Unsigned) {
		t.Errorf("nobody answers: %v", err)
	}
	now = now.AddDate(0, 3, 0)
	if err := b.Give(as(3), nil); err != nil {
		t.Errorf("the next quarter: %v", err)
	}
	if trend, err := b.Trend(as(1)); err != nil || len(trend) != 2 || trend[1].Quarter != "2027-Q1" || trend[1].Forms != 0 {
		t.Errorf("%+v %v", trend, err)
	}
}
