package witness

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// tree is a log in memory.
type tree struct {
	signer note.Signer
	vkey   string
	hashes []tlog.Hash
	n      int64
}

func (l *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = l.hashes[x]
	}
	return out, nil
}

func newTree(t *testing.T, name string) *tree {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &tree{signer: s, vkey: vkey}
}

// grow appends entries until there are n; what makes two trees differ.
func (l *tree) grow(t *testing.T, n int64, what string) proof.Checkpoint {
	t.Helper()
	for ; l.n < n; l.n++ {
		hashes, err := tlog.StoredHashes(l.n, fmt.Appendf(nil, "%s %d", what, l.n), l)
		if err != nil {
			t.Fatal(err)
		}
		l.hashes = append(l.hashes, hashes...)
	}
	return l.at(t, n)
}

func (l *tree) at(t *testing.T, n int64) proof.Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(n, l)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: proof.Text(l.signer.Name(), uint64(n), root)}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := proof.ParseCheckpoint(msg, l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func (l *tree) prove(to uint64) func(uint64) (tlog.TreeProof, error) {
	return func(from uint64) (tlog.TreeProof, error) {
		if from == 0 || from >= to {
			return nil, nil
		}
		return tlog.ProveTree(int64(to), int64(from), l)
	}
}

// serve starts a witness for the logs and returns its folder too.
func serve(t *testing.T, logs ...string) (w Witness, dir string) {
	t.Helper()
	skey, vkey, err := GenerateKey(rand.Reader, "witness.example/w1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner(skey, func() time.Time { return time.Unix(1_700_000_000, 0) })
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	h, err := NewHandler(HandlerOptions{Dir: dir, Signer: s, Logs: logs})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return Witness{VKey: vkey, URL: srv.URL + "/"}, dir
}

func circle(t *testing.T, all ...Witness) *Circle {
	t.Helper()
	c, err := New(Policy{Witnesses: all, Rest: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The client and the witness of this package understand each other, from the
// first checkpoint on, over growth, repetition and a client that forgot.
func TestCircleAndHandler(t *testing.T) {
	l := newTree(t, "log.example")
	w, _ := serve(t, l.vkey)
	v, err := NewVerifier(w.VKey)
	if err != nil {
		t.Fatal(err)
	}
	c := circle(t, w)
	for i, n := range []int64{1, 2, 2, 300, 301, 1000} {
		if i == 4 {
			c = circle(t, w) // a restart: it asks from zero and is told the size
		}
		cp := l.grow(t, n, "entry")
		msg := c.Cosign(t.Context(), cp, l.prove(cp.Size))
		got, err := note.Open(msg, note.VerifierList(v))
		if err != nil || len(got.Sigs) != 1 {
			t.Fatalf("at %d: %v\n%s", n, err, msg)
		}
		if _, err := proof.ParseCheckpoint(msg, l.vkey); err != nil {
			t.Fatal(err)
		}
		states, witnessed, _ := c.States()
		if witnessed != uint64(n) || states[0].Size != uint64(n) || states[0].At.Unix() != 1_700_000_000 || states[0].Err != nil {
			t.Fatalf("%+v, %d", states, witnessed)
		}
		if _, due := c.Wait(uint64(n)); due {
			t.Error("a checkpoint that all cosigned is due")
		}
		if wait, due := c.Wait(uint64(n) + 1); !due || wait > 0 {
			t.Error("a later checkpoint is not due")
		}
	}
}

// The codes of add-checkpoint, as the specification orders them.
func TestHandlerAnswers(t *testing.T) {
	l, other := newTree(t, "log.example"), newTree(t, "other.example")
	impostor := newTree(t, "log.example")
	w, dir := serve(t, l.vkey)
	ten := l.grow(t, 10, "entry")
	twenty := l.grow(t, 20, "entry")
	post := func(r Request) (int, string, string) {
		t.Helper()
		res, err := http.Post(w.URL+"add-checkpoint", "", bytes.NewReader(r.Marshal()))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // read below
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(body)
	}
	p, err := tlog.ProveTree(20, 10, l)
	if err != nil {
		t.Fatal(err)
	}
	fork := newTree(t, "log.example")
	fork.signer, fork.vkey = l.signer, l.vkey
	forkedTen := fork.grow(t, 10, "another")
	for _, c := range []struct {
		name   string
		r      Request
		status int
		body   string
	}{
		{"unknown log", Request{Checkpoint: other.grow(t, 1, "x").Note}, 404, ""},
		{"unknown key", Request{Checkpoint: impostor.grow(t, 1, "x").Note}, 403, ""},
		{"proof from nothing", Request{Checkpoint: ten.Note, Proof: p}, 422, ""},
		{"first", Request{Checkpoint: ten.Note}, 200, ""},
		{"again without old", Request{Checkpoint: ten.Note}, 409, "10\n"},
		{"again", Request{Old: 10, Checkpoint: ten.Note}, 200, ""},
		{"other root, same size", Request{Old: 10, Checkpoint: forkedTen.Note}, 409, "10\n"},
		{"larger than itself", Request{Old: 30, Checkpoint: twenty.Note}, 400, ""},
		{"wrong old", Request{Old: 9, Checkpoint: twenty.Note, Proof: p}, 409, "10\n"},
		{"no proof", Request{Old: 10, Checkpoint: twenty.Note}, 422, ""},
		{"fork", Request{Old: 10, Checkpoint: fork.grow(t, 20, "another").Note, Proof: p}, 422, ""},
		{"extended", Request{Old: 10, Checkpoint: twenty.Note, Proof: p}, 200, ""},
		{"back", Request{Old: 10, Checkpoint: ten.Note}, 409, "20\n"},
	} {
		status, kind, body := post(c.r)
		if status != c.status || c.body != "" && (body != c.body || kind != "text/x.tlog.size") || status == 200 && !strings.HasPrefix(body, "— witness.example/w1 ") {
			t.Errorf("%s: %d %q %q", c.name, status, kind, body)
		}
	}
	for name, body := range map[string]string{"nothing": "", "no old": "\n\nx", "leading zero": "old 00\n\n" + string(ten.Note), "no hash": "old 0\nabc\n\n" + string(ten.Note)} {
		res, err := http.Post(w.URL+"add-checkpoint", "", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, res.StatusCode, err)
		}
	}
	// A memory that does not verify is no empty memory.
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if err := os.WriteFile(dir+"/"+files[0].Name(), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := post(Request{Checkpoint: ten.Note}); status != http.StatusInternalServerError {
		t.Errorf("with a damaged memory: %d", status)
	}
}

func TestPolicyIsChecked(t *testing.T) {
	_, vkey, err := GenerateKey(rand.Reader, "w.example")
	if err != nil {
		t.Fatal(err)
	}
	log := newTree(t, "log.example")
	good := Witness{VKey: vkey, URL: "https://w.example"}
	if c, err := New(Policy{}); c != nil || err != nil {
		t.Errorf("nobody: %v %v", c, err)
	}
	if _, err := New(Policy{Witnesses: []Witness{good}, Quorum: 1}); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]Policy{
		"key of a log":    {Witnesses: []Witness{{VKey: log.vkey, URL: good.URL}}},
		"changed key":     {Witnesses: []Witness{{VKey: strings.Replace(vkey, "w.example", "v.example", 1), URL: good.URL}}},
		"no address":      {Witnesses: []Witness{{VKey: vkey, URL: "w.example"}}},
		"twice":           {Witnesses: []Witness{good, good}},
		"quorum too high": {Witnesses: []Witness{good}, Quorum: 2},
		"quorum of none":  {Quorum: 1},
		"negative quorum": {Witnesses: []Witness{good}, Quorum: -1},
	} {
		if _, err := New(p); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An answer that never ends, and one that is no answer, are errors in time.
func TestHostileAnswers(t *testing.T) {
	l := newTree(t, "log.example")
	cp := l.grow(t, 5, "entry")
	_, vkey, err := GenerateKey(rand.Reader, "w.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"endless":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("— "), 1<<20)) },
		"empty":          func(http.ResponseWriter, *http.Request) {},
		"growing sizes":  func(w http.ResponseWriter, r *http.Request) { conflict(w, r) },
		"size of nobody": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) },
		"an error":       func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
	} {
		srv := httptest.NewServer(h)
		c := circle(t, Witness{VKey: vkey, URL: srv.URL})
		msg := c.Cosign(context.Background(), cp, l.prove(cp.Size))
		states, witnessed, _ := c.States()
		if !bytes.Equal(msg, cp.Note) || states[0].Err == nil || witnessed != 0 {
			t.Errorf("%s: %+v", name, states)
		}
		srv.Close()
	}
}

// conflict names, whatever is asked, the size after it.
func conflict(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	req, err := ParseRequest(body)
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "text/x.tlog.size")
	w.WriteHeader(http.StatusConflict)
	_, _ = fmt.Fprintf(w, "%d\n", (req.Old+1)%5)
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("old 0\n\nlog.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
	f.Add(Request{Old: 7, Proof: tlog.TreeProof{{1}, {2}}, Checkpoint: []byte("x\n")}.Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRequest(b)
		if err == nil && !bytes.Equal(r.Marshal(), b) {
			t.Fatalf("%q is read as %q", b, r.Marshal())
		}
	})
}
