package ui_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

type colour struct{ light, dark string }

// tokens reads every --name: light-dark(#a, #b) of the style sheet.
func tokens(t *testing.T) map[string]colour {
	t.Helper()
	css, err := os.ReadFile("assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]colour{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllSubmatch(css, -1) {
		all[string(m[1])] = colour{string(m[2]), string(m[3])}
	}
	if len(all) < 15 {
		t.Fatalf("found %d colour tokens; the reading is broken", len(all))
	}
	return all
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastFormula(t *testing.T) {
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 1e-9 {
		t.Errorf("black on white is %v, want 21", got)
	}
	if got := contrast(t, "#777777", "#ffffff"); math.Abs(got-4.478) > 0.001 {
		t.Errorf("#777 on white is %v, want 4.478", got)
	}
}

// TestEveryInkIsReadable holds every ink on every surface at 7:1, which is AAA:
// the same tokens serve worker pages (criterion 32).
func TestEveryInkIsReadable(t *testing.T) {
	all := tokens(t)
	check := func(ink, surface string, least float64) {
		t.Helper()
		a, b := all[ink], all[surface]
		if a.light == "" || b.light == "" {
			t.Fatalf("no token --%s or --%s", ink, surface)
		}
		for scheme, pair := range map[string][2]string{"light": {a.light, b.light}, "dark": {a.dark, b.dark}} {
			if got := contrast(t, pair[0], pair[1]); got < least {
				t.Errorf("--%s on --%s, %s: %.2f, want %.1f", ink, surface, scheme, got, least)
			}
		}
	}
	surfaces := []string{"paper", "sheet", "sunk", "accent-w", "ok-w", "warn-w", "stop-w"}
	for _, ink := range []string{"ink", "ink-2", "accent", "ok", "warn", "stop"} {
		for _, surface := range surfaces {
			check(ink, surface, 7)
		}
	}
	check("ink", "line", 7)     // hovered link of the rail
	check("sheet", "accent", 7) // main button
	for _, surface := range []string{"paper", "sheet", "sunk"} {
		check("line-2", surface, 3) // frames of fields (WCAG 1.4.11)
	}
	for _, surface := range []string{"line", "sheet"} {
		check("accent", surface, 3) // filled part of meters and wheel
	}
}

// TestColoursComeFromTokens: no rule names a colour of its own, so the two
// tests above see all of them. The QR code is black on white by intent and
// lies in a template.
func TestColoursComeFromTokens(t *testing.T) {
	css, err := os.ReadFile("assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	line := 1
	for _, text := range regexp.MustCompile(`[^\n]*\n`).FindAllString(string(css), -1) {
		if !regexp.MustCompile(`^\s*--`).MatchString(text) {
			if found := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(`).FindString(text); found != "" {
				t.Errorf("app.css:%d: colour %s outside the tokens", line, found)
			}
		}
		line++
	}
}
