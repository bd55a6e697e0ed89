package mill

import "math"

// Block is the number of rows over which the two temperature walks are
// normalised: the length of the published file.
const Block = 10_000

// blend is the number of rows over which a later block's walk takes over from
// the level at which the one before it ended, so that no temperature jumps.
const blend = 500

// Process is the milling process: an endless, reproducible sequence of rows.
// It is not safe for concurrent use.
type Process struct {
	n       int // rows made
	variant *draw
	torque  *draw
	speed   *draw
	tool    *draw
	random  *draw
	air     *walk
	heat    *walk

	wear  float64 // min on the present tool
	limit float64 // min at which it is replaced or fails
}

// New starts the process for a seed. The same seed gives the same rows.
func New(seed uint64) *Process {
	p := &Process{
		variant: newDraw(seed, 1),
		torque:  newDraw(seed, 2),
		speed:   newDraw(seed, 3),
		tool:    newDraw(seed, 4),
		random:  newDraw(seed, 5),
		air:     &walk{d: newDraw(seed, 6)},
		heat:    &walk{d: newDraw(seed, 7)},
	}
	p.mount()
	return p
}

// Generate makes the first n rows for a seed.
func Generate(seed uint64, n int) []Row {
	p := New(seed)
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = p.Next()
	}
	return rows
}

// Next makes the next product.
func (p *Process) Next() Row {
	p.n++
	r := Row{UDI: p.n, Type: p.drawVariant()}
	r.ProductID = productID(r.Type, r.UDI)

	// Air: a random walk with sd 2 K around 300 K. Process: air plus 10 K plus
	// a walk of its own with sd 1 K.
	air := 300 + float64(2*p.air.next())
	r.AirTemperature = round(air, 1)
	r.ProcessTemperature = round(air+10+p.heat.next(), 1)

	r.Torque = p.drawTorque()
	r.RotationalSpeed = speedFor(r.Torque, p.speed.normal())

	// The tool is replaced, or fails, at a wear drawn from 200..240 min: 69 to
	// 51 in the published description.
	r.ToolWear = p.wear
	if p.wear >= p.limit {
		r.TWF = p.tool.uniform() < 51.0/120
		p.mount()
	} else {
		p.wear += wearOf(r.Type)
	}
	r.RNF = p.random.uniform() < 0.001
	r.judge()
	return r
}

// mount puts a fresh tool in.
func (p *Process) mount() {
	p.wear = 0
	p.limit = 200 + float64(40*p.tool.uniform())
}

func (p *Process) drawVariant() Variant {
	switch u := p.variant.uniform(); {
	case u < 0.6:
		return Low
	case u < 0.9:
		return Medium
	}
	return High
}

// drawTorque is normal with mean 40 Nm and sd 10 Nm; negative values are drawn
// again.
func (p *Process) drawTorque() float64 {
	for {
		if t := 40 + float64(10*p.torque.normal()); t >= 0 {
			return round(t, 1)
		}
	}
}

// wearOf is the wear in min that making one product adds to the tool.
func wearOf(v Variant) float64 {
	switch v {
	case High:
		return 5
	case Medium:
		return 3
	}
	return 2
}

// speedFor gives the speed in rpm at a torque in Nm; noise is standard normal.
//
// The description says only "calculated from a power of 2,860 W, overlaid with
// normally distributed noise". On the public file that reads: 1,000 rpm plus
// 20,000 rpm·Nm over the torque, noise with sd 50 rpm, and above 2,700 rpm the
// noise-free line 3,000 rpm minus 30 rpm per Nm (a limited spindle).
func speedFor(torque, noise float64) float64 {
	if torque > 0 {
		if n := 1000 + 20_000/torque + float64(50*noise); n <= 2700 {
			return round(n, 0)
		}
	}
	return round(3000-float64(30*torque), 0)
}

// walk is a random walk, normalised over each block to mean 0 and standard
// deviation 1.
type walk struct {
	d     *draw
	block []float64
	at    int
	end   float64 // level at which the block before ended
	later bool    // this is not the first block
}

func (w *walk) next() float64 {
	if w.at == len(w.block) {
		if len(w.block) > 0 {
			w.end, w.later = w.block[len(w.block)-1], true
		}
		w.block, w.at = normalised(w.d), 0
	}
	v := w.block[w.at]
	if w.later && w.at < blend {
		k := float64(w.at+1) / blend
		v = float64(w.end*(1-k)) + float64(v*k)
		w.block[w.at] = v
	}
	w.at++
	return v
}

func normalised(d *draw) []float64 {
	b := make([]float64, Block)
	level, sum := 0.0, 0.0
	for i := range b {
		level += d.normal()
		b[i] = level
		sum += level
	}
	mean, sq := sum/Block, 0.0
	for i := range b {
		b[i] -= mean
		sq += float64(b[i] * b[i])
	}
	sd := math.Sqrt(sq / Block)
	for i := range b {
		b[i] /= sd
	}
	return b
}
