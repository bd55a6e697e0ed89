package citation

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// step is one part of a key behind its family: the number of a paragraph, a
// letter, an enhancement.
type step struct {
	n int    // 0 for a letter
	s string // what follows the number, or the letter
}

var reNumbered = regexp.MustCompile(`^([A-Za-z]*?)(\d{1,9})([a-z]*)$`)

// steps takes a key apart: "iec.sr.2.1.re1" is of the family "iec.sr" with the
// steps 2, 1 and re1; "aia.art10.2.b" of "aia.art" with 10, 2 and b. The first
// part is a name, even if it has digits.
func steps(key string) (family string, v []step) {
	parts := strings.Split(key, ".")
	family = parts[0]
	for _, p := range parts[1:] {
		m := reNumbered.FindStringSubmatch(p)
		switch {
		case m == nil && len(v) == 0:
			family += "." + p
		case m == nil:
			v = append(v, step{s: p})
		case m[1] != "" && len(v) == 0:
			family += "." + m[1]
			v = append(v, step{number(m[2]), m[3]})
		case m[1] != "":
			v = append(v, step{s: p})
		default:
			v = append(v, step{number(m[2]), m[3]})
		}
	}
	return family, v
}

// number reads digits of which there are few.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0 // not reached: the expression allows nine digits
	}
	return n
}

func compare(a, b []step) int {
	return slices.CompareFunc(a, b, func(x, y step) int { return cmp.Or(cmp.Compare(x.n, y.n), strings.Compare(x.s, y.s)) })
}

// less reports whether a range may run from a to b.
func less(a, b string) bool {
	fa, va := steps("x." + a)
	fb, vb := steps("x." + b)
	return fa == fb && len(va) > 0 && compare(va, vb) < 0
}

// inside reports whether v lies in the range from a to b, each bound with all
// that lies below it.
func inside(v, a, b []step) bool {
	return len(v) > 0 && compare(v[:min(len(v), len(a))], a) >= 0 && compare(v[:min(len(v), len(b))], b) <= 0
}

// lies reports whether the clause id lies below the place key: "aia.art15.5"
// below "aia.art15", "aia.art50.4a" below "aia.art50.4".
func lies(id, key string) bool {
	rest, ok := strings.CutPrefix(id, key)
	if !ok || rest == "" {
		return false
	}
	if rest[0] == '.' {
		return true
	}
	_, v := steps(key)
	return len(v) > 1 && v[len(v)-1].n > 0 && rest[0] >= 'a' && rest[0] <= 'z'
}
