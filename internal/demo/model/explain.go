package model

import (
	"math"
	"strconv"
	"strings"

	"augenmass/internal/text"
)

// Base is the expected score over the training rows, in log-odds: what the
// model would say knowing nothing. Base plus all contributions is the score.
func (e *Ensemble) Base() float64 { return e.base }

// Contributions says, per feature in the order of FeatureNames and in log-odds,
// how far each value moved the score away from Base. They are the exact Shapley
// values of the path-dependent tree game: Algorithm 2 of Lundberg, Erion and
// Lee, "Consistent Individualized Feature Attribution for Tree Ensembles",
// arXiv:1802.03888. Positive means towards a failure.
func (e *Ensemble) Contributions(x []float64) []float64 {
	phi := make([]float64, len(e.Features))
	var s shap
	s.x, s.phi = x, phi
	for i := range e.Trees {
		s.tree = &e.Trees[i]
		s.visit(0, 0, nil, 1, 1, -1)
	}
	return phi
}

// step is one feature on the way from the root to a node: the share of
// training rows that follow when the feature is unknown (zero), whether x
// follows (one), and the weight of the subsets of each size.
type step struct {
	feature           int
	zero, one, weight float64
}

type shap struct {
	tree *Tree
	x    []float64
	phi  []float64
	rows [maxDepth + 2][maxDepth + 3]step // one path per depth, so that nothing is allocated
}

func (s *shap) visit(node, depth int, parent []step, zero, one float64, feature int) {
	path := s.rows[depth][:len(parent)+1]
	copy(path, parent)
	extend(path, zero, one, feature)
	t := s.tree
	f := t.Feature[node]
	if f < 0 {
		for i := 1; i < len(path); i++ {
			w := unwoundSum(path, i)
			s.phi[path[i].feature] += float64(w * (path[i].one - path[i].zero) * t.Value[node])
		}
		return
	}
	hot, cold := t.Left[node], t.Right[node]
	if s.x[f] >= t.Threshold[node] {
		hot, cold = cold, hot
	}
	zeroBefore, oneBefore := 1.0, 1.0
	for i := 1; i < len(path); i++ {
		if path[i].feature == f {
			zeroBefore, oneBefore = path[i].zero, path[i].one
			path = unwind(path, i)
			break
		}
	}
	s.visit(hot, depth+1, path, zeroBefore*t.Cover[hot]/t.Cover[node], oneBefore, f)
	s.visit(cold, depth+1, path, zeroBefore*t.Cover[cold]/t.Cover[node], 0, f)
}

// extend sets the last element of m and spreads the weights over it.
func extend(m []step, zero, one float64, feature int) {
	l := len(m) - 1
	m[l] = step{feature: feature, zero: zero, one: one}
	if l == 0 {
		m[0].weight = 1
	}
	for i := l - 1; i >= 0; i-- {
		m[i+1].weight += float64(one * m[i].weight * float64(i+1) / float64(l+1))
		m[i].weight = zero * m[i].weight * float64(l-i) / float64(l+1)
	}
}

// unwind undoes the extend of element i.
func unwind(m []step, i int) []step {
	l := len(m) - 1
	n, one, zero := m[l].weight, m[i].one, m[i].zero
	for j := l - 1; j >= 0; j-- {
		if one != 0 {
			was := m[j].weight
			m[j].weight = n * float64(l+1) / (float64(j+1) * one)
			n = was - float64(m[j].weight*zero*float64(l-j)/float64(l+1))
		} else {
			m[j].weight = m[j].weight * float64(l+1) / (zero * float64(l-j))
		}
	}
	for j := i; j < l; j++ {
		m[j].feature, m[j].zero, m[j].one = m[j+1].feature, m[j+1].zero, m[j+1].one
	}
	return m[:l]
}

// unwoundSum is the sum of the weights that unwind(m, i) would leave.
func unwoundSum(m []step, i int) float64 {
	l := len(m) - 1
	n, one, zero := m[l].weight, m[i].one, m[i].zero
	total := 0.0
	for j := l - 1; j >= 0; j-- {
		if one != 0 {
			w := n * float64(l+1) / (float64(j+1) * one)
			total += w
			n = m[j].weight - float64(w*zero*float64(l-j)/float64(l+1))
		} else {
			total += m[j].weight * float64(l+1) / (zero * float64(l-j))
		}
	}
	return total
}

// Change is a change of one measured value.
type Change struct {
	Feature  string // name of an input
	From, To float64
}

// Say is the change as a page shows it: "Werkzeugverschleiß 181 statt 198 min".
func (c Change) Say() text.Bi {
	title, unit := FeatureTitle(c.Feature)
	if c.Feature == "type" {
		letters := []string{"L", "M", "H"}
		from, to := letters[int(c.From)], letters[int(c.To)]
		return text.Bi{DE: title.DE + " " + to + " statt " + from, EN: title.EN + " " + to + " instead of " + from}
	}
	from, to := strconv.FormatFloat(c.From, 'f', -1, 64), strconv.FormatFloat(c.To, 'f', -1, 64)
	comma := func(s string) string { return strings.Replace(s, ".", ",", 1) }
	return text.Bi{
		DE: title.DE + " " + comma(to) + " statt " + comma(from) + " " + unit,
		EN: title.EN + " " + to + " instead of " + from + " " + unit,
	}
}

// gridSteps is the fineness of the search for a flip: parts of a feature's
// range.
const gridSteps = 200

// Flip looks for the smallest change of a single measured value, within the
// range seen in training, that turns the suggestion round; derived values
// follow it. "Smallest" is by the share of that range. It walks outwards from
// the present value on a grid of 1/200 of the range and refines the first hit
// to the sensor's resolution, so a change that turns it round only within one
// grid step can be missed. The variant counts as the full range: it is named
// only when nothing else helps. It returns false when no single change does.
func (e *Ensemble) Flip(r Reading) (Change, bool) {
	now := e.Predict(r.Vector()).Failure
	best, size := Change{}, math.Inf(1)
	for i := 1; i < len(Inputs); i++ {
		if to, share, ok := e.flipOne(r, i, now); ok && share < size {
			best, size = Change{Inputs[i].Name, r[i], to}, share
		}
	}
	if !math.IsInf(size, 1) {
		return best, true
	}
	for v := e.Ranges[0][0]; v <= e.Ranges[0][1]; v++ {
		if v != r[0] && e.flips(r, 0, v, now) {
			return Change{Inputs[0].Name, r[0], v}, true
		}
	}
	return Change{}, false
}

// flips reports whether input i at v gives another suggestion than now.
func (e *Ensemble) flips(r Reading, i int, v float64, now bool) bool {
	r[i] = v
	return e.Predict(r.Vector()).Failure != now
}

// flipOne finds the nearest value of input i that gives another suggestion
// than now, and its distance as a share of the range.
func (e *Ensemble) flipOne(r Reading, i int, now bool) (to, share float64, ok bool) {
	lo, hi := e.Ranges[i][0], e.Ranges[i][1]
	perUnit := math.Round(1 / Inputs[i].Step) // sensor steps per unit: whole, so that values keep their decimals
	at := math.Round(r[i] * perUnit)
	grid := max(1, math.Round((hi-lo)*perUnit/gridSteps))
	turned := func(steps float64) (float64, bool) {
		v := (at + steps) / perUnit
		return v, v >= lo && v <= hi && e.flips(r, i, v, now)
	}
	farthest := max(math.Abs(r[i]-lo), math.Abs(r[i]-hi))*perUnit + grid
	for k := grid; k <= farthest; k += grid {
		for _, sign := range []float64{-1, 1} {
			if _, hit := turned(sign * k); !hit {
				continue
			}
			for j := k - grid + 1; j <= k; j++ {
				if v, hit := turned(sign * j); hit && (!ok || j/perUnit/(hi-lo) < share) {
					to, share, ok = v, j/perUnit/(hi-lo), true
				}
			}
		}
		if ok {
			return to, share, true
		}
	}
	return 0, 0, false
}
