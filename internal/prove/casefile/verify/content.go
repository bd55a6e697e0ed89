package verify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
	ledger "augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
)

// Checks is the content of checks.json: what the requirements of a catalogue
// measured, recomputed by the verifier from the journal in the case.
type Checks struct {
	Requirements []Requirement `json:"requirements"`
}

// Requirement is one measured requirement of a catalogue.
type Requirement struct {
	ID      string           `json:"id"`
	Ref     string           `json:"ref"`
	Status  conform.Status   `json:"status"`
	Results []conform.Result `json:"results"`
}

// Object is one line of objects/<kind>.jsonl.
type Object struct {
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Revision int64           `json:"revision"`
	Doc      json.RawMessage `json:"doc"`
}

// stored is an object of the case waiting for its journal entry.
type stored struct {
	file string
	hash string
	seen bool
}

// pass is one walk over the journal of a case.
type pass struct {
	rep       *Report
	seal      note.Verifier
	sealKey   string
	announced bool
	objects   map[string]*stored // id@revision
	checks    *conform.Run
}

// checkContent verifies journal, proofs, permits, objects and checks.
func checkContent(ctx context.Context, fsys fs.FS, rep *Report, m Manifest, seal note.Verifier) error {
	journal, err := fs.Sub(fsys, JournalFolder)
	if err != nil {
		return err
	}
	msg, err := fs.ReadFile(journal, proof.CheckpointFile)
	if err != nil {
		rep.fail(JournalFolder+"/"+proof.CheckpointFile, -1, "Die Datei fehlt.", "The file is missing.")
		return nil
	}
	cp, err := proof.ParseCheckpoint(msg, m.JournalKey)
	if err != nil {
		rep.failErr(JournalFolder, err)
		return nil
	}
	if cp.Size != m.Size || cp.Root.String() != m.Root || cp.Origin != m.Origin {
		rep.fail(ManifestFile, -1, "Verzeichnis und Prüfpunkt nennen nicht dasselbe Journal.", "Manifest and checkpoint do not name the same journal.")
		return nil
	}
	rep.Size, rep.Root = cp.Size, cp.Root.String()

	want, ok := readChecks(fsys, rep)
	if !ok {
		return nil
	}
	p := &pass{rep: rep, seal: seal, sealKey: m.SealKey}
	if p.objects, ok = readObjects(fsys, rep, m); !ok {
		return nil
	}
	var specs []conform.Spec
	for _, r := range want.Requirements {
		for _, res := range r.Results {
			specs = append(specs, res.Spec)
		}
	}
	if p.checks, err = conform.Start(specs); err != nil {
		rep.fail(ChecksFile, -1, "Eine Messung ist dem Prüfprogramm nicht bekannt.", "A check is not known to this verifier.")
		return nil
	}
	tiles := proof.NewTiles(journal, cp)
	if err := p.walk(ctx, tiles); err != nil {
		return err
	}
	if rep.Break == nil {
		p.conclude(want)
	}
	if rep.Break == nil {
		checkProofs(fsys, rep, m, tiles)
	}
	if rep.Break == nil {
		checkPermits(fsys, rep, m, seal)
	}
	return nil
}

// walk sees every entry of the journal in order.
func (p *pass) walk(ctx context.Context, tiles *proof.Tiles) error {
	for rec, err := range tiles.Entries(ctx, 0, tiles.Checkpoint().Size) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.rep.failErr(JournalFolder, err)
			return nil
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			p.rep.fail(bundle(rec.Index), int64(rec.Index), "Der Eintrag ist kein Ereignis in der vereinbarten Form.", "The entry is not an event in the agreed form.")
			return nil
		}
		if p.see(rec.Index, e); p.rep.Break != nil {
			return nil
		}
		p.checks.See(rec.Index, e)
		p.rep.Checked.Entries++
	}
	return nil
}

func bundle(index uint64) string { return JournalFolder + "/" + proof.EntriesPath(index/256, 256) }

// see verifies what one entry claims and counts it.
func (p *pass) see(index uint64, e ledger.Event) {
	c := &p.rep.Checked
	switch e.Type {
	case TypeKey:
		var k KeyEntry
		if json.Unmarshal(e.Data, &k) == nil && k.Use == KeyUse && k.VKey == p.sealKey {
			p.announced = true
		}
	case permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored:
		var pe permit.Entry
		if err := json.Unmarshal(e.Data, &pe); err != nil || !signed(p.seal, pe) {
			p.rep.fail(bundle(index), int64(index), "Die Unterschrift der Betriebserlaubnis hält nicht.", "The signature of the permit does not hold.")
			return
		}
		c.Permits++
	case entry.TypeInference:
		i, err := entry.ParseInference(e.Data)
		if err != nil {
			p.rep.fail(bundle(index), int64(index), "Der Eintrag eines KI-Ergebnisses hat nicht die vereinbarte Form.", "The entry of an inference is not in the agreed form.")
			return
		}
		c.Decisions++
		switch i.Outcome {
		case entry.Released:
			c.Released++
		case entry.Escalated:
			c.Escalated++
		case entry.Denied:
			c.Denied++
		}
	case entry.TypeDecided:
		if d, err := entry.ParseCaseDecision(e.Data); err == nil && d.Verdict != entry.Second {
			c.CasesClosed++
		}
	case entry.TypeAccess:
		c.Accesses++
	default:
		p.object(e)
	}
}

// object matches an object's journal entry with the object in the case.
func (p *pass) object(e ledger.Event) {
	if !strings.HasPrefix(e.Type, "augenmass.object.") {
		return
	}
	var d struct {
		ID       string `json:"id"`
		Revision int64  `json:"revision"`
		Hash     string `json:"hash"`
	}
	if json.Unmarshal(e.Data, &d) != nil {
		return
	}
	if o, ok := p.objects[key(d.ID, d.Revision)]; ok && o.hash == d.Hash {
		o.seen = true
	}
}

func key(id string, revision int64) string { return id + "@" + strconv.FormatInt(revision, 10) }

// signed verifies the signature of a permit.
func signed(v note.Verifier, e permit.Entry) bool {
	sig, err := base64.StdEncoding.Strict().DecodeString(e.Signature)
	return err == nil && e.Key == v.Name() && v.Verify(e.Permit.Canonical(), sig)
}

// conclude compares what the case claims with what the journal yields.
func (p *pass) conclude(want Checks) {
	if !p.announced {
		p.rep.fail(ManifestFile, -1, "Das Journal kennt den Schlüssel nicht, der die Akte versiegelt.", "The journal does not know the key that seals the case.")
		return
	}
	for id, o := range p.objects {
		if !o.seen {
			p.rep.fail(o.file, -1, "Das Objekt "+id+" steht so nicht im Journal.", "The object "+id+" does not stand in the journal like this.")
			return
		}
		p.rep.Checked.Objects++
	}
	got := p.checks.Results()
	p.rep.Results = got
	at := 0
	for _, r := range want.Requirements {
		mine := got[at : at+len(r.Results)]
		at += len(r.Results)
		a, errA := json.Marshal(mine)
		b, errB := json.Marshal(r.Results)
		if errA != nil || errB != nil || !bytes.Equal(a, b) || conform.Join(mine) != r.Status {
			p.rep.fail(ChecksFile, -1, "Die Messung zu "+r.Ref+" ergibt aus dem Journal etwas anderes.", "The check of "+r.Ref+" yields something else from the journal.")
			return
		}
		p.rep.Checked.Checks += len(mine)
	}
}

func readChecks(fsys fs.FS, rep *Report) (Checks, bool) {
	var c Checks
	raw, err := fs.ReadFile(fsys, ChecksFile)
	if err != nil {
		rep.fail(ChecksFile, -1, "Die Datei fehlt.", "The file is missing.")
		return c, false
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		rep.fail(ChecksFile, -1, "Die Datei ist nicht lesbar.", "The file cannot be read.")
		return c, false
	}
	return c, true
}

// readObjects reads the objects of the case and the hash that their journal
// entry must carry: SHA-256 over the canonical document.
func readObjects(fsys fs.FS, rep *Report, m Manifest) (map[string]*stored, bool) {
	all := map[string]*stored{}
	for _, file := range m.paths(ObjectFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return nil, false
		}
		s := bufio.NewScanner(bytes.NewReader(raw))
		s.Buffer(make([]byte, 64<<10), 16<<20)
		for s.Scan() {
			var o Object
			canonical, err := []byte(nil), json.Unmarshal(s.Bytes(), &o)
			if err == nil {
				canonical, err = ledger.Canonical(o.Doc)
			}
			if err != nil {
				rep.fail(file, -1, "Eine Zeile ist nicht lesbar.", "A line cannot be read.")
				return nil, false
			}
			sum := sha256.Sum256(canonical)
			all[key(o.ID, o.Revision)] = &stored{file: file, hash: "sha256:" + hex.EncodeToString(sum[:])}
		}
		if s.Err() != nil {
			rep.fail(file, -1, "Eine Zeile ist zu lang.", "A line is too long.")
			return nil, false
		}
	}
	return all, true
}

// checkProofs verifies the self-contained inclusion proofs of the case.
func checkProofs(fsys fs.FS, rep *Report, m Manifest, tiles *proof.Tiles) {
	for _, file := range m.paths(ProofFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return
		}
		f, err := proof.ParseFile(raw)
		if err != nil {
			rep.fail(file, -1, "Der Nachweis ist nicht lesbar.", "The proof cannot be read.")
			return
		}
		if path.Base(file) != fmt.Sprintf("%d.tlog-proof", f.Index) || f.Index >= tiles.Checkpoint().Size {
			rep.fail(file, int64(f.Index), "Der Nachweis gehört zu einem anderen Eintrag.", "The proof belongs to another entry.")
			return
		}
		e, err := tiles.Entry(f.Index)
		if err != nil {
			rep.failErr(JournalFolder, err)
			return
		}
		if _, err := f.Check(e, m.JournalKey); err != nil {
			rep.fail(file, int64(f.Index), "Der Einschlussnachweis passt nicht zu Eintrag und Prüfpunkt.", "The inclusion proof does not fit entry and checkpoint.")
			return
		}
		rep.Checked.Proofs++
	}
}

// checkPermits verifies the permits that lie in the case for readers.
func checkPermits(fsys fs.FS, rep *Report, m Manifest, seal note.Verifier) {
	for _, file := range m.paths(PermitFolder) {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			rep.fail(file, -1, "Die Datei fehlt.", "The file is missing.")
			return
		}
		var e permit.Entry
		if err := json.Unmarshal(raw, &e); err != nil || !signed(seal, e) {
			rep.fail(file, -1, "Die Unterschrift der Betriebserlaubnis hält nicht.", "The signature of the permit does not hold.")
			return
		}
	}
}
