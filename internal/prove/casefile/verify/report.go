package verify

import (
	"fmt"
	"strings"
	"time"

	"augenmass/internal/prove/conform"
	"augenmass/internal/text"
)

// Break is the first thing that does not hold. Index is the journal entry it
// concerns, -1 if none.
type Break struct {
	File   string  `json:"file"`
	Index  int64   `json:"index"`
	Reason text.Bi `json:"reason"`
}

// Checked counts what was verified.
type Checked struct {
	Files       int `json:"files"`
	Entries     int `json:"entries"`
	Proofs      int `json:"proofs"`
	Permits     int `json:"permits"` // signed permits in the journal
	Objects     int `json:"objects"`
	Checks      int `json:"checks"`
	Decisions   int `json:"decisions"` // inferences
	Released    int `json:"released"`
	Escalated   int `json:"escalated"`
	Denied      int `json:"denied"`
	CasesClosed int `json:"cases_closed"`
	Accesses    int `json:"accesses"`
	Approvals   int `json:"approvals"` // given, as the journal says
	// Signatures are these approvals by what stands behind them.
	Signatures Signatures `json:"signatures"`
	Steps      int        `json:"data_steps"` // signed steps of data sets
}

// Report is what verifying a case file found.
type Report struct {
	OK         bool      `json:"ok"`
	File       string    `json:"file"`
	Origin     string    `json:"origin"`
	Size       uint64    `json:"size"`
	Root       string    `json:"root"`
	BuiltAt    time.Time `json:"built_at"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	JournalKey string    `json:"journal_key"`
	// JournalKeys are all keys that signed the journal, the first one first;
	// each signed the next. The last is JournalKey.
	JournalKeys []string         `json:"journal_keys"`
	SealKey     string           `json:"seal_key"`
	KeyPinned   bool             `json:"key_pinned"` // the reader named the key; else the case names it itself
	Checked     Checked          `json:"checked"`
	Results     []conform.Result `json:"results"`
	Break       *Break           `json:"break"`
}

// Text is the report for a reader.
func (r Report) Text(l text.Lang) string {
	var b strings.Builder
	say := func(de, en string, args ...any) {
		fmt.Fprintf(&b, text.Bi{DE: de, EN: en}.In(l)+"\n", args...)
	}
	c := r.Checked
	say("Prüfakte      %s", "Case file     %s", r.File)
	if r.Origin != "" {
		say("Journal       %s, %d Einträge", "Journal       %s, %d entries", r.Origin, r.Size)
		say("Erstellt      %s", "Built         %s", r.BuiltAt.UTC().Format(time.RFC3339))
	}
	say("Geprüft       %d Dateien, %d Einträge, %d Einschlussnachweise, %d Betriebserlaubnisse, %d Objekte, %d Messungen",
		"Checked       %d files, %d entries, %d inclusion proofs, %d permits, %d objects, %d checks",
		c.Files, c.Entries, c.Proofs, c.Permits, c.Objects, c.Checks)
	c.sayInto(say)
	say("Entscheidungen %d: %d freigegeben, %d an Menschen, %d verweigert; %d Prüffälle entschieden",
		"Decisions     %d: %d released, %d to people, %d denied; %d cases decided",
		c.Decisions, c.Released, c.Escalated, c.Denied, c.CasesClosed)
	for _, res := range r.Results {
		say("Messung       %-20s %5d von %5d halten, verlangt %s", "Check         %-20s %5d of %5d hold, demanded %s",
			res.Spec.Check, res.Passed, res.Seen, demanded(res.Spec, l))
	}
	if r.Break != nil {
		where := r.Break.File
		if r.Break.Index >= 0 {
			where += fmt.Sprintf(text.Bi{DE: ", Eintrag %d", EN: ", entry %d"}.In(l), r.Break.Index)
		}
		say("BRUCHSTELLE   %s: %s", "BREAK         %s: %s", where, r.Break.Reason.In(l))
		return b.String()
	}
	if n := len(r.JournalKeys); n > 1 {
		say("Journal       %d Schlüssel nacheinander, jeder vom vorigen unterschrieben; der erste: %s",
			"Journal       %d keys one after the other, each signed by the one before; the first: %s", n, r.JournalKeys[0])
	}
	say("Ergebnis      unverändert", "Result        unaltered")
	if !r.KeyPinned {
		say("Schlüssel     %s (aus der Akte selbst; bitte mit dem der Organisation vergleichen)",
			"Key           %s (from the case itself; please compare it with the organisation's)", r.SealKey)
	}
	return b.String()
}

// demanded is the share that a check demands. The verifier knows no catalogue;
// the reader compares it with theirs.
func demanded(s conform.Spec, l text.Lang) string {
	least := text.Percent(l, s.Min, 0)
	if s.Max > 0 {
		return least + "–" + text.Percent(l, s.Max, 0)
	}
	return least
}
