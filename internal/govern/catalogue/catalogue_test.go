package catalogue_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var shipped = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// house is the room over a real database and a real vault.
type house struct {
	*catalogue.Room
	t     *testing.T
	ctx   context.Context
	db    *store.DB
	vault *vault.Vault
	cited []string // ids on which something rests
}

func open(t *testing.T) *house {
	t.Helper()
	lib, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	h := &house{Room: catalogue.New(lib, now, nil), t: t}
	h.ctx = store.WithActor(context.Background(), store.Actor{ID: "usr_1", Kind: "person", Roles: []string{"ai_officer"}})
	dir := t.TempDir()
	if h.db, err = store.Open(h.ctx, store.Options{Path: dir + "/org.db", Kinds: h.Kinds(), Access: store.AllowAll, Now: now}); err != nil {
		t.Fatal(err)
	}
	if h.vault, err = vault.Open(vault.Options{Dir: dir + "/vault", MasterKey: make([]byte, 32), Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
		if err := h.vault.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Open(h.db, h.vault, func(_ context.Context, _ store.Reader, ids []string) ([]string, error) {
		var by []string
		for _, id := range ids {
			if slices.Contains(h.cited, id) {
				by = append(by, "Nachweis zu "+id)
			}
		}
		return by, nil
	})
	return h
}

// pack is a small own standard; related is what its clause cites.
func pack(id, version, clauses string) catalogue.Draft {
	var b strings.Builder
	b.WriteString("id: " + id + "\nkind: standard\nversion: " + version + "\nas_of: 2026-11-01\ntitle: {de: Hausnorm, en: House standard}\ngroups:\n" +
		"  - id: all\n    title: {de: Alles, en: All}\n    items:\n")
	n := 0
	for _, c := range strings.Fields(clauses) {
		name, related, _ := strings.Cut(c, "→")
		b.WriteString("      - id: " + id + "." + name + "\n        ref: Nr. " + name + "\n        title: {de: Eins, en: One}\n")
		if related != "" {
			b.WriteString("        related: [" + related + "]\n")
		}
		n++
	}
	data := []byte(b.String())
	return catalogue.Draft{Name: text.Bi{DE: "Hausnorm", EN: "House standard"}, Format: catalogue.Pack, URN: id, Version: version, Source: id + ".yaml",
		Original: data, Packs: []catalogue.Draftpack{{ID: id, Kind: packs.Standard, Items: n, YAML: data}}}
}

func (h *house) add(d catalogue.Draft) store.Object[catalogue.OwnPack] {
	h.t.Helper()
	o, err := h.Add(h.ctx, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

func (h *house) has(clause string) bool {
	h.t.Helper()
	lib, err := h.Library(h.ctx, h.db)
	if err != nil {
		h.t.Fatal(err)
	}
	_, ok := lib.Clause(clause)
	return ok
}

// A pack that was kept stands in the library with the shipped ones, and its file
// can be taken away as it was given (001-05).
func TestAKeptPackStandsInTheLibrary(t *testing.T) {
	h := open(t)
	d := pack("own-haus", "1", "a→iso42001.A.6.2.8 b")
	if err := h.Check(h.ctx, d); err != nil {
		t.Fatal(err)
	}
	if h.has("own-haus.a") {
		t.Fatal("a check keeps nothing")
	}
	o := h.add(d)
	if !h.has("own-haus.a") || !h.has("iso42001.A.6.2.8") {
		t.Error("own and shipped clauses stand side by side")
	}
	if raw, err := h.File(h.ctx, o.Doc); err != nil || !bytes.Equal(raw, d.Original) {
		t.Errorf("the file: %v", err)
	}
	if o.Doc.Hash != catalogue.Hash(d.Original) || o.Title != "Hausnorm" || o.CreatedBy != "usr_1" || o.Doc.Items() != 2 {
		t.Errorf("%+v", o)
	}
	if name, raw, err := h.Original(h.ctx, "own-haus"); err != nil || name != "own-haus.yaml" || len(raw) == 0 {
		t.Errorf("by URN: %q %v", name, err)
	}
	if _, _, err := h.Original(h.ctx, "own-nichts"); !problem.Is(err, problem.NotFound) {
		t.Errorf("unknown URN: %v", err)
	}
}

// A file with several packs is kept whole or not at all, and a refusal leaves
// nothing behind: neither object nor text.
func TestNothingIsHalfImported(t *testing.T) {
	h := open(t)
	good, bad := pack("own-gut", "1", "a"), pack("own-schlecht", "1", "a→own-nirgends.1")
	both := good
	both.Packs = append(slices.Clone(good.Packs), bad.Packs...)
	_, err := h.Add(h.ctx, both)
	p := problem.From(err)
	if p.Kind != problem.BadInput || len(p.Fields) != 1 || !strings.HasPrefix(p.Fields[0].Path, "own-schlecht.yaml:") {
		t.Fatalf("%v", err)
	}
	all, err := h.List(h.ctx, h.db)
	if err != nil || len(all) != 0 || h.has("own-gut.a") {
		t.Errorf("something was kept: %v %v", all, err)
	}
	for name, d := range map[string]catalogue.Draft{
		"nothing in it":  {Name: good.Name, Source: "x", Original: []byte("x")},
		"foreign prefix": pack("haus", "1", "a"),
		"collides with shipped": func() catalogue.Draft {
			d := pack("own-haus", "1", "a")
			d.Packs[0].YAML = bytes.ReplaceAll(d.Packs[0].YAML, []byte("own-haus.a"), []byte("iso42001.4.1"))
			return d
		}(),
		"ids without prefix": func() catalogue.Draft {
			d := pack("own-haus", "1", "a")
			d.Packs[0].YAML = bytes.ReplaceAll(d.Packs[0].YAML, []byte("own-haus.a"), []byte("haus.a"))
			return d
		}(),
	} {
		if _, err := h.Add(h.ctx, d); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A higher version takes the place of the former one; the same file and a lower
// version do not.
func TestAHigherVersionReplaces(t *testing.T) {
	h := open(t)
	first := h.add(pack("own-haus", "9", "a b"))
	if _, err := h.Add(h.ctx, pack("own-haus", "9", "a b")); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "imported already") {
		t.Errorf("the same file: %v", err)
	}
	if _, err := h.Add(h.ctx, pack("own-haus", "8", "a")); !problem.Is(err, problem.Conflict) {
		t.Errorf("a lower version: %v", err)
	}
	h.cited = []string{"own-haus.b"}
	if _, err := h.Add(h.ctx, pack("own-haus", "10", "a c")); !problem.Is(err, problem.Conflict) || !strings.Contains(problem.From(err).Hint.DE, "Nachweis zu own-haus.b") {
		t.Errorf("what is cited is missing: %v", err)
	}
	h.cited = nil
	second := h.add(pack("own-haus", "10", "a c"))
	if second.ID != first.ID || second.Revision != first.Revision+1 || h.has("own-haus.b") || !h.has("own-haus.c") {
		t.Errorf("after the new version: %+v", second)
	}
}

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		a, b string
		is   bool
	}{
		{"2", "1", true}, {"10", "9", true}, {"1", "1", false}, {"1", "2", false}, {"1.2", "1.1.9", true}, {"1.0", "1", true}, {"1", "1.0", false},
		{"01", "1", false}, {"1", "01", false}, {"b", "a", true}, {"", "1", false}, {"1", "", true},
	} {
		if catalogue.Newer(c.a, c.b) != c.is {
			t.Errorf("%q newer than %q: want %t", c.a, c.b, c.is)
		}
	}
}

// A pack on which something rests cannot be ended; one that ends takes its texts
// along.
func TestEnd(t *testing.T) {
	h := open(t)
	base := h.add(pack("own-unten", "1", "a"))
	upper := h.add(pack("own-oben", "1", "a→own-unten.a"))
	if err := h.End(h.ctx, base.ID, base.Revision); !problem.Is(err, problem.Conflict) {
		t.Errorf("another pack rests on it: %v", err)
	}
	h.cited = []string{"own-oben.a"}
	if err := h.End(h.ctx, upper.ID, upper.Revision); !problem.Is(err, problem.Conflict) || !strings.Contains(problem.From(err).Hint.EN, "own-oben.a") {
		t.Errorf("evidence rests on it: %v", err)
	}
	h.cited = nil
	if err := h.End(h.ctx, upper.ID, upper.Revision+1); !problem.Is(err, problem.Conflict) {
		t.Errorf("another revision: %v", err)
	}
	if err := h.End(h.ctx, upper.ID, upper.Revision); err != nil {
		t.Fatal(err)
	}
	if h.has("own-oben.a") || !h.has("own-unten.a") {
		t.Error("the wrong one ended")
	}
	if _, err := h.File(h.ctx, upper.Doc); !problem.Is(err, problem.NotFound) {
		t.Errorf("its text is still there: %v", err)
	}
	if err := h.End(h.ctx, upper.ID, upper.Revision); !problem.Is(err, problem.NotFound) {
		t.Errorf("again: %v", err)
	}
	if err := h.End(h.ctx, base.ID, base.Revision); err != nil {
		t.Error(err)
	}
}

// Imports at the same time do not spoil each other: each is checked against what
// stands when it is kept.
func TestImportsAtTheSameTime(t *testing.T) {
	h := open(t)
	ids := []string{"own-a", "own-b", "own-c", "own-d"}
	var wg sync.WaitGroup
	errs := make([]error, 2*len(ids))
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.Add(h.ctx, pack(ids[i%len(ids)], "1", "a")) })
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else if !problem.Is(err, problem.Conflict) && !problem.Is(err, problem.BadInput) {
			t.Error(err)
		}
	}
	all, err := h.List(h.ctx, h.db)
	if err != nil || len(all) != kept || kept > len(ids) || kept == 0 {
		t.Fatalf("%d kept, %d stand: %v", kept, len(all), err)
	}
	if _, err := h.Library(h.ctx, h.db); err != nil {
		t.Errorf("the library does not load any more: %v", err)
	}
}

// The packs are parsed once for a check, the import after it and everybody who
// reads the library then.
func TestALibraryIsMadeOnce(t *testing.T) {
	h := open(t)
	d := pack("own-haus", "1", "a")
	if err := h.Check(h.ctx, d); err != nil {
		t.Fatal(err)
	}
	h.add(d)
	first, err := h.Library(h.ctx, h.db)
	if err != nil {
		t.Fatal(err)
	}
	h.add(pack("own-garten", "1", "a"))
	second, err := h.Library(h.ctx, h.db)
	if err != nil || second == first {
		t.Fatalf("the library did not grow: %v", err)
	}
	if again, err := h.Library(h.ctx, h.db); err != nil || again != second {
		t.Errorf("it was made again: %v", err)
	}
	if _, ok := first.Clause("own-garten.a"); ok {
		t.Error("a library that somebody holds has changed")
	}
}

// A stored text that is not the one that was kept is Corrupt, and no library is
// made of it.
func TestAChangedTextIsCorrupt(t *testing.T) {
	h := open(t)
	o := h.add(pack("own-haus", "1", "a"))
	other, err := h.vault.Put(h.ctx, "x", []byte("id: own-haus\n"))
	if err != nil {
		t.Fatal(err)
	}
	doc := o.Doc
	doc.Parts = slices.Clone(doc.Parts)
	doc.Parts[0].Text = other.ID
	err = h.db.Write(h.ctx, func(tx *store.Tx) error {
		_, err := h.Own.Update(h.ctx, tx, o.ID, o.Revision, doc)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	lib, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	later := catalogue.New(lib, time.Now, nil) // after a start, when nothing is remembered
	later.Open(h.db, h.vault, nil)
	if _, err := later.Library(h.ctx, h.db); !problem.Is(err, problem.Corrupt) {
		t.Errorf("%v", err)
	}
}

func TestFilesAreATree(t *testing.T) {
	f := catalogue.Files{"b.yaml": []byte("bb"), "a.yaml": []byte("a")}
	var seen []string
	err := fs.WalkDir(f, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(f, name)
		info, infoErr := d.Info()
		if infoErr != nil || info.Size() != int64(len(data)) || !info.Mode().IsRegular() {
			t.Errorf("%s: %+v %v", name, info, infoErr)
		}
		seen = append(seen, name+"="+string(data))
		return err
	})
	if err != nil || !slices.Equal(seen, []string{"a.yaml=a", "b.yaml=bb"}) {
		t.Errorf("%v %v", seen, err)
	}
	if _, err := f.Open("c.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	o, err := f.Open("b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(o); err != nil || string(data) != "bb" {
		t.Errorf("%q %v", data, err)
	}
}
