package citation

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

func judge(t testing.TB) *Judge {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return NewJudge(lib)
}

func keys(all []Citation) string {
	var out []string
	for _, c := range all {
		k := c.Key()
		if k == "" {
			k = "?" + c.Said
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

// Places in prose, in the ways in which people write them (row 001-64).
func TestFind(t *testing.T) {
	for in, want := range map[string]string{
		"Nach NIST Tenet 3 & 6 wird geprüft.":                                 "zt.tenet.3 zt.tenet.6",
		"Tenets 1, 2 und 5 gelten, 3 Geräte nicht.":                           "zt.tenet.1 zt.tenet.2 zt.tenet.5",
		"IEC 62443 SR 2.1 RE 1":                                               "iec.sr.2.1.re1",
		"IEC 62443-3-3 SR 5.2 (RE 1) und RE 2":                                "iec.sr.5.2.re1 iec.sr.5.2.re2",
		"SR 1.1–1.7, 2.5":                                                     "iec.sr.1.1..iec.sr.1.7 iec.sr.2.5",
		"SR 7.1 bis SR 7.8":                                                   "iec.sr.7.1..iec.sr.7.8",
		"SR 3 (Integrität) und FR 3":                                          "iec.sr.3 iec.fr3",
		"EU AI Act Art. 15":                                                   "aia.art15",
		"KI-VO Art. 10(2)(b), 13 und 14 Abs. 4 Buchst. c":                     "aia.art10.2.b aia.art13 aia.art14.4.c",
		"Artikel 9 bis 15 der EU AI Act":                                      "aia.art9..aia.art15",
		"Articles 9 to 15 of the AI Act":                                      "aia.art9..aia.art15",
		"Anbieter nach der KI-VO und Betreiber nach Art. 35 DSGVO":            "gdpr.35",
		"DSGVO Art. 5 Abs. 1 Buchst. a":                                       "gdpr.5.1.a",
		"Art. 13, 14 DSGVO":                                                   "gdpr.13 gdpr.14",
		"ISO/IEC 42001 A.6.2.5":                                               "iso42001.A.6.2.5",
		"ISO/IEC 42001:2023 A.7.1–A.7.5 und A.8.2":                            "iso42001.A.7.1..iso42001.A.7.5 iso42001.A.8.2",
		"ISO 27001:2022 A.5.15, A.5.18; ISO 42001 A.3.2":                      "iso27001.A.5.15 iso27001.A.5.18 iso42001.A.3.2",
		"ISO 42001 6.1.3 und Clause 9.3 der ISO 42001":                        "iso42001.6.1.3 iso42001.9.3",
		"Im neuen Abschnitt 1.2 und Kapitel 4 steht ISO 42001.":               "",
		"Annex III Nr. 4 b prüfen":                                            "aia.annex3.4.b",
		"Anhang III Nr. 5 Buchst. c und Annex II":                             "aia.annex3.5.c aia.annex2",
		"Annex III(4)(b), Annex IV, Annex I Abschnitt A Nr. 1":                "aia.annex3.4.b aia.annex4 aia.annex1.a.1",
		"§ 87 Abs. 1 Nr. 6 BetrVG":                                            "betrvg.87.1.6",
		"BetrVG § 90 Abs. 1 Nr. 3, BDSG § 26":                                 "betrvg.90.1.3 bdsg.26",
		"NIST CSF Detect/Respond, NIST CSF 2.0 Recover":                       "csf.DE+csf.RS csf.RC",
		"CSF 2.0 DE.CM, DE.AE-02":                                             "csf.DE.CM csf.DE.AE",
		"DoD Pillar 6":                                                        "zt.dod.6",
		"SR 3.1 aus der IEC 62443 für 3 Geräte, 12.5 % Last, Version 2.1":     "iec.sr.3.1",
		"Die ISO 42001 und die NIST SP 800-207 sind bekannt; ZTA-12, TLS 1.3": "",
		"NIST 800-207 Grundsatz 2; unser Grundsatz 3":                         "zt.tenet.2",
		"A.5.1 ohne Werk":                                                     "?A.5.1",
	} {
		if got := keys(Find(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// A cell of references holds nothing else: a work without a place and an
// unknown name are citations, too.
func TestList(t *testing.T) {
	for in, want := range map[string]string{
		"NIST SP 800-207 (Automation), Leitfaden eines Verbandes, SR 6.1 (schnell, sicher)": "zt ?Leitfaden eines Verbandes iec.sr.6.1",
		"–":               "",
		"keine; n/a":      "",
		"IEC 62443-3-2":   "?IEC 62443-3-2",
		"ISO 9001\nDSGVO": "iso9001 gdpr",
	} {
		if got := keys(List(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
	got := List("NIST Tenet 4 (geringste Rechte)\nSR 9.9")
	if len(got) != 2 || got[0].Claim != "geringste Rechte" || got[0].Said != "Tenet 4" || got[0].Line != 1 || got[1].Line != 2 {
		t.Errorf("%+v", got)
	}
}

// Row 001-64: every kind of verdict, with what to cite instead.
func TestVerdicts(t *testing.T) {
	j := judge(t)
	for _, x := range []struct {
		cell, about string
		want        Judgement
		clause      string // one of the correct ones
		say         string // in the reason
	}{
		// by the references of our own requirement
		{"NIST Tenet 2", "zta.09", Right, "zt.tenet.2", "Gesicherte Kommunikation"},
		{"IEC 62443 SR 5.2 RE 1", "zta.06", Right, "iec.sr.5.2", ""},
		{"EU AI Act Art. 15(5)", "zta.09", Imprecise, "aia.art15.5", "hochriskant"},
		{"SR 1.10", "zta.09", Wrong, "iec.sr.3.1", ""},
		{"SR 4.1–4.9", "zta.09", Wrong, "iec.sr.4.1", "SR 4.3"},
		{"SR 4.1–4.3", "zta.09", Imprecise, "iec.sr.4.1", "Von 3"},
		{"SR 9.1", "zta.09", Wrong, "iec.sr.3.1", "gibt es nicht"},
		{"NIST SP 800-207", "zta.09", Imprecise, "zt.tenet.2", "Werk"},
		{"NIST CSF Detect", "zta.07", Right, "csf.DE.CM", ""},
		// by the rules of the packs
		{"NIST Tenet 3", "zta.01", Imprecise, "zt.tenet.4", "Sitzung"},
		{"ISO 42001 A.9.1–A.9.3", "zta.05", Wrong, "iso42001.A.9.4", "Aufsicht"},
		{"EU AI Act Art. 10", "zta.03", Right, "aia.art10.3", ""},
		// without a requirement
		{"ISO/IEC 42001 A.6.2.5", "", Exists, "", "nicht geprüft"},
		{"ISO 42001 A.7.1", "", Wrong, "", "gibt es nicht"},
		{"ISO 42001 A.10.2–A.10.9", "", Wrong, "", "A.10.4"},
		{"ISO 42001 A.4.1–A.4.3", "", Imprecise, "iso42001.A.4.2", "A.4.1"},
		{"EU AI Act Art. 112", "", Unverifiable, "", "nicht geprüft"},
		{"Merkblatt des Verbandes", "", Unverifiable, "", "Kein Paket"},
		{"SR 3", "", Wrong, "", "FR"},
		{"ISO 42001 A.8 (Transparenz)", "", Wrong, "iso42001.A.8.2", ""},
		{"ISO 42001 A.8.4 (Transparenz)", "", Exists, "", ""},
	} {
		got := j.List(x.cell, x.about)
		if len(got) != 1 {
			t.Errorf("%s: %+v", x.cell, got)
			continue
		}
		v := got[0]
		if v.Verdict != x.want || !strings.Contains(v.Why.DE, x.say) || !v.Why.Complete() || v.Correct.DE == "" != (v.Correct.EN == "") {
			t.Errorf("%s about %s: %s, %q, %q", x.cell, x.about, v.Verdict, v.Why.DE, v.Correct.DE)
		}
		if x.clause != "" && !slices.Contains(slices.Concat(v.Clauses, v.IfHigh), x.clause) {
			t.Errorf("%s: correct are %v and %v", x.cell, v.Clauses, v.IfHigh)
		}
		for _, id := range slices.Concat(v.Clauses, v.IfHigh, v.Written) {
			if _, ok := j.lib.Clause(id); !ok {
				t.Errorf("%s: %s is no clause", x.cell, id)
			}
		}
	}
}

// Row 001-64: wrong titles of A.7 to A.10 and the wrong annex of the
// prohibitions are found in running text, by the words beside them.
func TestProse(t *testing.T) {
	j := judge(t)
	doc := "# Rahmen\nVerboten sind Systeme nach Annex II der KI-VO. Annex II ist lang.\n\n| Punkt | Thema |\n|---|---|\n| ISO 42001 A.8.2 | Titel: Erklärbarkeit |\n" +
		"| A.9.1 bis A.9.3 | Hier geht es um Aufsicht durch Menschen. |\n| A.9.2 | Nutzung |\n"
	var got []string
	for _, v := range j.Prose(doc) {
		if v.Row != -1 {
			t.Errorf("row %d", v.Row)
		}
		got = append(got, v.Key+" "+string(v.Verdict))
	}
	want := []string{"aia.annex2 wrong", "aia.annex2 exists", "iso42001.A.8.2 imprecise", "iso42001.A.9.1..iso42001.A.9.3 wrong", "iso42001.A.9.2 exists"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if v := j.Prose(doc)[3]; v.Line != 7 || !slices.Contains(v.Clauses, "iso42001.A.9.4") {
		t.Errorf("%+v", v)
	}
}

// Every rule of the packs can be met: its places are spelt as Find spells them,
// its requirement exists, and it is not shadowed by another with the same words.
func TestRulesOfThePacks(t *testing.T) {
	j := judge(t)
	seen := map[string]string{}
	for _, r := range j.lib.CitationRules() {
		if r.About != "" {
			if _, ok := j.reqs[r.About]; !ok {
				t.Errorf("%s is about %s, which is no requirement", r.ID, r.About)
			}
		}
		for _, key := range r.Cites {
			for place := range strings.SplitSeq(key, "+") {
				from, to, ranged := strings.Cut(place, "..")
				if ranged && !less(strings.SplitN(from, ".", 2)[1], strings.SplitN(to, ".", 2)[1]) {
					t.Errorf("%s: %s is no range", r.ID, place)
				}
				if prefix, _, _ := strings.Cut(from, "."); SourceName(prefix).DE == prefix {
					t.Errorf("%s: %s has no source that is found in texts", r.ID, key)
				}
			}
			id := key + "|" + r.About + "|" + strings.Join(r.Said, ",")
			if other, twice := seen[id]; twice {
				t.Errorf("%s and %s speak of the same", r.ID, other)
			}
			seen[id] = r.ID
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d rules", len(seen))
	}
}

// The requirement that asks for the same is found by its reference, or by its
// words; what is about something else is compared with none.
func TestAbout(t *testing.T) {
	j := judge(t)
	for _, x := range []struct{ ref, said, want string }{
		{"ZTA-05", "Ein Mensch entscheidet, wenn das Ergebnis unsicher ist.", "zta.05"},
		{"zta 05", "A person decides when the result is uncertain; oversight is named.", "zta.05"},
		{"R-17", "Die Netze bestehen aus Zonen mit Übergängen; ein Plan zeigt die Regeln, nur erlaubte Verbindungen sind offen.", "zta.06"},
		{"R-18", "Fällt ein Teil aus, wird das System aus der Sicherung wiederhergestellt; eine Übung belegt die Wirkung auf die Anlage.", "zta.15"},
		{"ZTA-05", "Kantine öffnet mittags.", ""},
		{"K-1", "Die Kantine bietet täglich ein vegetarisches Gericht an.", ""},
		{"K-2", "Die Personalabteilung führt jährlich Gespräche über Ziele und Entgelt der Beschäftigten.", ""},
		{"", "", ""},
	} {
		if got := j.About(x.ref, x.said); got != x.want {
			t.Errorf("%s %q: %q, want %q", x.ref, x.said, got, x.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"NIST SP 800-207 Tenet 3 & 6, IEC 62443 SR 2.1 RE 1", "EU AI Act Art. 10(2)(b), 13 und 14", "ISO 42001 A.7.1–A.7.5", "§ 87 Abs. 1 Nr. 6 BetrVG",
		"Annex III Nr. 4 b", "NIST CSF Detect/Respond", "SR 1.1–1.1, ,(", "Art. 9 bis 15 DSGVO"} {
		f.Add(s)
	}
	lib, err := library()
	if err != nil {
		f.Fatal(err)
	}
	j := NewJudge(lib)
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, c := range List(s) {
			if c.Start < 0 || c.End > len(s) || c.Start > c.End || c.Start < at || c.Line < 1 || c.Said == "" {
				t.Fatalf("%q: %+v", s, c)
			}
			at = c.Start
		}
		for _, v := range slices.Concat(j.List(s, "zta.05"), j.Prose(s)) {
			if !slices.Contains(Judgements, v.Verdict) || !v.Why.Complete() {
				t.Fatalf("%q: %+v", s, v)
			}
		}
	})
}
