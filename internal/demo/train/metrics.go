package train

import (
	"math"
	"slices"
)

// rocAUC is the share of pairs of a failure and a sound row that p puts in
// order; ties count half (Mann-Whitney).
func rocAUC(p []float64, y []bool) float64 {
	order := ranking(p)
	var below, pairs, positives float64
	for i := 0; i < len(order); {
		j, hits := i, 0.0
		for j < len(order) && p[order[j]] == p[order[i]] {
			if y[order[j]] {
				hits++
			}
			j++
		}
		misses := float64(j-i) - hits
		pairs += float64(hits * (below + misses/2))
		below += misses
		positives += hits
		i = j
	}
	return pairs / float64(positives*below)
}

// averagePrecision is the area under the precision-recall curve as a sum of
// precision times step of recall, ties taken together.
func averagePrecision(p []float64, y []bool) float64 {
	order := ranking(p)
	slices.Reverse(order)
	total := 0.0
	for _, v := range y {
		if v {
			total++
		}
	}
	var area, hits float64
	for i := 0; i < len(order); {
		j, now := i, 0.0
		for j < len(order) && p[order[j]] == p[order[i]] {
			if y[order[j]] {
				now++
			}
			j++
		}
		hits += now
		area += float64(now / total * (hits / float64(j)))
		i = j
	}
	return area
}

func ranking(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return 0
	})
	return order
}

// brier is the mean squared distance of probability and outcome.
func brier(p []float64, y []bool) float64 {
	sum := 0.0
	for i, v := range p {
		d := v
		if y[i] {
			d = 1 - v
		}
		sum += float64(d * d)
	}
	return sum / float64(len(p))
}

// bin is one bin of a reliability table.
type bin struct {
	rows, hits int
	said       float64 // sum of probabilities
}

// reliability counts into ten bins of equal width.
func reliability(p []float64, y []bool) [10]bin {
	var bins [10]bin
	for i, v := range p {
		b := &bins[min(9, int(v*10))]
		b.rows++
		b.said += v
		if y[i] {
			b.hits++
		}
	}
	return bins
}

// calibrationError is the expected calibration error: the mean distance of
// what a bin said and what happened, weighted by rows (Naeini et al. 2015).
func calibrationError(p []float64, y []bool) float64 {
	sum := 0.0
	for _, b := range reliability(p, y) {
		if b.rows > 0 {
			sum += math.Abs(b.said - float64(b.hits))
		}
	}
	return sum / float64(len(p))
}
