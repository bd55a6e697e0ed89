package train

import (
	"math"
	"slices"

	"augenmass/internal/demo/model"
)

// Params of the boosting.
type Params struct {
	Rounds       int     // trees
	Leaves       int     // at most, per tree
	LearningRate float64 // shrinkage of each tree
	Lambda       float64 // L2 penalty on leaf values
	MinRows      int     // least rows in a leaf
	Bins         int     // cut points per feature, at most
}

// fixed is the scale of gradients: whole multiples of 2^-30. Their sums are
// exact, so the order of rows and the processor cannot change a split.
const fixed = 1 << 30

// boost trains a gradient boosted ensemble for log loss (Friedman, "Greedy
// function approximation", Annals of Statistics 29, 2001, with the second-order
// gain of Chen and Guestrin, "XGBoost", KDD 2016), growing each tree leaf by
// leaf on binned features. It uses no random numbers.
func boost(x [][]float64, y []bool, p Params) (bias float64, trees []model.Tree) {
	b := newBooster(x, y, p)
	for range p.Rounds {
		b.gradients()
		trees = append(trees, b.grow())
	}
	return b.bias, trees
}

type booster struct {
	p      Params
	y      []bool
	cuts   [][]float64 // per feature, rising: bin k holds values below cuts[k]
	bin    [][]uint8   // per feature, per row
	bias   float64
	score  []float64
	grad   []int64
	hess   []int64
	rowsOf []int // 0 … n-1, the root's rows
}

func newBooster(x [][]float64, y []bool, p Params) *booster {
	b := &booster{p: p, y: y, score: make([]float64, len(y)), grad: make([]int64, len(y)), hess: make([]int64, len(y))}
	failures := 0
	for i := range y {
		b.rowsOf = append(b.rowsOf, i)
		if y[i] {
			failures++
		}
	}
	b.bias = rounded(logit(float64(failures) / float64(len(y))))
	for i := range b.score {
		b.score[i] = b.bias
	}
	for f := range x[0] {
		column := make([]float64, len(x))
		for i := range x {
			column[i] = x[i][f]
		}
		cuts := cutPoints(column, p.Bins)
		bins := make([]uint8, len(x))
		for i, v := range column {
			k, exact := slices.BinarySearch(cuts, v)
			if exact {
				k++ // on the cut goes right
			}
			bins[i] = uint8(k)
		}
		b.cuts, b.bin = append(b.cuts, cuts), append(b.bin, bins)
	}
	return b
}

// cutPoints are at most n thresholds between neighbouring distinct values, at
// even ranks.
func cutPoints(column []float64, n int) []float64 {
	s := slices.Clone(column)
	slices.Sort(s)
	var cuts []float64
	for k := 1; k <= n; k++ {
		i := k * len(s) / (n + 1)
		for i < len(s) && i > 0 && s[i] == s[i-1] {
			i++ // the next place where the value changes
		}
		if i == 0 || i >= len(s) {
			continue
		}
		cut := rounded((s[i-1] + s[i]) / 2)
		if cut <= s[i-1] || cut > s[i] {
			cut = s[i]
		}
		if len(cuts) == 0 || cut > cuts[len(cuts)-1] {
			cuts = append(cuts, cut)
		}
	}
	return cuts
}

func (b *booster) gradients() {
	for i, s := range b.score {
		p := model.Sigmoid(s)
		g := p
		if b.y[i] {
			g -= 1
		}
		b.grad[i] = int64(math.Round(g * fixed))
		b.hess[i] = max(1, int64(math.Round(p*(1-p)*fixed)))
	}
}

// leaf is a node that may still be split.
type leaf struct {
	node int // its index in the tree
	rows []int
	g, h int64

	gain    float64 // of its best split; 0: none
	feature int
	cut     int // index into cuts: bins up to and with cut go left
}

func (b *booster) grow() model.Tree {
	var t model.Tree
	root := b.leafOf(b.rowsOf)
	root.node = addNode(&t, len(root.rows))
	leaves := []leaf{root}
	for len(leaves) < b.p.Leaves {
		best := 0
		for i := range leaves {
			if leaves[i].gain > leaves[best].gain {
				best = i
			}
		}
		l := leaves[best]
		if l.gain <= 0 {
			break
		}
		var left, right []int
		for _, i := range l.rows {
			if int(b.bin[l.feature][i]) <= l.cut {
				left = append(left, i)
			} else {
				right = append(right, i)
			}
		}
		a, c := b.leafOf(left), b.leafOf(right)
		a.node, c.node = addNode(&t, len(left)), addNode(&t, len(right))
		t.Feature[l.node], t.Threshold[l.node] = l.feature, b.cuts[l.feature][l.cut]
		t.Left[l.node], t.Right[l.node] = a.node, c.node
		leaves[best] = a
		leaves = append(leaves, c)
	}
	for _, l := range leaves {
		g, h := float64(l.g)/fixed, float64(l.h)/fixed
		v := rounded(-b.p.LearningRate * g / (h + b.p.Lambda))
		t.Value[l.node] = v
		for _, i := range l.rows {
			b.score[i] += v
		}
	}
	return t
}

func addNode(t *model.Tree, rows int) int {
	t.Feature = append(t.Feature, -1)
	t.Threshold = append(t.Threshold, 0)
	t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
	t.Value, t.Cover = append(t.Value, 0), append(t.Cover, float64(rows))
	return len(t.Feature) - 1
}

// leafOf sums up the rows and finds their best split. Of equal gains the first
// feature and the lowest cut win.
func (b *booster) leafOf(rows []int) leaf {
	l := leaf{rows: rows}
	for _, i := range rows {
		l.g += b.grad[i]
		l.h += b.hess[i]
	}
	parent := b.quality(l.g, l.h)
	for f := range b.cuts {
		var g, h, n [256]int64
		bins := b.bin[f]
		for _, i := range rows {
			k := bins[i]
			g[k] += b.grad[i]
			h[k] += b.hess[i]
			n[k]++
		}
		var gl, hl, nl int64
		for cut := range b.cuts[f] {
			gl, hl, nl = gl+g[cut], hl+h[cut], nl+n[cut]
			if nl < int64(b.p.MinRows) || int64(len(rows))-nl < int64(b.p.MinRows) {
				continue
			}
			gain := b.quality(gl, hl) + b.quality(l.g-gl, l.h-hl) - parent
			if gain > l.gain && gain > 1e-9 {
				l.gain, l.feature, l.cut = gain, f, cut
			}
		}
	}
	return l
}

// quality is G²/(H+λ): twice the loss that the best leaf value takes away.
func (b *booster) quality(g, h int64) float64 {
	x := float64(g) / fixed
	return float64(x*x) / (float64(h)/fixed + b.p.Lambda)
}

// rounded keeps six decimals, so that the model file stays small and says
// exactly what was trained.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// logit is the inverse of the sigmoid, by bisection: no logarithm, whose last
// bit differs between processors.
func logit(p float64) float64 {
	lo, hi := -40.0, 40.0
	for range 100 {
		if mid := (lo + hi) / 2; model.Sigmoid(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}
