package sequence

import (
	"errors"
	"strings"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/ledger/proof"
)

// read walks over everything and returns the first error.
func read(t *testing.T, j *Journal) error {
	for _, err := range j.Entries(t.Context(), 0, 1<<62) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestWhatWasChangedIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		file   string
		index  int64
	}{
		"an entry":            {"UPDATE journal_entries SET entry = set_byte(entry, 3, get_byte(entry, 3) # 1) WHERE idx = 77", "tile/entries/000", 77},
		"an entry at the end": {"UPDATE journal_entries SET entry = entry || 'x' WHERE idx = 299", "tile/entries/001.p/44", 299},
		"two entries swapped": {"UPDATE journal_entries SET idx = CASE idx WHEN 5 THEN -6 ELSE -5 END WHERE idx IN (5, 6); UPDATE journal_entries SET idx = -idx WHERE idx < 0", "tile/entries/000", 5},
		"a missing entry":     {"DELETE FROM journal_entries WHERE idx = 20", "tile/entries/000", 20},
		"the last entry":      {"DELETE FROM journal_entries WHERE idx = 255", "tile/entries/000", 255},
		"a whole bundle":      {"DELETE FROM journal_entries WHERE idx < 256", "tile/entries/000", 0},
		"a tile":              {"UPDATE journal_tiles SET data = set_byte(data, 100, get_byte(data, 100) # 128) WHERE level = 0 AND n = 0", "tile/0/000", -1},
		"the edge":            {"UPDATE journal_tiles SET data = set_byte(data, 9, get_byte(data, 9) # 1) WHERE level = 1", "tile/0/001.p/44", -1},
		"a short tile":        {"UPDATE journal_tiles SET data = substr(data, 1, 50) WHERE level = 0 AND n = 1", "tile/0/001.p/44", -1},
		"a missing tile":      {"DELETE FROM journal_tiles WHERE level = 0 AND n = 1", "tile/0/001.p/44", -1},
		"the checkpoint":      {"UPDATE journal_checkpoints SET note = set_byte(note, 22, get_byte(note, 22) # 1) WHERE size = 300", "checkpoint", -1},
		"another checkpoint":  {"UPDATE journal_checkpoints c SET note = o.note FROM journal_checkpoints o WHERE c.size = 300 AND o.size = 0", "journal_checkpoints", -1},
		"no checkpoint":       {"DELETE FROM journal_checkpoints WHERE size = 300", "journal_checkpoints", -1},
		"no head":             {"DELETE FROM journal_head", "journal_head", -1},
		"a missing new entry": {"DELETE FROM journal_entries WHERE idx = 305", "journal_entries", 305},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			j := open(t, o)
			ledgertest.Fill(t, j, 300)
			publish(t, j)
			ledgertest.Fill(t, j, 10)
			j.stop() // as a kill would: nothing more is published
			for _, sql := range strings.Split(c.change, "; ") {
				admin(t, o, sql)
			}
			again, err := Open(t.Context(), o)
			if err == nil {
				err = read(t, again)
				_ = again.Close()
			}
			var at *proof.Break
			if !problem.Is(err, problem.Corrupt) || !errors.As(err, &at) || at.File != c.file || at.Index != c.index {
				t.Fatalf("%v", err)
			}
			if p := problem.From(err); !p.Say.Complete() || !p.Hint.Complete() {
				t.Fatalf("%+v", p)
			}
		})
	}
}

// TestNothingWrongIsExtended: whoever takes the lead checks the stored edge and
// the rows before signing.
func TestNothingWrongIsExtended(t *testing.T) {
	for name, change := range map[string]string{
		"an edge tile":        "UPDATE journal_tiles SET data = set_byte(data, 9, get_byte(data, 9) # 1) WHERE level = 0 AND n = 1",
		"a higher tile":       "UPDATE journal_tiles SET data = set_byte(data, 9, get_byte(data, 9) # 1) WHERE level = 1",
		"the checkpoint":      "UPDATE journal_checkpoints SET note = set_byte(note, 22, get_byte(note, 22) # 1) WHERE size = 300",
		"a missing new entry": "DELETE FROM journal_entries WHERE idx = 305",
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			j := open(t, o)
			ledgertest.Fill(t, j, 300)
			publish(t, j)
			ledgertest.Fill(t, j, 10)
			admin(t, o, change)
			_, err := j.Publish(t.Context())
			var at *proof.Break
			if !problem.Is(err, problem.Corrupt) || !errors.As(err, &at) || at.File == "" {
				t.Fatalf("%v", err)
			}
			if _, size := j.Checkpoint(); size != 300 {
				t.Fatalf("a checkpoint over %d was made", size)
			}
			if j.Status().PublishErr == nil {
				t.Fatal("Status says that all is well")
			}
		})
	}
}

// TestATreeThatForkedIsNotAdopted: another holder of the key published a tree
// that does not extend what this node knows.
func TestATreeThatForkedIsNotAdopted(t *testing.T) {
	o := options(t)
	a := open(t, o)
	ledgertest.Fill(t, a, 10)
	publish(t, a)
	b := open(t, o)
	admin(t, o, "UPDATE journal_entries SET entry = 'other' WHERE idx = 3")
	admin(t, o, "UPDATE journal_head SET published = 0")
	admin(t, o, "DELETE FROM journal_checkpoints WHERE size > 0")
	forger, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer forger.Close()
	if _, err := forger.AppendAll(t.Context(), [][]byte{[]byte("x"), []byte("y")}); err != nil {
		t.Fatal(err)
	}
	publish(t, forger)
	if err := b.look(t.Context()); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("%v", err)
	}
	if _, size := b.Checkpoint(); size != 10 {
		t.Fatalf("the fork over %d entries was adopted", size)
	}
}
