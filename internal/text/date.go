package text

import (
	"fmt"
	"time"
)

// Times are written as they stand: callers bring them into the reader's zone
// first (t.In(zone)). UTC is for storage only.

var (
	monthsDE = []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	daysDE   = []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
)

// Date writes a day: 21.11.2026 or 21 Nov 2026. The zero time is a dash.
func Date(l Lang, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if l == EN {
		return t.Format("2 Jan 2006")
	}
	return t.Format("02.01.2006")
}

// LongDate writes a day in words: Samstag, 21. November 2026 or
// Saturday, 21 November 2026.
func LongDate(l Lang, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if l == EN {
		return t.Format("Monday, 2 January 2006")
	}
	return fmt.Sprintf("%s, %d. %s %d", daysDE[t.Weekday()], t.Day(), monthsDE[t.Month()-1], t.Year())
}

// Clock writes hours and minutes, 24-hour: 14:02.
func Clock(t time.Time) string { return t.Format("15:04") }

// Seconds writes a time of day to the second: 14:02:11.
func Seconds(t time.Time) string { return t.Format("15:04:05") }

// Millis writes a time of day to the millisecond: 14:02:11.482.
func Millis(t time.Time) string { return t.Format("15:04:05.000") }

// DateTime writes day and time: 21.11.2026, 14:02.
func DateTime(l Lang, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return Date(l, t) + ", " + Clock(t)
}

// Relative writes t as seen from now: "vor 3 min", "heute, 15:30",
// "gestern, 08:00", "morgen, 09:00", "in 5 Tagen", else the date.
// Both must be in the reader's zone.
func Relative(l Lang, t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	past := !t.After(now)
	span := now.Sub(t).Abs()
	switch {
	case span < time.Minute && past:
		return say(l, "gerade eben", "just now")
	case span < time.Hour && past:
		return say(l, "vor ", "") + Duration(l, span.Truncate(time.Minute)) + say(l, "", " ago")
	case span < time.Hour:
		return "in " + Duration(l, max(span.Truncate(time.Minute), time.Minute))
	}
	switch days := dayNumber(t) - dayNumber(now); {
	case days == 0:
		return say(l, "heute, ", "today, ") + Clock(t)
	case days == -1:
		return say(l, "gestern, ", "yesterday, ") + Clock(t)
	case days == 1:
		return say(l, "morgen, ", "tomorrow, ") + Clock(t)
	case days > 1 && days <= 14:
		return say(l, fmt.Sprintf("in %d Tagen", days), fmt.Sprintf("in %d days", days))
	case days < -1 && days >= -14:
		return say(l, fmt.Sprintf("vor %d Tagen", -days), fmt.Sprintf("%d days ago", -days))
	}
	return Date(l, t)
}

// dayNumber counts calendar days, so that a change of clocks does not matter.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func say(l Lang, de, en string) string { return Bi{DE: de, EN: en}.In(l) }
