package data

import (
	"fmt"
	"strconv"
	"strings"

	"augenmass/internal/govern/data"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ui"
)

// Measures of the drawing, in its own units.
const (
	boxWide, boxHigh  = 150, 38
	columnGap, rowGap = 64, 22
	maxPlaces         = 24 // more would not be legible
	maxName           = 20 // characters of a place in its box
)

// flowMap is the drawing of the flows between places.
type flowMap struct {
	Label         string
	Width, Height int
	Boxes         []box
	Arrows        []arrow
	More          string // what is not drawn
}

// box is one place.
type box struct {
	X, Y int
	Name string
}

// arrow is one flow; Unknown ones are dashed.
type arrow struct {
	Path, Head string
	Unknown    bool
}

// drawFlows lays places out from left to right: a place stands right of those that
// data come from, as far as there is no circle.
func drawFlows(c ui.Ctx, flows []store.Object[data.Flow]) *flowMap {
	var order []string
	name, column := map[string]string{}, map[string]int{}
	key := func(s string) string {
		s = strings.TrimSpace(s)
		k := strings.ToLower(s)
		if _, ok := name[k]; !ok && len(order) < maxPlaces {
			name[k], order = s, append(order, k)
		}
		return k
	}
	type edge struct {
		from, to string
		unknown  bool
	}
	var edges []edge
	var words []string
	more := false
	for _, f := range flows {
		from, to := key(f.Doc.From), key(f.Doc.To)
		_, a := name[from]
		_, b := name[to]
		if !a || !b {
			more = true
			continue
		}
		edges = append(edges, edge{from, to, len(f.Doc.Unknown()) > 0})
		words = append(words, f.Doc.Title())
	}
	for range order { // a circle ends with the rounds
		for _, e := range edges {
			if column[e.to] <= column[e.from] && column[e.from] < len(order)-1 && !reaches(edges, func(e edge) (string, string) { return e.from, e.to }, e.to, e.from) {
				column[e.to] = column[e.from] + 1
			}
		}
	}
	m := &flowMap{Label: c.T("data.map.label", "list", strings.Join(words, "; "))}
	at, rows := map[string]box{}, map[int]int{}
	for _, k := range order {
		b := box{X: 4 + column[k]*(boxWide+columnGap), Y: 4 + rows[column[k]]*(boxHigh+rowGap), Name: cut(name[k], maxName)}
		rows[column[k]]++
		at[k] = b
		m.Boxes = append(m.Boxes, b)
		m.Width, m.Height = max(m.Width, b.X+boxWide+4), max(m.Height, b.Y+boxHigh+4)
	}
	for _, e := range edges {
		m.Arrows = append(m.Arrows, between(at[e.from], at[e.to], e.unknown))
	}
	if more {
		m.More = c.T("data.map.more", "n", maxPlaces)
	}
	return m
}

// reaches reports whether a way leads from one place to another.
func reaches[E any](edges []E, ends func(E) (string, string), from, to string) bool {
	seen, open := map[string]bool{from: true}, []string{from}
	for len(open) > 0 {
		at := open[0]
		open = open[1:]
		if at == to {
			return true
		}
		for _, e := range edges {
			if a, b := ends(e); a == at && !seen[b] {
				seen[b] = true
				open = append(open, b)
			}
		}
	}
	return false
}

// between is the arrow from one box to another: to the right where it leads
// forward, in a bow below where it leads back.
func between(a, b box, unknown bool) arrow {
	x1, y1, x2, y2 := a.X+boxWide, a.Y+boxHigh/2, b.X, b.Y+boxHigh/2
	if b.X <= a.X {
		x1, y1, x2, y2 = a.X+boxWide/2, a.Y+boxHigh, b.X+boxWide/2, b.Y+boxHigh
		if a.X == b.X && b.Y > a.Y {
			y2 = b.Y
			return arrow{Path: fmt.Sprintf("M%d %dV%d", x1, y1, y2-7), Head: fmt.Sprintf("M%d %dl-5-9h10z", x2, y2), Unknown: unknown}
		}
		low := max(y1, y2) + rowGap - 6
		return arrow{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1, low, x2, low, x2, y2+8), Head: fmt.Sprintf("M%d %dl-5 9h10z", x2, y2), Unknown: unknown}
	}
	mid := (x1 + x2) / 2
	return arrow{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, mid, y1, mid, y2, x2-8, y2), Head: fmt.Sprintf("M%d %dl-9-5v10z", x2, y2), Unknown: unknown}
}

// room is the drawing area; a bow of the lowest row needs some more.
func (m *flowMap) room() string { return "0 0 " + num(m.Width) + " " + num(m.Height+rowGap) }

func num(n int) string { return strconv.Itoa(n) }

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// dashes are those of an arrow about which something is unknown.
func (a arrow) dashes() string {
	if a.Unknown {
		return "5 4"
	}
	return "none"
}
