package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestUnknownBenchmarkNamesTheKnown(t *testing.T) {
	var out bytes.Buffer
	if _, err := run(t.Context(), []string{"-id", "Z9"}, &out); err == nil || !strings.Contains(err.Error(), "L1") {
		t.Fatal(err)
	}
}

func TestReportForm(t *testing.T) {
	r, err := reportOf("X1", outcome{rows: []row{{Case: "one", Values: map[string]float64{"p50_ms": 1.5}}},
		ratios: map[string]ratio{"a / b": ratioOf([]float64{3, 1, 2})}, bars: []bar{atMost("a / b", 2, 1), atLeast("b / a", 2, 1)}}, 7)
	if err != nil {
		t.Fatal(err)
	}
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
	if got := r.Ratios["a / b"]; got != (ratio{Median: 2, Q1: 2, Q3: 3, Rounds: 3}) || !r.missed() {
		t.Fatalf("%+v, missed %v", got, r.missed())
	}
	out.Reset()
	if err := r.print(&out, "what", false); err != nil || !strings.Contains(out.String(), "MISSED") {
		t.Fatalf("a missed bar must be seen: %s %v", out.String(), err)
	}
}

// TestReportRefusesWhatNobodyCouldRead: a bar that hides another, or a ratio
// over nothing, must not look like a result.
func TestReportRefusesWhatNobodyCouldRead(t *testing.T) {
	for name, o := range map[string]outcome{
		"two bars of one name": {bars: []bar{atMost("a", 2, 1), atMost("a", 0, 1)}},
		"no number":            {rows: []row{{Case: "x", Values: map[string]float64{"v": math.NaN()}}}},
		"a ratio over nothing": {ratios: map[string]ratio{"r": ratioOf([]float64{math.Inf(1)})}},
	} {
		if _, err := reportOf("X1", o, 7); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestRatiosAreTakenWithinARound: a machine that became ten times slower in the
// second round changes no ratio.
func TestRatiosAreTakenWithinARound(t *testing.T) {
	r := newRounds()
	for _, slow := range []float64{1, 10, 1} {
		r.add("us", "cpu", 2*slow)
		r.add("peer, one way", "cpu", 8*slow)
		r.add("peer, another way", "cpu", 6*slow)
	}
	r.best("cpu", "peer", "peer, one way", "peer, another way")
	if got := r.ratio("cpu", "peer", "us"); got != (ratio{Median: 3, Q1: 3, Q3: 3, Rounds: 3}) {
		t.Fatalf("%+v", got)
	}
}

func TestNamesStandInTheOrderOfTheirNumbers(t *testing.T) {
	got := named(maps.Keys(map[string]bool{"a, 64": true, "a, 8": true, "a, 1": true, "A": true, "b, 10000": true, "b, 100": true}))
	if want := []string{"A", "a, 1", "a, 8", "a, 64", "b, 100", "b, 10000"}; !slices.Equal(got, want) {
		t.Fatal(got)
	}
}

func TestResultsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	first, last := table[0].id, table[len(table)-1].id
	for _, id := range []string{last, first, last} {
		r, err := reportOf(id, outcome{rows: []row{{Case: "one", Values: map[string]float64{"p50_ms": 1.5}}}, bars: []bar{atMost("x", 2, 1)}, note: "Said."}, 7)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeSection(path, section(r, "what", []string{"-id", id}, time.Unix(0, 0).UTC(), time.Second), id); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	sections, err := parseResults(text)
	if err != nil || len(sections) != 2 {
		t.Fatalf("%d sections, %v", len(sections), err)
	}
	if strings.Index(text, "## "+first) > strings.Index(text, "## "+last) {
		t.Fatal("sections are not in the order of the table")
	}
	for name, changed := range map[string]string{
		"a figure":  strings.Replace(text, "1.5", "1.4", 1),
		"the title": strings.Replace(text, "# Results", "# Our results", 1),
		"a bar":     strings.Replace(text, "**MISSED**", "met", 1),
		"the end":   text[:len(text)-20],
	} {
		if _, err := parseResults(changed); err == nil {
			t.Errorf("%s was changed by hand and nobody noticed", name)
		}
	}
}

// TestResultsWereWrittenByTheCommand holds the file in the repository.
func TestResultsWereWrittenByTheCommand(t *testing.T) {
	if _, err := readResults("RESULTS.md"); err != nil {
		t.Fatal(err)
	}
}
