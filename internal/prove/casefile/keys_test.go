package casefile_test

import (
	"strings"
	"testing"

	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/text"
)

// A case whose journal changed its key twice verifies, from whichever of its
// keys the reader knows, and says so; a foreign key is not among them.
func TestTheVerifierFollowsTheKeys(t *testing.T) {
	w := newWorks(t)
	w.decisions(300)
	first := w.journal.VerifierKey()
	if err := w.journal.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.decisions(10)
	if err := w.journal.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, _ := w.write(casefile.Period{})
	for _, known := range []string{"", first, w.journal.VerifierKey()} {
		rep := check(t, b, verify.Options{JournalKey: known})
		if !rep.OK || len(rep.JournalKeys) != 3 || rep.JournalKeys[0] != first || rep.JournalKeys[2] != w.journal.VerifierKey() {
			t.Errorf("known %q: %+v %v", known, rep.Break, rep.JournalKeys)
		}
		if !strings.Contains(rep.Text(text.DE), first) {
			t.Errorf("the report does not name the first key:\n%s", rep.Text(text.DE))
		}
	}
	if rep := check(t, b, verify.Options{JournalKey: w.src.SealKey}); rep.OK || rep.Break == nil {
		t.Error("a key that never signed the journal is taken for one of it")
	}
}

// After a loss the journal has another origin; the case still leads back to the
// first key.
func TestTheVerifierFollowsASuccession(t *testing.T) {
	w := newWorks(t)
	o := ledger.Options{Dir: t.TempDir(), Origin: "test/works", PublishEvery: -1}
	old, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	first := old.VerifierKey()
	w.journal = old
	w.add(verify.TypeKey, "seal", verify.KeyEntry{V: 1, Use: verify.KeyUse, VKey: w.src.SealKey})
	w.decisions(20)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	j, err := ledger.Succeed(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	w.journal, w.src.Journal = j, j
	w.decisions(5)
	b, _ := w.write(casefile.Period{})
	rep := check(t, b, verify.Options{JournalKey: first})
	if !rep.OK || rep.Origin != "test/works/2" || len(rep.JournalKeys) != 2 || rep.Checked.Decisions != 25 {
		t.Errorf("%+v %+v", rep.Break, rep)
	}
}

// A change of key that nobody signed is a break at its entry.
func TestAForgedChangeOfKeyIsNamed(t *testing.T) {
	w := newWorks(t)
	w.decisions(3)
	w.add(proof.TypeKeyChanged, "test/works", proof.Handover{V: 1, Old: newWorks(t).journal.VerifierKey(), New: w.journal.VerifierKey(), Note: "nothing"})
	b, _ := w.write(casefile.Period{})
	if rep := check(t, b, verify.Options{}); rep.OK || rep.Break.Index != 4 || !strings.HasPrefix(rep.Break.File, "journal/tile/entries/") {
		t.Errorf("%+v", rep.Break)
	}
}
