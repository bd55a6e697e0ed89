package train

import (
	"math"
	"slices"

	"augenmass/internal/demo/model"
)

// window is the number of rows per window that the reference is compared with
// itself in: the monitor's default.
const window = 1000

// reference describes one feature over all rows, in the order of the file,
// which is the order in time.
func reference(name string, column []float64) model.Reference {
	_, unit := model.FeatureTitle(name)
	sorted := slices.Clone(column)
	slices.Sort(sorted)
	r := model.Reference{Name: name, Unit: unit, Rows: len(column), Window: window}
	r.Mean, r.SD = moments(column)
	r.Lag1 = rounded(lag1(column, r.Mean, r.SD))
	r.Mean, r.SD = rounded(r.Mean), rounded(r.SD)
	edges := deciles(sorted)
	shares := histogram(column, edges)
	for k := 0; k+window <= len(column); k += window {
		js := jensenShannon(shares, histogram(column[k:k+window], edges))
		r.WindowJS = max(r.WindowJS, rounded(js))
	}
	for i := range edges {
		r.Edges = append(r.Edges, rounded(edges[i]))
	}
	for i := range shares {
		r.Shares = append(r.Shares, rounded(shares[i]))
	}
	for k := range 201 {
		r.Quantiles = append(r.Quantiles, rounded(quantile(sorted, float64(k)/200)))
	}
	return r
}

func moments(x []float64) (mean, sd float64) {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	mean = sum / float64(len(x))
	sq := 0.0
	for _, v := range x {
		sq += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(sq / float64(len(x)))
}

// lag1 is the autocorrelation from row to row.
func lag1(x []float64, mean, sd float64) float64 {
	sum := 0.0
	for i := 1; i < len(x); i++ {
		sum += float64((x[i] - mean) * (x[i-1] - mean))
	}
	return sum / (float64(len(x)) * float64(sd*sd))
}

// quantile interpolates linearly between order statistics.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}

// deciles are the inner decile edges, equal ones merged.
func deciles(sorted []float64) []float64 {
	var edges []float64
	for k := 1; k <= 9; k++ {
		if e := quantile(sorted, float64(k)/10); len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	return edges
}

// histogram gives the share per bin; bins are closed on the left.
func histogram(x, edges []float64) []float64 {
	shares := make([]float64, len(edges)+1)
	for _, v := range x {
		k, on := slices.BinarySearch(edges, v)
		if on {
			k++
		}
		shares[k]++
	}
	for i := range shares {
		shares[i] /= float64(len(x))
	}
	return shares
}

// jensenShannon is the Jensen-Shannon distance to base 2, in 0..1.
func jensenShannon(p, q []float64) float64 {
	sum := 0.0
	for i := range p {
		m := (p[i] + q[i]) / 2
		if p[i] > 0 {
			sum += p[i] / 2 * math.Log2(p[i]/m)
		}
		if q[i] > 0 {
			sum += q[i] / 2 * math.Log2(q[i]/m)
		}
	}
	return math.Sqrt(max(0, sum))
}
