package value_test

import (
	"slices"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/problem"
)

// What is hoped for is not negative; what was measured may be (002-11).
func TestSignsOfAnEffect(t *testing.T) {
	for _, c := range []struct {
		doc  value.UseCase
		want []string
	}{
		{value.UseCase{Name: "x"}, nil},
		{value.UseCase{ExpectedHours: 400, ExpectedEuro: 24_000, MeasuredHours: -3, MeasuredEuro: -100}, nil},
		{value.UseCase{ExpectedHours: -1}, []string{"expected_hours"}},
		{value.UseCase{ExpectedHours: -1, ExpectedEuro: -1}, []string{"expected_hours", "expected_euro"}},
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

func TestAUseCaseStartsWithItsProblem(t *testing.T) {
	var names []string
	for _, f := range value.UseCases().Fields() {
		names = append(names, f.Name)
		if f.Required && f.Name != "name" {
			t.Errorf("%s is demanded before anybody knows it", f.Name)
		}
	}
	if !slices.Contains(names, "problem") || slices.Index(names, "problem") > slices.Index(names, "system") {
		t.Errorf("the solution comes before the problem: %v", names)
	}
	if (&value.UseCase{Name: "Stillstände"}).Title() != "Stillstände" {
		t.Error("title")
	}
}
