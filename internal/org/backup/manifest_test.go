package backup

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

// Lines have one spelling: what is read is exactly what would be written.
func TestManifestLines(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for _, s := range []string{sum + " 0 a\n", sum + " 12 vault/blobs/0a/" + sum + "\n"} {
		if l, ok := parseLine(s); !ok || l.String() != s {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", "\n", sum + " 0 a", sum + " 00 a\n", sum + " -1 a\n", sum + " 0 \n", sum + "  0 a\n", sum[1:] + " 0 a\n",
		strings.ToUpper(sum) + " 0 a\n", sum + " 0 ../a\n", sum + " 0 a\n\n", sum + " 0x1 a\n", sum + " 99999999999999999999 a\n", "end 0 " + sum + "\n"} {
		if l, ok := parseLine(s); ok {
			t.Errorf("%q is read as %+v", s, l)
		}
	}
	if e, ok := parseEnding("end 3 " + sum + "\n"); !ok || e.members != 3 || e.sum != sum {
		t.Error("an ending is refused")
	}
	for _, s := range []string{"end 3 " + sum, "end  3 " + sum + "\n", "end 03 " + sum + "\n", "end -3 " + sum + "\n", sum + " 3 end\n"} {
		if _, ok := parseEnding(s); ok {
			t.Errorf("%q is an ending", s)
		}
	}
}

// Whatever a file holds, unpacking it ends with a problem or with a folder in
// which nothing lies outside, and never with a crash.
func FuzzUnpack(f *testing.F) {
	whole := func(name, data, manifest string) []byte {
		var b bytes.Buffer
		a, err := newArchive(&b, filepath.Join(f.TempDir(), "manifest"), Head{}.TakenAt)
		if err == nil {
			err = a.putJSON(headName, Head{Format: format, Slug: "werk"})
		}
		if err == nil {
			err = a.putBytes(name, []byte(data))
		}
		if err == nil && manifest != "" {
			_, err = a.list.WriteString(manifest)
		}
		if err = errors.Join(err, a.finish(), a.close()); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	f.Add(whole("org.json", "{}", ""))
	f.Add(whole("keys/master.key", "", "end 2 "+strings.Repeat("0", 64)+"\n"))
	f.Add(whole("vault/blobs/00/x", strings.Repeat("x", 2000), strings.Repeat("z", 70_000)))
	f.Add([]byte("hello"))
	f.Add(make([]byte, 1024))
	f.Fuzz(func(t *testing.T, raw []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "stage")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := unpack(t.Context(), bytes.NewReader(raw), dir)
		if err != nil && problem.Is(err, problem.Internal) {
			t.Errorf("%v", err)
		}
		if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
			t.Errorf("beside the folder lies %v (%v)", entries, err)
		}
		if err != nil {
			return
		}
		// What was accepted is what a plain reader sees.
		for r := tar.NewReader(bytes.NewReader(raw)); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if h.Name == headName || h.Name == manifestName {
				continue
			}
			if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(h.Name))); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %v", h.Name, err)
			}
		}
	})
}
