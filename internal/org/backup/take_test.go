package backup

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// growing is a file that somebody appends to while it is read: every read sees,
// byte by byte, either what was there when it began or what is there when it
// ends, as nothing forbids.
type growing struct {
	t       *rapid.T
	content []byte // at the end of time
	filled  int    // bytes of it that are there now
}

func (g *growing) ReadAt(p []byte, off int64) (int, error) {
	before := g.filled
	g.filled = rapid.IntRange(before, len(g.content)).Draw(g.t, "filled")
	n := copy(p, g.content[off:])
	for i := range n {
		at := int(off) + i
		if at >= g.filled || at >= before && rapid.IntRange(0, 3).Draw(g.t, "seen") == 0 {
			p[i] = 0
		}
	}
	return n, nil
}

// Whatever is appended between and during the readings, the copy is a beginning
// of the file with zeros behind it, and as long as what was there at first.
func TestACopyOfAGrowingFileIsAPrefix(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		g := &growing{t: t, content: bytes.Repeat([]byte{7}, rapid.IntRange(1, 200).Draw(t, "size"))}
		g.filled = rapid.IntRange(0, len(g.content)).Draw(t, "at first")
		first := g.filled
		dst, err := os.OpenFile(filepath.Join(dir, "copy"), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer dst.Close() //nolint:errcheck // nothing is kept
		whole, err := copyGrowing(dst, g, int64(len(g.content)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(dst.Name())
		if err != nil || len(got) != len(g.content) {
			t.Fatalf("%d bytes of %d: %v", len(got), len(g.content), err)
		}
		n := bytes.IndexByte(got, 0)
		if n < 0 {
			n = len(got)
		}
		if n < first || len(bytes.Trim(got[n:], "\x00")) > 0 {
			t.Fatalf("%d bytes were there; the copy is %v (whole: %v)", first, got, whole)
		}
	})
}
