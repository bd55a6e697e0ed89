package org_test

import (
	"crypto/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/witness"
)

// A node on PostgreSQL asks the witnesses that its own folder names.
func TestANodeAsksWitnesses(t *testing.T) {
	w, slug := newNodes(t)
	vkey := w.g.Journal.VerifierKey()
	w.must(w.g.Close())

	skey, public, err := witness.GenerateKey(rand.Reader, "witness.example/w1")
	w.must(err)
	signer, err := witness.NewSigner(skey, time.Now)
	w.must(err)
	h, err := witness.NewHandler(witness.HandlerOptions{Dir: t.TempDir(), Signer: signer, Logs: []string{vkey}})
	w.must(err)
	server := httptest.NewServer(h)
	defer server.Close()
	dir := filepath.Join(w.dir, "journal")
	w.must(os.MkdirAll(dir, 0o700))
	policy := func(text string) { w.must(os.WriteFile(filepath.Join(dir, "witnesses"), []byte(text), 0o600)) }

	policy("witness w1 nothing\n")
	if _, err := org.Open(w.as(""), w.options(w.dir, slug)); !problem.Is(err, problem.BadInput) {
		t.Errorf("an unreadable policy: %v", err)
	}
	policy("witness w1 " + public + " " + server.URL + "\nquorum w1\n")
	w.g = w.open(w.dir, slug)
	v, err := witness.NewVerifier(public)
	w.must(err)
	eventually(t, "a checkpoint is cosigned", func() bool {
		msg, _ := w.g.Journal.Checkpoint()
		_, err := note.Open(msg, note.VerifierList(v))
		return err == nil
	})
	if s := w.g.Journal.Status(); s.Witnessed == 0 || len(s.Witnesses) != 1 {
		t.Errorf("status %+v", s)
	}
}
