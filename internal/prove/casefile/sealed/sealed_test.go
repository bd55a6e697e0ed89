package sealed

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func pack(t testing.TB, files map[string]string, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := NewWriter(&b)
	for _, name := range order {
		if err := z.Add(name, []byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Any unzip program opens the container.
func TestOthersCanOpenIt(t *testing.T) {
	b := pack(t, map[string]string{"manifest.json": "{}", "a/ü.txt": "Grüße", "empty": ""}, "manifest.json", "a/ü.txt", "empty")
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"{}", "Grüße", ""}
	for i, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(rc)
		if err != nil || string(got) != want[i] {
			t.Errorf("%s = %q, %v; want %q", f.Name, got, err, want[i])
		}
	}
	if err := Check(bytes.NewReader(b), int64(len(b))); err != nil {
		t.Errorf("a container as written does not pass: %v", err)
	}
}

// Every single byte of the headers is accounted for; bytes of the content show
// in the checksum.
func TestEveryByteCounts(t *testing.T) {
	b := pack(t, map[string]string{"one": "first", "two": "second"}, "one", "two")
	for i := range b {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			c := bytes.Clone(b)
			c[i] ^= flip
			if err := Check(bytes.NewReader(c), int64(len(c))); !errors.Is(err, ErrRepacked) {
				t.Fatalf("byte %d changed by %#x passes: %v", i, flip, err)
			}
		}
	}
	for n := range b {
		if err := Check(bytes.NewReader(b[:n]), int64(n)); err == nil {
			t.Fatalf("a container cut to %d bytes passes", n)
		}
	}
	longer := append(bytes.Clone(b), 0)
	if err := Check(bytes.NewReader(longer), int64(len(longer))); err == nil {
		t.Error("a container with a byte appended passes")
	}
}

// A container packed by another program is not one of ours.
func TestRepackedIsNoticed(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "one", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Check(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.Is(err, ErrRepacked) {
		t.Errorf("a foreign container passes: %v", err)
	}
}

func TestNamesAreGivenOnce(t *testing.T) {
	z := NewWriter(io.Discard)
	if err := z.Add("a", nil); err != nil {
		t.Fatal(err)
	}
	if err := z.Add("a", nil); err == nil {
		t.Error("the same name was taken twice")
	}
	if err := z.Add("", nil); err == nil {
		t.Error("an empty name was taken")
	}
}

// Whatever is packed passes, and only that.
func TestAnyContentPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		z := NewWriter(&b)
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,8}(/[a-z]{1,4})?`), 0, 8, rapid.ID[string]).Draw(t, "names")
		for _, n := range names {
			if err := z.Add(n, rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "data")); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := Check(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add(pack(f, map[string]string{"one": "first"}, "one"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if Check(bytes.NewReader(b), int64(len(b))) == nil {
			if _, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err != nil && len(b) != 22 {
				t.Errorf("passes, but nobody can open it: %v", err)
			}
		}
	})
}
