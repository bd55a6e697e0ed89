package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/bench/cluster"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store/sequence"
)

// crashSchema is the schema in which the journal lies.
const crashSchema = "agm_crash"

// openSequence opens the journal on a database as one node.
func openSequence(ctx context.Context, database string) (*sequence.Journal, error) {
	const origin = "example.com/crash"
	seed := sha256.Sum256([]byte("a key that everybody knows"))
	skey, vkey, err := note.GenerateKey(strings.NewReader(string(ed25519.NewKeyFromSeed(seed[:]).Seed())), origin)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, err
	}
	return sequence.Open(ctx, sequence.Options{Database: database, Schema: crashSchema, Origin: origin, Signer: signer, VerifierKey: vkey,
		PublishEvery: 20 * time.Millisecond})
}

// writePostgres appends from eight callers at once until it is killed, and
// leads. What could not be acknowledged is given up, and the next is tried.
func writePostgres(database string, acked io.Writer) error {
	ctx := context.Background()
	j, err := openSequence(ctx, database)
	if err != nil {
		return err
	}
	errs := make(chan error)
	go func() {
		for {
			lead, err := j.Lead(ctx)
			if err != nil {
				errs <- err
				return
			}
			<-lead.Done()
		}
	}()
	var mu sync.Mutex
	for c := range 8 {
		go func() {
			for i := 0; ; i++ {
				content := fmt.Sprintf("pid=%d,caller=%d,n=%d,pad=%s", os.Getpid(), c, i, strings.Repeat("x", (i*37+c*11)%900))
				r, err := j.Append(ctx, []byte(content))
				if err != nil {
					fmt.Fprintln(os.Stderr, "append:", err)
					time.Sleep(10 * time.Millisecond)
					continue
				}
				mu.Lock()
				_, err = fmt.Fprintf(acked, "%d %s\n", r.Index, content)
				mu.Unlock()
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// checkPostgres reads every entry as a further node, publishes the rest and lets
// the offline verifier check what is published.
func checkPostgres(ctx context.Context, database string, acked map[uint64]string) (found uint64, lost []uint64, err error) {
	j, err := openSequence(ctx, database)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if err := publishAll(ctx, j); err != nil {
		return 0, nil, err
	}
	seen := map[uint64]bool{}
	for r, err := range j.Entries(ctx, 0, j.Size()) {
		if err != nil {
			return 0, nil, err
		}
		if want, ok := acked[r.Index]; ok {
			seen[r.Index] = true
			if want != string(r.Entry) {
				lost = append(lost, r.Index)
			}
		}
	}
	for index := range acked {
		if !seen[index] {
			lost = append(lost, index)
		}
	}
	_, err = proof.Verify(ctx, j.TileFS(), j.VerifierKey())
	return j.Size(), lost, err
}

// publishAll publishes everything; the lead of a killed child may take the
// server a moment to drop.
func publishAll(ctx context.Context, j *sequence.Journal) error {
	var err error
	for range 20 {
		if _, err = j.Publish(ctx); err == nil {
			return nil
		}
		time.Sleep(250 * time.Millisecond)
	}
	return err
}

// servers is the world of the database targets.
type servers struct {
	primary, standby *cluster.Cluster
	network          *network // nil: loopback
}

func (s *servers) end() error {
	err := s.primary.End()
	if s.standby != nil {
		err = errors.Join(err, s.standby.End())
	}
	if s.network != nil {
		err = errors.Join(err, s.network.end())
	}
	return err
}

func oneServer(_ context.Context, dir string) (string, world, error) {
	c, err := cluster.New(dir, cluster.Options{})
	if err != nil {
		return "", nil, err
	}
	return c.URL(), &servers{primary: c}, nil
}

// crashServer lets the server die as in a crash of its machine, and starts it
// again.
func crashServer(_ context.Context, w world, rnd *rand.Rand) error {
	s := w.(*servers)
	if err := s.primary.Stop("immediate"); err != nil {
		return err
	}
	time.Sleep(time.Duration(rnd.Int64N(int64(time.Second))))
	return s.primary.Start()
}

// twoServers is a primary with a synchronous standby. A commit is acknowledged
// when both have flushed it; that is what lets nothing be lost.
func twoServers(_ context.Context, dir string) (string, world, error) {
	p, err := cluster.New(dir, cluster.Options{})
	if err != nil {
		return "", nil, err
	}
	s := &servers{primary: p}
	if s.standby, err = p.Standby(dir, cluster.Options{}); err == nil {
		err = p.Run("psql", "-h", "127.0.0.1", "-p", fmt.Sprint(p.Port), "-U", "postgres", "-d", "postgres",
			"-c", "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "-c", "SELECT pg_reload_conf()")
	}
	if err != nil {
		return "", nil, errors.Join(err, s.end())
	}
	both := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: "sslmode=disable&target_session_attrs=read-write&connect_timeout=2",
		Host: fmt.Sprintf("127.0.0.1:%d,127.0.0.1:%d", p.Port, s.standby.Port)}
	return both.String(), s, nil
}

// failOver lets the primary die and promotes the standby.
func failOver(_ context.Context, w world, _ *rand.Rand) error {
	s := w.(*servers)
	if err := s.primary.Stop("immediate"); err != nil {
		return err
	}
	if err := s.standby.Promote(); err != nil {
		return err
	}
	// The new primary has no standby yet and must not wait for one.
	return s.standby.Run("psql", "-h", "127.0.0.1", "-p", fmt.Sprint(s.standby.Port), "-U", "postgres", "-d", "postgres",
		"-c", "ALTER SYSTEM RESET synchronous_standby_names", "-c", "SELECT pg_reload_conf()")
}
