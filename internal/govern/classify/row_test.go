package classify_test

import (
	"slices"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// 001-08: risk class and security level are two fields; every pair is a row, and
// so is one of them alone, but not neither.
func TestTwoAxes(t *testing.T) {
	classes := append([]string{""}, classify.RiskClass("").Values()...)
	levels := append([]string{""}, classify.SecurityLevel("").Values()...)
	for _, class := range classes {
		for _, level := range levels {
			row := classify.ClassRow{Name: "x", Class: classify.RiskClass(class), Level: classify.SecurityLevel(level), Description: text.Bi{DE: "y"}}
			err := row.Validate()
			if want := class == "" && level == ""; problem.Is(err, problem.BadInput) != want {
				t.Errorf("%q with %q: %v", class, level, err)
			}
		}
	}
	if err := (&classify.ClassRow{Name: "x", Class: "high"}).Validate(); !problem.Is(err, problem.BadInput) {
		t.Errorf("a row without a description: %v", err)
	}
}

// 001-08: the table stands in the order in which it is worked on.
func TestOrderOfTheClassTable(t *testing.T) {
	rows := []classify.ClassRow{
		{Name: "e", Priority: "later", Level: "sl4"},
		{Name: "d", Priority: "soon", Class: "high", Level: "sl1"},
		{Name: "b", Priority: "first", Class: "high"},
		{Name: "c", Priority: "soon", Class: "high", Level: "sl3"},
		{Name: "a", Priority: "first", Class: "prohibited"},
	}
	slices.SortFunc(rows, classify.Rank)
	got := ""
	for _, r := range rows {
		got += r.Name
	}
	if got != "abcde" {
		t.Errorf("order %q", got)
	}
}

// 001-17: an external result is held against the own class, whatever either says.
func TestComparedWithAnExternalResult(t *testing.T) {
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	own := func(class string) classify.Classification { return classify.Classification{Class: class, AsOf: day} }
	for _, c := range []struct {
		own      classify.Classification
		external classify.RiskClass
		want     classify.Comparison
	}{
		{own("minimal"), "minimal", classify.Agrees},
		{own("minimal"), "high", classify.Stricter},
		{own("high"), "limited", classify.Milder},
		{own("none"), "minimal", classify.Stricter},
		{own("high"), "prohibited", classify.Stricter},
		{own("unclear"), "high", classify.OwnOpen},
		{classify.Classification{}, "high", classify.OwnOpen},
		{classify.Classification{Class: "minimal"}, "minimal", classify.OwnOpen}, // draft answers only
		{own("high"), "unclear", classify.ExtOpen},
		{own("unclear"), "unclear", classify.ExtOpen},
	} {
		got := classify.Compare(c.own, classify.ExternalResult{Class: c.external, Date: day})
		if got.Comparison != c.want || got.Older {
			t.Errorf("own %q, outside %q: %+v, want %s", c.own.Class, c.external, got, c.want)
		}
	}
	if got := classify.Compare(own("high"), classify.ExternalResult{Class: "high", Date: day.AddDate(0, 0, -1)}); !got.Older || !got.OwnSince.Equal(day) {
		t.Errorf("an older result: %+v", got)
	}
}

// 001-17: a check value comes with its file, and a link leads somewhere.
func TestExternalResultIsWhole(t *testing.T) {
	hash := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		doc  classify.ExternalResult
		want []string
	}{
		{classify.ExternalResult{}, nil},
		{classify.ExternalResult{File: "bericht.pdf", Hash: hash}, nil},
		{classify.ExternalResult{Link: "https://example.org/a"}, nil},
		{classify.ExternalResult{File: "bericht.pdf"}, []string{"file"}},
		{classify.ExternalResult{Hash: hash}, []string{"file"}},
		{classify.ExternalResult{File: "a", Hash: "sha256:12"}, []string{"hash"}},
		{classify.ExternalResult{Link: "javascript:alert(1)"}, []string{"link"}},
	} {
		var got []string
		if err := c.doc.Validate(); err != nil {
			for _, f := range problem.From(err).Fields {
				got = append(got, f.Path)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: wrong are %v, want %v", c.doc, got, c.want)
		}
	}
}
