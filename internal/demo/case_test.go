package demo

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/demo/mill"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/sealed"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
)

// caseOf lets the line run n parts and builds the case as the auditor does.
func caseOf(t testing.TB, n int) []byte {
	t.Helper()
	m, err := startModel()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.http.Close() }) //nolint:errcheck // end of the test
	c := buildAt(t, m.url)
	l := newLine(served(t, c), c, m)
	ctx := context.Background()
	if err := l.report(ctx, "running", 0, time.Now()); err != nil {
		t.Fatal(err)
	}
	for i, row := range mill.Generate(11, n) {
		s := mill.Step{N: int64(i), Row: row}
		if i%29 == 7 {
			s.Phases = []mill.Phase{{Effect: mill.ConfidenceMissing}}
		}
		if _, err := l.ask(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	ctx = store.WithActor(ctx, c.People["pruefung"])
	if _, err := c.Org.WriteCase(ctx, casefile.Period{To: time.Now().UTC()}, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func check(t testing.TB, b []byte) verify.Report {
	t.Helper()
	rep, err := verify.Reader(context.Background(), bytes.NewReader(b), int64(len(b)), "case.zip", verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// unpack and pack are what somebody does who wants to change a case.
func unpack(t testing.TB, b []byte) (names []string, files map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		files[f.Name] = data
	}
	return names, files
}

func pack(t testing.TB, names []string, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := sealed.NewWriter(&b)
	for _, n := range names {
		if err := w.Add(n, files[n]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The case of a running plant verifies on its own, with counts that add up.
func TestACaseVerifies(t *testing.T) {
	const n = 300
	rep := check(t, caseOf(t, n))
	if !rep.OK {
		t.Fatalf("an untouched case does not verify: %+v", rep.Break)
	}
	c := rep.Checked
	if c.Decisions != n || c.Released+c.Escalated+c.Denied != n || c.Escalated < n/29 {
		t.Errorf("decisions %d: %d released, %d escalated, %d denied", c.Decisions, c.Released, c.Escalated, c.Denied)
	}
	if c.Proofs == 0 || c.Permits == 0 || c.Objects == 0 || c.Checks == 0 {
		t.Errorf("something was not checked: %+v", c)
	}
	for _, r := range rep.Results {
		if r.Status == "not_met" {
			t.Errorf("%s is not met: %d of %d, first failure %v", r.Spec.Check, r.Passed, r.Seen, r.Failed)
		}
	}
}

// Whatever single byte is changed, in the container or in any file of it, the
// verifier says no and names a file.
func TestEveryFlippedByteIsNamed(t *testing.T) {
	b := caseOf(t, 40)
	rng := rand.New(rand.NewPCG(1, 2))
	at := func(i int) {
		c := bytes.Clone(b)
		c[i] ^= byte(1 + rng.IntN(255))
		rep, err := verify.Reader(context.Background(), bytes.NewReader(c), int64(len(c)), "case.zip", verify.Options{})
		if err != nil {
			return // no longer a case file at all
		}
		if rep.OK || rep.Break == nil || rep.Break.File == "" {
			t.Fatalf("byte %d changed and nobody noticed: %+v", i, rep.Break)
		}
	}
	for range 1500 {
		at(rng.IntN(len(b)))
	}
	names, files := unpack(t, b)
	for _, name := range names {
		for range 8 {
			if len(files[name]) == 0 {
				continue
			}
			changed := map[string][]byte{}
			for k, v := range files {
				changed[k] = v
			}
			data := bytes.Clone(files[name])
			data[rng.IntN(len(data))] ^= byte(1 + rng.IntN(255))
			changed[name] = data
			rep := check(t, pack(t, names, changed))
			if rep.OK || rep.Break == nil {
				t.Fatalf("a byte of %s changed and nobody noticed", name)
			}
			if rep.Break.File != name && name != verify.ManifestFile && name != verify.SealFile {
				t.Errorf("a byte of %s changed; the verifier names %s", name, rep.Break.File)
			}
		}
	}
}

// Who can write the manifest but not sign it gains nothing; neither by cutting
// the last entry off, nor by swapping two, nor by hiding a file.
func TestEditsAreNamed(t *testing.T) {
	b := caseOf(t, 40)
	names, files := unpack(t, b)
	bundle := ""
	for _, n := range names {
		if strings.HasPrefix(n, "journal/tile/entries/") {
			bundle = n
		}
	}
	entries := func() [][]byte {
		all, err := proof.ParseBundle(files[bundle], bundled(files[bundle]))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	join := func(all [][]byte) []byte {
		var out []byte
		for _, e := range all {
			out = proof.AppendBundled(out, e)
		}
		return out
	}
	for what, edit := range map[string]func() (string, []byte){
		"the last entry removed": func() (string, []byte) { all := entries(); return bundle, join(all[:len(all)-1]) },
		"two entries swapped": func() (string, []byte) {
			all := entries()
			all[3], all[4] = all[4], all[3]
			return bundle, join(all)
		},
		"a result improved": func() (string, []byte) {
			return verify.ChecksFile, bytes.Replace(files[verify.ChecksFile], []byte(`"passed"`), []byte(`"Passed"`), 1)
		},
	} {
		name, data := edit()
		changed := map[string][]byte{}
		for k, v := range files {
			changed[k] = v
		}
		changed[name] = data
		rep := check(t, pack(t, names, changed))
		if rep.OK || rep.Break == nil || rep.Break.File != name {
			t.Errorf("%s: %+v", what, rep.Break)
		}
		// Even with a manifest that fits, the signature or the tree says no.
		changed[verify.ManifestFile] = fitting(t, files[verify.ManifestFile], name, data)
		rep = check(t, pack(t, names, changed))
		if rep.OK || rep.Break == nil {
			t.Errorf("%s, with a fitting manifest: %+v", what, rep.Break)
		}
	}
	without := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == bundle })
	if rep := check(t, pack(t, without, files)); rep.OK || rep.Break.File != bundle {
		t.Errorf("a missing file: %+v", rep.Break)
	}
	files["journal/extra"] = []byte("more")
	if rep := check(t, pack(t, append(names, "journal/extra"), files)); rep.OK || rep.Break.File != "journal/extra" {
		t.Errorf("a file too many: %+v", rep.Break)
	}
}

// bundled counts the entries of a bundle.
func bundled(data []byte) int {
	n := 0
	for len(data) >= 2 {
		data = data[2+(int(data[0])<<8|int(data[1])):]
		n++
	}
	return n
}

// fitting writes the new hash of one file into a manifest.
func fitting(t testing.TB, manifest []byte, name string, data []byte) []byte {
	t.Helper()
	var m verify.Manifest
	if err := json.Unmarshal(manifest, &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Files {
		if m.Files[i].Path == name {
			m.Files[i].Size, m.Files[i].SHA256 = int64(len(data)), sum(data)
		}
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
