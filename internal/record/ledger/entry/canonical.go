package entry

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep arrays and objects may nest, so that hostile input
// cannot exhaust the stack. encoding/json allows 10,000; evidence needs few.
const maxDepth = 256

// Canonical rewrites one JSON text in the form of RFC 8785 (JSON
// Canonicalization Scheme): no white space, members sorted by UTF-16 code
// units, shortest escapes, numbers as ECMAScript prints a double.
//
// Refused are: anything that is not exactly one JSON text (RFC 8259), repeated
// member names, invalid UTF-8 and lone surrogates (RFC 7493 §2.1, §2.3),
// numbers outside the range of a double, and integers that a double cannot
// hold exactly (RFC 7493 §2.2; write those as strings), because a journal must
// never change a value silently.
func Canonical(raw []byte) ([]byte, error) {
	return appendCanonical(make([]byte, 0, len(raw)), raw)
}

// appendCanonical appends the canonical form of raw to dst.
func appendCanonical(dst, raw []byte) ([]byte, error) {
	c := canon{in: raw, out: dst}
	if err := c.value(0); err != nil {
		return nil, fmt.Errorf("at byte %d: %w", c.at, err)
	}
	c.space()
	if c.at != len(c.in) {
		return nil, fmt.Errorf("at byte %d: text after the end of the value", c.at)
	}
	return c.out, nil
}

// canon is one run: it reads in from at on and writes to out. Objects are
// written as they come and put in order afterwards, and only if they were not.
type canon struct {
	in      []byte
	at      int
	out     []byte
	scratch []byte
}

// member is one member of an object: its decoded name, and where its text
// ("name":value) lies in out.
type member struct {
	name     []byte
	from, to int
}

var errEnd = errors.New("the value ends early")

func (c *canon) space() {
	for c.at < len(c.in) {
		switch c.in[c.at] {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return
		}
	}
}

func (c *canon) value(depth int) error {
	c.space()
	if c.at >= len(c.in) {
		return errEnd
	}
	switch b := c.in[c.at]; b {
	case '{':
		return c.object(depth + 1)
	case '[':
		return c.array(depth + 1)
	case '"':
		_, err := c.text()
		return err
	case 't':
		return c.literal("true")
	case 'f':
		return c.literal("false")
	case 'n':
		return c.literal("null")
	default:
		if b == '-' || '0' <= b && b <= '9' {
			return c.number()
		}
		return fmt.Errorf("%q does not begin a value", rune(b))
	}
}

func (c *canon) literal(word string) error {
	if !bytes.HasPrefix(c.in[c.at:], []byte(word)) {
		return fmt.Errorf("not a value; did you mean %s", word)
	}
	c.at += len(word)
	c.out = append(c.out, word...)
	return nil
}

func (c *canon) array(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	c.at++
	c.out = append(c.out, '[')
	c.space()
	if c.at < len(c.in) && c.in[c.at] == ']' {
		c.at++
		c.out = append(c.out, ']')
		return nil
	}
	for {
		if err := c.value(depth); err != nil {
			return err
		}
		more, err := c.more(']')
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// more reads the comma before a further element, or the closing bracket.
func (c *canon) more(end byte) (bool, error) {
	c.space()
	if c.at >= len(c.in) {
		return false, errEnd
	}
	b := c.in[c.at]
	if b != ',' && b != end {
		return false, fmt.Errorf("%q where ',' or '%c' must stand", rune(b), end)
	}
	c.at++
	c.out = append(c.out, b)
	return b == ',', nil
}

func (c *canon) object(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	c.at++
	c.out = append(c.out, '{')
	c.space()
	if c.at < len(c.in) && c.in[c.at] == '}' {
		c.at++
		c.out = append(c.out, '}')
		return nil
	}
	var room [16]member
	members := room[:0]
	sorted := true
	for {
		c.space()
		if c.at >= len(c.in) {
			return errEnd
		}
		if c.in[c.at] != '"' {
			return fmt.Errorf("%q where a member name must stand", rune(c.in[c.at]))
		}
		m := member{from: len(c.out)}
		var err error
		if m.name, err = c.text(); err != nil {
			return err
		}
		c.space()
		if c.at >= len(c.in) {
			return errEnd
		}
		if c.in[c.at] != ':' {
			return fmt.Errorf("%q where ':' must stand", rune(c.in[c.at]))
		}
		c.at++
		c.out = append(c.out, ':')
		if err = c.value(depth); err != nil {
			return err
		}
		m.to = len(c.out)
		if n := len(members); n > 0 && compareUTF16(members[n-1].name, m.name) >= 0 {
			sorted = false
		}
		members = append(members, m)
		more, err := c.more('}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if sorted {
		return nil
	}
	return c.sort(members)
}

// sort puts the members of the object that out ends with in order.
func (c *canon) sort(members []member) error {
	start := members[0].from
	c.scratch = append(c.scratch[:0], c.out[start:]...)
	slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.name, b.name) })
	out := c.out[:start]
	for i, m := range members {
		if i > 0 {
			if compareUTF16(members[i-1].name, m.name) == 0 {
				return fmt.Errorf("the member %.40q stands twice", m.name)
			}
			out = append(out, ',')
		}
		out = append(out, c.scratch[m.from-start:m.to-start]...)
	}
	c.out = append(out, '}')
	return nil
}

// compareUTF16 orders valid UTF-8 as RFC 8785 §3.2.3 demands: by UTF-16 code
// units. That is the order of the bytes, except that characters above U+FFFF
// (lead byte F0 and up; surrogates D800–DFFF) come before U+E000–U+FFFF (EE, EF).
func compareUTF16(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xF0 && (y == 0xEE || y == 0xEF) {
			return -1
		}
		if y >= 0xF0 && (x == 0xEE || x == 0xEF) {
			return 1
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

// text copies one string in canonical form and returns its decoded content,
// which stays valid although out moves on: it points into the input, or to a
// copy if the input was escaped.
func (c *canon) text() ([]byte, error) {
	c.at++
	c.out = append(c.out, '"')
	start := c.at
	for c.at < len(c.in) {
		b := c.in[c.at]
		switch {
		case b == '"':
			plain := c.in[start:c.at]
			if !utf8.Valid(plain) {
				c.at = start
				return nil, errors.New("a string that is not UTF-8")
			}
			c.out = append(append(c.out, plain...), '"')
			c.at++
			return plain, nil
		case b == '\\':
			c.at = start
			return c.escaped()
		case b < ' ':
			return nil, fmt.Errorf("the control character %#02x inside a string", b)
		}
		c.at++
	}
	return nil, errEnd
}

// escaped is text for a string with at least one escape.
func (c *canon) escaped() ([]byte, error) {
	var plain []byte
	for c.at < len(c.in) {
		b := c.in[c.at]
		switch {
		case b == '"':
			c.at++
			if !utf8.Valid(plain) {
				return nil, errors.New("a string that is not UTF-8")
			}
			c.out = append(appendEscaped(c.out, plain), '"')
			return plain, nil
		case b < ' ':
			return nil, fmt.Errorf("the control character %#02x inside a string", b)
		case b != '\\':
			plain = append(plain, b)
			c.at++
		default:
			r, err := c.escape()
			if err != nil {
				return nil, err
			}
			plain = utf8.AppendRune(plain, r)
		}
	}
	return nil, errEnd
}

// escape reads one escape sequence.
func (c *canon) escape() (rune, error) {
	if c.at+1 >= len(c.in) {
		return 0, errEnd
	}
	b := c.in[c.at+1]
	c.at += 2
	switch b {
	case '"', '\\', '/':
		return rune(b), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := c.hex4()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if !bytes.HasPrefix(c.in[c.at:], []byte(`\u`)) {
			return 0, errors.New("a lone surrogate")
		}
		c.at += 2
		low, err := c.hex4()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return 0, errors.New("a lone surrogate")
		}
		return r, nil
	}
	return 0, fmt.Errorf(`the escape \%c`, b)
}

func (c *canon) hex4() (rune, error) {
	if c.at+4 > len(c.in) {
		return 0, errEnd
	}
	var r rune
	for _, b := range c.in[c.at : c.at+4] {
		switch {
		case '0' <= b && b <= '9':
			b -= '0'
		case 'a' <= b && b <= 'f':
			b -= 'a' - 10
		case 'A' <= b && b <= 'F':
			b -= 'A' - 10
		default:
			return 0, fmt.Errorf("%q in a hexadecimal escape", rune(b))
		}
		r = r<<4 | rune(b)
	}
	c.at += 4
	return r, nil
}

// appendEscaped appends s with the escapes of RFC 8785 §3.2.2.2.
func appendEscaped(out, s []byte) []byte {
	const digits = "0123456789abcdef"
	for _, b := range s {
		switch {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
		case b >= ' ':
			out = append(out, b)
		case b == '\b':
			out = append(out, '\\', 'b')
		case b == '\t':
			out = append(out, '\\', 't')
		case b == '\n':
			out = append(out, '\\', 'n')
		case b == '\f':
			out = append(out, '\\', 'f')
		case b == '\r':
			out = append(out, '\\', 'r')
		default:
			out = append(out, '\\', 'u', '0', '0', digits[b>>4], digits[b&15])
		}
	}
	return out
}

// number reads one number by the grammar of RFC 8259 §6.
func (c *canon) number() error {
	start := c.at
	if c.in[c.at] == '-' {
		c.at++
	}
	lead := c.at
	digits := c.digits()
	if digits == 0 || digits > 1 && c.in[lead] == '0' {
		return errors.New("a malformed number")
	}
	integer := true
	if c.at < len(c.in) && c.in[c.at] == '.' {
		integer = false
		c.at++
		if c.digits() == 0 {
			return errors.New("a malformed number")
		}
	}
	if c.at < len(c.in) && (c.in[c.at] == 'e' || c.in[c.at] == 'E') {
		integer = false
		c.at++
		if c.at < len(c.in) && (c.in[c.at] == '+' || c.in[c.at] == '-') {
			c.at++
		}
		if c.digits() == 0 {
			return errors.New("a malformed number")
		}
	}
	token := c.in[start:c.at]
	if integer && digits <= 15 && token[0] != '-' {
		c.out = append(c.out, token...)
		return nil
	}
	v, err := strconv.ParseFloat(string(token), 64)
	if err != nil {
		return fmt.Errorf("the number %.24s exceeds the range of a double", token)
	}
	from := len(c.out)
	c.out = appendNumber(c.out, v)
	if integer && v != 0 && !bytes.Equal(token, c.out[from:]) && !sameInteger(token, v) {
		return fmt.Errorf("the integer %.40s does not fit exactly into a double; write it as a string", token)
	}
	return nil
}

// sameInteger reports whether v is exactly the integer that token writes. It
// is needed for integers beyond 10²¹, which are printed with an exponent.
func sameInteger(token []byte, v float64) bool {
	return string(token) == strconv.FormatFloat(v, 'f', 0, 64)
}

func (c *canon) digits() int {
	from := c.at
	for c.at < len(c.in) && '0' <= c.in[c.at] && c.in[c.at] <= '9' {
		c.at++
	}
	return c.at - from
}

// appendNumber prints a finite double as ECMAScript does (RFC 8785 §3.2.2.3):
// shortest digits that round-trip, an exponent from 10²¹ and below 10⁻⁶ on.
func appendNumber(out []byte, v float64) []byte {
	if v == 0 {
		return append(out, '0') // also for minus zero
	}
	format := byte('e')
	if a := math.Abs(v); a < 1e21 && a >= 1e-6 {
		format = 'f'
	}
	from := len(out)
	out = strconv.AppendFloat(out, v, format, -1, 64)
	// Go pads the exponent to two digits, ECMAScript does not.
	if e := bytes.IndexByte(out[from:], 'e'); e >= 0 && out[from+e+2] == '0' {
		out = append(out[:from+e+2], out[from+e+3:]...)
	}
	return out
}
