package sequence

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/store/pgtest"
)

const origin = "example.com/works"

// key is one signing key for all tests of the process.
var key = sync.OnceValues(func() (skey, vkey string) {
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		panic(err)
	}
	return skey, vkey
})

// options are those of a journal in a schema of its own that publishes only
// when told to.
func options(t *testing.T) Options {
	t.Helper()
	url, schema := pgtest.Schema(t)
	return signed(t, url, schema)
}

func signed(t *testing.T, url, schema string) Options {
	t.Helper()
	skey, vkey := key()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Database: url, Schema: schema, Origin: origin, Signer: signer, VerifierKey: vkey, PublishEvery: -1}
}

// open opens a journal that is closed at the end of the test; what Close says
// then is for those tests to ask that call it themselves.
func open(t *testing.T, o Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func leads(t *testing.T, j *Journal) *Lead {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	l, err := j.Lead(ctx)
	if err != nil {
		t.Fatalf("Lead: %v", err)
	}
	return l
}

// admin runs one statement beside the journal, as an administrator would.
func admin(t *testing.T, o Options, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), o.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "SET search_path TO "+o.Schema); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestItBehavesLikeTheFiles(t *testing.T) {
	ledgertest.Behave(t, func(t *testing.T) ledgertest.Place {
		o := options(t)
		return func(t *testing.T) ledger.Book { return open(t, o) }
	})
}

func TestOptionsAreChecked(t *testing.T) {
	good := options(t)
	for name, change := range map[string]func(*Options){
		"no database":    func(o *Options) { o.Database = "" },
		"no schema":      func(o *Options) { o.Schema = "" },
		"odd schema":     func(o *Options) { o.Schema = `a"; drop` },
		"no signer":      func(o *Options) { o.Signer = nil },
		"no key":         func(o *Options) { o.VerifierKey = "" },
		"another origin": func(o *Options) { o.Origin = "example.com/other" },
		"bad address":    func(o *Options) { o.Database = "postgres://:::" },
	} {
		o := good
		change(&o)
		if j, err := Open(t.Context(), o); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v %v", name, j, err)
		}
	}
}

func TestKeyAndOriginBelongToTheJournal(t *testing.T) {
	o := options(t)
	ledgertest.Fill(t, open(t, o), 3)
	for name, c := range map[string]struct {
		origin string
		kind   problem.Kind
	}{"another key": {origin, problem.Corrupt}, "another origin": {"example.com/other", problem.BadInput}} {
		skey, vkey, err := note.GenerateKey(nil, c.origin)
		if err != nil {
			t.Fatal(err)
		}
		other := o
		other.Origin, other.VerifierKey = c.origin, vkey
		if other.Signer, err = note.NewSigner(skey); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), other); !problem.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheAddressMayNameAPool(t *testing.T) {
	o := options(t)
	u, err := url.Parse(o.Database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("pool_max_conns", "7")
	u.RawQuery = q.Encode()
	o.Database = u.String()
	j := open(t, o)
	defer leads(t, j).Release()
	ledgertest.Fill(t, j, 1)
	ledgertest.Published(t, j, publish(t, j), 1)
}

func TestWithoutServerOpenSaysSo(t *testing.T) {
	o := signed(t, "postgres://nobody@127.0.0.1:1/none?connect_timeout=2", "agm_none")
	_, err := Open(t.Context(), o)
	if p := problem.From(err); p.Kind != problem.Unavailable || !p.Say.Complete() || !p.Hint.Complete() {
		t.Fatalf("%v", err)
	}
}
