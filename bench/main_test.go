package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestUnknownBenchmarkNamesTheKnown(t *testing.T) {
	var out bytes.Buffer
	if _, err := run(t.Context(), []string{"-id", "Z9"}, &out); err == nil || !strings.Contains(err.Error(), "L1") {
		t.Fatal(err)
	}
}

func TestReportForm(t *testing.T) {
	r := report{ID: "X1", Rows: []row{{Case: "one", Values: map[string]float64{"p50_ms": 1.5}}},
		Ratios: map[string]float64{"a / b": 2}, Bars: []bar{atMost("a / b", 2, 1)}, Seed: 7, Versions: versions(), Machine: machine()}
	var out bytes.Buffer
	if err := r.print(&out, "what", true); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(back)); !slices.Equal(got, []string{"bars", "id", "machine", "ratios", "rows", "seed", "versions"}) {
		t.Fatal(got)
	}
	out.Reset()
	if err := r.print(&out, "what", false); err != nil || !strings.Contains(out.String(), "MISSED") {
		t.Fatalf("a missed bar must be seen: %s %v", out.String(), err)
	}
}
