package sequence

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
)

// Append commits one entry and returns its place. Entries of one caller that
// waits for each receipt keep their order; concurrent callers and nodes are
// ordered as they come.
//
// Errors: problem.BadInput for an empty entry, problem.TooLarge beyond
// ledger.MaxEntry, problem.Unavailable when the database does not answer within
// 5 s or ctx ends first (the sentence says whether the entry is not stored or
// may be), problem.Corrupt once the database turned out to have lost entries.
func (j *Journal) Append(ctx context.Context, entry []byte) (ledger.Receipt, error) {
	if err := checkEntry(entry); err != nil {
		return ledger.Receipt{}, err
	}
	hash := tlog.RecordHash(entry)
	b, at, err := j.queue.add(ctx, [][]byte{entry})
	if err != nil {
		return ledger.Receipt{}, err
	}
	if err := b.wait(ctx); err != nil {
		return ledger.Receipt{}, err
	}
	return ledger.Receipt{Index: b.first + uint64(at), LeafHash: hash}, nil
}

// AppendAll commits entries in one transaction, contiguous: all of them are
// there or none. Together they may have 8 MiB. Errors as for Append.
func (j *Journal) AppendAll(ctx context.Context, entries [][]byte) ([]ledger.Receipt, error) {
	receipts, err := newReceipts(entries)
	if err != nil || len(receipts) == 0 {
		return nil, err
	}
	b, at, err := j.queue.add(ctx, entries)
	if err != nil {
		return nil, err
	}
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	for i := range receipts {
		receipts[i].Index = b.first + uint64(at+i)
	}
	return receipts, nil
}

// AppendEvent encodes e and commits it.
func (j *Journal) AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error) {
	b, err := e.Encode()
	if err != nil {
		return ledger.Receipt{}, err
	}
	return j.Append(ctx, b)
}

// newReceipts checks entries and returns their receipts, still without index.
func newReceipts(entries [][]byte) ([]ledger.Receipt, error) {
	receipts := make([]ledger.Receipt, len(entries))
	for i, e := range entries {
		if err := checkEntry(e); err != nil {
			return nil, err
		}
		receipts[i].LeafHash = tlog.RecordHash(e)
	}
	if n := elementBytes(entries); n > maxAll {
		return nil, problem.Newf(problem.TooLarge, "%d Byte auf einmal sind dem Journal zu viel; erlaubt sind %d.",
			"%d bytes at once are too much for the journal; %d are allowed.", n, maxAll).
			WithHint("Bitte in kleineren Gruppen anhängen.", "Please append in smaller groups.")
	}
	return receipts, nil
}

func checkEntry(e []byte) error {
	if len(e) == 0 {
		return problem.New(problem.BadInput, "Ein leerer Eintrag gehört nicht ins Journal.", "An empty entry does not belong into the journal.")
	}
	if len(e) > ledger.MaxEntry {
		return entry.TooLarge(len(e))
	}
	return nil
}

// The statements of an append. Each is one transaction of one round trip, so no
// lock waits for the network. The conditional one finds no row when another
// node leads or, in Import, when somebody else appended: READ COMMITTED looks
// at the condition again after it has waited for the row.
const (
	appendSQL = `WITH h AS (UPDATE journal_head SET size = size + cardinality($1::bytea[]) RETURNING size - cardinality($1::bytea[]) AS first),
i AS (INSERT INTO journal_entries (idx, entry) SELECT h.first + generate_subscripts($1::bytea[], 1) - 1, unnest($1::bytea[]) FROM h)
SELECT first FROM h`
	fencedSQL = `WITH h AS (UPDATE journal_head SET size = size + cardinality($1::bytea[]) WHERE epoch = $2 AND ($3::bigint < 0 OR size = $3) RETURNING size - cardinality($1::bytea[]) AS first),
i AS (INSERT INTO journal_entries (idx, entry) SELECT h.first + generate_subscripts($1::bytea[], 1) - 1, unnest($1::bytea[]) FROM h)
SELECT first FROM h`
	appendName, fencedName = "journal_append", "journal_append_fenced"
)

// prepareAppends also has the statements planned once, for their plans do not
// depend on what is appended.
func prepareAppends(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.Exec(ctx, "SET plan_cache_mode = force_generic_plan"); err != nil {
		return err
	}
	if _, err := c.PgConn().Prepare(ctx, appendName, appendSQL, nil); err != nil {
		return err
	}
	_, err := c.PgConn().Prepare(ctx, fencedName, fencedSQL, nil)
	return err
}

// fence is the condition of an append.
type fence struct {
	epoch int64
	size  int64 // of the journal before; negative: any
}

// write is the one goroutine that commits what callers append. A second
// statement in flight would only wait for the first one's row lock, and each
// would carry half: with 16 callers that was measured at 0.6 of the throughput.
func (j *Journal) write() {
	for {
		runtime.Gosched() // callers just released may join the next group
		j.queue.linger.Wait(j.ctx)
		b := j.queue.take()
		if b == nil {
			select {
			case <-j.queue.wake:
				continue
			case <-j.ctx.Done():
				return // Close has waited for every batch
			}
		}
		began, err := time.Now(), j.refusedForGood()
		if err == nil {
			err = j.commit(b, nil)
		}
		j.queue.linger.Committed(time.Since(began))
		j.mu.Lock()
		j.down = err
		j.mu.Unlock()
		j.queue.finish(b, err)
	}
}

func (j *Journal) refusedForGood() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lost == nil {
		return nil
	}
	return j.lost
}

// commit writes b, and tries again while it is certain that nothing was
// written and b has time.
func (j *Journal) commit(b *batch, f *fence) error {
	for {
		err := j.send(b, f)
		var refused *refusal
		if !errors.As(err, &refused) {
			return err
		}
		if !refused.passing {
			return notStored(refused.cause)
		}
		select {
		case <-b.ctx.Done():
			return notStored(refused.cause)
		case <-time.After(again):
		}
	}
}

// refusal is a failure after which it is certain that nothing was written.
type refusal struct {
	passing bool // another attempt may succeed
	cause   error
}

func (r *refusal) Error() string { return r.cause.Error() }

// errFenced is what a conditional append gets when its condition does not hold.
var errFenced = errors.New("another node leads")

func (j *Journal) send(b *batch, f *fence) error {
	conn, err := j.writes.Acquire(b.ctx)
	if err != nil {
		return &refusal{passing: true, cause: err}
	}
	defer conn.Release()
	pg := conn.Conn().PgConn()
	delete(pg.CustomData(), warning)
	known := j.Size()
	name, values, formats := appendName, [][]byte{b.array()}, []int16{1}
	if f != nil {
		name, formats = fencedName, []int16{1, 1, 1}
		values = append(values, binary.BigEndian.AppendUint64(nil, uint64(f.epoch)), binary.BigEndian.AppendUint64(nil, uint64(f.size)))
	}
	r := pg.ExecPrepared(b.ctx, name, values, formats, []int16{1}).Read()
	if r.Err != nil {
		return judge(r.Err, conn.Conn())
	}
	if said, ok := pg.CustomData()[warning]; ok {
		// The commit stands, but perhaps not on the standby that it waited for.
		return unknown(errors.New(said.(string)))
	}
	if len(r.Rows) == 0 && f != nil {
		return errFenced
	}
	if len(r.Rows) != 1 || len(r.Rows[0][0]) != 8 {
		return j.broken(corrupt("journal_head", proof.None, "Die Zeile fehlt.", "the row is missing."))
	}
	b.first = binary.BigEndian.Uint64(r.Rows[0][0])
	if b.first < known {
		return j.shrunk(b.first, known)
	}
	j.grow(b.first + uint64(b.count))
	return nil
}

// judge tells a failure after which nothing was written from one of which
// nobody knows. Only an orderly refusal by the server is certain: a FATAL may
// come between commit and answer.
func judge(err error, c *pgx.Conn) error {
	var said *pgconn.PgError
	switch {
	case pgconn.SafeToRetry(err):
		return &refusal{passing: true, cause: err}
	case errors.As(err, &said) && said.SeverityUnlocalized == "ERROR":
		readOnly := said.Code == "25006" // this server became a standby: another one may be the primary
		if readOnly {
			err = errors.Join(err, closeNow(c))
		}
		return &refusal{passing: readOnly || said.Code == "40P01" || said.Code == "40001", cause: err}
	}
	return unknown(err)
}

// closeNow ends a connection, if there is one.
func closeNow(c *pgx.Conn) error {
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.Close(ctx)
}

func (j *Journal) shrunk(now, known uint64) error {
	return j.broken(problem.Newf(problem.Corrupt, "Die Datenbank hat %[2]d bestätigte Einträge, bekannt waren %[1]d: Sie hat Einträge verloren.",
		"The database has %[2]d confirmed entries, %[1]d were known: it has lost entries.", known, now).
		WithHint("Wurde auf einen Server ohne synchrone Kopie umgeschaltet oder eine ältere Sicherung eingespielt? Bitte zuerst klären, dann neu starten.",
			"Was there a fail-over to a server without a synchronous copy, or an older backup put back? Please find out first, then restart."))
}
