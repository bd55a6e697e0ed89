package ledgertest_test

import (
	"testing"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/ledgertest"
)

func TestFilesBehave(t *testing.T) {
	ledgertest.Behave(t, func(t *testing.T) ledgertest.Place {
		dir := t.TempDir()
		return func(t *testing.T) ledger.Book {
			j, err := ledger.Open(ledger.Options{Dir: dir, Origin: "example.com/works", PublishEvery: -1})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
			return j
		}
	})
}
