package main

import (
	"strconv"
	"testing"

	"augenmass/internal/operate/monitor"
)

// TestDriftAgreesWithSciPy: 42 figures, computed twice by different hands.
func TestDriftAgreesWithSciPy(t *testing.T) {
	d := newDriftData(7)
	r := monitor.Reference{Rows: d.reference}
	for f := range driftFeatures {
		r.Features = append(r.Features, strconv.Itoa(f))
	}
	c, err := monitor.NewComparison(r, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := c.Measure(d.current)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startScipy(t.Context(), settings{dir: t.TempDir()}, d)
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		t.Skip("no SciPy on this machine")
	}
	if err := p.agrees(ours); err != nil {
		t.Error(err)
	}
	ours[3].KS += 1e-6
	if p.agrees(ours) == nil {
		t.Error("a wrong figure passed")
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"scipy", "numpy", "python"} {
		if p.versions[name] == "" {
			t.Errorf("the version of %s is not told", name)
		}
	}
}
