package casefile_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
)

// stowed appends a file to a container the way its own writer would, under a
// name that the writer refuses: headers, checksum and directory all fit.
func stowed(b []byte, name string, data []byte) []byte {
	le := binary.LittleEndian
	end := b[len(b)-22:]
	n, size, at := le.Uint16(end[10:]), le.Uint32(end[12:]), le.Uint32(end[16:])
	common := []byte{20, 0, 0, 8, 0, 0, 0, 0, 33, 0}
	common = le.AppendUint32(common, crc32.ChecksumIEEE(data))
	common = le.AppendUint32(common, uint32(len(data)))
	common = le.AppendUint32(common, uint32(len(data)))
	common = le.AppendUint16(common, uint16(len(name)))
	common = le.AppendUint16(common, 0)

	out := bytes.Clone(b[:at])
	out = append(out, 'P', 'K', 3, 4)
	out = append(append(append(out, common...), name...), data...)
	dir := len(out)
	out = append(out, b[at:at+size]...)
	out = append(out, 'P', 'K', 1, 2, 20, 0)
	out = append(append(out, common...), make([]byte, 10)...)
	out = append(le.AppendUint32(out, at), name...)
	out = append(out, end[:8]...)
	out = le.AppendUint16(le.AppendUint16(out, n+1), n+1)
	out = le.AppendUint32(out, uint32(len(out)-12-dir))
	out = le.AppendUint32(out, uint32(dir))
	return append(out, 0, 0)
}

// Nothing can be stowed in a case under a name that readers pass over.
func TestNothingIsStowedAway(t *testing.T) {
	w := newWorks(t)
	w.decisions(3)
	b, _ := w.write(casefile.Period{})
	for _, name := range []string{"/", "//", ".", "./", "..", "proofs/", "evil/", "journal/x/", "checks.json/", "more.txt", `journal\more`, "checks.json", "./checks.json"} {
		if rep := check(t, stowed(b, name, []byte("hidden")), verify.Options{}); rep.OK || rep.Break == nil {
			t.Errorf("%q was stowed in the case and it passes as unaltered", name)
		}
	}
}

// FuzzVerify changes a case in any place, as it lies there and signed again by
// whoever holds the keys: the verifier never panics, and never takes a change
// of the bytes for the case that was written.
func FuzzVerify(f *testing.F) {
	w := newWorks(f)
	w.src.Permits = append(w.src.Permits, w.permit(1))
	w.object("sys_1", `{"name":"Fräse"}`)
	w.decisions(3)
	b, _ := w.write(casefile.Period{})
	files := unpack(f, b)
	names := []string{""}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := range names {
		f.Add(uint8(i), uint32(40), []byte{0}, false)
		f.Add(uint8(i), uint32(7), []byte(`{"a":1e999}`), true)
	}
	f.Fuzz(func(t *testing.T, which uint8, at uint32, with []byte, cut bool) {
		change := func(b []byte) []byte {
			i := int(at) % (len(b) + 1)
			out := append(bytes.Clone(b[:i]), with...)
			if rest := i + len(with); !cut && rest < len(b) {
				out = append(out, b[rest:]...)
			}
			return out
		}
		name := names[int(which)%len(names)]
		if name == "" {
			changed := change(b)
			rep, err := verify.Reader(context.Background(), bytes.NewReader(changed), int64(len(changed)), "case.zip", verify.Options{})
			if err == nil && rep.OK && !bytes.Equal(changed, b) {
				t.Fatal("a changed case passes")
			}
			return
		}
		changed := tree{}
		for n, data := range files {
			changed[n] = data
		}
		changed[name] = change(files[name])
		if name != verify.ManifestFile && name != verify.SealFile {
			resealed(t, w, changed, name)
		}
		if _, err := verify.FS(context.Background(), changed.fs(), "case", verify.Options{}); err != nil {
			t.Fatalf("an error instead of a break: %v", err)
		}
	})
}

// tree is an unpacked case.
type tree map[string][]byte

func (t tree) fs() fs.FS {
	m := fstest.MapFS{}
	for name, data := range t {
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

// resealed lists a changed file in the manifest and signs that again.
func resealed(t testing.TB, w *works, files tree, name string) {
	t.Helper()
	var m verify.Manifest
	if err := json.Unmarshal(files[verify.ManifestFile], &m); err != nil {
		t.Fatal(err)
	}
	for i, l := range m.Files {
		if l.Path == name {
			sum := sha256.Sum256(files[name])
			m.Files[i].Size, m.Files[i].SHA256 = int64(len(files[name])), hex.EncodeToString(sum[:])
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	files[verify.ManifestFile] = raw
	if files[verify.SealFile], err = note.Sign(&note.Note{Text: verify.SealText(raw)}, w.src.Seal); err != nil {
		t.Fatal(err)
	}
}
