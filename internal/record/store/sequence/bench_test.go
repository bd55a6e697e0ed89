package sequence

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/pgtest"
)

// entryBytes is the size of a decision's entry.
const entryBytes = 924

// BenchmarkAppend sets the journal beside what anybody would write first: one
// row, one commit, on a connection per caller (at most 100). Only the ratios
// mean something; set AUGENMASS_TEST_POSTGRES to a server with fsync on.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("bare/%d", callers), func(b *testing.B) { spread(b, callers, bare(b, min(callers, 100))) })
		b.Run(fmt.Sprintf("journal/%d", callers), func(b *testing.B) { spread(b, callers, appends(benchmarked(b))) })
		b.Run(fmt.Sprintf("journal that publishes/%d", callers), func(b *testing.B) {
			j := benchmarked(b)
			j.o.PublishEvery = defaultPublishEvery
			l, err := j.Lead(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer l.Release()
			spread(b, callers, appends(j))
		})
	}
}

func appends(j *Journal) func(e []byte) error {
	return func(e []byte) error { _, err := j.Append(context.Background(), e); return err }
}

func benchmarked(b *testing.B) *Journal {
	url, schema := pgtest.Schema(b)
	skey, vkey := key()
	signer, err := note.NewSigner(skey)
	if err != nil {
		b.Fatal(err)
	}
	j, err := Open(b.Context(), Options{Database: url, Schema: schema, Origin: origin, Signer: signer, VerifierKey: vkey, PublishEvery: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	return j
}

func bare(b *testing.B, conns int) func(e []byte) error {
	url, schema := pgtest.Schema(b)
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	c.ConnConfig.RuntimeParams["search_path"] = schema
	c.MaxConns = int32(conns)
	pool, err := pgxpool.NewWithConfig(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	if _, err := pool.Exec(b.Context(), "CREATE TABLE entries (idx bigserial PRIMARY KEY, entry bytea NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	return func(e []byte) error {
		var idx int64
		return pool.QueryRow(context.Background(), "INSERT INTO entries (entry) VALUES ($1) RETURNING idx", e).Scan(&idx)
	}
}

// spread shares b.N entries among callers.
func spread(b *testing.B, callers int, put func(e []byte) error) {
	e := make([]byte, entryBytes)
	for i := range e {
		e[i] = 'a' + byte(i*7%26)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	before := cpu()
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := put(e); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/1000, "client-cpu-µs/entry")
}

// BenchmarkPublish is what one entry costs the leader.
func BenchmarkPublish(b *testing.B) {
	j := benchmarked(b)
	l, err := j.Lead(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer l.Release()
	stock(b, j, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := j.Publish(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkEntries reads published entries, checked.
func BenchmarkEntries(b *testing.B) {
	j := benchmarked(b)
	stock(b, j, b.N)
	if _, err := j.Publish(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for _, err := range j.Entries(b.Context(), 0, uint64(b.N)) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != b.N {
		b.Fatalf("%d of %d", n, b.N)
	}
}

func stock(b *testing.B, j ledger.Book, n int) {
	e := make([]byte, entryBytes)
	for n > 0 {
		group := make([][]byte, min(n, 1000))
		for i := range group {
			group[i] = e
		}
		if _, err := j.AppendAll(b.Context(), group); err != nil {
			b.Fatal(err)
		}
		n -= len(group)
	}
}
