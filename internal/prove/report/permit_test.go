package report_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"augenmass/internal/prove/report"
	"augenmass/internal/text"
)

func aPaper() report.Paper {
	hash := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	return report.Paper{System: "Fräslinie: Ausfallvorhersage", State: "gültig", Meaning: "Die Betriebserlaubnis gilt.", Number: "BE-2026-0007 · Version 3",
		Facts:      [][2]string{{"Rolle", "Betreiber"}, {"Gilt bis", "30.06.2027"}},
		Conditions: []report.Clausal{{Text: "Nur zum Zweck: Wartung planen.", Clauses: []string{"42001 A.9.4", "DSGVO Art. 5(1)(b)"}}, {Text: "Nur aus der Zone „Fertigung“.", Clauses: []string{"ZTA-06"}}},
		Slots: []report.PaperSlot{
			{Title: "Leitung", Signs: []report.PaperSign{{Place: "Geschäftsführung", Person: "Jonas Brandt", At: "21.11.2026 10:00", Method: "mit Passkey unterschrieben", State: "freigegeben", Hash: hash, Remark: "Nur für Halle 2."}}},
			{Title: "Sicherheit", Signs: []report.PaperSign{{Place: "Arbeitssicherheit", State: "steht aus"}}},
			{Title: "Risiko, Datenschutz, Ethik", Note: "hier nicht verlangt"}},
		CardURL: "https://werk.example/werk/card/abc123", FactsHash: hash, Content: hash}
}

func paperFrame(l text.Lang) report.Frame {
	return report.Frame{Organisation: "Metallwerk Grüß & Söhne", Lang: l, At: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
}

func printed(t *testing.T, v report.Paper, f report.Frame) []byte {
	t.Helper()
	return write(t, func(w io.Writer) error { return v.PDF(f, w) })
}

// 001-02: the permit on paper has three slots for signatures, each with person,
// time and the hash of what was signed, and a line where one is missing; state,
// number, conditions with clauses and the code of the public card stand on it.
func TestPermitOnPaper(t *testing.T) {
	raw := printed(t, aPaper(), paperFrame(text.DE))
	whole := strings.Join(pdfTexts(t, raw), "\n")
	for _, want := range []string{"Betriebserlaubnis", "Fräslinie: Ausfallvorhersage", "GÜLTIG", "BE-2026-0007 · Version 3", "30.06.2027",
		"Auflagen", "Nur zum Zweck: Wartung planen.", "42001 A.9.4", "ZTA-06", "Unterschriften", "Leitung", "Geschäftsführung", "Jonas Brandt", "21.11.2026 10:00",
		"mit Passkey unterschrieben", "Bemerkung: Nur für Halle 2.", "0123456789abcdef0123456789abcdef", "Arbeitssicherheit", "steht aus", "_____",
		"Risiko, Datenschutz, Ethik", "hier nicht verlangt", "https://werk.example/werk/card/abc123", "Metallwerk Grüß & Söhne, Stand 22.11.2026.", "Seite 1 von 1"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	if strings.Contains(whole, "entgegensteht") {
		t.Error("a valid permit speaks of what stands against it")
	}
	if !bytes.Contains(raw, []byte("/MediaBox [0 0 595.28 841.89]")) {
		t.Error("it is not A4, portrait")
	}
	bare := aPaper()
	bare.CardURL = ""
	if with, without := len(raw), len(printed(t, bare, paperFrame(text.DE))); with < without+400 {
		t.Errorf("no code is drawn: %d and %d bytes", with, without)
	}
}

// A suspended permit says what stands against it and who can lift it.
func TestSuspendedPermitOnPaper(t *testing.T) {
	v := aPaper()
	v.State, v.Lapses = "ruht", []report.Clausal{{Text: "Die Freigabe der Rolle Arbeitssicherheit ist zurückgezogen.", More: "Aufheben kann: Arbeitssicherheit.", Clauses: []string{"42001 A.6.2.5"}}}
	for range 60 {
		v.Conditions = append(v.Conditions, report.Clausal{Text: strings.Repeat("Viel Text einer Auflage. ", 9), Clauses: []string{"ZTA-05", "42001 A.9.2"}})
	}
	whole := strings.Join(pdfTexts(t, printed(t, v, paperFrame(text.DE))), "\n")
	for _, want := range []string{"RUHT", "Was der Erlaubnis entgegensteht", "ist zurückgezogen.", "Aufheben kann: Arbeitssicherheit.", "Seite 1 von"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	english := strings.Join(pdfTexts(t, printed(t, aPaper(), paperFrame(text.EN))), "\n")
	for _, want := range []string{"Operating permit", "Conditions", "Signatures", "as of 22 Nov 2026"} {
		if !strings.Contains(english, want) {
			t.Errorf("in English it lacks %q", want)
		}
	}
}

// The same permit of the same day is the same file, whenever it is printed; an
// address too long for a code, and letters no font has, break nothing.
func TestPermitOnPaperIsReproducible(t *testing.T) {
	f := paperFrame(text.DE)
	first := printed(t, aPaper(), f)
	f.At = f.At.Add(3 * time.Hour)
	if !bytes.Equal(first, printed(t, aPaper(), f)) {
		t.Error("an hour later it is another file")
	}
	f.At = f.At.AddDate(0, 0, 1)
	if bytes.Equal(first, printed(t, aPaper(), f)) {
		t.Error("the next day it is the same file, though it says of which day it is")
	}
	v := aPaper()
	v.CardURL, v.System = "https://werk.example/"+strings.Repeat("x", 4000), "\x00{nb}🙂\u202e"
	v.Slots, v.Conditions, v.Facts = nil, nil, nil
	if raw := printed(t, v, f); !bytes.HasPrefix(raw, []byte("%PDF-")) {
		t.Error("no paper")
	}
}
