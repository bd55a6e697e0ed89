package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/witness"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve"
	"augenmass/knowledge"
)

// TestTesseraFollowsOverHTTP: Tessera's HTTP client, with nothing but the
// address, the key and a bearer token, follows an organisation's journal and
// runs its whole fsck over it.
func TestTesseraFollowsOverHTTP(t *testing.T) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := serve.New(serve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := org.Open(t.Context(), org.Options{Dir: t.TempDir(), Slug: "nord", Name: "Werk Nord", Library: lib,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	srv.Mount(g)
	web := httptest.NewServer(srv)
	t.Cleanup(web.Close)

	ctx := store.WithActor(context.Background(), approve.House)
	var workload string
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := identity.Workloads().Create(ctx, tx, identity.Workload{Name: "Monitor", Zone: "buero", Active: true})
		workload = o.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.Identity.CreateToken(ctx, identity.Token{Name: "Monitor", Workload: workload, Scopes: []string{identity.ScopeJournal}})
	if err != nil {
		t.Fatal(err)
	}
	root, err := url.Parse(web.URL + "/nord/journal/")
	if err != nil {
		t.Fatal(err)
	}
	src, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(g.Journal.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.ReadCheckpoint(ctx); err == nil {
		t.Fatal("the checkpoint is public")
	}
	src.SetAuthorizationHeader("Bearer " + token)
	var tracker *client.LogStateTracker
	for _, n := range []int{300, 1500} {
		for i := int(g.Journal.Size()); i < n; i++ {
			if _, err := g.Journal.Append(ctx, fmt.Appendf(nil, `{"n":%d}`, i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := g.Journal.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		if tracker == nil {
			tracker, err = client.NewLogStateTracker(ctx, src.ReadTile, nil, v, g.Journal.Origin(), client.UnilateralConsensus(src.ReadCheckpoint))
		} else {
			_, _, _, err = tracker.Update(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := fsck.New(g.Journal.Origin(), v, src, leafHashes, fsck.Opts{N: fsckWorkers}).Check(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestTesseraAcceptsKeysAndWitnesses: after a change of key, after a succession
// and with cosignatures, foreign code still accepts the folder, and reads the
// cosignature as the standard has it.
func TestTesseraAcceptsKeysAndWitnesses(t *testing.T) {
	dir := t.TempDir()
	skey, wkey, err := witness.GenerateKey(rand.Reader, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := witness.NewSigner(skey, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := ledger.Options{Dir: dir, Origin: origin, PublishEvery: -1}
	first, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	vkey := first.VerifierKey()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := witness.NewHandler(witness.HandlerOptions{Dir: t.TempDir(), Signer: signer, Logs: []string{vkey}})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	o.Witnesses = witness.Policy{Witnesses: []witness.Witness{{VKey: wkey, URL: web.URL}}, Timeout: 10 * time.Second}
	j, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	fsckOf := func(j *ledger.Journal) {
		t.Helper()
		v, err := note.NewVerifier(j.VerifierKey())
		if err != nil {
			t.Fatal(err)
		}
		if err := fsck.New(j.Origin(), v, client.FileFetcher{Root: dir + "/log"}, leafHashes, fsck.Opts{N: fsckWorkers}).Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	appendTo(t, j, 300)
	msg, err := j.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := fnote.NewVerifierForCosignatureV1(wkey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(msg, note.VerifierList(cosigner)); err != nil {
		t.Fatalf("the cosignature: %v\n%s", err, msg)
	}
	fsckOf(j)
	if err := j.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fsckOf(j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o.Witnesses = witness.Policy{}
	s, err := ledger.Succeed(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	fsckOf(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
