package casefile_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/sealed"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/prove/conform"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

var start = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// works is a journal with what a case is cut from.
type works struct {
	t       testing.TB
	journal *ledger.Journal
	src     casefile.Source
	n       int
}

func newWorks(t testing.TB) *works {
	t.Helper()
	j, err := ledger.Open(ledger.Options{Dir: t.TempDir(), Origin: "test/works", PublishEvery: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	skey, vkey, err := note.GenerateKey(rand.Reader, "test/works/seal")
	if err != nil {
		t.Fatal(err)
	}
	seal, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	w := &works{t: t, journal: j, src: casefile.Source{Journal: j, Seal: seal, SealKey: vkey, Objects: map[string][]verify.Object{},
		Now: func() time.Time { return start.Add(24 * time.Hour) },
		Requirements: []packs.Requirement{
			{ID: "zta.04", Ref: "ZTA-04", Checks: []packs.CheckSpec{{Name: "audit.complete", Min: 1}}},
			{ID: "zta.06", Ref: "ZTA-06"}, // measured by nothing
			{ID: "zta.05", Ref: "ZTA-05", Checks: []packs.CheckSpec{{Name: "oversight.coverage", Min: 1, Window: time.Hour}, {Name: "oversight.closed", Min: 0.95}}},
		}}}
	w.add(verify.TypeKey, "seal", verify.KeyEntry{V: 1, Use: verify.KeyUse, VKey: vkey})
	return w
}

// add journals events of one type, a second apart, with one flush.
func (w *works) add(typ, subject string, data ...any) {
	w.t.Helper()
	var raw [][]byte
	for _, d := range data {
		e, err := ledger.NewEvent(fmt.Sprintf("evt_%d", w.n), "/test", typ, subject, start.Add(time.Duration(w.n)*time.Second), d)
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := e.Encode()
		if err != nil {
			w.t.Fatal(err)
		}
		raw = append(raw, b)
		w.n++
	}
	if _, err := w.journal.AppendAll(context.Background(), raw); err != nil {
		w.t.Fatal(err)
	}
}

// decisions journals n released results.
func (w *works) decisions(n int) {
	w.t.Helper()
	var all []any
	for k := range n {
		c := 0.9
		all = append(all, entry.Inference{V: 1, Decision: fmt.Sprintf("dec_%d", w.n+k), System: "sys_1", Outcome: entry.Released, Reasons: []entry.Reason{},
			Model: entry.Model{Name: "wear"}, Caller: entry.Caller{ID: "wkl_1"}, Confidence: &c, Permit: entry.Permit{Number: "BE-2026-0001", Version: 1}, DecidedAt: start})
	}
	w.add(entry.TypeInference, "sys_1", all...)
}

// permit journals a signed version of a permit and returns it.
func (w *works) permit(version int) permit.Entry {
	w.t.Helper()
	p := permit.Permit{System: "sys_1", Number: "BE-2026-0001", Version: version, State: permit.Valid,
		Conditions: []permit.Condition{{Kind: permit.CondConfidence, Limit: 0.85}}}
	sig, err := w.src.Seal.Sign(p.Canonical())
	if err != nil {
		w.t.Fatal(err)
	}
	e := permit.Entry{V: 1, Permit: p, Key: w.src.Seal.Name(), Signature: base64.StdEncoding.EncodeToString(sig)}
	w.add(permit.TypeIssued, "sys_1", e)
	return e
}

// object journals an object and gives it to the case.
func (w *works) object(id, doc string) {
	w.t.Helper()
	sum := sha256.Sum256([]byte(doc))
	w.add("augenmass.object.created", id, map[string]any{"kind": "system", "id": id, "revision": 1, "hash": "sha256:" + hex.EncodeToString(sum[:])})
	w.src.Objects["system"] = append(w.src.Objects["system"], verify.Object{Kind: "system", ID: id, Revision: 1, Doc: json.RawMessage(doc)})
}

func (w *works) write(p casefile.Period) ([]byte, casefile.Summary) {
	w.t.Helper()
	var b bytes.Buffer
	sum, err := casefile.Write(context.Background(), w.src, p, &b)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes(), sum
}

func check(t testing.TB, b []byte, o verify.Options) verify.Report {
	t.Helper()
	rep, err := verify.Reader(context.Background(), bytes.NewReader(b), int64(len(b)), "case.zip", o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func unpack(t testing.TB, b []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// Whatever the journal's size, at and around the edges of tiles and bundles,
// the case verifies and holds what it says.
func TestCasesOfEverySizeVerify(t *testing.T) {
	for _, n := range []int{1, 2, 255, 256, 257, 512, 700} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorks(t)
			if n > 3 {
				w.src.Permits = []permit.Entry{w.permit(1)}
				w.object("sys_1", `{"name":"Fräslinie"}`)
				w.decisions(n - w.n)
			}
			b, sum := w.write(casefile.Period{})
			rep := check(t, b, verify.Options{})
			if !rep.OK || rep.KeyPinned {
				t.Fatalf("%+v", rep)
			}
			c := rep.Checked
			if rep.Size != uint64(w.n) || sum.Size != rep.Size || sum.Root != rep.Root || c.Entries != w.n || c.Files != sum.Files {
				t.Errorf("size %d, summary %+v, report %+v", w.n, sum, rep)
			}
			if n > 3 && (c.Permits != 1 || c.Objects != 1 || c.Decisions != n-3 || c.Released != n-3 || c.Checks != 3 || c.Proofs == 0) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// growing is a journal that goes on while a case is cut from it: its partial
// tiles are replaced by longer ones.
type growing struct {
	*ledger.Journal
	w    *works
	more int
}

func (g growing) Publish(ctx context.Context) ([]byte, error) {
	msg, err := g.Journal.Publish(ctx)
	if err != nil {
		return nil, err
	}
	g.w.decisions(g.more)
	_, err = g.Journal.Publish(ctx)
	return msg, err
}

func TestTheJournalGoesOnMeanwhile(t *testing.T) {
	for _, more := range []int{1, 100, 300, 900} {
		w := newWorks(t)
		w.decisions(299)
		w.src.Journal = growing{w.journal, w, more}
		b, sum := w.write(casefile.Period{})
		if rep := check(t, b, verify.Options{}); !rep.OK || rep.Size != 300 || sum.Size != 300 || rep.Checked.Decisions != 299 {
			t.Errorf("%d more: %+v", more, rep)
		}
	}
}

// One reads in the case which period was measured; a check's own window never
// reaches behind it.
func TestThePeriodOfTheChecks(t *testing.T) {
	w := newWorks(t)
	w.permit(1)
	w.decisions(100)
	p := casefile.Period{From: start.Add(50 * time.Second), To: start.Add(60 * time.Second)}
	b, sum := w.write(p)
	rep := check(t, b, verify.Options{})
	if !rep.OK || !rep.From.Equal(p.From) || !rep.To.Equal(p.To) || len(sum.Requirements) != 2 {
		t.Fatalf("%+v", rep)
	}
	if rep.Checked.Decisions != 100 || rep.Results[0].Seen != 10 || !rep.Results[1].Spec.From.Equal(p.From) {
		t.Errorf("%+v", rep.Results)
	}
	w.src.Requirements[2].Checks[0].Window = 5 * time.Second
	b, _ = w.write(p)
	if rep = check(t, b, verify.Options{}); !rep.OK || !rep.Results[1].Spec.From.Equal(p.To.Add(-5*time.Second)) {
		t.Errorf("a shorter window: %+v", rep.Results[1].Spec)
	}
}

func TestWhatCannotBeMeasured(t *testing.T) {
	w := newWorks(t)
	w.src.Requirements[0].Checks[0].Name = "made.up"
	if _, err := casefile.Write(context.Background(), w.src, casefile.Period{}, io.Discard); !problem.Is(err, problem.BadInput) {
		t.Errorf("an unknown check: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	w = newWorks(t)
	w.decisions(300)
	if _, err := casefile.Write(ctx, w.src, casefile.Period{}, io.Discard); err == nil {
		t.Error("a cancelled case was written")
	}
}

// broken is a writer that takes so much and no more.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, io.ErrShortWrite
	}
	b.left -= len(p)
	return len(p), nil
}

func TestAWriterThatFails(t *testing.T) {
	w := newWorks(t)
	w.decisions(10)
	b, _ := w.write(casefile.Period{})
	for left := 0; left < len(b); left += len(b)/40 + 1 {
		if _, err := casefile.Write(context.Background(), w.src, casefile.Period{}, &broken{left}); err == nil {
			t.Fatalf("a disk with room for %d of %d bytes gave no error", left, len(b))
		}
	}
}

// The organisation itself cannot put into a case what its journal does not
// hold, though it can sign anything.
func TestWhatTheJournalDoesNotHoldIsNamed(t *testing.T) {
	const doc = `{"name":"Fräslinie"}`
	for name, c := range map[string]struct {
		change func(w *works)
		file   string
	}{
		"nothing": {func(*works) {}, ""},
		"an older version of a permit, which the journal holds": {func(w *works) { w.permit(2) }, ""},
		"another document": {func(w *works) { w.src.Objects["system"][0].Doc = json.RawMessage(`{"name":"Presse"}`) }, "objects/system.jsonl"},
		"another revision": {func(w *works) { w.src.Objects["system"][0].Revision = 2 }, "objects/system.jsonl"},
		"an object twice":  {func(w *works) { w.src.Objects["system"] = append(w.src.Objects["system"], w.src.Objects["system"][0]) }, "objects/system.jsonl"},
		"an object of one kind among another": {func(w *works) {
			w.src.Objects["model"] = w.src.Objects["system"]
			delete(w.src.Objects, "system")
		}, "objects/model.jsonl"},
		"an object that calls itself another kind": {func(w *works) {
			w.src.Objects = map[string][]verify.Object{"model": {{Kind: "model", ID: "sys_1", Revision: 1, Doc: json.RawMessage(doc)}}}
		}, "objects/model.jsonl"},
		"a permit nobody signed": {func(w *works) { w.src.Permits[0].Permit.Class = "minimal" }, "permits/sys_1.json"},
		"a signed permit that was never issued": {func(w *works) {
			e := w.src.Permits[0]
			e.Permit.Version = 9
			sig, err := w.src.Seal.Sign(e.Permit.Canonical())
			if err != nil {
				w.t.Fatal(err)
			}
			e.Signature = base64.StdEncoding.EncodeToString(sig)
			w.src.Permits[0] = e
		}, "permits/sys_1.json"},
		"a permit entry in the journal that nobody signed": {func(w *works) {
			e := w.src.Permits[0]
			e.Permit.Version = 9
			w.add(permit.TypeIssued, "sys_1", e)
		}, "journal/tile/entries/000.p/5"},
		"a result that is not readable": {func(w *works) { w.add(entry.TypeInference, "sys_1", map[string]any{"v": 1}) }, "journal/tile/entries/000.p/5"},
		"another seal than the journal knows": {func(w *works) {
			skey, vkey, err := note.GenerateKey(rand.Reader, "test/works/seal")
			if err == nil {
				w.src.Seal, err = note.NewSigner(skey)
			}
			if err != nil {
				w.t.Fatal(err)
			}
			w.src.SealKey, w.src.Permits = vkey, nil
			w.n = 0
			w.journal = nil
			j, err := ledger.Open(ledger.Options{Dir: w.t.TempDir(), Origin: "test/works", PublishEvery: -1})
			if err != nil {
				w.t.Fatal(err)
			}
			w.t.Cleanup(func() { _ = j.Close() }) // a journal of this case only
			w.journal, w.src.Journal, w.src.Objects = j, j, nil
			w.decisions(2)
		}, "manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorks(t)
			w.src.Permits = []permit.Entry{w.permit(1)}
			w.object("sys_1", doc)
			w.decisions(1)
			c.change(w)
			b, _ := w.write(casefile.Period{})
			rep := check(t, b, verify.Options{})
			if c.file == "" {
				if !rep.OK {
					t.Errorf("%+v", rep.Break)
				}
				return
			}
			if rep.OK || rep.Break == nil || rep.Break.File != c.file || !rep.Break.Reason.Complete() {
				t.Errorf("%+v, want %s", rep.Break, c.file)
			}
		})
	}
}

// forged packs a case anew around other checks, with manifest and seal that
// fit: what only the organisation can do.
func forged(t testing.TB, w *works, b []byte, change func(*verify.Checks)) []byte {
	t.Helper()
	files := unpack(t, b)
	var c verify.Checks
	var m verify.Manifest
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(json.Unmarshal(files[verify.ChecksFile], &c))
	must(json.Unmarshal(files[verify.ManifestFile], &m))
	change(&c)
	raw, err := json.Marshal(c)
	must(err)
	files[verify.ChecksFile] = raw
	for i, f := range m.Files {
		if f.Path == verify.ChecksFile {
			sum := sha256.Sum256(raw)
			m.Files[i].Size, m.Files[i].SHA256 = int64(len(raw)), hex.EncodeToString(sum[:])
		}
	}
	manifest, err := json.Marshal(m)
	must(err)
	sig, err := note.Sign(&note.Note{Text: verify.SealText(manifest)}, w.src.Seal)
	must(err)
	var out bytes.Buffer
	z := sealed.NewWriter(&out)
	must(z.Add(verify.ManifestFile, manifest))
	must(z.Add(verify.SealFile, sig))
	for _, f := range m.Files {
		must(z.Add(f.Path, files[f.Path]))
	}
	must(z.Close())
	return out.Bytes()
}

// The verifier computes the checks again: a better result, another period, a
// status that does not follow are named even when everything is signed.
func TestBetterResultsAreNamed(t *testing.T) {
	w := newWorks(t)
	w.permit(1)
	w.decisions(20)
	w.add(entry.TypeInference, "sys_wrong", entry.Inference{V: 1, Decision: "dec_x", System: "sys_1", Outcome: entry.Denied,
		Reasons: []entry.Reason{{Code: "permit.missing", Clauses: []string{}}}, Caller: entry.Caller{ID: "wkl_1"}})
	b, sum := w.write(casefile.Period{From: start, To: start.Add(time.Hour)})
	if rep := check(t, b, verify.Options{}); !rep.OK || sum.Requirements[0].Status != conform.NotMet {
		t.Fatalf("%+v %+v", rep.Break, sum.Requirements)
	}
	if rep := check(t, forged(t, w, b, func(*verify.Checks) {}), verify.Options{}); !rep.OK {
		t.Fatalf("packed anew unchanged: %+v", rep.Break)
	}
	for name, change := range map[string]func(*verify.Checks){
		"one more held":           func(c *verify.Checks) { c.Requirements[0].Results[0].Passed++ },
		"met":                     func(c *verify.Checks) { c.Requirements[0].Results[0].Status = conform.Met },
		"the requirement is met":  func(c *verify.Checks) { c.Requirements[0].Status = conform.Met },
		"fewer cases seen":        func(c *verify.Checks) { c.Requirements[0].Results[0].Seen-- },
		"the failure left out":    func(c *verify.Checks) { c.Requirements[0].Results[0].Failed = []uint64{} },
		"less is demanded":        func(c *verify.Checks) { c.Requirements[0].Results[0].Spec.Min = 0.5 },
		"an earlier end":          func(c *verify.Checks) { c.Requirements[0].Results[0].Spec.To = start.Add(time.Second) },
		"an earlier beginning":    func(c *verify.Checks) { c.Requirements[0].Results[0].Spec.From = start.Add(-time.Second) },
		"a check nobody knows":    func(c *verify.Checks) { c.Requirements[0].Results[0].Spec.Check = "made.up" },
		"a result borrowed twice": func(c *verify.Checks) { c.Requirements[1].Results[0] = c.Requirements[0].Results[0] },
	} {
		rep := check(t, forged(t, w, b, change), verify.Options{})
		if rep.OK || rep.Break == nil || rep.Break.File != verify.ChecksFile {
			if name == "a result borrowed twice" && rep.OK {
				continue // it is true, and the reader sees it twice
			}
			t.Errorf("%s: %+v", name, rep.Break)
		}
	}
}

// Who knows the organisation's key from elsewhere gets no other one past it.
func TestAPinnedKey(t *testing.T) {
	w := newWorks(t)
	w.decisions(3)
	b, _ := w.write(casefile.Period{})
	if rep := check(t, b, verify.Options{Key: w.src.SealKey}); !rep.OK || !rep.KeyPinned {
		t.Errorf("the right key: %+v", rep.Break)
	}
	if rep := check(t, b, verify.Options{Key: newWorks(t).src.SealKey}); rep.OK || rep.Break.File != verify.SealFile {
		t.Errorf("another key: %+v", rep.Break)
	}
	// A mistyped key says nothing about the case: it is no break in it.
	rep, err := verify.Reader(context.Background(), bytes.NewReader(b), int64(len(b)), "case.zip", verify.Options{Key: "no key"})
	if !problem.Is(err, problem.BadInput) || rep.OK || rep.Break != nil {
		t.Errorf("no key at all: %v, %+v", err, rep.Break)
	}
}

// A case verifies as a file and as the folder it was unpacked into; what is
// neither is unreadable, not broken.
func TestFileAndFolder(t *testing.T) {
	w := newWorks(t)
	w.permit(1)
	w.decisions(5)
	b, _ := w.write(casefile.Period{})
	dir := t.TempDir()
	file := filepath.Join(dir, "case.zip")
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(file, b)
	for name, data := range unpack(t, b) {
		write(filepath.Join(dir, "case", filepath.FromSlash(name)), data)
	}
	for _, path := range []string{file, filepath.Join(dir, "case")} {
		rep, err := verify.File(t.Context(), path, verify.Options{})
		if err != nil || !rep.OK || rep.File != path {
			t.Errorf("%s: %+v %v", path, rep.Break, err)
		}
	}
	write(filepath.Join(dir, "empty"), nil)
	write(filepath.Join(dir, "text"), []byte("not a case file"))
	for _, path := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, "empty"), filepath.Join(dir, "text")} {
		if _, err := verify.File(t.Context(), path, verify.Options{}); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if rep, err := verify.File(t.Context(), t.TempDir(), verify.Options{}); err != nil || rep.OK || rep.Break.File != verify.ManifestFile {
		t.Errorf("an empty folder: %+v %v", rep.Break, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if rep, err := verify.File(ctx, file, verify.Options{}); err == nil || rep.OK {
		t.Errorf("a cancelled verification: %+v", rep)
	}
}

func TestReportReadsInBothLanguages(t *testing.T) {
	w := newWorks(t)
	w.permit(1)
	w.decisions(3)
	b, _ := w.write(casefile.Period{})
	rep := check(t, b, verify.Options{})
	for l, words := range map[text.Lang][]string{
		text.DE: {"Prüfakte", "test/works, 5 Einträge", "3 freigegeben", "3 von     3 halten, verlangt " + text.Percent(text.DE, 1, 0), "verlangt " + text.Percent(text.DE, 0.95, 0), "unverändert", "bitte mit dem der Organisation vergleichen"},
		text.EN: {"Case file", "test/works, 5 entries", "3 released", "3 of     3 hold, demanded 100%", "unaltered", "please compare"},
	} {
		for _, word := range words {
			if got := rep.Text(l); !strings.Contains(got, word) {
				t.Errorf("%s: %q is not in\n%s", l, word, got)
			}
		}
	}
	rep.Break = &verify.Break{File: "checks.json", Index: 3, Reason: text.Bi{DE: "Weil.", EN: "Because."}}
	if got := rep.Text(text.DE); !strings.Contains(got, "BRUCHSTELLE   checks.json, Eintrag 3: Weil.") || strings.Contains(got, "unverändert") {
		t.Error(got)
	}
}
