package demo

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"augenmass/internal/demo/mill"
)

// served mounts only what the line needs of a company: gateway and signals.
func served(t testing.TB, c *Company) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/"+Slug+"/v2/", http.StripPrefix("/"+Slug, c.Org.Gateway))
	mux.Handle("/"+Slug+"/plant/signals", http.StripPrefix("/"+Slug, c.Org.Signals()))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/" + Slug
}

// A part passes the gateway over HTTP; one from the wrong zone does not; when
// an approval is withdrawn, the next one is refused.
func TestThePermitBindsTheLine(t *testing.T) {
	m, err := startModel()
	if err != nil {
		t.Fatal(err)
	}
	defer m.http.Close() //nolint:errcheck // end of the test
	c := buildAt(t, m.url)
	l := newLine(served(t, c), c, m)
	ctx := context.Background()
	if err := l.report(ctx, "running", 0, time.Now()); err != nil {
		t.Fatal(err)
	}
	rows := mill.Generate(3, 20)
	ask := func(n int, phases ...mill.Phase) string {
		t.Helper()
		o, err := l.ask(ctx, mill.Step{N: int64(n), Row: rows[n%len(rows)], Phases: phases})
		if err != nil {
			t.Fatal(err)
		}
		return o.Outcome
	}
	if got := ask(0); got != "released" {
		t.Errorf("a sure part: %s", got)
	}
	for n, effect := range []mill.Effect{mill.ConfidenceMissing, mill.ConfidenceNaN, mill.ConfidenceOutOfRange, mill.ModelDown} {
		if got := ask(n+1, mill.Phase{Effect: effect}); got != "escalated" {
			t.Errorf("%s: %s, want a person", effect, got)
		}
	}
	if got := ask(6, mill.Phase{Effect: mill.WrongZone}); got != "denied" {
		t.Errorf("wrong zone: %s", got)
	}
	r := &running{company: c}
	was, err := r.withdraw(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(7); got != "denied" {
		t.Errorf("after an approval was withdrawn: %s", got)
	}
	if err := r.giveAgain(ctx, was); err != nil {
		t.Fatal(err)
	}
	if got := ask(8); got != "released" {
		t.Errorf("after it was given again: %s", got)
	}
}
