package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
)

// scribe is a witness written for these tests from the text of C2SP
// tlog-witness and tlog-cosignature, with nothing of package witness.
type scribe struct {
	name string
	key  ed25519.PrivateKey
	log  func() note.Verifier // whom it trusts
	url  string

	mu    sync.Mutex
	size  int64
	root  tlog.Hash
	asked int
	// How it misbehaves:
	lies  bool          // signs another text
	stuck chan struct{} // does not answer until closed
}

func newScribe(t *testing.T, name string, log func() note.Verifier) *scribe {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &scribe{name: name, key: key, log: log, root: tlog.Hash(sha256.Sum256(nil))}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// set says how the scribe misbehaves from now on.
func (s *scribe) set(lies bool, stuck chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lies, s.stuck = lies, stuck
}

func (s *scribe) id() []byte {
	pub := s.key.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(append([]byte(s.name+"\n\x04"), pub...))
	return sum[:4]
}

func (s *scribe) witness() witness.Witness {
	pub := s.key.Public().(ed25519.PublicKey)
	return witness.Witness{VKey: fmt.Sprintf("%s+%x+%s", s.name, s.id(), base64.StdEncoding.EncodeToString(append([]byte{4}, pub...))), URL: s.url}
}

func (s *scribe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	stuck := s.stuck
	s.mu.Unlock()
	if stuck != nil {
		select {
		case <-stuck:
		case <-r.Context().Done():
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	head, msg, _ := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	var p tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		p = append(p, h)
	}
	n, err := note.Open([]byte(msg), note.VerifierList(s.log()))
	if err != nil {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	text := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(text[1], 10, 64)
	root, rerr := tlog.ParseHash(text[2])
	if err != nil || rerr != nil || old > size {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	if old != s.size || size == s.size && root != s.root {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, "%d\n", s.size)
		return
	}
	if old > 0 && old < size && tlog.CheckTree(p, size, root, old, s.root) != nil {
		http.Error(w, "no", http.StatusUnprocessableEntity)
		return
	}
	s.size, s.root = size, root
	at := uint64(1_800_000_000)
	signed := n.Text
	if s.lies {
		signed = strings.Replace(signed, text[1], "999", 1)
	}
	sig := ed25519.Sign(s.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, signed))
	line := append(s.id(), binary.BigEndian.AppendUint64(nil, at)...)
	_, _ = fmt.Fprintf(w, "— stranger.example AAAAAAA=\n— %s %s\n", s.name, base64.StdEncoding.EncodeToString(append(line, sig...)))
}

// witnessed opens a journal whose witnesses know its key as soon as it has one.
func witnessed(t *testing.T, o Options, quorum int, make ...string) (*Journal, []*scribe) {
	t.Helper()
	var j *Journal
	var known sync.Mutex
	key := func() note.Verifier {
		known.Lock()
		defer known.Unlock()
		v, err := note.NewVerifier(j.VerifierKey())
		if err != nil {
			t.Error(err)
		}
		return v
	}
	var all []*scribe
	o.Witnesses.Quorum, o.Witnesses.Rest = quorum, time.Nanosecond
	if o.Witnesses.Timeout == 0 {
		o.Witnesses.Timeout = 10 * time.Second
	}
	for _, name := range make {
		s := newScribe(t, name, key)
		all = append(all, s)
		o.Witnesses.Witnesses = append(o.Witnesses.Witnesses, s.witness())
	}
	known.Lock()
	j = open(t, o)
	known.Unlock()
	return j, all
}

// cosigned counts the witnesses whose cosignature stands under msg.
func cosigned(t *testing.T, msg []byte, all []*scribe) (n int) {
	t.Helper()
	for _, s := range all {
		v, err := witness.NewVerifier(s.witness().VKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := note.Open(msg, note.VerifierList(v)); err == nil {
			n++
		}
	}
	return n
}

// The published checkpoint carries the cosignatures; the journal's own key
// still verifies it; proofs carry it on.
func TestWitnessesCosign(t *testing.T) {
	j, all := witnessed(t, options(quickDir(t)), 0, "one.example", "two.example")
	for _, n := range []int{1, 300, 1, 700} {
		mixed(t, j, n)
		msg := publishNow(t, j)
		if got := cosigned(t, msg, all); got != 2 {
			t.Fatalf("%d cosignatures at %d", got, j.Size())
		}
		if _, err := proof.ParseCheckpoint(msg, j.VerifierKey()); err != nil {
			t.Fatal(err)
		}
		if st := j.Status(); st.Witnessed != j.Size() || len(st.Witnesses) != 2 || st.Witnesses[0].Size != j.Size() || st.Witnesses[0].At.Unix() != 1_800_000_000 || st.Witnesses[0].Err != nil {
			t.Fatalf("%+v", st)
		}
	}
	raw, err := j.ProofFile(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	f, err := proof.ParseFile(raw)
	if err != nil || cosigned(t, f.Checkpoint, all) != 2 {
		t.Fatalf("the proof does not carry the cosignatures: %v", err)
	}
	// The witnesses keep what they know over a restart of the journal.
	o := j.o
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o.disk = nil
	again := open(t, o)
	mixed(t, again, 10)
	if got := cosigned(t, publishNow(t, again), all); got != 2 {
		t.Errorf("%d cosignatures after a restart", got)
	}
}

// One that lies and one that hangs cost the quorum nothing as long as enough
// others sign, and the journal nothing at all.
func TestWitnessesMayFail(t *testing.T) {
	o := options(quickDir(t))
	o.Witnesses.Timeout = 300 * time.Millisecond
	j, all := witnessed(t, o, 2, "good.example", "liar.example", "slow.example")
	all[1].set(true, nil)
	stuck := make(chan struct{})
	all[2].set(false, stuck)
	mixed(t, j, 5)
	msg := publishNow(t, j)
	st := j.Status()
	if cosigned(t, msg, all) != 1 || st.Witnessed != 0 || st.Published != 5 {
		t.Fatalf("%+v\n%s", st, msg)
	}
	for i, want := range []bool{true, false, false} {
		if got := st.Witnesses[i].Err == nil; got != want {
			t.Errorf("%s: %v", st.Witnesses[i].Name, st.Witnesses[i].Err)
		}
	}
	all[2].set(false, nil)
	close(stuck)
	mixed(t, j, 5)
	msg = publishNow(t, j)
	if st := j.Status(); cosigned(t, msg, all) != 2 || st.Witnessed != 10 || st.Witnesses[1].Err == nil {
		t.Errorf("%+v\n%s", st, msg)
	}
}

// A witness that failed is asked again about the same checkpoint, without any
// new entry, and its cosignature is added to the published file.
func TestWitnessIsAskedAgain(t *testing.T) {
	j, all := witnessed(t, options(quickDir(t)), 1, "one.example")
	all[0].set(true, nil)
	mixed(t, j, 3)
	if cosigned(t, publishNow(t, j), all) != 0 {
		t.Fatal("a false cosignature is taken")
	}
	all[0].set(false, nil)
	for j.Status().Witnessed != 3 {
		if t.Context().Err() != nil {
			t.Fatal("never asked again")
		}
		publishNow(t, j)
	}
	msg, size := j.Checkpoint()
	if size != 3 || cosigned(t, msg, all) != 1 {
		t.Errorf("%d\n%s", size, msg)
	}
}

// A folder put back from an old copy is found by a witness that saw more, at
// the start already; when it then grows past that size it is a fork, and it
// stays one. The journal goes on, and says it.
func TestWitnessFindsARestoredFolder(t *testing.T) {
	o := options(quickDir(t))
	j, all := witnessed(t, o, 0, "one.example")
	mixed(t, j, 50)
	publishNow(t, j)
	backup := copyTree(t, o.Dir)
	mixed(t, j, 50)
	publishNow(t, j)
	o.Witnesses = j.o.Witnesses
	j.abandon()

	o.Dir = backup
	restored := open(t, o)
	wait := func(what string, seen func(witness.State) bool) {
		t.Helper()
		for !seen(restored.Status().Witnesses[0]) {
			if t.Context().Err() != nil {
				t.Fatalf("%s: %+v", what, restored.Status().Witnesses[0])
			}
			restored.reask(t.Context())
		}
	}
	wait("ahead", func(s witness.State) bool { return s.Ahead == 100 && s.Err != nil })
	for range 80 {
		if _, err := restored.Append(t.Context(), []byte("another history")); err != nil {
			t.Fatal(err)
		}
	}
	if n := cosigned(t, publishNow(t, restored), all); n != 0 {
		t.Fatal("a forked journal is cosigned")
	}
	wait("forked", func(s witness.State) bool { return s.Forked && s.Err != nil })
	if st := restored.Status(); st.Published != 130 || st.Failed != nil || st.PublishErr != nil || st.Witnessed > 50 {
		t.Errorf("%+v", st)
	}
	// Another tree of the very size that the witness knows is found too.
	all[0].mu.Lock()
	all[0].size = 130
	all[0].mu.Unlock()
	wait("forked at one size", func(s witness.State) bool { return s.Forked && s.Err != nil })
}

// While memory fills up nobody waits for a witness.
func TestWitnessesHoldUpNobody(t *testing.T) {
	o := options(quickDir(t))
	o.maxTail = 20 << 10
	j, all := witnessed(t, o, 0, "slow.example")
	all[0].set(false, make(chan struct{})) // the policy would wait ten seconds
	for i := range 400 {
		if _, err := j.Append(t.Context(), make([]byte, 1000)); err != nil {
			t.Fatal(i, err)
		}
	}
	if st := j.Status(); st.Published == 0 || st.Unpublished > st.TailLimit+2000 {
		t.Errorf("%+v", st)
	}
	j.abandon() // not Close, which would give the witness its ten seconds
}

// The folder itself may name its witnesses.
func TestWitnessesOfTheFolder(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	mixed(t, j, 3)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	s := newScribe(t, "one.example", func() note.Verifier { return j.present.Load().Verifier })
	file := filepath.Join(o.Dir, "witnesses")
	if err := os.WriteFile(file, []byte("witness one "+s.witness().VKey+" "+s.url+"\nquorum one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j = open(t, o)
	mixed(t, j, 3)
	if cosigned(t, publishNow(t, j), []*scribe{s}) != 1 {
		t.Error("the witness of the folder was not asked")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(o); !problem.Is(err, problem.BadInput) {
		t.Errorf("a list that cannot be read: %v", err)
	}
}
