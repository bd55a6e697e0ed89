package proof

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
)

func proofFile(t testing.TB, n, index int) (raw []byte, vkey string) {
	t.Helper()
	files, vkey, h := published(t, n)
	p, err := tlog.ProveRecord(int64(n), int64(index), h)
	if err != nil {
		t.Fatal(err)
	}
	return File{Index: uint64(index), Proof: p, Checkpoint: files[CheckpointFile].Data}.Marshal(), vkey
}

// TestEveryByteOfAProofFileCounts changes each byte in several ways.
func TestEveryByteOfAProofFileCounts(t *testing.T) {
	raw, vkey := proofFile(t, 300, 259)
	f, err := ParseFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if cp, err := f.Check(content(259), vkey); err != nil || cp.Size != 300 {
		t.Fatal(err)
	}
	if _, err := f.Check(content(258), vkey); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("another entry: %v", err)
	}
	check := func(b []byte, what string, at int) {
		f, err := ParseFile(b)
		if err == nil {
			_, err = f.Check(content(259), vkey)
		}
		if !problem.Is(err, problem.Corrupt) {
			t.Fatalf("byte %d %s: %v", at, what, err)
		}
	}
	for at := range raw {
		for bit := range 8 {
			b := bytes.Clone(raw)
			b[at] ^= 1 << bit
			check(b, "flipped", at)
		}
		check(slices.Delete(bytes.Clone(raw), at, at+1), "removed", at)
		check(raw[:at], "and all after it removed", at)
	}
}

func TestProofFileForm(t *testing.T) {
	f := File{Extra: []byte("extra data"), Index: 7, Proof: tlog.RecordProof{{1}, {2}}, Checkpoint: []byte("checkpoint\n")}
	got, err := ParseFile(f.Marshal())
	if err != nil || string(got.Extra) != "extra data" || got.Index != 7 || !slices.Equal(got.Proof, f.Proof) || string(got.Checkpoint) != "checkpoint\n" {
		t.Fatalf("%+v %v", got, err)
	}
	if want := "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgZGF0YQ==\nindex 7\n" + got.Proof[0].String() + "\n" + got.Proof[1].String() + "\n\ncheckpoint\n"; string(f.Marshal()) != want {
		t.Fatalf("%s", f.Marshal())
	}
	if alone := (File{Checkpoint: []byte("c\n")}).Marshal(); string(alone) != "c2sp.org/tlog-proof@v1\nindex 0\n\nc\n" {
		t.Fatalf("%s", alone)
	}
	for _, bad := range []string{"", "c2sp.org/tlog-proof@v2\nindex 0\n\nc\n", "c2sp.org/tlog-proof@v1\nindex 00\n\nc\n",
		"c2sp.org/tlog-proof@v1\nindex 0\n", "c2sp.org/tlog-proof@v1\nindex 0\nc\n", "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nc\n",
		"c2sp.org/tlog-proof@v1\r\nindex 0\n\nc\n"} {
		if _, err := ParseFile([]byte(bad)); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	raw, _ := proofFile(f, 300, 259)
	f.Add(raw)
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra ZXh0cmEgZGF0YQ==\nindex 7\n\nc\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseFile(b)
		if err == nil && !bytes.Equal(p.Marshal(), b) {
			t.Fatalf("%q is read as %q", b, p.Marshal())
		}
	})
}
