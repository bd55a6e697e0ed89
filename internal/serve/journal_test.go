package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/org"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
)

// asks is a client of one organisation's journal with a token.
type asks struct {
	t          *testing.T
	base, with string
}

func (a asks) get(path string, header ...string) (*http.Response, []byte) {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodGet, a.base+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.with != "" {
		req.Header.Set("Authorization", "Bearer "+a.with)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res, raw
}

// token makes a program with a token of these scopes.
func token(t *testing.T, g *org.Org, name string, scopes ...string) string {
	t.Helper()
	ctx := store.WithActor(context.Background(), approve.House)
	var workload string
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := identity.Workloads().Create(ctx, tx, identity.Workload{Name: name, Zone: "buero", Active: true})
		workload = o.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	secret, _, err := g.Identity.CreateToken(ctx, identity.Token{Name: name, Workload: workload, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// journalOf fills a journal up to n entries and publishes.
func journalOf(t *testing.T, g *org.Org, n int) {
	t.Helper()
	var more [][]byte
	for i := int(g.Journal.Size()); i < n; i++ {
		more = append(more, fmt.Appendf(nil, `{"n":%d}`, i))
	}
	if _, err := g.Journal.AppendAll(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Journal.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hashes reads the tree over HTTP as golang.org/x/mod/sumdb/tlog does it, with
// the paths of tlog-tiles.
type hashes struct{ asks }

func (h hashes) Height() int { return proof.Height }

func (h hashes) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		res, raw := h.get("/tile/" + proof.TilePath(tile.L, uint64(tile.N), tile.W)[len("tile/"):])
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %d", tile.Path(), res.StatusCode)
		}
		out = append(out, raw)
	}
	return out, nil
}

func (h hashes) SaveTiles([]tlog.Tile, [][]byte) {}

// A client that knows the key and nothing of this program follows the journal:
// checkpoint, consistency with what it saw before, every entry's inclusion.
func TestAForeignClientFollowsTheJournal(t *testing.T) {
	s, orgs := served(t)
	g := orgs["nord"]
	c := asks{t, s.URL + "/nord/journal", token(t, g, "Monitor", identity.ScopeJournal)}
	v, err := note.NewVerifier(g.Journal.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	var before tlog.Tree
	for _, n := range []int{300, 700} {
		journalOf(t, g, n)
		_, msg := c.get("/checkpoint")
		signed, err := note.Open(msg, note.VerifierList(v))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + signed.Text[len(v.Name())+1:]))
		if err != nil || tree.N < int64(n) {
			t.Fatalf("%+v %v", tree, err)
		}
		r := tlog.TileHashReader(tree, hashes{c})
		if before.N > 0 {
			p, err := tlog.ProveTree(tree.N, before.N, r)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(p, tree.N, tree.Hash, before.N, before.Hash); err != nil {
				t.Error(err)
			}
		}
		for i := int64(0); i < tree.N; i += 97 {
			width := int(min(256, tree.N-i/256*256))
			_, bundle := c.get("/" + proof.EntriesPath(uint64(i/256), width))
			entries, err := proof.ParseBundle(bundle, width)
			if err != nil {
				t.Fatal(err)
			}
			p, err := tlog.ProveRecord(tree.N, i, r)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(p, tree.N, tree.Hash, i, tlog.RecordHash(entries[i%256])); err != nil {
				t.Errorf("entry %d: %v", i, err)
			}
		}
		before = tree
	}
	_, keys := c.get("/keys")
	if got, err := proof.ParseKeys(keys); err != nil || got[0].VKey != g.Journal.VerifierKey() {
		t.Errorf("%s %v", keys, err)
	}
}

// Nothing is public, and a token of one organisation is nothing to another.
func TestWhoReadsTheJournal(t *testing.T) {
	s, orgs := served(t)
	nord := orgs["nord"]
	journalOf(t, nord, 300)
	good := token(t, nord, "Zeuge", identity.ScopeJournal)
	ctx := store.WithActor(context.Background(), approve.House)
	person := func(role roles.Role, scopes ...string) string {
		t.Helper()
		o, err := nord.Identity.AddPerson(ctx, identity.Person{SignIn: string(role), Name: string(role), Roles: []roles.Role{role}, Active: true}, "ein langes Kennwort 7", false)
		if err != nil {
			t.Fatal(err)
		}
		secret, _, err := nord.Identity.CreateToken(ctx, identity.Token{Name: string(role), Person: o.ID, Scopes: scopes})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	for name, c := range map[string]struct {
		org, token string
		want       int
	}{
		"nobody":                              {"nord", "", 401},
		"nonsense":                            {"nord", "agm_nonsense", 401},
		"a program with the scope":            {"nord", good, 200},
		"the same in another organisation":    {"sued", good, 401},
		"a program with another scope":        {"nord", token(t, nord, "Linie", identity.ScopeEvaluate), 403},
		"an auditor":                          {"nord", person(roles.Auditor, identity.ScopeRead), 200},
		"the works council, not for its role": {"nord", person(roles.Council, identity.ScopeRead), 403},
		"a worker's token with the scope":     {"nord", person(roles.Worker, identity.ScopeJournal), 403},
	} {
		for _, path := range []string{"/checkpoint", "/tile/0/000", "/tile/entries/000", "/keys"} {
			res, body := asks{t, s.URL + "/" + c.org + "/journal", c.token}.get(path)
			if res.StatusCode != c.want {
				t.Errorf("%s: %s: %d, want %d: %.200s", name, path, res.StatusCode, c.want, body)
			}
			if c.want != 200 && res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: a refusal may be kept: %q", name, res.Header.Get("Cache-Control"))
			}
		}
	}
	res, err := http.Post(s.URL+"/nord/journal/checkpoint", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d %v", res.StatusCode, err)
	}
}

// Full tiles never change, the checkpoint is never kept, bundles come small to
// who accepts gzip, and there is one spelling of every path.
func TestHowTheJournalIsServed(t *testing.T) {
	s, orgs := served(t)
	journalOf(t, orgs["nord"], 300)
	c := asks{t, s.URL + "/nord/journal", token(t, orgs["nord"], "Kopie", identity.ScopeJournal)}
	for path, want := range map[string]string{"/checkpoint": "no-store", "/tile/0/000": "private, max-age=31536000, immutable", "/tile/entries/000": "private, max-age=31536000, immutable"} {
		if res, _ := c.get(path); res.StatusCode != 200 || res.Header.Get("Cache-Control") != want {
			t.Errorf("%s: %d %q", path, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	plain, whole := c.get("/tile/entries/000", "Accept-Encoding", "identity")
	packed, small := c.get("/tile/entries/000", "Accept-Encoding", "br, gzip;q=0.5")
	_, never := c.get("/tile/entries/000", "Accept-Encoding", "gzip;q=0")
	z, err := gzip.NewReader(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(unpacked, whole) || !bytes.Equal(never, whole) || packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("gzip: %v, %d bytes of %d", err, len(small), len(whole))
	}
	for _, path := range []string{"/", "/tile/0/0", "/tile/00/000", "/tile/64/000", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/000.p/01", "/tile/0/999", "/tile/7/000",
		"/tile/0/x000/000.p/1", "/signing.key", "/lock", "/tile/entries/000/", "/tile//000", "/wal/0000000000000001.wal", "/..%2fsigning.key", "/tile/0/%2e%2e/%2e%2e/%2e%2e/signing.key"} {
		if res, body := c.get(path); res.StatusCode != http.StatusNotFound || bytes.Contains(body, []byte("PRIVATE")) {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}
