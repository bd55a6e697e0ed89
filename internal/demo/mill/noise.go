package mill

import (
	"math"
	"math/rand/v2"
)

// draw is one stream of random numbers. Each quantity of the process has its
// own stream, so that a change to one leaves the others alone.
type draw struct {
	src   *rand.PCG
	spare float64
	has   bool
}

func newDraw(seed, stream uint64) *draw { return &draw{src: rand.NewPCG(seed, stream)} }

// uniform is in [0, 1), with 53 bits.
func (d *draw) uniform() float64 { return float64(d.src.Uint64()>>11) / (1 << 53) }

// normal has mean 0 and standard deviation 1: Marsaglia's polar method (SIAM
// Review 6, 1964). The standard library's ziggurat calls math.Exp and
// math.Log, whose last bit differs between processors.
func (d *draw) normal() float64 {
	if d.has {
		d.has = false
		return d.spare
	}
	for {
		u, v := 2*d.uniform()-1, 2*d.uniform()-1
		s := float64(u*u) + float64(v*v)
		if s == 0 || s >= 1 {
			continue
		}
		f := math.Sqrt(-2 * ln(s) / s)
		d.spare, d.has = v*f, true
		return u * f
	}
}

// ln is the natural logarithm for x > 0, to about 1e-15, with the same bits
// on every platform: x = m·2^e, ln m = 2·artanh((m-1)/(m+1)) as a series.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	t := (m - 1) / (m + 1) // |t| < 0.172
	t2 := t * t
	sum := 0.0
	for k := 21; k >= 1; k -= 2 {
		sum = float64(sum*t2) + 1/float64(k)
	}
	return float64(2*t*sum) + float64(float64(e)*math.Ln2)
}
