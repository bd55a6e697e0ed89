package monitor

import (
	"math"
	"slices"
	"sort"
)

// bins maps a value to a bin. For numbers the bins lie between inner edges, are
// closed on the left, and the outer two are open to infinity; for categories
// each value has its own and one more holds the unseen. The last bin of either
// is "missing".
type bins struct {
	edges    []float64 // ascending; inner edges, or the category values
	category bool
}

// maxCategories keeps a feature that is no category from growing without end;
// rarer values fall into "unseen".
const maxCategories = 64

func (b bins) size() int { return len(b.edges) + 2 }

func (b bins) missing() int { return b.size() - 1 }

func (b bins) of(v float64) int {
	if !usable(v) {
		return b.missing()
	}
	// The number of edges at or below v.
	lo, hi := 0, len(b.edges)
	for lo < hi {
		mid := (lo + hi) / 2
		if b.edges[mid] <= v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if !b.category {
		return lo
	}
	if lo > 0 && b.edges[lo-1] == v {
		return lo - 1
	}
	return len(b.edges) // unseen
}

// countSorted adds sorted usable values to the counts of their bins, as of would
// one by one.
func (b bins) countSorted(sorted []float64, count []int) {
	if b.category {
		for _, v := range sorted {
			count[b.of(v)]++
		}
		return
	}
	from := 0
	for i, edge := range b.edges {
		below := from + sort.SearchFloat64s(sorted[from:], edge)
		count[i] += below - from
		from = below
	}
	count[len(b.edges)] += len(sorted) - from
}

// numberBins cuts a column at its quantiles (linear interpolation between order
// statistics, Hyndman and Fan's type 7). Equal edges are merged; the outer two
// are dropped, so that values beyond the reference fall into the outer bins. A
// constant column gets three bins: below, equal, above.
func numberBins(column []float64, n int) bins {
	var s []float64
	for _, v := range column {
		if usable(v) {
			s = append(s, v)
		}
	}
	if len(s) == 0 {
		return bins{}
	}
	sort.Float64s(s)
	var edges []float64
	for i := 0; i <= n; i++ {
		e := quantile(s, float64(i)/float64(n))
		if len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	if len(edges) == 1 {
		return bins{edges: []float64{edges[0], math.Nextafter(edges[0], math.Inf(1))}}
	}
	return bins{edges: edges[1 : len(edges)-1]}
}

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}

// categoryBins gives each of the most frequent values a bin of its own.
func categoryBins(column []float64) bins {
	seen := map[float64]int{}
	for _, v := range column {
		if usable(v) {
			seen[v]++
		}
	}
	values := make([]float64, 0, len(seen))
	for v := range seen {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b float64) int {
		if seen[a] != seen[b] {
			return seen[b] - seen[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
	values = values[:min(len(values), maxCategories)]
	slices.Sort(values)
	return bins{edges: values, category: true}
}
