package ui

import "strconv"

// The risk matrix: fields of 56 units, the axis words left and below.
const (
	matrixField = 56
	matrixLeft  = 38
	matrixTop   = 6
	matrixSide  = "54"
)

func matrixBox(v RiskMatrixView) string {
	return "0 0 " + strconv.Itoa(matrixLeft+v.Size*matrixField+4) + " " + strconv.Itoa(matrixTop+v.Size*matrixField+42)
}

func matrixKind(v RiskMatrixView, x, y int) Kind {
	switch weight := x * y; {
	case v.StopAt > 0 && weight >= v.StopAt:
		return Stop
	case v.WarnAt > 0 && weight >= v.WarnAt:
		return Warn
	}
	return OK
}

func matrixX(x int) string { return strconv.Itoa(matrixLeft + (x-1)*matrixField) }

func matrixY(v RiskMatrixView, y int) string {
	return strconv.Itoa(matrixTop + (v.Size-y)*matrixField)
}

func matrixMidX(x int) string { return strconv.Itoa(matrixLeft + (x-1)*matrixField + matrixField/2) }

func matrixMidY(v RiskMatrixView, y int) string {
	return strconv.Itoa(matrixTop + (v.Size-y)*matrixField + matrixField/2 + 4)
}

func matrixFoot(v RiskMatrixView, down int) string {
	return strconv.Itoa(matrixTop + v.Size*matrixField + down)
}

func matrixMidAll(v RiskMatrixView) string { return strconv.Itoa(matrixLeft + v.Size*matrixField/2) }

func matrixMinusMid(v RiskMatrixView) string {
	return strconv.Itoa(-(matrixTop + v.Size*matrixField/2))
}

// pin places the i-th risk in its field; up to four share a field without
// covering each other, further ones lie on the last place.
func pin(v RiskMatrixView, i int) (x, y int) {
	p := v.Points[i]
	before := 0
	for _, q := range v.Points[:i] {
		if q.X == p.X && q.Y == p.Y {
			before++
		}
	}
	slots := [4][2]int{{-13, -13}, {13, -13}, {-13, 13}, {13, 13}}
	slot := slots[min(before, 3)]
	x = matrixLeft + (min(max(p.X, 1), v.Size)-1)*matrixField + matrixField/2 - 1 + slot[0]
	y = matrixTop + (v.Size-min(max(p.Y, 1), v.Size))*matrixField + matrixField/2 - 1 + slot[1]
	return x, y
}

func matrixPinX(v RiskMatrixView, i int) string {
	x, _ := pin(v, i)
	return strconv.Itoa(x)
}

func matrixPinY(v RiskMatrixView, i int) string {
	_, y := pin(v, i)
	return strconv.Itoa(y)
}

func matrixPinText(v RiskMatrixView, i int) string {
	_, y := pin(v, i)
	return strconv.Itoa(y + 4)
}

func word(words []string, level int) string {
	if level < 1 || level > len(words) {
		return strconv.Itoa(level)
	}
	return strconv.Itoa(level) + " " + words[level-1]
}

func matrixTable(c Ctx, v RiskMatrixView) TableView {
	t := TableView{Caption: v.Label, Cols: []Col{{Head: c.T("chart.risk")}, {Head: v.XName}, {Head: v.YName}}}
	for _, p := range v.Points {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.No + " " + p.Name, Href: p.Href}, {Text: word(v.XWords, p.X)}, {Text: word(v.YWords, p.Y)}}})
	}
	return t
}
