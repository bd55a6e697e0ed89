package monitor

import "math"

// floorOf returns the Jensen-Shannon distance that a window of n rows drawn from
// the reference itself stays under, but for a share alpha of windows.
//
// Under no drift, 8·ln2·JSD₂ · n·m/(n+m) follows, to first order, a chi-squared
// distribution with one degree of freedom less than there are occupied bins
// (the second-order expansion of JSD is one eighth of Pearson's chi-squared
// statistic; M. Menéndez et al., The Jensen-Shannon divergence, J. Franklin
// Inst. 334B(2), 1997). The result is capped at 1: such a feature can never
// give a verdict in a window of that size.
func floorOf(ref []float64, n, m, alpha float64) float64 {
	occupied := 0
	for _, p := range ref {
		if p > 0 {
			occupied++
		}
	}
	if occupied < 2 {
		return 0 // one bin: any row elsewhere is a change, not chance
	}
	x := chiSquared(float64(occupied-1), alpha)
	return min(1, math.Sqrt(x*(1/n+1/m)/(8*math.Ln2)))
}

// chiSquared returns the value that a chi-squared variable with k degrees of
// freedom exceeds with probability alpha, by the cube-root approximation
// (E. Wilson and M. Hilferty, PNAS 17, 1931; error below 1 % here for k ≥ 2,
// and below 4 % for k = 1).
func chiSquared(k, alpha float64) float64 {
	z := math.Sqrt2 * math.Erfinv(1-2*alpha)
	c := 2 / (9 * k)
	t := 1 - c + z*math.Sqrt(c)
	return k * t * t * t
}

// effectiveShare returns which share of consecutive rows counts as independent,
// (1−ρ)/(1+ρ) with the lag-1 autocorrelation ρ of the column (G. Bayley and
// J. Hammersley, J. R. Stat. Soc. Suppl. 8, 1946). A column that hangs together
// negatively or not at all counts in full.
func effectiveShare(column []float64) float64 {
	var mean float64
	n := 0
	for _, v := range column {
		if usable(v) {
			mean += v
			n++
		}
	}
	if n < 3 {
		return 1
	}
	mean /= float64(n)
	var own, lag float64
	for i, v := range column {
		if !usable(v) {
			continue
		}
		d := v - mean
		own += d * d
		if i > 0 && usable(column[i-1]) {
			lag += d * (column[i-1] - mean)
		}
	}
	if own == 0 {
		return 1
	}
	rho := min(max(lag/own, 0), 0.9999)
	return (1 - rho) / (1 + rho)
}
