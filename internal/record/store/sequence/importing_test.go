package sequence

import (
	"bytes"
	"errors"
	"iter"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/ledgertest"
)

// folder returns a journal of n entries in files, under the key of all tests.
func folder(t *testing.T, n int) (*ledger.Journal, []byte) {
	t.Helper()
	skey, vkey := key()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	j, err := ledger.Open(ledger.Options{Dir: t.TempDir(), Origin: origin, Signer: signer, VerifierKey: vkey, PublishEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	ledgertest.Fill(t, j, n)
	return j, publish(t, j)
}

func TestImportKeepsEverything(t *testing.T) {
	from, cp := folder(t, 3000)
	j := open(t, options(t))
	if err := Import(t.Context(), j, from.Entries(t.Context(), 0, 3000), cp); err != nil {
		t.Fatal(err)
	}
	ledgertest.Holds(t, j, 3000)
	ledgertest.Published(t, j, publish(t, j), 3000)
	if msg, _ := j.Checkpoint(); !bytes.Equal(msg, cp) {
		t.Fatalf("another checkpoint:\n%s\n%s", msg, cp)
	}
	if j.leading() != nil {
		t.Fatal("the import still leads")
	}
	if err := Import(t.Context(), j, from.Entries(t.Context(), 0, 3000), cp); err != nil {
		t.Fatalf("again: %v", err)
	}
	ledgertest.Fill(t, j, 5)
	if err := Import(t.Context(), j, from.Entries(t.Context(), 0, 3000), cp); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("over a journal that went on: %v", err)
	}
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	from, cp := folder(t, 12000)
	j := open(t, options(t))
	gone := errors.New("source gone")
	err := Import(t.Context(), j, cut(from.Entries(t.Context(), 0, 12000), 11000, gone), cp)
	if !errors.Is(err, gone) || j.Size() == 0 || j.Size() >= 11000 {
		t.Fatalf("size %d, %v", j.Size(), err)
	}
	if err := Import(t.Context(), j, from.Entries(t.Context(), 0, 12000), cp); err != nil {
		t.Fatal(err)
	}
	ledgertest.Holds(t, j, 12000)
}

// cut ends a stream with err after n records.
func cut(in iter.Seq2[ledger.Record, error], n int, end error) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for r, err := range in {
			if n == 0 {
				yield(r, end)
				return
			}
			n--
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestImportRefusesWhatDoesNotFit(t *testing.T) {
	from, cp := folder(t, 600)
	_, other := folder(t, 500)
	change := func(in iter.Seq2[ledger.Record, error], f func(*ledger.Record)) iter.Seq2[ledger.Record, error] {
		return func(yield func(ledger.Record, error) bool) {
			for r, err := range in {
				f(&r)
				if !yield(r, err) {
					return
				}
			}
		}
	}
	all := func() iter.Seq2[ledger.Record, error] { return from.Entries(t.Context(), 0, 600) }
	for name, c := range map[string]struct {
		entries iter.Seq2[ledger.Record, error]
		cp      []byte
	}{
		"another checkpoint": {all(), other},
		"no checkpoint":      {all(), []byte("none")},
		"fewer entries":      {from.Entries(t.Context(), 0, 599), cp},
		"a gap":              {from.Entries(t.Context(), 1, 600), cp},
		"another entry": {change(all(), func(r *ledger.Record) {
			if r.Index == 300 {
				r.Entry = []byte("other")
			}
		}), cp},
	} {
		t.Run(name, func(t *testing.T) {
			j := open(t, options(t))
			if err := Import(t.Context(), j, c.entries, c.cp); !problem.Is(err, problem.Corrupt) {
				t.Fatalf("%v", err)
			}
			if _, size := j.Checkpoint(); size != 0 {
				t.Fatalf("a checkpoint over %d was signed", size)
			}
			j.stop() // Close would publish what is there
		})
	}
}

func TestImportNeedsAJournalAtRest(t *testing.T) {
	from, cp := folder(t, 600)
	o := options(t)
	j, other := open(t, o), open(t, o)
	l := leads(t, other)
	if err := Import(t.Context(), j, from.Entries(t.Context(), 0, 600), cp); !problem.Is(err, problem.Conflict) {
		t.Fatalf("while another node leads: %v", err)
	}
	l.Release()
	appends := func(yield func(ledger.Record, error) bool) {
		for r, err := range from.Entries(t.Context(), 0, 600) {
			if r.Index == 300 {
				if _, err := other.Append(t.Context(), []byte("in between")); err != nil {
					t.Error(err)
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
	if err := Import(t.Context(), j, appends, cp); !problem.Is(err, problem.Conflict) {
		t.Fatalf("while another node appends: %v", err)
	}
}
