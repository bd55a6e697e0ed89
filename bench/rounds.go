package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// rounds collects what contestants did in interleaved rounds. Within a round
// the neighbours on the machine are the same, so contestants are compared
// there, and only the comparisons are summed up over rounds.
type rounds struct {
	seen map[measured][]float64
}

// measured is one value of one contestant.
type measured struct{ who, value string }

func newRounds() *rounds { return &rounds{seen: map[measured][]float64{}} }

// add notes what a contestant did in the present round. A contestant adds each
// of its values exactly once per round.
func (r *rounds) add(who, value string, v float64) {
	k := measured{who, value}
	r.seen[k] = append(r.seen[k], v)
}

// row is the medians of a contestant over all rounds.
func (r *rounds) row(title, who string) row {
	out := row{Case: title, Values: map[string]float64{}}
	for k, v := range r.seen {
		if k.who == who {
			out.Values[k.value] = median(slices.Clone(v))
			out.Values["rounds"] = float64(len(v))
		}
	}
	return out
}

// ratio divides a value of one contestant by the same value of another, round
// by round. It panics when the two were not measured equally often: that is a
// mistake in the benchmark, not on the machine.
func (r *rounds) ratio(value, over, under string) ratio {
	a, b := r.seen[measured{over, value}], r.seen[measured{under, value}]
	if len(a) == 0 || len(a) != len(b) {
		panic(fmt.Sprintf("%s: %d rounds of %s beside %d of %s", value, len(a), over, len(b), under))
	}
	all := make([]float64, len(a))
	for i := range a {
		all[i] = a[i] / b[i]
	}
	return ratioOf(all)
}

// best keeps in each round the smallest value of several contestants under a
// name of its own: a peer measured in several forms is judged by its best.
func (r *rounds) best(value, name string, forms ...string) {
	var out []float64
	for i := range r.seen[measured{forms[0], value}] {
		least := r.seen[measured{forms[0], value}][i]
		for _, f := range forms[1:] {
			least = min(least, r.seen[measured{f, value}][i])
		}
		out = append(out, least)
	}
	r.seen[measured{name, value}] = out
}

// ratio is a comparison over paired rounds: median and quartiles.
type ratio struct {
	Median float64 `json:"median"`
	Q1     float64 `json:"q1"`
	Q3     float64 `json:"q3"`
	Rounds int     `json:"rounds"`
}

// ratioOf sums up the comparisons of all rounds; it sorts them.
func ratioOf(each []float64) ratio {
	slices.Sort(each)
	return ratio{Median: median(each), Q1: quantile(each, 0.25), Q3: quantile(each, 0.75), Rounds: len(each)}
}

// quantile takes the nearest of sorted values.
func quantile(sorted []float64, q float64) float64 {
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// median sorts v.
func median[T cmp.Ordered](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}

// shuffled is the order of contestants in a round, the same for the same seed.
func shuffled[T any](seed uint64, round int, all []T) []T {
	out := slices.Clone(all)
	rand.New(rand.NewPCG(seed, uint64(round))).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
