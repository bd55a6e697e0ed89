package ui

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"rsc.io/qr"
)

func permitID(v PermitView) string {
	if v.ID != "" {
		return v.ID
	}
	return "permit"
}

// permitState is fail-closed: what is not known to be valid is not shown so.
func permitState(v PermitView) string {
	switch v.State {
	case "valid", "suspended":
		return v.State
	}
	return "none"
}

func permitClass(v PermitView) string {
	switch permitState(v) {
	case "valid":
		return "on"
	case "suspended":
		return "off"
	}
	return "blank"
}

func stampClass(v PermitView) string {
	switch permitState(v) {
	case "valid":
		return "ok"
	case "suspended":
		return "stop"
	}
	return "none"
}

func permitNumber(c Ctx, v PermitView) string {
	switch {
	case v.Number == "":
		return c.T("permit.nonumber")
	case v.Version == 0:
		return v.Number
	}
	return v.Number + " · " + c.T("ui.version", "v", v.Version)
}

func lapseTitle(c Ctx, l LapseView) string {
	if l.Since == "" {
		return l.Title
	}
	return c.T("permit.since", "since", l.Since, "what", l.Title)
}

// shortHash keeps the algorithm, the first and the last four digits.
func shortHash(h string) string {
	algorithm, digits, ok := strings.Cut(h, ":")
	if !ok {
		algorithm, digits = "", h
	}
	if len(digits) > 12 {
		digits = digits[:4] + "…" + digits[len(digits)-4:]
	}
	return strings.TrimSpace(algorithm + " " + digits)
}

// waves draws nine interlaced sine lines; phase and beat depend on the number.
func waves(number string) []string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(number)) // a hash never fails to write
	seed := float64(h.Sum32()%997) / 997
	beat := 150 + 40*seed
	lines := make([]string, 9)
	for k := range lines {
		var d strings.Builder
		for x := 0; x <= 1200; x += 6 {
			fx := float64(x)
			y := 17 + 11*math.Sin(fx/38+float64(k)*.7+seed*6)*math.Cos(fx/beat+float64(k)*.35)
			command := "L"
			if x == 0 {
				command = "M"
			}
			d.WriteString(command + strconv.Itoa(x) + "," + num(y))
		}
		lines[k] = d.String()
	}
	return lines
}

type qrView struct {
	box, size, path string
}

// qrCode draws the dark modules as runs. It reports false for content that is
// too long for a code; the page then shows the link only.
func qrCode(content string) (qrView, bool) {
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		return qrView{}, false
	}
	const quiet = 4
	size := code.Size + 2*quiet
	var d strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; {
			run := x
			for run < code.Size && code.Black(run, y) {
				run++
			}
			if run > x {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run-x, run-x)
				x = run
				continue
			}
			x++
		}
	}
	return qrView{box: fmt.Sprintf("0 0 %d %d", size, size), size: strconv.Itoa(size), path: d.String()}, true
}
