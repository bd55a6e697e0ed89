package text_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/text"
)

func TestNumbers(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{text.Int(text.DE, 0), "0"},
		{text.Int(text.DE, 999), "999"},
		{text.Int(text.DE, -1234567), "−1.234.567"},
		{text.Int(text.EN, math.MinInt64), "−9,223,372,036,854,775,808"},
		{text.Decimal(text.DE, 1234567.5, 1), "1.234.567,5"},
		{text.Decimal(text.EN, 1234567.5, 1), "1,234,567.5"},
		{text.Decimal(text.DE, -0.004, 2), "0,00"},
		{text.Decimal(text.DE, -0.85, 2), "−0,85"},
		{text.Decimal(text.DE, 2.5, 0), "2"},
		{text.Decimal(text.DE, math.NaN(), 2), "–"},
		{text.Float(text.DE, 0.85), "0,85"},
		{text.Float(text.EN, 1200), "1,200"},
		{text.Float(text.DE, 0), "0"},
		{text.Percent(text.DE, 0.76, 0), "76\u00a0%"},
		{text.Percent(text.EN, 0.765, 1), "76.5%"},
		{text.Percent(text.EN, math.Inf(1), 0), "–"},
		{text.Euro(text.DE, 18400), "18.400\u00a0€"},
		{text.Euro(text.EN, -18400), "−€18,400"},
		{text.Bytes(text.DE, 999), "999\u00a0B"},
		{text.Bytes(text.DE, 1400000), "1,4\u00a0MB"},
		{text.Bytes(text.EN, 999960), "1.0\u00a0MB"},
		{text.Bytes(text.EN, 512000000), "512\u00a0MB"},
		{text.Duration(text.DE, 482*time.Millisecond), "482\u00a0ms"},
		{text.Duration(text.DE, 2500*time.Millisecond), "2,5\u00a0s"},
		{text.Duration(text.DE, 160*time.Second), "2\u00a0min 40\u00a0s"},
		{text.Duration(text.DE, 88*time.Minute), "1\u00a0h 28\u00a0min"},
		{text.Duration(text.DE, -2*time.Hour), "2\u00a0h"},
		{text.Duration(text.DE, 76*time.Hour), "3\u00a0Tage 4\u00a0h"},
		{text.Duration(text.EN, 24*time.Hour), "1\u00a0day"},
		{text.Duration(text.DE, 4320*time.Hour), "180\u00a0Tage"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for _, tt := range []struct {
		lang text.Lang
		in   string
		want float64
		ok   bool
	}{
		{text.DE, "0,85", .85, true}, {text.EN, "0,85", .85, true},
		{text.DE, "0.85", .85, true}, {text.EN, "0.85", .85, true},
		{text.DE, "0.850", .85, true}, {text.EN, "0,850", .85, true},
		{text.DE, "1.234", 1234, true}, {text.EN, "1.234", 1.234, true},
		{text.DE, "1,234", 1.234, true}, {text.EN, "1,234", 1234, true},
		{text.DE, "1.234.567,5", 1234567.5, true}, {text.DE, "1,234,567.5", 1234567.5, true},
		{text.EN, "1.234.567", 1234567, true},
		{text.DE, " 1 234,5 ", 1234.5, true}, {text.DE, "−3", -3, true}, {text.DE, "-0,5", -.5, true},
		{text.DE, ",5", .5, true},
		{text.DE, "", 0, false}, {text.DE, "-", 0, false}, {text.DE, "abc", 0, false}, {text.DE, "1e5", 0, false},
		{text.DE, "NaN", 0, false}, {text.DE, "Inf", 0, false}, {text.DE, "1,2,3", 0, false}, {text.DE, "1.23.456", 0, false},
		{text.DE, "1,234.5,6", 0, false}, {text.DE, "0x10", 0, false}, {text.DE, "1_000", 0, false}, {text.DE, "--1", 0, false},
	} {
		got, ok := text.ParseDecimal(tt.lang, tt.in)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("ParseDecimal(%s, %q) = %v, %v; want %v, %v", tt.lang, tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

// What the product writes, it also reads.
func TestWrittenNumbersAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(text.Langs).Draw(t, "lang")
		places := rapid.IntRange(0, 4).Draw(t, "places")
		scale := math.Pow(10, float64(places))
		v := float64(rapid.Int64Range(-1e12, 1e12).Draw(t, "n")) / scale
		s := text.Decimal(l, v, places)
		got, ok := text.ParseDecimal(l, s)
		if !ok || math.Abs(got-v) > 1e-9*max(1, math.Abs(v)) {
			t.Fatalf("%v was written %q and read %v, %v", v, s, got, ok)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	f.Add("1.234,5")
	f.Add("-,")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range text.Langs {
			if v, ok := text.ParseDecimal(l, s); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
				t.Errorf("%q reads as %v", s, v)
			}
		}
	})
}

func TestDates(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 21, 14, 2, 11, 482e6, zone)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, tt := range []struct{ got, want string }{
		{text.Date(text.DE, now), "21.11.2026"},
		{text.Date(text.EN, now), "21 Nov 2026"},
		{text.Date(text.DE, time.Time{}), "–"},
		{text.LongDate(text.DE, now), "Samstag, 21. November 2026"},
		{text.LongDate(text.EN, now), "Saturday, 21 November 2026"},
		{text.LongDate(text.DE, time.Date(2027, 3, 1, 0, 0, 0, 0, zone)), "Montag, 1. März 2027"},
		{text.DateTime(text.DE, now), "21.11.2026, 14:02"},
		{text.Millis(now), "14:02:11.482"},
		{text.Relative(text.DE, ago(20*time.Second), now), "gerade eben"},
		{text.Relative(text.EN, ago(20*time.Second), now), "just now"},
		{text.Relative(text.DE, ago(3*time.Minute), now), "vor 3\u00a0min"},
		{text.Relative(text.EN, ago(3*time.Minute), now), "3\u00a0min ago"},
		{text.Relative(text.DE, ago(-20*time.Second), now), "in 1\u00a0min"},
		{text.Relative(text.DE, ago(-88*time.Minute), now), "heute, 15:30"},
		{text.Relative(text.DE, ago(20*time.Hour), now), "gestern, 18:02"},
		{text.Relative(text.EN, ago(-20*time.Hour), now), "tomorrow, 10:02"},
		{text.Relative(text.DE, ago(-5*24*time.Hour), now), "in 5 Tagen"},
		{text.Relative(text.EN, ago(5*24*time.Hour), now), "5 days ago"},
		{text.Relative(text.DE, ago(60*24*time.Hour), now), "22.09.2026"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// Criterion 14 and go-stack §4: umlauts sort where readers look for them.
func TestSorting(t *testing.T) {
	names := []string{"Öl", "Ofen", "Halle 10", "Ärger", "apfel", "Halle 2"}
	text.SortBy(text.DE, names, func(s string) string { return s })
	if want := []string{"apfel", "Ärger", "Halle 2", "Halle 10", "Ofen", "Öl"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestParseLang(t *testing.T) {
	for in, want := range map[string]text.Lang{"de": text.DE, "de-AT": text.DE, "EN": text.EN, "en_GB.UTF-8": text.EN} {
		if got, ok := text.ParseLang(in); !ok || got != want {
			t.Errorf("%q is %v, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "d", "fr", "C"} {
		if got, ok := text.ParseLang(in); ok || got != text.DE {
			t.Errorf("%q is %v, %v; want German, not ours", in, got, ok)
		}
	}
}
