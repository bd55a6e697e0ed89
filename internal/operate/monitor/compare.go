package monitor

import (
	"slices"

	"augenmass/internal/problem"
)

// Measures say how far one feature of a data set lies from its reference.
type Measures struct {
	Feature string
	JS      float64 // Jensen-Shannon distance, base 2, 0..1
	PSI     float64 // population stability index, 0..
	KS      float64 // Kolmogorov-Smirnov statistic of the raw values, 0..1
	Missing int     // missing or unusable values in the data set
}

// Comparison holds whole data sets against an approved reference: a new batch
// of training data, a month of records, the output of a supplier. Unlike the
// monitor, which keeps nothing but bin numbers of what streams by, it sees raw
// values and so can also give the Kolmogorov-Smirnov statistic: the largest
// difference between two empirical distribution functions (N. Smirnov, Ann.
// Math. Statist. 19(2), 1948).
//
// The reference is binned and sorted once. A Comparison is safe for many
// callers.
type Comparison struct {
	features []compared
}

type compared struct {
	name   string
	bins   bins
	ref    []float64 // share per bin
	sorted []float64 // usable values of the reference
}

// NewComparison freezes a reference. Its bins are those the monitor would make
// with the same number of them; 0 means 10. What SetReference refuses is refused
// here.
func NewComparison(r Reference, numberOfBins int) (*Comparison, error) {
	if numberOfBins <= 1 {
		numberOfBins = 10
	}
	var c problem.Checks
	r.check(&c, numberOfBins)
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := &Comparison{}
	for i, name := range r.Features {
		column := make([]float64, len(r.Rows))
		for j, row := range r.Rows {
			column[j] = row[i]
		}
		f := compared{name: name}
		f.bins, f.ref = r.binned(name, column, numberOfBins)
		f.sorted = sortedUsable(column)
		out.features = append(out.features, f)
	}
	return out, nil
}

// Measure compares a data set, row by row in the order of the reference's
// features. No rows, or rows of another length, are BadInput.
func (c *Comparison) Measure(rows [][]float64) ([]Measures, error) {
	var checks problem.Checks
	checks.Field(len(rows) > 0, "rows", "Der Datensatz ist leer.", "The data set is empty.")
	for _, row := range rows {
		if len(row) != len(c.features) {
			checks.Field(false, "rows", "Eine Zeile hat nicht so viele Werte wie es Merkmale gibt.",
				"A row does not have as many values as there are features.")
			break
		}
	}
	if err := checks.Err(); err != nil {
		return nil, err
	}
	out := make([]Measures, 0, len(c.features))
	column := make([]float64, len(rows))
	for i, f := range c.features {
		for j, row := range rows {
			column[j] = row[i]
		}
		out = append(out, f.measure(column))
	}
	return out, nil
}

func (c compared) measure(column []float64) Measures {
	k := c.bins.size()
	f := feature{ref: c.ref, count: make([]int, k), js: make([]float64, k), psi: make([]float64, k)}
	sorted := sortedUsable(column)
	c.bins.countSorted(sorted, f.count)
	f.count[c.bins.missing()] = len(column) - len(sorted)
	for b := range f.count {
		f.term(b, len(column))
	}
	f.sum()
	return Measures{Feature: c.name, JS: f.jsd, PSI: f.psiValue, KS: smirnov(c.sorted, sorted), Missing: f.count[c.bins.missing()]}
}

func sortedUsable(column []float64) []float64 {
	out := make([]float64, 0, len(column))
	for _, v := range column {
		if usable(v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// smirnov is the largest difference between the empirical distribution
// functions of two sorted samples; 0 when there is nothing to compare.
func smirnov(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	n, m := float64(len(a)), float64(len(b))
	var most float64
	for i, j := 0, 0; i < len(a) && j < len(b); {
		v := min(a[i], b[j])
		for i < len(a) && a[i] == v {
			i++
		}
		for j < len(b) && b[j] == v {
			j++
		}
		most = max(most, float64(i)/n-float64(j)/m, float64(j)/m-float64(i)/n)
	}
	return most
}
