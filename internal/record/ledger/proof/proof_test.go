package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

const origin = "example.com/works"

func content(i int) []byte {
	return fmt.Appendf(nil, `{"n":%d,"pad":"%s"}`, i, strings.Repeat("x", i%90))
}

// tree is an oracle: the stored hashes of x/mod.
type tree []tlog.Hash

func (h tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = h[x]
	}
	return out, nil
}

func (h *tree) add(n int, entry []byte) {
	more, err := tlog.StoredHashes(int64(n), entry, *h)
	if err != nil {
		panic(err)
	}
	*h = append(*h, more...)
}

func grown(n int) tree {
	var h tree
	for i := range n {
		h.add(i, content(i))
	}
	return h
}

func (h tree) root(n int) tlog.Hash {
	root, err := tlog.TreeHash(int64(n), h)
	if err != nil {
		panic(err)
	}
	return root
}

// published is a log of n entries as an auditor finds it.
func published(t testing.TB, n int) (files fstest.MapFS, vkey string, h tree) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	files = fstest.MapFS{}
	h = grown(n)
	var e Edge
	for i := range n {
		put := func(level int, tile uint64, data []byte) error {
			files[TilePath(level, tile, Width)] = &fstest.MapFile{Data: data}
			return nil
		}
		if err := e.Add(tlog.RecordHash(content(i)), put); err != nil {
			t.Fatal(err)
		}
	}
	err = e.Partials(func(level int, tile uint64, width int, data []byte) error {
		files[TilePath(level, tile, width)] = &fstest.MapFile{Data: data}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i += Width {
		var data []byte
		for k := i; k < min(n, i+Width); k++ {
			data = AppendBundled(data, content(k))
		}
		files[EntriesPath(uint64(i/Width), min(Width, n-i))] = &fstest.MapFile{Data: data}
	}
	msg, err := note.Sign(&note.Note{Text: Text(origin, uint64(n), h.root(n))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	files[CheckpointFile] = &fstest.MapFile{Data: msg}
	return files, vkey, h
}

func checkpoint(t testing.TB, files fstest.MapFS, vkey string) Checkpoint {
	t.Helper()
	cp, err := ParseCheckpoint(files[CheckpointFile].Data, vkey)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func TestRangeIsTheTree(t *testing.T) {
	h := grown(600)
	var r Range
	if r.Root() != EmptyRoot || EmptyRoot != h.root(0) {
		t.Fatal("root of the empty tree")
	}
	for i := range 600 {
		r.Append(tlog.RecordHash(content(i)))
		if r.Size() != uint64(i+1) || r.Root() != h.root(i+1) {
			t.Fatalf("size %d", i+1)
		}
		again, err := NewRange(uint64(i+1), h)
		if err != nil || again.Root() != r.Root() {
			t.Fatalf("size %d read back: %v", i+1, err)
		}
		again.Append(tlog.Hash{})
		if c := r.Clone(); c.Root() != r.Root() {
			t.Fatal("clone")
		}
	}
	size, root, err := Stream(func(yield func([]byte, error) bool) {
		for i := range 600 {
			if !yield(content(i), nil) {
				return
			}
		}
	})
	if err != nil || size != 600 || root != h.root(600) {
		t.Fatalf("stream: %d %v %v", size, root, err)
	}
	broken := errors.New("broken")
	var failing iter.Seq2[[]byte, error] = func(yield func([]byte, error) bool) { yield(nil, broken) }
	if _, _, err := Stream(failing); !errors.Is(err, broken) {
		t.Fatalf("stream hides its error: %v", err)
	}
}

// TestEdgeWritesTheTilesOfTheSpecification compares with x/mod for sizes around
// the places where tiles begin and end.
func TestEdgeWritesTheTilesOfTheSpecification(t *testing.T) {
	h := grown(66_000)
	var e Edge
	for n := 1; n <= 66_000; n++ {
		err := e.Add(tlog.RecordHash(content(n-1)), func(level int, tile uint64, data []byte) error {
			want, err := tlog.ReadTileData(tlog.Tile{H: Height, L: level, N: int64(tile), W: Width}, h)
			if err != nil || !bytes.Equal(want, data) {
				return fmt.Errorf("tile %d/%d at size %d: %v", level, tile, n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		switch n {
		case 1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793, 66_000:
		default:
			continue
		}
		again, err := NewEdge(uint64(n), h)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []Edge{e.Clone(), again} {
			var got []tlog.Tile
			err := x.Partials(func(level int, tile uint64, width int, data []byte) error {
				p := tlog.Tile{H: Height, L: level, N: int64(tile), W: width}
				got = append(got, p)
				want, err := tlog.ReadTileData(p, h)
				if err != nil || !bytes.Equal(want, data) {
					return fmt.Errorf("partial %v at size %d: %v", p, n, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var want []tlog.Tile
			for _, p := range tlog.NewTiles(Height, 0, int64(n)) {
				if p.W < Width {
					want = append(want, p)
				}
			}
			slices.SortFunc(want, func(a, b tlog.Tile) int { return a.L - b.L })
			if !slices.Equal(got, want) {
				t.Fatalf("size %d: partial tiles %v, want %v", n, got, want)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	for got, want := range map[string]string{
		TilePath(0, 0, Width):           "tile/0/000",
		TilePath(1, 1234067, Width):     "tile/1/x001/x234/067",
		TilePath(2, 999, 17):            "tile/2/999.p/17",
		TilePath(0, 1000, 1):            "tile/0/x001/000.p/1",
		EntriesPath(1234067, Width):     "tile/entries/x001/x234/067",
		EntriesPath(3, 255):             "tile/entries/003.p/255",
		EntriesPath(12_345_678_901, 12): "tile/entries/x012/x345/x678/901.p/12",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // x/mod writes the same paths with the height in front
		p := tlog.Tile{H: Height, L: rapid.IntRange(0, 7).Draw(t, "level"), N: rapid.Int64Range(0, 1<<40).Draw(t, "n"), W: rapid.IntRange(1, Width).Draw(t, "width")}
		if got, want := TilePath(p.L, uint64(p.N), p.W), "tile/"+strings.TrimPrefix(p.Path(), "tile/8/"); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}

// xmodReader lets x/mod read our files.
type xmodReader struct{ files fstest.MapFS }

func (xmodReader) Height() int                     { return Height }
func (xmodReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r xmodReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, p := range tiles {
		f := r.files[TilePath(p.L, uint64(p.N), p.W)]
		if f == nil {
			return nil, fmt.Errorf("no %v", p)
		}
		out = append(out, f.Data)
	}
	return out, nil
}

func TestTilesReadWhatTheLogHolds(t *testing.T) {
	for _, n := range []int{1, 5, 256, 300, 512, 1000, 66_000} {
		files, vkey, h := published(t, n)
		cp := checkpoint(t, files, vkey)
		if cp.Size != uint64(n) || cp.Root != h.root(n) || cp.Origin != origin {
			t.Fatalf("%+v", cp)
		}
		tiles := NewTiles(files, cp)
		other := tlog.TileHashReader(tlog.Tree{N: int64(n), Hash: cp.Root}, xmodReader{files})
		r := rand.New(rand.NewPCG(uint64(n), 1))
		for range 200 {
			at := []int64{r.Int64N(int64(len(h)))}
			got, err := tiles.ReadHashes(at)
			if err != nil || got[0] != h[at[0]] {
				t.Fatalf("size %d hash %d: %v", n, at[0], err)
			}
			if want, err := other.ReadHashes(at); err != nil || want[0] != got[0] {
				t.Fatalf("size %d hash %d: x/mod reads another: %v", n, at[0], err)
			}
			index, size := uint64(r.IntN(n)), uint64(0)
			size = index + 1 + uint64(r.IntN(n-int(index)))
			p, err := tiles.Proof(index, size)
			if err != nil {
				t.Fatal(err)
			}
			sized := Checkpoint{Origin: origin, Size: size, Root: h.root(int(size))}
			if err := CheckRecord(sized, index, content(int(index)), p); err != nil {
				t.Fatal(err)
			}
			tp, err := tiles.TreeProof(size, uint64(n))
			if err != nil {
				t.Fatal(err)
			}
			if err := CheckTree(sized, cp, tp); err != nil {
				t.Fatalf("%d to %d: %v", size, n, err)
			}
			if root, err := tiles.Root(size); err != nil || root != sized.Root {
				t.Fatalf("root of %d: %v", size, err)
			}
			if e, err := tiles.Entry(index); err != nil || !bytes.Equal(e, content(int(index))) {
				t.Fatalf("entry %d: %q %v", index, e, err)
			}
		}
		if got, err := Verify(t.Context(), files, vkey); err != nil || got.Size != uint64(n) {
			t.Fatal(err)
		}
		for _, err := range []error{
			errOf(tiles.Entry(uint64(n))), errOf(tiles.Proof(uint64(n), uint64(n))), errOf(tiles.Proof(0, uint64(n)+1)),
			errOf(tiles.TreeProof(0, uint64(n)+1)), errOf(tiles.ReadHashes([]int64{int64(len(h)) + 5})),
		} {
			if !problem.Is(err, problem.NotFound) {
				t.Fatalf("beyond the log: %v", err)
			}
		}
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestEntriesEndWhereAsked(t *testing.T) {
	files, vkey, _ := published(t, 700)
	tiles := NewTiles(files, checkpoint(t, files, vkey))
	for _, r := range [][3]int{{0, 700, 700}, {0, 0, 0}, {255, 257, 2}, {256, 512, 256}, {699, 5000, 1}, {700, 800, 0}, {10, 5, 0}} {
		i := r[0]
		for rec, err := range tiles.Entries(t.Context(), uint64(r[0]), uint64(r[1])) {
			if err != nil || rec.Index != uint64(i) || !bytes.Equal(rec.Entry, content(i)) {
				t.Fatalf("%v: entry %d: %+v %v", r, i, rec, err)
			}
			i++
		}
		if i-r[0] != r[2] {
			t.Fatalf("%v: %d entries", r, i-r[0])
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range tiles.Entries(ctx, 0, 700) {
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// TestFlippedBitsInPublishedFiles flips one bit of any file: Verify names it.
func TestFlippedBitsInPublishedFiles(t *testing.T) {
	files, vkey, _ := published(t, 300)
	r := rand.New(rand.NewPCG(4, 4))
	names := slices.Sorted(maps.Keys(files))
	if len(names) != 6 {
		t.Fatal(names)
	}
	for _, name := range names {
		clean := files[name].Data
		step := 40
		if name == CheckpointFile {
			step = 1
		}
		for at := 0; at < len(clean); at += 1 + r.IntN(step) {
			data := bytes.Clone(clean)
			data[at] ^= 1 << r.IntN(8)
			damaged := maps.Clone(files)
			damaged[name] = &fstest.MapFile{Data: data}
			_, err := Verify(t.Context(), damaged, vkey)
			var b *Break
			if !problem.Is(err, problem.Corrupt) || !errors.As(err, &b) {
				t.Fatalf("%s byte %d: %v", name, at, err)
			}
			if b.File != name && !strings.Contains(b.Reason.EN, name) {
				t.Fatalf("%s byte %d: named %v", name, at, err)
			}
			if strings.HasPrefix(name, "tile/entries/") && !strings.Contains(b.Reason.EN, "incomplete") && !hits(at, int(b.Index)) {
				t.Fatalf("%s byte %d: named entry %d", name, at, b.Index)
			}
		}
	}
}

// hits reports whether byte at of the bundle belongs to the entry with this
// index in the log, its length included.
func hits(at, index int) bool {
	from := 0
	for i := index - index%Width; i < index; i++ {
		from += 2 + len(content(i))
	}
	return from <= at && at < from+2+len(content(index))
}

func TestLostFiles(t *testing.T) {
	files, vkey, _ := published(t, 600)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		damaged := maps.Clone(files)
		delete(damaged, name)
		_, err := Verify(t.Context(), damaged, vkey)
		var b *Break
		if !problem.Is(err, problem.Corrupt) || !errors.As(err, &b) || b.File != name {
			t.Errorf("without %s: %v", name, err)
		}
		if p := problem.From(err); !p.Say.Complete() || !strings.Contains(p.Say.DE, name) {
			t.Errorf("without %s: %+v", name, p.Say)
		}
		damaged[name] = &fstest.MapFile{Data: files[name].Data[:len(files[name].Data)-1]}
		if _, err := Verify(t.Context(), damaged, vkey); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s cut short: %v", name, err)
		}
	}
}

// TestFullFilesReplacePartialOnes: a partial tile may be gone once the full one
// is there (C2SP tlog-tiles), also for a reader with the older checkpoint.
func TestFullFilesReplacePartialOnes(t *testing.T) {
	later, _, _ := published(t, 600)
	files, vkey, _ := published(t, 300)
	for name := range files {
		if strings.HasPrefix(name, "tile/0/001.p/") || strings.HasPrefix(name, "tile/entries/001.p/") {
			delete(files, name)
		}
	}
	files["tile/0/001"], files["tile/entries/001"] = later["tile/0/001"], later["tile/entries/001"]
	if cp, err := Verify(t.Context(), files, vkey); err != nil || cp.Size != 300 {
		t.Fatalf("%+v %v", cp, err)
	}
}

func TestCheckpointForm(t *testing.T) {
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	witnessKey, _, err := note.GenerateKey(nil, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := note.NewSigner(witnessKey)
	if err != nil {
		t.Fatal(err)
	}
	hash := EmptyRoot.String()
	sign := func(text string, by ...note.Signer) []byte {
		msg, err := note.Sign(&note.Note{Text: text}, by...)
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	for text, ok := range map[string]bool{
		origin + "\n0\n" + hash + "\n":                    true,
		origin + "\n0\n" + hash + "\nextension\n":         true,
		origin + "\n00\n" + hash + "\n":                   false,
		origin + "\n-1\n" + hash + "\n":                   false,
		origin + "\n+1\n" + hash + "\n":                   false,
		origin + "\n18446744073709551615\n" + hash + "\n": false,
		origin + "\n0\n" + hash[:40] + "\n":               false,
		origin + "\n0\n" + hash[:42] + "V=\n":             false,
		origin + "\n0\n":                                  false,
		origin + "\n0\n" + hash + "\n\nx\n":               false,
		"example.com/other\n0\n" + hash + "\n":            false,
		"\n0\n" + hash + "\n":                             false,
	} {
		_, err := ParseCheckpoint(sign(text, signer), vkey)
		if ok != (err == nil) || err != nil && !problem.Is(err, problem.Corrupt) {
			t.Errorf("%q: %v", text, err)
		}
	}
	good := origin + "\n0\n" + hash + "\n"
	if cp, err := ParseCheckpoint(sign(good, signer, witness), vkey); err != nil || cp.Size != 0 {
		t.Errorf("with a witness: %v", err)
	}
	if _, err := ParseCheckpoint(sign(good, witness), vkey); !problem.Is(err, problem.Corrupt) {
		t.Errorf("by a stranger alone: %v", err)
	}
	if _, err := ParseCheckpoint(sign(good, signer), "nonsense"); !problem.Is(err, problem.BadInput) {
		t.Errorf("nonsense as key: %v", err)
	}
}

func TestCheckTree(t *testing.T) {
	h := grown(40)
	at := func(n int) Checkpoint { return Checkpoint{Origin: origin, Size: uint64(n), Root: h.root(n)} }
	p, err := tlog.ProveTree(40, 17, h)
	if err != nil {
		t.Fatal(err)
	}
	stranger := at(17)
	stranger.Origin = "example.com/other"
	forked := at(17)
	forked.Root[0] ^= 1
	for name, c := range map[string]struct {
		earlier, later Checkpoint
		p              tlog.TreeProof
		ok             bool
	}{
		"extends":             {at(17), at(40), p, true},
		"same":                {at(17), at(17), nil, true},
		"from nothing":        {at(0), at(40), nil, true},
		"nothing at all":      {at(0), at(0), nil, true},
		"shrinks":             {at(40), at(17), p, false},
		"forked":              {forked, at(40), p, false},
		"forked at one size":  {forked, at(17), nil, false},
		"no proof":            {at(17), at(40), nil, false},
		"proof for nothing":   {at(0), at(40), p, false},
		"another log":         {stranger, at(40), p, false},
		"false empty tree":    {Checkpoint{Origin: origin}, at(40), nil, false},
		"proof between equal": {at(17), at(17), p, false},
	} {
		if err := CheckTree(c.earlier, c.later, c.p); (err == nil) != c.ok || err != nil && !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckRecord(at(17), 17, content(17), nil); !problem.Is(err, problem.Corrupt) {
		t.Errorf("index beyond the tree: %v", err)
	}
}

func FuzzParseBundle(f *testing.F) {
	f.Add(AppendBundled(AppendBundled(nil, []byte("one")), []byte("three")), 2)
	f.Fuzz(func(t *testing.T, b []byte, count int) {
		entries, err := ParseBundle(b, min(max(count, 0), Width))
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			again = AppendBundled(again, e)
		}
		if !bytes.HasPrefix(b, again) {
			t.Fatalf("%q is read as %q", b, again)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	files, vkey, _ := published(b, 50_000)
	for b.Loop() {
		if _, err := Verify(b.Context(), files, vkey); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
