package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// copyTree copies a journal's folder, as a backup of a killed process.
func copyTree(t *testing.T, from string) string {
	t.Helper()
	to := quickDir(t)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// quickDir is a folder in memory where there is one: what a flush means is
// simulated here, so that thousands of cuts need not wait for a real one.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ledger")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestPowerCuts kills the disk at a random operation, loses at random what was
// not flushed, and opens the journal again, several times on one folder.
func TestPowerCuts(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	for seed := range rounds {
		powerCuts(t, uint64(seed))
	}
}

func powerCuts(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	o := options(quickDir(t))
	acked := map[uint64]string{}
	var groups [][2]uint64 // acknowledged or not: all of it or nothing
	var known [][]byte
	for cut := range 4 {
		o.disk = newFaultyDisk(o, rnd.IntN(120), seed*10+uint64(cut))
		j, err := Open(o)
		if err == nil {
			groups = append(groups, hammer(j, rnd, acked, &known)...)
			j.abandon()
		} else if !errors.Is(err, errDead) {
			t.Fatalf("seed %d cut %d: open on a dying disk: %v", seed, cut, err)
		}
		if err := o.disk.(*faultyDisk).powerFailed(); err != nil {
			t.Fatal(err)
		}
		o.disk = newFaultyDisk(o, -1, seed)
		o.Known = known
		if j, err = Open(o); err != nil {
			t.Fatalf("seed %d cut %d: %v", seed, cut, err)
		}
		for index, want := range acked {
			got, err := j.Entry(t.Context(), index)
			if err != nil || string(got) != want {
				t.Fatalf("seed %d cut %d: acknowledged entry %d is %q, want %q (%v)", seed, cut, index, got, want, err)
			}
		}
		for _, g := range groups {
			if size := j.Size(); g[0] < size && g[1] > size {
				t.Fatalf("seed %d cut %d: size %d splits the group %v", seed, cut, size, g)
			}
		}
		if _, err := j.Append(t.Context(), []byte("after")); err != nil {
			t.Fatalf("seed %d cut %d: append: %v", seed, cut, err)
		}
		if rnd.IntN(2) == 0 {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil {
				t.Fatalf("seed %d cut %d: %v", seed, cut, err)
			}
		}
		j.abandon()
	}
}

// hammer appends and publishes until the disk dies. It records what was
// acknowledged and which checkpoints were handed out, and returns the last
// group's place if it was cut off.
func hammer(j *Journal, rnd *rand.Rand, acked map[uint64]string, known *[][]byte) [][2]uint64 {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for c := range 3 {
		mine := rand.New(rand.NewPCG(rnd.Uint64(), 5))
		wg.Go(func() {
			for i := 0; ; i++ {
				e := fmt.Appendf(nil, "caller %d entry %d %s", c, i, bytes.Repeat([]byte("x"), mine.IntN(900)))
				r, err := j.Append(context.Background(), e)
				if err != nil {
					return
				}
				mu.Lock()
				acked[r.Index] = string(e)
				mu.Unlock()
			}
		})
	}
	var groups [][2]uint64
	wg.Go(func() {
		for i := 0; ; i++ {
			if msg, err := j.Publish(context.Background()); err == nil {
				mu.Lock()
				*known = append(*known, msg)
				mu.Unlock()
			}
			group := [][]byte{fmt.Appendf(nil, "group %d a", i), fmt.Appendf(nil, "group %d b", i), fmt.Appendf(nil, "group %d c", i)}
			r, err := j.AppendAll(context.Background(), group)
			if err != nil {
				return
			}
			mu.Lock()
			for k, x := range r {
				acked[x.Index] = string(group[k])
			}
			groups = append(groups, [2]uint64{r[0].Index, r[2].Index + 1})
			mu.Unlock()
		}
	})
	wg.Wait()
	return groups
}

// unpublished makes a journal of several segments, a part of it published, and
// leaves it as a kill would. It returns the number of entries.
func unpublished(t *testing.T, o Options) int {
	t.Helper()
	j := open(t, o)
	fill(t, j, 150)
	if _, err := j.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, j, 90)
	j.abandon()
	return 240
}

// lastSegment returns file, content, salt and end of the frames of the last
// segment, and the frames' tree.
func lastSegment(t *testing.T, dir string) (name string, data []byte, s salt, end int, size uint64) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "wal", "0*.wal"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	name = names[len(names)-1]
	if data, err = os.ReadFile(name); err != nil {
		t.Fatal(err)
	}
	h, ok := parseSegmentHeader(data)
	if !ok {
		t.Fatal("no header")
	}
	end, size = headerBytes, h.first
	for {
		f, err := parseFrame(data[end:], h.salt)
		if err != nil {
			return name, data, h.salt, end, size
		}
		end += f.bytes + markBytes
		size = f.size
	}
}

// TestTornTailIsCut writes every prefix of a further frame behind the last
// acknowledged one, over zeros and over the remains of an older use.
func TestTornTailIsCut(t *testing.T) {
	o := options(quickDir(t))
	n := unpublished(t, o)
	name, clean, s, end, size := lastSegment(t, o.Dir)
	if int(size) != n {
		t.Fatalf("log ends at %d", size)
	}
	tree := open(t, o).wal.tree
	buf := make([]byte, frameBytes)
	for i := range 3 {
		e := content(n + i)
		buf = proof.AppendBundled(buf, e)
		h := leafOf(e)
		tree.Append(h)
	}
	sealFrame(buf, s, size, 3, tree.Root())
	dir := copyTree(t, o.Dir)
	o.Dir = dir
	name = filepath.Join(dir, "wal", filepath.Base(name))
	for _, remains := range []byte{0, 0xA5} {
		for cut := 0; cut <= len(buf); cut++ {
			data := bytes.Clone(clean)
			for i := end; i < len(data); i++ {
				data[i] = remains
			}
			copy(data[end:], buf[:cut])
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := Open(o)
			if err != nil {
				t.Fatalf("cut after %d bytes: %v", cut, err)
			}
			want := n
			if cut == len(buf) {
				want += 3
			}
			if j.Size() != uint64(want) {
				t.Fatalf("cut after %d bytes: size %d, want %d", cut, j.Size(), want)
			}
			// What lies behind the cut may by chance continue the frame's beginning.
			if torn := cut < len(buf) && bytes.HasPrefix(data[end:], buf[:4]); torn != (j.recovery.CutFile != "") {
				t.Fatalf("cut after %d bytes: reported as %+v", cut, j.recovery)
			}
			if cut%100 == 0 {
				fill(t, j, 1)
				expectEntries(t, j, want+1)
			}
			j.abandon()
		}
	}
}

// TestFlippedBitsInTheLog flips one bit anywhere in the log. Bits of what was
// acknowledged must be found and named; the others must do no harm.
func TestFlippedBitsInTheLog(t *testing.T) {
	o := options(quickDir(t))
	n := unpublished(t, o)
	o.Dir = copyTree(t, o.Dir)
	_, _, _, end, _ := lastSegment(t, o.Dir)
	names, err := filepath.Glob(filepath.Join(o.Dir, "wal", "0*.wal"))
	if err != nil || len(names) < 3 {
		t.Fatalf("only %v", names)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for i, name := range names {
		clean, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := parseSegmentHeader(clean)
		limit := usedBytes(clean, h.salt)
		if i == len(names)-1 {
			limit = end - markBytes // the last mark proves an acknowledgement, but holds nothing
		}
		try := func(at int, must bool) {
			data := bytes.Clone(clean)
			data[at] ^= 1 << rnd.IntN(8)
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := Open(o)
			if err == nil {
				expectEntries(t, j, n)
				j.abandon()
				if must {
					t.Fatalf("%s byte %d: the flip went unnoticed", filepath.Base(name), at)
				}
				return
			}
			refused++
			var b *proof.Break
			if !problem.Is(err, problem.Corrupt) || !errors.As(err, &b) {
				t.Fatalf("%s byte %d: %v", filepath.Base(name), at, err)
			}
			if b.File != "wal/"+filepath.Base(name) || b.Offset < 0 || b.Offset > int64(at) || at-int(b.Offset) > 2048 {
				t.Fatalf("%s byte %d: named %s at %d: %v", filepath.Base(name), at, b.File, b.Offset, err)
			}
		}
		for at := 0; at < headerBytes; at += 1 + rnd.IntN(4) {
			try(at, true)
		}
		for at := headerBytes; at < limit; at += 1 + rnd.IntN(12) {
			try(at, true)
		}
		for at := limit; at < len(clean); at += 1 + rnd.IntN(200) {
			try(at, false)
		}
		if err := os.WriteFile(name, clean, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d flips refused", refused)
}

// usedBytes is where frames, marks and seal of a closed segment end.
func usedBytes(data []byte, s salt) int {
	at := headerBytes
	for {
		f, err := parseFrame(data[at:], s)
		if err != nil {
			return at
		}
		at += f.bytes
		if len(f.entries) == 0 {
			return at
		}
		at += markBytes
	}
}

// TestLostPartsOfTheLog takes whole parts away.
func TestLostPartsOfTheLog(t *testing.T) {
	o := options(quickDir(t))
	n := unpublished(t, o)
	segments := func(dir string) []string {
		names, err := filepath.Glob(filepath.Join(dir, "wal", "0*.wal"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	published := func(dir string) {
		o := o
		o.Dir = dir
		j := open(t, o)
		if _, err := j.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		j.abandon()
	}
	for name, damage := range map[string]func(dir string) error{
		"last segment":   func(dir string) error { s := segments(dir); return os.Remove(s[len(s)-1]) },
		"middle segment": func(dir string) error { return os.Remove(segments(dir)[1]) },
		"first segment":  func(dir string) error { return os.Remove(segments(dir)[0]) },
		"all segments":   func(dir string) error { return os.RemoveAll(filepath.Join(dir, "wal")) },
		"checkpoint":     func(dir string) error { return os.Remove(filepath.Join(dir, "log", "checkpoint")) },
		"right edge":     func(dir string) error { return os.RemoveAll(filepath.Join(dir, "log", "tile", "0")) },
		"shorter file": func(dir string) error {
			s := segments(dir)
			return os.Truncate(s[len(s)-1], 7000)
		},
		"swapped segments": func(dir string) error {
			s := segments(dir)
			return errors.Join(os.Rename(s[1], s[1]+"x"), os.Rename(s[2], s[1]), os.Rename(s[1]+"x", s[2]))
		},
		"zeroed tail under a checkpoint": func(dir string) error {
			published(dir)
			name, data, _, end, _ := lastSegment(t, dir)
			clear(data[end-300:])
			return os.WriteFile(name, data, 0o600)
		},
		"older log under a newer checkpoint": func(dir string) error {
			old := copyTree(t, dir)
			published(dir)
			return errors.Join(os.RemoveAll(filepath.Join(old, "log")),
				os.CopyFS(filepath.Join(old, "log"), os.DirFS(filepath.Join(dir, "log"))),
				cutLastFrame(t, old),
				os.RemoveAll(filepath.Join(dir, "wal")),
				os.CopyFS(filepath.Join(dir, "wal"), os.DirFS(filepath.Join(old, "wal"))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.Dir = copyTree(t, o.Dir)
			if err := damage(o.Dir); err != nil {
				t.Fatal(err)
			}
			j, err := Open(o)
			if err == nil {
				t.Fatalf("opened with %d of %d entries", j.Size(), n)
			}
			var b *proof.Break
			if !problem.Is(err, problem.Corrupt) || !errors.As(err, &b) || b.File == "" {
				t.Fatal(err)
			}
			if p := problem.From(err); !p.Say.Complete() || !p.Hint.Complete() {
				t.Fatalf("%+v", p)
			}
		})
	}
}

func cutLastFrame(t *testing.T, dir string) error {
	name, data, s, end, _ := lastSegment(t, dir)
	at, last := headerBytes, headerBytes
	for at < end {
		f, err := parseFrame(data[at:], s)
		if err != nil {
			break
		}
		last = at
		at += f.bytes + markBytes
	}
	clear(data[last:])
	return os.WriteFile(name, data, 0o600)
}

// TestForkedJournalIsNotContinued: a whole folder from an old backup is
// consistent in itself; only a checkpoint kept elsewhere shows that it is old.
func TestForkedJournalIsNotContinued(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	fill(t, j, 20)
	early, err := j.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	j.abandon()
	backup := copyTree(t, o.Dir)
	j = open(t, o)
	fill(t, j, 20)
	late, err := j.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	o.Known = [][]byte{late, early}
	open(t, o).abandon()
	o.Dir = backup
	if _, err := Open(o); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("old backup: %v", err)
	}
	o.Known = [][]byte{early}
	j = open(t, o)
	for range 30 { // the backup goes its own way
		if _, err := j.Append(t.Context(), []byte("another history")); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o.Known = [][]byte{early, late}
	if _, err := Open(o); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("fork: %v", err)
	}
	o.Known = [][]byte{[]byte("not a note")}
	if _, err := Open(o); !problem.Is(err, problem.BadInput) {
		t.Fatalf("nonsense kept elsewhere: %v", err)
	}
}
