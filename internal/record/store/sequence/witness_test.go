package sequence

import (
	"crypto/rand"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/ledgertest"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
)

// observer is a witness that can be told to fail.
type observer struct {
	witness.Witness
	verifier note.Verifier
	away     atomic.Bool
}

func newObserver(t *testing.T) *observer {
	t.Helper()
	skey, vkey, err := witness.GenerateKey(rand.Reader, "witness.example/w1")
	ok(t, err)
	signer, err := witness.NewSigner(skey, time.Now)
	ok(t, err)
	_, log := key()
	h, err := witness.NewHandler(witness.HandlerOptions{Dir: t.TempDir(), Signer: signer, Logs: []string{log}})
	ok(t, err)
	o := &observer{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	o.Witness = witness.Witness{VKey: vkey, URL: srv.URL}
	o.verifier, err = witness.NewVerifier(vkey)
	ok(t, err)
	return o
}

func (o *observer) policy() witness.Policy {
	return witness.Policy{Witnesses: []witness.Witness{o.Witness}, Rest: time.Nanosecond}
}

// signed reports whether the witness and the journal signed a checkpoint over
// size entries.
func (o *observer) signed(t *testing.T, j *Journal, msg []byte, size uint64) bool {
	t.Helper()
	cp, err := proof.OpenCheckpoint(msg, j.verifier)
	ok(t, err)
	if cp.Size != size {
		t.Fatalf("a checkpoint over %d entries, want %d", cp.Size, size)
	}
	_, err = note.Open(msg, note.VerifierList(o.verifier))
	return err == nil
}

func TestTheLeaderAsksWitnesses(t *testing.T) {
	w := newObserver(t)
	o := options(t)
	o.Witnesses = w.policy()
	j, other := open(t, o), open(t, o)
	l := leads(t, j)
	for _, size := range []int{3, 300, 301} {
		ledgertest.Fill(t, j, size-int(j.Size()))
		if !w.signed(t, j, publish(t, j), uint64(size)) {
			t.Fatalf("the checkpoint over %d entries is not cosigned", size)
		}
	}
	raw, err := fs.ReadFile(other.TileFS(), proof.CheckpointFile)
	ok(t, err)
	if !w.signed(t, j, raw, 301) {
		t.Error("the published checkpoint is not cosigned")
	}
	if s := j.Status(); s.Witnessed != 301 || len(s.Witnesses) != 1 || s.Witnesses[0].Err != nil {
		t.Errorf("status %+v", s)
	}

	// Without its witness the journal goes on and says so; what was published
	// meanwhile is cosigned later, and the other node takes that over.
	w.away.Store(true)
	ledgertest.Fill(t, j, 9)
	if w.signed(t, j, publish(t, j), 310) {
		t.Error("cosigned by a witness that is away")
	}
	ok(t, other.Refresh(t.Context()))
	if s := j.Status(); s.Witnessed != 301 || s.Witnesses[0].Err == nil || s.PublishErr != nil || len(other.Status().Witnesses) != 0 {
		t.Errorf("status %+v", s)
	}
	w.away.Store(false)
	if !w.signed(t, j, publish(t, j), 310) {
		t.Error("not cosigned later")
	}
	ok(t, other.Refresh(t.Context()))
	if msg, _ := other.Checkpoint(); !w.signed(t, j, msg, 310) {
		t.Error("the other node does not know the cosignature")
	}

	// The next leader goes on where the witness stands.
	l.Release()
	leads(t, other)
	ledgertest.Fill(t, other, 5)
	if !w.signed(t, j, publish(t, other), 315) {
		t.Error("not cosigned under the next leader")
	}
	ledgertest.Published(t, other, publish(t, other), 315)
	if s := other.Status(); s.Witnessed != 315 || len(j.Status().Witnesses) != 0 {
		t.Errorf("status %+v", s)
	}
}

// A witness that knows another tree of this name says so, and cosigns nothing.
func TestAnotherTreeIsNotCosigned(t *testing.T) {
	w := newObserver(t)
	o := options(t)
	o.Witnesses = w.policy()
	j := open(t, o)
	leads(t, j)
	ledgertest.Fill(t, j, 20)
	publish(t, j)
	ok(t, j.Close())

	fork := options(t)
	fork.Witnesses = w.policy()
	j = open(t, fork)
	leads(t, j)
	for range 30 {
		_, err := j.Append(t.Context(), []byte("another entry"))
		ok(t, err)
	}
	if w.signed(t, j, publish(t, j), 30) {
		t.Error("a fork was cosigned")
	}
	if s := j.Status(); !s.Witnesses[0].Forked || s.Failed != nil {
		t.Errorf("status %+v", s)
	}
}

func TestWitnessesAreChecked(t *testing.T) {
	o := options(t)
	o.Witnesses = witness.Policy{Witnesses: []witness.Witness{{VKey: "none", URL: "none"}}}
	if _, err := Open(t.Context(), o); !problem.Is(err, problem.BadInput) {
		t.Error(err)
	}
}
