package train

import (
	"math"

	"augenmass/internal/demo/model"
	"augenmass/internal/problem"
)

// platt fits Sigmoid(a·score + b) to the outcomes by Newton's method on the
// log loss, with Platt's softened targets (J. Platt, "Probabilistic outputs for
// support vector machines", 1999). It starts from a = 1, b = 0, which is right
// for scores that are calibrated already, and fails rather than stop early.
func platt(scores []float64, y []bool) (model.Calibration, error) {
	positive := 0.0
	for _, v := range y {
		if v {
			positive++
		}
	}
	high, low := (positive+1)/(positive+2), 1/(float64(len(y))-positive+2)
	a, b := 1.0, 0.0
	for range 50 {
		var ga, gb, haa, hab, hbb float64 // gradient and Hessian
		for i, s := range scores {
			t := low
			if y[i] {
				t = high
			}
			p := model.Sigmoid(float64(a*s) + b)
			d, w := p-t, float64(p*(1-p))
			ga += float64(d * s)
			gb += d
			haa += float64(float64(w*s) * s)
			hab += float64(w * s)
			hbb += w
		}
		det := float64(haa*hbb) - float64(hab*hab)
		da := (float64(hbb*ga) - float64(hab*gb)) / det
		db := (float64(haa*gb) - float64(hab*ga)) / det
		a, b = a-da, b-db
		if math.Abs(da)+math.Abs(db) < 1e-10 {
			return model.Calibration{Method: "platt", A: rounded(a), B: rounded(b)}, nil
		}
	}
	return model.Calibration{}, problem.New(problem.BadInput,
		"Die Kalibrierung findet keine Lösung; die Daten trennen zu scharf oder gar nicht.",
		"Calibration finds no solution; the data separate too sharply or not at all.")
}
