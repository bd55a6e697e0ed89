package org_test

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/witness"
)

// What is trouble, and in which order; a silent witness is none.
func TestTroublesOfTheRecord(t *testing.T) {
	now := time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)
	bad := errors.New("bad")
	fine := org.RecordState{At: now, Leads: true, Status: ledger.Status{Size: 9, Published: 9, PublishedAt: now.Add(-time.Hour)}}
	with := func(change func(*org.RecordState)) org.RecordState { s := fine; change(&s); return s }
	for name, c := range map[string]struct {
		s    org.RecordState
		want []org.Trouble
	}{
		"in order":         {fine, nil},
		"a silent witness": {with(func(s *org.RecordState) { s.Witnesses = []witness.State{{Err: bad}} }), nil},
		"publishing failed once": {with(func(s *org.RecordState) {
			s.PublishErr, s.PublishedAt = bad, now.Add(-time.Second)
		}), nil},
		"another node publishes": {with(func(s *org.RecordState) { s.PublishErr, s.Leads = bad, false }), nil},
		"publishing fails":       {with(func(s *org.RecordState) { s.PublishErr = bad }), []org.Trouble{org.Unsigned}},
		"all": {with(func(s *org.RecordState) {
			s.PublishErr, s.Failed, s.Unheard = bad, bad, true
			s.Witnesses = []witness.State{{Err: bad, Ahead: 10}, {Err: bad, Forked: true}}
		}), []org.Trouble{org.Refused, org.Unheard, org.Forked, org.Ahead, org.Unsigned}},
	} {
		if got := c.s.Troubles(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A folder tells of its witnesses, and of every name its journal had; one that
// was put back from an old copy hears so from its witness.
func TestRecordStateOfAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "werk")
	w := newWorksIn(t, dir, "werk")
	s := w.g.RecordState(w.as(""))
	if len(s.Names) != 1 || s.Names[0].Origin() != "augenmass/werk" || s.Names[0].At.IsZero() || !s.Leads || s.Unheard || s.Schema != "" || s.Size == 0 || len(s.Witnesses) != 0 {
		t.Errorf("%+v", s)
	}
	_, err := w.g.Journal.Publish(w.as(""))
	w.must(err)
	server, line := witnessOf(t, w.g.Journal.VerifierKey())
	defer server.Close()
	w.must(w.g.Close()) // what is copied while it is written is no copy
	old := filepath.Join(t.TempDir(), "werk")
	w.must(os.CopyFS(old, os.DirFS(dir)))

	cosigned := func(at string) org.RecordState {
		t.Helper()
		w.must(os.WriteFile(filepath.Join(at, "journal", "witnesses"), []byte(line), 0o600))
		g := w.opened(at, "werk")
		defer func() { w.must(g.Close()) }()
		eventually(t, "the witness answers", func() bool {
			s := g.RecordState(w.as("")).Witnesses[0]
			return s.Size > 0 || s.Err != nil
		})
		return g.RecordState(w.as(""))
	}
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "augenmass/werk", KeyFile: filepath.Join(dir, "keys", "journal.key")})
	w.must(err)
	e, err := ledger.NewEvent("x", "/x", "x", "x", w.clock.now(), "x")
	w.must(err)
	for range 40 {
		_, err = j.AppendEvent(w.as(""), e)
		w.must(err)
	}
	w.must(j.Close())
	if s := cosigned(dir); len(s.Troubles()) != 0 || s.Witnesses[0].Err != nil || s.Witnessed == 0 {
		t.Errorf("%v %+v", s.Troubles(), s.Witnesses)
	}
	if s := cosigned(old); !slices.Equal(s.Troubles(), []org.Trouble{org.Ahead}) || s.Witnesses[0].Ahead <= s.Size {
		t.Errorf("%v %+v of %d", s.Troubles(), s.Witnesses, s.Size)
	}
}

// witnessOf is the server of one witness for a journal, and its line of policy.
func witnessOf(t *testing.T, journal string) (server *httptest.Server, policy string) {
	t.Helper()
	skey, vkey, err := witness.GenerateKey(rand.Reader, "nord.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := witness.NewSigner(skey, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := witness.NewHandler(witness.HandlerOptions{Dir: t.TempDir(), Signer: signer, Logs: []string{journal}})
	if err != nil {
		t.Fatal(err)
	}
	server = httptest.NewServer(h)
	return server, "witness nord " + vkey + " " + server.URL + "\nquorum nord\n"
}
