package monitor

import (
	"math"

	"augenmass/internal/problem"
)

// BiasMeasure is a bias indicator over a sliding window of results. Callers hold
// the system's lock, so it needs none of its own.
type BiasMeasure interface {
	// Add takes one result: its group and whether it was favourable.
	Add(group string, favourable bool)
	// Value returns the indicator in 0..1, the half width of its 95 % interval,
	// and whether there are enough results for either.
	Value() (value, margin float64, ready bool)
}

// leastGroup is the smallest number of results of one group that may be shown or
// compared at all; below it single people could be recognised.
const leastGroup = 5

// SelectionRate is the largest difference between the groups' shares of
// favourable results (statistical parity difference; C. Dwork et al., Fairness
// through awareness, ITCS 2012), over the last so many results.
type SelectionRate struct {
	groups map[string]int
	names  []string
	least  int
	ring   []uint16 // group<<1 | favourable
	next   int
	full   bool
	count  []int
	good   []int
}

// NewSelectionRate returns the indicator for the groups named, over a window of
// results; a group counts once it has least results in the window (at least 5,
// default 30). Results of other groups are ignored.
func NewSelectionRate(groups []string, window, least int) (*SelectionRate, error) {
	var c problem.Checks
	c.Field(len(groups) >= 2, "groups", "Ein Vergleich braucht mindestens zwei Gruppen.", "A comparison needs at least two groups.")
	c.Field(window > 0, "window", "Das Fenster fehlt.", "The window is missing.")
	c.Field(least == 0 || least >= leastGroup, "least", "Gruppen unter fünf Ergebnissen werden nicht verglichen.", "Groups with fewer than five results are not compared.")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if least == 0 {
		least = 30
	}
	s := &SelectionRate{groups: map[string]int{}, least: least, ring: make([]uint16, window)}
	for _, g := range groups {
		if _, twice := s.groups[g]; twice {
			continue
		}
		s.groups[g] = len(s.names)
		s.names = append(s.names, g)
	}
	s.count, s.good = make([]int, len(s.names)), make([]int, len(s.names))
	return s, nil
}

// Add takes one result.
func (s *SelectionRate) Add(group string, favourable bool) {
	g, ok := s.groups[group]
	if !ok {
		return
	}
	if s.full {
		old := s.ring[s.next]
		s.count[old>>1]--
		s.good[old>>1] -= int(old & 1)
	}
	v := uint16(g) << 1
	if favourable {
		v |= 1
	}
	s.ring[s.next] = v
	s.count[g]++
	s.good[g] += int(v & 1)
	s.next++
	if s.next == len(s.ring) {
		s.next, s.full = 0, true
	}
}

// Value returns the difference between the highest and the lowest selection rate
// of the groups that have enough results, and the half width of its 95 %
// interval, with one success and one failure added to each group (A. Agresti and
// B. Caffo, The American Statistician 54(4), 2000).
func (s *SelectionRate) Value() (value, margin float64, ready bool) {
	lo, hi, enough := -1, -1, 0
	for g := range s.names {
		if s.count[g] < s.least {
			continue
		}
		enough++
		if lo < 0 || s.rate(g) < s.rate(lo) {
			lo = g
		}
		if hi < 0 || s.rate(g) > s.rate(hi) {
			hi = g
		}
	}
	if enough < 2 {
		return 0, 0, false
	}
	return s.rate(hi) - s.rate(lo), 1.96 * math.Sqrt(s.variance(hi)+s.variance(lo)), true
}

func (s *SelectionRate) rate(g int) float64 { return float64(s.good[g]) / float64(s.count[g]) }

func (s *SelectionRate) variance(g int) float64 {
	n := float64(s.count[g]) + 2
	p := (float64(s.good[g]) + 1) / n
	return p * (1 - p) / n
}
