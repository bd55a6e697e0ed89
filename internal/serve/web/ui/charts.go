package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// share is value of top within 0..1; what cannot be divided is nothing.
func share(value, top float64) float64 {
	if !(top > 0) || math.IsNaN(value) {
		return 0
	}
	return min(max(value/top, 0), 1)
}

func meterWidth(v MeterView) string { return num(100 * share(v.Value, v.Max)) }

func barLabel(r BarRow) string { return r.Name + ": " + r.Value }

func stageState(s Stage) string {
	switch s.State {
	case "done", "now":
		return s.State
	}
	return "next"
}

func stageClass(s Stage) string { return "stage-" + stageState(s) }

// The wheel: each part takes an equal share of the circle less a gap of 8°.

func wheelArc(i, n int, part float64) string {
	const radius, gap = 82.0, 4.0
	span := 360/float64(n) - 2*gap
	from := -90 + float64(i)*360/float64(n) + gap
	to := from + span*part
	x1, y1 := onCircle(radius, from)
	x2, y2 := onCircle(radius, to)
	large := 0
	if to-from > 180 {
		large = 1
	}
	return fmt.Sprintf("M%s %sA%s %s 0 %d 1 %s %s", num(x1), num(y1), num(radius), num(radius), large, num(x2), num(y2))
}

func onCircle(radius, degree float64) (x, y float64) {
	s, c := math.Sincos(degree * math.Pi / 180)
	return 100 + radius*c, 100 + radius*s
}

func wheelMiddle(i, n int) (x, y float64) {
	return onCircle(45, -90+(float64(i)+.5)*360/float64(n))
}

func wheelX(i, n int) string {
	x, _ := wheelMiddle(i, n)
	return num(x)
}

func wheelY(i, n int, down float64) string {
	_, y := wheelMiddle(i, n)
	return num(y + down)
}

func wheelLabel(c Ctx, label string, parts []WheelPart) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = c.T("chart.of", "name", p.Name, "done", p.Done, "of", p.Of)
	}
	return label + ": " + strings.Join(words, ", ")
}

// chartSize is the drawing area of a line chart. Narrow places get a drawing of
// their own, so letters keep their size on a phone.
type chartSize struct {
	class         string
	width, height float64
	left          float64
}

var (
	wideChart   = chartSize{class: "for-wide", width: 640, height: 190, left: 44}
	narrowChart = chartSize{class: "for-narrow", width: 330, height: 190, left: 44}
)

func (s chartSize) box() string    { return "0 0 " + num(s.width) + " " + num(s.height) }
func (s chartSize) right() float64 { return s.width - 8 }

// top is the value at the upper edge: a fifth above the largest thing shown.
func (s chartSize) top(v DriftView) float64 {
	top := max(v.Limit, v.Reference)
	for _, p := range v.Points {
		if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) {
			top = max(top, p.Value)
		}
	}
	return top * 1.2
}

func (s chartSize) x(i int, v DriftView) float64 {
	if len(v.Points) < 2 {
		return s.left
	}
	return s.left + (s.right()-s.left)*float64(i)/float64(len(v.Points)-1)
}

func (s chartSize) y(value float64, v DriftView) float64 { return s.level(value, s.top(v)) }

func (s chartSize) level(value, top float64) float64 {
	const above, below = 12, 26
	return s.height - below - (s.height-above-below)*share(value, top)
}

func (s chartSize) line(value, top float64) string {
	return "M" + num(s.left) + " " + num(s.level(value, top)) + "H" + num(s.right())
}

func (s chartSize) points(v DriftView) string {
	pairs := make([]string, len(v.Points))
	for i, p := range v.Points {
		pairs[i] = num(s.x(i, v)) + "," + num(s.y(p.Value, v))
	}
	return strings.Join(pairs, " ")
}

func (s chartSize) triangle(i int, v DriftView) string {
	return fmt.Sprintf("M%s %sl6-11l6 11z", num(s.x(i, v)-6), num(s.y(v.Points[i].Value, v)+5))
}

func driftPlaces(v DriftView) int {
	if v.Places > 0 {
		return v.Places
	}
	return 2
}

func driftTable(c Ctx, v DriftView) TableView {
	t := TableView{Caption: v.Label, Cols: []Col{{Head: c.T("chart.time")}, {Head: c.T("chart.value"), Right: true, Mono: true}, {Head: c.T("chart.state")}}}
	for _, p := range v.Points {
		mark := Mark{OK, c.T("chart.within")}
		if v.Limit > 0 && p.Value > v.Limit {
			mark = Mark{Warn, c.T("chart.over")}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.At}, {Text: c.Decimal(p.Value, driftPlaces(v)+1)}, {Mark: &mark, Note: p.Note}}})
	}
	return t
}
