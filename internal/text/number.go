package text

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

func separators(l Lang) (group, decimal string) {
	if l == EN {
		return ",", "."
	}
	return ".", ","
}

// Int writes a whole number with groups of three: 1.234.567 or 1,234,567.
func Int(l Lang, n int64) string {
	group, _ := separators(l)
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	return sign + grouped(digits, group)
}

func grouped(digits, group string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Decimal writes v with exactly the given decimals: 1.234,50 or 1,234.50.
// What is not a number is written as a dash.
func Decimal(l Lang, v float64, places int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	group, decimal := separators(l)
	s := strconv.FormatFloat(math.Abs(v), 'f', max(places, 0), 64)
	whole, part, _ := strings.Cut(s, ".")
	out := grouped(whole, group)
	if part != "" {
		out += decimal + part
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		out = "−" + out
	}
	return out
}

// Float writes v with at most three decimals and no zeros at the end.
func Float(l Lang, v float64) string {
	_, decimal := separators(l)
	s := Decimal(l, v, 3)
	if strings.Contains(s, decimal) {
		s = strings.TrimRight(strings.TrimRight(s, "0"), decimal)
	}
	return s
}

// Percent writes a share of 1 as percent: 0.76 is 76 % in German, 76% in English.
func Percent(l Lang, share float64, places int) string {
	s := Decimal(l, share*100, places)
	if l == EN || s == "–" {
		return s + map[bool]string{true: "%", false: ""}[s != "–"]
	}
	return s + nbsp + "%"
}

// Euro writes whole euros: 18.400 € or €18,400.
func Euro(l Lang, euros int64) string {
	if l == EN {
		if euros < 0 {
			return "−€" + Int(l, -euros)
		}
		return "€" + Int(l, euros)
	}
	return Int(l, euros) + nbsp + "€"
}

// Bytes writes a size in decimal units: 999 B, 1,4 MB.
func Bytes(l Lang, n int64) string {
	units := []string{"kB", "MB", "GB", "TB", "PB"}
	if n < 1000 {
		return Int(l, n) + nbsp + "B"
	}
	v, i := float64(n)/1000, 0
	for v >= 999.95 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	places := 1
	if v >= 99.95 {
		places = 0
	}
	return Decimal(l, v, places) + nbsp + units[i]
}

// Duration writes a span with its two largest units: 1 h 28 min, 2 min 40 s,
// 3 Tage 4 h, 482 ms. A negative span is written as its length; the sentence
// around it says which side of now it lies.
func Duration(l Lang, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Second:
		return Int(l, d.Milliseconds()) + nbsp + "ms"
	case d < 10*time.Second && d%time.Second != 0:
		return Decimal(l, d.Seconds(), 1) + nbsp + "s"
	case d < time.Minute:
		return Int(l, int64(d.Round(time.Second)/time.Second)) + nbsp + "s"
	case d < time.Hour:
		return pair(l, int64(d/time.Minute), "min", int64(d%time.Minute/time.Second), "s")
	case d < 24*time.Hour:
		return pair(l, int64(d/time.Hour), "h", int64(d%time.Hour/time.Minute), "min")
	}
	days := int64(d / (24 * time.Hour))
	if days >= 14 {
		return Int(l, days) + nbsp + dayWord(l, days)
	}
	return pair(l, days, dayWord(l, days), int64(d%(24*time.Hour)/time.Hour), "h")
}

func pair(l Lang, a int64, ua string, b int64, ub string) string {
	s := Int(l, a) + nbsp + ua
	if b > 0 {
		s += " " + Int(l, b) + nbsp + ub
	}
	return s
}

func dayWord(l Lang, n int64) string {
	switch {
	case l == EN && n == 1:
		return "day"
	case l == EN:
		return "days"
	case n == 1:
		return "Tag"
	}
	return "Tage"
}

// ParseDecimal reads a number as people type it in either language: "0,85",
// "0.85", "1.234,5", "1,234.5", "1 234,5", with − or - in front. Where one
// sign could be both, the language decides: "1.234" is 1234 in German and 1.234
// in English. It reports false for anything else, for NaN and for infinity.
func ParseDecimal(l Lang, s string) (float64, bool) {
	s = strings.TrimSpace(s)
	s = strings.NewReplacer(nbsp, "", "\u202f", "", " ", "", "'", "", "−", "-").Replace(s)
	dot, comma := strings.Count(s, "."), strings.Count(s, ",")
	group, decimal := separators(l)
	switch {
	case dot > 0 && comma > 0: // the last one is the decimal sign
		group, decimal = ",", "."
		if strings.LastIndex(s, ",") > strings.LastIndex(s, ".") {
			group, decimal = ".", ","
		}
	case dot+comma == 1 && strings.Contains(s, group) && !looksGrouped(s, group):
		group, decimal = decimal, group
	case dot > 1:
		group, decimal = ".", ","
	case comma > 1:
		group, decimal = ",", "."
	}
	whole, part, _ := strings.Cut(s, decimal)
	if strings.Contains(part, group) || !groupsFit(whole, group) {
		return 0, false
	}
	plain := strings.ReplaceAll(whole, group, "")
	if part != "" {
		plain += "." + part
	}
	for _, r := range strings.TrimPrefix(plain, "-") {
		if (r < '0' || r > '9') && r != '.' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(plain, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// looksGrouped tells 1.234 from 0.85: three digits after the sign, and one to
// three before it that do not start with zero.
func looksGrouped(s, group string) bool {
	before, after, _ := strings.Cut(strings.TrimPrefix(s, "-"), group)
	return len(after) == 3 && len(before) >= 1 && len(before) <= 3 && before[0] != '0'
}

func groupsFit(whole, group string) bool {
	parts := strings.Split(strings.TrimPrefix(whole, "-"), group)
	for i, p := range parts {
		if i > 0 && len(p) != 3 || i == 0 && len(parts) > 1 && (len(p) == 0 || len(p) > 3) {
			return false
		}
	}
	return true
}
