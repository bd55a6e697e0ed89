package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
)

// Whatever comes in, it is refused with a sentence or becomes packs that load.
func FuzzRead(f *testing.F) {
	f.Add("k.md", []byte(sample))
	f.Add("k.csv", []byte("ID;Text\nA-1;x\n"))
	f.Add("k.txt", []byte("ID,Beschreibung,Referenzen\nA-1,x,\"SR 5.1–5.7, Art. 15\"\n"))
	f.Add("k.xlsx", []byte("PK\x03\x04"))
	lib := shipped(f)
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		res, err := Read(name, raw, lib)
		if err != nil {
			if k := problem.From(err).Kind; k != problem.BadInput && k != problem.TooLarge {
				t.Fatal(err)
			}
			return
		}
		d, err := res.Draft(Adoption{File: "f", Raw: raw, AsOf: time.Unix(1_800_000_000, 0)})
		if err != nil {
			if res.OK() || !problem.Is(err, problem.BadInput) {
				t.Fatal(err)
			}
			return
		}
		if _, err := catalogue.Check(lib, d, nil); err != nil {
			t.Fatalf("%v\n%s", err, d.Packs[0].YAML)
		}
	})
}

// rows is a table of n requirements.
func rows(n int) []byte {
	var b strings.Builder
	b.WriteString("| ID | Beschreibung | Prüfung | Status | Referenzen | Evidenz |\n|---|---|---|---|---|---|\n")
	for i := range n {
		fmt.Fprintf(&b, "| R-%d | Jede Verbindung Nummer %d wird unabhängig vom Ort im Netz gesichert und verschlüsselt. | Ein Mitschnitt zeigt nur verschlüsselte Verbindungen. | Offen | NIST SP 800-207 Tenet 2, IEC 62443 SR 3.1–3.9, EU AI Act Art. 15 | Protokoll des Mitschnitts, Liste der Verbindungen |\n", i, i)
	}
	return []byte(b.String())
}

// 5,000 rows are read and made packs of within 2 s: see the time per operation.
func BenchmarkRead5000(b *testing.B) {
	lib, raw := shipped(b), rows(5000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		res, err := Read("k.md", raw, lib)
		if err != nil || res.Rows != 5000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdopt5000(b *testing.B) {
	lib, raw := shipped(b), rows(5000)
	res, err := Read("k.md", raw, lib)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := res.Draft(Adoption{File: "k.md", Raw: raw, AsOf: time.Unix(1_800_000_000, 0)})
		if err == nil {
			_, err = catalogue.Check(lib, d, nil)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
