package mill

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// row is a sound M product in the middle of everything; change alters it.
func row(change func(*Row)) Row {
	r := Row{UDI: 1, ProductID: "M14860", Type: Medium, AirTemperature: 300, ProcessTemperature: 310,
		RotationalSpeed: 1500, Torque: 40, ToolWear: 100}
	if change != nil {
		change(&r)
	}
	return r
}

func TestRulesFollowThePublishedLimits(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Row)
		want   Modes
	}{
		{"a sound product", nil, Modes{}},
		{"difference 8.5 K and 1379 rpm fail by heat", func(r *Row) { r.ProcessTemperature, r.RotationalSpeed, r.Torque = 308.5, 1379, 45 }, Modes{HDF: true}},
		{"difference 8.6 K does not", func(r *Row) { r.ProcessTemperature, r.RotationalSpeed, r.Torque = 308.6, 1379, 45 }, Modes{}},
		{"1380 rpm does not", func(r *Row) { r.ProcessTemperature, r.RotationalSpeed, r.Torque = 308.5, 1380, 45 }, Modes{}},
		{"3,495 W is too little power", func(r *Row) { r.RotationalSpeed, r.Torque = 2000, 16.69 }, Modes{PWF: true}},
		{"3,506 W is enough", func(r *Row) { r.RotationalSpeed, r.Torque = 2000, 16.74 }, Modes{}},
		{"8,985 W is not too much", func(r *Row) { r.RotationalSpeed, r.Torque = 1300, 66 }, Modes{}},
		{"9,012 W is", func(r *Row) { r.RotationalSpeed, r.Torque = 1300, 66.2 }, Modes{PWF: true}},
		{"L fails above 11,000 min·Nm", func(r *Row) { r.Type, r.ToolWear, r.Torque = Low, 200, 55.1 }, Modes{OSF: true}},
		{"L holds at 11,000", func(r *Row) { r.Type, r.ToolWear, r.Torque = Low, 200, 55 }, Modes{}},
		{"M holds at 12,000", func(r *Row) { r.ToolWear, r.Torque, r.RotationalSpeed = 240, 50, 1400 }, Modes{}},
		{"M fails above", func(r *Row) { r.ToolWear, r.Torque, r.RotationalSpeed = 240, 50.1, 1400 }, Modes{OSF: true}},
		{"H holds at 13,000", func(r *Row) { r.Type, r.ToolWear, r.Torque, r.RotationalSpeed = High, 250, 52, 1400 }, Modes{}},
		{"H fails above", func(r *Row) { r.Type, r.ToolWear, r.Torque, r.RotationalSpeed = High, 250, 52.1, 1400 }, Modes{OSF: true}},
		{"two modes at once", func(r *Row) { r.Type, r.ToolWear, r.Torque, r.RotationalSpeed = Low, 230, 70, 1300 }, Modes{PWF: true, OSF: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Rules(row(tt.change)); got != tt.want {
				t.Errorf("Rules = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func moments(rows []Row, value func(Row) float64) (mean, sd float64) {
	for _, r := range rows {
		mean += value(r) / float64(len(rows))
	}
	for _, r := range rows {
		sd += (value(r) - mean) * (value(r) - mean) / float64(len(rows))
	}
	return mean, math.Sqrt(sd)
}

// The published numbers: description and README of AI4I 2020, and for speed and
// wear the moments of the public file.
func TestTheProcessHasThePublishedDistribution(t *testing.T) {
	for _, seed := range []uint64{1, 7, 601} {
		rows := Generate(seed, Block)
		for _, q := range []struct {
			name             string
			value            func(Row) float64
			mean, within, sd float64
			sdWithin         float64
		}{
			{"air temperature", func(r Row) float64 { return r.AirTemperature }, 300, 0.01, 2, 0.01},
			{"temperature difference", Row.TemperatureDifference, 10, 0.01, 1, 0.01},
			{"rotational speed", func(r Row) float64 { return r.RotationalSpeed }, 1538.8, 6, 179.3, 8},
			{"torque", func(r Row) float64 { return r.Torque }, 40, 0.4, 10, 0.25},
			{"tool wear", func(r Row) float64 { return r.ToolWear }, 108, 4, 63.7, 2},
			{"power", Row.Power, 6280, 60, 1067, 40},
		} {
			mean, sd := moments(rows, q.value)
			if math.Abs(mean-q.mean) > q.within || math.Abs(sd-q.sd) > q.sdWithin {
				t.Errorf("seed %d: %s has mean %.3f and sd %.3f, want %.1f ± %g and %.1f ± %g",
					seed, q.name, mean, sd, q.mean, q.within, q.sd, q.sdWithin)
			}
		}
		counts := map[string]float64{}
		for _, r := range rows {
			counts[string(r.Type)]++
			for name, on := range map[string]bool{"failure": r.Failure, "TWF": r.TWF, "HDF": r.HDF, "PWF": r.PWF, "OSF": r.OSF, "RNF": r.RNF} {
				if on {
					counts[name]++
				}
			}
			if r.RotationalSpeed < 1000 || r.RotationalSpeed > 3000 || r.Torque < 0 || r.ToolWear > 245 {
				t.Fatalf("seed %d: row out of the machine's range: %+v", seed, r)
			}
		}
		// Public file: 339 failures (46, 115, 95, 98, 19). HDF hangs on how long the
		// one temperature walk stays low, so it spreads most from seed to seed.
		for name, span := range map[string][2]float64{
			"L": {5850, 6150}, "M": {2850, 3150}, "H": {900, 1100},
			"failure": {220, 470}, "TWF": {30, 70}, "HDF": {20, 230}, "PWF": {70, 130}, "OSF": {70, 150}, "RNF": {2, 20},
		} {
			if counts[name] < span[0] || counts[name] > span[1] {
				t.Errorf("seed %d: %v rows of %s, want %v", seed, counts[name], name, span)
			}
		}
	}
}

func TestToolsAreChangedBetween200And240Minutes(t *testing.T) {
	rows := Generate(7, Block)
	changes, failed := 0, 0
	for i := 1; i < len(rows); i++ {
		last, next := rows[i-1], rows[i]
		if next.ToolWear != 0 {
			if step := next.ToolWear - last.ToolWear; step != wearOf(last.Type) {
				t.Fatalf("row %d: wear grew by %g after a product %s", next.UDI, step, last.Type)
			}
			if last.TWF {
				t.Fatalf("row %d: a tool that failed stayed in", last.UDI)
			}
			continue
		}
		changes++
		if last.TWF {
			failed++
		}
		if last.ToolWear < 200 || last.ToolWear >= 245 {
			t.Errorf("row %d: tool changed at %g min", last.UDI, last.ToolWear)
		}
	}
	if changes < 110 || changes > 130 || failed < 30 || failed > 70 {
		t.Errorf("%d tool changes, %d of them failures; the description has 120 and 51", changes, failed)
	}
}

func TestRowsAreJudgedByTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := New(rapid.Uint64().Draw(t, "seed"))
		for range 200 {
			r := p.Next()
			m := Rules(r)
			if r.HDF != m.HDF || r.PWF != m.PWF || r.OSF != m.OSF {
				t.Fatalf("modes of %+v are not those of the rules", r)
			}
			if r.Failure != (r.TWF || r.HDF || r.PWF || r.OSF || r.RNF) {
				t.Fatalf("label of %+v does not follow from its modes", r)
			}
		}
	})
}

func TestTemperaturesDoNotJumpFromBlockToBlock(t *testing.T) {
	rows := Generate(3, Block+2*blend)
	for i := 1; i < len(rows); i++ {
		if d := math.Abs(rows[i].AirTemperature - rows[i-1].AirTemperature); d > 0.6 {
			t.Fatalf("air temperature jumps by %g K at row %d", d, i+1)
		}
	}
}

// The digest was taken on linux/amd64. It says that another platform, another
// compiler or a change here makes other rows.
func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, Generate(7, Block+100)); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	const want = "4c3842e018fdb90c73d4a32f2a40d13bc273d44f0a9246c1d2df5d9ec877d4f2"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("digest of the rows of seed 7 is %s, want %s", got, want)
	}
	if bytes.Equal(csvOf(t, Generate(8, 10)), csvOf(t, Generate(7, 10))) {
		t.Error("two seeds give the same rows")
	}
}

func csvOf(t testing.TB, rows []Row) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLogarithm(t *testing.T) {
	for _, x := range []float64{1e-300, 1e-9, 0.1, 0.5, math.Sqrt2 / 2, 0.999999, 1, 2, 1e300} {
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 1e-15*max(1, math.Abs(want)) {
			t.Errorf("ln(%g) = %.17g, want %.17g", x, got, want)
		}
	}
}
